//! Base64 with the standard alphabet and padding.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

/// Takes bits after the last byte that are not zero, as decoders commonly do.
const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// Bytes as Base64.
pub(super) fn encode(bytes: &[u8]) -> String {
    ENGINE.encode(bytes)
}

/// Base64 as bytes; line breaks in it do not matter.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    if text.contains(['\r', '\n']) {
        ENGINE.decode(text.replace(['\r', '\n'], "")).ok()
    } else {
        ENGINE.decode(text).ok()
    }
}
