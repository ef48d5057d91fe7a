//! Native syntax: what parses, to what, and what is refused.

#![allow(clippy::panic, clippy::unwrap_used)]

use loam_diag::{FileId, Severity};
use loam_syntax::ast::{BinaryOp, Body, NativeBody, ObjectKey, Step, TemplatePart};
use loam_syntax::{Expr, ExprKind, parse_expression, parse_native};

fn expr(text: &str) -> Expr {
    parse_expression(FileId(0), text, 0).unwrap_or_else(|d| panic!("{text}: {d:?}"))
}

/// The tree in a short notation, fully bracketed.
fn shape(e: &Expr) -> String {
    match &e.kind {
        ExprKind::Literal(v) => format!("{v:?}"),
        ExprKind::Variable(n) => n.name.to_string(),
        ExprKind::Paren(e) => format!("({})", shape(e)),
        ExprKind::TemplateWrap(e) => format!("wrap({})", shape(e)),
        ExprKind::Template(parts) => format!("template[{}]", parts_shape(parts)),
        ExprKind::Tuple(items) => format!("[{}]", list(items)),
        ExprKind::Object(items) => {
            let items: Vec<String> = items
                .iter()
                .map(|i| match &i.key {
                    ObjectKey::Name(n) => format!("{}={}", n.name, shape(&i.value)),
                    ObjectKey::Expr(k) => format!("<{}>={}", shape(k), shape(&i.value)),
                })
                .collect();
            format!("{{{}}}", items.join(","))
        }
        ExprKind::Traverse { base, steps } => format!("{}{}", shape(base), steps_shape(steps)),
        ExprKind::JsonString(s) => format!("json {:?}", s.text),
        ExprKind::Call(c) => {
            let dots = if c.expand { "..." } else { "" };
            format!("{}({}{dots})", c.name.name, list(&c.args))
        }
        ExprKind::Binary { op, lhs, rhs, .. } => format!("<{} {op:?} {}>", shape(lhs), shape(rhs)),
        ExprKind::Unary { op, operand, .. } => format!("{op:?}<{}>", shape(operand)),
        ExprKind::Conditional { condition, yes, no } => {
            format!("<{} ? {} : {}>", shape(condition), shape(yes), shape(no))
        }
        ExprKind::For(f) => {
            let key_var = f
                .key_var
                .as_ref()
                .map(|k| format!("{},", k.name))
                .unwrap_or_default();
            let key = f
                .key
                .as_ref()
                .map(|k| format!("{} => ", shape(k)))
                .unwrap_or_default();
            let group = if f.group { "..." } else { "" };
            let cond = f
                .condition
                .as_ref()
                .map(|c| format!(" if {}", shape(c)))
                .unwrap_or_default();
            format!(
                "for({key_var}{} in {}: {key}{}{group}{cond})",
                f.value_var.name,
                shape(&f.collection),
                shape(&f.value)
            )
        }
    }
}

fn list(items: &[Expr]) -> String {
    items.iter().map(shape).collect::<Vec<_>>().join(",")
}

fn parts_shape(parts: &[TemplatePart]) -> String {
    let parts: Vec<String> = parts
        .iter()
        .map(|p| match p {
            TemplatePart::Literal(s, _) => format!("{s:?}"),
            TemplatePart::Interpolation(e) => format!("${{{}}}", shape(e)),
            TemplatePart::If {
                condition, yes, no, ..
            } => {
                format!(
                    "if({}: {} else {})",
                    shape(condition),
                    parts_shape(yes),
                    parts_shape(no)
                )
            }
            TemplatePart::For {
                key_var,
                value_var,
                collection,
                body,
                ..
            } => {
                let key = key_var
                    .as_ref()
                    .map(|k| format!("{},", k.name))
                    .unwrap_or_default();
                format!(
                    "for({key}{} in {}: {})",
                    value_var.name,
                    shape(collection),
                    parts_shape(body)
                )
            }
        })
        .collect();
    parts.join(" ")
}

fn steps_shape(steps: &[Step]) -> String {
    steps
        .iter()
        .map(|s| match s {
            Step::Attribute(n) => format!(".{}", n.name),
            Step::Index { key, .. } => format!("[{}]", shape(key)),
            Step::Splat { full, each, .. } => {
                format!(
                    "{}<{}>",
                    if *full { "[*]" } else { ".*" },
                    steps_shape(each)
                )
            }
        })
        .collect()
}

#[test]
fn expressions_have_the_structure_of_the_specification() {
    for (text, expected) in [
        ("1 + 2 * 3 - 4", "<<1 Add <2 Multiply 3>> Subtract 4>"),
        ("a || b && c == d", "<a Or <b And <c Equal d>>>"),
        (
            "a == b < c + d % e",
            "<a Equal <b Less <c Add <d Modulo e>>>>",
        ),
        ("-a.b + !c", "<Negate<a.b> Add Not<c>>"),
        ("a ? b : c ? d : e", "<a ? b : <c ? d : e>>"),
        ("(a ?\n b :\n c)", "(<a ? b : c>)"),
        ("a.b[0].c", "a.b[0].c"),
        ("a.0.b", "a[0].b"),
        ("a.*.b.c[0]", "a.*<.b.c>[0]"),
        ("a.*.b.0.c", "a.*<.b[0].c>"),
        ("a[*].b[0].c", "a[*]<.b[0].c>"),
        ("a[*].b[*].c", "a[*]<.b[*]<.c>>"),
        ("a[b.c][\"x\"]", "a[b.c][\"x\"]"),
        ("f()", "f()"),
        ("f(a, b...)", "f(a,b...)"),
        ("f(a,\n b,\n)", "f(a,b)"),
        ("core::max(1)", "core::max(1)"),
        ("provider :: x /* c */ :: f(1)", "provider::x::f(1)"),
        ("[1, 2,\n3,]", "[1,2,3]"),
        (
            "{a = 1, \"b\" : 2\n (c) = 3\n\n c.d = 4, true = 5, 6 = 7}",
            "{a=1,<\"b\">=2,<(c)>=3,<c.d>=4,true=5,<6>=7}",
        ),
        (
            "{ a = 1 # one\n b = 2 // two\n c = 3 /* three */ }",
            "{a=1,b=2,c=3}",
        ),
        ("[for x in y: x.z if x.w]", "for(x in y: x.z if x.w)"),
        (
            "{for k, v in m: k => v...\n if v}",
            "for(k,v in m: k => v... if v)",
        ),
        ("[for x in [1]: x]", "for(x in [1]: x)"),
        ("[format(\"a\")]", "[format(\"a\")]"),
        ("\"\"", "\"\""),
        ("\"${a}\"", "wrap(a)"),
        ("\"a${b}c\"", "template[\"a\" ${b} \"c\"]"),
        ("\"${a}${b}\"", "template[${a} ${b}]"),
        ("\"${\"${a}\"}\"", "wrap(wrap(a))"),
        ("\"$${a} %%{b} $ % $$ 100%\"", "\"${a} %{b} $ % $$ 100%\""),
        (
            "\"a\\n\\t\\\"\\\\\\u00e9\\U0001F600\"",
            "\"a\\n\\t\\\"\\\\é😀\"",
        ),
        ("\"a  ${~ b ~}  c\"", "template[\"a\" ${b} \"c\"]"),
        (
            "\"%{ if a }x%{ else }y%{ endif }\"",
            "template[if(a: \"x\" else \"y\")]",
        ),
        (
            "\"%{ for k, v in m ~}  ${k} %{ endfor }\"",
            "template[for(k,v in m: ${k} \" \")]",
        ),
        ("é-1", "é-1"),
        ("a-1", "a-1"),
        ("a - 1", "<a Subtract 1>"),
        ("-1", "Negate<1>"),
        ("null", "null(any)"),
    ] {
        assert_eq!(shape(&expr(text)), expected, "{text}");
    }
}

fn body(text: &str) -> std::sync::Arc<NativeBody> {
    let (body, diags) = parse_native(FileId(0), text);
    assert!(diags.is_empty(), "{text}: {diags:?}");
    match body {
        Body::Native(b) => b,
        Body::Json(_) => panic!("native syntax gives a native body"),
    }
}

#[test]
fn heredocs_keep_their_text() {
    for (text, expected) in [
        ("a = <<E\nx\n  y\nE\n", "\"x\\n  y\\n\""),
        ("a = <<-E\n    x\n\n      y\n    E\n", "\"x\\n\\n  y\\n\""),
        (
            "a = <<-E\n    x\n  ${y}\n  E\n",
            "template[\"  x\\n\" ${y} \"\\n\"]",
        ),
        (
            "a = <<-E\n    x ${y}\n      z\n  E\n",
            "template[\"x \" ${y} \"\\n  z\\n\"]",
        ),
        (
            "a = <<E\nb\\n \"q\" $${x}\nE\n",
            "\"b\\\\n \\\"q\\\" ${x}\\n\"",
        ),
        ("a = <<E\nE\n", "\"\""),
        ("a = <<E\r\nx\r\nE\r\n", "\"x\\r\\n\""),
        ("a = <<E\n EE\n E E\nE\n", "\" EE\\n E E\\n\""),
        (
            "a = <<E\n%{ for x in y ~}\n  ${x}\n%{ endfor ~}\nE\n",
            "template[for(x in y: \"  \" ${x} \"\\n\")]",
        ),
    ] {
        let body = body(text);
        assert_eq!(shape(&body.attributes[0].expr), expected, "{text}");
    }
}

#[test]
fn bodies_hold_arguments_and_blocks() {
    let b = body("\u{feff}a = 1\r\nb \"x\" y {\n  c = 2\n  d { e = 3 }\n  f {}\n}\n# end");
    assert_eq!(&*b.attributes[0].name.name, "a");
    let block = &b.blocks[0];
    assert_eq!(&*block.kind.name, "b");
    assert_eq!(
        block.labels.iter().map(|l| &*l.name).collect::<Vec<_>>(),
        ["x", "y"]
    );
    let Body::Native(inner) = &block.body else {
        panic!("native");
    };
    assert_eq!(inner.attributes.len(), 1);
    assert_eq!(inner.blocks.len(), 2);
}

#[test]
fn every_broken_item_is_reported_and_good_ones_stay() {
    let text = "a = 1\nb = = 2\nc = [1, 2\nd = 4\nr \"x\" {\n  e = 'q'\n  f = 6\n  g = \"open\n  h = 8\n}\ni = )\nj = 10\n";
    let (body, diags) = parse_native(FileId(0), text);
    let Body::Native(b) = body else {
        panic!("native");
    };
    let names: Vec<&str> = b.attributes.iter().map(|a| &*a.name.name).collect();
    assert_eq!(names, ["a", "d", "j"]);
    let Body::Native(inner) = &b.blocks[0].body else {
        panic!("native");
    };
    let names: Vec<&str> = inner.attributes.iter().map(|a| &*a.name.name).collect();
    assert_eq!(names, ["f", "h"]);
    assert_eq!(
        diags
            .iter()
            .filter(|d| d.severity == Severity::Error)
            .count(),
        5,
        "{diags:#?}"
    );
}

#[test]
fn a_missing_brace_is_reported_where_the_block_opened() {
    let text = "r \"a\" {\n  x = 1\n\nr \"b\" {\n  y = 2\n}\n";
    let (body, diags) = parse_native(FileId(0), text);
    let Body::Native(b) = body else {
        panic!("native");
    };
    assert_eq!(b.blocks.len(), 2);
    assert_eq!(diags.iter().count(), 1);
    assert_eq!(diags.0[0].summary, "Unclosed configuration block");
    assert_eq!(diags.0[0].subject.map(|s| s.start), Some(0));
}

#[test]
fn deep_nesting_is_refused_and_does_not_overflow() {
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{a=", "}"),
        ("\"${", "}\""),
        ("!", ""),
        ("f(", ")"),
        ("a[", "]"),
        ("a?b:", ""),
    ] {
        for n in [10, 200, 100_000] {
            let text = format!("{}1{}", open.repeat(n), close.repeat(n));
            let result = parse_expression(FileId(0), &text, 0);
            match n {
                10 => assert!(result.is_ok(), "{open}: {result:?}"),
                100_000 => assert_eq!(
                    result.err().map(|d| d.0[0].summary.clone()).as_deref(),
                    Some("Nesting too deep"),
                    "{open}"
                ),
                _ => drop(result),
            }
        }
    }
    let sum = format!("1{}", " + 1".repeat(100_000));
    assert!(parse_expression(FileId(0), &sum, 0).is_err());
    let blocks = format!("{}{}", "a {\n".repeat(100_000), "}\n".repeat(100_000));
    assert!(parse_native(FileId(0), &blocks).1.has_errors());
}

#[test]
fn operators_carry_their_place() {
    let e = expr("aa  <=  b");
    let ExprKind::Binary { op, op_span, .. } = e.kind else {
        panic!("binary");
    };
    assert_eq!(
        (op, op_span.start, op_span.end),
        (BinaryOp::LessOrEqual, 4, 6)
    );
}
