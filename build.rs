//! Embeds every roadmap under `profiles/` and every file of `catalog/`, so that adding one needs no line of code.

#![allow(clippy::expect_used, reason = "a build that cannot go on has failed")]

use std::{env, fmt::Write, fs, path::Path};

fn main() {
    for folder in ["profiles", "catalog"] {
        embed(folder);
    }
}

/// Writes a table of the names and texts of a folder's `.toml` files.
fn embed(folder: &str) {
    println!("cargo::rerun-if-changed={folder}");
    let root = env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let mut files: Vec<_> = fs::read_dir(Path::new(&root).join(folder))
        .expect("the folder is part of the package")
        .map(|entry| entry.expect("readable folder").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    let mut table = String::from("&[\n");
    for path in files {
        let id = path.file_stem().expect("a .toml file has a stem").to_string_lossy().into_owned();
        writeln!(table, "    ({id:?}, include_str!({:?})),", path.display().to_string()).expect("memory");
    }
    table.push(']');
    let out = env::var("OUT_DIR").expect("cargo sets it");
    let path = Path::new(&out).join(folder).with_extension("rs");
    fs::write(path, table).expect("the build folder is writable");
}
