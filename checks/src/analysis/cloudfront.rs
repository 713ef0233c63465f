//! Where the origins of a distribution really are: buckets, load balancers and instances of the account.

use crate::{
    gap::{self, NotJudged},
    snapshot::{
        Region, Snapshot,
        cloudfront::{CacheBehavior, Distribution, Origin},
        ec2::Instance,
        elb::{ClassicLoadBalancer, LoadBalancer},
        s3::Bucket,
    },
};

/// An endpoint of an S3 bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct S3Endpoint<'a> {
    /// The bucket; none where an access point stands before it, whose name says nothing of the bucket.
    pub bucket: Option<&'a str>,
    /// It is the website endpoint, which speaks HTTP and cannot distinguish CloudFront from anybody.
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
/// domain that points to one is not recognized without asking DNS.
///
/// # Errors
/// When the name is that of a server in a region whose servers could not be read.
pub fn server<'a>(
    snapshot: &'a Snapshot,
    origin: &Origin,
) -> Result<Option<(&'a str, &'a Region, Server<'a>)>, NotJudged> {
    let domain = origin.domain_name.trim_end_matches('.').to_ascii_lowercase();
    let domain = domain.strip_prefix("dualstack.").unwrap_or(&domain);
    let is = |name: &str| name.eq_ignore_ascii_case(domain);
    let Some((kind, region)) = server_name(domain) else { return Ok(None) };
    let Some((name, region)) = snapshot.regions.get_key_value(region) else { return Ok(None) };
    let server = match kind {
        ServerName::Instance => {
            let is_it = |instance: &&Instance| instance.public_dns.as_deref().is_some_and(is);
            region.ec2.instances.get()?.iter().find(is_it).map(Server::Instance)
        }
        ServerName::LoadBalancer => {
            let balancers = region.elb.load_balancers.get();
            let balancer = balancers.map(|all| all.iter().find(|balancer| is(&balancer.dns_name)));
            let classics = region.elb.classic_load_balancers.get();
            let classic = classics.map(|all| all.iter().find(|balancer| is(&balancer.dns_name)));
            gap::find([
                balancer.map(|found| found.map(Server::LoadBalancer)),
                classic.map(|found| found.map(Server::Classic)),
            ])?
        }
    };
    Ok(server.map(|server| (name.as_str(), region, server)))
}

enum ServerName {
    LoadBalancer,
    Instance,
}

/// What a name that AWS gives to servers is of, and in which region: `NAME.REGION.elb.amazonaws.com`, for
/// Network Load Balancers `NAME.elb.REGION.amazonaws.com`, and `NAME.REGION.compute.amazonaws.com`, which is
/// `NAME.compute-1.amazonaws.com` in us-east-1.
fn server_name(domain: &str) -> Option<(ServerName, &str)> {
    let host = domain.strip_suffix(".amazonaws.com").or_else(|| domain.strip_suffix(".amazonaws.com.cn"))?;
    match host.split('.').collect::<Vec<_>>().as_slice() {
        [_, region, "elb"] | [_, "elb", region] => Some((ServerName::LoadBalancer, region)),
        [_, region, "compute"] => Some((ServerName::Instance, region)),
        [_, "compute-1"] => Some((ServerName::Instance, "us-east-1")),
        _ => None,
    }
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
        && (custom.protocol_policy == "http-only" || allows_http(distribution, origin));
    let https = custom.protocol_policy != "http-only";
    let ports = [http.then(|| port(custom.http_port)), https.then(|| port(custom.https_port))];
    ports.into_iter().flatten().flatten().collect()
}

/// Whether some viewer's request that CloudFront passes to the origin may be HTTP.
#[must_use]
pub fn allows_http(distribution: &Distribution, origin: &Origin) -> bool {
    // The id of a group of origins is none of an origin: it may be any.
    let asks = |behavior: &CacheBehavior| {
        behavior.target_origin == origin.id
            || !distribution.origins.iter().any(|other| other.id == behavior.target_origin)
    };
    let mut behaviors = distribution.behaviors.iter();
    behaviors.any(|behavior| behavior.viewer_protocol_policy == "allow-all" && asks(behavior))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_servers_from_domains() {
        for (domain, region) in [
            ("web-1.eu-west-1.elb.amazonaws.com", Some("eu-west-1")),
            ("web-0123456789abcdef.elb.eu-west-1.amazonaws.com", Some("eu-west-1")),
            ("web-1.cn-north-1.elb.amazonaws.com.cn", Some("cn-north-1")),
            ("ec2-198-51-100-7.eu-west-1.compute.amazonaws.com", Some("eu-west-1")),
            ("ec2-198-51-100-7.compute-1.amazonaws.com", Some("us-east-1")),
            ("assets.s3.eu-west-1.amazonaws.com", None),
            ("a1b2c3.execute-api.eu-west-1.amazonaws.com", None),
            ("www.example.com", None),
        ] {
            assert_eq!(server_name(domain).map(|(_, region)| region), region, "{domain}");
        }
    }

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
