//! Words for actions.

use loam_engine::Action;

/// `Creating`.
pub fn doing(action: Action) -> &'static str {
    match action {
        Action::Create => "Creating",
        Action::Update => "Modifying",
        Action::Delete => "Destroying",
        Action::Read => "Reading",
        Action::Forget => "Forgetting",
        Action::NoOp => "Leaving",
        Action::DeleteThenCreate | Action::CreateThenDelete | Action::CreateThenForget => {
            "Replacing"
        }
    }
}

/// `Creation`.
pub fn done(action: Action) -> &'static str {
    match action {
        Action::Create => "Creation",
        Action::Update => "Modifications",
        Action::Delete => "Destruction",
        Action::Read => "Read",
        Action::Forget => "Forgetting",
        Action::NoOp => "Nothing",
        Action::DeleteThenCreate | Action::CreateThenDelete | Action::CreateThenForget => {
            "Replacement"
        }
    }
}
