//! CloudFront.

mod custom_origin_exposed;
mod default_root_object;
mod logging;
mod origin_http;
mod origin_tls;
mod s3_origin_missing;
mod s3_origin_no_oac;
mod s3_origin_public;
mod s3_website_origin;
mod viewer_http;
mod viewer_tls;
mod waf;

super::checks! {
    custom_origin_exposed
    default_root_object
    logging
    origin_http
    origin_tls
    s3_origin_missing
    s3_origin_no_oac
    s3_origin_public
    s3_website_origin
    viewer_http
    viewer_tls
    waf
}

use crate::{
    check::Context,
    finding::Judgement,
    snapshot::cloudfront::{Distribution, Origin},
};

/// Judges the distributions that answer requests.
fn each_enabled<'a>(cx: &mut Context<'a>, judge: impl Fn(&Context<'a>, &'a Distribution) -> Judgement) {
    let distributions = cx.snapshot.cloudfront.distributions.get();
    cx.each(distributions.map(|all| all.iter().filter(|distribution| distribution.enabled)), judge);
}

/// The ids of origins, as evidence.
fn ids<'a>(origins: impl IntoIterator<Item = &'a Origin>) -> Vec<&'a str> {
    origins.into_iter().map(|origin| origin.id.as_str()).collect()
}

#[cfg(test)]
mod testing {
    use crate::{
        snapshot::{
            Snapshot,
            cloudfront::{CacheBehavior, CustomOrigin, Distribution, Origin},
            s3::Bucket,
        },
        testing::{empty, read},
    };

    /// An account with a well kept distribution before bucket `assets`, changed.
    pub(super) fn with_distribution(change: impl FnOnce(&mut Distribution)) -> Snapshot {
        let mut distribution = Distribution {
            id: "E1".into(),
            arn: "arn:aws:cloudfront::111122223333:distribution/E1".into(),
            domain_name: "d1.cloudfront.net".into(),
            enabled: true,
            minimum_protocol_version: Some("TLSv1.2_2021".into()),
            behaviors: vec![CacheBehavior {
                path_pattern: "*".into(),
                viewer_protocol_policy: "redirect-to-https".into(),
                target_origin: "assets".into(),
                realtime_logs: false,
            }],
            origins: vec![Origin {
                id: "assets".into(),
                domain_name: "assets.s3.eu-west-1.amazonaws.com".into(),
                origin_access_control: Some("E2".into()),
                ..Origin::default()
            }],
            ..Distribution::default()
        };
        change(&mut distribution);
        let mut account = empty();
        account.cloudfront.distributions = read(vec![distribution]);
        account.cloudfront.origin_access_controls = read([("E2".into(), "always".into())].into());
        account.s3.buckets = read(vec![Bucket { name: "assets".into(), ..Bucket::default() }]);
        account
    }

    /// The same with a custom origin in place of the bucket.
    pub(super) fn with_custom_origin(domain: &str, protocol_policy: &str, ssl: &[&str]) -> Snapshot {
        with_distribution(|distribution| {
            distribution.origins = vec![Origin {
                id: "web".into(),
                domain_name: domain.into(),
                custom: Some(CustomOrigin {
                    protocol_policy: protocol_policy.into(),
                    http_port: 80,
                    https_port: 443,
                    ssl_protocols: ssl.iter().map(|protocol| (*protocol).to_owned()).collect(),
                }),
                ..Origin::default()
            }];
        })
    }
}
