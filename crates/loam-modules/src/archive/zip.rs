//! Zip archives.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use super::{Unpacking, damaged};
use crate::problem::Problem;

/// Unpacks one.
pub(super) fn unpack(archive: File, out: &mut Unpacking<'_>) -> Result<(), Problem> {
    let mut archive = ZipArchive::new(BufReader::new(archive)).map_err(|e| wrong(&e))?;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|e| wrong(&e))?;
        let name = entry.name().map_err(|e| wrong(&e))?.replace('\\', "/");
        let name = Path::new(&name);
        if entry.is_dir() {
            out.folder(name)?;
        } else if entry.is_symlink() {
            let mut to = String::new();
            // No file system has longer paths.
            let mut start = (&mut entry).take(4096);
            start.read_to_string(&mut to).map_err(damaged)?;
            out.link(name, Path::new(&to))?;
        } else {
            let mode = entry.unix_mode().unwrap_or(0o644);
            out.file(name, &mut entry, mode & 0o111 != 0)?;
        }
    }
    Ok(())
}

fn wrong(error: &ZipError) -> Problem {
    Problem::fetching(format!("the archive is damaged: {error}"))
}
