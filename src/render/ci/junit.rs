//! JUnit XML, which almost every CI system reads as test results.
//!
//! A case that fails the run is a `<failure>`; one that is below what was asked for passes and says so. What is
//! unknown never looks passed: it is an `<error>` where it fails the run, else `<skipped>`.

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use super::{Case, Cases, word};
use crate::{assess::Verdict, render::safe};

pub(super) fn render(cases: &Cases) -> String {
    let mut suite = TestSuite::new(text(&cases.subject));
    suite.set_timestamp(cases.at);
    suite.add_property(Property::new("headline", text(&cases.headline)));
    suite.add_property(Property::new("version", text(&cases.version)));
    for note in &cases.notes {
        suite.add_property(Property::new("note", text(note)));
    }
    suite.add_test_cases(cases.cases.iter().map(case));
    let mut report = Report::new("scale-advisor");
    report.add_test_suite(suite);
    // Writing to memory cannot fail.
    report.to_string().unwrap_or_default()
}

fn case(case: &Case) -> TestCase {
    let name = match &case.instance {
        Some(instance) => format!("{} [{instance}]", case.title),
        None => case.title.clone(),
    };
    let mut written = TestCase::new(text(&name), status(case));
    written.set_classname(text(&format!("scale-advisor.{}", case.id)));
    // What did not pass says so itself.
    if matches!(written.status, TestCaseStatus::Success { .. }) {
        written.set_system_out(text(&format!("{}: {}", word(case.verdict), case.text())));
    }
    written
}

fn status(case: &Case) -> TestCaseStatus {
    let mut status = match (case.verdict, case.counts, &case.acknowledged) {
        (Verdict::Ok, ..) | (Verdict::Warning | Verdict::Critical, false, None) => {
            return TestCaseStatus::success();
        }
        (_, _, Some(_)) | (Verdict::Unknown, false, None) => TestCaseStatus::skipped(),
        (Verdict::Unknown, true, None) => TestCaseStatus::non_success(NonSuccessKind::Error),
        (Verdict::Warning | Verdict::Critical, true, None) => {
            TestCaseStatus::non_success(NonSuccessKind::Failure)
        }
    };
    let message = match &case.acknowledged {
        Some(reason) => format!("acknowledged: {reason}: {}", case.text()),
        None => case.text(),
    };
    status.set_type(word(case.verdict)).set_message(text(&message));
    status
}

/// Text that XML can hold. The library drops control characters, but not these two.
fn text(text: &str) -> String {
    safe(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}
