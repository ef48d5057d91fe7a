//! `loam completion`.

use clap::CommandFactory;
use clap_complete::Shell;

use super::Code;
use crate::args::Cli;
use crate::view::print;

/// What `-install-autocomplete` is answered with.
pub const POINTER: &str =
    "Loam changes no file of your shell. Add the line for yours to its start-up file:

  bash        source <(loam completion bash)
  zsh         source <(loam completion zsh)
  fish        loam completion fish | source
  elvish      eval (loam completion elvish | slurp)
  PowerShell  loam completion powershell | Out-String | Invoke-Expression
";

/// Prints the script for a shell.
pub fn script(shell: Shell) -> Code {
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "loam", &mut out);
    print(&String::from_utf8_lossy(&out));
    0
}
