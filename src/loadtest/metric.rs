//! The names of figures.

/// Mean time to an answer.
pub const LATENCY_MEAN: &str = "latency_mean";
/// Median time to an answer.
pub const LATENCY_P50: &str = "latency_p50";
/// The 90th percentile of the time to an answer.
pub const LATENCY_P90: &str = "latency_p90";
/// The 95th percentile of the time to an answer.
pub const LATENCY_P95: &str = "latency_p95";
/// The 99th percentile of the time to an answer.
pub const LATENCY_P99: &str = "latency_p99";
/// The slowest answer.
pub const LATENCY_MAX: &str = "latency_max";
/// Answers per second, whatever they say.
pub const THROUGHPUT: &str = "throughput";
/// The share of requests that failed.
pub const ERROR_RATIO: &str = "error_ratio";
/// The share of checks of a script that failed.
pub const FAILED_CHECK_RATIO: &str = "failed_check_ratio";
/// WebSocket sessions that began, per second.
pub const WS_SESSION_RATE: &str = "ws_sessions_per_second";
/// WebSocket messages that came back, per second.
pub const WS_MESSAGE_RATE: &str = "ws_messages_received_per_second";
/// Times to connect a WebSocket: the beginning of their names.
pub const WS_CONNECT_DURATION: &str = "ws_connect_duration";
/// How long WebSocket sessions lasted: the beginning of their names.
pub const WS_SESSION_DURATION: &str = "ws_session_duration";
/// Times to an answer of gRPC: the beginning of their names.
pub const GRPC_DURATION: &str = "grpc_duration";
/// gRPC requests per second.
pub const GRPC_RATE: &str = "grpc_requests_per_second";
/// Runs through a script per second.
pub const ITERATION_RATE: &str = "iterations_per_second";
/// Sessions of virtual users that began, per second.
pub const SESSION_RATE: &str = "sessions_per_second";
/// How long sessions of virtual users lasted: the beginning of their names.
pub const SESSION_DURATION: &str = "session_duration";
/// The share of sessions of virtual users that failed.
pub const FAILED_SESSION_RATIO: &str = "failed_session_ratio";

/// Names of answers per second, of which one belongs to a load.
pub const RATES: [&str; 10] = [
    THROUGHPUT,
    "throughput_rps",
    "rps",
    "requests_per_second",
    "req_per_sec",
    "qps",
    "tps",
    WS_SESSION_RATE,
    GRPC_RATE,
    SESSION_RATE,
];

/// Which way each of our own figures is better, by the beginning of its name.
pub const HIGHER_IS_BETTER: [&str; 6] =
    [THROUGHPUT, WS_SESSION_RATE, WS_MESSAGE_RATE, GRPC_RATE, ITERATION_RATE, SESSION_RATE];
/// The same for those of which less is better.
pub const LOWER_IS_BETTER: [&str; 4] = ["latency_", ERROR_RATIO, FAILED_CHECK_RATIO, FAILED_SESSION_RATIO];
/// Durations of several statistics: one is evaluated for all of them.
pub const DURATIONS: [&str; 5] =
    ["latency", WS_CONNECT_DURATION, WS_SESSION_DURATION, GRPC_DURATION, SESSION_DURATION];
/// The statistics of durations, the most informative first.
pub const STATISTICS: [&str; 8] = ["p95", "p90", "p99", "mean", "p75", "p50", "max", "min"];

/// The latencies that tools write, by the name of their statistic.
pub fn latency(statistic: &str) -> String {
    format!("latency_{statistic}")
}
