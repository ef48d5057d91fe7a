//! Tenants, which exist, and their users, who are made, changed, deactivated and restored.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::clock::iso;
use crate::fields::{FieldError, Fields};
use crate::store::{Db, StoreError};

use super::answer::{Answer, Failure, bare, data, invalid, message, not_found, search, written};
use super::kinds::{Kind, new_id};
use super::scenery::{CURRENT, TENANTS, Tenant, tenant};

const USERS: Kind = Kind {
    name: "tenant_user",
    title: "User",
};

/// Number, name, friendly name, type.
type Entry = (i64, &'static str, &'static str, &'static str);

const ROLES: [Entry; 3] = [
    (1, "hq_root_admin", "Root Admin", "root"),
    (
        2,
        "hq_organization_admin",
        "Organization Admin",
        "organization",
    ),
    (
        3,
        "hq_organization_member",
        "Organization Member",
        "organization",
    ),
];
const PERMISSIONS: [Entry; 4] = [
    (
        75,
        "allow_view_virtual_machines",
        "View VMs",
        "virtual_machine",
    ),
    (
        76,
        "allow_manage_virtual_machines",
        "Manage VMs",
        "virtual_machine",
    ),
    (80, "allow_manage_users", "Manage Users", "user"),
    (85, "allow_view_networks", "View Networks", "network"),
];

#[derive(Debug, Serialize, Deserialize)]
struct User {
    id: String,
    tenant: String,
    email: String,
    name: String,
    surname: String,
    phone: Option<String>,
    business_phone: Option<String>,
    job_title: Option<String>,
    roles: Vec<String>,
    permissions: Vec<String>,
    deleted_at: Option<Timestamp>,
}

fn entry((id, name, friendly, kind): &Entry) -> Value {
    json!({"id": id, "name": name, "friendlyName": friendly, "type": kind})
}

impl User {
    /// The object of the list; the business phone in both spellings.
    fn item(&self) -> Value {
        json!({
            "identifier": self.id,
            "email": self.email,
            "name": self.name,
            "surname": self.surname,
            "jobTitle": self.job_title,
            "phone": self.phone,
            "businessPhone": self.business_phone,
            "business_phone": self.business_phone,
            "tenantIdentifier": self.tenant,
            "isActive": self.deleted_at.is_none(),
            "deletedAt": self.deleted_at.map(iso),
        })
    }

    fn view(&self) -> Value {
        let chosen = |all: &[Entry], names: &[String]| -> Value {
            all.iter()
                .filter(|known| names.iter().any(|name| name == known.1))
                .map(entry)
                .collect()
        };
        let mut view = self.item();
        view["roles"] = chosen(&ROLES, &self.roles);
        view["permissions"] = chosen(&PERMISSIONS, &self.permissions);
        view
    }
}

/// The users that were not deactivated.
pub fn all_active(db: &Db<'_>) -> Result<Vec<Value>, StoreError> {
    let users: Vec<User> = USERS.all(db)?;
    Ok(users
        .iter()
        .filter(|user| user.deleted_at.is_none())
        .map(User::item)
        .collect())
}

/// `GET tenants`
pub fn list(call: &Call<'_>) -> Answer {
    search(
        call.request,
        TENANTS.iter().map(Tenant::view).collect(),
        &["name"],
    )
}

/// `GET tenants/current`
pub fn current(_: &Call<'_>) -> Answer {
    bare(CURRENT.view())
}

fn find(call: &Call<'_>) -> Result<&'static Tenant, Failure> {
    tenant(call.request.param("tenant")).ok_or_else(|| not_found("Tenant"))
}

/// `GET tenants/{id}`
pub fn read(call: &Call<'_>) -> Answer {
    bare(find(call)?.view())
}

/// `GET tenants/{t}/users`: deactivated users included.
pub fn users(call: &Call<'_>) -> Answer {
    let users: Vec<User> = USERS.under(call.db, find(call)?.id)?;
    search(
        call.request,
        users.iter().map(User::item).collect(),
        &["email", "name", "surname"],
    )
}

fn find_user(call: &Call<'_>) -> Result<User, Failure> {
    let tenant = find(call)?;
    let user: User = USERS.find(call, "user")?;
    if user.tenant == tenant.id {
        Ok(user)
    } else {
        Err(not_found(USERS.title))
    }
}

/// `GET tenants/{t}/users/{u}`: wrapped, and still there when deactivated.
pub fn user(call: &Call<'_>) -> Answer {
    data(find_user(call)?.view())
}

fn names(body: &Fields, field: &str, known: &[Entry]) -> Result<Vec<String>, FieldError> {
    let names = body.texts(field)?.unwrap_or_default();
    match names
        .iter()
        .find(|name| !known.iter().any(|entry| entry.1 == name.as_str()))
    {
        Some(name) => Err(FieldError::new(field, format!("do not include {name}"))),
        None => Ok(names),
    }
}

fn optional(body: &Fields, field: &str) -> Result<Option<String>, FieldError> {
    Ok(body
        .text(field)?
        .filter(|text| !text.is_empty())
        .map(str::to_owned))
}

fn check_password(body: &Fields, confirmation: &str) -> Result<(), FieldError> {
    let password = body.required_text("password")?;
    if body.text(confirmation)? != Some(password) {
        return Err(FieldError::new("password", "confirmation does not match"));
    }
    Ok(())
}

/// `POST tenants/{t}/users`
pub fn create_user(call: &Call<'_>) -> Answer {
    let tenant = find(call)?;
    let body = Fields::of(call.request)?;
    let email = body.required_text("email")?.to_ascii_lowercase();
    if !email.contains('@') {
        return Err(FieldError::new("email", "must be a valid email address").into());
    }
    let users: Vec<User> = USERS.all(call.db)?;
    if users.iter().any(|user| user.email == email) {
        return Err(invalid("email", "The email has already been taken."));
    }
    check_password(&body, "passwordConfirmation")?;
    body.required_flag("passwordShouldBeChanged")?;
    body.required_flag("welcomeEmail")?;
    let user = User {
        id: new_id(),
        tenant: tenant.id.to_owned(),
        email,
        name: body.required_text("name")?.to_owned(),
        surname: body.required_text("surname")?.to_owned(),
        phone: optional(&body, "phone")?,
        business_phone: optional(&body, "businessPhone")?,
        job_title: optional(&body, "jobTitle")?,
        roles: names(&body, "roles", &ROLES)?,
        permissions: names(&body, "permissions", &PERMISSIONS)?,
        deleted_at: None,
    };
    USERS.insert(call.db, &user.id, Some(tenant.id), &user)?;
    written(user.item(), "User successfully added.")
}

fn save(call: &Call<'_>, user: &User) -> Result<(), StoreError> {
    USERS.save(call.db, &user.id, user)
}

/// `PUT tenants/{t}/users/{u}`
pub fn update_user(call: &Call<'_>) -> Answer {
    let mut user = find_user(call)?;
    let body = Fields::of(call.request)?;
    user.name = body.required_text("name")?.to_owned();
    user.surname = body.required_text("surname")?.to_owned();
    user.phone = optional(&body, "phone")?;
    user.business_phone = optional(&body, "businessPhone")?;
    user.job_title = optional(&body, "jobTitle")?;
    save(call, &user)?;
    written(user.item(), "User updated successfully.")
}

/// `DELETE tenants/{t}/users/{u}`: the user stays, inactive, and keeps the e-mail address.
pub fn delete_user(call: &Call<'_>) -> Answer {
    let mut user = find_user(call)?;
    user.deleted_at.get_or_insert(call.now);
    save(call, &user)?;
    message("User has been deactivated.")
}

/// `POST tenants/{t}/users/restore`
pub fn restore_user(call: &Call<'_>) -> Answer {
    let tenant = find(call)?;
    let body = Fields::of(call.request)?;
    let found: Option<User> = USERS.get(call.db, body.required_text("userIdentifier")?)?;
    let mut user = found
        .filter(|user| user.tenant == tenant.id)
        .ok_or_else(|| not_found(USERS.title))?;
    user.deleted_at = None;
    save(call, &user)?;
    message("User has been restored.")
}

/// `POST tenants/{t}/users/{u}/password`: the confirmation is spelled otherwise here.
pub fn set_password(call: &Call<'_>) -> Answer {
    find_user(call)?;
    check_password(&Fields::of(call.request)?, "password_confirmation")?;
    message("Password has been changed.")
}

/// `GET tenants/{t}/users/permissions`
pub fn permissions(call: &Call<'_>) -> Answer {
    find(call)?;
    bare(PERMISSIONS.iter().map(entry).collect::<Vec<_>>())
}

/// `POST tenants/{t}/users/{u}/permissions`: replaces both sets.
pub fn set_permissions(call: &Call<'_>) -> Answer {
    let mut user = find_user(call)?;
    let body = Fields::of(call.request)?;
    user.roles = names(&body, "roles", &ROLES)?;
    user.permissions = names(&body, "permissions", &PERMISSIONS)?;
    save(call, &user)?;
    message("User permissions successfully updated.")
}
