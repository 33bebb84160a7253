//! How the parts of a connection's settings come together.

use std::{collections::BTreeMap, path::PathBuf};

use secrecy::ExposeSecret;

use super::*;

/// A made-up machine: its variables and its files.
#[derive(Default)]
struct Machine {
    variables: BTreeMap<&'static str, &'static str>,
    files: BTreeMap<&'static str, (&'static str, bool)>,
}

impl Machine {
    fn with(variables: &[(&'static str, &'static str)]) -> Self {
        Self { variables: variables.iter().copied().collect(), files: BTreeMap::new() }
    }

    fn file(mut self, path: &'static str, text: &'static str, private: bool) -> Self {
        self.files.insert(path, (text, private));
        self
    }

    fn resolve(&self, text: &str) -> Result<Settings, SettingsError> {
        let environment = |name: &str| self.variables.get(name).map(|value| (*value).to_owned());
        let read = |path: &Path| {
            let (text, private) = *self.files.get(path.to_str()?)?;
            Some(TextFile { text: text.to_owned(), private })
        };
        Settings::resolve(Some(text), &Surroundings { environment: &environment, read: &read })
    }
}

fn password(settings: &Settings) -> Option<&str> {
    settings.endpoints[0].password.as_ref().map(ExposeSecret::expose_secret)
}

#[test]
fn text_wins_over_service_over_environment() {
    let machine = Machine::with(&[
        ("HOME", "/srv/a"),
        ("PGSERVICE", "shop"),
        ("PGHOST", "env"),
        ("PGUSER", "env"),
        ("PGPORT", "1"),
        ("PGDATABASE", "env"),
    ])
    .file("/srv/a/.pg_service.conf", "[shop]\nhost=service\nuser=service\ndbname=service\n", false);
    assert_eq!(machine.resolve("").unwrap().address(), "postgres://service@service:1/service");
    assert_eq!(machine.resolve("user=me dbname=db").unwrap().address(), "postgres://me@service:1/db");
    assert_eq!(machine.resolve("postgres://u@h/db?pool_timeout=3").unwrap().address(), "postgres://u@h:1/db");
    let error = machine.resolve("service=none").unwrap_err().to_string();
    assert!(error.contains("[none]") && error.contains("/srv/a/.pg_service.conf"), "{error}");
}

#[test]
fn nothing_given_means_the_local_server() {
    let settings = Machine::with(&[("USER", "ann")]).resolve("").unwrap();
    assert_eq!((settings.user.as_str(), settings.database.as_str()), ("ann", "ann"));
    assert_eq!(settings.endpoints[0].host, Host::Socket("/var/run/postgresql".into()));
    assert_eq!(settings.endpoints.last().unwrap().place(), "localhost:5432");
}

#[test]
fn several_hosts_keep_their_ports_and_addresses() {
    let machine = Machine::default();
    let settings = machine.resolve("postgres://u@a:1,[::1]:2,/db").unwrap();
    assert_eq!(settings.address(), "postgres://u@a:1,[::1]:2,localhost:5432/db");
    let settings = machine.resolve("host=db1 hostaddr=10.0.0.7 user=u").unwrap();
    let address = Some("10.0.0.7".parse().unwrap());
    assert_eq!(settings.endpoints[0].host, Host::Tcp { name: "db1".to_owned(), address });
    assert!(machine.resolve("host=a,b,c port=1,2").is_err());
    assert!(machine.resolve("host=a,b hostaddr=10.0.0.7").is_err());
    assert!(machine.resolve("host=a hostaddr=b").is_err());
    let elsewhere = Machine::with(&[("PGHOSTADDR", "10.0.0.7")]).resolve("host=db1").unwrap();
    assert_eq!(elsewhere.endpoints[0].host, Host::Tcp { name: "db1".to_owned(), address: None });
}

#[test]
fn the_password_file_counts_only_when_private() {
    let home = Machine::with(&[("HOME", "/srv/a")]);
    let machine = home.file("/srv/a/.pgpass", "db1:*:*:app:pw\nlocalhost:*:*:app:local\n", true);
    assert_eq!(password(&machine.resolve("postgres://app@db1/shop").unwrap()), Some("pw"));
    assert_eq!(password(&machine.resolve("postgres://app@db2/shop").unwrap()), None);
    assert_eq!(password(&machine.resolve("postgres://app:own@db1/shop").unwrap()), Some("own"));
    assert_eq!(password(&machine.resolve("user=app").unwrap()), Some("local"));
    let open = Machine::with(&[("PGPASSFILE", "/pass")]).file("/pass", "*:*:*:*:pw", false);
    let settings = open.resolve("postgres://app@db1/shop").unwrap();
    assert_eq!(password(&settings), None);
    assert!(settings.notes[0].contains("chmod 0600 /pass"), "{:?}", settings.notes);
}

#[test]
fn a_file_is_private_when_only_its_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pass");
    std::fs::write(&path, "*:*:*:*:pw").unwrap();
    for (mode, private) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false)] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(TextFile::read(&path).unwrap().private, private, "{mode:o}");
    }
    assert!(TextFile::read(folder.path()).is_none());
    std::fs::write(&path, vec![b'x'; 2 << 20]).unwrap();
    assert!(TextFile::read(&path).is_none());
}

#[track_caller]
fn check_encryption(machine: &Machine, text: &str, mode: Mode, verify: Verify, ca_file: Option<&str>) {
    let encryption = machine.resolve(text).unwrap().encryption;
    assert_eq!((encryption.mode, encryption.verify), (mode, verify), "{text}");
    assert_eq!(encryption.files.ca_file, ca_file.map(PathBuf::from), "{text}");
}

#[test]
fn sslmode_means_what_libpq_means() {
    let bare = Machine::default();
    check_encryption(&bare, "host=h", Mode::Prefer, Verify::Nothing, None);
    check_encryption(&bare, "host=h sslmode=disable", Mode::Disable, Verify::Nothing, None);
    check_encryption(&bare, "host=h sslmode=allow", Mode::Allow, Verify::Nothing, None);
    check_encryption(&bare, "host=h sslmode=require", Mode::Require, Verify::Nothing, None);
    check_encryption(
        &bare,
        "host=h sslmode=require sslrootcert=/ca",
        Mode::Require,
        Verify::Chain,
        Some("/ca"),
    );
    check_encryption(&bare, "host=h sslmode=no-verify sslrootcert=/ca", Mode::Require, Verify::Nothing, None);
    check_encryption(&bare, "host=h sslmode=verify-full", Mode::Require, Verify::Name, None);
    check_encryption(&bare, "host=h sslrootcert=system", Mode::Require, Verify::Name, None);
    let home = Machine::with(&[("HOME", "/srv/a")]).file("/srv/a/.postgresql/root.crt", "", false);
    let root = Some("/srv/a/.postgresql/root.crt");
    check_encryption(&home, "host=h sslmode=require", Mode::Require, Verify::Chain, root);
    check_encryption(&home, "host=h sslmode=verify-full", Mode::Require, Verify::Name, root);
    check_encryption(&home, "host=h", Mode::Prefer, Verify::Nothing, None);
    for text in ["sslmode=verify-ca", "sslmode=on", "sslmode=require sslrootcert=system"] {
        assert!(bare.resolve(text).is_err(), "{text}");
    }
}

#[test]
fn no_password_is_ever_printed() {
    let machine = Machine::default();
    let settings = machine.resolve("postgres://app:hunter2@db1/shop").unwrap();
    assert!(!format!("{settings:?}{}", settings.address()).contains("hunter2"));
    for text in [
        "postgres://app:hunter2/x@db1/shop",
        "postgres://app:1/hunter2@db1/shop",
        "postgres://app:hunter2?x@db1/shop",
        "postgres://app:,hunter2?=@db1/shop",
        "postgres://app:%hunter2@db1",
        "user=app password=x hunter2",
        "host=h port=hunter2",
        "host=h sslmode=hunter2",
        "host=h connect_timeout=hunter2",
    ] {
        let message = machine.resolve(text).unwrap_err().to_string();
        assert!(!message.contains("hunter2"), "{text}: {message}");
    }
}

#[test]
fn security_parameters_without_effect_are_mentioned() {
    let settings = Machine::default().resolve("host=h sslcrl=/crl connect_timeout=3 schema=x").unwrap();
    assert_eq!(settings.notes, ["the connection parameter `sslcrl` has no effect here"]);
    assert_eq!(settings.connect_timeout, Some(Duration::from_secs(3)));
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "(postgres://)?[a-z0-9:@/?=&%'\\\\, \\[\\]]{0,40}", line in "[a*:\\\\#]{0,20}") {
        let line: &'static str = String::leak(line);
        let machine = Machine::with(&[("PGPASSFILE", "/pass")]).file("/pass", line, true);
        let _ = machine.resolve(&text);
    }

    #[test]
    fn no_generated_password_is_ever_printed(password in "[!-~]{0,10}hunter2[!-~]{0,10}") {
        let told = match Machine::default().resolve(&format!("postgres://app:{password}@db1/shop")) {
            Ok(settings) => format!("{settings:?} {}", settings.address()),
            Err(error) => error.to_string(),
        };
        proptest::prop_assert!(!told.contains("hunter2"), "{told}");
    }
}
