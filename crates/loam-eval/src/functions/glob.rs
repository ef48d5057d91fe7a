//! Patterns of file names: `*`, `?`, classes, alternatives, and `**` for any number of
//! folders.

use std::fs;
use std::path::{Path, PathBuf};

/// How many folders deep a search goes.
const MAX_DEPTH: usize = 256;
/// How many steps the matching of one name may take.
const MAX_STEPS: usize = 100_000;

/// The names, relative to `folder` and with slashes, of the regular files that match.
pub(super) fn files(folder: &Path, pattern: &str) -> Result<Vec<String>, String> {
    let mut parts: Vec<&str> = Vec::new();
    let mut up = 0;
    for part in pattern.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.pop().is_none() => up += 1,
            ".." => {}
            _ => parts.push(part),
        }
    }
    let mut base = folder.to_owned();
    for _ in 0..up {
        base = super::path::clean(&base.join(".."));
    }
    for part in &parts {
        // Errors in a pattern show even if there is nothing to match.
        matches(part, "")?;
    }
    let mut found = Vec::new();
    search(&base, &"../".repeat(up), &parts, 0, &mut found)?;
    found.sort();
    found.dedup();
    Ok(found)
}

fn search(
    folder: &Path,
    prefix: &str,
    parts: &[&str],
    depth: usize,
    found: &mut Vec<String>,
) -> Result<(), String> {
    if depth > MAX_DEPTH {
        return Err(format!("folders are nested more than {MAX_DEPTH} deep"));
    }
    let Some((part, rest)) = parts.split_first() else {
        return Ok(());
    };
    if !part.contains(['*', '?', '[', '{', '\\']) {
        return enter(folder, prefix, part, rest, depth, found);
    }
    let names = names_in(folder);
    if *part == "**" {
        for (name, is_folder) in &names {
            if *is_folder {
                let below = format!("{prefix}{name}/");
                search(&folder.join(name), &below, parts, depth + 1, found)?;
            }
        }
        if !rest.is_empty() {
            return search(folder, prefix, rest, depth + 1, found);
        }
    }
    for (name, _) in &names {
        if *part == "**" || matches(part, name)? {
            enter(folder, prefix, name, rest, depth, found)?;
        }
    }
    Ok(())
}

/// Takes a file that ends the pattern, or goes on in a folder.
fn enter(
    folder: &Path,
    prefix: &str,
    name: &str,
    rest: &[&str],
    depth: usize,
    found: &mut Vec<String>,
) -> Result<(), String> {
    let path: PathBuf = folder.join(name);
    let Ok(meta) = fs::metadata(&path) else {
        return Ok(());
    };
    if rest.is_empty() {
        if meta.is_file() {
            found.push(format!("{prefix}{name}"));
        }
        return Ok(());
    }
    if meta.is_dir() {
        search(&path, &format!("{prefix}{name}/"), rest, depth + 1, found)?;
    }
    Ok(())
}

/// The names in a folder and whether each is itself a folder (not a link to one).
/// A folder that cannot be read has none; names that are not Unicode cannot be named.
fn names_in(folder: &Path) -> Vec<(String, bool)> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut names: Vec<(String, bool)> = entries
        .flatten()
        .filter_map(|e| {
            let is_folder = e.file_type().is_ok_and(|t| t.is_dir());
            Some((e.file_name().into_string().ok()?, is_folder))
        })
        .collect();
    names.sort();
    names
}

/// Whether a name matches one part of a pattern.
fn matches(pattern: &str, name: &str) -> Result<bool, String> {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let mut steps = 0;
    part_matches(&pattern, &name, &mut steps)
}

fn part_matches(pattern: &[char], name: &[char], steps: &mut usize) -> Result<bool, String> {
    *steps += 1;
    if *steps > MAX_STEPS {
        return Err("the pattern is too complicated".to_owned());
    }
    let bad = || "syntax error in pattern".to_owned();
    let Some((first, rest)) = pattern.split_first() else {
        return Ok(name.is_empty());
    };
    match first {
        '*' => {
            for taken in 0..=name.len() {
                match part_matches(rest, name.get(taken..).unwrap_or_default(), steps) {
                    Ok(true) => return Ok(true),
                    Err(e) if *steps > MAX_STEPS => return Err(e),
                    // A pattern that is wrong after a star matches nothing.
                    Ok(false) | Err(_) => {}
                }
            }
            Ok(false)
        }
        '[' => {
            let end = closing(rest, ']').ok_or_else(bad)?;
            let class = rest.get(..end).unwrap_or_default();
            let after = rest.get(end + 1..).unwrap_or_default();
            let hit = class_matches(class, name.first().copied()).ok_or_else(bad)?;
            match name.split_first() {
                Some((_, name)) if hit => part_matches(after, name, steps),
                Some(_) => Ok(false),
                None => part_matches(after, name, steps).map(|_| false),
            }
        }
        '{' => {
            let end = closing(rest, '}').ok_or_else(bad)?;
            let options = rest.get(..end).unwrap_or_default();
            let after = rest.get(end + 1..).unwrap_or_default();
            for option in split_options(options) {
                let mut whole = option.to_vec();
                whole.extend_from_slice(after);
                if part_matches(&whole, name, steps)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        '?' => match name.split_first() {
            Some((_, name)) => part_matches(rest, name, steps),
            None => Ok(false),
        },
        _ => {
            let (literal, rest) = match first {
                '\\' => rest.split_first().ok_or_else(bad)?,
                _ => (first, rest),
            };
            match name.split_first() {
                Some((c, name)) if c == literal => part_matches(rest, name, steps),
                _ => Ok(false),
            }
        }
    }
}

/// Where the closing character is, unless it is escaped.
fn closing(pattern: &[char], close: char) -> Option<usize> {
    let mut escaped = false;
    pattern.iter().position(|c| {
        let here = *c == close && !escaped;
        escaped = *c == '\\' && !escaped;
        here
    })
}

fn split_options(options: &[char]) -> Vec<&[char]> {
    let mut out = Vec::new();
    let mut rest = options;
    while let Some(at) = closing(rest, ',') {
        out.push(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + 1..).unwrap_or_default();
    }
    out.push(rest);
    out
}

/// Whether a class has a character; nothing if the class is malformed.
fn class_matches(class: &[char], c: Option<char>) -> Option<bool> {
    let (negated, mut rest) = match class.split_first()? {
        ('^', rest) => (true, rest),
        _ => (false, class),
    };
    let mut hit = false;
    while !rest.is_empty() {
        let (low, after) = class_char(rest)?;
        let (high, after) = match after.split_first() {
            Some(('-', after)) => class_char(after)?,
            _ => (low, after),
        };
        hit |= c.is_some_and(|c| (low..=high).contains(&c));
        rest = after;
    }
    Some(hit != negated)
}

fn class_char(class: &[char]) -> Option<(char, &[char])> {
    match class.split_first()? {
        ('-', _) => None,
        ('\\', rest) => rest.split_first().map(|(c, rest)| (*c, rest)),
        (c, rest) => Some((*c, rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (pattern, name) in [
            ("*.t?t", "a.txt"),
            ("[a-c]*", "b1"),
            ("[^a]", "é"),
            ("{a,b*}.x", "b12.x"),
            (r"\*", "*"),
            ("a*", "a"),
        ] {
            assert_eq!(matches(pattern, name), Ok(true), "{pattern} {name}");
        }
        for (pattern, name) in [("*.txt", "a.text"), ("?", ""), ("[a-c]", "d"), ("a", "ab")] {
            assert_eq!(matches(pattern, name), Ok(false), "{pattern} {name}");
        }
        for pattern in ["[a", "[-a]", "{a", "[]", "\\"] {
            assert!(matches(pattern, "a").is_err(), "{pattern}");
        }
        assert!(matches(&format!("{}b", "*a".repeat(50)), &"a".repeat(60)).is_err());
    }
}
