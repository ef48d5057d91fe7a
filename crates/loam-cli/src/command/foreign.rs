//! Commands that Terraform has and that Loam does otherwise.

use loam_diag::Diagnostic;

use super::Code;
use crate::view::View;

/// `providers lock` and `providers mirror`: there is nothing that could be locked.
pub fn providers(view: &View) -> Code {
    view.line("Nothing to do: providers are part of Loam, their versions are its own.");
    0
}

/// `test`.
pub fn test(view: &View) -> Code {
    refuse(
        view,
        "Tests of configurations are not run",
        "Loam has no command \"test\", and files *.tftest.hcl are not read. With \"loam --sandbox apply\" a configuration can be tried on emulated clouds.",
    )
}

fn refuse(view: &View, summary: &str, detail: &str) -> Code {
    view.diagnostic(&Diagnostic::error(summary, detail), &Default::default());
    1
}
