//! What only the script shows, compressed: the texts in the second language, and command and evidence of
//! findings that do not carry them as HTML.
//!
//! Raw DEFLATE (RFC 1951) in base64: browsers unpack it by themselves (`DecompressionStream`). Unpacked it is the
//! JSON `{"rows": [ROW…], "texts": [TEXT…]}`, with a row for each finding in the order of the page and a text for
//! each element marked `data-t`.

use std::io::{self, Write as _};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flate2::{Compression, write::DeflateEncoder};
use serde::Serialize;

/// The packing, as it goes on.
pub(super) struct Packed {
    encoder: io::BufWriter<DeflateEncoder<Vec<u8>>>,
    is_empty: bool,
}

impl Packed {
    pub fn new() -> Self {
        let encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        Self { encoder: io::BufWriter::with_capacity(1 << 16, encoder), is_empty: true }
    }

    /// Packs the next finding's row.
    pub fn row(&mut self, row: &impl Serialize) -> io::Result<()> {
        let before: &[u8] = if self.is_empty { br#"{"rows":["# } else { b"," };
        self.encoder.write_all(before)?;
        self.is_empty = false;
        Ok(serde_json::to_writer(&mut self.encoder, row)?)
    }

    /// Everything in base64.
    pub fn finish(mut self, texts: &[String]) -> io::Result<String> {
        let before: &[u8] = if self.is_empty { br#"{"rows":[],"texts":"# } else { br#"],"texts":"# };
        self.encoder.write_all(before)?;
        serde_json::to_writer(&mut self.encoder, texts)?;
        self.encoder.write_all(b"}")?;
        let encoder = self.encoder.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok(STANDARD.encode(encoder.finish()?))
    }
}
