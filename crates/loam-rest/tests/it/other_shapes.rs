//! What is assumed of a cloud may be different on the live service: other likely shapes of
//! its answers are taken as well, and where a request is not offered the error says so.

use loam_provider::{PlanRequest, ProviderType, ReadDepth, ReadOutcome};
use loam_value::{Type, Value};
use serde_json::{Value as Json, json};

use crate::world::{Stored, World, machine, said, text};

/// From now on a request is answered like this.
async fn answer(world: &World, method: &str, path: &str, status: u16, body: Json) {
    world.control("DELETE", "faults", json!({})).await;
    world
        .fault(json!({"kind": "respond", "method": method, "path": path, "status": status, "body": body,
            "always": true}))
        .await;
}

async fn read(world: &World, kind: &str, object: &Stored) -> ReadOutcome {
    let objects = std::slice::from_ref(object);
    world.read(kind, objects, ReadDepth::Full).await.remove(0)
}

fn is_present(outcome: &ReadOutcome) -> bool {
    matches!(outcome, ReadOutcome::Present { .. })
}

#[tokio::test]
async fn a_list_may_be_inside_an_object() {
    let world = World::of("xessone").await;
    let bucket = world
        .create("xessone_bucket", json!({"name": "media"}))
        .await;
    let item =
        json!({"name": "media", "region": "sgp1", "created_at": text(&bucket.state, "created_at")});
    for data in [
        json!([item]),
        json!({"items": [item]}),
        json!({"buckets": [item]}),
    ] {
        let body = json!({"success": true, "data": data});
        answer(&world, "GET", "/storage/buckets", 200, body.clone()).await;
        let outcome = read(&world, "xessone_bucket", &bucket).await;
        assert!(is_present(&outcome), "{body}: {outcome:?}");
    }
    // An object that has no list is no empty list: nothing counts as gone.
    let body = json!({"success": true, "data": {"something": []}});
    answer(&world, "GET", "/storage/buckets", 200, body).await;
    let outcome = read(&world, "xessone_bucket", &bucket).await;
    assert!(matches!(outcome, ReadOutcome::Failed(_)), "{outcome:?}");
}

#[tokio::test]
async fn a_delete_may_be_answered_without_a_body() {
    let world = World::of("xessone").await;
    let bucket = world
        .create("xessone_bucket", json!({"name": "media"}))
        .await;
    answer(&world, "DELETE", "/storage/buckets/*", 204, json!("")).await;
    let outcome = world.delete("xessone_bucket", &bucket).await;
    let problems = said(&outcome.diagnostics);
    assert!(outcome.state.is_null(), "{problems}");
}

#[tokio::test]
async fn errors_in_any_shape_are_shown() {
    let world = World::of("xessone").await;
    let config = world.config("xessone_bucket", json!({"name": "media"}));
    for body in [
        json!({"success": false, "error": {"code": "x", "message": "No room left"}}),
        json!({"success": false, "error": "No room left"}),
        json!({"message": "No room left"}),
        json!("<html>No room left</html>"),
    ] {
        answer(&world, "POST", "/storage/buckets", 400, body.clone()).await;
        let outcome = world.apply("xessone_bucket", None, &config).await;
        let problems = said(&outcome.diagnostics);
        assert!(
            problems.contains("was answered 400") && problems.contains("No room left"),
            "{body}: {problems}"
        );
        assert!(outcome.state.is_null() && !outcome.unknown, "{body}");
    }
}

#[tokio::test]
async fn a_password_that_the_service_makes_is_kept_as_a_secret() {
    let world = World::of("xessone").await;
    let arguments = json!({"address": "me@demo.test", "password": "secret-pass-1"});
    let mailbox = world.create("xessone_email_account", arguments).await;
    assert!(
        mailbox.state.get("assigned_password").unwrap().is_null(),
        "the emulated service takes the password that it is given"
    );
    let theirs = json!({"success": true, "data": {"id": "eml-1", "password": "made-by-them"}});
    answer(&world, "PATCH", "/email/*/password", 200, theirs).await;
    let arguments = json!({"address": "me@demo.test", "password": "secret-pass-2"});
    let config = world.config("xessone_email_account", arguments);
    let outcome = world
        .apply("xessone_email_account", Some(&mailbox), &config)
        .await;
    assert_eq!(text(&outcome.state, "assigned_password"), "made-by-them");
    let schema = &world.kind.schema().resources["xessone_email_account"];
    assert!(schema.block.attributes["assigned_password"].sensitive);
}

#[tokio::test]
async fn a_record_for_a_zone_that_is_not_there_says_where_zones_are_made() {
    let world = World::of("xessone").await;
    let arguments = json!({"zone": "no.test", "type": "A", "name": "www", "value": "192.0.2.1"});
    let config = world.config("xessone_dns_record", arguments);
    let outcome = world.apply("xessone_dns_record", None, &config).await;
    let problems = said(&outcome.diagnostics);
    assert!(outcome.state.is_null() && !outcome.unknown, "{problems}");
    assert!(
        problems.contains("Zones are made in the dashboard"),
        "{problems}"
    );
}

#[tokio::test]
async fn a_records_name_may_be_whole_or_within_the_zone() {
    let world = World::of("xessone").await;
    let record = |name: &str| json!({"zone": "demo.test", "type": "TXT", "name": name, "value": format!("about {name}")});
    for (written, stored) in [
        ("www.demo.test.", "www"),
        ("WWW2.demo.test", "WWW2"),
        ("demo.test", "@"),
        ("deep.er", "deep.er"),
    ] {
        let object = world.create("xessone_dns_record", record(written)).await;
        assert_eq!(text(&object.state, "name"), written, "as it was written");
        let objects = world.objects().await;
        let made = objects["xessone"]["dns_record"].as_array().unwrap();
        assert!(made.iter().any(|r| r["name"] == json!(stored)), "{made:?}");
        let again = match read(&world, "xessone_dns_record", &object).await {
            ReadOutcome::Present { state, private } => Stored {
                state,
                private,
                pending: false,
            },
            other => panic!("{other:?}"),
        };
        let config = world.config("xessone_dns_record", record(written));
        let plan = world
            .plan("xessone_dns_record", Some(&again), &config)
            .await;
        assert_eq!(plan.planned, again.state, "{written}");
        assert!(plan.requires_replace.is_empty(), "{written}");
    }
}

#[tokio::test]
async fn destroying_a_mailbox_or_a_zone_warns() {
    for (cloud, kind, arguments, warning) in [
        (
            "xessone",
            "xessone_email_account",
            json!({"address": "me@demo.test", "password": "secret-pass-1"}),
            "mails of the mailbox are deleted",
        ),
        (
            "vpsorg",
            "vpsorg_dns_zone",
            json!({"domain": "zone.test"}),
            "records of the zone are deleted",
        ),
    ] {
        let world = World::of(cloud).await;
        let object = world.create(kind, arguments).await;
        let null = Value::null(Type::Dynamic);
        let request = PlanRequest {
            kind,
            prior: &object.state,
            config: &null,
            proposed: &null,
            private: &object.private,
            pending: false,
        };
        let plan = world.provider.plan_change(request).await;
        let told = said(&plan.diagnostics);
        assert!(
            told.contains(warning) && !plan.diagnostics.has_errors(),
            "{told}"
        );
    }
}

fn server() -> Json {
    json!({"hostname": "api.demo.test", "location": 4, "plan": "5b0c7c1e-6a55-4f0e-9d0a-2f6f4f0a1b11",
        "os_version": "c2d9a1f0-31f7-4b3e-8c55-0a9be7d2e901"})
}

#[tokio::test]
async fn a_request_that_is_not_offered_is_told_and_changes_nothing() {
    let world = World::of("vpsorg").await;
    let object = world.create("vpsorg_server", server()).await;
    let mut renamed = server();
    renamed["hostname"] = json!("api-2.demo.test");
    let config = world.config("vpsorg_server", renamed);
    for status in [404, 405] {
        answer(
            &world,
            "PATCH",
            "/servers/*/",
            status,
            json!({"detail": "No."}),
        )
        .await;
        let outcome = world.apply("vpsorg_server", Some(&object), &config).await;
        let problems = said(&outcome.diagnostics);
        assert!(
            problems.contains("does not document how a host name is changed"),
            "{problems}"
        );
        assert_eq!(text(&outcome.state, "hostname"), "api.demo.test");
        assert!(!outcome.tainted && !outcome.unknown);
    }
}

#[tokio::test]
async fn zones_may_come_in_pages() {
    let world = World::of("vpsorg").await;
    let zone = world
        .create("vpsorg_dns_zone", json!({"domain": "zone.test"}))
        .await;
    let all = [zone.clone(), zone.clone()];
    for paged in [false, true] {
        let body = json!({"paged": paged});
        world.control("POST", "clouds/vpsorg/dns", body).await;
        let outcomes = world
            .read("vpsorg_dns_zone", &all, ReadDepth::Sparing)
            .await;
        assert!(outcomes.iter().all(is_present), "{outcomes:?}");
        let found = world
            .data("vpsorg_dns_zone", json!({"domain": "zone.test"}))
            .await;
        assert_eq!(text(&found.unwrap(), "id"), text(&zone.state, "id"));
    }
}

#[tokio::test]
async fn names_may_be_those_of_the_pages_or_of_the_client() {
    let world = World::of("vpsorg").await;
    let plans = json!({"count": 1, "results": [{"uuid": "p-1", "cpu": 2, "ram": 4, "ram_unit": "GB", "disk_space": 80,
        "transfer": 2048, "monthly_price": 10.5, "hourly_price": 0.015}]});
    answer(&world, "GET", "/plans/", 200, plans).await;
    let plan = world.data("vpsorg_plan", json!({"id": "p-1"})).await;
    let plan = plan.unwrap_or_else(|d| panic!("{}", said(&d)));
    assert_eq!(plan.get("vcpus"), Some(Value::int(2)));
    assert_eq!(plan.get("memory"), Some(Value::int(4096)));
    assert_eq!(plan.get("storage"), Some(Value::int(80)));
    let all = world.data("vpsorg_plans", json!({})).await.unwrap();
    let first = all.get("plans").unwrap().elements().unwrap()[0].clone();
    assert_eq!(first.get("memory"), Some(Value::int(4096)));
    assert_eq!(first.get("bandwidth"), Some(Value::int(2048)));

    let domain = json!({"uuid": "d-1", "domain_name": "demo.test", "status": "active", "transfer_lock": true,
        "whois_privacy": false, "nameserver1": "ns1.demo.test", "nameserver2": "ns2.demo.test",
        "nameserver3": null, "nameserver4": null});
    answer(&world, "GET", "/domains/", 200, json!([domain])).await;
    let found = world
        .data("vpsorg_domain", json!({"domain_name": "demo.test"}))
        .await;
    let found = found.unwrap_or_else(|d| panic!("{}", said(&d)));
    assert_eq!(found.get("locked"), Some(Value::bool(true)));
    assert_eq!(found.get("privacy_protection"), Some(Value::bool(false)));
    let servers = found.get("nameservers").unwrap();
    assert_eq!(servers.elements().unwrap().len(), 2);
    let all = world.data("vpsorg_domains", json!({})).await.unwrap();
    let first = all.get("domains").unwrap().elements().unwrap()[0].clone();
    assert_eq!(text(&first, "id"), "d-1");
    assert_eq!(
        first.get("nameservers").unwrap().elements().unwrap().len(),
        2
    );
}

#[tokio::test]
async fn a_webhook_is_told_when_a_machine_is_deployed() {
    let world = World::new().await;
    let mut arguments = machine("told.example.com");
    // Answers 404, which is an answer.
    let url = format!("{}/_sandbox/hook", world.sandbox.url());
    arguments["webhook_url"] = json!(url);
    arguments["webhook_secret"] = json!("a-shared-secret");
    let object = world.create("cyberpanel_vps", arguments).await;
    assert_eq!(
        object.state.get("webhook_configured"),
        Some(Value::bool(true))
    );
    assert!(object.state.get("webhook_secret").unwrap().is_null());
    let mut sent = Json::Null;
    for _ in 0..200 {
        sent = world.control("GET", "webhooks", json!({})).await["webhooks"][0].clone();
        if !sent.is_null() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(sent["url"], json!(url));
    let body: Json = serde_json::from_str(sent["body"].as_str().unwrap()).unwrap();
    assert_eq!(body["event"], json!("vps.deployment.completed"));
    assert_eq!(body["data"]["name"], json!("told.example.com"));
    let plain = world.create("cyberpanel_vps", machine("m.example.com"));
    assert_eq!(
        plain.await.state.get("webhook_configured"),
        Some(Value::bool(false))
    );
}
