//! What the environment and the AWS configuration files say of the way to AWS. The names are those of the AWS
//! SDKs and Tools Reference Guide ("Settings reference"); docs/connecting.md tells of each what becomes of it.
//!
//! An empty variable is as none: compose files and CI systems set them so. A value that cannot be obeyed is an
//! error that names the setting and where it came from, before anything is sent.

use std::str::FromStr;

use aws_audit_checks::{likeness::nearest, source};
use aws_config::{AppName, Region};
use aws_types::{
    endpoint_config::AccountIdEndpointMode,
    service_config::{LoadServiceConfig, ServiceConfigKey},
};

use super::{super::region_names, profiles::Profiles};
use crate::error::{Error, Said, did_you_mean, said};

/// Services that credentials come from, beside those that are scanned.
const SIGN_IN_SERVICES: [&str; 2] = ["SSO", "SSO OIDC"];

/// A value, and where it came from.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    pub(super) value: String,
    pub(super) origin: Origin,
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Argument(&'static str),
    Environment(String),
    /// A setting of a profile, or of a block in it such as `s3`.
    Profile {
        key: String,
        block: Option<String>,
        profile: String,
    },
}

impl Origin {
    /// In the words of a message.
    pub(super) fn said(&self) -> Said {
        match self {
            Self::Argument(name) => Said::words(name),
            Self::Environment(name) => said(format!("{name} (environment)"), format!("環境変数 {name}")),
            Self::Profile { key, block: None, profile } => {
                said(format!("{key} (profile `{profile}`)"), format!("プロファイル `{profile}` の {key}"))
            }
            Self::Profile { key, block: Some(block), profile } => said(
                format!("{key} of {block} (profile `{profile}`)"),
                format!("プロファイル `{profile}` の {block} の {key}"),
            ),
        }
    }
}

/// All of it.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) profiles: Profiles,
    /// The profile in force; `default` when none is named.
    pub(super) profile: String,
    /// Whether the command line names the profile. It then goes before credentials in the environment.
    pub(super) profile_is_argument: bool,
    pub(super) region: Option<Region>,
    pub(super) region_origin: Option<Origin>,
    pub(super) use_fips: bool,
    pub(super) use_dual_stack: bool,
    pub(super) app_name: AppName,
    pub(super) account_id_endpoint_mode: Option<AccountIdEndpointMode>,
    pub(super) ca_bundle: Option<Setting>,
    endpoint: Option<Setting>,
    ignore_configured_endpoints: bool,
    s3_path_style: Option<bool>,
}

impl Settings {
    /// Reads the environment and the configuration files.
    ///
    /// # Errors
    /// When the profile is unknown, or a value cannot be obeyed.
    pub(super) fn load(profile: Option<String>, endpoint_url: Option<String>) -> Result<Self, Error> {
        let profiles = Profiles::load()?;
        let argument = profile.filter(|name| !name.is_empty());
        let profile_is_argument = argument.is_some();
        let named = argument
            .map(|name| (name, said("--profile, or aws-audit.toml", "--profile または aws-audit.toml")))
            .or_else(|| Some((environment("AWS_PROFILE")?, Said::words("AWS_PROFILE"))))
            .or_else(|| Some((environment("AWS_DEFAULT_PROFILE")?, Said::words("AWS_DEFAULT_PROFILE"))));
        let profile = match named {
            Some((name, origin)) => {
                known_profile(&profiles, &name, &origin)?;
                name
            }
            None => "default".to_owned(),
        };
        let argument = endpoint_url.filter(|url| !url.is_empty());
        let endpoint = argument.map(|value| Setting { value, origin: Origin::Argument("--endpoint-url") });
        let mut settings = Self {
            profiles,
            profile,
            profile_is_argument,
            region: None,
            region_origin: None,
            use_fips: false,
            use_dual_stack: false,
            app_name: AppName::new("aws-audit").map_err(|error| Error::usage(Said::words(error)))?,
            account_id_endpoint_mode: None,
            ca_bundle: None,
            endpoint,
            ignore_configured_endpoints: false,
            s3_path_style: None,
        };
        settings.resolve()?;
        Ok(settings)
    }

    fn resolve(&mut self) -> Result<(), Error> {
        if let Some(region) = self.find(&["AWS_REGION", "AWS_DEFAULT_REGION"], "region") {
            check_region(&region)?;
            self.region = Some(Region::new(region.value));
            self.region_origin = Some(region.origin);
        }
        self.ignore_configured_endpoints =
            self.is_on("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls")?.is_some();
        let fips = self.is_on("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")?;
        let dual_stack = self.is_on("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")?;
        let endpoints = self.endpoints();
        for endpoint in &endpoints {
            check_url(endpoint)?;
        }
        for (origin, kind) in
            [(&fips, Said::words("FIPS")), (&dual_stack, said("dual-stack", "デュアルスタック"))]
        {
            if let (Some(origin), Some(endpoint)) = (origin, endpoints.first()) {
                let (wants, names) = (origin.said(), endpoint.origin.said());
                let what = said(
                    format!(
                        "{} asks for AWS's {} endpoints, and {} names an endpoint instead of AWS's own",
                        wants.en, kind.en, names.en
                    ),
                    format!(
                        "{} はAWSの{}エンドポイントを求めていますが、{} は独自のエンドポイントを指定しています",
                        wants.ja, kind.ja, names.ja
                    ),
                );
                return Err(Error::usage(what.with_help(kind.within(
                    |kind| {
                        format!(
                            "unset one of them; an endpoint that is {kind} itself needs no {kind} setting"
                        )
                    },
                    |kind| {
                        format!(
                            "どちらか一方を外してください。指定したエンドポイント自体が{kind}であれば、\
                             {kind}の設定は不要です"
                        )
                    },
                ))));
            }
        }
        self.use_fips = fips.is_some();
        self.use_dual_stack = dual_stack.is_some();
        if let Some(id) = self.find(&["AWS_SDK_UA_APP_ID"], "sdk_ua_app_id") {
            self.app_name = AppName::new(id.value).map_err(|error| {
                Error::usage(id.origin.said().within(
                    |origin| format!("{origin} is no application id for the user agent: {error}"),
                    |origin| {
                        format!("{origin} の値はUser-AgentのアプリケーションIDとして使えません：{error}")
                    },
                ))
            })?;
        }
        if let Some(mode) = self.find(&["AWS_ACCOUNT_ID_ENDPOINT_MODE"], "account_id_endpoint_mode") {
            let known = AccountIdEndpointMode::from_str(&mode.value)
                .map_err(|_| not_one_of(&mode, &["preferred", "disabled", "required"]))?;
            self.account_id_endpoint_mode = Some(known);
        }
        // After the documented two, what programs with OpenSSL take, and what Python's tools do: the AWS CLI
        // reads that one last.
        self.ca_bundle = self.find(&["AWS_CA_BUNDLE"], "ca_bundle").or_else(|| {
            ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"].into_iter().find_map(|name| {
                Some(Setting { value: environment(name)?, origin: Origin::Environment(name.into()) })
            })
        });
        self.s3_path_style = match self.profiles.nested(&self.profile, "s3", "addressing_style") {
            Some("path") => Some(true),
            Some("virtual") => Some(false),
            _ => None,
        };
        Ok(())
    }

    /// Whether requests to S3 name the bucket in the path: where the endpoint is not AWS's own, unless the
    /// profile says otherwise.
    pub(super) fn s3_path_style(&self) -> bool {
        self.s3_path_style.unwrap_or_else(|| self.endpoint_of("S3").is_some())
    }

    /// A setting: the first of the environment variables that is not empty, else the profile's.
    pub(super) fn find(&self, variables: &[&str], key: &str) -> Option<Setting> {
        variables
            .iter()
            .find_map(|name| {
                Some(Setting { value: environment(name)?, origin: Origin::Environment((*name).to_owned()) })
            })
            .or_else(|| self.of_profile(key))
    }

    fn of_profile(&self, key: &str) -> Option<Setting> {
        let value = self.profiles.get(&self.profile, key)?.to_owned();
        Some(Setting {
            value,
            origin: Origin::Profile { key: key.to_owned(), block: None, profile: self.profile.clone() },
        })
    }

    /// The place of a setting in a block of the profile.
    fn nested(&self, key: &str, block: String) -> Origin {
        Origin::Profile { key: key.to_owned(), block: Some(block), profile: self.profile.clone() }
    }

    /// Where a switch is turned on.
    fn is_on(&self, variable: &str, key: &str) -> Result<Option<Origin>, Error> {
        match self.find(&[variable], key) {
            Some(switch) if switch.value.eq_ignore_ascii_case("true") => Ok(Some(switch.origin)),
            Some(switch) if !switch.value.eq_ignore_ascii_case("false") => {
                Err(not_one_of(&switch, &["true", "false"]))
            }
            _ => Ok(None),
        }
    }

    /// The endpoint of a service that is not AWS's own, by the order of the reference guide's page
    /// "Service-specific endpoints".
    fn endpoint_of(&self, service: &str) -> Option<Setting> {
        if self.endpoint.is_some() || self.ignore_configured_endpoints {
            return self.endpoint.clone();
        }
        let id = service.replace(' ', "_");
        let of_service = format!("AWS_ENDPOINT_URL_{}", id.to_uppercase());
        let in_environment = [of_service, "AWS_ENDPOINT_URL".to_owned()];
        let from_environment = in_environment
            .into_iter()
            .find_map(|name| Some(Setting { value: environment(&name)?, origin: Origin::Environment(name) }));
        from_environment
            .or_else(|| {
                let block = id.to_lowercase();
                let value = self.profiles.of_service(&self.profile, &block, "endpoint_url")?.to_owned();
                Some(Setting { value, origin: self.nested("endpoint_url", block) })
            })
            .or_else(|| self.of_profile("endpoint_url"))
    }

    /// Every endpoint that is not AWS's own.
    fn endpoints(&self) -> Vec<Setting> {
        let mut services: Vec<&str> =
            source::operations().map(|operation| operation.service).chain(SIGN_IN_SERVICES).collect();
        services.sort_unstable();
        services.dedup();
        services.into_iter().filter_map(|service| self.endpoint_of(service)).collect()
    }

    /// The settings that are there and are not obeyed, each with the reason.
    pub(super) fn not_obeyed(&self) -> Vec<Said> {
        let mut told = Vec::new();
        let mut tell = |setting: Said, why: &Said| {
            told.push(setting.within(
                |setting| format!("{setting} is not used: {}", why.en),
                |setting| format!("{setting} は使いません：{}", why.ja),
            ));
        };
        let paced = said(
            "this program paces and repeats its requests by itself",
            "リクエストの間隔と再試行は、このプログラムが自ら調整します",
        );
        for (variable, key) in [("AWS_MAX_ATTEMPTS", "max_attempts"), ("AWS_RETRY_MODE", "retry_mode")] {
            if let Some(setting) = self.find(&[variable], key) {
                tell(setting.origin.said(), &paced);
            }
        }
        let legacy = self.find(&["AWS_STS_REGIONAL_ENDPOINTS"], "sts_regional_endpoints");
        if let Some(setting) = legacy.filter(|setting| setting.value.eq_ignore_ascii_case("legacy")) {
            let regional =
                said("STS is asked in the region", "STSにはリージョンのエンドポイントで問い合わせます");
            tell(setting.origin.said(), &regional);
        }
        let modes = self.find(&["AWS_DEFAULTS_MODE"], "defaults_mode");
        if let Some(setting) = modes.filter(|setting| !setting.value.eq_ignore_ascii_case("legacy")) {
            let own = said(
                "time limits are this program's own",
                "タイムアウトは、このプログラムが独自に定めています",
            );
            tell(setting.origin.said(), &own);
        }
        for key in ["use_accelerate_endpoint", "use_dualstack_endpoint"] {
            if let Some("true") = self.profiles.nested(&self.profile, "s3", key) {
                let own =
                    said("S3 is asked at its own endpoints", "S3には通常のエンドポイントで問い合わせます");
                tell(self.nested(key, "s3".to_owned()).said(), &own);
            }
        }
        if let Some(setting) = self.of_profile("api_versions") {
            let newest =
                said("the newest version of each API is asked", "各APIの最新バージョンに問い合わせます");
            tell(setting.origin.said(), &newest);
        }
        told
    }
}

/// What each client of the SDK asks for: the endpoint of its service.
#[derive(Debug)]
pub(super) struct ServiceSettings(pub(super) std::sync::Arc<Settings>);

impl LoadServiceConfig for ServiceSettings {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let setting = match key.profile() {
            "endpoint_url" => self.0.endpoint_of(key.service_id()),
            profile => self.0.find(&[key.env()], profile),
        };
        setting.map(|setting| setting.value)
    }
}

/// An environment variable, unless it is empty.
pub(super) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn known_profile(profiles: &Profiles, name: &str, origin: &Said) -> Result<(), Error> {
    if profiles.has(name) {
        return Ok(());
    }
    let known = profiles.names();
    let help = match nearest([name], known.iter().copied()) {
        Some(nearest) => did_you_mean(nearest),
        None if known.is_empty() => said("known profiles: none", "プロファイルは一つも定義されていません"),
        None => said(
            format!("known profiles: {}", known.join(", ")),
            format!("定義されているプロファイル：{}", known.join("、")),
        ),
    };
    let what = origin.within(
        |origin| format!("profile `{name}` ({origin}) is in neither ~/.aws/config nor ~/.aws/credentials"),
        |origin| {
            format!(
                "プロファイル `{name}`（{origin}）は ~/.aws/config にも ~/.aws/credentials にもありません"
            )
        },
    );
    Err(Error::usage(what.with_help(help)))
}

fn check_region(region: &Setting) -> Result<(), Error> {
    let Setting { value, origin } = region;
    if value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        return Ok(());
    }
    let what = origin.said().within(
        |origin| format!("`{value}` of {origin} is no region"),
        |origin| format!("{origin} の値 `{value}` はリージョンではありません"),
    );
    Err(Error::usage(what.with_help(region_names::example())))
}

/// Whether the text is the URL of an endpoint: a scheme, a host, maybe a port and a path.
fn check_url(setting: &Setting) -> Result<(), Error> {
    let url = setting.value.as_str();
    let wrong = |why: Said| {
        // What stands before an `@` may be a password.
        let shown = url.rsplit_once('@').map_or(url, |(_, shown)| shown);
        let what = setting.origin.said().within(
            |origin| format!("`{shown}` of {origin} is not an endpoint: {}", why.en),
            |origin| format!("{origin} の値 `{shown}` はエンドポイントではありません：{}", why.ja),
        );
        Err(Error::usage(what.with_help(said(
            "endpoints look like https://HOST or http://HOST:PORT",
            "エンドポイントは https://HOST や http://HOST:PORT の形で指定してください",
        ))))
    };
    if url.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return wrong(said("there is white space in it", "空白が含まれています"));
    }
    let scheme = url.split_once("://").map(|(scheme, rest)| (scheme.to_ascii_lowercase(), rest));
    let rest = match &scheme {
        Some((scheme, rest)) if scheme == "http" || scheme == "https" => *rest,
        _ => {
            return wrong(said(
                "it must begin with http:// or https://",
                "http:// または https:// で始めてください",
            ));
        }
    };
    if rest.contains(['?', '#']) {
        return wrong(said("it must have no query", "クエリは付けられません"));
    }
    let authority = rest.split('/').next().unwrap_or_default();
    if authority.contains('@') {
        return wrong(said("it must have no user name", "ユーザー名は付けられません"));
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    if host.is_empty() {
        return wrong(said("it names no host", "ホスト名がありません"));
    }
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return wrong(said("its port is no number up to 65535", "ポートが65535以下の数値ではありません"));
    }
    Ok(())
}

fn not_one_of(setting: &Setting, known: &[&str]) -> Error {
    let value = &setting.value;
    let what = setting.origin.said().within(
        |origin| format!("{origin} is `{value}`"),
        |origin| format!("{origin} の値 `{value}` は使えません"),
    );
    Error::usage(what.with_help(one_of(known)))
}

/// The help that names the values which a setting may have.
pub(super) fn one_of(known: &[&str]) -> Said {
    let (last, others) = known.split_last().unwrap_or((&"", &[]));
    said(
        format!("it must be {} or {last}", others.join(", ")),
        format!("{} のいずれかを指定してください", known.join("、")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_urls() {
        let check = |value: &str| {
            let origin = Origin::Environment("AWS_ENDPOINT_URL".into());
            check_url(&Setting { value: value.into(), origin }).map_err(|error| error.to_string())
        };
        for right in [
            "http://localhost:5000",
            "https://sts.eu-west-1.amazonaws.com",
            "HTTP://[::1]:1/path/",
            "http://h",
        ] {
            assert_eq!(check(right), Ok(()), "{right}");
        }
        for (wrong, why) in [
            (
                "localhost:5000",
                "`localhost:5000` of AWS_ENDPOINT_URL (environment) is not an endpoint: it must begin",
            ),
            ("ftp://host", "http:// or https://"),
            ("http://", "no host"),
            ("http://:80", "no host"),
            ("http://host:port", "port"),
            ("http://ho st", "white space"),
            ("http://host?x=1", "query"),
        ] {
            let error = check(wrong).unwrap_err();
            assert!(error.contains(why), "{wrong}: {error}");
        }
        let error = check("http://jo:s3cr3t@host").unwrap_err();
        assert!(error.contains("user name") && !error.contains("s3cr3t"), "{error}");
    }
}
