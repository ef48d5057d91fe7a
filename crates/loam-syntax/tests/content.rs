//! Bodies opened with a schema: what is given, and what is said about the rest.
#![allow(clippy::panic, clippy::unwrap_used)]

use loam_diag::{Diagnostics, FileId, SourceFile};
use loam_syntax::ast::{AttributeSchema, BlockSchema, BodySchema};
use loam_syntax::{Body, parse_native};

fn schema() -> BodySchema {
    let attribute = |name: &str, required| AttributeSchema {
        name: name.into(),
        required,
    };
    let block = |kind: &str, labels: &[&str]| BlockSchema {
        kind: kind.into(),
        labels: labels.iter().map(|l| (*l).into()).collect(),
    };
    BodySchema {
        attributes: vec![attribute("hostname", true), attribute("count", false)],
        blocks: vec![block("network", &[]), block("resource", &["type", "name"])],
    }
}

fn body(text: &str) -> Body {
    let (body, diags) = parse_native(FileId(0), text);
    assert!(diags.is_empty(), "{diags:#?}");
    body
}

/// `line:column summary: detail (hint)`, one a line.
fn render(text: &str, diags: &Diagnostics) -> String {
    let file = SourceFile::new("main.tf", text);
    let mut lines: Vec<String> = Vec::new();
    for d in diags.iter() {
        let p = file.position(d.subject.unwrap().start);
        let hints: String = d.hints.iter().map(|h| format!(" ({h})")).collect();
        lines.push(format!(
            "{}:{} {}: {}{hints}",
            p.line, p.column, d.summary, d.detail
        ));
    }
    lines.join("\n")
}

#[test]
fn everything_that_does_not_fit_is_reported() {
    let text = "\
hostnmae = 1
count = 2
count = 3
network = 4
xyz = 5
hostname {}
netwrok {}
abc {}
network \"a\" {}
resource \"a\" {}
resource {}
resource \"a\" \"b\" \"c\" {}
resource \"a\" \"b\" {}
";
    let (content, diags) = body(text).content(&schema());
    let names: Vec<&str> = content.attributes.iter().map(|a| &*a.name.name).collect();
    assert_eq!(names, ["count"]);
    assert_eq!(content.blocks.len(), 1);
    insta::assert_snapshot!(render(text, &diags));
}

#[test]
fn a_body_of_attributes_only_names_its_blocks() {
    let text = "a = 1\nb {}\na = 2\n";
    let (attributes, diags) = body(text).just_attributes();
    assert_eq!(attributes.len(), 1);
    insta::assert_snapshot!(render(text, &diags));
}

#[test]
fn what_is_missing_is_reported_at_the_block() {
    let text = "\n  network {\n    # nothing\n  }\n";
    let (content, diags) = body(text).content(&schema());
    assert_eq!(
        render(text, &diags),
        "1:1 Missing required argument: The argument \"hostname\" is required, but no definition was found."
    );
    let (_, diags) = content.blocks[0].body.content(&schema());
    assert_eq!(
        render(text, &diags),
        "2:11 Missing required argument: The argument \"hostname\" is required, but no definition was found."
    );
}
