//! What each diagnostic code means, for `explain`.

/// Every code with what went wrong and why it matters.
pub const CODES: &[(&str, &str)] = &[
    (
        "catalog/at-least",
        "`at_least` sets the minimum traffic for evaluating a service level: a rate and its counter, such as \"100/h of checkout_seconds_count\".",
    ),
    (
        "catalog/conflict",
        "The name is already used by another definition, or by a catalogue entry that measures something else. A catalogue entry can be read with a different query, but must measure the same thing.",
    ),
    (
        "catalog/limit",
        "A limit does not match the usage: it has a different unit, is not above zero, or the number of limits is neither one nor the number of usages.",
    ),
    (
        "catalog/name",
        "A name starts with a lower-case letter and consists of letters, digits, dots, dashes and underscores, such as \"mysql.connections\".",
    ),
    (
        "catalog/query",
        "A definition has no query, or a query is not valid PromQL. A broken query would leave the resource unknown without a reason.",
    ),
    (
        "condition/aggregate-and-for",
        "A condition has both `aggregate` and `for`. With `for`, every sample is compared, so an aggregate would have no effect; remove one of the two.",
    ),
    (
        "condition/comparison",
        "A condition needs exactly one comparison: `above`, `at_least`, `below`, `at_most`, `inside`, `outside` or `is`.",
    ),
    ("condition/empty", "`any = []` and `all = []` are never evaluated."),
    ("condition/shape", "A condition has exactly one of `signal`, `fact`, `any` and `all`."),
    ("condition/two-values", "`inside` and `outside` take two values, the lower one first."),
    (
        "config/acknowledgement",
        "An acknowledged failure needs an id, a reason, an owner and the day on which the acknowledgement ends; excluded metrics need a name.",
    ),
    ("config/capacity", "A capacity is set for a signal that is not a ratio, so it would have no effect."),
    ("config/event", "An event must not end before it begins."),
    ("config/event-load", "The load of an event is a change such as \"+40%\", or a load above 0."),
    ("config/fact-type", "A fact has a different type or unit than the roadmap expects."),
    (
        "config/floor",
        "The smallest change of a metric that matters: a number in the metric's own unit, or a quantity such as \"5ms\"; never negative.",
    ),
    (
        "config/grafana",
        "The uid of a data source has up to 40 letters, digits, `-` and `_`; Grafana shows it in the URL of the data source's settings.",
    ),
    (
        "config/history",
        "The history is kept in a file or in PostgreSQL; the value is neither a path nor postgres://….",
    ),
    (
        "config/http-file",
        "The HTTP client configuration file has the keys of Prometheus' own (https://prometheus.io/docs/prometheus/latest/configuration/configuration/#http_config), with `sigv4`, `azuread` and `google_iam` as in remote write. Only one authentication method is allowed; unknown or unsupported keys are errors.",
    ),
    (
        "config/label",
        "The name of a label consists of letters, digits and underscores, and does not begin with a digit.",
    ),
    (
        "config/llm-budget",
        "A budget for language models is an amount above 0. It is reset each month, or after a time such as \"30d\" of at least an hour, which also needs `since`, a day on which it is reset.",
    ),
    (
        "config/notify",
        "A webhook needs a unique name, for `--notify NAME`, and one URL: `url`, or `url_file` with the path of a file that contains it.",
    ),
    ("config/pointer", "A location in a JSON document is a JSON pointer (RFC 6901), such as /pool/active."),
    (
        "config/price",
        "A price needs `per_month`, or the `sku` of the bill, for an amount `per` above 0; an instance of a resource has one.",
    ),
    ("config/repeated-label", "Two `[[failure_domains]]` have the same label."),
    ("config/share", "A margin or a headroom must be at least 0% and below 100%, such as \"5%\"."),
    (
        "config/silence",
        "A silence needs the known finding, and the reason for ignoring it until its end date.",
    ),
    (
        "config/source-name",
        "Several servers of a kind, such as `[[sources.postgres]]`, need distinct names, which distinguish their instances.",
    ),
    (
        "config/source-url",
        "Several servers of a kind need a `url` each; an environment variable, such as `REDIS_URL`, can set only one server.",
    ),
    ("config/templates", "The directory of report templates is empty."),
    (
        "config/two-sign-ins",
        "Two authentication methods are configured for one server, so it is ambiguous which one is used.",
    ),
    (
        "config/unit",
        "The unit of a value in a document does not match the signal, such as a size for a duration.",
    ),
    ("config/unknown-action", "`[plan] done` has an id that is not an action or decision of the roadmap."),
    (
        "config/unknown-fact",
        "`[facts]` has a fact that no roadmap uses. A typo here would silently leave its conditions unknown.",
    ),
    ("config/unknown-phase", "`[plan] phase` is a phase that the roadmap does not have."),
    (
        "config/variable",
        "`${NAME}` refers to an environment variable that is not set, or is not closed with `}`.",
    ),
    (
        "roadmap/act-by-after-milestone",
        "A milestone says to act after the resource has saturated. The remedy must be in place before.",
    ),
    (
        "roadmap/benchmark-target",
        "A benchmark compares one signal with its target; a combination of conditions has no single current value.",
    ),
    (
        "roadmap/contradiction",
        "A note: the author of the roadmap marked two places as contradicting each other. Both are kept.",
    ),
    (
        "roadmap/cost-order",
        "Costs are given in the order of their users, each number of users once, so that costs in between can be interpolated.",
    ),
    (
        "roadmap/cost-rise",
        "A note: between two stated costs the bill rises by a different amount than the remedy of the milestone there adds.",
    ),
    ("roadmap/cost-total", "A note: the items of a cost do not add up to its stated total."),
    ("roadmap/cost-without-amount", "A cost has neither a total nor items."),
    ("roadmap/currency", "A currency is an ISO 4217 code in capital letters, such as USD."),
    (
        "roadmap/duration",
        "A duration is written like \"30s\", \"10m\", \"24h\" or \"28d\". Months and years are rejected because their length is not fixed.",
    ),
    (
        "roadmap/early-decision",
        "A note: a milestone requires a decision on the architecture at a user count at which it does not need to change.",
    ),
    (
        "roadmap/effort",
        "A note: the stated effort for a number of users differs from that of the remedy of the milestone there.",
    ),
    ("roadmap/empty-band", "A phase from 100 to 100 users covers no users."),
    ("roadmap/for-nothing", "`for` needs a duration greater than zero."),
    (
        "roadmap/gap-between-phases",
        "Two neighbouring phases leave a gap of user counts that belong to neither, so a system there would have no phase.",
    ),
    (
        "roadmap/identifier",
        "An id is made of a–z, 0–9, `-`, `_` and `.`, so that it can be used on the command line and in file names.",
    ),
    ("roadmap/money", "An amount of money cannot be negative."),
    ("roadmap/negative", "A quantity that is never negative is given as a negative number."),
    ("roadmap/no-cores", "The number of CPU cores of a machine must be greater than zero."),
    ("roadmap/no-phases", "A roadmap has at least one phase."),
    (
        "roadmap/not-a-load",
        "The load that phases are based on must be a load signal, such as users.concurrent.",
    ),
    ("roadmap/one-place", "A contradiction needs at least two places."),
    (
        "roadmap/overlapping-deployments",
        "A deployment carries users that a smaller one carries already, so the deployment for a load would be ambiguous.",
    ),
    (
        "roadmap/overlapping-phases",
        "Two phases claim the same user counts, so the phase of a system would be ambiguous.",
    ),
    (
        "roadmap/phase-cost",
        "A note: a stated cost is outside the cost range of the phases at that number of users.",
    ),
    ("roadmap/phase-order", "Phases must be given in the order of their users."),
    (
        "roadmap/quantity",
        "A quantity is written with its unit: 100, \"80%\", \"200ms\", \"8GiB\" or \"1000/min\".",
    ),
    ("roadmap/range", "A range is [low, high], or [low] when the upper end is open."),
    ("roadmap/repeated-name", "Two items of one kind have the same id, so neither could be referred to."),
    ("roadmap/schema", "The file has a schema version that this version of scale-advisor does not support."),
    ("roadmap/two-schedules", "Something is planned both in weeks and in months."),
    (
        "roadmap/unknown-place",
        "A contradiction refers to a place that the file does not have. A place consists of keys separated by `/`; an item of a list is identified by its id, number, users, name or title.",
    ),
    ("roadmap/unknown-resource", "The catalogue has no such resource."),
    ("roadmap/unknown-signal", "The catalogue has no such signal. A typo here would silently remove a rule."),
    ("roadmap/unknown-system", "The catalogue has no signals for this system."),
    (
        "roadmap/warning-beyond-critical",
        "A warning fires after the critical alert on the same signal, so it could never warn.",
    ),
    ("roadmap/wrong-dimension", "A quantity has the wrong unit for its signal, such as a size for a ratio."),
    ("thresholds/order", "A limit that should be reached first is beyond the next one."),
    ("toml/missing-key", "A required key is missing."),
    ("toml/syntax", "The file is not valid TOML."),
    (
        "toml/unknown-key",
        "The table has no such key. Unknown keys are errors, so that a typo cannot silently remove a rule.",
    ),
    ("toml/unknown-word", "The value is not one of the allowed words."),
    ("toml/wrong-type", "The value has a different type than the key expects."),
];

#[cfg(test)]
mod tests {
    use super::CODES;

    #[test]
    fn codes_are_sorted_and_unique() {
        assert!(CODES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
