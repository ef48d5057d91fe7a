//! Answers: JSON with a status, or an empty body; errors as a list with negative codes.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value, json};

use crate::api;
use crate::fields::FieldError;
use crate::store::StoreError;

/// The body is missing or cannot be read.
pub const NO_BODY: i32 = -2002;
/// Another change of the same object is under way.
pub const CONCURRENT: i32 = -4000;
/// The record exists already.
pub const RECORD_EXISTS: i32 = -5542;
/// There is no such location.
pub const NO_LOCATION: i32 = -8049;
/// A bandwidth outside the limits.
pub const BANDWIDTH: i32 = -12_041;
/// The network still has servers or gateways.
pub const NETWORK_IN_USE: i32 = -19_511;
/// The affinity group still has servers.
pub const GROUP_IN_USE: i32 = -19_619;
/// The server or gateway is busy.
pub const BUSY: i32 = -19_803;
/// Validation errors whose numbers are not published (this number is invented).
pub const INVALID: i32 = -2000;
/// Unknown objects (this number is invented).
const NOT_FOUND: i32 = -2404;

/// A successful answer.
#[derive(Debug)]
pub struct Success {
    status: StatusCode,
    body: Option<Value>,
}

/// Why an endpoint has no successful answer.
#[derive(Debug)]
pub enum Failure {
    /// The API refuses.
    Refused {
        /// HTTP status.
        status: StatusCode,
        /// Negative number.
        code: i32,
        /// For people.
        message: String,
        /// Names and values.
        params: Vec<(&'static str, Value)>,
    },
    /// The sandbox's database failed.
    Store(StoreError),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        Failure::Store(error)
    }
}

impl From<FieldError> for Failure {
    fn from(error: FieldError) -> Failure {
        let code = if error.field.is_empty() {
            NO_BODY
        } else {
            INVALID
        };
        refuse(code, error.sentence())
    }
}

/// What an endpoint returns.
pub type Answer = Result<Success, Failure>;

/// 200 with a body.
pub fn ok(body: Value) -> Answer {
    Ok(Success {
        status: StatusCode::OK,
        body: Some(without_nulls(body)),
    })
}

/// 201 with a body.
pub fn created(body: Value) -> Answer {
    Ok(Success {
        status: StatusCode::CREATED,
        body: Some(without_nulls(body)),
    })
}

/// 200 without a body.
pub fn empty() -> Answer {
    Ok(Success {
        status: StatusCode::OK,
        body: None,
    })
}

/// 400 with a code.
pub fn refuse(code: i32, message: impl Into<String>) -> Failure {
    refuse_with(code, message, Vec::new())
}

/// 400 with a code and parameters.
pub fn refuse_with(
    code: i32,
    message: impl Into<String>,
    params: Vec<(&'static str, Value)>,
) -> Failure {
    Failure::Refused {
        status: StatusCode::BAD_REQUEST,
        code,
        message: message.into(),
        params,
    }
}

/// 404.
pub fn not_found(what: &str) -> Failure {
    let message = format!("The {what} was not found");
    Failure::Refused {
        status: StatusCode::NOT_FOUND,
        code: NOT_FOUND,
        message,
        params: Vec::new(),
    }
}

/// What some deletions answer for an object that is gone.
pub fn gone_as_500(what: &str) -> Failure {
    let message = format!("Internal error while deleting the {what}");
    Failure::Refused {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        code: -1,
        message,
        params: Vec::new(),
    }
}

/// A failure with another status.
pub fn with_status(failure: Failure, new: StatusCode) -> Failure {
    match failure {
        Failure::Refused {
            code,
            message,
            params,
            ..
        } => Failure::Refused {
            status: new,
            code,
            message,
            params,
        },
        store => store,
    }
}

/// The server leaves null fields out.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(
                kept.map(|(key, value)| (key, without_nulls(value)))
                    .collect::<Map<_, _>>(),
            )
        }
        Value::Array(list) => list.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

/// The response for an answer.
pub fn render(answer: Answer) -> Response {
    match answer {
        Ok(Success {
            status,
            body: Some(body),
        }) => api::json(status, &body),
        Ok(Success { status, body: None }) => api::empty(status),
        Err(Failure::Refused {
            status,
            code,
            message,
            params,
        }) => {
            let mut error = json!({"code": code, "message": message});
            if !params.is_empty() {
                error["error_params"] = params
                    .into_iter()
                    .map(|(name, value)| json!({"name": name, "value": value}))
                    .collect();
            }
            api::json(status, &json!({"errors": [error]}))
        }
        Err(Failure::Store(error)) => api::broken(&error),
    }
}
