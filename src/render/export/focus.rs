//! Charges to come as CSV in FOCUS 1.2, the FinOps Open Cost and Usage Specification.

use csv::WriterBuilder;

use crate::{
    export::{Charge, ChargeSet},
    foreign::disarmed,
    render::safe,
};

/// The mandatory columns of FOCUS and those of the recommended ones that are known, then columns of our own, which begin with
/// `x_`.
const COLUMNS: [&str; 30] = [
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargeFrequency",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "ContractedCost",
    "EffectiveCost",
    "InvoiceIssuerName",
    "ListCost",
    "ListUnitPrice",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "ResourceId",
    "ServiceCategory",
    "ServiceName",
    "Tags",
    "x_Action",
    "x_CostHigh",
    "x_CostLow",
    "x_IsForecast",
    "x_Roadmap",
];

/// Who is billed and by whom, which no measurement shows.
#[derive(Debug, Clone, Copy)]
pub struct BillingParty<'a> {
    /// The account that is billed.
    pub account: &'a str,
    /// The provider that will bill it.
    pub provider: &'a str,
}

/// A row for each charge.
pub fn focus_file(set: &ChargeSet, party: BillingParty<'_>) -> String {
    let mut csv = WriterBuilder::new().from_writer(Vec::new());
    let rows = set.charges.iter().map(|charge| row(charge, set, party));
    // Writing to memory does not fail.
    _ = csv.write_record(COLUMNS);
    for row in rows {
        _ = csv.write_record(row);
    }
    csv.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

fn row(charge: &Charge, set: &ChargeSet, party: BillingParty<'_>) -> [String; 30] {
    let cost = amount(charge.cost);
    let (end, start) = (time(charge.end), time(charge.month));
    let (quantity, unit_price) = charge.bought.unwrap_or((1.0, charge.cost));
    let unit = if charge.bought.is_some() { "Units" } else { "Months" };
    [
        cost.clone(),
        text(party.account),
        text(party.account),
        charge.currency.clone(),
        end.clone(),
        start.clone(),
        "Usage".to_owned(),
        String::new(),
        text(&format!("Forecast: [{}] {}", charge.action, charge.title)),
        "Recurring".to_owned(),
        end,
        start,
        cost.clone(),
        cost.clone(),
        text(party.provider),
        cost,
        unit_price.to_string(),
        quantity.to_string(),
        unit.to_owned(),
        text(party.provider),
        text(party.provider),
        text(&charge.action),
        "Other".to_owned(),
        text(charge.component.as_deref().unwrap_or("other")),
        "{}".to_owned(),
        text(&charge.action),
        charge.high.map(amount).unwrap_or_default(),
        amount(charge.low),
        "true".to_owned(),
        text(&set.basis.profile),
    ]
}

/// With two digits, as invoices have.
fn amount(amount: f64) -> String {
    format!("{amount:.2}")
}

fn time(day: chrono::NaiveDate) -> String {
    format!("{day}T00:00:00Z")
}

/// A line without control characters that no spreadsheet takes for a formula.
fn text(text: &str) -> String {
    disarmed(safe(text).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::Basis;

    #[test]
    fn unit_prices_keep_their_digits_and_costs_have_two() {
        let charge = Charge {
            action: " =1+1".to_owned(),
            title: "Buy".to_owned(),
            component: None,
            month: "2026-11-01".parse().unwrap(),
            end: "2026-12-01".parse().unwrap(),
            currency: "USD".to_owned(),
            low: 3.1,
            cost: 3.1,
            high: Some(3.1),
            bought: Some((1000.0, 0.0031)),
        };
        let basis = Basis {
            profile: "web".to_owned(),
            generated_at: chrono::DateTime::UNIX_EPOCH,
            tool_version: "1".to_owned(),
            simulated: None,
        };
        let set = ChargeSet { basis, charges: vec![charge], left_out: Vec::new() };
        let row = row(&set.charges[0], &set, BillingParty { account: "a", provider: "p" });
        let field = |name: &str| row[COLUMNS.iter().position(|column| *column == name).unwrap()].as_str();
        assert_eq!((field("ListUnitPrice"), field("PricingQuantity")), ("0.0031", "1000"));
        assert_eq!((field("PricingUnit"), field("ListCost")), ("Units", "3.10"));
        assert_eq!(field("x_Action"), "'=1+1");
    }
}
