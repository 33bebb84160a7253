//! Pages full of hostile texts in a browser: they show them letter by letter and do nothing.

use std::path::Path;

use serde_json::Value;

use crate::{
    check::program::Project,
    hostile_texts::{HOSTILE, snapshot},
    support::browser::{Pages, look},
};

/// Opens the page within another, and tells what became of it.
const LOOK: &str = r#"<!doctype html><title>look</title><body><script>
const said = { errors: [], violations: 0 };
const frame = document.createElement("iframe");
frame.src = "/page.html";
frame.addEventListener("load", () => {
  const page = frame.contentDocument, within = frame.contentWindow;
  within.addEventListener("error", (event) => said.errors.push(String(event.message)));
  page.addEventListener("securitypolicyviolation", () => said.violations += 1);
  within.alert = () => { document.title = "ran"; };
  page.querySelectorAll("details").forEach((part) => part.open = true);
  said.text = page.body.textContent;
  said.links = [...page.querySelectorAll("[href]")].map((link) => link.getAttribute("href"));
  said.active = page.querySelectorAll("img, iframe, object, embed, form, base, link, meta[http-equiv=refresh]").length;
  said.handlers = [...page.querySelectorAll("*")].flatMap((element) => element.getAttributeNames())
    .filter((name) => name.startsWith("on"));
  // What has no place yet would have been asked for by now, or would have run.
  setTimeout(() => {
    said.title = document.title;
    said.loaded = within.performance.getEntriesByType("resource").map((resource) => resource.name);
    const out = document.createElement("pre");
    out.id = "said"; out.textContent = JSON.stringify(said);
    document.body.append(out);
  }, 300);
});
document.body.append(frame);
</script>"#;

#[track_caller]
fn inert(page: String, folder: &Path) {
    let pages = Pages::serve([("/look", LOOK.to_owned()), ("/page.html", page)]);
    let said = look(&pages, 1200, folder);
    assert_eq!(said["title"], "look", "a hostile text ran");
    assert_eq!((&said["errors"], said["violations"].as_u64()), (&Value::Array(vec![]), Some(0)));
    assert_eq!((&said["loaded"], said["active"].as_u64()), (&Value::Array(vec![]), Some(0)));
    assert_eq!(said["handlers"], Value::Array(vec![]));
    let links: Vec<&str> = said["links"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(links.iter().all(|link| link.starts_with('#')), "{links:?}");
    let text = said["text"].as_str().unwrap();
    for hostile in HOSTILE.iter().filter(|hostile| !hostile.contains(char::is_control)) {
        // What a runner would obey is parted by a space wherever it is shown.
        let shown = hostile.replace("##", "# #");
        assert!(text.contains(&shown), "{hostile} is not shown as it is");
    }
    assert_eq!(pages.asked(), ["/look", "/page.html"]);
}

#[test]
fn hostile_texts_are_only_shown() {
    let project = Project::new("");
    std::fs::write(project.path("s.json"), snapshot()).unwrap();
    for command in ["check -v", "plan"] {
        let run = project.run(&format!("{command} --snapshot s.json --format html -o page.html"));
        assert!(run.code < 2 || run.code == 3, "{command}: {}", run.err);
        inert(std::fs::read_to_string(project.path("page.html")).unwrap(), &project.path(""));
    }
}
