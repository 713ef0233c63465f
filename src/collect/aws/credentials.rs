//! Whose credentials: the order in which the AWS CLI looks for them, and how each kind is had.
//!
//! The order is that of the AWS CLI user guide ("Configuring settings for the AWS CLI": precedence). A profile
//! that the command line names goes before the environment; `AWS_PROFILE` does not.

use std::{
    fmt,
    io::{BufRead as _, IsTerminal as _, Write as _},
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use aws_audit_checks::page::Lang;
use aws_config::{
    Region, SdkConfig,
    ecs::EcsCredentialsProvider,
    imds::{self, credentials::ImdsCredentialsProvider},
    provider_config::ProviderConfig,
    sso::SsoTokenProvider,
};
use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials as _, SharedCredentialsProvider, token::ProvideToken as _},
};
use aws_sdk_sts::{
    operation::assume_role::{AssumeRoleError, builders::AssumeRoleFluentBuilder},
    types::Credentials as Issued,
};
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use jiff::Timestamp;
use serde_json::Value;

use super::{
    member::Assume,
    profiles::{Keys, words},
    session::{Provider, Session},
    settings::{Settings, environment, one_of},
};
use crate::error::{Error, Said, causes, said};

/// The name of this program's sessions in CloudTrail, where the profile gives none.
const SESSION_NAME: &str = "aws-audit";
/// Longest waits for instance metadata, unless `AWS_METADATA_SERVICE_TIMEOUT` says otherwise.
const METADATA_TIMEOUT: Duration = Duration::from_secs(1);

/// Whether a question stands on the terminal: nothing else is to be drawn there.
static ASKING: AtomicBool = AtomicBool::new(false);

/// Whether the user is being asked for an MFA code.
pub(in super::super) fn is_asking() -> bool {
    ASKING.load(Ordering::Relaxed)
}

/// Where credentials come from, and the roles that are assumed with them, one after the other.
#[derive(Debug)]
pub(super) struct Chain {
    base: Base,
    /// Where the base was found.
    found: Said,
    roles: Vec<Role>,
}

/// Credentials that need no others.
enum Base {
    /// Access keys that are written down: the environment's, a profile's.
    Keys(Credentials),
    WebIdentity {
        token_file: String,
        role_arn: String,
        session_name: String,
    },
    /// A permission set of IAM Identity Center.
    Sso(Sso),
    /// A program that prints them.
    Process {
        command: String,
        account: Option<String>,
    },
    /// The role of the ECS task or EKS pod.
    Container,
    /// The role of the EC2 instance.
    Instance,
    /// Those of another session, which renews them by itself.
    Session(Arc<Session>),
}

#[derive(Debug)]
struct Sso {
    account: String,
    role: String,
    region: String,
    start_url: String,
    /// The name of the sign-in's cache: the session's, or the start URL where there is no session.
    cache: String,
    profile: String,
}

/// A role that a profile assumes.
#[derive(Debug)]
struct Role {
    profile: String,
    arn: String,
    session_name: String,
    external_id: Option<String>,
    source_identity: Option<String>,
    mfa_serial: Option<String>,
    duration_seconds: Option<i32>,
}

impl fmt::Debug for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Keys(_) => "Keys",
            Self::WebIdentity { .. } => "WebIdentity",
            Self::Sso(_) => "Sso",
            Self::Process { .. } => "Process",
            Self::Container => "Container",
            Self::Instance => "Instance",
            Self::Session(_) => "Session",
        })
    }
}

impl Chain {
    /// Where the credentials come from, for people.
    pub(super) fn describe(&self, lang: Lang) -> String {
        let role = |Role { arn, profile, .. }: &Role| match lang {
            _ if profile.is_empty() => format!(" → {arn}"),
            Lang::En => format!(" → {arn} (profile `{profile}`)"),
            Lang::Ja => format!(" → {arn}（プロファイル `{profile}`）"),
        };
        std::iter::once(self.found.get(lang).to_owned()).chain(self.roles.iter().map(role)).collect()
    }

    /// What the settings lead to.
    ///
    /// # Errors
    /// When they contradict themselves, or lead nowhere.
    pub(super) fn choose(settings: &Settings) -> Result<Self, Error> {
        let name = settings.profile.as_str();
        if !settings.profile_is_argument
            && let Some(keys) = environment_keys()?
        {
            let found = said("environment (AWS_ACCESS_KEY_ID)", "環境変数（AWS_ACCESS_KEY_ID）");
            return Ok(Self::of(Base::Keys(keys), found));
        }
        if assumes_role(settings, name) {
            return Self::assuming(settings, name);
        }
        if let Some(chain) = Self::of_profile(settings, name, !settings.profile_is_argument)? {
            return Ok(chain);
        }
        if in_container() {
            return Ok(Self::of(Base::Container, said("role of the container", "コンテナのロール")));
        }
        if is_disabled("AWS_EC2_METADATA_DISABLED") {
            return Err(Error::nothing(none(settings)));
        }
        Ok(Self::of(Base::Instance, said("role of the EC2 instance", "EC2インスタンスのロール")))
    }

    /// The role of an account, assumed with the credentials of a session.
    pub(super) fn member(session: Arc<Session>, role: &Assume) -> Self {
        let found = Said::in_each(|lang| session.source(lang));
        let role = Role {
            profile: String::new(),
            arn: role.arn.clone(),
            session_name: role.session_name.clone().unwrap_or_else(|| SESSION_NAME.to_owned()),
            external_id: role.external_id.clone(),
            source_identity: role.source_identity.clone(),
            mfa_serial: None,
            // A session that is made with another's lives an hour at most, which is what AWS gives to who asks for
            // nothing (IAM User Guide, "Methods to assume a role": role chaining).
            duration_seconds: None,
        };
        Self { base: Base::Session(session), found, roles: vec![role] }
    }

    /// Assumes the role of [`Self::member`] once, and tells AWS's own error: what it is decides what to say and do.
    pub(super) async fn assume_first(
        &self,
        config: &SdkConfig,
    ) -> Result<Credentials, SdkError<AssumeRoleError, HttpResponse>> {
        let (Base::Session(session), Some(role)) = (&self.base, self.roles.first()) else {
            return Err(SdkError::construction_failure("not a role of a member account"));
        };
        let with = Provider(Arc::clone(session))
            .provide_credentials()
            .await
            .map_err(SdkError::construction_failure)?;
        let answer = role.request(config, with, None).send().await?;
        issued(answer.credentials(), &role.arn)
            .map_err(|why| SdkError::construction_failure(why.get(Lang::En).to_owned()))
    }

    fn of(base: Base, found: Said) -> Self {
        Self { base, found, roles: Vec::new() }
    }

    /// What a profile has itself, without the roles that it assumes.
    fn of_profile(settings: &Settings, name: &str, with_environment: bool) -> Result<Option<Self>, Error> {
        let get = |key: &str| settings.profiles.get(name, key).map(str::to_owned);
        let of_environment = |variable| if with_environment { environment(variable) } else { None };
        let token_in_environment = of_environment("AWS_WEB_IDENTITY_TOKEN_FILE");
        let of_this = |base, found: &Said| {
            let found = found.within(
                |found| format!("profile `{name}`: {found}"),
                |found| format!("プロファイル `{name}`：{found}"),
            );
            Some(Self::of(base, found))
        };
        let token = match token_in_environment {
            Some(_) => "AWS_WEB_IDENTITY_TOKEN_FILE",
            None => "web_identity_token_file",
        };
        let web_identity = said(format!("web identity ({token})"), format!("ウェブID（{token}）"));
        if let Some(token_file) = token_in_environment.or_else(|| get("web_identity_token_file")) {
            let role_arn = of_environment("AWS_ROLE_ARN").or_else(|| get("role_arn")).ok_or_else(|| {
                let what = web_identity.within(
                    |found| format!("{found}: there is a token file, and no role to assume with it"),
                    |found| format!("{found}：トークンファイルはありますが、引き受けるロールがありません"),
                );
                Error::usage(what.with_help(said(
                    format!("set AWS_ROLE_ARN, or role_arn of profile `{name}`"),
                    format!("AWS_ROLE_ARN か、プロファイル `{name}` の role_arn を設定してください"),
                )))
            })?;
            let session_name = of_environment("AWS_ROLE_SESSION_NAME").or_else(|| get("role_session_name"));
            let session_name = session_name.unwrap_or_else(|| SESSION_NAME.to_owned());
            return Ok(of_this(Base::WebIdentity { token_file, role_arn, session_name }, &web_identity));
        }
        if let Some(sso) = Sso::of(settings, name)? {
            return Ok(of_this(Base::Sso(sso), &Said::words("IAM Identity Center")));
        }
        let account = get("aws_account_id");
        let keys = |keys: Keys<'_>| {
            let mut built = Credentials::builder()
                .access_key_id(keys.id)
                .secret_access_key(keys.secret)
                .provider_name("profile");
            built.set_session_token(keys.token.map(str::to_owned));
            built.set_account_id(account.clone().map(Into::into));
            Base::Keys(built.build())
        };
        if let Some(found) = settings.profiles.keys_in_credentials(name)? {
            let place = said("access key in the credentials file", "認証情報ファイルのアクセスキー");
            return Ok(of_this(keys(found), &place));
        }
        if let Some(command) = get("credential_process") {
            let base = Base::Process { command, account };
            return Ok(of_this(base, &Said::words("credential_process")));
        }
        if let Some(found) = settings.profiles.keys_in_config(name)? {
            let place = said("access key in the configuration file", "設定ファイルのアクセスキー");
            return Ok(of_this(keys(found), &place));
        }
        if get("login_session").is_some() {
            let what = said(
                format!(
                    "profile `{name}` uses login_session (`aws login`), whose sign-in only the AWS CLI can read"
                ),
                format!(
                    "プロファイル `{name}` は login_session（`aws login`）を使っていますが、そのサインインは\
                     AWS CLIにしか読めません"
                ),
            );
            let line = format!(
                "credential_process = aws configure export-credentials --profile {name} --format process"
            );
            return Err(Error::usage(what.with_help(said(
                format!("add a profile with\n{line}\nand name that one with --profile"),
                format!("次の行を持つプロファイルを作り、それを --profile で指定してください\n{line}"),
            ))));
        }
        Ok(None)
    }

    /// The chain of a profile that assumes a role, down to credentials that need no others.
    fn assuming(settings: &Settings, first: &str) -> Result<Self, Error> {
        let mut roles = Vec::new();
        let mut name = first.to_owned();
        let mut chain = loop {
            let role = Role::of(settings, &name)?;
            let source = settings.profiles.get(&name, "source_profile").map(str::to_owned);
            let credential_source = settings.profiles.get(&name, "credential_source");
            roles.push(role);
            let next = match (source, credential_source) {
                (Some(_), Some(_)) => {
                    return Err(Error::usage(said(
                        format!("profile `{name}` has both source_profile and credential_source"),
                        format!(
                            "プロファイル `{name}` に source_profile と credential_source の両方があります"
                        ),
                    )));
                }
                (None, None) => {
                    return Err(Error::usage(said(
                        format!(
                            "profile `{name}` has role_arn and neither source_profile nor credential_source"
                        ),
                        format!(
                            "プロファイル `{name}` に role_arn はありますが、source_profile も credential_source もありません"
                        ),
                    )));
                }
                (None, Some(source)) => break named_source(&name, source)?,
                (Some(next), None) => next,
            };
            if !settings.profiles.has(&next) {
                return Err(Error::usage(said(
                    format!("source_profile `{next}` of profile `{name}` does not exist"),
                    format!("プロファイル `{name}` の source_profile `{next}` が存在しません"),
                )));
            }
            let has_keys = settings.profiles.keys_in_credentials(&next)?.is_some()
                || settings.profiles.keys_in_config(&next)?.is_some();
            if has_keys || !assumes_role(settings, &next) {
                break Self::of_profile(settings, &next, false)?.ok_or_else(|| {
                    Error::usage(said(
                        format!("source_profile `{next}` of profile `{name}` has no credentials"),
                        format!("プロファイル `{name}` の source_profile `{next}` に認証情報がありません"),
                    ))
                })?;
            }
            if roles.iter().any(|role: &Role| role.profile == next) {
                return Err(Error::usage(said(
                    format!("source_profile of profile `{name}` leads in a circle, back to `{next}`"),
                    format!("プロファイル `{name}` の source_profile が循環し、`{next}` に戻っています"),
                )));
            }
            name = next;
        };
        roles.reverse();
        chain.roles = roles;
        Ok(chain)
    }

    /// Whether asking again may give other credentials.
    pub(super) fn is_renewable(&self) -> bool {
        !matches!(self.base, Base::Keys(_)) || !self.roles.is_empty()
    }

    /// Whether the credentials come from the EC2 instance, which then knows its region too.
    pub(super) fn is_instance(&self) -> bool {
        matches!(self.base, Base::Instance)
    }

    /// Gets credentials. `config` is the way to AWS, without credentials; `lang` is what to ask for a code in.
    ///
    /// # Errors
    /// Why there are none, and what to do.
    pub(super) async fn load(
        &self,
        settings: &Settings,
        config: &SdkConfig,
        lang: Lang,
    ) -> Result<Credentials, Said> {
        let mut credentials = match &self.base {
            Base::Keys(keys) => keys.clone(),
            Base::Session(session) => {
                let answer = Provider(Arc::clone(session)).provide_credentials().await;
                answer.map_err(|error| Said::words(causes(&error)))?
            }
            Base::WebIdentity { token_file, role_arn, session_name } => {
                web_identity(config, token_file, role_arn, session_name).await?
            }
            Base::Sso(sso) => sso.load(config).await?,
            Base::Process { command, account } => process(command.clone(), account.clone()).await?,
            Base::Container => {
                let provider = EcsCredentialsProvider::builder().configure(&provider_config(config)).build();
                let answer = provider.provide_credentials().await;
                answer.map_err(|error| {
                    let why = causes(&error);
                    said(
                        format!("the container gave none: {why}"),
                        format!("コンテナから認証情報を取得できません：{why}"),
                    )
                })?
            }
            Base::Instance => {
                let client = metadata(settings, config)?;
                let provider = ImdsCredentialsProvider::builder()
                    .configure(&provider_config(config))
                    .imds_client(client)
                    .build();
                let answer = provider.provide_credentials().await;
                answer.map_err(|error| none(settings).with_cause(&causes(&error)))?
            }
        };
        for role in &self.roles {
            credentials = role.assume(config, credentials, lang).await?;
        }
        Ok(credentials)
    }
}

/// Whether the profile assumes a role with the credentials of another.
fn assumes_role(settings: &Settings, profile: &str) -> bool {
    let has = |key| settings.profiles.get(profile, key).is_some();
    has("role_arn") && !has("web_identity_token_file")
}

/// The access keys of the environment. One without the other is an error: it must not lead to another account.
fn environment_keys() -> Result<Option<Credentials>, Error> {
    let Some(id) = environment("AWS_ACCESS_KEY_ID") else { return Ok(None) };
    let secret = environment("AWS_SECRET_ACCESS_KEY").ok_or_else(|| {
        let what = said(
            "AWS_ACCESS_KEY_ID is set in the environment without AWS_SECRET_ACCESS_KEY",
            "環境変数 AWS_ACCESS_KEY_ID は設定されていますが、AWS_SECRET_ACCESS_KEY がありません",
        );
        Error::usage(what.with_help(said(
            "set both, or unset both to use a profile",
            "両方を設定するか、プロファイルを使う場合は両方を外してください",
        )))
    })?;
    let token = environment("AWS_SECURITY_TOKEN").or_else(|| environment("AWS_SESSION_TOKEN"));
    let mut keys =
        Credentials::builder().access_key_id(id).secret_access_key(secret).provider_name("environment");
    keys.set_session_token(token);
    keys.set_account_id(environment("AWS_ACCOUNT_ID").map(Into::into));
    if let Some(text) = environment("AWS_CREDENTIAL_EXPIRATION") {
        let time: Timestamp = text.parse().map_err(|_| {
            Error::usage(said(
                format!("AWS_CREDENTIAL_EXPIRATION (environment) is `{text}`, no time"),
                format!("環境変数 AWS_CREDENTIAL_EXPIRATION の値 `{text}` は日時ではありません"),
            ))
        })?;
        if time <= Timestamp::now() {
            let what = said(
                format!("the credentials in the environment expired at {time} (AWS_CREDENTIAL_EXPIRATION)"),
                format!("環境変数の認証情報は {time} に期限が切れています（AWS_CREDENTIAL_EXPIRATION）"),
            );
            return Err(Error::nothing(what.with_help(said(
                "get new ones from the tool that set them",
                "設定したツールで新しい認証情報を取得してください",
            ))));
        }
        keys.set_expiry(system_time(time));
    }
    Ok(Some(keys.build()))
}

fn named_source(profile: &str, source: &str) -> Result<Chain, Error> {
    let of = |base, found: &str| Ok(Chain::of(base, Said::words(format!("credential_source {found}"))));
    match source.to_ascii_lowercase().as_str() {
        "environment" => match environment_keys()? {
            Some(keys) => of(Base::Keys(keys), "Environment (AWS_ACCESS_KEY_ID)"),
            None => Err(Error::nothing(said(
                format!(
                    "credential_source of profile `{profile}` is Environment, and AWS_ACCESS_KEY_ID is not set"
                ),
                format!(
                    "プロファイル `{profile}` の credential_source は Environment ですが、AWS_ACCESS_KEY_ID が\
                     設定されていません"
                ),
            ))),
        },
        "ecscontainer" if in_container() => of(Base::Container, "EcsContainer"),
        "ecscontainer" => Err(Error::nothing(said(
            format!(
                "credential_source of profile `{profile}` is EcsContainer, and neither \
                 AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set"
            ),
            format!(
                "プロファイル `{profile}` の credential_source は EcsContainer ですが、\
                 AWS_CONTAINER_CREDENTIALS_RELATIVE_URI も AWS_CONTAINER_CREDENTIALS_FULL_URI も設定されていません"
            ),
        ))),
        "ec2instancemetadata" if is_disabled("AWS_EC2_METADATA_DISABLED") => Err(Error::nothing(said(
            format!(
                "credential_source of profile `{profile}` is Ec2InstanceMetadata, which AWS_EC2_METADATA_DISABLED \
                 turns off"
            ),
            format!(
                "プロファイル `{profile}` の credential_source は Ec2InstanceMetadata ですが、\
                 AWS_EC2_METADATA_DISABLED で無効になっています"
            ),
        ))),
        "ec2instancemetadata" => of(Base::Instance, "Ec2InstanceMetadata"),
        _ => {
            let what = said(
                format!("credential_source of profile `{profile}` is `{source}`"),
                format!("プロファイル `{profile}` の credential_source の値 `{source}` は使えません"),
            );
            let known = ["Environment", "EcsContainer", "Ec2InstanceMetadata"];
            Err(Error::usage(what.with_help(one_of(&known))))
        }
    }
}

fn in_container() -> bool {
    ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"]
        .into_iter()
        .any(|name| environment(name).is_some())
}

fn is_disabled(variable: &str) -> bool {
    environment(variable).is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// What is said when there are no credentials anywhere.
fn none(settings: &Settings) -> Said {
    let what = if settings.profile_is_argument {
        let profile = &settings.profile;
        said(
            format!("no usable AWS credentials in profile `{profile}`"),
            format!("プロファイル `{profile}` に使えるAWS認証情報がありません"),
        )
    } else {
        said("no usable AWS credentials", "使えるAWS認証情報がありません")
    };
    what.with_help(said(
        "name a profile with --profile, sign in with `aws sso login`, or set AWS_ACCESS_KEY_ID and\n\
         AWS_SECRET_ACCESS_KEY; `aws-audit scan --demo` needs none",
        "--profile でプロファイルを指定するか、`aws sso login` でサインインするか、AWS_ACCESS_KEY_ID と\n\
         AWS_SECRET_ACCESS_KEY を設定してください。`aws-audit scan --demo` は認証情報なしで動きます",
    ))
}

/// The way to AWS for providers of the SDK.
fn provider_config(config: &SdkConfig) -> ProviderConfig {
    let provider = ProviderConfig::default().with_region(config.region().cloned());
    match config.http_client() {
        Some(client) => provider.with_http_client(client),
        None => provider,
    }
}

/// The client of instance metadata.
pub(super) fn metadata(settings: &Settings, config: &SdkConfig) -> Result<imds::Client, Said> {
    let number = |variable: &str, key: &str| match settings.find(&[variable], key) {
        Some(setting) => match setting.value.parse::<u32>() {
            Ok(number) if number > 0 => Ok(Some(number)),
            _ => Err(setting.origin.said().within(
                |origin| format!("{origin} is `{}`, no number above 0", setting.value),
                |origin| format!("{origin} の値 `{}` は1以上の数値ではありません", setting.value),
            )),
        },
        None => Ok(None),
    };
    let seconds = number("AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout")?;
    let timeout = seconds.map_or(METADATA_TIMEOUT, |seconds| Duration::from_secs(seconds.into()));
    let mut client = imds::Client::builder()
        .configure(&provider_config(config))
        .connect_timeout(timeout)
        .read_timeout(timeout)
        .operation_attempt_timeout(timeout * 2);
    if let Some(attempts) = number("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts")? {
        client = client.max_attempts(attempts);
    }
    let (endpoint, mode) = ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
    let url = match settings.find(&[endpoint], "ec2_metadata_service_endpoint") {
        Some(setting) => setting.value,
        None => match settings.find(&[mode], "ec2_metadata_service_endpoint_mode") {
            Some(mode) if mode.value.eq_ignore_ascii_case("ipv6") => "http://[fd00:ec2::254]".to_owned(),
            Some(mode) if !mode.value.eq_ignore_ascii_case("ipv4") => {
                return Err(mode.origin.said().within(
                    |origin| format!("{origin} is `{}`, neither IPv4 nor IPv6", mode.value),
                    |origin| format!("{origin} の値 `{}` は IPv4 でも IPv6 でもありません", mode.value),
                ));
            }
            _ => "http://169.254.169.254".to_owned(),
        },
    };
    let client = client.endpoint(&url);
    let client = client.map_err(|_| {
        said(
            format!("`{url}` is no endpoint of instance metadata"),
            format!("`{url}` はインスタンスメタデータのエンドポイントではありません"),
        )
    })?;
    Ok(client.build())
}

async fn web_identity(
    config: &SdkConfig,
    token_file: &str,
    role_arn: &str,
    session_name: &str,
) -> Result<Credentials, Said> {
    let token = std::fs::read_to_string(token_file).map_err(|error| {
        said(
            format!("the web identity token {token_file} could not be read: {error}"),
            format!("ウェブIDのトークン {token_file} を読めません：{error}"),
        )
    })?;
    let answer = aws_sdk_sts::Client::new(config)
        .assume_role_with_web_identity()
        .role_arn(role_arn)
        .role_session_name(session_name)
        .web_identity_token(token.trim())
        .send()
        .await
        .map_err(|error| {
            let why = causes(&error);
            said(
                format!("role {role_arn} was not assumed with web identity: {why}"),
                format!("ウェブIDでロール {role_arn} を引き受けられません：{why}"),
            )
        })?;
    issued(answer.credentials(), role_arn)
}

fn issued(credentials: Option<&Issued>, role: &str) -> Result<Credentials, Said> {
    let issued = credentials.ok_or_else(|| {
        said(
            format!("role {role}: there are no credentials in the answer"),
            format!("ロール {role}：応答に認証情報がありません"),
        )
    })?;
    let mut built = Credentials::builder()
        .access_key_id(issued.access_key_id())
        .secret_access_key(issued.secret_access_key())
        .session_token(issued.session_token())
        .provider_name("role");
    built.set_expiry(SystemTime::try_from(*issued.expiration()).ok());
    // `arn:aws:iam::111122223333:role/audit`
    let account = role.split(':').nth(4).filter(|account| account.len() == 12);
    built.set_account_id(account.map(Into::into));
    Ok(built.build())
}

impl Sso {
    fn of(settings: &Settings, profile: &str) -> Result<Option<Self>, Error> {
        let profiles = &settings.profiles;
        let get = |key: &str| profiles.get(profile, key).map(str::to_owned);
        let (account, role) = (get("sso_account_id"), get("sso_role_name"));
        // As the AWS CLI: without both, the profile is one for tokens alone.
        if account.is_none() && role.is_none() {
            return Ok(None);
        }
        let session = get("sso_session");
        if let Some(session) = &session
            && !profiles.has_sso_session(session)
        {
            return Err(Error::usage(said(
                format!(
                    "sso_session `{session}` of profile `{profile}` has no [sso-session {session}] section"
                ),
                format!(
                    "プロファイル `{profile}` の sso_session `{session}` に対応する [sso-session {session}] \
                         セクションがありません"
                ),
            )));
        }
        let shared = |key: &str| {
            let of_session = session.as_ref().and_then(|session| profiles.sso_session(session, key));
            of_session.map(str::to_owned).or_else(|| get(key))
        };
        let needed = |key: &str, value: Option<String>| {
            value.ok_or_else(|| {
                Error::usage(said(
                    format!("{key} is missing for IAM Identity Center in profile `{profile}`"),
                    format!("プロファイル `{profile}` に、IAM Identity Centerに必要な {key} がありません"),
                ))
            })
        };
        let start_url = needed("sso_start_url", shared("sso_start_url"))?;
        Ok(Some(Self {
            account: needed("sso_account_id", account)?,
            role: needed("sso_role_name", role)?,
            region: needed("sso_region", shared("sso_region"))?,
            cache: session.unwrap_or_else(|| start_url.clone()),
            start_url,
            profile: profile.to_owned(),
        }))
    }

    async fn load(&self, config: &SdkConfig) -> Result<Credentials, Said> {
        let Self { account, role, profile, .. } = self;
        let sign_in = || {
            let command = format!("aws sso login --profile {profile}");
            said(format!("sign in with `{command}`"), format!("`{command}` でサインインしてください"))
        };
        let region = Region::new(self.region.clone());
        let token = SsoTokenProvider::builder()
            .configure(config)
            .region(region.clone())
            .session_name(&self.cache)
            .start_url(&self.start_url)
            .build()
            .await
            .provide_token()
            .await
            .map_err(|error| {
                let why = causes(&error);
                let what = said(
                    format!("profile `{profile}` is not signed in to IAM Identity Center: {why}"),
                    format!("プロファイル `{profile}` はIAM Identity Centerにサインインしていません：{why}"),
                );
                what.with_help(sign_in())
            })?;
        let config = config.to_builder().region(region).build();
        let answer = aws_sdk_sso::Client::new(&config)
            .get_role_credentials()
            .account_id(account)
            .role_name(role)
            .access_token(token.token())
            .send()
            .await
            .map_err(|error| {
                let why = causes(&error);
                let what = said(
                    format!(
                        "IAM Identity Center gave profile `{profile}` no credentials for role {role} of account \
                         {account}: {why}"
                    ),
                    format!(
                        "プロファイル `{profile}` で、アカウント {account} のロール {role} の認証情報を\
                         IAM Identity Centerから取得できません：{why}"
                    ),
                );
                what.with_help(sign_in())
            })?;
        let role = answer.role_credentials();
        let given = role.and_then(|role| Some((role.access_key_id()?, role.secret_access_key()?, role)));
        let Some((id, secret, role)) = given else {
            return Err(said(
                format!("IAM Identity Center gave profile `{profile}` half an answer"),
                format!("プロファイル `{profile}` に対するIAM Identity Centerの応答が不完全です"),
            ));
        };
        let mut built =
            Credentials::builder().access_key_id(id).secret_access_key(secret).provider_name("sso");
        built.set_session_token(role.session_token().map(str::to_owned));
        built.set_account_id(Some(account.clone().into()));
        let expiry = u64::try_from(role.expiration()).ok().filter(|time| *time > 0);
        built.set_expiry(expiry.map(|time| SystemTime::UNIX_EPOCH + Duration::from_millis(time)));
        Ok(built.build())
    }
}

/// Runs `credential_process`. The command is split into words and started without a shell, as the AWS CLI does.
/// Nothing of what it prints is ever told: it prints secrets.
async fn process(command: String, account: Option<String>) -> Result<Credentials, Said> {
    let arguments = words(&command).unwrap_or_default();
    let Some((program, arguments)) = arguments.split_first() else {
        return Err(said(
            "credential_process is no command: a quotation mark is left open",
            "credential_process がコマンドになっていません：引用符が閉じられていません",
        ));
    };
    // The arguments may hold a secret, too.
    let wrong = |what: Said| {
        what.within(
            |what| format!("credential_process ({program}) {what}"),
            |what| format!("credential_process（{program}）{what}"),
        )
    };
    let mut command = Command::new(program);
    command.args(arguments).stdout(Stdio::piped());
    // On a terminal, what it has to say goes to who started it; it stays out of logs.
    if !std::io::stderr().is_terminal() {
        command.stderr(Stdio::null());
    }
    let output = tokio::task::spawn_blocking(move || command.output())
        .await
        .map_err(|_| wrong(said("did not run", "を実行できません")))?
        .map_err(|error| {
            wrong(said(format!("did not run: {error}"), format!("を実行できません：{error}")))
        })?;
    if !output.status.success() {
        let status = output.status;
        let what = wrong(said(format!("ended with {status}"), format!("が異常終了しました（{status}）")));
        return Err(what.with_help(said(
            "run it by hand to see what it says; this program shows nothing of it",
            "このプログラムはその出力を表示しません。直接実行して確認してください",
        )));
    }
    printed(&output.stdout, account).map_err(|what| {
        wrong(what.within(|what| format!("printed {what}"), |what| format!("の出力が使えません：{what}")))
    })
}

/// The credentials that the program printed (SDKs and Tools Reference Guide, "Process credential provider").
fn printed(output: &[u8], account: Option<String>) -> Result<Credentials, Said> {
    let answer: Value = serde_json::from_slice(output).map_err(|_| said("no JSON", "JSONではありません"))?;
    if answer["Version"] != 1 {
        return Err(said(
            "something else than Version 1 of AWS's format",
            "AWSの形式の Version 1 ではありません",
        ));
    }
    let text = |key: &str| answer[key].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let needed =
        |key: &str| text(key).ok_or_else(|| said(format!("no {key}"), format!("{key} がありません")));
    let mut built = Credentials::builder()
        .access_key_id(needed("AccessKeyId")?)
        .secret_access_key(needed("SecretAccessKey")?)
        .provider_name("process");
    built.set_session_token(text("SessionToken"));
    built.set_account_id(text("AccountId").or(account).map(Into::into));
    if let Some(expiration) = text("Expiration") {
        let time: Timestamp = expiration
            .parse()
            .map_err(|_| said("an Expiration that is no time", "Expiration が日時ではありません"))?;
        if time <= Timestamp::now() {
            return Err(said(
                format!("credentials that expired at {time}"),
                format!("認証情報は {time} に期限が切れています"),
            ));
        }
        built.set_expiry(system_time(time));
    }
    Ok(built.build())
}

impl Role {
    fn of(settings: &Settings, profile: &str) -> Result<Self, Error> {
        let get = |key: &str| settings.profiles.get(profile, key).map(str::to_owned);
        let duration_seconds = get("duration_seconds")
            .map(|text| {
                text.parse().map_err(|_| {
                    Error::usage(said(
                        format!("duration_seconds of profile `{profile}` is `{text}`, no number"),
                        format!(
                            "プロファイル `{profile}` の duration_seconds の値 `{text}` は数値ではありません"
                        ),
                    ))
                })
            })
            .transpose()?;
        Ok(Self {
            profile: profile.to_owned(),
            arn: get("role_arn").unwrap_or_default(),
            session_name: get("role_session_name").unwrap_or_else(|| SESSION_NAME.to_owned()),
            external_id: get("external_id"),
            source_identity: None,
            mfa_serial: get("mfa_serial"),
            duration_seconds,
        })
    }

    fn request(
        &self,
        config: &SdkConfig,
        with: Credentials,
        code: Option<String>,
    ) -> AssumeRoleFluentBuilder {
        let config = config.to_builder().credentials_provider(SharedCredentialsProvider::new(with)).build();
        aws_sdk_sts::Client::new(&config)
            .assume_role()
            .role_arn(&self.arn)
            .role_session_name(&self.session_name)
            .set_external_id(self.external_id.clone())
            .set_source_identity(self.source_identity.clone())
            .set_duration_seconds(self.duration_seconds)
            .set_serial_number(self.mfa_serial.clone())
            .set_token_code(code)
    }

    async fn assume(&self, config: &SdkConfig, with: Credentials, lang: Lang) -> Result<Credentials, Said> {
        let code = match &self.mfa_serial {
            Some(serial) => Some(ask_code(self.profile.clone(), serial.clone(), lang).await?),
            None => None,
        };
        let answer = self.request(config, with, code).send().await.map_err(|error| {
            let (Self { arn, profile, .. }, why) = (self, causes(&error));
            if profile.is_empty() {
                return said(
                    format!("role {arn} was not assumed: {why}"),
                    format!("ロール {arn} を引き受けられません：{why}"),
                );
            }
            said(
                format!("role {arn} of profile `{profile}` was not assumed: {why}"),
                format!("プロファイル `{profile}` のロール {arn} を引き受けられません：{why}"),
            )
        })?;
        issued(answer.credentials(), &self.arn)
    }
}

fn system_time(time: Timestamp) -> Option<SystemTime> {
    let since_epoch = Duration::from_secs(u64::try_from(time.as_second()).ok()?);
    SystemTime::UNIX_EPOCH.checked_add(since_epoch)
}

/// Asks on the terminal for the code of an MFA device.
async fn ask_code(profile: String, serial: String, lang: Lang) -> Result<String, Said> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        let what = said(
            format!("profile `{profile}` needs an MFA code (mfa_serial), and there is no terminal to ask on"),
            format!(
                "プロファイル `{profile}` にはMFAコード（mfa_serial）が必要ですが、入力できる端末がありません"
            ),
        );
        return Err(what.with_help(said(
            "use a profile with IAM Identity Center (`aws sso login`) or credential_process",
            "IAM Identity Center（`aws sso login`）または credential_process を使うプロファイルを指定してください",
        )));
    }
    let asked = tokio::task::spawn_blocking(move || {
        ASKING.store(true, Ordering::Relaxed);
        let mut terminal = std::io::stderr();
        let mut code = String::new();
        let question = match lang {
            Lang::En => format!("MFA code for {serial}: "),
            Lang::Ja => format!("{serial} のMFAコード："),
        };
        let read = write!(terminal, "\r\x1b[K{question}")
            .and_then(|()| terminal.flush())
            .and_then(|()| std::io::stdin().lock().read_line(&mut code));
        ASKING.store(false, Ordering::Relaxed);
        read.map(|_| code.trim().to_owned())
    });
    match asked.await {
        Ok(Ok(code)) if !code.is_empty() => Ok(code),
        Ok(Ok(_)) => Err(said(
            format!("no MFA code was given for profile `{profile}`"),
            format!("プロファイル `{profile}` のMFAコードが入力されませんでした"),
        )),
        Ok(Err(error)) => Err(said(
            format!("the MFA code was not read: {error}"),
            format!("MFAコードを読み取れません：{error}"),
        )),
        Err(_) => Err(said("the MFA code was not read", "MFAコードを読み取れません")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_process_prints_is_never_told() {
        let error = |output: &str| printed(output.as_bytes(), None).unwrap_err().en;
        for output in [
            r#"{"Version": 1, "AccessKeyId": "s3cr3t""#,
            r#""s3cr3t""#,
            r#"{"Version": "s3cr3t"}"#,
            r#"{"Version": 1, "AccessKeyId": "a", "SecretAccessKey": ["s3cr3t"]}"#,
            r#"{"Version": 1, "AccessKeyId": "a", "SecretAccessKey": "b", "Expiration": "s3cr3t"}"#,
        ] {
            assert!(!error(output).contains("s3cr3t"), "{}", error(output));
        }
        let past = r#"{"Version": 1, "AccessKeyId": "a", "SecretAccessKey": "b", "Expiration": "2001-01-01T00:00:00Z"}"#;
        assert_eq!(error(past), "credentials that expired at 2001-01-01T00:00:00Z");
    }

    #[test]
    fn a_process_may_say_the_account_and_the_time() {
        let output = r#"{"Version": 1, "AccessKeyId": "a", "SecretAccessKey": "b", "SessionToken": "c",
            "Expiration": "2099-01-01T09:00:00+09:00"}"#;
        let credentials = printed(output.as_bytes(), Some("111122223333".into())).unwrap();
        assert_eq!(credentials.session_token(), Some("c"));
        assert_eq!(credentials.account_id().map(|id| id.as_str()), Some("111122223333"));
        let expected = system_time("2099-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(credentials.expiry(), expected);
    }
}
