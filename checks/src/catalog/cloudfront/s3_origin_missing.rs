use super::each_enabled;
use crate::{
    analysis::cloudfront::{own_bucket, s3_endpoint},
    check::Check,
    finding::{Severity, Verdict},
    gap::{self, NotJudged},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "cloudfront-s3-origin-missing",
    severity: Severity::Critical,
    sources: &[Source::CloudFrontDistributions, Source::S3Buckets],
    run: |cx| {
        each_enabled(cx, |cx, distribution| {
            let s3 = &cx.snapshot.s3;
            let buckets = s3.buckets.get()?;
            let endpoints = distribution.origins.iter().filter_map(|origin| s3_endpoint(&origin.domain_name));
            let names: Vec<_> = endpoints.filter_map(|endpoint| endpoint.bucket).collect();
            if names.is_empty() {
                return Err(NotJudged::NotApplicable);
            }
            let foreign = names.into_iter().filter(|name| own_bucket(buckets, name).is_none());
            let missing = gap::find(foreign.map(|name| {
                let exists = *s3.foreign_buckets.of(name)?;
                Ok((!exists).then_some(name))
            }))?;
            Ok(missing.map_or_else(Verdict::pass, |name| Verdict::fail().with("bucket", name)))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{with_custom_origin, with_distribution},
        CHECK,
    };
    use crate::{
        snapshot::Snapshot,
        testing::{fails, passes, read, silent},
    };

    fn with_origin_bucket(exists: bool) -> Snapshot {
        let mut account = with_distribution(|_| ());
        account.s3.buckets = read(vec![]);
        account.s3.foreign_buckets = read([("assets".to_owned(), read(exists))].into());
        account
    }

    #[test]
    fn fails_when_nobody_has_it() {
        fails(&CHECK, &with_origin_bucket(false));
    }

    #[test]
    fn passes_when_somebody_does() {
        passes(&CHECK, &with_origin_bucket(true));
        passes(&CHECK, &with_distribution(|_| ()));
    }

    #[test]
    fn says_nothing_of_other_origins() {
        silent(&CHECK, &with_custom_origin("www.example.com", "https-only", &[]));
        let access_point = "mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com";
        silent(&CHECK, &with_distribution(|d| d.origins[0].domain_name = access_point.into()));
    }
}
