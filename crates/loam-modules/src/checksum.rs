//! Checksums of archives, as the `checksum` argument of an address gives them.

use md5::Md5;
use sha1::Sha1;
use sha2::digest::DynDigest;
use sha2::{Sha256, Sha512};

use crate::problem::Problem;

/// What an archive has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Checksum {
    kind: Kind,
    /// Lower-case hexadecimal digits.
    digits: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

const KINDS: [(&str, Kind, usize); 4] = [
    ("md5", Kind::Md5, 32),
    ("sha1", Kind::Sha1, 40),
    ("sha256", Kind::Sha256, 64),
    ("sha512", Kind::Sha512, 128),
];

impl Checksum {
    /// Reads `sha256:digits`, or digits alone, whose number tells the kind.
    pub fn parse(text: &str) -> Result<Checksum, Problem> {
        let (name, digits) = match text.split_once(':') {
            Some((name, digits)) => (Some(name), digits),
            None => (None, text),
        };
        let wrong = |why: String| Problem::fetching(format!("the checksum {text:?} {why}"));
        let found = KINDS.iter().find(|(n, _, length)| match name {
            Some(name) => name.eq_ignore_ascii_case(n),
            None => *length == digits.len(),
        });
        let Some((name, kind, length)) = found else {
            return Err(wrong(
                "is of none of the kinds md5, sha1, sha256 and sha512".into(),
            ));
        };
        if digits.len() != *length || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(wrong(format!(
                "does not consist of {length} hexadecimal digits, as {name} does"
            )));
        }
        Ok(Checksum {
            kind: *kind,
            digits: digits.to_ascii_lowercase(),
        })
    }

    /// Finds the checksum of a file in a list of such: `digits  name` or
    /// `SHA256 (name) = digits` on a line each, or digits alone.
    pub fn listed(list: &str, file: &str) -> Result<Checksum, Problem> {
        let mut alone = None;
        let mut others = 0;
        for line in list.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let bsd = line
                .split_once(" (")
                .and_then(|(kind, rest)| Some((kind, rest.rsplit_once(") = ")?)));
            let (name, text) = match (bsd, line.split_once(char::is_whitespace)) {
                (Some((kind, (name, digits))), _) => (
                    Some(name),
                    format!("{}:{digits}", kind.to_ascii_lowercase()),
                ),
                // A star stands for "as bytes".
                (None, Some((digits, name))) => {
                    let name = name.trim_start();
                    (Some(name.strip_prefix('*').unwrap_or(name)), digits.into())
                }
                (None, None) => (None, line.to_owned()),
            };
            match name.map(|n| n.rsplit('/').next() == Some(file)) {
                Some(true) => return Checksum::parse(&text),
                Some(false) => others += 1,
                None => alone = Some(text),
            }
        }
        match (alone, others) {
            (Some(text), 0) => Checksum::parse(&text),
            _ => Err(Problem::fetching(format!(
                "the file of checksums has none for {file:?}"
            ))),
        }
    }

    /// Begins to sum up.
    pub fn hasher(&self) -> Box<dyn DynDigest + Send> {
        match self.kind {
            Kind::Md5 => Box::new(Md5::default()),
            Kind::Sha1 => Box::new(Sha1::default()),
            Kind::Sha256 => Box::new(Sha256::default()),
            Kind::Sha512 => Box::new(Sha512::default()),
        }
    }

    /// Compares what was summed up.
    pub fn check(&self, hasher: Box<dyn DynDigest + Send>) -> Result<(), Problem> {
        let found: String = hasher
            .finalize()
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        if found == self.digits {
            return Ok(());
        }
        Err(Problem::fetching(format!(
            "the checksum of what was downloaded is {found}, and not {} as expected",
            self.digits
        ))
        .hint("The archive was changed, or is not the one that was meant. Nothing of it was kept."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_found_in_lists() {
        let (a, b) = ("0".repeat(64), "1".repeat(64));
        let right = Checksum::parse(&a).expect("one");
        for list in [
            a.clone(),
            format!("# sums\n{b}  other.zip\n{a}  x.zip\n"),
            format!("{a} *x.zip\r\n{b} *y.zip\r\n"),
            format!("{b}  y.zip\n{a}  ./dist/x.zip\n"),
            format!("SHA256 (y.zip) = {b}\nSHA256 (x.zip) = {a}\n"),
        ] {
            assert_eq!(
                Checksum::listed(&list, "x.zip").ok(),
                Some(right.clone()),
                "{list}"
            );
        }
        for list in [
            String::new(),
            format!("{b}  y.zip\n"),
            format!("{b}  y.zip\n{a}\n"),
            format!("{b}  ax.zip\n"),
            "none  x.zip\n".to_owned(),
        ] {
            assert!(Checksum::listed(&list, "x.zip").is_err(), "{list}");
        }
    }

    #[test]
    fn checksums_of_every_kind_are_compared() {
        for text in [
            "md5:900150983CD24FB0D6963F7D28E17F72",
            "900150983cd24fb0d6963f7d28e17f72",
            "sha1:a9993e364706816aba3e25717850c26c9cd0d89d",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        ] {
            let checksum = Checksum::parse(text).expect(text);
            for (content, right) in [("abc", true), ("abd", false)] {
                let mut hasher = checksum.hasher();
                hasher.update(content.as_bytes());
                assert_eq!(checksum.check(hasher).is_ok(), right, "{text} of {content}");
            }
        }
    }

    #[test]
    fn what_is_no_checksum_is_refused() {
        for text in ["", "abc", "crc:00", "md5:12", "sha1:zz", "file:sums.txt"] {
            assert!(Checksum::parse(text).is_err(), "{text:?}");
        }
    }
}
