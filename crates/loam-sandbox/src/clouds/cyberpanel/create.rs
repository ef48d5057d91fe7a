//! Ordering an instance. Checks come in this order: (key, scope, rate before,) ordering enabled, missing
//! fields, hostname, password, plan, location, template, SSH key and webhook, balance.

use serde_json::{Map, Value, json};

use crate::api::Call;

use super::CLOUD;
use super::billing::{self, Money};
use super::catalog::{Location, Plan, WINDOWS, find_location, find_plan, find_template};
use super::deployment::{Deployment, ESTIMATE};
use super::envelope::{Answer, Failure, Refusal, data, invalid, refusal};
use super::instance::{self, Instance};
use super::keys::Key;
use super::notify::{self, Webhook};

/// Balance that Windows needs.
const WINDOWS_BALANCE: Money = Money::cents(2000);

/// Machines with a name that starts so fail to deploy, without a fault being set.
const FAILING_NAME: &str = "fail-deploy";

/// A valid order.
struct Order {
    hostname: String,
    plan: &'static Plan,
    location: &'static Location,
    template: &'static str,
    ssh_key: Option<String>,
    webhook: Option<Webhook>,
}

/// `POST /vps/create`
pub fn create(call: &Call<'_>, key: &Key) -> Answer {
    let mut account = billing::settled(call.db, call.now, key.account)?;
    if !account.vps_ordering_enabled {
        return Err(refusal("ORDERING_DISABLED", "This account may not order instances").into());
    }
    let order = check(call)?;
    let needed = if order.template == WINDOWS {
        order.plan.monthly.max(WINDOWS_BALANCE)
    } else {
        order.plan.monthly
    };
    if account.balance < needed {
        let message = format!(
            "The balance is {}, this order needs {needed}",
            account.balance.to_cents_string()
        );
        return Err(refusal("INSUFFICIENT_BALANCE", message).into());
    }
    let address = order
        .location
        .take_address(call.db)?
        .ok_or_else(|| refusal("LOCATION_NOT_FOUND", "The location has no free address"))?;

    let fault = call.world.faults.on_deployment(CLOUD, &order.hostname);
    let deployment = match fault {
        Some(fault) => {
            Deployment::start_failing(call.now, fault.task.as_deref(), fault.message.as_deref())
        }
        None if order.hostname.starts_with(FAILING_NAME) => {
            Deployment::start_failing(call.now, None, None)
        }
        None => Deployment::start(call.now),
    };
    let id = call.db.next_number(CLOUD, "vps", 7001)?;
    let mut instance = Instance {
        id,
        account: key.account,
        vmid: call.db.next_number(CLOUD, "vmid", 5101)?,
        name: order.hostname,
        plan_id: order.plan.id,
        location: order.location.code.to_owned(),
        template: order.template.to_owned(),
        ssh_key: order.ssh_key,
        ip_address: address.to_string(),
        running: true,
        suspended: false,
        created_at: call.now,
        changed_at: call.now,
        booted_at: deployment.started_at(),
        hours_billed: 0,
        deployment,
    };
    billing::debit_hours(call.db, call.now, &mut account, &mut instance)?;
    billing::save(call.db, &account)?;
    instance::collection(call.db).insert(
        &id.to_string(),
        Some(&key.account.to_string()),
        &instance,
    )?;
    let webhook_configured = order.webhook.is_some();
    if let Some(webhook) = order.webhook {
        notify::register(call.db, id, &webhook)?;
    }
    Ok(data(json!({
        "vps_id": id,
        "name": instance.name,
        "status": "deploying",
        "ip_address": instance.ip_address,
        "plan": {"id": order.plan.id, "name": order.plan.name, "price": order.plan.monthly.to_string()},
        "location": instance.location,
        "template": instance.template,
        "deployment_url": format!("/api/v1/vps/{id}/deployment"),
        "estimated_time_seconds": ESTIMATE,
        "webhook_configured": webhook_configured,
    }))
    .message("The deployment has started"))
}

fn check(call: &Call<'_>) -> Result<Order, Failure> {
    let body = object(call)?;
    let missing: Vec<&str> = [
        "hostname",
        "plan_id",
        "location_code",
        "template_id",
        "root_password",
    ]
    .into_iter()
    .filter(|field| absent(&body, field))
    .collect();
    if !missing.is_empty() {
        return Err(refusal("MISSING_FIELDS", format!("Missing: {}", missing.join(", "))).into());
    }
    let hostname = text(&body, "hostname")
        .filter(|name| is_hostname(name))
        .ok_or_else(|| {
            refusal(
                "INVALID_HOSTNAME",
                "The hostname must be a fully qualified domain name, such as web.example.com",
            )
        })?;
    check_password(&body)?;
    let plan = body
        .get("plan_id")
        .and_then(Value::as_i64)
        .and_then(find_plan)
        .ok_or_else(|| refusal("PLAN_NOT_FOUND", "There is no plan with this id"))?;
    let location = text(&body, "location_code")
        .and_then(find_location)
        .ok_or_else(|| refusal("LOCATION_NOT_FOUND", "There is no location with this code"))?;
    if !matches!(location.capacity(call.db)?, (true, 1..)) {
        return Err(refusal("LOCATION_NOT_FOUND", "The location takes no orders").into());
    }
    let template = text(&body, "template_id")
        .and_then(find_template)
        .ok_or_else(|| refusal("INVALID_TEMPLATE", "There is no template with this id"))?;
    let ssh_key = optional_text(&body, "ssh_key")?;
    if ssh_key
        .as_deref()
        .is_some_and(|key| crate::ssh::key_blob(key).is_none())
    {
        return Err(invalid("`ssh_key` must be one OpenSSH public key on one line").into());
    }
    let url = optional_text(&body, "webhook_url")?;
    if url
        .as_deref()
        .is_some_and(|url| !url.starts_with("http://") && !url.starts_with("https://"))
    {
        return Err(invalid("`webhook_url` must be an http or https URL").into());
    }
    let secret = optional_text(&body, "webhook_secret")?;
    Ok(Order {
        hostname: hostname.to_owned(),
        plan,
        location,
        template: template.id,
        ssh_key,
        webhook: url.map(|url| Webhook { url, secret }),
    })
}

/// The body, which must be a JSON object.
pub fn object(call: &Call<'_>) -> Result<Map<String, Value>, Refusal> {
    match call.request.json() {
        Ok(Value::Object(body)) => Ok(body),
        Ok(Value::Null) => Ok(Map::new()),
        Ok(_) => Err(invalid("The body must be a JSON object")),
        Err(error) => Err(invalid(format!("The body is not JSON: {error}"))),
    }
}

/// Absent, null and the empty string are all "missing".
pub fn absent(body: &Map<String, Value>, field: &str) -> bool {
    match body.get(field) {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(_) => false,
    }
}

/// A field as text.
pub fn text<'b>(body: &'b Map<String, Value>, field: &str) -> Option<&'b str> {
    body.get(field).and_then(Value::as_str)
}

/// An optional text field; another type is refused.
pub fn optional_text(body: &Map<String, Value>, field: &str) -> Result<Option<String>, Refusal> {
    if absent(body, field) {
        return Ok(None);
    }
    text(body, field)
        .map(|text| Some(text.to_owned()))
        .ok_or_else(|| invalid(format!("`{field}` must be a string")))
}

fn check_password(body: &Map<String, Value>) -> Result<(), Refusal> {
    let password =
        text(body, "root_password").ok_or_else(|| invalid("`root_password` must be a string"))?;
    let length = password.chars().count();
    if length < 8 {
        return Err(refusal("PASSWORD_TOO_SHORT", "Use at least 8 characters"));
    }
    if length > 72 {
        return Err(refusal("PASSWORD_TOO_LONG", "Use at most 72 characters"));
    }
    let has = |kind: fn(&char) -> bool| password.chars().any(|character| kind(&character));
    if !has(char::is_ascii_alphabetic) || !has(char::is_ascii_digit) {
        return Err(refusal("PASSWORD_WEAK", "Use letters and digits"));
    }
    Ok(())
}

/// At least two labels of letters, digits and inner hyphens, 253 characters in all.
fn is_hostname(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 253 && name.contains('.') && name.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostnames_have_two_labels() {
        for good in [
            "a.b",
            "edge-7.demo.test",
            "1.2",
            &format!("{}.x", "a".repeat(63)),
        ] {
            assert!(is_hostname(good), "{good}");
        }
        for bad in [
            "",
            "web",
            "web.",
            ".web",
            "-a.b",
            "a-.b",
            "a_b.c",
            "ä.de",
            &format!("{}.x", "a".repeat(64)),
        ] {
            assert!(!is_hostname(bad), "{bad}");
        }
        assert!(
            !is_hostname(&vec!["abcdefg"; 32].join(".")),
            "254 characters and more are too long"
        );
    }
}
