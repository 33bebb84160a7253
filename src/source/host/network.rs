//! Bytes that went over the network.

use std::{collections::BTreeMap, path::Path};

use procfs::{net::InterfaceDeviceStatus, prelude::FromRead};

use super::linux::{absent, not_usable};
use crate::{snapshot::Unavailable, source::result_builder::SourceResultBuilder};

pub(super) const SIGNAL: &str = "host.network";

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
pub(super) fn measure(draft: &mut SourceResultBuilder, before: &Bytes, after: &Bytes, seconds: f64) {
    let growth = |(name, after): (&String, &u64)| {
        let bytes = after.checked_sub(*before.0.get(name)?)?;
        Some((name.clone(), bytes))
    };
    let (names, bytes): (Vec<_>, Vec<_>) = after.0.iter().filter_map(growth).unzip();
    if names.is_empty() {
        return draft.unavailable(SIGNAL, absent("this machine has no network interface but the loopback"));
    }
    let query = format!("/proc/net/dev: bytes received and sent by {}", names.join(", "));
    draft.observe(SIGNAL, bytes.iter().sum::<u64>() as f64 / seconds, query);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::host::linux::tests::{machine, measured, observed};

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
        let reading = measured(|draft| measure(draft, &bytes(100, true), &bytes(1100, true), 2.0));
        let network = observed(&reading, SIGNAL);
        assert_eq!(network.values.values(), [1000.0]);
        assert!(network.origin.query.ends_with("by eth0"));
    }

    #[test]
    fn without_hardware_everything_but_the_loopback_counts() {
        let reading = measured(|draft| measure(draft, &bytes(100, false), &bytes(1100, false), 2.0));
        assert_eq!(observed(&reading, SIGNAL).values.values(), [2000.0]);
    }
}
