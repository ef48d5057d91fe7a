//! Keys, catalogue, account; pages, slashes, tokens, limits.

use super::*;

#[tokio::test]
async fn keys_catalogue_and_account() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let key = api
        .post("/ssh-keys/", json!({"name": "me", "public_key": KEY}), 201)
        .await;
    assert_keys(
        &key,
        &["uuid", "name", "fingerprint", "created_at", "last_used_at"],
    );
    assert_keys(
        &api.post(
            "/ssh-keys/",
            json!({"name": "again", "public_key": KEY}),
            400,
        )
        .await,
        &["public_key"],
    );
    api.post(
        "/ssh-keys/",
        json!({"name": "bad", "public_key": "ssh-rsa nonsense"}),
        400,
    )
    .await;

    let plans = api.get("/plans/").await;
    let plan = &plans["results"][1];
    for (one, other) in [
        ("vcpus", "cpu"),
        ("storage", "disk_space"),
        ("bandwidth", "transfer"),
        ("price_monthly", "monthly_price"),
        ("price_hourly", "hourly_price"),
    ] {
        assert_eq!(plan[one], plan[other], "{one}");
    }
    assert_eq!(
        plan["memory"].as_i64(),
        plan["ram"].as_i64().map(|ram| ram * 1024)
    );
    assert!(plan["price_monthly"].is_number());
    assert_eq!(
        api.get("/plans/2/").await,
        api.get(&format!("/plans/{}/", text(plan, "uuid"))).await
    );
    assert_eq!(api.get("/plans/?location=us-west").await["count"], json!(2));
    let locations = api.get("/locations/").await;
    assert_keys(
        &locations["results"][0],
        &[
            "id",
            "slug",
            "name",
            "country_name",
            "country_code",
            "is_active",
        ],
    );
    let systems = api.get("/operating-systems/").await;
    assert_keys(&systems["results"][0], &["uuid", "name", "versions"]);
    assert_keys(&systems["results"][0]["versions"][0], &["uuid", "name"]);
    let me = api.get("/account/me/").await;
    assert_keys(&me, &["account", "token"]);
    assert_keys(
        &me["account"],
        &[
            "email",
            "first_name",
            "last_name",
            "company_name",
            "created_at",
        ],
    );
    assert_keys(
        &me["token"],
        &[
            "name",
            "permissions",
            "created_at",
            "last_used_at",
            "expires_at",
            "is_expired",
        ],
    );
    let billing = api.get("/billing/").await;
    assert_keys(
        &billing["results"][0],
        &[
            "id",
            "number",
            "amount",
            "currency",
            "status",
            "issued_at",
            "due_at",
        ],
    );
    api.expect(Method::GET, "/deployments/", Value::Null, 404)
        .await;
}

#[tokio::test]
async fn pages_slashes_tokens_and_limits() {
    let bench = Bench::with(SandboxConfig::default()).await;
    let mut api = Api::of(&bench);
    for number in 0..25 {
        api.post("/servers/", order(&format!("web-{number}")), 201)
            .await;
    }
    let first = api.get("/servers/?page_size=10&status=pending").await;
    assert_eq!(
        (&first["count"], &first["previous"]),
        (&json!(25), &Value::Null)
    );
    let next = text(&first, "next").to_owned();
    let second = api
        .get(next.strip_prefix(&api.endpoint).expect("the same endpoint"))
        .await;
    assert_eq!(second["results"].as_array().map(Vec::len), Some(10));
    assert!(
        text(&second, "previous").contains("page=1") && text(&second, "next").contains("page=3")
    );
    assert_eq!(
        api.get("/servers/").await["results"]
            .as_array()
            .map(Vec::len),
        Some(20)
    );
    api.expect(Method::GET, "/servers/?page=3", Value::Null, 404)
        .await;

    let url = format!("{}/servers", api.endpoint);
    let bare = crate::harness::raw(
        bench.sandbox.address(),
        "GET /vpsorg/api/v1/servers HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    )
    .await;
    let bare = String::from_utf8(bare).expect("text");
    assert!(
        bare.starts_with("HTTP/1.1 301") && bare.contains("/vpsorg/api/v1/servers/"),
        "{bare}"
    );
    assert_eq!(
        bench
            .send(Method::GET, &format!("{url}/"), &[], &Value::Null)
            .await
            .status,
        401
    );
    api.expect(Method::PUT, "/servers/", Value::Null, 405).await;

    let made = bench.control(Method::POST, "keys", json!({"cloud": "vpsorg", "permissions": ["servers:list", "ssh_keys:*"], "per_minute": 3})).await;
    api.key = made["key"].as_str().expect("a token").to_owned();
    assert!(api.key.starts_with("vps_"));
    assert_eq!(
        api.post("/servers/", order("x"), 403).await,
        json!({"detail": "You do not have permission to perform this action."})
    );
    api.get("/account/me/").await;
    api.get("/ssh-keys/").await;
    api.get("/operating-systems/").await;
    let over = api.send(Method::GET, "/servers/", Value::Null).await;
    assert_keys(&over.json(), &["detail"]);
    assert!(
        over.status == 429
            && over.number("retry-after").is_some()
            && over.number("x-ratelimit-limit").is_none()
    );
    let old = json!({"cloud": "vpsorg", "expires_at": "2020-01-01T00:00:00Z"});
    api.key = bench.control(Method::POST, "keys", old).await["key"]
        .as_str()
        .expect("a token")
        .to_owned();
    api.expect(Method::GET, "/account/me/", Value::Null, 401)
        .await;
}
