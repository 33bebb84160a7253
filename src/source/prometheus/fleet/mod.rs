//! Many services behind one server, read in one pass: found by the values of their labels, and read slice by slice.
//!
//! ```text
//! discovery ─► services ─► slices ─► for each signal: a Reader for each service, whose Client has a Share
//!                                     regroup ─► one question ─► split ─► instances, tracks, names as ever
//! ```

mod kept;
mod rules;
mod services;
mod share;
mod shared_answers;
mod slice;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use tokio::{
    runtime::{Builder, Runtime},
    sync::{OnceCell, Semaphore},
    task::JoinSet,
};

use self::{
    kept::Kept,
    share::{OfFleet, OfSignal, OfSlice},
    slice::Slice,
};
use super::{
    NAME,
    client::Demands,
    discovery::{self, Prospects, Searched},
    observe::SignalResult,
    past::hours_between,
    reader::Reader,
    regroup::EACH,
    settings::Settings,
};
use crate::{
    fleet::{KeptPast, Service},
    foreign::Foreign,
    signal::{LabelMatcher, MatchKind, SignalId},
    snapshot::{NotSearchedReason, Reason, SourceReport, SourceResult, Unavailable},
    source::{Request, Search, Source},
};
pub use rules::HourlyQuery;
pub use services::FoundService;
pub(in crate::source::prometheus) use share::Share;

/// So many signals are read at a time: the answers of each are in memory until all services have taken their share.
const SIGNALS_AT_ONCE: usize = 4;
/// So many bytes of an answer a kept figure is like: a time, a value, and the figure itself.
const BYTES_OF_FIGURE: u64 = 24;

/// Reads the services of a fleet from one server.
#[derive(Debug)]
pub struct FleetReader {
    runtime: Runtime,
    reader: Reader,
    version: Option<String>,
    of_fleet: Arc<OfFleet>,
    /// What is looked for outside the catalogue, once it is known.
    prospects: OnceCell<Result<Prospects, NotSearchedReason>>,
    request: Request,
}

/// What was read of some services.
#[derive(Debug)]
pub struct SliceReading {
    /// What each gave, in their order.
    pub results: Vec<SourceResult>,
    /// How many bytes of answers that took.
    pub bytes: u64,
    /// How many questions were asked.
    pub questions: usize,
    /// What is to be kept of the past of each, where something was given.
    pub kept: Option<Vec<KeptPast>>,
}

impl FleetReader {
    /// Asks the server for what is known of all services. `by` are the labels that name a service. The request's
    /// deadline is that of each question. Answers from which data are missing are failures, since rows have no place to say
    /// so. `statistics` counts the samples that the server reads.
    ///
    /// # Errors
    /// When the server does not answer, or not as such a server does.
    pub fn connect(
        settings: &Settings,
        request: &Request,
        by: Vec<String>,
        statistics: bool,
    ) -> Result<Self, Unavailable> {
        let demands = Demands { whole: true, statistics };
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| {
            Unavailable::new(Reason::NotConfigured, format!("cannot start a runtime: {error}"))
        })?;
        let connected = runtime.block_on(Reader::connect(settings, request, request.deadline, demands));
        let (reader, version) = connected?;
        let past = request.past.as_ref().map(|past| hours_between(past.from.timestamp(), reader.grid.to));
        let of_fleet = Arc::new(OfFleet::new(by, past));
        let (prospects, request) = (OnceCell::new(), request.clone());
        Ok(Self { runtime, reader, version, of_fleet, prospects, request })
    }

    /// How many questions were asked so far.
    pub fn questions(&self) -> usize {
        self.reader.client.questions()
    }

    /// How many samples the server says that it read so far, where that is counted.
    pub fn samples(&self) -> u64 {
        self.reader.client.samples()
    }

    /// Sanitizes what the server says.
    pub fn foreign(&self) -> Foreign {
        Foreign::new(self.reader.settings.secrets())
    }

    /// The services that have series of loads or resources, or had them within the last week. `further` are labels
    /// whose values are wanted as well.
    ///
    /// # Errors
    /// When the server does not answer.
    pub fn discover(&self, further: &[String]) -> Result<Vec<FoundService>, Unavailable> {
        self.runtime.block_on(services::discover(&self.reader, &self.of_fleet.by, further))
    }

    /// Reads some services. `is_all` says that there are no others, `facts` are the numbers that hold for these, and `kept`
    /// is what is kept of the past of each, in their order: the server is asked for the hours that follow.
    pub fn read(
        &self,
        services: &[Service],
        is_all: bool,
        facts: &BTreeMap<String, f64>,
        kept: Option<Vec<KeptPast>>,
    ) -> SliceReading {
        let before = self.questions();
        let client = self.reader.client.with_new_budget();
        let past = self.request.past.as_ref();
        let kept = kept.zip(past).map(|(kept, past)| {
            debug_assert_eq!(kept.len(), services.len());
            Kept::new(kept, past.from.timestamp(), self.reader.grid.to)
        });
        let bytes_of_kept = kept.as_ref().map_or(0, |kept| BYTES_OF_FIGURE * kept.len() as u64);
        let (results, kept) = self.runtime.block_on(self.read_all(&client, services, is_all, facts, kept));
        SliceReading {
            results,
            bytes: client.bytes() + bytes_of_kept,
            questions: self.questions() - before,
            kept: kept.map(Kept::into_pasts),
        }
    }

    async fn read_all(
        &self,
        client: &super::client::Client,
        services: &[Service],
        is_all: bool,
        facts: &BTreeMap<String, f64>,
        kept: Option<Kept>,
    ) -> (Vec<SourceResult>, Option<Kept>) {
        let by = &self.of_fleet.by;
        let mut settings = Settings { facts: facts.clone(), ..Settings::clone(&self.reader.settings) };
        settings.scope.matchers.extend(each_service(by));
        let settings = Arc::new(settings);
        let of_slice = Arc::new(OfSlice::new(Slice::new(by.clone(), services.to_vec(), is_all), kept));
        let share = |place, of_signal: &Arc<OfSignal>| Share {
            of_fleet: Arc::clone(&self.of_fleet),
            of_slice: Arc::clone(&of_slice),
            of_signal: Arc::clone(of_signal),
            place,
            group: None,
        };
        let none = Arc::default();
        let of_service =
            |place| self.reader.of_part(Arc::clone(&settings), client.sharing(share(place, &none)));
        let readers: Vec<Reader> = (0..services.len()).map(of_service).collect();
        let permits = Arc::new(Semaphore::new(SIGNALS_AT_ONCE));
        let mut running = JoinSet::new();
        for signal in settings.wanted() {
            let of_signal = Arc::default();
            let readers: Vec<Reader> = readers
                .iter()
                .enumerate()
                .map(|(place, reader)| reader.asking(client.sharing(share(place, &of_signal))))
                .collect();
            let permits = Arc::clone(&permits);
            running.spawn(async move {
                let _permit = permits.acquire().await;
                (signal, read_signal(signal, readers).await)
            });
        }
        let outcomes: BTreeMap<_, _> = running.join_all().await.into_iter().collect();
        let mut results = self.results(services.len(), outcomes);
        if self.request.search != Search::No {
            let of_search = Arc::default();
            for (place, (result, reader)) in results.iter_mut().zip(&readers).enumerate() {
                let searched = self.search(&reader.asking(client.sharing(share(place, &of_search)))).await;
                result.discovery = Some(discovery::discovery(searched, &result.observations));
            }
        }
        let foreign = self.foreign();
        for result in &mut results {
            result.pass(&foreign);
        }
        drop(readers);
        // All that asked for a share are gone.
        let kept = Arc::into_inner(of_slice).and_then(OfSlice::into_kept);
        (results, kept)
    }

    /// Looks for resources of one service outside the catalogue.
    async fn search(&self, reader: &Reader) -> Searched {
        let ask = || async {
            let reader = self.reader.asking(self.reader.client.renewed());
            Box::pin(discovery::prospects(&reader, self.request.search)).await
        };
        match self.prospects.get_or_init(ask).await {
            Ok(prospects) => {
                Box::pin(discovery::search_for(reader, prospects, self.request.now.timestamp_millis())).await
            }
            Err(reason) => Err(reason.clone()),
        }
    }

    /// What each of some services gave, of what each signal gave.
    fn results(
        &self,
        count: usize,
        outcomes: BTreeMap<SignalId, Vec<Result<SignalResult, Unavailable>>>,
    ) -> Vec<SourceResult> {
        let report = || SourceReport {
            version: self.version.clone(),
            ..SourceReport::answered(NAME, self.reader.settings.address())
        };
        let mut results: Vec<(SourceResult, BTreeSet<String>)> =
            (0..count).map(|_| (SourceResult::new(report()), BTreeSet::new())).collect();
        for (signal, outcomes) in outcomes {
            for ((reading, notes), outcome) in results.iter_mut().zip(outcomes) {
                super::take(reading, notes, signal, outcome);
            }
        }
        let finished = |(mut reading, notes): (SourceResult, BTreeSet<String>)| {
            super::note(&mut reading, notes);
            reading
        };
        results.into_iter().map(finished).collect()
    }
}

/// What selects a service, with what stands for the values of its labels.
fn each_service(by: &[String]) -> Vec<LabelMatcher> {
    let each = |label: &String| LabelMatcher {
        label: label.clone(),
        kind: MatchKind::Equal,
        value: EACH.to_owned(),
    };
    by.iter().map(each).collect()
}

/// One signal of one service after the other: the first asks for all of them.
async fn read_signal(signal: SignalId, readers: Vec<Reader>) -> Vec<Result<SignalResult, Unavailable>> {
    let entry = signal.entry();
    let mut outcomes = Vec::with_capacity(readers.len());
    let is_nowhere = readers.first().is_some_and(|reader| reader.plans(entry).is_empty());
    for reader in readers {
        match outcomes.first() {
            Some(Err(failure)) if is_nowhere => outcomes.push(Err(Unavailable::clone(failure))),
            _ => outcomes.push(reader.read(entry).await),
        }
    }
    outcomes
}
