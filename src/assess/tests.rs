//! Assessments of small worlds: a few lines of roadmap, a few measurements, one expectation.

mod architecture;
mod bottlenecks;
mod budgets;
mod caches;
mod computed;
mod conditions;
mod costs;
mod coverage;
mod evaluations;
mod failures;
mod instances;
mod limits;
mod outlooks;
mod own_budgets;
mod phases;
mod plans;
mod screening;
mod stopped;
mod symptoms;
mod verdicts;
mod what_if;
mod workers;
mod world;
