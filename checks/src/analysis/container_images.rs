//! Which of a container repository's entries is its newest image. Indexes, signatures, attestations and charts
//! are entries too, and none of them can be scanned.

use jiff::{SignedDuration, Timestamp};

use crate::snapshot::ecr::Image;

/// An entry of a repository, as ECR describes it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entry {
    /// `sha256:…`
    pub digest: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// When it was pushed.
    pub pushed: Option<Timestamp>,
    /// Media type of its manifest.
    pub manifest: Option<String>,
    /// Media type of what it is; an index has none.
    pub artifact: Option<String>,
    /// It says something of another entry: a signature, an attestation.
    pub is_referrer: bool,
}

/// Media types of manifests that list the images of several platforms.
const INDEXES: [&str; 2] =
    ["application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"];
/// Media types of what can be run; all else (charts, build caches, bills of materials) is stored here only.
const RUNNABLE: [&str; 2] =
    ["application/vnd.docker.container.image.v1+json", "application/vnd.oci.image.config.v1+json"];
/// An index is pushed right after the images that it lists.
const PUSHED_TOGETHER: SignedDuration = SignedDuration::from_mins(10);

impl Entry {
    fn is_index(&self) -> bool {
        self.manifest.as_deref().is_some_and(|kind| INDEXES.contains(&kind))
    }

    /// An image, or an index of images.
    fn is_image(&self) -> bool {
        let runnable = self.artifact.as_deref().is_none_or(|kind| RUNNABLE.contains(&kind));
        let signature = !self.tags.is_empty() && self.tags.iter().all(|tag| is_cosign(tag));
        runnable && !signature && !self.is_referrer
    }
}

/// Cosign keeps what it says of an image under a tag made of the image's digest: `sha256-….sig`.
fn is_cosign(tag: &str) -> bool {
    let Some(rest) = tag.strip_prefix("sha256-") else { return false };
    let (digest, kind) = rest.split_once('.').unwrap_or((rest, ""));
    digest.len() == 64
        && digest.bytes().all(|byte| byte.is_ascii_hexdigit())
        && ["", "sig", "att", "sbom"].contains(&kind)
}

/// The image that was tagged last, or without any tag, pushed last. Which images an index lists stands in its
/// manifest, and reading that counts as a pull, which lifecycle policies go by: they are recognized by their time.
#[must_use]
pub fn newest(entries: &[Entry]) -> Option<Image> {
    let images = || entries.iter().filter(|entry| entry.is_image());
    let newest = images().max_by_key(|entry| (!entry.tags.is_empty(), entry.pushed, &entry.digest))?;
    let mut platforms: Vec<String> = if newest.is_index() {
        let together = |entry: &&Entry| {
            let times = entry.pushed.zip(newest.pushed);
            times.is_some_and(|(entry, index)| {
                (SignedDuration::ZERO..=PUSHED_TOGETHER).contains(&index.duration_since(entry))
            })
        };
        let listed = images().filter(|entry| !entry.is_index()).filter(together);
        listed.map(|entry| entry.digest.clone()).collect()
    } else {
        vec![newest.digest.clone()]
    };
    platforms.sort();
    Some(Image { digest: newest.digest.clone(), tags: newest.tags.clone(), pushed: newest.pushed, platforms })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::now;

    const OCI: &str = "application/vnd.oci.image.manifest.v1+json";

    fn entry(digest: &str, tags: &[&str], minutes_ago: i64) -> Entry {
        Entry {
            digest: digest.into(),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            pushed: Some(now() - SignedDuration::from_mins(minutes_ago)),
            manifest: Some(OCI.into()),
            artifact: Some(RUNNABLE[1].into()),
            is_referrer: false,
        }
    }

    fn index(digest: &str, tags: &[&str], minutes_ago: i64) -> Entry {
        Entry { manifest: Some(INDEXES[0].into()), artifact: None, ..entry(digest, tags, minutes_ago) }
    }

    fn digests(entries: &[Entry]) -> Option<(String, Vec<String>)> {
        newest(entries).map(|image| (image.digest, image.platforms))
    }

    #[test]
    fn an_image_is_its_own_platform() {
        let found = digests(&[entry("old", &["v1"], 60), entry("new", &["v2"], 5), entry("cut", &[], 1)]);
        assert_eq!(found, Some(("new".into(), vec!["new".into()])));
        assert_eq!(digests(&[entry("a", &[], 2), entry("b", &[], 1)]).unwrap().0, "b");
        assert_eq!(digests(&[]), None);
    }

    #[test]
    fn an_index_is_the_images_pushed_with_it() {
        let found = digests(&[
            entry("before", &["v1"], 60),
            entry("arm64", &[], 7),
            entry("amd64", &["v2-amd64"], 6),
            index("index", &["v2"], 5),
            entry("after", &[], 4),
        ]);
        assert_eq!(found, Some(("index".into(), vec!["amd64".into(), "arm64".into()])));
        assert_eq!(digests(&[index("alone", &["v1"], 5)]), Some(("alone".into(), vec![])));
    }

    #[test]
    fn what_cannot_be_run_is_no_image() {
        let signature = format!("sha256-{}.sig", "0a".repeat(32));
        let kind = |artifact: &str| Entry { artifact: Some(artifact.into()), ..entry("other", &["v9"], 1) };
        for other in [
            entry("other", &[&signature], 1),
            entry("other", &[signature.trim_end_matches(".sig")], 1),
            Entry { is_referrer: true, ..entry("other", &["v9"], 1) },
            kind("application/vnd.cncf.helm.config.v1+json"),
            kind("application/vnd.buildkit.cacheconfig.v0"),
        ] {
            let found = digests(&[entry("image", &["v1"], 60), other.clone()]);
            assert_eq!(found.expect("an image").0, "image");
            assert_eq!(digests(&[other]), None);
        }
        assert_eq!(
            digests(&[entry("image", &["v1"], 60), entry("fix", &["sha256-fix"], 1)]).unwrap().0,
            "fix"
        );
    }
}
