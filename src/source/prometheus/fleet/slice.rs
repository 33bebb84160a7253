//! Some services of a fleet: how they are selected, and how an answer about them is split.

use std::collections::{BTreeSet, HashMap};

use super::super::decode::{Answer, RawSeries};
use crate::{
    fleet::Service,
    signal::{LabelMatcher, MatchKind},
};

/// Services that are read together.
#[derive(Debug)]
pub(in super::super) struct Slice {
    by: Vec<String>,
    services: Vec<Service>,
    places: HashMap<Service, usize>,
    /// Whether these are all services that there are, so that they need not be selected.
    is_all: bool,
}

impl Slice {
    /// These services.
    pub(in super::super) fn new(by: Vec<String>, services: Vec<Service>, is_all: bool) -> Self {
        let places = services.iter().cloned().zip(0..).collect();
        Self { by, services, places, is_all }
    }

    /// How many there are.
    pub(in super::super) fn len(&self) -> usize {
        self.services.len()
    }

    /// Matchers that select those at some places, and perhaps further ones: of each label its values.
    pub(in super::super) fn matchers(&self, places: &[usize]) -> Vec<LabelMatcher> {
        if self.is_all && places.len() == self.len() {
            return Vec::new();
        }
        let matcher = |(place, label): (usize, &String)| {
            let services = places.iter().filter_map(|place| self.services.get(*place));
            let values: BTreeSet<&str> =
                services.filter_map(|service| service.values().get(place)).map(String::as_str).collect();
            let (kind, value) = match values.first() {
                Some(only) if values.len() == 1 => (MatchKind::Equal, (*only).to_owned()),
                _ => {
                    let alternatives: Vec<String> = values.into_iter().map(regex::escape).collect();
                    (MatchKind::Regex, alternatives.join("|"))
                }
            };
            LabelMatcher { label: label.clone(), kind, value }
        };
        self.by.iter().enumerate().map(matcher).collect()
    }

    /// What an answer about those at some places, which are in order, holds for each of these. What belongs to no service, or to one
    /// that was not meant, is left out.
    pub(in super::super) fn split(&self, mut answer: Answer, places: &[usize]) -> Vec<Answer> {
        let series = std::mem::take(&mut answer.series);
        let mut parts = vec![answer; places.len()];
        for series in series {
            let index = self.place(&series).and_then(|place| places.binary_search(&place).ok());
            if let Some(part) = index.and_then(|index| parts.get_mut(index)) {
                part.series.push(series);
            }
        }
        parts
    }

    /// Which of them a series belongs to.
    fn place(&self, series: &RawSeries) -> Option<usize> {
        self.places.get(&Service::of_labels(&self.by, &series.labels)?).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::prometheus::promql::Query;

    fn slice(names: &[(&str, &str)], is_all: bool) -> Slice {
        let service = |(namespace, name): &(&str, &str)| {
            Service::new(vec![(*namespace).to_owned(), (*name).to_owned()])
        };
        let by = ["namespace", "service"].map(str::to_owned).to_vec();
        Slice::new(by, names.iter().map(service).collect(), is_all)
    }

    fn series(namespace: &str, service: &str) -> RawSeries {
        let labels = [("namespace", namespace), ("service", service), ("pod", "p")];
        let labels = labels.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        RawSeries { labels, ..RawSeries::default() }
    }

    #[test]
    fn an_answer_is_split_by_service_and_strangers_are_left_out() {
        let slice = slice(&[("a", "x"), ("a", "y"), ("b", "x")], false);
        let all = [series("a", "y"), series("b", "x"), series("b", "y"), series("", "x"), series("a", "y")];
        let answer = Answer { series: all.to_vec(), warnings: vec!["w".to_owned()], ..Answer::default() };
        let parts = slice.split(answer.clone(), &[0, 1, 2]);
        assert_eq!(parts.iter().map(|part| part.series.len()).collect::<Vec<_>>(), [0, 2, 1]);
        assert!(parts.iter().all(|part| part.warnings == ["w"]));
        let parts = slice.split(answer.clone(), &[2]);
        assert_eq!(parts.iter().map(|part| part.series.len()).collect::<Vec<_>>(), [1]);
        let parts = slice.split(answer, &[0, 2]);
        assert_eq!(parts.iter().map(|part| part.series.len()).collect::<Vec<_>>(), [0, 1]);
    }

    #[test]
    fn services_are_selected_by_what_cannot_be_taken_for_anything_else() {
        let texts = |slice: &Slice, places: &[usize]| -> Vec<String> {
            slice.matchers(places).iter().map(ToString::to_string).collect()
        };
        let two = slice(&[("a", "x.y"), ("a", "z|\"}\n or")], false);
        assert_eq!(texts(&two, &[0, 1]), ["namespace=a", "service=~x\\.y|z\\|\"\\}\n or"]);
        assert_eq!(texts(&two, &[0]), ["namespace=a", "service=x.y"]);
        assert!(texts(&slice(&[("a", "x"), ("a", "y")], true), &[0, 1]).is_empty());
        let mut query = Query::parse("sum(a)").unwrap();
        query.narrow(&two.matchers(&[0, 1])).unwrap();
        let expected = r#"sum(a{namespace="a",service=~"x\\.y|z\\|\"\\}\n or"})"#;
        assert_eq!(query.text(), expected);
        assert_eq!(Query::parse(&query.text()).unwrap().tree.to_string(), expected);
    }
}
