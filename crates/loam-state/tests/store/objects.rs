//! Objects to store.

use std::sync::Arc;
use std::time::SystemTime;

use loam_address::InstanceAddr;
use loam_provider::{IntentAction, Private};
use loam_state::{ChangeKind, Finish, Instance, InstanceId, IntentRecord, Record, Status};
use loam_value::{Marks, Type, Value};

pub const PROVIDER: &str = "provider[\"registry.terraform.io/loam/cyberpanel\"]";

pub fn id(address: &str) -> InstanceId {
    InstanceAddr::parse(address).unwrap().into()
}

/// An object with a nested, a sensitive and a null attribute.
pub fn value(name: &str) -> Value {
    Value::object_of([
        ("id", Value::string(name)),
        ("size", Value::int(3)),
        ("note", Value::null(Type::String)),
        (
            "password",
            Value::string("hunter2").with_marks(Marks::SENSITIVE),
        ),
        (
            "tags",
            Value::list(Type::String, vec![Value::string("a"), Value::string("b")]),
        ),
    ])
}

pub fn instance(name: &str) -> Instance {
    Instance {
        provider: PROVIDER.into(),
        schema_version: 1,
        status: Status::Ready,
        value: value(name),
        private: Private(format!("private of {name}")),
        dependencies: Arc::new(vec![
            id("a_b.other").addr.config_resource(),
            id("module.m[0].data.a_c.d").addr.config_resource(),
        ]),
        create_before_destroy: true,
    }
}

pub fn intent(address: &str, action: IntentAction) -> IntentRecord {
    IntentRecord {
        id: id(address),
        action,
        provider: PROVIDER.into(),
        schema_version: 1,
        prior: Value::null(value("x").ty()),
        planned: Value::object_of([
            ("id", Value::unknown(Type::String)),
            ("size", Value::int(3)),
        ]),
        private: Private("planned".into()),
        dependencies: instance("x").dependencies,
        create_before_destroy: false,
    }
}

pub fn record(address: &str, finish: Finish) -> Record {
    Record {
        id: id(address),
        action: ChangeKind::Create,
        started: SystemTime::now(),
        finish,
    }
}
