//! The evaluator: no expression panics, whatever it refers to, and evaluating it again
//! gives the same value or the same errors.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use loam_diag::FileId;
use loam_eval::{FunctionTable, MapScope, functions, resolve, type_constraint};
use loam_value::{Marks, Type, Value};

/// All functions but those whose result differs from call to call and those that are slow
/// on purpose.
static FUNCTIONS: LazyLock<FunctionTable> =
    LazyLock::new(|| functions::table().without(&["bcrypt", "fileset", "timestamp", "uuid"]));

static SCOPE: LazyLock<MapScope> = LazyLock::new(|| {
    let mut scope = MapScope::empty();
    let mut set = |name: &str, value| scope.values.insert(name.into(), value);
    set("n", Value::int(3));
    set("s", Value::string("abc"));
    set("z", Value::null(Type::Dynamic));
    set("p", Value::string("pw").with_marks(Marks::SENSITIVE));
    set("u", Value::unknown(Type::String));
    set("d", Value::dynamic());
    set("l", Value::list(Type::Number, vec![Value::int(1), Value::int(2)]));
    set("o", Value::object_of([("a", Value::int(1)), ("b", Value::string("x"))]));
    scope
});

fuzz_target!(|text: &str| {
    let Ok(parsed) = loam_syntax::parse_expression(FileId(0), text, 0) else {
        return;
    };
    let _ = type_constraint(&parsed);
    if let Ok(expr) = resolve(&parsed, &*SCOPE, &FUNCTIONS) {
        let first = expr.eval(&*SCOPE);
        assert_eq!(first, expr.eval(&*SCOPE));
    }
});
