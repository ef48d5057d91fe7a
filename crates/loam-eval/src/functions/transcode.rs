//! Encodings of the web, restricted to what the registered character sets have, and HZ.

use encoding_rs::Encoding;

/// Whether a character is in a set, of those that the encodings of the web count in:
/// those have control characters and private ones for bytes that mean nothing, and
/// take several characters as one.
pub(super) fn is_defined(encoding: &'static Encoding, c: char) -> bool {
    if encoding.is_single_byte() {
        return !('\u{80}'..='\u{9f}').contains(&c);
    }
    match c {
        '\u{e000}'..='\u{f8ff}' => false,
        '¥' | '‾' | '−' => ![
            encoding_rs::SHIFT_JIS,
            encoding_rs::EUC_JP,
            encoding_rs::ISO_2022_JP,
        ]
        .contains(&encoding),
        _ => true,
    }
}

/// Text in an encoding of the web; nothing if it has characters that are not in it.
pub(super) fn encode_standard(encoding: &'static Encoding, text: &str) -> Option<Vec<u8>> {
    if !text.chars().all(|c| is_defined(encoding, c)) {
        return None;
    }
    let (bytes, _, unmappable) = encoding.encode(text);
    if !unmappable {
        return Some(bytes.into_owned());
    }
    // The web reads more of these two than it writes.
    let prefix: &[u8] = match () {
        () if encoding == encoding_rs::EUC_JP => &[0x8f],
        () if encoding == encoding_rs::BIG5 => &[],
        () => return None,
    };
    let mut out = Vec::new();
    let mut buffer = [0; 4];
    for c in text.chars() {
        let one = c.encode_utf8(&mut buffer);
        let (bytes, _, unmappable) = encoding.encode(one);
        if unmappable {
            out.extend(find_encoding(encoding, prefix, one)?);
        } else {
            out.extend_from_slice(&bytes);
        }
    }
    Some(out)
}

/// The two bytes after `prefix` that decode to a character.
fn find_encoding(encoding: &'static Encoding, prefix: &[u8], c: &str) -> Option<Vec<u8>> {
    (0x81..=0xfe_u8)
        .flat_map(|lead| (0x40..=0xfe_u8).map(move |trail| [lead, trail]))
        .map(|pair| [prefix, &pair].concat())
        .find(|bytes| {
            encoding
                .decode_without_bom_handling_and_without_replacement(bytes)
                .is_some_and(|text| text == c)
        })
}

/// Text in HZ; nothing if it has characters that are not in it.
pub(super) fn encode_hz(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut chinese = false;
    let mut buffer = [0; 4];
    for c in text.chars() {
        if c.is_ascii() {
            if std::mem::take(&mut chinese) {
                out.extend(b"~}");
            }
            out.extend(std::iter::repeat_n(c as u8, 1 + usize::from(c == '~')));
            continue;
        }
        let one = c.encode_utf8(&mut buffer);
        match encode_standard(encoding_rs::GBK, one)?.as_slice() {
            [lead @ 0xa1..=0xff, trail @ 0xa1..=0xff] => {
                if !std::mem::replace(&mut chinese, true) {
                    out.extend(b"~{");
                }
                out.extend([lead & 0x7f, trail & 0x7f]);
            }
            _ => return None,
        }
    }
    Some(out)
}

/// The text of bytes in HZ; nothing if they are malformed.
pub(super) fn decode_hz(bytes: &[u8]) -> Option<String> {
    let mut gbk = Vec::new();
    let mut chinese = false;
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        match (first, after.split_first()) {
            (b'~', Some((next, after))) => {
                match next {
                    b'{' => chinese = true,
                    b'}' => chinese = false,
                    b'~' => gbk.push(b'~'),
                    b'\n' => {}
                    _ => return None,
                }
                rest = after;
            }
            (0x21..=0x7e, Some((trail @ 0x21..=0x7e, after))) if chinese => {
                gbk.extend([first | 0x80, trail | 0x80]);
                rest = after;
            }
            (0..=0x7f, _) if !chinese && *first != b'~' => {
                gbk.push(*first);
                rest = after;
            }
            _ => return None,
        }
    }
    encoding_rs::GBK
        .decode_without_bom_handling_and_without_replacement(&gbk)
        .map(|t| t.into_owned())
}
