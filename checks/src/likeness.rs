//! Names that were mistyped: what was meant.

/// Names that are less like each other (Jaro–Winkler similarity, 0 to 1) are no slip of the finger.
const LIKE: f64 = 0.8;

/// The known name that is most like one of those written; none where none is like it. Of several that are equally like it,
/// the first by name: reports must not depend on an order.
pub fn nearest<'w, 'k>(
    written: impl IntoIterator<Item = &'w str>,
    known: impl IntoIterator<Item = &'k str, IntoIter: Clone>,
) -> Option<&'k str> {
    let known = known.into_iter();
    let likeness = written
        .into_iter()
        .flat_map(|written| known.clone().map(move |known| (strsim::jaro_winkler(written, known), known)));
    let like = likeness.filter(|(likeness, _)| *likeness > LIKE);
    like.max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1))).map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_nearest_is_like_it_or_none_is() {
        let known = ["iam-root-mfa", "iam-user-mfa", "ebs-default-encryption"];
        assert_eq!(nearest(["iam-root-mfaa"], known), Some("iam-root-mfa"));
        assert_eq!(nearest(["nothing", "ebs-default-encrypton"], known), Some("ebs-default-encryption"));
        assert_eq!(nearest(["xyz"], known), None);
        assert_eq!(nearest(["s3"], ["s3x", "s3a"]), Some("s3a"), "whatever their order");
    }
}
