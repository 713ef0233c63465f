//! Services that are asked by their protocols. An SDK crate for each would cost minutes of compiling, and gigabytes:
//! `aws-sdk-ec2` has 811 operations, of which we ask for 30 (docs/performance.md, "Building"). Signing, credentials,
//! timeouts and HTTP are the SDK's, as is the promise to read only.
//!
//! What a service answers is a [`Node`], read field by field under the names of AWS's API Reference;
//! `testbed/python/fields.py` holds each name against the service's model.

mod node;

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
use percent_encoding::AsciiSet;
use serde_json::{Map, Value};

pub(super) use self::node::Node;
use super::{ask::Ask, call::CallError, read_only::ReadOnly, whole::Whole};

/// A service, and how it is asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Api {
    /// What its endpoints begin with.
    host: &'static str,
    /// The same where FIPS is asked for; `HOST-fips` where none is told.
    fips_host: Option<&'static str>,
    /// Regions, by what their names begin with, whose ordinary endpoints are those for FIPS.
    fips_regions: &'static [&'static str],
    /// What its endpoints for IPv6 begin with, where that is another name.
    dual_stack_host: Option<&'static str>,
    /// The domains in which they are so named.
    dual_stack_domains: &'static [&'static str],
    /// The same where FIPS is asked for too; the name for IPv6 with `-fips` where none is told.
    dual_stack_fips_host: Option<&'static str>,
    /// Whether it has none for IPv6 in the partition `aws`: those for IPv4 stand for them.
    is_ipv4_only: bool,
    /// What its requests are signed for.
    signing_name: &'static str,
    /// Whether it answers in another format unless it is asked for JSON.
    wants_accept: bool,
    /// How it takes operations.
    protocol: Protocol,
}

/// How a service takes operations, and answers (Smithy specification, "AWS Protocols").
#[derive(Clone, Copy, Debug)]
enum Protocol {
    /// AWS JSON: the header `X-Amz-Target: PREFIX.OPERATION`, and JSON both ways.
    Json { version: &'static str, prefix: &'static str },
    /// AWS restJson1: method and path, and JSON both ways.
    RestJson,
    /// AWS query and EC2 query: a form, answered with XML.
    Query { version: &'static str },
}

impl Api {
    /// A service that speaks AWS JSON 1.1, signs with the name of its host, and has the endpoints that most have.
    const fn json(host: &'static str, prefix: &'static str) -> Self {
        Self::new(host, Protocol::Json { version: "1.1", prefix })
    }

    /// The same, of AWS JSON 1.0.
    const fn json_1_0(host: &'static str, prefix: &'static str) -> Self {
        Self::new(host, Protocol::Json { version: "1.0", prefix })
    }

    /// The same, of AWS restJson1.
    const fn rest_json(host: &'static str) -> Self {
        Self::new(host, Protocol::RestJson)
    }

    /// The same, of AWS query or EC2 query; the version of the API that is asked for.
    const fn query(host: &'static str, version: &'static str) -> Self {
        Self::new(host, Protocol::Query { version })
    }

    const fn new(host: &'static str, protocol: Protocol) -> Self {
        Self {
            host,
            fips_host: None,
            fips_regions: &[],
            dual_stack_host: None,
            dual_stack_domains: &[],
            dual_stack_fips_host: None,
            is_ipv4_only: false,
            signing_name: host,
            wants_accept: false,
            protocol,
        }
    }
}

/// AWS GovCloud (US).
const GOV: &[&str] = &["us-gov-"];

macro_rules! apis {
    ($($name:ident = $api:expr;)+) => {
        $( pub(super) const $name: Api = $api; )+

        /// All of them.
        #[cfg(test)]
        const ALL: &[(&str, Api)] = &[$( (stringify!($name), $name) ),+];
    };
}

apis! {
    ACM = Api { fips_regions: GOV, ..Api::json("acm", "CertificateManager") };
    AGENTCORE = Api { signing_name: "bedrock-agentcore", ..Api::rest_json("bedrock-agentcore-control") };
    API_GATEWAY = Api { wants_accept: true, ..Api::rest_json("apigateway") };
    API_GATEWAY_V2 = Api::rest_json("apigateway");
    APPSYNC = Api::rest_json("appsync");
    APP_RUNNER = Api::json_1_0("apprunner", "AppRunner");
    BACKUP = Api::rest_json("backup");
    CLOUDFORMATION = Api { fips_regions: GOV, ..Api::query("cloudformation", "2010-05-15") };
    CODEBUILD = Api::json("codebuild", "CodeBuild_20161006");
    COGNITO_IDENTITY = Api { is_ipv4_only: true, ..Api::json("cognito-identity", "AWSCognitoIdentityService") };
    COGNITO_IDP =
        Api { is_ipv4_only: true, ..Api::json("cognito-idp", "AWSCognitoIdentityProviderService") };
    CONFIG = Api { fips_regions: GOV, ..Api::json("config", "StarlingDoveService") };
    DETECTIVE = Api {
        signing_name: "detective",
        dual_stack_host: Some("detective"),
        dual_stack_domains: &["api.aws"],
        ..Api::rest_json("api.detective")
    };
    DMS = Api { fips_regions: GOV, ..Api::json("dms", "AmazonDMSv20160101") };
    EC2 = Api { fips_regions: GOV, ..Api::query("ec2", "2016-11-15") };
    ECS = Api::json("ecs", "AmazonEC2ContainerServiceV20141113");
    EKS = Api { fips_regions: GOV, fips_host: Some("fips.eks"), ..Api::rest_json("eks") };
    ELASTICACHE = Api { fips_regions: GOV, ..Api::query("elasticache", "2015-02-02") };
    GLUE = Api::json("glue", "AWSGlue");
    GUARDDUTY = Api { fips_regions: GOV, ..Api::rest_json("guardduty") };
    INSPECTOR = Api::rest_json("inspector2");
    LOGS = Api { fips_regions: GOV, ..Api::json("logs", "Logs_20140328") };
    MACIE = Api::rest_json("macie2");
    OPENSEARCH = Api {
        dual_stack_host: Some("aos"),
        dual_stack_domains: &["api.aws", "api.amazonwebservices.com.cn"],
        dual_stack_fips_host: Some("es-fips"),
        ..Api::rest_json("es")
    };
    RDS = Api { fips_regions: GOV, ..Api::query("rds", "2014-10-31") };
    REDSHIFT = Api { fips_regions: GOV, ..Api::query("redshift", "2012-12-01") };
    SAGEMAKER = Api {
        signing_name: "sagemaker",
        fips_host: Some("api-fips.sagemaker"),
        ..Api::json("api.sagemaker", "SageMaker")
    };
    SECURITY_HUB = Api::rest_json("securityhub");
    SNS = Api { fips_regions: GOV, ..Api::query("sns", "2010-03-31") };
    SSM = Api { fips_regions: GOV, ..Api::json("ssm", "AmazonSSM") };
    SSO_ADMIN = Api { fips_regions: GOV, ..Api::json("sso", "SWBExternalService") };
    STEP_FUNCTIONS = Api { fips_regions: &["us-gov-west-1"], ..Api::json_1_0("states", "AWSStepFunctions") };
}

/// What is asked of an operation: of AWS restJson1, method and path besides the fields.
#[derive(Clone, Debug)]
pub(super) struct Request {
    method: &'static str,
    path: String,
    /// Whether the fields are the body's; else they are the query's.
    has_body: bool,
    /// In the order of a form.
    fields: Vec<(String, Value)>,
}

impl Request {
    /// One of AWS JSON, AWS query or EC2 query.
    pub(super) fn new() -> Self {
        Self::post("/")
    }

    /// A `POST` whose fields are JSON.
    pub(super) fn post(path: impl Into<String>) -> Self {
        Self { method: "POST", path: path.into(), has_body: true, fields: Vec::new() }
    }

    /// A `GET`, whose fields are the query's.
    pub(super) fn get(path: impl Into<String>) -> Self {
        Self { method: "GET", has_body: false, ..Self::post(path) }
    }

    /// A `POST` whose fields are the query's.
    pub(super) fn post_query(path: impl Into<String>) -> Self {
        Self { has_body: false, ..Self::post(path) }
    }

    /// The request with that field.
    pub(super) fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.fields.push((field.to_owned(), value.into()));
        self
    }

    /// The request for the page that the token names, if it names one.
    fn following(&self, token: Token, value: Option<String>) -> Self {
        let request = self.clone();
        match value {
            Some(value) => request.with(token.sent, value),
            None => request,
        }
    }
}

/// How a list tells that it goes on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    /// The field of the request.
    pub(super) sent: &'static str,
    /// The field of the answer.
    pub(super) told: &'static str,
}

impl Token {
    /// Both have one name.
    pub(super) const fn named(name: &'static str) -> Self {
        Self { sent: name, told: name }
    }
}

/// What a path or query can hold: all but the unreserved characters of RFC 3986, section 2.3, is encoded.
pub(super) fn encoded(text: &str) -> String {
    const RESERVED: AsciiSet =
        percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    percent_encoding::utf8_percent_encode(text, &RESERVED).to_string()
}

impl Api {
    /// Every item of a list, page by page: its field.
    pub(super) async fn list(
        &self,
        ask: &Ask,
        operation: &'static Operation,
        about: Option<&str>,
        request: Request,
        (list, token): (&'static str, Token),
    ) -> Result<Vec<Node>, CallError> {
        let pages = self.pages(ask, operation, about, request, token).await?;
        items(ask, operation, about, pages, list)
    }

    /// The same, until there are that many.
    pub(super) async fn list_until(
        &self,
        ask: &Ask,
        operation: &'static Operation,
        request: Request,
        (list, token): (&'static str, Token),
        most: usize,
    ) -> Result<Vec<Node>, CallError> {
        let are_enough = |pages: &[Node]| {
            let counts = pages.iter().map(|page| page.list(list).map_or(0, |items| items.len()));
            counts.sum::<usize>() >= most
        };
        let pages = self.pages_until(ask, operation, None, request, token, are_enough).await?;
        items(ask, operation, None, pages, list)
    }

    /// Every item of a list of texts, none of which is empty.
    pub(super) async fn texts(
        &self,
        ask: &Ask,
        operation: &'static Operation,
        about: Option<&str>,
        request: Request,
        (list, token): (&'static str, Token),
    ) -> Result<Vec<String>, CallError> {
        let pages = self.pages(ask, operation, about, request, token).await?;
        let mut texts = Vec::new();
        for page in pages {
            texts.extend(ask.item(operation, about, page.texts(list))?);
        }
        Ok(texts)
    }

    /// Every page of an answer.
    pub(super) async fn pages(
        &self,
        ask: &Ask,
        operation: &'static Operation,
        about: Option<&str>,
        request: Request,
        token: Token,
    ) -> Result<Vec<Node>, CallError> {
        self.pages_until(ask, operation, about, request, token, |_| false).await
    }

    /// Every page of an answer, until the pages are enough.
    async fn pages_until(
        &self,
        ask: &Ask,
        operation: &'static Operation,
        about: Option<&str>,
        request: Request,
        token: Token,
        are_enough: impl Fn(&[Node]) -> bool,
    ) -> Result<Vec<Node>, CallError> {
        let send = |value| self.send(ask.aws.sdk_config(), operation, request.following(token, value));
        let pages = ask
            .pages_until(operation, about, send, |page| page.text(token.told).ok().flatten(), are_enough)
            .await?;
        // What is no token is no end of the list either.
        for page in &pages {
            ask.item(operation, about, page.text(token.told))?;
        }
        Ok(pages)
    }

    /// The answer to one request.
    pub(super) async fn one(
        &self,
        ask: &Ask,
        operation: &'static Operation,
        about: Option<&str>,
        request: Request,
    ) -> Result<Node, CallError> {
        let send = || self.send(ask.aws.sdk_config(), operation, request.clone());
        ask.call(operation, about, send).await
    }

    /// Sends one request.
    async fn send(
        &self,
        config: &SdkConfig,
        operation: &'static Operation,
        request: Request,
    ) -> Result<Node, SdkError<ErrorMetadata, HttpResponse>> {
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
        let api = *self;
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
            .serializer(move |request: Request| api.http_request(operation, request))
            .deserializer(move |response| api.answer(operation, response));
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
            self.url(region, config.use_fips() == Some(true), config.use_dual_stack() == Some(true))
        })
    }

    /// AWS's own endpoint, by the rules of the service's model (`endpoint-rule-set-1.json`).
    fn url(&self, region: &str, fips: bool, dual_stack: bool) -> String {
        let is_of_aws = dns_suffix(region, false) == "amazonaws.com" && !region.starts_with("us-gov-");
        // The rules name those for FIPS of the United States only.
        let is_ipv4 = self.is_ipv4_only && is_of_aws && (!fips || region.starts_with("us-"));
        let dual_stack = dual_stack && !is_ipv4;
        let suffix = dns_suffix(region, dual_stack);
        let is_named_so = dual_stack && self.dual_stack_domains.contains(&suffix);
        let host = self.dual_stack_host.filter(|_| is_named_so).unwrap_or(self.host);
        let is_fips = self.fips_regions.iter().any(|begin| region.starts_with(begin));
        let host = match self.fips_host {
            _ if !fips || is_fips && !dual_stack => host.to_owned(),
            fips_host => {
                let named = if dual_stack { self.dual_stack_fips_host } else { fips_host };
                named.map_or_else(|| format!("{host}-fips"), str::to_owned)
            }
        };
        format!("https://{host}.{region}.{suffix}")
    }

    fn http_request(&self, operation: &Operation, request: Request) -> Result<HttpRequest, BoxError> {
        let Request { method, mut path, has_body, fields } = request;
        let body = match &self.protocol {
            Protocol::Query { version } => {
                let form = [("Action", operation.name), ("Version", *version)];
                Some(form_of(
                    form.map(|(key, value)| (key.to_owned(), value.into())).into_iter().chain(fields),
                )?)
            }
            _ if has_body => Some(serde_json::to_string(&Map::from_iter(fields))?),
            _ if fields.is_empty() => None,
            _ => {
                path = format!("{path}?{}", form_of(fields)?);
                None
            }
        };
        let mut http = HttpRequest::new(body.clone().map_or_else(SdkBody::empty, SdkBody::from));
        http.set_method(method)?;
        http.set_uri(path)?;
        let headers = http.headers_mut();
        headers.insert("user-agent", "app/aws-audit");
        if self.wants_accept {
            headers.insert("accept", "application/json");
        }
        if let Some(body) = body {
            headers.insert("content-length", body.len().to_string());
            let content_type = match &self.protocol {
                Protocol::Json { version, .. } => format!("application/x-amz-json-{version}"),
                Protocol::RestJson => "application/json".to_owned(),
                Protocol::Query { .. } => "application/x-www-form-urlencoded".to_owned(),
            };
            headers.insert("content-type", content_type);
        }
        if let Protocol::Json { prefix, .. } = &self.protocol {
            headers.insert("x-amz-target", format!("{prefix}.{}", operation.name));
        }
        Ok(http)
    }

    fn answer(
        &self,
        operation: &Operation,
        response: &HttpResponse,
    ) -> Result<Node, OrchestratorError<ErrorMetadata>> {
        let body = response.body().bytes().unwrap_or_default();
        let is_answer = response.status().is_success();
        let answer = match self.protocol {
            Protocol::Query { .. } => Node::from_xml(body).map(|root| {
                // AWS query: OPERATIONResponse has OPERATIONResult; EC2 query has the fields themselves.
                root.into_field(&format!("{}Result", operation.name))
            }),
            _ => Node::from_json(body),
        };
        match answer {
            Ok(answer) if is_answer => Ok(answer),
            Err(why) if is_answer => Err(OrchestratorError::other(why)),
            told => Err(OrchestratorError::operation(error(response, &told.unwrap_or_default()))),
        }
    }
}

/// The items of a list of all these pages.
fn items(
    ask: &Ask,
    operation: &'static Operation,
    about: Option<&str>,
    pages: Vec<Node>,
    list: &'static str,
) -> Result<Vec<Node>, CallError> {
    let mut items = Vec::new();
    for page in pages {
        items.extend(ask.item(operation, about, page.into_list(list))?);
    }
    Ok(items)
}

/// Fields as a form, or a query, has them.
fn form_of(fields: impl IntoIterator<Item = (String, Value)>) -> Result<String, BoxError> {
    let pairs = fields.into_iter().map(|(key, value)| match value {
        Value::String(text) => Ok(format!("{}={}", encoded(&key), encoded(&text))),
        Value::Bool(_) | Value::Number(_) => Ok(format!("{}={value}", encoded(&key))),
        _ => Err(format!("{key} is no text, flag or number")),
    });
    Ok(pairs.collect::<Result<Vec<_>, _>>()?.join("&"))
}

/// What a service says of a call that failed, wherever its protocol puts it.
fn error(response: &HttpResponse, told: &Node) -> ErrorMetadata {
    let text = |node: &Node, fields: &[&'static str]| {
        fields.iter().find_map(|field| node.text(field).ok().flatten().map(str::to_owned))
    };
    // AWS query: ErrorResponse, Error. EC2 query: Response, Errors, Error.
    let of_query = [told.get("Error"), told.get("Errors").get("Error")];
    let of_query = of_query.into_iter().find(|error| **error != Node::Null).unwrap_or(told);
    // `NAMESPACE#CODE` in the body, `CODE:URL` in the header.
    let code = response.headers().get("x-amzn-errortype").map(str::to_owned);
    let code = code.or_else(|| text(of_query, &["__type", "code", "Code"])).unwrap_or_default();
    let code = code.split(':').next().unwrap_or_default();
    let code = code.rsplit('#').next().unwrap_or_default();
    let mut error = ErrorMetadata::builder().code(code);
    if let Some(message) = text(of_query, &["message", "Message", "errorMessage"]) {
        error = error.message(message);
    }
    error.build()
}

/// The domain of a region's partition, as the SDKs' `partitions.json` has it.
fn dns_suffix(region: &str, dual_stack: bool) -> &'static str {
    const SUFFIXES: [(&str, &str, &str); 7] = [
        ("cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
        ("eusc-", "amazonaws.eu", "api.amazonwebservices.eu"),
        ("us-isob-", "sc2s.sgov.gov", "api.aws.scloud"),
        ("us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
        ("eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
        ("us-iso-", "c2s.ic.gov", "api.aws.ic.gov"),
        ("", "amazonaws.com", "api.aws"),
    ];
    let found = SUFFIXES.iter().find(|(prefix, ..)| region.starts_with(prefix));
    found.map_or("amazonaws.com", |(_, plain, dual)| if dual_stack { dual } else { plain })
}

#[cfg(test)]
mod tests;
