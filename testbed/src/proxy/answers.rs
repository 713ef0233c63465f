//! Answers that AWS gives when it does not do what it was asked, as each protocol writes them.

use hyper::body::Bytes;

use super::identify::{Protocol, Request};

/// An answer, as far as clients read it.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        Self { status, headers, body: body.into() }
    }

    pub(crate) fn content_type(&self) -> &str {
        self.headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("content-type"))
            .map_or("", |(_, value)| value)
    }
}

const REQUEST_ID: &str = "00000000-0000-4000-8000-000000000000";

/// An error of the given code.
pub(crate) fn error(request: &Request, status: u16, code: &str, message: &str) -> Answer {
    let (code, message) = (escape(code), message);
    let xml = escape(message);
    match request.protocol {
        Protocol::Ec2 => Answer::new(
            status,
            "text/xml;charset=UTF-8",
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>{code}</Code>\
                 <Message>{xml}</Message></Error></Errors><RequestID>{REQUEST_ID}</RequestID></Response>"
            ),
        ),
        Protocol::Query | Protocol::RestXml => Answer::new(
            status,
            "text/xml",
            format!(
                "<ErrorResponse><Error><Type>{}</Type><Code>{code}</Code><Message>{xml}</Message></Error>\
                 <RequestId>{REQUEST_ID}</RequestId></ErrorResponse>",
                if status < 500 { "Sender" } else { "Receiver" }
            ),
        ),
        Protocol::S3 => Answer::new(
            status,
            "application/xml",
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{xml}</Message>\
                 <RequestId>{REQUEST_ID}</RequestId><HostId>testbed</HostId></Error>"
            ),
        ),
        Protocol::Json => {
            let body = serde_json::json!({"__type": code, "message": message});
            Answer::new(status, "application/x-amz-json-1.1", body.to_string())
        }
        Protocol::RestJson => {
            // Clients take the code from the header, or from the body where a recording lost the headers.
            let body = serde_json::json!({"__type": code, "message": message});
            let mut answer = Answer::new(status, "application/json", body.to_string());
            answer.headers.push(("x-amzn-errortype".to_owned(), code));
            answer
        }
        Protocol::Cbor => {
            let mut body = vec![0xa2];
            for text in ["__type", &code, "message", message] {
                cbor_text(&mut body, text);
            }
            let mut answer = Answer::new(status, "application/cbor", body);
            answer.headers.push(("smithy-protocol".to_owned(), "rpc-v2-cbor".to_owned()));
            answer
        }
    }
}

/// The caller may not.
pub(crate) fn denied(request: &Request) -> Answer {
    let call = &request.call;
    let account = call.account.as_deref().unwrap_or("000000000000");
    let service = if call.service == "s3control" { "s3" } else { &call.service };
    let message = format!(
        "User: arn:aws:sts::{account}:assumed-role/OrganizationAccountAccessRole/testbed is not authorized to \
         perform: {service}:{} because no identity-based policy allows the action",
        call.operation
    );
    match request.protocol {
        Protocol::Ec2 => error(
            request,
            403,
            "UnauthorizedOperation",
            &format!("You are not authorized to perform this operation. {message}"),
        ),
        Protocol::Query | Protocol::RestXml => error(request, 403, "AccessDenied", &message),
        Protocol::S3 => error(request, 403, "AccessDenied", &message),
        Protocol::Json | Protocol::Cbor => error(request, 400, "AccessDeniedException", &message),
        Protocol::RestJson => error(request, 403, "AccessDeniedException", &message),
    }
}

/// Too many requests.
pub(crate) fn throttled(request: &Request) -> Answer {
    match request.protocol {
        Protocol::Ec2 => error(request, 503, "RequestLimitExceeded", "Request limit exceeded."),
        Protocol::Query | Protocol::RestXml => error(request, 400, "Throttling", "Rate exceeded"),
        Protocol::S3 => error(request, 503, "SlowDown", "Please reduce your request rate."),
        Protocol::Json | Protocol::Cbor => error(request, 400, "ThrottlingException", "Rate exceeded"),
        Protocol::RestJson => error(request, 429, "TooManyRequestsException", "Too Many Requests"),
    }
}

/// AWS itself failed.
pub(crate) fn server_error(request: &Request) -> Answer {
    let code = match request.protocol {
        Protocol::Ec2 | Protocol::S3 => "InternalError",
        Protocol::Query | Protocol::RestXml => "InternalFailure",
        Protocol::Json | Protocol::RestJson | Protocol::Cbor => "InternalServerException",
    };
    error(request, 500, code, "We encountered an internal error. Please try again.")
}

/// The session is over.
pub(crate) fn expired(request: &Request) -> Answer {
    let message = "The security token included in the request is expired";
    match request.protocol {
        Protocol::Ec2 => error(request, 400, "RequestExpired", "Request has expired."),
        Protocol::Query | Protocol::RestXml => error(request, 403, "ExpiredToken", message),
        Protocol::S3 => error(request, 400, "ExpiredToken", "The provided token has expired."),
        Protocol::Json | Protocol::Cbor => error(request, 400, "ExpiredTokenException", message),
        Protocol::RestJson => error(request, 403, "ExpiredTokenException", message),
    }
}

/// No such credentials, or none that this region knows: what a region that is not enabled answers.
pub(crate) fn unrecognized(request: &Request) -> Answer {
    let message = "The security token included in the request is invalid.";
    match request.protocol {
        Protocol::Ec2 => {
            error(request, 401, "AuthFailure", "AWS was not able to validate the provided access credentials")
        }
        Protocol::Query | Protocol::RestXml => error(request, 403, "InvalidClientTokenId", message),
        Protocol::S3 => error(
            request,
            403,
            "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.",
        ),
        Protocol::Json | Protocol::Cbor => error(request, 400, "UnrecognizedClientException", message),
        Protocol::RestJson => error(request, 403, "UnrecognizedClientException", message),
    }
}

/// Something that is no AWS answer at all, with a status that says all is well.
pub(crate) fn garbage(request: &Request) -> Answer {
    let content_type = match request.protocol {
        Protocol::Json => "application/x-amz-json-1.1",
        Protocol::RestJson => "application/json",
        Protocol::Cbor => "application/cbor",
        Protocol::Ec2 | Protocol::Query | Protocol::RestXml | Protocol::S3 => "text/xml",
    };
    Answer::new(200, content_type, &b"<html>\xff\xfe{\"proxy\": <login page"[..])
}

/// Text inside XML.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn cbor_text(out: &mut Vec<u8>, text: &str) {
    out.push(0x79);
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    out.extend(length.to_be_bytes());
    out.extend(&text.as_bytes()[..usize::from(length)]);
}
