//! The machine this program runs on.

use std::{net::IpAddr, time::Duration};

use crate::{
    cli::project::Project,
    source::{Source, csv, host::Settings},
};

/// Long enough to recognise a busy processor: twenty ticks of each core.
const SHORT_SAMPLE: Duration = Duration::from_millis(200);

/// This machine, where the config asks for it or where every other source is on it: elsewhere it says nothing of the
/// system. `hurry` is set when everything else keeps its history and nothing has to be waited for.
pub(super) fn build(project: &Project, others: &[Box<dyn Source>], hurry: bool) -> Option<Settings> {
    let enabled = match project.config.sources.host.as_ref() {
        Some(host) => host.enabled,
        None => others.iter().all(|other| other.name() == csv::NAME || is_here(&other.address())),
    };
    let sample = hurry.then_some(SHORT_SAMPLE);
    enabled.then(|| Settings { sample, ..Settings::default() })
}

/// Whether an address is a socket or a port of this machine.
fn is_here(address: &str) -> bool {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let name = match host.strip_prefix('[').and_then(|host| host.split_once(']')) {
        Some((name, _)) => name,
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    // A socket in the file system has no host.
    name.is_empty()
        || name == "localhost"
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::is_here;

    #[test]
    fn addresses_of_this_machine_are_recognised() {
        for here in [
            "http://localhost:9090/prometheus",
            "http://127.0.0.1:9090",
            "http://[::1]:9090",
            "127.0.0.1:6379",
            "postgres://app@localhost/shop",
            "/var/run/postgresql",
            "postgres:///shop",
        ] {
            assert!(is_here(here), "{here}");
        }
        for elsewhere in ["https://prometheus.example", "postgres://app@db-1:5432/shop", "10.0.0.7:6379"] {
            assert!(!is_here(elsewhere), "{elsewhere}");
        }
    }
}
