//! States in Terraform's format.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;

use loam_address::{InstanceAddr, Mode};
use loam_diag::Diagnostics;
use loam_provider::Private;
use loam_state::tfstate::{from_json, to_json};
use loam_state::{DeposedKey, Instance, InstanceId, OutputValue, State, Status};
use loam_value::testing::{Shape, ty, value_of};
use loam_value::{Marks, Path, Type, Value, sensitive_paths};
use proptest::prelude::*;

/// Written by Terraform 1.11.4 for `terraform_data` resources with and without keys, in
/// modules, tainted, with a sensitive value and a number of 29 digits.
const BY_TERRAFORM: &str = include_str!("terraform-1.11.4.tfstate");

fn types(mode: Mode, kind: &str) -> Option<Type> {
    (mode == Mode::Managed && kind == "terraform_data").then(|| {
        Type::object([
            ("id", Type::String),
            ("input", Type::Dynamic),
            ("output", Type::Dynamic),
            ("triggers_replace", Type::Dynamic),
        ])
    })
}

fn id(address: &str) -> InstanceId {
    InstanceAddr::parse(address).unwrap().into()
}

#[test]
fn what_terraform_wrote_is_read_and_written_byte_for_byte() {
    let state = from_json(BY_TERRAFORM, &types).unwrap();
    assert_eq!(state.serial, 7);
    assert_eq!(state.instances.len(), 5);
    assert_eq!(
        state.instances[&id("terraform_data.many[\"c\"]")].status,
        Status::Tainted
    );
    assert!(state.instances[&id("module.m[1].terraform_data.x[0]")].create_before_destroy);
    let one = &state.instances[&id("terraform_data.one")];
    assert_eq!(
        sensitive_paths(&one.value),
        [Path::root().attribute("input").attribute("secret")]
    );
    assert!(state.outputs["secret"].sensitive);
    assert_eq!(to_json(&state, &types).unwrap(), BY_TERRAFORM);
}

#[test]
fn what_the_format_has_no_field_for_survives() {
    let object = |status| Instance {
        provider: "provider[\"registry.terraform.io/loam/cyberpanel\"].west".into(),
        schema_version: 3,
        status,
        value: Value::object_of([
            ("id", Value::string("<1> & \u{2028}")),
            ("input", Value::null(Type::Dynamic)),
            (
                "output",
                Value::tuple(vec![Value::int(1).with_marks(Marks::SENSITIVE)]),
            ),
            (
                "triggers_replace",
                Value::set(Type::Bool, vec![Value::bool(true)]),
            ),
        ]),
        private: Private("{\"wait\":\"é\"}".into()),
        dependencies: Arc::new(vec![id("module.m.data.a.b").addr.config_resource()]),
        create_before_destroy: false,
    };
    let aside = InstanceId {
        addr: id("terraform_data.x").addr,
        deposed: Some(DeposedKey("00c0ffee".into())),
    };
    let mut elsewhere = object(Status::Ready);
    elsewhere.provider = "provider[\"registry.terraform.io/loam/xelon\"]".into();
    let state = State {
        lineage: "L".into(),
        serial: 1,
        instances: [
            (id("terraform_data.x"), object(Status::Pending)),
            (aside, object(Status::Ready)),
            (id("terraform_data.y[0]"), object(Status::Ready)),
            (id("terraform_data.y[1]"), elsewhere),
            (id("terraform_data.y[2]"), object(Status::Tainted)),
        ]
        .into(),
        checks: Some("[]".into()),
        ..State::default()
    };
    let text = to_json(&state, &types).unwrap();
    assert_eq!(from_json(&text, &types).unwrap(), state);
    insta::assert_snapshot!(text);
    // What waits for its provisioners is tainted for Terraform, and is not for Loam.
    let waiting = State {
        instances: [(id("terraform_data.x"), object(Status::Unprovisioned))].into(),
        ..State::default()
    };
    let text = to_json(&waiting, &types).unwrap();
    assert!(text.contains("\"status\": \"tainted\""), "{text}");
    assert_eq!(from_json(&text, &types).unwrap(), waiting);
}

#[test]
fn of_unknown_types_the_text_tells_what_it_can() {
    let mut state = from_json(BY_TERRAFORM, &types).unwrap();
    let value = Value::object_of([("tags", Value::list(Type::String, vec![Value::string("a")]))]);
    let one = state.instances.get_mut(&id("terraform_data.one")).unwrap();
    one.value = value;
    let nothing = |_: Mode, _: &str| None;
    let read = from_json(&to_json(&state, &nothing).unwrap(), &nothing).unwrap();
    assert_eq!(
        read.instances[&id("terraform_data.one")].value,
        Value::object_of([("tags", Value::tuple(vec![Value::string("a")]))])
    );
}

fn refused(text: &str) -> String {
    let Diagnostics(problems) = from_json(text, &types).unwrap_err();
    let lines: Vec<String> = problems
        .into_iter()
        .map(|d| format!("{}\n    {}", d.summary, d.detail))
        .collect();
    lines.join("\n")
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let instances = r#"
        {"attributes": {"id": "1"}, "sensitive_attributes": [[{"type": "get_attr", "value": "input"}]]},
        {"attributes": {"id": "1"}},
        {"index_key": 1},
        {"index_key": -1, "attributes": {}},
        {"index_key": 2, "attributes_flat": {"id": "1"}},
        {"index_key": 3, "attributes": {"size": 1}},
        {"index_key": 4, "attributes": {"id": []}},
        {"index_key": 5, "attributes": {}, "status": "odd"},
        {"index_key": 6, "attributes": {}, "private": "!"},
        {"index_key": 7, "attributes": {}, "dependencies": ["a b"]},
        {"index_key": 8, "attributes": {}, "sensitive_attributes": [[{"type": "x", "value": 1}]]},
        {"index_key": 9, "attributes": {}, "schema_version": -1}"#;
    let head = r#""type": "terraform_data", "name": "x", "provider": "provider[\"p\"]""#;
    let text = format!(
        r#"{{"version": 4, "serial": -1, "lineage": 1,
            "outputs": {{"o": {{"value": 1, "type": ["list"]}}, "p": {{}}}},
            "resources": [
              {{"mode": "managed", {head}, "instances": [{instances}]}},
              {{"mode": "other", {head}, "instances": []}},
              {{"mode": "data", "module": "a.b", {head}, "instances": []}},
              {{"mode": "data", "type": "1x", "name": "x", "provider": "p", "instances": []}},
              {{"mode": "data", "type": "x", "name": "x", "instances": []}},
              {{"mode": "data", {head}}},
              7
            ]}}"#
    );
    insta::assert_snapshot!(refused(&text));
}

#[test]
fn other_files_are_refused() {
    let texts = [
        "",
        "[1",
        "{}",
        "{\"version\": 3}",
        "{\"version\": 5}",
        "{\"version\": 4, \"resources\": 1}",
    ];
    let all: Vec<String> = texts.iter().map(|t| refused(t)).collect();
    insta::assert_snapshot!(all.join("\n"));
}

proptest! {
    #[test]
    fn a_state_survives_the_way_there_and_back(
        (of, value) in ty(false).prop_flat_map(|t| (Just(t.clone()), value_of(&t, Shape::KNOWN))),
        open in any::<bool>(),
        key in any::<String>(),
        serial in 0..u64::MAX / 4,
    ) {
        // Where the constraint is open, a null has no type.
        prop_assume!(!open || !value.is_null());
        let of = Type::object([("a", if open { Type::Dynamic } else { of })]);
        let value = Value::object_of([("a", value)]);
        let types = |_: Mode, _: &str| Some(of.clone());
        let key = loam_address::InstanceKey::from_value(&Value::string(key)).unwrap();
        let mut id = id("x_y.z");
        id.addr.key = key;
        let object = Instance {
            provider: "p".into(),
            schema_version: 0,
            status: Status::Ready,
            value: value.clone(),
            private: Private::default(),
            dependencies: Arc::default(),
            create_before_destroy: false,
        };
        let output = OutputValue { value, sensitive: false };
        let state = State {
            lineage: "L".into(),
            serial,
            instances: [(id, object)].into(),
            outputs: [("o".into(), output)].into(),
            checks: None,
        };
        let text = to_json(&state, &types).unwrap();
        prop_assert_eq!(from_json(&text, &types).unwrap(), state);
    }

    #[test]
    fn no_text_makes_it_panic(text in "[\\[\\]{}\",:a-z0-9 ]{0,60}") {
        let _ = from_json(&text, &types);
    }
}
