//! Memory that nothing else can have.

use std::path::Path;

use procfs::{Meminfo, prelude::FromRead};

use super::{
    cgroup::Group,
    linux::{absent, not_usable},
};
use crate::{signal::Unit, source::result_builder::SourceResultBuilder};

const SIGNAL: &str = "host.memory";

/// The share in use of the machine's memory, or of the limit of a control group if that is less.
pub(super) fn measure(draft: &mut SourceResultBuilder, root: &Path, group: &Group) {
    let info = match Meminfo::from_file(root.join("proc/meminfo")) {
        Ok(info) => info,
        Err(error) => return draft.unavailable(SIGNAL, not_usable(&error)),
    };
    let total = info.mem_total as f64;
    if let Some((folder, limit)) = &group.memory
        && *limit < total
        && let Some(used) = used_by_group(folder)
    {
        draft
            .observe(
                SIGNAL,
                used / limit,
                "memory.current - inactive_file against memory.max of the control group",
            )
            .capacity(*limit, Unit::Bytes)
            .attribute("limit", "control group".to_owned());
        return;
    }
    let Some(available) = info.mem_available.filter(|_| total > 0.0) else {
        return draft.unavailable(SIGNAL, absent("/proc/meminfo has no MemAvailable"));
    };
    draft
        .observe(SIGNAL, 1.0 - available as f64 / total, "/proc/meminfo: 1 - MemAvailable / MemTotal")
        .capacity(total, Unit::Bytes);
}

/// What the group uses less the cached files that the kernel drops first.
fn used_by_group(folder: &Path) -> Option<f64> {
    let current: f64 = std::fs::read_to_string(folder.join("memory.current")).ok()?.trim().parse().ok()?;
    let stat = std::fs::read_to_string(folder.join("memory.stat")).ok()?;
    let dropped =
        stat.lines().find_map(|line| line.strip_prefix("inactive_file ")?.trim().parse::<f64>().ok());
    Some((current - dropped.unwrap_or(0.0)).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::host::linux::tests::{machine, measured, observed};

    const MEMINFO: &str = "MemTotal: 4096 kB\nMemFree: 100 kB\nMemAvailable: 1024 kB\nBuffers: 0 kB\nCached: 0 kB\n\
                           SwapCached: 0 kB\nActive: 0 kB\nInactive: 0 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n\
                           Dirty: 0 kB\nWriteback: 0 kB\nMapped: 0 kB\nSlab: 0 kB\nCommitted_AS: 0 kB\n\
                           VmallocTotal: 0 kB\nVmallocUsed: 0 kB\nVmallocChunk: 0 kB\n";

    #[test]
    fn available_memory_is_free() {
        let machine = machine(&[("proc/meminfo", MEMINFO)]);
        let reading = measured(|draft| measure(draft, machine.path(), &Group::default()));
        let memory = observed(&reading, SIGNAL);
        assert_eq!(memory.values.values(), [0.75]);
        assert_eq!(memory.capacity().unwrap().value().to_bits(), (4096.0_f64 * 1024.0).to_bits());
    }

    #[test]
    fn the_limit_of_a_group_is_the_whole() {
        let machine = machine(&[
            ("proc/meminfo", MEMINFO),
            ("group/memory.current", "900000\n"),
            ("group/memory.stat", "anon 1\ninactive_file 400000\n"),
        ]);
        let group = Group { memory: Some((machine.path().join("group"), 1_000_000.0)), cores: None };
        let reading = measured(|draft| measure(draft, machine.path(), &group));
        assert_eq!(observed(&reading, SIGNAL).values.values(), [0.5]);
    }
}
