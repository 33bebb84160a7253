//! The report's page in a browser: it loads nothing, complains of nothing, fits a phone, can be sorted, and what is hostile in
//! it stays text.

use std::{path::Path, process::Command};

use serde_json::Value;

use crate::support::browser::{Pages, look};

const HOSTILE: &str =
    "<img src=x onerror=\"parent.document.title='inert no more'\"><script>document.title='ran'</script>";

/// Opens the page within another, at a width, and tells what it sees.
const LOOK: &str = r#"<!doctype html><title>look</title><body><script>
const said = { errors: [], violations: 0 };
const frame = document.createElement("iframe");
frame.style.cssText = `border:0;height:900px;width:${new URLSearchParams(location.search).get("width")}px`;
frame.src = "/report.html";
frame.addEventListener("load", () => {
  const page = frame.contentDocument, window_ = frame.contentWindow;
  window_.addEventListener("error", (event) => said.errors.push(String(event.message)));
  page.addEventListener("securitypolicyviolation", () => said.violations += 1);
  said.title = page.title;
  said.mine = document.title;
  said.overflow = page.documentElement.scrollWidth - window_.innerWidth;
  said.loaded = window_.performance.getEntriesByType("resource").map((one) => one.name);
  said.images = page.querySelectorAll("img").length;
  said.scripts = page.querySelectorAll("script").length;
  said.text = page.body.textContent;
  said.styled = window_.getComputedStyle(page.querySelector("table")).borderCollapse;
  const table = [...page.querySelectorAll("table")].find((one) => one.caption.textContent.includes("least headroom first"));
  const column = [...table.tHead.rows[0].cells].findIndex((one) => one.textContent.startsWith("Peak hour"));
  const values = () => [...table.tBodies[0].rows].map((row) => Number(row.cells[column].dataset.sort));
  const button = table.tHead.rows[0].cells[column].querySelector("button");
  button.click(); said.up = values();
  button.click(); said.down = values();
  // An image without a place would be asked for by now, if it were one.
  setTimeout(() => {
    said.mineLater = document.title;
    const out = document.createElement("pre");
    out.id = "said"; out.textContent = JSON.stringify(said);
    document.body.append(out);
  }, 300);
});
document.body.append(frame);
</script>"#;

/// The report of the demo, with hostile names in the snapshot's texts.
fn hostile_report(folder: &Path) -> String {
    let text = include_str!("../../src/cli/demo/snapshot.json");
    let mut snapshot: Value = serde_json::from_str(text).unwrap();
    for part in ["observations", "history"] {
        for entry in snapshot[part].as_array_mut().unwrap() {
            if entry["instance"] == "db-1:9187" {
                entry["instance"] = HOSTILE.into();
            }
            if entry["signal"] == "postgres.query_time" {
                entry["notes"][0] = HOSTILE.into();
            }
        }
    }
    snapshot["gaps"][0]["detail"] = HOSTILE.into();
    std::fs::write(folder.join("snapshot.json"), snapshot.to_string()).unwrap();
    std::fs::write(folder.join("scale-advisor.toml"), "profile = \"node-queue-chat\"\n").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_scale-advisor"));
    command.args(["report", "--snapshot", "snapshot.json", "--format", "html", "-o", "."]);
    let output = command.env_clear().current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read_to_string(folder.join("2026-10-node-queue-chat.html")).unwrap()
}

#[test]
fn the_page_needs_nothing_fits_is_sorted_and_stays_inert() {
    let folder = tempfile::tempdir().unwrap();
    let pages = Pages::serve([("/look", LOOK.to_owned()), ("/report.html", hostile_report(folder.path()))]);
    for width in [360, 1200] {
        let said = look(&pages, width, folder.path());
        assert_eq!(said["title"], "Capacity in October 2026");
        assert_eq!([&said["mine"], &said["mineLater"]], ["look", "look"], "a hostile text ran");
        assert!(said["overflow"].as_f64().unwrap() <= 0.0, "{width}: {}", said["overflow"]);
        assert_eq!((said["images"].as_u64(), said["scripts"].as_u64()), (Some(0), Some(1)));
        assert_eq!((&said["errors"], said["violations"].as_u64()), (&Value::Array(vec![]), Some(0)));
        assert_eq!((&said["loaded"], &said["styled"]), (&Value::Array(vec![]), &Value::from("collapse")));
        // As a label, as a statement and in a gap, letter by letter.
        assert!(said["text"].as_str().unwrap().matches(HOSTILE).count() >= 3);
        let values = |key: &str| -> Vec<f64> {
            said[key].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
        };
        let (up, mut down) = (values("up"), values("down"));
        assert!(up.len() > 5 && up.is_sorted(), "{up:?}");
        down.reverse();
        assert!(down.is_sorted(), "{down:?}");
    }
    assert_eq!(pages.asked(), ["/look", "/look", "/report.html", "/report.html"]);
}
