//! The way to AWS, through the real binary: whose credentials, which endpoint, whom to trust. What works with
//! the AWS CLI works here.

#[path = "support/fake.rs"]
mod fake;
mod support;

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

use fake::{Asked, Fake, Told};
use serde_json::Value;
use support::{Run, program, run};

/// Access keys tell their account.
const JO: &str = "AKIA111122223333";
const PROD: &str = "AKIA444455556666";

/// A directory with configuration files, and the variables that lead to AWS.
struct Home {
    directory: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

impl Home {
    fn new(url: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let variables = vec![
            ("HOME".to_owned(), directory.path().display().to_string()),
            ("AWS_ENDPOINT_URL".to_owned(), url.to_owned()),
        ];
        Self { directory, variables }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn script(&self, name: &str, text: &str) -> PathBuf {
        let path = self.file(name, &format!("#!/bin/sh\n{text}\n"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn config(self, text: &str) -> Self {
        self.file(".aws/config", text);
        self
    }

    fn credentials(self, text: &str) -> Self {
        self.file(".aws/credentials", text);
        self
    }

    fn set(mut self, name: &str, value: impl ToString) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_string()));
        self
    }

    fn keys(self, key: &str) -> Self {
        self.set("AWS_ACCESS_KEY_ID", key).set("AWS_SECRET_ACCESS_KEY", "secret")
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let mut command = program(&[
            "scan",
            "--checks",
            "iam-password-policy-length",
            "--format",
            "json",
            "--include-passed",
        ]);
        command.args(arguments).current_dir(self.directory.path());
        command.env_remove("AWS_CONFIG_FILE").env_remove("AWS_SHARED_CREDENTIALS_FILE");
        if !arguments.contains(&"--regions") {
            command.args(["--regions", "us-east-1"]);
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        run(command)
    }

    /// The account that a scan finds, and what it said.
    fn account(&self, arguments: &[&str]) -> (String, Run) {
        let run = self.run(arguments);
        let report: Value = serde_json::from_str(&run.stdout)
            .unwrap_or_else(|_| panic!("{arguments:?}: exit {}: {}", run.code, run.stderr));
        let account = report["account"]["id"].as_str().unwrap_or_default().to_owned();
        assert!(!report["findings"].as_array().unwrap().is_empty(), "{}", run.stderr);
        assert!(report["gaps"].as_array().unwrap().is_empty(), "{}", report["gaps"]);
        (account, run)
    }

    /// Fails with this exit code and these words.
    fn fails(&self, arguments: &[&str], code: i32, words: &[&str]) -> Run {
        let run = self.run(arguments);
        assert_eq!(run.code, code, "{arguments:?}: {}", run.stderr);
        assert_eq!(run.stdout, "", "{arguments:?}");
        for word in words {
            assert!(run.stderr.contains(word), "{arguments:?} does not say {word:?}: {}", run.stderr);
        }
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
        run
    }
}

fn keys(key: &str) -> String {
    format!("aws_access_key_id = {key}\naws_secret_access_key = secret\n")
}

/// What `credential_process` prints.
fn printed(key: &str) -> String {
    format!(
        r#"echo '{{"Version": 1, "AccessKeyId": "{key}", "SecretAccessKey": "secret", "SessionToken": "t"}}'"#
    )
}

/// An account, with roles that can be assumed: the role's account is that of the session.
fn with_roles(asked: &Asked) -> Told {
    match asked.action.as_str() {
        action @ ("AssumeRole" | "AssumeRoleWithWebIdentity") => {
            let role = asked.body.split("iam%3A%3A").nth(1).unwrap_or_default();
            fake::session(action, &format!("ASIA{}", &role[..12]), 3600)
        }
        _ => fake::account(asked),
    }
}

#[test]
fn a_profile_of_the_command_line_goes_before_the_environment_and_aws_profile_does_not() {
    let aws = Fake::start(fake::account);
    let home = Home::new(&aws.url).keys(JO).config(&format!("[profile prod]\n{}", keys(PROD)));
    assert_eq!(home.account(&[]).0, "111122223333");
    assert_eq!(home.account(&["--profile", "prod"]).0, "444455556666");
    assert_eq!(home.account(&["--profile", ""]).0, "111122223333", "an empty name is none");
    let home = home.set("AWS_PROFILE", "prod");
    assert_eq!(home.account(&[]).0, "111122223333");
    // The team's file is as the command line.
    home.file("aws-audit.toml", "profile = 'prod'\n");
    assert_eq!(home.account(&[]).0, "444455556666");
    fs::remove_file(home.path("aws-audit.toml")).unwrap();
    let home = home.set("AWS_ACCESS_KEY_ID", "").set("AWS_SECRET_ACCESS_KEY", "");
    assert_eq!(home.account(&[]).0, "444455556666");
    home.set("AWS_PROFILE", "prdo").fails(&[], 2, &["`prdo` (AWS_PROFILE)", "did you mean `prod`?"]);
}

#[test]
fn the_account_is_told_before_anything_else() {
    let aws = Fake::start(fake::account);
    let home = Home::new(&aws.url).keys(JO).config(&format!("[profile prod]\n{}", keys(PROD)));
    let first = |arguments: &[&str]| {
        let (_, run) = home.account(arguments);
        run.stderr.lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(
        first(&[]),
        "account 111122223333 (example) as arn:aws:iam::111122223333:user/jo; credentials: environment \
         (AWS_ACCESS_KEY_ID)"
    );
    let told = first(&["--profile", "prod"]);
    assert!(told.starts_with("account 444455556666 (example)"), "{told}");
    assert!(told.ends_with("credentials: profile `prod`: access key in the configuration file"), "{told}");
    let told = first(&["--lang", "ja"]);
    assert!(told.starts_with("アカウント 111122223333（example）"), "{told}");
    assert!(told.ends_with("認証情報：環境変数（AWS_ACCESS_KEY_ID）"), "{told}");
}

#[test]
fn a_session_in_the_environment_asks_for_no_mfa_code_of_the_default_profile() {
    let aws = Fake::start(fake::account);
    let home =
        Home::new(&aws.url).keys(JO).set("AWS_SESSION_TOKEN", "t").set("AWS_VAULT", "prod").config(&format!(
            "[default]\nrole_arn = arn:aws:iam::444455556666:role/audit\nsource_profile = base\n\
         mfa_serial = arn:aws:iam::444455556666:mfa/jo\n[profile base]\n{}",
            keys(PROD)
        ));
    assert_eq!(home.account(&[]).0, "111122223333");
    home.fails(&["--profile", "default"], 4, &["profile `default` needs an MFA code", "no terminal"]);
}

#[test]
fn half_a_pair_of_keys_leads_to_no_other_account() {
    let aws = Fake::start(fake::account);
    let home = Home::new(&aws.url).set("AWS_ACCESS_KEY_ID", JO).config(&format!("[default]\n{}", keys(PROD)));
    home.fails(&[], 2, &["AWS_ACCESS_KEY_ID is set in the environment without AWS_SECRET_ACCESS_KEY"]);
    let home = Home::new(&aws.url).credentials("[default]\naws_secret_access_key = secret\n");
    let run = home.fails(&[], 2, &["profile `default` has aws_secret_access_key without aws_access_key_id"]);
    assert!(!run.stderr.contains("= secret"), "{}", run.stderr);
    assert!(aws.asked().is_empty());
}

#[test]
fn profiles_are_found_as_the_aws_cli_finds_them() {
    let aws = Fake::start(with_roles);
    let home = Home::new(&aws.url);
    let process = home.script("process.sh", &printed(PROD)).display().to_string();
    let odd = home.script("with space.sh", &format!("[ \"$2\" = 'a b' ] && {}", printed(PROD)));
    let token = home.file("token", "web.identity.token\n").display().to_string();
    let base = keys(JO);
    let home = home
        .config(&format!(
            "# names as tools of single sign-on make them\n[profile \"q_r\"]\ncredential_process = {process}\n\
             [profile \"q r\"]\ncredential_process = {process}\n[profile q/r@x.y+z:w]\ncredential_process={process}\n\
             [profile indented]\n  credential_process: {process}\n  region = us-east-1\n\
             [profile quoted]\ncredential_process = \"{}\" --x \"a b\"\n\
             [profile role]\nrole_arn = arn:aws:iam::444455556666:role/audit\nsource_profile = base\nexternal_id = x\n\
             [profile chain]\nrole_arn = arn:aws:iam::777788889999:role/audit\nsource_profile = role\n\
             [profile itself]\nrole_arn = arn:aws:iam::444455556666:role/audit\nsource_profile = itself\n{base}\
             [profile \"base\"]\n{base}\
             [profile surroundings]\nrole_arn = arn:aws:iam::444455556666:role/audit\ncredential_source = Environment\n\
             [profile web]\nrole_arn = arn:aws:iam::444455556666:role/audit\nweb_identity_token_file = {token}\n\
             [profile both]\n{}\n",
            odd.display(),
            keys(PROD),
        ))
        .credentials(&format!("[f]\n{}[both]\n{}", keys(PROD), keys(JO)));
    for (profile, account) in [
        ("q_r", "444455556666"),
        ("q r", "444455556666"),
        ("q/r@x.y+z:w", "444455556666"),
        ("indented", "444455556666"),
        ("quoted", "444455556666"),
        ("role", "444455556666"),
        ("chain", "777788889999"),
        ("itself", "444455556666"),
        ("web", "444455556666"),
        ("f", "444455556666"),
        ("both", "111122223333"),
    ] {
        assert_eq!(home.account(&["--profile", profile]).0, account, "{profile}");
    }
    let (_, run) = home.account(&["--profile", "chain"]);
    let source = "credentials: profile `base`: access key in the configuration file → \
        arn:aws:iam::444455556666:role/audit (profile `role`) → arn:aws:iam::777788889999:role/audit (profile `chain`)";
    assert!(run.stderr.contains(source), "{}", run.stderr);
    home.fails(&["--profile", "surroundings"], 4, &["credential_source", "AWS_ACCESS_KEY_ID is not set"]);
    let home = home.keys(JO);
    assert_eq!(home.account(&["--profile", "surroundings"]).0, "444455556666");
    let sent = aws.asked().into_iter().find(|asked| asked.action == "AssumeRoleWithWebIdentity").unwrap();
    assert!(sent.body.ends_with("WebIdentityToken=web.identity.token") && sent.key.is_empty(), "{sent:?}");
    assert!(
        aws.asked().iter().any(|asked| asked.action == "AssumeRole" && asked.body.contains("ExternalId=x"))
    );
}

#[test]
fn web_identity_of_the_environment_is_used() {
    let aws = Fake::start(with_roles);
    let home = Home::new(&aws.url);
    let token = home.file("token", "web.identity.token").display().to_string();
    let home = home
        .set("AWS_WEB_IDENTITY_TOKEN_FILE", token)
        .set("AWS_ROLE_ARN", "arn:aws:iam::444455556666:role/pod")
        .config(&format!("[default]\nregion = eu-west-1\n[profile jo]\n{}", keys(JO)));
    assert_eq!(home.account(&[]).0, "444455556666");
    assert_eq!(home.account(&["--profile", "jo"]).0, "111122223333", "a named profile is itself");
    home.set("AWS_ROLE_ARN", "").fails(&[], 2, &["AWS_WEB_IDENTITY_TOKEN_FILE", "set AWS_ROLE_ARN"]);
}

#[test]
fn identity_center_is_signed_in_to_by_the_cached_token() {
    let aws = Fake::start(|asked| match asked.line.as_str() {
        line if line.starts_with("GET /federation/credentials") => {
            let token = asked.headers.iter().find(|(name, _)| name == "x-amz-sso_bearer_token");
            assert_eq!(token.map(|(_, value)| value.as_str()), Some("cached"));
            let credentials = format!(
                r#"{{"roleCredentials": {{"accessKeyId": "{PROD}", "secretAccessKey": "secret", "sessionToken": "t", "expiration": 4070908800000}}}}"#
            );
            (200, credentials)
        }
        _ => fake::account(asked),
    });
    let home = Home::new(&aws.url).config(
        "[profile sso]\nsso_session = my sso\nsso_account_id = 444455556666\nsso_role_name = Audit\n\
         [sso-session \"my sso\"]\nsso_region = us-east-1\nsso_start_url = https://example.awsapps.com/start\n\
         [profile old]\nsso_start_url = https://example.awsapps.com/start\nsso_region = us-east-1\n\
         sso_account_id = 444455556666\nsso_role_name = Audit\n",
    );
    for profile in ["sso", "old"] {
        let help = format!("aws sso login --profile {profile}");
        home.fails(&["--profile", profile], 4, &["is not signed in to IAM Identity Center", &help]);
    }
    // The token's file is named by the SHA-1 of the session's name, or of the start URL.
    for of in ["my sso", "https://example.awsapps.com/start"] {
        let name = sha1(of);
        let token = r#"{"accessToken": "cached", "expiresAt": "2099-01-01T00:00:00Z", "region": "us-east-1",
            "startUrl": "https://example.awsapps.com/start"}"#;
        home.file(&format!(".aws/sso/cache/{name}.json"), token);
    }
    for profile in ["sso", "old"] {
        assert_eq!(home.account(&["--profile", profile]).0, "444455556666", "{profile}");
    }
}

/// By the tool that every system has.
fn sha1(text: &str) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), text).unwrap();
    let output = std::process::Command::new("sha1sum").arg(file.path()).output().unwrap();
    String::from_utf8(output.stdout).unwrap().split_whitespace().next().unwrap().to_owned()
}

#[test]
fn containers_and_instances_give_their_roles() {
    let given = format!(
        r#"{{"Code": "Success", "Type": "AWS-HMAC", "LastUpdated": "2020-01-01T00:00:00Z", "AccessKeyId": "{PROD}",
           "SecretAccessKey": "secret", "Token": "t", "Expiration": "2099-01-01T00:00:00Z"}}"#
    );
    let aws = Fake::start(move |asked| match asked.line.as_str() {
        "GET /container" => (200, given.clone()),
        "PUT /latest/api/token" => (200, "imds".into()),
        "GET /latest/meta-data/iam/security-credentials/" => (200, "role".into()),
        "GET /latest/meta-data/iam/security-credentials/role" => (200, given.clone()),
        "GET /latest/meta-data/placement/region" => (200, "eu-central-1".into()),
        _ => fake::account(asked),
    });
    let home =
        Home::new(&aws.url).set("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{}/container", aws.url));
    assert_eq!(home.account(&[]).0, "444455556666");
    let home = Home::new(&aws.url)
        .set("AWS_EC2_METADATA_DISABLED", "false")
        .set("AWS_EC2_METADATA_SERVICE_ENDPOINT", &aws.url)
        .config("[profile i]\nrole_arn = arn:aws:iam::444455556666:role/audit\ncredential_source = Ec2InstanceMetadata\n");
    let (account, run) = home.account(&[]);
    assert_eq!(account, "444455556666");
    assert!(run.stderr.contains("credentials: role of the EC2 instance"), "{}", run.stderr);
    assert!(aws.asked().iter().any(|asked| asked.line == "GET /latest/meta-data/placement/region"));
}

#[test]
fn a_short_session_is_got_once() {
    let aws = Fake::start(|asked| match asked.action.as_str() {
        "AssumeRole" => fake::session("AssumeRole", PROD, 120),
        _ => fake::account(asked),
    });
    let home = Home::new(&aws.url).config(&format!(
        "[profile role]\nrole_arn = arn:aws:iam::444455556666:role/audit\nsource_profile = base\n[profile base]\n{}",
        keys(JO)
    ));
    // Hundreds of calls; most are denied, which is not the point.
    let run = home.run(&[
        "--profile",
        "role",
        "--checks",
        "iam-*,ec2-*,s3-*,rds-*",
        "--regions",
        "us-east-1,eu-west-1",
    ]);
    assert!(run.stderr.contains("account 444455556666"), "{}", run.stderr);
    assert!(aws.asked().len() > 40, "{}", aws.asked().len());
    assert_eq!(aws.count("AssumeRole"), 1);
}

#[test]
fn what_is_about_to_expire_is_renewed_while_the_scan_goes_on() {
    let sessions = AtomicUsize::new(0);
    let aws = Fake::start(move |asked| match asked.action.as_str() {
        // Each time another session, good for four seconds.
        "AssumeRole" => {
            let number = sessions.fetch_add(1, Ordering::Relaxed);
            fake::session("AssumeRole", &format!("ASIA{number}444455556666"), 4)
        }
        "ListAccountAliases" => {
            std::thread::sleep(std::time::Duration::from_secs(3));
            fake::account(asked)
        }
        "GetAccountPasswordPolicy" => {
            std::thread::sleep(std::time::Duration::from_millis(500));
            fake::account(asked)
        }
        _ => fake::account(asked),
    });
    let home = Home::new(&aws.url).config(&format!(
        "[profile role]\nrole_arn = arn:aws:iam::444455556666:role/audit\nsource_profile = base\n[profile base]\n{}",
        keys(JO)
    ));
    assert_eq!(home.account(&["--profile", "role"]).0, "444455556666");
    assert_eq!(aws.count("AssumeRole"), 2, "more than half of the first session is over");
}

#[test]
fn an_empty_setting_is_as_none() {
    let aws = Fake::start(fake::account);
    let mut home = Home::new(&aws.url).keys(JO);
    for name in [
        "AWS_ENDPOINT_URL_STS",
        "AWS_ENDPOINT_URL_IAM",
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_SESSION_TOKEN",
        "AWS_SECURITY_TOKEN",
        "AWS_CA_BUNDLE",
        "REQUESTS_CA_BUNDLE",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
        "AWS_USE_FIPS_ENDPOINT",
        "AWS_USE_DUALSTACK_ENDPOINT",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "AWS_SDK_UA_APP_ID",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_ROLE_ARN",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_MAX_ATTEMPTS",
        "AWS_ACCOUNT_ID_ENDPOINT_MODE",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CREDENTIAL_EXPIRATION",
    ] {
        home = home.set(name, "");
    }
    assert_eq!(home.account(&[]).0, "111122223333");
    assert_eq!(home.account(&["--endpoint-url", ""]).0, "111122223333");
    // No endpoint at all is AWS's own: where nobody is signed in, it says so, and does not crash.
    let proxy = Fake::start(|_| (502, String::new()));
    let home = home.set("AWS_ENDPOINT_URL", "").set("HTTPS_PROXY", &proxy.url);
    home.fails(&[], 4, &["sts:GetCallerIdentity"]);
    assert!(proxy.asked().iter().any(|asked| asked.line == "CONNECT sts.us-east-1.amazonaws.com:443"));
}

#[test]
fn what_cannot_be_obeyed_is_named_with_its_place_before_anything_is_sent() {
    let aws = Fake::start(fake::account);
    let told = |set: &[(&str, &str)], arguments: &[&str], words: &[&str]| {
        let mut home = Home::new(&aws.url).keys(JO);
        for (name, value) in set {
            home = home.set(name, value);
        }
        let run = home.fails(arguments, 2, words);
        for word in ["credentials were refused", "SdkBody", "interceptor", "could not be reached", "s3cr3t"] {
            assert!(!run.stderr.contains(word), "{}", run.stderr);
        }
    };
    told(
        &[("AWS_USE_FIPS_ENDPOINT", "true")],
        &[],
        &["AWS_USE_FIPS_ENDPOINT (environment)", "AWS_ENDPOINT_URL"],
    );
    told(
        &[("AWS_USE_DUALSTACK_ENDPOINT", "TRUE")],
        &[],
        &["AWS_USE_DUALSTACK_ENDPOINT (environment)", "AWS_ENDPOINT_URL"],
    );
    told(
        &[("AWS_USE_FIPS_ENDPOINT", "yes")],
        &[],
        &["AWS_USE_FIPS_ENDPOINT (environment) is `yes`", "true or false"],
    );
    told(
        &[("AWS_ENDPOINT_URL", ""), ("AWS_ENDPOINT_URL_S3", "http://s3"), ("AWS_USE_FIPS_ENDPOINT", "true")],
        &[],
        &["AWS_USE_FIPS_ENDPOINT", "AWS_ENDPOINT_URL_S3"],
    );
    told(
        &[("AWS_ENDPOINT_URL", "localhost:5000")],
        &[],
        &["`localhost:5000` of AWS_ENDPOINT_URL (environment)", "http://"],
    );
    told(&[("AWS_ENDPOINT_URL_SSO_OIDC", "x")], &[], &["`x` of AWS_ENDPOINT_URL_SSO_OIDC (environment)"]);
    told(&[], &["--endpoint-url", "localhost"], &["`localhost` of --endpoint-url"]);
    told(&[("AWS_REGION", "us-east-1 ")], &[], &["`us-east-1 ` of AWS_REGION (environment) is no region"]);
    told(&[("AWS_DEFAULT_REGION", "us east 1")], &[], &["AWS_DEFAULT_REGION (environment)"]);
    told(&[("AWS_CA_BUNDLE", "/nosuch.pem")], &[], &["/nosuch.pem, named by AWS_CA_BUNDLE (environment)"]);
    told(&[("SSL_CERT_FILE", "/nosuch.pem")], &[], &["/nosuch.pem, named by SSL_CERT_FILE (environment)"]);
    told(&[("HTTPS_PROXY", "socks5://jo:s3cr3t@host:1")], &[], &["HTTPS_PROXY (environment) is no proxy"]);
    told(&[("AWS_SDK_UA_APP_ID", "my app")], &[], &["AWS_SDK_UA_APP_ID (environment)"]);
    told(
        &[("AWS_ACCOUNT_ID_ENDPOINT_MODE", "never")],
        &[],
        &["AWS_ACCOUNT_ID_ENDPOINT_MODE (environment) is `never`"],
    );
    told(&[("AWS_CREDENTIAL_EXPIRATION", "soon")], &[], &["AWS_CREDENTIAL_EXPIRATION"]);
    assert!(aws.asked().is_empty());
    let of_profile = |config: &str, words: &[&str]| {
        let home = Home::new(&aws.url)
            .set("AWS_ENDPOINT_URL", "")
            .config(&format!("[default]\n{config}\n{}", keys(JO)));
        home.fails(&[], 2, words);
    };
    of_profile("region = eu west", &["`eu west` of region (profile `default`)"]);
    of_profile("endpoint_url = x", &["`x` of endpoint_url (profile `default`)"]);
    of_profile(
        "use_fips_endpoint = true\nendpoint_url = http://x",
        &["use_fips_endpoint (profile `default`)"],
    );
    of_profile("ca_bundle = /nosuch.pem", &["/nosuch.pem, named by ca_bundle (profile `default`)"]);
    of_profile(
        "role_arn = x\nsource_profile = y",
        &["source_profile `y` of profile `default` does not exist"],
    );
    of_profile(
        "role_arn = x\nsource_profile = y\ncredential_source = Environment",
        &["both source_profile and"],
    );
    of_profile("role_arn = x", &["neither source_profile nor credential_source"]);
    of_profile("role_arn = x\ncredential_source = Moon", &["`Moon`", "Ec2InstanceMetadata"]);
    of_profile("sso_session = s\nsso_account_id = 1\nsso_role_name = r", &["no [sso-session s] section"]);
    of_profile("s3cr3t", &[".aws/config", "line 2: expected NAME = VALUE"]);
    let home = Home::new(&aws.url).config("[default]\nlogin_session = arn:aws:iam::444455556666:user/jo\n");
    home.fails(&[], 2, &["login_session", "aws configure export-credentials --profile default"]);
    assert!(aws.asked().is_empty());
}

#[test]
fn a_setting_that_is_not_used_is_named() {
    let aws = Fake::start(fake::account);
    let home = Home::new(&aws.url)
        .keys(JO)
        .set("AWS_MAX_ATTEMPTS", "1")
        .set("AWS_STS_REGIONAL_ENDPOINTS", "legacy")
        .config("[default]\nretry_mode = adaptive\n");
    let (_, run) = home.account(&[]);
    for words in [
        "note: AWS_MAX_ATTEMPTS (environment) is not used: ",
        "note: retry_mode (profile `default`) is not used: ",
        "note: AWS_STS_REGIONAL_ENDPOINTS (environment) is not used: ",
    ] {
        assert!(run.stderr.contains(words), "{}", run.stderr);
    }
    let (_, run) = Home::new(&aws.url).keys(JO).account(&[]);
    assert!(!run.stderr.contains("note:"), "{}", run.stderr);
}

#[test]
fn endpoints_have_their_order() {
    let [global, of_service] = [(); 2].map(|()| Fake::start(fake::account));
    let asked = |home: Home, arguments: &[&str]| {
        let before = (global.asked().len(), of_service.count("GetCallerIdentity"));
        home.account(arguments);
        (global.asked().len() > before.0, of_service.count("GetCallerIdentity") > before.1)
    };
    let home = || Home::new("").keys(JO);
    let sts = |url: &str| format!("[default]\nservices = s\n[services s]\nsts =\n    endpoint_url = {url}\n");
    let both = home().set("AWS_ENDPOINT_URL", &global.url).set("AWS_ENDPOINT_URL_STS", &of_service.url);
    assert_eq!(asked(both, &[]), (true, true), "a variable of a service goes before the one of all");
    let both = home().set("AWS_ENDPOINT_URL", &global.url).config(&sts(&of_service.url));
    assert_eq!(asked(both, &[]), (true, false), "the environment goes before the profile");
    let services = format!(
        "[default]\nendpoint_url = {}\nservices = s\n[services s]\nsts =\n    endpoint_url = {}\n",
        global.url, of_service.url
    );
    assert_eq!(asked(home().config(&services), &[]), (true, true));
    let argument = home()
        .set("AWS_ENDPOINT_URL_STS", &of_service.url)
        .set("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    assert_eq!(
        asked(argument, &["--endpoint-url", &global.url]),
        (true, false),
        "the command line goes before all"
    );
    let proxy = Fake::start(|_| (502, String::new()));
    let ignored = home()
        .set("AWS_ENDPOINT_URL", &global.url)
        .set("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
        .set("NO_PROXY", "")
        .set("HTTPS_PROXY", &proxy.url);
    ignored.fails(&[], 4, &["sts:GetCallerIdentity"]);
    assert!(proxy.asked().iter().any(|asked| asked.line.contains("sts.us-east-1.amazonaws.com")));
}

#[test]
fn a_company_s_own_authority_is_trusted_where_it_is_named() {
    let aws = Fake::start_tls(fake::account);
    let ca = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/tls/ca.pem");
    let ca = ca.to_str().unwrap();
    let home = || Home::new(&aws.url).keys(JO);
    home().fails(&[], 4, &["certificate", "AWS_CA_BUNDLE"]);
    assert_eq!(home().set("AWS_CA_BUNDLE", ca).account(&[]).0, "111122223333");
    assert_eq!(home().set("REQUESTS_CA_BUNDLE", ca).account(&[]).0, "111122223333");
    assert_eq!(home().set("SSL_CERT_FILE", ca).account(&[]).0, "111122223333");
    let profile = home().config(&format!("[profile c]\nca_bundle = {ca}\n{}", keys(PROD)));
    assert_eq!(profile.account(&["--profile", "c"]).0, "444455556666");
    let bundle = fs::read_to_string(ca).unwrap();
    let junk = profile.file(
        "junk.pem",
        &format!("# roots\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n{bundle}"),
    );
    assert_eq!(home().set("AWS_CA_BUNDLE", junk.display()).account(&[]).0, "111122223333");
    let none = profile.file("none.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    home().set("AWS_CA_BUNDLE", none.display()).fails(
        &[],
        2,
        &["no certificate", "AWS_CA_BUNDLE (environment)"],
    );
}

#[test]
fn credentials_are_asked_for_by_way_of_the_same_settings() {
    // STS, for the role, behind the same authority as everything else.
    let aws = Fake::start_tls(with_roles);
    let ca = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/tls/ca.pem");
    let home = Home::new("").set("AWS_CA_BUNDLE", ca.display()).config(&format!(
        "[profile role]\nrole_arn = arn:aws:iam::444455556666:role/audit\nsource_profile = base\n[profile base]\n{}",
        keys(JO)
    ));
    assert_eq!(home.account(&["--profile", "role", "--endpoint-url", &aws.url]).0, "444455556666");
}

#[test]
fn proxies_are_used_and_passed_by() {
    let aws = Fake::start(fake::account);
    let proxy = Fake::start(|_| (502, String::new()));
    let home = Home::new(&aws.url).keys(JO).set("HTTP_PROXY", &proxy.url).set("HTTPS_PROXY", &proxy.url);
    let home = home.set("NO_PROXY", "localhost,127.0.0.1");
    assert_eq!(home.account(&[]).0, "111122223333");
    assert!(proxy.asked().is_empty());
    // Without a scheme, as many have it; and plain HTTP goes through it too.
    let through = Fake::start(fake::account);
    let host = through.url.strip_prefix("http://").unwrap();
    let home = home.set("NO_PROXY", "").set("HTTP_PROXY", host);
    assert_eq!(home.account(&[]).0, "111122223333");
    assert!(
        through.asked().iter().any(|asked| asked.line.starts_with("POST http://localhost")),
        "{:?}",
        through.asked()
    );
}

#[test]
fn a_region_that_the_account_has_not_is_an_error() {
    let aws = Fake::start(|asked| match asked.action.as_str() {
        "DescribeRegions" => {
            let region = |(name, status): &(&str, &str)| {
                format!("<item><regionName>{name}</regionName><optInStatus>{status}</optInStatus></item>")
            };
            let regions = [
                ("us-east-1", "opt-in-not-required"),
                ("ap-east-1", "opted-in"),
                ("af-south-1", "not-opted-in"),
                ("xx-new-1", "opted-in"),
            ];
            let regions: String = regions.iter().map(region).collect();
            (
                200,
                format!(
                    "<DescribeRegionsResponse><regionInfo>{regions}</regionInfo></DescribeRegionsResponse>"
                ),
            )
        }
        _ => fake::account(asked),
    });
    let home = Home::new(&aws.url).keys(JO);
    home.account(&["--regions", "us-east-1,eu-west-1"]);
    assert_eq!(aws.count("DescribeRegions"), 0, "every account has these");
    home.account(&["--regions", "ap-east-1,xx-new-1"]);
    assert_eq!(aws.count("DescribeRegions"), 1);
    home.fails(&["--regions", "us-east-9"], 2, &["`us-east-9` is no region", "did you mean `us-east-1`"]);
    home.fails(&["--regions", "xx-new-2"], 2, &["did you mean `xx-new-1`?"]);
    home.fails(
        &["--regions", "us-east-1,af-south-1"],
        2,
        &["region af-south-1 is not enabled", "enable-region"],
    );
    home.fails(&["--regions", "cn-north-1"], 2, &["of partition aws-cn", "the account is of aws"]);
    home.file("aws-audit.toml", "regions = ['us-east-9']\n");
    let sent = aws.asked().len();
    home.fails(&["--regions", "tokyo"], 2, &["`tokyo` is no region", "`ap-northeast-1` (Tokyo)"]);
    assert_eq!(aws.asked().len(), sent, "this needs no answer");
    // Where the list is denied, the table decides.
    let denies = Fake::start(|asked| match asked.action.as_str() {
        "DescribeRegions" => fake::ec2_error(403, "UnauthorizedOperation"),
        _ => fake::account(asked),
    });
    let home = Home::new(&denies.url).keys(JO);
    home.fails(&["--regions", "us-east-9"], 2, &["`us-east-9` is no region", "did you mean `us-east-1`"]);
    home.account(&["--regions", "af-south-1"]);
}

#[test]
fn a_configured_region_that_is_none_is_named_where_nobody_answers() {
    let proxy = Fake::start(|_| (502, String::new()));
    let home = Home::new("")
        .keys(JO)
        .set("AWS_REGION", "us-esat-1")
        .set("NO_PROXY", "")
        .set("HTTPS_PROXY", &proxy.url);
    home.fails(&[], 4, &["`us-esat-1` of AWS_REGION (environment)", "did you mean `us-east-1`?"]);
}

#[test]
fn what_a_credential_process_prints_is_never_told() {
    let aws = Fake::start(fake::account);
    let home = Home::new(&aws.url);
    for (name, script, words) in [
        (
            "half",
            r#"echo '{"Version": 1, "AccessKeyId": "s3cr3t-key", "SecretAccessKey": "s3cr3t"'"#,
            "printed no JSON",
        ),
        (
            "old",
            r#"echo '{"Version": 2, "AccessKeyId": "s3cr3t-key", "SecretAccessKey": "s3cr3t"}'"#,
            "Version 1",
        ),
        ("lacks", r#"echo '{"Version": 1, "AccessKeyId": "s3cr3t-key"}'"#, "no SecretAccessKey"),
        ("fails", "echo s3cr3t; echo s3cr3t >&2; exit 3", "exit status: 3"),
    ] {
        let script = home.script(name, script);
        let text = format!("[profile p]\ncredential_process = {} --password s3cr3t\n", script.display());
        home.file(".aws/config", &text);
        let run = home.fails(&["--profile", "p", "--verbose"], 4, &["credential_process", words]);
        assert!(!run.stderr.contains("s3cr3t"), "{}", run.stderr);
    }
    home.file(".aws/config", "[profile p]\ncredential_process = /nosuch/program --password s3cr3t\n");
    let run = home.fails(&["--profile", "p"], 4, &["/nosuch/program", "did not run"]);
    assert!(!run.stderr.contains("s3cr3t"), "{}", run.stderr);
}

#[test]
fn the_time_limit_is_for_connecting_too() {
    let aws = Fake::start(fake::account);
    let home = Home::new(&aws.url);
    let script = home.script("waits", "sleep 60");
    let home = home.config(&format!("[profile p]\ncredential_process = {}\n", script.display()));
    home.fails(&["--profile", "p", "--timeout", "1s"], 4, &["no credentials within the time limit"]);
}

#[test]
fn credentials_that_are_refused_as_expired_are_got_anew() {
    let sessions = AtomicUsize::new(0);
    let aws = Fake::start(move |asked| match asked.action.as_str() {
        "AssumeRole" => {
            let number = sessions.fetch_add(1, Ordering::Relaxed);
            fake::session("AssumeRole", &format!("ASIA{number}444455556666"), 3600)
        }
        // The first session is over as soon as it has said who it is.
        "GetAccountPasswordPolicy" if asked.key.starts_with("ASIA0") => fake::error(403, "ExpiredToken"),
        _ => fake::account(asked),
    });
    let home = Home::new(&aws.url).config(&format!(
        "[profile role]\nrole_arn = arn:aws:iam::444455556666:role/audit\nsource_profile = base\n[profile base]\n{}",
        keys(JO)
    ));
    let (account, run) = home.account(&["--profile", "role"]);
    assert_eq!(account, "444455556666");
    assert_eq!(aws.count("AssumeRole"), 2);
    assert!(!run.stderr.contains("expired"), "{}", run.stderr);
    // Access keys that are written down are all there are.
    let refuses = Fake::start(|asked| match asked.action.as_str() {
        "GetAccountPasswordPolicy" => fake::error(403, "ExpiredToken"),
        _ => fake::account(asked),
    });
    let run = Home::new(&refuses.url).keys(JO).set("AWS_SESSION_TOKEN", "t").run(&[]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stderr.contains("warning: the credentials expired"), "{}", run.stderr);
}
