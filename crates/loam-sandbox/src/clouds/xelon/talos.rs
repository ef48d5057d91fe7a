//! Kubernetes clusters in the shapes of the legacy API, which the vendor's SDK still has.

use serde_json::{Value, json};

use crate::api::Call;
use crate::clock::iso;

use super::answer::{Answer, bare};
use super::kubernetes::{CLUSTERS, Cluster, find};
use super::node_pools;
use super::scenery::site_view;

/// `GET kubernetes-talos/clusters`
pub fn clusters(call: &Call<'_>) -> Answer {
    let list: Vec<Cluster> = CLUSTERS.all(call.db)?;
    let view = |cluster: &Cluster| {
        json!({
            "clusterIdentifier": cluster.id,
            "name": cluster.name,
            "status": cluster.status(call.now),
            "createdAt": iso(cluster.created_at),
            "health": cluster.health(call.now),
            "hv_system": site_view(&cluster.cloud),
        })
    };
    bare(
        list.iter()
            .filter(|cluster| cluster.exists(call.now))
            .map(view)
            .collect::<Vec<Value>>(),
    )
}

/// `GET kubernetes-talos/{id}/cluster-control-planes`
pub fn control_planes(call: &Call<'_>) -> Answer {
    let cluster = find(call)?;
    bare(json!({
        "control_plane_cpu": cluster.control_plane.cpu,
        "control_plane_disk": cluster.control_plane.disk,
        "control_plane_ram": cluster.control_plane.ram,
        "nodes": cluster.control_nodes.iter().map(|node| node.view(call.now)).collect::<Vec<_>>(),
    }))
}

/// `POST kubernetes-talos/{id}/add-node/{pool}`
pub fn add_node(call: &Call<'_>) -> Answer {
    node_pools::add_node(call)?;
    bare(json!({"success": "Cluster node will be added shortly"}))
}

/// `DELETE kubernetes-talos/{id}/delete-node/{node}`
pub fn delete_node(call: &Call<'_>) -> Answer {
    node_pools::remove_node(call)?;
    bare(json!({"success": "Cluster node has been deleted."}))
}
