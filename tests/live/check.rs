//! The whole program on real servers: what runs out next is caused, and `check` must name it.

#![allow(unreachable_pub, reason = "shared between the modules of this test")]

mod failures;
mod healthy;
mod history;
mod host;
mod load;
mod postgres;
mod program;
mod queues;
mod redis;
mod replay;
