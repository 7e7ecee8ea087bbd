//! Who runs on which core.

use std::ffi::OsStr;
use std::process::Command;

/// A core of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Core {
    /// The server that is measured.
    Server,
    /// What calls it and is called by it.
    Load,
}

impl Core {
    /// Its number, for `taskset`.
    pub(crate) fn number(self) -> u32 {
        match self {
            Core::Server => 0,
            Core::Load => 1,
        }
    }

    /// A command whose program, with all its threads, stays on this core.
    pub(crate) fn command(self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("taskset");
        command.args(["--cpu-list", &self.number().to_string()]).arg(program);
        command
    }
}
