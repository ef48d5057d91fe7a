//! Whatever a client sends, every cloud answers something that is an answer of its own.

use axum::http::Method;
use serde_json::{Value, json};

use crate::harness::Bench;

/// A request to a cloud: method, path with `ID` where an identifier goes.
const REQUESTS: [(&str, &str); 44] = [
    ("POST", "cyberpanel/api/v1/vps/create"),
    ("GET", "cyberpanel/api/v1/vps/ID"),
    ("POST", "cyberpanel/api/v1/vps/ID/snapshots/create"),
    ("GET", "cyberpanel/api/v1/vps?limit=ID&offset=ID"),
    (
        "GET",
        "cyberpanel/api/v1/account/api-keys/ID/usage?offset=18446744073709551615",
    ),
    ("POST", "xessone/v1/vps"),
    ("PATCH", "xessone/v1/vps/ID"),
    ("POST", "xessone/v1/email"),
    ("POST", "xessone/v1/storage/buckets"),
    ("POST", "xessone/v1/dns/zones/demo.test/records"),
    ("GET", "xessone/v1/vps?page=18446744073709551615&per_page=1"),
    ("POST", "vpsorg/api/v1/servers/"),
    ("PATCH", "vpsorg/api/v1/servers/ID/"),
    ("POST", "vpsorg/api/v1/servers/ID/power/"),
    ("POST", "vpsorg/api/v1/snapshots/"),
    ("POST", "vpsorg/api/v1/domains/2001/renew/"),
    ("POST", "vpsorg/api/v1/domains/2001/update_nameservers/"),
    ("POST", "vpsorg/api/v1/dns-zones/"),
    ("POST", "vpsorg/api/v1/ssh-keys/"),
    ("GET", "vpsorg/api/v1/servers/?page=18446744073709551615"),
    ("POST", "serverspace/api/v1/servers"),
    ("POST", "serverspace/api/v1/servers/price"),
    ("PUT", "serverspace/api/v1/servers/ID"),
    ("POST", "serverspace/api/v1/networks/isolated"),
    ("POST", "serverspace/api/v1/gateways"),
    ("PUT", "serverspace/api/v1/gateways/ID/firewall"),
    ("POST", "serverspace/api/v1/domains"),
    ("POST", "serverspace/api/v1/domains/ID/records"),
    ("GET", "serverspace/api/v1/tasks/ID"),
    ("POST", "xelon/api/v2/devices"),
    ("PUT", "xelon/api/v2/devices/ID/disk"),
    ("POST", "xelon/api/v2/networks/lan"),
    ("POST", "xelon/api/v2/networks/wan"),
    ("POST", "xelon/api/v2/firewalls"),
    ("POST", "xelon/api/v2/load-balancers"),
    ("POST", "xelon/api/v2/load-balancer-clusters"),
    ("POST", "xelon/api/v2/kubernetes"),
    ("POST", "xelon/api/v2/dns"),
    ("POST", "xelon/api/v2/persistent-storages"),
    ("POST", "xelon/api/v2/object-storages/users"),
    ("POST", "xelon/api/v2/object-storages/buckets"),
    ("POST", "xelon/api/v2/isos/upload"),
    ("POST", "xelon/api/user/login"),
    (
        "GET",
        "xelon/api/v2/devices?page=18446744073709551615&perPage=0",
    ),
];

/// Every field that any endpoint reads, with one value for all.
fn all_fields(value: &Value) -> String {
    let names = [
        "hostname",
        "plan_id",
        "location_code",
        "template_id",
        "root_password",
        "name",
        "label",
        "region",
        "plan",
        "image",
        "address",
        "password",
        "type",
        "value",
        "ttl",
        "priority",
        "location",
        "os_version",
        "ssh_keys",
        "action",
        "years",
        "nameservers",
        "domain",
        "server_id",
        "public_key",
        "location_id",
        "image_id",
        "cpu",
        "ram_mb",
        "volumes",
        "networks",
        "network_prefix",
        "mask",
        "network_ids",
        "bandwidth_mbps",
        "firewall_rules",
        "templateId",
        "ram",
        "diskSize",
        "swapDiskSize",
        "network",
        "networkSize",
        "networkSpeedValue",
        "cloudIdentifier",
        "size",
        "storageSize",
        "quota",
        "workerPool",
        "email",
        "cloudId",
        "nodesSpec",
    ];
    let object: serde_json::Map<String, Value> = names
        .iter()
        .map(|name| ((*name).to_owned(), value.clone()))
        .collect();
    Value::Object(object).to_string()
}

#[tokio::test]
async fn nonsense_is_answered() {
    let bench = Bench::start().await;
    let mut bodies: Vec<String> = ["", "{", "null", "[]", "\"x\"", "17", "{\"name\":"]
        .iter()
        .map(|text| (*text).to_owned())
        .collect();
    let values = [
        json!(null),
        json!(true),
        json!(-1),
        json!(9_223_372_036_854_775_807_i64),
        json!(1e300),
        json!(""),
        json!("é\u{0}/../"),
        json!([]),
        json!([null]),
        json!([{}]),
        json!({}),
        json!("0.0.0.0"),
        json!("x".repeat(5000)),
    ];
    bodies.extend(values.iter().map(all_fields));
    let keys: Vec<(String, String)> = [
        "CYBERPANEL_API_KEY",
        "XESSONE_API_KEY",
        "VPSORG_API_TOKEN",
        "XELON_TOKEN",
    ]
    .iter()
    .map(|name| {
        (
            "authorization".to_owned(),
            format!("Bearer {}", bench.variable(name)),
        )
    })
    .collect();
    let serverspace = bench.variable("SERVERSPACE_KEY");
    for (method, path) in REQUESTS {
        let bearer = match path.split('/').next() {
            Some("cyberpanel") => &keys[0].1,
            Some("xessone") => &keys[1].1,
            Some("vpsorg") => &keys[2].1,
            _ => &keys[3].1,
        };
        let headers = [
            ("authorization", bearer.as_str()),
            ("x-api-key", serverspace.as_str()),
        ];
        let ids: &[&str] = if path.contains("ID") {
            &[
                "1",
                "-1",
                "x",
                "%00",
                "99999999999999999999",
                "%F0%9F%8C%B1",
            ]
        } else {
            &["1"]
        };
        for id in ids {
            let url = format!("{}/{}", bench.sandbox.url(), path.replace("ID", id));
            for body in &bodies {
                let method: Method = method.parse().expect("a method");
                let body = (method != Method::GET).then(|| body.clone());
                let sent = body.clone().unwrap_or_default();
                let reply = bench.send_text(method, &url, &headers, body).await;
                let reply = reply.unwrap_or_else(|error| panic!("{url} {sent:.80}: {error}"));
                assert!(
                    reply.status < 500,
                    "{url} {sent:.80}: {} {}",
                    reply.status,
                    reply.text
                );
                assert!(
                    !reply.text.contains("The sandbox failed"),
                    "{url}: {}",
                    reply.text
                );
            }
        }
    }
}
