//! What must hold between the parts of a roadmap.

use std::{cmp::Ordering, collections::BTreeMap, ops::Range};

use super::{Alert, Comparison, Condition, Phase, Severity, SignalTest};
use crate::diagnostic::{Diagnostic, Node, Reader};

/// Phases must stand in order and cover all users from the first one on, without overlaps or holes.
///
/// A phase that could not be read is `None`: its neighbours are not held against each other.
pub(super) fn phases(reader: &Reader<'_>, phases: &[Option<Phase>]) {
    for pair in phases.windows(2) {
        if let [Some(before), Some(after)] = pair
            && let Some(diagnostic) = neighbours(before, after)
        {
            reader.report(diagnostic);
        }
    }
}

fn neighbours(before: &Phase, after: &Phase) -> Option<Diagnostic> {
    let numbers = format!("phases {} and {}", before.number, after.number);
    let error = |code, message: String| Diagnostic::error(code, after.span.clone(), message);
    let begins = format!("begins at {}", after.users.low());
    if after.number <= before.number || after.users.low() < before.users.low() {
        let message = format!("phase {} does not come after phase {}", after.number, before.number);
        let help = "give the phases in the order of their users, with rising numbers";
        let stands = format!("phase {}", before.number);
        return Some(error("roadmap/phase-order", message).also(before.span.clone(), stands).help(help));
    }
    let Some(high) = before.users.high() else {
        let label = "has no upper end, but is not the last phase";
        let diagnostic = error("roadmap/overlapping-phases", format!("{numbers} overlap"));
        return Some(diagnostic.label(begins).also(before.span.clone(), label));
    };
    let (code, message) = match high.cmp(&after.users.low()) {
        Ordering::Greater => ("roadmap/overlapping-phases", format!("{numbers} overlap")),
        Ordering::Less => (
            "roadmap/hole-between-phases",
            format!("{numbers} leave a hole from {high} to {} users", after.users.low()),
        ),
        Ordering::Equal => return None,
    };
    let label = format!("ends at {high}");
    Some(error(code, message).label(begins).also(before.span.clone(), label))
}

/// Every item of an optional list whose items have names that must not repeat.
pub(super) fn named<'a, T>(
    reader: &Reader<'a>,
    key: &'static str,
    read: impl FnMut(Node<'a>) -> Option<T>,
    name: impl Fn(&T) -> (&String, &Range<usize>),
) -> Vec<T> {
    let items = reader.list(key, read);
    unique(reader, key, items.iter().map(name));
    items
}

/// Names must not repeat.
pub(super) fn unique<'a>(
    reader: &Reader<'_>,
    what: &str,
    names: impl Iterator<Item = (&'a String, &'a Range<usize>)>,
) {
    let mut first = BTreeMap::new();
    for (name, span) in names {
        if let Some(earlier) = first.get(name).copied() {
            let message = format!("`{name}` stands twice among the {what}");
            let diagnostic = Diagnostic::error("roadmap/repeated-name", span.clone(), message);
            reader.report(diagnostic.also(Range::clone(earlier), "first here"));
        } else {
            first.insert(name, span);
        }
    }
}

/// A warning must come before the critical alert on the same signal.
pub(super) fn alerts(reader: &Reader<'_>, alerts: &[Alert]) {
    let of = |severity: Severity| {
        alerts.iter().filter(move |alert| alert.severity == severity).filter_map(|alert| match &alert.when {
            Condition::Signal(test) => Some((alert, test)),
            Condition::Fact(_) | Condition::Any(_) | Condition::All(_) => None,
        })
    };
    for (warning, warns) in of(Severity::Warning) {
        let Some((critical, breaks)) = of(Severity::Critical).find(|(_, breaks)| beyond(warns, breaks))
        else {
            continue;
        };
        reader.report(
            Diagnostic::error(
                "roadmap/warning-beyond-critical",
                warning.span.clone(),
                format!("the warning `{}` comes after the critical alert `{}`", warning.id, critical.id),
            )
            .label(format!("warns when {}", warns.comparison))
            .also(critical.span.clone(), format!("is already critical when {}", breaks.comparison))
            .help("swap the two limits"),
        );
    }
}

/// Whether one test begins to hold only after the other one does; false where they judge different things.
fn beyond(test: &SignalTest, other: &SignalTest) -> bool {
    let judged = |test: &SignalTest| (test.signal, test.aggregate, test.instance.clone());
    if judged(test) != judged(other) {
        return false;
    }
    match (&test.comparison, &other.comparison) {
        (
            Comparison::Above(limit) | Comparison::AtLeast(limit),
            Comparison::Above(earlier) | Comparison::AtLeast(earlier),
        ) => limit > earlier,
        (
            Comparison::Below(limit) | Comparison::AtMost(limit),
            Comparison::Below(earlier) | Comparison::AtMost(earlier),
        ) => limit < earlier,
        _ => false,
    }
}
