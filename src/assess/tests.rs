//! Assessments of small worlds: a few lines of roadmap, a few measurements, one expectation.

mod architecture;
mod bottlenecks;
mod caches;
mod computed;
mod conditions;
mod costs;
mod coverage;
mod deployments;
mod evaluations;
mod failures;
mod instances;
mod limits;
mod outlooks;
mod phases;
mod plans;
mod savings;
mod screening;
mod silences;
mod symptoms;
mod verdicts;
mod what_if;
mod witnesses;
mod workers;
mod world;
