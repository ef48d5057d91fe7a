//! Finds the descriptions: each folder of `src` is one, named after its provider.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let sources = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("src");
    println!("cargo::rerun-if-changed={}", sources.display());
    let mut text = String::from("&[\n");
    for folder in entries(&sources)?.iter().filter(|p| p.is_dir()) {
        let name = name_of(folder)?;
        writeln!(text, "Description {{ name: {name:?}, files: &[")?;
        let mut files = entries(folder)?;
        files.retain(|f| f.extension().is_some_and(|e| e == "hcl"));
        for file in files {
            let path = format!("{name}/{}", name_of(&file)?);
            writeln!(
                text,
                "({path:?}, include_str!({:?})),",
                file.display().to_string()
            )?;
        }
        text.push_str("] },\n");
    }
    text.push_str("]\n");
    fs::write(
        Path::new(&env::var("OUT_DIR")?).join("descriptions.rs"),
        text,
    )?;
    Ok(())
}

/// What a folder holds, by name.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let found: Result<Vec<PathBuf>, _> =
        fs::read_dir(folder)?.map(|e| e.map(|e| e.path())).collect();
    let mut found = found?;
    found.sort();
    Ok(found)
}

fn name_of(path: &Path) -> Result<String, Box<dyn Error>> {
    let name = path.file_name().and_then(|n| n.to_str());
    name.map(str::to_owned)
        .ok_or_else(|| "a name that is no text".into())
}
