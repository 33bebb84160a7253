//! The program on a terminal, which a test types on and reads from.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    process::{Child, Stdio},
};

use rustix::{
    fs::OFlags,
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{Winsize, tcgetattr, tcsetwinsize},
};

use super::binary::program;

/// A program on a terminal of 90 columns and 30 rows.
pub(crate) struct OnTerminal {
    pub(crate) child: Child,
    master: File,
    terminal: File,
    seen: String,
}

impl OnTerminal {
    pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let no_control = i32::try_from(OFlags::NOCTTY.bits()).unwrap();
        let terminal = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(no_control)
            .open(name.to_str().unwrap())
            .unwrap();
        tcsetwinsize(&terminal, Winsize { ws_row: 30, ws_col: 90, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        let end = || Stdio::from(terminal.try_clone().unwrap());
        let mut command = program(folder);
        command.args(arguments).env("TERM", "xterm-256color").stdin(end()).stdout(end()).stderr(end());
        Self { child: command.spawn().unwrap(), master: master.into(), terminal, seen: String::new() }
    }

    /// Reads until the program has written this after everything that was waited for before.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, words: &str) {
        let mut bytes = [0; 4096];
        loop {
            if let Some(place) = self.seen.find(words) {
                self.seen.drain(..place + words.len());
                return;
            }
            let count = self.master.read(&mut bytes).unwrap();
            assert!(count > 0, "no `{words}` in {}", self.seen);
            self.seen.push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
    }

    pub(crate) fn types(&mut self, keys: &str) {
        self.master.write_all(keys.as_bytes()).unwrap();
    }

    /// The modes of the terminal, as they can be compared.
    pub(crate) fn modes(&self) -> String {
        format!("{:?}", tcgetattr(&self.terminal).unwrap())
    }
}
