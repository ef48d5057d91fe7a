//! From a described request and the values of its names to a [`Call`].

use loam_diag::Diagnostics;
use loam_value::Value;

use crate::client::{Body, Call};
use crate::description::Request;
use crate::expression::{Names, text_of};
use crate::form::Form;
use crate::json;

/// Builds a call. `secrets` are texts that messages about it must not show.
pub(crate) fn call(
    request: &Request,
    names: &Names,
    secrets: &[String],
) -> Result<Call, Diagnostics> {
    let path = request.path.eval(names)?;
    let mut query = Vec::new();
    if let Some(q) = &request.query {
        let value = q.eval(names)?;
        for (name, v) in value.entries().into_iter().flatten() {
            query.extend(query_values(name, v));
        }
    }
    let body = match (&request.body, &request.form) {
        (Some(b), _) => Some(Body::Json(json::encode(
            &b.eval(names)?,
            request.keep_nulls,
        ))),
        (None, Some(f)) => Some(Body::Form(Form::new(&f.eval(names)?, f.span())?)),
        (None, None) => None,
    };
    Ok(Call {
        method: request.method.clone(),
        path,
        query,
        body,
        accept_text: request.accept_text.clone(),
        idempotent: request.idempotent,
        permission: request.permission.clone(),
        accept: request.accept.clone(),
        hints: request.hints.clone(),
        secrets: secrets.to_vec(),
        span: request.span,
    })
}

/// A parameter once, or once for each element of a list; not at all for null.
fn query_values(name: &str, value: &Value) -> Vec<(String, String)> {
    let one = std::slice::from_ref(value);
    let values = value.elements().unwrap_or(one);
    let texts = values.iter().filter_map(text_of);
    texts.map(|t| (name.to_owned(), t)).collect()
}
