//! Syntax errors as the person who made the mistake reads them.
#![allow(clippy::panic, clippy::unwrap_used)]

use std::fmt::Write as _;

use loam_diag::{Diagnostics, FileId, SourceFile, Span};
use loam_syntax::{parse_json, parse_native};

/// A plain rendering: place, words, the source line with the place marked.
fn render(text: &str, mut diags: Diagnostics) -> String {
    diags.sort();
    let file = SourceFile::new("main.tf", text);
    let mut out = String::new();
    for d in diags.iter() {
        let _ = writeln!(out, "{}: {}", d.summary, d.detail);
        if let Some(span) = d.subject {
            mark(&mut out, &file, span, '^', "");
        }
        for l in &d.labels {
            mark(&mut out, &file, l.span, '-', &l.text);
        }
        for h in &d.hints {
            let _ = writeln!(out, "  hint: {h}");
        }
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out
}

fn mark(out: &mut String, file: &SourceFile, span: Span, sign: char, note: &str) {
    let (a, b) = (file.position(span.start), file.position(span.end));
    let line: String = file.line(a.line).replace('\t', " ");
    let end = if a.line == b.line {
        b.column
    } else {
        line.chars().count() as u32 + 1
    };
    let marks = sign
        .to_string()
        .repeat(end.saturating_sub(a.column).max(1) as usize);
    let number = format!("{:>4} | ", a.line);
    let _ = writeln!(out, "{number}{line}");
    let indent = " ".repeat(number.len() + a.column as usize - 1);
    let _ = writeln!(out, "{}", format!("{indent}{marks} {note}").trim_end());
}

macro_rules! native {
    ($($name:ident: $text:expr;)*) => {$(
        #[test]
        fn $name() {
            let text: &str = $text;
            let (_, diags) = parse_native(FileId(0), text);
            assert!(diags.has_errors());
            insta::assert_snapshot!(render(text, diags));
        }
    )*};
}

macro_rules! json {
    ($($name:ident: $text:expr;)*) => {$(
        #[test]
        fn $name() {
            let text: &str = $text;
            let (_, diags) = parse_json(FileId(0), text);
            assert!(diags.has_errors());
            insta::assert_snapshot!(render(text, diags));
        }
    )*};
}

native! {
    block_not_closed: "resource \"a\" \"b\" {\n  x = 1\n\nresource \"c\" \"d\" {\n  y = 2\n}\n";
    last_block_not_closed: "resource \"a\" \"b\" {\n  x = 1\n";
    nested_block_not_closed: "a {\n  b {\n    x = 1\n  c {\n  }\n}\nd = 1\n";
    brace_too_many: "a {\n}\n}\nb = 1\n";
    list_not_closed: "a = [\n  1,\n  2\n\nb = 2\n";
    list_not_closed_in_block: "r {\n  a = [1, 2\n  b = 3\n}\n";
    list_comma_missing: "a = [1 2]\n";
    list_comma_missing_between_lines: "a = [\n  \"x\"\n  \"y\"\n]\n";
    object_not_closed: "a = {\n  b = 1\n\nc = 2\n";
    object_comma_missing: "a = { b = 1 c = 2 }\n";
    object_value_missing: "a = {\n  b\n}\n";
    object_block_syntax: "a = {\n  b {\n  }\n}\n";
    object_dotted_key: "a = { b c = 1 }\n";
    call_not_closed: "a = f(1, 2\nb = 3\n";
    call_comma_missing: "a = f(1 2)\n";
    call_expansion_not_last: "a = f(b..., c)\n";
    parenthesis_not_closed: "a = (1 + 2\nb = 3\n";
    index_not_closed: "a = b[0\nc = 1\n";
    wrong_closing_bracket: "a = [1, 2)\nb = 3\n";
    quote_missing: "a = \"text\nb = 2\n";
    quote_missing_in_list: "a = [\"x, \"y\"]\nb = 2\n";
    single_quotes: "a = 'text'\nb = 2\n";
    typographic_quotes: "a = \u{201c}text\u{201d}\n";
    backquotes: "a = `text`\n";
    semicolon: "a = 1;\nb = 2\n";
    colon_for_equals: "a: 1\nb = 2\n";
    equals_missing: "a 1\nb = 2\n";
    equals_missing_before_string: "a \"x\"\nb = 2\n";
    double_equals: "a == 1\n";
    value_missing: "a =\nb = 2\n";
    comma_after_argument: "a = 1,\nb = 2\n";
    two_arguments_on_a_line: "a = 1 b = 2\n";
    quoted_argument_name: "\"a\" = 1\n";
    dotted_argument_name: "a.b = 1\n";
    block_with_equals: "resource \"a\" \"b\" = {\n}\n";
    brace_on_next_line: "resource \"a\" \"b\"\n{\n}\n";
    two_arguments_in_one_line_block: "a { b = 1, c = 2 }\n";
    block_in_one_line_block: "a { b {} }\n";
    one_line_block_continued: "a { b = 1\n  c = 2\n}\n";
    closing_brace_after_argument: "a {\n  b = 1 }\nc = 2\n";
    text_after_block: "a {\n} b\nc = 1\n";
    label_with_interpolation: "resource \"a\" \"b-${c}\" {\n}\n";
    heredoc_not_closed: "a = <<EOT\ntext\nb = 2\n";
    heredoc_end_indented_text: "a = <<EOT\ntext\nEOT # end\nb = 2\n";
    heredoc_with_space: "a = << EOT\ntext\nEOT\n";
    interpolation_not_closed: "a = \"x ${b\"\nc = 1\n";
    interpolation_for_shell: "a = \"${HOME:-x}\"\n";
    interpolation_empty: "a = \"${}\"\n";
    directive_unknown: "a = \"%{ fi b }c%{ endif }\"\n";
    directive_not_closed: "a = \"%{ if b }c\"\n";
    directive_wrong_end: "a = \"%{ if b }c%{ endfor }\"\n";
    directive_two_else: "a = \"%{ if b }c%{ else }d%{ else }e%{ endif }\"\n";
    directive_stray_end: "a = \"b%{ endif }\"\n";
    directive_percent: "a = \"100%{\"\n";
    escape_unknown: "a = \"C:\\path\"\n";
    escape_unicode: "a = \"\\u12\"\n";
    heredoc_not_closed_in_block: "a {\n  b = <<-EOT\n    text\n  EOF\n}\nc {\n}\n";
    comment_not_closed_in_block: "a {\n  b = 1 /* two\n}\nc {\n}\n";
    comment_not_closed: "a = 1 /* two\nb = 2\n";
    number_twice_dotted: "a = 1.2.3\n";
    number_out_of_range: "a = 1e999999999\n";
    legacy_index_twice: "a = b.0.1\n";
    dot_without_name: "a = b.\nc = 1\n";
    splat_in_splat: "a = b.*.c.*.d\n";
    conditional_without_else: "a = b ? c\n";
    operator_without_operand: "a = 1 +\nb = 2\n";
    single_ampersand: "a = b & c\n";
    for_without_in: "a = [for x of y: x]\n";
    for_without_colon: "a = [for x in y x]\n";
    for_list_with_arrow: "a = [for k, v in m : k => v]\n";
    for_map_without_arrow: "a = {for v in m : v}\n";
    for_list_grouped: "a = [for v in m : v...]\n";
    assignment_in_call: "a = f(b = 1)\n";
    non_breaking_space: "a =\u{a0}1\n";
    several_errors: "a = [1,\nb = 'x'\nc {\n  d = \n  e = 1 2\n}\nf = )\ng = 1\n";
}

json! {
    json_not_closed: "{\n  \"a\": {\n    \"b\": 1\n}\n";
    json_trailing_comma: "{\n  \"a\": [1, 2,],\n  \"b\": 1,\n}\n";
    json_comma_missing: "{\n  \"a\": 1\n  \"b\": 2\n}\n";
    json_equals: "{ \"a\" = 1 }\n";
    json_comment: "{\n  // comment\n  \"a\": 1\n}\n";
    json_bare_name: "{ a: 1 }\n";
    json_words: "{ \"a\": True, \"b\": undefined, \"c\": .5 }\n";
    json_quote_missing: "{\n  \"a\": \"x,\n  \"b\": 1\n}\n";
    json_list_at_root: "[1, {}]\n";
}

#[test]
fn a_template_in_json_is_marked_in_the_file() {
    let text = r#"{"output": {"x": {"value": "caf\u00e9 ${ f(\"a\" b) }"}}}"#;
    let (body, diags) = parse_json(FileId(0), text);
    assert!(diags.is_empty());
    let loam_syntax::Body::Json(body) = body else {
        panic!("JSON");
    };
    let mut node = &body.properties[0].value;
    while let loam_syntax::ast::JsonKind::Object(properties) = &node.kind {
        node = &properties[0].value;
    }
    let loam_syntax::ast::JsonKind::String(string) = &node.kind else {
        panic!("a string");
    };
    insta::assert_snapshot!(render(text, string.template().unwrap_err()));
}
