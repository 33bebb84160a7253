//! Disks and network interfaces: time in which disks had something to do, and bytes that went over the network.

use std::{collections::BTreeMap, path::Path};

use procfs::{DiskStats, net::InterfaceDeviceStatus, prelude::FromRead};

use super::linux::{absent, not_usable};
use crate::{snapshot::Unavailable, source::result_builder::SourceResultBuilder};

pub(super) const DISK_SIGNAL: &str = "host.disk_io";

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
pub(super) fn measure_disks(draft: &mut SourceResultBuilder, before: &Busy, after: &Busy, seconds: f64) {
    let growth = |(name, after): (&String, &u64)| {
        let spent = after.checked_sub(*before.0.get(name)?)?;
        Some((spent, name.clone()))
    };
    // Of equals the shortest name: the disk and not its partition.
    let busiest =
        after.0.iter().filter_map(growth).max_by_key(|(spent, name)| (*spent, std::cmp::Reverse(name.len())));
    let Some((milliseconds, device)) = busiest else {
        return draft.unavailable(DISK_SIGNAL, absent("this machine has no disk devices"));
    };
    let share = (milliseconds as f64 / 1000.0 / seconds).min(1.0);
    draft
        .observe(DISK_SIGNAL, share, format!("/proc/diskstats: time with operations under way on {device}"))
        .attribute("device", device)
        .note(
            "devices that serve operations in parallel, such as NVMe, are not saturated at 100 %".to_owned(),
        );
}

pub(super) const NETWORK_SIGNAL: &str = "host.network";

/// For each interface, bytes received and sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bytes(BTreeMap<String, u64>);

impl Bytes {
    /// The interfaces with hardware behind them; in a container, which has none, all but the loopback.
    ///
    /// Bridges and virtual interfaces pass on what those with hardware have counted already.
    pub(super) fn read(root: &Path) -> Result<Self, Unavailable> {
        let status = InterfaceDeviceStatus::from_file(root.join("proc/net/dev"))
            .map_err(|error| not_usable(&error))?;
        let mut bytes: BTreeMap<String, u64> = status
            .0
            .into_values()
            .filter(|device| device.name != "lo")
            .map(|device| (device.name, device.recv_bytes.saturating_add(device.sent_bytes)))
            .collect();
        let has_hardware = |name: &str| root.join("sys/class/net").join(name).join("device").exists();
        if bytes.keys().any(|name| has_hardware(name)) {
            bytes.retain(|name, _| has_hardware(name));
        }
        Ok(Self(bytes))
    }
}

/// Bytes per second between two instants.
pub(super) fn measure_network(draft: &mut SourceResultBuilder, before: &Bytes, after: &Bytes, seconds: f64) {
    let growth = |(name, after): (&String, &u64)| {
        let bytes = after.checked_sub(*before.0.get(name)?)?;
        Some((name.clone(), bytes))
    };
    let (names, bytes): (Vec<_>, Vec<_>) = after.0.iter().filter_map(growth).unzip();
    if names.is_empty() {
        return draft
            .unavailable(NETWORK_SIGNAL, absent("this machine has no network interface but the loopback"));
    }
    let query = format!("/proc/net/dev: bytes received and sent by {}", names.join(", "));
    draft.observe(NETWORK_SIGNAL, bytes.iter().sum::<u64>() as f64 / seconds, query);
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
        let reading = measured(|draft| measure_disks(draft, &busy(100, 100), &busy(1100, 200), 4.0));
        let disk = observed(&reading, DISK_SIGNAL);
        assert_eq!(disk.values.values(), [0.25]);
        assert_eq!(disk.attributes["device"], "vda");
    }

    #[test]
    fn a_machine_without_disks_has_a_gap() {
        let none = Busy(BTreeMap::new());
        let reading = measured(|draft| measure_disks(draft, &none, &none, 1.0));
        assert_eq!(
            reading.gaps.iter().find(|gap| gap.signal.as_str() == DISK_SIGNAL).unwrap().reason,
            Reason::NotApplicable
        );
    }

    fn bytes(eth0: u32, hardware: bool) -> Bytes {
        let line = |name: &str, bytes: u32| format!("{name}: {bytes} 1 0 0 0 0 0 0 {bytes} 1 0 0 0 0 0 0\n");
        let text = format!(
            "Inter-|   Receive\n face |bytes\n{}{}{}",
            line("lo", 9),
            line("eth0", eth0),
            line("docker0", eth0)
        );
        let device = ("sys/class/net/eth0/device/uevent", "");
        let files = [("proc/net/dev", text.as_str()), device];
        Bytes::read(machine(files.get(..if hardware { 2 } else { 1 }).unwrap()).path()).unwrap()
    }

    #[test]
    fn bridges_are_not_counted_twice() {
        let reading = measured(|draft| measure_network(draft, &bytes(100, true), &bytes(1100, true), 2.0));
        let network = observed(&reading, NETWORK_SIGNAL);
        assert_eq!(network.values.values(), [1000.0]);
        assert!(network.origin.query.ends_with("by eth0"));
    }

    #[test]
    fn without_hardware_everything_but_the_loopback_counts() {
        let reading = measured(|draft| measure_network(draft, &bytes(100, false), &bytes(1100, false), 2.0));
        assert_eq!(observed(&reading, NETWORK_SIGNAL).values.values(), [2000.0]);
    }
}
