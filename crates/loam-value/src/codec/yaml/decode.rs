//! Reading YAML.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};

use super::scalar::{Scalar, resolve};
use crate::codec::{DecodeError, MAX_DEPTH};
use crate::convert::convert;
use crate::{Kind, Type, Value, ValueMap};

/// Values that a document may come to, those that aliases repeat counted each time: a few
/// lines of aliases to aliases could otherwise stand for more than memory holds.
const MAX_VALUES: usize = 1_000_000;

/// The value that a YAML document stands for: mappings become objects, sequences tuples.
pub fn decode(text: &str) -> Result<Value, DecodeError> {
    let mut reader = Reader {
        parser: Parser::new_from_str(text),
        anchors: BTreeMap::new(),
        values: 0,
    };
    let start = reader.next()?;
    if !matches!(start.0, Event::StreamStart) {
        return Err(at(start.1, "missing stream start token"));
    }
    let start = reader.next()?;
    if !matches!(start.0, Event::DocumentStart(_)) {
        return Err(at(start.1, "missing start of document"));
    }
    let event = reader.next()?;
    let (value, _) = reader.value(event, 0)?;
    let end = reader.next()?;
    if !matches!(end.0, Event::DocumentEnd) {
        return Err(at(end.1, "unexpected extra content after value"));
    }
    let end = reader.next()?;
    match end.0 {
        Event::StreamEnd => Ok(value),
        Event::DocumentStart(_) => Err(at(end.1, "only a single document is allowed")),
        _ => Err(at(end.1, "unexpected extra content after value")),
    }
}

fn at(span: Span, message: impl AsRef<str>) -> DecodeError {
    let (line, column) = (span.start.line(), span.start.col() + 1);
    let message = format!("on line {line}, column {column}: {}", message.as_ref());
    DecodeError::at(message, span.start.index())
}

fn syntax(error: &ScanError) -> DecodeError {
    let mark = error.marker();
    let (line, column) = (mark.line(), mark.col() + 1);
    let message = format!("on line {line}, column {column}: {}", error.info());
    DecodeError::at(message, mark.index())
}

/// What an anchor stands for and how many values that is; nothing while it is being read.
type Anchor = Option<(Value, usize)>;

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    anchors: BTreeMap<usize, Anchor>,
    /// Values so far.
    values: usize,
}

type Spanned<'a> = (Event<'a>, Span);

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Spanned<'a>, DecodeError> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(e)) => Err(syntax(&e)),
            None => Err(DecodeError::new("unexpected end of YAML text")),
        }
    }

    fn count(&mut self, values: usize, span: Span) -> Result<(), DecodeError> {
        self.values = self.values.saturating_add(values);
        match self.values > MAX_VALUES {
            true => Err(at(span, "the document has more than 1000000 values")),
            false => Ok(()),
        }
    }

    /// Reads the value that an event begins; with it goes how many values it consists of.
    fn value(&mut self, event: Spanned<'a>, depth: usize) -> Result<(Value, usize), DecodeError> {
        let (event, span) = event;
        if depth > MAX_DEPTH {
            let message = format!("the document is nested more than {MAX_DEPTH} levels deep");
            return Err(at(span, message));
        }
        let before = self.values;
        self.count(1, span)?;
        let (value, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                (scalar(&text, style, tag.as_deref(), span)?, anchor)
            }
            Event::Alias(anchor) => return self.alias(anchor, span),
            Event::SequenceStart(anchor, tag) => {
                require_tag(tag, "seq", "sequence", span)?;
                self.begin(anchor);
                (self.sequence(depth)?, anchor)
            }
            Event::MappingStart(anchor, tag) => {
                require_tag(tag, "map", "mapping", span)?;
                self.begin(anchor);
                (self.mapping(depth)?, anchor)
            }
            _ => return Err(at(span, "a value is required")),
        };
        let size = self.values - before;
        if anchor > 0 {
            self.anchors.insert(anchor, Some((value.clone(), size)));
        }
        Ok((value, size))
    }

    fn begin(&mut self, anchor: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, None);
        }
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(Value, usize), DecodeError> {
        match self.anchors.get(&anchor).cloned() {
            Some(Some((value, size))) => {
                self.count(size, span)?;
                Ok((value, size))
            }
            Some(None) => Err(at(
                span,
                "cannot refer to an anchor from inside its own definition",
            )),
            None => Err(at(span, "reference to undefined anchor")),
        }
    }

    fn sequence(&mut self, depth: usize) -> Result<Value, DecodeError> {
        let mut items = Vec::new();
        loop {
            let event = self.next()?;
            if let Event::SequenceEnd = event.0 {
                return Ok(Value::tuple(items));
            }
            items.push(self.value(event, depth + 1)?.0);
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<Value, DecodeError> {
        let mut entries = ValueMap::new();
        loop {
            let (event, span) = self.next()?;
            let (text, style, tag) = match event {
                Event::MappingEnd => return Ok(Value::object(entries)),
                Event::Scalar(text, style, _, tag) => (text, style, tag),
                _ => return Err(at(span, "only strings are allowed as mapping keys")),
            };
            let tag = tag.as_deref().map(full_tag).unwrap_or_default();
            let key = resolve(&tag, &text, is_quoted(style)).map_err(|m| at(span, m))?;
            let event = self.next()?;
            let (value, _) = self.value(event, depth + 1)?;
            match key {
                Scalar::Merge => match value.kind() {
                    Kind::Object(merged) => {
                        entries.extend(merged.iter().map(|(k, v)| (k.clone(), v.clone())));
                    }
                    _ => {
                        let kind = value.ty().friendly_name();
                        return Err(at(span, format!("cannot merge {kind} into mapping")));
                    }
                },
                Scalar::Value(key) => {
                    entries.insert(name(&key, span)?, value);
                }
            }
        }
    }
}

fn name(key: &Value, span: Span) -> Result<Arc<str>, DecodeError> {
    if key.is_null() {
        return Err(at(span, "mapping key cannot be null"));
    }
    match convert(key, &Type::String).map(Value::into_kind) {
        Ok(Kind::String(name)) => Ok(name),
        _ => Err(at(span, "only strings are allowed as mapping keys")),
    }
}

fn is_quoted(style: ScalarStyle) -> bool {
    matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted)
}

fn full_tag(tag: &Tag) -> String {
    format!("{}{}", tag.handle, tag.suffix)
}

fn require_tag(
    tag: Option<Cow<'_, Tag>>,
    wanted: &str,
    what: &str,
    span: Span,
) -> Result<(), DecodeError> {
    match tag.as_deref().map(full_tag) {
        Some(tag) if tag != format!("tag:yaml.org,2002:{wanted}") => {
            Err(at(span, format!("can't interpret {what} as {tag}")))
        }
        _ => Ok(()),
    }
}

fn scalar(
    text: &str,
    style: ScalarStyle,
    tag: Option<&Tag>,
    span: Span,
) -> Result<Value, DecodeError> {
    let full = tag.map(full_tag).unwrap_or_default();
    let value = match resolve(&full, text, is_quoted(style)).map_err(|m| at(span, m))? {
        // In any place but a key it is just text.
        Scalar::Merge => Value::string("<<"),
        Scalar::Value(value) => value,
    };
    // A block of text is a string, though its content is read as plain text is.
    match tag.is_none() && matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
        true => convert(&value, &Type::String).map_err(|e| at(span, e.message)),
        false => Ok(value),
    }
}
