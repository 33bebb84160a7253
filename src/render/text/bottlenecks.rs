//! The table of resources, most pressing first.

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};

use super::page::{Page, verdict_word};
use crate::{
    assess::{Bottleneck, Status},
    render::{View, format, safe, saturation, sparkline::sparkline},
    signal::span_text,
};

/// Characters of a small curve.
const CURVE: usize = 12;

pub(super) fn write(view: &View<'_>, page: &mut Page) {
    let assessment = view.assessment;
    let measured: Vec<&Bottleneck> = assessment
        .bottlenecks
        .iter()
        .filter(|one| view.verbose || one.now.is_some() || one.verdict > crate::assess::Verdict::Unknown)
        .collect();
    if measured.is_empty() {
        return;
    }
    page.heading("Resources");
    let wide = page.width() >= 90;
    let foreseen = measured.iter().any(|one| one.saturates_at_load.is_some() || one.saturates_on.is_some());
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(page.width()).unwrap_or(100));
    let mut header = ["", "resource", "now"].map(str::to_owned).to_vec();
    if wide || !foreseen {
        header.push("limit".to_owned());
    }
    header.push("room".to_owned());
    if foreseen {
        header.extend(["full at", "on", "evidence"].map(str::to_owned));
    } else if wide {
        let window = assessment.window.to - assessment.window.from;
        header.push(format!("last {}", span_text(window.num_seconds() as f64)));
    }
    table.set_header(header);
    for bottleneck in measured {
        table.add_row(row(view, bottleneck, wide, foreseen));
    }
    for line in table.lines() {
        page.raw_line(&line);
    }
}

fn row(view: &View<'_>, bottleneck: &Bottleneck, wide: bool, foreseen: bool) -> Vec<Cell> {
    let name = safe(&bottleneck.resource.entry().of_instance(bottleneck.instance.as_deref()));
    let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
    let now = bottleneck
        .now
        .map_or_else(|| unmeasured(bottleneck).to_owned(), |now| format::used(now, bottleneck.capacity));
    let limit = bottleneck.limit.map_or_else(|| "–".to_owned(), |limit| limit.to_string());
    let room = bottleneck.headroom.map_or_else(|| "–".to_owned(), format::percent);
    let mut cells =
        vec![Cell::new(verdict_word(bottleneck.verdict).to_lowercase()), Cell::new(name), right(now)];
    if wide || !foreseen {
        cells.push(right(limit));
    }
    cells.push(right(room));
    if foreseen {
        let [load, date, grade] = saturation::cells(view.assessment, bottleneck);
        cells.extend([right(load), Cell::new(date), Cell::new(grade)]);
    } else if wide {
        cells.push(Cell::new(curve(view, bottleneck)));
    }
    cells
}

fn curve(view: &View<'_>, bottleneck: &Bottleneck) -> String {
    let window = view.snapshot.window;
    let observation = view.snapshot.observations.iter().find(|observation| {
        Some(observation.signal) == bottleneck.signal
            && observation.instance == bottleneck.instance
            && !observation.values.is_spot()
    });
    observation.map_or_else(String::new, |observation| {
        let direction = observation.signal.entry().direction;
        let (from, to) = (window.from.timestamp_millis(), window.to.timestamp_millis());
        sparkline(&observation.values, direction, from, to, CURVE)
    })
}

/// A server that turned us away was not measured, but what it guards is known to be used up.
fn unmeasured(bottleneck: &Bottleneck) -> &'static str {
    if bottleneck.status == Status::Saturated { "refused us" } else { "not measured" }
}
