//! The few bytes of HTTP that tests need to speak to their own servers.

use std::{
    fmt::Write as _,
    io::{Read, Write},
    net::TcpStream,
};

/// Sends a request and gives back the status and the body.
///
/// # Panics
/// When the server does not answer in HTTP.
pub fn http(port: u16, method: &str, path: &str, body: &str) -> (u16, String) {
    try_http(port, method, path, body).unwrap_or_else(|| panic!("{method} {path}: no answer on port {port}"))
}

/// As [`http`]; `None` while nothing answers there.
pub fn try_http(port: u16, method: &str, path: &str, body: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    let head = format!(
        "{method} {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, body.to_owned()))
}

/// What Prometheus answers to an expression at each step, in Unix seconds.
///
/// # Panics
/// When it does not understand the expression.
pub fn query_range(port: u16, expression: &str, (start, end, step): (i64, i64, i64)) -> String {
    let mut query = String::new();
    for byte in expression.bytes() {
        write!(query, "%{byte:02X}").unwrap();
    }
    // With its cache VictoriaMetrics moves the ends of long ranges.
    let path = format!("/api/v1/query_range?query={query}&start={start}&end={end}&step={step}&nocache=1");
    let (status, body) = http(port, "GET", &path, "");
    assert_eq!(status, 200, "{expression}: {body}");
    body
}
