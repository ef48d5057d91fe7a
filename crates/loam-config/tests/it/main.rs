//! Configurations in memory, loaded as a user's would be.

mod dump;
mod support;

mod accepted;
mod blocks;
mod rejected;
