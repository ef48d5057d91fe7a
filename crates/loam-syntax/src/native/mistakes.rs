//! Words for typical mistakes.

use loam_diag::Diagnostic;

use super::lexer::{Kind, Token};
use super::parser::{Parser, Reported};

impl Parser<'_> {
    /// Says that an expression was expected where `next` stands.
    pub(crate) fn no_expression(&mut self, next: Token) -> Reported {
        let text = self.slice(next);
        let (summary, detail) = match next.kind {
            Kind::Eof => (
                "Missing expression",
                "Expected an expression, but found the end of the file.".to_owned(),
            ),
            Kind::Newline => (
                "Missing expression",
                "Expected an expression before the end of the line. A long expression may go on in the next line only inside brackets or parentheses.".to_owned(),
            ),
            Kind::Invalid => return self.invalid_character(next),
            Kind::UnclosedComment => (
                "Unterminated comment",
                "This `/*` comment has no `*/` at its end.".to_owned(),
            ),
            Kind::Less if self.text.get(next.end as usize..).is_some_and(|s| s.starts_with('<')) => (
                "Invalid heredoc",
                "A heredoc starts with `<<NAME` or `<<-NAME`; nothing but the end of the line may follow the name, and no space or quotes may stand around it.".to_owned(),
            ),
            Kind::CBrace | Kind::CBrack | Kind::CParen | Kind::TemplateSeqEnd => (
                "Invalid expression",
                format!("Expected an expression, but found the closing `{text}`."),
            ),
            Kind::Equal => (
                "Invalid expression",
                "Expected an expression, but found `=`. To compare two values write `==`.".to_owned(),
            ),
            Kind::Dot => (
                "Invalid expression",
                "Expected an expression, but found `.`. A reference starts with a name; a number starts with a digit, as in 0.5.".to_owned(),
            ),
            _ => (
                "Invalid expression",
                format!("Expected the start of an expression, but found {}.", self.found(next)),
            ),
        };
        self.error(summary, detail, next)
    }

    /// Says what is wrong with a character that has no meaning in the language.
    pub(crate) fn invalid_character(&mut self, token: Token) -> Reported {
        let text = self.slice(token);
        let detail = match text {
            "'" => "Single quotes do not delimit strings. Use double quotes: \"text\".".to_owned(),
            "\u{201c}" | "\u{201d}" | "\u{201e}" | "\u{201f}" | "\u{ab}" | "\u{bb}" => format!(
                "`{text}` is a typographic quote, as text processors write it. Use the plain double quote: \"text\"."
            ),
            "\u{2018}" | "\u{2019}" => format!(
                "`{text}` is a typographic quote. Strings are delimited by the plain double quote: \"text\"."
            ),
            "`" => "Backquotes do not delimit strings. Use double quotes: \"text\", or a heredoc for several lines.".to_owned(),
            ";" => "Semicolons have no meaning here. Write each argument on a line of its own.".to_owned(),
            "&" => "`&` is no operator. The logical and is written `&&`.".to_owned(),
            "|" => "`|` is no operator. The logical or is written `||`.".to_owned(),
            "^" => "`^` is no operator. For a power use the function pow(base, exponent).".to_owned(),
            "~" => "`~` may stand only at the inner edge of a template sequence, as in ${~ value ~}.".to_owned(),
            "\u{a0}" => "This is a non-breaking space (U+00A0), which looks like a space but is none. Replace it by a plain space.".to_owned(),
            "\u{feff}" => "This is a byte order mark (U+FEFF), which is allowed only at the start of a file. Remove it.".to_owned(),
            "\r" => "This is a carriage return without a newline. End lines with a newline.".to_owned(),
            _ => {
                let code = text.chars().next().map_or(0, u32::from);
                let shown: String = text.chars().filter(|c| !c.is_control()).collect();
                if shown.is_empty() {
                    format!("The character U+{code:04X} has no meaning in the language.")
                } else {
                    format!("The character `{shown}` (U+{code:04X}) has no meaning in the language.")
                }
            }
        };
        let summary = match text {
            "'" | "`" | "\u{2018}" | "\u{2019}" | "\u{201c}" | "\u{201d}" | "\u{201e}"
            | "\u{201f}" | "\u{ab}" | "\u{bb}" => "Invalid quotes",
            _ => "Invalid character",
        };
        self.error(summary, detail, token)
    }

    /// Says that a string goes on past the end of its line.
    pub(crate) fn unterminated_string(&mut self, open: Token, next: Token) -> Reported {
        let (at, from) = (self.span(next), self.span(open));
        let (summary, detail) = match open.kind {
            Kind::OHeredoc => {
                let name = self
                    .slice(open)
                    .trim_start_matches('<')
                    .trim_start_matches('-')
                    .trim()
                    .to_owned();
                (
                    "Unterminated template string",
                    format!("This heredoc has no end: `{name}` is expected on a line of its own, with nothing but spaces before it and a newline after it."),
                )
            }
            _ if next.kind == Kind::QuotedNewline => (
                "Invalid multi-line string",
                "A quoted string ends on the line on which it starts: the closing quote is missing. For a newline in the text write \\n; for longer texts use a heredoc.".to_owned(),
            ),
            _ => (
                "Unterminated template string",
                "The closing quote of this string is missing.".to_owned(),
            ),
        };
        let from = match open.kind {
            // Without the newline that belongs to the token.
            Kind::OHeredoc => self.place(
                open.start,
                open.start + self.slice(open).trim_end().len() as u32,
            ),
            _ => from,
        };
        if open.kind == Kind::OHeredoc {
            return self.report(Diagnostic::error(summary, detail).at(from));
        }
        self.report(
            Diagnostic::error(summary, detail)
                .at(from.to(at))
                .label(from, "the string starts here"),
        )
    }
}
