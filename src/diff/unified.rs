//! Unified diffs, as `git diff` and `diff -u` write them.

use std::collections::BTreeSet;

use super::{
    SettingChange,
    assignment::{Assignment, Sections, words},
    value::SettingValue,
};

/// Whether a text has a hunk.
pub(super) fn is_diff(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("@@ ") || line.starts_with("diff --git "))
}

/// The settings that get another value, in the order of the diff.
pub(super) fn changes(text: &str, settings: &BTreeSet<&str>) -> Vec<SettingChange> {
    let mut changes = Vec::new();
    let mut file = String::new();
    let mut hunk: Option<Hunk<'_>> = None;
    for line in text.lines() {
        let is_content = line.is_empty() || line.starts_with([' ', '+', '-', '\\']);
        if let Some(hunk) = hunk.as_mut().filter(|hunk| hunk.is_open() && is_content) {
            hunk.add_line(line, settings);
        } else if let Some(next) = Hunk::opened(line) {
            changes.extend(hunk.replace(next).into_iter().flat_map(|hunk| hunk.changes(&file)));
        } else if let Some(path) = line.strip_prefix("+++ ").or_else(|| line.strip_prefix("--- "))
            && path != "/dev/null"
        {
            path_of(path).clone_into(&mut file);
        }
        // A hunk ends where its lines do, or where another file begins.
        if line.starts_with("diff --git ") || hunk.as_ref().is_some_and(|hunk| !hunk.is_open()) {
            changes.extend(hunk.take().into_iter().flat_map(|hunk| hunk.changes(&file)));
        }
    }
    changes.extend(hunk.into_iter().flat_map(|hunk| hunk.changes(&file)));
    changes
}

/// The path without the prefix that git gives it, and without a time stamp.
fn path_of(path: &str) -> &str {
    let path = path.split('\t').next().unwrap_or(path);
    path.strip_prefix("a/").or_else(|| path.strip_prefix("b/")).unwrap_or(path)
}

/// One hunk, both sides of it.
#[derive(Debug)]
struct Hunk<'s> {
    old: Side<'s>,
    new: Side<'s>,
    words: BTreeSet<String>,
}

#[derive(Debug)]
struct Side<'s> {
    /// The number of the next line.
    line: u64,
    /// Lines that are still to come.
    left: u64,
    sections: Sections,
    /// The settings of the side, with their lines.
    found: Vec<(u64, Assignment<'s>)>,
}

impl<'s> Hunk<'s> {
    /// `@@ -10,7 +10,8 @@ kind: Deployment`.
    fn opened(line: &str) -> Option<Self> {
        let (ranges, heading) = line.strip_prefix("@@ ")?.split_once(" @@")?;
        let (old, new) = ranges.split_once(' ')?;
        Some(Self {
            old: Side::opened(old.strip_prefix('-')?)?,
            new: Side::opened(new.strip_prefix('+')?)?,
            words: words(heading).map(str::to_owned).collect(),
        })
    }

    fn is_open(&self) -> bool {
        self.old.left > 0 || self.new.left > 0
    }

    fn add_line(&mut self, line: &str, settings: &BTreeSet<&'s str>) {
        let (sign, content) = line.split_at(line.chars().next().map_or(0, char::len_utf8));
        self.words.extend(words(content).map(str::to_owned));
        match sign {
            "-" => self.old.add_line(content, settings),
            "+" => self.new.add_line(content, settings),
            "\\" => {}
            _ => {
                self.old.add_line(content, settings);
                self.new.add_line(content, settings);
            }
        }
    }

    /// The assignments of both sides in pairs: the same setting for the same time in the hunk.
    fn changes(self, file: &str) -> Vec<SettingChange> {
        let Self { old, new, mut words } = self;
        words.extend(self::words(file).map(str::to_owned));
        // `api.yaml` is of `api`, too.
        words.extend(file.rsplit('/').next().and_then(|name| name.split('.').next()).map(str::to_owned));
        let mut earlier: Vec<(&str, SettingValue)> =
            old.found.into_iter().map(|(_, found)| (found.setting, found.value)).collect();
        let mut changes = Vec::new();
        for (line, Assignment { setting, value }) in new.found {
            let place = earlier.iter().position(|(name, _)| *name == setting);
            let from = place.map(|place| earlier.remove(place).1).filter(SettingValue::is_readable);
            // What was no number before either, or is new, need not be a setting at all.
            if from.as_ref() != Some(&value) && (from.is_some() || value.is_readable()) {
                let (place, line, setting) = (file.to_owned(), Some(line), setting.to_owned());
                changes.push(SettingChange { place, line, setting, from, to: value, words: words.clone() });
            }
        }
        changes
    }
}

impl<'s> Side<'s> {
    /// `10,7`, or `10` for one line.
    fn opened(range: &str) -> Option<Self> {
        let (line, left) = range.split_once(',').unwrap_or((range, "1"));
        let (line, left) = (line.parse().ok()?, left.parse().ok()?);
        Some(Self { line, left, sections: Sections::default(), found: Vec::new() })
    }

    fn add_line(&mut self, content: &str, settings: &BTreeSet<&'s str>) {
        let found = self.sections.assignments(content, settings.iter().copied());
        self.found.extend(found.into_iter().map(|found| (self.line, found)));
        self.line = self.line.saturating_add(1);
        self.left = self.left.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each change as `file:line setting from to`.
    fn changes_in(text: &str) -> Vec<String> {
        let settings = BTreeSet::from(["max_connections", "limits.memory", "maxReplicas"]);
        let told = |change: SettingChange| {
            let from = change.from.map_or_else(|| "none".to_owned(), |from| from.to_string());
            let line = change.line.unwrap();
            format!("{}:{line} {} {from} {}", change.place, change.setting, change.to)
        };
        changes(text, &settings).into_iter().map(told).collect()
    }

    const TWO_FILES: &str = "\
diff --git a/db/postgresql.conf b/db/postgresql.conf
index 1111111..2222222 100644
--- a/db/postgresql.conf
+++ b/db/postgresql.conf
@@ -62,5 +62,5 @@
 # - Connection Settings -
-max_connections = 100\t\t\t# (change requires restart)
+max_connections = 200\t\t\t# (change requires restart)
 # comment
 listen_addresses = '*'
 port = 5432
diff --git a/k8s/api.yaml b/k8s/api.yaml
--- a/k8s/api.yaml
+++ b/k8s/api.yaml
@@ -20,6 +20,6 @@ spec:
           requests:
             memory: 256Mi
           limits:
-            memory: 512Mi
+            memory: 1Gi
         env: []
@@ -90 +90 @@
-  maxReplicas: 10
+  maxReplicas: 4
";

    #[test]
    fn changed_settings_are_found_with_their_lines() {
        assert_eq!(
            changes_in(TWO_FILES),
            [
                "db/postgresql.conf:63 max_connections 100 200",
                "k8s/api.yaml:23 limits.memory 512Mi 1Gi",
                "k8s/api.yaml:90 maxReplicas 10 4",
            ]
        );
    }

    #[test]
    fn what_only_moves_or_is_reworded_is_no_change() {
        let moved = "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n-max_connections = 100\n-a = 1\n+a = 1\n+max_connections = 100 # reworded\n";
        assert!(changes_in(moved).is_empty());
        assert!(changes_in("").is_empty());
        assert!(changes_in("--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-max_connections = 100\n").is_empty());
    }

    #[test]
    fn a_new_setting_has_no_value_so_far() {
        let new = "--- /dev/null\n+++ b/x.conf\n@@ -0,0 +1,2 @@\n+# new\n+max_connections = 50\n";
        assert_eq!(changes_in(new), ["x.conf:2 max_connections none 50"]);
    }

    #[test]
    fn a_number_that_becomes_something_else_is_a_change() {
        let of = |from: &str, to: &str| {
            changes_in(&format!(
                "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-max_connections = {from}\n+max_connections = {to}\n"
            ))
        };
        assert_eq!(of("100", "-5"), ["x:1 max_connections 100 -5"]);
        assert_eq!(of("100", "$MAX"), ["x:1 max_connections 100 $MAX"]);
        assert_eq!(of("$MAX", "100"), ["x:1 max_connections none 100"]);
        assert!(of("$MAX", "$MOST").is_empty());
    }

    #[test]
    fn cut_off_and_odd_diffs_are_read_as_far_as_they_go() {
        assert!(changes_in("@@ -1,99 +1,99 @@\n a\n").is_empty());
        assert!(changes_in("@@ -x +y @@\n-max_connections = 1\n+max_connections = 2\n").is_empty());
        assert!(changes_in("+max_connections = 2\n").is_empty());
        assert!(changes_in("@@ -1 +1 @@\n\u{301}\u{301}\n").is_empty());
    }
}
