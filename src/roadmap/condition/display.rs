//! Conditions as people say them.

use std::fmt;

use super::{Comparison, Condition, FactTest, FactValue, SignalTest};
use crate::signal::duration_text;

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |parts: &[Self], word: &str| {
            let texts = parts.iter().map(|part| match part {
                Self::Any(_) | Self::All(_) => format!("({part})"),
                Self::Signal(_) | Self::Fact(_) => part.to_string(),
            });
            texts.collect::<Vec<_>>().join(word)
        };
        match self {
            Self::Signal(test) => test.fmt(f),
            Self::Fact(test) => test.fmt(f),
            Self::Any(parts) => f.write_str(&joined(parts, " or ")),
            Self::All(parts) => f.write_str(&joined(parts, " and ")),
        }
    }
}

impl fmt::Display for SignalTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.signal)?;
        if let Some(instance) = &self.instance {
            write!(f, " of {instance}")?;
        }
        match self.sustained {
            Some(duration) => write!(f, " {} for {}", self.comparison, duration_text(duration)),
            None => write!(f, " ({}) {}", self.aggregate.name(), self.comparison),
        }
    }
}

impl fmt::Display for FactTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.fact, self.comparison)
    }
}

impl<T: fmt::Display> fmt::Display for Comparison<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Above(limit) => write!(f, "above {limit}"),
            Self::AtLeast(limit) => write!(f, "at least {limit}"),
            Self::Below(limit) => write!(f, "below {limit}"),
            Self::AtMost(limit) => write!(f, "at most {limit}"),
            Self::Inside(low, high) => write!(f, "between {low} and {high}"),
            Self::Outside(low, high) => write!(f, "outside {low} to {high}"),
            Self::Is(wanted) => write!(f, "is {wanted}"),
        }
    }
}

impl fmt::Display for FactValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => flag.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}
