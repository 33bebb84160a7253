//! Whatever a file holds, reading it ends, and every diagnostic points into it.

use proptest::{collection::vec, prelude::*, sample::Index};

use crate::{
    diagnostic::{Diagnostic, SourceFile, render},
    roadmap::{builtin, builtin_ids, read_roadmap},
};

/// One change to a text: at a place, so many bytes are cut and others put in.
type Edit = (Index, usize, String);

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let pieces = prop_oneof![
        ".{0,6}",
        prop::sample::select(vec![
            "[", "]]", "{", "}", "=", "'", "\"\"\"", "\n", "1e999", "-1", "nan", "ä", "🚀"
        ])
        .prop_map(str::to_owned),
        "[a-z_.]{1,12} = [0-9\"']{0,3}\n",
    ];
    vec((any::<Index>(), 0..40_usize, pieces), 1..6)
}

fn apply(text: &str, edits: Vec<Edit>) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for (place, cut, piece) in edits {
        let start = place.index(bytes.len() + 1);
        let end = (start + cut).min(bytes.len());
        bytes.splice(start..end, piece.into_bytes());
    }
    // A cut through a character leaves bytes that are no text; a reader is only ever given text.
    String::from_utf8_lossy(&bytes).into_owned()
}

fn points_into(text: &str, diagnostic: &Diagnostic) -> bool {
    std::iter::once(&diagnostic.primary)
        .chain(&diagnostic.secondary)
        .all(|label| text.get(label.span.clone()).is_some())
}

proptest! {
    #[test]
    fn a_changed_profile_is_read_to_the_end(profile in any::<Index>(), edits in edits()) {
        let ids: Vec<&str> = builtin_ids().collect();
        let text = apply(builtin(ids[profile.index(ids.len())]).unwrap(), edits);
        let (roadmap, diagnostics) = read_roadmap(&text);
        prop_assert!(roadmap.is_some() || !diagnostics.is_empty(), "refused without a reason");
        for diagnostic in &diagnostics {
            prop_assert!(points_into(&text, diagnostic), "{diagnostic:?}");
        }
        let page = render(&SourceFile::new("profile.toml", text), &diagnostics, false);
        prop_assert_eq!(page.is_empty(), diagnostics.is_empty());
    }

    #[test]
    fn any_text_is_read_to_the_end(text in ".{0,200}") {
        let (_, diagnostics) = read_roadmap(&text);
        prop_assert!(!diagnostics.is_empty(), "no such text is a roadmap");
        prop_assert!(diagnostics.iter().all(|diagnostic| points_into(&text, diagnostic)));
    }
}
