//! User data of instances and launch templates: plain, compressed, in many parts.

use base64::Engine as _;

use super::{
    Location, Secret, by_line, decode, mime,
    scan::{Budget, MOST_HITS, scan},
};

/// Parts in compressed data in parts is as deep as anyone goes.
const DEEPEST: usize = 4;

/// Secrets in user data as EC2 returns them, the base 64 around them taken off. Compressed data are inflated
/// to 1 MB at most, and multi-part messages are taken apart.
///
/// # Errors
///
/// When a part could not be read and the others hold no secret: then it is unknown whether there is one.
pub fn in_user_data(data: &[u8]) -> Result<Vec<Secret>, String> {
    read(data, decode::MOST)
}

fn read(data: &[u8], most: usize) -> Result<Vec<Secret>, String> {
    let mut reader = Reader { budget: Budget::new(most), secrets: Vec::new(), parts: 0 };
    reader.read(data, None, 0);
    match reader.budget.trouble {
        Some(trouble) if reader.secrets.is_empty() => Err(trouble),
        _ => Ok(reader.secrets),
    }
}

/// The same for user data in base 64, as the API has them.
///
/// # Errors
///
/// As [`in_user_data`], and when the text is not base 64.
pub fn in_base64_user_data(data: &str) -> Result<Vec<Secret>, String> {
    let compact: Vec<u8> = data.bytes().filter(|c| !c.is_ascii_whitespace()).collect();
    let data =
        decode::STANDARD.decode(compact).map_err(|error| format!("user data are not base 64: {error}"))?;
    in_user_data(&data)
}

struct Reader {
    budget: Budget,
    secrets: Vec<Secret>,
    parts: usize,
}

impl Reader {
    fn read(&mut self, data: &[u8], part: Option<usize>, depth: usize) {
        if decode::is_gzip(data) && depth < DEEPEST {
            let inflated = self.budget.inflate(data);
            return self.read(&inflated, part, depth + 1);
        }
        if let Some(parts) = mime::parts(data).filter(|_| depth < DEEPEST) {
            for data in parts {
                self.parts += 1;
                self.read(&data, Some(self.parts), depth + 1);
            }
            return;
        }
        let Some(text) = decode::text(data) else {
            self.budget.trouble.get_or_insert("user data are neither text nor compressed text".to_owned());
            return;
        };
        let found = by_line(&text, scan(&text, &mut self.budget));
        let found = found.map(|secret| Secret { place: Location { part, ..secret.place }, ..secret });
        self.secrets.extend(found.take(MOST_HITS - self.secrets.len()));
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::snapshot::secret::SecretKind;

    fn gzip(data: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    /// Parts and lines.
    fn places(data: &[u8]) -> Vec<(Option<usize>, usize)> {
        let found = in_user_data(data).unwrap().into_iter();
        found.map(|secret| (secret.place.part, secret.place.line.unwrap())).collect()
    }

    const SCRIPT: &str = "#!/bin/sh\nexport DB_PASSWORD=hunter2\n";

    #[test]
    fn plain_compressed_and_base64() {
        assert_eq!(places(SCRIPT.as_bytes()), [(None, 2)]);
        assert_eq!(places(&gzip(SCRIPT.as_bytes())), [(None, 2)]);
        assert_eq!(places(&gzip(&gzip(SCRIPT.as_bytes()))), [(None, 2)]);
        let found = in_base64_user_data(&decode::STANDARD.encode(gzip(SCRIPT.as_bytes()))).unwrap();
        assert_eq!(
            found,
            [Secret {
                kind: SecretKind::Password,
                place: Location { line: Some(2), ..Location::default() },
                hint: "…".into(),
                key_id: None,
            }]
        );
        assert_eq!(in_base64_user_data(""), Ok(vec![]));
        assert!(in_base64_user_data("#!/bin/sh").is_err());
    }

    #[test]
    fn utf16_as_windows_writes_it() {
        let mut data = vec![0xff, 0xfe];
        data.extend(
            "<powershell>\r\n$password = \"Summer2024!\"\r\n".encode_utf16().flat_map(u16::to_le_bytes),
        );
        assert_eq!(places(&data), [(None, 2)]);
        assert_eq!(places(&data[2..]), [(None, 2)]);
    }

    #[test]
    fn what_is_no_text_is_not_taken_for_clean() {
        // A comment in Shift_JIS is no obstacle.
        assert_eq!(places(b"# \x83p\x83X\nDB_PASSWORD=hunter2\n"), [(None, 2)]);
        assert!(in_user_data(b"\x7fELF\x02\x01\x01\0\0\0\0\0\xde\xad\xbe\xef").is_err());
        assert!(in_user_data(&[0xc0, 0xaf]).is_err());
        assert_eq!(in_user_data(b""), Ok(vec![]));
    }

    #[test]
    fn parts_are_decoded_and_counted() {
        let base64 = decode::STANDARD.encode(gzip(SCRIPT.as_bytes()));
        let message = format!(
            "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"XX\"\n\n--XX\nContent-Type: text/cloud-config\n\n\
             #cloud-config\npackages: [jq]\n--XX\nContent-Type: text/x-shellscript\nContent-Transfer-Encoding: base64\n\n\
             {base64}\n--XX--\n"
        );
        assert_eq!(places(message.as_bytes()), [(Some(2), 2)]);
        assert_eq!(places(&gzip(message.as_bytes())), [(Some(2), 2)]);
    }

    #[test]
    fn files_of_cloud_init_are_decoded() {
        for (encoding, content) in [
            ("b64", decode::STANDARD.encode(SCRIPT)),
            ("gz+b64", decode::STANDARD.encode(gzip(SCRIPT.as_bytes()))),
        ] {
            let config = format!(
                "#cloud-config\nwrite_files:\n- path: /x\n  encoding: {encoding}\n  content: {content}\n"
            );
            assert_eq!(places(config.as_bytes()), [(None, 5)], "{encoding}");
            let (first, second) = content.split_at(24);
            let block =
                format!("#cloud-config\nwrite_files:\n- content: !!binary |\n    {first}\n    {second}\n");
            assert_eq!(places(block.as_bytes()), [(None, 4)], "{encoding}");
        }
    }

    #[test]
    fn base64_of_other_encodings_is_decoded() {
        let command: Vec<u8> =
            "$password = \"Summer2024!\"".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let command = decode::STANDARD.encode(command);
        assert_eq!(places(format!("powershell.exe -EncodedCommand {command}\n").as_bytes()), [(None, 1)]);
        let shift_jis = decode::STANDARD.encode(b"# \x83p\x83X\nDB_PASSWORD=hunter2\n");
        assert_eq!(places(format!("- content: {shift_jis}\n").as_bytes()), [(None, 1)]);
    }

    #[test]
    fn many_secrets_are_not_all_told() {
        assert_eq!(places("DB_PASSWORD=hunter22\n".repeat(1000).as_bytes()).len(), MOST_HITS);
        let part = "--X\n\nDB_PASSWORD=hunter22\n".repeat(200);
        let message = format!("Content-Type: multipart/mixed; boundary=X\n\n{part}--X--\n");
        assert_eq!(places(message.as_bytes()).len(), MOST_HITS);
    }

    #[test]
    fn bombs_and_broken_data_are_not_taken_for_clean() {
        let bomb = gzip(&[b'\n'; 2000]);
        assert!(read(&bomb, 1999).unwrap_err().contains("more than 1999 bytes"));
        assert_eq!(read(&bomb, 2000), Ok(vec![]));
        // Two parts may not have together what one may not.
        let part = decode::STANDARD.encode(&bomb);
        let part = format!("--X\nContent-Transfer-Encoding: base64\n\n{part}\n");
        let message = format!("Content-Type: multipart/mixed; boundary=X\n\n{part}{part}--X--\n");
        assert!(read(message.as_bytes(), 3999).is_err());
        assert_eq!(read(message.as_bytes(), 4000), Ok(vec![]));
        // The limit itself: what is scanned bounds the time that it takes.
        assert_eq!(in_user_data(&gzip(&vec![b'\n'; 1 << 20])), Ok(vec![]));
        assert!(in_user_data(&gzip(&vec![b'\n'; (1 << 20) + 1])).is_err());
        let whole = gzip(b"#!/bin/sh\necho hello\n");
        assert!(in_user_data(&whole[..whole.len() - 9]).is_err());
        // A file in it that is cut short.
        let file = decode::STANDARD.encode(&whole[..whole.len() - 9]);
        assert!(in_user_data(format!("write_files:\n- content: {file}\n").as_bytes()).is_err());
        // What could be read proves enough.
        let whole = gzip(SCRIPT.as_bytes());
        assert_eq!(places(&whole[..whole.len() - 4]), [(None, 2)]);
    }
}
