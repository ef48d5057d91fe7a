//! Storage: usage and buckets, which are addressed by name.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::clock::iso;
use crate::fields::{FieldError, Fields};
use crate::store::{Collection, Db, StoreError};

use super::CLOUD;
use super::envelope::{Answer, data, page, refuse, refuse_with};

const QUOTA_BYTES: u64 = 1 << 40;

#[derive(Debug, Serialize, Deserialize)]
struct Bucket {
    name: String,
    region: String,
    size_bytes: u64,
    object_count: u64,
    created_at: Timestamp,
}

/// A bucket's row is removed with it: its name may be used again.
fn buckets<'a>(db: &'a Db<'_>) -> Collection<'a> {
    db.collection(CLOUD, "bucket")
}

impl Bucket {
    fn view(&self) -> Value {
        json!({
            "name": self.name,
            "region": self.region,
            "endpoint": format!("https://s3.{}.xessone.test", self.region),
            "size_bytes": self.size_bytes,
            "object_count": self.object_count,
            "created_at": iso(self.created_at),
        })
    }
}

/// All that exist.
pub fn all(db: &Db<'_>) -> Result<Vec<Value>, StoreError> {
    let list: Vec<Bucket> = buckets(db).oldest_first(None)?;
    Ok(list.iter().map(Bucket::view).collect())
}

/// `GET /storage`
pub fn usage(call: &Call<'_>) -> Answer {
    let list: Vec<Bucket> = buckets(call.db).oldest_first(None)?;
    Ok(data(json!({
        "used_bytes": list.iter().map(|bucket| bucket.size_bytes).sum::<u64>(),
        "quota_bytes": QUOTA_BYTES,
        "bucket_count": list.len(),
        "object_count": list.iter().map(|bucket| bucket.object_count).sum::<u64>(),
    })))
}

/// `GET /storage/buckets`
pub fn list(call: &Call<'_>) -> Answer {
    page(call.request, all(call.db)?)
}

/// `POST /storage/buckets`
pub fn create(call: &Call<'_>) -> Answer {
    let body = Fields::of(call.request)?;
    let name = body.required_text("name")?;
    let edge = |byte: Option<u8>| {
        byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let inner = |byte: u8| edge(Some(byte)) || b"-.".contains(&byte);
    let bytes = name.as_bytes();
    if !(3..=63).contains(&name.len())
        || !bytes.iter().copied().all(inner)
        || !edge(bytes.first().copied())
        || !edge(bytes.last().copied())
    {
        let rule = "must be 3 to 63 lower-case letters, digits, hyphens and dots, with a letter or digit at both ends";
        return Err(FieldError::new("name", rule).into());
    }
    if buckets(call.db).get::<Bucket>(name)?.is_some() {
        return Err(FieldError::new("name", "is taken").into());
    }
    let bucket = Bucket {
        name: name.to_owned(),
        region: body.text("region")?.unwrap_or("sgp1").to_owned(),
        size_bytes: 0,
        object_count: 0,
        created_at: call.now,
    };
    buckets(call.db).insert(name, None, &bucket)?;
    Ok(data(bucket.view()))
}

/// `DELETE /storage/buckets/:name`
pub fn delete(call: &Call<'_>) -> Answer {
    let name = call.request.param("name");
    let bucket: Option<Bucket> = buckets(call.db).live(name)?;
    let bucket = bucket.ok_or_else(|| refuse(404, format!("There is no bucket {name}")))?;
    if bucket.object_count > 0 {
        return Err(refuse_with(
            400,
            "bucket_not_empty",
            "The bucket still holds objects",
        ));
    }
    buckets(call.db).purge(name)?;
    Ok(data(json!({"id": name, "deleted": true})))
}

/// Puts objects into a bucket, as an S3 client would.
pub fn arrange(db: &Db<'_>, name: &str, body: &Value) -> Result<Option<Value>, StoreError> {
    let Some(mut bucket) = buckets(db).live::<Bucket>(name)? else {
        return Ok(None);
    };
    let number = |field: &str| body.get(field).and_then(Value::as_u64);
    bucket.object_count = number("object_count").unwrap_or(bucket.object_count);
    bucket.size_bytes = number("size_bytes").unwrap_or(bucket.size_bytes);
    buckets(db).update(name, &bucket)?;
    Ok(Some(bucket.view()))
}
