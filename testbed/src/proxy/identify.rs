//! Which operation a request is, the way AWS itself tells: the credential scope of its signature names service
//! and region, and a header, a form field or the path names the operation.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::HeaderMap;
use percent_encoding::percent_decode_str;

use super::operations;

/// What was asked, where.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Call {
    /// The name with which requests to the service are signed (`iam`, `ec2`, `access-analyzer`, …); `s3control`,
    /// `apigatewayv2` and `cloudwatch`, which sign with another, under their own names.
    pub service: String,
    /// The operation's name in AWS's API reference, or `METHOD /path` when the operation isn't known.
    pub operation: String,
    /// The region of the signature.
    pub region: String,
    /// The account whose credentials signed, when the key id tells.
    pub account: Option<String>,
}

impl fmt::Display for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{} in {}", self.service, self.operation, self.region)
    }
}

/// How a service writes requests and answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Form fields in, XML out, EC2's way of writing it.
    Ec2,
    /// Form fields in, XML out.
    Query,
    /// JSON with the operation in `X-Amz-Target`.
    Json,
    /// JSON with the operation in method and path.
    RestJson,
    /// XML with the operation in method and path.
    RestXml,
    /// The same as S3 does it.
    S3,
    /// CBOR with the operation in the path.
    Cbor,
}

/// A request, understood.
#[derive(Clone, Debug)]
pub struct Request {
    /// What was asked.
    pub call: Call,
    /// How an answer has to be written.
    pub protocol: Protocol,
    /// The parameters: form fields, query, or the top level of a JSON body.
    pub parameters: BTreeMap<String, String>,
}

/// Understands a request.
pub fn identify(method: &str, path: &str, query: &str, headers: &HeaderMap, body: &[u8]) -> Request {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
    let scope = scope(header("authorization"), query);
    let mut parameters: BTreeMap<String, String> =
        form_urlencoded::parse(query.as_bytes()).map(|(key, value)| (key.into(), value.into())).collect();
    let call = |service: &str, operation: &str| Call {
        service: service.to_owned(),
        operation: operation.to_owned(),
        region: scope.region.to_owned(),
        account: account_of_key(scope.key),
    };

    if let Some((_, operation)) = header("x-amz-target").rsplit_once('.') {
        parameters.extend(json_parameters(body));
        return Request { call: call(scope.service, operation), protocol: Protocol::Json, parameters };
    }
    if let Some((_, operation)) = path.split_once("/operation/").filter(|_| path.starts_with("/service/")) {
        return Request { call: call(scope.service, operation), protocol: Protocol::Cbor, parameters };
    }
    if header("content-type").starts_with("application/x-www-form-urlencoded") {
        parameters.extend(form_urlencoded::parse(body).map(|(key, value)| (key.into(), value.into())));
    }
    if let Some(operation) = parameters.get("Action").cloned() {
        let service = match scope.service {
            "" if operation.starts_with("AssumeRole") => "sts",
            // Two generations answer on one endpoint, and tell themselves apart by their API's version.
            "elasticloadbalancing" if parameters.get("Version").is_some_and(|it| it == "2012-06-01") => {
                "elasticloadbalancing-classic"
            }
            service => service,
        };
        let protocol = if service == "ec2" { Protocol::Ec2 } else { Protocol::Query };
        return Request { call: call(service, &operation), protocol, parameters };
    }

    let (service, path) = rest(scope.service, path, header("host"));
    let protocol = match service {
        "s3" => Protocol::S3,
        "s3control" | "cloudfront" | "route53" => Protocol::RestXml,
        _ => Protocol::RestJson,
    };
    if protocol == Protocol::RestJson {
        parameters.extend(json_parameters(body));
    }
    let operation = match parameters.get("x-id") {
        Some(operation) => operation.clone(),
        None => operations::find(service, method, &path, &parameters)
            .map_or_else(|| format!("{method} {path}"), str::to_owned),
    };
    Request { call: call(service, &operation), protocol, parameters }
}

/// The access key with which the request was signed; empty where it was not.
pub(crate) fn key(headers: &HeaderMap) -> &str {
    let authorization = headers.get("authorization").and_then(|value| value.to_str().ok());
    scope(authorization.unwrap_or(""), "").key
}

struct Scope<'a> {
    key: &'a str,
    region: &'a str,
    service: &'a str,
}

/// `Credential=KEY/DATE/REGION/SERVICE/aws4_request`, from the header or from a presigned query.
fn scope<'a>(authorization: &'a str, query: &'a str) -> Scope<'a> {
    let credential = match authorization.split_once("Credential=") {
        Some((_, rest)) => rest.split(',').next().unwrap_or(""),
        None => query.split('&').find_map(|field| field.strip_prefix("X-Amz-Credential=")).unwrap_or(""),
    };
    let mut parts = credential.split('/').flat_map(|part| part.split("%2F"));
    let key = parts.next().unwrap_or("");
    let region = parts.nth(1).unwrap_or("");
    let service = match parts.next().unwrap_or("") {
        "monitoring" => "cloudwatch",
        service => service,
    };
    Scope { key, region, service }
}

/// The service and path of a REST request: S3 Control and API Gateway's second version sign as their elder
/// siblings, and a bucket may come in the host name.
fn rest<'a>(service: &'a str, path: &str, host: &str) -> (&'a str, String) {
    match service {
        "s3" if path.starts_with("/v20180820/") => ("s3control", path.to_owned()),
        "apigateway" if path.starts_with("/v2/") => ("apigatewayv2", path.to_owned()),
        "s3" => match host.split(':').next().unwrap_or("").strip_suffix(".localhost") {
            Some(bucket) => (service, format!("/{bucket}{path}")),
            None => (service, path.to_owned()),
        },
        _ => (service, path.to_owned()),
    }
}

fn json_parameters(body: &[u8]) -> Vec<(String, String)> {
    let Ok(serde_json::Value::Object(fields)) = serde_json::from_slice(body) else { return Vec::new() };
    let text = |value| match value {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    };
    fields.into_iter().map(|(key, value)| (key, text(value))).collect()
}

/// AWS writes the account into every access key id: 40 bits in base 32 after the four letters, and the last
/// bit of the account in the half of the alphabet from which the next letter comes.
fn account_of_key(key: &str) -> Option<String> {
    let coded = key.get(4..12)?;
    let bytes = base32(coded)?;
    let half = bytes.checked_sub(1 << 39)?;
    let odd = matches!(key.as_bytes().get(12)?, b'Q'..=b'Z' | b'2'..=b'7');
    Some(format!("{:012}", half * 2 + u64::from(odd)))
}

fn base32(text: &str) -> Option<u64> {
    text.bytes().try_fold(0, |number, byte| {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'2'..=b'7' => byte - b'2' + 26,
            _ => return None,
        };
        Some(number << 5 | u64::from(digit))
    })
}

/// A path segment without its percent signs.
pub(crate) fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Base 64 as AWS writes it.
pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=ASIAWO645SY5KUOZOFKI/20260101/eu-west-1/SERVICE/aws4_request, \
                          SignedHeaders=host, Signature=0";

    fn ask(service: &str, line: &str, headers: &[(&'static str, &str)], body: &str) -> Request {
        let (method, uri) = line.split_once(' ').unwrap();
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let mut map = HeaderMap::new();
        map.insert("authorization", SIGNED.replace("SERVICE", service).parse().unwrap());
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        identify(method, path, query, &map, body.as_bytes())
    }

    fn named(request: &Request) -> String {
        format!("{:?} {}:{}", request.protocol, request.call.service, request.call.operation)
    }

    #[test]
    fn every_protocol_is_understood() {
        let form = ("content-type", "application/x-www-form-urlencoded");
        let ec2 = ask("ec2", "POST /", &[form], "Action=DescribeVpcs&Version=2016-11-15&MaxResults=5");
        assert_eq!(named(&ec2), "Ec2 ec2:DescribeVpcs");
        assert_eq!(ec2.call.region, "eu-west-1");
        assert_eq!(ec2.call.account.as_deref(), Some("444455556666"));
        assert_eq!(ec2.parameters["MaxResults"], "5");
        assert_eq!(named(&ask("iam", "POST /", &[form], "Action=ListUsers")), "Query iam:ListUsers");

        let target = ("x-amz-target", "StarlingDoveService.DescribeConfigurationRecorders");
        let config = ask("config", "POST /", &[target], r#"{"Name":"x","Limit":3}"#);
        assert_eq!(named(&config), "Json config:DescribeConfigurationRecorders");
        assert_eq!((&*config.parameters["Name"], &*config.parameters["Limit"]), ("x", "3"));

        for (service, line, expected) in [
            ("s3", "GET /", "S3 s3:ListBuckets"),
            ("s3", "GET /?x-id=ListBuckets&max-buckets=1000", "S3 s3:ListBuckets"),
            ("s3", "GET /a.bucket?policy", "S3 s3:GetBucketPolicy"),
            ("s3", "GET /bucket/?policy=&x=1", "S3 s3:GetBucketPolicy"),
            ("s3", "GET /bucket?policyStatus", "S3 s3:GetBucketPolicyStatus"),
            ("s3", "GET /bucket?publicAccessBlock", "S3 s3:GetPublicAccessBlock"),
            ("s3", "GET /bucket?acl", "S3 s3:GetBucketAcl"),
            ("s3", "GET /bucket/some/key?acl", "S3 s3:GetObjectAcl"),
            ("s3", "GET /bucket/some/key", "S3 s3:GetObject"),
            ("s3", "GET /bucket?list-type=2&prefix=x", "S3 s3:ListObjectsV2"),
            ("s3", "GET /bucket", "S3 s3:ListObjects"),
            ("s3", "PUT /bucket", "S3 s3:CreateBucket"),
            (
                "s3",
                "GET /v20180820/configuration/publicAccessBlock",
                "RestXml s3control:GetPublicAccessBlock",
            ),
            (
                "s3",
                "GET /v20180820/accesspoint/name/policyStatus",
                "RestXml s3control:GetAccessPointPolicyStatus",
            ),
            ("account", "POST /getAlternateContact", "RestJson account:GetAlternateContact"),
            ("guardduty", "GET /detector?maxResults=50", "RestJson guardduty:ListDetectors"),
            ("guardduty", "GET /detector/12abc", "RestJson guardduty:GetDetector"),
            ("access-analyzer", "GET /analyzer", "RestJson access-analyzer:ListAnalyzers"),
            ("lambda", "GET /2015-03-31/functions", "RestJson lambda:ListFunctions"),
            ("lambda", "GET /2015-03-31/functions/", "RestJson lambda:ListFunctions"),
            ("lambda", "GET /2015-03-31/functions/f%3A1/policy", "RestJson lambda:GetPolicy"),
            ("apigateway", "GET /restapis/id/stages", "RestJson apigateway:GetStages"),
            ("apigateway", "GET /v2/apis", "RestJson apigatewayv2:GetApis"),
            (
                "monitoring",
                "POST /service/GraniteServiceVersion20100801/operation/DescribeAlarms",
                "Cbor cloudwatch:DescribeAlarms",
            ),
            ("nothing", "GET /x", "RestJson nothing:GET /x"),
        ] {
            assert_eq!(named(&ask(service, line, &[], "")), expected, "{service} {line}");
        }
        let host = ask("s3", "GET /?policy", &[("host", "bucket.localhost:5000")], "");
        assert_eq!(named(&host), "S3 s3:GetBucketPolicy");
    }

    #[test]
    fn unsigned_requests_have_no_service() {
        let request = identify("GET", "/x", "", &HeaderMap::new(), b"");
        assert_eq!((&*request.call.service, &*request.call.region, request.call.account), ("", "", None));
    }
}
