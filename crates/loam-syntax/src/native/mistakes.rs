//! Words for typical mistakes.

use loam_diag::Diagnostic;

use super::lexer::{Kind, Token, is_name_continue, name_end};
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
            Kind::UnclosedComment => {
                self.swallowed = true;
                let start = Token { end: next.start + 2, ..next };
                return self.error(
                    "Unterminated comment",
                    "This `/*` comment has no `*/` at its end.",
                    start,
                );
            }
            Kind::Less if self.text.get(next.end as usize..).is_some_and(|s| s.starts_with('<')) => {
                return self.invalid_heredoc(next);
            }
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

    /// Says that `<<` does not start a heredoc, and goes on after what is meant for one.
    fn invalid_heredoc(&mut self, at: Token) -> Reported {
        let rest = self.text.get(at.start as usize..).unwrap_or("");
        let (line, body) = rest.split_once('\n').unwrap_or((rest, ""));
        let word = line.trim_matches(|c: char| !is_name_continue(c) || c == '-');
        let word = word.get(..name_end(word, 0)).unwrap_or("");
        let mut offset = at.start as usize + line.len() + 1;
        for line in body.split_inclusive('\n') {
            offset += line.len();
            if !word.is_empty() && line.trim() == word {
                self.resume_at = Some(offset as u32);
                break;
            }
        }
        self.error(
            "Invalid heredoc",
            "A heredoc starts with `<<NAME` or `<<-NAME`: nothing but the end of the line may follow the name, and no space or quotes may stand around it.",
            Token { end: at.start + 2, ..at },
        )
    }

    /// Says that the closing bracket of what `open` opened is missing. If the next line
    /// looks like another argument it is missing there, else something in between is not
    /// as it should be.
    pub(crate) fn no_closing_bracket(&mut self, kind: Kind, open: Token, what: &str) -> Reported {
        let close = match kind {
            Kind::CBrack => "]",
            Kind::CParen => ")",
            _ => "}",
        };
        let next = self.peek();
        if matches!(next.kind, Kind::Invalid | Kind::UnclosedComment) {
            return self.no_expression(next);
        }
        if let Some(argument) = self.next_argument(open, next) {
            return self.unclosed_bracket(close, open, what, argument);
        }
        let found = self.found(next);
        let (summary, detail) = match what {
            "index" => (
                "Missing close bracket on index",
                format!("Expected `]` after the index, but {found} was found."),
            ),
            "parentheses" => (
                "Unbalanced parentheses",
                format!("Expected `)` after the expression in parentheses, but {found} was found."),
            ),
            "call" => (
                "Missing argument separator",
                format!(
                    "Expected a comma before the next argument of the function, or `)` after the last one, but {found} was found."
                ),
            ),
            "list" => (
                "Missing item separator",
                format!(
                    "Expected a comma before the next item of the list, or `]` after the last one, but {found} was found."
                ),
            ),
            _ => (
                "Missing attribute separator",
                format!(
                    "Expected a comma or a new line before the next item of the object, or `}}` after the last one, but {found} was found."
                ),
            ),
        };
        let (at, from) = (self.span(next), self.span(open));
        let mut diagnostic = Diagnostic::error(summary, detail)
            .at(at)
            .within(from.to(at))
            .label(from, format!("`{}` is opened here", self.slice(open)));
        let after_quote = self
            .text
            .get(..next.start as usize)
            .is_some_and(|s| s.ends_with('"'));
        if next.kind == Kind::Ident && after_quote {
            diagnostic = diagnostic.hint("A string ends just before this: a quote is missing or one too many. A quote within a string is written \\\".");
        }
        self.report(diagnostic)
    }

    fn unclosed_bracket(&mut self, close: &str, open: Token, what: &str, next: Token) -> Reported {
        let (summary, noun) = match what {
            "index" => ("Missing close bracket on index", "index"),
            "parentheses" => ("Unbalanced parentheses", "expression in parentheses"),
            "call" => ("Unterminated function call", "function call"),
            "list" => ("Unterminated list", "list"),
            _ => ("Unterminated object", "object"),
        };
        let (at, from) = (self.span(next).at_start(), self.span(open));
        self.resume_at = Some(next.start);
        self.report(
            Diagnostic::error(
                summary,
                format!("The `{close}` that closes this {noun} is missing."),
            )
            .at(from)
            .within(from.to(at))
            .label(at, format!("a `{close}` is expected before this")),
        )
    }

    /// The start of the argument or block that seems to follow a bracket without an end,
    /// or the end of the file.
    fn next_argument(&self, open: Token, next: Token) -> Option<Token> {
        let previous = self.previous();
        match next.kind {
            Kind::Eof | Kind::CBrace => Some(next),
            Kind::Ident if self.is_outside(open, next) => Some(next),
            // In brackets the name was taken for an element.
            Kind::Equal if previous.kind == Kind::Ident && self.is_outside(open, previous) => {
                Some(previous)
            }
            _ => None,
        }
        .filter(|t| t.kind != Kind::CBrace || self.indent_if_first(*t).is_some())
    }

    /// Whether a token is the first of a line that is indented no more than the line on
    /// which something is opened, and so hardly belongs inside of it.
    pub(crate) fn is_outside(&self, open: Token, token: Token) -> bool {
        self.indent_if_first(token)
            .is_some_and(|indent| indent <= self.indent(open).0)
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
                return self.unterminated_heredoc(open, &name);
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
        self.report(
            Diagnostic::error(summary, detail)
                .at(from.to(at))
                .label(from, "the string starts here"),
        )
    }
    fn unterminated_heredoc(&mut self, open: Token, name: &str) -> Reported {
        // Without the newline that belongs to the token.
        let opener = self.slice(open).trim_end();
        let at = self.place(open.start, open.start + opener.len() as u32);
        let mut diagnostic = Diagnostic::error(
            "Unterminated template string",
            format!("This heredoc has no end: `{name}` is expected on a line of its own, with nothing but spaces before it and a newline after it."),
        )
        .at(at);
        // All that follows was read as text of the heredoc.
        self.resume_at = Some(u32::MAX);
        self.swallowed = true;
        let mut offset = open.end as usize;
        let mut other = None;
        for line in self.text.get(offset..).unwrap_or("").split_inclusive('\n') {
            let start = offset + line.len() - line.trim_start().len();
            let word = line.trim();
            offset += line.len();
            if let Some(rest) = line.trim_start().strip_prefix(name)
                && !rest.starts_with(is_name_continue)
            {
                let note = match rest.trim().is_empty() {
                    true => "a newline is missing after this",
                    false => "more follows on this line, so it does not end the heredoc",
                };
                other = Some((start, name.len(), note.to_owned()));
                break;
            }
            let in_capitals = !word.is_empty() && word.bytes().all(|b| b.is_ascii_uppercase());
            if other.is_none() && (in_capitals || word.eq_ignore_ascii_case(name)) {
                let note = format!("this does not end the heredoc: it is not `{name}`");
                other = Some((start, word.len(), note));
            }
        }
        if let Some((start, length, note)) = other {
            diagnostic = diagnostic.label(self.place(start as u32, (start + length) as u32), note);
        }
        self.report(diagnostic)
    }
}
