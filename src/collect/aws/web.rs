//! The one HTTP client: whom it trusts, which proxy it goes through, how it finds a host. All services, regions
//! and credential providers share its connections.

use std::{
    collections::HashMap,
    fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, ToSocketAddrs},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use aws_smithy_http_client::{
    Connector,
    proxy::ProxyConfig,
    tls::{self, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    dns::{DnsFuture, ResolveDns, ResolveDnsError},
    http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::HttpRequest,
    runtime_components::RuntimeComponents,
};
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};

use super::settings::{Origin, Settings, environment};
use crate::{
    collect::call::IN_FLIGHT,
    error::{Error, Said, said},
};

/// Connections kept for the next request, for each host: as many as are ever under way, so that none is closed only to
/// be made again.
const IDLE_CONNECTIONS: usize = IN_FLIGHT;
/// Where systems keep their authorities in one file.
const SYSTEM_BUNDLES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// The client. Connectors differ by their time limits alone: instance metadata must be there at once.
#[derive(Debug)]
pub(super) struct Web {
    tls: TlsContext,
    connectors: Mutex<HashMap<Limits, SharedHttpConnector>>,
}

/// Longest waits for a connection, and for an answer.
type Limits = (Option<Duration>, Option<Duration>);

impl Web {
    /// A client that trusts the authorities that the settings or the system name.
    ///
    /// # Errors
    /// When those cannot be read, or a proxy cannot be used.
    pub(super) fn new(settings: &Settings) -> Result<Self, Error> {
        check_proxies()?;
        let tls = TlsContext::builder().with_trust_store(trust_store(settings)?).build();
        let tls = tls.map_err(|error| Error::usage(Said::words(error)))?;
        Ok(Self { tls, connectors: Mutex::default() })
    }
}

impl HttpClient for Web {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let limits = (settings.connect_timeout(), settings.read_timeout());
        let connect = |proxy| {
            let mut builder = Connector::builder()
                .connector_settings(settings.clone())
                .proxy_config(proxy)
                .pool_max_idle_per_host(IDLE_CONNECTIONS);
            builder.set_sleep_impl(components.sleep_impl());
            let builder = builder.tls_provider(tls::Provider::Rustls(CryptoMode::Ring));
            SharedHttpConnector::new(builder.tls_context(self.tls.clone()).build_with_resolver(Resolver))
        };
        let mut connectors = self.connectors.lock().unwrap_or_else(PoisonError::into_inner);
        let connector = connectors.entry(limits).or_insert_with(|| {
            SharedHttpConnector::new(Routed {
                proxied: connect(ProxyConfig::from_env()),
                direct: connect(ProxyConfig::disabled()),
            })
        });
        connector.clone()
    }
}

/// Goes through the proxy, unless the host is one that only this machine can reach.
#[derive(Debug)]
struct Routed {
    proxied: SharedHttpConnector,
    direct: SharedHttpConnector,
}

impl HttpConnector for Routed {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if gives_credentials(request.uri()) { self.direct.call(request) } else { self.proxied.call(request) }
    }
}

/// Whether the URL is that of instance metadata or of a container's credentials. A proxy would answer for
/// itself: with its own role, if it runs on EC2.
fn gives_credentials(url: &str) -> bool {
    const HOSTS: [IpAddr; 5] = [
        IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
        IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2)),
        IpAddr::V4(Ipv4Addr::new(169, 254, 170, 23)),
        IpAddr::V6(Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254)),
        IpAddr::V6(Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0023)),
    ];
    let Some((_, rest)) = url.split_once("://") else { return false };
    let authority = rest.split('/').next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host.parse().is_ok_and(|host: IpAddr| HOSTS.contains(&host))
}

/// A proxy that cannot be used would be passed by without a word.
fn check_proxies() -> Result<(), Error> {
    for name in ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        let Some(value) = environment(name) else { continue };
        let (scheme, rest) = value.split_once("://").unwrap_or(("http", &value));
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = authority.rsplit('@').next().unwrap_or_default();
        let scheme_known = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
        // The value is not told: there may be a password in it.
        if !scheme_known || host.is_empty() || value.contains(char::is_whitespace) {
            let what = Origin::Environment(name.to_owned()).said().within(
                |origin| format!("{origin} is no proxy that can be used"),
                |origin| format!("{origin} の値はプロキシとして使えません"),
            );
            return Err(Error::usage(what.with_help(said(
                "proxies look like http://HOST:PORT or https://HOST:PORT",
                "プロキシは http://HOST:PORT や https://HOST:PORT の形で指定してください",
            ))));
        }
    }
    Ok(())
}

/// Whom to trust: `AWS_CA_BUNDLE` and `ca_bundle` stand in for the system's authorities, as `SSL_CERT_FILE` and
/// `SSL_CERT_DIR` do for programs that use OpenSSL.
fn trust_store(settings: &Settings) -> Result<TrustStore, Error> {
    if let Some(bundle) = &settings.ca_bundle {
        return trusting(&in_home(&bundle.value), &bundle.origin.said());
    }
    let is_set = |name| std::env::var_os(name).is_some();
    let named = environment("SSL_CERT_DIR").is_some();
    if !named && (is_set("SSL_CERT_FILE") || is_set("SSL_CERT_DIR")) {
        // Set and empty: as not set, where the reader of the system's authorities would find none.
        if let Some(file) = SYSTEM_BUNDLES.into_iter().map(Path::new).find(|file| file.exists()) {
            return trusting(file, &said("the system", "システム"));
        }
    }
    Ok(TrustStore::default())
}

fn in_home(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}

fn trusting(file: &Path, origin: &Said) -> Result<TrustStore, Error> {
    let wrong = |what: Said| {
        let file = file.display();
        Err(Error::usage(what.within(
            |what| format!("{file}, named by {}: {what}", origin.en),
            |what| format!("{} が指定する {file}：{what}", origin.ja),
        )))
    };
    let text = match fs::read(file) {
        Ok(text) => text,
        Err(error) => {
            return wrong(said(
                format!("the certificates could not be read: {error}"),
                format!("証明書を読めません：{error}"),
            ));
        }
    };
    let certificates = certificates(&String::from_utf8_lossy(&text));
    if certificates.is_empty() {
        return wrong(said(
            "there is no certificate of an authority in PEM form in it",
            "PEM形式の認証局の証明書が含まれていません",
        ));
    }
    Ok(certificates.into_iter().fold(TrustStore::empty(), TrustStore::with_pem_certificate))
}

/// The certificates in the text that a connection can be checked with; the rest of a bundle is no reason to
/// refuse it.
fn certificates(text: &str) -> Vec<String> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let blocks = text.split(BEGIN).skip(1).filter_map(|rest| rest.split_once(END));
    blocks
        .map(|(body, _)| format!("{BEGIN}{body}{END}\n"))
        .filter(|block| {
            CertificateDer::from_pem_slice(block.as_bytes())
                .is_ok_and(|certificate| RootCertStore::empty().add(certificate).is_ok())
        })
        .collect()
}

/// A name that the system's resolver has no address for, or could not look up: systems tell these apart in words
/// only, each in its own.
#[derive(Debug)]
pub(in super::super) struct Unresolved {
    /// The host: of the endpoint, or of the proxy.
    pub(in super::super) name: String,
    cause: Box<dyn std::error::Error + Send + Sync>,
}

#[cfg(test)]
impl Unresolved {
    pub(in super::super) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), cause: "no such name".into() }
    }
}

impl std::fmt::Display for Unresolved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no address for {}", self.name)
    }
}

impl std::error::Error for Unresolved {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.cause)
    }
}

/// The system's resolver, but for S3 Control's account before the host: `111122223333.localhost` and
/// `111122223333.127.0.0.1` are this machine, whatever the system says.
#[derive(Clone, Debug)]
struct Resolver;

impl ResolveDns for Resolver {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        if let Some(address) = local(name) {
            return DnsFuture::ready(Ok(vec![address]));
        }
        let name = name.to_owned();
        DnsFuture::new(async move {
            let host = name.clone();
            let resolved = tokio::task::spawn_blocking(move || (host, 0_u16).to_socket_addrs()).await;
            match resolved.map_err(ResolveDnsError::new)? {
                Ok(addresses) => Ok(addresses.map(|address| address.ip()).collect()),
                Err(error) => Err(ResolveDnsError::new(Unresolved { name, cause: error.into() })),
            }
        })
    }
}

fn local(name: &str) -> Option<IpAddr> {
    let (account, host) = name.split_once('.')?;
    if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if host == "localhost" { Some(Ipv4Addr::LOCALHOST.into()) } else { host.parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_prefixes_of_local_endpoints_resolve() {
        assert_eq!(local("111122223333.localhost").unwrap().to_string(), "127.0.0.1");
        assert_eq!(local("111122223333.127.0.0.1").unwrap().to_string(), "127.0.0.1");
        assert_eq!(local("111122223333.s3-control.eu-west-1.amazonaws.com"), None);
        assert_eq!(local("localhost"), None);
    }

    #[test]
    fn credentials_of_this_machine_are_never_asked_through_a_proxy() {
        for direct in [
            "http://169.254.169.254/latest/api/token",
            "http://169.254.170.23:80/v1/credentials",
            "http://[fd00:ec2::254]/x",
        ] {
            assert!(gives_credentials(direct), "{direct}");
        }
        for other in [
            "https://sts.eu-west-1.amazonaws.com/",
            "http://169.254.169.253/",
            "http://169.254.169.254.example.com/",
        ] {
            assert!(!gives_credentials(other), "{other}");
        }
    }

    #[test]
    fn what_is_no_certificate_is_left_out() {
        assert!(certificates("").is_empty());
        assert!(certificates("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").is_empty());
        assert!(certificates("-----BEGIN CERTIFICATE-----\nAAAA").is_empty());
    }
}
