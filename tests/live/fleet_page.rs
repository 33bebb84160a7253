//! The page of a large fleet in a browser: thousands of rows that can be searched.

use chrono::DateTime;
use scale_advisor::{
    fleet::{Row, Standing, Unjudged},
    snapshot::Labels,
};
use serde_json::json;

use crate::{
    check::program::Project,
    support::browser::{Pages, look},
};

const SERVICES: usize = 3000;

/// Searches within the page as a user would, and tells which rows remain.
const LOOK: &str = r#"<!doctype html><title>look</title><body><script>
const said = { violations: 0, searches: [] };
const frame = document.createElement("iframe");
frame.src = "/page.html";
frame.addEventListener("load", () => {
  const page = frame.contentDocument;
  page.addEventListener("securitypolicyviolation", () => said.violations += 1);
  const field = page.querySelector("input[type=search]");
  const rows = () => [...page.querySelectorAll("tbody tr")].filter((row) => row.getClientRects().length);
  const began = performance.now();
  for (const text of ["", "SERVICE-2999", "team-7 vanished", "service-12 team-3", "<b>", "nothing of that"]) {
    field.value = text;
    field.dispatchEvent(new frame.contentWindow.Event("input"));
    const found = page.querySelector(".search output").textContent;
    said.searches.push([text, rows().length, found]);
  }
  said.milliseconds = performance.now() - began;
  field.value = "team-7";
  field.dispatchEvent(new frame.contentWindow.Event("input"));
  page.querySelectorAll("th button")[1].click();
  said.sorted = rows().length;
  const out = document.createElement("pre");
  out.id = "said"; out.textContent = JSON.stringify(said);
  document.body.append(out);
});
frame.width = 1200;
document.body.append(frame);
</script>"#;

#[test]
fn thousands_of_rows_are_searched_without_a_server() {
    let project = Project::new("");
    let at = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
    let line = |number: usize| {
        let name = format!("service-{number}");
        let labels = Labels::from([("service".to_owned(), name.clone())]);
        let row = Row::unjudged(name, labels, Unjudged::Vanished, Standing::Vanished { at }, at);
        json!(row.owned_by(Some(format!("team-{}", number % 10)))).to_string()
    };
    let lines: Vec<String> = (0..SERVICES).map(line).collect();
    std::fs::write(project.path("rows.jsonl"), lines.join("\n")).unwrap();
    let run = project.run("fleet report rows.jsonl --format html --output page.html");
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    let page = std::fs::read_to_string(project.path("page.html")).unwrap();
    let pages = Pages::serve([("/look", LOOK.to_owned()), ("/page.html", page)]);
    let said = look(&pages, 1200, &project.path(""));
    assert_eq!(said["violations"], 0);
    let expected = json!([
        ["", SERVICES, ""],
        ["SERVICE-2999", 1, "1 of 3000"],
        ["team-7 vanished", 300, "300 of 3000"],
        // service-123, service-1203, service-1213 and so on.
        ["service-12 team-3", 11, "11 of 3000"],
        ["<b>", 0, "0 of 3000"],
        ["nothing of that", 0, "0 of 3000"],
    ]);
    assert_eq!(said["searches"], expected);
    assert_eq!(said["sorted"], 300, "what is hidden stays hidden in another order");
    assert_eq!(pages.asked(), ["/look", "/page.html"]);
}
