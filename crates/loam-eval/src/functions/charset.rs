//! Character sets by their IANA names, for text in Base64.

use encoding_rs::Encoding;

use super::codepage::{UPPER_HALVES, WHOLE};
use super::transcode::{decode_hz, encode_hz, encode_standard, is_defined};

/// A supported character set.
pub(super) struct Charset {
    name: &'static str,
    kind: Kind,
}

enum Kind {
    Utf8,
    /// Two bytes a unit; a byte order mark is written and understood if `mark` is set.
    Utf16 {
        little_endian: bool,
        mark: bool,
    },
    /// Every byte is the character of its number, up to this one.
    Direct(u32),
    /// As `Direct`, but for six characters.
    Latin5,
    /// ASCII, and these characters for the bytes from 128.
    UpperHalf(&'static str),
    /// These characters for all 256 bytes.
    Whole(&'static str),
    Standard(&'static Encoding),
    /// ASCII, and Chinese in seven bits between `~{` and `~}`.
    Hz,
}

/// Where the Turkish Latin-5 differs from Latin-1.
const LATIN5: [(u8, char); 6] = [
    (0xd0, 'Ğ'),
    (0xdd, 'İ'),
    (0xde, 'Ş'),
    (0xf0, 'ğ'),
    (0xfd, 'ı'),
    (0xfe, 'ş'),
];

/// Registered names: the one that messages use, then aliases; all in small letters but
/// the first. In the order of the registry.
#[rustfmt::skip]
const NAMES: &[&[&str]] = &[
    &["US-ASCII", "iso-ir-6", "ansi_x3.4-1968", "ansi_x3.4-1986", "iso_646.irv:1991", "iso646-us", "us", "ibm367", "cp367", "csascii"],
    &["ISO_8859-1:1987", "iso-ir-100", "iso_8859-1", "iso-8859-1", "latin1", "l1", "ibm819", "cp819", "csisolatin1"],
    &["ISO_8859-2:1987", "iso-ir-101", "iso_8859-2", "iso-8859-2", "latin2", "l2", "csisolatin2"],
    &["ISO_8859-3:1988", "iso-ir-109", "iso_8859-3", "iso-8859-3", "latin3", "l3", "csisolatin3"],
    &["ISO_8859-4:1988", "iso-ir-110", "iso_8859-4", "iso-8859-4", "latin4", "l4", "csisolatin4"],
    &["ISO_8859-5:1988", "iso-ir-144", "iso_8859-5", "iso-8859-5", "cyrillic", "csisolatincyrillic"],
    &["ISO_8859-6:1987", "iso-ir-127", "iso_8859-6", "iso-8859-6", "ecma-114", "asmo-708", "arabic", "csisolatinarabic"],
    &["ISO_8859-7:1987", "iso-ir-126", "iso_8859-7", "iso-8859-7", "elot_928", "ecma-118", "greek", "greek8", "csisolatingreek"],
    &["ISO_8859-8:1988", "iso-ir-138", "iso_8859-8", "iso-8859-8", "hebrew", "csisolatinhebrew"],
    &["ISO_8859-9:1989", "iso-ir-148", "iso_8859-9", "iso-8859-9", "latin5", "l5", "csisolatin5"],
    &["ISO-8859-10", "iso-ir-157", "l6", "iso_8859-10:1992", "csisolatin6", "latin6"],
    &["Shift_JIS", "ms_kanji", "csshiftjis"],
    &["EUC-JP", "extended_unix_code_packed_format_for_japanese", "cseucpkdfmtjapanese"],
    &["EUC-KR", "cseuckr"],
    &["ISO-2022-JP", "csiso2022jp"],
    &["ISO_8859-6-E", "csiso88596e", "iso-8859-6-e"],
    &["ISO_8859-6-I", "csiso88596i", "iso-8859-6-i"],
    &["ISO_8859-8-E", "csiso88598e", "iso-8859-8-e"],
    &["ISO_8859-8-I", "csiso88598i", "iso-8859-8-i"],
    &["UTF-8", "csutf8"],
    &["ISO-8859-13", "csiso885913"],
    &["ISO-8859-14", "iso-ir-199", "iso_8859-14:1998", "iso_8859-14", "latin8", "iso-celtic", "l8", "csiso885914"],
    &["ISO-8859-15", "iso_8859-15", "latin-9", "csiso885915"],
    &["ISO-8859-16", "iso-ir-226", "iso_8859-16:2001", "iso_8859-16", "latin10", "l10", "csiso885916"],
    &["GBK", "cp936", "ms936", "windows-936", "csgbk"],
    &["GB18030", "csgb18030"],
    &["UTF-16BE", "csutf16be"],
    &["UTF-16LE", "csutf16le"],
    &["UTF-16", "csutf16"],
    &["IBM850", "cp850", "850", "cspc850multilingual"],
    &["IBM852", "cp852", "852", "cspcp852"],
    &["IBM437", "cp437", "437", "cspc8codepage437"],
    &["IBM862", "cp862", "862", "cspc862latinhebrew"],
    &["Big5", "csbig5"],
    &["macintosh", "mac", "csmacintosh"],
    &["IBM037", "cp037", "ebcdic-cp-us", "ebcdic-cp-ca", "ebcdic-cp-wt", "ebcdic-cp-nl", "csibm037"],
    &["IBM855", "cp855", "855", "csibm855"],
    &["IBM860", "cp860", "860", "csibm860"],
    &["IBM863", "cp863", "863", "csibm863"],
    &["IBM865", "cp865", "865", "csibm865"],
    &["KOI8-R", "cskoi8r"],
    &["HZ-GB-2312"],
    &["IBM866", "cp866", "866", "csibm866"],
    &["KOI8-U", "cskoi8u"],
    &["IBM00858", "ccsid00858", "cp00858", "pc-multilingual-850+euro", "csibm00858"],
    &["IBM01140", "ccsid01140", "cp01140", "ebcdic-us-37+euro", "csibm01140"],
    &["IBM1047", "ibm-1047", "csibm1047"],
    &["windows-874", "cswindows874"],
    &["windows-1250", "cswindows1250"],
    &["windows-1251", "cswindows1251"],
    &["windows-1252", "cswindows1252"],
    &["windows-1253", "cswindows1253"],
    &["windows-1254", "cswindows1254"],
    &["windows-1255", "cswindows1255"],
    &["windows-1256", "cswindows1256"],
    &["windows-1257", "cswindows1257"],
    &["windows-1258", "cswindows1258"],
];

impl Charset {
    /// The character set of a registered name or alias, in any case.
    pub(super) fn by_name(name: &str) -> Option<Charset> {
        let wanted = name.trim();
        let name = NAMES
            .iter()
            .find(|names| names.iter().any(|n| n.eq_ignore_ascii_case(wanted)))?
            .first()?;
        let utf16 = |little_endian, mark| Kind::Utf16 {
            little_endian,
            mark,
        };
        let kind = match *name {
            "UTF-8" => Kind::Utf8,
            "HZ-GB-2312" => Kind::Hz,
            "UTF-16" => utf16(false, true),
            "UTF-16BE" => utf16(false, false),
            "UTF-16LE" => utf16(true, false),
            "US-ASCII" => Kind::Direct(0x7f),
            "ISO_8859-1:1987" => Kind::Direct(0xff),
            "ISO_8859-9:1989" => Kind::Latin5,
            "IBM037" => table(WHOLE, "CP037").map(Kind::Whole)?,
            "IBM1047" => table(WHOLE, "CP1047").map(Kind::Whole)?,
            "IBM01140" => table(WHOLE, "CP1140").map(Kind::Whole)?,
            "IBM00858" => table(UPPER_HALVES, "CP858").map(Kind::UpperHalf)?,
            // The right-to-left variants differ in direction, not in characters.
            "ISO_8859-6-E" | "ISO_8859-6-I" => Kind::Standard(encoding_rs::ISO_8859_6),
            "ISO_8859-8-E" | "ISO_8859-8-I" => Kind::Standard(encoding_rs::ISO_8859_8),
            other => {
                let page = other
                    .strip_prefix("IBM")
                    .and_then(|n| table(UPPER_HALVES, &format!("CP{n}")));
                match page {
                    Some(page) => Kind::UpperHalf(page),
                    None => {
                        let label = other.split(':').next().unwrap_or(other);
                        Kind::Standard(Encoding::for_label(label.as_bytes())?)
                    }
                }
            }
        };
        Some(Charset { name, kind })
    }

    /// The registered name.
    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// Text as bytes; nothing if it has characters that are not in the set.
    pub(super) fn encode(&self, text: &str) -> Option<Vec<u8>> {
        let each =
            |f: &dyn Fn(char) -> Option<u8>| -> Option<Vec<u8>> { text.chars().map(f).collect() };
        match &self.kind {
            Kind::Utf8 => Some(text.as_bytes().to_vec()),
            Kind::Utf16 {
                little_endian,
                mark,
            } => {
                let units = mark
                    .then_some(0xfeff)
                    .into_iter()
                    .chain(text.encode_utf16());
                Some(if *little_endian {
                    units.flat_map(u16::to_le_bytes).collect()
                } else {
                    units.flat_map(u16::to_be_bytes).collect()
                })
            }
            Kind::Direct(last) => each(&|c| direct(c, *last)),
            Kind::Latin5 => each(&|c| match LATIN5.iter().find(|(_, own)| *own == c) {
                Some((b, _)) => Some(*b),
                None => direct(c, 0xff).filter(|b| LATIN5.iter().all(|(own, _)| own != b)),
            }),
            Kind::UpperHalf(table) => each(&|c| match direct(c, 0x7f) {
                Some(b) => Some(b),
                None => u8::try_from(table.chars().position(|t| t == c)? + 128).ok(),
            }),
            Kind::Whole(table) => each(&|c| u8::try_from(table.chars().position(|t| t == c)?).ok()),
            Kind::Standard(encoding) => encode_standard(encoding, text),
            Kind::Hz => encode_hz(text),
        }
    }

    /// Bytes as text; nothing if they are not all defined.
    pub(super) fn decode(&self, bytes: &[u8]) -> Option<String> {
        let each = |f: &dyn Fn(u8) -> Option<char>| -> Option<String> {
            bytes.iter().map(|b| f(*b)).collect()
        };
        let text = match &self.kind {
            Kind::Utf8 => String::from_utf8(bytes.to_vec()).ok()?,
            Kind::Utf16 {
                little_endian,
                mark,
            } => {
                let (bytes, little_endian) = match bytes {
                    [0xfe, 0xff, rest @ ..] if *mark => (rest, false),
                    [0xff, 0xfe, rest @ ..] if *mark => (rest, true),
                    _ => (bytes, *little_endian),
                };
                let (units, rest) = bytes.as_chunks::<2>();
                if !rest.is_empty() {
                    return None;
                }
                let unit = |u: &[u8; 2]| match little_endian {
                    true => u16::from_le_bytes(*u),
                    false => u16::from_be_bytes(*u),
                };
                char::decode_utf16(units.iter().map(unit))
                    .collect::<Result<String, _>>()
                    .ok()?
            }
            Kind::Direct(last) => {
                each(&|b| char::from_u32(u32::from(b)).filter(|c| u32::from(*c) <= *last))?
            }
            Kind::Latin5 => each(&|b| {
                let own = LATIN5.iter().find(|(own, _)| *own == b);
                Some(own.map_or(char::from(b), |(_, c)| *c))
            })?,
            Kind::UpperHalf(table) => each(&|b| match b.checked_sub(128) {
                None => Some(char::from(b)),
                Some(i) => table.chars().nth(usize::from(i)),
            })?,
            Kind::Whole(table) => each(&|b| table.chars().nth(usize::from(b)))?,
            Kind::Standard(encoding) => encoding
                .decode_without_bom_handling_and_without_replacement(bytes)
                .filter(|t| t.chars().all(|c| is_defined(encoding, c)))?
                .into_owned(),
            Kind::Hz => decode_hz(bytes)?,
        };
        // The replacement character stands for what could not be decoded, even if it was
        // encoded on purpose.
        (!text.contains('\u{fffd}')).then_some(text)
    }
}

fn direct(c: char, last: u32) -> Option<u8> {
    u8::try_from(u32::from(c))
        .ok()
        .filter(|b| u32::from(*b) <= last)
}

fn table(tables: &'static [(&str, &'static str)], name: &str) -> Option<&'static str> {
    tables.iter().find(|(n, _)| *n == name).map(|(_, t)| *t)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_supported() {
        for names in NAMES {
            for name in *names {
                let set = Charset::by_name(name);
                assert!(set.is_some(), "{name}");
                let round_trip = set.and_then(|s| s.decode(&s.encode("Loam 1")?));
                assert_eq!(round_trip.as_deref(), Some("Loam 1"), "{name}");
            }
        }
        assert!(Charset::by_name("nope").is_none());
    }
}
