//! Forms with files (`multipart/form-data`), for APIs that take uploads.
//!
//! In: an object of fields. Out: the bytes to send. A field is a text, a number or a bool;
//! a file is an object of `file_name` and `content_base64`. Null leaves a field out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use loam_diag::{Diagnostic, Diagnostics, Span};
use loam_value::Value;

use crate::expression::text_of;

/// A form, encoded.
#[derive(Clone)]
pub(crate) struct Form {
    boundary: String,
    bytes: Vec<u8>,
}

impl Form {
    /// Encodes the fields of an object, files last: some servers read no field after a file.
    pub fn new(fields: &Value, span: Span) -> Result<Form, Diagnostics> {
        let wrong = |name: &str, why: &str| {
            let detail = format!("The field \"{name}\" of the form {why}.");
            Diagnostics::from(Diagnostic::error("A request cannot be built", detail).at(span))
        };
        // Random, so that no content can hold it.
        let boundary: String = rand::random::<[u8; 16]>()
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        let mut form = Form {
            boundary,
            bytes: Vec::new(),
        };
        let mut files = Vec::new();
        for (name, value) in fields.entries().into_iter().flatten() {
            if value.is_null() {
                continue;
            }
            if let Some(text) = text_of(value) {
                form.part(name, None, text.as_bytes());
                continue;
            }
            let text = |key: &str| value.get(key).and_then(|v| v.as_str().map(str::to_owned));
            let (Some(file), Some(content)) = (text("file_name"), text("content_base64")) else {
                return Err(wrong(
                    name,
                    "has to be a text, or an object of file_name and content_base64",
                ));
            };
            let content = BASE64.decode(content.trim());
            files.push((
                name,
                file,
                content.map_err(|_| wrong(name, "is not valid base64"))?,
            ));
        }
        for (name, file, content) in files {
            form.part(name, Some(&file), &content);
        }
        form.line(&format!("--{}--", form.boundary.clone()));
        Ok(form)
    }

    pub fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.bytes.clone()
    }

    fn part(&mut self, name: &str, file: Option<&str>, content: &[u8]) {
        self.line(&format!("--{}", self.boundary.clone()));
        let mut disposition = format!("Content-Disposition: form-data; name=\"{}\"", quoted(name));
        if let Some(file) = file {
            disposition.push_str(&format!("; filename=\"{}\"", quoted(file)));
        }
        self.line(&disposition);
        if file.is_some() {
            self.line("Content-Type: application/octet-stream");
        }
        self.line("");
        self.bytes.extend_from_slice(content);
        self.line("");
    }

    fn line(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
        self.bytes.extend_from_slice(b"\r\n");
    }
}

/// A name between quotes: what would end it or the line is percent-encoded, as browsers do.
fn quoted(text: &str) -> String {
    text.replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_then_files() {
        let file = Value::object_of([
            ("file_name", Value::string("a \"b\".iso")),
            ("content_base64", Value::string("aGk=")),
        ]);
        let fields = Value::object_of([
            ("file", file),
            ("name", Value::string("tiny")),
            ("number", Value::int(7)),
            ("nothing", Value::null(loam_value::Type::String)),
        ]);
        let sources = loam_diag::SourceMap::default();
        let span = Span::new(sources.add("mine.hcl", ""), 0, 0);
        let form = Form::new(&fields, span).unwrap();
        let text = String::from_utf8(form.bytes()).unwrap();
        let text = text.replace(&form.boundary, "B").replace("\r\n", "\n");
        assert_eq!(
            text,
            "--B\nContent-Disposition: form-data; name=\"name\"\n\ntiny\n\
             --B\nContent-Disposition: form-data; name=\"number\"\n\n7\n\
             --B\nContent-Disposition: form-data; name=\"file\"; filename=\"a %22b%22.iso\"\n\
             Content-Type: application/octet-stream\n\nhi\n--B--\n"
        );
        let wrong = Value::object_of([("file", Value::tuple(Vec::new()))]);
        assert!(Form::new(&wrong, span).is_err());
    }
}
