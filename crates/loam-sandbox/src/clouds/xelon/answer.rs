//! Answers in the six shapes of this API, chosen per endpoint, and errors.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

use crate::api::{self, ApiRequest};
use crate::fields::FieldError;
use crate::store::StoreError;

/// Entries of a page unless asked otherwise.
const PER_PAGE: usize = 10;
/// Entries of a page at most.
const MOST: usize = 100;

/// A successful answer.
#[derive(Debug)]
pub enum Success {
    /// JSON of any shape.
    Json(Value),
    /// A file of configuration.
    Yaml(String),
}

/// Why an endpoint has no successful answer.
#[derive(Debug)]
pub enum Failure {
    /// The API refuses with this status and body.
    Refused(StatusCode, Value),
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
        if error.field.is_empty() {
            return Failure::Refused(StatusCode::BAD_REQUEST, json!({"message": error.problem}));
        }
        let text = format!("The {} {}.", error.field, error.problem);
        invalid(&error.field, text)
    }
}

/// What an endpoint returns.
pub type Answer = Result<Success, Failure>;

/// A bare object or a bare array.
pub fn bare(value: impl Into<Value>) -> Answer {
    Ok(Success::Json(value.into()))
}

/// `{"data": …}` alone: an unpaged list, or a wrapped object that is read.
pub fn data(value: impl Into<Value>) -> Answer {
    bare(json!({"data": value.into()}))
}

/// `{"data": …, "message": …}`: a wrapped object that was written.
pub fn written(value: impl Into<Value>, message: &str) -> Answer {
    bare(json!({"data": value.into(), "message": message}))
}

/// `{"message": …}` alone.
pub fn message(text: &str) -> Answer {
    bare(json!({"message": text}))
}

/// A page of a list with `meta`.
pub fn page(request: &ApiRequest, all: Vec<Value>) -> Answer {
    let number = |name: &str| {
        request
            .query(name)
            .and_then(|text| text.parse::<usize>().ok())
            .filter(|number| *number > 0)
    };
    let current = number("page").unwrap_or(1);
    let size = number("perPage").unwrap_or(PER_PAGE).min(MOST);
    let total = all.len();
    let skipped = (current - 1).saturating_mul(size);
    let data: Vec<Value> = all.into_iter().skip(skipped).take(size).collect();
    let from = if data.is_empty() { 0 } else { skipped + 1 };
    let to = if data.is_empty() {
        0
    } else {
        skipped + data.len()
    };
    let meta = json!({
        "total": total,
        "lastPage": total.div_ceil(size).max(1),
        "perPage": size,
        "currentPage": current,
        "from": from,
        "to": to,
    });
    bare(json!({"data": data, "meta": meta}))
}

/// A page of the entries in which one of `fields` contains the query's `search`.
pub fn search(request: &ApiRequest, mut all: Vec<Value>, fields: &[&str]) -> Answer {
    if let Some(wanted) = request
        .query("search")
        .map(str::to_lowercase)
        .filter(|text| !text.is_empty())
    {
        all.retain(|item| {
            fields.iter().any(|field| {
                item.get(field)
                    .and_then(Value::as_str)
                    .is_some_and(|text| text.to_lowercase().contains(&wanted))
            })
        });
    }
    page(request, all)
}

/// 404.
pub fn not_found(what: &str) -> Failure {
    Failure::Refused(
        StatusCode::NOT_FOUND,
        json!({"error": format!("{what} is not found")}),
    )
}

/// 422 for a field.
pub fn invalid(field: &str, text: impl Into<String>) -> Failure {
    let body = json!({"message": "The given data was invalid.", "errors": {field: [text.into()]}});
    Failure::Refused(StatusCode::UNPROCESSABLE_ENTITY, body)
}

/// 422 for the state that something is in.
pub fn conflict(text: impl Into<String>) -> Failure {
    Failure::Refused(
        StatusCode::UNPROCESSABLE_ENTITY,
        json!({"message": text.into()}),
    )
}

/// What reads answer for a moment after a creation.
pub fn not_yet(what: &str) -> Failure {
    Failure::Refused(
        StatusCode::INTERNAL_SERVER_ERROR,
        json!({"error": format!("{what} is not found")}),
    )
}

/// 401.
pub fn unauthorized() -> Failure {
    Failure::Refused(
        StatusCode::UNAUTHORIZED,
        json!({"message": "UNAUTHORIZED_REQUEST"}),
    )
}

/// The response for an answer.
pub fn render(answer: Answer) -> Response {
    match answer {
        Ok(Success::Json(body)) => api::json(StatusCode::OK, &body),
        Ok(Success::Yaml(text)) => {
            let mut response = Response::new(text.into());
            response.headers_mut().insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/yaml"),
            );
            response
        }
        Err(Failure::Refused(status, body)) => api::json(status, &body),
        Err(Failure::Store(error)) => api::broken(&error),
    }
}
