//! `[[prices]]`, `[bill]` and `export focus`: what the plan costs.

use std::path::Path;

use serde_json::Value;

use super::{
    binary::{Ran, program, ran},
    diffs, folder, says, write,
};

/// The demo, whose connections to PostgreSQL run out.
fn plan(folder: &Path, settings: &str, arguments: &[&str]) -> Ran {
    write(folder, "scale-advisor.toml", settings);
    ran(program(folder).arg("plan").args(["--demo", "--config", "scale-advisor.toml"]).args(arguments))
}

/// What was used of a SKU in October.
fn bill(currency: &str) -> String {
    format!(
        "BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,SkuId,ServiceName,PricingQuantity,PricingUnit\n\
         730,657,{currency},2025-10-01T00:00:00Z,2025-11-01T00:00:00Z,Usage,pool,Databases,7300,Hours\n\
         30,30,{currency},2025-10-01T00:00:00Z,2025-11-01T00:00:00Z,Tax,,,,\n"
    )
}

fn priced(plan: &Value) -> Vec<&Value> {
    let items = plan["items"].as_array().unwrap();
    items.iter().filter_map(|item| item["prices"].as_array()).flatten().collect()
}

#[test]
fn what_is_needed_of_a_resource_with_a_price_is_priced() {
    let folder = folder();
    let price = "[[prices]]\nresource = \"postgres.connections\"\nper = 10\nper_month = 4.5\n";
    let run = plan(folder.path(), price, &["--json"]);
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    let prices = priced(&json);
    assert!(!prices.is_empty(), "{run:#?}");
    for price in prices {
        let number = |part: &Value| part.as_f64().unwrap();
        let present = number(&price["present"]["value"]);
        for end in ["low", "mid", "high"] {
            let more = number(&price["more"][end]);
            assert!((number(&price["per_month"][end]) - more * 4.5).abs() < 1e-9);
            let lacking = (number(&price["needed"][end]) - present).max(0.0) / 10.0;
            assert!(more >= lacking - 1e-6 && more < lacking + 1.0, "{price}");
        }
        assert_eq!(price["price"]["origin"], "settings");
    }
    says(&plan(folder.path(), price, &[]).stdout, &["a month", "[[prices]]"]);
    let without = plan(folder.path(), "", &["--json"]);
    assert!(priced(&serde_json::from_str(&without.stdout).unwrap()).is_empty());
}

#[test]
fn a_bill_gives_the_price_of_a_sku_and_the_monthly_cost() {
    let folder = folder();
    write(folder.path(), "focus.csv", &bill("USD"));
    let settings = "[bill]\nfile = \"focus.csv\"\n[[prices]]\nresource = \"postgres.connections\"\nper = 10\nsku = \"pool\"\n";
    let run = plan(folder.path(), settings, &["--json"]);
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    let prices = priced(&json);
    // 657 for 7,300 hours, of which a month has 730: a machine that holds ten.
    assert!((prices[0]["price"]["per_month"].as_f64().unwrap() - 65.7).abs() < 1e-9, "{run:#?}");
    assert_eq!(prices[0]["price"]["origin"]["bill"]["month"], "2025-10-01");
    let check = |settings: &str| {
        write(folder.path(), "scale-advisor.toml", settings);
        let run =
            ran(program(folder.path()).args(["check", "--demo", "--json", "--config", "scale-advisor.toml"]));
        serde_json::from_str::<Value>(&run.stdout).unwrap()["cost"].clone()
    };
    let billed = check(settings);
    assert_eq!(billed["actual"], 687.0);
    assert!(billed["per_user"].as_f64().unwrap() > 0.0);
    let declared = check("[bill]\nfile = \"focus.csv\"\n[facts]\nmonthly_cost = 500\n");
    assert_eq!(declared["actual"], 500.0);
    // Euros are no dollars.
    write(folder.path(), "focus.csv", &bill("EUR"));
    assert_ne!(check("[bill]\nfile = \"focus.csv\"\n")["actual"], 687.0);
}

/// What a change costs, by the JSON of a plan.
fn cost<'p>(plan: &'p Value, effects: &str) -> &'p Value {
    let effects = plan[effects].as_array().unwrap_or_else(|| panic!("{plan}"));
    assert_eq!(effects.len(), 1);
    &effects[0]["cost"]
}

#[test]
fn another_limit_costs_what_is_bought_for_it() {
    let folder = folder();
    let price = "[[prices]]\nresource = \"postgres.connections\"\nper = 10\nper_month = 4.5\n";
    let run = |settings: &str, limit: &str| {
        let set = format!("postgres.connections={limit}");
        let json = plan(folder.path(), settings, &["--json", "--set", &set]);
        let json: Value = serde_json::from_str(&json.stdout).unwrap_or_else(|_| panic!("{json:?}"));
        (json, plan(folder.path(), settings, &["--set", &set, "--format", "markdown"]).stdout)
    };
    let present = run(price, "200").0["limit_effects"][0]["present"]["value"].as_f64().unwrap();
    for (more, bought) in [(1.0, 1.0), (10.0, 1.0), (11.0, 2.0), (-9.0, 0.0), (-10.0, -1.0), (-21.0, -2.0)] {
        let (json, page) = run(price, &(present + more).to_string());
        let cost = cost(&json, "limit_effects");
        assert_eq!((cost["kind"].as_str(), cost["more"].as_f64()), (Some("priced"), Some(bought)), "{json}");
        assert_eq!(cost["per_month"].as_f64(), Some(bought * 4.5));
        let amount = format!("${:.2}", bought.abs() * 4.5).replace("9.00", "9");
        let words = match bought {
            0.0 => ["cost unchanged: less than one purchase".to_owned(), "($4.50 each".to_owned()],
            _ if bought < 0.0 => [format!("-{amount} a month"), format!("{} × 10 fewer", -bought)],
            _ => [format!("+{amount} a month"), format!("{bought} × 10 more")],
        };
        says(&page, &words.each_ref().map(String::as_str));
    }
    // What has no price costs nobody knows what, and never nothing.
    let elsewhere = price.replace("per = 10", "instance = \"another\"");
    let by_size = price.replace("per = 10", "per = \"10GiB\"");
    for (settings, kind, words) in [
        ("", "no_price", "resource = \"postgres.connections\""),
        (elsewhere.as_str(), "no_price", "cost unknown: no price is stated"),
        (by_size.as_str(), "other_unit", "a plain number such as 100"),
    ] {
        let (json, page) = run(settings, "200");
        let cost = cost(&json, "limit_effects");
        assert_eq!((&cost["kind"], &cost["per_month"]), (&Value::from(kind), &Value::Null), "{json}");
        says(&page, &[words]);
        assert!(!page.contains("$0 a month"), "{page}");
    }
}

#[test]
fn replicas_cost_what_the_bill_says_of_one() {
    let folder = folder();
    write(folder.path(), "snapshot.json", &diffs::snapshot().to_json());
    write(folder.path(), "focus.csv", &bill("USD"));
    let run = |prices: &str, arguments: &[&str]| {
        let settings = format!("profile = \"node-queue-chat\"\n[bill]\nfile = \"focus.csv\"\n{prices}");
        write(folder.path(), "scale-advisor.toml", &settings);
        let mut command = program(folder.path());
        command
            .args(["plan", "--config", "scale-advisor.toml", "--snapshot", "snapshot.json"])
            .args(arguments);
        ran(&mut command)
    };
    let json = |prices: &str, arguments: &[&str]| {
        let run = run(prices, &[arguments, &["--json"]].concat());
        serde_json::from_str::<Value>(&run.stdout).unwrap_or_else(|_| panic!("{run:?}"))
    };
    // 657 for 7,300 hours, of which a month has 730.
    let general = "[[prices]]\nresource = \"app.replicas\"\nsku = \"pool\"\n";
    let of_web = "[[prices]]\nresource = \"app.replicas\"\ninstance = \"shop/web\"\nper_month = 20\n";
    let both = format!("{general}{of_web}");
    for (replicas, per_month) in [("shop/api=4:6", 131.4), ("shop/web=6:5", -20.0), ("shop/web=6:8", 40.0)] {
        let plan = json(&both, &["--replicas", replicas]);
        let cost = cost(&plan, "replica_effects");
        assert!((cost["per_month"].as_f64().unwrap() - per_month).abs() < 1e-9, "{cost}");
        assert_eq!(cost["only_in_use"], false);
    }
    let page =
        run(&both, &["--replicas", "shop/api=4:6"]).stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    says(&page, &["+$131 a month: 2 more ($65.70 each, pool in the bill of October 2025)"]);
    // A server of a database is no replica in general.
    let plan = json(&both, &["--replicas", "sessions=3:4"]);
    assert_eq!(cost(&plan, "replica_effects")["kind"], "no_price", "{plan}");
    let of_sessions = both.replace("shop/web", "sessions");
    assert_eq!(
        cost(&json(&of_sessions, &["--replicas", "sessions=3:4"]), "replica_effects")["per_month"],
        20.0
    );
    // The maximum of an autoscaler is paid for while it is used.
    let plan = json(&both, &["--set", "k8s.replicas@shop/gateway=14"]);
    let maximum = cost(&plan, "limit_effects");
    assert_eq!(maximum["only_in_use"], true, "{plan}");
    let page = run(&both, &["--set", "k8s.replicas@shop/gateway=14"]).stdout;
    says(&page, &["at most +$131 a month"]);
}

#[test]
fn growing_costs_what_it_needs_and_what_the_roadmap_says() {
    let folder = folder();
    let price = "[[prices]]\nresource = \"postgres.connections\"\nper = 10\nper_month = 4.5\n";
    let json = |arguments: &[&str]| {
        let run = plan(folder.path(), price, &[arguments, &["--json"]].concat());
        serde_json::from_str::<Value>(&run.stdout).unwrap_or_else(|_| panic!("{run:?}"))
    };
    let needed = |users: &str| {
        let json = json(&["--users", users]);
        let prices = priced(&json);
        assert!(!prices.is_empty(), "{json}");
        for price in &prices {
            assert_eq!((price["users"].to_string(), &price["until"]), (users.to_owned(), &Value::Null));
        }
        prices[0]["more"]["mid"].as_f64().unwrap()
    };
    // Twice as many users take twice as many connections, and more than that is bought beyond those that are there.
    assert!(needed("2000") > 2.0 * needed("1000"), "{} {}", needed("2000"), needed("1000"));
    let page = plan(folder.path(), price, &["--users", "1000"]).stdout;
    let page: Vec<&str> = page.split_whitespace().collect();
    says(&page.join(" "), &["more of db-1:9187 for 1,000 users ($4.50 each, [[prices]])", "Cost change"]);
    let change = &json(&["--phase", "3"])["cost_change"];
    assert_eq!(
        (&change["between"]["kind"], &change["between"]["to"]),
        (&Value::from("phases"), &Value::from(3))
    );
    let number = |range: &str, end: &str| change[range][end].as_f64().unwrap();
    for (end, other) in [("low", "high"), ("high", "low")] {
        let difference = number("to", end) - number("from", other);
        assert!((number("per_month", end) - difference).abs() < 1e-9, "{change}");
    }
    assert_eq!(json(&[])["cost_change"], Value::Null);
}

#[test]
fn what_has_no_price_is_an_error_that_says_why() {
    let folder = folder();
    write(folder.path(), "focus.csv", &bill("USD"));
    write(folder.path(), "other.csv", "date,value\n2025-10-01,3\n");
    for (settings, words) in [
        ("[[prices]]\nresource = \"postgres.connections\"\nsku = \"pool\"\n", "set the bill under [bill]"),
        (
            "[bill]\nfile = \"focus.csv\"\n[[prices]]\nresource = \"postgres.connections\"\nsku = \"disk\"\n",
            "October 2025 has no usage of SkuId `disk` with a cost and a quantity",
        ),
        ("[bill]\nfile = \"other.csv\"\n", "column BilledCost is missing"),
        ("[bill]\nfile = \"absent.csv\"\n", "absent.csv"),
        ("[[prices]]\nresource = \"postgres.connections\"\n", "a price has either `per_month` or `sku`"),
        ("[[prices]]\nresource = \"postgres.connections\"\nper = 0\nper_month = 1\n", "`per`, is above 0"),
        ("[[prices]]\nresource = \"no.such\"\nper_month = 1\n", "no.such"),
        (
            "[[prices]]\nresource = \"host.disk\"\nper_month = 1\n[[prices]]\nresource = \"host.disk\"\nper_month = 2\n",
            "another of the prices is of the same resource and instance",
        ),
    ] {
        let run = plan(folder.path(), settings, &[]);
        assert_eq!(run.code, 2, "{settings}: {run:#?}");
        says(&run.stderr, &[words]);
    }
}

#[test]
fn charges_to_come_are_in_focus() {
    let folder = folder();
    let price = "[[prices]]\nresource = \"postgres.connections\"\nper = 10\nper_month = 4.5\n";
    write(folder.path(), "scale-advisor.toml", price);
    let mut command = program(folder.path());
    command.args(["export", "focus", "--demo", "--config", "scale-advisor.toml"]);
    let run = ran(command.args(["--provider", "=cloud", "--billing-account", "1234"]));
    assert_eq!(run.code, 0, "{run:#?}");
    let mut rows = csv::Reader::from_reader(run.stdout.as_bytes());
    let columns = rows.headers().unwrap().clone();
    // The columns that FOCUS 1.2 calls mandatory and that charges of this kind have.
    for mandatory in [
        "BilledCost",
        "BillingAccountId",
        "BillingAccountName",
        "BillingCurrency",
        "BillingPeriodEnd",
        "BillingPeriodStart",
        "ChargeCategory",
        "ChargeClass",
        "ChargeDescription",
        "ChargePeriodEnd",
        "ChargePeriodStart",
        "ContractedCost",
        "EffectiveCost",
        "InvoiceIssuerName",
        "ListCost",
        "PricingQuantity",
        "PricingUnit",
        "ProviderName",
        "PublisherName",
        "ServiceCategory",
        "ServiceName",
    ] {
        assert!(columns.iter().any(|column| column == mandatory), "{mandatory}");
    }
    let mut charges = 0;
    for row in rows.records() {
        let row = row.unwrap();
        let field = |name: &str| {
            let place = columns.iter().position(|column| column == name).unwrap();
            row[place].to_owned()
        };
        let number = |name: &str| field(name).parse::<f64>().unwrap();
        assert_eq!((field("ProviderName").as_str(), field("BillingAccountId").as_str()), ("'=cloud", "1234"));
        assert_eq!((field("ChargeCategory").as_str(), field("ChargeClass").as_str()), ("Usage", ""));
        assert!(field("ChargePeriodStart") < field("ChargePeriodEnd"));
        for period in ["BillingPeriodStart", "BillingPeriodEnd"] {
            assert!(chrono::DateTime::parse_from_rfc3339(&field(period)).is_ok());
        }
        assert!(number("x_CostLow") <= number("EffectiveCost"));
        assert!((number("PricingQuantity") * number("ListUnitPrice") - number("ListCost")).abs() < 0.02);
        charges += 1;
    }
    assert!(charges > 0, "{run:#?}");
}
