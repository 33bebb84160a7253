//! Time in which disks had something to do.

use std::{collections::BTreeMap, path::Path};

use procfs::{DiskStats, prelude::FromRead};

use super::linux::{absent, not_usable};
use crate::snapshot::Unavailable;
use crate::source::result_builder::SourceResultBuilder;

pub(super) const SIGNAL: &str = "host.disk_io";

/// Devices that are no disks of their own.
const NOT_DISKS: [&str; 5] = ["loop", "ram", "zram", "sr", "fd"];

/// For each device, milliseconds with at least one operation under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Busy(BTreeMap<String, u64>);

impl Busy {
    pub(super) fn read(root: &Path) -> Result<Self, Unavailable> {
        let stats = DiskStats::from_file(root.join("proc/diskstats")).map_err(|error| not_usable(&error))?;
        let is_disk = |name: &str| !NOT_DISKS.iter().any(|other| name.starts_with(other));
        let disks = stats.0.into_iter().filter(|device| is_disk(&device.name));
        Ok(Self(disks.map(|device| (device.name, device.time_in_progress)).collect()))
    }
}

/// The share of time in which the busiest device had something to do.
pub(super) fn measure(draft: &mut SourceResultBuilder, before: &Busy, after: &Busy, seconds: f64) {
    let growth = |(name, after): (&String, &u64)| {
        let spent = after.checked_sub(*before.0.get(name)?)?;
        Some((spent, name.clone()))
    };
    // Of equals the shortest name: the disk and not its partition.
    let busiest =
        after.0.iter().filter_map(growth).max_by_key(|(spent, name)| (*spent, std::cmp::Reverse(name.len())));
    let Some((milliseconds, device)) = busiest else {
        return draft.unavailable(SIGNAL, absent("this machine has no disk devices"));
    };
    let share = (milliseconds as f64 / 1000.0 / seconds).min(1.0);
    draft
        .observe(SIGNAL, share, format!("/proc/diskstats: time with operations under way on {device}"))
        .attribute("device", device)
        .note(
            "devices that serve operations in parallel, such as NVMe, are not saturated at 100 %".to_owned(),
        );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        snapshot::Reason,
        source::host::linux::tests::{machine, measured, observed},
    };

    fn busy(vda: u32, vdb: u32) -> Busy {
        let text = format!(
            "7 0 loop0 9 9 9 9 9 9 9 9 0 99999 9\n254 0 vda 1 1 1 1 1 1 1 1 0 {vda} 1\n254 1 vda1 1 1 1 1 1 1 1 1 0 {vda} 1\n254 16 vdb 1 1 1 1 1 1 1 1 0 {vdb} 1\n"
        );
        Busy::read(machine(&[("proc/diskstats", &text)]).path()).unwrap()
    }

    #[test]
    fn the_busiest_disk_counts() {
        let reading = measured(|draft| measure(draft, &busy(100, 100), &busy(1100, 200), 4.0));
        let disk = observed(&reading, SIGNAL);
        assert_eq!(disk.values.values(), [0.25]);
        assert_eq!(disk.attributes["device"], "vda");
    }

    #[test]
    fn a_machine_without_disks_has_a_gap() {
        let none = Busy(BTreeMap::new());
        let reading = measured(|draft| measure(draft, &none, &none, 1.0));
        assert_eq!(
            reading.gaps.iter().find(|gap| gap.signal.as_str() == SIGNAL).unwrap().reason,
            Reason::NotApplicable
        );
    }
}
