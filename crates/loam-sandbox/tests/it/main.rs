//! The sandbox as its clients see it: over real HTTP on loopback.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod contracts;
mod control;
mod cyberpanel;
mod harness;
mod nonsense;
mod serverspace;
mod vpsorg;
mod xelon;
mod xessone;
