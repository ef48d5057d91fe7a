//! Reading the fields of a JSON request body, with the types they must have.
//!
//! Absent and null are the same. What a wrong field means (status, code, envelope) is each cloud's business.

use serde_json::{Map, Value};

use crate::api::ApiRequest;

/// A body or a field that is not what it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field; empty when the whole body is wrong.
    pub field: String,
    /// What is wrong, without the name of the field: `must be a string`.
    pub problem: String,
}

impl FieldError {
    /// A field with a problem.
    pub fn new(field: &str, problem: impl Into<String>) -> FieldError {
        FieldError {
            field: field.to_owned(),
            problem: problem.into(),
        }
    }

    /// The problem with the name of its field.
    pub fn sentence(&self) -> String {
        if self.field.is_empty() {
            self.problem.clone()
        } else {
            format!("{} {}", self.field, self.problem)
        }
    }
}

/// The fields of a request body.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    map: Map<String, Value>,
}

impl Fields {
    /// The body as an object; an empty body has no fields.
    pub fn of(request: &ApiRequest) -> Result<Fields, FieldError> {
        match request.json() {
            Ok(Value::Object(map)) => Ok(Fields { map }),
            Ok(Value::Null) => Ok(Fields::default()),
            Ok(_) => Err(FieldError::new("", "the body must be a JSON object")),
            Err(error) => Err(FieldError::new(
                "",
                format!("the body is not JSON: {error}"),
            )),
        }
    }

    /// The fields of an object inside a body.
    pub fn inside(field: &str, value: &Value) -> Result<Fields, FieldError> {
        match value {
            Value::Object(map) => Ok(Fields { map: map.clone() }),
            _ => Err(FieldError::new(field, "must be an object")),
        }
    }

    /// The value, unless absent or null.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    /// Whether the key is there, even with null.
    pub fn has(&self, name: &str) -> bool {
        self.map.contains_key(name)
    }

    /// The names of all keys, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.map.keys().map(String::as_str)
    }

    /// An optional string.
    pub fn text(&self, name: &str) -> Result<Option<&str>, FieldError> {
        self.get(name)
            .map(|value| {
                value
                    .as_str()
                    .ok_or_else(|| FieldError::new(name, "must be a string"))
            })
            .transpose()
    }

    /// A string that must be there and not be empty.
    pub fn required_text(&self, name: &str) -> Result<&str, FieldError> {
        self.text(name)?
            .filter(|text| !text.is_empty())
            .ok_or_else(|| FieldError::new(name, "is required"))
    }

    /// An optional whole number.
    pub fn int(&self, name: &str) -> Result<Option<i64>, FieldError> {
        self.get(name)
            .map(|value| {
                value
                    .as_i64()
                    .ok_or_else(|| FieldError::new(name, "must be a whole number"))
            })
            .transpose()
    }

    /// A whole number that must be there.
    pub fn required_int(&self, name: &str) -> Result<i64, FieldError> {
        self.int(name)?
            .ok_or_else(|| FieldError::new(name, "is required"))
    }

    /// An optional truth value.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, FieldError> {
        self.get(name)
            .map(|value| {
                value
                    .as_bool()
                    .ok_or_else(|| FieldError::new(name, "must be true or false"))
            })
            .transpose()
    }

    /// A truth value that must be there.
    pub fn required_flag(&self, name: &str) -> Result<bool, FieldError> {
        self.flag(name)?
            .ok_or_else(|| FieldError::new(name, "is required"))
    }

    /// An optional list.
    pub fn list(&self, name: &str) -> Result<Option<&[Value]>, FieldError> {
        self.get(name)
            .map(|value| {
                value
                    .as_array()
                    .map(Vec::as_slice)
                    .ok_or_else(|| FieldError::new(name, "must be a list"))
            })
            .transpose()
    }

    /// An optional list of strings.
    pub fn texts(&self, name: &str) -> Result<Option<Vec<String>>, FieldError> {
        let wrong = || FieldError::new(name, "must be a list of strings");
        let Some(list) = self.list(name).map_err(|_| wrong())? else {
            return Ok(None);
        };
        list.iter()
            .map(|item| item.as_str().map(str::to_owned).ok_or_else(wrong))
            .collect::<Result<_, _>>()
            .map(Some)
    }
}
