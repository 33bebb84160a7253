//! Two samples of the kernel's files, and what they say together.

use std::{
    fmt::Display,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use procfs::ProcError;
use tokio::time::sleep;

use super::{NAME, Settings, cgroup::Group, cpu, disk, filesystem, memory, network};
use crate::{
    signal::duration_text,
    snapshot::{Reason, SourceReport, SourceResult, Status},
    source::{Request, result_builder::SourceResultBuilder},
};

/// Why a file of the kernel did not help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lack {
    reason: Reason,
    detail: String,
}

impl Lack {
    /// The machine does not have it.
    pub(super) fn absent(detail: impl Into<String>) -> Self {
        Self { reason: Reason::NotApplicable, detail: detail.into() }
    }

    /// A file could not be read.
    pub(super) fn unread(path: &Path, error: &std::io::Error) -> Self {
        Self::of(&ProcError::Io(std::io::Error::from(error.kind()), Some(path.to_owned())))
    }

    /// A file could not be read, or holds something else than expected.
    pub(super) fn of(error: &ProcError) -> Self {
        let reason = match error {
            ProcError::PermissionDenied(_) => Reason::NotPermitted,
            ProcError::NotFound(_) => Reason::NotApplicable,
            ProcError::Io(error, _) if error.kind() == std::io::ErrorKind::NotFound => Reason::NotApplicable,
            ProcError::Io(error, _) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                Reason::NotPermitted
            }
            _ => Reason::ForeignAnswer,
        };
        Self { reason, detail: error.to_string() }
    }

    /// Becomes the gap of a signal.
    pub(super) fn gap(&self, draft: &mut SourceResultBuilder, signal: &str) {
        let hint = match self.reason {
            Reason::NotPermitted => Some("let this account read /proc and /sys"),
            _ => None,
        };
        draft.gap(signal, self.reason, self.detail.clone(), hint);
    }
}

/// The counters of one instant.
struct Sample {
    cpu: Result<cpu::Times, Lack>,
    disks: Result<disk::Busy, Lack>,
    network: Result<network::Bytes, Lack>,
}

impl Sample {
    fn take(root: &Path, group: &Group) -> Self {
        Self {
            cpu: cpu::Times::read(root, group),
            disks: disk::Busy::read(root),
            network: network::Bytes::read(root),
        }
    }
}

/// Reads everything the catalogue expects of this source; failures become gaps.
pub(super) async fn read(settings: &Settings, request: &Request) -> SourceResult {
    let root = settings.root.clone();
    let mut draft = SourceResultBuilder::new(NAME, request.now);
    let group = Group::of_this_process(&root);
    memory::measure(&mut draft, &root, &group);
    space(&mut draft, &root, request.deadline / 2).await;

    let sample = settings.sample.unwrap_or(request.sample);
    let (before, since) = (Sample::take(&root, &group), Instant::now());
    if sample < request.deadline.mul_f64(0.9) {
        sleep(sample).await;
        let seconds = since.elapsed().as_secs_f64();
        rates(&mut draft, before, Sample::take(&root, &group), seconds);
    }
    let sample = duration_text(sample);
    draft.rest(
        Reason::TooFewSamples,
        &format!("a second sample after {sample} exceeds the deadline"),
        "sample for a shorter time, or raise --timeout",
    );
    let kernel = std::fs::read_to_string(root.join("proc/sys/kernel/osrelease")).ok();
    let report = SourceReport {
        source: NAME.to_owned(),
        address: "this machine".to_owned(),
        status: Status::Answered,
        version: kernel.map(|release| format!("Linux {}", release.trim())),
        notes: group.notes(),
        hint: None,
    };
    draft.finish(report)
}

/// Free space, asked on a thread of its own: a filesystem whose device hangs would hold everything up.
async fn space(draft: &mut SourceResultBuilder, root: &Path, limit: Duration) {
    let path: PathBuf = root.to_owned();
    let asked = tokio::task::spawn_blocking(move || filesystem::read(&path));
    match tokio::time::timeout(limit, asked).await {
        Ok(Ok(Ok(spaces))) => filesystem::measure(draft, &spaces),
        Ok(Ok(Err(lack))) => lack.gap(draft, filesystem::SIGNAL),
        Ok(Err(_)) | Err(_) => {
            let detail = format!("a filesystem did not answer within {}", duration_text(limit));
            draft.gap(filesystem::SIGNAL, Reason::TimedOut, detail, Some("see whether df hangs too"));
        }
    }
}

fn rates(draft: &mut SourceResultBuilder, before: Sample, after: Sample, seconds: f64) {
    match pair(before.cpu, after.cpu) {
        Ok((before, after)) => cpu::measure(draft, &before, &after, seconds),
        Err(lack) => lack.gap(draft, cpu::SIGNAL),
    }
    match pair(before.disks, after.disks) {
        Ok((before, after)) => disk::measure(draft, &before, &after, seconds),
        Err(lack) => lack.gap(draft, disk::SIGNAL),
    }
    match pair(before.network, after.network) {
        Ok((before, after)) => network::measure(draft, &before, &after, seconds),
        Err(lack) => lack.gap(draft, network::SIGNAL),
    }
}

fn pair<T>(before: Result<T, Lack>, after: Result<T, Lack>) -> Result<(T, T), Lack> {
    Ok((before?, after?))
}

/// A share as people read it in a note.
pub(super) fn percent(share: f64) -> impl Display {
    format!("{:.0} %", share * 100.0)
}

#[cfg(test)]
pub(super) mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::snapshot::Observation;

    /// A folder with these files in place of the kernel's.
    pub(in super::super) fn machine(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    /// What a measurement gives.
    pub(in super::super) fn measured(measure: impl FnOnce(&mut SourceResultBuilder)) -> SourceResult {
        let mut draft = SourceResultBuilder::new(NAME, DateTime::UNIX_EPOCH);
        measure(&mut draft);
        let report = SourceReport {
            source: NAME.to_owned(),
            address: String::new(),
            status: Status::Answered,
            version: None,
            notes: Vec::new(),
            hint: None,
        };
        draft.finish(report)
    }

    #[track_caller]
    pub(in super::super) fn observed<'a>(reading: &'a SourceResult, signal: &str) -> &'a Observation {
        reading.observations.iter().find(|observation| observation.signal.as_str() == signal).unwrap()
    }

    #[test]
    fn a_missing_file_is_told_apart_from_a_forbidden_one() {
        let missing = ProcError::NotFound(None);
        assert_eq!(Lack::of(&missing).reason, Reason::NotApplicable);
        assert_eq!(Lack::of(&ProcError::PermissionDenied(None)).reason, Reason::NotPermitted);
        assert_eq!(Lack::of(&ProcError::Other("odd".to_owned())).reason, Reason::ForeignAnswer);
    }
}
