//! Finds settings and their values in the lines of configuration files, whatever their syntax.
//!
//! YAML, TOML, INI, HCL, `postgresql.conf`, `redis.conf`, arguments of commands and shell variables write a name and then a
//! value, with `:`, `=` or a blank between. The sections around a name are told by indentation, or stand before it in
//! the same line.

use super::value::SettingValue;

/// A setting with a value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Assignment<'s> {
    /// As the catalogue writes it.
    pub(super) setting: &'s str,
    pub(super) value: SettingValue,
}

/// The sections that the next line is in, by indentation.
#[derive(Debug, Default)]
pub(super) struct Sections {
    open: Vec<(usize, String)>,
    /// The value of a `name:` whose `value:` is expected, as in a container's environment.
    named: Option<String>,
}

impl Sections {
    /// The settings that a line assigns. It may open a section.
    pub(super) fn assignments<'s>(
        &mut self,
        line: &str,
        settings: impl Iterator<Item = &'s str>,
    ) -> Vec<Assignment<'s>> {
        let code = without_comment(line);
        let content = code.trim_start_matches([' ', '\t', '-']);
        if content.trim().is_empty() {
            return Vec::new();
        }
        let indent = code.len() - content.len();
        self.open.retain(|(outer, _)| *outer < indent);
        let found = settings
            .filter_map(|setting| {
                let value = self.value_of(setting, content)?;
                Some(Assignment { setting, value })
            })
            .collect();
        if let Some(key) = key(content) {
            self.open.push((indent, key.to_owned()));
        }
        if let Some(name) = after_key(content.trim(), "name") {
            self.named = Some(bare(name).to_owned());
        }
        found
    }

    fn value_of(&self, setting: &str, content: &str) -> Option<SettingValue> {
        // `- name: GOMEMLIMIT` and then `value: 512MiB`.
        let is_named = self.named.as_deref() == Some(setting);
        if let Some(value) = after_key(content, "value").filter(|_| is_named) {
            return SettingValue::of_setting(setting, value).or_else(|| SettingValue::unreadable(value));
        }
        // A name with a dot may be written so, or within sections.
        let sections = match setting.rsplit_once('.') {
            Some(_) if content.contains(setting) => {
                return assigned(content, setting).map(|(_, value)| value);
            }
            Some((sections, _)) => sections,
            None => "",
        };
        let leaf = setting.rsplit('.').next().unwrap_or(setting);
        let (before, value) = assigned(content, leaf)?;
        let is_within = |section: &str| {
            self.open.iter().any(|(_, open)| open == section) || words(before).any(|word| word == section)
        };
        sections.split('.').filter(|section| !section.is_empty()).all(is_within).then_some(value)
    }
}

/// What follows a name in a line as its value, and what stands before the name. A number is preferred to what is none, and
/// that is a value only after a sign of assignment, or where the name begins the line.
fn assigned<'l>(content: &'l str, name: &str) -> Option<(&'l str, SettingValue)> {
    let places = || places(content, name);
    let readable = places().find_map(|(before, after)| {
        let value = after.strip_prefix([':', '=']).unwrap_or(after).trim_start();
        let quoted = value.strip_prefix(['"', '\'']).and_then(|rest| rest.split(['"', '\'']).next());
        let plain = || value.split([' ', '\t', ',', '}', ']', ')', ';', '"', '\'']).next();
        Some((before, SettingValue::of_setting(name, quoted.or_else(plain)?)?))
    });
    readable.or_else(|| {
        places().find_map(|(before, after)| {
            let assigned = after.strip_prefix([':', '=']);
            let first = before.trim_matches([' ', '\t', '-']).is_empty().then_some(after);
            // `a == b` compares.
            let value = assigned.or(first).filter(|value| !value.starts_with('='))?;
            Some((before, SettingValue::unreadable(value)?))
        })
    })
}

/// What stands before and after each occurrence of a name by itself.
fn places<'l>(content: &'l str, name: &str) -> impl Iterator<Item = (&'l str, &'l str)> {
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.');
    content.match_indices(name).filter_map(move |(start, _)| {
        let (before, after) = (content.get(..start)?, content.get(start + name.len()..)?);
        // `--maxmemory` is the name in an argument; `my-maxmemory` is another one.
        let own = before.trim_end_matches("--");
        if own.ends_with(is_part) || after.starts_with(is_part) {
            return None;
        }
        Some((before, after.trim_start_matches(['"', '\'']).trim_start()))
    })
}

/// What follows a key at the beginning of a line: `name: x` in YAML, `name = x` in HCL.
fn after_key<'l>(content: &'l str, key: &str) -> Option<&'l str> {
    content.strip_prefix(key)?.trim_start().strip_prefix([':', '='])
}

/// The name of the section that a line opens: `limits:`, `limits {`, `[pool]`, `limits = {`.
fn key(content: &str) -> Option<&str> {
    let content = content.trim();
    if let Some(section) = content.strip_prefix('[') {
        return section.strip_suffix(']').map(bare);
    }
    let end = content.find([':', '=', '{', ' '])?;
    let key = bare(content.get(..end)?);
    let opens = content.ends_with(':') || content.ends_with('{');
    (opens && !key.is_empty()).then_some(key)
}

fn bare(text: &str) -> &str {
    text.trim().trim_matches(['"', '\''])
}

/// The words of a text: what names are made of.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric() && !matches!(letter, '_' | '-'))
        .filter(|word| !word.is_empty())
}

/// A line without what follows a `#` that begins a comment.
fn without_comment(line: &str) -> &str {
    let begins = |start: usize| start == 0 || line[..start].ends_with([' ', '\t']);
    let start = line.match_indices('#').map(|(start, _)| start).find(|start| begins(*start));
    start.and_then(|start| line.get(..start)).unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        const SETTINGS: [&str; 8] = [
            "max_connections",
            "maxmemory",
            "maxReplicas",
            "limits.memory",
            "limits.cpu",
            "requests.storage",
            "GOMEMLIMIT",
            "pm.max_children",
        ];
        let mut sections = Sections::default();
        let found: Vec<(String, String)> = text
            .lines()
            .flat_map(|line| sections.assignments(line, SETTINGS.into_iter()))
            .map(|found| (found.setting.to_owned(), found.value.to_string()))
            .collect();
        let expected: Vec<(String, String)> =
            expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn every_usual_syntax_is_read() {
        check("max_connections = 200   # was 100", &[("max_connections", "200")]);
        check("maxmemory 2gb", &[("maxmemory", "2gb")]);
        check("  max_connections: \"200\"", &[("max_connections", "200")]);
        check("args: [\"-c\", \"max_connections=300\"]", &[("max_connections", "300")]);
        check("- --maxmemory 512mb", &[("maxmemory", "512mb")]);
        check("GOMEMLIMIT=512MiB", &[("GOMEMLIMIT", "512MiB")]);
        check("env:\n- name: GOMEMLIMIT\n  value: 512MiB", &[("GOMEMLIMIT", "512MiB")]);
        check(
            "parameter {\n  name  = \"max_connections\"\n  value = \"200\"\n}",
            &[("max_connections", "200")],
        );
        check("pm.max_children = 50", &[("pm.max_children", "50")]);
        check("{\"max_connections\": 100, \"x\": 1}", &[("max_connections", "100")]);
        check("spec:\n  maxReplicas: 12", &[("maxReplicas", "12")]);
    }

    #[test]
    fn sections_tell_limits_from_requests() {
        let resources = "resources:\n  requests:\n    memory: 128Mi\n    cpu: 100m\n  limits:\n    memory: 256Mi\n    cpu: \"1\"";
        check(resources, &[("limits.memory", "256Mi"), ("limits.cpu", "1")]);
        check("resources: {limits: {memory: 512Mi}}", &[("limits.memory", "512Mi")]);
        check("limits = {\n  memory = \"1Gi\"\n}", &[("limits.memory", "1Gi")]);
        check("  resources:\n    requests:\n      storage: 20Gi", &[("requests.storage", "20Gi")]);
        check("memory: 256Mi", &[]);
    }

    #[test]
    fn other_names_values_and_comments_are_not_taken() {
        check("superuser_max_connections = 3", &[]);
        check("max_connections_per_user = 3", &[]);
        check("# max_connections = 3", &[]);
        check("if max_connections == limit", &[]);
        check("max_connections:\n  default: x", &[]);
        check("SELECT max_connections FROM x", &[]);
        check("maxmemory-policy allkeys-lru", &[]);
    }

    #[test]
    fn what_is_assigned_and_is_no_number_is_kept_as_it_is() {
        check("max_connections = {{ .Values.max }}", &[("max_connections", "{{ .Values.max }}")]);
        check("max_connections = $MAX", &[("max_connections", "$MAX")]);
        check("max_connections: -5 # less", &[("max_connections", "-5")]);
        check("maxmemory ${MAXMEMORY}", &[("maxmemory", "${MAXMEMORY}")]);
        check("limits:\n  memory: null", &[("limits.memory", "null")]);
        check("- name: GOMEMLIMIT\n  value: off", &[("GOMEMLIMIT", "off")]);
    }
}
