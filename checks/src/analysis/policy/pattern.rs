//! Patterns of policies: `*` is any run of characters, `?` is one.

use memchr::memmem;

/// Patterns up to this length are compared letter by letter: whatever they are compared with, that is as much as so many
/// times its length. Longer ones, which AWS has no use for, are searched for in time linear in both lengths.
const SHORT: usize = 64;

/// Whether the pattern matches the text. Takes time in the sum of the lengths, but for long runs that have a `?`:
/// patterns are hostile input too.
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    meets(pattern.as_bytes(), text.as_bytes(), |p, t| p == t || p == b'?')
}

/// Whether what is between the `*` of the pattern is found in the text, in this order. `same` is whether a byte of the
/// pattern may be one of the text; of long patterns and texts without `?`, a byte is itself only.
///
/// The first place where a part occurs is as good as any later one.
fn meets(pattern: &[u8], text: &[u8], same: impl Fn(u8, u8) -> bool) -> bool {
    let all = |part: &[u8], text: &[u8]| part.iter().zip(text).all(|(p, t)| same(*p, *t));
    let mut parts = pattern.split(|byte| *byte == b'*');
    let first = parts.next().unwrap_or_default();
    let Some(last) = parts.next_back() else { return first.len() == text.len() && all(first, text) };
    let Some((start, rest)) = text.split_at_checked(first.len()) else { return false };
    let Some(room) = rest.len().checked_sub(last.len()) else { return false };
    let (mut between, end) = rest.split_at(room);
    let is_plain = |text: &[u8]| !text.contains(&b'?');
    let text_is_plain = is_plain(text);
    let find = |part: &[u8], between: &[u8]| {
        if part.len() > SHORT && is_plain(part) && text_is_plain {
            memmem::find(between, part)
        } else {
            between.windows(part.len()).position(|text| all(part, text))
        }
    };
    let follows = |part: &[u8]| match find(part, between) {
        Some(at) => {
            between = &between[at + part.len()..];
            true
        }
        None => false,
    };
    all(first, start) && all(last, end) && parts.filter(|part| !part.is_empty()).all(follows)
}

/// Whether the pattern matches the action; actions are case-insensitive.
#[must_use]
pub fn matches_action(pattern: &str, action: &str) -> bool {
    if pattern.len() > SHORT {
        return matches(&pattern.to_ascii_lowercase(), &action.to_ascii_lowercase());
    }
    meets(pattern.as_bytes(), action.as_bytes(), |p, t| p.eq_ignore_ascii_case(&t) || p == b'?')
}

/// Whether everything that the second pattern matches, the first matches too. May say no where it is yes
/// (where several wildcards of the first share the work), never yes where it is no: the second pattern's
/// wildcards are taken as characters that only wildcards match, and its `*` as one that only `*` does.
#[must_use]
pub fn covers(wider: &str, narrower: &str) -> bool {
    const RUN: u8 = 1;
    const ONE: u8 = 2;
    let taken: Vec<u8> = wildcards_in_order(narrower)
        .into_iter()
        .map(|byte| match byte {
            b'*' => RUN,
            b'?' => ONE,
            other => other,
        })
        .collect();
    meets(&wildcards_in_order(wider), &taken, |w, n| w == n || w == b'?' && n != RUN)
}

/// The same pattern with every `*?` written as `?*`.
fn wildcards_in_order(pattern: &str) -> Vec<u8> {
    let mut bytes = pattern.as_bytes().to_vec();
    for wildcards in bytes.chunk_by_mut(|a, b| matches!((a, b), (b'*' | b'?', b'*' | b'?'))) {
        wildcards.sort_unstable_by_key(|byte| *byte == b'*');
    }
    bytes
}

/// Whether a pattern covers every ARN, in one partition at least, that is so after its partition. Documents do not
/// name partitions other than their own: IAM refuses them.
#[must_use]
pub fn covers_arns(wider: &str, narrower: &str) -> bool {
    let after_partition = wider.strip_prefix("arn:").and_then(|rest| rest.split_once(':'));
    covers(wider, &format!("arn:aws:{narrower}"))
        || after_partition.is_some_and(|(_, rest)| covers(rest, narrower))
}

/// The ARN, given from after its partition, in every partition of AWS.
pub fn in_every_partition(rest: &str) -> impl Iterator<Item = String> {
    const PARTITIONS: [&str; 8] =
        ["aws", "aws-cn", "aws-us-gov", "aws-eusc", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f"];
    PARTITIONS.iter().map(move |partition| format!("arn:{partition}:{rest}"))
}

/// [`covers`] for actions, which are case-insensitive.
#[must_use]
pub fn covers_action(wider: &str, narrower: &str) -> bool {
    covers(&wider.to_ascii_lowercase(), &narrower.to_ascii_lowercase())
}

/// Whether there is a text that both patterns match.
#[must_use]
pub fn overlap(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let same = |x: u8, y: u8| x == y || x == b'?' || y == b'?';
    let stars = |pattern: &[u8]| pattern.contains(&b'*');
    match (stars(a), stars(b)) {
        // What is between the outermost `*` of the one stands in a `*` of the other: ends decide.
        (true, true) => {
            let before = |it: &u8| *it != b'*';
            let starts = a.iter().take_while(|it| before(it)).zip(b.iter().take_while(|it| before(it)));
            let ends =
                a.iter().rev().take_while(|it| before(it)).zip(b.iter().rev().take_while(|it| before(it)));
            starts.chain(ends).all(|(x, y)| same(*x, *y))
        }
        (true, false) => meets(a, b, same),
        (false, _) => meets(b, a, same),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition, word by word.
    fn obviously_matches(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some((b'*', rest)), _) => {
                obviously_matches(rest, text) || !text.is_empty() && obviously_matches(pattern, &text[1..])
            }
            (Some((p, rest)), Some((t, tail))) => (*p == b'?' || p == t) && obviously_matches(rest, tail),
            _ => false,
        }
    }

    fn texts() -> Vec<String> {
        let mut texts = vec![String::new()];
        for length in 0..5 {
            let longer: Vec<_> = texts.iter().filter(|text| text.len() == length).cloned().collect();
            texts.extend(longer.iter().flat_map(|text| ['a', 'b'].map(|c| format!("{text}{c}"))));
        }
        texts
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn matches_as_defined(pattern in "[ab*?]{0,6}", text in "[ab]{0,8}") {
            prop_assert_eq!(matches(&pattern, &text), obviously_matches(pattern.as_bytes(), text.as_bytes()));
        }

        /// What is long is searched for otherwise.
        #[test]
        fn long_patterns_match_as_short_ones_do(pattern in "[ab*]{0,6}", text in "[ab?]{0,8}") {
            let long = |text: &str| {
                text.replace('a', &("a".to_owned() + &"-".repeat(SHORT))).replace('b', &("B".to_owned() + &"-".repeat(SHORT)))
            };
            prop_assert_eq!(matches(&long(&pattern), &long(&text)), matches(&pattern, &text));
            let lower = long(&text).to_ascii_lowercase();
            prop_assert_eq!(matches_action(&long(&pattern), &lower), matches(&pattern, &text));
            prop_assert_eq!(covers(&long(&pattern), &long(&text)), covers(&pattern, &text));
        }

        #[test]
        fn never_claims_to_cover_what_it_does_not(wider in "[ab*?]{0,5}", narrower in "[ab*?]{0,5}") {
            if covers(&wider, &narrower) {
                for text in texts().iter().filter(|text| matches(&narrower, text)) {
                    prop_assert!(matches(&wider, text), "{} covers {} but not {}", wider, narrower, text);
                }
            }
        }

        #[test]
        fn overlaps_when_some_text_matches_both(a in "[ab*?]{0,4}", b in "[ab*?]{0,4}") {
            let both = texts().iter().any(|text| matches(&a, text) && matches(&b, text));
            prop_assert!(!both || overlap(&a, &b));
            // The other way round only for texts as short as the ones tried.
            if !both && a.len() + b.len() <= 5 {
                prop_assert!(!overlap(&a, &b), "{} and {}", a, b);
            }
        }
    }

    #[test]
    fn covers_plain_cases() {
        for (wider, narrower) in
            [("*", "s3:*"), ("s3:*", "s3:Get*"), ("arn:*", "arn:aws:s3:::b/*"), ("a?", "aa"), ("?*", "*?")]
        {
            assert!(covers(wider, narrower), "{wider} {narrower}");
        }
        for (wider, narrower) in
            [("s3:Get*", "s3:*"), ("?", "*"), ("a*b", "a*"), ("*:*", "*"), ("*a??", "aba*")]
        {
            assert!(!covers(wider, narrower), "{wider} {narrower}");
        }
    }

    #[test]
    fn covers_arns_of_every_partition() {
        for (wider, narrower) in [
            ("*", "*:*:*:*"),
            ("arn:*", "*:*:*:*"),
            ("arn:aws-cn:*", "*:*:*:*"),
            ("arn:aws-us-gov:iam::*:role/*", "iam::x:role/*"),
            ("arn:*:iam::*", "iam::x:role/*"),
        ] {
            assert!(covers_arns(wider, narrower), "{wider} {narrower}");
        }
        for (wider, narrower) in
            [("arn:aws-cn:s3:*", "*:*:*:*"), ("arn:aws-cn", "*:*:*:*"), ("s3:*", "s3:::*")]
        {
            assert!(!covers_arns(wider, narrower), "{wider} {narrower}");
        }
    }

    #[test]
    fn long_hostile_patterns_end() {
        assert!(!matches(&"*a".repeat(1000), &"a".repeat(900)));
    }
}
