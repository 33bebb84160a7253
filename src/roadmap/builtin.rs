//! The roadmaps that ship with the program: every file under `profiles/`.

/// The profile that is used when none is named.
pub const DEFAULT_PROFILE: &str = "web-service";

/// Names and texts in the order of the names, put together by the build.
const PROFILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/profiles.rs"));

/// The text of a built-in roadmap.
pub fn builtin(id: &str) -> Option<&'static str> {
    PROFILES.iter().find(|(name, _)| *name == id).map(|(_, text)| *text)
}

/// The names of all built-in roadmaps, in alphabetical order.
pub fn builtin_ids() -> impl Iterator<Item = &'static str> {
    PROFILES.iter().map(|(name, _)| *name)
}
