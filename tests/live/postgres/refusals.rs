//! Servers that do not let us in.

use std::{io::Write, net::TcpListener, time::Duration};

use scale_advisor::{
    snapshot::{Reason, Snapshot, Status},
    source::signals_of,
};

use super::{check_text, read, read_for};
use crate::support::{
    free_port,
    postgres::{Client, Postgres, Setup},
    wait_for,
};

/// Every signal is a gap for this reason, and the words are in what is told.
#[track_caller]
fn check_failed(snapshot: &Snapshot, expected: Reason, words: &[&str]) {
    let Status::Failed { reason, detail } = &snapshot.sources[0].status else {
        panic!("{:?}", snapshot.sources[0])
    };
    assert_eq!(*reason, expected, "{detail}");
    check_text(&format!("{detail} {}", snapshot.sources[0].hint.as_deref().unwrap_or_default()), words);
    assert_eq!(snapshot.gaps.len(), signals_of("postgres").len());
    assert!(snapshot.gaps.iter().all(|gap| gap.reason == expected), "{:?}", snapshot.gaps);
    assert!(!snapshot.to_json().contains("hunter2"));
}

#[track_caller]
fn check_full(snapshot: &Snapshot, words: &[&str]) {
    check_failed(snapshot, Reason::Full, &["53300"]);
    assert_eq!(snapshot.exhausted.len(), 1);
    assert_eq!(snapshot.exhausted[0].resource.as_str(), "postgres.connections");
    check_text(&snapshot.exhausted[0].message, words);
}

#[track_caller]
fn check_full_server(version: u32) {
    let settings = ["max_connections=10", "superuser_reserved_connections=3"];
    let server = Postgres::start(&Setup { version: Some(version), settings: &settings, ..Setup::default() });
    server.execute("CREATE ROLE app LOGIN");
    let _ordinary: Vec<Client> = (0..7).map(|_| server.client_as("app")).collect();
    check_full(&read(&server.url("app")), &["reserved", "only reserved slots are left"]);
    let _superuser: Vec<Client> = (0..3).map(|_| reserved_session(&server)).collect();
    check_full(&read(&server.url("postgres")), &["too many clients already", "every slot"]);
}

/// A session of the superuser, as soon as the server has let go of the session that it has just refused.
fn reserved_session(server: &Postgres) -> Client {
    wait_for(|| {
        Client::connect(server.port(), "postgres", "postgres").map_err(|refused| format!("{refused:?}"))
    })
}

#[test]
fn a_full_server_is_exhausted() {
    check_full_server(15);
}

#[test]
fn a_full_server_that_words_it_anew_is_exhausted() {
    check_full_server(16);
}

#[test]
fn limits_of_roles_and_databases_are_told_apart() {
    let server = Postgres::start(&Setup::default());
    server.execute("CREATE ROLE lim LOGIN CONNECTION LIMIT 1");
    server.execute("CREATE DATABASE small CONNECTION LIMIT 1");
    server.execute("CREATE ROLE app LOGIN");
    let _role = server.client_as("lim");
    check_full(&read(&server.url("lim")), &["for role \"lim\"", "not of the server"]);
    let _database = Client::connect(server.port(), "app", "small").unwrap();
    let url = format!("postgres://app@127.0.0.1:{}/small", server.port());
    check_full(&read(&url), &["for database \"small\"", "not of the server"]);
}

#[test]
fn a_refused_sign_in_says_what_to_correct() {
    let access = "host all guarded 127.0.0.1/32 scram-sha-256\nhost all banned 127.0.0.1/32 reject";
    let server = Postgres::start(&Setup { access, ..Setup::default() });
    server.execute(
        "CREATE ROLE guarded LOGIN PASSWORD 'right'; CREATE ROLE banned LOGIN; CREATE ROLE app LOGIN",
    );
    server.execute("CREATE DATABASE private");
    server.execute("REVOKE CONNECT ON DATABASE private FROM public");
    let at = |account: &str, database: &str| {
        read(&format!("postgres://{account}@127.0.0.1:{}/{database}", server.port()))
    };
    check_failed(&at("guarded:hunter2", "postgres"), Reason::SignInRefused, &["28P01", "password"]);
    check_failed(&at("guarded", "postgres"), Reason::SignInRefused, &["asks for a password", "PGPASSWORD"]);
    check_failed(&at("banned:hunter2", "postgres"), Reason::SignInRefused, &["28000", "pg_hba.conf"]);
    check_failed(&at("ghost", "postgres"), Reason::SignInRefused, &["ghost", "create the role"]);
    check_failed(&at("app", "ghost"), Reason::SignInRefused, &["3D000", "database name"]);
    check_failed(&at("app", "private"), Reason::NotPermitted, &["GRANT CONNECT ON DATABASE private TO app"]);
    assert_eq!(at("guarded:right", "postgres").sources[0].status, Status::Answered);
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let port = free_port();
    let snapshot = read(&format!("postgres://app:hunter2@127.0.0.1:{port}/shop"));
    check_failed(&snapshot, Reason::Unreachable, &[&format!("nothing listens at 127.0.0.1:{port}")]);
    assert_eq!(snapshot.sources[0].address, format!("postgres://app@127.0.0.1:{port}/shop"));
    let snapshot = read("host=/nowhere user=app password=hunter2");
    check_failed(&snapshot, Reason::Unreachable, &["no server socket /nowhere/.s.PGSQL.5432"]);
}

#[test]
fn the_next_host_is_tried_when_one_is_down() {
    let server = Postgres::start(&Setup::default());
    let url = format!("postgres://postgres@127.0.0.1:{},127.0.0.1:{}/postgres", free_port(), server.port());
    assert_eq!(read(&url).sources[0].status, Status::Answered);
}

#[test]
fn a_server_that_never_answers_is_given_up() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let url = format!("postgres://app:hunter2@127.0.0.1:{port}/shop");
    let snapshot = read_for(&url, Duration::from_millis(100), Duration::from_secs(2));
    check_failed(&snapshot, Reason::TimedOut, &["login timed out after 1 s"]);
}

#[test]
fn another_kind_of_server_is_recognised() {
    let web = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = web.local_addr().unwrap().port();
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = web.accept().unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").unwrap();
        stream
    });
    let snapshot = read(&format!("postgres://app:hunter2@127.0.0.1:{port}/shop"));
    drop(answering.join().unwrap());
    check_failed(&snapshot, Reason::UnexpectedReply, &["does not speak PostgreSQL's protocol", "'H'"]);
}
