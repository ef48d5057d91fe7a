//! Invoking an action: what was refused or lost is told, and sent again only where that is
//! safe. The server is as it was, and so is the state.

use super::{Cloud, Outcome, faults_of_doing, forgive, strike, world};
use crate::servers::{kind, servers};

pub fn an_action_is_not_repeated_blindly(cloud: &Cloud) {
    let (action, arguments) = cloud.action;
    let config = format!(
        "{}\naction \"{action}\" \"do\" {{\n  config {{\n    {arguments} = {}.web[0].id\n  }}\n}}\n",
        servers(cloud.name, "web", 1),
        kind(cloud.name),
    );
    let w = world(&config);
    w.apply();
    let invoke = format!("invoke -auto-approve action.{action}.do");
    for (fault, comes) in faults_of_doing(cloud) {
        let case = format!("{} {fault}", cloud.name);
        strike(&w, cloud, cloud.act, &fault);
        w.cloud().requests();
        let ran = w.run(&invoke);
        let (said, struck) = (ran.all(), forgive(&w));
        assert!(struck > 0, "{case}: {said}");
        let posts = w.cloud().requests();
        let sent = posts.iter().filter(|r| r.starts_with(cloud.act.0)).count();
        match (ran.code, comes) {
            (0, Outcome::Done | Outcome::Either(_)) => {}
            (1, Outcome::Refused(text)) => {
                assert!(said.contains(text), "{case}: {said}");
                assert_eq!(sent, 1, "{case}: {said}");
            }
            (1, Outcome::Failed(text) | Outcome::Either(text)) => {
                assert!(said.contains(text), "{case}: {said}");
            }
            (1, Outcome::Missing) => assert!(said.contains("was answered 404"), "{case}: {said}"),
            (code, _) => panic!("{case}: ended with {code}\n{said}"),
        }
        let again = cloud.acts_again || fault["status"] == 429;
        assert!(again || sent == 1, "{case}: sent {sent} times\n{said}");
        assert_eq!(w.cloud().count(cloud.name, cloud.kind), 1, "{case}");
    }
    w.run(&invoke).ok();
    let look = w.run("plan -refresh-only -input=false");
    assert!(look.code == 0, "{}", look.all());
}
