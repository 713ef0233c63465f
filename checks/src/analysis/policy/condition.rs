//! Conditions: whether one keeps strangers out, and whether it holds in a given request.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;
use jiff::Timestamp;

use super::{pattern, shared_secret};
use crate::{analysis::network::prefixes, secrets};

/// One operator and key of a condition block, with its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// As written, e.g. `ForAnyValue:StringLikeIfExists`.
    pub operator: String,
    /// As written, e.g. `aws:PrincipalOrgID`. Keys are case-insensitive.
    pub key: String,
    /// One of them must match (none of them, for negated operators).
    pub values: Vec<String>,
    form: Form,
    /// `Null: false` on the same key in the same statement: requests without the key do not count.
    needs_key: bool,
}

/// The parts of an operator's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Form {
    set: Option<Set>,
    if_exists: bool,
    negated: bool,
    base: Base,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    Any,
    All,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Base {
    /// `StringEquals`, `StringEqualsIgnoreCase`: values are taken as they are.
    Exact {
        ignore_case: bool,
    },
    /// `StringLike`, `ArnLike` and `ArnEquals`, which is the same: `*` and `?` are wildcards.
    Like,
    IpAddress,
    Bool,
    /// `BinaryEquals`: values are taken as they are, in Base64.
    Binary,
    Null,
    Numeric,
    Date,
    /// An operator that AWS has not documented so far.
    Unknown,
}

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

/// Keys that the holder of a permission meets at will: signing in with MFA, using TLS, choosing the region
/// or the program. A condition on them does not take a permission away.
const MET_AT_WILL: [&str; 7] = [
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:referer",
    "aws:requestedregion",
    "aws:securetransport",
    "aws:tokenissuetime",
    "aws:useragent",
];

/// Those of them that are true or false.
const BOOLEAN: [&str; 2] = ["aws:multifactorauthpresent", "aws:securetransport"];

/// What is known of the requests that somebody can make. Key names are in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// What each key can be: one of several values that the caller may choose between; `None` is a request
    /// without the key.
    keys: BTreeMap<String, Vec<Option<String>>>,
    /// Keys that start so and are not among `keys` are absent, e.g. `aws:principaltag/`.
    absent: BTreeSet<&'static str>,
}

impl Known {
    /// The key always has this value.
    pub fn is(&mut self, key: &str, value: impl Into<String>) {
        self.can_be(key, [Some(value.into())]);
    }

    /// The caller can choose between these; `None` is a request without the key.
    pub fn can_be(&mut self, key: &str, values: impl IntoIterator<Item = Option<String>>) {
        self.keys.insert(key.to_ascii_lowercase(), values.into_iter().collect());
    }

    /// Other keys that start so are never present.
    pub fn has_no_other(&mut self, prefix: &'static str) {
        self.absent.insert(prefix);
    }

    /// Every combination of choices that makes a difference to these conditions: requests in which nothing is
    /// left to choose. Where there are more than a few hundred, some stay open.
    pub(super) fn requests<'c>(&self, conditions: impl Iterator<Item = &'c Condition>) -> Vec<Self> {
        const MOST: usize = 256;
        let mut open: BTreeMap<String, BTreeSet<Option<String>>> = BTreeMap::new();
        for condition in conditions {
            let key = condition.key.to_ascii_lowercase();
            match self.keys.get(&key) {
                Some(choices) if choices.len() > 1 => {
                    open.entry(key).or_default().extend(choices.iter().cloned());
                }
                None if MET_AT_WILL.contains(&key.as_str()) => {
                    let is_boolean = BOOLEAN.contains(&key.as_str());
                    let choices = open.entry(key).or_default();
                    if is_boolean {
                        choices.extend([Some("true".into()), Some("false".into()), None]);
                        continue;
                    }
                    let plain = condition.values.iter().map(|value| value.replace(['*', '?'], "x"));
                    let others = ["0", "999999999", "something else"].map(str::to_owned);
                    choices.extend(plain.chain(others).map(Some).chain([None]));
                }
                _ => {}
            }
        }
        let mut requests = vec![self.clone()];
        for (key, choices) in open {
            if requests.len() * choices.len() > MOST {
                continue;
            }
            let fixed = |request: &Self, choice: &Option<String>| {
                let mut request = request.clone();
                request.keys.insert(key.clone(), vec![choice.clone()]);
                request
            };
            requests = requests
                .iter()
                .flat_map(|request| choices.iter().map(|choice| fixed(request, choice)))
                .collect();
        }
        requests
    }

    /// The requests' choices for a key; none when nothing is known of it.
    fn choices(&self, key: &str) -> Option<Vec<Option<&str>>> {
        match self.keys.get(key) {
            Some(choices) => Some(choices.iter().map(Option::as_deref).collect()),
            None => self.absent.iter().any(|prefix| key.starts_with(prefix)).then(|| vec![None]),
        }
    }

    /// The text with its policy variables replaced; none when one of them is not known.
    #[must_use]
    pub fn resolve(&self, text: &str) -> Option<String> {
        let mut resolved = String::new();
        let mut rest = text;
        while let Some((before, variable)) = rest.split_once("${") {
            let (name, after) = variable.split_once('}')?;
            let choices = self.choices(&name.to_ascii_lowercase())?;
            let [Some(value)] = choices.as_slice() else { return None };
            resolved.push_str(before);
            resolved.push_str(value);
            rest = after;
        }
        resolved.push_str(rest);
        Some(resolved)
    }
}

/// Whether a condition holds in the requests that somebody can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chance {
    /// In every one.
    Always,
    /// In those where the caller wants it to.
    AtWill,
    /// In none.
    Never,
    /// Not known.
    Unclear,
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
    /// A condition as a document has it.
    #[must_use]
    pub fn new(operator: &str, key: &str, values: Vec<String>) -> Self {
        let (operator, form) = (operator.to_owned(), Form::of(operator));
        Self { operator, key: key.to_owned(), values, form, needs_key: false }
    }

    /// The conditions of one block, each aware of the others.
    pub(super) fn block(mut conditions: Vec<Self>) -> Vec<Self> {
        let needed: Vec<_> = conditions.iter().map(Self::needs).collect();
        for (at, condition) in conditions.iter_mut().enumerate() {
            let by_another = |(other, key): (usize, &Option<String>)| {
                other != at && key.as_ref().is_some_and(|key| condition.key.eq_ignore_ascii_case(key))
            };
            condition.needs_key =
                condition.form.base != Base::Null && needed.iter().enumerate().any(by_another);
        }
        conditions
    }

    /// The key without which a request does not meet the condition; none when it may be absent.
    fn needs(&self) -> Option<String> {
        let Form { set, if_exists, negated, base } = self.form;
        let needs = match base {
            Base::Null => {
                !self.values.is_empty() && self.values.iter().all(|value| value.eq_ignore_ascii_case("false"))
            }
            Base::Unknown => false,
            _ => !if_exists && set != Some(Set::All) && (!negated || set == Some(Set::Any)),
        };
        needs.then(|| self.key.to_ascii_lowercase())
    }

    /// The key that a `Deny` under this condition alone makes every request have: `Null: true`.
    pub(super) fn denies_absence(&self) -> Option<&str> {
        let wanted = |value: &String| value.eq_ignore_ascii_case("true");
        (self.form.base == Base::Null && self.values.iter().any(wanted)).then_some(&*self.key)
    }

    /// The same condition, where requests without these keys are denied elsewhere.
    pub(super) fn with_keys(&self, present: &[&str]) -> Self {
        let is_present = present.iter().any(|key| self.key.eq_ignore_ascii_case(key));
        Self { needs_key: self.needs_key || self.form.base != Base::Null && is_present, ..self.clone() }
    }

    /// The values that a key must have, for an `Allow` under this condition: none when the condition is about
    /// another key, or lets requests with other values or without the key through. Values may have wildcards.
    #[must_use]
    pub fn requires(&self, key: &str) -> Option<&[String]> {
        let Form { set, if_exists, negated, base } = self.form;
        let restricts = !negated && (self.needs_key || !if_exists && set != Some(Set::All));
        let compares = matches!(base, Base::Exact { .. } | Base::Like);
        (self.key.eq_ignore_ascii_case(key) && restricts && compares).then_some(self.values.as_slice())
    }

    /// The values of a key that a `Deny` under this condition spares, and nobody else: none when the condition
    /// is about another key, or spares requests with other values or without the key. Values may have wildcards.
    #[must_use]
    pub fn spares(&self, key: &str) -> Option<&[String]> {
        let Form { set, negated, base, .. } = self.form;
        let compares = matches!(base, Base::Exact { .. } | Base::Like);
        // ForAnyValue is false without the key, so the deny misses who does not send it.
        let spares = negated && compares && set != Some(Set::Any);
        (self.key.eq_ignore_ascii_case(key) && spares).then_some(self.values.as_slice())
    }

    /// Whether an `Allow` under this condition lets only AWS services through, that call by themselves.
    #[must_use]
    pub fn requires_service(&self) -> bool {
        self.key.eq_ignore_ascii_case("aws:PrincipalIsAWSService")
            && self.form.base == Base::Bool
            && (self.needs_key || !self.form.if_exists)
            && self.values.iter().all(|value| value.eq_ignore_ascii_case("true"))
    }

    /// Whether a `Deny` under this condition spares only AWS services, that call by themselves or on somebody's
    /// behalf.
    #[must_use]
    pub fn spares_services(&self) -> bool {
        let key = self.key.to_ascii_lowercase();
        (key == "aws:principalisawsservice" || key == "aws:viaawsservice")
            && self.form.base == Base::Bool
            && self.values.iter().all(|value| value.eq_ignore_ascii_case("false"))
    }

    /// Whether the operator is one that AWS has documented so far.
    #[must_use]
    pub fn is_understood(&self) -> bool {
        self.form.base != Base::Unknown
    }

    /// Whether `*` and `?` in the values are wildcards.
    #[must_use]
    pub fn has_wildcards(&self) -> bool {
        self.form.base == Base::Like && self.values.iter().any(|value| value.contains(['*', '?']))
    }

    /// The condition in a line, as evidence. Values that callers are meant to keep secret are masked.
    #[must_use]
    pub fn text(&self) -> String {
        let values: Vec<_> = if shared_secret::is_key(&self.key) {
            self.values.iter().map(|value| secrets::hint(value)).collect()
        } else {
            self.values.clone()
        };
        format!("{} {} = {}", self.operator, self.key, values.join(" | "))
    }

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
    pub(super) fn denies_strangers(&self) -> Pin {
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
    pub(super) fn close_the_network(conditions: &[Self]) -> bool {
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
        let mut pin = Pin::Fixed;
        for value in &self.values {
            match self.value_reach(kind, value, flag) {
                Reach::Fixed => {}
                Reach::Pattern(cause) => pin = Pin::Pattern(format!("{}: {cause}", self.text())),
                Reach::Open(cause) => return self.open(&cause),
            }
        }
        pin
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

    /// Whether the condition holds in a request with these keys (lower case, with their values); none when
    /// that cannot be told. Absent keys count as the IAM User Guide says ("IAM JSON policy elements:
    /// Condition operators").
    #[must_use]
    pub fn holds(&self, request: &BTreeMap<String, Vec<String>>) -> Option<bool> {
        let Form { set, if_exists, negated, base } = self.form;
        let present = request.get(&self.key.to_ascii_lowercase());
        if base == Base::Null {
            let wants_absent = self.values.iter().any(|value| value.eq_ignore_ascii_case("true"));
            return Some(present.is_none() == wants_absent);
        }
        let Some(present) = present else {
            return Some(if_exists || set == Some(Set::All) || negated && set != Some(Set::Any));
        };
        let mut each = present.iter().map(|present| {
            let matched = self.values.iter().map(|value| self.value_matches(value, present));
            any(matched).map(|matched| matched != negated)
        });
        match set {
            Some(Set::Any) => any(each),
            _ => each.try_fold(true, |all, one| one.map(|one| all && one)),
        }
    }

    /// Whether the condition holds in requests of which this is known.
    #[must_use]
    pub fn chance(&self, known: &Known) -> Chance {
        let key = self.key.to_ascii_lowercase();
        let Some(choices) = known.choices(&key) else {
            return if MET_AT_WILL.contains(&key.as_str()) { Chance::AtWill } else { Chance::Unclear };
        };
        let Some(values) = self.values.iter().map(|value| known.resolve(value)).collect::<Option<Vec<_>>>()
        else {
            return Chance::Unclear;
        };
        let resolved = Self { values, ..self.clone() };
        let holds: Option<Vec<bool>> = choices
            .into_iter()
            .map(|choice| {
                let request = choice.map(|value| (key.clone(), vec![value.to_owned()])).into_iter().collect();
                resolved.holds(&request)
            })
            .collect();
        match holds {
            None => Chance::Unclear,
            Some(holds) if holds.iter().all(|holds| *holds) => Chance::Always,
            Some(holds) if holds.iter().any(|holds| *holds) => Chance::AtWill,
            Some(_) => Chance::Never,
        }
    }

    /// Whether the holder of a permission meets the condition at will, whatever its values.
    #[must_use]
    pub fn is_met_at_will(&self) -> bool {
        MET_AT_WILL.contains(&self.key.to_ascii_lowercase().as_str())
    }

    fn value_matches(&self, value: &str, present: &str) -> Option<bool> {
        if value.contains("${") {
            return None;
        }
        let number =
            |compare: fn(f64, f64) -> bool| Some(compare(present.parse().ok()?, value.parse().ok()?));
        let time =
            |compare: fn(&Timestamp, &Timestamp) -> bool| Some(compare(&moment(present)?, &moment(value)?));
        let operator = self.operator.to_ascii_lowercase();
        match self.form.base {
            Base::Exact { ignore_case: false } => Some(value == present),
            Base::Exact { ignore_case: true } | Base::Bool => Some(value.eq_ignore_ascii_case(present)),
            Base::Like if operator.contains("arn") => Some(matches_arn(value, present)),
            Base::Like => Some(pattern::matches(value, present)),
            Base::IpAddress => Some(network(value)?.contains(&network(present)?)),
            Base::Numeric if operator.contains("lessthanequals") => number(|a, b| a <= b),
            Base::Numeric if operator.contains("lessthan") => number(|a, b| a < b),
            Base::Numeric if operator.contains("greaterthanequals") => number(|a, b| a >= b),
            Base::Numeric if operator.contains("greaterthan") => number(|a, b| a > b),
            Base::Numeric => number(|a, b| (a - b).abs() < f64::EPSILON),
            Base::Date if operator.contains("lessthanequals") => time(|a, b| a <= b),
            Base::Date if operator.contains("lessthan") => time(|a, b| a < b),
            Base::Date if operator.contains("greaterthanequals") => time(|a, b| a >= b),
            Base::Date if operator.contains("greaterthan") => time(|a, b| a > b),
            Base::Date => time(|a, b| a == b),
            Base::Binary | Base::Null | Base::Unknown => None,
        }
    }
}

/// True when one is, false when all are, else not known.
fn any(mut answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut known = true;
    let found = answers.any(|answer| {
        known &= answer.is_some();
        answer == Some(true)
    });
    if found { Some(true) } else { known.then_some(false) }
}

/// A time as conditions have it: ISO 8601 as far as the day, minute or second, or seconds since 1970 (IAM User
/// Guide, "Date condition operators").
fn moment(text: &str) -> Option<Timestamp> {
    if let Ok(seconds) = text.parse() {
        return Timestamp::from_second(seconds).ok();
    }
    let civil = |text: &str| {
        let day_or_time = text.strip_suffix(['Z', 'z']).unwrap_or(text);
        let time = day_or_time.parse::<jiff::civil::DateTime>().ok()?;
        jiff::tz::TimeZone::UTC.to_timestamp(time).ok()
    };
    text.parse().ok().or_else(|| civil(text))
}

/// Whether the pattern matches the ARN, part by part (IAM User Guide, "ARN condition operators").
fn matches_arn(value: &str, present: &str) -> bool {
    let parts = |text: &str| text.splitn(6, ':').map(str::to_owned).collect::<Vec<_>>();
    let (value_parts, present_parts) = (parts(value), parts(present));
    if value_parts.len() < 6 {
        return pattern::matches(value, present);
    }
    value_parts.len() == present_parts.len()
        && value_parts.iter().zip(&present_parts).all(|(value, present)| pattern::matches(value, present))
}

/// An address is a range of one.
fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<std::net::IpAddr>().ok().map(IpNet::from))
}

/// The account in an ARN, when it is fixed.
pub(crate) fn account_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|account| account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()))
}

impl Form {
    fn of(operator: &str) -> Self {
        let name = operator.to_ascii_lowercase();
        let (set, name) = match name.split_once(':') {
            Some(("foranyvalue", rest)) => (Some(Set::Any), rest),
            Some(("forallvalues", rest)) => (Some(Set::All), rest),
            _ => (None, name.as_str()),
        };
        let (if_exists, name) = name.strip_suffix("ifexists").map_or((false, name), |name| (true, name));
        let (negated, base) = match name {
            "stringequals" => (false, Base::Exact { ignore_case: false }),
            "stringnotequals" => (true, Base::Exact { ignore_case: false }),
            "stringequalsignorecase" => (false, Base::Exact { ignore_case: true }),
            "stringnotequalsignorecase" => (true, Base::Exact { ignore_case: true }),
            "stringlike" | "arnlike" | "arnequals" => (false, Base::Like),
            "stringnotlike" | "arnnotlike" | "arnnotequals" => (true, Base::Like),
            "ipaddress" => (false, Base::IpAddress),
            "notipaddress" => (true, Base::IpAddress),
            "bool" => (false, Base::Bool),
            "binaryequals" => (false, Base::Binary),
            "null" => (false, Base::Null),
            "numericnotequals" => (true, Base::Numeric),
            name if name.starts_with("numeric") => (false, Base::Numeric),
            "datenotequals" => (true, Base::Date),
            name if name.starts_with("date") => (false, Base::Date),
            _ => (false, Base::Unknown),
        };
        Self { set, if_exists, negated, base }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(operator: &str, key: &str, values: &[&str]) -> Condition {
        Condition::new(operator, key, values.iter().map(|value| (*value).to_owned()).collect())
    }

    #[test]
    fn fixed_values_of_listed_keys_pin() {
        for (operator, key, values) in [
            ("StringEquals", "aws:PrincipalOrgID", &["o-abc"][..]),
            ("StringEquals", "AWS:SOURCEVPCE", &["vpce-1", "vpce-2"]),
            ("StringLike", "aws:PrincipalArn", &["arn:aws:iam::111122223333:role/a"]),
            ("ArnEquals", "aws:SourceArn", &["arn:aws:sns:us-east-1:111122223333:topic"]),
            ("ForAnyValue:StringEquals", "aws:PrincipalOrgPaths", &["o-abc/r-1/"]),
            ("IpAddress", "aws:SourceIp", &["203.0.113.0/24", "2001:db8::/33", "10.0.0.0/8"]),
            ("IpAddress", "aws:SourceIp", &["203.0.113.7"]),
            ("ArnLike", "s3:DataAccessPointArn", &["arn:aws:s3:us-east-1:111122223333:accesspoint/*"]),
            ("Bool", "elasticfilesystem:AccessedViaMountTarget", &["true"]),
            ("StringEquals", "kms:CallerAccount", &["111122223333"]),
            ("NumericEquals", "aws:PrincipalAccount", &["111122223333"]),
            ("BinaryEquals", "aws:PrincipalOrgID", &["by1hYmM="]),
            // A star that is no wildcard: nobody has such a value.
            ("StringEquals", "aws:PrincipalAccount", &["*"]),
            ("StringEquals", "aws:PrincipalOrgID", &[]),
            ("StringEquals", "aws:SourceIp", &["203.0.113.7"]),
            ("StringLike", "aws:userid", &["AROAEXAMPLEID12345678:nightly"]),
            // The wildcards that AWS documents.
            ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", &["o-abc/*", "o-abc/r-1/ou-*"]),
            ("StringLike", "aws:SourceOrgPaths", &["o-abc/r-1/*"]),
            ("StringLike", "s3:DataAccessPointArn", &["arn:aws:s3:*:111122223333:accesspoint/*"]),
            // Beyond S3's list: nobody can choose these either.
            ("StringEquals", "aws:VpceAccount", &["111122223333"]),
            ("StringEquals", "aws:VpceOrgID", &["o-abc"]),
            ("ForAnyValue:StringLike", "aws:VpceOrgPaths", &["o-abc/r-1/ou-1/*"]),
            ("ArnEquals", "aws:SourceVpcArn", &["arn:aws:ec2:us-east-1:111122223333:vpc/vpc-1"]),
            ("StringEquals", "aws:Ec2InstanceSourceVpc", &["vpc-1"]),
            ("ArnEquals", "ec2:SourceInstanceArn", &["arn:aws:ec2:us-east-1:111122223333:instance/i-1"]),
            ("ArnEquals", "lambda:SourceFunctionArn", &["arn:aws:lambda:us-east-1:111122223333:function:x"]),
            (
                "ArnEquals",
                "ssm:SourceInstanceArn",
                &["arn:aws:ssm:us-east-1:111122223333:managed-instance/i-1"],
            ),
            ("StringEquals", "aws:PrincipalServiceName", &["cloudtrail.amazonaws.com"]),
            ("ForAnyValue:StringEquals", "aws:PrincipalServiceNamesList", &["cloudtrail.amazonaws.com"]),
            (
                "StringEquals",
                "aws:FederatedProvider",
                &["arn:aws:iam::111122223333:oidc-provider/example.com"],
            ),
        ] {
            assert_eq!(condition(operator, key, values).pins(), Pin::Fixed, "{operator} {key} {values:?}");
        }
    }

    #[test]
    fn what_only_looks_like_a_limit_does_not_pin() {
        for (operator, key, values) in [
            ("StringEqualsIfExists", "aws:PrincipalOrgID", &["o-abc"][..]),
            ("ForAllValues:StringEquals", "aws:PrincipalOrgPaths", &["o-abc/r-1/"]),
            ("StringNotEquals", "aws:PrincipalOrgID", &["o-abc"]),
            ("StringLike", "aws:PrincipalArn", &["arn:aws:iam::*:role/a"]),
            ("StringEquals", "aws:SourceVpce", &["vpce-1", "${aws:PrincipalTag/vpce}"]),
            ("Null", "aws:PrincipalOrgID", &["false"]),
            ("IpAddress", "aws:SourceIp", &["0.0.0.0/0"]),
            ("IpAddress", "aws:SourceIp", &["203.0.113.0/24", "0.0.0.0/1"]),
            ("IpAddress", "aws:SourceIp", &["2000::/3"]),
            ("NotIpAddress", "aws:SourceIp", &["203.0.113.0/24"]),
            ("IpAddress", "aws:VpcSourceIp", &["10.0.0.0/8"]),
            ("Bool", "aws:SecureTransport", &["true"]),
            ("StringEquals", "aws:Referer", &["https://example.com"]),
            ("StringEquals", "kms:ViaService", &["s3.us-east-1.amazonaws.com"]),
            ("StringEquals", "aws:PrincipalAccount", &["111122223333", "anonymous"]),
            ("StringLike", "aws:PrincipalAccount", &["11112222333?"]),
            ("NumericLessThan", "aws:PrincipalAccount", &["111122223333"]),
            ("StringLike", "aws:PrincipalOrgID", &["o-abc*"]),
            ("StringLike", "aws:PrincipalOrgPaths", &["o-abc*"]),
            ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", &["o-*/r-1/*"]),
            ("ForAllValues:StringLike", "aws:PrincipalOrgPaths", &["o-abc/*"]),
            ("StringLike", "aws:VpceAccount", &["1111*"]),
            ("StringEqualsIfExists", "aws:VpceAccount", &["111122223333"]),
            ("StringLike", "aws:userid", &["*:nightly"]),
            ("StringLike", "aws:userid", &["AROA*"]),
            ("ArnLike", "aws:SourceVpcArn", &["arn:aws:ec2:us-east-1:*:vpc/*"]),
            ("ArnLike", "s3:DataAccessPointArn", &["arn:aws:s3:us-east-1:*:accesspoint/web"]),
            ("StringEquals", "aws:PrincipalAccount", &["${aws:PrincipalAccount}"]),
            ("StringEquals", "aws:FederatedProvider", &["accounts.google.com"]),
            ("Bool", "aws:PrincipalIsAWSService", &["false"]),
            ("BoolIfExists", "aws:PrincipalIsAWSService", &["true"]),
            ("StringEquals", "sts:SourceIdentity", &["jo"]),
            ("StringEquals", "aws:PrincipalTag/team", &["data"]),
            ("StringEquals", "aws:PrincipalType", &["AssumedRole"]),
            ("StringEquals", "aws:ResourceAccount", &["111122223333"]),
            ("IpAddress", "aws:Ec2InstanceSourcePrivateIPv4", &["10.0.0.7"]),
        ] {
            let pin = condition(operator, key, values).pins();
            assert!(matches!(pin, Pin::Open(_)), "{operator} {key} {values:?}: {pin:?}");
        }
        assert!(matches!(condition("StringResembles", "aws:SourceArn", &["x"]).pins(), Pin::Unclear(_)));
    }

    #[test]
    fn patterns_within_one_account_are_neither_fixed_nor_open() {
        for (operator, key, values) in [
            ("ArnLike", "aws:SourceArn", &["arn:aws:sns:*:111122223333:*"][..]),
            ("ArnEquals", "aws:PrincipalArn", &["arn:aws:iam::111122223333:role/team-*"]),
            ("StringLike", "aws:PrincipalArn", &["arn:aws:iam::111122223333:role/*"]),
            ("ArnLike", "aws:SourceArn", &["arn:aws:s3:*:*:uploads-7f3a"]),
            ("ArnLike", "lambda:SourceFunctionArn", &["arn:aws:lambda:*:111122223333:function:*"]),
            ("ArnLike", "aws:PrincipalArn", &["arn:aws:iam::*:role/aws-service-role/*"]),
            ("StringLike", "aws:userid", &["AROAEXAMPLEID12345678:*"]),
            ("StringLike", "aws:PrincipalServiceName", &["*.amazonaws.com"]),
            ("Bool", "aws:PrincipalIsAWSService", &["true"]),
            ("StringEquals", "aws:PrincipalAccount", &["${aws:ResourceAccount}"]),
            ("StringEquals", "aws:PrincipalOrgID", &["o-abc", "${aws:ResourceOrgID}"]),
        ] {
            let pin = condition(operator, key, values).pins();
            assert!(matches!(pin, Pin::Pattern(_)), "{operator} {key} {values:?}: {pin:?}");
        }
        for (operator, key, values) in [
            // A star of StringLike is any text, colons too.
            ("StringLike", "aws:SourceArn", &["arn:aws:logs:*:111122223333:*"][..]),
            ("ArnLike", "aws:SourceArn", &["arn:aws:s3:::uploads*"]),
            ("ArnLike", "aws:SourceArn", &["arn:aws:sns:*:111122223333:*", "arn:aws:sns:*:*:*"]),
            ("ArnLike", "aws:SourceArn", &["*"]),
        ] {
            let pin = condition(operator, key, values).pins();
            assert!(matches!(pin, Pin::Open(_)), "{operator} {key} {values:?}: {pin:?}");
        }
    }

    #[test]
    fn a_key_that_must_be_there_closes_what_its_absence_opens() {
        for operator in ["StringEqualsIfExists", "ForAllValues:StringEquals"] {
            let block = Condition::block(vec![
                condition(operator, "aws:SourceVpce", &["vpce-1"]),
                condition("Null", "aws:sourcevpce", &["false"]),
            ]);
            assert_eq!(block[0].pins(), Pin::Fixed, "{operator}");
            assert!(matches!(block[1].pins(), Pin::Open(_)));
            let any = Condition::block(vec![
                condition(operator, "aws:SourceVpce", &["vpce-1"]),
                condition("StringLike", "aws:SourceVpce", &["*"]),
            ]);
            assert_eq!(any[0].pins(), Pin::Fixed, "{operator}");
            let other = Condition::block(vec![
                condition(operator, "aws:SourceVpce", &["vpce-1"]),
                condition("Null", "aws:SourceVpc", &["false"]),
            ]);
            assert!(matches!(other[0].pins(), Pin::Open(_)), "{operator}");
        }
    }

    #[test]
    fn shared_secrets_are_masked() {
        let secret = "correct-horse-battery";
        for (key, shown) in [
            ("aws:Referer", false),
            ("aws:UserAgent", false),
            ("lambda:EventSourceToken", false),
            ("aws:PrincipalTag/team", true),
        ] {
            let condition = condition("StringEquals", key, &[secret]);
            assert_eq!(condition.text().contains(secret), shown, "{key}");
            let Pin::Open(cause) = condition.pins() else { panic!("{key}") };
            assert_eq!(cause.contains(secret), shown, "{key}");
        }
    }

    #[test]
    fn required_values() {
        let required = |operator: &str| {
            condition(operator, "sts:ExternalId", &["x"]).requires("STS:externalid").is_some()
        };
        assert!(required("StringEquals") && required("StringLike") && required("ForAnyValue:StringEquals"));
        for operator in
            ["StringNotEquals", "StringEqualsIfExists", "ForAllValues:StringEquals", "Null", "Bool"]
        {
            assert!(!required(operator), "{operator}");
        }
    }

    #[test]
    fn spared_values() {
        let spared = |operator: &str| {
            condition(operator, "aws:ResourceAccount", &["111122223333"])
                .spares("aws:resourceaccount")
                .is_some()
        };
        assert!(spared("StringNotEquals") && spared("StringNotEqualsIfExists") && spared("StringNotLike"));
        assert!(!spared("StringEquals") && !spared("ForAnyValue:StringNotEquals") && !spared("Null"));
    }

    #[test]
    fn services_only() {
        let service =
            |operator: &str, value: &str| condition(operator, "aws:PrincipalIsAWSService", &[value]);
        assert!(service("Bool", "true").requires_service());
        assert!(!service("BoolIfExists", "true").requires_service());
        assert!(!service("Bool", "false").requires_service());
        assert!(service("BoolIfExists", "false").spares_services());
        assert!(!service("Bool", "true").spares_services());
    }

    #[test]
    fn denies_of_all_others_pin() {
        for (operator, key, value) in [
            ("StringNotEquals", "aws:PrincipalOrgID", "o-abc"),
            ("StringNotEqualsIfExists", "aws:PrincipalOrgID", "o-abc"),
            ("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"),
            ("BoolIfExists", "aws:PrincipalIsAWSService", "false"),
            ("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/etl-*"),
            ("ArnNotLikeIfExists", "aws:PrincipalArn", "arn:aws:iam::*:role/aws-service-role/*"),
            ("StringNotLike", "aws:PrincipalOrgPaths", "o-abc/*"),
            ("StringNotEquals", "aws:VpceAccount", "111122223333"),
            ("Bool", "elasticfilesystem:AccessedViaMountTarget", "false"),
        ] {
            assert_eq!(condition(operator, key, &[value]).denies_strangers(), Pin::Fixed, "{operator} {key}");
        }
        for (operator, key, value) in [
            ("StringEquals", "aws:PrincipalOrgID", "o-abc"),
            ("ForAnyValue:StringNotEquals", "aws:PrincipalOrgPaths", "o-abc/r-1/"),
            ("NotIpAddress", "aws:SourceIp", "0.0.0.0/0"),
            ("Bool", "aws:SecureTransport", "false"),
            ("StringNotLike", "aws:PrincipalArn", "*"),
            ("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:role/etl"),
            // Whoever does not sign has no such key.
            ("Bool", "aws:PrincipalIsAWSService", "false"),
            // Anybody can call through a service.
            ("BoolIfExists", "aws:ViaAWSService", "false"),
        ] {
            let pin = condition(operator, key, &[value]).denies_strangers();
            assert!(matches!(pin, Pin::Open(_)), "{operator} {key}: {pin:?}");
        }
    }

    #[test]
    fn absent_keys_count_as_documented() {
        let request = BTreeMap::new();
        for (operator, holds) in [
            ("StringEquals", false),
            ("StringNotEquals", true),
            ("StringEqualsIfExists", true),
            ("ForAllValues:StringEquals", true),
            ("ForAnyValue:StringEquals", false),
            ("ForAnyValue:StringNotEquals", false),
            ("NumericLessThan", false),
        ] {
            assert_eq!(condition(operator, "aws:x", &["1"]).holds(&request), Some(holds), "{operator}");
        }
        assert_eq!(condition("Null", "aws:x", &["true"]).holds(&request), Some(true));
    }

    #[test]
    fn present_keys_are_compared() {
        let request: BTreeMap<_, _> = [
            ("aws:sourceip".to_owned(), vec!["203.0.113.7".to_owned()]),
            ("aws:multifactorauthage".to_owned(), vec!["100".to_owned()]),
            ("aws:tagkeys".to_owned(), vec!["a".to_owned(), "b".to_owned()]),
            ("aws:currenttime".to_owned(), vec!["2026-11-01T00:00:00Z".to_owned()]),
            ("aws:sourcearn".to_owned(), vec!["arn:aws:sns:eu-west-1:111122223333:x".to_owned()]),
        ]
        .into();
        for (operator, key, values, holds) in [
            ("IpAddress", "aws:SourceIp", &["203.0.113.0/24"][..], true),
            ("NotIpAddress", "aws:SourceIp", &["203.0.113.0/24"], false),
            ("NumericLessThan", "aws:MultiFactorAuthAge", &["3600"], true),
            ("NumericGreaterThanEquals", "aws:MultiFactorAuthAge", &["101"], false),
            ("ForAllValues:StringEquals", "aws:TagKeys", &["a"], false),
            ("ForAnyValue:StringLike", "aws:TagKeys", &["b*"], true),
            ("DateGreaterThan", "aws:CurrentTime", &["2026-01-01T00:00:00Z"], true),
            ("DateGreaterThan", "aws:CurrentTime", &["2026-11-01"], false),
            ("DateLessThan", "aws:CurrentTime", &["2026-11-01T00:01Z"], true),
            ("DateLessThan", "aws:CurrentTime", &["1577836800"], false),
            ("ArnLike", "aws:SourceArn", &["arn:aws:sns:*:111122223333:*"], true),
            ("ArnLike", "aws:SourceArn", &["arn:aws:*:111122223333:*:x"], false),
            ("Null", "aws:SourceIp", &["true"], false),
        ] {
            assert_eq!(condition(operator, key, values).holds(&request), Some(holds), "{operator} {key}");
        }
        assert_eq!(condition("StringEquals", "aws:SourceIp", &["${aws:x}"]).holds(&request), None);
    }
}
