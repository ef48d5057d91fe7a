//! The results of checks as a state keeps them: JSON text, in the form of `check_results`
//! in Terraform's state files, so that results which come with such a file can be read.

use std::collections::BTreeMap;

use loam_address::Mode::Data;
use serde::{Deserialize, Serialize};

use crate::plan::{CheckObject, CheckResult, CheckStatus, Mode, Plan};

#[derive(Serialize, Deserialize)]
struct Entry {
    object_kind: String,
    config_addr: String,
    status: String,
    objects: Option<Vec<Instance>>,
}

#[derive(Serialize, Deserialize)]
struct Instance {
    object_addr: String,
    status: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    failure_messages: Vec<String>,
}

/// The results of a plan that hold when it is applied, whatever that changes: of data that is
/// not read again nothing is said any more, unless refreshing is all there is to do.
pub fn outlasting(plan: &Plan) -> BTreeMap<CheckObject, CheckResult> {
    let mut results = plan.checks.clone();
    if plan.mode == Mode::Normal {
        for (object, result) in &mut results {
            if matches!(object, CheckObject::Resource(r) if r.resource.mode == Data) {
                result.forget();
            }
        }
    }
    results
}

/// The text to keep; `None` for a configuration without checks.
pub fn to_text(checks: &BTreeMap<CheckObject, CheckResult>) -> Option<String> {
    if checks.is_empty() {
        return None;
    }
    let entries = checks.iter().map(|(object, result)| {
        let objects = result
            .instances
            .iter()
            .map(|(addr, (status, messages))| Instance {
                object_addr: addr.clone(),
                status: status.name().into(),
                failure_messages: messages.clone(),
            });
        let objects: Vec<Instance> = objects.collect();
        Entry {
            object_kind: object.kind().into(),
            config_addr: object.to_string(),
            status: result.status.name().into(),
            objects: (!objects.is_empty()).then_some(objects),
        }
    });
    serde_json::to_string(&entries.collect::<Vec<_>>()).ok()
}

/// The results that a text holds. A text that is something else holds none, and what is of
/// a kind that is not known is left out.
pub fn of_text(text: &str) -> BTreeMap<CheckObject, CheckResult> {
    let entries: Vec<Entry> = serde_json::from_str(text).unwrap_or_default();
    let results = entries.into_iter().filter_map(|e| {
        let object = CheckObject::parse(&e.object_kind, &e.config_addr)?;
        let instances = e.objects.unwrap_or_default().into_iter();
        let instances = instances.map(|i| (i.object_addr, (status(&i.status), i.failure_messages)));
        let result = CheckResult {
            status: status(&e.status),
            instances: instances.collect(),
        };
        Some((object, result))
    });
    results.collect()
}

fn status(name: &str) -> CheckStatus {
    let all = [CheckStatus::Pass, CheckStatus::Fail, CheckStatus::Error];
    let known = all.into_iter().find(|s| s.name() == name);
    known.unwrap_or(CheckStatus::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_terraform_writes_is_read_and_written_again() {
        let text = concat!(
            r#"[{"object_kind":"resource","config_addr":"module.m.terraform_data.a","status":"fail","#,
            r#""objects":[{"object_addr":"module.m[0].terraform_data.a[1]","status":"fail","#,
            r#""failure_messages":["too small"]}]},"#,
            r#"{"object_kind":"output","config_addr":"module.m.module.n.output.o","status":"unknown","#,
            r#""objects":null},"#,
            r#"{"object_kind":"check","config_addr":"check.c","status":"pass","objects":"#,
            r#"[{"object_addr":"check.c","status":"pass"}]},"#,
            r#"{"object_kind":"var","config_addr":"var.v","status":"error","objects":null}]"#,
        );
        let checks = of_text(text);
        assert_eq!(checks.len(), 4);
        assert_eq!(to_text(&checks).as_deref(), Some(text));
    }

    #[test]
    fn other_text_holds_no_results() {
        assert!(of_text("").is_empty());
        assert!(of_text(r#"{"checks":1}"#).is_empty());
        assert!(
            of_text(
                r#"[{"object_kind":"new","config_addr":"x.y","status":"pass","objects":null}]"#
            )
            .is_empty()
        );
        assert_eq!(to_text(&BTreeMap::new()), None);
    }
}
