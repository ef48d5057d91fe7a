//! The provider against the sandbox: real requests over loopback.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod actions;
mod checks;
mod clouds;
mod descriptions;
mod every_cloud;
mod faults;
mod lifecycle;
mod machines;
mod other_shapes;
mod reading;
mod recovery;
mod serverspace;
mod world;
mod xelon;
