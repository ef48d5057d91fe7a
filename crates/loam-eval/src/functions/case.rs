//! Letter case by single characters.
//!
//! The language maps each character to one other character (Unicode's simple case
//! mappings), where Rust's standard library may map one to several: `ß` stays `ß`.
//! Mappings that came after Unicode 15 are left out, too.

/// Mapped to capitals, each character for itself.
pub(super) fn upper(s: &str) -> String {
    s.chars().map(upper_char).collect()
}

/// Mapped to small letters, each character for itself.
pub(super) fn lower(s: &str) -> String {
    s.chars().map(lower_char).collect()
}

/// The first letter of each word as a title begins it. A word ends at white space and
/// at ASCII characters other than letters, digits and the underscore.
pub(super) fn title(s: &str) -> String {
    let mut after_separator = true;
    s.chars()
        .map(|c| {
            let out = if after_separator { title_char(c) } else { c };
            after_separator = is_separator(c);
            out
        })
        .collect()
}

fn is_separator(c: char) -> bool {
    if c.is_ascii() {
        !(c.is_ascii_alphanumeric() || c == '_')
    } else {
        c.is_whitespace()
    }
}

fn upper_char(c: char) -> char {
    if let Some(capital) = with_iota(c) {
        return capital;
    }
    let mut mapped = c.to_uppercase();
    match (mapped.next(), mapped.next()) {
        (Some(single), None) if !is_recent_capital(single) => single,
        _ => c,
    }
}

fn lower_char(c: char) -> char {
    if c == 'İ' {
        return 'i';
    }
    if is_recent_capital(c) {
        return c;
    }
    let mut mapped = c.to_lowercase();
    match (mapped.next(), mapped.next()) {
        (Some(single), None) => single,
        _ => c,
    }
}

fn title_char(c: char) -> char {
    match c {
        'Ǆ'..='ǆ' => 'ǅ',
        'Ǉ'..='ǉ' => 'ǈ',
        'Ǌ'..='ǌ' => 'ǋ',
        'Ǳ'..='ǳ' => 'ǲ',
        // Georgian letters have capitals, which titles do not use.
        'ა'..='ჺ' | 'ჽ'..='ჿ' => c,
        _ => upper_char(c),
    }
}

/// The capital of a Greek letter with iota subscript, whose full mapping would be two
/// letters.
fn with_iota(c: char) -> Option<char> {
    let offset = match c {
        '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => 8,
        '\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}' => 9,
        _ => return None,
    };
    char::from_u32(u32::from(c) + offset)
}

/// Capitals that Unicode 16 and 17 added.
fn is_recent_capital(c: char) -> bool {
    matches!(
        c,
        '\u{a7cb}'
            | '\u{a7cc}'
            | '\u{a7ce}'
            | '\u{a7d2}'
            | '\u{a7d4}'
            | '\u{a7da}'
            | '\u{a7dc}'
            | '\u{10d50}'..='\u{10d65}'
            | '\u{16ea0}'..='\u{16eb8}'
    ) || c == '\u{1c89}'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_character_stays_one() {
        assert_eq!(upper("straße ŉ ﬁ"), "STRAßE ŉ ﬁ");
        assert_eq!(upper("ᾳ ᾀ ǆ ÿ ı"), "ᾼ ᾈ Ǆ Ÿ I");
        assert_eq!(lower("İΣΑΣ ẞ"), "iσασ ß");
    }

    #[test]
    fn words() {
        assert_eq!(
            title("hello-wörld o'neil ünder_score"),
            "Hello-Wörld O'Neil Ünder_score"
        );
        assert_eq!(title("ǆabc”x"), "ǅabc”x");
    }
}
