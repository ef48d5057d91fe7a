//! Changes of a server as a whole: size, name, power, tags, deletion.

use serde_json::json;

use crate::api::Call;
use crate::fields::FieldError;

use super::answer::{Answer, empty, not_found, ok};
use super::input::{body, int, required_int};
use super::order::{check_cpu, check_ram};
use super::servers::{changed, find, removed, save};

/// Virtual seconds.
const RESIZE: f64 = 20.0;
const QUICK: f64 = 8.0;
const DELETION: f64 = 10.0;

/// `PUT servers/{id}`: both sizes.
pub fn resize(call: &Call<'_>) -> Answer {
    let body = body(call.request)?;
    set_size(
        call,
        Some(required_int(&body, "cpu")?),
        Some(required_int(&body, "ram_mb")?),
    )
}

/// `PATCH servers/{id}`: either size, or both.
pub fn resize_some(call: &Call<'_>) -> Answer {
    let body = body(call.request)?;
    let (cpu, ram_mb) = (int(&body, "cpu")?, int(&body, "ram_mb")?);
    if cpu.is_none() && ram_mb.is_none() {
        return Err(FieldError::new("cpu", "or ram_mb is required").into());
    }
    set_size(call, cpu, ram_mb)
}

fn set_size(call: &Call<'_>, cpu: Option<i64>, ram_mb: Option<i64>) -> Answer {
    let mut server = find(call)?;
    server.cpu = check_cpu(cpu.unwrap_or(server.cpu))?;
    server.ram_mb = check_ram(ram_mb.unwrap_or(server.ram_mb))?;
    server.life.change(call.now, RESIZE)?;
    save(call.db, &server)?;
    changed(call, &server, "UpdateServer", None, RESIZE)
}

/// `PUT servers/{id}/name`
pub fn rename(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    server.name = body(call.request)?.required_text("name")?.to_owned();
    server.life.change(call.now, QUICK)?;
    save(call.db, &server)?;
    changed(call, &server, "UpdateServer", None, QUICK)
}

/// `POST servers/{id}/power/{action}`
pub fn power(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    let on = match call.request.param("action") {
        "on" | "reboot" | "reset" => true,
        "off" | "shutdown" => false,
        _ => return Err(not_found("route")),
    };
    server.powered_on = on;
    server.life.change(call.now, QUICK)?;
    save(call.db, &server)?;
    changed(
        call,
        &server,
        if on {
            "PowerOnServer"
        } else {
            "PowerOffServer"
        },
        None,
        QUICK,
    )
}

/// `POST servers/{id}/tags`
pub fn add_tag(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    let body = body(call.request)?;
    let value = body.required_text("value")?;
    if !server.tags.iter().any(|tag| tag == value) {
        server.tags.push(value.to_owned());
        save(call.db, &server)?;
    }
    ok(json!({"value": value}))
}

/// `DELETE servers/{id}/tags/{tag}`
pub fn remove_tag(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    let tag = call.request.param("tag");
    if !server.tags.iter().any(|known| known == tag) {
        return Err(not_found("tag"));
    }
    server.tags.retain(|known| known != tag);
    save(call.db, &server)?;
    empty()
}

/// `DELETE servers/{id}`
pub fn delete(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    server.life.end(call.now, DELETION)?;
    save(call.db, &server)?;
    removed(call, &server, "DeleteServer", None, DELETION)
}
