//! What `import` blocks say: the elements that they go through, and what each imports.

use loam_address::{InstanceAddr, InstanceKey, ModuleAddr, ModulePath};
use loam_config::{Import, ImportTo, KeyPlace, Repetition};
use loam_diag::{Diagnostic, Diagnostics, Span};
use loam_eval::{CallContext, Expr, ReferenceTarget, Scope};
use loam_value::{Kind, Type, Value, convert};

use crate::evaluator::Evaluator;

const TO: &str = "Invalid import 'to' expression";

/// What `each` stands for in an import; a block without `for_each` has one element that
/// has no `each`.
pub struct Element(Option<(Value, Value)>);

impl Element {
    /// The scope that has it as its `each`.
    pub fn scope<'a>(&'a self, around: &'a dyn Scope) -> ElementScope<'a> {
        ElementScope {
            around,
            element: self,
        }
    }
}

/// A module's scope with the `each` of an import.
pub struct ElementScope<'a> {
    around: &'a dyn Scope,
    element: &'a Element,
}

impl Scope for ElementScope<'_> {
    fn get(
        &self,
        target: &ReferenceTarget,
        key: Option<&Value>,
        span: Span,
    ) -> Result<Value, Diagnostics> {
        match (target, &self.element.0) {
            (ReferenceTarget::EachKey, Some((key, _))) => Ok(key.clone()),
            (ReferenceTarget::EachValue, Some((_, value))) => Ok(value.clone()),
            _ => self.around.get(target, key, span),
        }
    }

    fn call_context(&self) -> &CallContext {
        self.around.call_context()
    }
}

/// The elements that a block goes through. Other than where instances are made, any
/// collection will do: lists have their positions as keys, and the elements of a set are
/// their own keys. Null imports nothing.
pub fn elements(block: &Import, scope: &dyn Scope) -> Result<Vec<Element>, Diagnostics> {
    let Some(expr) = &block.for_each else {
        return Ok(vec![Element(None)]);
    };
    let refuse = |detail: String| -> Result<Vec<Element>, Diagnostics> {
        Err(Diagnostic::error("Invalid for_each argument", detail)
            .at(expr.span())
            .into())
    };
    let value = expr.eval(scope)?;
    let marks = value.marks();
    if marks.is_ephemeral() {
        return refuse(
            "An ephemeral value cannot say what is imported: it has to be the same in plan and apply.".into(),
        );
    }
    let element = |key: Value, value: &Value| Element(Some((key, value.clone().with_marks(marks))));
    match value.kind() {
        Kind::Null(_) => Ok(Vec::new()),
        Kind::Map(_, entries) | Kind::Object(entries) => Ok(entries
            .iter()
            .map(|(k, v)| element(Value::string(k.clone()), v))
            .collect()),
        Kind::List(_, items) | Kind::Tuple(items) => Ok(items
            .iter()
            .enumerate()
            .map(|(i, v)| element(Value::int(i as i64), v))
            .collect()),
        Kind::Set(_, items) if items.iter().all(Value::is_wholly_known) => {
            Ok(items.iter().map(|v| element(v.clone(), v)).collect())
        }
        Kind::Set(..) | Kind::Unknown(_) => refuse(
            "The value is derived from resource attributes that cannot be determined until apply, so Loam cannot tell what is to be imported.".into(),
        ),
        _ => refuse(format!(
            "A map, a list or a set is needed here, and this is a value of type {}.",
            value.ty().friendly_name()
        )),
    }
}

/// The instance that an element is imported to. `repetition` is that of its resource.
pub fn target(
    to: &ImportTo,
    repetition: Option<&Repetition>,
    scope: &dyn Scope,
) -> Result<InstanceAddr, Diagnostics> {
    let mut keys = Vec::new();
    for (place, expr) in to.keys() {
        let value = expr.eval(scope)?;
        let refuse = |detail: &str| -> Result<InstanceAddr, Diagnostics> {
            Err(Diagnostic::error(TO, detail).at(expr.span()).into())
        };
        let Some(key) = InstanceKey::from_value(&value) else {
            return refuse("The instance key has to be a known string or whole number.");
        };
        match (place, repetition, &key) {
            (KeyPlace::Module(_), ..) => {}
            (_, Some(Repetition::Count(_)), InstanceKey::Str(_)) => {
                return refuse(
                    "The target resource uses \"count\": its instances have numbers, and this is a string.",
                );
            }
            (_, Some(Repetition::ForEach(_)), InstanceKey::Int(_)) => {
                return refuse(
                    "The target resource uses \"for_each\": the keys of its instances are strings, and this is a number.",
                );
            }
            _ => {}
        }
        keys.push(key);
    }
    Ok(to.with_keys(keys))
}

/// The id that the provider knows an object by.
pub fn import_id(expr: &Expr, scope: &dyn Scope) -> Result<String, Diagnostics> {
    let refuse = |detail: &str| -> Result<String, Diagnostics> {
        Err(Diagnostic::error("Invalid import id argument", detail)
            .at(expr.span())
            .into())
    };
    let value = expr.eval(scope)?;
    if value.is_null() {
        return refuse("The import ID cannot be null.");
    }
    if value.is_unknown() {
        return refuse(
            "The import block \"id\" argument depends on resource attributes that cannot be determined until apply, so Loam cannot plan to import this resource.",
        );
    }
    match convert::convert(&value, &Type::String)
        .ok()
        .and_then(|v| v.as_str().map(str::to_owned))
    {
        Some(id) if !id.is_empty() => Ok(id),
        Some(_) => refuse(
            "The import ID value evaluates to an empty string, please provide a non-empty value.",
        ),
        None => refuse("The import ID value is unsuitable: a string is required."),
    }
}

/// What shows to be wrong with the root module's blocks before anything is planned, where
/// the elements are known.
pub fn validate(eval: &Evaluator<'_>) -> Diagnostics {
    let mut problems = Diagnostics::new();
    let Some(root) = eval.module(&ModulePath::root()) else {
        return problems;
    };
    let here = ModuleAddr::root();
    let scope = eval.scope(root, &here);
    for block in root.imports.iter() {
        let known = block.for_each.as_ref().map(|e| e.eval(&scope));
        if !matches!(known, Some(Ok(v)) if v.is_wholly_known()) {
            continue;
        }
        let resource = eval.resource(&block.to.pattern().config_resource());
        let repetition = resource.map(|r| &r.repetition);
        match elements(block, &scope) {
            Ok(elements) => {
                let of_each = elements.iter().map(|e| e.scope(&scope));
                let wrong = of_each.filter_map(|s| target(&block.to, repetition, &s).err());
                // One element stands for those that are wrong in the same way.
                problems.extend(wrong.take(1).flatten());
            }
            Err(wrong) => problems.append(wrong),
        }
    }
    problems
}
