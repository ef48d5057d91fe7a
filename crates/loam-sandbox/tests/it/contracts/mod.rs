//! Every example of the clouds' contracts, replayed: the requests are sent as they stand
//! there, and each answer has to be the example's: the same keys, types and values. What a
//! service makes up (ids, times, addresses, keys) has the example's shape, and stays one
//! and the same wherever the example names it again.
//!
//! The files `*.http` beside this one hold the examples:
//!
//! * `## NAME` begins an example, `# NAME` what has to be there for the next one.
//! * Then the request, its body, `> STATUS`, and the body of the answer. `"…"` as a key
//!   says that the object has more than the example shows.
//! * `~ SECONDS` lets time pass.
//! * `loose: KEY …` names keys whose values are made up in the examples: only their types
//!   have to be the same.

mod replay;

use std::collections::BTreeSet;

use crate::harness::Bench;
use replay::Replay;

/// Replays a cloud's examples; there have to be so many.
async fn all(text: &str, url: &str, secret: &str, headers: &[(&str, &str)], count: usize) {
    let bench = Bench::start().await;
    let mut base = bench.variable(url);
    if url == "SERVERSPACE_HOST" {
        base += "/api/v1";
    }
    let mut replay = Replay::new(&bench, base, bench.variable(secret), headers);
    replay.run(text).await;
    let seen: BTreeSet<String> = replay.examples.iter().cloned().collect();
    assert_eq!(
        seen.len(),
        replay.examples.len(),
        "each has a name of its own"
    );
    assert_eq!(seen.len(), count, "{seen:#?}");
}

#[tokio::test]
async fn of_cyberpanel() {
    let headers = [("authorization", "Bearer SECRET")];
    all(
        include_str!("cyberpanel.http"),
        "CYBERPANEL_ENDPOINT",
        "CYBERPANEL_API_KEY",
        &headers,
        4,
    )
    .await;
}

#[tokio::test]
async fn of_xessone() {
    let headers = [("authorization", "Bearer SECRET")];
    all(
        include_str!("xessone.http"),
        "XESSONE_ENDPOINT",
        "XESSONE_API_KEY",
        &headers,
        3,
    )
    .await;
}

#[tokio::test]
async fn of_vpsorg() {
    let headers = [("authorization", "Bearer SECRET")];
    all(
        include_str!("vpsorg.http"),
        "VPSORG_ENDPOINT",
        "VPSORG_API_TOKEN",
        &headers,
        5,
    )
    .await;
}

#[tokio::test]
async fn of_serverspace() {
    let headers = [("x-api-key", "SECRET")];
    all(
        include_str!("serverspace.http"),
        "SERVERSPACE_HOST",
        "SERVERSPACE_KEY",
        &headers,
        20,
    )
    .await;
}

#[tokio::test]
async fn of_xelon() {
    let headers = [
        ("authorization", "Bearer SECRET"),
        ("x-user-id", "sandbox-client"),
    ];
    all(
        include_str!("xelon.http"),
        "XELON_BASE_URL",
        "XELON_TOKEN",
        &headers,
        63,
    )
    .await;
}
