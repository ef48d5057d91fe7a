//! End-to-end tests: the real binary, real files, and an emulated cloud over real HTTP.
//! Each reads as what a user does: a configuration, commands, what is printed, what the
//! cloud then holds.

// What a test expects it may demand: a panic is how it fails.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]
// A test that cannot run here says so.
#![allow(clippy::print_stderr)]

mod accounts;
mod actions;
mod blocks;
mod cloud_actions;
mod cloud_docs;
mod cloud_triggers;
mod command_line;
mod cyberpanel;
mod debug_log;
mod errors;
mod events;
mod faults;
mod habits;
mod importing;
mod inspecting;
mod language;
mod local;
mod modules;
mod own_providers;
mod polling;
mod provisioners;
mod refreshing;
#[cfg(unix)]
mod remote;
mod requests;
mod running;
mod servers;
// The server is that of the tests of `loam-provision`.
#[cfg(unix)]
#[path = "../../crates/loam-provision/tests/remote/server.rs"]
mod ssh_server;
mod state;
mod things;
mod transcripts;
mod world;
