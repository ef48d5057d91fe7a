//! Number arithmetic and printing against recorded results.
//!
//! `number_vectors.txt` holds one operation a line: name, operands, result, separated by
//! tabs. An operand is a text that is parsed, `i:` and an `i64`, or `f:` and an `f64`.

#![allow(clippy::unwrap_used, clippy::panic)]

use loam_value::{Number, NumberFormat, ParseNumberError};
use proptest::prelude::*;

fn operand(text: &str) -> Number {
    if let Some(n) = text.strip_prefix("i:") {
        Number::from_i64(n.parse().unwrap())
    } else if let Some(f) = text.strip_prefix("f:") {
        Number::from_f64(f.parse().unwrap()).unwrap()
    } else {
        Number::parse(text).unwrap()
    }
}

fn result(op: &str, a: &str, b: &str) -> String {
    let a = operand(a);
    let number = |n: Option<Number>| n.map_or("error".to_owned(), |n| n.to_string());
    if let Some(format) = op.strip_prefix("text") {
        let (kind, digits) = format.split_at(1);
        let kind = match kind {
            "e" => NumberFormat::Exponent,
            "f" => NumberFormat::Fixed,
            _ => NumberFormat::General,
        };
        return a.text(kind, digits.parse().ok());
    }
    let second = || operand(b);
    match op {
        "add" => number(a.add(&second())),
        "sub" => number(a.sub(&second())),
        "mul" => number(a.mul(&second())),
        "div" => number(a.div(&second())),
        "rem" => number(a.rem(&second())),
        "floor" => a.floor().to_string(),
        "ceil" => a.ceil().to_string(),
        "cmp" => (a.compare(&second()) as i32).to_string(),
        "muldiv" => number(a.mul(&second()).and_then(|n| n.div(&Number::from_i64(7)))),
        "f64" => format!("{:016x}", a.to_f64().to_bits()),
        other => panic!("unknown operation {other}"),
    }
}

#[test]
fn recorded_results() {
    let text = include_str!("number_vectors.txt");
    let mut wrong = Vec::new();
    for line in text.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [op, a, b, expected] = fields[..] else {
            panic!("not a vector: {line}")
        };
        let got = result(op, a, b);
        if got != expected {
            wrong.push(format!(
                "{op} {a} {b}\n  expected {expected}\n  got      {got}"
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(20)].join("\n")
    );
}

#[test]
fn text_that_is_a_number() {
    for (text, printed) in [
        ("1.", "1"),
        (".5", "0.5"),
        ("+5", "5"),
        ("-0", "-0"),
        ("010", "10"),
        ("1E+5", "100000"),
        ("1p3", "8"),
        ("inf", "+Inf"),
        ("-Inf", "-Inf"),
        ("0e99999999999999999999", "0"),
        ("0.10", "0.1"),
        ("9007199254740993", "9007199254740993"),
    ] {
        assert_eq!(Number::parse(text).unwrap().to_string(), printed, "{text}");
    }
}

#[test]
fn text_that_is_not_a_number() {
    for text in [
        "", "-", "+", ".", "e5", "1e", "1e+", " 5", "5 ", "1_000", "0x10", "1.2.3", "--1", "nan",
        "INF", "infinity", "１",
    ] {
        assert_eq!(
            Number::parse(text),
            Err(ParseNumberError::Syntax),
            "{text:?}"
        );
    }
}

#[test]
fn out_of_range_is_refused_at_once() {
    for text in [
        "1e999999999",
        "-1e400000",
        "1e-999999999",
        "1e99999999999999999999",
        "1p9999999",
    ] {
        assert_eq!(
            Number::parse(text),
            Err(ParseNumberError::OutOfRange),
            "{text}"
        );
    }
    assert_eq!(
        Number::parse(&"7".repeat(200_000)),
        Err(ParseNumberError::TooLong)
    );
    let large = Number::parse("1e300000").unwrap();
    assert_eq!(large.to_string().len(), 300_001);
    assert!(large.mul(&large).unwrap().is_infinite());
    let small = Number::parse("1e-300000").unwrap();
    assert!(small.mul(&small).unwrap().is_zero());
}

#[test]
fn whole_numbers_convert_only_if_they_fit() {
    let n = |s: &str| Number::parse(s).unwrap();
    assert_eq!(n("9223372036854775807").to_i64(), Some(i64::MAX));
    assert_eq!(n("9223372036854775808").to_i64(), None);
    assert_eq!(n("9223372036854775808").to_u64(), Some(1 << 63));
    assert_eq!(n("18446744073709551616").to_u64(), None);
    assert_eq!(n("-1").to_u64(), None);
    assert_eq!(n("1.5").to_i64(), None);
    assert_eq!(n("-9223372036854775808").to_i64(), Some(i64::MIN));
    assert_eq!(
        n("1e30").to_bigint().unwrap().to_string(),
        format!("1{}", "0".repeat(30))
    );
    assert_eq!(n("1.5").to_bigint(), None);
    assert!(Number::from_f64(f64::NAN).is_none());
}

#[test]
fn equality_goes_by_digits() {
    let tenth = Number::parse("0.1").unwrap();
    let double = Number::from_f64(0.1).unwrap();
    assert_eq!(tenth, double);
    assert_eq!(hash(&tenth), hash(&double));
    assert!(tenth.compare(&double).is_ne());
    assert_ne!(tenth, tenth.neg());
    let one = Number::from_i64(1);
    let third = one.div(&Number::from_i64(3)).unwrap();
    assert_ne!(third, Number::parse("0.3333333333333333").unwrap());
    assert_eq!(third, Number::parse(&third.to_string()).unwrap());
    assert_eq!(Number::parse("-0").unwrap(), Number::from_i64(0));
    assert_ne!(
        Number::from_f64((1u64 << 60) as f64).unwrap(),
        Number::parse("1152921504606847000").unwrap()
    );
}

#[test]
fn what_a_plan_makes_of_numbers() {
    let n = |text: &str| Number::parse(text).unwrap();
    let root = Number::from_f64(2f64.sqrt()).unwrap();
    for (number, stored) in [
        (n("-0"), "0"),
        (n("18446744073709551616"), "18446744073709551616"),
        (n("2").sub(&root).unwrap(), "0.5857864376269049"),
        (
            n("5").sub(&root).unwrap(),
            "3.5857864376269048545253781412611715495586395263671875",
        ),
        (n("0.1"), "0.1"),
        (n("1e400"), &format!("1{}", "0".repeat(400))),
    ] {
        assert_eq!(number.stored().to_string(), stored);
        assert_eq!(number.stored().stored(), number.stored());
    }
    // The precision shows in a quotient.
    let seven = Number::from_i64(7);
    assert_eq!(
        n("1").stored().div(&seven).unwrap().to_string(),
        "0.14285714285714285714"
    );
}

fn hash(n: &Number) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut h = DefaultHasher::new();
    n.hash(&mut h);
    h.finish()
}

fn any_number() -> impl Strategy<Value = Number> {
    prop_oneof![
        any::<i64>().prop_map(Number::from_i64),
        (-20i64..20).prop_map(Number::from_i64),
        any::<f64>().prop_filter_map("NaN", Number::from_f64),
        "-?[0-9]{1,40}(\\.[0-9]{1,40})?(e-?[0-9]{1,2})?".prop_map(|s| Number::parse(&s).unwrap()),
    ]
}

proptest! {
    #[test]
    fn equal_numbers_are_alike(a in any_number(), b in any_number()) {
        prop_assert!(a == b || a.compare(&b).is_ne());
        prop_assert_eq!(a.compare(&b), b.compare(&a).reverse());
        if a == b {
            prop_assert_eq!(hash(&a), hash(&b));
        }
        // The same value by two ways has one hash.
        let there_and_back = Number::parse(&a.text(NumberFormat::Exponent, Some(400))).unwrap();
        if a.to_f64().abs() > 1e-10 && a.to_f64().is_finite() && there_and_back == a {
            prop_assert_eq!(hash(&a), hash(&there_and_back));
        }
    }

    #[test]
    fn arithmetic_laws(a in any_number(), b in any_number()) {
        prop_assert_eq!(a.add(&b), b.add(&a));
        prop_assert_eq!(a.mul(&b), b.mul(&a));
        prop_assert_eq!(a.neg().neg(), a.clone());
        if !a.is_infinite() {
            prop_assert!(a.sub(&a).unwrap().is_zero());
            prop_assert!(a.floor().compare(&a).is_le() && a.compare(&a.ceil()).is_le());
            prop_assert!(a.floor().is_integer());
        }
    }

    #[test]
    fn printed_digits_read_back(a in any_number()) {
        // Text is parsed at 512 bits, so that only such numbers are sure to come back.
        let parsed = a.add(&Number::parse("0").unwrap()).unwrap();
        prop_assert_eq!(Number::parse(&parsed.to_string()).unwrap(), parsed);
    }

    #[test]
    fn doubles_survive(f in any::<f64>()) {
        if let Some(n) = Number::from_f64(f) {
            prop_assert_eq!(n.to_f64().to_bits(), f.to_bits());
        }
    }
}
