//! Encodings of values and types as text.
//!
//! - [`json`]: values as `jsonencode` and `jsondecode` have them, and values of a known
//!   type as state and plan files have them;
//! - [`yaml`]: values as `yamlencode` and `yamldecode` have them;
//! - [`ty`]: types as JSON (`["list","string"]`);
//! - [`state`]: any value with all that there is to it, for the engine's own storage.
//!
//! Decoders refuse what is nested more than [`MAX_DEPTH`] levels deep.

pub mod json;
mod parser;
pub mod state;
pub mod ty;
pub mod yaml;

use std::fmt;

use crate::Path;

/// How deep decoded values and types may be nested. Values are walked recursively, so
/// that there has to be a limit; no document made for people comes near it.
pub const MAX_DEPTH: usize = 500;

/// Why a value cannot be encoded, and which part of it.
#[derive(Clone, Debug, PartialEq)]
pub struct EncodeError {
    /// The part that cannot be encoded.
    pub path: Path,
    /// Why, such as `value is not known`.
    pub message: String,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.0.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for EncodeError {}

/// Why a text cannot be decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// What is wrong.
    pub message: String,
    /// Where in the text, in bytes from its start, if the text itself is at fault.
    pub offset: Option<usize>,
}

impl DecodeError {
    pub(crate) fn new(message: impl Into<String>) -> DecodeError {
        DecodeError {
            message: message.into(),
            offset: None,
        }
    }

    pub(crate) fn at(message: impl Into<String>, offset: usize) -> DecodeError {
        DecodeError {
            message: message.into(),
            offset: Some(offset),
        }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for DecodeError {}
