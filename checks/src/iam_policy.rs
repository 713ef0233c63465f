//! The IAM policies that allow a scan, and a CloudFormation template of the role that has them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

use crate::source::{self, Source};

mod render;

pub use render::{cloudformation_yaml, member_role_yaml, terraform};

/// Characters of a managed policy at most; white space does not count (IAM User Guide, "IAM and AWS STS quotas").
pub const MOST_CHARACTERS: usize = 6144;

/// Managed policies that a role can have unless the account's quota was raised (the same page).
pub const MOST_POLICIES: usize = 10;

/// What the role is called.
pub const ROLE: &str = "aws-audit";

/// The role's name in the template.
const ROLE_RESOURCE: &str = "AwsAuditRole";

/// An IAM policy with one statement, in the order that IAM's own documents have.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct IamPolicy {
    version: &'static str,
    statement: [IamStatement; 1],
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct IamStatement {
    sid: &'static str,
    effect: &'static str,
    action: BTreeSet<&'static str>,
    resource: &'static str,
}

impl IamPolicy {
    /// The operations list and describe: few of them can be limited to single resources, so it names none.
    fn allowing(action: BTreeSet<&'static str>) -> Self {
        let statement = IamStatement { sid: "AwsAuditReadOnly", effect: "Allow", action, resource: "*" };
        Self { version: "2012-10-17", statement: [statement] }
    }

    /// As IAM counts: compact JSON has no white space, and no action or name of ours has any.
    fn characters(&self) -> usize {
        serde_json::to_string(self).map_or(usize::MAX, |text| text.len())
    }
}

/// The least-privilege IAM policies for reading these sources, by name. All together allow what a scan sends; as many as
/// it takes for each to be one that IAM accepts. A service's actions are in one policy.
#[must_use]
pub fn policies(sources: impl IntoIterator<Item = Source>) -> BTreeMap<String, IamPolicy> {
    let mut by_service: BTreeMap<&str, BTreeSet<&'static str>> = BTreeMap::new();
    for action in source::actions(sources) {
        let service = action.split(':').next().unwrap_or_default();
        by_service.entry(service).or_default().insert(action);
    }
    let mut policies: Vec<IamPolicy> = Vec::new();
    for actions in by_service.into_values() {
        let joined = policies
            .last()
            .map(|last| IamPolicy::allowing(last.statement[0].action.union(&actions).copied().collect()));
        match (joined.filter(|joined| joined.characters() <= MOST_CHARACTERS), policies.last_mut()) {
            (Some(joined), Some(last)) => *last = joined,
            _ => policies.push(IamPolicy::allowing(actions)),
        }
    }
    // `aws-audit-read-1`, `-2`: attached together, and seen to be.
    policies.into_iter().enumerate().map(|(at, policy)| (format!("{ROLE}-read-{}", at + 1), policy)).collect()
}

/// A CloudFormation template (JSON) of those policies and of a role that has them. Whom the role trusts is a parameter:
/// every principal of the account that may assume it, unless another ARN is given.
#[must_use]
pub fn cloudformation(policies: &BTreeMap<String, IamPolicy>) -> Value {
    let managed = policies.iter().map(|(name, document)| {
        let roles = [json!({ "Ref": ROLE_RESOURCE })];
        let properties = json!({ "ManagedPolicyName": name, "PolicyDocument": document, "Roles": roles });
        (render::logical(name), json!({ "Type": "AWS::IAM::ManagedPolicy", "Properties": properties }))
    });
    let mut resources: serde_json::Map<String, Value> = managed.collect();
    let account = "arn:${AWS::Partition}:iam::${AWS::AccountId}:root";
    let principal = json!({
        "Fn::If": ["TrustsAccount", { "Fn::Sub": account }, { "Ref": "TrustedPrincipalArn" }],
    });
    let trust = json!({ "Effect": "Allow", "Principal": { "AWS": principal }, "Action": "sts:AssumeRole" });
    resources.insert(
        ROLE_RESOURCE.into(),
        json!({
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": ROLE,
                "Description": "Read-only access for scans by aws-audit",
                "AssumeRolePolicyDocument": { "Version": "2012-10-17", "Statement": [trust] },
            },
        }),
    );
    json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "A role that aws-audit scans with: read operations only",
        "Parameters": {
            "TrustedPrincipalArn": {
                "Type": "String",
                "Default": "",
                "Description": "ARN of the user or role that may assume the role; empty for those of this account",
            },
        },
        "Conditions": { "TrustsAccount": { "Fn::Equals": [{ "Ref": "TrustedPrincipalArn" }, ""] } },
        "Resources": resources,
        "Outputs": { "RoleArn": { "Value": { "Fn::GetAtt": [ROLE_RESOURCE, "Arn"] } } },
    })
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actions(policies: &BTreeMap<String, IamPolicy>) -> BTreeSet<&'static str> {
        policies.values().flat_map(|policy| policy.statement[0].action.iter().copied()).collect()
    }

    #[test]
    fn everything_fits_into_policies_that_iam_takes() {
        let sources = || Source::all();
        let policies = policies(sources());
        assert!((2..=MOST_POLICIES).contains(&policies.len()), "{}", policies.len());
        for (name, policy) in &policies {
            // Counted once more, as IAM says it does.
            let text = serde_json::to_string_pretty(policy).unwrap();
            assert!(text.chars().filter(|c| !c.is_whitespace()).count() <= MOST_CHARACTERS, "{name}");
        }
        assert_eq!(actions(&policies), source::actions(sources()), "all of them, and nothing else");
    }

    #[test]
    fn a_selection_that_fits_is_one_policy_with_all_actions_of_an_operation() {
        let policies = policies([Source::Wafv2Resources]);
        assert_eq!(policies.keys().collect::<Vec<_>>(), ["aws-audit-read-1"]);
        let actions = actions(&policies);
        for action in ["wafv2:ListResourcesForWebACL", "apprunner:ListAssociatedServicesForWebAcl"] {
            assert!(actions.contains(action), "{action}");
        }
    }

    #[test]
    fn the_template_attaches_every_policy_to_the_role() {
        let policies = policies(Source::all());
        let template = cloudformation(&policies);
        let resources = template["Resources"].as_object().unwrap();
        assert_eq!(resources[ROLE_RESOURCE]["Type"], "AWS::IAM::Role");
        let attached = resources.values().filter(|it| it["Type"] == "AWS::IAM::ManagedPolicy");
        let roles: Vec<_> = attached.map(|policy| &policy["Properties"]["Roles"]).collect();
        assert_eq!(roles, vec![&json!([{ "Ref": ROLE_RESOURCE }]); policies.len()]);
        // CloudFormation takes template bodies of 51,200 bytes (CloudFormation quotas).
        assert!(serde_json::to_string_pretty(&template).unwrap().len() <= 51_200);
    }
}
