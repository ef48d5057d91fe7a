//! Whether two tokens of a line have a space between them.

use super::Piece;
use crate::native::lexer::Kind;

/// Whether there is a space between `this` and `after`. `before` is the token before
/// `this` on its line, if there is one.
pub(super) fn space_between(
    before: Option<&Piece<'_>>,
    this: &Piece<'_>,
    after: &Piece<'_>,
) -> bool {
    let before = before.map(|p| p.kind);
    match (this.kind, after.kind) {
        (_, Kind::Newline) => false,
        (Kind::Ident, Kind::OParen) => false,
        (Kind::Ident, Kind::DoubleColon) | (Kind::DoubleColon, Kind::Ident) => false,
        // Without the space `1. 2` and `1. e3` would be numbers.
        (Kind::Dot, Kind::Number) if before == Some(Kind::Number) => true,
        (Kind::Dot, Kind::Ident)
            if before == Some(Kind::Number) && after.text.starts_with(['e', 'E']) =>
        {
            true
        }
        (Kind::Dot, _) | (_, Kind::Dot) => false,
        (_, Kind::Comma | Kind::Ellipsis) => false,
        (Kind::Comma, _) => true,
        // Within templates spaces have a meaning.
        (Kind::QuotedLit | Kind::StringLit | Kind::OQuote | Kind::OHeredoc, _) => false,
        (_, Kind::QuotedLit | Kind::StringLit | Kind::CQuote | Kind::CHeredoc) => false,
        // `for x in [a]` rather than `in[a]`.
        (Kind::Ident, _) if this.text == "in" && before == Some(Kind::Ident) => true,
        (Kind::Ident | Kind::Number, Kind::OBrack) => false,
        (_, Kind::OBrack) if this.brackets() < 0 => false,
        (Kind::Bang, _) => false,
        (Kind::Minus, _) => before.is_some_and(|b| !expects_operand(b)),
        (Kind::OBrace, Kind::CBrace) => false,
        (Kind::OBrace, _) | (_, Kind::CBrace) => true,
        (Kind::TemplateInterp | Kind::TemplateControl, Kind::OBrace) => true,
        (Kind::CBrace, Kind::TemplateSeqEnd) => true,
        (Kind::TemplateSeqEnd, Kind::TemplateInterp | Kind::TemplateControl) => false,
        _ => this.brackets() <= 0 && after.brackets() >= 0,
    }
}

/// Whether a minus after this token is a sign rather than a subtraction.
fn expects_operand(before: Kind) -> bool {
    matches!(
        before,
        Kind::OParen
            | Kind::OBrace
            | Kind::OBrack
            | Kind::Equal
            | Kind::Colon
            | Kind::Comma
            | Kind::Question
            | Kind::Plus
            | Kind::Star
            | Kind::Slash
            | Kind::Percent
            | Kind::Minus
            | Kind::EqualOp
            | Kind::NotEqual
            | Kind::Greater
            | Kind::GreaterEq
            | Kind::Less
            | Kind::LessEq
            | Kind::And
            | Kind::Or
            | Kind::Bang
    )
}
