//! A client for PostgreSQL: settings with `libpq`'s meaning, TLS, a session that can only read, and one that may write.
//!
//! `source` reads servers through `Session`; `history` keeps its tables through `Blocking`.

mod blocking;
mod connect;
mod connect_error;
mod limited_stream;
mod session;
mod settings;
mod tls;

pub use blocking::{Blocking, Parameter, Row, ToSql, Trouble, Type};
pub(crate) use connect::PGBOUNCER;
pub(crate) use connect_error::ConnectError;
pub(crate) use session::{MAX_ROWS, QueryError, SIGNATURE, Session};
pub use settings::{Settings, SettingsError, Surroundings, TextFile};
