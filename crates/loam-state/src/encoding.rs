//! Values as bytes in a row. The format is told in `state/README.md`.
//!
//! Lossless: types of nulls, of unknowns and of empty collections, refinements and
//! sensitive marks are kept. An ephemeral mark is refused.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use loam_value::{
    Bound, Kind, Marks, Number, ObjectType, Refinements, Type, Unknown, Value, ValueMap,
};

/// Deeper values are refused, so that no file can exhaust the stack.
const MAX_DEPTH: u32 = 500;

/// Flags on a value's tag byte.
const SENSITIVE: u8 = 0x80;
/// The part of a tag byte that names the kind.
const KIND: u8 = 0x7f;

const UNKNOWN: u8 = 0;
const NULL: u8 = 1;
const FALSE: u8 = 2;
const TRUE: u8 = 3;
const INTEGER: u8 = 4;
const NUMBER: u8 = 5;
const STRING: u8 = 6;
const LIST: u8 = 7;
const SET: u8 = 8;
const MAP: u8 = 9;
const TUPLE: u8 = 10;
const OBJECT: u8 = 11;

const TYPE_DYNAMIC: u8 = 0;
const TYPE_BOOL: u8 = 1;
const TYPE_NUMBER: u8 = 2;
const TYPE_STRING: u8 = 3;
const TYPE_LIST: u8 = 4;
const TYPE_SET: u8 = 5;
const TYPE_MAP: u8 = 6;
const TYPE_TUPLE: u8 = 7;
const TYPE_OBJECT: u8 = 8;

/// A value's bytes; the error says why it cannot be stored.
pub(crate) fn encode(value: &Value) -> Result<Vec<u8>, &'static str> {
    let mut out = Vec::with_capacity(128);
    put_value(&mut out, value, 0)?;
    Ok(out)
}

fn put_value(out: &mut Vec<u8>, value: &Value, depth: u32) -> Result<(), &'static str> {
    if depth > MAX_DEPTH {
        return Err("a value that is nested too deeply");
    }
    if value.marks().is_ephemeral() {
        return Err("an ephemeral value");
    }
    let flag = if value.is_sensitive() { SENSITIVE } else { 0 };
    let mut tag = |t: u8| out.push(t | flag);
    match value.kind() {
        Kind::Unknown(u) => {
            tag(UNKNOWN);
            put_type(out, &u.ty);
            put_refinements(out, &u.refinements);
        }
        Kind::Null(t) => {
            tag(NULL);
            put_type(out, t);
        }
        Kind::Bool(b) => tag(if *b { TRUE } else { FALSE }),
        Kind::Number(n) => match n.to_i64() {
            Some(i) => {
                tag(INTEGER);
                // Zigzag, so that small negative numbers are short, too.
                put_length(out, ((i << 1) ^ (i >> 63)) as u64);
            }
            None if n.is_infinite() => return Err("an infinite number"),
            None => {
                tag(NUMBER);
                put_text(out, &n.to_string());
            }
        },
        Kind::String(s) => {
            tag(STRING);
            put_text(out, s);
        }
        Kind::List(t, vs) | Kind::Set(t, vs) => {
            tag(match value.kind() {
                Kind::List(..) => LIST,
                _ => SET,
            });
            put_type(out, t);
            put_length(out, vs.len() as u64);
            for v in vs.iter() {
                put_value(out, v, depth + 1)?;
            }
        }
        Kind::Tuple(vs) => {
            tag(TUPLE);
            put_length(out, vs.len() as u64);
            for v in vs.iter() {
                put_value(out, v, depth + 1)?;
            }
        }
        Kind::Map(t, vs) => {
            tag(MAP);
            put_type(out, t);
            put_entries(out, vs, depth)?;
        }
        Kind::Object(vs) => {
            tag(OBJECT);
            put_entries(out, vs, depth)?;
        }
    }
    Ok(())
}

fn put_entries(out: &mut Vec<u8>, vs: &ValueMap, depth: u32) -> Result<(), &'static str> {
    put_length(out, vs.len() as u64);
    for (k, v) in vs {
        put_text(out, k);
        put_value(out, v, depth + 1)?;
    }
    Ok(())
}

/// Seven bits a byte, lowest first; the top bit says that another byte follows.
fn put_length(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push((n as u8) | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

fn put_text(out: &mut Vec<u8>, s: &str) {
    put_length(out, s.len() as u64);
    out.extend_from_slice(s.as_bytes());
}

fn put_type(out: &mut Vec<u8>, ty: &Type) {
    match ty {
        Type::Dynamic => out.push(TYPE_DYNAMIC),
        Type::Bool => out.push(TYPE_BOOL),
        Type::Number => out.push(TYPE_NUMBER),
        Type::String => out.push(TYPE_STRING),
        Type::List(e) => {
            out.push(TYPE_LIST);
            put_type(out, e);
        }
        Type::Set(e) => {
            out.push(TYPE_SET);
            put_type(out, e);
        }
        Type::Map(e) => {
            out.push(TYPE_MAP);
            put_type(out, e);
        }
        Type::Tuple(ts) => {
            out.push(TYPE_TUPLE);
            put_length(out, ts.len() as u64);
            for t in ts.iter() {
                put_type(out, t);
            }
        }
        Type::Object(o) => {
            out.push(TYPE_OBJECT);
            put_length(out, o.attributes.len() as u64);
            for (k, t) in &o.attributes {
                put_text(out, k);
                out.push(u8::from(o.optional.contains(k)));
                put_type(out, t);
            }
        }
    }
}

fn put_refinements(out: &mut Vec<u8>, r: &Refinements) {
    let present = [
        r.not_null,
        r.string_prefix.is_some(),
        r.number_lower.is_some(),
        r.number_upper.is_some(),
        r.length_lower.is_some(),
        r.length_upper.is_some(),
    ];
    out.push(
        present
            .iter()
            .enumerate()
            .fold(0, |bits, (i, p)| bits | (u8::from(*p) << i)),
    );
    if let Some(p) = &r.string_prefix {
        put_text(out, p);
    }
    for b in [&r.number_lower, &r.number_upper].into_iter().flatten() {
        out.push(u8::from(b.inclusive));
        put_text(out, &b.value.to_string());
    }
    for n in [r.length_lower, r.length_upper].into_iter().flatten() {
        put_length(out, n);
    }
}

/// Reads values; names and types that occur more than once are shared among them.
#[derive(Default)]
pub(crate) struct Decoder {
    names: HashSet<Arc<str>>,
    types: HashSet<Type>,
}

/// The bytes are not a value; says why.
type Decoded<T> = Result<T, &'static str>;

struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn byte(&mut self) -> Decoded<u8> {
        let (first, rest) = self.0.split_first().ok_or("it ends too early")?;
        self.0 = rest;
        Ok(*first)
    }

    fn length(&mut self) -> Decoded<u64> {
        let mut n = 0u64;
        for shift in (0..64).step_by(7) {
            let b = self.byte()?;
            n |= u64::from(b & 0x7f) << shift;
            if b < 0x80 {
                return Ok(n);
            }
        }
        Err("a length is too long")
    }

    /// How many parts follow. Each takes a byte at least, so that no count can make the
    /// reader reserve more than the file is long.
    fn count(&mut self) -> Decoded<usize> {
        usize::try_from(self.length()?)
            .ok()
            .filter(|n| *n <= self.0.len())
            .ok_or("a count exceeds the bytes that follow")
    }

    fn text(&mut self) -> Decoded<&'a str> {
        let n = self.count()?;
        let (text, rest) = self.0.split_at_checked(n).ok_or("it ends too early")?;
        self.0 = rest;
        std::str::from_utf8(text).map_err(|_| "a text is not UTF-8")
    }

    fn number(&mut self) -> Decoded<Number> {
        Number::parse(self.text()?).map_err(|_| "a number has no number's form")
    }
}

impl Decoder {
    /// The value that the bytes stand for; the error says what is wrong with them.
    pub(crate) fn decode(&mut self, bytes: &[u8]) -> Decoded<Value> {
        let mut input = Input(bytes);
        let value = self.value(&mut input, 0)?;
        if input.0.is_empty() {
            Ok(value)
        } else {
            Err("bytes follow the value")
        }
    }

    /// One shared copy of a name.
    pub(crate) fn name(&mut self, s: &str) -> Arc<str> {
        if let Some(n) = self.names.get(s) {
            return n.clone();
        }
        let n: Arc<str> = s.into();
        self.names.insert(n.clone());
        n
    }

    fn value(&mut self, input: &mut Input<'_>, depth: u32) -> Decoded<Value> {
        if depth > MAX_DEPTH {
            return Err("it is nested too deeply");
        }
        let tag = input.byte()?;
        let kind = match tag & KIND {
            UNKNOWN => {
                let ty = self.ty(input, depth)?;
                let refinements = refinements(input)?;
                Kind::Unknown(Arc::new(Unknown { ty, refinements }))
            }
            NULL => Kind::Null(self.ty(input, depth)?),
            FALSE => Kind::Bool(false),
            TRUE => Kind::Bool(true),
            INTEGER => {
                let n = input.length()?;
                Kind::Number(Number::from_i64((n >> 1) as i64 ^ -((n & 1) as i64)))
            }
            NUMBER => Kind::Number(input.number()?),
            STRING => Kind::String(input.text()?.into()),
            LIST => {
                let ty = self.ty(input, depth)?;
                Kind::List(ty, Arc::new(self.values(input, depth)?))
            }
            SET => {
                let ty = self.ty(input, depth)?;
                // Brought into order again: the rules of order are not part of the format.
                Value::set(ty, self.values(input, depth)?).into_kind()
            }
            MAP => {
                let ty = self.ty(input, depth)?;
                Kind::Map(ty, Arc::new(self.entries(input, depth)?))
            }
            TUPLE => Kind::Tuple(Arc::new(self.values(input, depth)?)),
            OBJECT => Kind::Object(Arc::new(self.entries(input, depth)?)),
            _ => return Err("a value has an unknown kind"),
        };
        let value = Value::from(kind);
        Ok(if tag & SENSITIVE == 0 {
            value
        } else {
            value.with_marks(Marks::SENSITIVE)
        })
    }

    fn values(&mut self, input: &mut Input<'_>, depth: u32) -> Decoded<Vec<Value>> {
        let n = input.count()?;
        (0..n).map(|_| self.value(input, depth + 1)).collect()
    }

    fn entries(&mut self, input: &mut Input<'_>, depth: u32) -> Decoded<ValueMap> {
        let n = input.count()?;
        (0..n)
            .map(|_| {
                let name = input.text()?;
                Ok((self.name(name), self.value(input, depth + 1)?))
            })
            .collect()
    }

    fn ty(&mut self, input: &mut Input<'_>, depth: u32) -> Decoded<Type> {
        if depth > MAX_DEPTH {
            return Err("it is nested too deeply");
        }
        let ty = match input.byte()? {
            TYPE_DYNAMIC => return Ok(Type::Dynamic),
            TYPE_BOOL => return Ok(Type::Bool),
            TYPE_NUMBER => return Ok(Type::Number),
            TYPE_STRING => return Ok(Type::String),
            TYPE_LIST => Type::list(self.ty(input, depth + 1)?),
            TYPE_SET => Type::set(self.ty(input, depth + 1)?),
            TYPE_MAP => Type::map(self.ty(input, depth + 1)?),
            TYPE_TUPLE => {
                let n = input.count()?;
                let types: Decoded<Vec<Type>> = (0..n).map(|_| self.ty(input, depth + 1)).collect();
                Type::tuple(types?)
            }
            TYPE_OBJECT => {
                let n = input.count()?;
                let mut object = ObjectType::default();
                let mut optional = BTreeSet::new();
                for _ in 0..n {
                    let name = input.text()?;
                    let name = self.name(name);
                    if input.byte()? != 0 {
                        optional.insert(name.clone());
                    }
                    object.attributes.insert(name, self.ty(input, depth + 1)?);
                }
                object.optional = optional;
                Type::Object(Arc::new(object))
            }
            _ => return Err("a type has an unknown kind"),
        };
        if let Some(t) = self.types.get(&ty) {
            return Ok(t.clone());
        }
        self.types.insert(ty.clone());
        Ok(ty)
    }
}

fn refinements(input: &mut Input<'_>) -> Decoded<Refinements> {
    let bits = input.byte()?;
    let has = |i: u8| bits & (1 << i) != 0;
    let bound = |input: &mut Input<'_>| -> Decoded<Bound> {
        Ok(Bound {
            inclusive: input.byte()? != 0,
            value: input.number()?,
        })
    };
    Ok(Refinements {
        not_null: has(0),
        string_prefix: has(1).then(|| input.text().map(Into::into)).transpose()?,
        number_lower: has(2).then(|| bound(input)).transpose()?,
        number_upper: has(3).then(|| bound(input)).transpose()?,
        length_lower: has(4).then(|| input.length()).transpose()?,
        length_upper: has(5).then(|| input.length()).transpose()?,
    })
}
