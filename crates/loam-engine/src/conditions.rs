//! Validations, preconditions, postconditions and check assertions.

use std::collections::BTreeMap;

use loam_address::ConfigResourceAddr;
use loam_config::{Condition, Config};
use loam_diag::{Diagnostic, Diagnostics, Span, ValueNote};
use loam_eval::Scope;
use loam_value::{Kind, Type, Value, convert};

use crate::plan::{CheckObject, CheckResult, CheckStatus};

/// What one condition came to.
#[derive(Debug)]
pub struct Outcome {
    /// Pass, fail, error, or unknown until more is known.
    pub status: CheckStatus,
    /// The author's error message if it failed.
    pub message: Option<String>,
    /// The values that it failed with.
    pub values: Vec<ValueNote>,
    /// Errors met while evaluating the condition or the message.
    pub diagnostics: Diagnostics,
}

impl Outcome {
    /// Nothing but a status.
    pub fn of(status: CheckStatus) -> Outcome {
        Outcome {
            status,
            message: None,
            values: Vec::new(),
            diagnostics: Diagnostics::new(),
        }
    }

    /// What to say where the condition does not hold.
    pub fn said(&self) -> String {
        let unknown = "The condition does not hold, and its error message is not to be had.";
        self.message.clone().unwrap_or_else(|| unknown.to_owned())
    }
}

fn failed(diagnostics: impl Into<Diagnostics>) -> Outcome {
    Outcome {
        diagnostics: diagnostics.into(),
        ..Outcome::of(CheckStatus::Error)
    }
}

/// Evaluates a condition and its message. As in Terraform the message has to be a string
/// also where the condition holds, or is not known yet.
pub fn evaluate(condition: &Condition, scope: &dyn Scope) -> Outcome {
    let span = condition.error_message.span();
    let said = condition.error_message.eval(scope);
    let (message, told) = match said.map(|v| text(&v, span)) {
        Ok((message, told)) => (message, told),
        Err(wrong) => (None, wrong),
    };
    let mut outcome = holds(condition, scope);
    if told.has_errors() {
        let mut wrong = failed(told);
        wrong.diagnostics.append(outcome.diagnostics);
        return wrong;
    }
    if outcome.status == CheckStatus::Fail {
        outcome.message = message;
    }
    outcome.diagnostics.append(told);
    outcome
}

/// Evaluates the validation of a variable. Its message has to have a value, too, but only
/// where the condition does not hold is it looked into, as in Terraform.
pub fn validation(condition: &Condition, scope: &dyn Scope) -> Outcome {
    let mut outcome = holds(condition, scope);
    match condition.error_message.eval(scope) {
        Err(wrong) => outcome.diagnostics.append(wrong),
        Ok(said) if outcome.status == CheckStatus::Fail => {
            let (message, told) = text(&said, condition.error_message.span());
            outcome.message = message;
            outcome.diagnostics.append(told);
        }
        Ok(_) => {}
    }
    outcome
}

/// Evaluates a condition without its message.
fn holds(condition: &Condition, scope: &dyn Scope) -> Outcome {
    let span = condition.condition.span();
    let value = match condition.condition.eval(scope) {
        Ok(v) => v,
        Err(diagnostics) => return failed(diagnostics),
    };
    if value.is_unknown() {
        return Outcome::of(CheckStatus::Unknown);
    }
    let summary = "Invalid condition result";
    if value.is_null() {
        let detail = "Condition expression must return either true or false, not null.";
        return failed(Diagnostic::error(summary, detail).at(span));
    }
    let holds = match convert::convert(&value, &Type::Bool) {
        Ok(v) => v.as_bool(),
        Err(e) => {
            let detail = format!("Invalid condition result value: {}.", e.message);
            return failed(Diagnostic::error(summary, detail).at(span));
        }
    };
    match holds {
        Some(true) => Outcome::of(CheckStatus::Pass),
        Some(false) => Outcome {
            values: condition.condition.notes(scope),
            ..Outcome::of(CheckStatus::Fail)
        },
        None => Outcome::of(CheckStatus::Unknown),
    }
}

/// The text of an error message; none if it is not known, or wrong.
fn text(value: &Value, span: Span) -> (Option<String>, Diagnostics) {
    if value.deep_marks().is_sensitive() {
        let detail = "The error message of this condition contains a sensitive value and is not shown. The nonsensitive function can be used where the value is safe to show.";
        let d = Diagnostic::warning("Error message refers to sensitive values", detail).at(span);
        return (
            Some(
                "The error message included a sensitive value, so it will not be displayed.".into(),
            ),
            d.into(),
        );
    }
    if value.deep_marks().is_ephemeral() {
        let d = Diagnostic::warning(
            "Error message refers to ephemeral values",
            "The error message is not shown.",
        )
        .at(span);
        return (
            Some(
                "The error message included an ephemeral value, so it will not be displayed."
                    .into(),
            ),
            d.into(),
        );
    }
    match convert::convert(value, &Type::String).map(|v| v.into_kind()) {
        Ok(Kind::String(s)) => (Some(s.trim().to_owned()), Diagnostics::new()),
        Ok(Kind::Unknown(_)) => (None, Diagnostics::new()),
        _ => {
            let d = Diagnostic::error(
                "Invalid error message",
                "The error message has to be a string.",
            )
            .at(span);
            (None, d.into())
        }
    }
}

/// The results of all checks so far.
#[derive(Clone, Debug, Default)]
pub struct Checks(pub BTreeMap<CheckObject, CheckResult>);

impl Checks {
    /// Says that an object has checks and its instances are known, though there may be none.
    /// Nothing is known of their checks yet.
    pub fn expanded(&mut self, object: CheckObject, instances: impl Iterator<Item = String>) {
        let result = self.0.entry(object).or_insert(CheckResult {
            status: CheckStatus::Unknown,
            instances: BTreeMap::new(),
        });
        for instance in instances {
            let open = (CheckStatus::Unknown, Vec::new());
            result.instances.entry(instance).or_insert(open);
        }
        result.settle();
    }

    /// Whether an instance's checks are known to have failed.
    pub fn has_failed(&self, object: &CheckObject, instance: &str) -> bool {
        let result = self.0.get(object).and_then(|r| r.instances.get(instance));
        result.is_some_and(|(status, _)| matches!(status, CheckStatus::Fail | CheckStatus::Error))
    }

    /// Adds what the configuration has checks for and was not looked at: of that nothing is
    /// known, not even its instances.
    pub fn complete(&mut self, config: &Config) {
        for object in checked(config) {
            self.0.entry(object).or_insert(CheckResult {
                status: CheckStatus::Unknown,
                instances: BTreeMap::new(),
            });
        }
    }

    /// Records the outcomes of one instance's conditions, replacing earlier ones unless
    /// `more` says that they belong together (pre- and postconditions).
    pub fn record(
        &mut self,
        object: CheckObject,
        instance: String,
        outcomes: &[Outcome],
        more: bool,
    ) {
        let result = self.0.entry(object).or_insert(CheckResult {
            status: CheckStatus::Unknown,
            instances: BTreeMap::new(),
        });
        let entry = result
            .instances
            .entry(instance)
            .or_insert((CheckStatus::Pass, Vec::new()));
        if !more {
            *entry = (CheckStatus::Pass, Vec::new());
        }
        for o in outcomes {
            entry.0 = worse(entry.0, o.status);
            entry.1.extend(o.message.clone());
        }
        result.settle();
    }
}

/// Everything in a configuration that has checks.
fn checked(config: &Config) -> Vec<CheckObject> {
    let mut out = Vec::new();
    for (path, module) in &config.modules {
        for (name, variable) in &module.variables {
            if !variable.validations.is_empty() {
                out.push(CheckObject::Variable(path.clone(), name.clone()));
            }
        }
        for (name, output) in &module.outputs {
            if !output.preconditions.is_empty() {
                out.push(CheckObject::Output(path.clone(), name.clone()));
            }
        }
        for name in module.checks.keys() {
            out.push(CheckObject::Check(path.clone(), name.clone()));
        }
        for (addr, resource) in &module.resources {
            if resource.lifecycle.has_conditions() {
                out.push(CheckObject::Resource(ConfigResourceAddr {
                    module: path.clone(),
                    resource: addr.clone(),
                }));
            }
        }
    }
    out
}

impl CheckResult {
    /// Takes over what has been found out since of instances that the plan has looked at.
    pub(crate) fn update(&mut self, later: &CheckResult) {
        for (addr, result) in &mut self.instances {
            if let Some(found) = later.instances.get(addr)
                && found.0 != CheckStatus::Unknown
            {
                *result = found.clone();
            }
        }
        if !self.instances.is_empty() {
            self.settle();
        }
    }

    /// Nothing is known any more.
    pub(crate) fn forget(&mut self) {
        self.status = CheckStatus::Unknown;
        for instance in self.instances.values_mut() {
            *instance = (CheckStatus::Unknown, Vec::new());
        }
    }

    /// The status that follows from the instances'.
    fn settle(&mut self) {
        let all = self.instances.values();
        self.status = all.fold(CheckStatus::Pass, |s, (i, _)| worse(s, *i));
    }
}

/// An error outweighs a failure, a failure what is unknown, that a pass.
fn worse(a: CheckStatus, b: CheckStatus) -> CheckStatus {
    let rank = |s| match s {
        CheckStatus::Pass => 0,
        CheckStatus::Unknown => 1,
        CheckStatus::Fail => 2,
        CheckStatus::Error => 3,
    };
    if rank(b) > rank(a) { b } else { a }
}
