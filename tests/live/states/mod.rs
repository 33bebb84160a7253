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

/// A shop with what was said wrongly of its states.
struct Observed {
    shop: Shop,
    wrong: Vec<String>,
}

impl Observed {
    /// A shop with a load, and enough of its past to be judged.
    fn start() -> Self {
        let shop = Shop::start();
        shop.observe(20);
        Self { shop, wrong: Vec::new() }
    }

    /// Causes something, and waits for so many seconds of it.
    fn cause(&mut self, what: &str, amount: u32, seconds: u32) {
        self.shop.cause(what, amount);
        self.shop.observe(seconds);
    }

    /// Holds what is said against what is right.
    fn expect(&mut self, state: &str, expected: &Expected) {
        let (json, page) = self.shop.check();
        self.wrong.extend(fault(&json, expected).map(|fault| format!("{state}: {fault}\n{page}")));
    }

    #[track_caller]
    fn was_right(self) {
        assert!(self.wrong.is_empty(), "{}", self.wrong.join("\n\n"));
    }
}

#[test]
fn the_headline_names_the_cause_while_it_lasts_and_not_after_it() {
    let mut shop = Observed::start();
    shop.expect("idle", &CLEAR);

    shop.cause("hold", 48, 30);
    shop.expect("90% of connections", &cause("postgres.connections"));
    shop.cause("hold", 60, 20);
    shop.expect("refusing connections", &cause("postgres.connections"));
    shop.cause("hold", 0, 20);
    shop.expect("after connections were refused", &CLEAR);

    shop.cause("burn", 1, 30);
    shop.expect("CPU at 100%", &cause("app.cpu"));
    shop.cause("burn", 0, 15);

    shop.cause("jobs", 16, 30);
    shop.expect("queue overload", &cause("queue.workers"));
    shop.shop.cause("jobs", 0);
    shop.shop.until_drained();
    shop.shop.observe(20);
    shop.expect("after the queue has drained", &CLEAR);
    shop.was_right();
}

#[test]
fn the_headline_names_leaks_memory_locks_statements_and_a_source_that_died() {
    let mut shop = Observed::start();
    shop.shop.cause("users", 0);
    shop.cause("hold", 50, 30);
    shop.expect("leaked connections", &cause("postgres.connections"));
    shop.shop.cause("hold", 0);
    shop.cause("users", 40, 15);

    shop.cause("fill", 59, 30);
    shop.expect("Redis near maxmemory", &cause("redis.memory"));
    shop.cause("empty", 0, 15);

    shop.cause("lock", 25, 30);
    shop.expect("a lock with waiters", &cause("postgres.locks"));
    shop.cause("unlock", 0, 15);

    shop.cause("slow", 1, 30);
    shop.expect("a slow statement", &cause("postgres.queries"));
    shop.cause("slow", 0, 15);

    shop.shop.kill_redis();
    let (json, page) = shop.shop.check();
    let headline: String = page.lines().take(6).collect::<Vec<_>>().join("\n");
    if json["verdict"] == "ok" || !headline.to_lowercase().contains("redis") {
        shop.wrong.push(format!("a killed source: {}\n{page}", json["verdict"]));
    }
    shop.was_right();
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
