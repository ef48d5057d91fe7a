//! Configurations in memory, loaded as a user's would be.

// Helpers of tests fail by panicking.
#![allow(clippy::panic, clippy::expect_used)]

mod dump;
mod support;

mod accepted;
mod blocks;
mod rejected;
mod variables;
