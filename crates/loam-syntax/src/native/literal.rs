//! Escapes in the text of templates.

use std::borrow::Cow;

/// An escape that is not one, at a range of bytes of the text.
pub(crate) struct BadEscape {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) message: String,
}

/// The meaning of a piece of template text. Backslashes escape only in a quoted
/// template; `$${` and `%%{` stand for `${` and `%{` in all.
pub(crate) fn unescape(text: &str, quoted: bool) -> (Cow<'_, str>, Vec<BadEscape>) {
    let special = |b: &u8| (quoted && *b == b'\\') || *b == b'$' || *b == b'%';
    if !text.as_bytes().iter().any(special) {
        return (Cow::Borrowed(text), Vec::new());
    }
    let mut out = String::with_capacity(text.len());
    let mut bad = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let at = text.len() - rest.len();
        let used = match c {
            '\\' if quoted => match escape(rest) {
                Ok((c, used)) => {
                    out.push(c);
                    used
                }
                Err((used, message)) => {
                    bad.push(BadEscape {
                        start: at,
                        end: at + used,
                        message,
                    });
                    used
                }
            },
            '$' if rest.starts_with("$${") => {
                out.push_str("${");
                3
            }
            '%' if rest.starts_with("%%{") => {
                out.push_str("%{");
                3
            }
            c => {
                out.push(c);
                c.len_utf8()
            }
        };
        rest = rest.get(used..).unwrap_or("");
    }
    (Cow::Owned(out), bad)
}

/// The escape at the start of `s`: its character and its length in bytes.
fn escape(s: &str) -> Result<(char, usize), (usize, String)> {
    let Some(selector) = s.chars().nth(1) else {
        return Err((
            1,
            "A backslash starts an escape sequence and needs a character after it; write \\\\ for the backslash itself.".into(),
        ));
    };
    let digits = match selector {
        'n' => return Ok(('\n', 2)),
        'r' => return Ok(('\r', 2)),
        't' => return Ok(('\t', 2)),
        '"' => return Ok(('"', 2)),
        '\\' => return Ok(('\\', 2)),
        'u' => 4,
        'U' => 8,
        other => {
            return Err((
                1 + other.len_utf8(),
                format!(
                    "\\{other} is not an escape sequence. The escape sequences are \\n, \\r, \\t, \\\", \\\\, \\uXXXX and \\UXXXXXXXX; write \\\\{other} for a backslash followed by {other}."
                ),
            ));
        }
    };
    let hex = s.get(2..).unwrap_or("");
    let count = hex
        .chars()
        .take_while(char::is_ascii_hexdigit)
        .take(digits)
        .count();
    if count < digits {
        let words = if digits == 4 { "four" } else { "eight" };
        return Err((
            2 + count,
            format!("\\{selector} must be followed by {words} hexadecimal digits."),
        ));
    }
    let code = hex
        .get(..digits)
        .and_then(|h| u32::from_str_radix(h, 16).ok())
        .unwrap_or(u32::MAX);
    match char::from_u32(code) {
        Some(c) => Ok((c, 2 + digits)),
        None => Err((
            2 + digits,
            format!("U+{code:04X} is not a character that can be encoded in UTF-8."),
        )),
    }
}
