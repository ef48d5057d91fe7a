//! Applications of an order: which, with which parameters, and what became of them.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::fields::{FieldError, Fields};

use super::answer::{Failure, refuse, refuse_with};
use super::catalog::APPLICATION;
use super::life::{Life, time};

/// The application is not there.
const UNKNOWN: i32 = -19_053;
/// It takes no key of a language model.
const NO_LLM_KEY: i32 = -19_968;
/// A parameter that it needs is missing, or one is not its own.
const PARAMETER_MISSING: i32 = -19_969;
const PARAMETER_UNKNOWN: i32 = -19_981;
/// The only parameter of the only application; it is required.
const PARAMETER: &str = "ADMIN_EMAIL";

/// The ids of an order's applications. The older list of ids counts only without the newer objects.
pub fn ordered(body: &Fields) -> Result<Vec<String>, Failure> {
    let newer = body.list("applications")?.unwrap_or_default();
    let mut ids = Vec::new();
    for item in newer {
        let item = Fields::inside("applications", item)?;
        ids.push(item.required_text("id")?.to_owned());
        check_parameters(&item)?;
    }
    if newer.is_empty() {
        ids = body.texts("application_ids")?.unwrap_or_default();
    }
    match ids.iter().find(|id| id.as_str() != APPLICATION) {
        Some(unknown) => Err(refuse(
            UNKNOWN,
            format!("There is no application {unknown}"),
        )),
        None => Ok(ids),
    }
}

fn check_parameters(item: &Fields) -> Result<(), Failure> {
    if item.flag("issue_llm_key")? == Some(true) {
        return Err(refuse(
            NO_LLM_KEY,
            "LLM keys are not offered for the application",
        ));
    }
    let empty = json!({});
    let parameters = item.get("parameters").unwrap_or(&empty);
    let parameters = parameters
        .as_object()
        .ok_or_else(|| FieldError::new("parameters", "must be an object"))?;
    let named = |name: &str| vec![("Parameter", json!(name))];
    if let Some(unknown) = parameters.keys().find(|name| *name != PARAMETER) {
        return Err(refuse_with(
            PARAMETER_UNKNOWN,
            "The application has no such parameter",
            named(unknown),
        ));
    }
    if parameters
        .get(PARAMETER)
        .and_then(Value::as_str)
        .is_none_or(str::is_empty)
    {
        return Err(refuse_with(
            PARAMETER_MISSING,
            "A required parameter is missing",
            named(PARAMETER),
        ));
    }
    Ok(())
}

/// What became of the applications of a server.
pub fn installations(ids: &[String], life: &Life, now: Timestamp) -> Vec<Value> {
    let one = |id: &String| {
        let mut view = json!({"id": id, "state": "Installing", "addresses": [], "components": []});
        if life.ready(now) {
            view["state"] = json!("Installed");
            view["installed_at"] = json!(time(now));
            view["addresses"] = json!([{"service": "web", "address": "https://203.0.113.1"}]);
            view["components"] = json!([{"name": id, "kind": "Web", "observed_status": "running"}]);
            view["app_login"] = json!("admin");
        }
        view
    };
    ids.iter().map(one).collect()
}
