//! Encodings of values and types.
