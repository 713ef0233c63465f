//! Requests to ticket trackers, for `tickets apply` alone: nothing that scans can reach this.

use std::time::Duration;

use aws_audit_tickets::http::{NoAnswer, Request, Response, Transport};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::{
    Connector,
    proxy::ProxyConfig,
    tls::{self, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector as _, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::HttpRequest,
};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use tokio::{runtime::Handle, task::block_in_place};

use crate::error::{Error, Said, causes};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// An HTTP client that trusts the system's authorities, goes through the environment's proxy, and follows no redirect.
#[derive(Debug)]
pub struct Web(SharedHttpConnector);

impl Web {
    /// The client. It works on the runtime that runs now.
    ///
    /// # Errors
    /// When the system's authorities cannot be used.
    pub fn new() -> Result<Self, Error> {
        let tls = TlsContext::builder().with_trust_store(TrustStore::default()).build();
        let tls = tls.map_err(|error| Error::usage(Said::words(error)))?;
        let settings = HttpConnectorSettings::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .build();
        let mut builder =
            Connector::builder().connector_settings(settings).proxy_config(ProxyConfig::from_env());
        builder.set_sleep_impl(Some(SharedAsyncSleep::new(TokioSleep::new())));
        let builder = builder.tls_provider(tls::Provider::Rustls(CryptoMode::Ring)).tls_context(tls);
        Ok(Self(SharedHttpConnector::new(builder.build())))
    }
}

impl Transport for Web {
    fn send(&mut self, request: &Request) -> Result<Response, NoAnswer> {
        let unusable = |error: &dyn std::fmt::Display| NoAnswer(format!("{request:?}: {error}"));
        let body = request.body.as_ref().map_or_else(SdkBody::empty, |body| SdkBody::from(body.as_str()));
        let mut http = HttpRequest::new(body);
        http.set_method(request.method).map_err(|error| unusable(&error))?;
        http.set_uri(request.url.as_str()).map_err(|error| unusable(&error))?;
        for (name, value) in &request.headers {
            // An error would name the value, which may be the credential.
            let added = http.headers_mut().try_insert(*name, value.clone());
            added.map_err(|_| unusable(&format_args!("the header {name} cannot be sent")))?;
        }
        if let Some(body) = &request.body {
            http.headers_mut().insert("content-length", body.len().to_string());
        }
        let answer = async {
            let answer = self.0.call(http).await.map_err(|error| NoAnswer(causes(&error)))?;
            let status = answer.status().as_u16();
            let headers =
                answer.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            let body = ByteStream::new(answer.into_body()).collect().await;
            let body = body.map_err(|error| NoAnswer(causes(&error)))?.into_bytes();
            Ok(Response { status, headers, body: String::from_utf8_lossy(&body).into_owned() })
        };
        block_in_place(|| Handle::current().block_on(answer))
    }
}
