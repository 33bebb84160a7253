//! A real RabbitMQ with its Prometheus plugin.

use std::{fs, path::Path, process::Command, sync::OnceLock};

use super::{Server, accepts, folder, free_port, http::try_http, npm};

/// Where Debian keeps the program itself; the one in PATH insists on an account of its own.
const PROGRAM: &str = "/usr/lib/rabbitmq/bin/rabbitmq-server";

/// A broker and the port mapper it cannot do without.
#[derive(Debug)]
pub struct Broker {
    server: Server,
    _port_mapper: Server,
    /// Where it serves its metrics.
    pub metrics: u16,
}

impl Broker {
    /// Starts a broker without queues.
    pub fn start() -> Self {
        let mapper = free_port();
        let mut epmd = Command::new("epmd");
        epmd.args(["-address", "127.0.0.1", "-port", &mapper.to_string()]);
        let port_mapper = Server::start(epmd, mapper, folder(), || accepts(mapper));
        let (port, metrics, folder) = (free_port(), free_port(), folder());
        let broker = broker(folder.path(), port, metrics, mapper);
        let ready = move || try_http(metrics, "GET", "/metrics", "").is_some() && accepts(port);
        Self { server: Server::start(broker, port, folder, ready), _port_mapper: port_mapper, metrics }
    }

    /// Publishes and takes messages as `plan` says, and holds on to what was taken; see `amqp.js`.
    pub fn occupy(&self, plan: &str) -> Server {
        static MODULES: OnceLock<std::path::PathBuf> = OnceLock::new();
        let modules = MODULES.get_or_init(|| npm::modules("amqplib", &["amqplib@0.10.9".to_owned()]));
        let mut node = Command::new("node");
        node.env("NODE_PATH", modules);
        node.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/live/support/amqp.js"));
        node.args([&self.server.port.to_string(), plan]);
        let folder = folder();
        let log = folder.path().join("server.log");
        let ready = move || fs::read_to_string(&log).is_ok_and(|log| log.contains("settled"));
        Server::start(node, self.server.port, folder, ready)
    }
}

fn broker(folder: &Path, port: u16, metrics: u16, mapper: u16) -> Command {
    let settings = format!(
        "listeners.tcp.1 = 127.0.0.1:{port}\n\
         prometheus.tcp.ip = 127.0.0.1\n\
         prometheus.tcp.port = {metrics}\n\
         collect_statistics_interval = 1000\n\
         log.console = true\n\
         log.file = false\n"
    );
    fs::write(folder.join("rabbitmq.conf"), settings).unwrap();
    fs::write(folder.join("plugins"), "[rabbitmq_prometheus].\n").unwrap();
    let mut command = Command::new(PROGRAM);
    command.env("ERL_EPMD_PORT", mapper.to_string());
    command.env("RABBITMQ_NODENAME", format!("test-{port}@localhost"));
    command.env("RABBITMQ_DIST_PORT", free_port().to_string());
    for (variable, name) in [
        ("HOME", "."),
        ("RABBITMQ_MNESIA_BASE", "data"),
        ("RABBITMQ_LOG_BASE", "log"),
        ("RABBITMQ_CONFIG_FILE", "rabbitmq.conf"),
        ("RABBITMQ_ENABLED_PLUGINS_FILE", "plugins"),
        // Nothing of the machine's own broker is read.
        ("RABBITMQ_CONF_ENV_FILE", "none"),
        ("RABBITMQ_ADVANCED_CONFIG_FILE", "none.config"),
        // As under systemd the broker takes the place of the script that starts it, and can be killed.
        ("NOTIFY_SOCKET", "none"),
    ] {
        command.env(variable, folder.join(name));
    }
    command
}
