//! The way to AWS: credentials, region, endpoint, HTTP client, and the clients made from them.

use std::{
    borrow::Cow,
    io::{BufRead, IsTerminal, Write as _},
    net::{IpAddr, Ipv4Addr, ToSocketAddrs},
    sync::OnceLock,
    time::Duration,
};

use aws_config::{
    AppName, BehaviorVersion, Region, SdkConfig,
    identity::IdentityCache,
    profile::{ProfileFileCredentialsProvider, ProfileSet},
    retry::RetryConfig,
    timeout::TimeoutConfig,
};
use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, SharedCredentialsProvider},
};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::{
    Connector,
    proxy::ProxyConfig,
    tls::{self, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    dns::{DnsFuture, ResolveDns, ResolveDnsError},
    http::{HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector},
    runtime_components::RuntimeComponents,
};

use super::read_only::ReadOnly;
use crate::error::{Error, causes};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Between two pieces of an answer. Credential reports and authorization details of large accounts take
/// seconds to begin.
const READ_TIMEOUT: Duration = Duration::from_secs(15);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);
/// Credentials are renewed this long before they expire, so that no page of a long list is refused.
const CREDENTIALS_BUFFER: Duration = Duration::from_secs(5 * 60);
/// Any region answers for global services; this one is where AWS keeps most of them.
const DEFAULT_REGION: &str = "us-east-1";

/// How to reach AWS.
#[derive(Debug, Default)]
pub struct Connection {
    /// A profile of the AWS configuration files; the default chain's choice when none.
    pub profile: Option<String>,
    /// An endpoint for all services instead of AWS's own.
    pub endpoint_url: Option<String>,
    /// An HTTP client that answers instead of the network (the demo's recording).
    pub http_client: Option<SharedHttpClient>,
}

/// Configured access to AWS.
#[derive(Clone, Debug)]
pub struct Aws {
    config: SdkConfig,
    path_style: bool,
}

impl Aws {
    /// Finds credentials and region as the AWS CLI does.
    ///
    /// # Errors
    /// When the profile is unknown, or there are no credentials.
    pub async fn connect(connection: Connection) -> Result<Self, Error> {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .build();
        // Retries are ours: see `call`.
        let retries = RetryConfig::disabled();
        if let Some(http_client) = connection.http_client {
            // Made from nothing, so that a recording asks nobody's profile, environment or instance.
            let credentials = Credentials::new("AKIADEMO", "not a secret", None, None, "recording");
            let config = SdkConfig::builder()
                .behavior_version(BehaviorVersion::v2026_01_12())
                .region(Region::from_static(DEFAULT_REGION))
                .credentials_provider(SharedCredentialsProvider::new(credentials))
                .sleep_impl(TokioSleep::new())
                .http_client(http_client)
                .timeout_config(timeouts)
                .retry_config(retries);
            return Ok(Self { config: config.build(), path_style: true });
        }
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .http_client(SharedHttpClient::new(Web::default()))
            .timeout_config(timeouts)
            .retry_config(retries)
            .identity_cache(IdentityCache::lazy().buffer_time(CREDENTIALS_BUFFER).build())
            .app_name(AppName::new("aws-audit").map_err(|error| Error::usage(error.to_string()))?);
        let profiles = load_profiles(connection.profile.clone()).await?;
        if let Some(profile) = connection.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(url) = connection.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        if let Some(role) = MfaRole::of(&profiles) {
            loader = loader.credentials_provider(role.assume().await?);
        }
        let mut config = loader.load().await;
        if config.region().is_none() {
            config = config.into_builder().region(Region::new(DEFAULT_REGION)).build();
        }
        let Some(provider) = config.credentials_provider() else {
            return Err(Error::nothing(NO_CREDENTIALS));
        };
        if let Err(error) = provider.provide_credentials().await {
            return Err(Error::nothing(format!("{NO_CREDENTIALS}\ncause: {}", causes(&error))));
        }
        let path_style = config.endpoint_url().is_some() || std::env::var_os("AWS_ENDPOINT_URL_S3").is_some();
        Ok(Self { config, path_style })
    }

    /// The region that the user's configuration names, for global services.
    pub fn region(&self) -> &str {
        self.config.region().map_or(DEFAULT_REGION, Region::as_ref)
    }

    /// The SDK's configuration, for services that have no client here.
    pub(super) fn sdk_config(&self) -> &SdkConfig {
        &self.config
    }

    /// The same access, in a region.
    pub fn in_region(&self, region: &str) -> Self {
        let config = self.config.to_builder().region(Region::new(region.to_owned())).build();
        Self { config, ..*self }
    }

    /// S3's client: path style where the endpoint is not AWS's own.
    pub fn s3(&self) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::from(&self.config).force_path_style(self.path_style);
        aws_sdk_s3::Client::from_conf(config.interceptor(ReadOnly).build())
    }
}

macro_rules! clients {
    ($($name:ident $sdk:ident)+) => {
        impl Aws { $(
            /// The service's client, which sends read operations only.
            pub fn $name(&self) -> $sdk::Client {
                $sdk::Client::from_conf($sdk::config::Builder::from(&self.config).interceptor(ReadOnly).build())
            }
        )+ }
    };
}

clients! {
    access_analyzer aws_sdk_accessanalyzer
    account aws_sdk_account
    acm aws_sdk_acm
    apigateway aws_sdk_apigateway
    apigatewayv2 aws_sdk_apigatewayv2
    backup aws_sdk_backup
    cloudformation aws_sdk_cloudformation
    cloudfront aws_sdk_cloudfront
    cloudtrail aws_sdk_cloudtrail
    cloudwatch aws_sdk_cloudwatch
    cloudwatch_logs aws_sdk_cloudwatchlogs
    codebuild aws_sdk_codebuild
    cognito_identity aws_sdk_cognitoidentity
    cognito_identity_provider aws_sdk_cognitoidentityprovider
    config aws_sdk_config
    detective aws_sdk_detective
    dynamodb aws_sdk_dynamodb
    ec2 aws_sdk_ec2
    ecr aws_sdk_ecr
    ecs aws_sdk_ecs
    efs aws_sdk_efs
    eks aws_sdk_eks
    elasticache aws_sdk_elasticache
    elb aws_sdk_elasticloadbalancing
    elbv2 aws_sdk_elasticloadbalancingv2
    eventbridge aws_sdk_eventbridge
    guardduty aws_sdk_guardduty
    iam aws_sdk_iam
    inspector aws_sdk_inspector2
    kms aws_sdk_kms
    lambda aws_sdk_lambda
    macie aws_sdk_macie2
    opensearch aws_sdk_opensearch
    organizations aws_sdk_organizations
    rds aws_sdk_rds
    redshift aws_sdk_redshift
    route53 aws_sdk_route53
    s3_control aws_sdk_s3control
    secretsmanager aws_sdk_secretsmanager
    security_ir aws_sdk_securityir
    securityhub aws_sdk_securityhub
    shield aws_sdk_shield
    sns aws_sdk_sns
    sqs aws_sdk_sqs
    ssm aws_sdk_ssm
    ssm_contacts aws_sdk_ssmcontacts
    ssm_incidents aws_sdk_ssmincidents
    sso_admin aws_sdk_ssoadmin
    sts aws_sdk_sts
    wafv2 aws_sdk_wafv2
}

const NO_CREDENTIALS: &str = "no usable AWS credentials
help: name a profile with --profile, sign in with `aws sso login`, or set AWS_ACCESS_KEY_ID and
      AWS_SECRET_ACCESS_KEY; `aws-audit scan --demo` needs none";

async fn load_profiles(selected: Option<String>) -> Result<ProfileSet, Error> {
    let named = selected.clone().or_else(|| std::env::var("AWS_PROFILE").ok());
    let profiles = aws_config::profile::load(
        &aws_types::os_shim_internal::Fs::real(),
        &aws_types::os_shim_internal::Env::real(),
        &aws_runtime::env_config::file::EnvConfigFiles::default(),
        selected.map(Cow::Owned),
    )
    .await
    .map_err(|error| {
        Error::usage(format!("the AWS configuration files could not be read: {}", causes(&error)))
    })?;
    match named {
        Some(name) if profiles.get_profile(&name).is_none() => {
            let known: Vec<_> = profiles.profiles().collect();
            Err(Error::usage(format!(
                "profile `{name}` is in neither ~/.aws/config nor ~/.aws/credentials\nhelp: known profiles: {}",
                if known.is_empty() { "none".to_owned() } else { known.join(", ") }
            )))
        }
        _ => Ok(profiles),
    }
}

/// A profile that assumes a role with MFA, which the SDK does not support by itself.
struct MfaRole {
    profile: String,
    source_profile: String,
    role_arn: String,
    serial: String,
    external_id: Option<String>,
    duration: Option<i32>,
}

impl MfaRole {
    fn of(profiles: &ProfileSet) -> Option<Self> {
        let profile = profiles.get_profile(profiles.selected_profile())?;
        let get = |key: &str| profile.get(key).map(str::to_owned);
        Some(Self {
            profile: profile.name().to_owned(),
            source_profile: get("source_profile")?,
            role_arn: get("role_arn")?,
            serial: get("mfa_serial")?,
            external_id: get("external_id"),
            duration: get("duration_seconds").and_then(|seconds| seconds.parse().ok()),
        })
    }

    async fn assume(self) -> Result<Credentials, Error> {
        let code = self.ask_code()?;
        let provider = ProfileFileCredentialsProvider::builder().profile_name(&self.source_profile).build();
        let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .http_client(SharedHttpClient::new(Web::default()))
            .credentials_provider(provider)
            .profile_name(&self.source_profile);
        let mut config = config.load().await;
        if config.region().is_none() {
            config = config.into_builder().region(Region::new(DEFAULT_REGION)).build();
        }
        let failed = |cause: String| {
            Error::nothing(format!(
                "role {} of profile `{}` was not assumed: {cause}",
                self.role_arn, self.profile
            ))
        };
        let answer = aws_sdk_sts::Client::new(&config)
            .assume_role()
            .role_arn(&self.role_arn)
            .role_session_name("aws-audit")
            .serial_number(&self.serial)
            .token_code(code)
            .set_external_id(self.external_id.clone())
            .set_duration_seconds(self.duration)
            .send()
            .await
            .map_err(|error| failed(causes(&error)))?;
        let issued = answer.credentials().ok_or_else(|| failed("no credentials in the answer".into()))?;
        Ok(Credentials::new(
            issued.access_key_id(),
            issued.secret_access_key(),
            Some(issued.session_token().to_owned()),
            std::time::SystemTime::try_from(*issued.expiration()).ok(),
            "AssumeRoleWithMfa",
        ))
    }

    fn ask_code(&self) -> Result<String, Error> {
        if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
            return Err(Error::nothing(format!(
                "profile `{}` needs an MFA code (mfa_serial), and there is no terminal to ask on\n\
                 help: use a profile with IAM Identity Center (`aws sso login`) or credential_process",
                self.profile
            )));
        }
        let unreadable =
            |error: std::io::Error| Error::nothing(format!("the MFA code was not read: {error}"));
        let mut terminal = std::io::stderr();
        write!(terminal, "MFA code for {}: ", self.serial)
            .and_then(|()| terminal.flush())
            .map_err(unreadable)?;
        let mut code = String::new();
        std::io::stdin().lock().read_line(&mut code).map_err(unreadable)?;
        Ok(code.trim().to_owned())
    }
}

/// The one HTTP client. All services and regions share its connections.
#[derive(Debug, Default)]
struct Web {
    /// For our own timeouts. Credential providers ask with theirs, and get connectors of their own.
    shared: OnceLock<SharedHttpConnector>,
}

impl HttpClient for Web {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let connect = || {
            let mut builder = Connector::builder()
                .connector_settings(settings.clone())
                .proxy_config(ProxyConfig::from_env())
                .pool_max_idle_per_host(32);
            builder.set_sleep_impl(components.sleep_impl());
            let provider = tls::Provider::Rustls(CryptoMode::Ring);
            SharedHttpConnector::new(builder.tls_provider(provider).build_with_resolver(Resolver))
        };
        if settings.read_timeout() == Some(READ_TIMEOUT) {
            self.shared.get_or_init(connect).clone()
        } else {
            connect()
        }
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
            let resolved = tokio::task::spawn_blocking(move || (name, 0_u16).to_socket_addrs()).await;
            match resolved.map_err(ResolveDnsError::new)? {
                Ok(addresses) => Ok(addresses.map(|address| address.ip()).collect()),
                Err(error) => Err(ResolveDnsError::new(error)),
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
    use super::local;

    #[test]
    fn account_prefixes_of_local_endpoints_resolve() {
        assert_eq!(local("111122223333.localhost").unwrap().to_string(), "127.0.0.1");
        assert_eq!(local("111122223333.127.0.0.1").unwrap().to_string(), "127.0.0.1");
        assert_eq!(local("111122223333.s3-control.eu-west-1.amazonaws.com"), None);
        assert_eq!(local("localhost"), None);
    }
}
