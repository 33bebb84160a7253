//! A system in which nothing is wrong and everything is measured.

use super::{
    history::{application, host},
    load::during,
    program::Project,
};
use crate::support::{
    Server, bullmq,
    postgres::{Client, Postgres},
    prometheus::{Backfill, Span},
    redis,
};

/// Servers that have enough of everything.
#[derive(Debug)]
struct Company {
    prometheus: Server,
    postgres: Postgres,
    redis: Server,
}

impl Company {
    fn open() -> Self {
        let day = Span::before(chrono::Utc::now().timestamp(), 24 * 3600, 60);
        let history = host(application(Backfill::default(), day), "app-1:9100", day, |_| 0.3);
        let company = Self {
            prometheus: history.prometheus(),
            postgres: Postgres::with_statements(None),
            redis: redis::start(&["--maxmemory", "64mb", "--maxmemory-policy", "noeviction"]),
        };
        bullmq::fill("bullmq5", company.redis.port, "intent", r#"{"complete":150,"waiting":1}"#);
        company.postgres.execute("CREATE TABLE cart AS SELECT n FROM generate_series(1, 1000) n");
        redis::send(&mut redis::client(company.redis.port), "SET hot 1");
        company
    }

    /// Does something while users read from the database and from the cache.
    fn while_used<T>(&self, act: impl FnOnce() -> T) -> T {
        let connect = || (self.postgres.client(), redis::client(self.redis.port));
        let use_it = |(database, cache): &mut (Client, ::redis::Connection)| {
            database.query("SELECT count(*) FROM cart").unwrap();
            redis::send(cache, "GET hot");
        };
        during(1, connect, use_it, act)
    }

    fn project(&self) -> Project {
        Project::new(&format!(
            "[facts]\n{}\n\
             [signals.\"workers.utilization\"]\n\
             prometheus = \"sum(worker_jobs_running) / sum(worker_places)\"\n\
             [sources.prometheus]\nurl = \"{}\"\n\
             [sources.postgres]\nurl = \"{}\"\n\
             [sources.redis]\nurl = \"redis://127.0.0.1:{}\"",
            "team_size = 4\nmulti_region = false\nglobal_users = false\ncomplexity = \"low\"\nmonthly_cost = 300",
            self.prometheus.url(),
            self.postgres.url("postgres"),
            self.redis.port
        ))
    }
}

#[test]
fn a_system_with_enough_of_everything_is_told_so() {
    let company = Company::open();
    let project = company.project();
    let judged = company.while_used(|| project.check("--sample 1s"));
    judged.expect_ok();
    assert_eq!(judged.part("/phase/current"), 2);
    assert_eq!(judged.part("/load/peak"), 150.0);
    let strict = company.while_used(|| project.run("check -q --sample 1s --fail-on warning"));
    assert_eq!((strict.code, strict.err.as_str()), (0, ""), "{}", strict.out);
}
