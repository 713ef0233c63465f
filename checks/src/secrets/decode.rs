//! Decoding as tolerant as those who read the data in the end: with or without padding, compressed or not.

use std::io::Read as _;

use base64::{
    alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

const TOLERANT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);

/// Base 64, padded or not.
pub(super) const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, TOLERANT);
/// Base 64 for URLs, padded or not.
pub(super) const URL: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, TOLERANT);

/// How much may come out of compressed data, all of one user data together: sixty times of what AWS takes.
/// Scripts are compressed to a tenth; only bombs are larger.
pub(super) const MOST: usize = 1 << 20;

/// Whether the data begin as gzip does.
pub(super) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b, 8])
}

/// What was compressed, as far as it can be read and is not longer than `most`, and what kept the rest back.
pub(super) fn inflate(bytes: &[u8], most: usize) -> (Vec<u8>, Option<String>) {
    let mut inflated = Vec::new();
    // One more byte than allowed shows that there was more.
    let read = flate2::read::MultiGzDecoder::new(bytes).take(most as u64 + 1).read_to_end(&mut inflated);
    let trouble = match read {
        _ if inflated.len() > most => Some(format!("gzip data inflate to more than {most} bytes")),
        Ok(_) => None,
        // What follows a complete member is padding to gzip(1) and to cloud-init.
        Err(error) => Some(format!("gzip data cannot be read to the end: {error}")),
    };
    inflated.truncate(most);
    (inflated, trouble)
}

/// Bytes as text: UTF-8, UTF-16 as Windows writes it, or another encoding that has ASCII in it, of which the
/// rest is replaced. `None` for what is mostly something else: nobody knows what is in it.
pub(super) fn text(bytes: &[u8]) -> Option<String> {
    let utf16 = |bytes: &[u8], of: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| of([pair[0], pair[1]])).collect();
        Some(String::from_utf16_lossy(&units))
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        // Without a mark, but every second byte of a first ASCII character or two is zero.
        [first, 0, second, 0, ..] if *first > 0 && *second > 0 => utf16(bytes, u16::from_le_bytes),
        _ => {
            let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            let ascii = || bytes.iter().filter(|c| c.is_ascii_graphic() || c.is_ascii_whitespace()).count();
            let readable = std::str::from_utf8(bytes).is_ok() || ascii() * 2 >= bytes.len();
            readable.then(|| String::from_utf8_lossy(bytes).into_owned())
        }
    }
}
