//! Units as results name them.

use crate::signal::{Quantity, Unit, parse_quantity};

/// The base unit behind a name such as `ms`, and how much of it one is; nothing for a unit we do not know.
pub(super) fn base(unit: &str) -> Option<(Unit, f64)> {
    if let Some((_, unit)) = Unit::NAMES.iter().find(|(name, _)| *name == unit) {
        return Some((*unit, 1.0));
    }
    let short = match unit {
        "" => return None,
        "us" | "µs" => "us",
        "percent" => "%",
        "rps" | "req/s" | "requests/s" => "/s",
        other => other,
    };
    let one = parse_quantity(&format!("1{short}")).ok()?;
    Some((one.unit(), one.value()))
}

/// A number of a unit as a quantity of the base unit; nothing for a unit that is not known.
pub fn quantity(value: f64, unit: &str) -> Option<Quantity> {
    let (base, scale) = base(unit)?;
    Quantity::new(value * scale, base)
}

/// A number with its unit for people: `205 ms`, `1,310 users`, `12%`.
pub fn text(value: f64, unit: &str) -> String {
    if let Some(quantity) = quantity(value, unit) {
        return quantity.to_string();
    }
    let number =
        Quantity::new(value, Unit::Count).map_or_else(|| "?".to_owned(), |number| number.to_string());
    if unit.is_empty() { number } else { format!("{number} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_read_as_people_write_them() {
        assert_eq!(text(205.0, "ms"), "205 ms");
        assert_eq!(text(0.205, "seconds"), "205 ms");
        assert_eq!(text(12.0, "%"), "12%");
        assert_eq!(text(1310.0, "1/s"), "1,310/s");
        assert_eq!(text(1310.0, "rps"), "1,310/s");
        assert_eq!(text(1310.0, "users"), "1,310 users");
        assert_eq!(text(3.5, ""), "3.5");
    }

    #[test]
    fn what_is_compared_is_in_base_units() {
        assert_eq!(quantity(200.0, "ms"), Quantity::new(0.2, Unit::Seconds));
        assert_eq!(quantity(1.0, "furlongs"), None);
    }
}
