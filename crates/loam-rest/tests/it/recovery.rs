//! Creates whose answer was lost.

use std::time::{Duration, SystemTime};

use loam_provider::{Intent, IntentAction, ReadDepth, ReadOutcome, Recovery};
use loam_value::{Type, Value};
use serde_json::json;

use crate::world::{Stored, World, machine, said, stored, text};

const VPS: &str = "cyberpanel_vps";

#[tokio::test]
async fn a_create_whose_answer_was_lost_is_found_and_adopted() {
    for fault in ["drop", "malformed"] {
        let world = World::new().await;
        let started = SystemTime::now();
        world
            .fault(
                json!({"kind": fault, "method": "POST", "path": "/vps/create", "effect": "after"}),
            )
            .await;
        let config = world.config(VPS, machine("a.example.com"));
        let outcome = world.apply(VPS, None, &config).await;
        assert!(outcome.unknown, "{fault}");
        let said = said(&outcome.diagnostics);
        assert!(said.contains("not known whether it was created"), "{said}");
        assert_eq!(world.machines().await.len(), 1, "{fault}: never repeated");

        let recovery = world.recover(VPS, &config, started, &[]).await;
        let Recovery::Exists {
            state,
            private,
            pending,
        } = recovery
        else {
            panic!("{fault}: {recovery:?}");
        };
        assert!(pending, "its wait has not been done");
        assert_eq!(text(&state, "hostname"), "a.example.com");
        assert_eq!(text(&state, "template_id"), "9000", "as it was planned");
        let object = Stored {
            state,
            private,
            pending,
        };
        let plan = world.plan(VPS, Some(&object), &config).await;
        assert!(plan.requires_replace.is_empty() && plan.write_only_changes.is_empty());
        let done = stored(world.apply(VPS, Some(&object), &config).await);
        assert_eq!(text(&done.state, "status"), "running");
        assert_eq!(world.machines().await.len(), 1);
        let outcomes = world.read(VPS, &[done], ReadDepth::Sparing).await;
        assert!(matches!(outcomes[0], ReadOutcome::Present { .. }));
    }
}

#[tokio::test]
async fn a_create_that_never_arrived_is_absent() {
    for fault in [
        json!({"kind": "drop", "method": "POST", "path": "/vps/create", "effect": "before"}),
        json!({"kind": "respond", "method": "POST", "path": "/vps/create", "status": 502, "body": "<html>"}),
    ] {
        let world = World::new().await;
        let started = SystemTime::now();
        world.fault(fault).await;
        let config = world.config(VPS, machine("a.example.com"));
        let outcome = world.apply(VPS, None, &config).await;
        assert!(outcome.unknown);
        assert!(world.machines().await.is_empty());
        assert_eq!(
            world.recover(VPS, &config, started, &[]).await,
            Recovery::Absent
        );
    }
}

#[tokio::test]
async fn what_is_known_or_older_or_different_is_not_adopted() {
    let world = World::new().await;
    let known = world.create(VPS, machine("a.example.com")).await;
    let config = world.config(VPS, machine("a.example.com"));
    let just_now = SystemTime::now() - Duration::from_secs(3600);
    let absent = world
        .recover(VPS, &config, just_now, std::slice::from_ref(&known))
        .await;
    assert_eq!(absent, Recovery::Absent, "it belongs to another address");
    let mut other = machine("a.example.com");
    other["plan_id"] = json!(2);
    let other = world.config(VPS, other);
    assert_eq!(
        world.recover(VPS, &other, just_now, &[]).await,
        Recovery::Absent
    );
    let later = SystemTime::now() + Duration::from_secs(365 * 86_400);
    assert_eq!(
        world.recover(VPS, &config, later, &[]).await,
        Recovery::Absent
    );
    let found = world.recover(VPS, &config, just_now, &[]).await;
    assert!(matches!(found, Recovery::Exists { .. }), "{found:?}");
}

#[tokio::test]
async fn of_two_that_fit_none_is_adopted() {
    let world = World::new().await;
    let a = world.create(VPS, machine("a.example.com")).await;
    let b = world.create(VPS, machine("a.example.com")).await;
    let config = world.config(VPS, machine("a.example.com"));
    let earlier = SystemTime::now() - Duration::from_secs(3600);
    let Recovery::Unknown(why) = world.recover(VPS, &config, earlier, &[]).await else {
        panic!("one of two was adopted");
    };
    assert!(
        why.contains(&text(&a.state, "id")) && why.contains(&text(&b.state, "id")),
        "{why}"
    );
}

#[tokio::test]
async fn deletes_and_updates_are_looked_up_by_id() {
    let world = World::new().await;
    let object = world.create(VPS, machine("a.example.com")).await;
    let intent = |action| Intent {
        kind: VPS.into(),
        address: "cyberpanel_vps.a".into(),
        action,
        prior: object.state.clone(),
        planned: Value::null(Type::Dynamic),
        private: object.private.clone(),
        started: SystemTime::now(),
        known: Vec::new(),
    };
    let there = world
        .again()
        .recover(vec![intent(IntentAction::Delete)])
        .await;
    assert!(matches!(&there[0], Recovery::Exists { state, .. } if *state == object.state));
    world.delete(VPS, &object).await;
    let both = vec![intent(IntentAction::Delete), intent(IntentAction::Update)];
    assert_eq!(
        world.again().recover(both).await,
        [Recovery::Absent, Recovery::Absent]
    );
}
