//! "Did you mean": the nearest known word.

/// The candidate nearest to a word, when it is near enough to be a typing mistake.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| {
            *distance <= 1.max(candidate.chars().count().min(word.chars().count()) / 3)
        })
        .min_by_key(|(distance, candidate)| (*distance, *candidate))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn finds_the_nearest_word() {
        let known = ["above", "below", "outside"];
        assert_eq!(did_you_mean("abvoe", known), Some("above"));
        assert_eq!(did_you_mean("belo", known), Some("below"));
    }

    #[test]
    fn stays_silent_when_nothing_is_near() {
        assert_eq!(did_you_mean("threshold", ["above", "below"]), None);
        assert_eq!(did_you_mean("x", []), None);
    }
}
