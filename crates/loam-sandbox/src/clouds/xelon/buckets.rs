//! Buckets of the object storage, addressed by name and user.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::clock::iso;
use crate::fields::{FieldError, Fields};
use crate::store::{Db, StoreError};

use super::CLOUD;
use super::answer::{Answer, Failure, conflict, data, invalid, message, not_found, page, written};
use super::kinds::Kind;
use super::s3_users::{USERS, User};
use super::scenery::{REGIONS, tenant_view};

const BUCKETS: Kind = Kind {
    name: "object_storage_bucket",
    title: "Bucket",
};

#[derive(Debug, Serialize, Deserialize)]
struct Bucket {
    id: String,
    name: String,
    user: String,
    object_lock: bool,
    retention_days: Option<i64>,
    versioning: bool,
    restricted: bool,
    allowed_ips: Vec<String>,
    created_at: Timestamp,
}

impl Bucket {
    fn view(&self, db: &Db<'_>) -> Result<Value, StoreError> {
        let user: Option<User> = USERS.get(db, &self.user)?;
        let region = user
            .as_ref()
            .and_then(|user| REGIONS.iter().find(|(id, _)| *id == user.region));
        Ok(json!({
            "identifier": self.id,
            "name": self.name,
            "createdAt": iso(self.created_at),
            "zoneGroup": region.map(|(_, name)| name),
            "isReplicated": false,
            "s3UserName": user.as_ref().map(|user| user.name.as_str()),
            "s3UserIdentifier": self.user,
            "tenant": user.as_ref().map(|user| tenant_view(&user.tenant)),
            "isObjectLock": self.object_lock,
            "retentionPeriodDays": self.retention_days,
            "isVersioning": self.versioning,
            "s3endpoints": user.as_ref().map(|user| vec![user.endpoint()]),
            "isWithRestrictedIps": self.restricted,
        }))
    }
}

/// All that exist.
pub fn all(db: &Db<'_>) -> Result<Vec<Value>, StoreError> {
    BUCKETS
        .all::<Bucket>(db)?
        .iter()
        .map(|bucket| bucket.view(db))
        .collect()
}

/// Whether a user has buckets.
pub fn has_some(db: &Db<'_>, user: &str) -> Result<bool, StoreError> {
    Ok(!BUCKETS.under::<Bucket>(db, user)?.is_empty())
}

/// `GET object-storages/buckets`
pub fn list(call: &Call<'_>) -> Answer {
    let tenant = call.request.query("tenantId");
    let mut list = all(call.db)?;
    list.retain(|bucket| tenant.is_none_or(|tenant| bucket["tenant"]["identifier"] == tenant));
    page(call.request, list)
}

fn find(call: &Call<'_>) -> Result<Bucket, Failure> {
    let name = call.request.param("bucket");
    let buckets: Vec<Bucket> = BUCKETS.under(call.db, call.request.param("user"))?;
    buckets
        .into_iter()
        .find(|bucket| bucket.name == name)
        .ok_or_else(|| not_found(BUCKETS.title))
}

/// `GET object-storages/buckets/{name}/{user}`: wrapped, unlike most single objects.
pub fn read(call: &Call<'_>) -> Answer {
    data(find(call)?.view(call.db)?)
}

fn check_name(call: &Call<'_>, name: &str) -> Result<String, Failure> {
    let allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
    if !(3..=63).contains(&name.len()) || !name.bytes().all(allowed) {
        return Err(invalid(
            "name",
            "The name must be 3 to 63 lower-case letters, digits, hyphens and dots.",
        ));
    }
    if BUCKETS
        .all::<Bucket>(call.db)?
        .iter()
        .any(|bucket| bucket.name == name)
    {
        return Err(invalid("name", "The name has already been taken."));
    }
    Ok(name.to_owned())
}

/// `POST object-storages/buckets`
pub fn create(call: &Call<'_>) -> Answer {
    let body = Fields::of(call.request)?;
    let name = check_name(call, body.required_text("name")?)?;
    let user: User = USERS
        .get(call.db, body.required_text("s3UserIdentifier")?)?
        .ok_or_else(|| FieldError::new("s3UserIdentifier", "is not a known S3 user"))?;
    let (object_lock, versioning) = (
        body.required_flag("isObjectLock")?,
        body.required_flag("isVersioning")?,
    );
    let retention_days = body.int("retentionPeriodDays")?.filter(|days| *days != 0);
    match (object_lock, versioning, retention_days) {
        (true, false, _) => return Err(invalid("isObjectLock", "Object lock needs versioning.")),
        (true, true, Some(1..=36_500)) | (false, _, None) => {}
        (true, ..) => {
            return Err(invalid(
                "retentionPeriodDays",
                "The retention period must be from 1 to 36500 days.",
            ));
        }
        (false, ..) => {
            return Err(invalid(
                "retentionPeriodDays",
                "A retention period needs object lock.",
            ));
        }
    }
    let number = call.db.next_number(CLOUD, "bucket", 1)?;
    let bucket = Bucket {
        id: format!(
            "{}.4711.{number}",
            if user.region == "zh1" {
                "zone1"
            } else {
                "zone2"
            }
        ),
        name,
        user: user.id,
        object_lock,
        retention_days,
        versioning,
        restricted: false,
        allowed_ips: Vec::new(),
        created_at: call.now,
    };
    BUCKETS.insert(call.db, &bucket.id, Some(&bucket.user), &bucket)?;
    written(bucket.view(call.db)?, "Bucket successfully created")
}

/// `PUT object-storages/buckets/{id}`: by identifier, unlike the rest.
pub fn rename(call: &Call<'_>) -> Answer {
    let mut bucket: Bucket = BUCKETS.find(call, "bucket")?;
    let body = Fields::of(call.request)?;
    let name = body.required_text("name")?;
    if bucket.name != name {
        bucket.name = check_name(call, name)?;
        BUCKETS.save(call.db, &bucket.id, &bucket)?;
    }
    message("Bucket successfully edited")
}

/// `DELETE object-storages/buckets/{name}/{user}`
pub fn delete(call: &Call<'_>) -> Answer {
    let bucket = find(call)?;
    BUCKETS.delete(call.db, &bucket.id)?;
    message("Bucket successfully deleted")
}

/// `PUT …/versioning`
pub fn set_versioning(call: &Call<'_>) -> Answer {
    let mut bucket = find(call)?;
    bucket.versioning = Fields::of(call.request)?.required_flag("isVersioning")?;
    if bucket.object_lock && !bucket.versioning {
        return Err(conflict("Versioning cannot be disabled with object lock."));
    }
    BUCKETS.save(call.db, &bucket.id, &bucket)?;
    let state = if bucket.versioning {
        "enabled"
    } else {
        "disabled"
    };
    message(&format!("Bucket versioning has been {state}"))
}

/// `GET …/ip-restrictions`
pub fn restrictions(call: &Call<'_>) -> Answer {
    let bucket = find(call)?;
    data(json!({"enabled": bucket.restricted, "allowedIps": bucket.allowed_ips}))
}

/// `PUT …/ip-restrictions`
pub fn set_restrictions(call: &Call<'_>) -> Answer {
    let mut bucket = find(call)?;
    let body = Fields::of(call.request)?;
    bucket.restricted = body.required_flag("enabled")?;
    bucket.allowed_ips = body.texts("allowedIps")?.unwrap_or_default();
    BUCKETS.save(call.db, &bucket.id, &bucket)?;
    message("IP restrictions will updated soon")
}
