//! Remedies that no roadmap has to name. What users feel while every resource has room is not mended by a larger machine:
//! the cause has to be found first. And a budget of money is raised, or less of it is spent.

use super::{Bottleneck, PlanItem, PlanReason};
use crate::{assess::AssessmentInput, roadmap::Priority, signal::Role};

/// What to do about a service level that no resource explains, or about a resource.
#[derive(Debug)]
pub(super) struct Remedy {
    /// The group that the service level is part of, or the resource.
    group: &'static str,
    /// Which of the two it is for.
    role: Role,
    id: &'static str,
    title: &'static str,
    steps: &'static [&'static str],
}

const REMEDIES: [Remedy; 9] = [
    Remedy {
        role: Role::ServiceLevel,
        group: "postgres.locks",
        id: "remedy-postgres-locks",
        title: "Find and end what blocks",
        steps: &[
            "See who blocks whom: `SELECT w.pid AS waiting, b.pid AS blocking, b.state, now() - b.xact_start AS open_for, b.query FROM pg_stat_activity w JOIN pg_stat_activity b ON b.pid = ANY (pg_blocking_pids(w.pid)) ORDER BY open_for DESC;`",
            "Cancel the blocking statement: `SELECT pg_cancel_backend(<pid>);` A session that is idle in transaction executes none: end it with `SELECT pg_terminate_backend(<pid>);`",
            "Terminate sessions that stay idle in transaction: `ALTER SYSTEM SET idle_in_transaction_session_timeout = '60s'; SELECT pg_reload_conf();`",
            "Keep calls to other services out of transactions, set lock_timeout for migrations, and lock rows in the same order everywhere",
        ],
    },
    Remedy {
        role: Role::ServiceLevel,
        group: "postgres.cache",
        id: "remedy-postgres-cache",
        title: "Fit the working set into shared_buffers",
        steps: &[
            "Find the tables that are read from disk: `SELECT relname, heap_blks_read, heap_blks_hit, pg_size_pretty(pg_table_size(relid)) FROM pg_statio_user_tables ORDER BY heap_blks_read DESC LIMIT 20;`",
            "Make the working set smaller first: add indexes where large tables are scanned: `SELECT relname, seq_scan, seq_tup_read FROM pg_stat_user_tables ORDER BY seq_tup_read DESC LIMIT 20;`",
            "Compare what is left with `SHOW shared_buffers;` and raise it to at most a quarter of the host's memory; this needs a restart",
        ],
    },
    Remedy {
        role: Role::ServiceLevel,
        group: "postgres.queries",
        id: "remedy-postgres-queries",
        title: "Fix the statements that take the time",
        steps: &[
            "List them: `SELECT calls, mean_exec_time, total_exec_time, query FROM pg_stat_statements ORDER BY total_exec_time DESC LIMIT 20;`",
            "Read the plan of the slow one: `EXPLAIN (ANALYZE, BUFFERS) …`; it executes the statement",
            "Add the missing index with `CREATE INDEX CONCURRENTLY …`, or `ANALYZE` the table where the estimated rows are far from the actual ones",
            "If its plan is good, see what it waits for: `SELECT wait_event_type, wait_event, query FROM pg_stat_activity WHERE state = 'active';`",
        ],
    },
    Remedy {
        role: Role::ServiceLevel,
        group: "postgres.replication",
        id: "remedy-postgres-replication",
        title: "Find out where replication lags",
        steps: &[
            "See which stage lags: `SELECT application_name, state, write_lag, flush_lag, replay_lag FROM pg_stat_replication;`",
            "If only replay lags, look for long queries on the standby, which delay it for up to max_standby_streaming_delay",
            "If writing or flushing lags, check the network and the standby's disk, and spread bulk writes over time",
            "Send reads that must be current to the primary, and watch the WAL that slots retain: `SELECT slot_name, active, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) FROM pg_replication_slots;`",
        ],
    },
    Remedy {
        role: Role::ServiceLevel,
        group: "redis.cache",
        id: "remedy-redis-cache",
        title: "Find out why the cache misses",
        steps: &[
            "Compare keyspace_misses, evicted_keys and expired_keys: `redis-cli INFO stats`",
            "If keys are evicted, find the large ones with `redis-cli --bigkeys`, shorten their TTLs or raise maxmemory",
            "If they expire, lengthen the TTLs of what is read often",
            "If neither, look for keys that are read and never written: a changed prefix, or a cache that was flushed",
        ],
    },
    Remedy {
        role: Role::ServiceLevel,
        group: "app.latency",
        id: "remedy-app-latency",
        title: "Find out where requests spend their time",
        steps: &[
            "Compare its start with the last deployment and configuration change, and roll back what fits",
            "Break the time down by route, and by what each waits for (queries, locks, pools, other services), with traces or a histogram for each route",
            "Set timeouts on calls to other services: a slow one delays requests and uses none of your resources",
            "Measure the resources that are unknown: `scale-advisor doctor` says how",
        ],
    },
    Remedy {
        role: Role::ServiceLevel,
        group: "app.errors",
        id: "remedy-app-errors",
        title: "Find out which requests fail",
        steps: &[
            "Compare its start with the last deployment and configuration change, and roll back what fits",
            "Break the errors down by route and status code: 502 and 503 come from a proxy without a backend, 504 from a timeout, 500 from the application",
            "Read the logs of the route with most of them, and check the other services that it calls",
        ],
    },
    Remedy {
        role: Role::ServiceLevel,
        group: "queue.workers",
        id: "remedy-queue",
        title: "Find out why jobs wait",
        steps: &[
            "Look at failed and retried jobs first: a job that fails and is retried takes workers from the others",
            "Compare job durations with those of last week: if they rose, see what jobs wait for before starting more workers",
            "If all workers are busy, start as many more as `check -v` computes for the queue, as far as the database and rate limits allow",
            "Delay jobs that can wait, and drop those whose results are no longer needed",
        ],
    },
    Remedy {
        role: Role::Resource,
        group: "llm.budget",
        id: "remedy-llm-budget",
        title: "Keep LLM spend within its budget",
        steps: &[
            "See which models and teams spend it, and since when: an agent that loops or a batch job spends more in a night than users in a week",
            "If the spend is wanted, raise the budget before that date: `max_budget` in LiteLLM's `/team/update` or `/key/update`",
            "If not, limit its rate: `tpm_limit` and `rpm_limit` of the team or key keep one job from spending it all",
            "Send what does not need the best model to a cheaper one, cache answers that repeat, and lower `max_tokens`",
        ],
    },
];

/// The remedy for a service level, or for a resource that has one of its own; the others have those of the roadmap.
pub(super) fn of(level: &Bottleneck) -> Option<&'static Remedy> {
    let role = level.signal?.entry().role;
    REMEDIES.iter().find(|remedy| remedy.role == role && remedy.group == level.resource.as_str())
}

impl Remedy {
    pub(super) fn id(&self) -> &'static str {
        self.id
    }

    /// The remedy as something to do. It relieves nothing by itself, so that no decision is taken as done with it.
    pub(super) fn item(&self, input: &AssessmentInput, reason: PlanReason) -> PlanItem {
        PlanItem {
            priority: Priority::High,
            steps: self.steps.iter().map(|step| (*step).to_owned()).collect(),
            ..PlanItem::new(input, self.id, self.title, reason)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::ResourceId;

    #[test]
    fn every_remedy_belongs_to_a_group_of_the_catalogue() {
        for remedy in &REMEDIES {
            assert!(ResourceId::find(remedy.group).is_some(), "{}", remedy.group);
            assert!(remedy.id.starts_with("remedy-") && !remedy.steps.is_empty());
        }
    }
}
