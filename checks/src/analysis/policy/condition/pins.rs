//! Whether a condition keeps strangers out.

use super::{Base, Condition, Form, Set, account_of, network};
use crate::analysis::network::prefixes;

/// What the values of a key are, and so which of them keep strangers out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The number of an account.
    Account,
    /// The id of an organization.
    Organization,
    /// A path in an organization, whose id stands first: AWS documents `o-a1b2c3d4e5/*` and the like.
    OrganizationPath,
    /// An ARN.
    Arn,
    /// An ARN, or the name of a provider that everybody can use, such as `accounts.google.com`.
    Provider,
    /// An id that AWS gives out once in the world.
    Id,
    /// The id of a user, or of a role with the name that the session chose for itself.
    UserId,
    /// The name of an AWS service.
    Service,
    /// A range of addresses.
    Address,
    /// `true` or `false`, where `true` keeps strangers out.
    Flag,
}

/// Which condition keys keep strangers out, once their values are fixed. Sources: S3 is the list of the S3
/// User Guide ("Blocking public access to your Amazon S3 storage", "The meaning of public"), IAM the IAM
/// User Guide ("AWS global condition context keys"), where a key says whose the caller, its credentials or its
/// network is, and nobody can choose the value.
///
/// Every other key pins nothing. The global ones are: `aws:PrincipalTag/…`, `aws:username`, `aws:SourceIdentity`,
/// `sts:ExternalId` and `sts:RoleSessionName` (the caller's account chooses them), `aws:PrincipalType`,
/// `aws:AssumedRoot`, `aws:MultiFactorAuth…`, `aws:TokenIssueTime`, `ec2:RoleDelivery`, `glue:RoleAssumedBy`,
/// `glue:CredentialIssuingService` (anybody's may be so), `aws:VpcSourceIp` and `aws:Ec2InstanceSourcePrivateIPv4`
/// (every VPC may have that range), `aws:Resource…` (about the resource), `aws:CalledVia…`, `aws:ViaAWSService`,
/// `aws:ViaAWSMCPService`, `aws:IsMcpServiceAction` (anybody can call through a service), `aws:CurrentTime` and
/// `aws:EpochTime` (the time of the scan decides, see `public`), `aws:Referer`, `aws:UserAgent`,
/// `aws:RequestedRegion`, `aws:RequestTag/…`, `aws:TagKeys`, `aws:SecureTransport` (the caller writes the request).
const PINNING: &[(&str, Kind)] = &[
    // The caller.
    ("aws:principalaccount", Kind::Account),    // S3, as a principal
    ("aws:principalarn", Kind::Arn),            // S3, as a principal
    ("aws:principalorgid", Kind::Organization), // S3
    ("aws:principalorgpaths", Kind::OrganizationPath), // S3, as a principal
    ("aws:userid", Kind::UserId),               // S3
    ("aws:principalservicename", Kind::Service), // S3, as a service principal
    ("aws:principalservicenameslist", Kind::Service), // S3, as a service principal
    ("aws:principalisawsservice", Kind::Flag),  // S3, as a service principal
    ("kms:calleraccount", Kind::Account),       // KMS Developer Guide
    // Its session.
    ("aws:chatbotsourcearn", Kind::Arn),       // IAM
    ("aws:ec2instancesourcevpc", Kind::Id),    // IAM
    ("aws:federatedprovider", Kind::Provider), // IAM
    ("aws:signinsessionarn", Kind::Arn),       // IAM
    ("codebuild:buildarn", Kind::Arn),         // IAM
    ("codebuild:projectarn", Kind::Arn),       // IAM
    ("ec2:sourceinstancearn", Kind::Arn),      // IAM
    ("identitystore:userid", Kind::Id),        // IAM
    ("lambda:sourcefunctionarn", Kind::Arn),   // IAM
    ("ssm:sourceinstancearn", Kind::Arn),      // IAM
    // Its network.
    ("aws:sourceip", Kind::Address),                          // S3
    ("aws:sourcevpc", Kind::Id),                              // S3
    ("aws:sourcevpcarn", Kind::Arn),                          // IAM
    ("aws:sourcevpce", Kind::Id),                             // S3
    ("aws:vpceaccount", Kind::Account),                       // IAM
    ("aws:vpceorgid", Kind::Organization),                    // IAM
    ("aws:vpceorgpaths", Kind::OrganizationPath),             // IAM
    ("elasticfilesystem:accessedviamounttarget", Kind::Flag), // EFS User Guide, "Blocking public access"
    // For whom a service calls.
    ("aws:sourceaccount", Kind::Account),           // S3
    ("aws:sourcearn", Kind::Arn),                   // S3
    ("aws:sourceowner", Kind::Account),             // S3
    ("aws:sourceorgid", Kind::Organization),        // IAM
    ("aws:sourceorgpaths", Kind::OrganizationPath), // IAM
    // S3's own.
    ("s3:dataaccesspointaccount", Kind::Account), // S3
    ("s3:dataaccesspointarn", Kind::Arn),         // S3
    ("s3:x-amz-server-side-encryption-aws-kms-key-id", Kind::Arn), // S3
];

/// Keys of requests through a VPC endpoint. A request has these or `aws:SourceIp`, never both (IAM).
const BEHIND_ENDPOINT: [&str; 2] = ["aws:sourcevpc", "aws:sourcevpce"];

/// What one value of a pinning key lets in.
enum Reach {
    /// Callers with just this value.
    Fixed,
    /// Callers of one account, organization, role or service, by a pattern, for this reason.
    Pattern(String),
    /// Strangers, for this reason.
    Open(String),
}

/// The answer of a condition to "does this keep strangers out?".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pin {
    /// Only callers with fixed values meet it.
    Fixed,
    /// Only callers of one account, organization, role or service meet it, but by a pattern, which AWS's
    /// definitions of "public" do not count as fixed.
    Pattern(String),
    /// Strangers can meet it, for this reason.
    Open(String),
    /// Cannot be told, for this reason.
    Unclear(String),
}

impl Condition {
    /// Whether an `Allow` under this condition reaches only callers with fixed values.
    pub(crate) fn pins(&self) -> Pin {
        let Form { set, if_exists, negated, .. } = self.form;
        let kind = match self.kind() {
            Ok(kind) => kind,
            Err(not_pinning) => return not_pinning,
        };
        if negated {
            return self.open("a negated operator lets everyone else through");
        }
        if if_exists && !self.needs_key {
            return self.open("IfExists lets requests without the key through");
        }
        if set == Some(Set::All) && !self.needs_key {
            return self.open("ForAllValues lets requests without the key through");
        }
        self.reach(kind, "true")
    }

    /// Whether a `Deny` under this condition reaches every caller that lacks the fixed values. (AWS's
    /// definitions of "public" are about grants: what a deny spares by a pattern within one account is not open.)
    pub(in crate::analysis::policy) fn denies_strangers(&self) -> Pin {
        let Form { set, if_exists, negated, .. } = self.form;
        let kind = match self.kind() {
            Ok(kind) => kind,
            Err(not_pinning) => return not_pinning,
        };
        if kind == Kind::Flag && !negated {
            // Anonymous requests have no `aws:PrincipalIsAWSService` (IAM).
            if !if_exists && !self.needs_key && self.key.eq_ignore_ascii_case("aws:PrincipalIsAWSService") {
                return self.open("anonymous requests do not have the key, and are spared");
            }
            return match self.reach(kind, "false") {
                Pin::Pattern(_) => Pin::Fixed,
                pin => pin,
            };
        }
        if !negated {
            return self.open("the deny spares everyone else");
        }
        // ForAnyValue is false without the key, so the deny misses who does not send it.
        if set == Some(Set::Any) && !self.needs_key {
            return self.open("ForAnyValue lets requests without the key through");
        }
        match self.reach(kind, "true") {
            Pin::Pattern(_) => Pin::Fixed,
            pin => pin,
        }
    }

    /// Whether two conditions together let only requests out of fixed networks through, each where its key is
    /// absent from the request: a request has `aws:SourceIp`, or the keys of a VPC endpoint.
    pub(in crate::analysis::policy) fn close_the_network(conditions: &[Self]) -> bool {
        let limits = |keys: &[&str]| {
            conditions.iter().any(|condition| {
                keys.iter().any(|key| condition.key.eq_ignore_ascii_case(key))
                    && condition.form.if_exists
                    && Self { needs_key: true, ..condition.clone() }.pins() == Pin::Fixed
            })
        };
        limits(&["aws:sourceip"]) && limits(&BEHIND_ENDPOINT)
    }

    /// What the key's values are; why the condition pins nothing, or cannot be told, whatever they are.
    fn kind(&self) -> Result<Kind, Pin> {
        let key = self.key.to_ascii_lowercase();
        let Some((_, kind)) = PINNING.iter().find(|(pinning, _)| *pinning == key) else {
            return Err(self.open("the key does not tell who calls"));
        };
        let equals = self.operator.to_ascii_lowercase().contains("numericequals");
        match (self.form.base, kind) {
            (Base::Unknown, _) => Err(Pin::Unclear(format!("{}: unknown operator", self.text()))),
            (Base::Exact { .. } | Base::Like | Base::Binary, _)
            | (Base::IpAddress, Kind::Address)
            | (Base::Bool, Kind::Flag) => Ok(*kind),
            (Base::Numeric, Kind::Account) if equals => Ok(*kind),
            _ => Err(self.open("the operator fixes no value of this key")),
        }
    }

    /// What the values let in, one or the other of them: the widest counts.
    fn reach(&self, kind: Kind, flag: &str) -> Pin {
        let mut pattern = None;
        for value in &self.values {
            match self.value_reach(kind, value, flag) {
                Reach::Fixed => {}
                Reach::Pattern(cause) => pattern = Some(cause),
                Reach::Open(cause) => return self.open(&cause),
            }
        }
        // In words once: the text has all values.
        pattern.map_or(Pin::Fixed, |cause| Pin::Pattern(format!("{}: {cause}", self.text())))
    }

    fn value_reach(&self, kind: Kind, value: &str, flag: &str) -> Reach {
        let key = self.key.to_ascii_lowercase();
        match (kind, self.form.base) {
            // Any service, for whomever, is no fixed service principal.
            (Kind::Flag, _) if value.eq_ignore_ascii_case(flag) && key == "aws:principalisawsservice" => {
                return Reach::Pattern(format!("{value} is every AWS service"));
            }
            (Kind::Flag, _) if value.eq_ignore_ascii_case(flag) => return Reach::Fixed,
            (Kind::Flag, _) => return Reach::Open(format!("{value} is everyone else")),
            (_, Base::IpAddress) => {
                return match network(value) {
                    Some(network) if prefixes::is_internet(network) => {
                        Reach::Open(format!("{value} is as good as the internet"))
                    }
                    Some(_) => Reach::Fixed,
                    None => Reach::Open(format!("{value} is no address range")),
                };
            }
            // What requests without credentials have in these keys (IAM).
            (Kind::Account | Kind::UserId, _) if value == "anonymous" => {
                return Reach::Open("anonymous is whoever does not sign".into());
            }
            (Kind::Provider, _) if account_of(value).is_none() => {
                return Reach::Open(format!("{value} names no account"));
            }
            _ => {}
        }
        // The account and organization of the resource itself are one each.
        let own = value
            .replace("${aws:ResourceAccount}", "000000000000")
            .replace("${aws:ResourceOrgID}", "o-0000000000");
        if own.contains("${") {
            return Reach::Open(format!("{value} has a policy variable"));
        }
        let wild = self.form.base == Base::Like && own.contains(['*', '?']);
        if wild && !self.is_bound(kind, &own) {
            return Reach::Open(format!("{value} has a wildcard"));
        }
        // S3's page allows it for the names of access points, and IAM shows it for paths.
        let documented = kind == Kind::OrganizationPath || key == "s3:dataaccesspointarn";
        if own != value {
            Reach::Pattern(format!("{value} has a policy variable"))
        } else if wild && !documented {
            Reach::Pattern(format!("{value} has a wildcard"))
        } else {
            Reach::Fixed
        }
    }

    /// Whether a value with a wildcard names one account, organization, role or bucket, or services only.
    fn is_bound(&self, kind: Kind, value: &str) -> bool {
        let whole = |end: char| {
            value.split_once(end).is_some_and(|(first, _)| !first.is_empty() && !first.contains(['*', '?']))
        };
        match kind {
            Kind::OrganizationPath => whole('/'),
            Kind::UserId => whole(':'),
            Kind::Service => true,
            Kind::Arn | Kind::Provider => {
                let parts: Vec<_> = value.splitn(6, ':').collect();
                let [_, _, service, region, _, resource] = parts[..] else { return false };
                let key = self.key.to_ascii_lowercase();
                // An ARN operator compares part by part; to others a wildcard before the account may be anything.
                // (Names of access points have no colon.)
                let by_part = self.operator.to_ascii_lowercase().contains("arn")
                    || key == "s3:dataaccesspointarn"
                    || !parts[..4].iter().any(|part| part.contains(['*', '?']));
                // The name of a bucket is enough: its ARN has neither region nor account.
                let bucket = key == "aws:sourcearn"
                    && service == "s3"
                    && matches!(region, "" | "*")
                    && !resource.is_empty()
                    && !resource.contains(['*', '?', '/']);
                // Service-linked roles can be assumed by their services only.
                let linked = key == "aws:principalarn" && resource.starts_with("role/aws-service-role/");
                by_part && (account_of(value).is_some() || bucket || linked)
            }
            Kind::Account | Kind::Organization | Kind::Id | Kind::Address | Kind::Flag => false,
        }
    }

    fn open(&self, cause: &str) -> Pin {
        Pin::Open(format!("{}: {cause}", self.text()))
    }
}
