//! Two samples of the kernel's files, and what they say together.

use std::{
    fmt::Display,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use procfs::ProcError;
use tokio::time::sleep;

use super::{NAME, Settings, cgroup::Group, cpu, devices, filesystem, memory};
use crate::{
    signal::duration_text,
    snapshot::{Reason, SourceReport, SourceResult, Unavailable},
    source::{Request, result_builder::SourceResultBuilder},
};

/// The machine does not have it.
pub(super) fn absent(detail: impl Into<String>) -> Unavailable {
    Unavailable::new(Reason::NotApplicable, detail)
}

/// A file could not be opened.
pub(super) fn not_readable(path: &Path, error: &std::io::Error) -> Unavailable {
    not_usable(&ProcError::Io(std::io::Error::from(error.kind()), Some(path.to_owned())))
}

/// A file of the kernel could not be read, or has unexpected content.
pub(super) fn not_usable(error: &ProcError) -> Unavailable {
    let reason = match error {
        ProcError::PermissionDenied(_) => Reason::NotPermitted,
        ProcError::NotFound(_) => Reason::NotApplicable,
        ProcError::Io(error, _) if error.kind() == std::io::ErrorKind::NotFound => Reason::NotApplicable,
        ProcError::Io(error, _) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            Reason::NotPermitted
        }
        _ => Reason::UnexpectedReply,
    };
    let why = Unavailable::new(reason, error.to_string());
    if reason == Reason::NotPermitted {
        why.hint("grant this account read access to /proc and /sys")
    } else {
        why
    }
}

/// The counters of one instant.
struct Sample {
    cpu: Result<cpu::Times, Unavailable>,
    disks: Result<devices::Busy, Unavailable>,
    network: Result<devices::Bytes, Unavailable>,
}

impl Sample {
    fn take(root: &Path, group: &Group) -> Self {
        Self {
            cpu: cpu::Times::read(root, group),
            disks: devices::Busy::read(root),
            network: devices::Bytes::read(root),
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

    let sample = settings.sample.unwrap_or(request.sample.shortest);
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
        version: kernel.map(|release| format!("Linux {}", release.trim())),
        notes: group.notes(),
        ..SourceReport::answered(NAME, "this machine")
    };
    draft.finish(report)
}

/// Free space, asked on a thread of its own: a filesystem whose device hangs would hold everything up.
async fn space(draft: &mut SourceResultBuilder, root: &Path, limit: Duration) {
    let path: PathBuf = root.to_owned();
    let asked = tokio::task::spawn_blocking(move || filesystem::read(&path));
    match tokio::time::timeout(limit, asked).await {
        Ok(Ok(Ok(spaces))) => filesystem::measure(draft, &spaces),
        Ok(Ok(Err(why))) => draft.unavailable(filesystem::SIGNAL, why),
        Ok(Err(_)) | Err(_) => {
            let detail = format!("a filesystem did not answer within {}", duration_text(limit));
            draft.gap(filesystem::SIGNAL, Reason::TimedOut, detail, Some("see whether df hangs too"));
        }
    }
}

fn rates(draft: &mut SourceResultBuilder, before: Sample, after: Sample, seconds: f64) {
    match pair(before.cpu, after.cpu) {
        Ok((before, after)) => cpu::measure(draft, &before, &after, seconds),
        Err(why) => draft.unavailable(cpu::SIGNAL, why),
    }
    match pair(before.disks, after.disks) {
        Ok((before, after)) => devices::measure_disks(draft, &before, &after, seconds),
        Err(why) => draft.unavailable(devices::DISK_SIGNAL, why),
    }
    match pair(before.network, after.network) {
        Ok((before, after)) => devices::measure_network(draft, &before, &after, seconds),
        Err(why) => draft.unavailable(devices::NETWORK_SIGNAL, why),
    }
}

fn pair<T>(before: Result<T, Unavailable>, after: Result<T, Unavailable>) -> Result<(T, T), Unavailable> {
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

    /// A directory with these files in place of the kernel's.
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
        let report = SourceReport::answered(NAME, "");
        draft.finish(report)
    }

    #[track_caller]
    pub(in super::super) fn observed<'a>(reading: &'a SourceResult, signal: &str) -> &'a Observation {
        reading.observations.iter().find(|observation| observation.signal.as_str() == signal).unwrap()
    }

    #[test]
    fn a_missing_file_is_told_apart_from_a_forbidden_one() {
        let missing = ProcError::NotFound(None);
        assert_eq!(not_usable(&missing).reason, Reason::NotApplicable);
        assert_eq!(not_usable(&ProcError::PermissionDenied(None)).reason, Reason::NotPermitted);
        assert_eq!(not_usable(&ProcError::Other("odd".to_owned())).reason, Reason::UnexpectedReply);
    }
}
