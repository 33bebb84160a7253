//! What the program says of a stack, and what may be claimed of that.

use serde_json::Value;

/// One run of `check`.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The exit code.
    pub(crate) code: i32,
    /// The assessment; null where none was made.
    pub(crate) json: Value,
    /// Standard output and standard error.
    pub(crate) text: String,
}

/// Something that must hold of an answer; what is wrong otherwise.
pub(crate) type Claim = Box<dyn Fn(&Answer) -> Result<(), String> + Send + Sync>;

fn claim(holds: impl Fn(&Answer) -> Result<(), String> + Send + Sync + 'static) -> Claim {
    Box::new(holds)
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or("")
}

/// The next bottleneck is this resource or service level, of an instance whose name holds `instance`.
pub(crate) fn next(resource: &'static str, instance: &'static str) -> Claim {
    claim(move |answer| {
        let next = &answer.json["next_bottleneck"];
        let said = (text(next, "resource"), text(next, "instance"));
        if said.0 == resource && said.1.contains(instance) {
            Ok(())
        } else {
            Err(format!("the headline names {said:?}, not {:?}", (resource, instance)))
        }
    })
}

/// The first thing to do.
pub(crate) fn first_step(expected: &'static str) -> Claim {
    claim(move |answer| match text(&answer.json["plan"][0], "id") {
        step if step == expected => Ok(()),
        step => Err(format!("the first step is {step}, not {expected}")),
    })
}

/// No bottleneck is named, and the verdict is not one of a fault.
pub(crate) fn clear() -> Claim {
    claim(|answer| {
        let next = &answer.json["next_bottleneck"];
        let verdict = text(&answer.json, "verdict");
        if next.is_null() && ["ok", "unknown"].contains(&verdict) {
            return Ok(());
        }
        let faults: Vec<String> = answer.json["findings"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|finding| ["warning", "critical"].contains(&text(finding, "verdict")))
            .map(|finding| format!("{}: {}", text(finding, "id"), finding["reason"]))
            .collect();
        Err(format!("{verdict}, next {}, findings {}", text(next, "resource"), faults.join(", ")))
    })
}

/// The verdict.
pub(crate) fn verdict(expected: &'static str) -> Claim {
    claim(move |answer| {
        let said = text(&answer.json, "verdict");
        if said == expected { Ok(()) } else { Err(format!("the verdict is {said}, not {expected}")) }
    })
}

/// The row of a resource's instance shows this headroom, to two points.
pub(crate) fn headroom(resource: &'static str, instance: &'static str, expected: f64) -> Claim {
    claim(move |answer| {
        let rows = rows(answer, resource);
        let row = rows.iter().find(|row| text(row, "instance").contains(instance));
        let said = row.and_then(|row| row["headroom"].as_f64());
        match said {
            Some(said) if (said - expected).abs() <= 0.02 => Ok(()),
            said => Err(format!("headroom of {resource} {instance} is {said:?}, not {expected}")),
        }
    })
}

/// A resource has so many rows that were measured.
pub(crate) fn row_count(resource: &'static str, expected: usize) -> Claim {
    claim(move |answer| {
        let count = rows(answer, resource).iter().filter(|row| !row["now"].is_null()).count();
        if count == expected { Ok(()) } else { Err(format!("{resource} has {count} rows, not {expected}")) }
    })
}

/// No row shows use beyond what there is.
pub(crate) fn nothing_beyond_its_limit() -> Claim {
    claim(|answer| {
        let all = answer.json["bottlenecks"].as_array().cloned().unwrap_or_default();
        let beyond = all.iter().find(|row| row["headroom"].as_f64().is_some_and(|headroom| headroom < 0.0));
        beyond.map_or(Ok(()), |row| Err(format!("{} has negative headroom", text(row, "resource"))))
    })
}

/// The peak load, within 3%.
pub(crate) fn load(expected: f64) -> Claim {
    claim(move |answer| {
        let said = answer.json["load"]["peak"].as_f64();
        match said {
            Some(said) if (said / expected - 1.0).abs() <= 0.03 => Ok(()),
            said => Err(format!("the load is {said:?}, not {expected}")),
        }
    })
}

/// The present phase.
pub(crate) fn phase(expected: u64) -> Claim {
    claim(move |answer| {
        let said = answer.json["phase"]["current"].as_u64();
        if said == Some(expected) { Ok(()) } else { Err(format!("the phase is {said:?}, not {expected}")) }
    })
}

/// The program asks which of these values of a label is meant, and how to say so.
pub(crate) fn asks_for(label: &'static str, values: &'static [&'static str]) -> Claim {
    claim(move |answer| {
        let flag = |value: &&str| answer.text.contains(&format!("--match {label}={value}"));
        match (answer.code, values.iter().all(flag)) {
            (2, true) => Ok(()),
            (code, named) => Err(format!("ends with {code}, choices named: {named}")),
        }
    })
}

/// The present state of a check on a signal is one of these.
pub(crate) fn state(signal: &'static str, expected: &'static [&'static str]) -> Claim {
    claim(move |answer| {
        let rows = ["bottlenecks", "service_levels"];
        let rows = rows.iter().flat_map(|key| answer.json[*key].as_array().cloned().unwrap_or_default());
        let said: Vec<String> = rows
            .filter(|row| text(row, "signal") == signal)
            .map(|row| text(&row, "state").to_owned())
            .collect();
        if said.iter().any(|state| expected.contains(&state.as_str())) {
            Ok(())
        } else {
            Err(format!("the state of {signal} is {said:?}, not {expected:?}"))
        }
    })
}

/// Neither the page nor the messages hold a text.
pub(crate) fn says_nothing_of(part: &'static str) -> Claim {
    claim(move |answer| if answer.text.contains(part) { Err(format!("{part:?} is said")) } else { Ok(()) })
}

/// The page or the messages hold a text.
pub(crate) fn says(part: &'static str) -> Claim {
    claim(
        move |answer| {
            if answer.text.contains(part) { Ok(()) } else { Err(format!("{part:?} is nowhere said")) }
        },
    )
}

fn rows(answer: &Answer, resource: &str) -> Vec<Value> {
    let all = answer.json["bottlenecks"].as_array().cloned().unwrap_or_default();
    all.into_iter().filter(|row| text(row, "resource") == resource).collect()
}
