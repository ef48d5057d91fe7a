//! Tar archives, compressed or not.

use std::fs::File;
use std::io::{BufReader, Read};

use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;
use lzma_rust2::XzReader;
use tar::EntryType;

use super::{Format, Limited, Unpacking, damaged};
use crate::problem::Problem;

/// What unpacking may use of memory, in KiB; four times what the usual settings need.
const MOST_MEMORY: u32 = 256 << 10;

/// Unpacks one.
pub(super) fn unpack(
    archive: File,
    format: Format,
    out: &mut Unpacking<'_>,
) -> Result<(), Problem> {
    let packed = BufReader::new(archive);
    let content: Box<dyn Read> = match format {
        Format::TarGzip => Box::new(MultiGzDecoder::new(packed)),
        Format::TarBzip2 => Box::new(MultiBzDecoder::new(packed)),
        Format::TarXz => Box::new(XzReader::new_mem_limit(packed, true, MOST_MEMORY)),
        Format::Tar | Format::Zip => Box::new(packed),
    };
    // What is skipped or kept in memory counts as well: headers, long names, padding.
    let content = Limited {
        inner: content,
        left: out.left,
    };
    let mut archive = tar::Archive::new(content);
    for entry in archive.entries().map_err(damaged)? {
        let mut entry = entry.map_err(damaged)?;
        let name = entry.path().map_err(damaged)?.into_owned();
        match entry.header().entry_type() {
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
                let mode = entry.header().mode().unwrap_or(0o644);
                out.file(&name, &mut entry, mode & 0o111 != 0)?;
            }
            EntryType::Directory => out.folder(&name)?,
            EntryType::Symlink => {
                let to = entry.link_name().map_err(damaged)?.unwrap_or_default();
                out.link(&name, &to)?;
            }
            EntryType::XGlobalHeader | EntryType::XHeader => {}
            // A second name for a file, a device, a pipe: in no module.
            other => {
                return Err(Problem::fetching(format!(
                    "the archive holds {} of a kind that modules do not have ({other:?})",
                    name.display()
                )));
            }
        }
    }
    Ok(())
}
