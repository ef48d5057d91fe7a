//! JSON syntax: no text panics, in whatever way its strings are read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use loam_diag::FileId;
use loam_syntax::ExprKind;
use loam_syntax::ast::{BlockSchema, BodySchema};

fuzz_target!(|text: &str| {
    let (body, _) = loam_syntax::parse_json(FileId(0), text);
    let schema = BodySchema {
        attributes: Vec::new(),
        blocks: vec![BlockSchema {
            kind: "a".into(),
            labels: vec!["type".into(), "name".into()],
        }],
    };
    let (_, rest, _) = body.partial_content(&schema);
    for attribute in rest.just_attributes().0 {
        let _ = attribute.expr.unquoted();
        if let ExprKind::JsonString(string) = &attribute.expr.kind {
            let _ = string.template();
        }
    }
});
