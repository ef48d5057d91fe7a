//! Character classes of patterns in RE2 syntax.

use super::pattern::{Last, Result, Translator};

impl Translator<'_> {
    /// After `\p` or `\P`: a category or script, as a class of the crate's syntax.
    pub(super) fn property(&mut self, negated: bool) -> Result<String> {
        let mut name = String::new();
        match self.rest.next() {
            Some('{') => loop {
                match self.rest.next() {
                    Some('}') => break,
                    Some(c) => name.push(c),
                    None => return Err(format!("invalid character class range `\\p{{{name}`")),
                }
            },
            Some(c) => name.push(c),
            None => return Err("invalid character class range `\\p`".to_owned()),
        }
        let (negated, name) = match name.strip_prefix('^') {
            Some(rest) => (!negated, rest),
            None => (negated, name.as_str()),
        };
        let letter = if negated { 'P' } else { 'p' };
        const CATEGORIES: &[&str] = &[
            "Cc", "Cf", "Co", "L", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn", "N", "Nd",
            "Nl", "No", "P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm", "So",
            "Z", "Zl", "Zp", "Zs",
        ];
        Ok(match name {
            "Any" => format!("\\{letter}{{Any}}"),
            // Without the unassigned characters, which the crate counts in.
            "C" if negated => "[^\\p{Cc}\\p{Cf}\\p{Co}]".to_owned(),
            "C" => "[\\p{Cc}\\p{Cf}\\p{Co}]".to_owned(),
            // Surrogates: no string has any.
            "Cs" if negated => "\\p{Any}".to_owned(),
            "Cs" => "\\P{Any}".to_owned(),
            _ if CATEGORIES.contains(&name) => format!("\\{letter}{{{name}}}"),
            _ if is_script(name) => format!("\\{letter}{{Script={name}}}"),
            _ => return Err(format!("invalid character class range `\\p{{{name}}}`")),
        })
    }

    /// After `[`: a bracketed class.
    pub(super) fn class(&mut self) -> Result<Last> {
        let missing = || "missing closing ]".to_owned();
        self.out.push('[');
        if self.rest.next_if_eq(&'^').is_some() {
            self.out.push('^');
        }
        let mut first = true;
        loop {
            let Some(c) = self.rest.next() else {
                return Err(missing());
            };
            if c == ']' && !first {
                break;
            }
            first = false;
            if c == '['
                && self.rest.peek() == Some(&':')
                && let Some(name) = self.posix_name()?
            {
                self.out.push_str(&name);
                continue;
            }
            if c == '\\' {
                match self.rest.peek().copied() {
                    Some(k @ ('d' | 's' | 'w')) => {
                        self.rest.next();
                        self.out.push_str(perl_class(k));
                        continue;
                    }
                    Some(k @ ('D' | 'S' | 'W')) => {
                        self.rest.next();
                        self.out.push_str("[^");
                        self.out.push_str(perl_class(k));
                        self.out.push(']');
                        continue;
                    }
                    Some(k @ ('p' | 'P')) => {
                        self.rest.next();
                        let class = self.property(k == 'P')?;
                        self.out.push_str(&class);
                        continue;
                    }
                    _ => {}
                }
            }
            let low = self.class_char(c)?;
            let mut ahead = self.rest.clone();
            let range = ahead.next() == Some('-') && ahead.peek().is_some_and(|c| *c != ']');
            if !range {
                push_literal(&mut self.out, low);
                continue;
            }
            self.rest.next();
            let Some(c) = self.rest.next() else {
                return Err(missing());
            };
            let high = self.class_char(c)?;
            if high < low {
                return Err(format!("invalid character class range `{low}-{high}`"));
            }
            push_literal(&mut self.out, low);
            self.out.push('-');
            push_literal(&mut self.out, high);
        }
        self.out.push(']');
        Ok(Last::Item)
    }

    fn class_char(&mut self, c: char) -> Result<char> {
        if c != '\\' {
            return Ok(c);
        }
        match self.rest.next() {
            Some(c) => self.escaped_char(c),
            None => Err("trailing backslash at end of expression".to_owned()),
        }
    }

    /// The rest of `[:name:]` inside a class, with the colon still to come. Nothing is
    /// read if there is no `:]`.
    fn posix_name(&mut self) -> Result<Option<String>> {
        let mut ahead = self.rest.clone();
        ahead.next();
        let mut name = String::new();
        loop {
            match ahead.next() {
                Some(':') if ahead.peek() == Some(&']') => break,
                Some(c) => name.push(c),
                None => return Ok(None),
            }
        }
        ahead.next();
        const NAMES: &[&str] = &[
            "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print",
            "punct", "space", "upper", "word", "xdigit",
        ];
        if !NAMES.contains(&name.strip_prefix('^').unwrap_or(&name)) {
            return Err(format!("invalid character class range `[:{name}:]`"));
        }
        self.rest = ahead;
        Ok(Some(format!("[:{name}:]")))
    }
}

/// What `\d`, `\s` and `\w` stand for inside a class: ASCII only.
pub(super) fn perl_class(c: char) -> &'static str {
    match c.to_ascii_lowercase() {
        'd' => "0-9",
        's' => "\\t\\n\\x0C\\r ",
        _ => "0-9A-Za-z_",
    }
}

/// Writes a character so that it stands for itself, in a class as elsewhere.
pub(super) fn push_literal(out: &mut String, c: char) {
    if c.is_ascii_alphanumeric() || !c.is_ascii() || c == ' ' || c == '_' {
        out.push(c);
    } else {
        out.push_str(&format!("\\x{{{:X}}}", u32::from(c)));
    }
}

/// Whether a name is written as scripts are in RE2: in full, words begin with capitals.
fn is_script(name: &str) -> bool {
    // The crate takes four-letter abbreviations, too; these few are scripts' full names.
    const FOUR_LETTERS: &[&str] = &["Cham", "Kawi", "Lisu", "Miao", "Newa", "Thai", "Toto"];
    if name.len() == 4 && !FOUR_LETTERS.contains(&name) {
        return false;
    }
    name.split('_').all(|word| {
        let mut chars = word.chars();
        chars.next().is_some_and(|c| c.is_ascii_uppercase())
            && chars.all(|c| c.is_ascii_lowercase())
    }) || matches!(name, "Nko" | "SignWriting" | "Phags_Pa")
}
