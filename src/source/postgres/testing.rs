//! A server and an empty page for the tests of the topics.

use chrono::DateTime;

use super::{
    answers::Answers,
    server::{Extension, Server},
};

pub(super) fn answers() -> Answers {
    Answers::new(DateTime::from_timestamp(1_800_000_000, 0).unwrap(), "app".to_owned())
}

pub(super) fn server() -> Server {
    Server {
        version: "15.18 (Debian 15.18-0+deb12u1)".to_owned(),
        role: "app".to_owned(),
        database: "shop".to_owned(),
        is_standby: Ok(false),
        sees_everything: true,
        is_direct: true,
        statements: Ok(extension()),
    }
}

pub(super) fn extension() -> Extension {
    Extension {
        loaded: true,
        track: Some("top".to_owned()),
        schema: Some("public".to_owned()),
        open: true,
        tells_resets: true,
    }
}
