//! Encrypted connections with an authority of our own.

use std::path::PathBuf;

use scale_advisor::snapshot::{Reason, Snapshot, Status};

use super::{check_text, read};
use crate::support::{
    folder,
    postgres::{Postgres, Setup, unprivileged},
    run,
};

/// An authority and a certificate for `localhost` that it signed.
struct Certificates {
    folder: tempfile::TempDir,
}

impl Certificates {
    fn new(authority: &str, curve: &str) -> Self {
        let certificates = Self { folder: folder() };
        certificates.openssl(&format!(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN={authority} \
             -keyout ca.key -out ca.crt"
        ));
        certificates.openssl(&format!(
            "req -newkey ec -pkeyopt ec_paramgen_curve:{curve} -nodes -subj /CN=localhost \
             -addext subjectAltName=DNS:localhost -keyout server.key -out server.csr"
        ));
        certificates.openssl(
            "x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -copy_extensions copy \
             -out server.crt",
        );
        certificates
    }

    /// PostgreSQL wants to own its key; the files are made under its account.
    fn openssl(&self, arguments: &str) {
        run(unprivileged("env")
            .arg("-C")
            .arg(self.folder.path())
            .arg("openssl")
            .args(arguments.split_whitespace()));
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn server(&self) -> Postgres {
        let certificate = format!("ssl_cert_file={}", self.file("server.crt").display());
        let key = format!("ssl_key_file={}", self.file("server.key").display());
        let access = "hostssl all sealed 127.0.0.1/32 trust\nhost all sealed 127.0.0.1/32 reject\n\
                      host all bound 127.0.0.1/32 scram-sha-256";
        let settings = ["ssl=on", &certificate, &key];
        let server = Postgres::start(&Setup { settings: &settings, access, ..Setup::default() });
        server.execute("CREATE ROLE sealed LOGIN");
        server
    }
}

#[track_caller]
fn check_refused(snapshot: &Snapshot, words: &[&str]) {
    let Status::Failed { reason, detail } = &snapshot.sources[0].status else {
        panic!("{:?}", snapshot.sources)
    };
    assert_eq!(*reason, Reason::Unreachable);
    check_text(&format!("{detail} {}", snapshot.sources[0].hint.as_deref().unwrap()), words);
}

#[test]
fn sslmode_verifies_as_much_as_it_says() {
    let certificates = Certificates::new("ours", "prime256v1");
    let other = Certificates::new("theirs", "prime256v1");
    let server = certificates.server();
    let authority = certificates.file("ca.crt").display().to_string();
    let stranger = other.file("ca.crt").display().to_string();
    let at = |host: &str, mode: &str| {
        read(&format!("postgres://sealed@{host}:{}/postgres?sslmode={mode}", server.port()))
    };
    for (host, mode) in [
        ("localhost", format!("verify-full&sslrootcert={authority}")),
        ("127.0.0.1", format!("verify-ca&sslrootcert={authority}")),
        ("127.0.0.1", "require".to_owned()),
        ("127.0.0.1", "prefer".to_owned()),
        ("127.0.0.1", "allow".to_owned()),
    ] {
        assert_eq!(at(host, &mode).sources[0].status, Status::Answered, "{mode}");
    }
    check_refused(&at("127.0.0.1", &format!("verify-full&sslrootcert={authority}")), &["not valid for name"]);
    for mode in ["verify-full", "verify-ca", "require"] {
        let snapshot = at("localhost", &format!("{mode}&sslrootcert={stranger}"));
        check_refused(&snapshot, &["UnknownIssuer", "sslrootcert"]);
    }
    server.execute("CREATE ROLE bound LOGIN PASSWORD 'right'");
    let bound = |options: &str| {
        read(&format!("postgres://bound:right@localhost:{}/postgres?{options}", server.port()))
    };
    let both = bound("sslmode=require&channel_binding=require");
    assert_eq!(both.sources[0].status, Status::Answered);
    let plain = at("localhost", "disable");
    check_text(&format!("{:?}", plain.sources[0].status), &["SignInRefused", "28000"]);
}

#[test]
fn a_server_without_tls_is_told_from_a_broken_one() {
    let server = Postgres::start(&Setup::default());
    let at = |mode: &str| read(&format!("{}?sslmode={mode}", server.url("postgres")));
    check_refused(&at("require"), &["does not support TLS", "turn on `ssl`"]);
    assert_eq!(at("prefer").sources[0].status, Status::Answered);
    let missing = at("verify-full&sslrootcert=/nowhere/ca.crt");
    check_text(&format!("{:?}", missing.sources[0].status), &["NotConfigured", "/nowhere/ca.crt"]);
}

#[test]
fn a_key_we_cannot_handle_is_named() {
    let certificates = Certificates::new("ours", "secp521r1");
    let server = certificates.server();
    let snapshot = read(&format!("postgres://sealed@localhost:{}/postgres?sslmode=require", server.port()));
    check_refused(&snapshot, &["P-521"]);
}
