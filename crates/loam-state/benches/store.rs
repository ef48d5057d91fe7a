//! Measures the store: `cargo bench -p loam-state`. Prints a table; asserts nothing, because
//! disks differ.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use loam_address::InstanceAddr;
use loam_provider::{IntentAction, Private};
use loam_state::{
    ChangeKind, Finish, Instance, IntentRecord, OpenOptions, Operation, Pending, Record, Run,
    Status, Store,
};
use loam_value::{Type, Value};

/// Changes under way at the same time.
const WIDTH: usize = 10;

fn addr(i: usize) -> InstanceAddr {
    InstanceAddr::parse(&format!("terraform_data.item[{i}]")).unwrap()
}

fn instance(i: usize) -> Instance {
    Instance {
        provider: "provider[\"terraform.io/builtin/terraform\"]".into(),
        schema_version: 0,
        status: Status::Ready,
        value: Value::object_of([
            (
                "id",
                Value::string(format!("7b0d3c2e-0000-4000-8000-{i:012}")),
            ),
            ("input", Value::string(format!("input of {i}"))),
            ("output", Value::string(format!("input of {i}"))),
            ("triggers_replace", Value::null(Type::Dynamic)),
        ]),
        private: Private::default(),
        dependencies: Arc::new(vec![addr(0).config_resource()]),
        create_before_destroy: false,
    }
}

fn record(i: usize) -> Record {
    Record {
        id: addr(i).into(),
        action: ChangeKind::Create,
        started: SystemTime::now(),
        finish: Finish::present(instance(i)),
    }
}

fn intent(i: usize) -> IntentRecord {
    let planned = instance(i);
    IntentRecord {
        id: addr(i).into(),
        action: IntentAction::Create,
        provider: planned.provider,
        schema_version: 0,
        prior: Value::null(planned.value.ty()),
        planned: planned.value,
        private: Private::default(),
        dependencies: planned.dependencies,
        create_before_destroy: false,
    }
}

/// Keeps [`WIDTH`] answers pending.
fn in_flight<T: Unpin>(n: usize, ask: impl Fn(usize) -> Pending<T>, then: impl Fn(usize, T)) {
    let mut pending = VecDeque::new();
    for i in 0..n {
        if pending.len() == WIDTH {
            let (i, p): (usize, Pending<T>) = pending.pop_front().unwrap();
            then(i, p.wait().unwrap());
        }
        pending.push_back((i, ask(i)));
    }
    for (i, p) in pending {
        then(i, p.wait().unwrap());
    }
}

fn begin(path: &Path) -> (Store, Run) {
    let store = Store::open(path, OpenOptions::write()).unwrap();
    let run = store
        .begin_run(&Operation::new("bench", "bench"), None)
        .unwrap();
    (store, run)
}

/// The most memory that this process has had, and what it has now, in megabytes.
fn memory() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        status
            .lines()
            .find_map(|l| l.strip_prefix(name))
            .and_then(|l| l.trim().trim_end_matches(" kB").parse::<u64>().ok())
            .unwrap_or(0)
            / 1024
    };
    (field("VmHWM:"), field("VmRSS:"))
}

fn line(what: &str, time: Duration) {
    println!("{what:<58} {:>8.3} s", time.as_secs_f64());
}

fn snapshot(path: &Path) {
    let (_, before) = memory();
    let begun = Instant::now();
    let state = Store::open(path, OpenOptions::read())
        .unwrap()
        .snapshot()
        .unwrap();
    line("snapshot of 100,000", begun.elapsed());
    let (most, now) = memory();
    println!(
        "{:<58} {:>8} MB, at most {most} MB with the program",
        "memory of the snapshot",
        now - before
    );
    assert_eq!(state.instances.len(), 100_000);
}

fn main() {
    if let Some(path) = std::env::var_os("LOAM_BENCH_SNAPSHOT") {
        return snapshot(Path::new(&path));
    }
    let dir = tempfile::tempdir().unwrap();
    let n = 10_000;
    let begun = Instant::now();
    let (store, run) = begin(&dir.path().join("record.db"));
    in_flight(n, |i| run.record(&record(i)), |_, ()| ());
    line(
        "10,000 recorded, 10 at a time, each durable",
        begun.elapsed(),
    );
    drop((run, store));

    let begun = Instant::now();
    let (store, run) = begin(&dir.path().join("intend.db"));
    for group in (0..n).collect::<Vec<_>>().chunks(WIDTH) {
        let open: Vec<_> = group
            .iter()
            .map(|i| (*i, run.intend(&intent(*i))))
            .collect();
        let open: Vec<_> = open
            .into_iter()
            .map(|(i, p)| (i, p.wait().unwrap()))
            .collect();
        let ends: Vec<_> = open
            .iter()
            .map(|(i, o)| run.finish(*o, &Finish::present(instance(*i))))
            .collect();
        for end in ends {
            end.wait().unwrap();
        }
    }
    line(
        "10,000 intended and finished, 10 at a time",
        begun.elapsed(),
    );
    drop((run, store));

    let begun = Instant::now();
    let (store, run) = begin(&dir.path().join("large.db"));
    let all: Vec<_> = (0..100_000).map(|i| run.record(&record(i))).collect();
    for p in all {
        p.wait().unwrap();
    }
    line("100,000 recorded, asked for at once", begun.elapsed());
    drop((run, store));

    // In a process of its own, so that only the snapshot is measured.
    let path = dir.path().join("large.db");
    println!(
        "{:<58} {:>8} MB",
        "database of 100,000",
        std::fs::metadata(&path).unwrap().len() >> 20
    );
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .env("LOAM_BENCH_SNAPSHOT", &path)
        .status()
        .unwrap();
    assert!(status.success());
}
