//! The policies, and the role that has them, as texts for the tools that create things in accounts.

use std::{collections::BTreeMap, fmt::Write as _};

use serde_json::{Value, json};

use super::{IamPolicy, ROLE, ROLE_RESOURCE, capitalised, cloudformation};

/// What the role is for, wherever it is described.
const DESCRIPTION: &str = "Read-only access for scans by aws-audit";

/// The template of [`cloudformation`] as YAML.
#[must_use]
pub fn cloudformation_yaml(policies: &BTreeMap<String, IamPolicy>) -> String {
    yaml(&cloudformation(policies))
}

/// A CloudFormation template (YAML) of the role in each account of an organization, for a StackSet: it trusts one role
/// of one account, only inside the organization, and with an external id where one is given. The role may be
/// told who is behind a session (source identity, session tags), which CloudTrail of the account then shows.
#[must_use]
pub fn member_role_yaml(policies: &BTreeMap<String, IamPolicy>) -> String {
    let parameter = |description: &str, pattern: &str| json!({ "Type": "String", "Description": description, "AllowedPattern": pattern });
    // `root` is every principal of the account; the condition leaves one. A role that is deleted and made anew
    // is trusted again, which a principal that names the role would not do (IAM User Guide, "AWS JSON policy elements:
    // Principal").
    let hub = json!({ "Fn::Sub": "arn:${AWS::Partition}:iam::${HubAccountId}:root" });
    let within = json!({ "aws:PrincipalOrgID": { "Ref": "OrganizationId" } });
    let with_id = json!({
        "aws:PrincipalOrgID": { "Ref": "OrganizationId" }, "sts:ExternalId": { "Ref": "ExternalId" },
    });
    let role = json!({ "aws:PrincipalArn": {
        "Fn::Sub": "arn:${AWS::Partition}:iam::${HubAccountId}:role/${HubRoleName}",
    } });
    let statement = |actions: &[&str], equals: &Value| {
        json!({
            "Effect": "Allow",
            "Principal": { "AWS": hub },
            "Action": actions,
            "Condition": { "ArnEquals": role, "StringEquals": equals },
        })
    };
    let assume = json!({ "Fn::If": ["HasExternalId", with_id, within] });
    let trust = [
        statement(&["sts:AssumeRole"], &assume),
        statement(&["sts:SetSourceIdentity", "sts:TagSession"], &within),
    ];
    let mut template = cloudformation(policies);
    template["Description"] =
        "The role of aws-audit in an account of an organization: read operations only".into();
    template["Parameters"] = json!({
        "HubAccountId": parameter("Account that scans start from", "^[0-9]{12}$"),
        "HubRoleName": parameter("Name of the role there, with its path if it has one", "^[A-Za-z0-9+=,.@_/-]+$"),
        "OrganizationId": parameter("Organization that both accounts belong to", "^o-[a-z0-9]{10,32}$"),
        "ExternalId": {
            "Type": "String",
            "Default": "",
            "Description": "What the caller has to name besides; empty for nothing",
            "AllowedPattern": "^([A-Za-z0-9+=,.@:/-]{2,1224})?$",
        },
    });
    template["Conditions"] =
        json!({ "HasExternalId": { "Fn::Not": [{ "Fn::Equals": [{ "Ref": "ExternalId" }, ""] }] } });
    template["Resources"][ROLE_RESOURCE]["Properties"]["AssumeRolePolicyDocument"]["Statement"] =
        json!(trust);
    // A chained session lives an hour at most, whatever is written here.
    template["Resources"][ROLE_RESOURCE]["Properties"]["MaxSessionDuration"] = json!(3600);
    yaml(&template)
}

/// Terraform's text (HCL) of those policies and of a role that has them. Whom the role trusts is a variable, as
/// in the template.
#[must_use]
pub fn terraform(policies: &BTreeMap<String, IamPolicy>) -> String {
    let identifier = ROLE.replace('-', "_");
    let mut text = format!(
        r#"# A role that aws-audit scans with: read operations only. Made by `aws-audit policy --format terraform`.

terraform {{
  required_providers {{
    aws = {{
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }}
  }}
}}

variable "trusted_principal_arn" {{
  description = "ARN of the user or role that may assume the role; empty for those of this account"
  type        = string
  default     = ""
}}

data "aws_caller_identity" "current" {{}}

data "aws_partition" "current" {{}}

locals {{
  account = "arn:${{data.aws_partition.current.partition}}:iam::${{data.aws_caller_identity.current.account_id}}:root"
}}

resource "aws_iam_role" "{identifier}" {{
  name        = "{ROLE}"
  description = "{DESCRIPTION}"

  assume_role_policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = {{ AWS = var.trusted_principal_arn == "" ? local.account : var.trusted_principal_arn }}
    }}]
  }})
}}
"#
    );
    for (name, policy) in policies {
        let own = name.replace('-', "_");
        let statement = &policy.statement[0];
        let _ = write!(
            text,
            r#"
resource "aws_iam_policy" "{own}" {{
  name = "{name}"

  policy = jsonencode({{
    Version = "{}"
    Statement = [{{
      Sid      = "{}"
      Effect   = "{}"
      Resource = "{}"
      Action = [
"#,
            policy.version, statement.sid, statement.effect, statement.resource
        );
        for action in &statement.action {
            let _ = writeln!(text, "        \"{action}\",");
        }
        let _ = write!(
            text,
            r#"      ]
    }}]
  }})
}}

resource "aws_iam_role_policy_attachment" "{own}" {{
  role       = aws_iam_role.{identifier}.name
  policy_arn = aws_iam_policy.{own}.arn
}}
"#
        );
    }
    let _ = write!(text, "\noutput \"role_arn\" {{\n  value = aws_iam_role.{identifier}.arn\n}}\n");
    text
}

/// JSON's values as YAML, a key or an item a line.
fn yaml(value: &Value) -> String {
    let mut text = String::new();
    block(value, 0, &mut text);
    text
}

/// The value's lines, of which the first begins where the text ends.
fn block(value: &Value, depth: usize, text: &mut String) {
    let nested = |item: &Value| match item {
        Value::Object(fields) => !fields.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    };
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (at, (key, field)) in fields.iter().enumerate() {
                let start = if at == 0 { "" } else { &indent };
                let _ = write!(text, "{start}{}:", scalar(key));
                if nested(field) {
                    let _ = write!(text, "\n{indent}  ");
                    block(field, depth + 1, text);
                } else {
                    text.push(' ');
                    block(field, depth, text);
                }
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (at, item) in items.iter().enumerate() {
                let start = if at == 0 { "" } else { &indent };
                let _ = write!(text, "{start}- ");
                block(item, depth + 1, text);
            }
        }
        Value::String(word) => {
            let _ = writeln!(text, "{}", scalar(word));
        }
        other => {
            let _ = writeln!(text, "{other}");
        }
    }
}

/// A text as YAML takes it for one: as it is where it cannot be taken for anything else, as JSON's string otherwise
/// (YAML 1.2.2, section 1.3: its strings are YAML's).
fn scalar(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    let others = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    // A colon inside a word is a letter like others; one before a space or at the end is not.
    let parts = || word.split(':').all(|part| !part.is_empty() && part.chars().all(plain));
    let is_plain = word.starts_with(|c: char| c.is_ascii_alphabetic())
        && (parts() || word.split("::").all(|part| !part.is_empty() && part.chars().all(plain)))
        && !others.contains(&word.to_ascii_lowercase().as_str());
    if is_plain { word.to_owned() } else { Value::from(word).to_string() }
}

/// The name of a policy's resource in templates.
pub(super) fn logical(name: &str) -> String {
    name.split('-').map(capitalised).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{iam_policy, source::Source};

    #[test]
    fn yaml_takes_texts_for_texts() {
        let odd = json!({
            "Version": "2012-10-17", "No": "no", "star": "*", "empty": "", "list": [], "sub": "${A}:x",
            "colon": "a: b", "end": "a:", "action": "iam:GetUser", "function": { "Fn::Sub": ["a", { "b": 1 }] },
            "hash": "a #b", "true": true, "lists": [["a", "b"], [{ "c": "d", "e": ["f"] }]],
        });
        assert_eq!(
            yaml(&odd),
            r##"No: "no"
Version: "2012-10-17"
action: iam:GetUser
colon: "a: b"
empty: ""
end: "a:"
function:
  Fn::Sub:
    - a
    - b: 1
hash: "a #b"
list: []
lists:
  - - a
    - b
  - - c: d
      e:
        - f
star: "*"
sub: "${A}:x"
"true": true
"##
            .replace("No: \"no\"", "\"No\": \"no\"")
        );
    }

    #[test]
    fn every_text_has_every_action_once() {
        let policies = iam_policy::policies(Source::all());
        for text in [cloudformation_yaml(&policies), member_role_yaml(&policies), terraform(&policies)] {
            for action in crate::source::actions(Source::all()) {
                let whole = |line: &&str| line.trim().trim_matches(|c| "-\", ".contains(c)) == action;
                assert_eq!(text.lines().filter(whole).count(), 1, "{action}");
            }
            // CloudFormation takes template bodies of 51,200 bytes (CloudFormation quotas).
            assert!(text.len() <= 51_200, "{}", text.len());
        }
    }

    #[test]
    fn the_member_role_trusts_one_role_inside_the_organization() {
        let text = member_role_yaml(&iam_policy::policies([Source::Wafv2Resources]));
        assert_eq!(
            text.matches("aws:PrincipalArn:").count(),
            2,
            "each statement of the trust names the role"
        );
        assert_eq!(text.matches("aws:PrincipalOrgID:").count(), 3, "with and without external id");
        assert!(!text.contains("TrustedPrincipalArn") && !text.contains("TrustsAccount"), "{text}");
        for name in ["HubAccountId", "HubRoleName", "OrganizationId"] {
            assert!(text.contains(&format!("\n  {name}:\n")), "{name} is a parameter");
        }
    }

    #[test]
    fn terraform_attaches_every_policy() {
        let policies = iam_policy::policies(Source::all());
        let text = terraform(&policies);
        for name in policies.keys().map(|name| name.replace('-', "_")) {
            assert!(text.contains(&format!("policy_arn = aws_iam_policy.{name}.arn")), "{name}");
        }
        assert_eq!(text.matches('{').count(), text.matches('}').count());
    }
}
