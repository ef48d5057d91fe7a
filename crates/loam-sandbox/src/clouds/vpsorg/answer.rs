//! Answers: bare objects, pages, and errors by text or by field.

use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use serde_json::{Map, Value, json};

use crate::api::{self, ApiRequest};
use crate::fields::FieldError;
use crate::store::StoreError;

use super::PREFIX;

/// Entries of a page unless asked otherwise.
const PAGE_SIZE: usize = 20;
/// Entries of a page at most.
const MOST: usize = 100;

/// A successful answer: status and body, if it has one.
#[derive(Debug)]
pub struct Success {
    status: StatusCode,
    body: Option<Value>,
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
        let mut errors = FieldErrors::default();
        errors.add(error);
        Failure::Refused(StatusCode::BAD_REQUEST, errors.body())
    }
}

/// What an endpoint returns.
pub type Answer = Result<Success, Failure>;

/// 200 with a body.
pub fn ok(body: Value) -> Success {
    Success {
        status: StatusCode::OK,
        body: Some(body),
    }
}

/// 201 with a body.
pub fn created(body: Value) -> Success {
    Success {
        status: StatusCode::CREATED,
        body: Some(body),
    }
}

/// 202 with a text.
pub fn accepted(detail: &str) -> Success {
    Success {
        status: StatusCode::ACCEPTED,
        body: Some(json!({"detail": detail})),
    }
}

/// 204 without a body.
pub fn no_content() -> Success {
    Success {
        status: StatusCode::NO_CONTENT,
        body: None,
    }
}

/// An error with a text.
pub fn detail(status: StatusCode, text: impl Into<String>) -> Failure {
    Failure::Refused(status, json!({"detail": text.into()}))
}

/// No such object.
pub fn not_found() -> Failure {
    detail(StatusCode::NOT_FOUND, "Not found.")
}

/// The object is busy with something else.
pub fn busy(status: &str) -> Failure {
    detail(
        StatusCode::CONFLICT,
        format!("The server is busy: {status}."),
    )
}

/// The path is there but not for this method.
pub fn not_allowed(method: &Method) -> Failure {
    detail(
        StatusCode::METHOD_NOT_ALLOWED,
        format!("Method \"{method}\" not allowed."),
    )
}

/// A path without its slash is redirected, whatever the method; others do not exist.
pub fn no_route(path: &str) -> Response {
    let location = HeaderValue::from_str(&format!("{PREFIX}{path}/"));
    match location {
        Ok(location) if !path.ends_with('/') => {
            let mut response = api::json(StatusCode::MOVED_PERMANENTLY, &json!({}));
            response.headers_mut().insert(header::LOCATION, location);
            response
        }
        _ => render(Err(not_found())),
    }
}

/// Errors of several fields, reported together.
#[derive(Debug, Default)]
pub struct FieldErrors {
    errors: Map<String, Value>,
}

impl FieldErrors {
    /// Adds one.
    pub fn add(&mut self, error: FieldError) {
        let mut text = error.problem;
        if let Some(first) = text.get(..1).map(str::to_uppercase) {
            text.replace_range(..1, &first);
        }
        if error.field.is_empty() {
            self.errors
                .insert("detail".to_owned(), format!("{text}.").into());
        } else {
            self.errors.insert(error.field, json!([format!("{text}.")]));
        }
    }

    /// The value of a field, or its error noted.
    pub fn note<T>(&mut self, outcome: Result<T, FieldError>) -> Option<T> {
        outcome.map_err(|error| self.add(error)).ok()
    }

    /// The refusal.
    pub fn refusal(self) -> Failure {
        Failure::Refused(StatusCode::BAD_REQUEST, self.body())
    }

    fn body(self) -> Value {
        Value::Object(self.errors)
    }
}

/// The page of a list that the query asks for; its neighbours by full URL.
pub fn page(request: &ApiRequest, all: Vec<Value>) -> Answer {
    let number = |name: &str| {
        request
            .query(name)
            .map(|text| text.parse::<usize>().ok().filter(|number| *number > 0))
    };
    let invalid = || detail(StatusCode::NOT_FOUND, "Invalid page.");
    let page = number("page").unwrap_or(Some(1)).ok_or_else(invalid)?;
    let size = number("page_size").flatten().unwrap_or(PAGE_SIZE).min(MOST);
    let count = all.len();
    let pages = count.div_ceil(size).max(1);
    if page > pages {
        return Err(invalid());
    }
    let results: Vec<Value> = all.into_iter().skip((page - 1) * size).take(size).collect();
    let url = |page: usize| {
        let host = request.header("host").unwrap_or("localhost");
        let mut query: String = request
            .query
            .iter()
            .filter(|(name, _)| name != "page")
            .map(|(name, value)| format!("{name}={}&", escape(value)))
            .collect();
        query.push_str(&format!("page={page}"));
        format!("http://{host}{PREFIX}{}?{query}", request.path)
    };
    Ok(ok(json!({
        "count": count,
        "next": (page < pages).then(|| url(page + 1)),
        "previous": (page > 1).then(|| url(page - 1)),
        "results": results,
    })))
}

fn escape(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    value
        .bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

/// The response for an answer.
pub fn render(answer: Answer) -> Response {
    match answer {
        Ok(Success {
            status,
            body: Some(body),
        }) => api::json(status, &body),
        Ok(Success { status, body: None }) => api::empty(status),
        Err(Failure::Refused(status, body)) => api::json(status, &body),
        Err(Failure::Store(error)) => api::broken(&error),
    }
}
