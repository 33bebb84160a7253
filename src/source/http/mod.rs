//! What every source behind HTTP shares: the address, the sign-in, certificates, and why there is no answer.

mod access;
mod client;
mod endpoint;
mod error;

pub(super) use client::{Client, Unsent};
pub use endpoint::{AddressError, Auth, Endpoint};
pub(super) use error::{excerpt, transport_error};
