//! Users of the object storage and their access keys ("tokens"), whose secret is shown once.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::clock::iso;
use crate::fields::{FieldError, Fields};
use crate::ids;
use crate::store::{Db, StoreError};

use super::answer::{Answer, bare, conflict, message, not_found, page, written};
use super::buckets;
use super::kinds::{Kind, new_id};
use super::scenery::{QUOTAS, REGIONS, tenant_of, tenant_view};

/// S3 users.
pub const USERS: Kind = Kind {
    name: "object_storage_user",
    title: "S3 user",
};

/// A user.
#[derive(Debug, Serialize, Deserialize)]
pub struct User {
    pub id: String,
    pub name: String,
    quota: i64,
    pub region: String,
    pub tenant: String,
    created_at: Timestamp,
    tokens: Vec<Token>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Token {
    id: String,
    access_key: String,
    created_at: Timestamp,
}

impl Token {
    fn view(&self) -> Value {
        json!({"identifier": self.id, "accessKey": self.access_key, "createdAt": iso(self.created_at)})
    }
}

impl User {
    /// The address that its buckets have.
    pub fn endpoint(&self) -> String {
        format!("https://{}-s3.sandbox.test", self.region)
    }

    fn view(&self) -> Value {
        json!({
            "identifier": self.id,
            "name": self.name,
            "quota": self.quota,
            "sizeUsedGb": 0,
            "isReplicated": false,
            "s3endpoints": [self.endpoint()],
            "tenant": tenant_view(&self.tenant),
            "createdAt": iso(self.created_at),
        })
    }

    /// A new access key and its secret, which is not kept.
    fn add_token(&mut self, now: Timestamp) -> Value {
        let token = Token {
            id: new_id(),
            access_key: format!("AK{}", ids::mixed(18)),
            created_at: now,
        };
        let mut view = token.view();
        view["secretKey"] = ids::mixed(40).into();
        self.tokens.push(token);
        view
    }
}

/// All that exist.
pub fn all(db: &Db<'_>) -> Result<Vec<Value>, StoreError> {
    Ok(USERS.all::<User>(db)?.iter().map(User::view).collect())
}

/// `GET object-storages/users`: items without keys.
pub fn list(call: &Call<'_>) -> Answer {
    let mut users: Vec<User> = USERS.all(call.db)?;
    users.retain(|user| {
        call.request
            .query("tenantId")
            .is_none_or(|tenant| user.tenant == tenant)
    });
    page(call.request, users.iter().map(User::view).collect())
}

/// `GET object-storages/users/{id}`: with its keys, without secrets and region.
pub fn read(call: &Call<'_>) -> Answer {
    let user: User = USERS.find(call, "id")?;
    let mut view = user.view();
    view["tokens"] = user.tokens.iter().map(Token::view).collect();
    bare(view)
}

fn quota(body: &Fields) -> Result<i64, FieldError> {
    let quota = body.required_int("quota")?;
    if QUOTAS.contains(&quota) {
        Ok(quota)
    } else {
        Err(FieldError::new("quota", "is not one of the plans"))
    }
}

/// `POST object-storages/users`: with a first key and its secret.
pub fn create(call: &Call<'_>) -> Answer {
    let body = Fields::of(call.request)?;
    let region = body.required_text("zoneGroup")?;
    if !REGIONS.iter().any(|(id, _)| *id == region) {
        return Err(FieldError::new("zoneGroup", "is not a known region").into());
    }
    let mut user = User {
        id: ids::uuid(),
        name: body.required_text("name")?.to_owned(),
        quota: quota(&body)?,
        region: region.to_owned(),
        tenant: tenant_of(&body, "tenantId")?.id.to_owned(),
        created_at: call.now,
        tokens: Vec::new(),
    };
    let token = user.add_token(call.now);
    USERS.insert(call.db, &user.id, None, &user)?;
    let partial = json!({
        "identifier": user.id,
        "name": user.name,
        "createdAt": iso(user.created_at),
        "tokens": [token],
    });
    written(partial, "S3 user successfully created")
}

/// `PUT object-storages/users/{id}`
pub fn update(call: &Call<'_>) -> Answer {
    let mut user: User = USERS.find(call, "id")?;
    let body = Fields::of(call.request)?;
    user.name = body.required_text("name")?.to_owned();
    user.quota = quota(&body)?;
    USERS.save(call.db, &user.id, &user)?;
    written(
        json!({"identifier": user.id, "name": user.name, "quota": user.quota}),
        "S3 user successfully edited",
    )
}

/// `DELETE object-storages/users/{id}`: not while it has buckets.
pub fn delete(call: &Call<'_>) -> Answer {
    let user: User = USERS.find(call, "id")?;
    if buckets::has_some(call.db, &user.id)? {
        return Err(conflict("The S3 user still has buckets."));
    }
    USERS.delete(call.db, &user.id)?;
    message("S3 user successfully deleted")
}

/// `POST object-storages/users/{id}/tokens`
pub fn create_token(call: &Call<'_>) -> Answer {
    let mut user: User = USERS.find(call, "id")?;
    let token = user.add_token(call.now);
    USERS.save(call.db, &user.id, &user)?;
    written(token, "S3 user token successfully created")
}

/// `DELETE object-storages/users/{id}/tokens/{token}`: never the last one.
pub fn delete_token(call: &Call<'_>) -> Answer {
    let mut user: User = USERS.find(call, "id")?;
    let id = call.request.param("token");
    if !user.tokens.iter().any(|token| token.id == id) {
        return Err(not_found("S3 user token"));
    }
    if user.tokens.len() == 1 {
        return Err(conflict("The last token of an S3 user cannot be deleted."));
    }
    user.tokens.retain(|token| token.id != id);
    USERS.save(call.db, &user.id, &user)?;
    message("S3 user token successfully deleted")
}
