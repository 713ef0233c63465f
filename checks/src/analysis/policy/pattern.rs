//! Patterns of policies: `*` is any run of characters, `?` is one.

/// Whether the pattern matches the text. Takes time in the product of the lengths at worst: patterns are
/// hostile input too.
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    matches_bytes(pattern.as_bytes(), text.as_bytes(), |a, b| a == b, |_| true)
}

/// Whether the pattern matches the text, where letters may count as the same and `?` stands only for some.
fn matches_bytes(
    pattern: &[u8],
    text: &[u8],
    same: impl Fn(u8, u8) -> bool,
    one: impl Fn(u8) -> bool,
) -> bool {
    let (mut p, mut t) = (0, 0);
    // Where the last `*` stood, and how far its run reached.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if p < pattern.len() && pattern[p] == b'*' {
            star = Some((p, t));
            p += 1;
        } else if p < pattern.len() && (pattern[p] == b'?' && one(text[t]) || same(pattern[p], text[t])) {
            p += 1;
            t += 1;
        } else if let Some((at, reached)) = star {
            star = Some((at, reached + 1));
            p = at + 1;
            t = reached + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

/// Whether the pattern matches the action; actions are case-insensitive.
#[must_use]
pub fn matches_action(pattern: &str, action: &str) -> bool {
    matches_bytes(pattern.as_bytes(), action.as_bytes(), |a, b| a.eq_ignore_ascii_case(&b), |_| true)
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
    matches_bytes(&wildcards_in_order(wider), &taken, |a, b| a == b, |byte| byte != RUN)
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
    // `reachable[j]`: some text is matched by the first `i` characters of `a` and the first `j` of `b`.
    let mut reachable = vec![false; b.len() + 1];
    reachable[0] = true;
    for j in 0..b.len() {
        reachable[j + 1] = reachable[j] && b[j] == b'*';
    }
    for &x in a {
        let mut next = vec![false; b.len() + 1];
        next[0] = reachable[0] && x == b'*';
        for j in 0..b.len() {
            let y = b[j];
            next[j + 1] = if x == b'*' || y == b'*' {
                reachable[j] || reachable[j + 1] || next[j]
            } else {
                reachable[j] && (x == y || x == b'?' || y == b'?')
            };
        }
        reachable = next;
    }
    reachable[b.len()]
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
