//! Time in which the processors worked.

use std::path::Path;

use procfs::{CpuTime, KernelStats, current_system_info, prelude::FromReadSI};

use super::{
    cgroup::Group,
    linux::{absent, not_usable, percent},
};
use crate::snapshot::Unavailable;
use crate::{signal::Unit, source::result_builder::SourceResultBuilder};

pub(super) const SIGNAL: &str = "host.cpu";

/// Shares of I/O wait and steal time from which they are worth a note.
const NOTEWORTHY: f64 = 0.05;

/// Processor time until an instant.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Times {
    /// Of the whole machine.
    Machine(Ticks),
    /// Of a control group that is limited to fewer cores than the machine has.
    Group { used_microseconds: u64, cores: f64 },
}

/// Time of all processors together, in ticks.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ticks {
    all: u64,
    idle: u64,
    /// Idle while a disk was waited for.
    waiting: u64,
    /// Given to other virtual machines by the host.
    stolen: u64,
    cores: usize,
}

impl Times {
    pub(super) fn read(root: &Path, group: &Group) -> Result<Self, Unavailable> {
        let stats = KernelStats::from_file(root.join("proc/stat"), current_system_info())
            .map_err(|error| not_usable(&error))?;
        let ticks = Ticks::of(&stats);
        if let Some((folder, limit)) = &group.cores
            && *limit < ticks.cores as f64
            && let Some(used_microseconds) = usage(folder)
        {
            return Ok(Self::Group { used_microseconds, cores: *limit });
        }
        Ok(Self::Machine(ticks))
    }
}

impl Ticks {
    fn of(stats: &KernelStats) -> Self {
        let CpuTime { user, nice, system, idle, iowait, irq, softirq, steal, .. } = stats.total;
        let (waiting, stolen) = (iowait.unwrap_or(0), steal.unwrap_or(0));
        // The time of guests is part of `user` and `nice` already.
        let all = [user, nice, system, idle, waiting, irq.unwrap_or(0), softirq.unwrap_or(0), stolen];
        Self { all: all.iter().sum(), idle, waiting, stolen, cores: stats.cpu_time.len().max(1) }
    }
}

fn usage(folder: &Path) -> Option<u64> {
    let text = std::fs::read_to_string(folder.join("cpu.stat")).ok()?;
    text.lines().find_map(|line| line.strip_prefix("usage_usec ")?.trim().parse().ok())
}

/// The share of time between two instants in which the processors worked.
pub(super) fn measure(draft: &mut SourceResultBuilder, before: &Times, after: &Times, seconds: f64) {
    match (before, after) {
        (Times::Machine(before), Times::Machine(after)) => machine(draft, before, after),
        (
            Times::Group { used_microseconds: before, .. },
            Times::Group { used_microseconds: after, cores },
        ) => {
            let used = after.saturating_sub(*before) as f64 / 1e6;
            draft
                .observe(SIGNAL, used / seconds / cores, "cpu.stat: usage_usec against cpu.max")
                .capacity(*cores, Unit::Count)
                .attribute("limit", "control group".to_owned());
        }
        _ => draft.unavailable(SIGNAL, absent("the control group changed between the samples")),
    }
}

/// Waiting for disks is not work: another process could have run. Stolen time is, because none could.
fn machine(draft: &mut SourceResultBuilder, before: &Ticks, after: &Ticks) {
    let all = after.all.saturating_sub(before.all) as f64;
    if all <= 0.0 {
        return draft.unavailable(SIGNAL, absent("no processor time passed between the samples"));
    }
    let share = |before: u64, after: u64| after.saturating_sub(before) as f64 / all;
    let waiting = share(before.waiting, after.waiting);
    let stolen = share(before.stolen, after.stolen);
    let busy = (1.0 - share(before.idle, after.idle) - waiting).clamp(0.0, 1.0);
    let told =
        |share: f64, what| (share >= NOTEWORTHY).then(|| format!("{} of the time {what}", percent(share)));
    draft
        .observe(SIGNAL, busy, "/proc/stat")
        .capacity(after.cores as f64, Unit::Count)
        .note(told(waiting, "passed waiting for disks, which is not counted"))
        .note(told(stolen, "was taken by other virtual machines, which is counted"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::host::linux::tests::{machine as folder, measured, observed};

    fn times(stat: &str) -> Times {
        Times::read(folder(&[("proc/stat", stat)]).path(), &Group::default()).unwrap()
    }

    fn stat(line: &str) -> String {
        format!("cpu  {line}\ncpu0 {line}\ncpu1 {line}\nctxt 1\nbtime 1\nprocesses 1\n")
    }

    #[test]
    fn waiting_for_disks_is_not_work() {
        let before = times(&stat("100 0 0 100 100 0 0 0 0 0"));
        let after = times(&stat("140 0 10 120 120 0 0 10 0 0"));
        let reading = measured(|draft| measure(draft, &before, &after, 1.0));
        let cpu = observed(&reading, SIGNAL);
        assert!((cpu.values.last().1 - 0.6).abs() < 1e-12);
        assert_eq!(cpu.capacity().unwrap().value().to_bits(), 2.0_f64.to_bits());
        assert_eq!(cpu.notes.len(), 2, "{:?}", cpu.notes);
    }

    #[test]
    fn a_limited_group_is_measured_against_its_share() {
        let read = |used| {
            let folder = folder(&[
                ("proc/stat", &stat("1 0 0 1 0 0 0 0 0 0")),
                ("group/cpu.stat", &format!("usage_usec {used}\n")),
            ]);
            let group = Group { cores: Some((folder.path().join("group"), 0.5)), memory: None };
            Times::read(folder.path(), &group).unwrap()
        };
        let reading = measured(|draft| measure(draft, &read(1_000_000), &read(1_500_000), 2.0));
        assert_eq!(observed(&reading, SIGNAL).values.values(), [0.5]);
    }
}
