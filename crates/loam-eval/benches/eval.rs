//! Evaluations per second of what configurations are full of.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use divan::{Bencher, black_box};
use loam_diag::FileId;
use loam_eval::{Expr, FunctionTable, MapScope, resolve};
use loam_syntax::parse_expression;
use loam_value::{Type, Value};

fn main() {
    divan::main();
}

fn scope() -> MapScope {
    let mut scope = MapScope::empty();
    let mut set = |name: &str, value| scope.values.insert(name.into(), value);
    set("name", Value::string("web"));
    set("size", Value::int(3));
    set("region", Value::string("eu-1"));
    let numbers = (0..100_000).map(Value::int).collect();
    set("numbers", Value::list(Type::Number, numbers));
    scope
}

fn resolved(text: &str, scope: &MapScope) -> Expr {
    parse_expression(FileId(0), text, 0)
        .and_then(|e| resolve(&e, scope, &FunctionTable::new()))
        .unwrap_or_else(|d| panic!("{text}: {d:?}"))
}

/// The goal is below a microsecond.
#[divan::bench]
fn small_object(bencher: Bencher) {
    let scope = scope();
    let expr = resolved("{ name = name, size = size + 1, region = region }", &scope);
    bencher.bench(|| black_box(expr.eval(&scope)));
}

#[divan::bench]
fn template(bencher: Bencher) {
    let scope = scope();
    let expr = resolved("\"${name}-${size}.${region}\"", &scope);
    bencher.bench(|| black_box(expr.eval(&scope)));
}

#[divan::bench]
fn for_of_100_000(bencher: Bencher) {
    let scope = scope();
    let expr = resolved("[for i, n in numbers : n + i if n != size]", &scope);
    bencher.bench(|| black_box(expr.eval(&scope)));
}

#[divan::bench]
fn for_object_of_100_000(bencher: Bencher) {
    let scope = scope();
    let expr = resolved("{ for n in numbers : n => n }", &scope);
    bencher.bench(|| black_box(expr.eval(&scope)));
}
