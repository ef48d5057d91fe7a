//! Random identifiers and secrets in the forms that APIs use.

const LOWER_AND_DIGITS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const LETTERS_AND_DIGITS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";

/// Lower-case letters and digits.
pub fn lower(length: usize) -> String {
    pick(LOWER_AND_DIGITS, length)
}

/// Letters and digits that are not mistaken for one another.
pub fn mixed(length: usize) -> String {
    pick(LETTERS_AND_DIGITS, length)
}

/// Lower-case hexadecimal digits.
pub fn hex_digits(length: usize) -> String {
    pick(b"0123456789abcdef", length)
}

/// A password with letters and digits.
pub fn password() -> String {
    format!("{}7a", mixed(14))
}

/// A random (version 4) UUID.
pub fn uuid() -> String {
    let mut bytes = rand::random::<[u8; 16]>();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let text = hex(&bytes);
    let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default();
    format!(
        "{}-{}-{}-{}-{}",
        part(0..8),
        part(8..12),
        part(12..16),
        part(16..20),
        part(20..32)
    )
}

/// Bytes in lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn pick(alphabet: &[u8], length: usize) -> String {
    (0..length)
        .filter_map(|_| alphabet.get(rand::random_range(0..alphabet.len())))
        .map(|byte| char::from(*byte))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let uuid = uuid();
        assert_eq!(uuid.len(), 36);
        assert_eq!((uuid.as_bytes()[14], uuid.as_bytes()[23]), (b'4', b'-'));
        assert!(b"89ab".contains(&uuid.as_bytes()[19]), "{uuid}");
        assert!(hex_digits(12).bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_eq!(lower(6).len(), 6);
        assert_ne!(mixed(20), mixed(20));
    }
}
