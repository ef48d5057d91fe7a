//! End-to-end tests: the real binary, real files, and an emulated cloud over real HTTP.
//! Each reads as what a user does: a configuration, commands, what is printed, what the
//! cloud then holds.

mod cyberpanel;
mod errors;
mod language;
mod local;
mod world;
