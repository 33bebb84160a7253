//! Passwords, authorities and certificates of a real Prometheus.

use std::{path::Path, process::Command};

use scale_advisor::{
    snapshot::{Reason, Status},
    source::{http::Auth, prometheus::Settings},
};

use super::{DAY, END, observation, read};
use crate::support::{
    Server, folder,
    prometheus::{Backfill, Span},
    run,
};

fn history() -> Backfill {
    Backfill::default().gauge("websocket_active_connections", &[], Span::before(END, DAY, 60), |_| 40.0)
}

/// `open sesame`, hashed as Prometheus wants it.
const USERS: &str =
    "basic_auth_users:\n  ali: $2b$04$NxGoplWsHPGfcPFg3Vc2SObMXrvLhinpfXh7.zXm78xVg.o1JfJh.\n";

#[track_caller]
fn check_refused(settings: &Settings, expected: Reason, words: &str) {
    let reading = read(settings);
    let Status::Failed { reason, detail } = &reading.report.status else { panic!("{:?}", reading.report) };
    assert!(*reason == expected && detail.contains(words), "{reason:?}: {detail} {:?}", reading.report.hint);
    assert!(!format!("{reading:?}").contains("sesame"));
}

#[test]
fn a_password_opens_the_server_and_a_wrong_one_does_not() {
    let server = history().prometheus_with("", Some(USERS), &[]);
    let mut settings = Settings::new(&server.url()).unwrap();
    check_refused(&settings, Reason::SignInRefused, "401");
    settings.endpoint.auth = Auth::Basic { user: "ali".to_owned(), password: "close sesame".into() };
    check_refused(&settings, Reason::SignInRefused, "401");
    settings.endpoint.auth = Auth::Basic { user: "ali".to_owned(), password: "open sesame".into() };
    observation(&read(&settings), "users.concurrent");
}

/// An authority, a server's certificate for 127.0.0.1 and a client's, as PEM files in a folder.
fn certificates(folder: &Path) {
    let openssl = |arguments: &[&str]| {
        run(Command::new("openssl").args(arguments).current_dir(folder));
    };
    let new = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-batch"];
    let authority =
        ["-x509", "-days", "2", "-subj", "/CN=test authority", "-keyout", "ca.key", "-out", "ca.pem"];
    openssl(&[&new[..], &authority].concat());
    for (name, usage) in [("server", "serverAuth"), ("client", "clientAuth")] {
        let (key, request, pem) = (format!("{name}.key"), format!("{name}.csr"), format!("{name}.pem"));
        let subject = format!("/CN={name}");
        openssl(&[&new[..], &["-subj", &subject, "-keyout", &key, "-out", &request]].concat());
        let extensions = format!("subjectAltName=IP:127.0.0.1\nextendedKeyUsage={usage}\n");
        std::fs::write(folder.join("extensions"), extensions).unwrap();
        let sign = ["x509", "-req", "-days", "2", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"];
        openssl(&[&sign[..], &["-extfile", "extensions", "-in", &request, "-out", &pem]].concat());
    }
}

/// A server that speaks TLS and wants to see a certificate of the authority.
fn server(folder: &Path) -> Server {
    let file = |name: &str| folder.join(name).display().to_string();
    let tls = format!(
        "tls_server_config:\n  cert_file: {}\n  key_file: {}\n  client_ca_file: {}\n  client_auth_type: RequireAndVerifyClientCert\n",
        file("server.pem"),
        file("server.key"),
        file("ca.pem")
    );
    history().prometheus_with("", Some(&tls), &[])
}

#[test]
fn an_own_authority_and_a_client_certificate_are_used() {
    let folder = folder();
    certificates(folder.path());
    let server = server(folder.path());
    let mut settings = Settings::new(&server.url().replace("http", "https")).unwrap();
    check_refused(&settings, Reason::Unreachable, "certificate");
    settings.endpoint.tls.ca_file = Some(folder.path().join("ca.pem"));
    check_refused(&settings, Reason::Unreachable, "ertificate");
    settings.endpoint.tls.client_certificate = Some(folder.path().join("client.pem"));
    check_refused(&settings, Reason::NotConfigured, "client_key");
    settings.endpoint.tls.client_key = Some(folder.path().join("client.key"));
    observation(&read(&settings), "users.concurrent");
    settings.endpoint.tls.ca_file = Some(folder.path().join("missing.pem"));
    check_refused(&settings, Reason::NotConfigured, "missing.pem");
}

/// A minimal system has no package of authorities: plain HTTP works, and HTTPS says what is missing.
#[test]
fn a_system_without_authorities_reads_plain_servers() {
    let folder = folder();
    certificates(folder.path());
    let (plain, encrypted) = (history().prometheus(), server(folder.path()));
    let at = chrono::DateTime::from_timestamp(END, 0).unwrap().to_rfc3339();
    let doctor = |url: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scale-advisor"));
        command.env_clear().env("SSL_CERT_DIR", folder.path().join("none")).current_dir(folder.path());
        command.env("SSL_CERT_FILE", folder.path().join("none.pem")).env("COLUMNS", "200");
        let output = command.args(["doctor", "-q", "--at", &at, "--prometheus", url]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let page = doctor(&plain.url());
    assert!(page.contains("1 of 1 sources answered"), "{page}");
    let page = doctor(&encrypted.url().replace("http", "https"));
    assert!(page.contains("trusts no certificate authority; install the package ca-certificates"), "{page}");
}
