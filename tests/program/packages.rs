//! What packages, images and releases are made of: that it can be read, and that all it names is there.
//! `scripts/package-test` installs and runs them.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_yaml_ng::Value;

use super::{
    DEAD,
    binary::{Ran, program, ran},
    folder, says, write,
};

/// What `scripts/package` stages, as the program itself writes it.
const STAGED: &str = "target/dist/staged/";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The documents of a YAML file.
fn documents(text: &str) -> Vec<Value> {
    use serde::Deserialize;
    serde_yaml_ng::Deserializer::from_str(text)
        .map(|document| Value::deserialize(document).unwrap())
        .collect()
}

fn strings(value: &Value) -> Vec<String> {
    value.as_sequence().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

fn manifest() -> toml::Table {
    text("Cargo.toml").parse().unwrap()
}

/// Sources and destinations of a package.
fn assets(of: &str) -> Vec<(String, String)> {
    let manifest = manifest();
    let assets = manifest["package"]["metadata"][of]["assets"].as_array().unwrap();
    let pair = |asset: &toml::Value| match asset {
        toml::Value::Array(parts) => {
            [&parts[0], &parts[1]].map(|part| part.as_str().unwrap().to_owned()).into()
        }
        asset => ["source", "dest"].map(|key| asset[key].as_str().unwrap().to_owned()).into(),
    };
    assets.iter().map(pair).collect()
}

/// Whether a file is there, or is staged.
#[track_caller]
fn is_made_or_there(source: &str) {
    let Some(staged) = source.strip_prefix(STAGED) else {
        let found = glob::glob(&root().join(source).display().to_string()).unwrap().count();
        assert!(found > 0, "no {source}");
        return;
    };
    let shell = staged.strip_prefix("completions/");
    if let Some(shell) = shell {
        assert_eq!(ran(program(root()).args(["completions", shell])).code, 0, "{source}");
    } else {
        assert!(["scale-advisor", "man/*.1"].contains(&staged), "nobody writes {source}");
    }
}

#[test]
fn all_that_packages_hold_is_there() {
    for (source, _) in assets("deb").iter().chain(&assets("generate-rpm")) {
        is_made_or_there(source);
    }
    let sources = |of| assets(of).into_iter().map(|(source, _)| source).collect::<BTreeSet<_>>();
    assert_eq!(sources("deb"), sources("generate-rpm"), "left: Debian, right: RPM");
    let manifest = manifest();
    for key in ["pre_uninstall_script", "post_install_script", "post_uninstall_script"] {
        text(manifest["package"]["metadata"]["generate-rpm"][key].as_str().unwrap());
    }
}

#[test]
fn scripts_of_packages_are_scripts() {
    let mut checked = 0;
    for entry in ["packaging/debian/*", "packaging/rpm/*"] {
        for path in glob::glob(&root().join(entry).display().to_string()).unwrap() {
            let path = path.unwrap();
            let status = Command::new("sh").arg("-n").arg(&path).status().unwrap();
            assert!(status.success(), "{}", path.display());
            checked += 1;
        }
    }
    assert_eq!(checked, 6);
}

#[test]
fn each_command_has_a_manual_page() {
    let folder = folder();
    let run = ran(program(folder.path()).args(["man", "--output", "pages"]));
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "", ""));
    let page = |name: &str| fs::read_to_string(folder.path().join("pages").join(name)).unwrap();
    assert_eq!(page("scale-advisor.1"), ran(program(folder.path()).arg("man")).stdout);
    says(&page("scale-advisor-gate.1"), &[".TH scale-advisor-gate 1", "\\-\\-baseline"]);
    says(&page("scale-advisor-history-verify.1"), &[".TH scale-advisor-history-verify 1"]);
    let help = ran(program(folder.path()).arg("--help")).stdout;
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    let commands = commands.lines().map_while(|line| line.strip_prefix("  "));
    let names: Vec<&str> =
        commands.filter(|line| !line.starts_with(' ')).filter_map(|line| line.split(' ').next()).collect();
    assert!(names.len() > 15, "{names:?}");
    for name in names.into_iter().filter(|name| *name != "help") {
        page(&format!("scale-advisor-{name}.1"));
    }
}

/// The units, verified by systemd on a root file system with the program where packages put it.
#[cfg(target_os = "linux")]
#[test]
fn units_are_what_systemd_takes() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = folder();
    let (bin, units) = (folder.path().join("usr/bin"), folder.path().join("usr/lib/systemd/system"));
    fs::create_dir_all(&bin).unwrap();
    fs::create_dir_all(&units).unwrap();
    let stub = write(&bin, "scale-advisor", "#!/bin/sh\n");
    fs::set_permissions(&stub, fs::Permissions::from_mode(0o755)).unwrap();
    // What every system has.
    for pattern in ["*.target", "*.slice", "*.socket", "-.mount"] {
        for path in glob::glob(&format!("/usr/lib/systemd/system/{pattern}")).unwrap() {
            let path = path.unwrap();
            let copy = units.join(path.file_name().unwrap());
            match path.read_link() {
                Ok(target) => symlink(target, copy).unwrap(),
                Err(_) => drop(fs::copy(path, copy).unwrap()),
            }
        }
    }
    let verify = |name: &str, change: &dyn Fn(String) -> String| {
        for path in
            glob::glob(&root().join("docs/deploy/systemd/scale-advisor-*").display().to_string()).unwrap()
        {
            let unit = path.unwrap().file_name().unwrap().to_string_lossy().into_owned();
            write(&units, &unit, &change(text(&format!("docs/deploy/systemd/{unit}"))));
        }
        let root = format!("--root={}", folder.path().display());
        let output = Command::new("systemd-analyze").args(["verify", "--man=no", &root, name]).output();
        let output = output.expect("systemd-analyze: install systemd");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    for unit in [
        "scale-advisor-record.service",
        "scale-advisor-record.timer",
        "scale-advisor-fleet@1.service",
        "scale-advisor-fleet@1.timer",
    ] {
        assert_eq!(verify(unit, &|text| text), (true, String::new()));
    }
    let (accepted, _) = verify("scale-advisor-record.timer", &|text| text.replace("*:0/5", "every day"));
    assert!(!accepted, "nothing was verified");
    fs::remove_file(stub).unwrap();
    assert!(!verify("scale-advisor-record.service", &|text| text).0, "the program was not looked for");
}

/// Arguments of `record` as an example gives them, with its settings read and its addresses dead: the only thing wrong is
/// that nothing answers.
#[track_caller]
fn records(arguments: &[String], settings: &str) {
    let run = ran_with(arguments, settings);
    assert_eq!(run.code, 2, "{run:#?}");
    says(&run.stderr, &["no source answered"]);
}

/// The arguments are those of a server with settings of the project: it finds nothing wrong but what is added here.
fn serves(arguments: &[String], settings: &str) {
    assert_eq!(arguments[0], "serve");
    let run = ran_with(&[arguments, &words("--every 1s")].concat(), settings);
    assert_eq!(run.code, 2, "{run:#?}");
    says(&run.stderr, &["--every must be 5s or longer"]);
}

/// Runs the program with settings of the project whose servers do not answer.
fn ran_with(arguments: &[String], settings: &str) -> Ran {
    let folder = folder();
    let settings = text(settings).replace("/var/lib/scale-advisor/history.db", "history.db");
    let lines = settings.lines().map(|line| {
        let is_url = line.starts_with("url = ");
        if is_url { format!("url = \"http://{DEAD}\"") } else { line.to_owned() }
    });
    write(folder.path(), "scale-advisor.toml", &lines.collect::<Vec<_>>().join("\n"));
    let replaced = arguments.iter().map(|argument| match argument.as_str() {
        path if path.ends_with("/scale-advisor.toml") => "scale-advisor.toml",
        "${STATE_DIRECTORY}/history.db" => "history.db",
        argument => argument,
    });
    ran(program(folder.path()).args(replaced))
}

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(|word| word.trim_matches('"').to_owned()).collect()
}

#[test]
fn what_timers_run_is_a_command() {
    let unit = text("docs/deploy/systemd/scale-advisor-record.service");
    let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart=scale-advisor ")).unwrap();
    records(&words(line), "docs/deploy/systemd/scale-advisor.toml");
    let unit = text("docs/deploy/systemd/scale-advisor-serve.service");
    let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart=scale-advisor ")).unwrap();
    serves(&words(line), "docs/deploy/systemd/scale-advisor.toml");
    let crontab = text("docs/deploy/crontab");
    let (_, line) = crontab.rsplit_once("&& scale-advisor ").unwrap();
    records(&words(line), "docs/deploy/systemd/scale-advisor.toml");
}

#[test]
fn the_kubernetes_base_is_whole() {
    let base = Path::new("docs/deploy/kubernetes");
    let file = |name: &str| text(&base.join(name).display().to_string());
    let [kustomization] = documents(&file("kustomization.yaml")).try_into().unwrap();
    let config_map = &kustomization["configMapGenerator"][0];
    assert_eq!(strings(&config_map["files"]), ["scale-advisor.toml"]);
    let resources: Vec<Value> =
        strings(&kustomization["resources"]).iter().flat_map(|name| documents(&file(name))).collect();
    let named = |kind: &str, name: &Value| {
        resources.iter().any(|resource| resource["kind"] == kind && resource["metadata"]["name"] == *name)
    };
    let of_kind = |kind: &str| resources.iter().find(|resource| resource["kind"] == kind).unwrap();
    let job = &of_kind("CronJob")["spec"]["jobTemplate"]["spec"]["template"]["spec"];
    let deployment = &of_kind("Deployment")["spec"]["template"];
    for pod in [job, &deployment["spec"]] {
        let container = &pod["containers"][0];
        assert_eq!(container["image"], kustomization["images"][0]["name"]);
        assert_eq!(container["command"], Value::Null, "the image has an entry point");
        let volumes = pod["volumes"].as_sequence().unwrap();
        for mount in container["volumeMounts"].as_sequence().unwrap() {
            assert!(volumes.iter().any(|volume| volume["name"] == mount["name"]), "{mount:?}");
        }
        for volume in volumes {
            let claim = &volume["persistentVolumeClaim"]["claimName"];
            let known =
                volume["configMap"]["name"] == config_map["name"] || named("PersistentVolumeClaim", claim);
            assert!(known, "{volume:?}");
        }
        assert_eq!(pod["securityContext"]["runAsUser"], 65532, "the user of the image");
    }
    let settings = "docs/deploy/kubernetes/scale-advisor.toml";
    records(&strings(&job["containers"][0]["args"]), settings);
    let server = &deployment["spec"]["containers"][0];
    let arguments = strings(&server["args"]);
    serves(&arguments, settings);
    let listen = arguments.iter().skip_while(|argument| *argument != "--listen").nth(1).unwrap();
    let service = &of_kind("Service")["spec"];
    let port = &server["ports"][0];
    assert!(listen.ends_with(&format!(":{}", port["containerPort"].as_u64().unwrap())), "{listen}");
    for target in [&service["ports"][0]["targetPort"], &server["livenessProbe"]["httpGet"]["port"]] {
        assert_eq!(*target, port["name"]);
    }
    assert_eq!(service["selector"], deployment["metadata"]["labels"]);
    assert_eq!(of_kind("Deployment")["spec"]["selector"]["matchLabels"], service["selector"]);
}

#[test]
fn the_image_starts_the_program_as_nobody() {
    let dockerfile = text("packaging/Dockerfile");
    let lines = dockerfile.lines().filter(|line| !line.starts_with('#'));
    let instructions: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once(' ')).collect();
    let expected = [
        ("FROM", "scratch"),
        ("ARG", "TARGETARCH"),
        ("COPY", "${TARGETARCH}/ /"),
        ("WORKDIR", "/etc/scale-advisor"),
        ("USER", "65532:65532"),
        ("ENTRYPOINT", "[\"/usr/local/bin/scale-advisor\"]"),
    ];
    assert_eq!(instructions, expected);
    // The script makes this root file system, and tests it without Docker.
    says(&text("scripts/package"), &["$dist/image/$1", "$place/usr/local/bin/", "cp packaging/Dockerfile"]);
}

/// Runs `scripts/formula` on checksums of some targets.
fn formula(targets: &[&str]) -> std::process::Output {
    let folder = folder();
    let version = env!("CARGO_PKG_VERSION");
    let line =
        |(index, target): (usize, &&str)| format!("{index:064x}  scale-advisor-{version}-{target}.tar.gz\n");
    let sums: String = targets.iter().enumerate().map(line).collect();
    let path = write(folder.path(), "SHA256SUMS", &sums);
    Command::new(root().join("scripts/formula")).arg("us/it").arg(path).output().unwrap()
}

const TARGETS: [&str; 4] = [
    "x86_64-unknown-linux-musl",
    "aarch64-unknown-linux-musl",
    "aarch64-apple-darwin",
    "x86_64-apple-darwin",
];

#[test]
fn the_formula_has_the_checksum_of_each_archive() {
    let output = formula(&TARGETS);
    assert!(output.status.success(), "{output:?}");
    let formula_text = String::from_utf8(output.stdout).unwrap();
    assert!(!formula_text.contains('@'), "{formula_text}");
    let lines: Vec<&str> = formula_text.lines().map(str::trim).collect();
    for (index, target) in TARGETS.iter().enumerate() {
        let version = env!("CARGO_PKG_VERSION");
        let url = format!(
            "url \"https://github.com/us/it/releases/download/v{version}/scale-advisor-{version}-{target}.tar.gz\""
        );
        let at = lines.iter().position(|line| *line == url).unwrap();
        assert_eq!(lines[at + 1], format!("sha256 \"{index:064x}\""));
    }
    for line in lines.iter().filter(|line| line.contains(".install \"completions/")) {
        is_made_or_there(&format!("{STAGED}{}", line.split('"').nth(1).unwrap()));
    }
    let output = formula(&TARGETS[..3]);
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), [].as_slice()));
    says(&String::from_utf8(output.stderr).unwrap(), &["x86_64-apple-darwin.tar.gz"]);
}

/// The programs of the project that a workflow runs, and the targets that it builds.
#[test]
fn the_release_builds_and_tests_what_it_publishes() {
    let [workflow] = documents(&text(".github/workflows/release.yml")).try_into().unwrap();
    let mut scripts = BTreeSet::new();
    let mut steps = 0;
    for (name, job) in workflow["jobs"].as_mapping().unwrap() {
        assert!(job["permissions"].is_mapping(), "{name:?} has rights that nobody stated");
        for step in job["steps"].as_sequence().unwrap() {
            steps += 1;
            assert_ne!(step["uses"].is_string(), step["run"].is_string(), "{step:?}");
            let Some(run) = step["run"].as_str() else { continue };
            assert!(!run.contains("${{"), "what is given must not become part of a script: {run}");
            let words = run.split_whitespace().map(|word| word.trim_start_matches("../"));
            scripts.extend(words.filter(|word| word.starts_with("scripts/")).map(str::to_owned));
            let syntax = Command::new("bash").args(["-n", "-c", run]).status().unwrap();
            assert!(syntax.success(), "{run}");
        }
    }
    assert!(steps > 10);
    assert_eq!(
        scripts,
        ["scripts/formula", "scripts/package", "scripts/package-test"].map(str::to_owned).into()
    );
    for script in scripts {
        let status = Command::new("bash").arg("-n").arg(root().join(&script)).status().unwrap();
        assert!(status.success(), "{script}");
    }
    says(&text(".github/workflows/release.yml"), &TARGETS);
}

/// What is published: all that the build reads, and none of what only this repository needs.
#[test]
fn the_published_archive_holds_what_is_needed_and_no_more() {
    let mut cargo = Command::new(env!("CARGO"));
    let output = cargo
        .args(["package", "--list", "--allow-dirty", "--locked", "--offline"])
        .current_dir(root())
        .output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let listed = String::from_utf8(output.stdout).unwrap();
    let mut tops: Vec<&str> = listed.lines().map(|path| path.split('/').next().unwrap()).collect();
    tops.dedup();
    let tops: BTreeSet<&str> = tops.into_iter().filter(|name| *name != ".cargo_vcs_info.json").collect();
    let expected = [
        "Cargo.lock",
        "Cargo.toml",
        "Cargo.toml.orig",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
        "build.rs",
        "catalog",
        "profiles",
        "reports",
        "src",
        "thresholds.toml",
    ];
    assert_eq!(tops, expected.into());
    let listed: BTreeSet<PathBuf> = listed.lines().map(PathBuf::from).collect();
    assert!(
        listed
            .iter()
            .filter(|path| path.starts_with("reports"))
            .all(|path| path.starts_with("reports/templates"))
    );
    let mut read = 0;
    for path in listed.iter().filter(|path| path.starts_with("src") && !path.ends_with("tests.rs")) {
        let Ok(code) = fs::read_to_string(root().join(path)) else { continue };
        let code = code.split("#[cfg(test)]").next().unwrap();
        for name in code.split("include_str!(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            let whole = root().join(path).parent().unwrap().join(name).canonicalize().unwrap();
            let relative = whole.strip_prefix(root()).unwrap();
            let in_tests = path.components().any(|part| part.as_os_str() == "tests");
            assert!(in_tests || listed.contains(relative), "{}: {name} is not published", path.display());
            read += 1;
        }
    }
    assert!(read > 10, "nothing was looked at");
}

/// Where nothing is installed and nobody can be asked, `scripts/test` says what it would install, and installs nothing.
#[cfg(unix)]
#[test]
fn servers_for_tests_are_installed_by_consent_only() {
    let folder = folder();
    // A machine that has next to nothing, not even a package manager.
    for name in ["dirname", "sort", "tr"] {
        let program =
            ["/usr/bin", "/bin"].map(|bin| Path::new(bin).join(name)).into_iter().find(|path| path.exists());
        std::os::unix::fs::symlink(program.unwrap(), folder.path().join(name)).unwrap();
    }
    let mut command = Command::new("/bin/bash");
    command.arg(root().join("scripts/test")).env_clear().env("PATH", folder.path());
    let output = command.stdin(std::process::Stdio::null()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    says(
        &said,
        &["scripts/test will install:", "with apt-get, on this machine: ", "prometheus", "--yes consents"],
    );
    let unattended = text(".ci/run");
    says(&unattended, &["scripts/test\" --yes"]);
}
