//! Versions and constraints on them, as `required_version`, `required_providers` and
//! module calls write them.

use std::cmp::Ordering;
use std::fmt;

/// A version: numbers, and maybe a pre-release.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Version {
    /// The numbers; at least three.
    numbers: Vec<u64>,
    /// How many numbers were written.
    written: usize,
    /// What follows a hyphen; empty for a release.
    prerelease: Vec<String>,
}

impl Version {
    /// Reads `1`, `1.2`, `1.2.3`, `v1.2.3-beta.1+build`; `None` if it is not a version.
    pub fn parse(text: &str) -> Option<Version> {
        let text = text.trim();
        let text = text.strip_prefix('v').unwrap_or(text);
        let text = text.split_once('+').map_or(text, |(t, _)| t);
        let (numbers, prerelease) = match text.split_once('-') {
            Some((n, p)) => (n, p.split('.').map(str::to_owned).collect()),
            None => (text, Vec::new()),
        };
        let well_formed =
            |p: &String| !p.is_empty() && p.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        if !prerelease.iter().all(well_formed) {
            return None;
        }
        let mut numbers = numbers
            .split('.')
            .map(|n| {
                let digits = !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit());
                digits.then(|| n.parse().ok()).flatten()
            })
            .collect::<Option<Vec<u64>>>()?;
        let written = numbers.len();
        while numbers.len() < 3 {
            numbers.push(0);
        }
        Some(Version {
            numbers,
            written,
            prerelease,
        })
    }

    /// True for a version before a release, such as `2.0.0-beta1`.
    pub fn is_prerelease(&self) -> bool {
        !self.prerelease.is_empty()
    }

    fn number(&self, index: usize) -> u64 {
        self.numbers.get(index).copied().unwrap_or(0)
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Version) -> Ordering {
        let len = self.numbers.len().max(other.numbers.len());
        let numbers = (0..len).map(|i| self.number(i).cmp(&other.number(i)));
        let by_numbers = numbers.fold(Ordering::Equal, Ordering::then);
        by_numbers.then_with(|| match (self.is_prerelease(), other.is_prerelease()) {
            (false, false) => Ordering::Equal,
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (true, true) => {
                let parts = self.prerelease.iter().zip(&other.prerelease);
                parts
                    .map(|(a, b)| compare_parts(a, b))
                    .fold(Ordering::Equal, Ordering::then)
                    .then(self.prerelease.len().cmp(&other.prerelease.len()))
            }
        })
    }
}

fn compare_parts(a: &str, b: &str) -> Ordering {
    match (a.parse::<u64>(), b.parse::<u64>()) {
        (Ok(a), Ok(b)) => a.cmp(&b),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => a.cmp(b),
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Version) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.numbers.iter().map(u64::to_string).collect();
        f.write_str(&numbers.join("."))?;
        if self.is_prerelease() {
            write!(f, "-{}", self.prerelease.join("."))?;
        }
        Ok(())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Pessimistic,
}

/// Constraints that all have to hold: `>= 1.2, < 2.0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraints(Vec<(Operator, Version)>);

impl Constraints {
    /// Reads constraints with commas between them. The error says which of them is not
    /// one.
    pub fn parse(text: &str) -> Result<Constraints, String> {
        text.split(',')
            .map(parse_one)
            .collect::<Result<_, _>>()
            .map(Constraints)
    }

    /// True if all of them hold of a version. A pre-release satisfies only constraints
    /// that name a pre-release of the same version.
    pub fn allow(&self, version: &Version) -> bool {
        self.0.iter().all(|(op, bound)| holds(*op, bound, version))
    }

    /// True if all of them hold of a version from `first` to `last`: of one of the two, or
    /// of one between them that the constraints name.
    pub fn allow_between(&self, first: &Version, last: &Version) -> bool {
        let named = self.0.iter().map(|(_, bound)| bound);
        let between = named.filter(|v| (first..=last).contains(v));
        between.chain([first, last]).any(|v| self.allow(v))
    }

    /// True if one of them names a version exactly.
    pub fn names(&self, version: &Version) -> bool {
        let exact = |op: Operator| op == Operator::Equal;
        self.0
            .iter()
            .any(|(op, bound)| exact(*op) && bound == version)
    }
}

fn parse_one(text: &str) -> Result<(Operator, Version), String> {
    let text = text.trim();
    let operators = [
        ("~>", Operator::Pessimistic),
        (">=", Operator::GreaterOrEqual),
        ("<=", Operator::LessOrEqual),
        ("!=", Operator::NotEqual),
        (">", Operator::Greater),
        ("<", Operator::Less),
        ("=", Operator::Equal),
    ];
    let (op, version) = operators
        .iter()
        .find_map(|(sign, op)| text.strip_prefix(sign).map(|v| (*op, v)))
        .unwrap_or((Operator::Equal, text));
    match Version::parse(version) {
        Some(version) => Ok((op, version)),
        None => Err(format!("{text:?} is not a version constraint")),
    }
}

fn holds(op: Operator, bound: &Version, version: &Version) -> bool {
    match op {
        Operator::Equal => return version.cmp(bound) == Ordering::Equal,
        Operator::NotEqual => return version.cmp(bound) != Ordering::Equal,
        _ => {}
    }
    if version.is_prerelease() {
        let same = (0..3).all(|i| version.number(i) == bound.number(i));
        if !bound.is_prerelease() || !same {
            return false;
        }
    }
    match op {
        Operator::Equal | Operator::NotEqual => true,
        Operator::Greater => version > bound,
        Operator::GreaterOrEqual => version >= bound,
        Operator::Less => version < bound,
        Operator::LessOrEqual => version <= bound,
        // All numbers but the last that is written stay the same.
        Operator::Pessimistic => {
            version >= bound
                && (0..bound.written.saturating_sub(1))
                    .all(|i| version.number(i) == bound.number(i))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(constraints: &str, version: &str) -> bool {
        let version = Version::parse(version).expect("a version");
        Constraints::parse(constraints)
            .expect("constraints")
            .allow(&version)
    }

    #[test]
    fn a_version_between_two_serves_too() {
        let version = |text| Version::parse(text).expect("a version");
        let (first, last) = (version("0.2.0"), version("0.3.2"));
        for (constraints, served) in [
            ("0.3.1", true),
            ("~> 0.2.2", true),
            ("~> 0.3", true),
            (">= 0.2.1, < 0.3.0", true),
            ("!= 0.3.2", true),
            (">= 0.3.3", false),
            ("0.1.9", false),
            ("~> 1.0", false),
        ] {
            let all = Constraints::parse(constraints).expect("constraints");
            assert_eq!(all.allow_between(&first, &last), served, "{constraints}");
        }
    }

    #[test]
    fn constraints_hold_or_not() {
        for (constraints, yes, no) in [
            (">= 1.5", "1.11.4", "1.4.9"),
            ("~> 1.2", "1.9.0", "2.0.0"),
            ("~> 1.2.3", "1.2.9", "1.3.0"),
            ("~> 1", "2.0.0", "0.9.0"),
            ("= 1.0", "1.0.0", "1.0.1"),
            ("1.2.3", "1.2.3", "1.2.4"),
            ("!= 1.2.3", "1.2.4", "1.2.3"),
            (">= 1.0, < 2.0, != 1.5.0", "1.6.0", "1.5.0"),
            (">= 1.0", "1.0.0", "2.0.0-beta1"),
            (">= 2.0.0-alpha", "2.0.0-beta1", "1.9.0"),
            ("< 0.1", "0.0.9", "1.11.4"),
        ] {
            assert!(allows(constraints, yes), "{constraints} allows {yes}");
            assert!(
                !allows(constraints, no),
                "{constraints} does not allow {no}"
            );
        }
    }

    #[test]
    fn versions_are_ordered() {
        let order = [
            "0.9",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0",
            "1.0.1",
            "1.10",
        ];
        for pair in order.windows(2) {
            assert!(
                Version::parse(pair[0]) < Version::parse(pair[1]),
                "{pair:?}"
            );
        }
    }

    #[test]
    fn what_is_no_constraint_is_refused() {
        for text in [
            "",
            ">=",
            "1.x",
            "=> 1",
            "1..2",
            "~> 1.2 beta",
            "1.0, ",
            "-1",
        ] {
            assert!(Constraints::parse(text).is_err(), "{text:?}");
        }
    }
}
