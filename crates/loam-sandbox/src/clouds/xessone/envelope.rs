//! Answers: `{"success": true, "data": …}`, lists with `meta` beside `data`, errors with a code by status.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value, json};

use crate::api::{self, ApiRequest};
use crate::fields::FieldError;
use crate::store::StoreError;

/// Entries of a page unless asked otherwise, when paging was asked for at all.
const PER_PAGE: usize = 50;
/// Entries of a page at most, and without paging.
const MOST: usize = 100;

/// A successful answer.
#[derive(Debug)]
pub struct Success {
    data: Value,
    meta: Option<Value>,
}

/// A refusal: status, code, text.
#[derive(Debug)]
pub struct Refusal {
    status: u16,
    code: &'static str,
    message: String,
}

/// Why an endpoint has no successful answer.
#[derive(Debug)]
pub enum Failure {
    /// The API refuses.
    Refused(Refusal),
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
        refuse(400, error.sentence())
    }
}

/// What an endpoint returns.
pub type Answer = Result<Success, Failure>;

/// One object.
pub fn data(data: Value) -> Success {
    Success { data, meta: None }
}

/// The part of a list that the query asks for.
pub fn page(request: &ApiRequest, all: Vec<Value>) -> Answer {
    let number = |name: &str| match request.query(name) {
        None => Ok(None),
        Some(text) => match text.parse::<usize>() {
            Ok(number) if number > 0 => Ok(Some(number)),
            _ => Err(refuse(400, format!("{name} must be a whole number from 1"))),
        },
    };
    let (page, per_page) = (number("page")?, number("per_page")?);
    let size = match (page, per_page) {
        (None, None) => MOST,
        (_, size) => size.unwrap_or(PER_PAGE).min(MOST),
    };
    let page = page.unwrap_or(1);
    let total = all.len();
    let data: Vec<Value> = all
        .into_iter()
        .skip((page - 1).saturating_mul(size))
        .take(size)
        .collect();
    let meta = json!({"page": page, "per_page": size, "total": total, "total_pages": total.div_ceil(size).max(1)});
    Ok(Success {
        data: Value::Array(data),
        meta: Some(meta),
    })
}

/// A refusal with the code of its status.
pub fn refuse(status: u16, message: impl Into<String>) -> Failure {
    Failure::Refused(Refusal {
        status,
        code: code(status),
        message: message.into(),
    })
}

/// A refusal with a code of its own.
pub fn refuse_with(status: u16, code: &'static str, message: impl Into<String>) -> Failure {
    Failure::Refused(Refusal {
        status,
        code,
        message: message.into(),
    })
}

/// No such route.
pub fn no_route() -> Failure {
    refuse(404, "There is no such endpoint")
}

fn code(status: u16) -> &'static str {
    match status {
        400 => "bad_request",
        401 => "unauthorized",
        403 => "forbidden",
        404 => "not_found",
        429 => "rate_limited",
        _ => "server_error",
    }
}

/// An error body with the code of its status.
pub fn error_body(status: u16, message: &str) -> Value {
    json!({"success": false, "error": {"code": code(status), "message": message}})
}

/// The response for an answer.
pub fn render(answer: Answer) -> Response {
    match answer {
        Ok(success) => {
            let mut body = Map::new();
            body.insert("success".to_owned(), Value::Bool(true));
            body.insert("data".to_owned(), success.data);
            if let Some(meta) = success.meta {
                body.insert("meta".to_owned(), meta);
            }
            api::json(StatusCode::OK, &Value::Object(body))
        }
        Err(Failure::Refused(refusal)) => api::json(
            StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_REQUEST),
            &json!({"success": false, "error": {"code": refusal.code, "message": refusal.message}}),
        ),
        Err(Failure::Store(error)) => api::broken(&error),
    }
}
