//! What is refused, and in which order.

use super::*;

#[tokio::test]
async fn orders_are_checked_in_order() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    // Everything is wrong; mending one thing at a time brings up the next error.
    let mut body = json!({"hostname": "web", "plan_id": 99, "location_code": "mars", "template_id": "1",
        "ssh_key": "nonsense"});
    bench
        .control(
            Method::POST,
            "clouds/cyberpanel/account",
            json!({"balance": 1.0}),
        )
        .await;
    let steps = [
        ("root_password", json!("short"), "MISSING_FIELDS"),
        ("hostname", json!("web.demo.test"), "INVALID_HOSTNAME"),
        ("root_password", json!("x".repeat(73)), "PASSWORD_TOO_SHORT"),
        ("root_password", json!("onlyletters"), "PASSWORD_TOO_LONG"),
        ("root_password", json!("letters4all"), "PASSWORD_WEAK"),
        ("plan_id", json!(1), "PLAN_NOT_FOUND"),
        ("location_code", json!("la"), "LOCATION_NOT_FOUND"),
        ("template_id", json!("9000"), "INVALID_TEMPLATE"),
        ("ssh_key", Value::Null, "VALIDATION_ERROR"),
    ];
    for (field, mended, code) in steps {
        assert_error(&api.post("/vps/create", body.clone()).await, 400, code);
        body[field] = mended;
    }
    assert_error(
        &api.post("/vps/create", body.clone()).await,
        400,
        "INSUFFICIENT_BALANCE",
    );
    bench
        .control(
            Method::POST,
            "clouds/cyberpanel/account",
            json!({"balance": 19.99}),
        )
        .await;
    assert_error(
        &api.post(
            "/vps/create",
            with(body.clone(), "template_id", json!("9125")),
        )
        .await,
        400,
        "INSUFFICIENT_BALANCE",
    );
    assert_eq!(api.post("/vps/create", body.clone()).await.status, 200);
    // What the document assumes for the undocumented cases.
    assert_error(
        &api.post(
            "/vps/create",
            with(body.clone(), "location_code", json!("eu")),
        )
        .await,
        400,
        "LOCATION_NOT_FOUND",
    );
    bench
        .control(
            Method::POST,
            "clouds/cyberpanel/locations/la",
            json!({"total_ips": 1}),
        )
        .await;
    assert_error(
        &api.post("/vps/create", body.clone()).await,
        400,
        "LOCATION_NOT_FOUND",
    );
    bench
        .control(
            Method::POST,
            "clouds/cyberpanel/account",
            json!({"vps_ordering_enabled": false}),
        )
        .await;
    assert_error(
        &api.post("/vps/create", body).await,
        403,
        "ORDERING_DISABLED",
    );
    let broken = bench
        .send_text(
            Method::POST,
            &format!("{}/vps/create", api.endpoint),
            &[("authorization", &format!("Bearer {}", api.key))],
            Some("{\"hostname\":".to_owned()),
        )
        .await
        .expect("an answer");
    assert_eq!(broken.status, 403, "ordering is checked before the body");
    bench
        .control(
            Method::POST,
            "clouds/cyberpanel/account",
            json!({"vps_ordering_enabled": true}),
        )
        .await;
    assert_error(
        &api.post("/vps/create", json!([1])).await,
        400,
        "VALIDATION_ERROR",
    );
}

#[tokio::test]
async fn bad_queries_ids_and_routes() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    for query in [
        "limit=0",
        "limit=x",
        "limit=-1",
        "offset=-1",
        "status=deploying",
    ] {
        assert_error(
            &api.get(&format!("/vps?{query}")).await,
            400,
            "VALIDATION_ERROR",
        );
    }
    assert_eq!(
        api.data("/vps?limit=500").await["pagination"]["limit"],
        json!(100)
    );
    for id in ["1", "x", "07001", "-1"] {
        assert_error(&api.get(&format!("/vps/{id}")).await, 404, "VPS_NOT_FOUND");
    }
    for (method, path) in [
        (Method::GET, "/vps/create"),
        (Method::GET, "/vps/"),
        (Method::DELETE, "/vps/1"),
        (Method::GET, "/moon"),
    ] {
        assert_error(&api.send(method, path, Value::Null).await, 404, "NOT_FOUND");
    }
    // Somebody else's instance does not exist.
    let id = api.create("mine.demo.test").await;
    let other = Api::with_key(&bench, json!({"account": 2})).await;
    assert_error(
        &other.get(&format!("/vps/{id}")).await,
        404,
        "VPS_NOT_FOUND",
    );
    assert_eq!(other.data("/vps").await["pagination"]["total"], json!(0));
    // Hostnames may repeat.
    assert!(api.create("mine.demo.test").await > id);
}
