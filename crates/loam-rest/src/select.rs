//! Choosing and ordering the items of a list that a data source gives: its `filter` and
//! `sort` blocks, as users of other providers know them.
//!
//! In: the list and what the configuration asks for. Out: the items that fit, in order.
//! Pure; knows nothing of requests.

use std::cmp::Ordering;

use loam_diag::{Diagnostic, Diagnostics, Span, nearest};
use loam_provider::{Attribute, NestedBlock, Nesting};
use loam_value::{Defaults, Kind, Type, Value};
use regex::Regex;

use crate::description::{Field, FieldKind, OnChange, block_of};
use crate::expression::text_of;

/// The argument blocks of a data source whose items users may choose from and order.
pub(crate) fn fields(span: Span) -> [Field; 2] {
    let text = |name: &str, required: bool, description: &str| {
        let schema = match required {
            true => Attribute::required(Type::String),
            false => Attribute::optional(Type::String),
        };
        argument(name, schema, description, span)
    };
    let filter = vec![
        text("key", true, "The attribute to look at."),
        argument(
            "values",
            Attribute::required(Type::list(Type::String)),
            "What it may be.",
            span,
        ),
        argument(
            "all",
            Attribute::optional(Type::Bool),
            "Whether all values have to be there, of an attribute that holds several.",
            span,
        ),
        text(
            "match_by",
            false,
            "\"exact\" (in any case), \"re\" or \"substring\".",
        ),
    ];
    let sort = vec![
        text("key", true, "The attribute to order by."),
        text("direction", false, "\"asc\" or \"desc\"."),
    ];
    [
        block(
            "filter",
            Nesting::Set,
            filter,
            "Items have to fit every filter.",
            span,
        ),
        block("sort", Nesting::List, sort, "The first counts most.", span),
    ]
}

fn argument(name: &str, schema: Attribute, description: &str, span: Span) -> Field {
    let schema = Attribute {
        description: description.into(),
        ..schema
    };
    Field {
        name: name.into(),
        ty: schema.ty.clone(),
        inner_defaults: Defaults::default(),
        kind: FieldKind::Attribute(schema),
        written: None,
        replace_when: None,
        default: None,
        on_change: OnChange::Remember,
        from: Vec::new(),
        decode: None,
        value: None,
        normalize: None,
        keep: false,
        volatile: false,
        changes_with: Vec::new(),
        rules: Vec::new(),
        span,
    }
}

fn block(name: &str, nesting: Nesting, inner: Vec<Field>, description: &str, span: Span) -> Field {
    let schema = NestedBlock {
        nesting,
        block: block_of(inner.iter(), description, None),
        min_items: 0,
        max_items: 0,
    };
    Field {
        ty: schema.implied_type(),
        kind: FieldKind::Block(schema, inner),
        ..argument(name, Attribute::optional(Type::Dynamic), "", span)
    }
}

/// One `filter` block.
struct Filter {
    key: String,
    values: Vec<Test>,
    all: bool,
}

enum Test {
    Exact(String),
    Substring(String),
    Pattern(Regex),
}

impl Test {
    fn fits(&self, text: &str) -> bool {
        match self {
            Test::Exact(wanted) => text.to_lowercase() == wanted.to_lowercase(),
            Test::Substring(wanted) => text.contains(wanted),
            Test::Pattern(pattern) => pattern.is_match(text),
        }
    }
}

impl Filter {
    /// What is known of a block; nothing if something is not, or is wrong.
    fn of(block: &Value) -> Option<Filter> {
        let match_by = text_at(block, "match_by").unwrap_or_else(|| "exact".into());
        let values = block.get("values")?;
        let test = |value: &Value| {
            let text = text_of(value)?;
            match match_by.as_str() {
                "re" => Regex::new(&text).ok().map(Test::Pattern),
                "substring" => Some(Test::Substring(text)),
                _ => Some(Test::Exact(text)),
            }
        };
        Some(Filter {
            key: text_at(block, "key")?,
            values: values.elements()?.iter().map(test).collect::<Option<_>>()?,
            all: block.get("all").and_then(|v| v.as_bool()).unwrap_or(false),
        })
    }

    fn fits(&self, item: &Value) -> bool {
        let Some(value) = item.get(&self.key) else {
            return false;
        };
        let one = [value.clone()];
        let parts = value.elements().unwrap_or(&one);
        let texts: Vec<String> = parts.iter().filter_map(text_of).collect();
        let found = |test: &Test| texts.iter().any(|t| test.fits(t));
        match self.all {
            true => self.values.iter().all(found),
            false => self.values.iter().any(found),
        }
    }
}

fn text_at(object: &Value, name: &str) -> Option<String> {
    object.get(name).as_ref().and_then(text_of)
}

fn blocks(object: &Value, name: &str) -> Vec<Value> {
    let blocks = object.get(name);
    let blocks = blocks.as_ref().and_then(Value::elements);
    blocks.map(<[Value]>::to_vec).unwrap_or_default()
}

/// What is wrong with the `filter` and `sort` blocks of a configuration, for a list of
/// this type.
pub(crate) fn check(list: &Type, config: &Value) -> Diagnostics {
    let mut problems = Diagnostics::new();
    let attributes = match list {
        Type::List(item) => match &**item {
            Type::Object(object) => object.attributes.clone(),
            _ => return problems,
        },
        _ => return problems,
    };
    let all: Vec<&str> = attributes.keys().map(|k| &**k).collect();
    let plain: Vec<&str> = attributes
        .iter()
        .filter(|(_, t)| matches!(t, Type::String | Type::Number | Type::Bool))
        .map(|(k, _)| &**k)
        .collect();
    let mut wrong = |place: &str, text: String, hint: Option<String>| {
        let d = Diagnostic::error("Invalid value for an argument", format!("{place}: {text}"));
        problems.push(match hint {
            Some(hint) => d.hint(hint),
            None => d,
        });
    };
    let mut key = |block: &Value, place: &str, known: &[&str]| {
        let Some(name) = text_at(block, "key") else {
            return;
        };
        if !known.contains(&name.as_str()) {
            let near = nearest(&name, known.iter().copied());
            let text = format!(
                "There is no \"{name}\" here; it is one of {}.",
                known.join(", ")
            );
            wrong(place, text, near.map(|n| format!("did you mean \"{n}\"?")));
        }
    };
    for block in blocks(config, "filter") {
        key(&block, "filter.key", &all);
    }
    for block in blocks(config, "sort") {
        key(&block, "sort.key", &plain);
    }
    for block in blocks(config, "filter") {
        let match_by = text_at(&block, "match_by").unwrap_or_else(|| "exact".into());
        match match_by.as_str() {
            "exact" | "substring" => {}
            "re" => {
                let values = block.get("values");
                let values = values
                    .as_ref()
                    .and_then(Value::elements)
                    .unwrap_or_default();
                for text in values.iter().filter_map(text_of) {
                    if let Err(e) = Regex::new(&text) {
                        let text = format!("\"{text}\" is not a regular expression: {e}");
                        wrong("filter.values", text, None);
                    }
                }
            }
            _ => wrong(
                "filter.match_by",
                "It is \"exact\", \"re\" or \"substring\".".into(),
                None,
            ),
        }
    }
    for block in blocks(config, "sort") {
        let direction = text_at(&block, "direction").unwrap_or_else(|| "asc".into());
        if direction != "asc" && direction != "desc" {
            wrong("sort.direction", "It is \"asc\" or \"desc\".".into(), None);
        }
    }
    problems
}

/// The items that fit every filter of `config`, in the order that it asks for.
pub(crate) fn choose(list: &Value, config: &Value) -> Value {
    let (Some(items), Type::List(ty)) = (list.elements(), list.ty()) else {
        return list.clone();
    };
    let filters: Vec<Filter> = blocks(config, "filter")
        .iter()
        .filter_map(Filter::of)
        .collect();
    let fits = |item: &&Value| filters.iter().all(|f| f.fits(item));
    let mut items: Vec<Value> = items.iter().filter(fits).cloned().collect();
    // Sorting is stable: by the least important key first.
    for block in blocks(config, "sort").iter().rev() {
        let Some(key) = text_at(block, "key") else {
            continue;
        };
        let down = text_at(block, "direction").as_deref() == Some("desc");
        items.sort_by(|a, b| {
            let order = compare(a.get(&key).as_ref(), b.get(&key).as_ref());
            if down { order.reverse() } else { order }
        });
    }
    Value::list((*ty).clone(), items)
}

/// Numbers by size, the rest by their text; what is not there comes first.
fn compare(a: Option<&Value>, b: Option<&Value>) -> Ordering {
    let (Some(a), Some(b)) = (a, b) else {
        return a.is_some().cmp(&b.is_some());
    };
    match (a.kind(), b.kind()) {
        (Kind::Number(x), Kind::Number(y)) => x.compare(y),
        _ => text_of(a).cmp(&text_of(b)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(name: &str, size: i64, tags: &[&str]) -> Value {
        let tags = tags.iter().map(|t| Value::string(*t)).collect();
        Value::object_of([
            ("name", Value::string(name)),
            ("size", Value::int(size)),
            ("tags", Value::list(Type::String, tags)),
        ])
    }

    fn filter(key: &str, values: &[&str], all: bool, match_by: &str) -> Value {
        let values = values.iter().map(|t| Value::string(*t)).collect();
        Value::object_of([
            ("key", Value::string(key)),
            ("values", Value::list(Type::String, values)),
            ("all", Value::bool(all)),
            ("match_by", Value::string(match_by)),
        ])
    }

    fn sort(key: &str, direction: &str) -> Value {
        Value::object_of([
            ("key", Value::string(key)),
            ("direction", Value::string(direction)),
        ])
    }

    fn chosen(filters: Vec<Value>, sorts: Vec<Value>) -> Vec<String> {
        let items = vec![
            item("web-10", 10, &["prod", "web"]),
            item("web-9", 9, &["prod"]),
            item("DB", 9, &[]),
        ];
        let ty = items[0].ty();
        let config = Value::object_of([
            ("filter", Value::tuple(filters)),
            ("sort", Value::tuple(sorts)),
        ]);
        let list = Value::list(ty, items);
        assert!(check(&list.ty(), &config).is_empty());
        let list = choose(&list, &config);
        let name = |v: &Value| text_at(v, "name").unwrap_or_default();
        list.elements()
            .unwrap_or_default()
            .iter()
            .map(name)
            .collect()
    }

    #[test]
    fn filters() {
        assert_eq!(
            chosen(vec![filter("name", &["db"], false, "exact")], vec![]),
            ["DB"]
        );
        assert_eq!(
            chosen(
                vec![filter("name", &["web-", "x"], false, "substring")],
                vec![]
            ),
            ["web-10", "web-9"]
        );
        assert_eq!(
            chosen(vec![filter("name", &["^web-.$"], false, "re")], vec![]),
            ["web-9"]
        );
        assert_eq!(
            chosen(vec![filter("size", &["9"], false, "exact")], vec![]),
            ["web-9", "DB"]
        );
        let tags = &["prod", "web"];
        assert_eq!(
            chosen(vec![filter("tags", tags, false, "exact")], vec![]).len(),
            2
        );
        assert_eq!(
            chosen(vec![filter("tags", tags, true, "exact")], vec![]),
            ["web-10"]
        );
    }

    #[test]
    fn numbers_are_ordered_as_numbers_and_the_first_key_counts_most() {
        assert_eq!(
            chosen(vec![], vec![sort("size", "asc"), sort("name", "desc")]),
            ["web-9", "DB", "web-10"]
        );
        assert_eq!(chosen(vec![], vec![sort("size", "desc")])[0], "web-10");
    }

    #[test]
    fn what_is_wrong_with_them() {
        let list = Type::list(item("x", 1, &[]).ty());
        let config = Value::object_of([
            (
                "filter",
                Value::tuple(vec![
                    filter("nam", &["("], false, "re"),
                    filter("name", &[], false, "like"),
                ]),
            ),
            ("sort", Value::tuple(vec![sort("tags", "up")])),
        ]);
        let all = check(&list, &config);
        let said: Vec<&str> = all.iter().map(|d| d.detail.as_str()).collect();
        assert_eq!(said.len(), 5, "{said:?}");
        assert!(said[0].contains("There is no \"nam\" here"), "{said:?}");
    }
}
