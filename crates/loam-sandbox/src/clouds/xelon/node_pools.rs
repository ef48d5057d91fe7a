//! Node pools of a Kubernetes cluster.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::fields::{FieldError, Fields};
use crate::store::{Db, StoreError};

use super::answer::{Answer, Failure, bare, message, not_found, written};
use super::kinds::{Kind, after, new_id};
use super::kubernetes::{Node, Size, find, find_ready, size};

const POOLS: Kind = Kind {
    name: "kubernetes_node_pool",
    title: "Node pool",
};

/// Virtual seconds until a node is deployed.
const DEPLOYMENT: f64 = 30.0;

/// A pool.
#[derive(Debug, Serialize, Deserialize)]
pub struct Pool {
    id: String,
    cluster: String,
    name: String,
    size: Size,
    extra_storage: i64,
    nodes: Vec<Node>,
    /// Nodes that there ever were, for their names.
    numbered: usize,
}

impl Pool {
    fn view(&self, now: Timestamp) -> Value {
        json!({
            "identifier": self.id,
            "name": self.name,
            "cpu": self.size.cpu,
            "disk": self.size.disk,
            "memory": self.size.ram,
            "extraStorage": self.extra_storage,
            "nodes": self.nodes.iter().map(|node| node.view(now)).collect::<Vec<_>>(),
        })
    }

    fn grow(&mut self, call: &Call<'_>) {
        self.numbered += 1;
        self.nodes.push(Node::new(
            call,
            format!("{}-{}", self.name, self.numbered),
            DEPLOYMENT,
        ));
    }
}

/// All that exist.
pub fn all(db: &Db<'_>, now: Timestamp) -> Result<Vec<Value>, StoreError> {
    let with_cluster = |pool: &Pool| {
        let mut view = pool.view(now);
        view["cluster"] = pool.cluster.clone().into();
        view
    };
    Ok(POOLS.all::<Pool>(db)?.iter().map(with_cluster).collect())
}

/// Deletes the pools of a cluster that goes.
pub fn delete_all(db: &Db<'_>, cluster: &str) -> Result<(), StoreError> {
    POOLS.delete_under(db, cluster)
}

/// Adds a pool as a body describes it.
pub fn add(call: &Call<'_>, cluster: &str, body: &Fields) -> Result<Pool, Failure> {
    let amount = body.required_int("workerNodeAmount")?;
    if !(1..=100).contains(&amount) {
        return Err(FieldError::new("workerNodeAmount", "must be from 1 to 100").into());
    }
    body.flag("workerNodeIsStorage")?;
    let mut pool = Pool {
        id: new_id(),
        cluster: cluster.to_owned(),
        name: body.required_text("workerPoolName")?.to_owned(),
        size: size(body, "workerNodeCpu", "workerNodeDisk", "workerNodeRam")?,
        extra_storage: body.int("workerNodeExtraDisk")?.unwrap_or(0),
        nodes: Vec::new(),
        numbered: 0,
    };
    for _ in 0..amount {
        pool.grow(call);
    }
    POOLS.insert(call.db, &pool.id, Some(cluster), &pool)?;
    Ok(pool)
}

fn find_pool(call: &Call<'_>) -> Result<Pool, Failure> {
    find(call)?;
    let pool: Pool = POOLS.find(call, "pool")?;
    if pool.cluster == call.request.param("id") {
        Ok(pool)
    } else {
        Err(not_found(POOLS.title))
    }
}

fn save(call: &Call<'_>, pool: &Pool) -> Result<(), StoreError> {
    POOLS.save(call.db, &pool.id, pool)
}

/// `GET kubernetes/{id}/pools`
pub fn list(call: &Call<'_>) -> Answer {
    let cluster = find(call)?;
    let pools: Vec<Pool> = POOLS.under(call.db, &cluster.id)?;
    bare(
        pools
            .iter()
            .map(|pool| pool.view(call.now))
            .collect::<Vec<_>>(),
    )
}

/// `GET kubernetes/{id}/pools/{pool}`
pub fn read(call: &Call<'_>) -> Answer {
    bare(find_pool(call)?.view(call.now))
}

/// `POST kubernetes/{id}/pools`
pub fn create(call: &Call<'_>) -> Answer {
    let cluster = find_ready(call)?;
    let body = Fields::of(call.request)?;
    body.required_flag("workerNodeIsStorage")?;
    written(
        add(call, &cluster.id, &body)?.view(call.now),
        "Pool is being created.",
    )
}

/// `PATCH kubernetes/{id}/pools/{pool}`: its nodes are deployed again.
pub fn update(call: &Call<'_>) -> Answer {
    find_ready(call)?;
    let mut pool = find_pool(call)?;
    let body = Fields::of(call.request)?;
    pool.name = body.required_text("name")?.to_owned();
    pool.size = size(&body, "cpuCoreCount", "disk", "memory")?;
    let extra = body.required_int("extraStorage")?;
    pool.extra_storage = match body.required_int("hasExtraStorage")? {
        0 => 0,
        1 => extra,
        _ => return Err(FieldError::new("hasExtraStorage", "must be 0 or 1").into()),
    };
    for node in &mut pool.nodes {
        node.deployed_at = after(call, DEPLOYMENT);
    }
    save(call, &pool)?;
    message("Pool is being updated.")
}

/// `DELETE kubernetes/{id}/pools/{pool}`
pub fn delete(call: &Call<'_>) -> Answer {
    let pool = find_pool(call)?;
    POOLS.delete(call.db, &pool.id)?;
    message("Pool has been deleted.")
}

/// `POST kubernetes/{id}/pools/{pool}/nodes`: one more.
pub fn add_node(call: &Call<'_>) -> Answer {
    find_ready(call)?;
    let mut pool = find_pool(call)?;
    pool.grow(call);
    save(call, &pool)?;
    message("Node is being added.")
}

/// `DELETE kubernetes/{id}/nodes/{node}`: whatever its pool.
pub fn remove_node(call: &Call<'_>) -> Answer {
    let cluster = find_ready(call)?;
    let id = call.request.param("node");
    for mut pool in POOLS.under::<Pool>(call.db, &cluster.id)? {
        let before = pool.nodes.len();
        pool.nodes.retain(|node| node.id != id);
        if pool.nodes.len() < before {
            save(call, &pool)?;
            return message("Node has been deleted.");
        }
    }
    Err(not_found("Node"))
}
