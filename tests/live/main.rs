//! Tests against real servers, which each test starts for itself. `scripts/test` installs them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod book;
mod broker;
mod budget_alerts;
mod catalog;
mod check;
mod echo;
mod figures;
mod fleet;
mod fleet_nights;
mod fleet_page;
mod fleet_partial;
mod fleet_rules;
mod fleet_shards;
mod further_queues;
mod gate;
mod grafana;
mod health;
mod history_pooler;
mod history_postgres;
#[path = "../support/history_suite.rs"]
mod history_suite;
mod host;
#[path = "../support/hostile_texts.rs"]
mod hostile_texts;
mod inert_pages;
mod notify;
mod openmetrics;
mod pgbouncer;
mod postgres;
mod prometheus;
mod queues;
mod record;
mod redis;
mod redis_access;
mod redis_family;
mod redis_recorded;
mod remote_write;
mod report;
mod requests;
mod serve;
mod several_servers;
mod sign_in;
mod statements;
// Named so that it starts first: it takes longest.
#[path = "states/mod.rs"]
mod a_shop_in_known_states;
mod support;
#[path = "../support/timeline.rs"]
mod timeline;
#[path = "../support/volumes.rs"]
mod volumes;
