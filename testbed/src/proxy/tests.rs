//! The proxy as a client sees it, in front of a tiny upstream.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use super::*;

/// Answers every request with a little JSON that says what path it saw.
fn upstream() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let request = read_request(&stream);
                let path = request.split(' ').nth(1).unwrap_or("").to_owned();
                let (status, kind, body) = match path.as_str() {
                    "/lacking" => (
                        "500 Oops",
                        "text/html; charset=utf-8",
                        "<!doctype html>\n<html>no</html>".to_owned(),
                    ),
                    _ => ("200 OK", "application/json", format!("{{\"saw\":\"{path}\"}}")),
                };
                let length = body.len();
                let _ = write!(
                    &stream,
                    "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
                );
            });
        }
    });
    url
}

fn read_request(mut stream: &TcpStream) -> String {
    let mut text = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).unwrap_or(0);
        text.extend(&buffer[..read]);
        let so_far = String::from_utf8_lossy(&text).to_lowercase();
        if let Some((head, body)) = so_far.split_once("\r\n\r\n") {
            let length = head.split_once("content-length: ").and_then(|(_, rest)| rest.lines().next());
            if body.len() >= length.and_then(|length| length.parse().ok()).unwrap_or(0) {
                return String::from_utf8_lossy(&text).into_owned();
            }
        }
        if read == 0 {
            return String::new();
        }
    }
}

/// Asks, and gives status, head and body, or what went wrong.
fn ask(url: &str, service: &str, line: &str, headers: &str, body: &str) -> io::Result<(u16, String, String)> {
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_millis(1500)))?;
    write!(
        stream,
        "{line} HTTP/1.1\r\nhost: {address}\r\nauthorization: AWS4-HMAC-SHA256 \
         Credential=ASIAWO645SY5KUOZOFKI/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, \
         Signature=0\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
    let length = head
        .to_lowercase()
        .split_once("content-length: ")
        .and_then(|(_, rest)| rest.lines().next()?.parse().ok());
    if length.is_some_and(|length: usize| body.len() < length) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Ok((status, head.to_lowercase(), body.to_owned()))
}

const FORM: &str = "content-type: application/x-www-form-urlencoded\r\n";

fn query(proxy: &Proxy, service: &str, action: &str) -> io::Result<(u16, String, String)> {
    ask(proxy.url(), service, "POST /", FORM, &format!("Action={action}&Version=1"))
}

fn proxy() -> Proxy {
    let behaviour = Behaviour { overlay: Overlay::None, record: true, ..Behaviour::default() };
    Proxy::start(Some(&upstream()), behaviour).unwrap()
}

#[test]
fn requests_pass_and_are_counted_and_recorded() {
    let proxy = proxy();
    let (status, _, body) = ask(proxy.url(), "guardduty", "GET /detector?maxResults=5", "", "").unwrap();
    assert_eq!((status, body.as_str()), (200, r#"{"saw":"/detector?maxResults=5"}"#));
    for _ in 0..2 {
        query(&proxy, "ec2", "DescribeVpcs").unwrap();
    }
    assert_eq!(Vec::from_iter(proxy.operations()), ["ec2:DescribeVpcs", "guardduty:ListDetectors"]);
    assert_eq!((proxy.total(), proxy.count("ec2", "DescribeVpcs"), proxy.max_in_flight()), (3, 2, 1));

    let recording = proxy.recording();
    let kept: Vec<_> = recording.iter().map(|kept| (kept.operation.as_str(), kept.path.as_str())).collect();
    assert_eq!(kept, [("DescribeVpcs", "/"), ("ListDetectors", "/detector?maxResults=5")]);
    let written = serde_json::to_string(&recording).unwrap();
    for secret in ["ASIA", "AWS4", "Signature"] {
        assert!(!written.contains(secret), "{written}");
    }

    proxy.reset_counters();
    assert_eq!(proxy.total(), 0);
}

#[test]
fn denial_reads_as_each_service_writes_it() {
    let proxy = proxy();
    proxy.add_rule(Rule::deny("*"));
    let expect = |answer: io::Result<(u16, String, String)>, status: u16, code: &str| {
        let (is, head, body) = answer.unwrap();
        assert_eq!(is, status, "{body}");
        assert!(body.contains(code) || head.contains(&code.to_lowercase()), "{head}\n{body}");
    };
    expect(query(&proxy, "ec2", "DescribeVpcs"), 403, "<Code>UnauthorizedOperation</Code>");
    expect(query(&proxy, "iam", "ListUsers"), 403, "<Code>AccessDenied</Code>");
    let target = "x-amz-target: StarlingDoveService.DescribeConfigRules\r\n";
    expect(ask(proxy.url(), "config", "POST /", target, "{}"), 400, r#""__type":"AccessDeniedException""#);
    expect(ask(proxy.url(), "s3", "GET /bucket?policy", "", ""), 403, "<Error><Code>AccessDenied</Code>");
    expect(
        ask(proxy.url(), "guardduty", "GET /detector", "", ""),
        403,
        "x-amzn-errortype: AccessDeniedException",
    );
    let control = "GET /v20180820/configuration/publicAccessBlock";
    expect(ask(proxy.url(), "s3", control, "", ""), 403, "<ErrorResponse><Error>");
    proxy.clear_rules();
    assert_eq!(query(&proxy, "ec2", "DescribeVpcs").unwrap().0, 200);
}

#[test]
fn throttling_ends() {
    let proxy = proxy();
    proxy.set_rules([Rule::throttle("ec2:Describe*", 2), Rule::throttle("s3:*", 1)]);
    let statuses: Vec<_> = (0..3).map(|_| query(&proxy, "ec2", "DescribeVpcs").unwrap().0).collect();
    assert_eq!(statuses, [503, 503, 200]);
    let (status, _, body) = ask(proxy.url(), "s3", "GET /", "", "").unwrap();
    assert!(status == 503 && body.contains("SlowDown"), "{body}");
}

#[test]
fn other_errors_are_answered() {
    let proxy = proxy();
    for (fault, status, code) in [
        (Fault::ServerError, 500, "InternalFailure"),
        (Fault::ExpiredCredentials, 403, "ExpiredToken"),
        (Fault::UnrecognizedCredentials, 403, "InvalidClientTokenId"),
        (Fault::Garbage, 200, "<html>"),
        (
            Fault::Error { status: 418, code: "Teapot".into(), message: "<short>".into() },
            418,
            "&lt;short&gt;",
        ),
    ] {
        proxy.set_rules([Rule::new("iam:ListUsers", fault.clone())]);
        let address = proxy.url().strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "POST / HTTP/1.1\r\nhost: x\r\nauthorization: Credential=A/1/us-east-1/iam/aws4_request\r\n{FORM}\
             content-length: 16\r\nconnection: close\r\n\r\nAction=ListUsers"
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")) && answer.contains(code),
            "{fault:?}: {answer}"
        );
    }
}

#[test]
fn connections_break_as_told() {
    let proxy = proxy();
    proxy.set_rules([Rule::new("*", Fault::Reset)]);
    let error = query(&proxy, "iam", "ListUsers").unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    proxy.set_rules([Rule::new("*", Fault::Truncate)]);
    let error = query(&proxy, "iam", "ListUsers").unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    proxy.set_rules([Rule::new("*", Fault::Hang)]);
    let error = query(&proxy, "iam", "ListUsers").unwrap_err();
    assert!(matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut), "{error}");
    proxy.clear_rules();
    assert_eq!(query(&proxy, "iam", "ListUsers").unwrap().0, 200);
}

#[test]
fn delays_and_calls_in_flight() {
    let proxy = proxy();
    proxy.add_rule(Rule::delay("iam:*", 300));
    let begin = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| query(&proxy, "iam", "ListUsers").unwrap());
        }
    });
    let took = begin.elapsed();
    assert!(took >= Duration::from_millis(300) && took < Duration::from_millis(2000), "{took:?}");
    assert_eq!(proxy.max_in_flight(), 8);
}

#[test]
fn what_nobody_can_answer_is_told() {
    let proxy = proxy();
    let (status, _, body) = ask(proxy.url(), "detective", "GET /lacking", "", "").unwrap();
    assert_eq!(status, 501);
    assert!(body.contains("detective:GET /lacking"), "{body}");
    assert!(proxy.unanswered().contains("detective:GET /lacking"));

    let alone = Proxy::start(None, Behaviour::default()).unwrap();
    assert_eq!(query(&alone, "iam", "ListUsers").unwrap().0, 501);
    let (status, _, body) = query(&alone, "ec2", "DescribeRegions").unwrap();
    assert_eq!((status, body.matches("<regionName>").count()), (200, 17));
    assert_eq!(Vec::from_iter(alone.unanswered()), ["iam:ListUsers"]);
}

#[test]
fn a_proxy_may_end_anywhere() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async { drop(proxy()) });
}
