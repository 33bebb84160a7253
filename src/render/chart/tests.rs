//! Whatever is drawn: a document, finite numbers, everything on the paper.

use chrono::NaiveDate;
use proptest::prelude::*;

use super::{
    axis::{LINE, days_later, width},
    sheet::{HEIGHT, WIDTH},
    *,
};
use crate::{capacity::usl::fit, signal::Unit};

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The numbers of an attribute.
fn numbers(text: &str) -> Vec<f64> {
    text.split([',', ' ']).filter(|part| !part.is_empty()).map(|part| part.parse().unwrap()).collect()
}

/// The extent of an element on the paper, of a text as it is estimated.
fn extent(node: roxmltree::Node<'_, '_>) -> Option<[f64; 4]> {
    let of = |name: &str| node.attribute(name).map_or(0.0, |text| text.parse::<f64>().unwrap());
    match node.tag_name().name() {
        "svg" | "title" | "desc" | "style" => None,
        "rect" => Some([of("x"), of("y"), of("x") + of("width"), of("y") + of("height")]),
        "circle" => Some([of("cx") - of("r"), of("cy") - of("r"), of("cx") + of("r"), of("cy") + of("r")]),
        "line" => Some([of("x1"), of("y1"), of("x2"), of("y2")]),
        "polyline" | "polygon" => {
            let points = numbers(node.attribute("points").unwrap());
            let (xs, ys) = (points.iter().step_by(2), points.iter().skip(1).step_by(2));
            let ends = |values: &mut dyn Iterator<Item = &f64>| {
                values.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(*value), high.max(*value)))
            };
            let ((left, right), (top, bottom)) = (ends(&mut xs.clone()), ends(&mut ys.clone()));
            (!points.is_empty()).then_some([left, top, right, bottom])
        }
        "text" => {
            let bold = if node.attribute("font-weight") == Some("bold") { 1.1 } else { 1.0 };
            let wide = width(node.text().unwrap_or_default().trim()) * bold;
            let left = match node.attribute("text-anchor").unwrap() {
                "start" => of("x"),
                "middle" => of("x") - wide / 2.0,
                _ => of("x") - wide,
            };
            Some([left, of("y") - LINE / 2.0, left + wide, of("y") + LINE / 2.0])
        }
        other => panic!("nobody knows where {other} lies"),
    }
}

/// An XML document with a title and a text alternative, of finite numbers, of which everything lies on the paper.
fn check(picture: &str) -> Result<(), TestCaseError> {
    let document =
        roxmltree::Document::parse(picture).map_err(|error| TestCaseError::fail(error.to_string()))?;
    let root = document.root_element();
    for name in ["title", "desc"] {
        prop_assert!(root.children().any(|child| child.tag_name().name() == name), "no {}", name);
    }
    for node in root.descendants().filter(roxmltree::Node::is_element) {
        if let Some([left, top, right, bottom]) = extent(node) {
            let finite = [left, top, right, bottom].iter().all(|value| value.is_finite());
            let inside = left >= -0.1 && top >= -0.1 && right <= WIDTH + 0.1 && bottom <= HEIGHT + 0.1;
            prop_assert!(finite && inside, "{:?} in {}", &picture[node.range()], picture);
        }
    }
    for unknown in ["NaN", "inf"] {
        let word =
            |text: &str| text.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == unknown);
        prop_assert!(!word(picture), "{} in {}", unknown, picture);
    }
    Ok(())
}

#[test]
fn kept_pictures_lie_on_their_paper() {
    for picture in [
        include_str!("../../../tests/fixtures/charts/load-crowded.svg"),
        include_str!("../../../tests/fixtures/charts/load-unknown.svg"),
        include_str!("../../../tests/fixtures/charts/resource-later.svg"),
        include_str!("../../../tests/fixtures/charts/resource-titles.svg"),
        include_str!("../../../tests/fixtures/charts/scalability.svg"),
    ] {
        check(picture).unwrap();
    }
}

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![prop::num::f64::ANY, -1e4..1e4_f64]
}

fn days(values: &[f64]) -> Vec<(NaiveDate, f64)> {
    values.iter().enumerate().map(|(day, value)| (days_later(date("2026-10-01"), day), *value)).collect()
}

fn dates() -> impl Strategy<Value = Option<NaiveDate>> {
    prop::option::of((0..9000_usize).prop_map(|days| days_later(date("2020-11-21"), days)))
}

fn bands() -> impl Strategy<Value = Vec<[f64; 7]>> {
    prop::collection::vec(prop::array::uniform7(value()), 0..20)
}

proptest! {
    #[test]
    fn any_resource_gives_a_picture(
        values in prop::collection::vec(value(), 0..30),
        bands in bands(),
        [limit, warning] in [value(), value()],
        [low, mid, high] in [dates(), dates(), dates()],
        title in any::<String>(),
        unit in prop::sample::select(vec![Unit::Bytes, Unit::Count, Unit::Ratio, Unit::Seconds, Unit::PerSecond]),
    ) {
        let (history, first) = (days(&values), date("2026-11-21"));
        let course = Course { history: &history, first, bands: &bands };
        let [limit, warning] = [limit, warning].map(|value| Some(Mark { value, label: &title }));
        let crossing = CrossingDates { low, mid, high };
        let chart = ResourceChart { title: &title, unit, course, limit, warning, crossing };
        check(&resource_chart(&chart))?;
    }

    #[test]
    fn any_load_gives_a_picture(
        values in prop::collection::vec(value(), 0..30),
        bands in bands(),
        ends in prop::collection::vec((value(), value(), any::<bool>()), 0..30),
        phases in prop::collection::vec((value(), prop::option::of(value())), 0..6),
        title in any::<String>(),
    ) {
        let (history, first) = (days(&values), date("2026-11-21"));
        let milestones: Vec<Milestone<'_>> = ends.iter().map(|(load, act_by, measured)| Milestone {
            load: *load,
            basis: if *measured { Basis::Measured } else { Basis::Roadmap },
            title: &title,
            act_by: Some(*act_by),
        }).collect();
        let phases: Vec<PhaseBand<'_>> = (1..).zip(&phases).map(|(number, (from, to))| {
            PhaseBand { number, title: &title, from: *from, to: *to }
        }).collect();
        let course = Course { history: &history, first, bands: &bands };
        let chart = LoadChart {
            title: &title, unit: &title, course, phases: &phases, milestones: &milestones, because: &title,
        };
        check(&load_chart(&chart))?;
    }

    #[test]
    fn any_curve_gives_a_picture(
        points in prop::collection::vec((1e-3..1e9_f64, 1e-3..1e9_f64), 6..20),
        drawn in prop::collection::vec((value(), value()), 0..20),
        title in any::<String>(),
    ) {
        let (loads, throughputs): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
        let fit = fit(&loads, &throughputs);
        prop_assume!(fit.is_ok());
        let fit = fit.unwrap();
        for (loads, throughputs) in [(loads, throughputs), drawn.into_iter().unzip()] {
            let chart = ScalabilityChart { title: &title, fit: &fit, loads: &loads, throughputs: &throughputs };
            check(&scalability_chart(&chart))?;
        }
    }
}
