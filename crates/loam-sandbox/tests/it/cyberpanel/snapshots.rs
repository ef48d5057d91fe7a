//! Snapshots.

use super::*;

#[tokio::test]
async fn snapshots() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let id = api.create("snap.demo.test").await;
    let path = format!("/vps/{id}/snapshots/create");
    assert_error(
        &api.post(&path, json!({"name": "early"})).await,
        400,
        "VALIDATION_ERROR",
    );
    bench.advance(130.0).await;
    let reply = api
        .post(
            &path,
            json!({"name": "before_upgrade", "description": "v1", "include_ram": true}),
        )
        .await;
    assert_eq!(reply.status, 200);
    let made = reply.json()["data"].clone();
    assert_keys(&made, &["vps_id", "snapshot"]);
    assert_keys(&made["snapshot"], &["name", "description", "created_at"]);
    assert_error(
        &api.post(&path, json!({"name": "before_upgrade"})).await,
        400,
        "VALIDATION_ERROR",
    );
    assert_error(
        &api.post(&path, json!({"name": "with-hyphen"})).await,
        400,
        "VALIDATION_ERROR",
    );
    assert_error(
        &api.post(&path, json!({"name": "ok", "include_ram": "yes"}))
            .await,
        400,
        "VALIDATION_ERROR",
    );
    assert_error(&api.post(&path, json!({})).await, 400, "MISSING_FIELDS");
    bench
        .control(
            Method::POST,
            &format!("clouds/cyberpanel/vps/{id}/snapshots"),
            json!({"name": "from-the-web"}),
        )
        .await;
    let list = api.data(&format!("/vps/{id}/snapshots")).await;
    assert_keys(&list, &["vps_id", "snapshots"]);
    assert_eq!(list["snapshots"][0]["name"], json!("from-the-web"));
    assert_eq!(
        list["snapshots"][1],
        json!({"name": "before_upgrade", "description": "v1", "created_at": made["snapshot"]["created_at"], "vmstate": true})
    );
    let objects = bench.control(Method::GET, "objects", Value::Null).await;
    assert_eq!(
        objects["cyberpanel"]["vps_snapshot"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );
    api.post(&format!("/vps/{id}/delete"), Value::Null).await;
    assert_eq!(
        bench.control(Method::GET, "objects", Value::Null).await,
        json!({}),
        "snapshots go with their machine"
    );
}
