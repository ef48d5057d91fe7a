//! Configurations in memory, loaded as a user's would be.

mod support;

mod accepted;
mod rejected;
