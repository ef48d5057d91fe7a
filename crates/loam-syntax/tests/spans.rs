//! The text under the span of an expression is that expression.
#![allow(clippy::panic, clippy::unwrap_used)]

use loam_diag::{FileId, Span};
use loam_syntax::ast::{Body, ObjectKey, Step, TemplatePart};
use loam_syntax::{Expr, ExprKind, parse_expression, parse_native};

/// Visits an expression and all expressions in it.
fn visit(e: &Expr, f: &mut dyn FnMut(&Expr)) {
    f(e);
    match &e.kind {
        ExprKind::Literal(_) | ExprKind::Variable(_) | ExprKind::JsonString(_) => {}
        ExprKind::Template(ps) => parts(ps, f),
        ExprKind::TemplateWrap(e) | ExprKind::Paren(e) => visit(e, f),
        ExprKind::Tuple(es) => es.iter().for_each(|e| visit(e, f)),
        ExprKind::Object(items) => {
            for i in items {
                if let ObjectKey::Expr(k) = &i.key {
                    visit(k, f);
                }
                visit(&i.value, f);
            }
        }
        ExprKind::Traverse { base, steps } => {
            visit(base, f);
            visit_steps(steps, f);
        }
        ExprKind::Call(c) => c.args.iter().for_each(|e| visit(e, f)),
        ExprKind::Binary { lhs, rhs, .. } => {
            visit(lhs, f);
            visit(rhs, f);
        }
        ExprKind::Unary { operand, .. } => visit(operand, f),
        ExprKind::Conditional { condition, yes, no } => {
            visit(condition, f);
            visit(yes, f);
            visit(no, f);
        }
        ExprKind::For(x) => {
            visit(&x.collection, f);
            visit(&x.value, f);
            x.key.iter().chain(&x.condition).for_each(|e| visit(e, f));
        }
    }
}

fn visit_steps(steps: &[Step], f: &mut dyn FnMut(&Expr)) {
    for s in steps {
        match s {
            Step::Attribute(_) => {}
            Step::Index { key, .. } => visit(key, f),
            Step::Splat { each, .. } => visit_steps(each, f),
        }
    }
}

fn parts(ps: &[TemplatePart], f: &mut dyn FnMut(&Expr)) {
    for p in ps {
        match p {
            TemplatePart::Literal(..) => {}
            TemplatePart::Interpolation(e) => visit(e, f),
            TemplatePart::If {
                condition, yes, no, ..
            } => {
                visit(condition, f);
                parts(yes, f);
                parts(no, f);
            }
            TemplatePart::For {
                collection, body, ..
            } => {
                visit(collection, f);
                parts(body, f);
            }
        }
    }
}

const SOURCE: &str = r##"
a = 1 + 2 * -3 - !b.c
d = "é ${ e } f ${ "g ${h[0]}" }" # comment
i = [ j , { k = l, "m" : n
  (o) = p } ]
q = r( s... ) == t ? u : v ? w : x
y = z.a[b].*.c.d[e][*].f[g + h].0.i
j = core :: k ( /* one */ 2 )
l = [ for m , n in o : p if q ]
r = { for s in t : u => v ... if w }
x = <<-EOT
    y ${ z ~}
    %{ if a }b${c}%{ else }%{ for d in e }f${ g }%{ endfor }%{ endif }
  EOT
h = ( ( i ) )
block "label" {
  j = -1.50e3
  nested { k = null }
}
"##;

#[test]
fn spans_cover_what_they_name() {
    let (body, diags) = parse_native(FileId(3), SOURCE);
    assert!(diags.is_empty(), "{diags:#?}");
    let mut count = 0;
    check_body(&body, &mut count);
    assert!(count > 60, "{count}");
}

fn text(span: Span) -> &'static str {
    assert_eq!(span.file, FileId(3));
    &SOURCE[span.start as usize..span.end as usize]
}

fn check_body(body: &Body, count: &mut usize) {
    let Body::Native(body) = body else {
        panic!("native");
    };
    for a in &body.attributes {
        assert_eq!(text(a.name.span), &*a.name.name);
        assert!(text(a.span).starts_with(&*a.name.name));
        assert_eq!(a.span.end, a.expr.span.end);
        visit(&a.expr, &mut |e| {
            *count += 1;
            let mut source = text(e.span).to_owned();
            if source.starts_with("<<") {
                // The newline that ends the heredoc ends the argument, too.
                source.push('\n');
            }
            let again = parse_expression(FileId(3), &source, e.span.start);
            assert_eq!(again.as_ref(), Ok(e), "{source}");
        });
    }
    for b in &body.blocks {
        assert_eq!(text(b.kind.span), &*b.kind.name);
        for l in &b.labels {
            assert_eq!(text(l.span).trim_matches('"'), &*l.name);
        }
        assert!(text(b.header).starts_with(&*b.kind.name));
        assert!(text(b.body.span()).starts_with('{') && text(b.body.span()).ends_with('}'));
        check_body(&b.body, count);
    }
}

#[test]
fn parts_of_expressions_carry_their_places() {
    let e = parse_expression(FileId(0), "f(x)[ 1 ].y[*].z + \"a${b}\"", 100).unwrap();
    let ExprKind::Binary {
        op_span, lhs, rhs, ..
    } = &e.kind
    else {
        panic!("{e:?}");
    };
    let at = |s: Span| (s.start - 100, s.end - 100);
    assert_eq!(at(*op_span), (17, 18));
    let ExprKind::Traverse { base, steps } = &lhs.kind else {
        panic!("{lhs:?}");
    };
    let ExprKind::Call(call) = &base.kind else {
        panic!("{base:?}");
    };
    assert_eq!((at(call.name.span), at(call.args_span)), ((0, 1), (1, 4)));
    let [
        Step::Index { span, .. },
        Step::Attribute(y),
        Step::Splat { span: star, .. },
    ] = &steps[..]
    else {
        panic!("{steps:?}");
    };
    assert_eq!(
        (at(*span), at(y.span), at(*star)),
        ((4, 9), (10, 11), (11, 14))
    );
    let ExprKind::Template(parts) = &rhs.kind else {
        panic!("{rhs:?}");
    };
    assert!(matches!(&parts[0], TemplatePart::Literal(_, s) if at(*s) == (20, 21)));
}
