//! How many requests a refresh takes: of every resource type of every cloud, measured in
//! the sandbox's log, against the table of the documentation.
//!
//! What is read was made by the real binary from the cloud's example; the sandbox then
//! makes as many copies of it as are needed.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use loam_address::Mode;
use loam_diag::SourceMap;
use loam_provider::{Provider, ProviderType, ReadDepth, ReadOutcome, ReadRequest};
use loam_rest::RestProviderType;
use loam_sandbox::{RateLimits, Sandbox, SandboxConfig};
use loam_state::{Instance, InstanceId, OpenOptions, Store};
use loam_value::{Value, codec};
use serde_json::{Value as Json, json};

use crate::world::World;

/// Where the sandbox keeps the objects of a resource type.
#[derive(Clone, Copy)]
struct Place {
    /// The resource type.
    of: &'static str,
    /// The kind of document.
    document: &'static str,
    /// What it belongs to: the kind of document, and the attribute with its id.
    parent: Option<(&'static str, &'static str)>,
    how: How,
    /// Texts that have to differ.
    vary: &'static [&'static str],
}

#[derive(Clone, Copy, PartialEq)]
enum How {
    /// In a document of its own.
    Own,
    /// In its parent's document.
    Part,
    /// There is one of each parent.
    OnePerParent,
}

const fn own(of: &'static str, document: &'static str) -> Place {
    Place {
        of,
        document,
        parent: None,
        how: How::Own,
        vary: &[],
    }
}

const fn below(
    of: &'static str,
    document: &'static str,
    parent: (&'static str, &'static str),
) -> Place {
    Place {
        parent: Some(parent),
        ..own(of, document)
    }
}

const fn part(of: &'static str, parent: (&'static str, &'static str)) -> Place {
    Place {
        how: How::Part,
        ..below(of, "", parent)
    }
}

const fn one(of: &'static str, parent: (&'static str, &'static str)) -> Place {
    Place {
        how: How::OnePerParent,
        ..below(of, "", parent)
    }
}

/// Those that are not simply in documents of their own name.
const PLACES: &[Place] = &[
    below("cyberpanel_vps_snapshot", "vps_snapshot", ("vps", "vps_id")),
    below("xessone_dns_record", "dns_record", ("dns_zone", "zone")),
    Place {
        vary: &["address"],
        ..own("xessone_email_account", "email_account")
    },
    below("vpsorg_dns_record", "dns_record", ("dns_zone", "zone")),
    below("vpsorg_snapshot", "snapshot", ("server", "server_id")),
    own("serverspace_ssh", "ssh_key"),
    below("serverspace_domain_record", "record", ("domain", "domain")),
    part("serverspace_snapshot", ("server", "server_id")),
    part("serverspace_server_volume", ("server", "server_id")),
    part(
        "serverspace_server_public_interface",
        ("server", "server_id"),
    ),
    part(
        "serverspace_server_network_attachment",
        ("server", "server_id"),
    ),
    one("serverspace_server_backup", ("server", "server_id")),
    part(
        "serverspace_vmware_server_volume",
        ("vmware_server", "server_id"),
    ),
    part(
        "serverspace_vmware_server_public_interface",
        ("vmware_server", "server_id"),
    ),
    part(
        "serverspace_vmware_server_network_attachment",
        ("vmware_server", "server_id"),
    ),
    one(
        "serverspace_vmware_server_snapshot",
        ("vmware_server", "server_id"),
    ),
    one(
        "serverspace_vmware_server_firewall",
        ("vmware_server", "server_id"),
    ),
    one(
        "serverspace_vmware_edge_firewall",
        ("vmware_network", "network_id"),
    ),
    part(
        "serverspace_vmware_edge_nat_rule",
        ("vmware_network", "network_id"),
    ),
    part(
        "serverspace_vmware_edge_vpn_tunnel",
        ("vmware_network", "network_id"),
    ),
    below("xelon_dns_record", "dns_record", ("dns_zone", "zone_id")),
    one("xelon_dns_soa", ("dns_zone", "zone_id")),
    one("xelon_device_backup", ("device", "device_id")),
    part("xelon_device_disk", ("device", "device_id")),
    part(
        "xelon_firewall_forwarding_rule",
        ("firewall", "firewall_id"),
    ),
    part(
        "xelon_load_balancer_forwarding_rule",
        ("load_balancer", "load_balancer_id"),
    ),
    part(
        "xelon_load_balancer_cluster_forwarding_rule",
        ("load_balancer_cluster", "load_balancer_cluster_id"),
    ),
    below(
        "xelon_kubernetes_node_pool",
        "kubernetes_node_pool",
        ("kubernetes_cluster", "kubernetes_cluster_id"),
    ),
    part(
        "xelon_object_storage_access_key",
        ("object_storage_user", "user_id"),
    ),
    below(
        "xelon_object_storage_bucket",
        "object_storage_bucket",
        ("object_storage_user", "user_id"),
    ),
    one("xelon_network_share", ("network", "network_id")),
];

fn place(kind: &'static str) -> Place {
    let found = PLACES.iter().find(|p| p.of == kind);
    let document = kind.split_once('_').map_or("", |(_, rest)| rest);
    found.copied().unwrap_or(own(kind, document))
}

/// An object as the state has it.
#[derive(Clone)]
struct Object {
    value: Value,
    instance: Instance,
}

/// A cloud's description, read once, for whatever sandbox the environment names.
struct Description {
    kind: RestProviderType,
    environment: Arc<Mutex<BTreeMap<String, String>>>,
}

impl Description {
    fn read(cloud: &str) -> Description {
        let files = loam_clouds::all().iter().find(|d| d.name == cloud);
        let files = files.expect("a description").files;
        let kind = RestProviderType::parse(&SourceMap::default(), files.iter().copied());
        let kind = kind.unwrap_or_else(|d| panic!("{d:?}"));
        let environment: Arc<Mutex<BTreeMap<String, String>>> = Arc::default();
        let given = environment.clone();
        let kind = kind.with_environment(move |name| match name {
            n if n.ends_with("_REQUESTS_PER_MINUTE") || n.ends_with("_PER_HOUR") => {
                Some("10000000".into())
            }
            n => given.lock().expect("sound").get(n).cloned(),
        });
        Description { kind, environment }
    }
}

/// A sandbox with what an example has made, and the cloud's provider for it.
struct Bench {
    sandbox: Sandbox,
    provider: Arc<dyn Provider>,
    http: String,
}

impl Bench {
    async fn start(database: &Path, cloud: &Description) -> Bench {
        let config = SandboxConfig {
            database: Some(database.to_owned()),
            speed: 1000.0,
            rate_limits: RateLimits::Off,
            ..SandboxConfig::default()
        };
        let sandbox = loam_sandbox::start(config).await.expect("it starts");
        *cloud.environment.lock().expect("sound") = sandbox.environment().into_iter().collect();
        let kind = &cloud.kind;
        let settings = Value::null(kind.schema().provider.implied_type());
        let provider = kind
            .configure(&settings)
            .unwrap_or_else(|d| panic!("{d:?}"));
        let http = sandbox.address().to_string();
        Bench {
            sandbox,
            provider,
            http,
        }
    }

    async fn control(&self, method: &str, path: &str, body: &Json) -> (u16, Json) {
        let (address, method) = (self.http.clone(), method.to_owned());
        let (path, body) = (format!("/_sandbox/{path}"), body.to_string());
        let asked = tokio::task::spawn_blocking(move || {
            crate::world::request(
                address.parse().expect("an address"),
                &method,
                &path,
                "",
                &body,
            )
        });
        asked.await.expect("asked")
    }

    /// Copies of an object, as the state would have them.
    async fn copies(
        &self,
        cloud: &str,
        object: &Object,
        wish: Json,
    ) -> Result<Vec<Object>, String> {
        let mut wish = wish;
        wish["cloud"] = json!(cloud);
        let (status, made) = self.control("POST", "copies", &wish).await;
        if status != 201 {
            return Err(format!("{wish}: {status} {made}"));
        }
        let copies = made["copies"].as_array().expect("copies");
        let copy = |renamed: &Json| Object {
            value: renamed_in(&object.value, renamed),
            instance: object.instance.clone(),
        };
        Ok(copies.iter().map(copy).collect())
    }

    /// Reads objects; how many requests it took.
    async fn read(&self, kind: &str, objects: &[Object]) -> usize {
        self.control("DELETE", "requests", &Json::Null).await;
        let request = |o: &Object| ReadRequest {
            address: kind.to_owned(),
            state: o.value.clone(),
            private: o.instance.private.clone(),
        };
        let requests = objects.iter().map(request).collect();
        let outcomes = self.provider.read(kind, requests, ReadDepth::Sparing).await;
        for (outcome, object) in outcomes.iter().zip(objects) {
            match outcome {
                ReadOutcome::Present { state, .. } => {
                    assert_eq!(state.get("id"), object.value.get("id"), "{kind}");
                }
                other => panic!("{kind}: {other:?} {:?}", object.value),
            }
        }
        let (_, log) = self.control("GET", "requests?limit=1", &Json::Null).await;
        usize::try_from(log["total"].as_u64().expect("a number")).expect("small")
    }
}

/// An object with other ids: whole texts, the pieces of ids that consist of several, and
/// numbers that are ids.
fn renamed_in(value: &Value, renamed: &Json) -> Value {
    let value = value.unmarked_deep();
    let text = codec::json::encode(&value).expect("encoded");
    let json = serde_json::from_str(&text).expect("JSON");
    let json = rewritten("", &json, renamed);
    codec::json::decode_typed(&json.to_string(), &value.ty()).expect("decoded")
}

fn rewritten(name: &str, json: &Json, renamed: &Json) -> Json {
    let new = |old: &str| renamed[old].as_str().map(str::to_owned);
    let names_one = name == "id" || name == "number" || name.ends_with("_id");
    match json {
        Json::String(text) => {
            let whole = new(text).or_else(|| {
                let pieces = text
                    .split('/')
                    .map(|p| new(p).unwrap_or_else(|| p.to_owned()));
                Some(pieces.collect::<Vec<_>>().join("/"))
            });
            whole.unwrap_or_default().into()
        }
        Json::Number(number) if names_one => match new(&number.to_string()) {
            Some(new) => new.parse::<i64>().expect("a number").into(),
            None => json.clone(),
        },
        Json::Array(items) => items.iter().map(|v| rewritten("", v, renamed)).collect(),
        Json::Object(fields) => {
            let fields = fields.iter();
            Json::Object(
                fields
                    .map(|(n, v)| (n.clone(), rewritten(n, v, renamed)))
                    .collect(),
            )
        }
        other => other.clone(),
    }
}

fn attribute(object: &Object, name: &str) -> String {
    let value = object.value.get(name).expect("there").unmarked_deep();
    match value.as_str() {
        Some(text) => text.to_owned(),
        None => codec::json::encode(&value).expect("encoded"),
    }
}

/// Requests for 1, 100 and 1,000 objects, and for 100 that each belong to another parent.
type Measured = ([usize; 3], Option<usize>);

async fn measure(
    bench: &Bench,
    cloud: &str,
    place: Place,
    made: &[Object],
    counts: &[usize],
) -> Vec<usize> {
    let object = made.first().expect("one at least");
    let id = object.value.get("id").map(|_| attribute(object, "id"));
    let id = id.unwrap_or_default();
    let last = id.rsplit('/').next().unwrap_or_default().to_owned();
    let mut wishes = match (place.how, place.parent) {
        (How::Own, _) => vec![
            json!({"kind": place.document, "id": id, "vary": place.vary}),
            json!({"kind": place.document, "id": last, "vary": place.vary}),
        ],
        (How::Part, Some((document, parent))) => {
            vec![json!({"kind": document, "id": attribute(object, parent), "part": last})]
        }
        (_, Some((document, parent))) => {
            vec![json!({"kind": document, "id": attribute(object, parent)})]
        }
        (_, None) => panic!("{} has no parent", place.of),
    };
    // Those of the example come first: they are in the same list.
    let mut objects = match place.how {
        How::Own => made.to_vec(),
        How::Part | How::OnePerParent => vec![object.clone()],
    };
    let mut measured = Vec::new();
    for count in counts {
        if let Some(missing) = count.checked_sub(objects.len()).filter(|n| *n > 0) {
            let mut made = Err(String::new());
            for wish in &mut wishes {
                wish["count"] = json!(missing);
                made = bench.copies(cloud, object, wish.clone()).await;
                if made.is_ok() {
                    break;
                }
            }
            objects.extend(made.unwrap_or_else(|e| panic!("{}: {e}", place.of)));
        }
        measured.push(bench.read(place.of, &objects[..*count]).await);
    }
    measured
}

/// Everything of a cloud: by resource type.
fn measured(cloud: &'static str) -> BTreeMap<String, Measured> {
    let database = tempfile::tempdir().expect("a directory");
    let made = database.path().join("made.db");
    let sandbox = SandboxConfig {
        database: Some(made.clone()),
        speed: 1000.0,
        rate_limits: RateLimits::Off,
        ..SandboxConfig::default()
    };
    let mut w = World::with("", sandbox);
    w.set("LOAM_API_SPEED", "1000");
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../examples/{cloud}"));
    for file in std::fs::read_dir(example).expect("there").flatten() {
        let text = std::fs::read_to_string(file.path()).expect("text");
        w.write(&file.file_name().to_string_lossy(), &text);
    }
    std::fs::remove_file(w.path("main.tf")).expect("removed");
    w.apply();
    w.cloud = None;
    let store = Store::open(w.path("state/default.db"), OpenOptions::read()).expect("opened");
    let state = store.snapshot().expect("read");
    let mut objects: BTreeMap<String, Vec<Object>> = BTreeMap::new();
    let managed = |id: &&InstanceId| id.addr.resource.mode == Mode::Managed;
    for id in state.instances.keys().filter(managed) {
        let instance = &state.instances[id];
        let entry = objects.entry(id.addr.resource.kind.to_string());
        entry.or_default().push(Object {
            value: instance.value.clone(),
            instance: instance.clone(),
        });
    }
    let description = Description::read(cloud);
    let kinds = description.kind.schema().resources.keys();
    let kinds: Vec<String> = kinds.map(ToString::to_string).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let mut all = BTreeMap::new();
    for kind in kinds {
        let object = objects.get(&kind);
        let object = object.unwrap_or_else(|| panic!("no {kind} in the example"));
        let place = place(Box::leak(kind.clone().into_boxed_str()));
        // Each in a sandbox of its own, so that no other copies are in its lists.
        let copy = |n: usize| {
            let to = database.path().join(format!("{kind}-{n}.db"));
            std::fs::copy(&made, &to).expect("copied");
            to
        };
        let found = runtime.block_on(async {
            let bench = Bench::start(&copy(1), &description).await;
            let counts = measure(&bench, cloud, place, object, &[1, 100, 1000]).await;
            bench.sandbox.stop().await;
            let apart = match (place.how, place.parent) {
                (How::Own | How::Part, Some(_)) => {
                    let bench = Bench::start(&copy(2), &description).await;
                    let one = Place {
                        how: How::OnePerParent,
                        ..place
                    };
                    let counts = measure(&bench, cloud, one, object, &[100]).await;
                    bench.sandbox.stop().await;
                    counts.first().copied()
                }
                _ => None,
            };
            ([counts[0], counts[1], counts[2]], apart)
        });
        all.insert(kind, found);
    }
    all
}

fn thousands(n: usize) -> String {
    match n {
        1000.. => format!("{},{:03}", n / 1000, n % 1000),
        _ => n.to_string(),
    }
}

fn row(kind: &str, (counts, apart): &Measured) -> String {
    let counts = counts.map(thousands).join(" | ");
    let apart = apart.map_or("".to_owned(), thousands);
    format!("| `{kind}` | {counts} | {apart} |").replace("|  |", "| |")
}

fn the_table_is_true(cloud: &'static str) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/requests.md");
    let text = std::fs::read_to_string(path).expect("docs/requests.md");
    let prefix = format!("| `{cloud}_");
    let mut told: Vec<&str> = text.lines().filter(|l| l.starts_with(&prefix)).collect();
    told.sort_unstable();
    let measured = measured(cloud);
    let mut rows: Vec<String> = measured.iter().map(|(k, m)| row(k, m)).collect();
    rows.sort_unstable();
    assert_eq!(
        told,
        rows,
        "the table of docs/requests.md has to be:\n{}",
        rows.join("\n")
    );
}

#[test]
fn requests_of_cyberpanel() {
    the_table_is_true("cyberpanel");
}

#[test]
fn requests_of_serverspace() {
    the_table_is_true("serverspace");
}

#[test]
fn requests_of_vpsorg() {
    the_table_is_true("vpsorg");
}

#[test]
fn requests_of_xelon() {
    the_table_is_true("xelon");
}

#[test]
fn requests_of_xessone() {
    the_table_is_true("xessone");
}
