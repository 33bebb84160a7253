//! What each diagnostic code means, for `explain`.

/// Every code with what went wrong and why it matters.
pub const CODES: &[(&str, &str)] = &[
    (
        "condition/aggregate-and-for",
        "A condition names both `aggregate` and `for`. With `for` every sample is compared, so an aggregate would have no effect; one of the two must go.",
    ),
    (
        "condition/comparison",
        "A condition needs exactly one comparison: `above`, `at_least`, `below`, `at_most`, `inside`, `outside` or `is`.",
    ),
    ("condition/empty", "`any = []` and `all = []` decide nothing."),
    ("condition/shape", "A condition has exactly one of `signal`, `fact`, `any` and `all`."),
    ("condition/two-values", "`inside` and `outside` take two values, the lower one first."),
    (
        "config/acknowledgement",
        "An accepted failure needs a reason, somebody who answers for it, and a day on which it ends.",
    ),
    (
        "config/capacity",
        "A whole is named for a signal that is not a share of anything, so that it would have no effect.",
    ),
    ("config/duration", "A setting is not a duration such as \"30s\"."),
    (
        "config/endpoint-name",
        "Several health endpoints need names of their own; otherwise nobody could tell which of them is meant.",
    ),
    (
        "config/floor",
        "The smallest change of a metric that matters: a number in the metric's own unit, or a quantity such as \"5ms\"; not below zero.",
    ),
    (
        "config/history",
        "The history is kept in a file or in PostgreSQL, and what stands there is neither a path nor postgres://….",
    ),
    ("config/pointer", "A place in a JSON document is written as a JSON pointer (RFC 6901): /pool/active."),
    ("config/share", "A margin or a headroom is a share from 0% to below 100%, such as \"5%\"."),
    ("config/templates", "The folder of a report's templates has no name."),
    (
        "config/two-sign-ins",
        "Two ways to sign in to the same server are set, which would leave it open which one is used.",
    ),
    (
        "config/unit",
        "The unit that a document counts in is of another kind than the signal, such as a size for a duration.",
    ),
    (
        "config/variable",
        "`${NAME}` names an environment variable that is not set, or is not closed with `}`.",
    ),
    (
        "roadmap/act-by-after-milestone",
        "A milestone says to act after the resource has run out. The remedy must be in place before.",
    ),
    (
        "roadmap/benchmark-target",
        "A benchmark compares one signal with its target; what combines several conditions has no single present value to stand beside it.",
    ),
    (
        "roadmap/contradiction",
        "A note: the author of the roadmap says that two places of it do not fit together. Both are kept.",
    ),
    (
        "roadmap/cost-order",
        "Costs must stand in the order of their users, each number of users once, so that what lies between two of them can be told.",
    ),
    (
        "roadmap/cost-rise",
        "A note: between two stated costs the bill rises by another amount than the remedy of the milestone there is said to add.",
    ),
    ("roadmap/cost-total", "A note: the items of a cost do not come to its stated total."),
    ("roadmap/cost-without-amount", "A cost says neither what it is in total nor what it consists of."),
    ("roadmap/currency", "A currency is a code of ISO 4217 in capital letters, such as USD."),
    (
        "roadmap/duration",
        "A duration is written like \"90s\", \"10m\", \"24h\" or \"28d\". Months and years are refused, because nobody agrees on their length.",
    ),
    (
        "roadmap/early-decision",
        "A note: a milestone wants the architecture decided at fewer users than those below which it need not change.",
    ),
    (
        "roadmap/effort",
        "A note: the stated work for a number of users takes another time than the remedy of the milestone there.",
    ),
    ("roadmap/empty-band", "A phase from 100 to 100 users holds nobody."),
    ("roadmap/for-nothing", "`for` needs a duration longer than zero."),
    (
        "roadmap/hole-between-phases",
        "Two neighbouring phases leave user counts that belong to neither, for which no phase could be named.",
    ),
    ("roadmap/identifier", "An id is made of a–z, 0–9, `-`, `_` and `.`, so that it can be named anywhere."),
    ("roadmap/money", "An amount of money cannot be negative."),
    ("roadmap/negative", "A quantity that cannot be below zero is."),
    ("roadmap/no-cores", "A machine has more than no cores."),
    ("roadmap/no-phases", "A roadmap has at least one phase."),
    ("roadmap/not-a-load", "The load that phases count must be a signal of load, such as users.concurrent."),
    ("roadmap/one-place", "A contradiction needs at least two places."),
    (
        "roadmap/overlapping-deployments",
        "A deployment carries users that a smaller one carries already, so that the shape for a load could not be told.",
    ),
    (
        "roadmap/overlapping-phases",
        "Two phases claim the same user counts, so that the phase of a system could not be told.",
    ),
    (
        "roadmap/phase-cost",
        "A note: a stated cost lies outside of what the phases at that number of users are said to cost.",
    ),
    ("roadmap/phase-order", "Phases must stand in the order of their users."),
    (
        "roadmap/quantity",
        "A quantity is written with its unit: 100, \"80%\", \"200ms\", \"8GiB\" or \"1000/min\".",
    ),
    ("roadmap/range", "A range is [low, high], or [low] where the upper end is open."),
    (
        "roadmap/repeated-name",
        "Two things of one kind have the same name, so that neither could be referred to.",
    ),
    ("roadmap/schema", "The file has another shape than this program reads."),
    ("roadmap/two-schedules", "Something is planned both in weeks and in months."),
    (
        "roadmap/unknown-place",
        "A contradiction names a place that the file does not have. A place is made of keys with `/` between them; an item of a list goes by its id, number, users, name or title.",
    ),
    ("roadmap/unknown-resource", "The catalogue has no such resource."),
    (
        "roadmap/unknown-signal",
        "The catalogue has no such signal. A typing mistake here would remove a rule.",
    ),
    ("roadmap/unknown-system", "The catalogue has no signals of such a system."),
    (
        "roadmap/warning-beyond-critical",
        "A warning comes after the critical alert for the same signal, so that it could never warn.",
    ),
    (
        "roadmap/wrong-dimension",
        "A signal is compared with a quantity of another kind, such as a share with a size.",
    ),
    ("thresholds/order", "A limit that should be reached first lies beyond the one that should follow."),
    ("toml/missing-key", "A key that the table needs is not there."),
    ("toml/syntax", "The file is not TOML."),
    (
        "toml/unknown-key",
        "The table has no such key. Unknown keys are errors, so that a typing mistake cannot remove a rule.",
    ),
    ("toml/unknown-word", "The value is none of the words that are possible here."),
    ("toml/wrong-type", "The value has another type than the key asks for."),
];

#[cfg(test)]
mod tests {
    use super::CODES;

    #[test]
    fn codes_are_in_order_and_stand_once() {
        assert!(CODES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
