//! `[[prices]]`, `[bill]` and `export focus`: what the plan costs.

use std::path::Path;

use serde_json::Value;

use super::{
    binary::{Ran, program, ran},
    folder, says, write,
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

#[test]
fn what_has_no_price_is_an_error_that_says_why() {
    let folder = folder();
    write(folder.path(), "focus.csv", &bill("USD"));
    write(folder.path(), "other.csv", "date,value\n2025-10-01,3\n");
    for (settings, words) in [
        ("[[prices]]\nresource = \"postgres.connections\"\nsku = \"pool\"\n", "name the bill in [bill]"),
        (
            "[bill]\nfile = \"focus.csv\"\n[[prices]]\nresource = \"postgres.connections\"\nsku = \"disk\"\n",
            "October 2025 has no usage of SkuId `disk` with a cost and a quantity",
        ),
        ("[bill]\nfile = \"other.csv\"\n", "column BilledCost is missing"),
        ("[bill]\nfile = \"absent.csv\"\n", "absent.csv"),
        ("[[prices]]\nresource = \"postgres.connections\"\n", "a price has either `per_month` or `sku`"),
        ("[[prices]]\nresource = \"postgres.connections\"\nper = 0\nper_month = 1\n", "`per`, is above 0"),
        ("[[prices]]\nresource = \"no.such\"\nper_month = 1\n", "no.such"),
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
