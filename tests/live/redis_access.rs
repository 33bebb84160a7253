//! Getting into a Redis server, or not: accounts, TLS, sockets, and servers that are none.

use std::{io::Write as _, net::TcpListener, path::PathBuf, time::Duration};

use scale_advisor::{
    snapshot::{Reason, Status},
    source::redis::ACL,
    tls::TlsSettings,
};

use crate::support::{
    self,
    redis::{client, collect, failure, gap, observed, read, read_with, send, settings, start, value},
};

#[test]
fn passwords_are_asked_for_and_never_shown() {
    let server = start(&["--requirepass", "hunter2"]);
    let snapshot = read(server.port);
    assert_eq!(failure(&snapshot).0, Reason::SignInRefused);
    assert!(failure(&snapshot).1.contains("NOAUTH"));
    for url in ["redis://:wrong-one@127.0.0.1:PORT", "redis://nobody:wrong-one@127.0.0.1:PORT"] {
        let snapshot = read_with(settings(url, server.port));
        assert_eq!(failure(&snapshot).0, Reason::SignInRefused);
        assert!(!snapshot.to_json().contains("wrong-one"));
    }
    for url in ["redis://:hunter2@127.0.0.1:PORT", "redis://default:hunter2@127.0.0.1:PORT/3"] {
        let snapshot = read_with(settings(url, server.port));
        observed(&snapshot, "redis.clients", None);
        assert!(!snapshot.to_json().contains("hunter2"));
    }
}

#[test]
fn a_password_nobody_asked_for_does_no_harm() {
    let server = start(&[]);
    observed(&read_with(settings("redis://:needless@127.0.0.1:PORT", server.port)), "redis.clients", None);
}

#[test]
fn the_documented_account_suffices() {
    let server = start(&[]);
    let mut admin = client(server.port);
    send(&mut admin, &ACL.replace("PASSWORD", "pw"));
    for command in [
        "SET bull:mail:id 3",
        "LPUSH bull:mail:wait 1 2 3",
        "ZADD bull:mail:failed 1 9",
        "SADD rq:queues rq:queue:jobs",
        "RPUSH rq:queue:jobs 1",
        "SADD queues tasks",
        "LPUSH queue:tasks {}",
        "SADD _kombu.binding.celery celery\u{6}\u{16}\u{6}\u{16}celery",
        "ZADD unacked_index 1 tag",
        "HSET unacked tag {}",
    ] {
        send(&mut admin, command);
    }
    let snapshot = read_with(settings("redis://advisor:pw@127.0.0.1:PORT", server.port));
    assert_eq!(snapshot.sources[0].status, Status::Answered);
    for (queue, depth) in [("mail", 3.0_f64), ("jobs", 1.0), ("tasks", 1.0), ("celery", 0.0)] {
        assert_eq!(value(&snapshot, "queue.depth", Some(queue)).to_bits(), depth.to_bits(), "{queue}");
    }
    assert_eq!(gap(&snapshot, "queue.oldest_age").reason, Reason::Empty);
    let denied: redis::Value = redis::cmd("ACL").arg("LOG").query(&mut admin).unwrap();
    assert_eq!(denied, redis::Value::Array(Vec::new()), "commands were refused");
}

#[test]
fn a_missing_right_is_named_and_the_rest_is_read() {
    let server = start(&[]);
    let mut admin = client(server.port);
    send(&mut admin, "ACL SETUSER some on >pw -@all +info");
    send(&mut admin, "ACL SETUSER none on >pw -@all");
    let snapshot = read_with(settings("redis://some:pw@127.0.0.1:PORT", server.port));
    observed(&snapshot, "redis.memory", None);
    assert_eq!(gap(&snapshot, "queue.depth").reason, Reason::NotPermitted);
    assert!(gap(&snapshot, "queue.depth").hint.as_ref().unwrap().contains(ACL));
    let snapshot = read_with(settings("redis://none:pw@127.0.0.1:PORT", server.port));
    assert_eq!(failure(&snapshot).0, Reason::NotPermitted);
}

#[test]
fn a_dead_a_silent_and_a_foreign_server_are_told_apart() {
    let snapshot = read(support::free_port());
    assert_eq!(failure(&snapshot).0, Reason::Unreachable);

    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let source = settings("redis://:hunter2@127.0.0.1:PORT", silent.local_addr().unwrap().port());
    let source = Box::new(source);
    let snapshot = collect(source, Duration::from_millis(10), Duration::from_millis(400));
    assert_eq!(failure(&snapshot).0, Reason::TimedOut);
    assert!(failure(&snapshot).1.contains("connected, but no answer"), "{}", snapshot.to_json());
    assert!(!snapshot.to_json().contains("hunter2"));

    let web = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = web.local_addr().unwrap().port();
    let snapshot = std::thread::scope(|scope| {
        scope.spawn(|| {
            let (mut caller, _) = web.accept().unwrap();
            caller.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        });
        read(port)
    });
    assert_eq!(failure(&snapshot).0, Reason::UnexpectedReply);
}

#[test]
fn tls_and_unix_sockets_are_spoken() {
    let folder = support::folder();
    support::redis::certificates(folder.path());
    let path = |name: &str| folder.path().join(name).display().to_string();
    let port = support::free_port().to_string();
    let (key, certificate, authority) = (path("server.key"), path("server.pem"), path("ca.pem"));
    let server = start(&[
        "--tls-port",
        &port,
        "--tls-cert-file",
        &certificate,
        "--tls-key-file",
        &key,
        "--tls-ca-cert-file",
        &authority,
        "--tls-auth-clients",
        "no",
        "--unixsocket",
        &path("redis.sock"),
    ]);
    let tls_port = port.parse().unwrap();
    let trusting = |port| {
        let mut settings = settings("rediss://127.0.0.1:PORT", port);
        settings.tls = TlsSettings { ca_file: Some(PathBuf::from(&authority)), ..TlsSettings::default() };
        settings
    };
    observed(&read_with(trusting(tls_port)), "redis.clients", None);
    let distrusting = read_with(settings("rediss://127.0.0.1:PORT", tls_port));
    assert_eq!(failure(&distrusting).0, Reason::Unreachable);
    assert!(failure(&distrusting).1.contains("TLS handshake failed"), "{:?}", failure(&distrusting));
    let plain_on_tls = read(tls_port);
    assert!(
        plain_on_tls.sources[0].hint.as_ref().unwrap().contains("rediss://"),
        "{}",
        plain_on_tls.to_json()
    );
    let source = Box::new(trusting(server.port));
    let tls_on_plain = collect(source, Duration::from_millis(10), Duration::from_secs(2));
    assert!(failure(&tls_on_plain).1.contains("TLS handshake"));
    assert!(
        tls_on_plain.sources[0].hint.as_ref().unwrap().contains("redis://"),
        "{}",
        tls_on_plain.to_json()
    );
    let socket = settings(&format!("unix://{}", path("redis.sock")), 0);
    observed(&read_with(socket), "redis.clients", None);
}
