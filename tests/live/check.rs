//! The whole program on real servers: what runs out next is caused, and `check` must name it.
//!
//! Where tools of this kind are known to mislead their users, and the test that holds this one to it:
//!
//! |  # | situation                              | test |
//! |---:|----------------------------------------|------|
//! |  1 | an empty answer                        | `evidence::no_answer_is_not_a_good_one` |
//! |  2 | a history of NaN                       | `evidence::samples_that_are_no_numbers_are_not_good_ones` |
//! |  3 | a history of infinities                | the same |
//! |  4 | one NaN among numbers                  | `evidence::one_sample_that_is_no_number_spoils_nothing` |
//! |  5 | 1, 2 and many missing scrapes          | `evidence::short_holes_…`, `evidence::a_long_hole_…` |
//! |  6 | a breach exactly as long as asked      | `evidence::a_breach_counts_from_exactly_its_duration_on` |
//! |  7 | two series for one signal              | `evidence::two_series_where_one_is_expected_are_listed` |
//! |  8 | `warnings` in an answer                | `prometheus::contract::warnings_make_an_observation_partial` |
//! |  9 | refusals, busy servers, sign-in pages  | `prometheus::contract`, `prometheus::sign_in` |
//! | 10 | a newest sample two hours old          | `replay::doctor_names_query_samples_and_age_or_the_fix` |
//! | 11 | retention shorter than the window      | `prometheus::history::a_window_before_the_first_sample_is_noted` |
//! | 12 | more than 11,000 points                | `prometheus::splitting::the_pieces_are_the_whole` |
//! | 13 | Redis without maxmemory                | `redis::without_maxmemory_the_machine_is_the_limit` |
//! | 14 | a full cache that harms nobody         | `redis::a_full_cache_that_serves_its_readers_is_none`, here |
//! | 15 | connections flat at their ceiling      | `evidence::flat_at_the_ceiling_is_more_demand_than_is_seen` |
//! | 16 | statistics reset between two samples   | `postgres::resets::statistics_that_were_reset_give_no_difference` |
//! | 17 | statements evicted from the statistics | unit: `statements::rank::resets_and_evictions_are_noticed` |
//! | 18 | statements of other roles hidden       | `postgres::gaps::a_role_without_privileges_sees_some_…` |
//! | 19 | an unknown key in a roadmap            | unit: `roadmap::tests::sections::unknown_keys_are_refused` |
//! | 20 | a limit in the wrong unit              | unit: `roadmap::tests::conditions::limits_have_the_unit_…` |
//! | 22 | a limit passed already                 | `queues::a_queue_beyond_its_limit_has_no_headroom` |
//! | 24 | a step in the middle of the window     | `evidence::a_step_is_judged_by_what_it_led_to` |
//! | 25 | a sawtooth                             | `evidence::up_and_down_is_not_sustained` |
//! | 26 | three samples                          | `evidence::three_samples_are_no_history` |
//! | 30 | JSON on stdout while something is told | `queues::progress_never_reaches_the_json` |
//! | 31 | a verdict made again from its inputs   | `replay::a_snapshot_gives_the_bytes_of_the_live_system` |
//! | 32 | another order of the same measurements | `properties::the_order_of_what_was_measured_leaves_no_trace` |
//! | 33 | a quantile in the highest bucket       | `prometheus::history::a_quantile_in_the_highest_bucket_…` |

#![allow(unreachable_pub, reason = "shared between the modules of this test")]

mod defined;
mod discovery;
mod evidence;
mod failures;
mod forecast;
mod healthy;
pub mod history;
mod host;
mod init;
mod load;
mod postgres;
pub mod program;
mod queues;
mod redis;
mod replay;
