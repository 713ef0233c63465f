//! Services that speak JSON and are asked one or two things only: an SDK crate for each would cost minutes of
//! compiling. Signing, credentials, timeouts and HTTP are the SDK's, as is the promise to read only.

use aws_audit_checks::source::Operation;
use aws_runtime::auth::{
    SigV4OperationSigningConfig,
    sigv4::{SCHEME_ID, SigV4AuthScheme},
};
use aws_smithy_runtime::client::orchestrator::operation::Operation as SdkOperation;
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        auth::{AuthSchemeOptionResolverParams, static_resolver::StaticAuthSchemeOptionResolver},
        behavior_version::BehaviorVersion,
        identity::SharedIdentityResolver,
        orchestrator::{HttpRequest, HttpResponse, OrchestratorError},
        result::SdkError,
        runtime_components::RuntimeComponentsBuilder,
        runtime_plugin::StaticRuntimePlugin,
    },
};
use aws_smithy_types::{body::SdkBody, config_bag::Layer, error::ErrorMetadata};
use aws_types::{
    SigningName, region::SigningRegion, sdk_config::SdkConfig, service_config::ServiceConfigKey,
};
use serde_json::Value;

use super::{ask::Ask, call::CallError, read_only::ReadOnly, whole::Whole};

/// A service that speaks JSON.
#[derive(Debug)]
pub(super) struct JsonApi {
    /// What its endpoints begin with.
    pub(super) host: &'static str,
    /// What its requests are signed for.
    pub(super) signing_name: &'static str,
    /// How it takes operations.
    pub(super) protocol: Protocol,
}

/// How a service takes operations (Smithy specification: AWS JSON 1.0, AWS JSON 1.1, AWS restJson1).
#[derive(Debug)]
pub(super) enum Protocol {
    /// By the header `X-Amz-Target: PREFIX.OPERATION`.
    Target { prefix: &'static str, content_type: &'static str },
    /// By method and path.
    Rest,
}

/// A request, as the protocol has it.
#[derive(Clone, Debug)]
pub(super) struct JsonRequest {
    method: &'static str,
    path: String,
    body: Option<Value>,
}

impl JsonRequest {
    /// One of [`Protocol::Target`].
    pub(super) fn body(body: Value) -> Self {
        Self { method: "POST", path: "/".to_owned(), body: Some(body) }
    }

    /// One of [`Protocol::Rest`], without a body. The path may have a query.
    pub(super) const fn path(method: &'static str, path: String) -> Self {
        Self { method, path, body: None }
    }

    fn with_token(mut self, key: &str, token: Option<String>) -> Self {
        if let Some(token) = token {
            match self.body.as_mut().and_then(Value::as_object_mut) {
                Some(body) => drop(body.insert(key.to_owned(), token.into())),
                None => {
                    let mark = if self.path.contains('?') { '&' } else { '?' };
                    self.path += &format!("{mark}{key}={}", encoded(&token));
                }
            }
        }
        self
    }
}

/// What a path or query can hold.
pub(super) fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// A text of an answer, under that key.
pub(super) fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key)?.as_str()
}

impl JsonApi {
    /// Every item of a list, page by page; its key, and that of the token for the next page.
    pub(super) async fn list(
        &'static self,
        ask: &Ask,
        operation: &'static Operation,
        request: JsonRequest,
        (list, next): (&str, &str),
    ) -> Result<Vec<Value>, CallError> {
        let send =
            |token| self.send(ask.aws.sdk_config(), operation, request.clone().with_token(next, token));
        let pages = ask.pages(operation, None, send, |page: &Value| text(page, next)).await?;
        let items = pages.into_iter().map(|mut page| match page.get_mut(list).map(Value::take) {
            Some(Value::Array(items)) => Ok(items),
            // An empty list may be left out.
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(_) => Err(ask.unreadable(operation, None, format!("{list} is no list"))),
        });
        Ok(items.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    /// The answer about one thing.
    pub(super) async fn one(
        &'static self,
        ask: &Ask,
        operation: &'static Operation,
        about: &str,
        request: JsonRequest,
    ) -> Result<Value, CallError> {
        let send = || self.send(ask.aws.sdk_config(), operation, request.clone());
        ask.call(operation, Some(about), send).await
    }

    /// Sends one request.
    async fn send(
        &self,
        config: &SdkConfig,
        operation: &'static Operation,
        request: JsonRequest,
    ) -> Result<Value, SdkError<ErrorMetadata, HttpResponse>> {
        let (Some(region), Some(credentials), Some(http_client), Some(timeouts)) =
            (config.region(), config.credentials_provider(), config.http_client(), config.timeout_config())
        else {
            return Err(SdkError::construction_failure("no region, credentials or HTTP client"));
        };
        let mut layer = Layer::new("signing");
        layer.store_put(AuthSchemeOptionResolverParams::new(()));
        layer.store_put(SigV4OperationSigningConfig {
            region: Some(SigningRegion::from(region.clone())),
            name: Some(SigningName::from_static(self.signing_name)),
            ..SigV4OperationSigningConfig::default()
        });
        let mut components = RuntimeComponentsBuilder::new("signing")
            .with_auth_scheme(SigV4AuthScheme::new())
            .with_auth_scheme_option_resolver(Some(StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID])))
            .with_identity_cache(config.identity_cache());
        components.set_identity_resolver(SCHEME_ID, SharedIdentityResolver::new(credentials));
        let target = match self.protocol {
            Protocol::Target { prefix, content_type } => {
                Some((format!("{prefix}.{}", operation.name), content_type))
            }
            Protocol::Rest => None,
        };
        let mut call = SdkOperation::builder()
            .service_name(operation.service)
            .operation_name(operation.name)
            .behavior_version(BehaviorVersion::v2026_01_12())
            .http_client(http_client)
            .endpoint_url(&self.endpoint(config, operation, region.as_ref()))
            .no_retry()
            .timeout_config(timeouts.clone())
            .interceptor(ReadOnly)
            .interceptor(Whole)
            .runtime_plugin(
                StaticRuntimePlugin::new().with_config(layer.freeze()).with_runtime_components(components),
            )
            .serializer(move |request: JsonRequest| http_request(request, target.as_ref()))
            .deserializer(answer);
        if let Some(sleep) = config.sleep_impl() {
            call = call.sleep_impl(sleep);
        }
        if let Some(time) = config.time_source() {
            call = call.time_source(time);
        }
        call.build().invoke(request).await
    }

    /// The endpoint that the configuration names for the service or for all, else AWS's own.
    fn endpoint(&self, config: &SdkConfig, operation: &Operation, region: &str) -> String {
        let key = ServiceConfigKey::builder()
            .service_id(operation.service)
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build();
        let of_service = config.service_config().zip(key.ok()).and_then(|(all, key)| all.load_config(key));
        of_service.or_else(|| config.endpoint_url().map(str::to_owned)).unwrap_or_else(|| {
            let fips = if config.use_fips() == Some(true) { "-fips" } else { "" };
            let suffix = dns_suffix(region, config.use_dual_stack() == Some(true));
            format!("https://{}{fips}.{region}.{suffix}", self.host)
        })
    }
}

/// The domain of a region's partition, as the SDKs' `partitions.json` has it; the others know no dual stack.
fn dns_suffix(region: &str, dual_stack: bool) -> &'static str {
    const SUFFIXES: [(&str, &str, &str); 7] = [
        ("cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
        ("eusc-", "amazonaws.eu", "api.amazonwebservices.eu"),
        ("us-isob-", "sc2s.sgov.gov", "sc2s.sgov.gov"),
        ("us-isof-", "csp.hci.ic.gov", "csp.hci.ic.gov"),
        ("eu-isoe-", "cloud.adc-e.uk", "cloud.adc-e.uk"),
        ("us-iso-", "c2s.ic.gov", "c2s.ic.gov"),
        ("", "amazonaws.com", "api.aws"),
    ];
    let found = SUFFIXES.iter().find(|(prefix, ..)| region.starts_with(prefix));
    found.map_or("amazonaws.com", |(_, plain, dual)| if dual_stack { dual } else { plain })
}

fn http_request(
    request: JsonRequest,
    target: Option<&(String, &'static str)>,
) -> Result<HttpRequest, BoxError> {
    let body = request.body.as_ref().map(serde_json::to_vec).transpose()?;
    let mut http = HttpRequest::new(body.clone().map_or_else(SdkBody::empty, SdkBody::from));
    http.set_method(request.method)?;
    http.set_uri(request.path)?;
    let headers = http.headers_mut();
    headers.insert("user-agent", "app/aws-audit");
    if let Some(body) = body {
        headers.insert("content-length", body.len().to_string());
        headers.insert("content-type", target.map_or("application/json", |(_, content_type)| content_type));
    }
    if let Some((target, _)) = target {
        headers.insert("x-amz-target", target.clone());
    }
    Ok(http)
}

fn answer(response: &HttpResponse) -> Result<Value, OrchestratorError<ErrorMetadata>> {
    let body = response.body().bytes().unwrap_or_default();
    let value: Result<Value, _> = serde_json::from_slice(body);
    if response.status().is_success() {
        return value.map_err(OrchestratorError::other);
    }
    let value = value.unwrap_or_default();
    let text = |keys: &[&str]| keys.iter().find_map(|key| value.get(*key)?.as_str()).map(str::to_owned);
    // `NAMESPACE#CODE` in the body, `CODE:URL` in the header.
    let code = response.headers().get("x-amzn-errortype").map(str::to_owned);
    let code = code.or_else(|| text(&["__type", "code"])).unwrap_or_default();
    let code = code.split(':').next().unwrap_or_default();
    let code = code.rsplit('#').next().unwrap_or_default();
    let mut error = ErrorMetadata::builder().code(code);
    if let Some(message) = text(&["message", "Message", "errorMessage"]) {
        error = error.message(message);
    }
    Err(OrchestratorError::operation(error.build()))
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::http::StatusCode;

    use super::*;

    fn response(status: u16, header: Option<&'static str>, body: &'static str) -> HttpResponse {
        let mut response = HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body));
        if let Some(header) = header {
            response.headers_mut().insert("x-amzn-errortype", header);
        }
        response
    }

    #[test]
    fn errors_have_their_code_wherever_it_stands() {
        for (header, body) in [
            (Some("AccessDeniedException:http://internal.amazon.com/"), r#"{"message": "no"}"#),
            (None, r#"{"__type": "com.amazon.coral.service#AccessDeniedException", "Message": "no"}"#),
            (None, r#"{"code": "AccessDeniedException", "message": "no"}"#),
        ] {
            let error = answer(&response(403, header, body)).unwrap_err();
            let error = error.as_operation_error().expect("told by the service");
            assert_eq!((error.code(), error.message()), (Some("AccessDeniedException"), Some("no")));
        }
        let error = answer(&response(502, None, "<html>")).unwrap_err();
        assert_eq!(error.as_operation_error().unwrap().code(), Some(""));
    }

    #[test]
    fn an_answer_that_is_no_json_is_no_answer() {
        assert!(answer(&response(200, None, "{\"Jobs\": [")).unwrap_err().as_operation_error().is_none());
        assert_eq!(answer(&response(200, None, "{}")).unwrap(), serde_json::json!({}));
    }

    #[test]
    fn endpoints_follow_the_partition() {
        for (region, suffix) in [
            ("eu-west-1", "amazonaws.com"),
            ("cn-north-1", "amazonaws.com.cn"),
            ("us-gov-west-1", "amazonaws.com"),
        ] {
            assert_eq!(dns_suffix(region, false), suffix);
        }
        assert_eq!(dns_suffix("eu-west-1", true), "api.aws");
    }
}
