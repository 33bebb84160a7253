//! What a number of users costs, in one line.

use super::number::{count, money, money_range};
use crate::assess::StatedCost;

/// "$421 a month for 342 users (interpolated between …)", with the parts where they are stated.
pub(super) fn line(currency: &str, cost: &StatedCost) -> String {
    let users = count(cost.users);
    let amount = cost.per_month.as_ref().map(|range| money_range(currency, range));
    let amount = amount.map_or_else(|| "not stated".to_owned(), |amount| format!("{amount} a month"));
    let parts = cost.itemised.as_ref().map(|itemised| {
        let item =
            |item: &crate::roadmap::CostItem| format!("{} {}", item.name, money(currency, item.per_month));
        let items: Vec<String> = itemised.items.iter().map(item).collect();
        format!("; at {} users: {}", count(itemised.users as f64), items.join(", "))
    });
    format!("{amount} for {users} users ({}){}", cost.because, parts.unwrap_or_default())
}
