//! Backups.

use super::*;

#[tokio::test]
async fn backups() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let task = api.done(Method::POST, "servers", order()).await;
    let path = format!("servers/{}", id(&task, "server_id"));
    let backup = format!("{path}/backup");
    assert_eq!(api.get(&backup).await, json!({"enabled": false}));
    let catalogue = api.get("backup/storages?location_id=am2").await;
    assert_keys(&catalogue, &["storages", "limits"]);
    assert_eq!(catalogue, api.get(&format!("{backup}/storages")).await);
    let schedule = json!({"hour": 2, "minute": 30, "daily": {"keep": 7, "backup_storage_id": 3}});
    // The contract's example.
    let task = api
        .expect(Method::POST, &backup, schedule.clone(), 200)
        .await;
    assert_keys(&task, &["task_id"]);
    bench.advance(20.0).await;
    assert_eq!(
        api.get(&backup).await,
        json!({"enabled": true, "schedule": schedule})
    );
    let same = api.expect(Method::PUT, &backup, schedule, 200).await;
    assert_eq!(same, json!({"task_id": "already_completed_task"}));
    for bad in [
        json!({"hour": 24, "minute": 0, "daily": {"backup_storage_id": 3}}),
        json!({"hour": 2, "minute": 0}),
        json!({"hour": 2, "minute": 0, "daily": {"backup_storage_id": 9}}),
        json!({"hour": 2, "minute": 0, "weekly": {"backup_storage_id": 3}}),
        json!({"hour": 2, "minute": 0, "monthly": {"backup_storage_id": 3, "day_of_month": "29"}}),
    ] {
        api.refused(Method::PUT, &backup, bad, 400, -2000).await;
    }
    let points = format!("{backup}/restore-points");
    api.expect(Method::POST, &points, json!({"name": "now"}), 201)
        .await;
    let list = api.get(&points).await["restore_points"].clone();
    assert_keys(
        &list[0],
        &[
            "id",
            "server_id",
            "name",
            "size_mb",
            "backup_storage_id",
            "state",
            "created",
            "retained_by",
            "keep_until",
            "is_manual",
        ],
    );
    assert_eq!(list[0]["state"], json!("in_progress"));
    let point = format!("{points}/{}", list[0]["id"]);
    bench.advance(40.0).await;
    api.expect(Method::POST, &format!("{point}/restore"), Value::Null, 200)
        .await;
    bench.advance(40.0).await;
    api.expect(
        Method::POST,
        &format!("{point}/restore-nearby"),
        json!({"location_id": "nj3"}),
        200,
    )
    .await;
    bench.advance(100.0).await;
    let servers = api.get("servers").await["servers"].clone();
    assert_eq!(
        (&servers[1]["location_id"], &servers[1]["state"]),
        (&json!("nj3"), &json!("Active"))
    );
    api.expect(
        Method::DELETE,
        &format!("{point}?return_task=true"),
        Value::Null,
        200,
    )
    .await;
    bench.advance(20.0).await;
    assert_eq!(api.get(&points).await, json!({"restore_points": []}));
    let task = api.expect(Method::DELETE, &backup, Value::Null, 200).await;
    assert_keys(&task, &["task_id"]);
    bench.advance(20.0).await;
    assert_eq!(api.get(&backup).await, json!({"enabled": false}));
}
