//! The way to AWS: credentials, region, endpoint, HTTP client, and the clients made from them.

mod credentials;
pub(super) mod member;
mod profiles;
mod session;
mod settings;
mod web;

use std::{sync::Arc, time::Duration};

use aws_audit_checks::page::Lang;
use aws_config::{
    BehaviorVersion, Region, SdkConfig, identity::IdentityCache, imds::region::ImdsRegionProvider,
    retry::RetryConfig, stalled_stream_protection::StalledStreamProtectionConfig, timeout::TimeoutConfig,
};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::sdk_ua_metadata::FrameworkMetadata;

use self::{
    credentials::Chain,
    session::{Provider, Session},
    settings::{ServiceSettings, Settings},
    web::Web,
};
pub(super) use self::{credentials::is_asking, session::Identities, web::Unresolved};
use super::{read_only::ReadOnly, region_names, whole::Whole};
use crate::error::{Error, Said, said};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Between two pieces of an answer. Credential reports and authorization details of large accounts take
/// seconds to begin.
const READ_TIMEOUT: Duration = Duration::from_secs(15);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);
/// Any region answers for global services; this one is where AWS keeps most of them.
const DEFAULT_REGION: &str = "us-east-1";

/// How to reach AWS.
#[derive(Debug, Default)]
pub struct Connection {
    /// A profile of the AWS configuration files; the default chain's choice when none.
    pub profile: Option<String>,
    /// An endpoint for all services instead of AWS's own.
    pub endpoint_url: Option<String>,
    /// The regions that will be scanned, if they are known: where no configuration names a region, these tell
    /// the partition.
    pub regions: Vec<String>,
    /// An HTTP client that answers instead of the network (the demo's recording).
    pub http_client: Option<SharedHttpClient>,
    /// What to speak with the user.
    pub lang: Lang,
}

/// Configured access to AWS.
#[derive(Clone, Debug)]
pub struct Aws {
    config: SdkConfig,
    path_style: bool,
    /// None for a recording, which needs no credentials.
    session: Option<Arc<Session>>,
    settings: Option<Arc<Settings>>,
}

impl Aws {
    /// Finds credentials, region and endpoints as the AWS CLI does.
    ///
    /// # Errors
    /// When a setting is wrong, the profile is unknown, or there are no credentials.
    pub async fn connect(connection: Connection) -> Result<Self, Error> {
        if let Some(http_client) = connection.http_client {
            // Made from nothing, so that a recording asks nobody's profile, environment or instance.
            let credentials = Credentials::new("AKIADEMO", "not a secret", None, None, "recording");
            let config = base()
                .region(Region::from_static(DEFAULT_REGION))
                .credentials_provider(SharedCredentialsProvider::new(credentials))
                .http_client(http_client);
            return Ok(Self { config: config.build(), path_style: true, session: None, settings: None });
        }
        let settings = Arc::new(Settings::load(connection.profile, connection.endpoint_url)?);
        for warning in settings.not_obeyed() {
            crate::note(&warning, connection.lang);
        }
        let chain = Chain::choose(&settings)?;
        let mut builder = base()
            .http_client(SharedHttpClient::new(Web::new(&settings)?))
            .use_fips(settings.use_fips)
            .use_dual_stack(settings.use_dual_stack)
            .app_name(settings.app_name.clone())
            .service_config(ServiceSettings(Arc::clone(&settings)));
        builder.set_account_id_endpoint_mode(settings.account_id_endpoint_mode.clone());
        if let Ok(framework) = FrameworkMetadata::new("aws-audit", Some(env!("CARGO_PKG_VERSION"))) {
            builder = builder.framework_metadata(framework);
        }
        let config = builder.build();
        let region = match &settings.region {
            Some(region) => region.clone(),
            None if chain.is_instance() => region_of_instance(&settings, &config).await,
            None => Region::new(region_names::home(&connection.regions)),
        };
        let config = config.into_builder().region(region).build();
        let session = Session::new(chain, Arc::clone(&settings), config.clone(), connection.lang);
        session.begin().await.map_err(|why| Error::nothing(with_help(why)))?;
        let provider = SharedCredentialsProvider::new(Provider(Arc::clone(&session)));
        Ok(Self {
            config: config.into_builder().credentials_provider(provider).build(),
            path_style: settings.s3_path_style(),
            session: Some(session),
            settings: Some(settings),
        })
    }

    /// Where the credentials come from, for people; none for a recording.
    pub(super) fn source(&self, lang: Lang) -> Option<String> {
        self.session.as_ref().map(|session| session.source(lang))
    }

    /// What the clients sign with.
    pub(super) fn identities(&self) -> Identities {
        Identities(self.session.clone())
    }

    /// The region that the user's configuration names, for global services.
    pub fn region(&self) -> &str {
        self.config.region().map_or(DEFAULT_REGION, Region::as_ref)
    }

    /// Where the configured region was found, for people.
    pub(super) fn region_origin(&self) -> Option<Said> {
        Some(self.settings.as_ref()?.region_origin.as_ref()?.said())
    }

    /// The SDK's configuration, for services that have no client here.
    pub(super) fn sdk_config(&self) -> &SdkConfig {
        &self.config
    }

    /// The same access, in a region.
    pub fn in_region(&self, region: &str) -> Self {
        let config = self.config.to_builder().region(Region::new(region.to_owned())).build();
        Self { config, session: self.session.clone(), settings: self.settings.clone(), ..*self }
    }

    /// S3's client: path style where the endpoint is not AWS's own.
    pub fn s3(&self) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::from(&self.config).force_path_style(self.path_style);
        aws_sdk_s3::Client::from_conf(config.interceptor(ReadOnly).interceptor(Whole).build())
    }
}

/// What every client has, whatever it is that it asks.
fn base() -> aws_types::sdk_config::Builder {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(READ_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .build();
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .sleep_impl(TokioSleep::new())
        .time_source(aws_smithy_async::time::SystemTimeSource::new())
        .timeout_config(timeouts)
        // The time limits above bound it already, and on a busy machine a slow reader is no stalled stream.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        // Retries are ours: see `call`.
        .retry_config(RetryConfig::disabled())
        // So is keeping credentials: see `session`.
        .identity_cache(IdentityCache::no_cache())
}

/// The region that the instance is in: global services are asked in its partition.
async fn region_of_instance(settings: &Settings, config: &SdkConfig) -> Region {
    let known = match credentials::metadata(settings, config) {
        Ok(client) => ImdsRegionProvider::builder().imds_client(client).build().region().await,
        Err(_) => None,
    };
    known.unwrap_or(Region::from_static(DEFAULT_REGION))
}

/// The reason with what helps against it, where that is known.
fn with_help(why: Said) -> Said {
    match help_for(why.get(Lang::En)) {
        Some(help) if !why.has_help() => why.with_help(help),
        _ => why,
    }
}

/// What helps when AWS cannot be reached for this reason.
pub(super) fn help_for(why: &str) -> Option<Said> {
    why.contains("certificate").then(|| {
        said(
            "the certificate of the endpoint, or of a proxy on the way, is of no authority that is trusted: name \
             the\nauthority's certificate with AWS_CA_BUNDLE, or ca_bundle of the profile",
            "エンドポイントまたは途中のプロキシの証明書が、信頼する認証局のものではありません。認証局の証明書を\n\
             AWS_CA_BUNDLE またはプロファイルの ca_bundle で指定してください",
        )
    })
}

macro_rules! clients {
    ($($name:ident $sdk:ident)+) => {
        impl Aws { $(
            /// The service's client, which sends read operations only.
            pub fn $name(&self) -> $sdk::Client {
                let config = $sdk::config::Builder::from(&self.config);
                $sdk::Client::from_conf(config.interceptor(ReadOnly).interceptor(Whole).build())
            }
        )+ }
    };
}

clients! {
    access_analyzer aws_sdk_accessanalyzer
    account aws_sdk_account
    cloudfront aws_sdk_cloudfront
    cloudtrail aws_sdk_cloudtrail
    cloudwatch aws_sdk_cloudwatch
    dynamodb aws_sdk_dynamodb
    ecr aws_sdk_ecr
    efs aws_sdk_efs
    elb aws_sdk_elasticloadbalancing
    elbv2 aws_sdk_elasticloadbalancingv2
    eventbridge aws_sdk_eventbridge
    iam aws_sdk_iam
    kms aws_sdk_kms
    lambda aws_sdk_lambda
    organizations aws_sdk_organizations
    route53 aws_sdk_route53
    s3_control aws_sdk_s3control
    secretsmanager aws_sdk_secretsmanager
    security_ir aws_sdk_securityir
    shield aws_sdk_shield
    sqs aws_sdk_sqs
    ssm_contacts aws_sdk_ssmcontacts
    ssm_incidents aws_sdk_ssmincidents
    sts aws_sdk_sts
    wafv2 aws_sdk_wafv2
}
