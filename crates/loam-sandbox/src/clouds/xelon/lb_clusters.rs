//! Load balancer clusters for Kubernetes: legacy shapes, bare objects and bare lists.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::addresses;
use crate::api::Call;
use crate::fields::{FieldError, Fields};
use crate::store::{Db, StoreError};

use super::CLOUD;
use super::answer::{Answer, Failure, bare, invalid, message, not_found};
use super::kinds::{Kind, new_id};
use super::kubernetes::{CLUSTERS, Cluster};
use super::scenery::{CURRENT, SITES, site_view};

const LB_CLUSTERS: Kind = Kind {
    name: "load_balancer_cluster",
    title: "Load balancer cluster",
};

#[derive(Debug, Serialize, Deserialize)]
struct LbCluster {
    id: String,
    name: String,
    cloud: String,
    kubernetes: String,
    nodes: Vec<String>,
    /// There is one virtual address, with an identifier and a pool.
    vip: String,
    vip_pool: String,
    address: String,
    rules: Vec<Rule>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Rule {
    frontend: String,
    frontend_port: i64,
    backend: String,
    backend_port: i64,
    proxy_protocol: i64,
}

impl LbCluster {
    fn view(&self) -> Value {
        json!({
            "identifier": self.id,
            "name": self.name,
            "hv_system": site_view(&self.cloud),
            "kubernetesClusterIdentifier": self.kubernetes,
            "nodes": self.nodes,
            "status": "Ready",
            "tenantIdentifier": CURRENT.id,
        })
    }

    fn vip_view(&self) -> Value {
        json!({
            "identifier": self.vip,
            "ipAddress": self.address,
            "vipPoolIdentifier": self.vip_pool,
            "state": "active",
        })
    }
}

impl Rule {
    fn view(&self) -> Value {
        json!({
            "backend": {"identifier": self.backend, "port": self.backend_port, "proxy_protocol": self.proxy_protocol},
            "frontend": {"identifier": self.frontend, "port": self.frontend_port},
        })
    }
}

/// All that exist.
pub fn all(db: &Db<'_>) -> Result<Vec<Value>, StoreError> {
    Ok(LB_CLUSTERS
        .all::<LbCluster>(db)?
        .iter()
        .map(LbCluster::view)
        .collect())
}

/// `GET load-balancer-clusters`
pub fn list(call: &Call<'_>) -> Answer {
    bare(all(call.db)?)
}

/// `GET load-balancer-clusters/{id}`
pub fn read(call: &Call<'_>) -> Answer {
    bare(LB_CLUSTERS.find::<LbCluster>(call, "id")?.view())
}

/// `POST load-balancer-clusters`
pub fn create(call: &Call<'_>) -> Answer {
    let body = Fields::of(call.request)?;
    let number = body.required_int("cloudId")?;
    let site = SITES.iter().find(|site| site.number == number);
    let site = site.ok_or_else(|| invalid("cloudId", "The selected cloud is invalid."))?;
    let kubernetes = body
        .required_text("kubernetesClusterIdentifier")?
        .to_owned();
    if CLUSTERS.get::<Cluster>(call.db, &kubernetes)?.is_none() {
        return Err(invalid(
            "kubernetesClusterIdentifier",
            "The selected cluster is invalid.",
        ));
    }
    let spec = body
        .get("nodesSpec")
        .ok_or_else(|| FieldError::new("nodesSpec", "is required"))?;
    let spec = Fields::inside("nodesSpec", spec)?;
    for field in ["cpuCoreCount", "disk", "memory"] {
        spec.required_int(field)?;
    }
    let cluster = LbCluster {
        id: new_id(),
        name: body.required_text("name")?.to_owned(),
        cloud: site.id.to_owned(),
        kubernetes,
        nodes: vec![new_id(), new_id()],
        vip: new_id(),
        vip_pool: new_id(),
        address: addresses::next_v4(call.db, CLOUD, [198, 19])?.to_string(),
        rules: Vec::new(),
    };
    LB_CLUSTERS.insert(call.db, &cluster.id, None, &cluster)?;
    bare(json!({"identifier": cluster.id, "status": "Ready"}))
}

/// `DELETE load-balancer-clusters/{id}`
pub fn delete(call: &Call<'_>) -> Answer {
    let cluster: LbCluster = LB_CLUSTERS.find(call, "id")?;
    LB_CLUSTERS.delete(call.db, &cluster.id)?;
    message("Load balancer cluster has been deleted.")
}

/// `GET load-balancer-clusters/{id}/virtual-ips`
pub fn virtual_ips(call: &Call<'_>) -> Answer {
    bare(vec![LB_CLUSTERS.find::<LbCluster>(call, "id")?.vip_view()])
}

fn with_vip(call: &Call<'_>) -> Result<LbCluster, Failure> {
    let cluster: LbCluster = LB_CLUSTERS.find(call, "id")?;
    if cluster.vip == call.request.param("vip") {
        Ok(cluster)
    } else {
        Err(not_found("Virtual IP"))
    }
}

/// `GET load-balancer-clusters/{id}/virtual-ips/{vip}`
pub fn virtual_ip(call: &Call<'_>) -> Answer {
    bare(with_vip(call)?.vip_view())
}

/// `GET …/forwarding-rules`
pub fn rules(call: &Call<'_>) -> Answer {
    bare(
        with_vip(call)?
            .rules
            .iter()
            .map(Rule::view)
            .collect::<Vec<_>>(),
    )
}

fn port(value: &Value, side: &str) -> Result<i64, FieldError> {
    let port = value
        .get(side)
        .and_then(|side| side.get("port"))
        .and_then(Value::as_i64);
    port.filter(|port| (1..=65_535).contains(port))
        .ok_or_else(|| FieldError::new(side, "must have a port"))
}

/// `POST …/forwarding-rules`: the body and the answer are lists.
pub fn create_rules(call: &Call<'_>) -> Answer {
    let mut cluster = with_vip(call)?;
    let Ok(Value::Array(list)) = call.request.json() else {
        return Err(invalid("rules", "The body must be a list of rules."));
    };
    let mut made = Vec::new();
    for item in &list {
        let proxy = item
            .get("backend")
            .and_then(|backend| backend.get("proxy_protocol"))
            .and_then(Value::as_i64);
        let rule = Rule {
            frontend: new_id(),
            frontend_port: port(item, "frontend")?,
            backend: new_id(),
            backend_port: port(item, "backend")?,
            proxy_protocol: proxy.unwrap_or(0),
        };
        made.push(rule.view());
        cluster.rules.push(rule);
    }
    LB_CLUSTERS.save(call.db, &cluster.id, &cluster)?;
    bare(made)
}

/// A rule is named by either of its two identifiers.
fn is(rule: &Rule, id: &str) -> bool {
    rule.frontend == id || rule.backend == id
}

/// `PATCH …/forwarding-rules/{rule}`
pub fn update_rule(call: &Call<'_>) -> Answer {
    let mut cluster = with_vip(call)?;
    let id = call.request.param("rule");
    let body = Fields::of(call.request)?;
    let (port, proxy) = (body.required_int("port")?, body.int("proxy_protocol")?);
    let rule = cluster
        .rules
        .iter_mut()
        .find(|rule| is(rule, id))
        .ok_or_else(|| not_found("Rule"))?;
    if rule.frontend == id {
        rule.frontend_port = port;
    } else {
        rule.backend_port = port;
    }
    rule.proxy_protocol = proxy.unwrap_or(rule.proxy_protocol);
    LB_CLUSTERS.save(call.db, &cluster.id, &cluster)?;
    message("Forwarding rule has been updated.")
}

/// `DELETE …/forwarding-rules/{rule}`
pub fn delete_rule(call: &Call<'_>) -> Answer {
    let mut cluster = with_vip(call)?;
    let id = call.request.param("rule");
    let before = cluster.rules.len();
    cluster.rules.retain(|rule| !is(rule, id));
    if cluster.rules.len() == before {
        return Err(not_found("Rule"));
    }
    LB_CLUSTERS.save(call.db, &cluster.id, &cluster)?;
    message("Forwarding rule has been deleted.")
}
