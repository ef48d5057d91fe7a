//! The canonical layout, as recorded from `terraform fmt`, and its laws.
#![allow(clippy::panic, clippy::unwrap_used)]

use loam_diag::FileId;
use loam_syntax::format;
use proptest::prelude::*;

fn formatted(text: &str) -> String {
    format(FileId(0), text).unwrap_or_else(|d| panic!("{text}: {d:#?}"))
}

#[test]
fn layout_is_as_recorded() {
    for (text, expected) in [
        // Columns of `=` and of comments.
        (
            "a=1\nlong_name   =   2 # two\nb = 3 // three\n\nc=4\n",
            "a         = 1\nlong_name = 2 # two\nb         = 3 // three\n\nc = 4\n",
        ),
        // A value over several lines ends the column.
        (
            "a = [\n1,\n2,\n]\nlonger = 1\nb={\nc=1\nlongest   : 2\n}\n",
            "a = [\n  1,\n  2,\n]\nlonger = 1\nb = {\n  c = 1\n  longest : 2\n}\n",
        ),
        (
            "r \"a\"   b {\nx=1\n   n {\n y=2\n}\n}\n",
            "r \"a\" \"b\" {\n  x = 1\n  n {\n    y = 2\n  }\n}\n",
        ),
        (
            "r /* one */ \"a\" /* two */ b /* three */ {}\n",
            "r \"a\" \"b\" /* three */ {}\n",
        ),
        ("r {a=1}\nr { }\n", "r { a = 1 }\nr {}\n"),
        // Spaces within expressions.
        (
            "a = -1+-b*!c==( d)?[ e , f ]:{g=1,h:2}\n",
            "a = -1 + -b * !c == (d) ? [e, f] : { g = 1, h : 2 }\n",
        ),
        (
            "a = f ( b , c ... )\nd = e . f [ 0 ] . g\nh = core :: i(1)\n",
            "a = f(b, c...)\nd = e.f[0].g\nh = core::i(1)\n",
        ),
        (
            "a = [for x in [1]:x if x>0]\nb = {for k,v in m:k=>v}\n",
            "a = [for x in [1] : x if x > 0]\nb = { for k, v in m : k => v }\n",
        ),
        // Templates keep their text.
        (
            "a = \"x ${ b }  ${{c=1}.c} %{if d}y%{endif}\"\n",
            "a = \"x ${b}  ${ { c = 1 }.c} %{if d}y%{endif}\"\n",
        ),
        (
            "r {\na = <<-EOT\n   x ${ b }\n     y\n   EOT\n c = 1\n}\n",
            "r {\n  a = <<-EOT\n   x ${b}\n     y\n   EOT\n  c = 1\n}\n",
        ),
        // Outdated forms.
        ("a = \"${ b.c }\"\n", "a = b.c\n"),
        ("a = \"${ b ?\n c :\n d }\"\n", "a = (b ?\n  c :\nd)\n"),
        ("a = \"${b}${c}\"\n", "a = \"${b}${c}\"\n"),
        (
            "variable \"v\" {\n type = \"list\"\n}\nvariable \"w\" {\n type = map\n}\n",
            "variable \"v\" {\n  type = list(string)\n}\nvariable \"w\" {\n  type = map(any)\n}\n",
        ),
        (
            "r \"v\" {\n type = \"list\"\n}\n",
            "r \"v\" {\n  type = \"list\"\n}\n",
        ),
        // Ends of lines and files.
        ("\u{feff}a=1\r\nb = 2", "a = 1\r\nb = 2"),
        ("\n\n  # c\n\n", "\n\n# c\n\n"),
        ("", ""),
        ("é = 1\nab = 2\n", "é  = 1\nab = 2\n"),
    ] {
        assert_eq!(formatted(text), expected, "{text}");
    }
}

#[test]
fn an_outdated_form_in_an_outdated_form_is_taken_off_too() {
    assert_eq!(formatted("a = \"${\"${b}\"}\"\n"), "a = b\n");
    let once = formatted("a = \"${ f(\"${\"${ b }\"}\") }\"\n");
    assert_eq!(formatted(&once), once);
}

#[test]
fn taking_off_quotes_never_breaks_an_expression() {
    for text in [
        "a = \"${ b + # c\n d }\"\n",
        "a = \"${ # c\n b }\"\n",
        "a = \"${ (b) +\n (c) }\"\n",
        "a = \"${ b # c\n}\"\n",
        "a = \"${ <<E\nx\nE\n}\"\n",
        "a = \"${ f(<<E\nx\nE\n, 1) }\"\n",
        "a = \"${ [1, # c\n 2] }\"\n",
    ] {
        let once = formatted(text);
        assert_eq!(formatted(&once), once, "{text}");
    }
}

#[test]
fn tokens_are_never_joined() {
    for text in [
        "a = b.0 .1\n",
        "a = 0.1. 1e3\n",
        "a = 1 . e5\n",
        "a = b - -1\n",
        "a = b / /* c */ d\n",
    ] {
        let once = formatted(text);
        assert_eq!(formatted(&once), once, "{text}");
        let words = |s: &str| s.replace(' ', "");
        assert_eq!(words(&once), words(text));
    }
}

#[test]
fn a_label_keeps_its_text() {
    assert_eq!(
        formatted("r \"a$b\" \"\\u00e9\\n$${\" {}\n"),
        "r \"a$b\" \"é\\n$${\" {}\n"
    );
}

#[test]
fn a_broken_file_is_not_touched() {
    let diags = format(FileId(0), "a = [\n").unwrap_err();
    assert!(diags.has_errors());
}

fn text() -> impl Strategy<Value = String> {
    let fragment = prop::sample::select(vec![
        "a = 1\n",
        "bb=2 # c\n",
        "ccc = [\n",
        "]\n",
        "1,\n",
        "{ d=1 }\n",
        "}\n",
        "r \"x\" y {\n",
        "r {}\n",
        "\n",
        "# c\n",
        "/* c\n c */\n",
        "e = \"${f}\"\n",
        "g = \"x ${h} y\"\n",
        "i = <<-E\n    j ${ k }\n  E\n",
        "l = {\n",
        "m = f (\n",
        ")\n",
        "n = \"${ a ?\n b : c }\"\n",
        "  ",
        "\t",
        "a",
        "=",
        "\"",
        "${",
        "}",
        "é = 3\n",
        "o = -1- 2 /3\n",
        "p = [for x in[1]:x]\n",
        "\r\n",
        "q = a[*] . b\n",
    ]);
    prop::collection::vec(fragment, 0..14).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn formatting_is_idempotent_and_changes_only_spaces(text in text()) {
        if let Ok(once) = format(FileId(0), &text) {
            prop_assert_eq!(format(FileId(0), &once).ok(), Some(once.clone()));
            let letters = |s: &str| s.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
            prop_assert_eq!(letters(&once), letters(&text));
        }
    }
}
