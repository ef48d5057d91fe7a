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
        assert!(hex_digits(12).bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_eq!(lower(6).len(), 6);
        assert_ne!(mixed(20), mixed(20));
    }
}
