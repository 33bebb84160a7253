//! `[llm]`: a file of spend, budgets of the settings, and what is said of both.

use std::{fmt::Write, path::Path};

use serde_json::Value;

use super::{
    binary::{Ran, program, ran},
    folder, says, write,
};

const NOW: &str = "2026-11-20T16:00:00Z";
const SETTINGS: &str =
    "profile = \"web-service\"\n[sources.host]\nenabled = false\n[llm]\nspend = \"spend.csv\"\n";

/// A request of each team in each hour since the 20th of October, as LiteLLM logs them: $40 and $10 a day.
fn spend() -> String {
    let mut rows = "request_id,startTime,model,team_id,spend\n".to_owned();
    let days = (20..=31).map(|day| (10, day)).chain((1..=20).map(|day| (11, day)));
    for (month, day) in days {
        let hours = if (month, day) == (11, 20) { 16 } else { 24 };
        for hour in 0..hours {
            for (team, model, amount) in [("search", "gpt-4o", 40.0 / 24.0), ("batch", "mini", 10.0 / 24.0)] {
                let at = format!("2026-{month}-{day:02}T{hour:02}:20:00Z");
                writeln!(rows, "{team}-{at},{at},{model},{team},{amount:.9}").unwrap();
            }
        }
    }
    rows
}

fn check(folder: &Path, budgets: &str, arguments: &[&str]) -> Ran {
    write(folder, "scale-advisor.toml", &format!("{SETTINGS}{budgets}"));
    ran(program(folder).args(["check", "--fail-on", "warning", "--at", NOW]).args(arguments))
}

fn json(run: &Ran) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:#?}"))
}

#[test]
fn spend_of_a_file_is_told_by_team_and_model_and_budgets_are_held_against_it() {
    let folder = folder();
    write(folder.path(), "spend.csv", &spend());
    let budgets = "[[llm.budgets]]\nteam = \"search\"\namount = 1000\n[[llm.budgets]]\nmodel = \"mini\"\namount = 400\n";
    let run = check(folder.path(), budgets, &["--json"]);
    let found = json(&run);
    assert_eq!((run.code, &found["verdict"]), (1, &Value::from("warning")), "{run:#?}");
    let next = &found["next_bottleneck"];
    assert_eq!(
        (&next["resource"], &next["instance"]),
        (&"llm.budget".into(), &"team search (settings)".into())
    );
    // 19.67 days at $40 leave $213, which last for 5.3 days.
    assert!(next["saturates_on"]["mid"].as_str().unwrap().starts_with("2026-11-2"), "{next}");
    let spend = &found["llm_spend"];
    assert!((spend["per_day"].as_f64().unwrap() - 50.0).abs() < 0.01, "{spend}");
    assert_eq!(spend["by_team"]["rows"][0]["name"], "search");
    assert_eq!(spend["by_model"]["rows"][1]["name"], "mini");
    let model = found["bottlenecks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["instance"] == "model mini (settings)");
    assert_eq!(model.unwrap()["state"], "ok");
    let page = check(folder.path(), budgets, &[]);
    says(
        &page.stdout,
        &[
            "LLM spend",
            "$50 a day",
            "search $40 a day (80%), batch $10 (20%)",
            "spent around 25 Nov",
            "remedy-llm-budget",
        ],
    );
}

#[test]
fn a_budget_that_is_spent_is_critical() {
    let folder = folder();
    write(folder.path(), "spend.csv", &spend());
    let run = check(folder.path(), "[[llm.budgets]]\namount = 900\n", &["--json"]);
    assert_eq!((run.code, &json(&run)["next_bottleneck"]["state"]), (1, &"saturated".into()), "{run:#?}");
}

#[test]
fn a_file_that_cannot_be_used_is_told_with_its_line() {
    let folder = folder();
    for (text, words) in [
        ("date,team,spend\n2026-11-20,search,-4\n", "line 2: a spend of `-4` is no amount"),
        ("date,team,tokens\n2026-11-20,search,4\n", "there is no column spend"),
        ("date,team,spend\n2026-10-20,search,4\n", "the newest row is older than 14 days"),
    ] {
        write(folder.path(), "spend.csv", text);
        let run = check(folder.path(), "[[llm.budgets]]\namount = 900\n", &["--json"]);
        assert!(run.code > 1 && format!("{}{}", run.stdout, run.stderr).contains(words), "{words}: {run:#?}");
    }
    let run = check(folder.path(), "[[llm.budgets]]\namount = 0\n", &[]);
    says(&run.stderr, &["a budget must be more than 0"]);
    let run = check(folder.path(), "[[llm.budgets]]\namount = 5\n[[llm.budgets]]\namount = 6\n", &[]);
    says(&run.stderr, &["another budget has the same team, model and `every`"]);
}

/// What a team spends, day by day from the 20th of October to a day of November: $40, and some amount on the last.
fn days(last: u32, on_last: f64) -> String {
    let days = (20..=31).map(|day| (10, day)).chain((1..=last).map(|day| (11, day)));
    let row = |(month, day): (u32, u32)| {
        let amount = if (month, day) == (11, last) { on_last } else { 40.0 };
        format!("2026-{month}-{day:02},search,{amount}\n")
    };
    format!("date,team,spend\n{}", days.map(row).collect::<String>())
}

#[test]
fn neither_a_day_that_is_not_over_nor_a_late_file_makes_a_budget_last_longer() {
    let folder = folder();
    let budget = "[[llm.budgets]]\nteam = \"search\"\namount = 1000\n";
    // $770 are spent by now, and $720 by the end of the 18th: $230 last for 138 hours from now, $280 for a week from then.
    for (last, on_last, expected) in
        [(20, 10.0, ["2026-11-26T09", "2026-11-26T10"]), (18, 40.0, ["2026-11-25T23", "2026-11-26T00"])]
    {
        write(folder.path(), "spend.csv", &days(last, on_last));
        let run = check(folder.path(), budget, &["--json"]);
        let found = json(&run);
        let mid = found["next_bottleneck"]["saturates_on"]["mid"].as_str().unwrap();
        assert!(expected.iter().any(|hour| mid.starts_with(hour)), "{last}: {mid}");
    }
}

#[test]
fn names_of_a_file_cannot_forge_a_page() {
    let folder = folder();
    let row = |team: &str| format!("2026-11-19,\"{team}\",5\n2026-11-20,\"{team}\",5\n");
    let names = ["a\u{1b}[31mred", "=1+1", "<script>alert(1)</script>", "::error::x", ""];
    let rows: String = names.into_iter().map(row).collect();
    write(folder.path(), "spend.csv", &format!("date,team,spend\n{rows}"));
    for format in ["text", "markdown", "html", "json"] {
        let run = check(folder.path(), "", &["--format", format]);
        assert!(!run.stdout.contains("\u{1b}[31mred"), "{run:#?}");
        assert!(!run.stdout.lines().any(|line| line.starts_with("::")), "{run:#?}");
        assert!(format != "html" || !run.stdout.contains("<script>alert"), "{run:#?}");
    }
}
