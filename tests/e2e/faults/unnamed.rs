//! Objects that no argument names: if the answer to their creation is lost, what was there
//! before tells which one is new.

use serde_json::json;

use super::{XELON, strike, world};
use crate::servers::servers;

/// A further disk as large as the machine's first one, a record in a zone, and a key
/// beside the one that every user has.
const PARTS: &str = r#"
resource "xelon_device_disk" "data" {
  device_id = xelon_device.web[0].id
  size      = 20
}
resource "xelon_dns_zone" "own" {
  name = "example.com"
}
resource "xelon_dns_record" "www" {
  zone_id = xelon_dns_zone.own.id
  name    = "www"
  type    = "A"
  content = "192.0.2.10"
  ttl     = 3600
}
resource "xelon_object_storage_user" "app" {
  name          = "app"
  region        = "zh1"
  storage_limit = 100
}
resource "xelon_object_storage_access_key" "app" {
  user_id = xelon_object_storage_user.app.id
}
"#;

#[test]
fn what_a_lost_answer_does_not_name_is_found_by_what_was_there_before() {
    let w = world(&(servers("xelon", "web", 1) + PARTS));
    let lost = json!({"kind": "drop", "effect": "after"});
    for path in [
        "/v2/devices/*/disk",
        "/v2/dns/*/records",
        "/v2/object-storages/users/*/tokens",
    ] {
        strike(&w, &XELON, ("POST", path), &lost);
    }
    // Either the run itself finds them, or the next one does.
    w.run("apply -auto-approve -input=false");
    let again = w.apply().says(" 0 destroyed.");
    w.plan().says("No changes.");

    for part in ["/disk", "/records", "/tokens"] {
        let posted = w.cloud().control(
            "GET",
            &format!("/_sandbox/requests?cloud=xelon&method=POST&path={part}"),
            "",
        );
        assert_eq!(posted["total"], 1, "{part}:\n{}", again.all());
    }
    // It is the new disk, not the machine's first one, which has the same size.
    w.run("state show xelon_device_disk.data")
        .says(r#"name      = "Hard disk 3""#);
}
