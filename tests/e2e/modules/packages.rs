//! Packages for the tests to fetch: archives, and repositories.

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;

/// A module with one output `o`.
pub fn output(value: &str) -> String {
    format!("output \"o\" {{ value = \"{value}\" }}\n")
}

/// Files as a compressed tar archive.
pub fn tgz(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, text) in files {
        let mut header = tar::Header::new_gnu();
        // As it is, even where the library would not let it pass.
        let place = &mut header.as_old_mut().name;
        place[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        archive.append(&header, text.as_bytes()).expect("appended");
    }
    archive
        .into_inner()
        .and_then(GzEncoder::finish)
        .expect("made")
}

/// Files as a zip archive.
pub fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(*name, options).expect("started");
        archive.write_all(text.as_bytes()).expect("written");
    }
    archive.finish().expect("made").into_inner()
}

/// The checksum of an archive.
pub fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    let digest = sha2::Sha256::digest(bytes);
    digest.iter().map(|b| format!("{b:02x}")).collect()
}

/// A git repository.
pub struct Repository(PathBuf);

impl Repository {
    /// An empty one. None, with a word about it, if there is no git.
    pub fn new(dir: &Path) -> Option<Repository> {
        if Command::new("git").arg("--version").output().is_err() {
            eprintln!("skipped: there is no git on the PATH");
            return None;
        }
        std::fs::create_dir_all(dir).expect("a directory");
        let repository = Repository(dir.to_owned());
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        Some(repository)
    }

    /// Whether repositories can be served over http; a word about it if not.
    pub fn can_be_served() -> bool {
        let path = Command::new("git")
            .arg("--exec-path")
            .output()
            .expect("git runs");
        let path = String::from_utf8_lossy(&path.stdout).trim().to_owned();
        let there = Path::new(&path).join("git-http-backend").exists();
        if !there {
            eprintln!("skipped: this git cannot serve repositories (git http-backend)");
        }
        there
    }

    /// Commits files, and gives the commit's id.
    pub fn commit(&self, files: &[(&str, &str)]) -> String {
        for (name, text) in files {
            let path = self.0.join(name);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
            std::fs::write(path, text).expect("written");
        }
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message=change"]);
        self.git(&["rev-parse", "HEAD"]).trim().to_owned()
    }

    /// Runs git in it.
    pub fn git(&self, args: &[&str]) -> String {
        let output = Command::new("git")
            .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"])
            .args(args)
            .current_dir(&self.0)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .expect("git runs");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {args:?}: {error}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("git::file://{}", self.0.display())
    }
}
