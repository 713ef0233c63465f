use std::{
    collections::{BTreeSet, VecDeque},
    io::Write as _,
    process::{Command, Stdio},
    sync::{Arc, Mutex},
};

use aws_audit_checks::snapshot::{acm, elasticache, workloads};
use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
            SharedHttpConnector,
        },
        runtime_components::RuntimeComponents,
    },
    http::StatusCode,
};

use super::*;
use crate::collect::{
    ask::Run,
    aws::{Aws, Connection},
    call::{Caller, IN_FLIGHT},
};

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
    for ((api, operation), body) in
        [(JSON, "{\"Jobs\": ["), (JSON, "[]"), (JSON, "null"), (XML, "<R><Marker>1</R>")]
    {
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
    let in_order = Request::get("/").with("maxResults", 100).with("includeAll", true);
    assert_eq!(sent(&APPSYNC, JSON.1, in_order).1, "/?maxResults=100&includeAll=true");
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

/// Gives these answers one after the other, and keeps what was asked.
#[derive(Clone, Debug)]
struct Answers {
    left: Arc<Mutex<VecDeque<&'static str>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl HttpClient for Answers {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Answers {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        self.asked.lock().unwrap().push(body);
        let answer = self.left.lock().unwrap().pop_front().expect("one more answer");
        HttpConnectorFuture::ready(Ok(response(200, None, answer)))
    }
}

async fn asking(answers: &[&'static str]) -> (Ask, Answers) {
    let left = Arc::new(Mutex::new(answers.iter().copied().collect()));
    let answers = Answers { left, asked: Arc::default() };
    let http_client = Some(SharedHttpClient::new(answers.clone()));
    let aws = Aws::connect(Connection { http_client, ..Connection::default() }).await.unwrap();
    let run = Run {
        caller: Caller::new(1.0, false, aws.identities(), IN_FLIGHT),
        aws,
        plan: BTreeSet::new(),
        gaps: Mutex::default(),
        regions: 0.into(),
        regions_done: 0.into(),
    };
    (Ask::regional(&Arc::new(run), "eu-west-1"), answers)
}

const LIST: (&str, Token) = ("Jobs", Token { sent: "NextToken", told: "NextToken" });

#[tokio::test]
async fn lists_are_read_to_their_end_or_until_there_is_enough() {
    let pages = [
        r#"{"Jobs": ["a"], "NextToken": "1"}"#,
        r#"{"Jobs": ["b", "c"], "NextToken": "2"}"#,
        r#"{"Jobs": []}"#,
    ];
    let (ask, answers) = asking(&pages).await;
    assert_eq!(GLUE.texts(&ask, JSON.1, None, Request::new(), LIST).await.unwrap(), ["a", "b", "c"]);
    assert_eq!(*answers.asked.lock().unwrap(), ["{}", r#"{"NextToken":"1"}"#, r#"{"NextToken":"2"}"#]);
    let (ask, answers) = asking(&pages).await;
    assert_eq!(GLUE.list_until(&ask, JSON.1, Request::new(), LIST, 2).await.unwrap().len(), 3);
    assert_eq!(answers.asked.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_page_that_names_no_text_for_the_next_is_not_the_last() {
    let (ask, _) = asking(&[r#"{"Jobs": ["a"], "NextToken": 1}"#]).await;
    let error = GLUE.list(&ask, JSON.1, None, Request::new(), LIST).await.unwrap_err();
    assert_eq!(error.gap.message, "the answer has a NextToken that is not known: 1");
}
