//! Unpacking archives that somebody else has made: nothing is written outside of the
//! folder, and no more than is plausible.

mod tar;
mod zip;

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

use crate::problem::Problem;

/// What an archive may unpack to, whatever its size: configurations are small.
const MOST_BYTES: u64 = 1 << 30;
/// What even a tiny archive may unpack to.
const FREE_BYTES: u64 = 32 << 20;
/// Text is rarely packed to less than a tenth; a file made to fill disks is packed to a
/// thousandth.
const PLAUSIBLE_RATIO: u64 = 200;
/// How many files and folders an archive may hold.
const MOST_ENTRIES: usize = 100_000;

/// The kind of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Zip,
    Tar,
    TarGzip,
    TarBzip2,
    TarXz,
}

/// By how a file's name ends, the longer ones first.
const ENDINGS: [(&str, Format); 8] = [
    ("tar.gz", Format::TarGzip),
    ("tar.bz2", Format::TarBzip2),
    ("tar.xz", Format::TarXz),
    ("tgz", Format::TarGzip),
    ("tbz2", Format::TarBzip2),
    ("txz", Format::TarXz),
    ("tar", Format::Tar),
    ("zip", Format::Zip),
];

impl Format {
    /// By name, as the `archive` argument of an address gives it.
    pub fn named(name: &str) -> Option<Format> {
        ENDINGS.iter().find(|(n, _)| *n == name).map(|(_, f)| *f)
    }

    /// By the ending of a path.
    pub fn of_path(path: &str) -> Option<Format> {
        let path = path.to_ascii_lowercase();
        ENDINGS
            .iter()
            .find(|(n, _)| path.strip_suffix(n).is_some_and(|p| p.ends_with('.')))
            .map(|(_, f)| *f)
    }

    /// The names of all formats, for messages.
    pub fn names() -> String {
        ENDINGS.map(|(n, _)| n).join(", ")
    }
}

/// Unpacks an archive into a folder that exists and is empty.
///
/// # Errors
///
/// The archive is damaged, or holds what no module needs: paths and links that lead out
/// of it, devices, far more data than it is large.
pub(crate) fn unpack(archive: File, format: Format, into: &Path) -> Result<(), Problem> {
    let size = archive.metadata().map_err(unreadable)?.len();
    let mut out = Unpacking {
        root: into,
        left: (size.saturating_mul(PLAUSIBLE_RATIO)).clamp(FREE_BYTES, MOST_BYTES),
        entries: 0,
        links: Vec::new(),
    };
    match format {
        Format::Zip => zip::unpack(archive, &mut out)?,
        tar => tar::unpack(archive, tar, &mut out)?,
    }
    out.make_links()
}

/// An archive on its way into a folder.
struct Unpacking<'a> {
    root: &'a Path,
    /// How many bytes may still be written.
    left: u64,
    entries: usize,
    /// Made at the end, so that nothing is written through them.
    links: Vec<(PathBuf, PathBuf)>,
}

impl Unpacking<'_> {
    /// Where an entry goes; none if it is the folder itself.
    fn target(&mut self, name: &Path) -> Result<Option<PathBuf>, Problem> {
        self.entries += 1;
        if self.entries > MOST_ENTRIES {
            return Err(Problem::fetching(format!(
                "the archive holds more than {MOST_ENTRIES} files"
            )));
        }
        let mut target = self.root.to_owned();
        let mut inside = false;
        for part in name.components() {
            match part {
                Component::CurDir => {}
                Component::Normal(part) => {
                    inside = true;
                    target.push(part);
                }
                Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                    return Err(Problem::fetching(format!(
                        "the archive holds {name:?}, which would be written outside of the \
                         module's folder"
                    )));
                }
            }
        }
        Ok(inside.then_some(target))
    }

    fn folder(&mut self, name: &Path) -> Result<(), Problem> {
        match self.target(name)? {
            Some(target) => fs::create_dir_all(target).map_err(|e| unwritable(name, &e)),
            None => Ok(()),
        }
    }

    fn file(
        &mut self,
        name: &Path,
        content: &mut dyn Read,
        executable: bool,
    ) -> Result<(), Problem> {
        let Some(target) = self.target(name)? else {
            return Err(Problem::fetching("the archive holds a file without a name"));
        };
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).map_err(|e| unwritable(name, &e))?;
        }
        let mut file = File::create(&target).map_err(|e| unwritable(name, &e))?;
        let mut buffer = vec![0; 64 << 10];
        loop {
            let n = content.read(&mut buffer).map_err(damaged)?;
            let Some(piece) = buffer.get(..n).filter(|p| !p.is_empty()) else {
                break;
            };
            self.spend(n)?;
            file.write_all(piece).map_err(|e| unwritable(name, &e))?;
        }
        make_executable(&file, executable).map_err(|e| unwritable(name, &e))
    }

    fn link(&mut self, name: &Path, to: &Path) -> Result<(), Problem> {
        if let Some(at) = self.target(name)? {
            self.links.push((at, to.to_owned()));
        }
        Ok(())
    }

    fn spend(&mut self, bytes: usize) -> Result<(), Problem> {
        match self.left.checked_sub(bytes as u64) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(too_large()),
        }
    }

    /// Makes the symbolic links. Whether they lead out is checked when all are there, as
    /// with any package.
    fn make_links(self) -> Result<(), Problem> {
        for (at, to) in self.links {
            if let Some(parent) = at.parent() {
                fs::create_dir_all(parent).map_err(|e| unwritable(&at, &e))?;
            }
            if at.symlink_metadata().is_ok_and(|m| m.is_file()) {
                fs::remove_file(&at).map_err(|e| unwritable(&at, &e))?;
            }
            make_link(&to, &at).map_err(|e| unwritable(&at, &e))?;
        }
        Ok(())
    }
}

#[cfg(unix)]
fn make_executable(file: &File, executable: bool) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    match executable {
        true => file.set_permissions(fs::Permissions::from_mode(0o755)),
        false => Ok(()),
    }
}

#[cfg(not(unix))]
fn make_executable(_: &File, _: bool) -> io::Result<()> {
    Ok(())
}

/// Makes a symbolic link at `at` that leads to `to`.
#[cfg(unix)]
pub(crate) fn make_link(to: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(to, at)
}

/// Symbolic links need a privilege here: the module is used without them.
#[cfg(not(unix))]
pub(crate) fn make_link(_: &Path, _: &Path) -> io::Result<()> {
    Ok(())
}

/// Reads no more than a number of bytes, whether they are used or not.
struct Limited<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        match self.left.checked_sub(n as u64) {
            Some(left) => {
                self.left = left;
                Ok(n)
            }
            None => Err(io::ErrorKind::FileTooLarge.into()),
        }
    }
}

fn too_large() -> Problem {
    Problem::fetching(
        "the archive unpacks to far more data than a module has, or than its size lets expect",
    )
}

fn damaged(error: io::Error) -> Problem {
    match error.kind() {
        io::ErrorKind::FileTooLarge => too_large(),
        _ => Problem::fetching(format!("the archive is damaged: {error}")),
    }
}

fn unreadable(error: io::Error) -> Problem {
    Problem::fetching(format!("the archive cannot be read: {error}"))
}

fn unwritable(name: &Path, error: &io::Error) -> Problem {
    Problem::fetching(format!("{} cannot be written: {error}", name.display()))
}

#[cfg(test)]
mod tests;
