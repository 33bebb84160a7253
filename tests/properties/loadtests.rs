//! Load-test outputs: nothing that is cut or thrown together makes a reader fall over, or tells of no request.

use proptest::prelude::*;
use scale_advisor::loadtest::{LoadTest, LoadTestError, read};

use crate::loadtest_files::fixtures;

#[track_caller]
fn sound(read: Result<LoadTest, LoadTestError>) {
    let Ok(test) = read else { return };
    assert!(!test.runs.is_empty());
    for run in &test.runs {
        assert_ne!(run.requests, Some(0));
        assert!(run.requests.is_none() || run.failed < run.requests, "{run:?}");
        assert!(run.metrics.values().all(|figure| figure.value.is_finite()), "{run:?}");
    }
}

#[test]
fn no_output_that_is_cut_makes_a_reader_fall_over() {
    for (_, text) in fixtures() {
        let step = (text.len() / 200).max(1);
        for end in (0..text.len()).step_by(step).filter(|end| text.is_char_boundary(*end)) {
            sound(read(&text.as_bytes()[..end]));
        }
    }
}

proptest! {
    #[test]
    fn no_text_makes_a_reader_fall_over(text in "\\PC*") {
        sound(read(text.as_bytes()));
    }

    #[test]
    fn no_output_with_a_hole_makes_a_reader_fall_over(
        which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), bytes in prop::collection::vec(any::<u8>(), 1..8)
    ) {
        let texts = fixtures();
        let mut text = which.get(&texts).1.clone().into_bytes();
        let at = at.index(text.len());
        for (slot, byte) in text[at..].iter_mut().zip(bytes) {
            *slot = byte;
        }
        sound(read(text.as_slice()));
    }
}
