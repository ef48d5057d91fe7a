//! Reads, the ledger.

use super::*;

#[tokio::test]
async fn reads_of_a_new_account() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    assert!(api.key.starts_with("cyp_live_") && api.key.len() == 9 + 64);
    assert_eq!(
        api.data("/health").await,
        json!({"status": "healthy", "service": "CyberPanel Cloud API", "version": "1.0.0"})
    );
    let test = api.data("/test").await;
    assert_keys(
        &test,
        &[
            "message",
            "key_name",
            "key_prefix",
            "user_email",
            "scopes",
            "ip_address",
            "request_count",
        ],
    );
    assert_eq!(test["key_prefix"].as_str(), api.key.get(..12));
    let scopes = api.data("/scopes").await;
    assert_eq!(scopes["scopes"].as_array().map(Vec::len), Some(7));
    assert_keys(&scopes["scopes"][0], &["scope", "description"]);

    let account = api.data("/account").await;
    assert_keys(
        &account,
        &[
            "id",
            "email",
            "full_name",
            "balance",
            "status",
            "two_factor_enabled",
            "vps_ordering_enabled",
            "registration_date",
        ],
    );
    assert_eq!(
        (&account["balance"], &account["status"]),
        (&json!("5000.00"), &json!("active"))
    );
    let billing = api.data("/billing").await;
    assert_keys(&billing, &["balance", "auto_funding", "recent_invoices"]);
    assert_keys(
        &billing["auto_funding"],
        &["enabled", "threshold", "amount"],
    );

    let keys = api.data("/account/api-keys").await;
    assert_keys(&keys, &["api_keys", "total"]);
    assert_keys(
        &keys["api_keys"][0],
        &[
            "id",
            "name",
            "key_prefix",
            "scopes",
            "is_active",
            "ip_whitelist",
            "expires_at",
            "last_used_at",
            "last_used_ip",
            "request_count",
            "rate_limit_per_minute",
            "rate_limit_per_hour",
            "created_at",
        ],
    );
    assert!(!keys.to_string().contains(&api.key));
    let id = &keys["api_keys"][0]["id"];
    let usage = api
        .data(&format!("/account/api-keys/{id}/usage?limit=2&offset=1"))
        .await;
    assert_keys(&usage, &["key_id", "key_name", "usage_logs", "pagination"]);
    assert_eq!(
        usage["pagination"],
        json!({"total": 4, "limit": 2, "offset": 1, "has_more": true})
    );
    assert_keys(
        &usage["usage_logs"][0],
        &[
            "endpoint",
            "method",
            "ip_address",
            "response_status",
            "response_time_ms",
            "created_at",
        ],
    );
    assert_eq!(usage["usage_logs"][0]["endpoint"], json!("/api/v1/billing"));
    assert_error(
        &api.get("/account/api-keys/999/usage").await,
        404,
        "KEY_NOT_FOUND",
    );

    let plans = api.data("/vps/plans").await;
    assert_eq!(
        plans["plans"][1],
        json!({"id": 2, "name": "Basic", "cpu_cores": 2, "ram_mb": 2048, "disk_gb": 50, "bandwidth_gb": 2000,
            "monthly_price": "12.00", "price_hourly": "0.0164"})
    );
    let locations = api.data("/vps/locations").await;
    assert_keys(
        &locations["locations"][0],
        &["code", "name", "country", "available_ips", "is_available"],
    );
    let templates = api.data("/vps/templates").await;
    assert_keys(
        &templates["templates"][0],
        &["id", "name", "os", "description"],
    );
    let ids: Vec<&str> = templates["templates"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|item| item["id"].as_str())
        .collect();
    assert_eq!(ids, ["101", "9000", "9022", "9010", "9001", "9008", "9125"]);
    assert_eq!(
        api.data("/vps").await,
        json!({"instances": [], "pagination": {"total": 0, "limit": 50, "offset": 0, "has_more": false}})
    );
    assert_eq!(
        api.data("/vps/summary").await,
        json!({"total_instances": 0, "running": 0, "stopped": 0, "suspended": 0, "total_monthly_cost": "0.00", "locations": {}})
    );
}

#[tokio::test]
async fn balance_and_ledger() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let id = api.create("paid.demo.test").await;
    bench.advance(2.5 * 3600.0).await;
    let billing = api.data("/billing").await;
    let lines = billing["recent_invoices"].as_array().expect("lines");
    assert_keys(&lines[0], &["id", "description", "amount", "type", "date"]);
    let amounts: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["amount"].as_str())
        .collect();
    assert_eq!(
        amounts,
        ["-0.0328", "-0.0164"],
        "two hours after the one that was paid with the order"
    );
    assert_eq!(billing["balance"], json!("4999.95"));
    let details = api.data(&format!("/vps/{id}")).await;
    assert_ne!(
        details["billing"]["last_billed"],
        details["billing"]["billing_start"]
    );
    api.post(&format!("/vps/{id}/delete"), Value::Null).await;
    bench.advance(24.0 * 3600.0).await;
    assert_eq!(
        api.data("/account").await["balance"],
        json!("4999.95"),
        "what is deleted costs nothing"
    );
}
