use std::io::{Cursor, Seek};

use super::*;

/// Unpacks bytes, and gives the names of all that is then there.
fn unpacked(bytes: &[u8], format: Format) -> Result<Vec<String>, Problem> {
    let dir = tempfile::tempdir().expect("a folder");
    let mut archive = tempfile::tempfile().expect("a file");
    archive.write_all(bytes).expect("written");
    archive.rewind().expect("rewound");
    let into = dir.path().join("into");
    fs::create_dir(&into).expect("made");
    let result = unpack(archive, format, &into);
    let mut outside = fs::read_dir(dir.path()).expect("there");
    outside.next();
    assert!(outside.next().is_none(), "something was written outside");
    result?;
    let mut names = Vec::new();
    let mut folders = vec![into.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("there") {
            let path = entry.expect("read").path();
            if path.is_dir() && !path.is_symlink() {
                folders.push(path.clone());
            }
            let name = path.strip_prefix(&into).expect("inside");
            names.push(name.to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// What an archive of the tests holds.
enum Entry {
    File(&'static str, &'static str),
    Link(&'static str, &'static str),
    Other(&'static str, ::tar::EntryType),
}

fn tar(entries: &[Entry]) -> Vec<u8> {
    let mut archive = ::tar::Builder::new(Vec::new());
    for entry in entries {
        let mut header = ::tar::Header::new_gnu();
        let (name, kind, text) = match entry {
            Entry::File(name, text) => (name, ::tar::EntryType::Regular, *text),
            Entry::Link(name, _) => (name, ::tar::EntryType::Symlink, ""),
            Entry::Other(name, kind) => (name, *kind, ""),
        };
        // As it is: the library would not let all of them pass.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(kind);
        if let Entry::Link(_, to) = entry {
            header.as_old_mut().linkname[..to.len()].copy_from_slice(to.as_bytes());
        }
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        archive.append(&header, text.as_bytes()).expect("appended");
    }
    archive.into_inner().expect("made")
}

fn zip(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in entries {
        let options = ::zip::write::SimpleFileOptions::default();
        archive.start_file(*name, options).expect("started");
        archive.write_all(text.as_bytes()).expect("written");
    }
    archive.finish().expect("made").into_inner()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(bytes).expect("written");
    packed.finish().expect("made")
}

fn from_hex(text: &str) -> Vec<u8> {
    let digit = |b: u8| (b as char).to_digit(16).expect("a digit") as u8;
    let digits: Vec<u8> = text.bytes().map(digit).collect();
    digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect()
}

/// An archive with `main.tf`, made by another program.
const BZIP2: &str = "\
     425a68393141592653592e7cbe4a000076db80cab050017d8200206327df0a0808200075109a8d0d01a3\
     40da8343ca092900d340000007d8387908248108455bd7214b9b1a043019ef4f5f9fb6b79bb963817300\
     40c840a33c4f78696b9d51049208c9075e66ad6d00be92229bc5e2907e2ee48a70a1205cf97c94";
const XZ: &str = "\
     fd377a585a000004e6d6b4460200210116000000742fe5a3e027ff00755d00369849728502d2e8e14cd4\
     3a4dc4c5a8b56cd14525023a9812c2fb0553b4be7aca3e78813340ed2d06cc5dc10e24ec322879c9957b\
     67e7fe6f745c75da4a6280337239c4f52d9d2b1d1cc5dbda8bc749eb9d80363e3eb4e4e9cf133d1d586c\
     f3ddd4a406070763d5613ecd453e73990997fea300000000000046e89a5c92296c0c0001910180500000\
     00a0eaa9b1c467fb020000000004595a";

#[test]
fn archives_of_every_format_are_unpacked() {
    let entries = [
        Entry::File("./a/main.tf", "x"),
        Entry::Link("a/link", "main.tf"),
        Entry::File("top.tf", "y"),
    ];
    let expected = ["a", "a/link", "a/main.tf", "top.tf"];
    let plain = tar(&entries);
    assert_eq!(unpacked(&plain, Format::Tar).expect("right"), expected);
    assert_eq!(
        unpacked(&gzip(&plain), Format::TarGzip).expect("right"),
        expected
    );
    let zipped = zip(&[("a/main.tf", "x"), ("top.tf", "y")]);
    assert_eq!(
        unpacked(&zipped, Format::Zip).expect("right"),
        ["a", "a/main.tf", "top.tf"]
    );
    for (bytes, format) in [(BZIP2, Format::TarBzip2), (XZ, Format::TarXz)] {
        let names = unpacked(&from_hex(bytes), format).expect("right");
        assert_eq!(names, ["main.tf"], "{format:?}");
    }
}

#[test]
fn nothing_is_written_outside() {
    for name in ["../x.tf", "/x.tf", "a/../../x.tf"] {
        let problem = unpacked(&tar(&[Entry::File(name, "")]), Format::Tar).expect_err(name);
        assert!(problem.why.contains("outside"), "{problem:?}");
        let problem = unpacked(&zip(&[(name, "")]), Format::Zip).expect_err(name);
        assert!(problem.why.contains("outside"), "{problem:?}");
    }
    let problem = unpacked(&zip(&[("..\\x.tf", "")]), Format::Zip).expect_err("outside");
    assert!(problem.why.contains("outside"), "{problem:?}");
    // Not through a link either: links are made when all files are there.
    let through = [Entry::Link("out", ".."), Entry::File("out/x.tf", "")];
    assert!(unpacked(&tar(&through), Format::Tar).is_err());
}

#[test]
fn what_no_module_has_is_refused() {
    for kind in [
        ::tar::EntryType::Link,
        ::tar::EntryType::Char,
        ::tar::EntryType::Fifo,
    ] {
        let bytes = tar(&[Entry::Other("x", kind)]);
        assert!(unpacked(&bytes, Format::Tar).is_err(), "{kind:?}");
    }
}

#[test]
fn archives_that_fill_disks_are_refused() {
    let zeros = vec![0; FREE_BYTES as usize + 1];
    let mut archive = ::tar::Builder::new(Vec::new());
    let mut header = ::tar::Header::new_gnu();
    header.set_size(zeros.len() as u64);
    header.set_cksum();
    archive
        .append_data(&mut header, "zeros.tf", &*zeros)
        .expect("appended");
    let bomb = gzip(&archive.into_inner().expect("made"));
    let problem = unpacked(&bomb, Format::TarGzip).expect_err("a bomb");
    assert!(problem.why.contains("far more data"), "{problem:?}");
    let mut archive = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = ::zip::write::SimpleFileOptions::default();
    archive.start_file("zeros.tf", options).expect("started");
    archive.write_all(&zeros).expect("written");
    let bomb = archive.finish().expect("made").into_inner();
    let problem = unpacked(&bomb, Format::Zip).expect_err("a bomb");
    assert!(problem.why.contains("far more data"), "{problem:?}");
}

#[test]
fn damaged_archives_are_no_archives() {
    let whole = gzip(&tar(&[Entry::File("main.tf", "some text")]));
    for format in [
        Format::TarGzip,
        Format::TarBzip2,
        Format::TarXz,
        Format::Zip,
    ] {
        assert!(
            unpacked(b"garbage garbage garbage", format).is_err(),
            "{format:?}"
        );
    }
    assert!(unpacked(&whole[..whole.len() / 2], Format::TarGzip).is_err());
}

#[test]
fn formats_are_told_by_names() {
    for (path, format) in [
        ("/x/a.tar.gz", Some(Format::TarGzip)),
        ("/x/a.TGZ", Some(Format::TarGzip)),
        ("a.tar.bz2", Some(Format::TarBzip2)),
        ("a.txz", Some(Format::TarXz)),
        ("a.zip", Some(Format::Zip)),
        ("zip", None),
        ("a.gz", None),
        ("/a.zip/b", None),
    ] {
        assert_eq!(Format::of_path(path), format, "{path}");
    }
}
