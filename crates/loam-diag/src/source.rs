//! Source texts and places in them.

use std::sync::{Arc, RwLock};

/// Names one source text of a [`SourceMap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// A range of bytes in one source text: 12 bytes, copied freely, carried by every node
/// of a syntax tree so that any later stage can point at what the user wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The text that the offsets are in.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span of `start..end` in `file`.
    pub const fn new(file: FileId, start: u32, end: u32) -> Span {
        Span { file, start, end }
    }

    /// The smallest span that covers both; `self` if the other is in another file.
    pub fn to(self, other: Span) -> Span {
        if self.file != other.file {
            return self;
        }
        Span {
            file: self.file,
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// The empty span at the start of this one.
    pub fn at_start(self) -> Span {
        Span {
            end: self.start,
            ..self
        }
    }
}

/// A place as people and Terraform's JSON name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters (Unicode scalar values), from 1.
    pub column: u32,
    /// Offset in bytes, from 0.
    pub byte: u32,
}

/// One source text.
#[derive(Debug)]
pub struct SourceFile {
    /// The name shown to the user: relative to the working directory where possible.
    pub name: String,
    /// The whole text.
    pub text: Arc<str>,
    line_starts: Vec<u32>,
}

impl SourceFile {
    /// Indexes a text by line.
    pub fn new(name: impl Into<String>, text: impl Into<Arc<str>>) -> SourceFile {
        let text = text.into();
        let mut line_starts = vec![0];
        line_starts.extend(
            text.bytes()
                .enumerate()
                .filter(|(_, b)| *b == b'\n')
                .map(|(i, _)| i as u32 + 1),
        );
        SourceFile {
            name: name.into(),
            text,
            line_starts,
        }
    }

    /// Line and column of a byte offset; an offset past the end is the end, one inside a
    /// character is the start of that character.
    pub fn position(&self, byte: u32) -> Position {
        let mut byte = (byte as usize).min(self.text.len());
        while !self.text.is_char_boundary(byte) {
            byte -= 1;
        }
        let line = self
            .line_starts
            .partition_point(|s| *s as usize <= byte)
            .max(1);
        let start = self.line_starts.get(line - 1).copied().unwrap_or(0) as usize;
        let column = self.text.get(start..byte).map_or(0, |s| s.chars().count()) as u32 + 1;
        Position {
            line: line as u32,
            column,
            byte: byte as u32,
        }
    }

    /// The text of a line (from 1) without its line end; empty past the last line.
    pub fn line(&self, line: u32) -> &str {
        let index = line.saturating_sub(1) as usize;
        let Some(start) = self.line_starts.get(index) else {
            return "";
        };
        let end = self
            .line_starts
            .get(index + 1)
            .map_or(self.text.len(), |e| *e as usize);
        self.text
            .get(*start as usize..end)
            .unwrap_or("")
            .trim_end_matches(['\n', '\r'])
    }

    /// The number of lines.
    pub fn line_count(&self) -> u32 {
        self.line_starts.len() as u32
    }

    /// The text between two offsets, empty if they do not fit the text.
    pub fn slice(&self, span: Span) -> &str {
        self.text
            .get(span.start as usize..span.end as usize)
            .unwrap_or("")
    }
}

/// All source texts of a run. Cheap to clone; clones share the texts.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Arc<RwLock<Vec<Arc<SourceFile>>>>,
}

impl SourceMap {
    /// Adds a text under the name that diagnostics will show.
    pub fn add(&self, name: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        let file = Arc::new(SourceFile::new(name, text));
        let mut files = self.files.write().unwrap_or_else(|e| e.into_inner());
        files.push(file);
        FileId(files.len() as u32 - 1)
    }

    /// The text that an id names.
    pub fn file(&self, id: FileId) -> Option<Arc<SourceFile>> {
        self.files
            .read()
            .unwrap_or_else(|e| e.into_inner())
            .get(id.0 as usize)
            .cloned()
    }

    /// The source text under a span; empty if the span is of another map.
    pub fn text(&self, span: Span) -> String {
        self.file(span.file)
            .map(|f| f.slice(span).to_owned())
            .unwrap_or_default()
    }

    /// `name:line,column-column`, as short references in messages are written.
    pub fn place(&self, span: Span) -> String {
        match self.file(span.file) {
            Some(f) => {
                let (a, b) = (f.position(span.start), f.position(span.end));
                if a.line == b.line {
                    format!("{}:{},{}-{}", f.name, a.line, a.column, b.column)
                } else {
                    format!("{}:{},{}-{},{}", f.name, a.line, a.column, b.line, b.column)
                }
            }
            None => String::from("<unknown>"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_and_lines() {
        let f = SourceFile::new("a.hcl", "ab\nhéllo\n");
        assert_eq!(
            f.position(0),
            Position {
                line: 1,
                column: 1,
                byte: 0
            }
        );
        assert_eq!(
            f.position(3),
            Position {
                line: 2,
                column: 1,
                byte: 3
            }
        );
        assert_eq!(
            f.position(6),
            Position {
                line: 2,
                column: 3,
                byte: 6
            }
        );
        assert_eq!(f.line(2), "héllo");
        assert_eq!(f.line(9), "");
        assert_eq!(f.position(900).line, 3);
    }
}
