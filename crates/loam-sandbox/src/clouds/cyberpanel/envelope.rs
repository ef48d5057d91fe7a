//! The envelope of every answer, and the error codes of the API.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value, json};

use crate::api;
use crate::store::StoreError;

/// A successful answer: `data`, which is always an object, and an optional message.
#[derive(Debug)]
pub struct Success {
    data: Value,
    message: Option<&'static str>,
}

impl Success {
    /// Adds the optional message.
    pub fn message(mut self, message: &'static str) -> Success {
        self.message = Some(message);
        self
    }
}

/// A successful answer without a message.
pub fn data(data: Value) -> Success {
    Success {
        data,
        message: None,
    }
}

/// An error as the API answers it.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    error: &'static str,
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

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        Failure::Refused(refusal)
    }
}

/// What an endpoint returns.
pub type Answer = Result<Success, Failure>;

/// An error with its documented status, short text and code.
pub fn refusal(code: &'static str, message: impl Into<String>) -> Refusal {
    let (status, error) = documented(code);
    Refusal {
        status,
        error,
        code,
        message: message.into(),
    }
}

/// No such route.
pub fn not_found() -> Refusal {
    refusal("NOT_FOUND", "There is no such endpoint")
}

/// A body or a parameter that has no code of its own.
pub fn invalid(message: impl Into<String>) -> Refusal {
    refusal("VALIDATION_ERROR", message)
}

/// Status and short text of each code.
fn documented(code: &str) -> (StatusCode, &'static str) {
    match code {
        "NO_API_KEY" => (StatusCode::UNAUTHORIZED, "API key required"),
        "INVALID_API_KEY" => (StatusCode::UNAUTHORIZED, "Invalid API key"),
        "EXPIRED_API_KEY" => (StatusCode::UNAUTHORIZED, "Expired API key"),
        "INACTIVE_API_KEY" => (StatusCode::UNAUTHORIZED, "Inactive API key"),
        "IP_NOT_ALLOWED" => (StatusCode::FORBIDDEN, "IP address not allowed"),
        "INSUFFICIENT_SCOPE" => (StatusCode::FORBIDDEN, "Insufficient scope"),
        "RATE_LIMIT_EXCEEDED" => (StatusCode::TOO_MANY_REQUESTS, "Rate limit exceeded"),
        "VPS_NOT_FOUND" => (StatusCode::NOT_FOUND, "VPS not found"),
        "KEY_NOT_FOUND" => (StatusCode::NOT_FOUND, "API key not found"),
        "NOT_FOUND" => (StatusCode::NOT_FOUND, "Not found"),
        "VPS_SUSPENDED" => (StatusCode::FORBIDDEN, "VPS suspended"),
        "ORDERING_DISABLED" => (StatusCode::FORBIDDEN, "Ordering disabled"),
        "VPS_DELETED" => (StatusCode::BAD_REQUEST, "VPS deleted"),
        "VPS_ALREADY_DELETED" => (StatusCode::BAD_REQUEST, "VPS already deleted"),
        "PLAN_NOT_FOUND" => (StatusCode::BAD_REQUEST, "Plan not found"),
        "LOCATION_NOT_FOUND" => (StatusCode::BAD_REQUEST, "Location not found"),
        "INVALID_TEMPLATE" => (StatusCode::BAD_REQUEST, "Invalid template"),
        "MISSING_FIELDS" => (StatusCode::BAD_REQUEST, "Missing fields"),
        "INVALID_HOSTNAME" => (StatusCode::BAD_REQUEST, "Invalid hostname"),
        "PASSWORD_TOO_SHORT" => (StatusCode::BAD_REQUEST, "Password too short"),
        "PASSWORD_TOO_LONG" => (StatusCode::BAD_REQUEST, "Password too long"),
        "PASSWORD_WEAK" => (StatusCode::BAD_REQUEST, "Weak password"),
        "INSUFFICIENT_BALANCE" => (StatusCode::BAD_REQUEST, "Insufficient balance"),
        "VALIDATION_ERROR" => (StatusCode::BAD_REQUEST, "Validation error"),
        "START_FAILED" => (StatusCode::INTERNAL_SERVER_ERROR, "Start failed"),
        "STOP_FAILED" => (StatusCode::INTERNAL_SERVER_ERROR, "Stop failed"),
        "RESTART_FAILED" => (StatusCode::INTERNAL_SERVER_ERROR, "Restart failed"),
        "DELETE_FAILED" => (StatusCode::INTERNAL_SERVER_ERROR, "Delete failed"),
        "STATUS_FAILED" => (StatusCode::INTERNAL_SERVER_ERROR, "Status failed"),
        "CONSOLE_FAILED" => (StatusCode::INTERNAL_SERVER_ERROR, "Console failed"),
        _ => (StatusCode::INTERNAL_SERVER_ERROR, "Internal error"),
    }
}

/// The response for an answer of the API.
pub fn render(answer: Result<Success, Refusal>) -> Response {
    match answer {
        Ok(success) => {
            let mut body = Map::new();
            body.insert("success".to_owned(), Value::Bool(true));
            body.insert("data".to_owned(), success.data);
            if let Some(message) = success.message {
                body.insert("message".to_owned(), message.into());
            }
            api::json(StatusCode::OK, &Value::Object(body))
        }
        Err(refusal) => api::json(
            refusal.status,
            &json!({
                "success": false,
                "error": refusal.error,
                "error_code": refusal.code,
                "message": refusal.message,
            }),
        ),
    }
}

/// The response for an endpoint's outcome.
pub fn respond(answer: Answer) -> Result<Response, StoreError> {
    match answer {
        Ok(success) => Ok(render(Ok(success))),
        Err(Failure::Refused(refusal)) => Ok(render(Err(refusal))),
        Err(Failure::Store(error)) => Err(error),
    }
}

/// An error body that fits a status, for faults.
pub fn typical_error(status: u16) -> Value {
    let (error, code) = match status {
        400 => ("Validation error", "VALIDATION_ERROR"),
        401 => ("Invalid API key", "INVALID_API_KEY"),
        403 => ("Insufficient scope", "INSUFFICIENT_SCOPE"),
        404 => ("VPS not found", "VPS_NOT_FOUND"),
        429 => ("Rate limit exceeded", "RATE_LIMIT_EXCEEDED"),
        _ => ("Internal error", "INTERNAL_ERROR"),
    };
    json!({"success": false, "error": error, "error_code": code, "message": "This answer is a fault that was asked for"})
}

/// `limit` and `offset` of a paged list.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// Most entries wanted; 50 unless given, 100 at most.
    pub limit: usize,
    /// Entries to skip.
    pub offset: usize,
}

impl Page {
    /// Reads `limit` and `offset`; a larger limit than 100 counts as 100.
    pub fn from_query(request: &api::ApiRequest) -> Result<Page, Refusal> {
        let number = |name: &str, default: usize| match request.query(name) {
            None => Ok(default),
            Some(text) => text
                .parse::<usize>()
                .map_err(|_| invalid(format!("`{name}` must be a whole number"))),
        };
        let limit = number("limit", 50)?;
        if limit == 0 {
            return Err(invalid("`limit` must be at least 1"));
        }
        Ok(Page {
            limit: limit.min(100),
            offset: number("offset", 0)?,
        })
    }

    /// The `pagination` object for a list of `total` entries.
    pub fn describe(self, total: usize) -> Value {
        json!({
            "total": total,
            "limit": self.limit,
            "offset": self.offset,
            "has_more": self.offset.saturating_add(self.limit) < total,
        })
    }
}
