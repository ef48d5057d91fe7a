//! Many objects, few requests.

use futures::future::join_all;
use loam_provider::{ReadDepth, ReadOutcome};
use loam_sandbox::{RateLimits, SandboxConfig};
use serde_json::json;

use crate::world::{Stored, World, machine, quick, said, text};

const VPS: &str = "cyberpanel_vps";

async fn fleet(world: &World, count: usize) -> Vec<Stored> {
    let names = (0..count).map(|i| format!("m{i}.example.com"));
    join_all(names.map(|name| world.create(VPS, machine(&name)))).await
}

fn lists(requests: &[String]) -> usize {
    requests
        .iter()
        .filter(|r| r.starts_with("GET /vps?"))
        .count()
}

#[tokio::test]
async fn two_hundred_and_fifty_machines_are_three_requests() {
    let config = SandboxConfig {
        speed: 1000.0,
        rate_limits: RateLimits::Off,
        opening_balance_cents: 100_000_000,
        ..SandboxConfig::default()
    };
    let world = World::with(config, &quick("cyberpanel"), &[]).await;
    let mut all = fleet(&world, 250).await;
    let polls = world.requests().await;
    let polls = polls.iter().filter(|r| r.contains("/deployment ")).count();
    assert!(
        polls < 2 * 250,
        "most polls ask for the list: {polls} asked for one"
    );

    world.forget().await;
    let outcomes = world.read(VPS, &all, ReadDepth::Sparing).await;
    for (outcome, object) in outcomes.iter().zip(&all) {
        let ReadOutcome::Present { state, private } = outcome else {
            panic!("{outcome:?}");
        };
        assert_eq!(*state, object.state);
        assert_eq!(*private, object.private);
    }
    let requests = world.requests().await;
    assert_eq!(requests.len(), 3, "{requests:?}");
    assert_eq!(lists(&requests), 3);

    // What the list tells takes no more; what is not in it is confirmed by one request.
    let (stopped, gone) = (text(&all[7].state, "id"), text(&all[100].state, "id"));
    world
        .control(
            "POST",
            &format!("clouds/cyberpanel/vps/{stopped}"),
            json!({"running": false}),
        )
        .await;
    world.delete(VPS, &all[100]).await;
    world.forget().await;
    let outcomes = world.read(VPS, &all, ReadDepth::Sparing).await;
    let ReadOutcome::Present { state, .. } = &outcomes[7] else {
        panic!()
    };
    assert_eq!(text(state, "status"), "stopped");
    assert_eq!(text(state, "power_state"), "stopped");
    assert_eq!(outcomes[100], ReadOutcome::Gone);
    let requests = world.requests().await;
    assert_eq!(requests.len(), 4, "{requests:?}");
    assert!(requests.contains(&format!("GET /vps/{gone} 400")));

    // Few of many: asking for them alone is cheaper than all pages.
    all.truncate(1);
    world.forget().await;
    world.read(VPS, &all, ReadDepth::Sparing).await;
    let requests = world.requests().await;
    assert_eq!(requests.len(), 1, "{requests:?}");
}

#[tokio::test]
async fn details_are_asked_for_when_wanted() {
    let world = World::new().await;
    let all = fleet(&world, 3).await;
    world.forget().await;
    world.read(VPS, &all, ReadDepth::Sparing).await;
    assert_eq!(world.requests().await, ["GET /vps?limit=100&offset=0 200"]);
    world.forget().await;
    let outcomes = world.read(VPS, &all, ReadDepth::Full).await;
    assert!(
        outcomes
            .iter()
            .all(|o| matches!(o, ReadOutcome::Present { .. }))
    );
    let requests = world.requests().await;
    assert_eq!((requests.len(), lists(&requests)), (3, 0));
}

#[tokio::test]
async fn the_documented_limit_is_never_overrun() {
    // A minute lasts a second: 60 requests in it.
    let config = SandboxConfig {
        speed: 1000.0,
        rate_limits: RateLimits::On,
        ..SandboxConfig::default()
    };
    let limits = [
        ("CYBERPANEL_REQUESTS_PER_MINUTE", "60"),
        ("CYBERPANEL_REQUESTS_PER_HOUR", "1000"),
    ];
    let world = World::with(config, &quick("cyberpanel"), &limits).await;
    assert_eq!(world.provider.rate_limit().unwrap().per_minute, 60);
    let source = "cyberpanel_plans";
    let null = loam_value::Value::object_of([(
        "plans",
        loam_value::Value::null(loam_value::Type::Dynamic),
    )]);
    let reads = join_all((0..58).map(|_| world.provider.read_data(source, &null))).await;
    for r in reads {
        r.unwrap_or_else(|d| panic!("{}", said(&d)));
    }
    let requests = world.requests().await;
    assert!(requests.iter().all(|r| !r.ends_with("429")), "{requests:?}");
    assert_eq!(world.provider.usage().requests, 58);
}

#[tokio::test]
async fn a_list_that_fails_is_not_absence() {
    let world = World::new().await;
    let all = fleet(&world, 2).await;
    world
        .fault(
            json!({"kind": "respond", "method": "GET", "path": "/vps", "status": 200,
        "body": {"success": true, "data": {"wrong": []}}, "always": true}),
        )
        .await;
    let outcomes = world.read(VPS, &all, ReadDepth::Sparing).await;
    assert!(
        outcomes.iter().all(|o| matches!(o, ReadOutcome::Failed(_))),
        "{outcomes:?}"
    );
}
