//! Changing a server in place. What the state says after a failure is what the cloud has;
//! the next run, without the fault, comes to what the configuration wants.

use super::{Cloud, Outcome, faults_of_doing, forgive, kept, strike, world};
use crate::servers::servers;

/// A server that each step changes in place.
fn config(cloud: &Cloud, step: usize) -> String {
    if cloud.name == "cyberpanel" {
        let state = ["running", "stopped"][step % 2];
        return servers(cloud.name, "web", 1).replace(
            "  template_id ",
            &format!("  power_state   = \"{state}\"\n  template_id "),
        );
    }
    servers(cloud.name, &format!("web{step}"), 1)
}

pub fn what_is_told_is_what_there_is(cloud: &Cloud) {
    let w = world(&config(cloud, 0));
    w.apply();
    for (i, (fault, comes)) in faults_of_doing(cloud).into_iter().enumerate() {
        let case = format!("{} {fault}", cloud.name);
        w.write("main.tf", &config(cloud, i + 1));
        strike(&w, cloud, cloud.update, &fault);
        let ran = w.run("apply -auto-approve -input=false");
        let (said, struck) = (ran.all(), forgive(&w));
        assert!(struck > 0, "{case}: {said}");
        assert!(!said.contains("secret-pass-1"), "{case}: {said}");
        match (ran.code, comes) {
            (0, Outcome::Done | Outcome::Either(_)) => {
                assert!(said.contains(" 1 changed, "), "{case}: {said}");
            }
            (1, Outcome::Refused(text)) => {
                assert!(said.contains(text), "{case}: {said}");
                assert_eq!(struck, 1, "{case}: {said}");
            }
            (1, Outcome::Failed(text) | Outcome::Either(text)) => {
                assert!(said.contains(text), "{case}: {said}");
            }
            // It is there, as a look shows.
            (1, Outcome::Missing) => assert!(said.contains("was answered 404"), "{case}: {said}"),
            (code, _) => panic!("{case}: ended with {code}\n{said}"),
        }
        assert_eq!(kept(&w), 1, "{case}: {said}");
        if ran.code == 1 {
            let look = w.run("plan -refresh-only -refresh=full -input=false -detailed-exitcode");
            assert_eq!(look.code, 0, "{case}: {said}\n{}", look.all());
            let again = w.run("apply -auto-approve -input=false");
            assert_eq!(again.code, 0, "{case}: {said}\n{}", again.all());
            let replaced = !again.all().contains(" 0 destroyed.");
            assert!(
                !replaced || again.all().contains("No changes."),
                "{case}: {}",
                again.all()
            );
        }
        assert_eq!(w.cloud().count(cloud.name, cloud.kind), 1, "{case}");
    }
    w.plan().says("No changes.");
}
