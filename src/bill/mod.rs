//! The bill of a cloud provider as CSV in FOCUS, the FinOps Open Cost and Usage Specification, 1.0 to 1.2.
//!
//! Read once from beginning to end; what is kept is a sum for each month and SKU. Of the months that the bill covers as a
//! whole the newest counts.

#![deny(clippy::disallowed_methods)]

mod unit;

pub use unit::Amount;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read,
};

use chrono::NaiveDate;

use crate::{
    calendar::Month,
    tabular::{DecimalSign, RowError, Rows, Stream, delimiter, shortened},
};
use unit::PricingUnit;

/// More months and SKUs than this are no bill of one installation.
const MOST_SUMS: usize = 200_000;

/// What was paid for a month.
#[derive(Debug, Clone, PartialEq)]
pub struct Bill {
    /// The first day of the month.
    pub month: NaiveDate,
    /// ISO 4217 code.
    pub currency: String,
    /// Everything that was charged, credits and taxes with it.
    pub total: f64,
    skus: BTreeMap<String, Usage>,
}

/// What was paid for the use of a SKU in a month.
#[derive(Debug, Clone, Default, PartialEq)]
struct Usage {
    service: String,
    cost: f64,
    quantity: f64,
    unit: String,
}

/// The price of one unit of a SKU.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitPrice {
    /// What one of its units costs a month.
    pub per_month: f64,
    /// How much that is of.
    pub of: Amount,
    /// The unit, as the bill has it.
    pub unit: String,
    /// What it is of.
    pub service: String,
}

/// Why a bill cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BillError {
    /// It cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// A row is wrong.
    #[error(transparent)]
    Row(#[from] RowError),
    /// It is not in FOCUS.
    #[error("column {0} is missing; the bill is a CSV in FOCUS 1.0 to 1.2")]
    NoColumn(&'static str),
    /// A row has no date where one must be.
    #[error("line {line}: {column} is `{text}`; expected a date such as 2026-10-01T00:00:00Z")]
    NoDate {
        /// Which line, from 1.
        line: usize,
        /// Which column.
        column: &'static str,
        /// What stands there.
        text: String,
    },
    /// A row has no currency.
    #[error("line {line}: BillingCurrency is `{text}`; expected a code such as USD")]
    NoCurrency {
        /// Which line, from 1.
        line: usize,
        /// What stands there.
        text: String,
    },
    /// Amounts of different currencies cannot be added.
    #[error("line {line}: {second}, but the lines before are in {first}; give a bill for each currency")]
    Currencies {
        /// Which line, from 1.
        line: usize,
        /// The currency of the lines before.
        first: String,
        /// That of the line.
        second: String,
    },
    /// There are too many SKUs.
    #[error("more than {MOST_SUMS} SKUs and months; export one month")]
    TooLarge,
    /// No month is covered from its first day to its last.
    #[error(
        "usage covers no month from its first day to its last, by ChargePeriodStart and ChargePeriodEnd; export at least \
         one whole month"
    )]
    NoWholeMonth,
    /// The bill has no such SKU, or no price of it.
    #[error("{month} has no usage of SkuId `{sku}` with a cost and a quantity")]
    NoSku {
        /// What was looked for.
        sku: String,
        /// Where.
        month: String,
    },
    /// What a unit costs a month does not follow from the unit.
    #[error(
        "SkuId `{sku}` is billed by `{unit}`; a price a month follows from units such as Hours, GB-Mo or GiB-Hours \
         alone; state per_month instead of sku"
    )]
    NoMonthlyUnit {
        /// The SKU.
        sku: String,
        /// Its PricingUnit.
        unit: String,
    },
}

/// A month on the way.
#[derive(Debug, Default)]
struct Sums {
    total: f64,
    days: Days,
    skus: BTreeMap<String, Usage>,
}

/// Where the columns are.
struct Columns {
    cost: usize,
    currency: usize,
    from: usize,
    until: usize,
    category: Option<usize>,
    class: Option<usize>,
    sku: Option<usize>,
    service: Option<usize>,
    quantity: Option<usize>,
    unit: Option<usize>,
}

impl Bill {
    /// Reads a bill and keeps its newest whole month that ended by `today`.
    ///
    /// # Errors
    /// When it is no bill in FOCUS, is in several currencies, or has no such month.
    pub fn from_focus(raw: impl Read, today: NaiveDate) -> Result<Self, BillError> {
        let unreadable = |error: std::io::Error| BillError::Unreadable(error.to_string());
        let stream = Stream::new(raw).map_err(unreadable)?;
        let head = String::from_utf8_lossy(stream.head()).into_owned();
        let sign = delimiter(head.lines().next().unwrap_or_default());
        let mut rows = Rows::new(stream.into_reader(), sign)?;
        let columns = Columns::find(&rows)?;
        let (mut months, mut currency) = (BTreeMap::<Month, Sums>::new(), None::<String>);
        let mut sums = 0;
        while rows.advance()? {
            let Some(cost) = rows.number(Some(columns.cost), DecimalSign::Point)? else { continue };
            let own = rows.text(Some(columns.currency)).into_owned();
            if own.len() != 3 || !own.bytes().all(|letter| letter.is_ascii_uppercase()) {
                return Err(BillError::NoCurrency { line: rows.line(), text: shortened(&own) });
            }
            let first = currency.get_or_insert_with(|| own.clone());
            if *first != own {
                return Err(BillError::Currencies { line: rows.line(), first: first.clone(), second: own });
            }
            let from = date(&rows, columns.from, "ChargePeriodStart")?;
            let until = date(&rows, columns.until, "ChargePeriodEnd")?;
            let month = months.entry(Month::containing(from)).or_default();
            month.total += cost;
            if columns.is_usage(&rows) {
                month.days.add(from, until);
            }
            sums += usize::from(columns.add_usage(&rows, cost, &mut month.skus)?);
            if sums > MOST_SUMS || months.len() > MOST_SUMS {
                return Err(BillError::TooLarge);
            }
        }
        let whole =
            |(month, sums): &(Month, Sums)| month.next().first_day() <= today && sums.days.cover(*month);
        let (month, sums) = months.into_iter().rev().find(whole).ok_or(BillError::NoWholeMonth)?;
        Ok(Self {
            month: month.first_day(),
            currency: currency.unwrap_or_default(),
            total: sums.total,
            skus: sums.skus,
        })
    }

    /// What one unit of a SKU costs a month: what was paid for it, divided by how much was used.
    ///
    /// # Errors
    /// When the month has no such SKU, or it is billed by something that has no month.
    pub fn unit_price(&self, sku: &str) -> Result<UnitPrice, BillError> {
        let usage = self.skus.get(sku).filter(|usage| usage.quantity > 0.0 && usage.cost > 0.0);
        let Some(Usage { service, cost, quantity, unit }) = usage else {
            let month = self.month.format("%B %Y").to_string();
            return Err(BillError::NoSku { sku: shortened(sku), month });
        };
        let PricingUnit { of, in_a_month } = PricingUnit::parse(unit)
            .ok_or_else(|| BillError::NoMonthlyUnit { sku: shortened(sku), unit: shortened(unit) })?;
        let per_month = cost / quantity * in_a_month;
        Ok(UnitPrice { per_month, of, unit: unit.clone(), service: service.clone() })
    }
}

/// The day with which a time begins.
fn date<R: Read>(rows: &Rows<R>, column: usize, name: &'static str) -> Result<NaiveDate, BillError> {
    let text = rows.text(Some(column));
    let day = text.get(..10).and_then(|day| day.parse().ok());
    day.ok_or_else(|| BillError::NoDate { line: rows.line(), column: name, text: shortened(&text) })
}

impl Columns {
    fn find<R: Read>(rows: &Rows<R>) -> Result<Self, BillError> {
        let need = |name: &'static str| rows.column(name).ok_or(BillError::NoColumn(name));
        Ok(Self {
            cost: rows.column("EffectiveCost").map_or_else(|| need("BilledCost"), Ok)?,
            currency: need("BillingCurrency")?,
            from: need("ChargePeriodStart")?,
            until: need("ChargePeriodEnd")?,
            category: rows.column("ChargeCategory"),
            class: rows.column("ChargeClass"),
            sku: rows.column("SkuId"),
            service: rows.column("ServiceName"),
            quantity: rows.column("PricingQuantity"),
            unit: rows.column("PricingUnit"),
        })
    }

    /// Whether a row is of what was used: fees, taxes, credits and corrections may be for other days than it.
    fn is_usage<R: Read>(&self, rows: &Rows<R>) -> bool {
        let is = |column: usize, wanted: &str| rows.text(Some(column)).eq_ignore_ascii_case(wanted);
        self.category.is_none_or(|column| is(column, "Usage"))
            && !self.class.is_some_and(|column| is(column, "Correction"))
    }

    /// Adds a row to its SKU; whether that is a new one. Credits, taxes and corrections have no price.
    fn add_usage<R: Read>(
        &self,
        rows: &Rows<R>,
        cost: f64,
        skus: &mut BTreeMap<String, Usage>,
    ) -> Result<bool, BillError> {
        let sku = rows.text(self.sku);
        let quantity = rows.number(self.quantity, DecimalSign::Point)?;
        let Some(quantity) = quantity.filter(|_| self.is_usage(rows) && !sku.is_empty()) else {
            return Ok(false);
        };
        let is_new = !skus.contains_key(sku.as_ref());
        let usage = skus.entry(sku.into_owned()).or_default();
        usage.cost += cost;
        usage.quantity += quantity;
        if is_new {
            usage.service = shortened(&rows.text(self.service));
            usage.unit = shortened(&rows.text(self.unit));
        } else if usage.unit != shortened(&rows.text(self.unit)) {
            // Quantities of different units cannot be added.
            "several units".clone_into(&mut usage.unit);
        }
        Ok(is_new)
    }
}

/// Days of a month that charges cover.
#[derive(Debug, Default)]
struct Days(BTreeSet<NaiveDate>);

impl Days {
    /// Adds those from a day until before another; the first day in any case, as charges of an hour end on it.
    fn add(&mut self, from: NaiveDate, until: NaiveDate) {
        self.0.insert(from);
        if self.0.len() < 31 {
            let month = Month::containing(from);
            let further = from.iter_days().skip(1);
            self.0.extend(further.take_while(|day| *day < until && month.holds(*day)));
        }
    }

    /// Whether they are all of a month.
    fn cover(&self, month: Month) -> bool {
        month.days().all(|day| self.0.contains(&day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,\
                        ChargeClass,SkuId,ServiceName,PricingQuantity,PricingUnit\n";

    fn row(cost: f64, days: (&str, &str), sku: &str, quantity: f64, unit: &str) -> String {
        let (from, until) = days;
        format!(
            "{cost},{cost},USD,{from}T00:00:00Z,{until}T00:00:00Z,Usage,,{sku},Compute,{quantity},{unit}\n"
        )
    }

    fn bill_of(rows: &str) -> Result<Bill, BillError> {
        Bill::from_focus(format!("{HEAD}{rows}").as_bytes(), "2026-11-21".parse().unwrap())
    }

    #[test]
    fn the_newest_whole_month_counts() {
        let october = ("2026-10-01", "2026-11-01");
        let rows = row(100.0, ("2026-09-01", "2026-10-01"), "vm", 730.0, "Hours")
            + &row(60.0, october, "vm", 730.0, "Hours")
            + &row(20.0, october, "disk", 200.0, "GB-Mo")
            + "-5,-5,USD,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,Credit,,,Compute,,\n"
            + &row(9.0, ("2026-11-01", "2026-11-20"), "vm", 456.0, "Hours");
        let bill = bill_of(&rows).unwrap();
        assert_eq!(bill.month.to_string(), "2026-10-01");
        let price = |sku: &str| bill.unit_price(sku).unwrap().per_month;
        for (found, expected) in [(bill.total, 75.0), (price("vm"), 60.0), (price("disk"), 0.1)] {
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        }
        assert!(matches!(bill.unit_price("gpu"), Err(BillError::NoSku { .. })));
    }

    #[test]
    fn days_of_a_month_make_it_whole() {
        let day = |day: u32| format!("2026-10-{day:02}");
        let all: String = (1..=31)
            .map(|number| {
                let until = if number == 31 { "2026-11-01".to_owned() } else { day(number + 1) };
                row(1.0, (&day(number), &until), "vm", 24.0, "Hours")
            })
            .collect();
        let bill = bill_of(&all).unwrap();
        assert!((bill.total - 31.0).abs() < 1e-12);
        assert!((bill.unit_price("vm").unwrap().per_month - 730.0 / 24.0).abs() < 1e-9);
        let without_one: String = all
            .split_inclusive('\n')
            .filter(|line| !line.contains("2026-10-17T00:00:00Z,2026-10-18"))
            .collect();
        assert_eq!(bill_of(&without_one), Err(BillError::NoWholeMonth));
    }

    #[test]
    fn only_usage_makes_a_month_whole() {
        let october = ("2026-10-01", "2026-11-01");
        let fee = row(30.0, october, "support", 1.0, "Months").replace("Usage", "Purchase");
        let until = |end: &str| row(20.0, ("2026-10-01", end), "vm", 480.0, "Hours") + &fee;
        assert_eq!(bill_of(&until("2026-10-21")), Err(BillError::NoWholeMonth));
        assert!((bill_of(&until("2026-11-01")).unwrap().total - 50.0).abs() < 1e-12);
    }

    #[test]
    fn a_block_of_units_is_priced_by_the_unit() {
        let october = ("2026-10-01", "2026-11-01");
        let bill = bill_of(&row(10.0, october, "vm", 2.0, "1000 Hours")).unwrap();
        assert!((bill.unit_price("vm").unwrap().per_month - 3.65).abs() < 1e-12);
        for unit in ["10K Hours", "GB/Hour"] {
            let bill = bill_of(&row(10.0, october, "vm", 2.0, unit)).unwrap();
            assert!(matches!(bill.unit_price("vm"), Err(BillError::NoMonthlyUnit { .. })), "{unit}");
        }
    }

    #[test]
    fn what_is_no_bill_is_refused_with_its_place() {
        let october = ("2026-10-01", "2026-11-01");
        let euros = row(1.0, october, "vm", 1.0, "Hours")
            + &row(1.0, october, "vm", 1.0, "Hours").replace("USD", "EUR");
        assert!(matches!(bill_of(&euros), Err(BillError::Currencies { line: 3, .. })));
        let unnamed = row(1.0, october, "vm", 1.0, "Hours").replace("USD", "=1+1");
        assert!(matches!(bill_of(&unnamed), Err(BillError::NoCurrency { line: 2, .. })));
        assert!(matches!(
            bill_of("1,1,USD,soon,later,Usage,,vm,Compute,1,Hours\n"),
            Err(BillError::NoDate { line: 2, .. })
        ));
        assert!(matches!(
            bill_of("much,much,USD,2026-10-01,2026-11-01,Usage,,vm,Compute,1,Hours\n"),
            Err(BillError::Row(_))
        ));
        let other = Bill::from_focus("date,value\n2026-10-01,3\n".as_bytes(), "2026-11-21".parse().unwrap());
        assert_eq!(other, Err(BillError::NoColumn("BilledCost")));
        let tokens = bill_of(&row(4.0, october, "model", 9e6, "Tokens")).unwrap();
        assert!(matches!(tokens.unit_price("model"), Err(BillError::NoMonthlyUnit { .. })));
        let mixed = row(4.0, october, "vm", 10.0, "Hours") + &row(4.0, october, "vm", 1.0, "Months");
        assert!(matches!(bill_of(&mixed).unwrap().unit_price("vm"), Err(BillError::NoMonthlyUnit { .. })));
    }
}
