//! The addresses a server may be at.

use std::{net::IpAddr, path::PathBuf};

use secrecy::SecretString;

use super::SettingsError;

/// Where Debian and everybody else put the server's socket.
pub(super) const SOCKET_FOLDERS: [&str; 2] = ["/var/run/postgresql", "/tmp"];

/// One of the addresses that are tried in order.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    pub(crate) host: Host,
    pub(crate) port: u16,
    pub(crate) password: Option<SecretString>,
}

/// How an endpoint is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Host {
    /// Over TCP. The name is the one a certificate must show; the address replaces looking it up.
    Tcp { name: String, address: Option<IpAddr> },
    /// Over the socket in this directory.
    Socket(PathBuf),
}

impl Endpoint {
    fn new(host: Host, port: u16) -> Self {
        Self { host, port, password: None }
    }

    /// The host and port as people write them.
    pub(crate) fn place(&self) -> String {
        match &self.host {
            Host::Tcp { name, .. } if name.contains(':') => format!("[{name}]:{}", self.port),
            Host::Tcp { name, .. } => format!("{name}:{}", self.port),
            Host::Socket(folder) => format!("{}:{}", folder.display(), self.port),
        }
    }
}

/// Pairs hosts, addresses and ports; without any, the local server's usual places.
pub(super) fn endpoints(
    hosts: Option<&str>,
    addresses: Option<&str>,
    ports: Option<&str>,
) -> Result<Vec<Endpoint>, SettingsError> {
    let hosts: Vec<&str> = hosts.map_or_else(Vec::new, |hosts| hosts.split(',').map(str::trim).collect());
    let addresses: Vec<&str> =
        addresses.map_or_else(Vec::new, |text| text.split(',').map(str::trim).collect());
    if hosts.is_empty() && addresses.is_empty() {
        let port = port(ports.unwrap_or_default())?;
        let sockets = SOCKET_FOLDERS.map(|folder| Host::Socket(folder.into()));
        let local = Host::Tcp { name: "localhost".to_owned(), address: None };
        return Ok(sockets.into_iter().chain([local]).map(|host| Endpoint::new(host, port)).collect());
    }
    let count = hosts.len().max(addresses.len());
    if !hosts.is_empty() && !addresses.is_empty() && hosts.len() != addresses.len() {
        return Err(SettingsError::Value { parameter: "hostaddr", expected: "one address for each host" });
    }
    let ports: Vec<&str> = ports.unwrap_or_default().split(',').map(str::trim).collect();
    if ports.len() != 1 && ports.len() != count {
        return Err(SettingsError::Value { parameter: "port", expected: "one number, or one for each host" });
    }
    let numbered = (0..count).map(|index| {
        let host = host(hosts.get(index).copied(), addresses.get(index).copied())?;
        let port = port(ports.get(index).or(ports.first()).copied().unwrap_or_default())?;
        Ok(Endpoint::new(host, port))
    });
    numbered.collect()
}

fn host(name: Option<&str>, address: Option<&str>) -> Result<Host, SettingsError> {
    let name = name.filter(|name| !name.is_empty());
    let address = address.filter(|address| !address.is_empty());
    let parsed = address.map(str::parse::<IpAddr>).transpose();
    let address =
        parsed.map_err(|_| SettingsError::Value { parameter: "hostaddr", expected: "an IP address" })?;
    match (name, address) {
        (Some(folder), None) if folder.starts_with('/') => Ok(Host::Socket(folder.into())),
        (Some(name), address) => Ok(Host::Tcp { name: name.to_owned(), address }),
        (None, Some(address)) => Ok(Host::Tcp { name: address.to_string(), address: Some(address) }),
        (None, None) => Ok(Host::Tcp { name: "localhost".to_owned(), address: None }),
    }
}

fn port(text: &str) -> Result<u16, SettingsError> {
    match text {
        "" => Ok(5432),
        text => text.parse().ok().filter(|port| *port > 0).ok_or(SettingsError::Value {
            parameter: "port",
            expected: "a number from 1 to 65535; a password with special characters must be percent-encoded",
        }),
    }
}
