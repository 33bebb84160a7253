//! GitHub: workflow commands, which become annotations, and the summary of a job.

use super::{Case, Cases, Level, word};
use crate::render::{
    document::{escape, state},
    safe,
};

/// How many annotations of a level GitHub shows for a step.
const SHOWN: usize = 10;

/// The longest message in a summary, in characters, so that one cannot push out the others.
const LONGEST: usize = 1000;

/// The workflow commands, worst first. Every line is a command, so that no text in it can become one.
pub(super) fn render(cases: &Cases) -> String {
    let told = cases.told();
    let mut lines: Vec<String> = Vec::new();
    for (level, command) in [(Level::Error, "error"), (Level::Warning, "warning"), (Level::Note, "notice")] {
        let of_level: Vec<&&Case> = told.iter().filter(|case| case.level() == level).collect();
        // The result takes the place of one notice.
        let room = if level == Level::Note { SHOWN - 1 } else { SHOWN };
        let shown = if of_level.len() > room { room - 1 } else { of_level.len() };
        lines.extend(of_level.iter().take(shown).map(|case| annotation(command, case)));
        if of_level.len() > shown {
            let more = format!("and {} more, see the summary of the job", of_level.len() - shown);
            lines.push(format!("::{command} title=scale-advisor::{more}"));
        }
    }
    let tally = format!("({})", cases.tally());
    let about: Vec<&str> =
        [cases.headline.as_str(), &tally].into_iter().chain(cases.notes.iter().map(String::as_str)).collect();
    let result = format!("{}: {}", word(cases.state()), about.join(" "));
    lines.push(format!("::notice title=scale-advisor::{}", data(&result)));
    lines.join("\n") + "\n"
}

fn annotation(command: &str, case: &Case) -> String {
    let place = case.place.as_ref();
    let place = place
        .map_or_else(String::new, |place| format!("file={},line={},", property(&place.file), place.line));
    let accepted =
        case.acknowledged.as_ref().map_or_else(String::new, |reason| format!("acknowledged: {reason}: "));
    let message = data(&format!("{accepted}{}", case.text_with_rule()));
    format!(
        "::{command} {place}title={}::{message}",
        property(&format!("{} {}", word(case.verdict), case.id))
    )
}

/// The summary of a job in Markdown, of at most `room` bytes: GitHub shows none above 1 MiB for a step.
pub fn summary(cases: &Cases, room: usize) -> String {
    let mut head =
        vec![format!("## {}{}", state(cases.state().into()), escape(&cases.headline)), String::new()];
    head.extend(cases.notes.iter().flat_map(|note| [format!("**{}**", escape(note)), String::new()]));
    head.extend([format!("{} · {}", escape(&cases.subject), cases.tally()), String::new()]);
    let rows: Vec<String> = cases.told().into_iter().map(row).collect();
    if !rows.is_empty() {
        head.extend(["| | check | |".to_owned(), "|---|---|---|".to_owned()]);
    }
    let foot = format!(
        "\n_{} · scale-advisor {}_\n",
        cases.at.format("%-d %b %Y %H:%M UTC"),
        escape(&cases.version)
    );
    let head = head.join("\n") + "\n";
    fitted(&head, &rows, &foot, room)
}

fn row(case: &Case) -> String {
    let verdict = if case.acknowledged.is_some() { "acknowledged" } else { word(case.verdict) };
    let text = case.text();
    let cut: String = text.chars().take(LONGEST).collect();
    let more = if cut.len() < text.len() { "…" } else { "" };
    format!("| {verdict} | {} | {}{more} |\n", escape(&case.id), escape(&cut))
}

/// Head, as many rows as fit, a line that counts the others, and foot; nothing where not even these fit.
fn fitted(head: &str, rows: &[String], foot: &str, room: usize) -> String {
    let left_out = |count: usize| format!("\n…and {count} more that do not fit into this summary\n");
    let frame = head.len() + foot.len();
    if rows.iter().map(String::len).sum::<usize>() + frame <= room {
        return format!("{head}{}{foot}", rows.concat());
    }
    let Some(mut space) = room.checked_sub(frame + left_out(rows.len()).len()) else { return String::new() };
    let mut kept = 0;
    for row in rows {
        let Some(left) = space.checked_sub(row.len()) else { break };
        space = left;
        kept += 1;
    }
    let shown: String = rows.iter().take(kept).map(String::as_str).collect();
    format!("{head}{shown}{}{foot}", left_out(rows.len() - kept))
}

/// The message of a workflow command: one line, in which nothing ends it.
fn data(text: &str) -> String {
    safe(text).replace('%', "%25")
}

/// A property of a workflow command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
