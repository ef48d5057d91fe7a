//! Several states beside each other.

use std::time::Duration;

use loam_state::{Finish, StoreError, WorkspaceDir, check_workspace_name};

use crate::objects::{instance, record};
use crate::{operation, run};

#[test]
fn workspaces_are_made_chosen_and_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let workspaces = WorkspaceDir::new(dir.path());
    assert_eq!(workspaces.list().unwrap(), ["default"]);
    assert_eq!(workspaces.current().unwrap(), "default");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);

    let staging = workspaces.create("staging").unwrap();
    workspaces.create("blue.2").unwrap();
    assert_eq!(workspaces.list().unwrap(), ["default", "blue.2", "staging"]);
    assert_eq!(staging.path(), dir.path().join("state/staging.db"));
    for existing in ["staging", "default"] {
        assert!(matches!(
            workspaces.create(existing),
            Err(StoreError::WorkspaceExists { .. })
        ));
    }
    workspaces.select("staging").unwrap();
    assert_eq!(workspaces.current().unwrap(), "staging");
    assert_eq!(
        workspaces.select("stagin"),
        Err(StoreError::NoSuchWorkspace {
            name: "stagin".into(),
            known: vec!["default".into(), "blue.2".into(), "staging".into()]
        })
    );

    let delete = |name, force| workspaces.delete(name, &operation(), Duration::ZERO, force);
    for in_use in ["default", "staging"] {
        assert!(matches!(
            delete(in_use, true),
            Err(StoreError::WorkspaceInUse { .. })
        ));
    }
    workspaces.select("default").unwrap();
    run(&staging)
        .record(&record("a_b.c", Finish::present(instance("c"))))
        .wait()
        .unwrap();
    assert!(matches!(
        delete("staging", false),
        Err(StoreError::WorkspaceInUse { .. })
    ));
    let lock = staging.lock(&operation(), Duration::ZERO).unwrap();
    assert!(matches!(
        delete("staging", true),
        Err(StoreError::Locked { .. })
    ));
    drop(lock);
    drop(staging);
    delete("staging", true).unwrap();
    delete("blue.2", false).unwrap();
    assert_eq!(workspaces.list().unwrap(), ["default"]);
    assert_eq!(
        std::fs::read_dir(dir.path().join("state")).unwrap().count(),
        0
    );
}

#[test]
fn a_name_is_one_that_can_be_a_file_everywhere() {
    for good in ["default", "a", "0", "feature-x_1.2~rc", "me@home", "a+b=c"] {
        check_workspace_name(good).unwrap();
    }
    let long = "x".repeat(91);
    for bad in [
        "", ".", "..", "-x", ".x", "a/b", "a\\b", "a b", "a:b", "é", "a\n", &long,
    ] {
        assert!(check_workspace_name(bad).is_err(), "{bad:?}");
    }
}
