//! What goes wrong on the way: the right error, the right state, nothing twice, nothing
//! lost.

use loam_provider::{ProviderType, ReadDepth, ReadOutcome};
use loam_sandbox::{RateLimits, SandboxConfig};
use loam_value::Value;
use serde_json::json;

use crate::world::{Stored, Watch, World, machine, quick, said, stored, text};

const VPS: &str = "cyberpanel_vps";

fn count(requests: &[String], start: &str) -> usize {
    requests.iter().filter(|r| r.starts_with(start)).count()
}

fn failure(outcome: &ReadOutcome) -> String {
    match outcome {
        ReadOutcome::Failed(d) => said(d),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_wrong_key_says_where_the_key_comes_from() {
    let config = SandboxConfig::default();
    let wrong = [("CYBERPANEL_API_KEY", "cyp_live_not-this-one")];
    let world = World::with(config, &quick("cyberpanel"), &wrong).await;
    let config = world.config(VPS, machine("a.example.com"));
    let outcome = world.apply(VPS, None, &config).await;
    assert!(outcome.state.is_null() && !outcome.unknown && !outcome.pending);
    let said = said(&outcome.diagnostics);
    assert!(
        said.contains("POST /vps/create was answered 401 INVALID_API_KEY"),
        "{said}"
    );
    assert!(
        said.contains("\\\"api_key\\\" in the provider block or CYBERPANEL_API_KEY"),
        "{said}"
    );
    assert!(!said.contains("not-this-one"), "{said}");
    assert_eq!(
        outcome.diagnostics.0[0].address.as_deref(),
        Some("cyberpanel_vps.test")
    );
}

#[tokio::test]
async fn a_missing_scope_is_named() {
    let mut world = World::new().await;
    let key = world
        .control(
            "POST",
            "keys",
            json!({"cloud": "cyberpanel", "scopes": ["vps:read"]}),
        )
        .await;
    let key = key["key"]
        .as_str()
        .or_else(|| key["api_key"].as_str())
        .unwrap()
        .to_owned();
    let kind = crate::world::provider_type(
        &world.sandbox,
        &quick("cyberpanel"),
        &[("CYBERPANEL_API_KEY", &key)],
    );
    let none = Value::null(kind.schema().provider.implied_type());
    world.provider = kind.configure(&none).unwrap();
    let config = world.config(VPS, machine("a.example.com"));
    let outcome = world.apply(VPS, None, &config).await;
    let said = said(&outcome.diagnostics);
    assert!(said.contains("403 INSUFFICIENT_SCOPE"), "{said}");
    assert!(said.contains("needs the permission vps:write"), "{said}");
    assert!(outcome.state.is_null());
}

#[tokio::test]
async fn a_refused_create_leaves_nothing() {
    let world = World::new().await;
    let mut arguments = machine("a.example.com");
    arguments["plan_id"] = json!(999);
    let config = world.config(VPS, arguments);
    let outcome = world.apply(VPS, None, &config).await;
    assert!(outcome.state.is_null() && !outcome.unknown);
    let said = said(&outcome.diagnostics);
    assert!(said.contains("400 PLAN_NOT_FOUND"), "{said}");
    assert!(said.contains("cyberpanel_plans lists the plans"), "{said}");
}

#[tokio::test]
async fn too_many_requests_wait_as_long_as_they_are_told() {
    let world = World::new().await;
    world
        .fault(
            json!({"kind": "respond", "method": "POST", "path": "/vps/create", "status": 429,
        "headers": {"Retry-After": "1"}}),
        )
        .await;
    let started = std::time::Instant::now();
    let object = world.create(VPS, machine("a.example.com")).await;
    assert!(started.elapsed().as_millis() >= 1000);
    assert_eq!(text(&object.state, "status"), "running");
    let requests = world.requests().await;
    assert_eq!(
        count(&requests, "POST /vps/create"),
        2,
        "a 429 was not executed: {requests:?}"
    );
    assert_eq!(world.machines().await, ["a.example.com"]);
}

#[tokio::test]
async fn a_read_survives_one_failure_and_reports_a_lasting_one() {
    let world = World::new().await;
    let object = world.create(VPS, machine("a.example.com")).await;
    world
        .fault(json!({"kind": "respond", "method": "GET", "path": "/vps/*", "status": 500}))
        .await;
    let outcomes = world
        .read(VPS, std::slice::from_ref(&object), ReadDepth::Full)
        .await;
    assert!(matches!(outcomes[0], ReadOutcome::Present { .. }));
    world.fault(json!({"kind": "respond", "method": "GET", "path": "/vps/*", "status": 500, "always": true})).await;
    let outcomes = world
        .read(VPS, std::slice::from_ref(&object), ReadDepth::Full)
        .await;
    let said = failure(&outcomes[0]);
    assert!(
        said.contains("The API failed") && said.contains("GET /vps/"),
        "{said}"
    );
}

#[tokio::test]
async fn a_read_survives_a_broken_connection() {
    let world = World::new().await;
    let object = world.create(VPS, machine("a.example.com")).await;
    world
        .fault(json!({"kind": "drop", "method": "GET", "path": "/vps/*", "count": 2}))
        .await;
    let outcomes = world.read(VPS, &[object], ReadDepth::Full).await;
    assert!(
        matches!(outcomes[0], ReadOutcome::Present { .. }),
        "{outcomes:?}"
    );
}

#[tokio::test]
async fn malformed_json_is_an_error_and_no_absence() {
    let world = World::new().await;
    let object = world.create(VPS, machine("a.example.com")).await;
    world
        .fault(json!({"kind": "malformed", "method": "GET", "path": "/vps/*", "always": true}))
        .await;
    let outcomes = world.read(VPS, &[object], ReadDepth::Full).await;
    let said = failure(&outcomes[0]);
    assert!(said.contains("something else than JSON"), "{said}");
}

#[tokio::test]
async fn a_good_status_with_an_error_body_is_an_error() {
    let world = World::new().await;
    world
        .fault(
            json!({"kind": "respond", "method": "POST", "path": "/vps/create", "status": 200,
        "body": {"success": false, "error_code": "MAINTENANCE", "message": "Back soon"}}),
        )
        .await;
    let config = world.config(VPS, machine("a.example.com"));
    let outcome = world.apply(VPS, None, &config).await;
    assert!(outcome.state.is_null() && !outcome.unknown);
    let said = said(&outcome.diagnostics);
    assert!(said.contains("200 MAINTENANCE: Back soon"), "{said}");
}

#[tokio::test]
async fn an_echoed_password_is_not_shown() {
    let world = World::new().await;
    world.fault(json!({"kind": "respond", "method": "POST", "path": "/vps/create", "status": 400,
        "body": {"success": false, "error_code": "PASSWORD_WEAK", "message": "secret-pass-1 is weak"}})).await;
    let config = world.config(VPS, machine("a.example.com"));
    let outcome = world.apply(VPS, None, &config).await;
    let said = said(&outcome.diagnostics);
    assert!(said.contains("(sensitive value) is weak"), "{said}");
    assert!(!format!("{:?} {:?}", outcome, world.provider.usage()).contains("secret-pass-1"));
}

#[tokio::test]
async fn gone_is_400_and_404() {
    let world = World::new().await;
    let object = world.create(VPS, machine("a.example.com")).await;
    world.delete(VPS, &object).await;
    let one = std::slice::from_ref(&object);
    assert_eq!(
        world.read(VPS, one, ReadDepth::Full).await,
        [ReadOutcome::Gone]
    );
    world
        .fault(
            json!({"kind": "respond", "method": "GET", "path": "/vps/*", "status": 404,
        "body": {"success": false, "error_code": "VPS_NOT_FOUND", "message": "x"}}),
        )
        .await;
    assert_eq!(
        world.read(VPS, one, ReadDepth::Full).await,
        [ReadOutcome::Gone]
    );
    // An unknown route is no gone machine.
    world
        .fault(
            json!({"kind": "respond", "method": "GET", "path": "/vps/*", "status": 404,
        "body": {"success": false, "error_code": "NOT_FOUND", "message": "no route"}}),
        )
        .await;
    failure(&world.read(VPS, one, ReadDepth::Full).await[0]);
    // Deleting what is gone is done.
    let outcome = world.delete(VPS, &object).await;
    assert!(outcome.state.is_null() && outcome.diagnostics.is_empty());
}

#[tokio::test]
async fn a_delete_survives_broken_connections() {
    for effect in ["before", "after"] {
        let world = World::new().await;
        let object = world.create(VPS, machine("a.example.com")).await;
        world.fault(json!({"kind": "drop", "method": "POST", "path": "/vps/*/delete", "effect": effect})).await;
        let outcome = world.delete(VPS, &object).await;
        assert!(
            outcome.state.is_null(),
            "{effect}: {:?}",
            outcome.diagnostics
        );
        assert!(outcome.diagnostics.is_empty());
        assert!(world.machines().await.is_empty());
    }
}

#[tokio::test]
async fn a_delete_that_fails_keeps_the_object() {
    let world = World::new().await;
    let object = world.create(VPS, machine("a.example.com")).await;
    world.fault(json!({"kind": "respond", "method": "POST", "path": "/vps/*/delete", "status": 500,
        "body": {"success": false, "error_code": "DELETE_FAILED", "message": "hypervisor"}, "always": true})).await;
    world.forget().await;
    let outcome = world.delete(VPS, &object).await;
    assert_eq!(outcome.state, object.state);
    assert!(outcome.diagnostics.has_errors());
    let requests = world.requests().await;
    assert_eq!(
        count(&requests, "POST "),
        1,
        "final for the call: {requests:?}"
    );
}

#[tokio::test]
async fn a_failed_deployment_keeps_the_object_as_tainted() {
    let world = World::new().await;
    world
        .fault(
            json!({"kind": "deployment_failure", "name": "a.*", "task": "configure_network",
        "message": "No route to the gateway"}),
        )
        .await;
    let config = world.config(VPS, machine("a.example.com"));
    let outcome = world.apply(VPS, None, &config).await;
    assert!(outcome.tainted && !outcome.pending && !outcome.unknown);
    let said = said(&outcome.diagnostics);
    assert!(
        said.contains("configure_network") && said.contains("No route to the gateway"),
        "{said}"
    );
    let object = Stored {
        state: outcome.state,
        private: outcome.private,
        pending: false,
    };
    assert!(!text(&object.state, "id").is_empty());
    assert!(world.delete(VPS, &object).await.state.is_null());
}

#[tokio::test]
async fn an_interrupted_wait_is_taken_up_again() {
    let world = World::at_speed(60.0).await;
    let config = world.config(VPS, machine("a.example.com"));
    let watch = Watch {
        stop_when_revealed: true,
        ..Watch::default()
    };
    let outcome = world.apply_with(VPS, None, &config, &watch).await;
    assert!(outcome.pending && !outcome.tainted && !outcome.unknown);
    assert!(!outcome.diagnostics.has_errors());
    let object = Stored {
        state: outcome.state,
        private: outcome.private,
        pending: true,
    };
    // What was stored when the identity was revealed would do as well.
    assert_eq!(
        watch.revealed.lock().unwrap()[0].0.get("id"),
        object.state.get("id")
    );
    let mut outcomes = world
        .read(VPS, std::slice::from_ref(&object), ReadDepth::Sparing)
        .await;
    let ReadOutcome::Present { state, private } = outcomes.remove(0) else {
        panic!()
    };
    let read = Stored {
        state,
        private,
        pending: true,
    };
    let plan = world.plan(VPS, Some(&read), &config).await;
    assert!(plan.requires_replace.is_empty());
    assert!(plan.requests >= 1);
    world.forget().await;
    let done = stored(world.apply(VPS, Some(&read), &config).await);
    assert_eq!(text(&done.state, "status"), "running");
    assert_eq!(text(&done.state, "ssh_user"), "root");
    assert_eq!(count(&world.requests().await, "POST /vps/create"), 0);
    assert_eq!(world.machines().await.len(), 1);
}

#[tokio::test]
async fn what_is_complete_is_not_gone_on_with() {
    let world = World::new().await;
    let mut arguments = machine("a.example.com");
    arguments["power_state"] = json!("stopped");
    let object = world.create(VPS, arguments.clone()).await;
    // Its provisioners may be left over: of its creation nothing is.
    let left = Stored {
        pending: true,
        ..object
    };
    world.forget().await;
    let config = world.config(VPS, arguments);
    stored(world.apply(VPS, Some(&left), &config).await);
    let requests = world.requests().await;
    assert!(
        requests
            .iter()
            .all(|r| !r.contains("/stop") && !r.contains("/deployment")),
        "{requests:?}"
    );
}

#[tokio::test]
async fn a_wait_that_takes_too_long_is_pending() {
    let world = World::at_speed(1.0).await;
    let mut arguments = machine("a.example.com");
    arguments["timeouts"] = json!({"create": "1s"});
    let config = world.config(VPS, arguments);
    let outcome = world.apply(VPS, None, &config).await;
    assert!(outcome.pending && !outcome.tainted);
    let said = said(&outcome.diagnostics);
    assert!(
        said.contains("not finished within 1 s") && said.contains("timeouts"),
        "{said}"
    );
    assert!(!outcome.state.is_null());
}

#[tokio::test]
async fn an_api_that_is_not_there() {
    let config = SandboxConfig {
        rate_limits: RateLimits::Off,
        ..SandboxConfig::default()
    };
    let nowhere = [("CYBERPANEL_ENDPOINT", "http://127.0.0.1:9/api")];
    let world = World::with(config, &quick("cyberpanel"), &nowhere).await;
    let config = world.config(VPS, machine("a.example.com"));
    let outcome = world.apply(VPS, None, &config).await;
    assert!(
        outcome.state.is_null() && !outcome.unknown,
        "nothing was sent"
    );
    let said = said(&outcome.diagnostics);
    assert!(
        said.contains("cannot be reached") && said.contains("CYBERPANEL_ENDPOINT"),
        "{said}"
    );
}

#[tokio::test]
async fn plain_http_is_for_this_machine_only() {
    let world = World::new().await;
    let ty = world.kind.schema().provider.implied_type();
    let with = |endpoint: &str| {
        let loam_value::Type::Object(o) = &ty else {
            panic!()
        };
        let mut entries: loam_value::ValueMap = o
            .attributes
            .iter()
            .map(|(n, t)| (n.clone(), Value::null(t.clone())))
            .collect();
        entries.insert("endpoint".into(), Value::string(endpoint));
        world.kind.configure(&Value::object(entries)).map(drop)
    };
    let refused = with("http://platform.example.com/api/v1").unwrap_err();
    assert!(said(&refused).contains("plain http"), "{}", said(&refused));
    assert!(with("http://127.0.0.1.example.com/").is_err());
    assert!(with("http://localhost:1/").is_ok());
    assert!(with("http://[::1]:1/").is_ok());
    assert!(with("https://platform.example.com/api/v1").is_ok());
}
