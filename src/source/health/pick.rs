//! Values at places in a JSON document.

use serde_json::Value;

use crate::{
    signal::{SignalId, Unit, parse_quantity},
    snapshot::{Reason, Unavailable},
    source::http::excerpt,
};

/// Where a value is.
#[derive(Debug, Clone, PartialEq)]
pub struct Pick {
    /// A JSON pointer to it.
    pub pointer: String,
    /// A JSON pointer to the whole of which it is a part; without it the value itself is what is wanted.
    pub capacity: Option<String>,
    /// How much of the signal's base unit one is.
    pub scale: f64,
}

/// A value in the signal's unit.
#[derive(Debug, PartialEq)]
pub(super) struct Picked {
    pub value: f64,
    /// For a share: the whole.
    pub capacity: Option<(f64, Unit)>,
}

impl Pick {
    /// What is looked at, in words.
    pub(super) fn query(&self) -> String {
        match &self.capacity {
            Some(whole) => format!("{} / {whole}", self.pointer),
            None => self.pointer.clone(),
        }
    }

    /// Picks the value of a signal from a document.
    ///
    /// # Errors
    /// When there is nothing, or something else than a number.
    pub(super) fn from(&self, document: &Value, signal: SignalId) -> Result<Picked, Unavailable> {
        let Some(whole) = &self.capacity else {
            let value = quantity(document, &self.pointer, signal.entry().unit, self.scale)?;
            return Ok(Picked { value, capacity: None });
        };
        let unit = signal.entry().usage_unit();
        let part = quantity(document, &self.pointer, unit, 1.0)?;
        let total = quantity(document, whole, unit, 1.0)?;
        if total <= 0.0 {
            let detail = format!("the total at {whole} is {total}, so no ratio can be computed");
            return Err(Unavailable::new(Reason::NotFinite, detail));
        }
        Ok(Picked { value: part / total, capacity: Some((total, unit)) })
    }
}

/// A number, or a string such as "12 ms" that says its unit by itself.
fn quantity(document: &Value, pointer: &str, unit: Unit, scale: f64) -> Result<f64, Unavailable> {
    let foreign =
        |what: String| Unavailable::new(Reason::UnexpectedReply, format!("the value at {pointer} is {what}"));
    match document.pointer(pointer) {
        None => Err(nothing(document, pointer)),
        Some(Value::Null) => Err(Unavailable::new(Reason::Empty, format!("the value at {pointer} is null"))),
        Some(Value::Number(number)) => Ok(number.as_f64().unwrap_or(f64::NAN) * scale),
        Some(Value::String(text)) => match parse_quantity(text) {
            Ok(quantity) if quantity.unit() == unit => Ok(quantity.value()),
            Ok(quantity) if quantity.unit() == Unit::Count => Ok(quantity.value() * scale),
            _ => Err(foreign(format!("`{}`, not {}", excerpt(text), unit.example()))),
        },
        Some(Value::Bool(_)) => Err(foreign("true or false, not a number".to_owned())),
        Some(Value::Array(_)) => Err(foreign("a list, not a number".to_owned())),
        Some(Value::Object(_)) => Err(foreign("an object, not a number".to_owned())),
    }
}

/// What there is instead, so that a pointer can be fixed without opening the document.
fn nothing(document: &Value, pointer: &str) -> Unavailable {
    const MOST_KEYS: usize = 12;
    let mut place = pointer;
    let deepest = loop {
        place = place.rsplit_once('/').map_or("", |(before, _)| before);
        if let Some(value) = document.pointer(place) {
            break value;
        }
    };
    let keys: Vec<&str> = deepest.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
    let shown = keys.iter().take(MOST_KEYS).copied().collect::<Vec<_>>().join(", ");
    let there = match (place, keys.len()) {
        (_, 0) => String::new(),
        ("", _) => format!("; the document has {}", excerpt(&shown)),
        (place, _) => format!("; {place} has {}", excerpt(&shown)),
    };
    Unavailable::new(Reason::NeverExisted, format!("there is nothing at {pointer}{there}"))
        .hint("correct the pointer under [sources.health.values]")
}
