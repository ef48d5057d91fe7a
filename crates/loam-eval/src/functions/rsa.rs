//! RSA decryption with padding by PKCS #1 v1.5, for text encrypted to a key pair.
//!
//! Written out because the field's crate has no stable release without a known timing
//! leak. There is nobody here who could measure: the program decrypts a value of its own
//! configuration, once, for its own user.

use num_bigint::BigUint;

use super::base64;

/// The numbers of a private key that decrypting needs.
pub(super) struct PrivateKey {
    modulus: BigUint,
    exponent: BigUint,
}

const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const NOT_ASN1: &str = "invalid ASN.1 data in the given private key";

impl PrivateKey {
    /// Reads a key in PEM format: PKCS #1, PKCS #8 or OpenSSH.
    pub(super) fn from_pem(text: &str) -> Result<PrivateKey, &'static str> {
        let (label, body) = pem(text).ok_or("no key found; it has to be in PEM format")?;
        if body.contains("ENCRYPTED") {
            return Err("the key is protected by a password");
        }
        let der = base64::decode(&body.replace([' ', '\t'], "")).ok_or(NOT_ASN1)?;
        match label {
            "RSA PRIVATE KEY" => PrivateKey::from_pkcs1(&der),
            "PRIVATE KEY" => PrivateKey::from_pkcs8(&der),
            "OPENSSH PRIVATE KEY" => PrivateKey::from_openssh(&der),
            "EC PRIVATE KEY" | "DSA PRIVATE KEY" => Err("the key is not an RSA key"),
            "ENCRYPTED PRIVATE KEY" => Err("the key is protected by a password"),
            _ => Err("unsupported kind of key"),
        }
    }

    fn from_pkcs1(der: &[u8]) -> Result<PrivateKey, &'static str> {
        let (mut key, _) = element(der, 0x30).ok_or(NOT_ASN1)?;
        let mut number = || {
            let (bytes, rest) = element(key, 0x02)?;
            key = rest;
            Some(BigUint::from_bytes_be(bytes))
        };
        let _version = number().ok_or(NOT_ASN1)?;
        let modulus = number().ok_or(NOT_ASN1)?;
        let _public = number().ok_or(NOT_ASN1)?;
        let exponent = number().ok_or(NOT_ASN1)?;
        PrivateKey::new(modulus, exponent)
    }

    fn from_pkcs8(der: &[u8]) -> Result<PrivateKey, &'static str> {
        let (info, _) = element(der, 0x30).ok_or(NOT_ASN1)?;
        let (_version, rest) = element(info, 0x02).ok_or(NOT_ASN1)?;
        let (algorithm, rest) = element(rest, 0x30).ok_or(NOT_ASN1)?;
        let (id, _) = element(algorithm, 0x06).ok_or(NOT_ASN1)?;
        if id != RSA_ENCRYPTION {
            return Err("the key is not an RSA key");
        }
        let (key, _) = element(rest, 0x04).ok_or(NOT_ASN1)?;
        PrivateKey::from_pkcs1(key)
    }

    fn from_openssh(data: &[u8]) -> Result<PrivateKey, &'static str> {
        const BAD: &str = "invalid OpenSSH data in the given private key";
        let rest = data.strip_prefix(b"openssh-key-v1\0").ok_or(BAD)?;
        let (cipher, rest) = field(rest).ok_or(BAD)?;
        if cipher != b"none" {
            return Err("the key is protected by a password");
        }
        let (_kdf, rest) = field(rest).ok_or(BAD)?;
        let (_options, rest) = field(rest).ok_or(BAD)?;
        let (_count, rest) = rest.split_at_checked(4).ok_or(BAD)?;
        let (_public, rest) = field(rest).ok_or(BAD)?;
        let (private, _) = field(rest).ok_or(BAD)?;
        let (_check, rest) = private.split_at_checked(8).ok_or(BAD)?;
        let (kind, rest) = field(rest).ok_or(BAD)?;
        if kind != b"ssh-rsa" {
            return Err("the key is not an RSA key");
        }
        let (modulus, rest) = field(rest).ok_or(BAD)?;
        let (_public, rest) = field(rest).ok_or(BAD)?;
        let (exponent, _) = field(rest).ok_or(BAD)?;
        PrivateKey::new(
            BigUint::from_bytes_be(modulus),
            BigUint::from_bytes_be(exponent),
        )
    }

    fn new(modulus: BigUint, exponent: BigUint) -> Result<PrivateKey, &'static str> {
        // A modulus beyond this is nobody's key but somebody's way to keep us busy.
        if modulus.bits() < 64 || modulus.bits() > 16_384 || exponent.bits() > modulus.bits() {
            return Err("the key's size is not supported");
        }
        Ok(PrivateKey { modulus, exponent })
    }

    /// The decrypted bytes; nothing if this key cannot decrypt them.
    pub(super) fn decrypt(&self, ciphertext: &[u8]) -> Option<Vec<u8>> {
        let size = usize::try_from(self.modulus.bits().div_ceil(8)).ok()?;
        let number = BigUint::from_bytes_be(ciphertext);
        if ciphertext.len() > size || number >= self.modulus {
            return None;
        }
        let bytes = number.modpow(&self.exponent, &self.modulus).to_bytes_be();
        let mut block = vec![0; size.checked_sub(bytes.len())?];
        block.extend(bytes);
        let padded = block.strip_prefix(&[0, 2])?;
        let zero = padded.iter().position(|b| *b == 0).filter(|at| *at >= 8)?;
        padded.get(zero + 1..).map(<[u8]>::to_vec)
    }
}

/// The label and the inside of the first PEM block.
fn pem(text: &str) -> Option<(&str, String)> {
    let (_, after) = text.split_once("-----BEGIN ")?;
    let (label, after) = after.split_once("-----")?;
    let (body, _) = after.split_once(&format!("-----END {label}-----"))?;
    // Header lines, such as those of encrypted keys, have a colon.
    let encrypted = body.lines().any(|l| l.contains("ENCRYPTED"));
    let data: String = if encrypted {
        "ENCRYPTED".to_owned()
    } else {
        body.lines()
            .filter(|l| !l.contains(':'))
            .map(str::trim)
            .collect()
    };
    Some((label, data))
}

/// The content of an ASN.1 element with this tag, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.split_first()?;
    if *first != tag {
        return None;
    }
    let (length, rest) = rest.split_first()?;
    let (length, rest) = if *length < 0x80 {
        (usize::from(*length), rest)
    } else {
        let count = usize::from(length & 0x7f);
        let (bytes, rest) = rest
            .split_at_checked(count)
            .filter(|_| (1..=4).contains(&count))?;
        let length = bytes.iter().fold(0, |n, b| n << 8 | usize::from(*b));
        (length, rest)
    };
    rest.split_at_checked(length)
}

/// A field of the SSH encodings: four bytes of length and the content.
fn field(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = data.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}
