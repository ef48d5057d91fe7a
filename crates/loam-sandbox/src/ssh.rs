//! Public SSH keys: whether a text is one, and its fingerprint.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use sha2::{Digest, Sha256};

/// The binary key of one OpenSSH line: type, base64, optional comment; the base64 must name the same type.
pub fn key_blob(line: &str) -> Option<Vec<u8>> {
    let line = line.trim();
    if line.contains(['\n', '\r']) {
        return None;
    }
    let mut words = line.split_ascii_whitespace();
    let (kind, blob) = (words.next()?, words.next()?);
    if !(kind.starts_with("ssh-") || kind.starts_with("ecdsa-sha2-") || kind.starts_with("sk-")) {
        return None;
    }
    let blob = STANDARD.decode(blob).ok()?;
    let length = u32::try_from(kind.len()).ok()?.to_be_bytes();
    (blob.get(..4)? == length && blob.get(4..4 + kind.len())? == kind.as_bytes()).then_some(blob)
}

/// The fingerprint as `ssh-keygen -l` writes it: `SHA256:` and base64 without padding.
pub fn fingerprint(line: &str) -> Option<String> {
    Some(format!(
        "SHA256:{}",
        STANDARD_NO_PAD.encode(Sha256::digest(key_blob(line)?))
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVhY2ggYnl0ZSBpcyBtYWRlIHVwIGZvciBhIHRl me@host";

    #[test]
    fn a_key_names_its_type_twice() {
        assert!(key_blob(KEY).is_some());
        for bad in [
            "",
            "ssh-ed25519",
            "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAA",
            "ssh-ed25519 !!!",
            &KEY.replace(' ', "\n"),
        ] {
            assert!(key_blob(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn the_comment_is_not_part_of_the_fingerprint() {
        let fingerprint_of = fingerprint(KEY).expect("a fingerprint");
        assert!(fingerprint_of.starts_with("SHA256:") && fingerprint_of.len() == 50);
        assert_eq!(
            fingerprint(&KEY.replace("me@host", "you")),
            Some(fingerprint_of)
        );
    }
}
