//! What is to be known about the figures of a load test, in words.

use crate::{
    loadtest::Note,
    render::{
        count,
        reason::gate_metric::{counted, value_text},
    },
    signal::span_text,
};

/// A note in words.
#[expect(clippy::too_many_lines, reason = "one arm for each note")]
pub fn load_test_note(note: &Note) -> String {
    let number = |value: u64| count(value as f64);
    match note {
        Note::FailedInLatencies { failed } => {
            format!("latencies include {} failed requests", number(*failed))
        }
        Note::LoadVaried { low, high } => format!(
            "virtual users went from {} to {}; only `--out json` or `--out csv` shows the results at each load",
            count(*low),
            count(*high)
        ),
        Note::ShortSteps { loads, minimum_seconds } => {
            format!("{} held for less than {minimum_seconds} s left out", counted(*loads, "load"))
        }
        Note::CoarseTimes => {
            "too short to compute throughput, because its timestamps are in whole seconds".to_owned()
        }
        Note::NoTimes => "no throughput, because the file has no timestamps".to_owned(),
        Note::RepeatedRows { rows } => {
            format!("{} the same as the row before; were rows written twice?", are(*rows, "row"))
        }
        Note::RepeatedHeader { times } => format!("the first line is repeated {}", times_text(*times)),
        Note::Copies { copies } => {
            format!("{} exactly the same figures; counted once", have(*copies, "other run"))
        }
        Note::UnterminatedRow => {
            "the file does not end with a line break; its last row may be cut off".to_owned()
        }
        Note::UnequalCounts { requests, other, count } => format!(
            "{} requests, but {} of {other}: some are missing or repeated",
            number(*requests),
            number(*count)
        ),
        Note::Pauses { pauses, seconds } => format!(
            "{} without any request in flight, {} together, left out of the rates; does the file hold several runs?",
            counted(*pauses, "pause"),
            span_text(*seconds)
        ),
        Note::Idle { share } => {
            format!(
                "no request was in flight for {} of the time, which the rates include",
                value_text(*share, "ratio")
            )
        }
        Note::StatisticsReset { times, requests } => format!(
            "statistics were reset {}; {} requests before that are left out",
            times_text(*times),
            number(*requests)
        ),
        Note::LateAnswers { answers } => format!(
            "{} after the timeout: counted as failed, and left out of the latencies, which are too low",
            came(*answers)
        ),
        Note::Overlapping { fewest, most } => format!(
            "{} to {} failed requests, because the tool counts some of them in two ways; {} are assumed",
            number(*fewest),
            number(*most),
            number(*most)
        ),
        Note::NoLatency => "the tool did not measure latency".to_owned(),
        Note::ScriptErrors { errors, example } => {
            format!(
                "{} in the script do not count as failed requests, such as {example}",
                counted_large(*errors, "error")
            )
        }
        Note::FailedCaptures { captures } => format!(
            "{} in the script do not count as failed requests",
            counted_large(*captures, "failed capture or expectation")
        ),
        Note::TransactionsLeftOut { rows } => format!(
            "{} left out, because their samples have rows of their own",
            counted_large(*rows, "transaction")
        ),
        Note::TransactionsCounted { transactions } => format!(
            "{} counted as a request each, because their samples have no rows",
            counted_large(*transactions, "transaction")
        ),
        Note::SendersUnknown => {
            "the number of users is unknown, because several senders cannot be distinguished".to_owned()
        }
        Note::SeveralSenders { senders } => format!("users are the sum over {}", counted(*senders, "engine")),
        Note::Approximate { error } => format!(
            "percentiles are accurate to within {}, because there are too many values to store",
            value_text(*error, "ratio")
        ),
        Note::OtherProtocol { protocol } => {
            format!("{protocol} was used as well; its requests are not included in the HTTP figures")
        }
        Note::InFlightAtEnd { requests } => {
            format!("{} in flight at the end left out", counted_large(*requests, "request"))
        }
        Note::UnfinishedSessions { sessions } => {
            format!("{} did not end within the test", counted_large(*sessions, "session"))
        }
        Note::CountedInBatches { seconds } => format!(
            "counts come every {seconds} s, as workers report them: the rate is that between the first report and the \
             last but one, and what each load gave is unknown"
        ),
        Note::Unsent { requests, example } => format!(
            "the load generator ran out of sockets, ports or files (\"{example}\"): {} never sent and left out; raise \
             `ulimit -n`, or send from more machines",
            counted_large(*requests, "request")
        ),
        Note::NotComputed => {
            "written before its means, percentiles and rates were computed: only the counts are read"
                .to_owned()
        }
        Note::CorrectedLatencies => {
            "latencies hold values that the tool added for requests it sent too late \
                                     (coordinated omission): compare only runs at the same rate"
                .to_owned()
        }
        Note::WithoutAnswer { requests } => format!(
            "{} without an answer, counted as failed, and left out of the latencies",
            counted_large(*requests, "request")
        ),
    }
}

fn counted_large(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{} {noun}s", count(number as f64)) }
}

fn are(number: u64, noun: &str) -> String {
    let verb = if number == 1 { "is" } else { "are" };
    format!("{} {verb}", counted_large(number, noun))
}

fn have(number: u64, noun: &str) -> String {
    let verb = if number == 1 { "has" } else { "have" };
    format!("{} {verb}", counted_large(number, noun))
}

fn came(answers: u64) -> String {
    format!("{} came", counted_large(answers, "answer"))
}

fn times_text(times: u64) -> String {
    match times {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        more => format!("{} times", count(more as f64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_agree_with_their_nouns() {
        assert_eq!(
            load_test_note(&Note::RepeatedRows { rows: 1 }),
            "1 row is the same as the row before; were rows written twice?"
        );
        assert_eq!(
            load_test_note(&Note::TransactionsLeftOut { rows: 12_000 }),
            "12,000 transactions left out, because their samples have rows of their own"
        );
        assert_eq!(load_test_note(&Note::RepeatedHeader { times: 2 }), "the first line is repeated twice");
    }
}
