//! The checksum at the end of the tokens of GitHub and npm: CRC-32 of what is between prefix and checksum,
//! in base 62, six digits.
//! <https://github.blog/engineering/behind-githubs-new-authentication-token-formats/>

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const LENGTH: usize = 6;

/// The checksum of the random part of a token.
pub(super) fn of(random: &[u8]) -> [u8; LENGTH] {
    let mut rest = crc32fast::hash(random);
    let mut checksum = [b'0'; LENGTH];
    for place in checksum.iter_mut().rev() {
        *place = DIGITS[(rest % 62) as usize];
        rest /= 62;
    }
    checksum
}

/// Whether the last six characters of the token, its prefix taken off, are the checksum of the others.
pub(super) fn holds(body: &str) -> bool {
    body.as_bytes().split_last_chunk().is_some_and(|(random, checksum)| of(random) == *checksum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_digits_in_base_62() {
        assert_eq!(&of(b""), b"000000");
        // crc32("zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ") as Python's zlib computes it, in base 62.
        assert_eq!(&of(b"zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ"), b"0mLq17");
        assert!(holds("zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17"));
        assert!(!holds("zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq18"));
        assert!(!holds("abc"));
    }
}
