//! Makes good what the emulator is known to answer wrong (`EMULATORS.md` has the list). Each repair undoes one
//! difference from AWS that would make a test prove the wrong thing, and nothing more.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use hyper::body::Bytes;
use hyper::header::HeaderValue;
use hyper::{HeaderMap, Method, Uri};

use jiff::{SignedDuration, Timestamp};

use super::answers::{Answer, escape};
use super::identify::{Request, base64};
use super::server::Upstream;

/// The body to ask the emulator with.
pub(super) fn request(request: &Request, body: &Bytes) -> Bytes {
    let parameter = |name: &str| request.parameters.get(name).map(String::as_str);
    match (request.call.service.as_str(), request.call.operation.as_str()) {
        // Owners are ignored, and every account is shown the thousand snapshots behind Amazon's images.
        ("ec2", "DescribeSnapshots")
            if parameter("Owner.1") == Some("self") && parameter("Filter.1.Name").is_none() =>
        {
            let account = request.call.account.as_deref().unwrap_or("");
            let filter = format!("&Filter.1.Name=owner-id&Filter.1.Value.1={account}");
            [body, filter.as_bytes()].concat().into()
        }
        _ => body.clone(),
    }
}

/// An answer that the emulator cannot give, made from what it has.
pub(super) async fn made(
    upstream: &Upstream,
    request: &Request,
    uri: &Uri,
    headers: &HeaderMap,
) -> Option<Answer> {
    match (request.call.service.as_str(), request.call.operation.as_str()) {
        ("ssm", "DescribeInstanceInformation") => {
            let node = |node: &Node| {
                serde_json::json!({
                    "InstanceId": node.id, "PingStatus": "Online", "AgentVersion": "3.3.3050.0", "PlatformType": "Linux",
                })
            };
            nodes_answer(upstream, headers, "InstanceInformationList", |_| true, node).await
        }
        ("ssm", "DescribeInstancePatchStates") => {
            let asked: Vec<String> = serde_json::from_str(request.parameters.get("InstanceIds")?).ok()?;
            let known = |node: &Node| asked.contains(&node.id) && node.tag("patched-days-ago").is_some();
            nodes_answer(upstream, headers, "InstancePatchStates", known, patch_state).await
        }
        ("ssm", "ListResourceComplianceSummaries") => {
            nodes_answer(
                upstream,
                headers,
                "ResourceComplianceSummaryItems",
                |_| true,
                association_compliance,
            )
            .await
        }
        ("ec2", "DescribeInstanceImageMetadata") => launch_images(upstream, headers).await,
        ("cloudwatch", "DescribeAlarms") => alarms(upstream, headers).await,
        ("lambda", "ListFunctionUrlConfigs") => function_urls(upstream, uri, headers).await,
        ("wafv2", "ListResourcesForWebACL") => protected(upstream, request, headers).await,
        _ => None,
    }
}

/// The URL of a function, of which the emulator knows one at most.
async fn function_urls(upstream: &Upstream, uri: &Uri, headers: &HeaderMap) -> Option<Answer> {
    // …/functions/NAME/urls → …/functions/NAME/url
    let one: Uri = uri.path().strip_suffix('s')?.parse().ok()?;
    let answer = upstream.ask(&Method::GET, &one, headers, Bytes::new()).await.ok()?;
    let url: Option<serde_json::Value> = serde_json::from_slice(&answer.body).ok();
    let urls: Vec<_> = url.filter(|_| answer.status < 300).into_iter().collect();
    let body = serde_json::json!({ "FunctionUrlConfigs": urls });
    Some(Answer::new(200, "application/json", body.to_string()))
}

/// The images of the running instances, told by the images themselves.
async fn launch_images(upstream: &Upstream, headers: &HeaderMap) -> Option<Answer> {
    let body = "Action=DescribeInstances&Version=2016-11-15&Filter.1.Name=instance-state-name&Filter.1.Value.1=running";
    let instances = ask_query(upstream, headers, "ec2", body).await?;
    let ids = instances.split("<imageId>").skip(1).filter_map(|rest| rest.split('<').next());
    let ids: BTreeSet<&str> = ids.collect();
    let mut items = String::new();
    if !ids.is_empty() {
        let mut body = "Action=DescribeImages&Version=2016-11-15&Filter.1.Name=image-id".to_owned();
        for (at, id) in ids.iter().enumerate() {
            body.push_str(&format!("&Filter.1.Value.{}={id}", at + 1));
        }
        let images = ask_query(upstream, headers, "ec2", body).await?;
        for image in images.split("<imageId>").skip(1) {
            let id = image.split('<').next().unwrap_or_default();
            items.push_str(&format!("<item><imageMetadata><imageId>{id}</imageId>"));
            for name in ["name", "creationDate", "deprecationTime"] {
                if let Some(value) = element(image, name) {
                    items.push_str(&format!("<{name}>{value}</{name}>"));
                }
            }
            items.push_str("</imageMetadata></item>");
        }
    }
    let body = format!(
        "<DescribeInstanceImageMetadataResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
         <instanceImageMetadataSet>{items}</instanceImageMetadataSet></DescribeInstanceImageMetadataResponse>"
    );
    Some(Answer::new(200, "text/xml", body))
}

/// Alarms, asked for in the older protocol.
async fn alarms(upstream: &Upstream, headers: &HeaderMap) -> Option<Answer> {
    let mut headers = headers.clone();
    // The emulator goes by these.
    for name in ["smithy-protocol", "accept", "content-length"] {
        headers.remove(name);
    }
    let body = "Action=DescribeAlarms&Version=2010-08-01";
    let xml = ask_query(upstream, &headers, "monitoring", body).await?;
    let list = |of: &str, name: &str| -> Vec<String> {
        let items = element(of, name).map(members).unwrap_or_default();
        items.into_iter().map(str::to_owned).collect()
    };
    let alarm = |of: &str| {
        let mut alarm = serde_json::json!({
            "ActionsEnabled": element(of, "ActionsEnabled") == Some("true"),
            "AlarmActions": list(of, "AlarmActions"),
            "OKActions": list(of, "OKActions"),
            "InsufficientDataActions": list(of, "InsufficientDataActions"),
        });
        let texts =
            ["AlarmName", "AlarmArn", "StateValue", "MetricName", "Namespace", "Statistic", "AlarmRule"];
        let more = ["ExtendedStatistic", "Unit", "ComparisonOperator", "TreatMissingData"];
        for name in texts.into_iter().chain(more) {
            if let Some(text) = element(of, name).filter(|text| !text.is_empty()) {
                alarm[name] = text.into();
            }
        }
        for name in ["Period", "EvaluationPeriods", "DatapointsToAlarm"] {
            if let Some(number) = element(of, name).and_then(|text| text.parse::<u32>().ok()) {
                alarm[name] = number.into();
            }
        }
        if let Some(threshold) = element(of, "Threshold").and_then(|text| text.parse::<f64>().ok()) {
            alarm["Threshold"] = threshold.into();
        }
        let dimensions = element(of, "Dimensions").map(members).unwrap_or_default();
        let dimension = |of| serde_json::json!({"Name": element(of, "Name"), "Value": element(of, "Value")});
        alarm["Dimensions"] = dimensions.into_iter().map(dimension).collect();
        alarm
    };
    let all = |name: &str| -> Vec<serde_json::Value> {
        let alarms = element(&xml, name).map(members).unwrap_or_default();
        alarms.into_iter().map(alarm).collect()
    };
    let answer =
        serde_json::json!({ "MetricAlarms": all("MetricAlarms"), "CompositeAlarms": all("CompositeAlarms") });
    let mut body = Vec::new();
    cbor(&answer, &mut body);
    let mut answer = Answer::new(200, "application/cbor", body);
    answer.headers.push(("smithy-protocol".to_owned(), "rpc-v2-cbor".to_owned()));
    Some(answer)
}

/// Writes texts, numbers, truths, lists and objects as CBOR (RFC 8949), which the SDK speaks with CloudWatch and the
/// emulator does not.
fn cbor(value: &serde_json::Value, out: &mut Vec<u8>) {
    use serde_json::Value;
    fn head(major: u8, count: usize, out: &mut Vec<u8>) {
        out.push(major << 5 | 27);
        out.extend((count as u64).to_be_bytes());
    }
    let text = |text: &str, out: &mut Vec<u8>| {
        head(3, text.len(), out);
        out.extend(text.as_bytes());
    };
    match value {
        Value::Bool(value) => out.push(if *value { 0xf5 } else { 0xf4 }),
        Value::String(value) => text(value, out),
        Value::Number(value) => match value.as_u64() {
            Some(whole) => {
                out.push(27);
                out.extend(whole.to_be_bytes());
            }
            None => {
                out.push(0xfb);
                out.extend(value.as_f64().unwrap_or_default().to_be_bytes());
            }
        },
        Value::Array(items) => {
            head(4, items.len(), out);
            for item in items {
                cbor(item, out);
            }
        }
        Value::Object(fields) => {
            head(5, fields.len(), out);
            for (name, value) in fields {
                text(name, out);
                cbor(value, out);
            }
        }
        Value::Null => out.push(0xf6),
    }
}

/// The same all along, so that two scans see the same account.
static NOW: LazyLock<Timestamp> = LazyLock::new(Timestamp::now);

/// A managed node of Systems Manager: a running instance with the tag `managed-node`.
struct Node {
    id: String,
    tags: Vec<(String, String)>,
}

impl Node {
    fn tag(&self, key: &str) -> Option<&str> {
        self.tags.iter().find_map(|(name, value)| (name == key).then_some(value.as_str()))
    }

    fn number(&self, key: &str) -> i64 {
        self.tag(key).and_then(|value| value.parse().ok()).unwrap_or(0)
    }
}

async fn nodes(upstream: &Upstream, headers: &HeaderMap) -> Option<Vec<Node>> {
    let body = "Action=DescribeInstances&Version=2016-11-15&Filter.1.Name=tag-key&Filter.1.Value.1=managed-node\
                &Filter.2.Name=instance-state-name&Filter.2.Value.1=running";
    let text = ask_query(upstream, headers, "ec2", body).await?;
    let ids = text.split("<instanceId>").skip(1).filter_map(|rest| rest.split('<').next());
    let mut nodes: Vec<_> = ids.map(|id| Node { id: id.to_owned(), tags: Vec::new() }).collect();
    let body = "Action=DescribeTags&Version=2016-11-15&Filter.1.Name=resource-type&Filter.1.Value.1=instance";
    for tag in ask_query(upstream, headers, "ec2", body).await?.split("<item>").skip(1) {
        let [Some(id), Some(key), Some(value)] =
            ["resourceId", "key", "value"].map(|name| element(tag, name))
        else {
            continue;
        };
        if let Some(node) = nodes.iter_mut().find(|node| node.id == id) {
            node.tags.push((key.to_owned(), value.to_owned()));
        }
    }
    Some(nodes)
}

/// An answer with one item for each of these nodes.
async fn nodes_answer(
    upstream: &Upstream,
    headers: &HeaderMap,
    list: &str,
    which: impl Fn(&Node) -> bool,
    item: impl Fn(&Node) -> serde_json::Value,
) -> Option<Answer> {
    let nodes = nodes(upstream, headers).await?;
    let items: Vec<_> = nodes.iter().filter(|node| which(node)).map(item).collect();
    let body = serde_json::json!({ list: items });
    Some(Answer::new(200, "application/x-amz-json-1.1", body.to_string()))
}

/// The latest scan of a node: so long ago as its tag `patched-days-ago` says, with as many patches missing as
/// `patches-missing` and failed as `patches-failed`. One without the first was never scanned.
fn patch_state(node: &Node) -> serde_json::Value {
    let scanned = *NOW - SignedDuration::from_hours(24 * node.number("patched-days-ago"));
    serde_json::json!({
        "InstanceId": node.id, "PatchGroup": "", "BaselineId": "pb-0123456789abcdef0", "Operation": "Scan",
        "OperationStartTime": scanned.as_second(), "OperationEndTime": scanned.as_second(),
        "InstalledCount": 200, "MissingCount": node.number("patches-missing"), "FailedCount": node.number("patches-failed"),
    })
}

/// As many associations of a node failed as its tag `associations-failed` says.
fn association_compliance(node: &Node) -> serde_json::Value {
    let failed = node.number("associations-failed");
    serde_json::json!({
        "ComplianceType": "Association", "ResourceType": "ManagedInstance", "ResourceId": node.id,
        "Status": if failed > 0 { "NON_COMPLIANT" } else { "COMPLIANT" }, "OverallSeverity": "UNSPECIFIED",
        "ExecutionSummary": {"ExecutionTime": NOW.as_second()},
        "CompliantSummary": {"CompliantCount": 1}, "NonCompliantSummary": {"NonCompliantCount": failed},
    })
}

/// Which load balancers and user pools a web ACL protects: the emulator tells only the other way round. (Stages
/// of API Gateway name their ACL themselves.)
async fn protected(upstream: &Upstream, request: &Request, headers: &HeaderMap) -> Option<Answer> {
    let acl = request.parameters.get("WebACLArn")?;
    let kind = request.parameters.get("ResourceType").map_or("APPLICATION_LOAD_BALANCER", String::as_str);
    let candidates: Vec<String> = match kind {
        "APPLICATION_LOAD_BALANCER" => {
            let body = "Action=DescribeLoadBalancers&Version=2015-12-01";
            let text = ask_query(upstream, headers, "elasticloadbalancing", body).await?;
            let arns = text.split("<LoadBalancerArn>").skip(1).filter_map(|rest| rest.split('<').next());
            arns.map(str::to_owned).collect()
        }
        "COGNITO_USER_POOL" => {
            let target = "AWSCognitoIdentityProviderService.ListUserPools";
            let text =
                ask_json(upstream, headers, "cognito-idp", target, r#"{"MaxResults":60}"#.into()).await?;
            let answer: serde_json::Value = serde_json::from_str(&text).ok()?;
            let pools = answer["UserPools"].as_array()?.iter().filter_map(|pool| pool["Id"].as_str());
            let (region, account) = (&request.call.region, request.call.account.as_deref()?);
            pools.map(|id| format!("arn:aws:cognito-idp:{region}:{account}:userpool/{id}")).collect()
        }
        _ => Vec::new(),
    };
    let mut found = Vec::new();
    for arn in candidates {
        let body = serde_json::json!({ "ResourceArn": arn }).to_string();
        let text = ask_json(upstream, headers, "wafv2", "AWSWAF_20190729.GetWebACLForResource", body).await?;
        let answer: serde_json::Value = serde_json::from_str(&text).ok()?;
        if answer["WebACL"]["ARN"] == acl.as_str() {
            found.push(arn);
        }
    }
    let body = serde_json::json!({ "ResourceArns": found });
    Some(Answer::new(200, "application/x-amz-json-1.1", body.to_string()))
}

/// Asks the emulator something else in the name of the same account, in the same region.
async fn ask_query(
    upstream: &Upstream,
    headers: &HeaderMap,
    service: &str,
    body: impl Into<Bytes>,
) -> Option<String> {
    let mut headers = signed_for(headers, service)?;
    headers.remove("x-amz-target");
    headers.insert("content-type", HeaderValue::from_static("application/x-www-form-urlencoded"));
    ask(upstream, &headers, body.into()).await
}

/// The same with a service that speaks JSON.
async fn ask_json(
    upstream: &Upstream,
    headers: &HeaderMap,
    service: &str,
    target: &'static str,
    body: String,
) -> Option<String> {
    let mut headers = signed_for(headers, service)?;
    headers.insert("x-amz-target", HeaderValue::from_static(target));
    headers.insert("content-type", HeaderValue::from_static("application/x-amz-json-1.1"));
    ask(upstream, &headers, body.into()).await
}

async fn ask(upstream: &Upstream, headers: &HeaderMap, body: Bytes) -> Option<String> {
    let answer = upstream.ask(&Method::POST, &Uri::from_static("/"), headers, body).await.ok()?;
    (answer.status == 200).then(|| String::from_utf8_lossy(&answer.body).into_owned())
}

/// The headers with another service in the signature's scope; the emulator looks at no more of it.
fn signed_for(headers: &HeaderMap, service: &str) -> Option<HeaderMap> {
    let mut headers = headers.clone();
    let authorization = headers.get("authorization")?.to_str().ok()?;
    let (before, after) = authorization.split_once("/aws4_request")?;
    let (scope, _) = before.rsplit_once('/')?;
    let authorization = format!("{scope}/{service}/aws4_request{after}");
    headers.insert("authorization", authorization.parse().ok()?);
    Some(headers)
}

/// The answer that AWS would have given.
pub(super) async fn answer(
    upstream: &Upstream,
    request: &Request,
    headers: &HeaderMap,
    answer: Answer,
) -> Answer {
    if answer.status != 200 {
        return answer;
    }
    match (request.call.service.as_str(), request.call.operation.as_str()) {
        ("iam", "GetAccountAuthorizationDetails") => replace_body(answer, |text| age(&name_policies(text))),
        ("ec2", "DescribeSnapshots")
            if request.parameters.get("RestorableBy.1").is_some_and(|who| who == "all") =>
        {
            public_snapshots(upstream, headers, answer).await
        }
        ("s3", "ListBuckets") => bucket_regions(upstream, headers, answer).await,
        ("s3", "GetBucketVersioning") => {
            rename_root(answer, "GetBucketVersioningResponse", "VersioningConfiguration")
        }
        ("s3control", operation) => {
            let (wrong, right) = (format!("{operation}Response"), format!("{operation}Result"));
            rename_root(answer, &wrong, &right)
        }
        _ => answer,
    }
}

fn replace_body(mut answer: Answer, change: impl FnOnce(&str) -> String) -> Answer {
    if let Ok(text) = std::str::from_utf8(&answer.body) {
        answer.body = change(text).into();
    }
    answer
}

/// The root element is named after the operation; AWS's own SDKs for compiled languages insist on its name.
fn rename_root(answer: Answer, wrong: &str, right: &str) -> Answer {
    replace_body(answer, |text| {
        text.replace(&format!("<{wrong}"), &format!("<{right}"))
            .replace(&format!("</{wrong}>"), &format!("</{right}>"))
    })
}

/// Managed policies come without name and id, which follow from the ARN here, and AWS's own come all, where AWS
/// gives those that are attached to something.
fn name_policies(text: &str) -> String {
    let Some((before, rest)) = text.split_once("<Policies>") else { return text.to_owned() };
    let Some((policies, after)) = rest.rsplit_once("</Policies>") else { return text.to_owned() };
    let mut out = format!("{before}<Policies>");
    for policy in members(policies) {
        let arn = element(policy, "Arn").unwrap_or("");
        if arn.contains(":iam::aws:policy/") && element(policy, "AttachmentCount") == Some("0") {
            continue;
        }
        out.push_str("<member>");
        if element(policy, "PolicyName").is_none() {
            let name = arn.rsplit('/').next().unwrap_or("");
            out.push_str(&format!("<PolicyName>{name}</PolicyName><PolicyId>{}</PolicyId>", policy_id(arn)));
        }
        out.push_str(policy);
        out.push_str("</member>");
    }
    out + "</Policies>" + after
}

/// Nothing can be made in the past: a role with the tag `age-in-days` was, so long before it really was.
fn age(text: &str) -> String {
    const TAG: &str = "<Key>age-in-days</Key>";
    const CREATED: &str = "<CreateDate>";
    let mut out = text.to_owned();
    let mut at = 0;
    while let Some(tag) = out[at..].find(TAG).map(|offset| at + offset) {
        at = tag + TAG.len();
        let days: Option<i64> = element(&out[at..], "Value").and_then(|days| days.parse().ok());
        // The member that has the tag; its date may stand before or after.
        let start = out[..tag].rfind("<RoleName>").unwrap_or(0);
        let member = out[..start].rfind("<member>").unwrap_or(0);
        let Some(created) = out[member..].find(CREATED).map(|offset| member + offset + CREATED.len()) else {
            break;
        };
        let Some(length) = out[created..].find('<') else { break };
        let made = out[created..created + length].parse::<Timestamp>().ok();
        if let (Some(days), Some(made)) = (days, made) {
            let then = made - SignedDuration::from_hours(24 * days);
            out.replace_range(created..created + length, &then.to_string());
        }
    }
    out
}

/// What is inside the outermost `<member>` elements.
fn members(text: &str) -> Vec<&str> {
    const OPEN: &str = "<member>";
    const CLOSE: &str = "</member>";
    let (mut found, mut depth, mut start, mut at) = (Vec::new(), 0_usize, 0, 0);
    while let Some(next) = text[at..].find('<').map(|offset| at + offset) {
        at = next + 1;
        if text[next..].starts_with(OPEN) {
            if depth == 0 {
                start = next + OPEN.len();
            }
            depth += 1;
        } else if text[next..].starts_with(CLOSE) {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                found.push(&text[start..next]);
            }
        }
    }
    found
}

/// The text of the first element with this name.
fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
}

/// An id in the form of AWS's, the same for the same ARN.
fn policy_id(arn: &str) -> String {
    let letters = base64(arn.as_bytes()).to_ascii_uppercase();
    let tail: String = letters.chars().filter(char::is_ascii_alphanumeric).rev().take(17).collect();
    format!("ANPA{tail:A<17}")
}

/// Who may restore a snapshot is ignored: asks for each one's permissions.
async fn public_snapshots(upstream: &Upstream, headers: &HeaderMap, answer: Answer) -> Answer {
    const ITEM: &str = "<item><tagSet";
    let Ok(text) = String::from_utf8(answer.body.to_vec()) else { return answer };
    let Some((before, rest)) = text.split_once("<snapshotSet>") else { return answer };
    let Some((items, after)) = rest.rsplit_once("</snapshotSet>") else { return answer };
    let mut out = format!("{before}<snapshotSet>");
    for item in items.split(ITEM).skip(1) {
        let id = element(item, "snapshotId").unwrap_or("");
        let ask = format!(
            "Action=DescribeSnapshotAttribute&Version=2016-11-15&Attribute=createVolumePermission&SnapshotId={id}"
        );
        let permissions = upstream.ask(&Method::POST, &Uri::from_static("/"), headers, ask.into()).await;
        if permissions
            .is_ok_and(|answer| String::from_utf8_lossy(&answer.body).contains("<group>all</group>"))
        {
            out.push_str(ITEM);
            out.push_str(item);
        }
    }
    out.push_str("</snapshotSet>");
    out.push_str(after);
    Answer { body: out.into(), ..answer }
}

/// Buckets come without their region: asks for each one's.
async fn bucket_regions(upstream: &Upstream, headers: &HeaderMap, answer: Answer) -> Answer {
    let Ok(text) = String::from_utf8(answer.body.to_vec()) else { return answer };
    if text.contains("<BucketRegion>") {
        return answer;
    }
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("</Bucket>") {
        let name = before
            .rsplit_once("<Name>")
            .and_then(|(_, name)| name.split_once("</Name>"))
            .map(|(name, _)| name);
        let region = match name {
            Some(name) => region(upstream, headers, name).await,
            None => None,
        };
        out.push_str(before);
        if let Some(region) = region {
            out.push_str(&format!("<BucketRegion>{}</BucketRegion>", escape(&region)));
        }
        out.push_str("</Bucket>");
        rest = after;
    }
    out.push_str(rest);
    Answer { body: out.into(), ..answer }
}

async fn region(upstream: &Upstream, headers: &HeaderMap, bucket: &str) -> Option<String> {
    let uri: Uri = format!("/{bucket}?location").parse().ok()?;
    let answer = upstream.ask(&Method::GET, &uri, headers, Bytes::new()).await.ok()?;
    let text = std::str::from_utf8(&answer.body).ok()?;
    let (_, inside) = text.split_once("<LocationConstraint")?;
    let region = inside.split_once('>').map_or("", |(_, region)| region).split('<').next().unwrap_or("");
    match (answer.status, region.trim()) {
        (200, "") => Some("us-east-1".to_owned()),
        (200, "EU") => Some("eu-west-1".to_owned()),
        (200, region) => Some(region.to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn roles_are_as_old_as_their_tag_says() {
        let role = |name: &str, tags: &str| {
            format!(
                "<member><RoleName>{name}</RoleName><CreateDate>2026-11-23T00:00:00Z</CreateDate>\
                 <Tags>{tags}</Tags></member>"
            )
        };
        let tag = "<member><Key>age-in-days</Key><Value>400</Value></member>";
        let aged = super::age(&(role("new", "") + &role("old", tag)));
        assert_eq!(aged.matches("2026-11-23T00:00:00Z").count(), 1);
        assert!(aged.contains("<RoleName>old</RoleName><CreateDate>2025-10-19T00:00:00Z"), "{aged}");
    }

    #[test]
    fn policies_get_the_name_from_their_arn_and_unattached_ones_of_aws_go() {
        let policy = |arn: &str, count: u8| {
            format!(
                "<member><Arn>{arn}</Arn><AttachmentCount>{count}</AttachmentCount><PolicyVersionList><member>\
                 <VersionId>v1</VersionId></member></PolicyVersionList></member>"
            )
        };
        let text = format!(
            "<GroupDetailList><member><Arn>x</Arn></member></GroupDetailList><Policies>{}{}{}</Policies><IsTruncated/>",
            policy("arn:aws:iam::aws:policy/Unused", 0),
            policy("arn:aws:iam::aws:policy/Used", 1),
            policy("arn:aws:iam::111122223333:policy/path/mine", 0)
        );
        let repaired = super::name_policies(&text);
        assert!(!repaired.contains("Unused"), "{repaired}");
        for name in ["Used", "mine"] {
            assert!(
                repaired.contains(&format!("<member><PolicyName>{name}</PolicyName><PolicyId>ANPA")),
                "{repaired}"
            );
        }
        assert_eq!(repaired.matches("<PolicyName>").count(), 2);
        assert_eq!(repaired.matches("<VersionId>").count(), 2);
        assert!(repaired.ends_with("</Policies><IsTruncated/>"), "{repaired}");
    }
}
