//! `[[prices]]` and `[bill]`.

use std::{fs::File, path::Path};

use anyhow::{Context, Result, bail};
use chrono::{NaiveDate, Utc};

use super::project::Project;
use crate::{
    bill::Bill,
    roadmap::{BilledMonth, Price, PriceEntry, PriceOrigin},
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
            Some(read.with_context(|| format!("the bill {} cannot be used", bill.file.display()))?)
        }
        None => None,
    };
    let prices =
        config.prices.iter().map(|entry| price(entry, bill.as_ref(), currency)).collect::<Result<_>>()?;
    let billed = bill.map(|Bill { month, total, currency, .. }| BilledMonth { month, total, currency });
    Ok((prices, billed))
}

fn read_bill(path: &Path, today: NaiveDate) -> Result<Bill> {
    let file = File::open(path)?;
    if !file.metadata()?.is_file() {
        bail!("it is not a regular file");
    }
    Ok(Bill::from_focus(file, today)?)
}

fn price(entry: &PriceEntry, bill: Option<&Bill>, currency: &str) -> Result<Price> {
    let PriceEntry { resource, per, per_month, sku } = entry;
    let (per_month, currency, origin) = match (per_month, sku, bill) {
        (Some(per_month), ..) => (*per_month, currency.to_owned(), PriceOrigin::Settings),
        (None, Some(sku), Some(bill)) => {
            let unit =
                bill.unit_price(sku).with_context(|| format!("the price of {resource} is not known"))?;
            let origin = PriceOrigin::Bill { sku: sku.clone(), service: unit.service, month: bill.month };
            (unit.per_month, bill.currency.clone(), origin)
        }
        (None, ..) => bail!("the price of {resource} is that of a SKU; name the bill in [bill]"),
    };
    Ok(Price { resource: *resource, per: *per, per_month, currency, origin })
}
