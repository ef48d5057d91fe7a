//! The Kubernetes section, as far as it is published.

use super::*;

#[tokio::test]
async fn clusters() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let versions = api.get("k8s_versions").await["versions"].clone();
    let group = |name: &str, nodes: i64| json!({"name": name, "cpu_per_node": 2, "ram_per_node": 4096, "number_of_nodes": nodes});
    let body = json!({"name": "apps", "location_id": "am2", "version": versions[0], "high_availability": true,
        "node_groups": [group("web", 2)]});
    let task = api
        .expect(Method::POST, "k8s_clusters", body.clone(), 201)
        .await;
    bench.advance(200.0).await;
    let task = api.get(&format!("tasks/{}", id(&task, "task_id"))).await["task"].clone();
    assert!(id(&task, "id").starts_with("k8s_"));
    let path = format!("k8s_clusters/{}", id(&task, "k8s_cluster_id"));
    let read = api.get(&path).await["kubernetes_cluster"].clone();
    assert_keys(
        &read,
        &[
            "id",
            "location_id",
            "name",
            "version",
            "high_availability",
            "node_groups",
            "state",
            "tags",
        ],
    );
    assert_keys(
        &read["node_groups"][0],
        &[
            "id",
            "name",
            "cpu_per_node",
            "ram_per_node",
            "number_of_nodes",
            "nodes",
            "ingress",
            "state",
            "tags",
        ],
    );
    assert_eq!(
        api.get("k8s_clusters").await,
        json!({"kubernetes_clusters": [read]})
    );
    let newer = api.get(&format!("{path}/k8s_versions")).await["versions"].clone();
    for (method, below, body) in [
        (Method::PUT, "", json!({"version": newer[0]})),
        (Method::POST, "/node_groups", group("db", 1)),
        (
            Method::PUT,
            "/node_groups/41",
            json!({"number_of_nodes": 3}),
        ),
        (Method::POST, "/node_groups/41/ingress", Value::Null),
        (Method::DELETE, "/node_groups/42", Value::Null),
    ] {
        api.expect(method, &format!("{path}{below}"), body, 200)
            .await;
        bench.advance(60.0).await;
    }
    let groups = api.get(&format!("{path}/node_groups")).await["node_groups"].clone();
    let one = api.get(&format!("{path}/node_groups/41")).await["node_group"].clone();
    assert_eq!(groups, json!([one]));
    assert_eq!(
        (&one["number_of_nodes"], &one["ingress"]),
        (&json!(3), &json!(true))
    );
    api.refused(Method::PUT, &path, json!({"version": "9.9"}), 400, -2000)
        .await;
    let tag = api
        .expect(
            Method::POST,
            &format!("{path}/tags"),
            json!({"value": "prod"}),
            200,
        )
        .await;
    assert_eq!(tag, json!({"value": "prod"}));
    api.deleted(&format!("{path}/tags/prod")).await;
    api.expect(Method::DELETE, &path, Value::Null, 200).await;
    bench.advance(60.0).await;
    assert_eq!(api.objects().await, json!({}));
}
