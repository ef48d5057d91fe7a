//! Kubernetes clusters: `Creating`, `Ready`, then healthy; changed through endpoints that read back elsewhere.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::addresses;
use crate::api::Call;
use crate::clock::{iso, later};
use crate::fields::{FieldError, Fields};
use crate::store::{Db, StoreError};

use super::CLOUD;
use super::answer::{
    Answer, Failure, Success, bare, conflict, data, invalid, message, not_found, page, written,
};
use super::kinds::{Kind, after, come, new_id, passed};
use super::node_pools;
use super::scenery::{site, site_of, site_view, tenant_of};

/// Clusters.
pub const CLUSTERS: Kind = Kind {
    name: "kubernetes_cluster",
    title: "Kubernetes cluster",
};

/// Virtual seconds.
const CREATION: f64 = 60.0;
const HEALTH: f64 = 10.0;
const CHANGE: f64 = 30.0;
const DELETION: f64 = 10.0;
/// Clusters with a name that starts so fail, without a fault being set.
const FAILING_NAME: &str = "fail-deploy";

/// Versions of Talos, each with those of Kubernetes that it runs.
const VERSIONS: [(&str, &[&str]); 2] = [
    ("1.10.9", &["1.29.10"]),
    ("1.11.6", &["1.29.10", "1.30.10"]),
];

/// A cluster.
#[derive(Debug, Serialize, Deserialize)]
pub struct Cluster {
    pub id: String,
    pub name: String,
    pub cloud: String,
    tenant: String,
    k8s_version: String,
    talos_version: String,
    pub control_plane: Size,
    load_balancer: Size,
    pub control_nodes: Vec<Node>,
    load_balancers: Vec<(String, String)>,
    fails: bool,
    pub created_at: Timestamp,
    changing_until: Timestamp,
    gone_at: Option<Timestamp>,
}

/// The size of a machine; GB.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Size {
    pub cpu: i64,
    pub disk: i64,
    pub ram: i64,
}

/// A machine of a cluster.
#[derive(Debug, Serialize, Deserialize)]
pub struct Node {
    pub id: String,
    pub name: String,
    pub deployed_at: Timestamp,
}

impl Node {
    /// A machine that will be deployed.
    pub fn new(call: &Call<'_>, name: String, seconds: f64) -> Node {
        Node {
            id: new_id(),
            name,
            deployed_at: after(call, seconds),
        }
    }

    /// The object as it is read.
    pub fn view(&self, now: Timestamp) -> Value {
        json!({
            "identifier": self.id,
            "localvmid": format!("vm-{}", self.id),
            "name": self.name,
            "status": if self.deployed_at <= now { "Deployed" } else { "Created" },
        })
    }
}

impl Cluster {
    /// `Creating`, `Ready`, `Updating`, `Error` or `Deleting`.
    pub fn status(&self, now: Timestamp) -> &'static str {
        if self.gone_at.is_some() {
            "Deleting"
        } else if !passed(self.created_at, CREATION, now) {
            "Creating"
        } else if self.fails {
            "Error"
        } else if now < self.changing_until {
            "Updating"
        } else {
            "Ready"
        }
    }

    /// Whether it is still there.
    pub fn exists(&self, now: Timestamp) -> bool {
        !come(self.gone_at, now)
    }

    fn view(&self, now: Timestamp) -> Value {
        json!({
            "identifier": self.id,
            "name": self.name,
            "status": self.status(now),
            "createdAt": iso(self.created_at),
            "cloud": site_view(&self.cloud),
            "health": self.health(now),
        })
    }

    /// The object of its health.
    pub fn health(&self, now: Timestamp) -> Value {
        let healthy = self.status(now) == "Ready" && now >= later(self.changing_until, HEALTH);
        json!({
            "health": if healthy { "healthy" } else { "unhealthy" },
            "lastCheckingData": iso(now).replace('T', " ").trim_end_matches('Z'),
        })
    }
}

/// All that exist.
pub fn all(db: &Db<'_>, now: Timestamp) -> Result<Vec<Value>, StoreError> {
    let list: Vec<Cluster> = CLUSTERS.all(db)?;
    Ok(list
        .iter()
        .filter(|cluster| cluster.exists(now))
        .map(|cluster| cluster.view(now))
        .collect())
}

/// `GET kubernetes`
pub fn list(call: &Call<'_>) -> Answer {
    page(call.request, all(call.db, call.now)?)
}

/// The cluster of the path.
pub fn find(call: &Call<'_>) -> Result<Cluster, Failure> {
    let cluster: Cluster = CLUSTERS.find(call, "id")?;
    if cluster.exists(call.now) {
        Ok(cluster)
    } else {
        Err(not_found(CLUSTERS.title))
    }
}

/// The cluster of the path, which must be ready.
pub fn find_ready(call: &Call<'_>) -> Result<Cluster, Failure> {
    let cluster = find(call)?;
    match cluster.status(call.now) {
        "Ready" => Ok(cluster),
        status => Err(conflict(format!("The cluster's status is {status}."))),
    }
}

/// `GET kubernetes/{id}`: wrapped, unlike most single objects.
pub fn read(call: &Call<'_>) -> Answer {
    data(find(call)?.view(call.now))
}

/// A size with the names that a body gives its parts.
pub fn size(body: &Fields, cpu: &str, disk: &str, ram: &str) -> Result<Size, FieldError> {
    let positive = |field: &str| match body.required_int(field)? {
        number @ 1.. => Ok(number),
        _ => Err(FieldError::new(field, "must be at least 1")),
    };
    Ok(Size {
        cpu: positive(cpu)?,
        disk: positive(disk)?,
        ram: positive(ram)?,
    })
}

/// `production` is highly available, `test` is not.
fn is_available(body: &Fields, field: &str) -> Result<bool, FieldError> {
    match body.required_text(field)? {
        "production" => Ok(true),
        "test" => Ok(false),
        _ => Err(FieldError::new(field, "must be production or test")),
    }
}

fn check_versions(talos: &str, k8s: &str) -> Result<(), Failure> {
    match VERSIONS.iter().find(|(known, _)| *known == talos) {
        Some((_, versions)) if versions.contains(&k8s) => Ok(()),
        Some(_) => Err(invalid(
            "k8sVersion",
            "The Kubernetes version does not fit the Talos version.",
        )),
        None => Err(invalid(
            "talosVersion",
            "The selected Talos version is invalid.",
        )),
    }
}

fn balancer(call: &Call<'_>, number: usize) -> Result<(String, String), StoreError> {
    Ok((
        format!("lb-{number}"),
        addresses::next_v4(call.db, CLOUD, [198, 19])?.to_string(),
    ))
}

/// `POST kubernetes`
pub fn create(call: &Call<'_>) -> Answer {
    let body = Fields::of(call.request)?;
    let name = body.required_text("clusterName")?.to_owned();
    let site = site_of(&body, "cloudIdentifier")?;
    body.required_text("tenantIdentifier")?;
    let tenant = tenant_of(&body, "tenantIdentifier")?;
    let (k8s, talos) = (
        body.required_text("k8sVersion")?,
        body.required_text("talosVersion")?,
    );
    check_versions(talos, k8s)?;
    let control_plane = size(
        &body,
        "controlPlaneCpu",
        "controlPlaneDisk",
        "controlPlaneRam",
    )?;
    let load_balancer = size(
        &body,
        "loadBalancerCpu",
        "loadBalancerDisk",
        "loadBalancerRam",
    )?;
    body.required_text("podSubnet")?;
    body.required_text("serviceSubnet")?;
    body.required_flag("notify")?;
    let pools = body
        .list("workerPool")?
        .ok_or_else(|| FieldError::new("workerPool", "field must be present"))?;
    let planes = if is_available(&body, "controlPlaneType")? {
        3
    } else {
        1
    };
    let control_nodes = (1..=planes)
        .map(|number| Node::new(call, format!("{name}-cp-{number}"), CREATION))
        .collect();
    let balancers = if is_available(&body, "loadBalancerType")? {
        2
    } else {
        1
    };
    let load_balancers = (1..=balancers)
        .map(|number| balancer(call, number))
        .collect::<Result<_, _>>()?;
    let fault = call.world.faults.on_deployment(CLOUD, &name);
    let cluster = Cluster {
        id: new_id(),
        fails: fault.is_some() || name.starts_with(FAILING_NAME),
        name,
        cloud: site.id.to_owned(),
        tenant: tenant.id.to_owned(),
        k8s_version: k8s.to_owned(),
        talos_version: talos.to_owned(),
        control_plane,
        load_balancer,
        control_nodes,
        load_balancers,
        created_at: call.now,
        changing_until: after(call, CREATION),
        gone_at: None,
    };
    for pool in pools {
        node_pools::add(call, &cluster.id, &Fields::inside("workerPool", pool)?)?;
    }
    CLUSTERS.insert(call.db, &cluster.id, None, &cluster)?;
    written(cluster.view(call.now), "Cluster is being created.")
}

/// `DELETE kubernetes/{id}`: with its pools, after a moment.
pub fn delete(call: &Call<'_>) -> Answer {
    let mut cluster = find(call)?;
    cluster.gone_at = Some(after(call, DELETION));
    CLUSTERS.save(call.db, &cluster.id, &cluster)?;
    node_pools::delete_all(call.db, &cluster.id)?;
    message("Cluster is being deleted.")
}

/// Begins a change that lasts a while.
pub fn change(call: &Call<'_>, mut cluster: Cluster, text: &str) -> Answer {
    cluster.changing_until = after(call, CHANGE);
    CLUSTERS.save(call.db, &cluster.id, &cluster)?;
    message(text)
}

/// `POST kubernetes/{id}/upgrade`: control plane and load balancers become highly available, both.
pub fn make_available(call: &Call<'_>) -> Answer {
    let mut cluster = find_ready(call)?;
    for number in cluster.control_nodes.len() + 1..=3 {
        cluster.control_nodes.push(Node::new(
            call,
            format!("{}-cp-{number}", cluster.name),
            CHANGE,
        ));
    }
    for number in cluster.load_balancers.len() + 1..=2 {
        cluster.load_balancers.push(balancer(call, number)?);
    }
    change(call, cluster, "Cluster is being upgraded.")
}

/// `POST kubernetes/{id}/k8s-version`
pub fn set_k8s_version(call: &Call<'_>) -> Answer {
    let mut cluster = find_ready(call)?;
    let body = Fields::of(call.request)?;
    let version = body.required_text("version")?;
    check_versions(&cluster.talos_version, version)?;
    cluster.k8s_version = version.to_owned();
    change(call, cluster, "Kubernetes is being upgraded.")
}

/// `POST kubernetes/{id}/talos-version`
pub fn set_talos_version(call: &Call<'_>) -> Answer {
    let mut cluster = find_ready(call)?;
    let body = Fields::of(call.request)?;
    let version = body.required_text("version")?;
    check_versions(version, &cluster.k8s_version)?;
    cluster.talos_version = version.to_owned();
    change(call, cluster, "Talos is being upgraded.")
}

/// `GET kubernetes/versions/{cloud}`: a map.
pub fn versions(call: &Call<'_>) -> Answer {
    if site(call.request.param("cloud")).is_none() {
        return Err(not_found("Cloud"));
    }
    bare(Value::Object(
        VERSIONS
            .iter()
            .map(|(talos, k8s)| ((*talos).to_owned(), json!(k8s)))
            .collect(),
    ))
}

fn config(call: &Call<'_>, kind: &str) -> Answer {
    let cluster = find_ready(call)?;
    let server = cluster
        .load_balancers
        .first()
        .map_or("", |(_, address)| address.as_str());
    // The same each time, as long as the cluster lives.
    let token = format!("sandbox-{kind}-{}", cluster.id);
    let text = match kind {
        "kube" => format!(
            "apiVersion: v1\nkind: Config\nclusters:\n  - name: {0}\n    cluster:\n      server: https://{server}:6443\n\
             users:\n  - name: admin\n    user:\n      token: {token}\ncontexts:\n  - name: {0}\n    context:\n      \
             cluster: {0}\n      user: admin\ncurrent-context: {0}\n",
            cluster.name
        ),
        _ => format!(
            "context: {0}\ncontexts:\n  {0}:\n    endpoints:\n      - {server}\n    key: {token}\n",
            cluster.name
        ),
    };
    Ok(Success::Yaml(text))
}

/// `GET kubernetes/{id}/config/kube`
pub fn kube_config(call: &Call<'_>) -> Answer {
    config(call, "kube")
}

/// `GET kubernetes/{id}/config/talos`
pub fn talos_config(call: &Call<'_>) -> Answer {
    config(call, "talos")
}

/// `GET kubernetes/{id}/control-planes`
pub fn control_planes(call: &Call<'_>) -> Answer {
    let cluster = find(call)?;
    bare(json!({
        "controlPlaneCpu": cluster.control_plane.cpu,
        "controlPlaneDisk": cluster.control_plane.disk,
        "controlPlaneRam": cluster.control_plane.ram,
        "nodes": cluster.control_nodes.iter().map(|node| node.view(call.now)).collect::<Vec<_>>(),
    }))
}

/// `PATCH kubernetes/{id}/control-planes`
pub fn set_control_planes(call: &Call<'_>) -> Answer {
    let mut cluster = find_ready(call)?;
    cluster.control_plane = size(&Fields::of(call.request)?, "cpuCoreCount", "disk", "memory")?;
    change(call, cluster, "Control planes are being updated.")
}

/// `GET kubernetes/{id}/load-balancers`: a list with exactly one element.
pub fn load_balancers(call: &Call<'_>) -> Answer {
    let cluster = find(call)?;
    let view =
        |(name, ip): &(String, String)| json!({"loadBalancerName": name, "loadBalancerIp": ip});
    bare(json!([{
        "clusterName": cluster.name,
        "loadBalancerCpu": cluster.load_balancer.cpu,
        "loadBalancerDisk": cluster.load_balancer.disk,
        "loadBalancerRam": cluster.load_balancer.ram,
        "loadBalancers": cluster.load_balancers.iter().map(view).collect::<Vec<_>>(),
    }]))
}
