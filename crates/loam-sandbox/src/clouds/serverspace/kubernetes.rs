//! The Kubernetes section, which is kept alive and no more: clusters with groups of nodes. What its bodies
//! hold beyond the fields of the answers is not published, so that only these are looked at.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::clock::later;
use crate::fields::{FieldError, Fields};
use crate::store::{Collection, Db, StoreError};

use super::CLOUD;
use super::answer::{Answer, Failure, INVALID, empty, not_found, ok, refuse};
use super::catalog::location;
use super::input::{body, int, required_int};
use super::life::Life;
use super::servers::here;
use super::tasks;

const VERSIONS: [&str; 3] = ["1.26.4", "1.27.3", "1.28.1"];
/// Virtual seconds.
const CREATION: f64 = 180.0;
const CHANGE: f64 = 30.0;

/// A cluster.
#[derive(Debug, Serialize, Deserialize)]
struct Cluster {
    id: String,
    location: String,
    name: String,
    version: String,
    high_availability: bool,
    groups: Vec<Group>,
    tags: Vec<String>,
    life: Life,
}

/// Nodes of one size.
#[derive(Debug, Serialize, Deserialize)]
struct Group {
    id: i64,
    name: String,
    cpu: i64,
    ram_mb: i64,
    nodes: i64,
    ingress: bool,
    gone_at: Option<Timestamp>,
}

fn clusters<'a>(db: &'a Db<'_>) -> Collection<'a> {
    db.collection(CLOUD, "kubernetes_cluster")
}

impl Group {
    fn view(&self, state: &str) -> Value {
        let nodes: Vec<Value> = (1..=self.nodes)
            .map(|number| json!({"name": format!("{}-{number}", self.name)}))
            .collect();
        json!({"id": self.id, "name": self.name, "cpu_per_node": self.cpu, "ram_per_node": self.ram_mb,
            "number_of_nodes": self.nodes, "nodes": nodes, "ingress": self.ingress, "state": state, "tags": []})
    }
}

impl Cluster {
    fn groups(&self, now: Timestamp) -> impl Iterator<Item = &Group> {
        self.groups
            .iter()
            .filter(move |group| here(group.gone_at, now))
    }

    fn view(&self, now: Timestamp) -> Value {
        let state = self.life.state(now);
        let groups: Vec<Value> = self.groups(now).map(|group| group.view(state)).collect();
        json!({"id": self.id, "location_id": self.location, "name": self.name, "version": self.version,
            "high_availability": self.high_availability, "node_groups": groups, "state": state, "tags": self.tags})
    }

    /// Begins a change; the answer is its task.
    fn change(mut self, call: &Call<'_>, kind: &str) -> Answer {
        self.life.change(call.now, CHANGE)?;
        clusters(call.db).update(&self.id, &self)?;
        ok(json!({"task_id": task(call, kind, &self.id, CHANGE)?}))
    }
}

/// Tasks have ids of their own here, and name the cluster as the older clients want it, too.
fn task(call: &Call<'_>, kind: &str, cluster: &str, seconds: f64) -> Result<String, Failure> {
    let number = call.db.next_number(CLOUD, "kubernetes_task", 71)?;
    let id = format!("k8s_f{number}");
    let about = [("cluster", cluster.to_owned())];
    tasks::start_named(call.db, call.now, &id, kind, &about, seconds, false)?;
    Ok(id)
}

fn existing(db: &Db<'_>, now: Timestamp) -> Result<Vec<Cluster>, StoreError> {
    let mut list: Vec<Cluster> = clusters(db).oldest_first(None)?;
    list.retain(|cluster| cluster.life.exists(now));
    Ok(list)
}

/// All that exist.
pub fn all(db: &Db<'_>, now: Timestamp) -> Result<Vec<Value>, StoreError> {
    let list = existing(db, now)?;
    Ok(list.iter().map(|cluster| cluster.view(now)).collect())
}

fn find(call: &Call<'_>) -> Result<Cluster, Failure> {
    let found: Option<Cluster> = clusters(call.db).live(call.request.param("id"))?;
    found
        .filter(|cluster| cluster.life.exists(call.now))
        .ok_or_else(|| not_found("cluster"))
}

/// `GET k8s_versions`
pub fn versions(_: &Call<'_>) -> Answer {
    ok(json!({"versions": VERSIONS}))
}

/// `GET k8s_clusters/{id}/k8s_versions`: what it can go to.
pub fn newer_versions(call: &Call<'_>) -> Answer {
    let cluster = find(call)?;
    let newer = VERSIONS
        .iter()
        .skip_while(|version| **version != cluster.version)
        .skip(1);
    ok(json!({"versions": newer.collect::<Vec<_>>()}))
}

/// `GET k8s_clusters`
pub fn list(call: &Call<'_>) -> Answer {
    ok(json!({"kubernetes_clusters": all(call.db, call.now)?}))
}

/// `GET k8s_clusters/{id}`
pub fn read(call: &Call<'_>) -> Answer {
    ok(json!({"kubernetes_cluster": find(call)?.view(call.now)}))
}

fn version(body: &Fields) -> Result<String, Failure> {
    let version = body.required_text("version")?;
    if !VERSIONS.contains(&version) {
        let rule = format!("must be one of {}", VERSIONS.join(", "));
        return Err(FieldError::new("version", rule).into());
    }
    Ok(version.to_owned())
}

fn group(call: &Call<'_>, fields: &Fields) -> Result<Group, Failure> {
    let positive = |field: &str| match required_int(fields, field)? {
        number @ 1.. => Ok(number),
        _ => Err(FieldError::new(field, "must be at least 1")),
    };
    Ok(Group {
        id: call.db.next_number(CLOUD, "node_group", 41)?,
        name: fields.required_text("name")?.to_owned(),
        cpu: positive("cpu_per_node")?,
        ram_mb: positive("ram_per_node")?,
        nodes: positive("number_of_nodes")?,
        ingress: false,
        gone_at: None,
    })
}

/// `POST k8s_clusters`
pub fn create(call: &Call<'_>) -> Answer {
    let body = body(call.request)?;
    let site = location(body.required_text("location_id")?)?;
    let mut groups = Vec::new();
    for item in body.list("node_groups")?.unwrap_or_default() {
        groups.push(group(call, &Fields::inside("node_groups", item)?)?);
    }
    let number = call.db.next_number(CLOUD, "kubernetes_cluster", 3)?;
    let cluster = Cluster {
        id: format!("l{}k{number}", site.number),
        location: site.id.to_owned(),
        name: body.required_text("name")?.to_owned(),
        version: version(&body)?,
        high_availability: body.flag("high_availability")?.unwrap_or(false),
        groups,
        tags: Vec::new(),
        life: Life::begin(call.now, CREATION, false),
    };
    clusters(call.db).insert(&cluster.id, None, &cluster)?;
    let id = task(call, "CreateCluster", &cluster.id, CREATION)?;
    super::answer::created(json!({"task_id": id}))
}

/// `PUT k8s_clusters/{id}`: a newer version.
pub fn update(call: &Call<'_>) -> Answer {
    let mut cluster = find(call)?;
    let wanted = version(&body(call.request)?)?;
    let place = |version: &str| VERSIONS.iter().position(|known| *known == version);
    if place(&wanted) < place(&cluster.version) {
        return Err(refuse(INVALID, "version cannot go back"));
    }
    cluster.version = wanted;
    cluster.change(call, "UpdateCluster")
}

/// `DELETE k8s_clusters/{id}`
pub fn delete(call: &Call<'_>) -> Answer {
    let mut cluster = find(call)?;
    cluster.life.end(call.now, CHANGE)?;
    clusters(call.db).update(&cluster.id, &cluster)?;
    ok(json!({"task_id": task(call, "DeleteCluster", &cluster.id, CHANGE)?}))
}

/// `GET k8s_clusters/{id}/node_groups`
pub fn groups(call: &Call<'_>) -> Answer {
    let view = find(call)?.view(call.now);
    ok(json!({"node_groups": view["node_groups"]}))
}

fn group_mut<'c>(call: &Call<'_>, cluster: &'c mut Cluster) -> Result<&'c mut Group, Failure> {
    let id = call.request.param("group");
    cluster
        .groups
        .iter_mut()
        .find(|group| group.id.to_string() == id && here(group.gone_at, call.now))
        .ok_or_else(|| not_found("node group"))
}

/// `GET k8s_clusters/{id}/node_groups/{gid}`
pub fn read_group(call: &Call<'_>) -> Answer {
    let mut cluster = find(call)?;
    let state = cluster.life.state(call.now);
    ok(json!({"node_group": group_mut(call, &mut cluster)?.view(state)}))
}

/// `POST k8s_clusters/{id}/node_groups`
pub fn add_group(call: &Call<'_>) -> Answer {
    let mut cluster = find(call)?;
    let new = group(call, &body(call.request)?)?;
    cluster.groups.push(new);
    cluster.change(call, "CreateNodeGroup")
}

/// `PUT k8s_clusters/{id}/node_groups/{gid}`
pub fn resize_group(call: &Call<'_>) -> Answer {
    let mut cluster = find(call)?;
    let nodes = int(&body(call.request)?, "number_of_nodes")?
        .filter(|nodes| *nodes >= 1)
        .ok_or_else(|| FieldError::new("number_of_nodes", "must be at least 1"))?;
    group_mut(call, &mut cluster)?.nodes = nodes;
    cluster.change(call, "UpdateNodeGroup")
}

/// `POST k8s_clusters/{id}/node_groups/{gid}/ingress`
pub fn add_ingress(call: &Call<'_>) -> Answer {
    let mut cluster = find(call)?;
    group_mut(call, &mut cluster)?.ingress = true;
    cluster.change(call, "CreateIngress")
}

/// `DELETE k8s_clusters/{id}/node_groups/{gid}`
pub fn delete_group(call: &Call<'_>) -> Answer {
    let mut cluster = find(call)?;
    group_mut(call, &mut cluster)?.gone_at = Some(later(call.now, CHANGE));
    cluster.change(call, "DeleteNodeGroup")
}

/// `POST k8s_clusters/{id}/tags`
pub fn add_tag(call: &Call<'_>) -> Answer {
    let mut cluster = find(call)?;
    let body = body(call.request)?;
    let value = body.required_text("value")?;
    if !cluster.tags.iter().any(|tag| tag == value) {
        cluster.tags.push(value.to_owned());
        clusters(call.db).update(&cluster.id, &cluster)?;
    }
    ok(json!({"value": value}))
}

/// `DELETE k8s_clusters/{id}/tags/{tag}`
pub fn remove_tag(call: &Call<'_>) -> Answer {
    let mut cluster = find(call)?;
    let tag = call.request.param("tag");
    if !cluster.tags.iter().any(|known| known == tag) {
        return Err(not_found("tag"));
    }
    cluster.tags.retain(|known| known != tag);
    clusters(call.db).update(&cluster.id, &cluster)?;
    empty()
}
