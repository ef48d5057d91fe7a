//! The kinds of objects, as the database keeps them.

use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::api::Call;
use crate::clock::{later, seconds_between};
use crate::ids;
use crate::store::{Db, StoreError};

use super::answer::{Failure, not_found};
use super::{
    CLOUD, buckets, device, device_parts, dns, firewalls, isos, kubernetes, lb_clusters,
    load_balancers, networks, node_pools, s3_users, ssh_keys, storages, templates, tenants,
};

/// A kind of object: its name in the database, and what errors call it.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Name in the database and among the objects.
    pub name: &'static str,
    /// What errors call it.
    pub title: &'static str,
}

impl Kind {
    /// The object with this id, unless it was deleted.
    pub fn get<T: DeserializeOwned>(&self, db: &Db<'_>, id: &str) -> Result<Option<T>, StoreError> {
        db.collection(CLOUD, self.name).live(id)
    }

    /// The object of the path's placeholder `param`; 404 when there is none.
    pub fn find<T: DeserializeOwned>(&self, call: &Call<'_>, param: &str) -> Result<T, Failure> {
        self.get(call.db, call.request.param(param))?
            .ok_or_else(|| not_found(self.title))
    }

    /// All, oldest first.
    pub fn all<T: DeserializeOwned>(&self, db: &Db<'_>) -> Result<Vec<T>, StoreError> {
        db.collection(CLOUD, self.name).oldest_first(None)
    }

    /// All under a parent, oldest first.
    pub fn under<T: DeserializeOwned>(
        &self,
        db: &Db<'_>,
        parent: &str,
    ) -> Result<Vec<T>, StoreError> {
        db.collection(CLOUD, self.name).oldest_first(Some(parent))
    }

    /// Adds one.
    pub fn insert<T: Serialize>(
        &self,
        db: &Db<'_>,
        id: &str,
        parent: Option<&str>,
        doc: &T,
    ) -> Result<(), StoreError> {
        db.collection(CLOUD, self.name).insert(id, parent, doc)
    }

    /// Writes one back.
    pub fn save<T: Serialize>(&self, db: &Db<'_>, id: &str, doc: &T) -> Result<(), StoreError> {
        db.collection(CLOUD, self.name).update(id, doc)
    }

    /// Deletes one.
    pub fn delete(&self, db: &Db<'_>, id: &str) -> Result<(), StoreError> {
        db.collection(CLOUD, self.name).delete(id)
    }

    /// Deletes all under a parent.
    pub fn delete_under(&self, db: &Db<'_>, parent: &str) -> Result<(), StoreError> {
        db.collection(CLOUD, self.name).delete_children(parent)
    }
}

/// The form of most identifiers: 12 hexadecimal digits.
pub fn new_id() -> String {
    ids::hex_digits(12)
}

/// Whether some virtual seconds have passed since a moment.
pub fn passed(since: Timestamp, seconds: f64, now: Timestamp) -> bool {
    seconds_between(since, now) >= seconds
}

/// Whether a moment, if any, has come.
pub fn come(moment: Option<Timestamp>, now: Timestamp) -> bool {
    moment.is_some_and(|moment| moment <= now)
}

/// A moment some virtual seconds from now.
pub fn after(call: &Call<'_>, seconds: f64) -> Timestamp {
    later(call.now, seconds)
}

/// Everything that exists and was made through the API.
pub fn objects(db: &Db<'_>, now: Timestamp) -> Result<Map<String, Value>, StoreError> {
    let lists = [
        ("device", device::all(db, now)?),
        ("snapshot", device_parts::all_snapshots(db, now)?),
        ("network", networks::all(db, now)?),
        ("firewall", firewalls::all(db, now)?),
        ("load_balancer", load_balancers::all(db, now)?),
        ("load_balancer_cluster", lb_clusters::all(db)?),
        ("kubernetes_cluster", kubernetes::all(db, now)?),
        ("kubernetes_node_pool", node_pools::all(db, now)?),
        ("dns_zone", dns::all(db)?),
        ("dns_record", dns::all_records(db)?),
        ("persistent_storage", storages::all(db, now)?),
        ("object_storage_user", s3_users::all(db)?),
        ("object_storage_bucket", buckets::all(db)?),
        ("ssh_key", ssh_keys::all(db)?),
        ("template", templates::all_made(db, now)?),
        ("iso", isos::all(db, now)?),
        ("tenant_user", tenants::all_active(db)?),
    ];
    Ok(lists
        .into_iter()
        .filter(|(_, list)| !list.is_empty())
        .map(|(kind, list)| (kind.to_owned(), Value::Array(list)))
        .collect())
}
