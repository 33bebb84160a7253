//! What every source behind HTTP shares: the address, the sign-in, certificates, and why there is no answer.

mod access;
mod client;
mod credentials;
mod endpoint;
mod roles;
mod sigv4;
mod tokens;

pub(super) use client::{Client, Unsent, excerpt, retry_after, transport_error};
pub use credentials::{AwsKeys, Credential};
pub(super) use endpoint::is_secret_parameter;
pub use endpoint::{AddressError, Auth, Endpoint, Proxy, parse_address};
pub use roles::AwsRole;
pub use sigv4::AwsKey;
pub use tokens::{ClientCredentials, TokenSource};
