//! `attribute` and `block` blocks: the fields of resources, data sources and actions.

use std::sync::Arc;

use loam_provider::{Attribute, NestedBlock, Nesting};
use loam_syntax::ast::Block;
use loam_value::{Defaults, ObjectType, Type, Value, ValueMap};

use super::Author;
use super::reader::{Reader, is_null};
use super::spec::{Field, FieldKind, Fields, OnChange, Rule, block_of};
use crate::expression::Names;
use crate::json::JsonPath;

/// Names in conditions on one argument.
const VALUE: &[&str] = &["value", "config"];
/// Names in `decode`.
const DECODE: &[&str] = &["value", "response", "self"];
/// Names in `replace_when`.
const CHANGED: &[&str] = &["value", "prior"];
/// Names in `value`.
const SELF: &[&str] = &["self"];

/// What the fields are of; decides what may be said of them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Resource,
    Data,
    Action,
}

/// Reads all `attribute` and `block` blocks of a block.
pub(super) fn fields(reader: &mut Reader<'_>, author: &Author, usage: Use) -> Fields {
    let mut fields = Fields::new();
    for block in reader.blocks_of(&[("attribute", 1), ("block", 1)]) {
        let Some(label) = block.labels.first() else {
            continue;
        };
        let field = match &*block.kind.name {
            "attribute" => attribute(author, block, usage),
            _ => nested(author, block, usage),
        };
        let Some(field) = field else { continue };
        if fields.insert(field.name.clone(), field).is_some() {
            author.wrong(
                label.span,
                "Attribute described twice",
                format!("\"{}\" is described already.", label.name),
            );
        }
    }
    fields
}

fn attribute(author: &Author, block: &Block, usage: Use) -> Option<Field> {
    let name = block.labels.first()?.name.clone();
    let mut r = Reader::of_block(author, block);
    let (ty, inner_defaults) = r.constraint("type").unzip();
    let inner_defaults = inner_defaults.unwrap_or_default();
    let default = r.constant("default").map(|(v, _)| v);
    let (required, optional) = (r.flag("required"), r.flag("optional"));
    let computed = r.flag("computed");
    let write_only = r.flag("write_only");
    let mut schema = Attribute {
        required,
        optional: optional || (default.is_some() && !required),
        computed: computed || default.is_some(),
        sensitive: r.flag("sensitive"),
        write_only,
        deprecated: r.string("deprecated").map(Arc::from),
        description: r.string("description").unwrap_or_default().into(),
        ..Attribute::of(ty.clone().unwrap_or(Type::Dynamic))
    };
    if required && (schema.optional || schema.computed) {
        let detail =
            "A required attribute can be neither optional nor computed and has no default.";
        author.wrong(block.header, "Contradiction", detail);
    }
    if !(schema.required || schema.optional || schema.computed) {
        let detail = format!("Say whether \"{name}\" is required, optional or computed.");
        author.wrong(block.header, "Missing argument", detail);
    }
    if write_only && computed {
        let detail = "A write-only attribute cannot be computed: its value is never stored.";
        author.wrong(block.header, "Contradiction", detail);
    }
    let default = default.filter(|v| !is_null(v)).and_then(|v| {
        let ty = ty.clone()?;
        match loam_value::convert::convert_with_defaults(&v, &ty, &inner_defaults) {
            Ok(v) => Some(v),
            Err(e) => {
                author.wrong(block.header, "Wrong default", e.message);
                None
            }
        }
    });
    let mut field = shared(&mut r, author, block, usage, schema.settable(), write_only)?;
    schema.example = example(&mut r, author, &field, &schema);
    schema.replaces = field.on_change == OnChange::Replace && schema.settable();
    field.default = default;
    field.inner_defaults = inner_defaults;
    // The schema's type says what a configuration may leave out; values have it all.
    field.ty = schema.ty.without_optional();
    field.kind = FieldKind::Attribute(schema);
    r.finish();
    ty.map(|_| field)
}

/// The value that stands in where nobody can tell one. It has to be one that would be
/// accepted, as far as the value alone decides that.
fn example(
    r: &mut Reader<'_>,
    author: &Author,
    field: &Field,
    schema: &Attribute,
) -> Option<Value> {
    let (value, span) = r.constant("example")?;
    if schema.sensitive || schema.write_only {
        let detail = "A secret has no example: what stands in for it must not be known.";
        author.wrong(span, "Contradiction", detail);
        return None;
    }
    let value = match loam_value::convert::convert(&value, &schema.ty) {
        Ok(v) if !v.is_null() => v,
        Ok(_) => {
            author.wrong(span, "Wrong example", "An example is a value, not null.");
            return None;
        }
        Err(e) => {
            author.wrong(span, "Wrong example", e.message);
            return None;
        }
    };
    let names = Names::default().with("value", value.clone());
    for rule in &field.rules {
        // A rule that looks at other arguments, too, cannot be asked.
        if rule.condition.truth(&names).is_ok_and(|holds| !holds) {
            author.wrong(span, "Wrong example", rule.message.clone());
        }
    }
    Some(value)
}

fn nested(author: &Author, block: &Block, usage: Use) -> Option<Field> {
    let mut r = Reader::of_block(author, block);
    let nesting = match r.string("nesting").as_deref() {
        None | Some("list") => Nesting::List,
        Some("set") => Nesting::Set,
        Some("map") => Nesting::Map,
        Some("single") => Nesting::Single,
        Some("group") => Nesting::Group,
        Some(other) => {
            let known = ["list", "set", "map", "single", "group"];
            author.unknown(block.header, "nesting", other, known);
            Nesting::List
        }
    };
    let min_items = r.count("min").unwrap_or(0) as usize;
    let max_items = r.count("max").unwrap_or(0) as usize;
    let description = r.string("description").unwrap_or_default();
    let as_attribute = as_attribute(&mut r, author, block);
    if as_attribute && nesting == Nesting::Group {
        let detail = "An attribute that is absent is null: nesting \"single\" says that.";
        author.wrong(block.header, "Contradiction", detail);
    }
    let mut written = as_attribute.then(|| Attribute {
        required: r.flag("required"),
        optional: r.flag("optional"),
        computed: r.flag("computed"),
        description: description.as_str().into(),
        ..Attribute::of(Type::Dynamic)
    });
    if let Some(a) = &written
        && !(a.required || a.optional || a.computed)
    {
        let detail = "Written as an attribute, it is required, optional or computed: say which.";
        author.wrong(block.header, "Missing argument", detail);
    }
    let settable = written.as_ref().is_none_or(Attribute::settable);
    let mut field = shared(&mut r, author, block, usage, settable, false)?;
    let inner = fields(&mut r, author, usage);
    r.finish();
    let schema = NestedBlock {
        nesting,
        block: block_of(inner.values(), &description, None),
        min_items,
        max_items,
    };
    if let Some(a) = &mut written {
        a.ty = written_type(&schema);
        a.replaces = field.on_change == OnChange::Replace && a.settable();
    }
    field.ty = schema.implied_type().without_optional();
    field.kind = FieldKind::Block(schema, inner.into_values().collect());
    field.written = written;
    Some(field)
}

/// Whether a nested block is written as an attribute, by its argument `syntax`.
pub(super) fn as_attribute(r: &mut Reader<'_>, author: &Author, block: &Block) -> bool {
    match r.string("syntax").as_deref() {
        None | Some("block") => false,
        Some("attribute") => true,
        Some(other) => {
            author.unknown(block.header, "syntax", other, ["block", "attribute"]);
            false
        }
    }
}

/// The type of a nested block that is written as an attribute: what is not required may be
/// left out.
fn written_type(schema: &NestedBlock) -> Type {
    let attributes = &schema.block.attributes;
    let optional = attributes.iter().filter(|(_, a)| !a.required);
    let nested = &schema.block.blocks;
    let object = Type::Object(Arc::new(ObjectType {
        attributes: attributes
            .iter()
            .map(|(n, a)| (n.clone(), a.ty.clone()))
            .chain(nested.iter().map(|(n, b)| (n.clone(), written_type(b))))
            .collect(),
        optional: optional
            .map(|(n, _)| n.clone())
            .chain(nested.keys().cloned())
            .collect(),
    }));
    match schema.nesting {
        Nesting::List => Type::list(object),
        Nesting::Set => Type::set(object),
        Nesting::Map => Type::map(object),
        Nesting::Single | Nesting::Group => object,
    }
}

/// What attributes and nested blocks have in common.
fn shared(
    r: &mut Reader<'_>,
    author: &Author,
    block: &Block,
    usage: Use,
    settable: bool,
    write_only: bool,
) -> Option<Field> {
    let label = block.labels.first()?;
    let value = r.expression("value", SELF);
    let from = match r.strings("from") {
        Some(paths) => paths.iter().map(|p| JsonPath::new(p)).collect(),
        None if value.is_some() || write_only => Vec::new(),
        // An argument of a data source or action is the user's, not the answer's.
        None if usage == Use::Action => Vec::new(),
        None => vec![JsonPath::new(&label.name)],
    };
    let on_change = match r.string("on_change").as_deref() {
        Some("replace") => OnChange::Replace,
        Some("update") | None => OnChange::Update,
        Some("remember") => OnChange::Remember,
        Some(other) => {
            let known = ["replace", "update", "remember"];
            author.unknown(block.header, "kind of change", other, known);
            OnChange::Update
        }
    };
    let changes_with = r.strings("changes_with").unwrap_or_default();
    let mut field = Field {
        name: label.name.clone(),
        ty: Type::Dynamic,
        inner_defaults: Defaults::default(),
        kind: FieldKind::Attribute(Attribute::of(Type::Dynamic)),
        written: None,
        default: None,
        on_change: if settable {
            on_change
        } else {
            OnChange::Remember
        },
        replace_when: r.expression("replace_when", CHANGED),
        from,
        decode: r.expression("decode", DECODE),
        value,
        normalize: r.expression("normalize", &["value", "self"]),
        keep: r.flag("keep"),
        volatile: r.flag("volatile"),
        changes_with: changes_with.into_iter().map(Arc::from).collect(),
        rules: Vec::new(),
        span: block.header,
    };
    if usage != Use::Resource && (field.volatile || field.keep) {
        let detail = "\"volatile\" and \"keep\" mean something for resources only.";
        author.wrong(block.header, "Argument without meaning", detail);
    }
    field.rules = rules(r, author, "validate", VALUE);
    Some(field)
}

/// Blocks of a condition and a message.
pub(super) fn rules(
    reader: &mut Reader<'_>,
    author: &Author,
    kind: &'static str,
    names: &[&str],
) -> Vec<Rule> {
    let blocks = reader.blocks(kind, 0);
    let rule = |block: &Block| {
        let mut r = Reader::of_block(author, block);
        let condition = r.required_expression("condition", names);
        let message = r.required_string("message");
        r.finish();
        Some(Rule {
            condition: condition?,
            message: message?,
        })
    };
    blocks.into_iter().filter_map(rule).collect()
}

/// The object type of some fields.
pub(super) fn type_of(fields: &Fields) -> Type {
    Type::object(fields.iter().map(|(n, f)| (n.clone(), f.ty.clone())))
}

/// The argument `timeouts` that lets users say how long to wait: a block, or an attribute.
pub(super) fn timeouts_field(
    operations: &[&'static str],
    block: &Block,
    as_attribute: bool,
) -> Field {
    let attribute = |name: &&'static str| Field {
        name: (*name).into(),
        ty: Type::String,
        inner_defaults: Defaults::default(),
        kind: FieldKind::Attribute(Attribute {
            description: format!("How long {name} may take, such as \"30m\".").into(),
            ..Attribute::optional(Type::String)
        }),
        written: None,
        default: None,
        on_change: OnChange::Remember,
        replace_when: None,
        from: Vec::new(),
        decode: None,
        value: None,
        normalize: None,
        keep: false,
        volatile: false,
        changes_with: Vec::new(),
        rules: Vec::new(),
        span: block.header,
    };
    let inner: Vec<Field> = operations.iter().map(attribute).collect();
    let schema = NestedBlock {
        nesting: Nesting::Single,
        block: block_of(inner.iter(), "How long operations may take.", None),
        min_items: 0,
        max_items: 1,
    };
    let like = attribute(&"timeouts");
    Field {
        ty: schema.implied_type(),
        written: as_attribute.then(|| Attribute {
            description: schema.block.description.clone(),
            ..Attribute::optional(written_type(&schema))
        }),
        kind: FieldKind::Block(schema, inner),
        ..like
    }
}

/// The value of an absent nested block.
pub(crate) fn absent(field: &Field) -> Value {
    match (&field.kind, &field.ty) {
        _ if field.written.is_some() => Value::null(field.ty.clone()),
        (FieldKind::Block(..), Type::List(e)) => Value::list((**e).clone(), Vec::new()),
        (FieldKind::Block(..), Type::Set(e)) => Value::set((**e).clone(), Vec::new()),
        (FieldKind::Block(..), Type::Map(e)) => Value::map((**e).clone(), ValueMap::new()),
        (FieldKind::Block(schema, inner), _) if schema.nesting == Nesting::Group => {
            Value::object(inner.iter().map(|f| (f.name.clone(), absent(f))).collect())
        }
        _ => Value::null(field.ty.clone()),
    }
}
