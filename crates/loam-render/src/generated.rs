//! Configuration written for objects that are imported.
//!
//! What only the provider sets and what is not set is left out. An argument that is
//! required although the provider does not tell it (a password, say) gets a value that
//! stands in for it, and is kept out of comparisons by `ignore_changes`, so that the
//! configuration plans to no changes. So is a secret that is set, which is not written down.

use std::collections::BTreeSet;

use hcl_edit::expr::{Array, Expression, Object, ObjectKey, ObjectValue, ObjectValueTerminator};
use hcl_edit::structure::{Attribute, Block, BlockBuilder, Body};
use hcl_edit::{Decorate, Ident};
use loam_address::InstanceAddr;
use loam_diag::FileId;
use loam_provider::{Attribute as Argument, Block as Schema, NestedBlock, Nesting};
use loam_value::{Kind, Type, Value, sensitive_paths};

/// An object to write configuration for.
pub struct Imported<'a> {
    /// The resource; it has no index.
    pub address: &'a InstanceAddr,
    /// The id that it was imported by.
    pub id: &'a str,
    /// The provider configuration, as a `provider` argument names it, if it is not the
    /// one that the type implies.
    pub provider: Option<String>,
    /// What describes its arguments.
    pub schema: &'a Schema,
    /// The object as it is.
    pub value: &'a Value,
}

/// A generated block.
#[derive(Clone, Debug, PartialEq)]
pub struct Generated {
    /// The block as text, without a line end.
    pub text: String,
    /// The arguments whose values stand in for what the provider does not tell, or for secrets.
    pub stand_ins: Vec<String>,
}

/// The block for an object. `secret` makes a value for a password that is not known: a
/// text that nobody can guess.
pub fn block(object: &Imported<'_>, secret: &mut dyn FnMut() -> String) -> Generated {
    let mut writer = Writer {
        secret,
        stand_ins: BTreeSet::new(),
    };
    let resource = &object.address.resource;
    let mut out = labelled("resource", &[&resource.kind, &resource.name]);
    if let Some(provider) = &object.provider
        && let Ok(reference) = provider.parse::<Expression>()
    {
        out = out.attribute(Attribute::new(name("provider"), reference));
    }
    out = writer.body(object.schema, object.value, out, None);
    if !writer.stand_ins.is_empty() {
        let mut ignored = Array::new();
        for argument in &writer.stand_ins {
            ignored.push(Expression::from(name(argument)));
        }
        let mut lifecycle = Block::builder(name("lifecycle"))
            .attribute(Attribute::new(name("ignore_changes"), ignored))
            .build();
        lifecycle.decor_mut().set_prefix("\n");
        out = out.block(lifecycle);
    }
    Generated {
        text: canonical(&Body::builder().block(out.build()).build().to_string())
            .trim_end()
            .to_owned(),
        stand_ins: writer.stand_ins.into_iter().collect(),
    }
}

/// The whole file.
pub fn file<'g>(blocks: impl IntoIterator<Item = (&'g str, &'g Generated)>) -> String {
    let mut out = String::from(
        "# __generated__ by Loam\n# Look through these resources and move them to where they belong.\n",
    );
    for (id, generated) in blocks {
        out.push_str(&format!(
            "\n# __generated__ by Loam from {id:?}\n{}\n",
            generated.text
        ));
    }
    out
}

/// The text in the layout of `fmt`.
fn canonical(text: &str) -> String {
    loam_syntax::format(FileId(0), text).unwrap_or_else(|_| text.to_owned())
}

fn name(text: &str) -> Ident {
    Ident::new_sanitized(text)
}

fn labelled(kind: &str, labels: &[&str]) -> BlockBuilder {
    Block::builder(name(kind)).labels(labels.iter().copied())
}

struct Writer<'w> {
    secret: &'w mut dyn FnMut() -> String,
    /// Top-level arguments with values of ours.
    stand_ins: BTreeSet<String>,
}

impl Writer<'_> {
    /// Adds arguments and nested blocks. `within` is the outermost nested block that this
    /// is in.
    fn body(
        &mut self,
        schema: &Schema,
        value: &Value,
        mut out: BlockBuilder,
        within: Option<&str>,
    ) -> BlockBuilder {
        // What a meta-argument hides goes into a block of its own.
        let is_hidden = |name: &str| within.is_none() && loam_config::is_meta_argument(name);
        let mut escaped: Option<BlockBuilder> = None;
        let begun =
            |block: &mut Option<BlockBuilder>| block.take().unwrap_or_else(|| labelled("_", &[]));
        for (argument, attribute) in &schema.attributes {
            if !attribute.settable() || attribute.deprecated.is_some() && !attribute.required {
                continue;
            }
            let top = within.unwrap_or(argument);
            if let Some(a) = self.argument(argument, attribute, value.get(argument), top) {
                match is_hidden(argument) {
                    true => escaped = Some(begun(&mut escaped).attribute(a)),
                    false => out = out.attribute(a),
                }
            }
        }
        for (kind, nested) in &schema.blocks {
            let settable = nested.block.any_attribute(&|a: &Argument| a.settable());
            let Some(value) = value.get(kind).filter(|v| settable && !v.is_null()) else {
                continue;
            };
            let top = within.unwrap_or(kind);
            for (label, object) in occurrences(nested, &value) {
                let labels: Vec<&str> = label.as_deref().into_iter().collect();
                let inner = labelled(kind, &labels);
                let mut inner = self.body(&nested.block, &object, inner, Some(top)).build();
                inner.decor_mut().set_prefix("\n");
                match is_hidden(kind) {
                    true => escaped = Some(begun(&mut escaped).block(inner)),
                    false => out = out.block(inner),
                }
            }
        }
        if let Some(escaped) = escaped {
            let mut escaped = escaped.build();
            escaped.decor_mut().set_prefix("\n");
            out = out.block(escaped);
        }
        out
    }

    fn argument(
        &mut self,
        argument: &str,
        attribute: &Argument,
        value: Option<Value>,
        top: &str,
    ) -> Option<Attribute> {
        let known = value.filter(|v| !v.is_null() && v.is_wholly_known());
        let hidden = attribute.sensitive
            || attribute.write_only
            || known
                .as_ref()
                .is_some_and(|v| !sensitive_paths(v).is_empty());
        let (expression, comment) = match known {
            Some(value) if !hidden => (expression(&value), None),
            None if !attribute.required && !hidden => return None,
            known if !attribute.required => {
                // There is a value, which is not written down: null would take it away.
                if known.is_some() {
                    self.stand_ins.insert(top.to_owned());
                }
                let why = match attribute.write_only {
                    true => "sensitive, write-only",
                    false => "sensitive",
                };
                (Expression::null(), Some(why))
            }
            _ => {
                self.stand_ins.insert(top.to_owned());
                let why = match hidden {
                    true => "sensitive, not known: stands in for the real value",
                    false => "not told by the provider: stands in for the real value",
                };
                let example = attribute.example.as_ref().filter(|_| !hidden);
                let value = match example {
                    Some(example) => expression(example),
                    None => self.stand_in(&attribute.ty, hidden),
                };
                (value, Some(why))
            }
        };
        let mut expression = expression;
        if let Some(comment) = comment {
            expression.decor_mut().set_suffix(format!(" # {comment}"));
        }
        Some(Attribute::new(name(argument), expression))
    }

    fn stand_in(&mut self, ty: &Type, hidden: bool) -> Expression {
        match ty {
            Type::Number => Expression::from(0),
            Type::Bool => Expression::from(false),
            Type::List(_) | Type::Set(_) | Type::Tuple(_) => Array::new().into(),
            Type::Map(_) | Type::Object(_) => Object::new().into(),
            Type::String if hidden => (self.secret)().into(),
            Type::String | Type::Dynamic => "unknown".into(),
        }
    }
}

/// The objects that nested blocks of one type stand for, with their labels.
fn occurrences(nested: &NestedBlock, value: &Value) -> Vec<(Option<String>, Value)> {
    match nested.nesting {
        // A group in which nothing is set is one that is not there.
        Nesting::Group if nothing_set(value) => Vec::new(),
        Nesting::Single | Nesting::Group => vec![(None, value.clone())],
        Nesting::List | Nesting::Set => {
            let all = value.elements().unwrap_or_default();
            all.iter().map(|v| (None, v.clone())).collect()
        }
        Nesting::Map => {
            let all = value.entries().into_iter().flatten();
            all.map(|(k, v)| (Some(k.to_string()), v.clone())).collect()
        }
    }
}

fn nothing_set(value: &Value) -> bool {
    match value.kind() {
        Kind::Object(entries) => entries.values().all(nothing_set),
        Kind::List(_, items) | Kind::Set(_, items) => items.is_empty(),
        Kind::Map(_, entries) => entries.is_empty(),
        _ => value.is_null(),
    }
}

/// A known value as an expression.
fn expression(value: &Value) -> Expression {
    match value.kind() {
        Kind::Null(_) | Kind::Unknown(_) => Expression::null(),
        Kind::Bool(b) => (*b).into(),
        // By its digits: a number may have more of them than the syntax tree holds.
        Kind::Number(n) => n.to_string().parse().unwrap_or_else(|_| Expression::null()),
        Kind::String(s) => s.to_string().into(),
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
            let mut array = Array::new();
            for item in items.iter() {
                array.push(expression(item));
            }
            array.into()
        }
        Kind::Map(_, entries) | Kind::Object(entries) => {
            let mut object = Object::new();
            for (i, (key, v)) in entries.iter().enumerate() {
                let mut key = match loam_address::is_identifier(key) {
                    true => ObjectKey::from(name(key)),
                    false => ObjectKey::from(Expression::from(key.to_string())),
                };
                key.decor_mut().set_prefix(if i == 0 { "\n" } else { "" });
                let mut v = ObjectValue::new(expression(v));
                v.set_terminator(ObjectValueTerminator::Newline);
                object.insert(key, v);
            }
            object.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Schema {
        let secret = Argument {
            sensitive: true,
            write_only: true,
            ..Argument::required(Type::String)
        };
        let optional_secret = Argument {
            required: false,
            optional: true,
            ..secret.clone()
        };
        let rule = Schema {
            attributes: [
                ("id".into(), Argument::computed(Type::String)),
                ("ports".into(), Argument::required(Type::list(Type::Number))),
            ]
            .into(),
            ..Schema::default()
        };
        let facts = Schema {
            attributes: [("cpus".into(), Argument::computed(Type::Number))].into(),
            ..Schema::default()
        };
        let nested = |block| NestedBlock {
            nesting: Nesting::List,
            block,
            min_items: 0,
            max_items: 0,
        };
        Schema {
            attributes: [
                ("id".into(), Argument::computed(Type::String)),
                ("hostname".into(), Argument::required(Type::String)),
                ("image".into(), Argument::required(Type::String)),
                ("note".into(), Argument::optional(Type::String)),
                ("tags".into(), Argument::optional(Type::map(Type::String))),
                ("password".into(), secret),
                ("token".into(), optional_secret),
                ("zone".into(), Argument::optional(Type::String)),
            ]
            .into(),
            blocks: [
                ("facts".into(), nested(facts)),
                ("rule".into(), nested(rule)),
            ]
            .into(),
            ..Schema::default()
        }
    }

    #[test]
    fn a_block_has_what_can_be_set_and_is_known() {
        let schema = schema();
        let rule = |ports: &[i64]| {
            let ports = ports.iter().map(|p| Value::int(*p)).collect();
            Value::object_of([
                ("id", Value::string("r")),
                ("ports", Value::list(Type::Number, ports)),
            ])
        };
        let facts = Value::object_of([("cpus", Value::int(4))]);
        let value = Value::object_of([
            ("id", Value::string("7")),
            ("hostname", Value::string("${web}\n\"%{x\"")),
            ("image", Value::null(Type::String)),
            ("note", Value::null(Type::String)),
            (
                "tags",
                Value::object_of([("a b", Value::string("1")), ("c", Value::string("2"))]),
            ),
            ("password", Value::null(Type::String)),
            ("token", Value::null(Type::String)),
            ("zone", Value::string("de")),
            ("facts", Value::list(facts.ty(), vec![facts])),
            (
                "rule",
                Value::list(rule(&[1]).ty(), vec![rule(&[22]), rule(&[80, 443])]),
            ),
        ]);
        let address = InstanceAddr::parse("acme_server.web").expect("valid");
        let object = Imported {
            address: &address,
            id: "7",
            provider: Some("acme.west".into()),
            schema: &schema,
            value: &value,
        };
        let generated = block(&object, &mut || "SECRET".into());
        assert_eq!(generated.stand_ins, ["image", "password"]);
        let whole = file([("7", &generated)]);
        assert_eq!(canonical(&whole), whole);
        let lines: Vec<String> = whole
            .lines()
            .map(|l| l.split_whitespace().collect::<Vec<_>>().join(" "))
            .filter(|l| !l.is_empty())
            .collect();
        let expected = r#"
            # __generated__ by Loam
            # Look through these resources and move them to where they belong.
            # __generated__ by Loam from "7"
            resource "acme_server" "web" {
            provider = acme.west
            hostname = "$${web}\n\"%%{x\""
            image = "unknown" # not told by the provider: stands in for the real value
            password = "SECRET" # sensitive, not known: stands in for the real value
            tags = {
            "a b" = "1"
            c = "2"
            }
            token = null # sensitive, write-only
            zone = "de"
            rule {
            ports = [22]
            }
            rule {
            ports = [80, 443]
            }
            lifecycle {
            ignore_changes = [image, password]
            }
            }"#;
        let expected: Vec<&str> = expected.lines().skip(1).map(str::trim).collect();
        assert_eq!(lines, expected);
    }
}
