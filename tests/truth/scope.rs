//! One Prometheus for several products and environments.

use crate::{
    answer::{asks_for, clear, headroom, load, next, row_count},
    parts::{Parts, day},
    stack::Stack,
    support::prometheus::Backfill,
};

/// Production with 250 users and a database that is far from full; a load test in staging that fills its own.
fn two(label: &'static str, production: &'static str, staging: &'static str) -> Backfill {
    Backfill::default()
        .users(&[("instance", "a:3005"), (label, production)], day(), |_| 250.0)
        .postgres(&[("instance", "a:9187"), (label, production)], day(), |_| 40.0, 100.0)
        .users(&[("instance", "b:3005"), (label, staging)], day(), |_| 2276.0)
        .postgres(&[("instance", "b:9187"), (label, staging)], day(), |_| 96.0, 100.0)
}

pub(crate) fn stacks() -> Vec<Stack> {
    let mut stacks = Vec::new();
    for (label, production, staging, values) in [
        ("namespace", "shop", "shop-staging", &["shop", "shop-staging"]),
        ("env", "prod", "staging", &["prod", "staging"]),
        ("environment", "production", "loadtest", &["production", "loadtest"]),
        ("cluster", "main", "canary", &["main", "canary"]),
        ("tenant", "acme", "globex", &["acme", "globex"]),
    ] {
        let data = || two(label, production, staging);
        stacks.push(Stack::new(
            format!("scope: two values of {label} are a question"),
            data(),
            vec![asks_for(label, values)],
        ));
        let flag = format!("{label}={production}");
        stacks.push(
            Stack::new(
                format!("scope: --match {label} takes one of them"),
                data(),
                vec![
                    load(250.0),
                    clear(),
                    row_count("postgres.connections", 1),
                    headroom("postgres.connections", "", 1.0 - 40.0 / 97.0),
                ],
            )
            .arguments(&["--match", &flag]),
        );
        stacks.push(
            Stack::new(
                format!("scope: [scope] match of {label}"),
                data(),
                vec![load(2276.0), next("postgres.connections", "")],
            )
            .settings(&format!("[scope]\nmatch = {{ {label} = \"{staging}\" }}\n")),
        );
    }
    stacks.extend(further());
    stacks
}

fn further() -> Vec<Stack> {
    let regions = || two("cluster", "eu-1", "us-1");
    let many = (0..40).fold(Backfill::default(), |data, index| {
        let namespace = format!("team-{index}");
        data.users(&[("instance", "app:3005"), ("namespace", &namespace)], day(), move |_| {
            100.0 + f64::from(index)
        })
    });
    vec![
        Stack::new(
            "scope: clusters that are one product",
            regions(),
            vec![load(2526.0), row_count("postgres.connections", 2), next("postgres.connections", "")],
        )
        .settings("[scope]\ntogether = [\"cluster\"]\n"),
        Stack::new(
            "scope: a label of one's own",
            two("product", "mail", "chat"),
            vec![asks_for("product", &["mail", "chat"])],
        )
        .settings("[scope]\nby = [\"product\"]\n"),
        Stack::new("scope: forty namespaces are a question", many, vec![asks_for("namespace", &["team-39"])]),
        Stack::new(
            "scope: an expression",
            two("namespace", "shop-api", "mail-api"),
            vec![load(250.0), row_count("postgres.connections", 1)],
        )
        .arguments(&["--match", "namespace=~shop-.*"]),
        Stack::new(
            "scope: all but one",
            two("namespace", "shop", "staging"),
            vec![load(250.0), row_count("postgres.connections", 1)],
        )
        .arguments(&["--match", "namespace!=staging"]),
        Stack::new(
            "scope: parameters of the address are sent",
            two("env", "prod", "staging"),
            vec![load(250.0), row_count("postgres.connections", 1)],
        )
        .victoria_metrics("?extra_label=env=prod"),
    ]
}
