//! Compiled blocks and the values that they give.

use std::collections::BTreeMap;
use std::path::PathBuf;

use loam_diag::{Diagnostic, Diagnostics, Span};
use loam_eval::{CallContext, ReferenceTarget, Scope};
use loam_value::{Marks, Path, Type, Value};

use crate::support::{Loaded, load_files, report};

/// Values of references by how they are written.
struct Known {
    values: BTreeMap<&'static str, Value>,
    context: CallContext,
}

impl Known {
    fn new<const N: usize>(values: [(&'static str, Value); N]) -> Known {
        Known {
            values: values.into(),
            context: CallContext {
                base_dir: PathBuf::from("."),
                plan_timestamp: None,
                impure_known: false,
            },
        }
    }
}

impl Scope for Known {
    fn get(
        &self,
        target: &ReferenceTarget,
        _key: Option<&Value>,
        span: Span,
    ) -> Result<Value, Diagnostics> {
        let value = self.values.get(target.to_string().as_str());
        value.cloned().ok_or_else(|| {
            Diagnostic::error("Unknown in this test", target.to_string())
                .at(span)
                .into()
        })
    }

    fn call_context(&self) -> &CallContext {
        &self.context
    }
}

/// The configuration of a `test_server` with a body, in a module with variables `v`, `w`.
fn server(body: &str) -> Loaded {
    let text = format!(
        "variable \"v\" {{}}\nvariable \"w\" {{}}\nresource \"test_server\" \"s\" {{\n{body}\n}}\n"
    );
    load_files(&[("main.tf", &text)])
}

fn eval(loaded: &Loaded, scope: &Known) -> Result<Value, String> {
    let resource = loaded.root().resources.values().next();
    let resource = resource.expect("the server");
    resource
        .body
        .eval(scope)
        .map_err(|d| report(&d, &loaded.sources))
}

fn value(body: &str) -> Value {
    let scope = Known::new([
        (
            "var.v",
            Value::list(Type::Number, vec![Value::int(1), Value::int(2)]),
        ),
        ("var.w", Value::unknown(Type::list(Type::Number))),
    ]);
    eval(&server(body), &scope).unwrap_or_else(|e| panic!("{e}"))
}

fn part(value: &Value, name: &str) -> Value {
    value.get(name).unwrap_or_else(|| panic!("no {name}"))
}

#[test]
fn what_is_not_set_is_null_or_empty() {
    let v = value("name = 1");
    assert_eq!(part(&v, "name"), Value::string("1"));
    assert_eq!(part(&v, "size"), Value::null(Type::Number));
    assert_eq!(part(&v, "tags"), Value::null(Type::map(Type::String)));
    let disk = Type::object([("kind", Type::String), ("size", Type::Number)]);
    assert_eq!(part(&v, "disk"), Value::list(disk.clone(), vec![]));
    assert_eq!(part(&v, "network"), Value::null(disk));
    let nothing = Value::object_of([
        ("kind", Value::null(Type::String)),
        ("size", Value::null(Type::Number)),
    ]);
    assert_eq!(part(&v, "defaults"), nothing);
    assert_eq!(part(&v, "label").entries().map(|e| e.len()), Some(0));
}

#[test]
fn nested_blocks_make_up_values_by_their_nesting() {
    let v = value(
        r#"
        name = "x"
        disk { size = 2 }
        disk { size = 1 }
        network { size = "3" }
        rule { port = 2 }
        rule { port = 1 }
        rule { port = 2 }
        label "a" { port = 1 }
        label "b" { port = 2 }
        "#,
    );
    let sizes: Vec<Value> = part(&v, "disk")
        .elements()
        .expect("a list")
        .iter()
        .map(|d| part(d, "size"))
        .collect();
    assert_eq!(sizes, [Value::int(2), Value::int(1)]);
    assert_eq!(part(&part(&v, "network"), "size"), Value::int(3));
    assert_eq!(part(&v, "rule").elements().map(<[_]>::len), Some(2));
    assert_eq!(part(&part(&part(&v, "label"), "b"), "port"), Value::int(2));
}

#[test]
fn dynamic_blocks_repeat() {
    let v = value(
        r#"
        name = "x"
        dynamic "disk" {
          for_each = var.v
          content { size = disk.value * 10 + disk.key }
        }
        dynamic "label" {
          for_each = { a = 1, b = 2 }
          iterator = it
          labels   = ["l-${it.key}"]
          content { port = it.value }
        }
        "#,
    );
    let sizes: Vec<Value> = part(&v, "disk")
        .elements()
        .expect("a list")
        .iter()
        .map(|d| part(d, "size"))
        .collect();
    assert_eq!(sizes, [Value::int(10), Value::int(21)]);
    assert_eq!(
        part(&part(&part(&v, "label"), "l-b"), "port"),
        Value::int(2)
    );
}

#[test]
fn an_unknown_number_of_blocks_is_an_unknown_value() {
    let v = value(
        r#"
        name = "x"
        disk { size = 1 }
        dynamic "disk" {
          for_each = var.w
          content { size = disk.value }
        }
        "#,
    );
    let disk = Type::object([("kind", Type::String), ("size", Type::Number)]);
    assert_eq!(part(&v, "disk"), Value::unknown(Type::list(disk)));
}

#[test]
fn problems_of_values_are_all_told_with_their_places() {
    let scope = Known::new([
        ("var.v", Value::int(1)),
        (
            "var.w",
            Value::string("secret").with_marks(Marks::EPHEMERAL),
        ),
    ]);
    let loaded = server(
        r#"
        name = null
        size = "many"
        old      = var.w
        password = var.w
        tags     = { a = [] }
        disk { size = [] }
        dynamic "disk" {
          for_each = var.v
          content { size = 1 }
        }
        dynamic "rule" {
          for_each = null
          content { port = 1 }
        }
        dynamic "label" {
          for_each = [1, 2]
          labels   = ["same"]
          content { port = 1 }
        }
        dynamic "network" {
          for_each = [1, 2]
          content { size = 1 }
        }
        "#,
    );
    let problems = eval(&loaded, &scope).expect_err("wrong values");
    insta::assert_snapshot!(problems);
}

#[test]
fn marks_are_kept() {
    let scope = Known::new([
        (
            "var.v",
            Value::string("secret").with_marks(Marks::SENSITIVE),
        ),
        (
            "var.w",
            Value::list(Type::Number, vec![Value::int(1)]).with_marks(Marks::SENSITIVE),
        ),
    ]);
    let loaded = server(
        r#"
        name = var.v
        dynamic "disk" {
          for_each = var.w
          content { size = disk.value }
        }
        "#,
    );
    let v = eval(&loaded, &scope).expect("a value");
    assert!(part(&v, "name").is_sensitive());
    assert!(part(&v, "disk").is_sensitive());
    assert!(!part(&v, "rule").is_sensitive());
}

#[test]
fn arguments_hidden_by_meta_arguments_are_set_in_an_escape_block() {
    let loaded = server(
        r#"
        name  = "x"
        count = 3
        _ {
          count = 7
        }
        "#,
    );
    let v = eval(&loaded, &Known::new([])).expect("a value");
    assert_eq!(part(&v, "count"), Value::int(7));
}

#[test]
fn places_of_arguments_are_found() {
    let loaded = server(
        r#"
        name = "x"
        disk { size = 1 }
        disk { size = 22 }
        label "k" { port = 333 }
        network { size = 4444 }
        "#,
    );
    let resource = loaded.root().resources.values().next().expect("the server");
    let at = |path: Path| loaded.sources.text(resource.body.span_of(&path));
    let root = Path::root();
    assert_eq!(at(root.attribute("name")), "\"x\"");
    let disk = root.attribute("disk");
    assert_eq!(at(disk.index(Value::int(1)).attribute("size")), "22");
    let label = root.attribute("label").index(Value::string("k"));
    assert_eq!(at(label.attribute("port")), "333");
    assert_eq!(at(root.attribute("network").attribute("size")), "4444");
    assert_eq!(at(root.attribute("size")), "resource \"test_server\" \"s\"");
}
