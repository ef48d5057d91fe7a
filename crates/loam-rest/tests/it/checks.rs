//! What a cloud would refuse is refused before anything is sent, with the reason.

use loam_provider::ProviderType;
use serde_json::{Value as Json, json};

use crate::clouds::KEY;
use crate::world::{World, machine, said};

/// A resource type, arguments that are fine, and arguments that are not with what is said.
type Case = (&'static str, Json, Vec<(&'static str, Json, &'static str)>);

fn cyberpanel() -> Vec<Case> {
    vec![(
        "cyberpanel_vps",
        machine("a.example.com"),
        vec![
            ("hostname", json!("-a.example.com"), "fully qualified"),
            ("plan_id", json!(0), "whole number"),
            ("root_password", json!("12345678"), "one letter"),
            ("ssh_key", json!("not a key"), "OpenSSH public key"),
            ("webhook_url", json!("ftp://example.com"), "whole address"),
        ],
    )]
}

fn vpsorg() -> Vec<Case> {
    vec![
        (
            "vpsorg_server",
            json!({"hostname": "api.demo.test", "location": 4, "plan": "5b0c7c1e-6a55-4f0e-9d0a-2f6f4f0a1b11",
                "os_version": "c2d9a1f0-31f7-4b3e-8c55-0a9be7d2e901"}),
            vec![("hostname", json!("under_score"), "letters, digits, hyphens")],
        ),
        (
            "vpsorg_ssh_key",
            json!({"name": "ci", "public_key": format!("{KEY} me@example.com")}),
            vec![("public_key", json!("nonsense"), "OpenSSH public key")],
        ),
        (
            "vpsorg_dns_zone",
            json!({"domain": "zone.test"}),
            vec![("domain", json!("zone"), "domain name")],
        ),
        (
            "vpsorg_domain",
            json!({"domain_name": "demo.test", "nameservers": ["ns1.demo.test"]}),
            vec![
                ("nameservers", json!([]), "One to four"),
                ("nameservers", json!(["ns1"]), "host name"),
            ],
        ),
    ]
}

fn xessone() -> Vec<Case> {
    vec![
        (
            "xessone_vps",
            json!({"label": "shop", "region": "fra", "plan": "edge-1", "image": "debian-12"}),
            vec![
                ("label", json!("a b"), "64 letters"),
                ("root_password", json!("short"), "8 to 72"),
                ("ssh_keys", json!(["nonsense"]), "OpenSSH public key"),
            ],
        ),
        (
            "xessone_email_account",
            json!({"address": "me@demo.test", "password": "secret-pass-1"}),
            vec![
                ("address", json!("me"), "whole address"),
                ("password", json!("short"), "8 to 128"),
                ("quota_mb", json!(0), "at least 1"),
            ],
        ),
        (
            "xessone_bucket",
            json!({"name": "media"}),
            vec![("name", json!("Upper"), "lower-case")],
        ),
        (
            "xessone_dns_record",
            json!({"zone": "demo.test", "type": "A", "name": "www", "value": "192.0.2.1"}),
            vec![
                ("type", json!("PTR"), "one of A, AAAA"),
                ("type", json!("AAAA"), "IPv6"),
                ("value", json!("www.demo.test"), "IPv4"),
                ("value", json!("2001:db8::1"), "IPv4"),
                ("ttl", json!(59), "60 to 86400"),
                ("priority", json!(10), "not allowed for others"),
                ("type", json!("MX"), "required for MX"),
            ],
        ),
    ]
}

#[tokio::test]
async fn what_a_cloud_refuses_is_refused_before_it_is_sent() {
    for (cloud, cases) in [
        ("cyberpanel", cyberpanel()),
        ("vpsorg", vpsorg()),
        ("xessone", xessone()),
    ] {
        let world = World::of(cloud).await;
        for (kind, good, bad) in cases {
            let problems = world.kind.validate(kind, &world.config(kind, good.clone()));
            assert!(problems.is_empty(), "{kind}: {}", said(&problems));
            for (argument, value, reason) in bad {
                let mut arguments = good.clone();
                arguments[argument] = value.clone();
                let config = world.config(kind, arguments);
                world.forget().await;
                let told = said(&world.kind.validate(kind, &config));
                let case = format!("{kind}.{argument} = {value}: {told}");
                assert!(told.contains(reason), "{case}");
                assert!(world.requests().await.is_empty(), "{case}");
                // The emulated cloud, which was written from its contract, agrees.
                let outcome = world.apply(kind, None, &config).await;
                assert!(outcome.diagnostics.has_errors(), "{case}");
            }
        }
    }
}
