//! How things stand now: pending, at the wall, over, and seen only for minutes.

use crate::{
    answer::{clear, next, says, says_nothing_of, state, verdict},
    parts::{DAY, END, GIB, Parts, day, minutes, shop, shop_over},
    stack::Stack,
    support::prometheus::Span,
};

pub(crate) fn stacks() -> Vec<Stack> {
    let mut stacks = Vec::new();
    let host = [("instance", "db-1:9100")];
    let within =
        |seconds: i64, high: f64, low: f64| move |at: i64| if at > END - seconds { high } else { low };
    stacks.push(Stack::new(
        "state: full CPU for fourteen minutes",
        shop_over(minutes(28)).host(&host, minutes(28), within(14 * 60, 1.0, 0.3), |_| 0.4, |_| 0.4),
        vec![next("host.cpu", "db-1"), state("host.cpu", &["saturated", "critical"])],
    ));
    stacks.push(Stack::new(
        "state: full CPU for as long as anything is known",
        shop_over(minutes(14)).host(&host, minutes(14), |_| 1.0, |_| 0.4, |_| 0.4),
        vec![next("host.cpu", "db-1")],
    ));
    stacks.push(Stack::new(
        "state: high CPU for five minutes is pending",
        shop().host(&host, day(), within(5 * 60, 0.86, 0.3), |_| 0.4, |_| 0.4),
        vec![state("host.cpu", &["pending"])],
    ));
    stacks.push(Stack::new(
        "state: CPU was full six hours ago",
        shop().host(
            &host,
            day(),
            |at| if (END - 7 * 3600..END - 6 * 3600).contains(&at) { 1.0 } else { 0.3 },
            |_| 0.4,
            |_| 0.4,
        ),
        vec![clear()],
    ));
    stacks.push(Stack::new(
        "state: connections were used up for half an hour last night",
        shop().postgres(
            &[("instance", "db-2:9187")],
            day(),
            |at| if (END - 9 * 3600..END - 9 * 3600 + 1800).contains(&at) { 97.0 } else { 30.0 },
            100.0,
        ),
        vec![clear()],
    ));
    stacks.push(Stack::new(
        "state: connections are used up for ten minutes",
        shop().postgres(&[("instance", "db-2:9187")], day(), within(600, 97.0, 30.0), 100.0),
        vec![next("postgres.connections", "db-2"), verdict("critical")],
    ));
    stacks.push(Stack::new(
        "state: a leak that holds 95 connections without users",
        shop_over(minutes(28)).postgres(&[("instance", "db-2:9187")], minutes(28), |_| 95.0, 100.0),
        vec![next("postgres.connections", "db-2")],
    ));
    stacks.push(Stack::new(
        "state: Redis fills up within minutes",
        shop_over(minutes(28)).redis(
            &[("instance", "redis-3:9121")],
            minutes(28),
            within(8 * 60, 0.97 * GIB, 0.4 * GIB),
            GIB,
        ),
        vec![next("redis.memory", "redis-3")],
    ));
    stacks.push(Stack::new(
        "state: a single sample at 100% among a thousand",
        shop().host(&host, day(), |at| if at == END - END % 60 - 3600 { 1.0 } else { 0.3 }, |_| 0.4, |_| 0.4),
        vec![clear()],
    ));
    stacks.extend(stopped());
    let job = [("instance", "jobs:9292")];
    stacks.push(Stack::new(
        "state: workers are all busy for the last quarter of an hour",
        shop().gauge("sidekiq_busy_workers", &job, day(), within(15 * 60, 25.0, 8.0)).gauge(
            "sidekiq_workers",
            &job,
            day(),
            |_| 25.0,
        ),
        vec![next("queue.workers", "")],
    ));
    stacks
}

/// A server that stopped reporting, among others that go on.
fn stopped() -> [Stack; 4] {
    const SAID: &str = "stopped reporting";
    let before = |seconds: i64| Span::before(END - seconds, DAY, 60);
    let full = |at: i64| if at > END - 3 * 3600 { 0.97 } else { 0.6 };
    let host = |span: Span, memory: fn(i64) -> f64| {
        shop().host(&[("instance", "app-2:9100")], span, |_| 0.3, memory, |_| 0.5)
    };
    let database = [("instance", "db-2:9187")];
    [
        Stack::new(
            "state: a server whose memory was full is silent for twenty minutes",
            host(before(1200), full),
            vec![verdict("unknown"), says("app-2"), says(SAID), state("host.memory", &["unknown"])],
        ),
        Stack::new(
            "state: a database whose connections were used up is silent for half an hour",
            shop().postgres(&database, before(1800), |_| 97.0, 100.0),
            vec![verdict("unknown"), says("connections of db-2"), says(SAID)],
        ),
        Stack::new(
            "state: a server that was far from its limits is silent for twenty minutes",
            host(before(1200), |_| 0.4),
            vec![clear(), says_nothing_of(SAID)],
        ),
        Stack::new(
            "state: a server whose memory was full was taken away hours ago",
            host(before(4 * 3600), |_| 0.97),
            vec![clear(), says_nothing_of(SAID)],
        ),
    ]
}
