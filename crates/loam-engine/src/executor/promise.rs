//! Whether what is known while applying is what the plan has promised.

use loam_value::{Kind, Value};

/// Where a value that the plan knew has come out different; `None` if nowhere.
pub(super) fn contradiction(
    promised: &Value,
    now: &Value,
    at: loam_value::Path,
) -> Option<loam_value::Path> {
    match (promised.kind(), now.kind()) {
        (Kind::Unknown(_), _) => None,
        (Kind::Object(a), Kind::Object(b)) => a.iter().find_map(|(k, v)| {
            b.get(k)
                .and_then(|w| contradiction(v, w, at.attribute(k.clone())))
        }),
        (Kind::Map(_, a), Kind::Map(_, b)) => {
            if a.len() != b.len() {
                return Some(at);
            }
            a.iter().find_map(|(k, v)| match b.get(k) {
                Some(w) => contradiction(v, w, at.index(Value::string(k.clone()))),
                None => Some(at.clone()),
            })
        }
        (Kind::List(_, a), Kind::List(_, b)) | (Kind::Tuple(a), Kind::Tuple(b)) => {
            if a.len() != b.len() {
                return Some(at);
            }
            let pairs = a.iter().zip(b.iter()).enumerate();
            pairs
                .into_iter()
                .find_map(|(i, (v, w))| contradiction(v, w, at.index(Value::int(i as i64))))
        }
        // Elements of a set have no place; what is wholly known must be the same.
        (Kind::Set(..), Kind::Set(..)) if !promised.is_wholly_known() => None,
        _ => (promised != now).then_some(at),
    }
}
