//! Characters as people see them: extended grapheme clusters of Unicode 15.0.

use unicode_segmentation::UnicodeSegmentation;

/// The clusters of a string, in order.
///
/// Newer Unicode versions keep Indic conjuncts (consonant, virama, consonant) together;
/// the language counts by the older rule, which splits them, so clusters of the newer
/// rule are split again.
pub(super) fn clusters(s: &str) -> impl Iterator<Item = &str> {
    s.graphemes(true).flat_map(split_conjuncts)
}

/// How many clusters there are.
pub(super) fn count(s: &str) -> usize {
    if s.is_ascii() {
        // Only a line break of two characters is one cluster.
        s.len() - s.matches("\r\n").count()
    } else {
        clusters(s).count()
    }
}

fn split_conjuncts(cluster: &str) -> impl Iterator<Item = &str> {
    let mut rest = cluster;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut previous = None;
        let at = rest.char_indices().find_map(|(i, c)| {
            let split = previous.is_some_and(|p| !is_prepend(p)) && is_conjoining_consonant(c);
            previous = Some(c);
            split.then_some(i)
        });
        let (head, tail) = rest.split_at(at.unwrap_or(rest.len()));
        rest = tail;
        Some(head)
    })
}

/// Consonants of the scripts that form conjuncts.
fn is_conjoining_consonant(c: char) -> bool {
    if c < '\u{0915}' {
        return false;
    }
    matches!(c,
        '\u{0915}'..='\u{0939}' | '\u{0958}'..='\u{095f}' | '\u{0978}'..='\u{097f}'
        | '\u{0995}'..='\u{09b9}' | '\u{09dc}'..='\u{09df}' | '\u{09f0}' | '\u{09f1}'
        | '\u{0a95}'..='\u{0ab9}' | '\u{0af9}'
        | '\u{0b15}'..='\u{0b39}' | '\u{0b5c}'..='\u{0b5f}' | '\u{0b71}'
        | '\u{0c15}'..='\u{0c39}' | '\u{0c58}'..='\u{0c5a}'
        | '\u{0d15}'..='\u{0d3a}'
        | '\u{1000}'..='\u{102a}' | '\u{103f}' | '\u{1050}'..='\u{1055}' | '\u{105a}'..='\u{105d}'
        | '\u{1061}' | '\u{1065}' | '\u{1066}' | '\u{106e}'..='\u{1070}' | '\u{1075}'..='\u{1081}' | '\u{108e}'
        | '\u{1780}'..='\u{17b3}'
        | '\u{1a20}'..='\u{1a54}'
        | '\u{1b05}'..='\u{1b33}' | '\u{1b45}'..='\u{1b4c}'
        | '\u{a984}'..='\u{a9b2}' | '\u{a9e0}'..='\u{a9fe}' | '\u{aa60}'..='\u{aa7a}' | '\u{aae0}'..='\u{aaea}'
        | '\u{abc0}'..='\u{abda}'
        | '\u{10a00}' | '\u{10a10}'..='\u{10a35}'
        | '\u{11103}'..='\u{11126}' | '\u{11144}' | '\u{11147}'
        | '\u{11380}'..='\u{113b5}' | '\u{11900}'..='\u{1192f}'
        | '\u{11a00}' | '\u{11a0b}'..='\u{11a32}' | '\u{11a50}' | '\u{11a5c}'..='\u{11a83}' | '\u{11f04}'..='\u{11f33}')
}

/// Characters that the next one belongs to (grapheme cluster break property Prepend).
fn is_prepend(c: char) -> bool {
    matches!(c,
        '\u{0600}'..='\u{0605}' | '\u{06dd}' | '\u{070f}' | '\u{0890}' | '\u{0891}' | '\u{08e2}'
        | '\u{0d4e}' | '\u{110bd}' | '\u{110cd}' | '\u{111c2}' | '\u{111c3}' | '\u{1193f}'
        | '\u{11941}' | '\u{11a3a}' | '\u{11a84}'..='\u{11a89}' | '\u{11d46}' | '\u{11f02}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_see() {
        assert_eq!(count("👨‍👩‍👧e\u{301}\r\n"), 3);
        assert_eq!(count("a\r\nb"), 3);
        assert_eq!(clusters("क्षि").collect::<Vec<_>>(), ["क्", "षि"]);
        assert_eq!(clusters("🇩🇪🇫🇷").count(), 2);
    }
}
