//! The machine this program runs on: CPU, memory, disks and network, from the kernel's own files.
//!
//! Counters are read twice, `request.sample` apart. A process that a control group (version 2) gives less than
//! the machine has is measured against its share. Only Linux is read; elsewhere every signal is a gap.

#[cfg(target_os = "linux")]
mod cgroup;
#[cfg(target_os = "linux")]
mod cpu;
#[cfg(target_os = "linux")]
mod devices;
#[cfg(target_os = "linux")]
mod filesystem;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod memory;

use std::{path::PathBuf, time::Duration};

use super::{Answer, Request, Source};
#[cfg(target_os = "linux")]
use linux::read;

/// The source's name in output and configuration.
pub const NAME: &str = "host";

/// What to read.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The directory that holds `proc`, `sys` and what is mounted: `/` on a running machine.
    pub root: PathBuf,
    /// Time between the two samples, where it is not the request's.
    pub sample: Option<Duration>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { root: PathBuf::from("/"), sample: None }
    }
}

impl Source for Settings {
    fn name(&self) -> &'static str {
        NAME
    }

    fn address(&self) -> String {
        "this machine".to_owned()
    }

    fn read<'a>(&'a self, request: &'a Request) -> Answer<'a> {
        Box::pin(read(self, request))
    }
}

/// Says of every signal that this system is not read.
#[cfg(not(target_os = "linux"))]
async fn read(settings: &Settings, _: &Request) -> crate::snapshot::SourceResult {
    use crate::snapshot::{Reason, Unavailable};
    let why = Unavailable::new(Reason::NotConfigured, "the host can only be read on Linux");
    super::unavailable(
        settings,
        why.hint("read node_exporter through Prometheus, or run this program on the Linux host"),
    )
}
