//! Functions of sets.

use loam_value::convert::convert;
use loam_value::unify::unify_unsafe;
use loam_value::{Marks, SetIndex, Type, Value};

use super::argument::value;
use super::sequence::check_product;
use super::signature::{any, function, param};
use crate::{CallContext, Function, FunctionError};

type Result<T = Value> = std::result::Result<T, FunctionError>;

pub(super) fn all() -> Vec<Function> {
    let any_set = |name, description| param(name, Type::set(Type::Dynamic), description).dynamic();
    vec![
        function(
            "setintersection",
            "`setintersection` gives the elements that are in all of the given sets.",
            vec![any_set("first_set", "A set.")],
            operation_type,
            |_, a| operate(a, false, |all, set| {
                let index = SetIndex::new(set);
                all.retain(|v| index.contains(v));
            }),
        )
        .more(any_set("other_sets", "More sets.")),
        function(
            "setproduct",
            "`setproduct` gives all combinations of one element of each of the given lists or sets.",
            vec![],
            setproduct_type,
            setproduct,
        )
        .more(any("sets", "Two or more lists or sets.").marked()),
        function(
            "setsubtract",
            "`setsubtract` gives the elements of one set that are not in another.",
            vec![
                any_set("a", "The set to take from."),
                any_set("b", "The set of what is taken away."),
            ],
            operation_type,
            |_, a| operate(a, false, |all, set| {
                let index = SetIndex::new(set);
                all.retain(|v| !index.contains(v));
            }),
        ),
        function(
            "setunion",
            "`setunion` gives the elements that are in at least one of the given sets.",
            vec![any_set("first_set", "A set.")],
            operation_type,
            |_, a| operate(a, true, |all, set| all.extend_from_slice(set)),
        )
        .more(any_set("other_sets", "More sets.")),
    ]
}

/// True for a set whose elements are not all known, so that some can turn out equal.
pub(super) fn length_is_unsure(v: &Value) -> bool {
    matches!(v.ty(), Type::Set(_))
        && v.elements().is_some_and(|e| e.len() > 1)
        && !v.is_wholly_known()
}

fn operation_type(args: &[Value]) -> Result<Type> {
    let mut types = Vec::new();
    for arg in args {
        let element = arg.ty().element().cloned().unwrap_or(Type::Dynamic);
        // An empty set of no certain type fits all others.
        let empty = arg.elements().is_some_and(<[Value]>::is_empty);
        if !(empty && element == Type::Dynamic) {
            types.push(element);
        }
    }
    if types.is_empty() {
        return Ok(Type::set(Type::Dynamic));
    }
    unify_unsafe(&types)
        .map(Type::set)
        .ok_or_else(|| FunctionError::call("given sets must all have compatible element types"))
}

fn operate(
    args: &[Value],
    allow_unknown: bool,
    step: impl Fn(&mut Vec<Value>, &[Value]),
) -> Result {
    let ty = operation_type(args)?;
    let element = ty.element().cloned().unwrap_or(Type::Dynamic);
    let mut all = Vec::new();
    for (i, arg) in args.iter().enumerate() {
        let set = convert(arg, &ty).map_err(|e| FunctionError::argument(i, e.to_string()))?;
        // What the unknown elements turn out to be can change which others stay.
        if set.is_unknown() || (!allow_unknown && !set.is_wholly_known()) {
            return Ok(Value::unknown(ty));
        }
        let items = set.elements().unwrap_or_default();
        match i {
            0 => all.extend_from_slice(items),
            _ => step(&mut all, items),
        }
    }
    Ok(Value::set(element, all))
}

fn setproduct_type(args: &[Value]) -> Result<Type> {
    if args.len() < 2 {
        return Err(FunctionError::call("at least two arguments are required"));
    }
    let mut all_lists = true;
    let mut types = Vec::new();
    for (i, arg) in args.iter().enumerate() {
        types.push(match arg.ty() {
            Type::Set(element) => {
                all_lists = false;
                (*element).clone()
            }
            Type::List(element) => (*element).clone(),
            Type::Tuple(items) if items.is_empty() => Type::Dynamic,
            Type::Tuple(items) => unify_unsafe(&items).ok_or_else(|| {
                FunctionError::argument(i, "all elements must be of the same type")
            })?,
            _ => return Err(FunctionError::argument(i, "a set or a list is required")),
        });
    }
    let row = Type::tuple(types);
    Ok(if all_lists {
        Type::list(row)
    } else {
        Type::set(row)
    })
}

fn setproduct(_: &CallContext, args: &[Value]) -> Result {
    let ty = setproduct_type(args)?;
    let marks = args.iter().fold(Marks::NONE, |m, a| m | a.marks());
    let row = ty.element().cloned().unwrap_or(Type::Dynamic);
    let Type::Tuple(columns) = &row else {
        return Err(FunctionError::call("at least two arguments are required"));
    };
    if args.iter().any(|a| a.is_unknown() || length_is_unsure(a)) {
        return Ok(Value::unknown(ty).with_marks(marks));
    }
    let mut lists: Vec<Vec<Value>> = Vec::new();
    for (i, column) in columns.iter().enumerate() {
        let items = value(args, i)?.elements().unwrap_or_default();
        let converted = items.iter().map(|v| convert(v, column));
        lists.push(
            converted
                .collect::<std::result::Result<_, _>>()
                .map_err(|e| FunctionError::argument(i, e.to_string()))?,
        );
    }
    let lengths: Vec<usize> = lists.iter().map(Vec::len).collect();
    let total = check_product(&lengths)?;
    let mut rows = Vec::with_capacity(total);
    for n in 0..total {
        // The last list turns fastest.
        let mut rest = n;
        let mut cells: Vec<Value> = lists
            .iter()
            .rev()
            .filter_map(|list| {
                let cell = list.get(rest % list.len()).cloned();
                rest /= list.len();
                cell
            })
            .collect();
        cells.reverse();
        rows.push(Value::tuple(cells));
    }
    Ok(match ty {
        Type::List(_) => Value::list(row, rows),
        _ => Value::set(row, rows),
    }
    .with_marks(marks))
}
