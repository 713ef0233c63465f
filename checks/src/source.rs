//! What can be collected, and the operations that it takes: behind the collection plan, the read-only interceptor,
//! `aws-audit policy` and the page on permissions. Each service declares its own with `service!`
//! (`snapshot/SERVICE.rs`).

use std::{
    cmp::Ordering,
    collections::BTreeSet,
    fmt,
    hash::{Hash, Hasher},
    sync::LazyLock,
};

use crate::snapshot;

/// Whether a source is asked once for the account or once in every region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Once for the account.
    Global,
    /// Once in every scanned region.
    Regional,
}

/// Request limit shared by some operations, per account and region: a token bucket.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Operations with one name share one bucket; an empty name means a bucket for each operation.
    pub group: &'static str,
    /// Most tokens that the bucket holds.
    pub burst: f64,
    /// Tokens that come back in a second.
    pub per_second: f64,
    /// Whether production has as good as no use for it, so that it may be taken whole.
    pub spare: bool,
}

impl Rate {
    const fn each(burst: f64, per_second: f64) -> Self {
        Self { group: "", burst, per_second, spare: false }
    }

    const fn shared(group: &'static str, burst: f64, per_second: f64) -> Self {
        Self { group, burst, per_second, spare: false }
    }

    const fn spare(burst: f64, per_second: f64) -> Self {
        Self { group: "", burst, per_second, spare: true }
    }
}

/// The limits that AWS publishes, and what to begin with where it does not.
pub(crate) mod rate {
    use super::Rate;

    /// EC2's non-mutating operations, when paginated or filtered: a bucket for each operation
    /// (EC2 Developer Guide, "Request throttling").
    pub const EC2: Rate = Rate::each(100.0, 20.0);
    /// CloudTrail's Get, Describe and List operations (CloudTrail quotas).
    pub const CLOUDTRAIL: Rate = Rate::each(10.0, 10.0);
    /// Lambda's control plane but for a few operations: one bucket for all (Lambda quotas).
    pub const LAMBDA: Rate = Rate::shared("Lambda control plane", 15.0, 15.0);
    /// Lambda's `GetPolicy` has a limit of its own (Lambda quotas).
    pub const LAMBDA_POLICY: Rate = Rate::each(15.0, 15.0);
    /// IAM publishes no numbers; others found 15 a second to be safe for the slowest read operations.
    pub const IAM: Rate = Rate::each(30.0, 15.0);
    /// WAF's Get and List operations (WAF quotas: five a second, a bucket for each).
    pub const WAFV2: Rate = Rate::each(5.0, 5.0);
    /// WAF's `ListResourcesForWebACL` and `GetWebACLForResource` (WAF quotas: one a second each). Consoles and audits ask
    /// them.
    pub const WAFV2_RESOURCES: Rate = Rate::spare(1.0, 1.0);
    /// API Gateway's management: ten a second for all of it (API Gateway quotas).
    pub const APIGATEWAY: Rate = Rate::shared("API Gateway", 40.0, 10.0);
    /// API Gateway's `GetResources` has a limit of its own besides: five in two seconds (API Gateway quotas).
    pub const APIGATEWAY_RESOURCES: Rate = Rate::each(5.0, 2.5);
    /// Route 53: five a second for all of it (Route 53 quotas).
    pub const ROUTE53: Rate = Rate::shared("Route 53", 5.0, 5.0);
    /// IAM Identity Center: twenty a second for all of it (IAM Identity Center quotas, "throttle limits").
    pub const IDENTITY_CENTER: Rate = Rate::shared("IAM Identity Center", 20.0, 20.0);
    /// KMS's lists; what is asked of one key has more (KMS request quotas).
    pub const KMS: Rate = Rate::each(500.0, 500.0);
    /// Security Hub's operations but for a few (Security Hub API reference, "Throttling limits").
    pub const SECURITYHUB: Rate = Rate::each(30.0, 10.0);
    /// Security Hub's `GetFindings` (the same list).
    pub const SECURITYHUB_FINDINGS: Rate = Rate::each(6.0, 3.0);
    /// Nothing is published: start here and slow down on the first throttle.
    pub const UNPUBLISHED: Rate = Rate::each(50.0, 20.0);
    /// S3 publishes no numbers for bucket-level reads; they bear far more than other control planes.
    pub const S3: Rate = Rate::each(200.0, 100.0);
}

/// One read operation of AWS. The constants are beside what they read: `snapshot::sns::op::ListTopics`.
#[derive(Debug, PartialEq)]
pub struct Operation {
    /// The SDK's name of the service, e.g. `Config Service`.
    pub service: &'static str,
    /// The operation's name in the service's API.
    pub name: &'static str,
    /// The operation's name everywhere a user sees it, e.g. `s3:GetBucketEncryption`. Often the same as the one action
    /// that allows it.
    pub id: &'static str,
    /// The service prefix of [`Operation::id`], e.g. `config`.
    pub prefix: &'static str,
    /// The IAM actions that allow it. Some operations ask another service, and need its permission too.
    pub actions: &'static [&'static str],
    /// The request limit that it falls under.
    pub rate: Rate,
}

/// What a source is: see `service!`.
#[derive(Debug)]
pub(crate) struct Declaration {
    pub(crate) name: &'static str,
    pub(crate) scope: Scope,
    pub(crate) operations: &'static [&'static Operation],
    pub(crate) needs: &'static [Source],
}

/// Something to collect with one operation, or with a few that belong together. A check names the sources it reads.
#[derive(Clone, Copy)]
pub struct Source(pub(crate) &'static Declaration);

impl Source {
    /// Every source, by name.
    pub fn all() -> impl Iterator<Item = Self> {
        static ALL: LazyLock<BTreeSet<Source>> = LazyLock::new(|| snapshot::sources().collect());
        ALL.iter().copied()
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// Where it is asked.
    #[must_use]
    pub const fn scope(self) -> Scope {
        self.0.scope
    }

    /// The operations that it takes.
    #[must_use]
    pub const fn operations(self) -> &'static [&'static Operation] {
        self.0.operations
    }

    /// The sources that must be read first, because this one asks about what they list.
    #[must_use]
    pub const fn needs(self) -> &'static [Self] {
        self.0.needs
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Source {}

impl PartialOrd for Source {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Source {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name().cmp(other.name())
    }
}

impl Hash for Source {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

/// Every operation that may be sent.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    Source::all().flat_map(Source::operations).copied()
}

/// The operation of that service (as the SDK names it) and name, if it is one that may be sent.
#[must_use]
pub fn operation(service: &str, name: &str) -> Option<&'static Operation> {
    let mut all = operations().chain(organization::OPERATIONS.iter().copied());
    all.find(|operation| operation.service == service && operation.name == name)
}

/// What a run over an organization asks besides: it belongs to no account's snapshot, and no scan of one account needs
/// it.
pub mod organization {
    use super::{Operation, rate::UNPUBLISHED};

    /// Operations of AWS Organizations: each has one IAM action, of its name.
    macro_rules! operations {
        ($($(#[doc = $doc:literal])+ $name:ident;)+) => {
            $(
                $(#[doc = $doc])+
                #[expect(non_upper_case_globals, reason = "AWS's own names")]
                pub const $name: &Operation = &Operation {
                    service: "Organizations",
                    name: stringify!($name),
                    id: concat!("organizations:", stringify!($name)),
                    prefix: "organizations",
                    actions: &[concat!("organizations:", stringify!($name))],
                    rate: UNPUBLISHED,
                };
            )+
            /// All of them.
            pub const OPERATIONS: &[&Operation] = &[$($name),+];
        };
    }

    operations! {
        /// The root, where the tree of units begins.
        ListRoots;
        /// The units below a root or unit.
        ListOrganizationalUnitsForParent;
        /// The accounts right below a root or unit.
        ListAccountsForParent;
        /// What a policy is attached to.
        ListTargetsForPolicy;
        /// The accounts that administer services for the organization.
        ListDelegatedAdministrators;
        /// The services that one of them administers.
        ListDelegatedServicesForAccount;
    }
}

/// What every scan asks, whatever the checks.
pub const ALWAYS: [Source; 3] = [Source::CallerIdentity, Source::AccountAlias, Source::Regions];

/// The IAM actions that allow reading these sources.
pub fn actions(sources: impl IntoIterator<Item = Source>) -> BTreeSet<&'static str> {
    let operations = sources.into_iter().flat_map(Source::operations);
    operations.flat_map(|operation| operation.actions).copied().collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_operation_reads() {
        for operation in operations() {
            let reads = ["BatchGet", "Get", "List", "Describe", "GenerateCredentialReport"];
            assert!(reads.iter().any(|verb| operation.name.starts_with(verb)), "{}", operation.id);
        }
    }

    #[test]
    fn no_operation_belongs_to_two_sources() {
        let mut seen = HashSet::new();
        for operation in operations() {
            assert!(seen.insert((operation.service, operation.name)), "{} twice", operation.id);
        }
    }

    #[test]
    fn a_global_source_needs_no_regional_one() {
        for source in Source::all().filter(|source| source.scope() == Scope::Global) {
            assert!(source.needs().iter().all(|need| need.scope() == Scope::Global), "{source:?}");
        }
    }
}
