//! The whole program on real servers: what runs out next is caused, and `check` must name it.

#![allow(unreachable_pub, reason = "shared between the modules of this test")]

mod history;
mod host;
mod postgres;
mod program;
mod queues;
mod redis;
