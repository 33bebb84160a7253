//! Sixty services in one Prometheus, read in one pass: what is planted stands first, and each is judged as by itself.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    check::{
        history::END,
        program::{Project, Run},
    },
    hostile_texts::HOSTILE,
    support::{
        Server,
        fake::{Fake, Played},
        prometheus::{Backfill, Span, promtool_accepts},
    },
};

const DAY: i64 = 86_400;
const DAYS: i64 = 12;
const AT: [&str; 2] = ["--at", "2025-10-09T08:53:40Z"];
/// How many ordinary services there are.
const ORDINARY: usize = 38;
/// Services whose connections are used up, or will be soon.
const PLANTED: [&str; 5] = ["full-1", "full-2", "full-3", "full-4", "full-5"];

fn span() -> Span {
    Span::before(END, DAYS * DAY, 300)
}

/// A service with users, and a database of 100 connections of which it takes a share.
pub(crate) fn service(
    history: Backfill,
    labels: &[(&str, &str)],
    span: Span,
    users: f64,
    share: f64,
) -> Backfill {
    let daily = |at: i64| 0.6 + 0.4 * (-(((at.rem_euclid(DAY) as f64) / 3600.0 - 15.0) / 4.5).powi(2)).exp();
    let app = [labels, &[("instance", "app:80"), ("job", "app")]].concat();
    let history =
        history.gauge("websocket_active_connections", &app, span, move |at| (users * daily(at)).round());
    database(history, labels, span, move |at| (100.0 * share * daily(at)).round())
}

pub(crate) fn database(
    history: Backfill,
    labels: &[(&str, &str)],
    span: Span,
    used: impl Fn(i64) -> f64,
) -> Backfill {
    let database = [labels, &[("instance", "db:9187"), ("job", "postgres")]].concat();
    let clients = [&database[..], &[("state", "active")]].concat();
    history.gauge("pg_stat_activity_count", &clients, span, used).gauge(
        "pg_settings_max_connections",
        &database,
        span,
        |_| 100.0,
    )
}

/// Everything that the tests look at.
fn estate() -> Backfill {
    let mut history = Backfill::default();
    let labels = |name| [("namespace", "shop"), ("service", name), ("team", "blue")];
    for number in 0..ORDINARY {
        let (namespace, name) = (format!("ns-{}", number % 4), format!("service-{number}"));
        let labels = [("namespace", &*namespace), ("service", &*name), ("team", "green")];
        history = service(history, &labels, span(), 40.0 + number as f64, 0.2 + 0.008 * number as f64);
    }
    for name in PLANTED {
        history = service(history, &labels(name), span(), 60.0, 0.5);
        let queue = [("namespace", "shop"), ("service", name), ("instance", "cache:9121"), ("job", "redis")];
        history = history.gauge("redis_memory_used_bytes", &queue, span(), |_| 0.99e9).gauge(
            "redis_memory_max_bytes",
            &queue,
            span(),
            |_| 1e9,
        );
    }
    for name in HOSTILE.iter().take(12).copied() {
        history = service(history, &labels(name), span(), 30.0, 0.3);
    }
    history = service(history, &labels("new"), Span::before(END, DAY, 300), 50.0, 0.4);
    let gone = Span { to: END - 2 * DAY, ..span() };
    history = service(history, &labels("vanished"), gone, 50.0, 0.4);
    history = database(history, &labels("no-load"), span(), |_| 35.0);
    let licences = [("namespace", "shop"), ("service", "licences"), ("instance", "licence:9400")];
    history = service(history, &labels("licences"), span(), 30.0, 0.3)
        .gauge("acme_seats_used", &licences, span(), |at| 194.0 - ((END - at) as f64 / 86_400.0).round())
        .gauge("acme_seats_total", &licences, span(), |_| 200.0);
    for cluster in ["eu", "us"] {
        let labels = [("namespace", "shop"), ("service", "two-clusters"), ("cluster", cluster)];
        history = service(history, &labels, span(), 70.0, 0.3);
    }
    // What belongs to no service is nobody's.
    service(history, &[("namespace", "shop")], span(), 5000.0, 1.0)
}

const SERVICES: usize = ORDINARY + PLANTED.len() + 12 + 5;

fn project(server: &Server, further: &str) -> Project {
    Project::new(&format!(
        "absent = [\"http\", \"host\", \"queue\", \"node\"]\n\
         [sources.prometheus]\nurl = \"{}\"\n\
         [fleet]\nby = [\"namespace\", \"service\"]\nowner_label = \"team\"\n\
         [[fleet.service]]\nmatch = {{ service = \"=~service-1.\" }}\nowner = \"red\"\n{further}",
        server.url()
    ))
}

fn run(project: &Project, arguments: &[&str]) -> Run {
    let flags = ["--profile", "web-service", "-q"];
    project.command("").args(arguments).args(flags).args(AT).output().unwrap().into()
}

pub(crate) fn rows(run: &Run) -> Vec<Value> {
    run.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn named<'a>(rows: &'a [Value], name: &str) -> &'a Value {
    let found = rows.iter().find(|row| row["service"]["service"] == name);
    found.unwrap_or_else(|| panic!("no row of {name}"))
}

#[test]
fn what_is_planted_stands_first_and_each_is_told_right() {
    let server = estate().prometheus();
    let project = project(&server, "");
    let judged = run(&project, &["fleet", "check", "-o", "json"]);
    assert_eq!((judged.code, judged.err.as_str()), (0, ""));
    let all = rows(&judged);
    assert_eq!(all.len(), SERVICES);
    let mut first: Vec<&str> =
        all.iter().take(PLANTED.len()).map(|row| row["service"]["service"].as_str().unwrap()).collect();
    first.sort_unstable();
    assert_eq!(first, PLANTED);
    assert!(all[0]["next_bottleneck"]["resource"] == "redis.memory", "{:#}", all[0]);

    let new = named(&all, "new");
    assert_eq!(new["standing"]["kind"], "appeared", "{new:#}");
    assert!(new["act_by"].is_null() && new["load"]["peak"].is_number(), "{new:#}");
    let gone = named(&all, "vanished");
    assert_eq!((&gone["standing"]["kind"], &gone["verdict"]), (&"vanished".into(), &"unknown".into()));
    assert_eq!(all.last().unwrap()["name"], "shop/vanished");
    let without_load = named(&all, "no-load");
    assert_eq!(without_load["load"]["reason"]["kind"], "unknown", "{without_load:#}");
    assert!((without_load["headroom"].as_f64().unwrap() - 0.65).abs() < 1e-9, "{without_load:#}");
    let two = named(&all, "two-clusters");
    assert_eq!(two["unjudged"]["kind"], "several_places", "{two:#}");
    assert_eq!(two["unjudged"]["places"][0]["label"], "cluster", "{two:#}");
    let licences = named(&all, "licences");
    assert_eq!(licences["outside_roadmap"][0]["metrics"][0], "acme_seats_used", "{licences:#}");
    assert_eq!(named(&all, "service-7")["owner"], "green");
    assert_eq!(named(&all, "service-12")["owner"], "red");

    let gauges = run(&project, &["fleet", "check", "-o", "openmetrics"]).out;
    let act_by =
        "scale_advisor_fleet_service_act_by_timestamp_seconds{namespace=\"shop\",service=\"full-1\"} ";
    assert!(gauges.contains(act_by) && gauges.ends_with("# EOF\n"), "{gauges}");
    promtool_accepts(&gauges);
    let listed = run(&project, &["fleet", "list", "-o", "openmetrics"]).out;
    assert_eq!(listed.matches("scale_advisor_fleet_service_info{").count(), SERVICES, "{listed}");
    promtool_accepts(&listed);

    each_is_judged_as_by_itself(&project, &all);
    hostile_names_are_inert(&project, &all);
    rows_are_chosen(&project);
    changes_are_told(&project, &all);
    news_is_told(&project, &all);
    parts_make_up_the_whole(&project, &all);
    known_problems_fail_nothing_until_their_end(&server);
    a_budget_of_samples_ends_the_run(&project, &all);
}

#[track_caller]
fn a_budget_of_samples_ends_the_run(project: &Project, all: &[Value]) {
    let check = |budget: u64, arguments: &[&str]| {
        let budget = budget.to_string();
        run(project, &[&["fleet", "check", "--max-samples", &budget], arguments].concat())
    };
    let samples_read = |budget: u64| -> u64 {
        let page = check(budget, &["--top", "100"]).out;
        let words = page.split_whitespace().collect::<Vec<_>>().join(" ");
        let read = words.split_once(" samples read").unwrap().0;
        read.rsplit(' ').next().unwrap().replace(',', "").parse().unwrap()
    };
    let (found, read) = (samples_read(1), samples_read(u64::MAX));
    let of_budget = |budget: u64| {
        let judged = check(budget, &["-o", "json"]);
        let rows = rows(&judged);
        assert_eq!(rows.len(), SERVICES);
        let is_read = |row: &&Value| row["unjudged"]["kind"] != "not_read";
        let same = rows.iter().filter(is_read).filter(|row| all.contains(row)).count();
        (judged.code, rows.iter().filter(|row| !is_read(row)).count(), same)
    };
    assert_eq!(of_budget(2 * read), (0, 0, SERVICES));
    let (code, not_read, same) = of_budget(read * 6 / 10);
    assert_eq!((code, same), (3, SERVICES - not_read));
    assert!((10..SERVICES - 6).contains(&not_read), "{not_read}");
    // Five services show what one takes; nothing needs to be read of the one that has vanished.
    assert_eq!(of_budget(found + 1), (3, SERVICES - 6, 6));
    // Finding the services took as much.
    assert_eq!(of_budget(1), (3, SERVICES - 1, 1));
    let page = check(found + 1, &["-o", "json"]).out;
    assert!(page.contains("samples is too small to read it; raise --max-samples"), "{page}");
}

/// A file of rows.
fn write_rows(project: &Project, file: &str, rows: &[Value]) {
    let lines: Vec<String> = rows.iter().map(ToString::to_string).collect();
    std::fs::write(project.path(file), lines.join("\n")).unwrap();
}

#[track_caller]
fn news_is_told(project: &Project, all: &[Value]) {
    let check = |arguments: &[&str]| run(project, &[&["fleet", "check"], arguments].concat());
    write_rows(project, "same.jsonl", all);
    let same = check(&["--baseline", "same.jsonl", "--fail-on", "warning", "-o", "json"]);
    assert_eq!((same.code, same.err.as_str()), (0, ""));
    assert!(rows(&same).iter().all(|row| row["change"]["kind"] == "unchanged"), "{}", same.out);
    // The night before full-1 was well, and full-2 had a warning.
    let mut before = all.to_vec();
    for row in &mut before {
        match row["service"]["service"].as_str() {
            Some("full-1") => row["problems"] = Value::Array(Vec::new()),
            Some("full-2") => {
                row["problems"].as_array_mut().unwrap().iter_mut().for_each(|problem| {
                    problem["verdict"] = "warning".into();
                });
            }
            _ => {}
        }
    }
    write_rows(project, "before.jsonl", &before);
    let news = check(&["--baseline", "before.jsonl", "--new", "--fail-on", "critical", "-o", "json"]);
    assert_eq!(news.code, 1, "{}", news.err);
    let news = rows(&news);
    let kinds: Vec<(&str, &str)> = news
        .iter()
        .map(|row| (row["name"].as_str().unwrap(), row["change"]["kind"].as_str().unwrap()))
        .collect();
    assert_eq!(kinds, [("shop/full-1", "new"), ("shop/full-2", "worse")]);
    let page = check(&["--baseline", "before.jsonl", "--new"]).out;
    let words = page.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("1 new, 1 worse since the baseline"), "{page}");
    assert!(page.contains("redis.memory"), "{page}");
    std::fs::write(project.path("empty.jsonl"), "").unwrap();
    assert_eq!(check(&["--baseline", "empty.jsonl", "--fail-on", "critical"]).code, 1);
    let missing = check(&["--baseline", "missing.jsonl"]);
    assert!(missing.code == 2 && missing.err.contains("missing.jsonl"), "{}", missing.err);
    assert_eq!(check(&["--new"]).code, 2);
}

#[track_caller]
fn known_problems_fail_nothing_until_their_end(server: &Server) {
    let silence = |what: &str, until: &str| {
        format!("[[fleet.silences]]\n{what}\nuntil = {until}\nreason = \"ordered\"\n")
    };
    let others = "match = { service = \"=~vanished|two-clusters\" }";
    let memory = "match = { service = \"=~full-.\" }\nfinding = \"redis.memory\"";
    let in_force = silence(others, "2025-10-09") + &silence(memory, "2025-10-09");
    let silenced = project(server, &in_force);
    let judged = run(&silenced, &["fleet", "check", "--fail-on", "critical", "-o", "json"]);
    assert_ne!(judged.code, 1, "{}", judged.err);
    let all = rows(&judged);
    let full = named(&all, "full-1");
    assert_eq!((&full["verdict"], &full["silences"][0]["state"]), (&"critical".into(), &"used".into()));
    assert!(full["unsilenced_verdict"] != "critical" && full["problems"][0]["silenced"] == true, "{full:#}");
    for name in ["vanished", "two-clusters"] {
        assert_eq!(named(&all, name)["unsilenced_verdict"], "ok", "{name}");
    }
    let page = run(&silenced, &["fleet", "check", "shop/full-1", "--fail-on", "critical"]);
    assert!(page.code != 1 && page.out.contains("ordered"), "{}{}", page.out, page.err);

    let over = project(server, &silence(memory, "2025-10-08"));
    let judged = run(&over, &["fleet", "check", "--fail-on", "critical"]);
    assert!(judged.code == 1 && judged.out.contains("counts again: ordered"), "{}", judged.out);

    let wrong = project(server, "[[fleet.silences]]\nuntil = 2025-10-20\nreason = \"x\"\n");
    let refused = run(&wrong, &["fleet", "check"]);
    assert!(refused.code == 2 && refused.err.contains("selects no service"), "{}", refused.err);
}

#[track_caller]
fn each_is_judged_as_by_itself(project: &Project, all: &[Value]) {
    let alone = [
        "full-3",
        "service-0",
        "service-37",
        "new",
        "no-load",
        "licences",
        HOSTILE[1],
        HOSTILE[10],
        HOSTILE[9],
    ];
    for name in alone {
        // The names of rows are made harmless; the name as it is selects as well.
        let shown = scale_advisor::foreign::Foreign::default().name(name);
        let row = named(all, &shown);
        let namespace = row["service"]["namespace"].as_str().unwrap();
        let page = run(project, &["fleet", "check", &format!("{namespace}/{name}"), "-o", "json"]);
        assert_eq!(page.code, 0, "{name}: {}", page.err);
        let page: Value = serde_json::from_str(&page.out).unwrap();
        assert_eq!(row["verdict"], page["verdict"], "{name}: {row:#}\n{:#}", page["coverage"]);
        let (of_row, of_page) = (&row["next_bottleneck"], &page["next_bottleneck"]);
        for key in ["resource", "instance", "state", "headroom", "saturates_on", "act_by", "now", "peak"] {
            assert_eq!(of_row[key], of_page[key], "{key} of {name}");
        }
        for key in ["now", "peak", "peak_days", "growth_per_month"] {
            assert_eq!(row["load"][key], page["load"][key], "load {key} of {name}");
        }
        assert_eq!(
            row["outside_roadmap"].as_array().map_or(0, Vec::len),
            page["outside_roadmap"].as_array().unwrap().len()
        );
        assert_eq!(row["phase"], page["phase"]["current"], "{name}");
        let headrooms = page["bottlenecks"].as_array().unwrap().iter();
        let least = headrooms.filter_map(|resource| resource["headroom"].as_f64()).min_by(f64::total_cmp);
        if of_row.is_null() {
            assert_eq!(row["headroom"].as_f64(), least, "{name}");
        }
    }
}

#[track_caller]
fn hostile_names_are_inert(project: &Project, all: &[Value]) {
    let page = run(project, &["fleet", "check", "--top", "100"]);
    assert!(page.out.chars().all(|letter| letter == '\n' || !letter.is_control()), "{:?}", page.out);
    assert!(!page.out.lines().any(|line| line.trim_start().starts_with("::")), "{}", page.out);
    assert!(!page.out.contains("##["), "{}", page.out);
    let html = run(project, &["fleet", "check", "-o", "html"]).out;
    assert!(!html.contains("<script>alert(1)") && html.contains("&lt;script&gt;alert(1)"));
    let of_shop = all.iter().filter(|row| row["service"]["namespace"] == "shop").count();
    assert_eq!(of_shop, SERVICES - ORDINARY);
    let questions = page.out.lines().rev().find_map(|line| line.split_once(" queries sent")).unwrap().0;
    let questions: usize = questions.rsplit([' ', ';']).next().unwrap().replace(',', "").parse().unwrap();
    // The services are read in two slices.
    assert!(questions <= 2 * 200, "{questions}");
}

#[track_caller]
fn parts_make_up_the_whole(project: &Project, all: &[Value]) {
    for part in ["0", "1", "2"] {
        let (shard, file) = (format!("{part}/3"), format!("part-{part}.jsonl"));
        let run = run(project, &["fleet", "check", "-o", "json", "--output", &file, "--shard", &shard]);
        assert_eq!((run.code, run.err.as_str()), (0, ""));
    }
    let report = |arguments: &[&str]| -> Run {
        let files = ["fleet", "report", "part-0.jsonl", "part-1.jsonl", "part-2.jsonl", "part-1.jsonl"];
        project.command("").args(files).args(arguments).output().unwrap().into()
    };
    let merged = report(&["-o", "json"]);
    assert_eq!(merged.code, 0, "{}", merged.err);
    assert_eq!(rows(&merged), all);
    assert_eq!(report(&["--fail-on", "critical"]).code, 1);
    let pages = report(&["--pages", "site"]);
    assert_eq!((pages.code, pages.out.as_str()), (0, ""), "{}", pages.err);
    let page = |name: &str| std::fs::read_to_string(project.path("site").join(name)).unwrap();
    assert!(page("index.html").contains("service-7") && page("index.html").contains("full-1"));
    assert!(page("green.html").contains("service-7") && !page("green.html").contains("full-1"));
    assert!(page("red.html").contains("service-12") && !page("red.html").contains("service-7"));
    std::fs::write(project.path("part-0.jsonl"), "{\"name\": 1}\n").unwrap();
    let wrong = report(&[]);
    assert!(wrong.code == 2 && wrong.err.contains("part-0.jsonl, line 1"), "{}", wrong.err);
}

#[track_caller]
fn rows_are_chosen(project: &Project) {
    let names = |arguments: &[&str]| -> Vec<String> {
        let all = [&["fleet", "check", "-o", "json"], arguments].concat();
        let judged = run(project, &all);
        rows(&judged).iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&["--top", "2"]).len(), 2);
    let red = names(&["--owner", "red"]);
    assert_eq!(red.len(), 10, "{red:?}");
    assert!(red.iter().all(|name| name.contains("/service-1")), "{red:?}");
    assert_eq!(names(&["--within", "1d"]).len(), PLANTED.len());
    let code = |arguments: &[&str]| run(project, &[&["fleet", "check"], arguments].concat()).code;
    assert_eq!(code(&["--fail-on", "critical"]), 1);
    assert_eq!(code(&["--owner", "nobody"]), 2);
    let unknown = run(project, &["fleet", "check", "shop/full-9"]);
    assert!(unknown.code == 2 && unknown.err.contains("did you mean `shop/full-"), "{}", unknown.err);
}

fn changes_are_told(project: &Project, all: &[Value]) {
    let webhook = Fake::start(|_, _| Played::new(202, "text/plain", ""));
    let url = webhook.url();
    let told = || run(project, &["fleet", "check", "--notify", &url, "--notify-state", "told.json"]);
    assert_eq!(told().code, 0, "{}", told().err);
    let asked = webhook.asked();
    let [message] = asked.as_slice() else { panic!("{} messages", asked.len()) };
    let message: Value = serde_json::from_str(&message.body).unwrap();
    let wrong = |row: &&Value| ["warning", "critical"].contains(&row["unsilenced_verdict"].as_str().unwrap());
    let wrong: BTreeSet<&str> = all.iter().filter(wrong).map(|row| row["name"].as_str().unwrap()).collect();
    let changes = message["changes"].as_array().unwrap().iter();
    let named: BTreeSet<&str> = changes.map(|change| change["title"].as_str().unwrap()).collect();
    assert_eq!(named, wrong);
    assert!(message.to_string().contains("owner blue"), "{message:#}");
    let mut dead = project.command("");
    dead.args(["fleet", "check", "-q", "--prometheus", "http://127.0.0.1:1"]);
    let dead = dead.args(["--notify", &url, "--notify-state", "told.json"]).output().unwrap();
    assert_eq!((dead.status.code(), webhook.asked().len()), (Some(2), 2));
    assert!(webhook.asked()[1].body.contains("no connection"), "{}", webhook.asked()[1].body);
}
