//! An AWS of a few operations that a test answers itself: what the emulator does not do, such as refusing
//! credentials, speaking TLS, or being instance metadata.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};

/// A request, as far as tests look at it.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// `POST /`, `GET /latest/…`, `CONNECT host:443`
    pub line: String,
    /// `Action` of the query protocol, where there is one.
    pub action: String,
    /// The access key that signed it.
    pub key: String,
    pub host: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// Status and body.
pub type Told = (u16, String);

type Answer = dyn Fn(&Asked) -> Told + Send + Sync;

/// The server, on a thread of its own for as long as the test binary runs.
pub struct Fake {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Fake {
    /// Answers what `answer` says.
    pub fn start(answer: impl Fn(&Asked) -> Told + Send + Sync + 'static) -> Self {
        Self::serve(answer, None)
    }

    /// The same behind TLS, with a certificate for `localhost` from the authority `tests/support/tls/ca.pem`.
    pub fn start_tls(answer: impl Fn(&Asked) -> Told + Send + Sync + 'static) -> Self {
        let certificate = include_bytes!("tls/cert.pem");
        let certificate = CertificateDer::from_pem_slice(certificate).expect("a certificate");
        let key = PrivateKeyDer::from_pem_slice(include_bytes!("tls/key.pem")).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("TLS versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .expect("a configuration");
        Self::serve(answer, Some(Arc::new(config)))
    }

    fn serve(
        answer: impl Fn(&Asked) -> Told + Send + Sync + 'static,
        tls: Option<Arc<ServerConfig>>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (answer, log) = (Arc::new(answer) as Arc<Answer>, Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, log, tls) = (Arc::clone(&answer), Arc::clone(&log), tls.clone());
                // A client that hangs up is no error of the test.
                std::thread::spawn(move || match tls {
                    Some(config) => {
                        let connection = ServerConnection::new(config).expect("a connection");
                        talk(StreamOwned::new(connection, stream), &*answer, &log)
                    }
                    None => talk::<TcpStream>(stream, &*answer, &log),
                });
            }
        });
        Self { url: format!("{scheme}://localhost:{port}"), asked }
    }

    /// Everything that was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// How often this action was asked.
    pub fn count(&self, action: &str) -> usize {
        self.asked().iter().filter(|asked| asked.action == action).count()
    }
}

fn talk<S: Read + Write>(stream: S, answer: &Answer, log: &Mutex<Vec<Asked>>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let line = line.trim().strip_suffix(" HTTP/1.1").unwrap_or_default().to_owned();
        let mut asked = Asked { line, ..Asked::default() };
        let mut length = 0;
        loop {
            let mut header = String::new();
            stream.read_line(&mut header)?;
            let Some((name, value)) = header.trim().split_once(':') else { break };
            let (name, value) = (name.to_ascii_lowercase(), value.trim().to_owned());
            match name.as_str() {
                "content-length" => length = value.parse().unwrap_or(0),
                "host" => asked.host.clone_from(&value),
                "authorization" => {
                    let key = value.split_once("Credential=").and_then(|(_, rest)| rest.split('/').next());
                    asked.key = key.unwrap_or_default().to_owned();
                }
                _ => {}
            }
            asked.headers.push((name, value));
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body)?;
        asked.body = String::from_utf8_lossy(&body).into_owned();
        let action = asked.body.split('&').find_map(|pair| pair.strip_prefix("Action="));
        asked.action = action.unwrap_or_default().to_owned();
        let (status, body) = answer(&asked);
        log.lock().unwrap().push(asked);
        let kind = if body.starts_with('{') { "application/json" } else { "text/xml" };
        let length = body.len();
        write!(
            stream.get_mut(),
            "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\nx-aws-ec2-metadata-token-ttl-seconds: 60\r\ncontent-length: {length}\r\n\r\n{body}"
        )?;
        stream.get_mut().flush()?;
    }
}

/// The error of the query protocol.
pub fn error(status: u16, code: &str) -> Told {
    let body =
        format!("<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>");
    (status, body)
}

/// The error of EC2.
pub fn ec2_error(status: u16, code: &str) -> Told {
    (
        status,
        format!(
            "<Response><Errors><Error><Code>{code}</Code><Message>no</Message></Error></Errors></Response>"
        ),
    )
}

/// Answers the few calls of a scan for `iam-password-policy-length`. The account is told by the access key:
/// its last twelve digits.
pub fn account(asked: &Asked) -> Told {
    let digits: String = asked.key.chars().filter(char::is_ascii_digit).collect();
    let id =
        digits.get(digits.len().saturating_sub(12)..).filter(|id| id.len() == 12).unwrap_or("000000000000");
    match asked.action.as_str() {
        "GetCallerIdentity" => (
            200,
            format!(
                "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::{id}:user/jo</Arn>\
                 <UserId>AIDA</UserId><Account>{id}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
            ),
        ),
        "ListAccountAliases" => (
            200,
            "<ListAccountAliasesResponse><ListAccountAliasesResult><AccountAliases><member>example</member>\
             </AccountAliases><IsTruncated>false</IsTruncated></ListAccountAliasesResult></ListAccountAliasesResponse>"
                .into(),
        ),
        "GetAccountPasswordPolicy" => error(404, "NoSuchEntity"),
        _ => error(403, "AccessDenied"),
    }
}

/// The answer to `AssumeRole` and the like: a session with this access key, for so many seconds.
pub fn session(action: &str, key: &str, seconds: i64) -> Told {
    let expiration = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds);
    let body = format!(
        "<{action}Response><{action}Result><Credentials><AccessKeyId>{key}</AccessKeyId>\
         <SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>\
         <Expiration>{expiration:.0}</Expiration></Credentials></{action}Result></{action}Response>"
    );
    (200, body)
}
