//! Small texts about values that events and messages show.

use loam_value::Value;

/// The object's `id`, if it is known and may be shown.
pub fn id_of(value: &Value) -> Option<String> {
    let id = value.get("id")?;
    if id.is_sensitive() {
        return None;
    }
    id.as_str()
        .map(str::to_owned)
        .or_else(|| id.as_number().map(ToString::to_string))
}
