//! Colours and weights of terminal text.

use anstyle::{AnsiColor, Effects};

/// How text may be dressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether the output shows colours.
    pub colour: bool,
    /// How many characters fit in a line, where somebody sees that; sentences are broken
    /// into lines then.
    pub width: Option<usize>,
}

impl Style {
    /// Without colours.
    pub const PLAIN: Style = Style {
        colour: false,
        width: None,
    };

    /// Breaks sentences into lines that fit, with `less` characters beside them. What is
    /// indented is no sentence and stays as it is.
    pub fn wrap(&self, text: &str, less: usize) -> String {
        let Some(width) = self.width.map(|w| w.saturating_sub(less).max(20)) else {
            return text.to_owned();
        };
        let lines: Vec<String> = text.split('\n').map(|l| wrapped(l, width)).collect();
        lines.join("\n")
    }

    fn dress(&self, text: &str, style: anstyle::Style) -> String {
        if self.colour && !text.is_empty() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    fn coloured(&self, text: &str, colour: AnsiColor) -> String {
        self.dress(text, anstyle::Style::new().fg_color(Some(colour.into())))
    }

    /// Errors and destruction.
    pub fn red(&self, text: &str) -> String {
        self.coloured(text, AnsiColor::Red)
    }

    /// Warnings and changes.
    pub fn yellow(&self, text: &str) -> String {
        self.coloured(text, AnsiColor::Yellow)
    }

    /// Success and creation.
    pub fn green(&self, text: &str) -> String {
        self.coloured(text, AnsiColor::Green)
    }

    /// Reading.
    pub fn cyan(&self, text: &str) -> String {
        self.coloured(text, AnsiColor::Cyan)
    }

    /// What matters less.
    pub fn dim(&self, text: &str) -> String {
        self.dress(text, anstyle::Style::new().effects(Effects::DIMMED))
    }

    /// What matters most.
    pub fn bold(&self, text: &str) -> String {
        self.dress(text, anstyle::Style::new().effects(Effects::BOLD))
    }

    /// The place of an error.
    pub fn underline(&self, text: &str) -> String {
        self.bold(text)
    }
}

fn wrapped(line: &str, width: usize) -> String {
    if line.starts_with(' ') {
        return line.to_owned();
    }
    let mut out = String::with_capacity(line.len());
    let mut used = 0;
    for word in line.split(' ') {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > width {
            out.push('\n');
            used = 0;
        } else if used > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += length;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_broken_where_they_are_seen() {
        let text =
            "One two three four five six.\n  what is indented stays as it is, however long\n\nend";
        assert_eq!(Style::PLAIN.wrap(text, 2), text);
        let narrow = Style {
            width: Some(22),
            ..Style::PLAIN
        };
        assert_eq!(
            narrow.wrap(text, 2),
            "One two three four\nfive six.\n  what is indented stays as it is, however long\n\nend"
        );
        assert_eq!(
            narrow.wrap("a-word-that-is-longer-than-a-line b", 2),
            "a-word-that-is-longer-than-a-line\nb"
        );
    }
}
