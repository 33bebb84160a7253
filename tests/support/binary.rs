//! Running the program itself, away from everything the machine may offer it.

use std::{
    path::Path,
    process::{Command, Output},
};

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The program with an empty environment, started in `folder`.
pub(crate) fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scale-advisor"));
    command.env_clear().env("PATH", std::env::var("PATH").unwrap_or_default()).current_dir(folder);
    command
}

/// Runs a command to its end.
///
/// # Panics
/// When it was killed, panicked or wrote something that is not text.
#[track_caller]
pub(crate) fn ran(command: &mut Command) -> Ran {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let ran = Ran { code: status.code().unwrap_or(-1), stdout: text(stdout), stderr: text(stderr) };
    assert!((0..=3).contains(&ran.code), "{command:?}: {ran:#?}");
    ran
}
