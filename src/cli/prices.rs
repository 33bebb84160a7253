//! `[[prices]]` and `[bill]`.

use std::path::Path;

use anyhow::{Context, Result, bail};
use chrono::{NaiveDate, Utc};

use super::{project::Project, terminal::safe_lines};
use crate::{
    bill::{Amount, Bill, UnitPrice},
    files,
    roadmap::{BilledMonth, Price, PriceEntry, PriceOrigin},
    signal::{Quantity, Unit},
};

/// The prices, and the newest whole month of the bill. Stated prices are in `currency`.
///
/// # Errors
/// When the bill cannot be read, or does not have the price of a SKU that the settings name.
pub(super) fn load(project: &Project, currency: &str) -> Result<(Vec<Price>, Option<BilledMonth>)> {
    let config = &project.config;
    let bill = match &config.bill {
        Some(bill) => {
            let path = project.folder.join(&bill.file);
            let read = read_bill(&path, Utc::now().date_naive());
            let shown = safe_lines(&bill.file.display().to_string());
            Some(read.with_context(|| format!("cannot use the bill {shown}"))?)
        }
        None => None,
    };
    let prices =
        config.prices.iter().map(|entry| price(entry, bill.as_ref(), currency)).collect::<Result<_>>()?;
    let billed = bill.map(|Bill { month, total, currency, .. }| BilledMonth { month, total, currency });
    Ok((prices, billed))
}

fn read_bill(path: &Path, today: NaiveDate) -> Result<Bill> {
    Ok(Bill::from_focus(files::open_regular(path)?, today)?)
}

fn price(entry: &PriceEntry, bill: Option<&Bill>, currency: &str) -> Result<Price> {
    let PriceEntry { resource, instance, per, per_month, sku } = entry;
    let (per_month, currency, origin) = match (per_month, sku, bill) {
        (Some(per_month), ..) => (*per_month, currency.to_owned(), PriceOrigin::Settings),
        (None, Some(sku), Some(bill)) => {
            let unknown = || format!("the price of {resource} is unknown");
            let unit = bill.unit_price(sku).with_context(unknown)?;
            let per_month = unit.per_month * units(*per, sku, &unit).with_context(unknown)?;
            let origin = PriceOrigin::Bill { sku: sku.clone(), service: unit.service, month: bill.month };
            (per_month, bill.currency.clone(), origin)
        }
        (None, ..) => bail!("the price of {resource} uses a SKU; set the bill under [bill]"),
    };
    let instance = instance.clone();
    Ok(Price { resource: *resource, instance, per: *per, per_month, currency, origin })
}

/// How many units of a SKU are bought at a time.
fn units(per: Option<Quantity>, sku: &str, unit: &UnitPrice) -> Result<f64> {
    let (of, kind) = match unit.of {
        Amount::Bytes(bytes) => (bytes, Unit::Bytes),
        Amount::Count(count) => (count, Unit::Count),
        // A machine is bought at a time, and `per` says what it holds.
        Amount::Purchases(count) => return Ok(1.0 / count),
    };
    let (bought, bought_unit) = per.map_or((1.0, Unit::Count), |per| (per.value(), per.unit()));
    if kind == bought_unit {
        return Ok(bought / of);
    }
    let (sku, billed) = (safe_lines(sku), &unit.unit);
    if kind == Unit::Bytes {
        bail!(
            "SkuId `{sku}` is billed by `{billed}`; set `per` to the amount bought at a time, such as \"100GiB\""
        );
    }
    bail!(
        "SkuId `{sku}` is billed by `{billed}`, which does not match the unit of `per`; state per_month instead of sku"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::{ResourceId, parse_quantity};

    /// The price of the settings in a bill of October with one SKU.
    fn priced(settings: &str, cost: f64, quantity: f64, unit: &str) -> Result<Price> {
        let bill = format!(
            "BilledCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,SkuId,ServiceName,PricingQuantity,PricingUnit\n\
             {cost},USD,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,gp3-storage,Disks,{quantity},{unit}\n"
        );
        let bill = Bill::from_focus(bill.as_bytes(), "2026-11-21".parse().unwrap()).unwrap();
        let entry = PriceEntry {
            resource: ResourceId::find("host.disk").unwrap(),
            instance: None,
            per: (!settings.is_empty()).then(|| parse_quantity(settings).unwrap()),
            per_month: None,
            sku: Some("gp3-storage".to_owned()),
        };
        price(&entry, Some(&bill), "USD")
    }

    #[test]
    fn what_is_bought_at_a_time_is_priced_by_its_size() {
        for (per, unit, expected) in [
            // $0.08 for each of the 107.37 GB.
            ("100GiB", "GB-Mo", 8.589_934_592),
            ("100GiB", "GiB-Mo", 8.0),
            ("100GiB", "100 GB/Month", 0.085_899_345_92),
            ("100GiB", "GiB-Hours", 8.0 * 730.0),
            ("", "Hours", 0.08 * 730.0),
            ("3", "Hours", 0.08 * 730.0),
            ("100GiB", "Hours", 0.08 * 730.0),
            ("3", "User-Months", 0.24),
        ] {
            let found = priced(per, 16.0, 200.0, unit).unwrap().per_month;
            assert!((found - expected).abs() < 1e-9, "{per} of {unit}: {found}");
        }
    }

    #[test]
    fn what_is_billed_otherwise_than_it_is_bought_has_no_price() {
        for (per, unit, words) in [
            ("", "GB-Mo", "such as \"100GiB\""),
            ("10", "GB-Mo", "such as \"100GiB\""),
            ("100GiB", "User-Hours", "state per_month"),
            ("100GiB", "Furlong-Hours", "state per_month"),
        ] {
            let error = format!("{:#}", priced(per, 16.0, 200.0, unit).unwrap_err());
            assert!(error.contains(words), "{error}");
        }
    }
}
