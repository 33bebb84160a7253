//! A real shop under load, brought to known states one after the other: the headline names the cause of each, while it
//! lasts and after it is over.

mod shop;

use serde_json::Value;

use self::shop::Shop;

/// What must be said of a state.
struct Expected {
    /// The resource or service level that is the cause; nothing where nothing is wrong.
    next: Option<&'static str>,
    /// The verdicts that are right.
    verdicts: &'static [&'static str],
}

const CLEAR: Expected = Expected { next: None, verdicts: &["ok", "unknown"] };

fn cause(next: &'static str) -> Expected {
    // What is not beyond its threshold for long enough yet is pending, and that is unknown.
    Expected { next: Some(next), verdicts: &["unknown", "warning", "critical"] }
}

#[test]
fn the_headline_names_the_cause_of_each_state() {
    let mut shop = Shop::start();
    shop.observe(20);
    let mut wrong = Vec::new();
    let mut expect = |shop: &Shop, state: &str, expected: &Expected| {
        let (json, page) = shop.check();
        wrong.extend(fault(&json, expected).map(|fault| format!("{state}: {fault}\n{page}")));
    };
    expect(&shop, "idle", &CLEAR);

    shop.cause("hold", 48);
    shop.observe(30);
    expect(&shop, "90% of connections", &cause("postgres.connections"));
    shop.cause("hold", 60);
    shop.observe(20);
    expect(&shop, "refusing connections", &cause("postgres.connections"));
    shop.cause("hold", 0);
    shop.observe(20);
    expect(&shop, "after connections were refused", &CLEAR);

    shop.cause("burn", 1);
    shop.observe(30);
    expect(&shop, "CPU at 100%", &cause("app.cpu"));
    shop.cause("burn", 0);
    shop.observe(15);

    shop.cause("jobs", 16);
    shop.observe(30);
    expect(&shop, "queue overload", &cause("queue.workers"));
    shop.cause("jobs", 0);
    shop.until_drained();
    shop.observe(20);
    expect(&shop, "after the queue has drained", &CLEAR);

    shop.cause("users", 0);
    shop.cause("hold", 50);
    shop.observe(30);
    expect(&shop, "leaked connections", &cause("postgres.connections"));
    shop.cause("hold", 0);
    shop.cause("users", 40);
    shop.observe(15);

    shop.cause("fill", 59);
    shop.observe(30);
    expect(&shop, "Redis near maxmemory", &cause("redis.memory"));
    shop.cause("empty", 0);
    shop.observe(15);

    shop.cause("lock", 25);
    shop.observe(30);
    expect(&shop, "a lock with waiters", &cause("postgres.locks"));
    shop.cause("unlock", 0);
    shop.observe(15);

    shop.cause("slow", 1);
    shop.observe(30);
    expect(&shop, "a slow statement", &cause("postgres.queries"));
    shop.cause("slow", 0);
    shop.observe(15);

    shop.kill_redis();
    let (json, page) = shop.check();
    let headline: String = page.lines().take(6).collect::<Vec<_>>().join("\n");
    if json["verdict"] == "ok" || !headline.to_lowercase().contains("redis") {
        wrong.push(format!("a killed source: {}\n{page}", json["verdict"]));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn fault(json: &Value, expected: &Expected) -> Option<String> {
    let next = json["next_bottleneck"]["resource"].as_str();
    let verdict = json["verdict"].as_str().unwrap_or("");
    let beyond = json["bottlenecks"].as_array().into_iter().flatten();
    let beyond = beyond.filter(|row| row["headroom"].as_f64().is_some_and(|headroom| headroom < 0.0)).count();
    let state = json["next_bottleneck"]["state"].as_str();
    let near =
        expected.next.is_none() || ["pending", "warning", "critical", "saturated"].map(Some).contains(&state);
    let right = next == expected.next && expected.verdicts.contains(&verdict) && beyond == 0 && near;
    (!right).then(|| {
        format!(
            "{verdict}, next {next:?} ({state:?}), not {:?}; {beyond} rows beyond their limit",
            expected.next
        )
    })
}
