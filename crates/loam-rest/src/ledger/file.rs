//! The file of a record, its lock, and the clock that all processes of the machine share.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::budget::Millis;

/// The file of one key, shared with other processes.
#[derive(Debug)]
pub(super) struct Shared {
    folder: PathBuf,
    name: String,
    lock: File,
}

impl Shared {
    /// Makes the folder if need be. `key` is what the name is made from, with a salt.
    pub fn open(folder: &Path, key: &str) -> io::Result<Shared> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        let salt = salt(folder)?;
        let digest = Sha256::digest(format!("loam limits 1\n{salt}\n{key}"));
        let name = digest
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect::<String>();
        let lock = private(&folder.join(format!("{name}.lock")))?;
        Ok(Shared {
            folder: folder.to_owned(),
            name,
            lock,
        })
    }

    fn path(&self, ending: &str) -> PathBuf {
        self.folder.join(format!("{}.{ending}", self.name))
    }

    /// Takes the file and reads it; nothing if another process has it. A file that is not
    /// there yet is empty.
    pub fn begin(&mut self) -> io::Result<Option<Vec<u8>>> {
        if !try_lock(&self.lock)? {
            return Ok(None);
        }
        if !self.is_in_place() {
            // Somebody cleared the folder: what others lock is another file.
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&self.folder)?;
            self.lock = private(&self.path("lock"))?;
            if !try_lock(&self.lock)? {
                return Ok(None);
            }
        }
        match fs::read(self.path("json")) {
            Ok(text) => Ok(Some(text)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Some(Vec::new())),
            Err(e) => Err(e),
        }
    }

    fn is_in_place(&self) -> bool {
        let inode = |m: io::Result<fs::Metadata>| m.map(|m| (m.dev(), m.ino())).ok();
        let ours = inode(self.lock.metadata());
        ours.is_some() && ours == inode(fs::metadata(self.path("lock")))
    }

    /// Replaces the file, and gives it back to the others.
    pub fn end(&mut self, text: &[u8]) -> io::Result<()> {
        let new = self.path("new");
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&new)?;
        file.write_all(text)?;
        fs::rename(&new, self.path("json"))?;
        self.lock.unlock()
    }
}

/// Opens or makes a file that only the user may read.
fn private(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
}

fn try_lock(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(e)) => Err(e),
    }
}

/// The salt of the names in a folder, made by whoever comes first.
fn salt(folder: &Path) -> io::Result<String> {
    let mut file = private(&folder.join("salt"))?;
    file.lock()?;
    let mut text = String::new();
    if file.read_to_string(&mut text).is_err() || text.len() != 32 {
        text = format!("{:032x}", rand::random::<u128>());
        file.set_len(0)?;
        io::Seek::rewind(&mut file)?;
        file.write_all(text.as_bytes())?;
    }
    file.unlock()?;
    Ok(text)
}

/// Milliseconds since the machine was started, sleep included where the system tells.
/// No change of the date moves it, and all processes see the same.
pub(super) fn since_start() -> Millis {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let clock = rustix::time::ClockId::Boottime;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let clock = rustix::time::ClockId::Monotonic;
    let now = rustix::time::clock_gettime(clock);
    now.tv_sec * 1000 + now.tv_nsec / 1_000_000
}
