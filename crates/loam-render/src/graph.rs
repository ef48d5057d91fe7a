//! Dependency graphs in the DOT language and as JSON.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use loam_engine::{Outline, OutlineKind, OutlineNode};
use serde_json::{Map, Value as Json, json};

/// Resources alone, each module's in a box of its own.
pub fn resources(outline: &Outline) -> String {
    let mut out = String::from(
        "digraph G {\n  rankdir = \"RL\";\n  node [shape = rect, fontname = \"sans-serif\"];\n",
    );
    let mut module = "";
    for node in &outline.nodes {
        if node.module != module {
            if !module.is_empty() {
                out.push_str("  }\n");
            }
            module = &node.module;
            let _ = writeln!(
                out,
                "  subgraph {} {{\n    label = {}\n    fontname = \"sans-serif\"",
                quoted(&format!("cluster_{module}")),
                quoted(module)
            );
        }
        let (indent, label) = match node.id.strip_prefix(&format!("{module}.")) {
            Some(label) if !module.is_empty() => ("    ", label),
            _ => ("  ", node.id.as_str()),
        };
        let _ = writeln!(
            out,
            "{indent}{} [label={}];",
            quoted(&node.id),
            quoted(label)
        );
    }
    if !module.is_empty() {
        out.push_str("  }\n");
    }
    for (from, to) in pairs(outline) {
        let _ = writeln!(out, "  {} -> {};", quoted(&from.id), quoted(&to.id));
    }
    out.push_str("}\n");
    out
}

/// The whole of an operation's graph. With `draw_cycles` the edges of cycles are red.
pub fn operation(outline: &Outline, draw_cycles: bool) -> String {
    let mut out = String::from(
        "digraph {\n\tcompound = \"true\"\n\tnewrank = \"true\"\n\tsubgraph \"root\" {\n",
    );
    let named = |n: &OutlineNode| quoted(&format!("[root] {}", n.id));
    let mut nodes: Vec<String> = Vec::new();
    for node in &outline.nodes {
        let shape = match node.kind {
            OutlineKind::Resource | OutlineKind::Data => "box",
            OutlineKind::Provider => "diamond",
            OutlineKind::Variable if node.module.is_empty() => "note",
            _ => continue,
        };
        nodes.push(format!(
            "{} [label = {}, shape = \"{shape}\"]",
            named(node),
            quoted(&node.address)
        ));
    }
    let cyclic = match draw_cycles {
        true => cycle_edges(outline),
        false => BTreeSet::new(),
    };
    let mut edges: Vec<String> = Vec::new();
    for (a, b) in &outline.edges {
        let (Some(from), Some(to)) = (outline.nodes.get(*a), outline.nodes.get(*b)) else {
            continue;
        };
        let red = match cyclic.contains(&(*a, *b)) {
            true => " [color = \"red\", penwidth = \"2.0\"]",
            false => "",
        };
        edges.push(format!("{} -> {}{red}", named(from), named(to)));
    }
    // What nothing needs hangs on the root, so that no node is missing.
    let needed: BTreeSet<usize> = outline.edges.iter().map(|(_, b)| *b).collect();
    for (i, node) in outline.nodes.iter().enumerate() {
        if !needed.contains(&i) {
            edges.push(format!("\"[root] root\" -> {}", named(node)));
        }
    }
    nodes.sort();
    edges.sort();
    for line in nodes.iter().chain(&edges) {
        let _ = writeln!(out, "\t\t{line}");
    }
    out.push_str("\t}\n}\n");
    out
}

fn cycle_edges(outline: &Outline) -> BTreeSet<(usize, usize)> {
    let mut out = BTreeSet::new();
    for cycle in &outline.cycles {
        let next = cycle.iter().skip(1).chain(cycle.first());
        out.extend(cycle.iter().copied().zip(next.copied()));
    }
    out
}

fn pairs(outline: &Outline) -> impl Iterator<Item = (&OutlineNode, &OutlineNode)> {
    outline
        .edges
        .iter()
        .filter_map(|(a, b)| Some((outline.nodes.get(*a)?, outline.nodes.get(*b)?)))
}

/// Nodes and edges for programs.
pub fn json(outline: &Outline) -> Json {
    let node = |n: &OutlineNode| {
        let mut out = Map::new();
        out.insert("id".into(), n.id.clone().into());
        out.insert("kind".into(), n.kind.name().into());
        out.insert("address".into(), n.address.clone().into());
        if !n.module.is_empty() {
            out.insert("module".into(), n.module.clone().into());
        }
        Json::Object(out)
    };
    let edges: Vec<Json> = pairs(outline)
        .map(|(a, b)| json!({ "from": a.id, "to": b.id }))
        .collect();
    let cycle = |c: &Vec<usize>| -> Json {
        let ids = c.iter().filter_map(|i| outline.nodes.get(*i));
        ids.map(|n| Json::String(n.id.clone())).collect()
    };
    json!({
        "format_version": "1.0",
        "nodes": outline.nodes.iter().map(node).collect::<Vec<_>>(),
        "edges": edges,
        "cycles": outline.cycles.iter().map(cycle).collect::<Vec<_>>(),
    })
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
