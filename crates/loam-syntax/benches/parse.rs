//! Parse and format throughput, on a generated configuration: 100,000 resource blocks, 13 MB.

#![allow(missing_docs)]

use std::fmt::Write as _;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use loam_diag::FileId;
use loam_syntax::ast::{AttributeSchema, BlockSchema, BodySchema};

fn main() {
    divan::main();
}

/// `blocks` resource blocks with the usual kinds of argument.
fn configuration(blocks: usize) -> String {
    let mut text = String::new();
    for i in 0..blocks {
        let _ = write!(
            text,
            "resource \"acme_instance\" \"web_{i}\" {{\n  hostname = \"web-{i}.example.com\"\n  plan_id  = var.plans[\"small\"].id\n  tags     = [\"web\", local.env]\n}}\n\n"
        );
    }
    text
}

#[divan::bench(args = [1_000, 100_000], sample_count = 5, sample_size = 1)]
fn native(bencher: Bencher, blocks: usize) {
    let text = configuration(blocks);
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| {
        let (body, diags) = loam_syntax::parse_native(FileId(0), black_box(&text));
        assert!(diags.is_empty());
        body
    });
}

#[divan::bench(args = [1_000, 100_000], sample_count = 3, sample_size = 1)]
fn format(bencher: Bencher, blocks: usize) {
    let text = configuration(blocks);
    bencher
        .counter(BytesCount::of_str(&text))
        .bench_local(|| loam_syntax::format(FileId(0), black_box(&text)).map_err(|d| d.0.len()));
}

#[divan::bench(args = [1_000, 100_000], sample_count = 3, sample_size = 1)]
fn json(bencher: Bencher, blocks: usize) {
    let blocks: Vec<String> = (0..blocks)
        .map(|i| format!("\"web_{i}\": {{ \"hostname\": \"web-{i}.example.com\", \"plan_id\": \"${{var.plans[\\\"small\\\"].id}}\", \"tags\": [\"web\"] }}"))
        .collect();
    let text = format!(
        "{{\"resource\": {{\"acme_instance\": {{\n{}\n}}}}}}",
        blocks.join(",\n")
    );
    bencher
        .counter(BytesCount::of_str(&text))
        .bench_local(|| loam_syntax::parse_json(FileId(0), black_box(&text)));
}

/// Opens the body of a file, and each block in it.
#[divan::bench(args = [1_000, 100_000], sample_count = 3, sample_size = 1)]
fn content(bencher: Bencher, blocks: usize) {
    let (body, _) = loam_syntax::parse_native(FileId(0), &configuration(blocks));
    let file = BodySchema {
        attributes: Vec::new(),
        blocks: vec![BlockSchema {
            kind: "resource".into(),
            labels: vec!["type".into(), "name".into()],
        }],
    };
    let attribute = |name: &str| AttributeSchema {
        name: name.into(),
        required: true,
    };
    let resource = BodySchema {
        attributes: ["hostname", "plan_id", "tags"].map(attribute).to_vec(),
        blocks: Vec::new(),
    };
    bencher.bench_local(|| {
        let (content, _) = body.content(&file);
        for block in &content.blocks {
            black_box(block.body.content(&resource));
        }
    });
}
