//! The memory that one run needs, as the kernel counts it.

use std::{fs, process::Command};

/// Runs one contender in a fresh process and gives the bytes by which its peak rose.
pub(crate) fn peak_of(contender: &str) -> f64 {
    let program = std::env::current_exe().unwrap();
    let output = Command::new(program).args(["--peak", contender]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

/// The contender whose peak this process was started to measure.
pub(crate) fn wanted() -> Option<String> {
    std::env::args().skip_while(|argument| argument != "--peak").nth(1)
}

/// The highest resident size of this process so far, in bytes.
pub(crate) fn peak() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() * 1024.0
}
