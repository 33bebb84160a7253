//! Points of a stepped load test from CSV.

/// Loads and the throughput at each.
#[derive(Debug, PartialEq)]
pub(super) struct Points {
    pub loads: Vec<f64>,
    pub throughputs: Vec<f64>,
}

/// Why a text holds no points, with the line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum PointsError {
    /// There is no line at all.
    #[error("the file is empty; expected a header with the columns concurrency,throughput")]
    Empty,
    /// A column is not there.
    #[error("line 1: missing column `{0}`; expected a header with the columns concurrency,throughput")]
    NoColumn(&'static str),
    /// A line has too few fields.
    #[error("line {0}: too few fields")]
    TooShort(usize),
    /// A field is not a number.
    #[error("line {line}: `{text}` is not a positive number")]
    NotANumber {
        /// Which line, from 1.
        line: usize,
        /// What stands there, cut to a few characters.
        text: String,
    },
}

/// Reads `concurrency,throughput[,…]`; further columns are left alone, and so are blank lines.
///
/// # Errors
/// With the line, when a column is missing or a field is not a number.
pub(super) fn read(text: &str) -> Result<Points, PointsError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let (_, header) = lines.next().ok_or(PointsError::Empty)?;
    let column = |name: &'static str| {
        let place = header.split(',').position(|field| field.trim().eq_ignore_ascii_case(name));
        place.ok_or(PointsError::NoColumn(name))
    };
    let (load, throughput) = (column("concurrency")?, column("throughput")?);
    let mut points = Points { loads: Vec::new(), throughputs: Vec::new() };
    for (number, line) in lines {
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        points.loads.push(field(&fields, load, number)?);
        points.throughputs.push(field(&fields, throughput, number)?);
    }
    Ok(points)
}

fn field(fields: &[&str], column: usize, line: usize) -> Result<f64, PointsError> {
    let text = fields.get(column).ok_or(PointsError::TooShort(line))?;
    let number: Option<f64> = text.parse().ok();
    number
        .filter(|number| number.is_finite() && *number > 0.0)
        .ok_or_else(|| PointsError::NotANumber { line, text: text.chars().take(20).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_go_by_name() {
        let points = read("run,Throughput,concurrency\na,10,1\n\nb,18.5,2\n").unwrap();
        assert_eq!(points, Points { loads: vec![1.0, 2.0], throughputs: vec![10.0, 18.5] });
    }

    #[test]
    fn mistakes_are_told_by_line() {
        assert_eq!(read(""), Err(PointsError::Empty));
        assert_eq!(read("a,b\n1,2\n"), Err(PointsError::NoColumn("concurrency")));
        assert_eq!(read("concurrency,throughput\n1\n"), Err(PointsError::TooShort(2)));
        let not_a_number = |line, text: &str| Err(PointsError::NotANumber { line, text: text.to_owned() });
        assert_eq!(read("concurrency,throughput\n1,2\n2,many\n"), not_a_number(3, "many"));
        assert_eq!(read("concurrency,throughput\n0,2\n"), not_a_number(2, "0"));
        assert_eq!(read("concurrency,throughput\n1,NaN\n"), not_a_number(2, "NaN"));
    }
}
