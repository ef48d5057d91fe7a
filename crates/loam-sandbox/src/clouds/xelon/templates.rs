//! Templates: stock ones, and those made from devices.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::clock::iso;
use crate::fields::{FieldError, Fields};
use crate::store::{Db, StoreError};

use super::answer::{
    Answer, Failure, bare, conflict, message, not_found, not_yet, search, written,
};
use super::device::{DEVICES, Device};
use super::kinds::{Kind, new_id, passed};
use super::scenery::{SITES, tenant_of};

const TEMPLATES: Kind = Kind {
    name: "template",
    title: "Template",
};

/// Virtual seconds after creation: reads answer 500 until the first, then it is being made, then ready.
const VISIBLE: f64 = 2.0;
const READY: f64 = 20.0;

#[derive(Debug, Serialize, Deserialize)]
struct Template {
    id: String,
    name: String,
    description: String,
    cloud: String,
    linux: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A template that comes with a cloud: identifier, name, cloud, whether it is Linux.
const STOCK: [(&str, &str, &str, bool); 4] = [
    ("22a6711de3a8", "Ubuntu 22.04", SITES[0].id, true),
    ("23b6711de3a9", "Debian 12", SITES[0].id, true),
    ("24c6711de3aa", "Windows Server 2022", SITES[0].id, false),
    ("32a6711de3a8", "Ubuntu 22.04", SITES[1].id, true),
];

fn view(template: &Template, status: i64, category: &str) -> Value {
    json!({
        "identifier": template.id,
        "name": template.name,
        "description": template.description,
        "category": category,
        "cloudIdentifier": template.cloud,
        "cloudInitType": if template.linux { "nocloud" } else { "cloudbase" },
        "type": if template.linux { "Linux" } else { "Windows" },
        "status": status,
        "createdAt": iso(template.created_at),
        "updatedAt": iso(template.updated_at),
    })
}

fn stock_view((id, name, cloud, linux): &(&str, &str, &str, bool)) -> Value {
    let since = Timestamp::from_second(1_750_000_000).unwrap_or(Timestamp::UNIX_EPOCH);
    let template = Template {
        id: (*id).to_owned(),
        name: (*name).to_owned(),
        description: format!("{name} (stock)"),
        cloud: (*cloud).to_owned(),
        linux: *linux,
        created_at: since,
        updated_at: since,
    };
    view(&template, 2, "Stock")
}

impl Template {
    fn ready(&self, now: Timestamp) -> bool {
        passed(self.created_at, READY, now)
    }

    fn view(&self, now: Timestamp) -> Value {
        view(self, i64::from(self.ready(now)), "Custom")
    }
}

/// All that were made.
pub fn all_made(db: &Db<'_>, now: Timestamp) -> Result<Vec<Value>, StoreError> {
    Ok(TEMPLATES
        .all::<Template>(db)?
        .iter()
        .map(|template| template.view(now))
        .collect())
}

/// What a device needs to know of its template.
#[derive(Debug)]
pub struct Usable {
    /// Whether it is Linux: others have no SSH keys.
    pub linux: bool,
}

/// The template with this identifier, when it is ready.
pub fn usable(call: &Call<'_>, id: &str) -> Result<Option<Usable>, StoreError> {
    if let Some((_, _, _, linux)) = STOCK.iter().find(|stock| stock.0 == id) {
        return Ok(Some(Usable { linux: *linux }));
    }
    let made: Option<Template> = TEMPLATES.get(call.db, id)?;
    Ok(made
        .filter(|template| template.ready(call.now))
        .map(|template| Usable {
            linux: template.linux,
        }))
}

/// `GET templates`
pub fn list(call: &Call<'_>) -> Answer {
    let mut list: Vec<Value> = STOCK.iter().map(stock_view).collect();
    list.extend(all_made(call.db, call.now)?);
    let kind = call.request.query("type").map(str::to_lowercase);
    let wanted = |item: &Value| item["type"].as_str().map(str::to_lowercase);
    list.retain(|item| kind.is_none() || wanted(item) == kind);
    search(call.request, list, &["name", "description"])
}

/// `GET templates/{id}`
pub fn read(call: &Call<'_>) -> Answer {
    let id = call.request.param("id");
    if let Some(stock) = STOCK.iter().find(|stock| stock.0 == id) {
        return bare(stock_view(stock));
    }
    let template: Template = TEMPLATES.find(call, "id")?;
    if !passed(template.created_at, VISIBLE, call.now) {
        return Err(not_yet("Template"));
    }
    bare(template.view(call.now))
}

/// `POST templates/create-from-device`
pub fn create(call: &Call<'_>) -> Answer {
    let body = Fields::of(call.request)?;
    let device: Device = DEVICES
        .get(call.db, body.required_text("deviceId")?)?
        .ok_or_else(|| FieldError::new("deviceId", "is not a known device"))?;
    body.required_text("tenantId")?;
    tenant_of(&body, "tenantId")?;
    body.required_flag("sendEmail")?;
    let cloud = STOCK
        .iter()
        .find(|stock| stock.0 == device.template)
        .map_or(SITES[0].id, |stock| stock.2);
    let template = Template {
        id: new_id(),
        name: body.required_text("name")?.to_owned(),
        description: body.text("description")?.unwrap_or_default().to_owned(),
        cloud: cloud.to_owned(),
        linux: device.linux,
        created_at: call.now,
        updated_at: call.now,
    };
    TEMPLATES.insert(call.db, &template.id, None, &template)?;
    written(template.view(call.now), "Template is being created.")
}

fn find_made(call: &Call<'_>) -> Result<Template, Failure> {
    if STOCK
        .iter()
        .any(|stock| stock.0 == call.request.param("id"))
    {
        return Err(conflict("A stock template cannot be changed."));
    }
    TEMPLATES
        .get(call.db, call.request.param("id"))?
        .ok_or_else(|| not_found("Template"))
}

/// `PATCH templates/{id}`
pub fn update(call: &Call<'_>) -> Answer {
    let mut template = find_made(call)?;
    let body = Fields::of(call.request)?;
    template.name = body.required_text("name")?.to_owned();
    if let Some(description) = body.text("description")? {
        template.description = description.to_owned();
    }
    template.updated_at = call.now;
    TEMPLATES.save(call.db, &template.id, &template)?;
    written(template.view(call.now), "Template has been updated.")
}

/// `DELETE templates/{id}`
pub fn delete(call: &Call<'_>) -> Answer {
    let template = find_made(call)?;
    TEMPLATES.delete(call.db, &template.id)?;
    message("Template has been deleted.")
}
