//! Functions of encodings: Base64, gzip, character sets, URLs.

use std::io::{Read, Write};

use loam_value::Value;

use super::argument::{MAX_STRING, check_length, quoted, shown, str, value};
use super::signature::{function, returns_string, string};
use super::{base64, charset};
use crate::{CallContext, Function, FunctionError};

type Result<T = Value> = std::result::Result<T, FunctionError>;

const ENCODING: &str = "The name of a character set as registered with IANA, such as `UTF-16LE`.";

pub(super) fn all() -> Vec<Function> {
    vec![
        function(
            "base64decode",
            "`base64decode` decodes Base64 to a string, which has to be valid UTF-8.",
            vec![string("str", "The Base64 text.").marked()],
            returns_string,
            base64decode,
        ),
        function(
            "base64encode",
            "`base64encode` encodes the UTF-8 bytes of a string as Base64.",
            vec![string("str", "The string to encode.")],
            returns_string,
            |_, a| Ok(Value::string(base64::encode(str(a, 0)?.as_bytes()))),
        ),
        function(
            "base64gzip",
            "`base64gzip` compresses a string with gzip and encodes the result as Base64.",
            vec![string("str", "The string to compress.")],
            returns_string,
            base64gzip,
        ),
        function(
            "base64gunzip",
            "`base64gunzip` decodes Base64 and decompresses the result with gzip.",
            vec![string("str", "Base64 of data compressed with gzip.").marked()],
            returns_string,
            base64gunzip,
        ),
        function(
            "textdecodebase64",
            "`textdecodebase64` decodes Base64 to bytes and reads these as text in a character set.",
            vec![
                string("source", "The Base64 text."),
                string("encoding", ENCODING),
            ],
            returns_string,
            textdecodebase64,
        ),
        function(
            "textencodebase64",
            "`textencodebase64` writes text in a character set and encodes the bytes as Base64.",
            vec![
                string("string", "The text to encode."),
                string("encoding", ENCODING),
            ],
            returns_string,
            textencodebase64,
        ),
        function(
            "urldecode",
            "`urldecode` decodes percent encoding, as query strings of URLs have it.",
            vec![string("str", "The encoded text.")],
            returns_string,
            urldecode,
        ),
        function(
            "urlencode",
            "`urlencode` encodes a string so that it can stand in the query string of a URL.",
            vec![string("str", "The string to encode.")],
            returns_string,
            |_, a| Ok(Value::string(url_escape(str(a, 0)?))),
        ),
    ]
}

fn base64decode(_: &CallContext, args: &[Value]) -> Result {
    let arg = value(args, 0)?;
    let text = str(args, 0)?;
    let bytes = base64::decode(text).ok_or_else(|| {
        FunctionError::blame(
            0,
            format!("failed to decode base64 data {}", shown(text, arg)),
        )
    })?;
    utf8(bytes)
        .map(|s| Value::string(s).with_marks(arg.marks()))
        .map_err(|e| FunctionError::blame(0, e))
}

fn utf8(bytes: Vec<u8>) -> std::result::Result<String, &'static str> {
    String::from_utf8(bytes)
        .map_err(|_| "the result of decoding the provided string is not valid UTF-8")
}

fn base64gzip(_: &CallContext, args: &[Value]) -> Result {
    let failed = |e: std::io::Error| FunctionError::call(format!("failed to compress: {e}"));
    let mut writer = flate2::GzBuilder::new()
        .operating_system(255)
        .write(Vec::new(), flate2::Compression::new(6));
    writer.write_all(str(args, 0)?.as_bytes()).map_err(failed)?;
    let bytes = writer.finish().map_err(failed)?;
    Ok(Value::string(base64::encode(&bytes)))
}

fn base64gunzip(_: &CallContext, args: &[Value]) -> Result {
    let arg = value(args, 0)?;
    let text = str(args, 0)?;
    let bytes = base64::decode(text).ok_or_else(|| {
        FunctionError::blame(
            0,
            format!("failed to decode base64 data {}", shown(text, arg)),
        )
    })?;
    let mut out = Vec::new();
    flate2::read::MultiGzDecoder::new(bytes.as_slice())
        .take(MAX_STRING as u64 + 1)
        .read_to_end(&mut out)
        .map_err(|e| FunctionError::argument(0, format!("failed to decompress gzip data: {e}")))?;
    check_length(Some(out.len()))?;
    utf8(out)
        .map(|s| Value::string(s).with_marks(arg.marks()))
        .map_err(|e| FunctionError::argument(0, e))
}

fn charset_of(args: &[Value]) -> Result<charset::Charset> {
    let name = str(args, 1)?;
    charset::Charset::by_name(name).ok_or_else(|| {
        FunctionError::argument(
            1,
            format!(
                "{} is not a supported IANA encoding name or alias",
                quoted(name)
            ),
        )
    })
}

fn textencodebase64(_: &CallContext, args: &[Value]) -> Result {
    let charset = charset_of(args)?;
    let bytes = charset.encode(str(args, 0)?).ok_or_else(|| {
        FunctionError::argument(
            0,
            format!(
                "the given string contains characters that cannot be represented in {}",
                charset.name()
            ),
        )
    })?;
    Ok(Value::string(base64::encode(&bytes)))
}

fn textdecodebase64(_: &CallContext, args: &[Value]) -> Result {
    let charset = charset_of(args)?;
    let bytes = base64::decode(str(args, 0)?).ok_or_else(|| {
        FunctionError::argument(0, "the given value has an invalid base64 symbol")
    })?;
    charset.decode(&bytes).map(Value::string).ok_or_else(|| {
        FunctionError::argument(
            0,
            format!(
                "the given string contains symbols that are not defined for {}",
                charset.name()
            ),
        )
    })
}

fn url_escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for b in text.bytes() {
        match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(b));
            }
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{b:02X}")),
        }
    }
    out
}

fn urldecode(_: &CallContext, args: &[Value]) -> Result {
    let mut bytes = str(args, 0)?.bytes();
    let mut out = Vec::new();
    while let Some(b) = bytes.next() {
        match b {
            b'+' => out.push(b' '),
            b'%' => {
                let high = bytes.next().and_then(hex);
                let low = bytes.next().and_then(hex);
                let (Some(high), Some(low)) = (high, low) else {
                    return Err(FunctionError::argument(
                        0,
                        "a percent sign has to be followed by two hexadecimal digits",
                    ));
                };
                out.push(high << 4 | low);
            }
            _ => out.push(b),
        }
    }
    utf8(out)
        .map(Value::string)
        .map_err(|e| FunctionError::argument(0, e))
}

fn hex(b: u8) -> Option<u8> {
    char::from(b)
        .to_digit(16)
        .and_then(|d| u8::try_from(d).ok())
}
