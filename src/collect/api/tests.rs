use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use aws_audit_checks::snapshot::{acm, elasticache, workloads};
use aws_smithy_runtime_api::http::StatusCode;

use super::*;

fn response(status: u16, header: Option<&'static str>, body: &'static str) -> HttpResponse {
    let mut response = HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body));
    if let Some(header) = header {
        response.headers_mut().insert("x-amzn-errortype", header);
    }
    response
}

const JSON: (&Api, &Operation) = (&GLUE, workloads::glue_op::GetJobs);
const XML: (&Api, &Operation) = (&ELASTICACHE, elasticache::op::DescribeCacheClusters);

#[test]
fn errors_have_their_code_wherever_it_stands() {
    for ((api, operation), header, body) in [
        (JSON, Some("AccessDeniedException:http://internal.amazon.com/"), r#"{"message": "no"}"#),
        (JSON, None, r#"{"__type": "com.amazon.coral.service#AccessDeniedException", "Message": "no"}"#),
        (JSON, None, r#"{"code": "AccessDeniedException", "message": "no"}"#),
        (
            XML,
            None,
            "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDeniedException</Code><Message>no</Message>\
             </Error><RequestId>1</RequestId></ErrorResponse>",
        ),
        (
            XML,
            None,
            "<Response><Errors><Error><Code>AccessDeniedException</Code><Message>no</Message></Error></Errors>\
             </Response>",
        ),
    ] {
        let error = api.answer(operation, &response(403, header, body)).unwrap_err();
        let error = error.as_operation_error().expect("told by the service");
        assert_eq!((error.code(), error.message()), (Some("AccessDeniedException"), Some("no")), "{body}");
    }
    for (api, operation) in [JSON, XML] {
        let error = api.answer(operation, &response(502, None, "<html>")).unwrap_err();
        assert_eq!(error.as_operation_error().unwrap().code(), Some(""));
    }
}

#[test]
fn an_answer_that_cannot_be_read_is_no_answer() {
    for ((api, operation), body) in [(JSON, "{\"Jobs\": ["), (XML, "<R><Marker>1</R>")] {
        let answer = api.answer(operation, &response(200, None, body));
        assert!(answer.unwrap_err().as_operation_error().is_none());
    }
    assert_eq!(GLUE.answer(JSON.1, &response(200, None, "{}")).unwrap(), Node::Fields(Vec::new()));
}

#[test]
fn answers_of_both_kinds_of_query_are_read() {
    for body in [
        "<DescribeCacheClustersResponse><DescribeCacheClustersResult><Marker>1</Marker></DescribeCacheClustersResult>\
         <ResponseMetadata/></DescribeCacheClustersResponse>",
        "<DescribeCacheClustersResponse><requestId>2</requestId><Marker>1</Marker></DescribeCacheClustersResponse>",
    ] {
        let answer = ELASTICACHE.answer(XML.1, &response(200, None, body)).unwrap();
        assert_eq!(answer.text("Marker").unwrap(), Some("1"));
    }
}

fn sent(api: &Api, operation: &Operation, request: Request) -> (String, String, String) {
    let http = api.http_request(operation, request).unwrap();
    let body = String::from_utf8(http.body().bytes().unwrap().to_vec()).unwrap();
    (http.method().to_owned(), http.uri().to_owned(), body)
}

#[test]
fn requests_are_what_their_protocol_has() {
    let request = || Request::new().with("MaxRecords", 100).with("Marker", "a b&c");
    let (method, path, body) = sent(&ELASTICACHE, XML.1, request());
    assert_eq!((method.as_str(), path.as_str()), ("POST", "/"));
    assert_eq!(body, "Action=DescribeCacheClusters&Version=2015-02-02&MaxRecords=100&Marker=a%20b%26c");
    let (_, _, body) = sent(&ACM, acm::op::ListCertificates, request());
    assert_eq!(body, r#"{"Marker":"a b&c","MaxRecords":100}"#);
    let get = Request::get("/v1/apis").with("nextToken", "a/b=");
    let (method, path, body) = sent(&APPSYNC, JSON.1, get);
    assert_eq!((method.as_str(), path.as_str(), body.as_str()), ("GET", "/v1/apis?nextToken=a%2Fb%3D", ""));
    for (api, accept) in [(&API_GATEWAY, Some("application/json")), (&API_GATEWAY_V2, None)] {
        let http = api.http_request(JSON.1, Request::get("/restapis")).unwrap();
        assert_eq!(http.headers().get("accept"), accept);
    }
}

/// As botocore resolves them for the regions of all partitions (`testbed/python/endpoints.py`).
#[test]
fn endpoints_are_those_of_the_service_models() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/testbed/python/endpoints.py");
    let mut known = Command::new(aws_audit_testbed::python().unwrap())
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let apis = ALL.iter().map(|(name, api)| {
        let prefix = match api.protocol {
            Protocol::Json { prefix, .. } => prefix,
            Protocol::RestJson | Protocol::Query { .. } => "",
        };
        format!("{name}\t{}\t{}\t{prefix}\n", api.host, api.signing_name)
    });
    known.stdin.take().unwrap().write_all(apis.collect::<String>().as_bytes()).unwrap();
    let output = known.wait_with_output().unwrap();
    assert!(output.status.success(), "endpoints.py failed");
    let lines = String::from_utf8(output.stdout).unwrap();
    for line in lines.lines() {
        let [name, region, fips, dual_stack, url] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let (_, api) = ALL.iter().find(|(of, _)| *of == name).unwrap();
        assert_eq!(api.url(region, fips == "fips", dual_stack == "dual"), url, "{line}");
    }
    assert!(lines.lines().count() > 100 * ALL.len(), "{}", lines.lines().count());
}
