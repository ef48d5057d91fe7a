//! Functions of lists and tuples as a whole.

use loam_value::convert::convert;
use loam_value::unify::unify_unsafe;
use loam_value::{Marks, Refinements, Type, Value};

use super::argument::{MAX_ELEMENTS, elements, int, value};
use super::signature::{
    any, function, number as number_param, param, returns_bool, returns_string_list,
};
use crate::{CallContext, Function, FunctionError};

type Result<T = Value> = std::result::Result<T, FunctionError>;

pub(super) fn all() -> Vec<Function> {
    let any_list = |name, description| param(name, Type::list(Type::Dynamic), description);
    vec![
        function(
            "alltrue",
            "`alltrue` tells whether all elements of a list are true; so they are if there are none.",
            vec![param("list", Type::list(Type::Bool), "The bools.")],
            returns_bool,
            alltrue,
        ),
        function(
            "anytrue",
            "`anytrue` tells whether at least one element of a list is true.",
            vec![param("list", Type::list(Type::Bool), "The bools.")],
            returns_bool,
            anytrue,
        ),
        function(
            "chunklist",
            "`chunklist` cuts a list into lists of one size, of which the last can be shorter.",
            vec![
                any_list("list", "The list to cut.").marked(),
                number_param("size", "How many elements a piece has; 0 for one piece.").marked(),
            ],
            |args| Ok(Type::list(value(args, 0)?.ty())),
            chunklist,
        ),
        function(
            "coalescelist",
            "`coalescelist` gives the first of its arguments that is not an empty list.",
            vec![],
            coalescelist_type,
            coalescelist,
        )
        .more(any("vals", "Lists or tuples.").null().unknown().dynamic()),
        function(
            "concat",
            "`concat` puts lists one after the other into one.",
            vec![],
            concat_type,
            concat,
        )
        .more(any("seqs", "Lists or tuples.").marked()),
        function(
            "flatten",
            "`flatten` puts the elements of lists within a list in the place of those lists.",
            vec![
                any(
                    "list",
                    "The list, whose elements can be lists of any depth.",
                )
                .marked(),
            ],
            flatten_type,
            flatten,
        ),
        function(
            "reverse",
            "`reverse` puts the elements of a list in reverse order.",
            vec![any("list", "The list to turn round.").marked()],
            reverse_type,
            reverse,
        ),
        function(
            "sort",
            "`sort` puts strings in order, by the numbers of their characters in Unicode.",
            vec![param("list", Type::list(Type::String), "The strings.")],
            returns_string_list,
            sort,
        ),
    ]
}

/// Whether values of a type are lists or tuples.
pub(super) fn is_sequence(ty: &Type) -> bool {
    matches!(ty, Type::List(_) | Type::Tuple(_))
}

/// A list of this type or, if the type is not a list, a tuple.
pub(super) fn like(ty: &Type, items: Vec<Value>) -> Value {
    match ty {
        Type::List(element) => Value::list((**element).clone(), items),
        _ => Value::tuple(items),
    }
}

fn alltrue(_: &CallContext, args: &[Value]) -> Result {
    for item in elements(args, 0)? {
        if item.is_unknown() {
            return Ok(Value::unknown(Type::Bool));
        }
        if item.as_bool() != Some(true) {
            return Ok(Value::bool(false));
        }
    }
    Ok(Value::bool(true))
}

fn anytrue(_: &CallContext, args: &[Value]) -> Result {
    let items = elements(args, 0)?;
    if items.iter().any(|v| v.as_bool() == Some(true)) {
        return Ok(Value::bool(true));
    }
    if items.iter().any(Value::is_unknown) {
        return Ok(Value::unknown(Type::Bool));
    }
    Ok(Value::bool(false))
}

fn chunklist(_: &CallContext, args: &[Value]) -> Result {
    let list = value(args, 0)?;
    let marks = list.marks() | value(args, 1)?.marks();
    let size = int(args, 1)?;
    let size = usize::try_from(size)
        .map_err(|_| FunctionError::blame(1, "the size argument must be positive"))?;
    let ty = list.ty();
    let items = elements(args, 0)?;
    let chunks = match size {
        _ if items.is_empty() => Vec::new(),
        0 => vec![list.clone().unmarked()],
        n => items.chunks(n).map(|c| like(&ty, c.to_vec())).collect(),
    };
    Ok(Value::list(ty, chunks).with_marks(marks))
}

fn coalescelist_type(args: &[Value]) -> Result<Type> {
    if args.is_empty() {
        return Err(FunctionError::call("at least one argument is required"));
    }
    for (i, arg) in args.iter().enumerate() {
        if arg.is_unknown() {
            return Ok(Type::Dynamic);
        }
        if !is_sequence(&arg.ty()) {
            return Err(FunctionError::blame(
                i,
                "coalescelist arguments must be lists or tuples",
            ));
        }
    }
    let first = value(args, 0)?.ty();
    Ok(match args.iter().all(|a| a.ty() == first) {
        true => first,
        false => Type::Dynamic,
    })
}

fn coalescelist(_: &CallContext, args: &[Value]) -> Result {
    for arg in args {
        if arg.is_unknown() {
            return Ok(Value::unknown(coalescelist_type(args)?));
        }
        if arg.elements().is_some_and(|e| !e.is_empty()) {
            return Ok(arg.clone());
        }
    }
    Err(FunctionError::call("no non-null arguments"))
}

fn concat_type(args: &[Value]) -> Result<Type> {
    if args.is_empty() {
        return Err(FunctionError::call("at least one argument is required"));
    }
    let types: Vec<Type> = args.iter().map(Value::ty).collect();
    if types.iter().all(|t| matches!(t, Type::List(_)))
        && let Some(common) = unify_unsafe(&types)
    {
        return Ok(common);
    }
    let mut items = Vec::new();
    for (i, (arg, ty)) in args.iter().zip(types).enumerate() {
        match ty {
            Type::Tuple(types) => items.extend(types.iter().cloned()),
            Type::List(element) => match arg.elements() {
                Some(e) => items.extend(e.iter().map(|_| (*element).clone())),
                None => return Ok(Type::Dynamic),
            },
            other => {
                return Err(FunctionError::argument(
                    i,
                    format!(
                        "all arguments must be lists or tuples; got {}",
                        other.friendly_name()
                    ),
                ));
            }
        }
    }
    Ok(Type::tuple(items))
}

fn concat(_: &CallContext, args: &[Value]) -> Result {
    let ty = concat_type(args)?;
    let mut marks = Marks::NONE;
    let mut items = Vec::new();
    for (i, arg) in args.iter().enumerate() {
        marks |= arg.marks();
        let list = match ty {
            Type::List(_) => {
                convert(arg, &ty).map_err(|e| FunctionError::argument(i, e.to_string()))?
            }
            _ => arg.clone(),
        };
        items.extend_from_slice(list.elements().unwrap_or_default());
    }
    let ty = match (&ty, items.first()) {
        // An empty list without a type has not told what the elements of the others are.
        (Type::List(e), Some(first)) if **e == Type::Dynamic => Type::list(first.ty()),
        _ => ty,
    };
    Ok(like(&ty, items).with_marks(marks))
}

fn flatten_type(args: &[Value]) -> Result<Type> {
    let list = value(args, 0)?;
    if !list.is_wholly_known() {
        return Ok(Type::Dynamic);
    }
    if list.elements().is_none() {
        return Err(FunctionError::blame(
            0,
            "can only flatten lists, sets and tuples",
        ));
    }
    let mut flat = Flat::default();
    flat.add(list, 0)?;
    Ok(Type::tuple(flat.items.iter().map(Value::ty)))
}

fn flatten(_: &CallContext, args: &[Value]) -> Result {
    let list = value(args, 0)?;
    if list.elements().is_none() {
        return Err(FunctionError::blame(
            0,
            "can only flatten lists, sets and tuples",
        ));
    }
    let mut flat = Flat::default();
    flat.add(list, 0)?;
    Ok(match flat.unsure {
        true => Value::dynamic(),
        false => Value::tuple(flat.items),
    }
    .with_marks(flat.marks))
}

/// What flattening has found so far.
#[derive(Default)]
struct Flat {
    items: Vec<Value>,
    marks: Marks,
    /// A part is not known enough to tell what is in it.
    unsure: bool,
}

impl Flat {
    fn add(&mut self, list: &Value, depth: usize) -> Result<()> {
        if depth > 500 {
            return Err(FunctionError::blame(0, "lists are nested too deeply"));
        }
        self.marks |= list.marks();
        // Elements of a set that are not known yet can turn out to be the same.
        self.unsure |= super::set::length_is_unsure(list);
        for item in list.elements().unwrap_or_default() {
            if item.elements().is_some() {
                self.add(item, depth + 1)?;
                continue;
            }
            match item.ty() {
                Type::List(_) | Type::Set(_) | Type::Tuple(_) if item.is_unknown() => {
                    self.unsure = true;
                    self.marks |= item.marks();
                }
                Type::Dynamic if item.is_unknown() => self.unsure = true,
                _ => self.items.push(item.clone()),
            }
        }
        Ok(())
    }
}

fn reverse_type(args: &[Value]) -> Result<Type> {
    match value(args, 0)?.ty() {
        Type::Tuple(types) => Ok(Type::tuple(types.iter().rev().cloned())),
        Type::List(element) | Type::Set(element) => Ok(Type::List(element)),
        other => Err(FunctionError::argument(
            0,
            format!(
                "can only reverse list or tuple values, not {}",
                other.friendly_name()
            ),
        )),
    }
}

fn reverse(_: &CallContext, args: &[Value]) -> Result {
    let items = elements(args, 0)?.iter().rev().cloned().collect();
    Ok(like(&reverse_type(args)?, items).with_marks(value(args, 0)?.marks()))
}

fn sort(_: &CallContext, args: &[Value]) -> Result {
    let list = value(args, 0)?;
    if !list.is_wholly_known() {
        // The order is not known, but how many there are is.
        let count = elements(args, 0)?.len() as u64;
        return Ok(Value::unknown(list.ty()).refine(&Refinements::length(count)));
    }
    let mut items = elements(args, 0)?.to_vec();
    if let Some(at) = items.iter().position(Value::is_null) {
        return Err(FunctionError::blame(
            0,
            format!("given list element {at} is null; a null string cannot be sorted"),
        ));
    }
    items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
    Ok(Value::list(Type::String, items))
}

/// Refuses a product of more than [`MAX_ELEMENTS`] elements.
pub(super) fn check_product(lengths: &[usize]) -> Result<usize> {
    if lengths.contains(&0) {
        return Ok(0);
    }
    lengths
        .iter()
        .try_fold(1usize, |n, l| n.checked_mul(*l))
        .filter(|n| *n <= MAX_ELEMENTS)
        .ok_or_else(|| {
            FunctionError::call(format!(
                "the result would have more than the limit of {MAX_ELEMENTS} elements"
            ))
        })
}
