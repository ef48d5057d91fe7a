//! Values as YAML, as `yamlencode` and `yamldecode` have them.
//!
//! Scalars are read by the rules that `yamldecode` is known for: YAML 1.1's bools (`yes`,
//! `on`, `n`), decimal, `0o` and `0x` integers, timestamps turned to RFC 3339 text, `<<`
//! merges. One document only; keys have to be scalars and become strings; of several
//! entries with one key the last one counts.
//!
//! The text itself is read by a YAML 1.2 parser. It differs from libyaml, which
//! `yamldecode` is known to use, where libyaml departs from the specification: a line that
//! continues a quoted string, or an item of a flow collection, has to be indented more
//! than the key that it belongs to (only a closing bracket may stand at the margin of the
//! document); a value may not be separated from its colon by a tab alone; an unknown
//! directive is not an error; and if the same anchor is set again within what it stands
//! for, an alias means the inner one.

mod decode;
mod encode;
mod scalar;
mod timestamp;

pub use decode::decode;
pub use encode::encode;

use super::DecodeError;
use crate::Type;

/// The type of the value that [`decode`] makes of the text.
pub fn decode_type(text: &str) -> Result<Type, DecodeError> {
    decode(text).map(|v| v.ty())
}
