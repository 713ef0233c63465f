//! Where the origins of a distribution really are: buckets, load balancers and instances of the account.

use crate::snapshot::{
    Region, Snapshot,
    cloudfront::{Distribution, Origin},
    ec2::Instance,
    elb::{ClassicLoadBalancer, LoadBalancer},
    s3::Bucket,
};

/// An endpoint of an S3 bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct S3Endpoint<'a> {
    /// The bucket; none where an access point stands before it, whose name tells nothing of the bucket.
    pub bucket: Option<&'a str>,
    /// It is the website endpoint, which speaks HTTP and cannot tell CloudFront from anybody.
    pub is_website: bool,
}

/// The endpoint that a domain name is: `BUCKET.s3.REGION.amazonaws.com` with its older and dual-stack forms,
/// where an access point's alias or a Multi-Region Access Point may stand in the place of the bucket, and
/// `BUCKET.s3-website-REGION.amazonaws.com` (Amazon S3 endpoints, AWS General Reference). None for everything
/// else.
#[must_use]
pub fn s3_endpoint(domain: &str) -> Option<S3Endpoint<'_>> {
    let domain = domain.trim_end_matches('.');
    let host = domain.strip_suffix(".amazonaws.com").or_else(|| domain.strip_suffix(".amazonaws.com.cn"))?;
    // A bucket's name may hold dots, even `.s3`; the last mark is the service's.
    let at = host.rfind(".s3")?;
    let (bucket, service) = (&host[..at], &host[at + 1..]);
    let is_website = service.starts_with("s3-website-") || service.starts_with("s3-website.");
    let others = ["s3-accesspoint", "s3-object-lambda", "s3-outposts", "s3-control", "s3express"];
    let is_rest = service == "s3"
        || service.starts_with("s3.")
        || service.starts_with("s3-") && !others.iter().any(|other| service.starts_with(other));
    if bucket.is_empty() || !is_website && !is_rest {
        return None;
    }
    // Names that no bucket may have (S3 User Guide, "General purpose bucket naming rules").
    let reserved = ["-s3alias", "--ol-s3", ".mrap", "--x-s3"];
    let is_bucket = service != "s3-global" && !reserved.iter().any(|ending| bucket.ends_with(ending));
    Some(S3Endpoint { bucket: is_bucket.then_some(bucket), is_website })
}

/// Something of the account that answers for a custom origin.
#[derive(Clone, Copy, Debug)]
pub enum Server<'a> {
    /// An Application or Network Load Balancer.
    LoadBalancer(&'a LoadBalancer),
    /// A Classic Load Balancer.
    Classic(&'a ClassicLoadBalancer),
    /// An instance.
    Instance(&'a Instance),
}

/// The server of the account that the origin's domain name is of, with its region. A name of the user's own
/// domain that points to one cannot be told without asking DNS.
#[must_use]
pub fn server<'a>(snapshot: &'a Snapshot, origin: &Origin) -> Option<(&'a str, &'a Region, Server<'a>)> {
    let domain = origin.domain_name.trim_end_matches('.');
    let domain = domain.strip_prefix("dualstack.").unwrap_or(domain);
    let is = |name: &str| !name.is_empty() && name.eq_ignore_ascii_case(domain);
    snapshot.regions.iter().find_map(|(name, region)| {
        let balancers = region.elb.load_balancers.get().ok().into_iter().flatten();
        let mut balancers = balancers.filter(|balancer| is(&balancer.dns_name)).map(Server::LoadBalancer);
        let classic = region.elb.classic_load_balancers.get().ok().into_iter().flatten();
        let mut classic = classic.filter(|balancer| is(&balancer.dns_name)).map(Server::Classic);
        let instances = region.ec2.instances.get().ok().into_iter().flatten();
        let mut instances =
            instances.filter(|instance| instance.public_dns.as_deref().is_some_and(is)).map(Server::Instance);
        let server = balancers.next().or_else(|| classic.next()).or_else(|| instances.next())?;
        Some((name.as_str(), region, server))
    })
}

/// The account's bucket of that name.
#[must_use]
pub fn own_bucket<'a>(buckets: &'a [Bucket], name: &str) -> Option<&'a Bucket> {
    buckets.iter().find(|bucket| bucket.name == name)
}

/// The ports that CloudFront asks an origin on.
#[must_use]
pub fn ports(distribution: &Distribution, origin: &Origin) -> Vec<u16> {
    let Some(custom) = &origin.custom else { return Vec::new() };
    let port = |port: i32| u16::try_from(port).ok();
    let http = custom.protocol_policy != "https-only"
        && (custom.protocol_policy == "http-only" || allows_http(distribution));
    let https = custom.protocol_policy != "http-only";
    let ports = [http.then(|| port(custom.http_port)), https.then(|| port(custom.https_port))];
    ports.into_iter().flatten().flatten().collect()
}

/// Whether some viewer's request may be HTTP.
#[must_use]
pub fn allows_http(distribution: &Distribution) -> bool {
    distribution.behaviors.iter().any(|behavior| behavior.viewer_protocol_policy == "allow-all")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_buckets_from_domains() {
        let rest = |bucket| Some(S3Endpoint { bucket: Some(bucket), is_website: false });
        let website = |bucket| Some(S3Endpoint { bucket: Some(bucket), is_website: true });
        let access_point = Some(S3Endpoint { bucket: None, is_website: false });
        for (domain, expected) in [
            ("assets.s3.amazonaws.com", rest("assets")),
            ("assets.s3.eu-west-1.amazonaws.com", rest("assets")),
            ("assets.s3-eu-west-1.amazonaws.com", rest("assets")),
            ("assets.s3.dualstack.eu-west-1.amazonaws.com", rest("assets")),
            ("www.example.com.s3.amazonaws.com", rest("www.example.com")),
            ("a.s3.b.s3.eu-west-1.amazonaws.com", rest("a.s3.b")),
            ("assets.s3.cn-north-1.amazonaws.com.cn", rest("assets")),
            ("assets.s3-website-eu-west-1.amazonaws.com", website("assets")),
            ("assets.s3-website.eu-central-1.amazonaws.com", website("assets")),
            ("mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com", access_point),
            ("ap-hrzrlukc5m36ft7okagglf3gmwluquse1b-s3alias.s3.eu-west-1.amazonaws.com", access_point),
            ("lambda-1a4n8yjrb3kda96f67zwrwiiuse1a--ol-s3.s3.eu-west-1.amazonaws.com", access_point),
            ("ap-111122223333.s3-accesspoint.eu-west-1.amazonaws.com", None),
            ("s3.amazonaws.com", None),
            ("web-1.eu-west-1.elb.amazonaws.com", None),
            ("www.example.com", None),
        ] {
            assert_eq!(s3_endpoint(domain), expected, "{domain}");
        }
    }
}
