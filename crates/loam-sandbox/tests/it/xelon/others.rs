//! Object storage, tenants, login, aliases, limits.

use loam_sandbox::SandboxConfig;

use super::*;

#[tokio::test]
async fn object_storage() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    assert_keys(
        &api.get("object-storages/zone-groups").await[0],
        &["id", "name", "hasReplication"],
    );
    assert_keys(
        &api.get("object-storages/plans").await[0],
        &["title", "description", "quota", "price", "priceReplicated"],
    );
    let made = api
        .ok(
            Method::POST,
            "object-storages/users",
            json!({"name": "app", "quota": 500, "zoneGroup": "zh1"}),
        )
        .await;
    assert_eq!(made["message"], json!("S3 user successfully created"));
    let user = made["data"].clone();
    assert_keys(&user, &["identifier", "name", "createdAt", "tokens"]);
    assert_keys(
        &user["tokens"][0],
        &["identifier", "accessKey", "createdAt", "secretKey"],
    );
    let id = text(&user, "identifier").to_owned();
    assert_eq!(id.len(), 36);
    let path = format!("object-storages/users/{id}");
    let read = api.get(&path).await;
    assert_keys(
        &read,
        &[
            "identifier",
            "name",
            "quota",
            "sizeUsedGb",
            "isReplicated",
            "s3endpoints",
            "tenant",
            "createdAt",
            "tokens",
        ],
    );
    assert_keys(
        &read["tokens"][0],
        &["identifier", "accessKey", "createdAt"],
    );
    assert!(
        api.page("object-storages/users").await[0]
            .get("tokens")
            .is_none()
    );
    api.invalid(
        Method::POST,
        "object-storages/users",
        json!({"name": "x", "quota": 7, "zoneGroup": "zh1"}),
        "quota",
    )
    .await;
    api.invalid(
        Method::POST,
        "object-storages/users",
        json!({"name": "x", "quota": 100, "zoneGroup": "x"}),
        "zoneGroup",
    )
    .await;
    let first = text(&user["tokens"][0], "identifier");
    api.expect(
        Method::DELETE,
        &format!("{path}/tokens/{first}"),
        Value::Null,
        422,
    )
    .await;
    let token = api
        .written(Method::POST, &format!("{path}/tokens"), Value::Null)
        .await;
    assert!(token["secretKey"].is_string());
    api.delete(&format!("{path}/tokens/{first}")).await;
    api.written(Method::PUT, &path, json!({"name": "app2", "quota": 1000}))
        .await;

    let bucket = |lock: bool, versioning: bool, days: i64| json!({"name": "media", "s3UserIdentifier": id, "isObjectLock": lock, "isVersioning": versioning, "retentionPeriodDays": days});
    api.invalid(
        Method::POST,
        "object-storages/buckets",
        bucket(true, false, 1),
        "isObjectLock",
    )
    .await;
    api.invalid(
        Method::POST,
        "object-storages/buckets",
        bucket(true, true, 0),
        "retentionPeriodDays",
    )
    .await;
    let made = api
        .written(
            Method::POST,
            "object-storages/buckets",
            bucket(false, true, 0),
        )
        .await;
    let bucket_path = format!("object-storages/buckets/media/{id}");
    let read = api.get(&bucket_path).await;
    assert_keys(&read, &["data"]);
    assert_eq!(read["data"], made);
    assert_keys(
        &made,
        &[
            "identifier",
            "name",
            "createdAt",
            "zoneGroup",
            "isReplicated",
            "s3UserName",
            "s3UserIdentifier",
            "tenant",
            "isObjectLock",
            "retentionPeriodDays",
            "isVersioning",
            "s3endpoints",
            "isWithRestrictedIps",
        ],
    );
    assert_eq!(
        (&made["zoneGroup"], &made["retentionPeriodDays"]),
        (&json!("Zurich"), &Value::Null)
    );
    api.invalid(
        Method::POST,
        "object-storages/buckets",
        bucket(false, false, 0),
        "name",
    )
    .await;
    let versioning = format!("{bucket_path}/versioning");
    assert_eq!(
        api.message(Method::PUT, &versioning, json!({"isVersioning": false}))
            .await,
        "Bucket versioning has been disabled"
    );
    let restrictions = format!("{bucket_path}/ip-restrictions");
    assert_eq!(
        api.get(&restrictions).await,
        json!({"data": {"enabled": false, "allowedIps": []}})
    );
    api.message(
        Method::PUT,
        &restrictions,
        json!({"enabled": true, "allowedIps": ["192.0.2.0/24"]}),
    )
    .await;
    assert_eq!(
        api.get(&bucket_path).await["data"]["isWithRestrictedIps"],
        json!(true)
    );
    api.expect(Method::DELETE, &path, Value::Null, 422).await;
    let by_id = format!("object-storages/buckets/{}", text(&made, "identifier"));
    assert_eq!(
        api.message(Method::PUT, &by_id, json!({"name": "pictures"}))
            .await,
        "Bucket successfully edited"
    );
    api.expect(Method::GET, &bucket_path, Value::Null, 404)
        .await;
    let deleted = api
        .message(
            Method::DELETE,
            &format!("object-storages/buckets/pictures/{id}"),
            Value::Null,
        )
        .await;
    assert_eq!(deleted, "Bucket successfully deleted");
    api.delete(&path).await;
    assert_eq!(api.objects().await, json!({}));
}

#[tokio::test]
async fn tenants_and_users() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    assert_eq!(
        api.get("tenants/current").await,
        json!({"identifier": TENANT, "name": "Acme", "parent": null, "status": "active", "type": "Reseller"})
    );
    assert_eq!(api.page("tenants").await.len(), 2);
    assert_keys(
        &api.get("clouds").await[0],
        &["identifier", "name", "type", "hvType"],
    );
    let users = format!("tenants/{TENANT}/users");
    let ann = json!({"email": "ann@example.com", "name": "Ann", "surname": "Ex", "password": "pw", "passwordConfirmation": "pw",
        "passwordShouldBeChanged": false, "welcomeEmail": false, "roles": ["hq_organization_admin"],
        "permissions": ["allow_view_virtual_machines"], "jobTitle": "developer"});
    let made = api.ok(Method::POST, &users, ann.clone()).await;
    assert_eq!(made["message"], json!("User successfully added."));
    let id = text(&made["data"], "identifier").to_owned();
    let path = format!("{users}/{id}");
    let read = api.get(&path).await;
    assert_keys(&read, &["data"]);
    assert_eq!(
        read["data"]["roles"],
        json!([{"id": 2, "name": "hq_organization_admin", "friendlyName": "Organization Admin", "type": "organization"}])
    );
    let taken = api.expect(Method::POST, &users, ann.clone(), 422).await;
    assert_eq!(
        taken["errors"],
        json!({"email": ["The email has already been taken."]})
    );
    let mut wrong = ann.clone();
    wrong["email"] = json!("bob@example.com");
    wrong["passwordConfirmation"] = json!("other");
    api.invalid(Method::POST, &users, wrong, "password").await;
    api.written(
        Method::PUT,
        &path,
        json!({"name": "Anna", "surname": "Ex", "businessPhone": "+41"}),
    )
    .await;
    let read = api.get(&path).await["data"].clone();
    assert_eq!(
        (
            &read["name"],
            &read["businessPhone"],
            &read["business_phone"]
        ),
        (&json!("Anna"), &json!("+41"), &json!("+41"))
    );
    api.message(
        Method::POST,
        &format!("{path}/password"),
        json!({"password": "new", "password_confirmation": "new"}),
    )
    .await;
    api.invalid(
        Method::POST,
        &format!("{path}/password"),
        json!({"password": "new", "passwordConfirmation": "new"}),
        "password",
    )
    .await;
    api.message(
        Method::POST,
        &format!("{path}/permissions"),
        json!({"permissions": [], "roles": ["hq_organization_member"]}),
    )
    .await;
    api.invalid(
        Method::POST,
        &format!("{path}/permissions"),
        json!({"permissions": ["fly"], "roles": []}),
        "permissions",
    )
    .await;
    assert_keys(
        &api.get(&format!("{users}/permissions")).await[0],
        &["id", "name", "friendlyName", "type"],
    );
    assert_eq!(
        api.message(Method::DELETE, &path, Value::Null).await,
        "User has been deactivated."
    );
    assert_eq!(
        api.get(&path).await["data"]["isActive"],
        json!(false),
        "still there"
    );
    assert_eq!(api.page(&users).await.len(), 1, "and still listed");
    assert_eq!(api.objects().await, json!({}), "but no object any more");
    api.invalid(Method::POST, &users, ann, "email").await;
    api.message(
        Method::POST,
        &format!("{users}/restore"),
        json!({"userIdentifier": id}),
    )
    .await;
    assert_eq!(api.get(&path).await["data"]["isActive"], json!(true));
}

#[tokio::test]
async fn login_refresh_and_client_ids() {
    let bench = Bench::start().await;
    let mut api = Api::of(&bench);
    let root = format!("{}/xelon/api", bench.sandbox.url());
    let known = bench
        .control(Method::POST, "clouds/xelon/login", json!({}))
        .await;
    let login = format!("{root}/user/login");
    let wrong = json!({"email": known["email"], "password": "wrong"});
    assert_eq!(
        bench.send(Method::POST, &login, &[], &wrong).await.status,
        401
    );
    let reply = bench.send(Method::POST, &login, &[], &known).await;
    assert_eq!(reply.status, 200);
    assert_keys(&reply.json(), &["token", "user"]);
    api.token = text(&reply.json(), "token").to_owned();
    assert_eq!(api.token.split('.').count(), 3, "a JWT");
    api.page("devices").await;
    let authorization = format!("Bearer {}", api.token);
    let refreshed = bench
        .send(
            Method::POST,
            &format!("{root}/user/refresh"),
            &[("authorization", &authorization)],
            &Value::Null,
        )
        .await;
    assert_ne!(text(&refreshed.json(), "token"), api.token);
    bench.advance(3601.0).await;
    assert_eq!(
        api.expect(Method::GET, "devices", Value::Null, 401).await,
        json!({"message": "UNAUTHORIZED_REQUEST"})
    );

    let bound = bench
        .control(
            Method::POST,
            "keys",
            json!({"cloud": "xelon", "companion": "42"}),
        )
        .await;
    let authorization = format!("Bearer {}", text(&bound, "key"));
    let url = format!("{root}/v2/devices");
    assert_eq!(
        bench
            .send(
                Method::GET,
                &url,
                &[("authorization", &authorization)],
                &Value::Null
            )
            .await
            .status,
        401
    );
    let both = [
        ("authorization", authorization.as_str()),
        ("x-user-id", "42"),
    ];
    assert_eq!(
        bench
            .send(Method::GET, &url, &both, &Value::Null)
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn aliases_pages_and_limits() {
    let bench = Bench::with(SandboxConfig::default()).await;
    let mut api = Api::of(&bench);
    for number in 0..11 {
        api.written(
            Method::POST,
            "ssh-keys",
            json!({"name": format!("key-{number}"), "sshKey": KEY}),
        )
        .await;
    }
    let second = api.get("ssh-keys?page=2").await;
    assert_eq!(
        second["meta"],
        json!({"total": 11, "lastPage": 2, "perPage": 10, "currentPage": 2, "from": 11, "to": 11})
    );
    assert_eq!(api.page("ssh-keys?perPage=500").await.len(), 11);
    let root = format!("{}/xelon/api/", bench.sandbox.url());
    for family in ["", "user/", "v2/"] {
        api.base = format!("{root}{family}");
        api.page("ssh-keys/").await;
    }
    api.page("object-storage/users").await;
    api.expect(Method::GET, "persistent-storage/none", Value::Null, 404)
        .await;
    assert_eq!(
        api.get(&format!("backup/tags?cloudIdentifier={CLOUD}"))
            .await["data"][0]["id"],
        json!(17)
    );
    api.base = root.clone();
    // Of the legacy API there is a part, which the newer one cannot replace.
    let tenant = api.get("service/tenant").await;
    assert_keys(&tenant, &["tenant_identifier"]);
    let clouds = api
        .get(&format!(
            "service/hv/list/{}",
            text(&tenant, "tenant_identifier")
        ))
        .await;
    assert_keys(
        &clouds[0],
        &["id", "display_name", "display_short_name", "type"],
    );
    assert!(clouds[0]["id"].is_i64());
    let tenants = api.get("service/tenants").await;
    assert_eq!(tenants[1]["parent"], tenants[0]["id"]);
    api.expect(Method::GET, "service/hv/list/nobody", Value::Null, 404)
        .await;
    api.expect(Method::GET, "service/sshKeys", Value::Null, 404)
        .await;
    api.expect(Method::GET, "v2/nowhere", Value::Null, 404)
        .await;

    let few = bench
        .control(
            Method::POST,
            "keys",
            json!({"cloud": "xelon", "per_minute": 1}),
        )
        .await;
    api.token = text(&few, "key").to_owned();
    api.page("v2/devices").await;
    let over = api.send(Method::GET, "v2/devices", Value::Null).await;
    assert_eq!(over.status, 429);
    assert_keys(&over.json(), &["message"]);
    assert!(over.number("retry-after").is_some());
    api.expect(Method::POST, "v2/dns", json!({"domain": "a.test"}), 200)
        .await;
}
