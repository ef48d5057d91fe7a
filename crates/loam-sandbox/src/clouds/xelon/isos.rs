//! ISO images: fetched from a URL or uploaded; ready after a moment.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::clock::iso;
use crate::fields::{FieldError, Fields};
use crate::store::{Db, StoreError};

use super::answer::{Answer, bare, invalid, message, not_yet, search, written};
use super::kinds::{Kind, new_id, passed};
use super::multipart;
use super::scenery::{site_of, site_view, tenant, tenant_of};

const ISOS: Kind = Kind {
    name: "iso",
    title: "ISO",
};

/// Virtual seconds after creation: reads answer 500 until the first, then it is fetched, then ready.
const VISIBLE: f64 = 2.0;
const READY: f64 = 15.0;
/// Bytes of an upload at most.
const UPLOAD_LIMIT: usize = 20 * 1024 * 1024;

/// Names of the categories, which requests number from 1.
const CATEGORIES: [&str; 7] = [
    "Windows", "BSD", "Firewall", "Rescue", "Storage", "Other", "Linux",
];

#[derive(Debug, Serialize, Deserialize)]
struct Iso {
    id: String,
    name: String,
    description: Option<String>,
    category: String,
    cloud: String,
    tenant: String,
    created_at: Timestamp,
}

impl Iso {
    fn view(&self, now: Timestamp) -> Value {
        let ready = passed(self.created_at, READY, now);
        json!({
            "identifier": self.id,
            "name": self.name,
            "category": self.category,
            "description": self.description,
            "owner": tenant(&self.tenant).map(|tenant| tenant.name),
            "active": ready,
            "status": ready,
            "createdAt": iso(self.created_at),
            "cloud": site_view(&self.cloud),
        })
    }
}

fn category(number: i64) -> Result<String, FieldError> {
    let name = usize::try_from(number - 1)
        .ok()
        .and_then(|index| CATEGORIES.get(index));
    name.map(|name| (*name).to_owned())
        .ok_or_else(|| FieldError::new("categoryId", "is not a known category"))
}

/// All that exist.
pub fn all(db: &Db<'_>, now: Timestamp) -> Result<Vec<Value>, StoreError> {
    Ok(ISOS
        .all::<Iso>(db)?
        .iter()
        .map(|image| image.view(now))
        .collect())
}

/// `GET isos`
pub fn list(call: &Call<'_>) -> Answer {
    search(
        call.request,
        all(call.db, call.now)?,
        &["name", "description"],
    )
}

/// `GET isos/{id}`
pub fn read(call: &Call<'_>) -> Answer {
    let image: Iso = ISOS.find(call, "id")?;
    if !passed(image.created_at, VISIBLE, call.now) {
        return Err(not_yet("ISO"));
    }
    bare(image.view(call.now))
}

fn new(call: &Call<'_>, body: &Fields, category_id: i64, text: &str) -> Answer {
    let image = Iso {
        id: new_id(),
        name: body.required_text("name")?.to_owned(),
        description: body
            .text("description")?
            .filter(|text| !text.is_empty())
            .map(str::to_owned),
        category: category(category_id)?,
        cloud: site_of(body, "cloudIdentifier")?.id.to_owned(),
        tenant: tenant_of(body, "tenantIdentifier")?.id.to_owned(),
        created_at: call.now,
    };
    ISOS.insert(call.db, &image.id, None, &image)?;
    written(image.view(call.now), text)
}

/// `POST isos`
pub fn create(call: &Call<'_>) -> Answer {
    let body = Fields::of(call.request)?;
    let url = body.required_text("url")?;
    if !url.starts_with("https://") && !url.starts_with("http://") {
        return Err(FieldError::new("url", "must be a URL").into());
    }
    let category_id = body.required_int("categoryId")?;
    new(call, &body, category_id, "ISO is being created.")
}

/// `POST isos/upload`: a form with a file.
pub fn upload(call: &Call<'_>) -> Answer {
    let parts = multipart::parts(call.request);
    let file = parts.iter().find(|part| part.name == "file");
    let size = file
        .ok_or_else(|| invalid("file", "The file field is required."))?
        .content
        .len();
    if size > UPLOAD_LIMIT {
        return Err(invalid("file", "The file must not be larger than 20 MB."));
    }
    let texts = parts.iter().filter(|part| part.name != "file").map(|part| {
        let text = String::from_utf8_lossy(&part.content).into_owned();
        (part.name.clone(), Value::String(text))
    });
    let body = Fields::inside("", &Value::Object(texts.collect()))?;
    let number = body
        .required_text("categoryId")?
        .parse::<i64>()
        .unwrap_or(0);
    new(call, &body, number, "ISO uploaded successfully.")
}

/// `PATCH isos/{id}`
pub fn update(call: &Call<'_>) -> Answer {
    let mut image: Iso = ISOS.find(call, "id")?;
    let body = Fields::of(call.request)?;
    image.name = body.required_text("name")?.to_owned();
    image.category = category(body.required_int("categoryId")?)?;
    image.description = body.text("description")?.map(str::to_owned);
    ISOS.save(call.db, &image.id, &image)?;
    written(image.view(call.now), "ISO has been updated.")
}

/// `DELETE isos/{id}`
pub fn delete(call: &Call<'_>) -> Answer {
    let image: Iso = ISOS.find(call, "id")?;
    ISOS.delete(call.db, &image.id)?;
    message("ISO has been deleted.")
}
