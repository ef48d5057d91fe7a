//! Kubernetes clusters, node pools, and load balancer clusters.

use super::*;

fn cluster(name: &str) -> Value {
    json!({"cloudIdentifier": CLOUD, "tenantIdentifier": TENANT, "clusterName": name, "k8sVersion": "1.29.10",
        "talosVersion": "1.11.6", "controlPlaneType": "test", "controlPlaneCpu": 2, "controlPlaneDisk": 50,
        "controlPlaneRam": 4, "loadBalancerType": "test", "loadBalancerCpu": 2, "loadBalancerDisk": 50,
        "loadBalancerRam": 4, "podSubnet": "100.111.0.0/16", "serviceSubnet": "100.112.0.0/12", "notify": false,
        "workerPool": []})
}

#[tokio::test]
async fn clusters_and_pools() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let versions = api.get(&format!("kubernetes/versions/{CLOUD}")).await;
    assert_eq!(
        versions,
        json!({"1.10.9": ["1.29.10"], "1.11.6": ["1.29.10", "1.30.10"]})
    );
    let made = api
        .written(Method::POST, "kubernetes", cluster("staging"))
        .await;
    assert_eq!(made["status"], json!("Creating"));
    let path = format!("kubernetes/{}", text(&made, "identifier"));
    bench.advance(62.0).await;
    let read = api.get(&path).await;
    assert_keys(&read, &["data"]);
    assert_keys(
        &read["data"],
        &[
            "identifier",
            "name",
            "status",
            "createdAt",
            "cloud",
            "health",
        ],
    );
    assert_keys(&read["data"]["health"], &["health", "lastCheckingData"]);
    assert_eq!(
        (&read["data"]["status"], &read["data"]["health"]["health"]),
        (&json!("Ready"), &json!("unhealthy"))
    );
    bench.advance(10.0).await;
    assert_eq!(
        api.get(&path).await["data"]["health"]["health"],
        json!("healthy")
    );
    let planes = api.get(&format!("{path}/control-planes")).await;
    assert_keys(
        &planes,
        &[
            "controlPlaneCpu",
            "controlPlaneDisk",
            "controlPlaneRam",
            "nodes",
        ],
    );
    assert_keys(
        &planes["nodes"][0],
        &["identifier", "localvmid", "name", "status"],
    );
    let balancers = api.get(&format!("{path}/load-balancers")).await;
    assert_keys(
        &balancers[0],
        &[
            "clusterName",
            "loadBalancerCpu",
            "loadBalancerDisk",
            "loadBalancerRam",
            "loadBalancers",
        ],
    );
    assert_eq!(balancers.as_array().map(Vec::len), Some(1));

    api.message(Method::POST, &format!("{path}/upgrade"), Value::Null)
        .await;
    api.expect(
        Method::PATCH,
        &format!("{path}/control-planes"),
        json!({"cpuCoreCount": 4, "disk": 50, "memory": 8}),
        422,
    )
    .await;
    bench.advance(31.0).await;
    let planes = api.get(&format!("{path}/control-planes")).await;
    let balancers = api.get(&format!("{path}/load-balancers")).await;
    assert_eq!(
        (
            planes["nodes"].as_array().map(Vec::len),
            balancers[0]["loadBalancers"].as_array().map(Vec::len)
        ),
        (Some(3), Some(2))
    );
    api.message(
        Method::PATCH,
        &format!("{path}/control-planes"),
        json!({"cpuCoreCount": 4, "disk": 50, "memory": 8}),
    )
    .await;
    bench.advance(31.0).await;
    assert_eq!(
        api.get(&format!("{path}/control-planes")).await["controlPlaneRam"],
        json!(8)
    );
    api.message(
        Method::POST,
        &format!("{path}/k8s-version"),
        json!({"version": "1.30.10"}),
    )
    .await;
    bench.advance(31.0).await;
    api.invalid(
        Method::POST,
        &format!("{path}/talos-version"),
        json!({"version": "1.10.9"}),
        "k8sVersion",
    )
    .await;
    let kube = api
        .send(Method::GET, &format!("{path}/config/kube"), Value::Null)
        .await;
    assert!(
        kube.status == 200 && kube.text.starts_with("apiVersion: v1"),
        "{}",
        kube.text
    );
    assert_eq!(
        kube.headers
            .get("content-type")
            .and_then(|kind| kind.to_str().ok()),
        Some("application/yaml")
    );
    assert!(
        api.send(Method::GET, &format!("{path}/config/talos"), Value::Null)
            .await
            .text
            .contains("endpoints")
    );

    let pool = json!({"workerPoolName": "default", "workerNodeAmount": 2, "workerNodeCpu": 2, "workerNodeDisk": 50,
        "workerNodeRam": 4, "workerNodeIsStorage": false});
    let pool = api
        .written(Method::POST, &format!("{path}/pools"), pool)
        .await;
    assert_keys(
        &pool,
        &[
            "identifier",
            "name",
            "cpu",
            "disk",
            "memory",
            "extraStorage",
            "nodes",
        ],
    );
    assert_eq!(pool["nodes"][1]["status"], json!("Created"));
    let pool_path = format!("{path}/pools/{}", text(&pool, "identifier"));
    bench.advance(31.0).await;
    assert_eq!(
        api.get(&pool_path).await["nodes"][1]["status"],
        json!("Deployed")
    );
    api.message(Method::POST, &format!("{pool_path}/nodes"), Value::Null)
        .await;
    let nodes = api.get(&pool_path).await["nodes"].clone();
    assert_eq!(
        (nodes.as_array().map(Vec::len), &nodes[2]["status"]),
        (Some(3), &json!("Created"))
    );
    api.delete(&format!("{path}/nodes/{}", text(&nodes[2], "identifier")))
        .await;
    let change = json!({"name": "big", "cpuCoreCount": 4, "disk": 60, "memory": 8, "hasExtraStorage": 1, "extraStorage": 100});
    api.message(Method::PATCH, &pool_path, change).await;
    let read = api.get(&pool_path).await;
    assert_eq!(
        (
            &read["name"],
            &read["memory"],
            &read["extraStorage"],
            &read["nodes"][0]["status"]
        ),
        (&json!("big"), &json!(8), &json!(100), &json!("Created"))
    );
    assert_eq!(
        api.get(&format!("{path}/pools"))
            .await
            .as_array()
            .map(Vec::len),
        Some(1)
    );

    let talos = api.get("kubernetes-talos/clusters").await;
    assert_keys(
        &talos[0],
        &[
            "clusterIdentifier",
            "name",
            "status",
            "createdAt",
            "health",
            "hv_system",
        ],
    );
    let legacy = format!("kubernetes-talos/{}", text(&made, "identifier"));
    assert_keys(
        &api.get(&format!("{legacy}/cluster-control-planes")).await,
        &[
            "control_plane_cpu",
            "control_plane_disk",
            "control_plane_ram",
            "nodes",
        ],
    );
    let added = api
        .ok(
            Method::POST,
            &format!("{legacy}/add-node/{}", text(&pool, "identifier")),
            Value::Null,
        )
        .await;
    assert_eq!(
        added,
        json!({"success": "Cluster node will be added shortly"})
    );
    let nodes = api.get(&format!("{legacy}/cluster-pools")).await[0]["nodes"].clone();
    let gone = api
        .ok(
            Method::DELETE,
            &format!("{legacy}/delete-node/{}", text(&nodes[2], "identifier")),
            Value::Null,
        )
        .await;
    assert_eq!(gone, json!({"success": "Cluster node has been deleted."}));

    let lb = json!({"cloudId": 1, "kubernetesClusterIdentifier": made["identifier"], "name": "ingress",
        "nodesSpec": {"cpuCoreCount": 2, "disk": 20, "memory": 2}});
    let lb = api.ok(Method::POST, "load-balancer-clusters", lb).await;
    assert_keys(&lb, &["identifier", "status"]);
    let lb_path = format!("load-balancer-clusters/{}", text(&lb, "identifier"));
    assert_keys(
        &api.get(&lb_path).await,
        &[
            "identifier",
            "name",
            "hv_system",
            "kubernetesClusterIdentifier",
            "nodes",
            "status",
            "tenantIdentifier",
        ],
    );
    let vips = api.get(&format!("{lb_path}/virtual-ips")).await;
    assert_keys(
        &vips[0],
        &["identifier", "ipAddress", "vipPoolIdentifier", "state"],
    );
    let rules = format!(
        "{lb_path}/virtual-ips/{}/forwarding-rules",
        text(&vips[0], "identifier")
    );
    // The contract's example: the body and the answer are lists.
    let sent =
        json!([{"frontend": {"port": 443}, "backend": {"port": 30443, "proxy_protocol": 1}}]);
    let made_rules = api.ok(Method::POST, &rules, sent).await;
    assert_eq!(
        (
            &made_rules[0]["backend"]["port"],
            &made_rules[0]["backend"]["proxy_protocol"]
        ),
        (&json!(30443), &json!(1))
    );
    let backend = text(&made_rules[0]["backend"], "identifier");
    api.message(
        Method::PATCH,
        &format!("{rules}/{backend}"),
        json!({"port": 30444, "proxy_protocol": 0}),
    )
    .await;
    assert_eq!(api.get(&rules).await[0]["backend"]["port"], json!(30444));
    api.delete(&format!("{rules}/{backend}")).await;
    api.delete(&lb_path).await;

    api.delete(&path).await;
    assert_eq!(api.get(&path).await["data"]["status"], json!("Deleting"));
    bench.advance(11.0).await;
    api.expect(Method::GET, &path, Value::Null, 404).await;
    assert_eq!(
        api.objects().await,
        json!({}),
        "pools go with their cluster"
    );
}

#[tokio::test]
async fn clusters_are_validated() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    for (field, value, named) in [
        ("clusterName", json!(""), "clusterName"),
        ("talosVersion", json!("9"), "talosVersion"),
        ("k8sVersion", json!("1.0"), "k8sVersion"),
        ("controlPlaneType", json!("big"), "controlPlaneType"),
        ("controlPlaneRam", json!(0), "controlPlaneRam"),
        ("workerPool", Value::Null, "workerPool"),
    ] {
        let mut body = cluster("x");
        body[field] = value;
        api.invalid(Method::POST, "kubernetes", body, named).await;
    }
    let mut available = cluster("prod");
    available["controlPlaneType"] = json!("production");
    available["loadBalancerType"] = json!("production");
    available["workerPool"] = json!([{"workerPoolIndex": "0", "workerPoolName": "a", "workerNodeAmount": 1,
        "workerNodeCpu": 2, "workerNodeDisk": 50, "workerNodeRam": 4}]);
    let made = api.written(Method::POST, "kubernetes", available).await;
    let path = format!("kubernetes/{}", text(&made, "identifier"));
    assert_eq!(
        api.get(&format!("{path}/control-planes")).await["nodes"]
            .as_array()
            .map(Vec::len),
        Some(3)
    );
    assert_eq!(
        api.get(&format!("{path}/pools"))
            .await
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    let failing = api
        .written(Method::POST, "kubernetes", cluster("fail-deploy"))
        .await;
    bench.advance(61.0).await;
    let failed = api
        .get(&format!("kubernetes/{}", text(&failing, "identifier")))
        .await;
    assert_eq!(failed["data"]["status"], json!("Error"));
}
