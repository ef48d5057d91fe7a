//! `loam version`, `loam metadata functions`, `loam providers schema`.

use loam_render::{metadata_json, state_json::LANGUAGE_VERSION};
use serde_json::json;

use super::{Code, Outcome};
use crate::args::VersionArgs;
use crate::session::Session;
use crate::view::View;

/// Shows the version.
pub fn version(args: &VersionArgs, view: &View) -> Code {
    let version = env!("CARGO_PKG_VERSION");
    if args.json {
        let all = json!({
            "terraform_version": LANGUAGE_VERSION,
            "loam_version": version,
            "platform": platform(),
            "provider_selections": {},
            "terraform_outdated": false,
        });
        view.line(serde_json::to_string_pretty(&all).unwrap_or_default());
    } else {
        view.line(format!(
            "Loam v{version} (language of Terraform {LANGUAGE_VERSION})"
        ));
        view.line(format!("on {}", platform()));
    }
    0
}

/// The system and the processor by the names that Terraform has for them.
fn platform() -> String {
    let system = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let processor = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        other => other,
    };
    format!("{system}_{processor}")
}

/// Lists the functions.
pub fn functions(session: &Session, view: &View) -> Outcome {
    view.line(metadata_json::functions(&session.functions).to_string());
    Ok(0)
}

/// Describes what the providers manage.
pub fn schemas(session: &Session, view: &View) -> Outcome {
    view.line(metadata_json::schemas(&session.registry, &session.functions).to_string());
    Ok(0)
}
