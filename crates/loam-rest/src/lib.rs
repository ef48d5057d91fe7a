//! Providers that are data: HCL describes a REST API, and this crate does the rest.
//!
//! Comes in: a description ([`RestProviderType::parse`]) and the operations of the
//! provider interface. Goes out: planned changes, states, diagnostics; in between,
//! requests within the API's limits. This crate deliberately knows no cloud, no
//! configuration files, no state storage and no terminal. Nothing here mentions a
//! provider by name: what an API needs and the description cannot say becomes a feature
//! of the description.
//!
//! Reading order: `description` (what can be said), `provider` (the interface), `plan`, `offers`,
//! `read`, `apply`, `wait`, `recover` (the operations), `run` (requests in order),
//! `client`, `answer` (one request), `limiter`, `budget`, `ledger` (when it may be sent).

mod answer;
mod apply;
mod budget;
mod client;
mod cost;
mod data;
mod description;
mod expression;
mod failure;
mod form;
mod import;
mod json;
mod ledger;
mod limiter;
mod login;
mod memory;
mod object;
mod offers;
mod paging;
mod plan;
mod provider;
mod read;
mod recover;
mod request;
mod run;
mod select;
mod turns;
mod wait;
mod window;

pub use provider::RestProviderType;
