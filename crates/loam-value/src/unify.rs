//! The common type of several types.
