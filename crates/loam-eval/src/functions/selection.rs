//! Functions that choose elements of lists, sets and tuples.

use loam_value::convert::convert;
use loam_value::unify::unify_unsafe;
use loam_value::{SetIndex, Type, Value};

use super::argument::{elements, int, number, value};
use super::sequence::{is_sequence, like};
use super::signature::{
    any, function, number as number_param, param, returns_bool, returns_first, returns_number,
    returns_string_list,
};
use crate::{CallContext, Function, FunctionError};

type Result<T = Value> = std::result::Result<T, FunctionError>;

pub(super) fn all() -> Vec<Function> {
    let any_list = |name, description| param(name, Type::list(Type::Dynamic), description);
    vec![
        function(
            "compact",
            "`compact` gives a list without its empty strings and nulls.",
            vec![param(
                "list",
                Type::list(Type::String),
                "The list of strings.",
            )],
            returns_string_list,
            compact,
        ),
        function(
            "contains",
            "`contains` tells whether a list or set has a certain element.",
            vec![
                any("list", "The list, set or tuple to search."),
                any("value", "The element to look for."),
            ],
            returns_bool,
            contains,
        ),
        function(
            "distinct",
            "`distinct` gives a list with only the first of equal elements.",
            vec![any_list("list", "The list.")],
            returns_first,
            distinct,
        ),
        function(
            "element",
            "`element` gives the element of a list at a place; past the end it begins again.",
            vec![
                any("list", "The list or tuple.").marked(),
                number_param("index", "The place, from 0; -1 is the last of a list."),
            ],
            element_type,
            element,
        )
        .nullable(),
        function(
            "index",
            "`index` gives the place of the first element of a list that is equal to a value.",
            vec![
                any("list", "The list or tuple to search."),
                any("value", "The value to look for."),
            ],
            returns_number,
            index,
        ),
        function(
            "matchkeys",
            "`matchkeys` gives those elements of a list whose keys, in a second list, are in a third.",
            vec![
                any_list("values", "The elements to choose from."),
                any_list("keys", "The key of each element."),
                any_list("searchset", "The keys of the elements to choose."),
            ],
            matchkeys_type,
            matchkeys,
        ),
        function(
            "one",
            "`one` gives the only element of a list, or null if there is none.",
            vec![any("list", "A list, set or tuple of at most one element.")],
            one_type,
            one,
        )
        .nullable(),
        function(
            "slice",
            "`slice` gives the elements of a list from one place up to another.",
            vec![
                any("list", "The list to take from.").marked(),
                number_param("start_index", "The place of the first element."),
                number_param("end_index", "The place after the last element."),
            ],
            slice_type,
            slice,
        ),
    ]
}

fn compact(_: &CallContext, args: &[Value]) -> Result {
    let list = value(args, 0)?;
    if !list.is_wholly_known() {
        return Ok(Value::unknown(Type::list(Type::String)));
    }
    let kept = elements(args, 0)?
        .iter()
        .filter(|v| v.as_str().is_some_and(|s| !s.is_empty()))
        .cloned()
        .collect();
    Ok(Value::list(Type::String, kept))
}

fn contains(_: &CallContext, args: &[Value]) -> Result {
    if !matches!(
        value(args, 0)?.ty(),
        Type::List(_) | Type::Tuple(_) | Type::Set(_)
    ) {
        return Err(FunctionError::blame(
            0,
            "argument must be list, tuple, or set",
        ));
    }
    let wanted = value(args, 1)?;
    let mut unsure = false;
    for item in elements(args, 0)? {
        match wanted.equals(item).as_bool() {
            Some(true) => return Ok(Value::bool(true)),
            Some(false) => {}
            None => unsure = true,
        }
    }
    Ok(match unsure {
        true => Value::unknown(Type::Bool),
        false => Value::bool(false),
    })
}

fn distinct(_: &CallContext, args: &[Value]) -> Result {
    let list = value(args, 0)?;
    let ty = list.ty();
    if !list.is_wholly_known() {
        return Ok(Value::unknown(ty));
    }
    let items = elements(args, 0)?;
    // Equal values are found by an index rather than by comparing each with each.
    let places = SetIndex::new(items);
    let kept = items
        .iter()
        .enumerate()
        .filter(|(i, v)| places.position(v).is_none_or(|first| first == *i))
        .map(|(_, v)| v.clone())
        .collect();
    Ok(like(&ty, kept))
}

fn element_type(args: &[Value]) -> Result<Type> {
    match value(args, 0)?.ty() {
        Type::List(element) => Ok((*element).clone()),
        Type::Tuple(types) => {
            if value(args, 1)?.is_unknown() {
                return Ok(Type::Dynamic);
            }
            let index = int(args, 1)?;
            let length = i64::try_from(types.len()).unwrap_or(i64::MAX);
            let place = index.checked_rem(length).ok_or_else(empty_list)?;
            let ty = usize::try_from(place).ok().and_then(|i| types.get(i));
            // Counting from the end works for lists only.
            ty.cloned().ok_or_else(|| {
                FunctionError::blame(
                    1,
                    "a negative index is for lists only; convert the tuple with tolist",
                )
            })
        }
        other => Err(FunctionError::blame(
            0,
            format!("cannot read elements from {}", other.friendly_name()),
        )),
    }
}

fn empty_list() -> FunctionError {
    FunctionError::blame(0, "cannot use element function with an empty list")
}

fn element(_: &CallContext, args: &[Value]) -> Result {
    let index = int(args, 1)?;
    let items = elements(args, 0)?;
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let place = index.checked_rem_euclid(length).ok_or_else(empty_list)?;
    let item = usize::try_from(place).ok().and_then(|i| items.get(i));
    let item = item.cloned().ok_or_else(empty_list)?;
    Ok(item.with_marks(value(args, 0)?.marks()))
}

fn index(_: &CallContext, args: &[Value]) -> Result {
    if !is_sequence(&value(args, 0)?.ty()) {
        return Err(FunctionError::blame(0, "argument must be a list or tuple"));
    }
    let items = elements(args, 0)?;
    if items.is_empty() {
        return Err(FunctionError::blame(0, "cannot search an empty list"));
    }
    let wanted = value(args, 1)?;
    for (i, item) in items.iter().enumerate() {
        match item.equals(wanted).as_bool() {
            Some(true) => return Ok(Value::int(i64::try_from(i).unwrap_or(i64::MAX))),
            Some(false) => {}
            None => return Ok(Value::unknown(Type::Number)),
        }
    }
    Err(FunctionError::call("item not found"))
}

fn matchkeys_type(args: &[Value]) -> Result<Type> {
    if unify_unsafe(&[value(args, 1)?.ty(), value(args, 2)?.ty()]).is_none() {
        return Err(FunctionError::blame(
            2,
            "keys and searchset must be of the same type",
        ));
    }
    Ok(value(args, 0)?.ty())
}

fn matchkeys(_: &CallContext, args: &[Value]) -> Result {
    let ty = matchkeys_type(args)?;
    let values = elements(args, 0)?;
    if values.len() != elements(args, 1)?.len() {
        return Err(FunctionError::blame(
            1,
            "length of keys and values should be equal",
        ));
    }
    let (keys, search) = (value(args, 1)?, value(args, 2)?);
    let Some(common) = unify_unsafe(&[keys.ty(), search.ty()]) else {
        return Ok(like(&ty, Vec::new()));
    };
    let common_type = |index: usize, v: &Value| {
        convert(v, &common).map_err(|e| FunctionError::argument(index, e.to_string()))
    };
    let (keys, search) = (common_type(1, keys)?, common_type(2, search)?);
    let wanted = search.elements().unwrap_or_default();
    if wanted.is_empty() {
        return Ok(like(&ty, Vec::new()));
    }
    if !value(args, 0)?.is_wholly_known() || !keys.is_wholly_known() {
        return Ok(Value::unknown(ty));
    }
    let mut kept = Vec::new();
    for (key, item) in keys.elements().unwrap_or_default().iter().zip(values) {
        for candidate in wanted {
            match key.equals(candidate).as_bool() {
                Some(true) => {
                    kept.push(item.clone());
                    break;
                }
                Some(false) => {}
                // It cannot be told which elements are chosen.
                None => return Ok(Value::unknown(ty)),
            }
        }
    }
    Ok(like(&ty, kept))
}

fn not_one() -> FunctionError {
    FunctionError::argument(
        0,
        "must be a list, set, or tuple value with either zero or one elements",
    )
}

fn one_type(args: &[Value]) -> Result<Type> {
    match value(args, 0)?.ty() {
        Type::List(element) | Type::Set(element) => Ok((*element).clone()),
        Type::Tuple(types) => match types.as_slice() {
            [] => Ok(Type::Dynamic),
            [only] => Ok(only.clone()),
            _ => Err(not_one()),
        },
        _ => Err(not_one()),
    }
}

fn one(_: &CallContext, args: &[Value]) -> Result {
    let ty = one_type(args)?;
    let list = value(args, 0)?;
    match elements(args, 0)? {
        [] => Ok(Value::null(ty)),
        [only] => Ok(only.clone()),
        _ if super::set::length_is_unsure(list) => Ok(Value::unknown(ty)),
        _ => Err(not_one()),
    }
}

fn slice_type(args: &[Value]) -> Result<Type> {
    match value(args, 0)?.ty() {
        Type::Set(_) => Err(FunctionError::argument(
            0,
            "cannot slice a set, because its elements do not have indices; explicitly convert \
             to a list if the ordering of the result is not important",
        )),
        ty @ Type::List(_) => {
            slice_bounds(args, value(args, 0)?.elements().map(<[Value]>::len))?;
            Ok(ty)
        }
        Type::Tuple(types) => Ok(match slice_bounds(args, Some(types.len()))? {
            Some((start, end)) => {
                Type::tuple(types.get(start..end).unwrap_or_default().iter().cloned())
            }
            None => Type::Dynamic,
        }),
        _ => Err(FunctionError::argument(0, "must be a list or tuple value")),
    }
}

/// Start and end, if both are known, held against each other and the length if known.
fn slice_bounds(args: &[Value], length: Option<usize>) -> Result<Option<(usize, usize)>> {
    let bound = |index: usize, name: &str| -> Result<Option<usize>> {
        if value(args, index)?.is_unknown() {
            return Ok(None);
        }
        let wrong = |what: String| FunctionError::argument(index, what);
        let n =
            int(args, index).map_err(|e| wrong(format!("invalid {name} index: {}", e.message)))?;
        let n = usize::try_from(n)
            .map_err(|_| wrong(format!("{name} index must not be less than zero")))?;
        if length.is_some_and(|l| n > l) {
            return Err(wrong(format!(
                "{name} index must not be greater than the length of the list"
            )));
        }
        Ok(Some(n))
    };
    match (bound(1, "start")?, bound(2, "end")?) {
        (Some(start), Some(end)) if start > end => Err(FunctionError::argument(
            1,
            "start index must not be greater than end index",
        )),
        (Some(start), Some(end)) => Ok(Some((start, end))),
        _ => Ok(None),
    }
}

fn slice(_: &CallContext, args: &[Value]) -> Result {
    let items = elements(args, 0)?;
    let marks = value(args, 0)?.marks();
    let ty = slice_type(args)?;
    number(args, 1)?;
    let Some((start, end)) = slice_bounds(args, Some(items.len()))? else {
        return Ok(Value::unknown(ty).with_marks(marks));
    };
    let taken = items.get(start..end).unwrap_or_default().to_vec();
    Ok(like(&ty, taken).with_marks(marks))
}
