//! Hides secrets where an object repeats them: a resource may return in one attribute what
//! another marks as sensitive (`terraform_data` does with `input` and `output`), and the
//! mark is only on the first.

use std::collections::BTreeSet;

use loam_value::{Kind, Marks, Value};

/// Shorter strings are too likely to be equal by chance, and give nothing away.
const SHORTEST: usize = 4;

/// The same values, in which every string that is sensitive somewhere in any of them is
/// marked as sensitive everywhere.
pub fn hide<const N: usize>(values: [&Value; N]) -> [Value; N] {
    let mut secrets = BTreeSet::new();
    for v in values {
        if v.deep_marks().is_sensitive() {
            collect(v, false, &mut secrets);
        }
    }
    if secrets.is_empty() {
        return values.map(Clone::clone);
    }
    values.map(|v| mark(v, &secrets))
}

fn collect(v: &Value, within: bool, secrets: &mut BTreeSet<String>) {
    let within = within || v.marks().is_sensitive();
    if let (true, Kind::String(s)) = (within, v.kind())
        && s.chars().count() >= SHORTEST
    {
        secrets.insert(s.to_string());
    }
    // Children are only looked at; the copy that this makes is dropped.
    let _ = v.map_children(|c| {
        collect(c, within, secrets);
        c.clone()
    });
}

fn mark(v: &Value, secrets: &BTreeSet<String>) -> Value {
    match v.kind() {
        Kind::String(s) if secrets.contains(&**s) => v.clone().with_marks(Marks::SENSITIVE),
        _ => v.map_children(|c| mark(c, secrets)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(entries: &[(&str, Value)]) -> Value {
        Value::object(
            entries
                .iter()
                .map(|(k, v)| ((*k).into(), v.clone()))
                .collect(),
        )
    }

    #[test]
    fn a_secret_is_hidden_where_it_is_repeated() {
        let secret = Value::string("hunter2");
        let before = object(&[("output", object(&[("p", secret.clone())]))]);
        let marked = secret.with_marks(Marks::SENSITIVE);
        let after = object(&[
            (
                "input",
                object(&[("p", marked), ("user", Value::string("ada"))]),
            ),
            ("output", Value::string("ada")),
        ]);
        let [before, after] = hide([&before, &after]);
        assert!(before.deep_marks().is_sensitive());
        let output = after.get("output").expect("there");
        assert!(!output.deep_marks().is_sensitive());
    }

    #[test]
    fn without_secrets_nothing_changes() {
        let v = object(&[("a", Value::string("hunter2"))]);
        let [same] = hide([&v]);
        assert!(!same.deep_marks().is_sensitive());
        assert_eq!(same, v);
    }
}
