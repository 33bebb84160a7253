//! The judgement on small worlds: a few lines of roadmap, a few measurements, one expectation.

mod architecture;
mod bottlenecks;
mod caches;
mod computed;
mod conditions;
mod costs;
mod coverage;
mod deployments;
mod limits;
mod outlooks;
mod phases;
mod plans;
mod readings;
mod savings;
mod supposed;
mod symptoms;
mod verdicts;
mod workers;
mod world;
