//! What is kept comes back as it was, and whatever is not as it was written is found.

use super::*;

const FIRST_DAY: i64 = 20_000;

fn labels(instance: &str) -> Labels {
    [("instance".to_owned(), instance.to_owned()), ("job".to_owned(), "db".to_owned())].into()
}

/// Hours that end so many hours after the beginning of the first day, with figures that no short text says exactly.
fn figures_of(ends: std::ops::RangeInclusive<i64>) -> Hours {
    ends.map(|hour| (FIRST_DAY * DAY + hour * HOUR, (hour as f64 + 0.1).sqrt() / 3.0)).collect()
}

fn read_hours(query: &str, from: Option<i64>, ends: std::ops::RangeInclusive<i64>) -> ReadHours {
    ReadHours {
        query: QueryKey::new(query),
        from: from.map(|hour| FIRST_DAY * DAY + hour * HOUR),
        end: FIRST_DAY * DAY + ends.end() * HOUR,
        series: vec![(labels("a"), figures_of(ends.clone())), (labels("b"), figures_of(ends))],
    }
}

/// Everything that a past says.
fn content(past: &KeptPast) -> Vec<(QueryKey, i64, i64, QueryHours)> {
    let of_query =
        |(key, query): (&QueryKey, &KeptQuery)| (*key, query.from, query.end, past.hours(*key, 0, i64::MAX));
    past.queries.iter().map(of_query).collect()
}

/// Keeps bytes as a history does.
#[derive(Default)]
struct Stored {
    coverage: Vec<u8>,
    days: BTreeMap<i64, Vec<u8>>,
}

impl Stored {
    /// Writes a past, and returns which days that took.
    fn keep(&mut self, past: KeptPast, first_day: i64) -> Vec<i64> {
        let EncodedPast { coverage, days } = past.encode(first_day).unwrap();
        let written = days.keys().copied().collect();
        self.coverage = coverage;
        self.days.extend(days);
        self.days.retain(|day, _| *day >= first_day);
        written
    }

    fn past(&self, from_day: i64) -> KeptPast {
        let days = self.days.range(from_day..).map(|(day, bytes)| (*day, bytes.clone())).collect();
        KeptPast::decode(&self.coverage, &days, from_day).unwrap()
    }
}

#[test]
fn a_night_writes_the_days_that_it_read_and_nothing_is_rounded() {
    let mut stored = Stored::default();
    let mut past = KeptPast::default();
    past.add(read_hours("q", Some(0), 1..=100));
    past.add(read_hours("other", Some(0), 1..=90));
    assert_eq!(stored.keep(past, 0), [FIRST_DAY, FIRST_DAY + 1, FIRST_DAY + 2, FIRST_DAY + 3, FIRST_DAY + 4]);
    let mut past = stored.past(0);
    let (query, begin) = (QueryKey::new("q"), FIRST_DAY * DAY);
    assert_eq!(past.end(query, begin), Some(begin + 100 * HOUR));
    assert_eq!(past.end(query, begin - 1), None);
    assert_eq!(past.end(QueryKey::new("changed"), begin), None);
    assert_eq!(past.first(query, 0), Some(begin + HOUR));
    past.add(read_hours("q", None, 101..=121));
    assert_eq!(stored.keep(past, FIRST_DAY + 1), [FIRST_DAY + 4, FIRST_DAY + 5]);
    let past = stored.past(FIRST_DAY + 1);
    let expected = figures_of(25..=121);
    assert_eq!(past.hours(query, 0, i64::MAX), [(labels("a"), expected.clone()), (labels("b"), expected)]);
    assert_eq!(past.hours(query, begin + 30 * HOUR, begin + 30 * HOUR)[0].1, figures_of(30..=30));
    assert_eq!(past.hours(QueryKey::new("other"), begin + 90 * HOUR, i64::MAX)[0].1, figures_of(90..=90));
    assert!(stored.keep(past, FIRST_DAY + 1).is_empty());
}

#[test]
fn a_query_that_is_read_again_keeps_what_the_server_has_no_more() {
    let (query, begin) = (QueryKey::new("q"), FIRST_DAY * DAY);
    let mut stored = Stored::default();
    let mut past = KeptPast::default();
    past.add(read_hours("q", Some(20), 21..=100));
    stored.keep(past, 0);
    let mut past = stored.past(0);
    let again = vec![(labels("a"), vec![(begin + 99 * HOUR, 7.0), (begin + 110 * HOUR, 8.0)])];
    past.add(ReadHours { series: again, ..read_hours("q", Some(-5), 90..=110) });
    stored.keep(past, 0);
    let past = stored.past(0);
    assert_eq!(past.end(query, begin - 5 * HOUR), Some(begin + 110 * HOUR));
    let mut expected = figures_of(21..=100);
    expected[99 - 21].1 = 7.0;
    expected.push((begin + 110 * HOUR, 8.0));
    let kept = [(labels("a"), expected), (labels("b"), figures_of(21..=100))];
    assert_eq!(past.hours(query, 0, i64::MAX), kept);
    // A run as of an earlier time knows less.
    let mut earlier = past.clone();
    earlier.add(read_hours("q", Some(-5), 1..=109));
    // What is not kept cannot be continued.
    earlier.add(read_hours("new", None, 1..=110));
    assert_eq!(content(&earlier), content(&past));
}

#[test]
fn a_run_that_wants_few_days_adds_to_the_day_at_which_the_last_one_ended() {
    let (query, begin) = (QueryKey::new("q"), FIRST_DAY * DAY);
    let mut stored = Stored::default();
    let mut past = KeptPast::default();
    past.add(read_hours("q", Some(0), 1..=30));
    stored.keep(past, 0);
    // Ten days later, a run wants one day.
    let now = begin + 270 * HOUR;
    let mut past = stored.past(KeptPast::first_day(now - DAY, now));
    assert_eq!(past.end(query, now - DAY), Some(begin + 30 * HOUR));
    past.add(read_hours("q", None, 31..=270));
    stored.keep(past, 0);
    let expected = figures_of(1..=270);
    assert_eq!(stored.past(0).hours(query, 0, i64::MAX)[0].1, expected);
    // A year later that day is not decoded, so it cannot be added to.
    let now = now + 365 * DAY;
    let mut past = stored.past(KeptPast::first_day(now - DAY, now));
    assert_eq!(past.end(query, now - DAY), None);
    past.add(ReadHours { query, from: Some(now - DAY), end: now, series: Vec::new() });
    stored.keep(past, 0);
    // There is a gap, so hours before it are not known from the beginning on.
    let past = stored.past(0);
    assert_eq!((past.end(query, begin), past.end(query, now - DAY)), (None, Some(now)));
    assert_eq!(past.hours(query, 0, i64::MAX)[0].1, expected);
}

#[test]
fn hours_of_deleted_days_are_not_known_any_more() {
    let (query, begin) = (QueryKey::new("q"), FIRST_DAY * DAY);
    let mut stored = Stored::default();
    let mut past = KeptPast::default();
    past.add(read_hours("q", Some(0), 1..=100));
    stored.keep(past, FIRST_DAY + 1);
    let past = stored.past(0);
    assert_eq!((past.end(query, begin), past.first(query, 0)), (None, Some(begin + 25 * HOUR)));
    assert_eq!(past.end(query, begin + DAY), Some(begin + 100 * HOUR));
}

#[test]
fn queries_that_nobody_reads_any_more_are_forgotten() {
    let mut past = KeptPast::default();
    past.add(read_hours("old", Some(0), 1..=24));
    past.add(read_hours("q", Some(0), 1..=24 * 32));
    let mut stored = Stored::default();
    stored.keep(past, 0);
    let past = stored.past(0);
    assert_eq!((past.end(QueryKey::new("old"), FIRST_DAY * DAY), past.queries.len()), (None, 1));
}

#[test]
fn whatever_is_not_as_it_was_written_is_found() {
    let mut past = KeptPast::default();
    past.add(read_hours("q", Some(0), 1..=40));
    let EncodedPast { coverage, days } = past.encode(0).unwrap();
    let decoded = |coverage: &[u8], days: &BTreeMap<i64, Vec<u8>>| KeptPast::decode(coverage, days, 0);
    assert!(decoded(&coverage, &days).is_ok());
    for place in 0..coverage.len() {
        let mut flipped = coverage.clone();
        flipped[place] ^= 4;
        // The header of gzip says when something was compressed, and where; nobody reads that.
        let is_same = |past: &KeptPast| content(past) == content(&decoded(&coverage, &days).unwrap());
        assert!(decoded(&flipped, &days).as_ref().map_or(true, is_same));
        assert!(decoded(&coverage[..place], &days).is_err());
    }
    let block = &days[&FIRST_DAY];
    for place in 0..block.len() {
        let mut flipped = days.clone();
        flipped.get_mut(&FIRST_DAY).unwrap()[place] ^= 4;
        let why = decoded(&coverage, &flipped).unwrap_err();
        assert_eq!(why.to_string(), "damaged: the values of 2024-10-04 are not those that were stored");
    }
    let mut missing = days.clone();
    missing.remove(&(FIRST_DAY + 1));
    assert!(decoded(&coverage, &missing).is_err());
    let mut exchanged = days.clone();
    exchanged.insert(FIRST_DAY, days[&(FIRST_DAY + 1)].clone());
    assert!(decoded(&coverage, &exchanged).is_err());
    assert!(KeptPast::decode(&coverage, &missing, FIRST_DAY + 2).is_ok());

    let other = |json: &str| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(json.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let later = other("[2, {\"anything\": []}]");
    assert_eq!(decoded(&later, &days).unwrap_err(), UnusablePast::OtherVersion);
    let endless = other(&" ".repeat(usize::try_from(LARGEST).unwrap() + 2));
    assert!(decoded(&endless, &days).is_err());
}
