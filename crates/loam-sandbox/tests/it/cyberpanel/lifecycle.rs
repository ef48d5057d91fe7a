//! An instance from order to deletion, when it fails, when it is suspended.

use super::*;

#[tokio::test]
async fn an_instance_from_order_to_deletion() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let reply = api.post("/vps/create", order("edge-7.demo.test")).await;
    assert_eq!(reply.status, 200);
    let body = reply.json();
    assert_keys(&body, &["success", "data", "message"]);
    let made = &body["data"];
    let (id, ip) = (
        made["vps_id"].as_i64().expect("an id"),
        made["ip_address"].clone(),
    );
    // The first example of the contract, with this sandbox's id and address.
    assert_eq!(
        *made,
        json!({"vps_id": id, "name": "edge-7.demo.test", "status": "deploying", "ip_address": ip,
            "plan": {"id": 2, "name": "Basic", "price": "12.00"}, "location": "de", "template": "9022",
            "deployment_url": format!("/api/v1/vps/{id}/deployment"), "estimated_time_seconds": 180,
            "webhook_configured": false})
    );
    assert!(
        ip.as_str()
            .is_some_and(|ip| ip.parse::<std::net::Ipv4Addr>().is_ok())
    );

    assert_eq!(
        api.data(&format!("/vps/{id}/deployment")).await["deployment_status"],
        json!("pending")
    );
    bench.advance(65.0).await;
    let running = api.data(&format!("/vps/{id}/deployment")).await;
    let always = [
        "vps_id",
        "deployment_status",
        "vps_status",
        "current_task",
        "progress_percent",
        "tasks_completed",
        "tasks_total",
        "started_at",
        "is_ready",
    ];
    assert_keys(&running, &[&always[..], &["tasks"]].concat());
    assert_eq!(
        (
            &running["deployment_status"],
            &running["vps_status"],
            &running["current_task"]
        ),
        (
            &json!("in_progress"),
            &json!("deploying"),
            &json!("configure_network")
        )
    );
    assert_eq!(
        (
            &running["progress_percent"],
            &running["tasks_completed"],
            &running["tasks_total"],
            &running["is_ready"]
        ),
        (&json!(70), &json!(6), &json!(10), &json!(false))
    );
    assert_eq!(
        running["tasks"][6],
        json!({"name": "configure_network", "status": "in_progress", "order": 7})
    );
    assert_eq!(running["tasks"][5]["status"], json!("completed"));
    assert_eq!(running["tasks"][7]["status"], json!("pending"));
    for action in ["start", "stop", "restart"] {
        let code = format!("{}_FAILED", action.to_uppercase());
        assert_error(
            &api.post(&format!("/vps/{id}/{action}"), Value::Null).await,
            500,
            &code,
        );
    }
    assert_eq!(
        api.data("/vps").await["instances"][0]["status"],
        json!("deploying")
    );

    bench.advance(60.0).await;
    let done = api.data(&format!("/vps/{id}/deployment")).await;
    assert_keys(
        &done,
        &[&always[..], &["completed_at", "access_info"]].concat(),
    );
    assert_eq!(
        (
            &done["deployment_status"],
            &done["vps_status"],
            &done["current_task"],
            &done["is_ready"]
        ),
        (
            &json!("completed"),
            &json!("running"),
            &Value::Null,
            &json!(true)
        )
    );
    assert_eq!(
        done["access_info"],
        json!({"ip_address": ip, "ssh_port": 22, "ssh_user": "root"})
    );

    // The second example.
    let details = api.data(&format!("/vps/{id}")).await;
    assert_keys(
        &details,
        &[
            &SHORT[..],
            &["updated_at", "plan", "location", "server", "billing"],
        ]
        .concat(),
    );
    assert_eq!(
        details["plan"],
        json!({"id": 2, "name": "Basic", "cpu_cores": 2, "ram_mb": 2048, "disk_gb": 50, "bandwidth_gb": 2000, "price": "12.00"})
    );
    assert_eq!(
        details["location"],
        json!({"code": "de", "name": "Falkenstein, Germany"})
    );
    assert_keys(&details["server"], &["hostname"]);
    assert_keys(
        &details["billing"],
        &["hourly_rate", "billing_start", "last_billed"],
    );
    assert_eq!(
        (&details["id"], &details["status"]),
        (&json!(id), &json!("running"))
    );
    assert_eq!(details["updated_at"], done["completed_at"]);
    let list = api.data("/vps?status=running&location=de").await;
    assert_keys(&list["instances"][0], &SHORT);
    assert_eq!(api.data("/vps?location=la").await["instances"], json!([]));

    let status = api.data(&format!("/vps/{id}/status")).await;
    assert_keys(
        &status,
        &[
            "vps_id",
            "vmid",
            "name",
            "status",
            "qmpstatus",
            "cpu",
            "memory",
            "disk",
            "network",
            "uptime_seconds",
            "pid",
        ],
    );
    assert_keys(&status["cpu"], &["usage_percent", "cores"]);
    assert_keys(
        &status["memory"],
        &["used_bytes", "total_bytes", "usage_percent"],
    );
    assert_keys(&status["disk"], &["read_bytes", "write_bytes"]);
    assert_keys(&status["network"], &["in_bytes", "out_bytes"]);
    let console = api.data(&format!("/vps/{id}/console")).await;
    assert_keys(
        &console,
        &["vps_id", "console_url", "type", "expires_in_seconds"],
    );
    assert_eq!(
        (&console["type"], &console["expires_in_seconds"]),
        (&json!("novnc"), &json!(300))
    );

    for (action, status) in [
        ("stop", "stopped"),
        ("stop", "stopped"),
        ("start", "running"),
        ("start", "running"),
        ("restart", "running"),
    ] {
        let reply = api.post(&format!("/vps/{id}/{action}"), Value::Null).await;
        assert_eq!(reply.status, 200, "{action}");
        assert_keys(
            &reply.json()["data"],
            &["id", "vmid", "name", "status", "ip_address"],
        );
        assert_eq!(reply.json()["data"]["status"], json!(status), "{action}");
    }
    let summary = api.data("/vps/summary").await;
    assert_eq!(
        (&summary["running"], &summary["locations"]),
        (&json!(1), &json!({"de": 1}))
    );
    assert_eq!(summary["total_monthly_cost"], json!("12.00"));

    let gone = api
        .post(&format!("/vps/{id}/delete"), Value::Null)
        .await
        .json();
    assert_eq!(
        gone["data"],
        json!({"deleted": true, "vps_id": id, "name": "edge-7.demo.test", "vmid": details["vmid"]})
    );
    assert_error(
        &api.post(&format!("/vps/{id}/delete"), Value::Null).await,
        400,
        "VPS_ALREADY_DELETED",
    );
    for path in ["", "/status", "/deployment", "/console", "/snapshots"] {
        assert_error(
            &api.get(&format!("/vps/{id}{path}")).await,
            400,
            "VPS_DELETED",
        );
    }
    assert_error(
        &api.post(&format!("/vps/{id}/start"), Value::Null).await,
        400,
        "VPS_DELETED",
    );
    assert_eq!(api.data("/vps").await["pagination"]["total"], json!(0));
    assert_eq!(
        bench.control(Method::GET, "objects", Value::Null).await,
        json!({})
    );
    assert!(
        api.create("edge-7.demo.test").await > id,
        "ids are never used again"
    );
}

#[tokio::test]
async fn failed_deployments() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let fault = json!({"kind": "deployment_failure", "cloud": "cyberpanel", "name": "doomed-*.demo.test",
        "task": "start_vm", "message": "No space left on the node"});
    bench.control(Method::POST, "faults", fault).await;
    let good = api.create("fine.demo.test").await;
    let doomed = api.create("doomed-1.demo.test").await;
    let named = api.create("fail-deploy-2.demo.test").await;
    bench.advance(130.0).await;
    assert_eq!(
        api.data(&format!("/vps/{good}/deployment")).await["is_ready"],
        json!(true)
    );
    let failed = api.data(&format!("/vps/{doomed}/deployment")).await;
    assert_eq!(
        (
            &failed["deployment_status"],
            &failed["vps_status"],
            &failed["current_task"],
            &failed["is_ready"]
        ),
        (
            &json!("failed"),
            &json!("failed"),
            &json!("start_vm"),
            &json!(false)
        )
    );
    assert_eq!(failed["error_message"], json!("No space left on the node"));
    let statuses: Vec<&str> = failed["tasks"]
        .as_array()
        .expect("tasks")
        .iter()
        .filter_map(|task| task["status"].as_str())
        .collect();
    assert_eq!(statuses[4..7], ["completed", "failed", "pending"]);
    assert_eq!(
        api.data(&format!("/vps/{named}/deployment")).await["current_task"],
        json!("configure_network")
    );
    assert_eq!(
        api.data(&format!("/vps/{doomed}")).await["status"],
        json!("failed")
    );
    assert_error(
        &api.post(&format!("/vps/{doomed}/start"), Value::Null).await,
        500,
        "START_FAILED",
    );
    assert_error(
        &api.get(&format!("/vps/{doomed}/status")).await,
        500,
        "STATUS_FAILED",
    );
    assert_eq!(
        api.post(&format!("/vps/{doomed}/delete"), Value::Null)
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn suspended_instances() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let id = api.deployed("late-payer.demo.test").await;
    bench
        .control(
            Method::POST,
            &format!("clouds/cyberpanel/vps/{id}"),
            json!({"suspended": true}),
        )
        .await;
    let details = api.data(&format!("/vps/{id}")).await;
    assert_eq!(
        (&details["status"], &details["is_suspended"]),
        (&json!("suspended"), &json!(true))
    );
    assert_eq!(
        api.data("/vps?status=suspended").await["pagination"]["total"],
        json!(1)
    );
    for action in ["start", "stop", "restart", "delete"] {
        assert_error(
            &api.post(&format!("/vps/{id}/{action}"), Value::Null).await,
            403,
            "VPS_SUSPENDED",
        );
    }
}

#[tokio::test]
async fn speed_makes_deployments_quick_but_not_limits() {
    let config = SandboxConfig {
        speed: 1000.0,
        ..SandboxConfig::default()
    };
    let bench = Bench::with(config).await;
    let api = Api::of(&bench);
    let id = api.create("quick.demo.test").await;
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    let reply = api.get(&format!("/vps/{id}/deployment")).await;
    assert_eq!(reply.json()["data"]["is_ready"], json!(true));
    assert_eq!(reply.number("x-ratelimit-remaining"), Some(58));
}
