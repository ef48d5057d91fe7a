//! Destroying servers, one with each case: what the cloud still has is in the state, and
//! what is gone is not.

use serde_json::json;

use super::{Cloud, Outcome, faults_of_doing, forgive, kept, strike, world};
use crate::servers::servers;

pub fn what_is_left_is_in_the_state(cloud: &Cloud) {
    let faults = faults_of_doing(cloud);
    let mut left = faults.len() + 1;
    let w = world(&servers(cloud.name, "web", left));
    w.run("apply -auto-approve -input=false -parallelism=30")
        .ok();
    for (mut fault, comes) in faults {
        let case = format!("{} {fault}", cloud.name);
        left -= 1;
        w.write("main.tf", &servers(cloud.name, "web", left));
        // A cloud that does not know it any more is believed.
        if comes == Outcome::Missing {
            fault["effect"] = json!("after");
        }
        strike(&w, cloud, cloud.delete, &fault);
        let ran = w.run("apply -auto-approve -input=false");
        let (said, struck) = (ran.all(), forgive(&w));
        assert!(struck > 0, "{case}: {said}");
        let alive = w.cloud().count(cloud.name, cloud.kind);
        assert_eq!(kept(&w), alive, "{case}: {said}");
        match (ran.code, comes) {
            (0, Outcome::Done | Outcome::Either(_) | Outcome::Missing) => {
                assert!(said.contains(" 1 destroyed."), "{case}: {said}");
                assert_eq!(alive, left, "{case}: {said}");
            }
            (1, Outcome::Refused(text)) => {
                assert!(said.contains(text), "{case}: {said}");
                assert_eq!((struck, alive), (1, left + 1), "{case}: {said}");
            }
            (1, Outcome::Failed(text) | Outcome::Either(text)) => {
                assert!(said.contains(text), "{case}: {said}");
            }
            (code, _) => panic!("{case}: ended with {code}\n{said}"),
        }
        if ran.code == 1 {
            let again = w.run("apply -auto-approve -input=false");
            assert_eq!(again.code, 0, "{case}: {said}\n{}", again.all());
            assert!(
                again.all().contains(" 0 added, 0 changed, "),
                "{case}: {}",
                again.all()
            );
        }
        assert_eq!(kept(&w), left, "{case}");
        assert_eq!(w.cloud().count(cloud.name, cloud.kind), left, "{case}");
    }
}
