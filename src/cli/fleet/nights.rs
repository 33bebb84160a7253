//! What a history keeps of the pasts of a fleet's services, so that a night reads one new day.

use anyhow::{Result, bail};
use chrono::{DateTime, TimeDelta, Utc};

use super::estate::Estate;
use crate::{
    cli::{
        history::StorePlace,
        options::SourceOptions,
        terminal::{safe_lines, warn},
    },
    fleet::{KeptPast, Service},
    history::{HistoryError, Store, StoredPast},
    source::Request,
};

/// Days are kept for so long, or for `--past` where that is longer: its default.
const KEPT: TimeDelta = TimeDelta::days(800);
/// How many damaged pasts are named.
const NAMED: usize = 3;

/// The history of a fleet, if one is named.
#[derive(Debug)]
pub(super) struct Nights {
    store: Option<Store>,
    /// The server, and the labels that name a service.
    server: String,
    by: Vec<String>,
    /// Whether what is kept is not used.
    rebuild: bool,
    /// How many pasts could not be used so far.
    unusable: usize,
}

impl Nights {
    /// Opens the history that flags or config name. One that cannot be opened takes nothing away from what the server
    /// says: everything is read then.
    ///
    /// # Errors
    /// When its place is invalid, or `rebuild` is asked for and there is none.
    pub(super) fn open(estate: &Estate, options: &SourceOptions, rebuild: bool) -> Result<Self> {
        let place = StorePlace::named(&options.history, &estate.project)?;
        if rebuild && place.is_none() {
            bail!("--rebuild needs a history; use --history, or set `history` in scale-advisor.toml");
        }
        let mut nights = Self {
            store: None,
            server: estate.settings.identity(),
            by: estate.by.clone(),
            rebuild,
            unusable: 0,
        };
        match place.map(|place| place.open()) {
            Some(Ok(store)) => nights.store = Some(store),
            Some(Err(error)) => nights.give_up(error),
            None => {}
        }
        Ok(nights)
    }

    /// What is kept of the pasts of some services, in their order; `None` without a history.
    pub(super) fn kept(&mut self, services: &[Service], request: &Request) -> Option<Vec<KeptPast>> {
        let (store, past) = (self.store.as_ref()?, request.past.as_ref()?);
        if self.rebuild {
            return Some(services.iter().map(|_| KeptPast::default()).collect());
        }
        let names: Vec<String> = services.iter().map(|service| self.name(service)).collect();
        let from_day = KeptPast::first_day(past.from.timestamp(), request.now.timestamp());
        match store.service_pasts(&names, from_day) {
            Ok(stored) => {
                let pasts = stored.into_iter().zip(services);
                Some(pasts.map(|(stored, service)| self.decoded(stored, service, from_day)).collect())
            }
            Err(error) => {
                self.give_up(error);
                None
            }
        }
    }

    /// What is kept of a past; nothing where it is not as it was written.
    fn decoded(&mut self, stored: Option<StoredPast>, service: &Service, from_day: i64) -> KeptPast {
        let Some(StoredPast { coverage, days, .. }) = stored else { return KeptPast::default() };
        KeptPast::decode(&coverage, &days, from_day).unwrap_or_else(|why| {
            self.unusable += 1;
            let name = safe_lines(&service.name());
            if self.unusable <= NAMED {
                warn(&format!("warning: reading all values of {name} again; its history is {why}\n"));
            } else if self.unusable == NAMED + 1 {
                warn("warning: reading all values of more services again\n");
            }
            KeptPast::default()
        })
    }

    /// Keeps the pasts of some services, in their order.
    pub(super) fn keep(&mut self, services: &[Service], pasts: Vec<KeptPast>, request: &Request) {
        let Some(past) = &request.past else { return };
        let first_day = day(past.from.min(request.now - KEPT));
        let stored = |(service, past): (&Service, KeptPast)| {
            let encoded = past.encode(first_day)?;
            Some(StoredPast { name: self.name(service), coverage: encoded.coverage, days: encoded.days })
        };
        let stored: Vec<StoredPast> = services.iter().zip(pasts).filter_map(stored).collect();
        let Some(store) = &mut self.store else { return };
        if let Err(error) = store.keep_service_pasts(&stored, first_day) {
            self.give_up(error);
        }
    }

    /// What tells a service from those of other fleets in the same history.
    fn name(&self, service: &Service) -> String {
        // Texts always become JSON.
        serde_json::to_string(&(&self.server, service.labels(&self.by))).unwrap_or_default()
    }

    fn give_up(&mut self, error: HistoryError) {
        self.store = None;
        let error = safe_lines(&format!("{:#}", anyhow::Error::from(error)));
        warn(&format!("warning: reading all values from the server and storing none: {error}\n"));
    }
}

/// The day of an instant since the beginning of 1970, UTC.
fn day(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(24 * 3600)
}
