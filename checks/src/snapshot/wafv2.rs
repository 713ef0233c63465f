//! AWS WAF.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ById, Judged, Place};
use crate::gap::Collected;

service! {
    /// Web application firewalls of one scope: a region, or CloudFront.
    Wafv2, Regional;

    op("WAFV2", "wafv2", WAFV2) {
        Wafv2WebAcls [ListWebACLs, GetWebACL] =>
            /// Web ACLs.
            web_acls: Vec<WebAcl>;
        Wafv2IpSets needs Wafv2WebAcls [GetIPSet] =>
            /// The ranges of the IP sets that rules of web ACLs allow, by ARN.
            ip_sets: ById<Vec<String>>;
        /// The resources that each web ACL protects.
        // Each resource type needs the permission of its own service (AWS managed policy AWSWAFReadOnlyAccess).
        Wafv2Resources needs Wafv2WebAcls Wafv2GraphqlApis Wafv2VerifiedAccess Wafv2Gateways [
            ListResourcesForWebACL("wafv2:ListResourcesForWebACL", "elasticloadbalancing:DescribeWebACLAssociation", "appsync:ListResourcesForWebACL", "cognito-idp:ListResourcesForWebACL", "apprunner:ListAssociatedServicesForWebAcl", "ec2:DescribeVerifiedAccessInstanceWebAclAssociations", "bedrock-agentcore:GatewayListResourcesForWebACL", "amplify:ListResourcesForWebACL") at WAFV2_RESOURCES,
            GetWebACLForResource("wafv2:GetWebACLForResource", "wafv2:GetWebACL", "elasticloadbalancing:DescribeWebACLAssociation", "cognito-idp:GetWebACLForResource") at WAFV2_RESOURCES,
        ] in web_acls: protects;
        Wafv2RuleGroups needs Wafv2WebAcls [GetRuleGroup] =>
            /// Rule groups of the account's own that its web ACLs refer to.
            rule_groups: Vec<RuleGroup>;
        Wafv2ManagedRuleGroups needs Wafv2WebAcls [DescribeManagedRuleGroup] =>
            /// Managed rule groups of whose rules web ACLs have changed the action, and those by vendors.
            managed_rule_groups: Vec<ManagedRuleGroup>;
        Wafv2Logging needs Wafv2WebAcls [ListLoggingConfigurations] =>
            /// ARNs of the web ACLs that log.
            logging: Vec<String>;
    }

    // What a web ACL may protect and nothing else here reads: where there is none of it, AWS WAF need not be asked, which
    // answers one such question a second.
    appsync_op("AppSync", "appsync", UNPUBLISHED) {
        /// Whether the region has GraphQL APIs.
        Wafv2GraphqlApis needs Wafv2WebAcls [ListGraphqlApis] in web_acls: protects;
    }

    ec2_op("EC2", "ec2", EC2) {
        /// Whether the region has Verified Access instances.
        Wafv2VerifiedAccess needs Wafv2WebAcls [DescribeVerifiedAccessInstances] in web_acls: protects;
    }

    agentcore_op("Bedrock AgentCore Control", "bedrock-agentcore", UNPUBLISHED) {
        /// Whether the region has gateways of Bedrock AgentCore.
        Wafv2Gateways needs Wafv2WebAcls [ListGateways] in web_acls: protects;
    }
}

/// A web ACL.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WebAcl {
    /// Its id.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// What it does.
    pub details: Collected<WebAclDetails>,
    /// ARNs of the resources that it protects, by AWS's name of their type. Of a regional one, load balancers
    /// and user pools are always there, the other types only until one is found that it protects. CloudFront's
    /// distributions and API Gateway's stages name their web ACL themselves.
    pub protects: Collected<BTreeMap<String, Collected<Vec<String>>>>,
}

impl Judged for WebAcl {
    const TYPE: &'static str = "AWS::WAFv2::WebACL";
    fn id(&self) -> String {
        self.id.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.clone()
    }
    fn name(&self) -> Option<&str> {
        Some(&self.name)
    }
}

impl WebAcl {
    /// Whether it is for CloudFront; otherwise for resources of its region.
    #[must_use]
    pub fn is_global(&self) -> bool {
        self.arn.contains(":global/")
    }
}

/// What a web ACL does.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WebAclDetails {
    /// Requests that no rule decides are allowed.
    pub allows_by_default: bool,
    /// Firewall Manager has made it, and only Firewall Manager can delete it.
    pub managed_by_firewall_manager: bool,
    /// The rules in the order that they are tried: those that Firewall Manager puts first and last, too.
    pub rules: Vec<Rule>,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// `Allow`, `Block`, `Count`, `Captcha` or `Challenge`; none for a group, whose rules have their own.
    pub action: Option<String>,
    /// The group's own actions are overridden: all of its rules only count.
    pub group_counts: bool,
    /// The requests that it is for.
    pub statement: Statement,
}

/// The requests that a rule is for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Statement {
    /// A rule group that AWS or a vendor manages.
    ManagedRuleGroup {
        /// `AWS`, or the vendor's name.
        vendor: String,
        /// E.g. `AWSManagedRulesCommonRuleSet`.
        name: String,
        /// The version that it stays with; none for the vendor's default.
        version: Option<String>,
        /// Actions that rules of the group have here in place of their own.
        overrides: BTreeMap<String, String>,
        /// The requests that it looks at; none for all.
        scope: Option<Box<Statement>>,
    },
    /// A rule group of the account's own.
    RuleGroup {
        /// Its ARN.
        arn: String,
        /// Actions that rules of the group have here in place of their own.
        overrides: BTreeMap<String, String>,
    },
    /// Too many requests within some minutes.
    RateBased {
        /// The requests that it counts; none for all.
        scope: Option<Box<Statement>>,
    },
    /// SQL injection.
    SqlInjection,
    /// Cross-site scripting.
    CrossSiteScripting,
    /// One of these in a single header or query argument.
    InOneField(Box<Statement>),
    /// Every request: its path begins with `/`.
    Everything,
    /// A text, or something longer than a limit, in this part of a request: its name in AWS's API (`UriPath`,
    /// `Method`), for a header the header's name in lower case (`header user-agent`).
    Text(String),
    /// Requests from the addresses of an IP set: its ARN.
    Addresses(String),
    /// Requests that are none of these.
    Not(Box<Statement>),
    /// Requests with a label, or with one of a namespace, that a rule before has put on them.
    Label(String),
    /// All of these.
    And(Vec<Statement>),
    /// Any of these.
    Or(Vec<Statement>),
    /// Anything else: countries, networks, …: its name in AWS's API.
    Other(String),
}

/// A rule group of the account's own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RuleGroup {
    /// Its ARN.
    pub arn: String,
    /// Its rules, in the order that they are tried.
    pub rules: Collected<Vec<Rule>>,
}

/// A managed rule group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ManagedRuleGroup {
    /// `AWS`, or the vendor's name.
    pub vendor: String,
    /// Its name.
    pub name: String,
    /// The version that a web ACL stays with; none for the vendor's default.
    pub version: Option<String>,
    /// The actions of its rules.
    pub actions: Collected<BTreeMap<String, String>>,
}
