//! Reading `multipart/form-data`, as far as the one upload of this API needs it.

use crate::api::ApiRequest;

/// A part of a form.
#[derive(Debug, PartialEq, Eq)]
pub struct Part {
    /// Name of the field.
    pub name: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// The parts of a request's body; none when it is not such a form.
pub fn parts(request: &ApiRequest) -> Vec<Part> {
    let kind = request.header("content-type").unwrap_or_default();
    let boundary = kind
        .split(';')
        .find_map(|word| word.trim().strip_prefix("boundary="));
    match boundary {
        Some(boundary) => split(&request.body, boundary.trim_matches('"')),
        None => Vec::new(),
    }
}

fn split(body: &[u8], boundary: &str) -> Vec<Part> {
    let delimiter = format!("\r\n--{boundary}");
    // The first delimiter has no line before it.
    let mut rest = [b"\r\n", body].concat();
    let mut parts = Vec::new();
    while let Some(start) = position(&rest, delimiter.as_bytes()) {
        let after = rest.split_off(start + delimiter.len());
        let Some(content) = after.strip_prefix(b"\r\n") else {
            break;
        };
        let end = position(content, delimiter.as_bytes()).unwrap_or(content.len());
        parts.extend(content.get(..end).and_then(part));
        rest = content.to_vec();
    }
    parts
}

fn part(bytes: &[u8]) -> Option<Part> {
    let end = position(bytes, b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(bytes.get(..end)?).into_owned();
    let (_, after) = head.split_once("name=\"")?;
    let name = after.split('"').next()?.to_owned();
    Some(Part {
        name,
        content: bytes.get(end + 4..)?.to_vec(),
    })
}

fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_files() {
        let body = "--X\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\ntiny\r\n--X\r\n\
            Content-Disposition: form-data; name=\"file\"; filename=\"a.iso\"\r\nContent-Type: x/y\r\n\r\n\
            line\r\n\r\nline\r\n--X--\r\n";
        let expected =
            [("name", "tiny"), ("file", "line\r\n\r\nline")].map(|(name, content)| Part {
                name: name.to_owned(),
                content: content.as_bytes().to_vec(),
            });
        assert_eq!(split(body.as_bytes(), "X"), expected);
        assert_eq!(split(b"nonsense", "X"), []);
        assert_eq!(split(b"--X\r\nno head", "X"), []);
    }
}
