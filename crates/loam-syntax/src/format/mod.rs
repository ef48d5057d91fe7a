//! The canonical layout of a file in native syntax.
//!
//! Works on tokens, so that comments and everything else that is written stay; only the
//! spaces between tokens change, and a few outdated forms ([`normalize`]). Three passes:
//! indentation by brackets, spaces within a line, then `=` and comments of neighbouring
//! lines put under one another.

mod align;
mod normalize;
mod spacing;

use std::borrow::Cow;

use loam_diag::{Diagnostics, FileId};

use crate::limits::MAX_DEPTH;
use crate::native::lexer::{Kind, Start, Token, lex};
use crate::native::parse_native;

/// Gives a file in native syntax its canonical layout: that of `terraform fmt`.
///
/// The result is stable: formatting it again changes nothing.
///
/// # Errors
///
/// The syntax errors of the file, if it has any: a file is not touched then, as the
/// layout of something misunderstood would be worse than before.
pub fn format(file: FileId, text: &str) -> Result<String, Diagnostics> {
    let mut result = format_once(file, text)?;
    // A string that was taken off can reveal another one, as deep as they are nested.
    for _ in 0..MAX_DEPTH {
        if !result.unwrapped {
            break;
        }
        result = format_once(file, &result.text)?;
    }
    Ok(result.text)
}

struct Formatted {
    text: String,
    /// Strings that were a single interpolation were taken off.
    unwrapped: bool,
}

/// A token with the spaces before it.
#[derive(Clone, Debug)]
struct Piece<'a> {
    kind: Kind,
    text: Cow<'a, str>,
    spaces: usize,
}

impl Piece<'_> {
    /// Whether a line ends with this token.
    fn ends_line(&self) -> bool {
        matches!(self.kind, Kind::Newline | Kind::LineComment)
    }

    fn is_comment(&self) -> bool {
        matches!(self.kind, Kind::Comment | Kind::LineComment)
    }

    /// How many brackets it opens; negative if it closes one.
    fn brackets(&self) -> isize {
        match self.kind {
            Kind::OBrace
            | Kind::OBrack
            | Kind::OParen
            | Kind::TemplateControl
            | Kind::TemplateInterp => 1,
            Kind::CBrace | Kind::CBrack | Kind::CParen | Kind::TemplateSeqEnd => -1,
            _ => 0,
        }
    }
}

fn format_once(file: FileId, text: &str) -> Result<Formatted, Diagnostics> {
    let (body, diags) = parse_native(file, text);
    if diags.has_errors() {
        return Err(diags);
    }
    let lexed = lex(text, Start::Main);
    let edits = normalize::edits(text, &lexed.tokens, &body);
    let unwrapped = edits.iter().any(|e| e.unwraps);
    let mut pieces = pieces(text, &lexed.tokens, edits);
    align::lay_out(&mut pieces);
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for piece in &pieces {
        out.extend(std::iter::repeat_n(' ', piece.spaces));
        out.push_str(&piece.text);
    }
    Ok(Formatted {
        text: out,
        unwrapped,
    })
}

/// The tokens with the edits made. The spaces are those of the text until they are laid
/// out.
fn pieces<'a>(text: &'a str, tokens: &[Token], edits: Vec<normalize::Edit<'a>>) -> Vec<Piece<'a>> {
    let mut out = Vec::with_capacity(tokens.len());
    let mut edits = edits.into_iter().peekable();
    let mut i = 0;
    let mut end = 0;
    while let Some(token) = tokens.get(i) {
        if let Some(edit) = edits.next_if(|e| e.from == i) {
            out.extend(edit.with);
            i = edit.to.max(i);
            end = i
                .checked_sub(1)
                .and_then(|last| tokens.get(last))
                .map_or(end, |t| t.end as usize);
            continue;
        }
        if token.kind != Kind::Eof || token.start as usize > end {
            out.push(Piece {
                kind: token.kind,
                text: text
                    .get(token.start as usize..token.end as usize)
                    .unwrap_or("")
                    .into(),
                spaces: (token.start as usize).saturating_sub(end),
            });
        }
        end = token.end as usize;
        i += 1;
    }
    out
}
