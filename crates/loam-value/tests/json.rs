//! JSON by example.

#![allow(clippy::unwrap_used)]

use loam_value::codec::json::{decode, decode_typed, encode, encode_typed, quote};
use loam_value::codec::ty;
use loam_value::{Number, Type, Value};

fn round(text: &str) -> String {
    encode(&decode(text).unwrap()).unwrap()
}

#[test]
fn digits_and_strings() {
    assert_eq!(
        round("[1e5, -0.10, 9007199254740993, 1E-2]"),
        "[100000,-0.1,9007199254740993,0.01]"
    );
    assert_eq!(
        round(r#" {"b" : "x", "a": [true, null, {}]} "#),
        r#"{"a":[true,null,{}],"b":"x"}"#
    );
    assert_eq!(
        quote("\u{8}\u{c}\n\r\t\u{1}\u{7f}\u{2028}<&>\"\\/é😀"),
        "\"\\b\\f\\n\\r\\t\\u0001\u{7f}\\u2028\\u003c\\u0026\\u003e\\\"\\\\/é😀\""
    );
    assert_eq!(
        round(r#""\ud83d\ude00\u00e9\ud800x\/""#),
        "\"😀é\u{fffd}x/\""
    );
    // Strings are brought to normalization form C, names too.
    assert_eq!(round("{\"e\u{301}\":\"e\u{301}\"}"), "{\"é\":\"é\"}");
}

#[test]
fn doubles_of_a_name() {
    assert_eq!(round(r#"{"a":1,"a":"x"}"#), r#"{"a":"x"}"#);
    assert_eq!(round(r#"{"a":"5","a":1}"#), r#"{"a":1}"#);
    assert!(decode(r#"{"a":"x","a":1}"#).is_err());
    assert!(decode(r#"{"a":[1],"a":1}"#).is_err());
}

#[test]
fn what_may_follow() {
    assert_eq!(round("1]"), "1");
    assert_eq!(round("{\"a\":1}}"), "{\"a\":1}");
    for text in ["1 2", "01", "1,", "nullx", "[1],[2]"] {
        assert_eq!(
            decode(text).unwrap_err().message,
            "extraneous data after JSON object",
            "{text}"
        );
    }
}

#[test]
fn refused() {
    for (text, message) in [
        ("", "the text is empty, a JSON value is required"),
        ("tru", "unexpected end of JSON text"),
        ("trux", "invalid character 'x' in literal true"),
        (
            "[1,2,]",
            "invalid character ']' looking for beginning of value",
        ),
        ("[1 2]", "invalid character '2' after array element"),
        ("{\"a\" 1}", "invalid character '1' after object key"),
        (
            "{a:1}",
            "invalid character 'a' looking for beginning of object key string",
        ),
        ("\"a\nb\"", "invalid character '\\n' in string literal"),
        ("\"\\x\"", "invalid character 'x' in string escape code"),
        ("[1", "unexpected end of JSON text"),
        ("1.", "unexpected end of JSON text"),
        ("-a", "invalid character 'a' in numeric literal"),
    ] {
        assert_eq!(decode(text).unwrap_err().message, message, "{text}");
    }
    assert!(
        decode("1e999999999")
            .unwrap_err()
            .message
            .contains("exponent")
    );
    let unknown = Value::tuple(vec![Value::int(1), Value::unknown(Type::String)]);
    assert_eq!(
        encode(&unknown).unwrap_err().to_string(),
        "[1]: value is not known"
    );
    let infinite = Value::number(Number::parse("Inf").unwrap());
    assert!(encode(&infinite).is_err());
}

#[test]
fn typed() {
    let constraint = Type::object([("a", Type::list(Type::Number)), ("b", Type::Dynamic)]);
    let value = Value::object_of([
        ("a", Value::list(Type::Number, vec![Value::int(1)])),
        ("b", Value::set(Type::String, vec![Value::string("x")])),
    ]);
    let text = r#"{"a":[1],"b":{"value":["x"],"type":["set","string"]}}"#;
    assert_eq!(encode_typed(&value, &constraint).unwrap(), text);
    assert_eq!(decode_typed(text, &constraint).unwrap(), value);
    let partial = decode_typed("{}", &constraint).unwrap();
    assert!(partial.get("a").unwrap().is_null());
    assert_eq!(
        decode_typed(r#"{"c":1}"#, &constraint).unwrap_err().message,
        "unsupported attribute \"c\""
    );
    assert!(decode_typed("[1]x", &Type::list(Type::Number)).is_err());
}

#[test]
fn types() {
    for text in [
        r#""dynamic""#,
        r#"["map",["list","number"]]"#,
        r#"["object",{"a":"bool","b":["tuple",[]]},["b"]]"#,
        r#"["object",{}]"#,
    ] {
        assert_eq!(ty::encode(&ty::decode(text).unwrap()), text);
    }
    for text in [
        "\"int\"",
        "[]",
        "[\"list\"]",
        "[\"object\",{},[\"x\"]]",
        "1",
        "[\"list\",\"string\",1]",
    ] {
        assert!(ty::decode(text).is_err(), "{text}");
    }
}
