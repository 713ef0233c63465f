//! What the environment and the AWS configuration files say of the way to AWS. The names are those of the AWS
//! SDKs and Tools Reference Guide ("Settings reference"); docs/connecting.md tells of each what becomes of it.
//!
//! An empty variable is as none: compose files and CI systems set them so. A value that cannot be obeyed is an
//! error that names the setting and where it came from, before anything is sent.

use std::{fmt, str::FromStr};

use aws_audit_checks::source::Source;
use aws_config::{AppName, Region};
use aws_types::{
    endpoint_config::AccountIdEndpointMode,
    service_config::{LoadServiceConfig, ServiceConfigKey},
};

use super::profiles::Profiles;
use crate::error::Error;

/// Services that credentials come from, beside those that are scanned.
const SIGN_IN_SERVICES: [&str; 2] = ["SSO", "SSO OIDC"];

/// A value, and where it came from.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    pub(super) value: String,
    pub(super) origin: Origin,
}

/// Where a value came from, in the words of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Argument(&'static str),
    Environment(String),
    Profile { key: String, profile: String },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument(name) => f.write_str(name),
            Self::Environment(name) => write!(f, "{name} (environment)"),
            Self::Profile { key, profile } => write!(f, "{key} (profile `{profile}`)"),
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
            .map(|name| (name, "--profile, or aws-audit.toml"))
            .or_else(|| Some((environment("AWS_PROFILE")?, "AWS_PROFILE")))
            .or_else(|| Some((environment("AWS_DEFAULT_PROFILE")?, "AWS_DEFAULT_PROFILE")));
        let profile = match named {
            Some((name, origin)) => {
                known_profile(&profiles, &name, origin)?;
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
            app_name: AppName::new("aws-audit").map_err(|error| Error::usage(error.to_string()))?,
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
        for (origin, kind) in [(&fips, "FIPS"), (&dual_stack, "dual-stack")] {
            if let (Some(origin), Some(endpoint)) = (origin, endpoints.first()) {
                return Err(Error::usage(format!(
                    "{origin} asks for AWS's {kind} endpoints, and {} names an endpoint instead of AWS's own\n\
                     help: unset one of them; an endpoint that is {kind} itself needs no {kind} setting",
                    endpoint.origin
                )));
            }
        }
        self.use_fips = fips.is_some();
        self.use_dual_stack = dual_stack.is_some();
        if let Some(id) = self.find(&["AWS_SDK_UA_APP_ID"], "sdk_ua_app_id") {
            self.app_name = AppName::new(id.value).map_err(|error| {
                Error::usage(format!("{} is no application id for the user agent: {error}", id.origin))
            })?;
        }
        if let Some(mode) = self.find(&["AWS_ACCOUNT_ID_ENDPOINT_MODE"], "account_id_endpoint_mode") {
            let known = AccountIdEndpointMode::from_str(&mode.value)
                .map_err(|_| not_one_of(&mode, "preferred, disabled or required"))?;
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
            origin: Origin::Profile { key: key.to_owned(), profile: self.profile.clone() },
        })
    }

    /// Where a switch is turned on.
    fn is_on(&self, variable: &str, key: &str) -> Result<Option<Origin>, Error> {
        match self.find(&[variable], key) {
            Some(switch) if switch.value.eq_ignore_ascii_case("true") => Ok(Some(switch.origin)),
            Some(switch) if !switch.value.eq_ignore_ascii_case("false") => {
                Err(not_one_of(&switch, "true or false"))
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
                let key = id.to_lowercase();
                let value = self.profiles.of_service(&self.profile, &key, "endpoint_url")?.to_owned();
                let key = format!("endpoint_url of {key}");
                Some(Setting { value, origin: Origin::Profile { key, profile: self.profile.clone() } })
            })
            .or_else(|| self.of_profile("endpoint_url"))
    }

    /// Every endpoint that is not AWS's own.
    fn endpoints(&self) -> Vec<Setting> {
        let mut services: Vec<&str> = Source::ALL
            .iter()
            .flat_map(|source| source.operations())
            .map(|operation| operation.service)
            .chain(SIGN_IN_SERVICES)
            .collect();
        services.sort_unstable();
        services.dedup();
        services.into_iter().filter_map(|service| self.endpoint_of(service)).collect()
    }

    /// The settings that are there and are not obeyed, each with the reason.
    pub(super) fn not_obeyed(&self) -> Vec<String> {
        let mut told = Vec::new();
        let paced = "this program paces and repeats its requests by itself";
        for (variable, key) in [("AWS_MAX_ATTEMPTS", "max_attempts"), ("AWS_RETRY_MODE", "retry_mode")] {
            if let Some(setting) = self.find(&[variable], key) {
                told.push(format!("{} is not used: {paced}", setting.origin));
            }
        }
        let legacy = self.find(&["AWS_STS_REGIONAL_ENDPOINTS"], "sts_regional_endpoints");
        if let Some(setting) = legacy.filter(|setting| setting.value.eq_ignore_ascii_case("legacy")) {
            told.push(format!("{} is not used: STS is asked in the region", setting.origin));
        }
        let modes = self.find(&["AWS_DEFAULTS_MODE"], "defaults_mode");
        if let Some(setting) = modes.filter(|setting| !setting.value.eq_ignore_ascii_case("legacy")) {
            told.push(format!("{} is not used: time limits are this program's own", setting.origin));
        }
        for key in ["use_accelerate_endpoint", "use_dualstack_endpoint"] {
            if let Some("true") = self.profiles.nested(&self.profile, "s3", key) {
                let profile = &self.profile;
                told.push(format!(
                    "{key} of s3 (profile `{profile}`) is not used: S3 is asked at its own endpoints"
                ));
            }
        }
        if let Some(setting) = self.of_profile("api_versions") {
            told.push(format!("{} is not used: the newest version of each API is asked", setting.origin));
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

fn known_profile(profiles: &Profiles, name: &str, origin: &str) -> Result<(), Error> {
    if profiles.has(name) {
        return Ok(());
    }
    let known = profiles.names();
    let nearest = known
        .iter()
        .map(|known| (strsim::jaro_winkler(known, name), *known))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(likeness, _)| *likeness > 0.8);
    let help = match nearest {
        Some((_, nearest)) => format!("did you mean `{nearest}`?"),
        None if known.is_empty() => "known profiles: none".to_owned(),
        None => format!("known profiles: {}", known.join(", ")),
    };
    Err(Error::usage(format!(
        "profile `{name}` ({origin}) is in neither ~/.aws/config nor ~/.aws/credentials\nhelp: {help}"
    )))
}

fn check_region(region: &Setting) -> Result<(), Error> {
    let Setting { value, origin } = region;
    if value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        return Ok(());
    }
    Err(Error::usage(format!("`{value}` of {origin} is no region\nhelp: regions look like eu-west-1")))
}

/// Whether the text is the URL of an endpoint: a scheme, a host, maybe a port and a path.
fn check_url(setting: &Setting) -> Result<(), Error> {
    let url = setting.value.as_str();
    let wrong = |what: &str| {
        // What stands before an `@` may be a password.
        let shown = url.rsplit_once('@').map_or(url, |(_, shown)| shown);
        Err(Error::usage(format!(
            "`{shown}` of {} is not an endpoint: {what}\nhelp: endpoints look like https://HOST or http://HOST:PORT",
            setting.origin
        )))
    };
    if url.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return wrong("there is white space in it");
    }
    let scheme = url.split_once("://").map(|(scheme, rest)| (scheme.to_ascii_lowercase(), rest));
    let rest = match &scheme {
        Some((scheme, rest)) if scheme == "http" || scheme == "https" => *rest,
        _ => return wrong("it must begin with http:// or https://"),
    };
    if rest.contains(['?', '#']) {
        return wrong("it must have no query");
    }
    let authority = rest.split('/').next().unwrap_or_default();
    if authority.contains('@') {
        return wrong("it must have no user name");
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    if host.is_empty() {
        return wrong("it names no host");
    }
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return wrong("its port is no number up to 65535");
    }
    Ok(())
}

fn not_one_of(setting: &Setting, known: &str) -> Error {
    Error::usage(format!("{} is `{}`\nhelp: it must be {known}", setting.origin, setting.value))
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
