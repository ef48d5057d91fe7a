//! Texts as they are written in a configuration: between quotes, with escapes.

/// A text in quotes, as an expression or a label that means it. What would begin a
/// template is escaped, and so is what is not seen, or not as what it is.
///
/// ```
/// assert_eq!(loam_syntax::quoted("a \"b\" ${c}\n"), r#""a \"b\" $${c}\n""#);
/// ```
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// The same without the quotes.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '$' | '%' if chars.peek() == Some(&'{') => {
                out.push(c);
                out.push(c);
            }
            c if is_visible(c) => out.push(c),
            c if u32::from(c) < 0x1_0000 => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push_str(&format!("\\U{:08x}", u32::from(c))),
        }
    }
    out
}

/// False for what is seen as nothing, as a space that it is not, or as something else, such
/// as a change of the direction of writing.
pub fn is_visible(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_graphic() || c == ' ';
    }
    // Marks show on the letter before them. These are counted among the marks and do not.
    let hidden = matches!(c, '\u{200c}' | '\u{e0020}'..='\u{e007f}');
    !hidden && format!("a{c}").escape_debug().count() == 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_escaped() {
        for (text, written) in [
            ("plain 'text'", "plain 'text'"),
            ("$ % ${ %{ $${", "$ % $${ %%{ $$${"),
            ("a\u{1b}[0m\u{0}", "a\\u001b[0m\\u0000"),
            ("\u{a0}\u{202e}\u{200c}", "\\u00a0\\u202e\\u200c"),
            (
                "e\u{301} \u{e01}\u{e31} é 日",
                "e\u{301} \u{e01}\u{e31} é 日",
            ),
            ("\u{e0041}", "\\U000e0041"),
        ] {
            assert_eq!(escaped(text), written, "{text:?}");
        }
    }
}
