//! One object from its plan to its end.

use loam_provider::{ProviderType, ReadDepth, ReadOutcome};
use loam_value::{Type, Value};
use serde_json::json;

use crate::world::{Stored, Watch, World, machine, said, stored, text};

const VPS: &str = "cyberpanel_vps";

#[tokio::test]
async fn a_machine_is_created_read_changed_and_deleted() {
    let world = World::new().await;
    let config = world.config(VPS, machine("a.example.com"));

    let plan = world.plan(VPS, None, &config).await;
    assert!(plan.planned.get("id").unwrap().is_unknown());
    assert!(plan.planned.get("root_password").unwrap().is_null());
    assert!(plan.requests >= 3, "{}", plan.requests);

    let watch = Watch::default();
    let object = stored(world.apply_with(VPS, None, &config, &watch).await);
    assert_eq!(text(&object.state, "status"), "running");
    assert_eq!(text(&object.state, "plan_name"), "Starter");
    assert_eq!(text(&object.state, "ssh_user"), "root");
    assert!(object.state.get("root_password").unwrap().is_null());
    assert!(!object.private.0.contains("secret-pass-1"));
    let revealed = watch.revealed.lock().unwrap().clone();
    assert_eq!(
        revealed.len(),
        1,
        "the identity is stored once, before waiting"
    );
    assert_eq!(text(&revealed[0].0, "id"), text(&object.state, "id"));
    let progress = watch.progress.lock().unwrap().clone();
    assert!(progress.iter().all(|p| p.ends_with('%')), "{progress:?}");

    // Nothing changed: the plan is the state, to the last attribute.
    let plan = world.plan(VPS, Some(&object), &config).await;
    assert_eq!(plan.planned, object.state);
    assert!(plan.requires_replace.is_empty() && plan.write_only_changes.is_empty());
    assert_eq!(plan.requests, 0);

    // The power state changes in place, by one request (and a read of what it moved).
    let mut stopped = machine("a.example.com");
    stopped["power_state"] = json!("stopped");
    let config = world.config(VPS, stopped);
    world.forget().await;
    let plan = world.plan(VPS, Some(&object), &config).await;
    assert!(plan.planned.get("status").unwrap().is_unknown());
    let object = stored(world.apply(VPS, Some(&object), &config).await);
    assert_eq!(text(&object.state, "status"), "stopped");
    let id = text(&object.state, "id");
    let requests = world.requests().await;
    assert_eq!(
        requests,
        [
            format!("POST /vps/{id}/stop 200"),
            format!("GET /vps/{id} 200")
        ]
    );

    let gone = world.delete(VPS, &object).await;
    assert!(gone.state.is_null() && gone.diagnostics.is_empty());
    assert!(world.machines().await.is_empty());
    let outcomes = world.read(VPS, &[object], ReadDepth::Sparing).await;
    assert_eq!(outcomes, [ReadOutcome::Gone]);
}

#[tokio::test]
async fn what_cannot_change_in_place_replaces() {
    let world = World::new().await;
    let object = world.create(VPS, machine("a.example.com")).await;
    for (name, value) in [
        ("hostname", json!("b.example.com")),
        ("plan_id", json!(2)),
        ("template_id", json!("9022")),
        ("root_password", json!("another-pass-2")),
    ] {
        let mut changed = machine("a.example.com");
        changed[name] = value;
        let config = world.config(VPS, changed);
        let plan = world.plan(VPS, Some(&object), &config).await;
        let paths: Vec<String> = plan
            .requires_replace
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(paths, [format!(".{name}")]);
        assert_eq!(
            plan.write_only_changes.len(),
            usize::from(name == "root_password")
        );
    }
    let mut noted = machine("a.example.com");
    noted["webhook_url"] = json!("https://example.com/hook");
    let config = world.config(VPS, noted);
    let plan = world.plan(VPS, Some(&object), &config).await;
    assert!(plan.requires_replace.is_empty());
    assert_eq!(plan.requests, 0, "only the state remembers it");
    world.forget().await;
    let after = stored(world.apply(VPS, Some(&object), &config).await);
    assert_eq!(
        text(&after.state, "webhook_url"),
        "https://example.com/hook"
    );
    assert!(world.requests().await.is_empty());
}

#[tokio::test]
async fn arguments_are_checked_before_anything_is_sent() {
    let world = World::new().await;
    let mut wrong = machine("nodots");
    wrong["root_password"] = json!("short");
    wrong["power_state"] = json!("on");
    let problems = world.kind.validate(VPS, &world.config(VPS, wrong));
    let said = said(&problems);
    assert!(said.contains("hostname: A fully qualified"), "{said}");
    assert!(
        said.contains("root_password: The password needs 8 to 72"),
        "{said}"
    );
    assert!(
        said.contains("root_password: The password needs at least"),
        "{said}"
    );
    assert!(said.contains("power_state: "), "{said}");
    assert!(!said.contains("short\""), "{said}");
    assert!(world.requests().await.is_empty());
    let mut unknown = world
        .config(VPS, machine("a.example.com"))
        .entries()
        .unwrap()
        .clone();
    unknown.insert("hostname".into(), Value::unknown(Type::String));
    assert!(world.kind.validate(VPS, &Value::object(unknown)).is_empty());
}

#[tokio::test]
async fn a_machine_may_be_created_stopped() {
    let world = World::new().await;
    let mut arguments = machine("a.example.com");
    arguments["power_state"] = json!("stopped");
    let object = world.create(VPS, arguments).await;
    assert_eq!(text(&object.state, "power_state"), "stopped");
    assert_eq!(text(&object.state, "status"), "stopped");
}

#[tokio::test]
async fn an_import_knows_what_the_api_tells_and_replaces_nothing_for_the_rest() {
    let world = World::new().await;
    let object = world.create(VPS, machine("a.example.com")).await;
    let id = text(&object.state, "id");
    let imported = world.provider.import(VPS, &id).await.unwrap();
    let imported = Stored {
        state: imported.state,
        private: imported.private,
        pending: false,
    };
    let mut outcomes = world.read(VPS, &[imported], ReadDepth::Sparing).await;
    let ReadOutcome::Present { state, private } = outcomes.remove(0) else {
        panic!("not there");
    };
    assert_eq!(text(&state, "hostname"), "a.example.com");
    assert!(state.get("template_id").unwrap().is_null());
    let read = Stored {
        state,
        private,
        pending: false,
    };
    let config = world.config(VPS, machine("a.example.com"));
    let plan = world.plan(VPS, Some(&read), &config).await;
    assert!(
        plan.requires_replace.is_empty(),
        "{:?}",
        plan.requires_replace
    );
    let after = stored(world.apply(VPS, Some(&read), &config).await);
    assert_eq!(text(&after.state, "template_id"), "9000");
    let problem = world.provider.import(VPS, "web-1").await.unwrap_err();
    assert!(
        said(&problem).contains("The id has the form <id>"),
        "{}",
        said(&problem)
    );
}

#[tokio::test]
async fn a_snapshot_is_found_by_its_name_and_can_only_be_forgotten() {
    const SNAPSHOT: &str = "cyberpanel_vps_snapshot";
    let world = World::new().await;
    let machine = world.create(VPS, machine("a.example.com")).await;
    let id: i64 = text(&machine.state, "id").parse().unwrap();
    let arguments = json!({"vps_id": id, "name": "before", "description": "x"});
    let config = world.config(SNAPSHOT, arguments.clone());
    let plan = world.plan(SNAPSHOT, None, &config).await;
    assert_eq!(
        text(&plan.planned, "id"),
        format!("{id}/before"),
        "known before it exists"
    );
    let object = world.create(SNAPSHOT, arguments).await;
    let outcomes = world
        .read(SNAPSHOT, std::slice::from_ref(&object), ReadDepth::Sparing)
        .await;
    assert!(matches!(&outcomes[0], ReadOutcome::Present { state, .. } if *state == object.state));

    let replaced = world.config(
        SNAPSHOT,
        json!({"vps_id": id, "name": "before", "description": "y"}),
    );
    let plan = world.plan(SNAPSHOT, Some(&object), &replaced).await;
    assert_eq!(plan.requires_replace.len(), 1);
    assert!(said(&plan.diagnostics).contains("needs another name"));

    world.forget().await;
    let outcome = world.delete(SNAPSHOT, &object).await;
    assert!(outcome.state.is_null() && !outcome.diagnostics.has_errors());
    assert!(said(&outcome.diagnostics).contains("stays on the machine"));
    assert!(world.requests().await.is_empty());

    let imported = world
        .provider
        .import(SNAPSHOT, &format!("{id}/before"))
        .await
        .unwrap();
    assert_eq!(text(&imported.state, "id"), format!("{id}/before"));
}

#[tokio::test]
async fn data_sources_and_actions() {
    let world = World::new().await;
    let object = world.create(VPS, machine("a.example.com")).await;
    let id = text(&object.state, "id");
    let null_config = |kind: &str| {
        let ty = world.kind.schema().data_sources[kind].block.implied_type();
        let Type::Object(o) = &ty else { panic!() };
        let entries = o
            .attributes
            .iter()
            .map(|(n, t)| (n.clone(), Value::null(t.clone())));
        entries.collect::<loam_value::ValueMap>()
    };
    let keys = null_config("cyberpanel_api_keys");
    let keys = world
        .provider
        .read_data("cyberpanel_api_keys", &Value::object(keys))
        .await
        .unwrap();
    let keys = keys.get("api_keys").unwrap();
    let key = keys.elements().unwrap()[0].get("id").unwrap();
    for kind in world.kind.schema().data_sources.keys() {
        let mut config = null_config(kind);
        if let Some(v) = config.get_mut("vps_id") {
            *v = Value::int(id.parse().unwrap());
        }
        if let Some(v) = config.get_mut("key_id") {
            *v = key.clone();
        }
        if &**kind == VPS {
            config.insert("name".into(), Value::string("a.example.com"));
        }
        let result = world.provider.read_data(kind, &Value::object(config)).await;
        let result = result.unwrap_or_else(|d| panic!("{kind}: {}", said(&d)));
        let ty = world.kind.schema().data_sources[kind].block.implied_type();
        assert_eq!(result.ty(), ty, "{kind}");
        if &**kind == VPS {
            assert_eq!(text(&result, "id"), id);
        }
    }
    let watch = Watch::default();
    for kind in world.kind.schema().actions.keys() {
        let config = Value::object_of([("vps_id", Value::int(id.parse().unwrap()))]);
        let request = loam_provider::InvokeRequest {
            kind,
            address: "action.x",
            config: &config,
        };
        let problems = world.provider.invoke(request, &watch).await;
        assert!(problems.is_empty(), "{kind}: {}", said(&problems));
    }
    let messages = watch.progress.lock().unwrap().join("\n");
    assert!(messages.contains("a.example.com is stopped"), "{messages}");
    assert!(messages.contains("https://"), "{messages}");
}
