//! Import ids: what a user types to name an existing object.

use loam_diag::{Diagnostic, Diagnostics};
use loam_provider::Imported;
use loam_value::{Type, Value};

use crate::description::{ImportFormat, ImportPart, Resource};
use crate::expression::Names;
use crate::json;
use crate::memory::Memory;
use crate::object::Object;

/// The object that an id names, as far as the id tells.
pub(crate) fn import(resource: &Resource, id: &str) -> Result<Imported, Diagnostics> {
    let names = Names::default().with("id", Value::string(id));
    let applies = |f: &&ImportFormat| {
        let when = f.when.as_ref();
        when.is_none_or(|w| w.truth(&names).unwrap_or(false))
    };
    let parsed = resource
        .imports
        .iter()
        .filter(applies)
        .find_map(|format| parse(format, id));
    let Some(parts) = parsed else {
        return Err(wrong(resource, id).into());
    };
    let mut object = Object::of(&resource.fields, &Value::null(Type::Dynamic));
    for (name, text) in parts {
        let ty = resource
            .fields
            .get(name)
            .map_or(Type::String, |f| f.ty.clone());
        let value = json::decode(&Value::string(text), &ty)
            .map_err(|_| Diagnostics::from(wrong(resource, id)))?;
        object.set(name, value);
    }
    object.derive();
    Ok(Imported {
        kind: resource.kind.to_string(),
        state: object.settled(),
        private: Memory::of_import().write(),
    })
}

fn wrong(resource: &Resource, id: &str) -> Diagnostic {
    let formats: Vec<&str> = resource.imports.iter().map(|f| f.text.as_str()).collect();
    if formats.is_empty() {
        return Diagnostic::error(
            "Import is not possible",
            format!("{} has no import id.", resource.kind),
        );
    }
    Diagnostic::error(
        "Wrong import id",
        format!(
            "{id:?} does not name a {}. The id has the form {}.",
            resource.kind,
            formats.join(" or ")
        ),
    )
}

/// The attributes in an id of this format. An attribute reaches up to the text that
/// follows it; the last takes the rest.
fn parse<'f>(format: &'f ImportFormat, id: &str) -> Option<Vec<(&'f str, String)>> {
    let mut rest = id;
    let mut found = Vec::new();
    for (i, part) in format.parts.iter().enumerate() {
        match part {
            ImportPart::Text(text) => rest = rest.strip_prefix(text.as_str())?,
            ImportPart::Attribute(name) => {
                let end = match format.parts.get(i + 1) {
                    Some(ImportPart::Text(next)) => rest.find(next.as_str())?,
                    _ => rest.len(),
                };
                let (value, after) = rest.split_at_checked(end)?;
                if value.is_empty() {
                    return None;
                }
                found.push((&**name, value.to_owned()));
                rest = after;
            }
        }
    }
    rest.is_empty().then_some(found)
}
