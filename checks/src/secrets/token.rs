//! Credentials that their own form gives away, wherever they stand.

use std::ops::Range;

use base64::Engine as _;

use super::{
    SecretKind::{self, *},
    checksum, decode,
    hits::Hits,
    value::{entropy, is_drawn, is_placeholder},
};

/// One published form: what it begins with, which characters follow, and how many.
struct Format {
    kind: SecretKind,
    prefixes: &'static [&'static str],
    of: fn(u8) -> bool,
    length: Range<usize>,
    /// What else must hold of that which follows the prefix. Where it does not, nobody ever issued it.
    holds: fn(&str) -> bool,
}

const fn format(
    kind: SecretKind,
    prefixes: &'static [&'static str],
    of: fn(u8) -> bool,
    length: Range<usize>,
    holds: fn(&str) -> bool,
) -> Format {
    Format { kind, prefixes, of, length, holds }
}

fn alnum(c: u8) -> bool {
    c.is_ascii_alphanumeric()
}
fn hex(c: u8) -> bool {
    c.is_ascii_digit() || (b'a'..=b'f').contains(&c)
}
/// Base 32 of RFC 4648, as identifiers of AWS are written.
fn base32(c: u8) -> bool {
    c.is_ascii_uppercase() || (b'2'..=b'7').contains(&c)
}
fn base64(c: u8) -> bool {
    alnum(c) || b"+/=".contains(&c)
}
fn base64url(c: u8) -> bool {
    alnum(c) || b"-_".contains(&c)
}
fn dotted(c: u8) -> bool {
    alnum(c) || b"-_.".contains(&c)
}
fn webhook(c: u8) -> bool {
    alnum(c) || b"-_/".contains(&c)
}
fn drawn(body: &str) -> bool {
    is_drawn(body)
}
fn never(_: &str) -> bool {
    false
}

/// The parts of a body have these lengths.
fn parts(body: &str, by: char, lengths: &[Range<usize>]) -> bool {
    let parts: Vec<&str> = body.split(by).collect();
    parts.len() == lengths.len()
        && parts.iter().zip(lengths).all(|(part, length)| length.contains(&part.len()))
        && parts.last().is_some_and(|part| is_drawn(part))
}

/// Slack: numbers of workspace and bot, then what is secret.
fn slack(body: &str) -> bool {
    let parts: Vec<&str> = body.split('-').collect();
    match parts.as_slice() {
        [numbers @ .., secret] => {
            secret.len() >= 20
                && is_drawn(secret)
                && numbers.iter().any(|part| part.len() <= 14 && part.bytes().all(|c| c.is_ascii_digit()))
        }
        [] => false,
    }
}

fn slack_webhook(body: &str) -> bool {
    let parts: Vec<&str> = body.split('/').collect();
    matches!(parts.as_slice(), [team, hook, secret]
        if team.starts_with('T') && hook.starts_with('B') && secret.len() >= 20 && is_drawn(secret))
}

/// OpenAI writes its name (base 64 of `OpenAI`) in the middle.
fn openai(body: &str) -> bool {
    body.contains(concat!("T3Blbk", "FJ")) && is_drawn(body)
}

fn azure_key(body: &str) -> bool {
    // The key of the storage emulator is published.
    is_drawn(body) && !body.starts_with("Eby8vdM02xNOcqFlqUwJPLlm") && entropy(body) > 4.0
}

/// Published forms; `never` for what looks alike and is public by design. The longer prefix comes first.
const FORMATS: &[Format] = &[
    format(AwsAccessKey, &["AKIA", "ASIA", "ABIA", "ACCA"], base32, 16..17, drawn),
    format(AwsBedrockApiKey, &["ABSK"], base64, 100..161, drawn),
    format(AwsBedrockApiKey, &["bedrock-api-key-"], base64, 40..3000, drawn),
    format(AwsSessionToken, &["IQoJb3JpZ2lu", "FwoGZXIvYXdz", "FQoGZXIvYXdz"], base64, 100..4000, drawn),
    format(AzureKey, &["AccountKey="], base64, 86..90, azure_key),
    format(AzureKey, &["SharedAccessKey="], base64, 43..90, azure_key),
    format(GoogleApiKey, &["AIza"], base64url, 35..36, drawn),
    format(GoogleOauth, &["GOCSPX-"], base64url, 28..29, drawn),
    format(GoogleOauth, &["ya29."], base64url, 50..1000, drawn),
    format(
        GithubToken,
        &["github_pat_"],
        |c| alnum(c) || c == b'_',
        82..83,
        |body| parts(body, '_', &[22..23, 59..60]),
    ),
    format(GithubToken, &["ghp_", "gho_", "ghu_", "ghs_"], alnum, 36..37, checksum::holds),
    // Refresh tokens are longer, and what their last digits are is not published.
    format(GithubToken, &["ghr_"], alnum, 36..100, drawn),
    format(
        GitlabToken,
        &[
            "glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glsoat-", "glagent-", "gloas-", "glft-",
            "glimt-", "glffct-",
        ],
        dotted,
        20..331,
        drawn,
    ),
    format(NpmToken, &["npm_"], alnum, 36..37, checksum::holds),
    // The macaroon begins with the name of the site: pypi.org, test.pypi.org.
    format(PypiToken, &["pypi-AgEIcHlwaS5vcmc", "pypi-AgENdGVzdC5weXBpLm9yZw"], base64url, 50..1000, drawn),
    format(RubygemsToken, &["rubygems_"], hex, 48..49, drawn),
    format(DockerToken, &["dckr_pat_", "dckr_oat_"], base64url, 27..40, drawn),
    format(
        SlackToken,
        &["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxo-", "xapp-"],
        base64url,
        30..200,
        slack,
    ),
    format(SlackToken, &["xoxe.xoxp-", "xoxe.xoxb-", "xoxe-"], base64url, 60..250, drawn),
    format(
        SlackWebhook,
        &["https://hooks.slack.com/services/", "https://hooks.slack.com/workflows/"],
        webhook,
        36..100,
        slack_webhook,
    ),
    format(
        DiscordWebhook,
        &["https://discord.com/api/webhooks/", "https://discordapp.com/api/webhooks/"],
        webhook,
        76..120,
        |body| parts(body, '/', &[17..21, 58..90]),
    ),
    format(StripeKey, &["sk_live_", "rk_live_", "sk_test_", "rk_test_"], alnum, 24..250, drawn),
    format(StripeKey, &["whsec_"], base64, 32..100, drawn),
    format(StripeKey, &["pk_live_", "pk_test_"], alnum, 24..250, never),
    format(SquareToken, &["sq0atp-", "sq0csp-"], base64url, 22..60, drawn),
    format(ShopifyToken, &["shpat_", "shpss_", "shpca_", "shppa_"], |c| c.is_ascii_hexdigit(), 32..33, drawn),
    format(SendgridKey, &["SG."], dotted, 66..67, |body| parts(body, '.', &[22..23, 43..44])),
    format(MailgunKey, &["key-"], hex, 32..33, drawn),
    format(BrevoKey, &["xkeysib-", "xsmtpsib-"], base64url, 81..82, |body| {
        parts(body, '-', &[64..65, 16..17])
    }),
    format(TwilioKey, &["SK"], hex, 32..33, drawn),
    // The number of the account, and the like.
    format(TwilioKey, &["AC", "PN", "MG"], hex, 32..33, never),
    format(AnthropicKey, &["sk-ant-api", "sk-ant-admin", "sk-ant-oat"], base64url, 80..130, drawn),
    format(AiProviderKey, &["sk-or-v1-"], hex, 64..65, drawn),
    format(OpenaiKey, &["sk-"], base64url, 40..300, openai),
    format(AiProviderKey, &["gsk_", "pplx-", "xai-"], alnum, 40..100, drawn),
    format(AiProviderKey, &["r8_"], alnum, 37..41, drawn),
    format(HuggingFaceToken, &["hf_"], alnum, 34..38, drawn),
    format(DigitaloceanToken, &["dop_v1_", "doo_v1_", "dor_v1_"], hex, 64..65, drawn),
    format(DatabricksToken, &["dapi"], |c| hex(c) || c == b'-', 32..35, drawn),
    format(
        GrafanaToken,
        &["glsa_"],
        |c| alnum(c) || c == b'_',
        41..42,
        |body| body.as_bytes()[32] == b'_' && is_drawn(&body[..32]),
    ),
    format(GrafanaToken, &["glc_"], base64, 32..400, drawn),
    format(NewRelicKey, &["NRAK-", "NRII-"], base64url, 27..33, drawn),
    format(SentryToken, &["sntrys_", "sntryu_"], |c| base64(c) || c == b'_', 60..400, drawn),
    format(DynatraceToken, &["dt0c01.", "dt0s01.", "dt0s16."], dotted, 89..90, |body| {
        parts(body, '.', &[24..25, 64..65])
    }),
    format(VaultToken, &["hvs.", "hvb.", "hvr."], base64url, 24..300, drawn),
    format(PulumiToken, &["pul-"], hex, 40..41, drawn),
    format(DopplerToken, &["dp.pt.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit."], alnum, 40..45, drawn),
    format(DopplerToken, &["dp.st."], dotted, 40..100, drawn),
    format(
        TailscaleKey,
        &["tskey-auth-", "tskey-api-", "tskey-client-", "tskey-scim-"],
        base64url,
        30..100,
        drawn,
    ),
    format(AtlassianToken, &["ATATT3x", "ATCTT3x", "ATBB"], |c| base64url(c) || c == b'=', 28..300, drawn),
    format(
        LaunchdarklyKey,
        &["sdk-", "api-"],
        |c| hex(c) || c == b'-',
        36..37,
        |body| parts(body, '-', &[8..9, 4..5, 4..5, 4..5, 12..13]),
    ),
    format(NotionToken, &["ntn_"], alnum, 40..60, drawn),
    format(LinearKey, &["lin_api_", "lin_oauth_"], alnum, 40..70, drawn),
    format(
        PostmanKey,
        &["PMAK-"],
        |c| hex(c) || c == b'-',
        59..60,
        |body| parts(body, '-', &[24..25, 34..35]),
    ),
    format(PlanetscaleToken, &["pscale_pw_", "pscale_tkn_", "pscale_oauth_"], dotted, 32..70, drawn),
    format(SupabaseKey, &["sb_secret_"], base64url, 30..60, drawn),
    format(SupabaseKey, &["sbp_"], hex, 40..41, drawn),
    format(SupabaseKey, &["sb_publishable_"], base64url, 30..60, never),
    format(AgeKey, &["AGE-SECRET-KEY-1"], |c| c.is_ascii_uppercase() || c.is_ascii_digit(), 58..59, drawn),
];

/// Finds the credentials of known form in the text, in time linear in its length: each format has a longest
/// length, and only what follows a boundary is tried.
pub(super) fn find(text: &str, hits: &mut Hits) {
    private_keys(text, hits);
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let begins = at == 0 || !is_word(bytes[at - 1]) || is_escape(bytes, at);
        if !begins || !text.is_char_boundary(at) {
            at += 1;
            continue;
        }
        match one(text, at) {
            Some((kind, range, true)) => {
                at = range.end;
                hits.push(kind, range);
            }
            // It looks like one and is none, for sure: no rule about names shall take it for one.
            Some((_, range, false)) => {
                at = range.end;
                hits.clear_of_suspicion(range);
            }
            None => at += 1,
        }
    }
    aws_secret_access_keys(text, hits);
}

fn is_word(c: u8) -> bool {
    c.is_ascii_alphanumeric() || c == b'_'
}

/// A line feed written `\n`, as in JSON: the letter before the boundary belongs to the escape.
fn is_escape(bytes: &[u8], at: usize) -> bool {
    at >= 2 && bytes[at - 2] == b'\\' && matches!(bytes[at - 1], b'n' | b't' | b'r')
}

/// What begins here: its kind, where it is, and whether it can be real.
fn one(text: &str, at: usize) -> Option<(SecretKind, Range<usize>, bool)> {
    let rest = &text[at..];
    for format in FORMATS {
        let Some(prefix) = format.prefixes.iter().find(|prefix| rest.starts_with(**prefix)) else { continue };
        // In the middle of base 64 no long token begins; keeps the time linear.
        if format.length.end > 1000 && at > 0 && matches!(text.as_bytes()[at - 1], b'/' | b'+') {
            continue;
        }
        let body = &rest[prefix.len()..];
        let mut length = body.bytes().take(format.length.end).take_while(|c| (format.of)(*c)).count();
        // A full stop or dash after it belongs to the sentence.
        while length > 0
            && matches!(body.as_bytes()[length - 1], b'.' | b'-' | b'/')
            && length > format.length.start
        {
            length -= 1;
        }
        let ends = body.as_bytes().get(length).is_none_or(|next| !is_word(*next));
        if format.length.contains(&length) && ends {
            let body = &body[..length];
            let body_at = at + prefix.len();
            // `AccountKey=` is not part of the key.
            let begin = if prefix.ends_with('=') { body_at } else { at };
            return Some((format.kind, begin..body_at + length, (format.holds)(body)));
        }
    }
    password_hash(rest)
        .map(|length| (PasswordHash, at..at + length, true))
        .or_else(|| jwt(text, at))
        .or_else(|| by_shape(rest).map(|(kind, length)| (kind, at..at + length, true)))
}

/// `$6$salt$hash`, as in `/etc/shadow` and in `passwd:` of cloud-init.
fn password_hash(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('$')?;
    // Of the hash in its own base 64; bcrypt's salt is part of it.
    let (scheme, rest) = rest.split_once('$')?;
    let length = match scheme {
        "1" | "apr1" => 22,
        "2a" | "2b" | "2y" => 53,
        "5" | "y" | "gy" | "7" => 43,
        "6" => 86,
        _ => return None,
    };
    let of_hash = |c: &u8| c.is_ascii_alphanumeric() || b"./".contains(c);
    let mut before = 1 + scheme.len() + 1;
    let mut rest = rest;
    // Rounds and salt, at most three more parts.
    for _ in 0..4 {
        let part = rest.bytes().take(128).take_while(|c| of_hash(c) || *c == b'=' || *c == b',').count();
        match rest.as_bytes().get(part) {
            Some(b'$') if part <= 64 => {
                before += part + 1;
                rest = &rest[part + 1..];
            }
            _ => return (part == length && is_drawn(&rest[..part])).then_some(before + part),
        }
    }
    None
}

/// Three parts of base 64, of which the first is a JSON object that names the algorithm.
fn jwt(text: &str, at: usize) -> Option<(SecretKind, Range<usize>, bool)> {
    let rest = &text[at..];
    // `{"` in base 64. A part before would make it a part of something else.
    if !rest.starts_with("eyJ") || at > 0 && dotted(text.as_bytes()[at - 1]) {
        return None;
    }
    let length = rest.bytes().take_while(|c| dotted(*c)).count();
    let token = rest[..length].trim_end_matches('.');
    let parts: Vec<&str> = token.splitn(4, '.').collect();
    let [header, claims, signature] = parts.as_slice() else { return None };
    let object = |part: &str| {
        let bytes = decode::URL.decode(part).ok()?;
        serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&bytes).ok()
    };
    let (header, claims) = (object(header)?, object(claims)?);
    if !header.contains_key("alg") || signature.len() < 20 {
        return None;
    }
    // Supabase's key for browsers, and the example of jwt.io.
    let is = |name: &str, value: &str| claims.get(name).and_then(|claim| claim.as_str()) == Some(value);
    let public = is("role", "anon") || is("sub", "1234567890") && is("name", "John Doe");
    Some((Jwt, at..at + token.len(), !public && is_drawn(signature)))
}

/// Forms without a prefix of their own.
fn by_shape(text: &str) -> Option<(SecretKind, usize)> {
    let run = |of: fn(u8) -> bool, from: usize, most: usize| {
        text.as_bytes()[from.min(text.len())..].iter().take(most + 1).take_while(|c| of(**c)).count()
    };
    let ends = |length: usize| text.as_bytes().get(length).is_none_or(|next| !is_word(*next));
    let first = *text.as_bytes().first()?;
    // 1234567890:AAE…, a bot of Telegram.
    if first.is_ascii_digit() {
        let number = run(|c| c.is_ascii_digit(), 0, 12);
        if (8..=12).contains(&number) && text[number..].starts_with(":AA") {
            let secret = run(base64url, number + 1, 40);
            if (34..=36).contains(&secret) && is_drawn(&text[number + 1..number + 1 + secret]) {
                return Some((TelegramToken, number + 1 + secret));
            }
        }
    }
    if !alnum(first) {
        return None;
    }
    let word = run(alnum, 0, 40);
    // 36 hexadecimal digits, of which the first may name the region, and NRAL.
    if word == 40 && ends(40) && text[..40].ends_with("NRAL") {
        return is_drawn(&text[..36]).then_some((NewRelicKey, 40));
    }
    // HCP Terraform.
    if word == 14 && text[word..].starts_with(".atlasv1.") {
        let secret = run(alnum, word + 9, 80);
        if secret >= 60 && is_drawn(&text[word + 9..word + 9 + secret]) {
            return Some((TerraformToken, word + 9 + secret));
        }
    }
    // Shared access signatures of Azure.
    if first == b's' && text.starts_with("sig=") {
        let secret = run(|c| alnum(c) || b"%+/=".contains(&c), 4, 80);
        return (secret >= 43 && is_drawn(&text[4..4 + secret])).then_some((AzureSas, 4 + secret));
    }
    None
}

/// PEM, OpenSSH and PGP, with a body: a program that looks for the first line has none.
fn private_keys(text: &str, hits: &mut Hits) {
    const BEGIN: &str = "-----BEGIN ";
    const NAME: &[u8] = b"\"private_key\"";
    let has_service_account = text.contains("\"service_account\"");
    let mut from = 0;
    while let Some(begin) = text[from..].find(BEGIN).map(|found| from + found) {
        from = begin + BEGIN.len();
        let label: &str = text[from..].split("-----").next().unwrap_or_default();
        let is_private =
            label.len() <= 40 && (label.ends_with("PRIVATE KEY") || label == "PGP PRIVATE KEY BLOCK");
        let body_at = from + label.len() + 5;
        if !is_private || body_at > text.len() {
            continue;
        }
        // No key is longer than this.
        let mut limit = (body_at + 32_768).min(text.len());
        while !text.is_char_boundary(limit) {
            limit -= 1;
        }
        let body = &text[body_at..limit];
        let end = body.find("-----").unwrap_or(body.len());
        let body = &body[..end];
        // Lines of base 64; the line feeds may be written \n, or have become spaces.
        let lines: Vec<&str> = body
            .split(|c: char| c.is_whitespace() || "\"',".contains(c))
            .flat_map(|line| line.split("\\n"))
            .flat_map(|line| line.split("\\r"))
            .map(|line| line.trim_matches('\\'))
            .filter(|line| line.len() >= 16 && line.bytes().all(base64))
            .collect();
        let key = lines.concat();
        let real = key.len() >= 48 && !is_placeholder(&key) && entropy(&key) > 3.5;
        let range = begin..body_at + end;
        from = body_at + end;
        if real {
            let before = &text.as_bytes()[begin.saturating_sub(NEAR)..begin];
            let account = has_service_account && before.windows(NAME.len()).any(|name| name == NAME);
            hits.push(if account { GcpServiceAccount } else { PrivateKey }, range);
        } else {
            hits.clear_of_suspicion(range);
        }
    }
}

/// How far from a key its name, and from the access key ID its secret half, is looked for.
const NEAR: usize = 200;

/// The secret half has no prefix: 40 characters of base 64, soon after the ID.
fn aws_secret_access_keys(text: &str, hits: &mut Hits) {
    let bytes = text.as_bytes();
    for id in hits.ends_of(AwsAccessKey) {
        let end = (id + NEAR).min(bytes.len());
        let mut at = id;
        while at < end {
            let length = bytes[at..].iter().take(41).take_while(|c| alnum(**c) || b"+/".contains(c)).count();
            if length == 40 && is_aws_secret(&text[at..at + 40]) {
                hits.push(AwsSecretAccessKey, at..at + 40);
                break;
            }
            // Longer than a secret: to its end.
            let run = bytes[at..end].iter().take_while(|c| alnum(**c) || b"+/".contains(c)).count();
            at += run.max(1);
        }
    }
}

/// Forty characters of base 64, and neither a hash nor a path nor AWS's example.
pub(super) fn is_aws_secret(value: &str) -> bool {
    value.len() == 40
        && value.bytes().all(|c| alnum(c) || b"+/".contains(&c))
        && !value.bytes().all(|c| c.is_ascii_hexdigit())
        && is_drawn(value)
        && value.bytes().any(|c| c.is_ascii_lowercase())
        && value.bytes().any(|c| c.is_ascii_uppercase())
        && value.bytes().any(|c| c.is_ascii_digit())
        && entropy(value) > 4.0
}
