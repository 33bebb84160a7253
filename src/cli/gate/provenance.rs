//! Which commit is being measured, from the variables of CI systems.

use crate::cli::project::environment;

/// Variables that hold a commit: GitHub, GitLab, Buildkite, CircleCI, Travis, Azure, Bitbucket, Jenkins.
const VARIABLES: [&str; 8] = [
    "GITHUB_SHA",
    "CI_COMMIT_SHA",
    "BUILDKITE_COMMIT",
    "CIRCLE_SHA1",
    "TRAVIS_COMMIT",
    "BUILD_SOURCEVERSION",
    "BITBUCKET_COMMIT",
    "GIT_COMMIT",
];

/// The commit, if a variable names one.
pub(super) fn commit() -> Option<String> {
    VARIABLES.iter().find_map(|name| environment(name))
}
