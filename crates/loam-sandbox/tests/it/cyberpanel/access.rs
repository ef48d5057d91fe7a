//! Keys, scopes, rate limits.

use super::*;

#[tokio::test]
async fn keys_and_scopes() {
    let bench = Bench::start().await;
    let url = format!("{}/vps", Api::of(&bench).endpoint);
    assert_error(
        &bench.send(Method::GET, &url, &[], &Value::Null).await,
        401,
        "NO_API_KEY",
    );
    for wrong in [
        "Basic x",
        "Bearer nonsense",
        "Bearer cyp_live_0000",
        "Bearer",
    ] {
        let reply = bench
            .send(Method::GET, &url, &[("authorization", wrong)], &Value::Null)
            .await;
        assert_error(&reply, 401, "INVALID_API_KEY");
    }
    for (new, status, code) in [
        (json!({"is_active": false}), 401, "INACTIVE_API_KEY"),
        (
            json!({"expires_at": "2020-01-01T00:00:00Z"}),
            401,
            "EXPIRED_API_KEY",
        ),
        (
            json!({"ip_whitelist": ["203.0.113.9"]}),
            403,
            "IP_NOT_ALLOWED",
        ),
        (
            json!({"scopes": ["billing:read", "vps:delete"]}),
            403,
            "INSUFFICIENT_SCOPE",
        ),
    ] {
        assert_error(
            &Api::with_key(&bench, new).await.get("/vps").await,
            status,
            code,
        );
    }
    let here = Api::with_key(
        &bench,
        json!({"ip_whitelist": ["127.0.0.1"], "scopes": ["vps:read"]}),
    )
    .await;
    assert_eq!(here.get("/vps").await.status, 200);
    assert_eq!(
        here.get("/test").await.status,
        200,
        "any key may test itself"
    );
    assert_error(&here.get("/billing").await, 403, "INSUFFICIENT_SCOPE");
    assert_error(
        &here.post("/vps/create", json!({})).await,
        403,
        "INSUFFICIENT_SCOPE",
    );
    // Either reading of the contradictory scope of deletion.
    let owner = Api::of(&bench);
    for scope in ["vps:write", "vps:delete"] {
        let id = owner.create("gone.demo.test").await;
        let api = Api::with_key(&bench, json!({"scopes": [scope]})).await;
        assert_eq!(
            api.post(&format!("/vps/{id}/delete"), Value::Null)
                .await
                .status,
            200,
            "{scope}"
        );
    }
    assert_error(
        &here.post("/vps/1/delete", Value::Null).await,
        403,
        "INSUFFICIENT_SCOPE",
    );
}

#[tokio::test]
async fn rate_limits_per_minute_and_hour() {
    let bench = Bench::with(SandboxConfig::default()).await;
    let api = Api::of(&bench);
    for left in (0..60).rev() {
        let reply = api.get("/vps/plans").await;
        assert_eq!(
            (reply.status, reply.number("x-ratelimit-remaining")),
            (200, Some(left))
        );
        assert_eq!(reply.number("x-ratelimit-limit"), Some(60));
    }
    let reply = api.get("/vps/plans").await;
    assert_error(&reply, 429, "RATE_LIMIT_EXCEEDED");
    let wait = reply.number("retry-after").expect("a wait");
    assert!((1..=60).contains(&wait), "{wait}");
    let reset = reply.number("x-ratelimit-reset").expect("a reset");
    let unix = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("after 1970")
        .as_secs();
    assert!(reset.abs_diff(unix + wait) <= 1);
    assert!(
        reply.json()["message"]
            .as_str()
            .is_some_and(|text| text.contains("minute"))
    );
    assert_eq!(
        api.get("/health").await.status,
        200,
        "what needs no key has no limit"
    );
    let few = Api::with_key(&bench, json!({"rate_limit_per_hour": 2})).await;
    few.get("/vps").await;
    few.get("/vps").await;
    let reply = few.get("/vps").await;
    assert_error(&reply, 429, "RATE_LIMIT_EXCEEDED");
    assert!(reply.number("retry-after").is_some_and(|wait| wait > 3500));
    let narrow = Api::with_key(
        &bench,
        json!({"rate_limit_per_minute": 1, "scopes": ["vps:read"]}),
    )
    .await;
    assert_error(&narrow.get("/billing").await, 403, "INSUFFICIENT_SCOPE");
    assert_eq!(
        narrow.get("/vps").await.status,
        200,
        "a request without the scope is not counted"
    );
    assert_error(&narrow.get("/billing").await, 403, "INSUFFICIENT_SCOPE");
}

#[tokio::test]
async fn rate_limits_can_be_off_or_faster() {
    let bench = Bench::start().await;
    let api = Api::with_key(&bench, json!({"rate_limit_per_minute": 1})).await;
    for _ in 0..5 {
        let reply = api.get("/vps").await;
        assert_eq!(
            (reply.status, reply.number("x-ratelimit-limit")),
            (200, None)
        );
    }
    let config = SandboxConfig {
        rate_limits: RateLimits::Faster(30.0),
        ..SandboxConfig::default()
    };
    let bench = Bench::with(config).await;
    let api = Api::with_key(&bench, json!({"rate_limit_per_minute": 1})).await;
    assert_eq!(api.get("/vps").await.status, 200);
    assert_eq!(api.get("/vps").await.status, 429);
    tokio::time::sleep(std::time::Duration::from_millis(2100)).await;
    assert_eq!(api.get("/vps").await.status, 200, "a minute is two seconds");
}
