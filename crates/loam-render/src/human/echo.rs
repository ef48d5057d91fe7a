//! Finds secrets that an object repeats: a resource may return in one attribute what
//! another marks as sensitive (`terraform_data` does with `input` and `output`), and the
//! mark is only on the first.

use std::collections::BTreeSet;

use loam_value::{Kind, Value};

/// Shorter strings are too likely to be equal by chance, and give nothing away.
const SHORTEST: usize = 4;

/// The strings that are sensitive somewhere in any of the values.
pub fn secrets<const N: usize>(values: [&Value; N]) -> BTreeSet<String> {
    let mut secrets = BTreeSet::new();
    for v in values {
        if v.deep_marks().is_sensitive() {
            collect(v, false, &mut secrets);
        }
    }
    secrets
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

#[cfg(test)]
mod tests {
    use super::*;
    use loam_value::Marks;

    #[test]
    fn secrets_are_found_wherever_they_are_marked() {
        let secret = Value::string("hunter2").with_marks(Marks::SENSITIVE);
        let before = Value::object_of([("output", Value::string("hunter2"))]);
        let after = Value::object_of([
            ("input", Value::object_of([("p", secret)])),
            ("user", Value::string("ada")),
        ]);
        let found = secrets([&before, &after]);
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["hunter2"]);
        assert!(secrets([&before]).is_empty());
    }

    #[test]
    fn what_is_short_may_be_equal_by_chance() {
        let pin = Value::string("123").with_marks(Marks::SENSITIVE);
        assert!(secrets([&Value::object_of([("pin", pin)])]).is_empty());
    }
}
