//! The table of the documentation that says how many requests a refresh takes.

use loam_provider::ProviderType;

use crate::world::World;

/// A row: the resource types that it names, and the requests for 1, 100 and 1,000.
struct Row {
    line: String,
    names: Vec<String>,
    requests: Vec<u64>,
}

fn rows() -> Vec<Row> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/providers.md");
    let text = std::fs::read_to_string(path).unwrap();
    let table = text.split("## Requests for a refresh").nth(1).unwrap();
    let rows = table.lines().filter(|l| l.starts_with("| `"));
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let names = cells[0].split('`').skip(1).step_by(2).map(str::to_owned);
        let number = |c: &&str| c.replace(',', "").parse().unwrap();
        Row {
            line: line.to_owned(),
            names: names.collect(),
            requests: cells[1..].iter().map(number).collect(),
        }
    };
    rows.map(row).collect()
}

#[tokio::test]
async fn the_table_of_the_documentation_is_true() {
    let rows = rows();
    assert!(rows.len() > 5);
    let mut untrue = Vec::new();
    for cloud in ["cyberpanel", "serverspace", "vpsorg", "xelon", "xessone"] {
        let world = World::of(cloud).await;
        for kind in world.kind.schema().resources.keys() {
            let exact = |r: &&Row| r.names.iter().any(|n| **n == **kind);
            let rest = |r: &&Row| r.names.contains(&format!("{cloud}_*"));
            let row = rows.iter().find(exact).or(rows.iter().find(rest));
            let row = row.unwrap_or_else(|| panic!("{kind} is in no row"));
            let cost = [1, 100, 1000].map(|n| world.provider.read_cost(kind, n));
            if row.requests != cost {
                untrue.push(format!("{kind} takes {cost:?}: {}", row.line));
            }
        }
    }
    assert!(untrue.is_empty(), "{untrue:#?}");
    // A row that names no type says nothing true.
    let mut kinds = Vec::new();
    for cloud in ["cyberpanel", "serverspace", "vpsorg", "xelon", "xessone"] {
        let world = World::of(cloud).await;
        kinds.extend(world.kind.schema().resources.keys().cloned());
    }
    for name in rows.iter().flat_map(|r| &r.names) {
        let known = name.ends_with("_*") || kinds.iter().any(|k| **k == **name);
        assert!(known, "there is no resource type {name}");
    }
}
