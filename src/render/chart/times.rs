//! Days on an axis.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::words::width;

/// How far marks are apart.
#[derive(Debug, Clone, Copy)]
enum Step {
    Days(u32),
    Months(u32),
}

const STEPS: [Step; 17] = [
    Step::Days(1),
    Step::Days(2),
    Step::Days(4),
    Step::Days(7),
    Step::Days(14),
    Step::Months(1),
    Step::Months(2),
    Step::Months(3),
    Step::Months(6),
    Step::Months(12),
    Step::Months(2 * 12),
    Step::Months(5 * 12),
    Step::Months(10 * 12),
    Step::Months(20 * 12),
    Step::Months(50 * 12),
    Step::Months(100 * 12),
    Step::Months(1000 * 12),
];
/// More marks than this never fit.
const MOST: f64 = 40.0;
/// What stays free between two labels.
const GAP: f64 = 14.0;

/// A day as a number, for the coordinates.
pub(super) fn number(date: NaiveDate) -> f64 {
    f64::from(date.num_days_from_ce())
}

/// The day so many days later, or the last there is.
pub(super) fn later(date: NaiveDate, days: usize) -> NaiveDate {
    let days = u64::try_from(days).map_or(Days::new(0), Days::new);
    date.checked_add_days(days).unwrap_or(NaiveDate::MAX)
}

/// Days to mark from `from` to `to` on an axis of a width, as many as have room for their labels.
pub(super) fn ticks(from: NaiveDate, to: NaiveDate, room: f64) -> Vec<(NaiveDate, String)> {
    let all = (number(to) - number(from)).max(1.0);
    let fits = |ticks: &[(NaiveDate, String)]| {
        ticks.windows(2).all(|pair| {
            let apart = (number(pair[1].0) - number(pair[0].0)) / all * room;
            apart >= f64::midpoint(width(&pair[0].1), width(&pair[1].1)) + GAP
        })
    };
    let steps = STEPS.into_iter().filter(|step| all / step.days() <= MOST);
    steps.map(|step| step.between(from, to)).find(|ticks| fits(ticks)).unwrap_or_default()
}

impl Step {
    fn days(self) -> f64 {
        match self {
            Self::Days(days) => f64::from(days),
            Self::Months(months) => 30.4 * f64::from(months),
        }
    }

    /// Whether a mark stands at a day; weeks begin on Mondays.
    fn hits(self, date: NaiveDate) -> bool {
        match self {
            Self::Days(days) => {
                (date.num_days_from_ce() - 1).rem_euclid(i32::try_from(days).unwrap_or(1)) == 0
            }
            Self::Months(months) => {
                let month = date.year() * 12 + i32::try_from(date.month0()).unwrap_or(0);
                date.day() == 1 && month.rem_euclid(i32::try_from(months).unwrap_or(1)) == 0
            }
        }
    }

    fn next(self, date: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Days(_) => date.succ_opt(),
            Self::Months(_) if date.day() == 1 => date.checked_add_months(Months::new(1)),
            Self::Months(_) => date.with_day(1)?.checked_add_months(Months::new(1)),
        }
    }

    fn between(self, from: NaiveDate, to: NaiveDate) -> Vec<(NaiveDate, String)> {
        let days = std::iter::successors(Some(from), |date| self.next(*date)).take_while(|date| *date <= to);
        let mut ticks: Vec<(NaiveDate, String)> = Vec::new();
        for date in days.filter(|date| self.hits(*date)) {
            let named = ticks.last().is_some_and(|(before, _)| before.year() == date.year());
            ticks.push((date, date.format(self.format(named)).to_string()));
        }
        ticks
    }

    /// The year stands where it begins.
    fn format(self, named: bool) -> &'static str {
        match (self, named) {
            (Self::Days(_), true) => "%-d %b",
            (Self::Days(_), false) => "%-d %b %Y",
            (Self::Months(months), _) if months >= 12 => "%Y",
            (Self::Months(_), true) => "%b",
            (Self::Months(_), false) => "%b %Y",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(from: &str, to: &str) -> Vec<String> {
        ticks(from.parse().unwrap(), to.parse().unwrap(), 700.0).into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn marks_are_as_close_as_their_labels_allow() {
        assert_eq!(labels("2026-11-21", "2026-12-05")[..2], ["21 Nov 2026", "25 Nov"]);
        assert_eq!(labels("2026-07-10", "2027-03-20")[4..], ["Dec", "Jan 2027", "Feb", "Mar"]);
        assert_eq!(labels("2024-01-01", "2026-12-31")[..3], ["Jan 2024", "Jul", "Jan 2025"]);
        assert_eq!(labels("1900-01-01", "2026-12-31").last().unwrap(), "2020");
        for years in [3, 9, 20, 45, 90, 200, 450, 900] {
            let marks = labels("1000-06-01", &format!("{}-06-01", 1000 + years)).len();
            assert!((3..=11).contains(&marks), "{marks} in {years} years");
        }
        assert!(labels("2026-11-21", "2026-11-21").len() <= 1);
    }
}
