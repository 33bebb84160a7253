//! One question for many services: whoever asks first asks for all, and each takes its share of the answer.
//!
//! A service is read by the same code as a system by itself. Its client has a [`Share`]: a query is regrouped, sent once
//! for the slice, and answered from what came for this service.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::future::try_join_all;

use super::{
    super::{
        client::Client,
        decode::{Answer, Limits, RawSeries},
        grid::{Grid, HOUR, HOURS_AT_ONCE, joined},
        instances,
        promql::Query,
        regroup::{Regrouped, regrouped},
        resolution::NativeHistograms,
    },
    kept::{Group, Kept},
    shared_answers::{Once, common_pieces, within},
    slice::Slice,
};
use crate::{
    fleet::{QueryKey, Service},
    snapshot::{Reason, Unavailable},
};

/// The number of series of one answer about many services.
pub(super) const MOST_SERIES: usize = 200_000;
/// Where so many bytes of answers are kept, a further one that is too large is not asked for in halves.
const MUCH: u64 = 256 << 20;

/// A query with its instants.
type Question = (String, i64, i64, i64);

fn question(query: &str, grid: Grid) -> Question {
    (query.to_owned(), grid.from, grid.to, grid.step)
}

/// What is asked once for the whole fleet.
#[derive(Debug, Default)]
pub(in super::super) struct OfFleet {
    /// The labels that name a service.
    pub(in super::super) by: Vec<String>,
    /// The ends of the hours of the past that is wanted.
    past: Option<Grid>,
    regrouped: Mutex<HashMap<String, Arc<Regrouped>>>,
    common: Once<Question, Answer>,
    labels: Once<String, BTreeSet<String>>,
    histograms: Once<(String, i64), NativeHistograms>,
}

impl OfFleet {
    /// Nothing asked so far. `by` are the labels that name a service, `past` are the ends of the hours that are wanted.
    pub(in super::super) fn new(by: Vec<String>, past: Option<Grid>) -> Self {
        Self { by, past, ..Self::default() }
    }

    fn regrouped(&self, text: &str) -> Arc<Regrouped> {
        let mut known = self.regrouped.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(text) {
            return Arc::clone(known);
        }
        let regrouped = Arc::new(regrouped(text, &self.by));
        known.insert(text.to_owned(), Arc::clone(&regrouped));
        regrouped
    }
}

/// What is asked once for some services.
#[derive(Debug)]
pub(in super::super) struct OfSlice {
    slice: Slice,
    kept: Option<Kept>,
    /// The values of a label that the series of each service have; `None` of those without such series.
    values: Once<(String, String), Vec<Option<BTreeSet<String>>>>,
}

impl OfSlice {
    /// Nothing asked so far.
    pub(in super::super) fn new(slice: Slice, kept: Option<Kept>) -> Self {
        Self { slice, kept, values: Once::default() }
    }

    /// What is kept of the pasts, once all has been read.
    pub(in super::super) fn into_kept(self) -> Option<Kept> {
        self.kept
    }
}

/// What each piece of a question was answered.
type Answers = Vec<Result<Answer, Unavailable>>;

/// The answers for one signal of some services, which are dropped with it.
#[derive(Debug, Default)]
pub(in super::super) struct OfSignal {
    answers: Once<(Question, Option<Group>), Answers>,
}

/// A service's part in what is asked for all of them.
#[derive(Debug, Clone)]
pub(in super::super) struct Share {
    pub(in super::super) of_fleet: Arc<OfFleet>,
    pub(in super::super) of_slice: Arc<OfSlice>,
    pub(in super::super) of_signal: Arc<OfSignal>,
    /// Which of the slice's services it is.
    pub(in super::super) place: usize,
    /// Those that are asked for; all of the slice where there is none.
    pub(in super::super) group: Option<Group>,
}

impl Share {
    /// The values of a query for this service.
    pub(in super::super) async fn range(
        &self,
        client: &Client,
        query: &str,
        grid: Grid,
    ) -> Result<Answer, Unavailable> {
        match self.of_fleet.regrouped(query).as_ref() {
            Regrouped::Common => {
                let client = client.renewed();
                let ask = Box::pin(client.range_within(query, grid, Limits::default()));
                self.of_fleet.common.get(question(query, grid), ask, |answer| Ok(answer.clone())).await
            }
            Regrouped::ByService(query) => self.own(client, query, grid, grid).await,
            Regrouped::Impossible(why) => Err(impossible(why)),
        }
    }

    /// The values of a query at the ends of hours for this service: those that are kept, and those that follow. Between
    /// `asked_from` (Unix seconds) and these hours there are none.
    pub(in super::super) async fn hours(
        &self,
        client: &Client,
        query: &str,
        ends: Grid,
        asked_from: i64,
    ) -> Result<Answer, Unavailable> {
        let regrouped = self.of_fleet.regrouped(query);
        let (Regrouped::ByService(query), Some(past)) = (regrouped.as_ref(), self.of_fleet.past) else {
            let pieces = ends.pieces_of(HOURS_AT_ONCE).map(|piece| self.range(client, query, piece));
            return Ok(joined(try_join_all(pieces).await?));
        };
        let Some(kept) = &self.of_slice.kept else { return self.past(client, query, past, ends).await };
        let key = QueryKey::new(&query.text());
        let (end, group) = kept.end(key, self.place, asked_from);
        let share = Self { group: Some(group), ..self.clone() };
        let Some(end) = end else {
            let answer = share.past(client, query, past, ends).await?;
            kept.add(key, self.place, Some(asked_from), &answer);
            return Ok(answer);
        };
        let known = kept.answer(key, self.place, Grid { to: end, ..ends });
        let rest = Grid { from: end + HOUR, ..past };
        if rest.from > rest.to {
            return Ok(known);
        }
        let answer = share.past(client, query, rest, rest).await?;
        kept.add(key, self.place, None, &answer);
        // What is kept may have ended before the hours that are wanted.
        let answer = if rest.from < ends.from { within(&answer, ends) } else { answer };
        Ok(joined(vec![known, answer]))
    }

    /// Since when there is a past of this service, where it is kept for all of some queries: the end of an hour.
    pub(in super::super) fn kept_since(&self, queries: &[String]) -> Option<i64> {
        self.of_slice.kept.as_ref()?.first(&self.keys(queries)?, self.place)
    }

    /// Remembers that some queries have no past for this service since an instant (Unix seconds).
    pub(in super::super) fn keep_nothing(&self, queries: &[String], asked_from: i64) {
        if let Some(kept) = &self.of_slice.kept {
            let keys = self.keys(queries).unwrap_or_default();
            for key in keys {
                kept.add(key, self.place, Some(asked_from), &Answer::default());
            }
        }
    }

    /// The same, asking for those services alone of which no past is kept for some queries.
    pub(in super::super) fn among_lacking(&self, queries: &[String]) -> Self {
        let kept = self.of_slice.kept.as_ref();
        let group = kept.and_then(|kept| Some(kept.lacking(&self.keys(queries)?)));
        Self { group, ..self.clone() }
    }

    /// The keys of queries, without those that are the same for all services; `None` where one cannot be asked.
    fn keys(&self, queries: &[String]) -> Option<Vec<QueryKey>> {
        let mut keys = Vec::new();
        for query in queries {
            match self.of_fleet.regrouped(query).as_ref() {
                Regrouped::Common => {}
                Regrouped::ByService(query) => keys.push(QueryKey::new(&query.text())),
                Regrouped::Impossible(_) => return None,
            }
        }
        Some(keys)
    }

    /// The answer for this service over a grid, of which it needs the instants of another one.
    async fn own(
        &self,
        client: &Client,
        query: &Query,
        asked: Grid,
        needed: Grid,
    ) -> Result<Answer, Unavailable> {
        let ask = async { Ok(Box::pin(self.for_all(client, query, asked)).await) };
        let own = |answers: &Vec<Result<Answer, Unavailable>>| match answers.get(self.place) {
            Some(Ok(answer)) if asked == needed => Ok(answer.clone()),
            Some(Ok(answer)) => Ok(within(answer, needed)),
            Some(Err(failure)) => Err(failure.clone()),
            None => Ok(Answer::default()),
        };
        let key = (question(&query.text(), asked), self.group.clone());
        self.of_signal.answers.get(key, ask, own).await
    }

    /// Each service has a past of its own length. So that all of them take their share of the same questions, these
    /// begin at the same instants for all.
    async fn past(
        &self,
        client: &Client,
        query: &Query,
        past: Grid,
        needed: Grid,
    ) -> Result<Answer, Unavailable> {
        let pieces = common_pieces(past, needed.from);
        let answers = try_join_all(pieces.map(|asked| self.own(client, query, asked, needed))).await?;
        Ok(joined(answers))
    }

    /// The answers for the services that are asked for, by place. What is too large for one answer is asked for in halves.
    async fn for_all(&self, client: &Client, query: &Query, grid: Grid) -> Vec<Result<Answer, Unavailable>> {
        let slice = &self.of_slice.slice;
        let mut answers: Vec<Result<Answer, Unavailable>> =
            (0..slice.len()).map(|_| Ok(Answer::default())).collect();
        let all: Group = self.group.clone().unwrap_or_else(|| (0..slice.len()).collect());
        let mut waiting: Vec<&[usize]> = vec![&all];
        while let Some(part) = waiting.pop() {
            let parts = match self.for_some(client, query, grid, part).await {
                Err(failure)
                    if failure.reason == Reason::TooLarge && part.len() > 1 && client.bytes() < MUCH =>
                {
                    let (first, second) = part.split_at(part.len() / 2);
                    waiting.extend([second, first]);
                    continue;
                }
                Ok(parts) => parts.into_iter().map(Ok).collect(),
                Err(failure) => vec![Err(failure); part.len()],
            };
            for (place, own) in part.iter().zip(parts) {
                if let Some(answer) = answers.get_mut(*place) {
                    *answer = own;
                }
            }
        }
        answers
    }

    async fn for_some(
        &self,
        client: &Client,
        query: &Query,
        grid: Grid,
        part: &[usize],
    ) -> Result<Vec<Answer>, Unavailable> {
        let slice = &self.of_slice.slice;
        let mut query = query.clone();
        query.narrow(&slice.matchers(part)).map_err(|error| impossible(&error))?;
        let limits = Limits { series: MOST_SERIES, ..Limits::default() };
        let answer = client.renewed().range_within(&query.text(), grid, limits).await?;
        Ok(slice.split(answer, part))
    }

    /// The names of the labels that the series of a selector have in any service, where this one has such series.
    pub(in super::super) async fn label_names(
        &self,
        client: &Client,
        selector: &str,
        window: Grid,
    ) -> Result<BTreeSet<String>, Unavailable> {
        if Box::pin(self.values("job", client, selector, window)).await?.is_none() {
            return Ok(BTreeSet::new());
        }
        let text = self.of_everybody(selector)?;
        let client = client.renewed();
        let ask = Box::pin(client.listed("labels".to_owned(), &text, window));
        self.of_fleet.labels.get(text.clone(), ask, |labels| Ok(labels.clone())).await
    }

    /// The values of a label that this service's series of a selector have.
    pub(in super::super) async fn label_values(
        &self,
        client: &Client,
        label: &str,
        selector: &str,
        window: Grid,
    ) -> Result<BTreeSet<String>, Unavailable> {
        Ok(Box::pin(self.values(label, client, selector, window)).await?.unwrap_or_default())
    }

    async fn values(
        &self,
        label: &str,
        client: &Client,
        selector: &str,
        window: Grid,
    ) -> Result<Option<BTreeSet<String>>, Unavailable> {
        let key = (label.to_owned(), selector.to_owned());
        let ask = async {
            let text = format!("count by ({label}) ({selector})");
            let Regrouped::ByService(query) = self.of_fleet.regrouped(&text).as_ref().clone() else {
                return Err(impossible("its series cannot be counted"));
            };
            let hours = (window.to - window.from) / HOUR;
            let instants = Grid { from: window.to - hours * HOUR, to: window.to, step: HOUR };
            let answers = Box::pin(self.for_all(client, &query, instants)).await;
            let values = |answer: Result<Answer, Unavailable>| {
                let series = answer?.series;
                let value = |series: &RawSeries| instances::label(series, label).map(str::to_owned);
                Ok((!series.is_empty()).then(|| series.iter().filter_map(value).collect()))
            };
            answers.into_iter().map(values).collect()
        };
        let own =
            |values: &Vec<Option<BTreeSet<String>>>| Ok(values.get(self.place).cloned().unwrap_or_default());
        self.of_slice.values.get(key, ask, own).await
    }

    /// The native histograms of all services together: their resolution is that of each.
    pub(in super::super) async fn native_histograms(
        &self,
        client: &Client,
        query: &str,
        at: i64,
    ) -> Result<NativeHistograms, Unavailable> {
        let text = self.of_everybody(query)?;
        let client = client.renewed();
        let ask = Box::pin(client.native_histograms_of_all(&text, at));
        let own = |histograms: &NativeHistograms| Ok(histograms.clone());
        self.of_fleet.histograms.get((text.clone(), at), ask, own).await
    }

    /// A selector or query without what selects a service.
    fn of_everybody(&self, text: &str) -> Result<String, Unavailable> {
        match self.of_fleet.regrouped(text).as_ref() {
            Regrouped::Common => Ok(text.to_owned()),
            Regrouped::ByService(query) => Ok(query.text()),
            Regrouped::Impossible(why) => Err(impossible(why)),
        }
    }
}

fn impossible(why: &str) -> Unavailable {
    let detail = format!("this query cannot be sent for all services at once: {why}");
    Unavailable::new(Reason::QueryFailed, detail)
        .hint("write it so that each of its series belongs to one service")
}

/// The services whose series an answer holds, with the answer's other labels.
pub(super) fn services(by: &[String], answer: Answer) -> Vec<(Service, RawSeries)> {
    let of_service = |series: RawSeries| Some((Service::of_labels(by, &series.labels)?, series));
    answer.series.into_iter().filter_map(of_service).collect()
}
