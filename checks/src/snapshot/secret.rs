//! Credentials that are where they should not be.

use serde::{Deserialize, Serialize};

/// A credential that is where it should not be. The value itself is not in here, so nothing that is written
/// from it can leak it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Secret {
    /// What it is.
    pub kind: SecretKind,
    /// Where it is.
    pub place: Location,
    /// Its first characters, two at most, and an ellipsis.
    pub hint: String,
    /// The id of a long-term access key (`AKIA…`): it tells whose key it is and is no secret (IAM User Guide, "Manage
    /// access keys for IAM users").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
}

/// Where in a resource a credential is, as far as there is more than one place of the kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Location {
    /// The version of a launch template.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// The container of a task definition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// What has the name or the lines, where it is no variable: `buildspec`, `command`, `label`, `log_option`,
    /// `output`, `parameter`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// The name of the variable or whatever it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The part of a multi-part message, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<usize>,
    /// The line of the text, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
}

/// What kind of credential was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretKind {
    /// Access key ID of an IAM user or of a session. Not secret alone, but never alone for long.
    AwsAccessKey,
    /// The secret half of an access key.
    AwsSecretAccessKey,
    /// Session token of temporary credentials.
    AwsSessionToken,
    /// API key of Amazon Bedrock.
    AwsBedrockApiKey,
    /// Key of an Azure storage account, Service Bus, Event Hubs, …, mostly in a connection string.
    AzureKey,
    /// Shared access signature of Azure.
    AzureSas,
    /// Google API key.
    GoogleApiKey,
    /// Google OAuth client secret or access token.
    GoogleOauth,
    /// Key file of a Google Cloud service account.
    GcpServiceAccount,
    /// Token of GitHub: personal, OAuth, app, refresh.
    GithubToken,
    /// Token of GitLab: personal, deploy, runner, trigger, ….
    GitlabToken,
    /// Token of npm.
    NpmToken,
    /// Token of PyPI.
    PypiToken,
    /// Token of `RubyGems`.
    RubygemsToken,
    /// Token of Docker Hub.
    DockerToken,
    /// Token of Slack.
    SlackToken,
    /// Incoming webhook of Slack: whoever knows the address posts.
    SlackWebhook,
    /// Webhook of Discord.
    DiscordWebhook,
    /// Token of a Telegram bot.
    TelegramToken,
    /// Secret or restricted key, or webhook secret, of Stripe.
    StripeKey,
    /// Token of Square.
    SquareToken,
    /// Token of Shopify.
    ShopifyToken,
    /// Key of `SendGrid`.
    SendgridKey,
    /// Key of Mailgun.
    MailgunKey,
    /// Key of Brevo (Sendinblue).
    BrevoKey,
    /// Key or token of Twilio.
    TwilioKey,
    /// Key of `OpenAI`.
    OpenaiKey,
    /// Key of Anthropic.
    AnthropicKey,
    /// Key of another provider of models.
    AiProviderKey,
    /// Token of Hugging Face.
    HuggingFaceToken,
    /// Token of `DigitalOcean`.
    DigitaloceanToken,
    /// Token of Databricks.
    DatabricksToken,
    /// Token of Grafana.
    GrafanaToken,
    /// Key of New Relic.
    NewRelicKey,
    /// Token of Sentry.
    SentryToken,
    /// Token of Dynatrace.
    DynatraceToken,
    /// Token of `HashiCorp` Vault.
    VaultToken,
    /// Token of HCP Terraform.
    TerraformToken,
    /// Token of Pulumi.
    PulumiToken,
    /// Token of Doppler.
    DopplerToken,
    /// Token of Tailscale.
    TailscaleKey,
    /// Token of Atlassian or Bitbucket.
    AtlassianToken,
    /// SDK or API key of `LaunchDarkly`.
    LaunchdarklyKey,
    /// Token of Notion.
    NotionToken,
    /// Key of Linear.
    LinearKey,
    /// Key of Postman.
    PostmanKey,
    /// Password or token of `PlanetScale`.
    PlanetscaleToken,
    /// Key of Supabase that passes row-level security.
    SupabaseKey,
    /// Secret key of age.
    AgeKey,
    /// Private key: PEM, OpenSSH or PGP, or a variable of that name.
    PrivateKey,
    /// JSON web token.
    Jwt,
    /// URL or connection string with a password in it.
    ConnectionString,
    /// `Authorization` header, `curl -u` and the like.
    HttpCredentials,
    /// Password.
    Password,
    /// Hash of a password, as in `/etc/shadow`: can be guessed offline.
    PasswordHash,
    /// Token, recognized by its name.
    Token,
    /// API key, recognized by its name.
    ApiKey,
    /// Key that signs or encrypts, recognized by its name.
    SecretKey,
    /// Something else that its name calls secret.
    Secret,
    /// Credentials, recognized by their name.
    Credential,
}
