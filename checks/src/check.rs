//! What a check is, and what it sees while it judges.

use std::{
    collections::BTreeMap,
    rc::Rc,
    sync::{Arc, OnceLock},
};

use crate::{
    analysis::{Analyses, paths::Paths},
    finding::{Finding, Judgement, Resource, Severity, Status},
    gap::{Collected, NotJudged},
    page::{Lang, Page, PageError},
    settings::Settings,
    snapshot::{Judged, Place, Region, Snapshot, organizations::Organization},
    source::Source,
    triage::tuning::{Current, Tuning},
};

/// A check: one file under `catalog/`, or a row of a family's table there, with its page in two languages.
#[derive(Debug)]
pub struct Check {
    /// Its id, final once released: what users name in arguments, settings and suppressions.
    pub id: &'static str,
    /// Severity of a failing finding, unless the verdict moves it.
    pub severity: Severity,
    /// Everything that it reads. Nothing else is collected for it.
    pub sources: &'static [Source],
    /// Judges every resource that it is about.
    pub run: fn(&mut Context<'_>),
}

/// A check with its pages.
#[derive(Debug)]
pub struct Entry {
    /// The check.
    pub check: &'static Check,
    /// The module that declares it.
    pub module: &'static str,
    /// Whether it runs when no check is named.
    pub runs_by_default: bool,
    text: [&'static str; 2],
    facts: Vec<(&'static str, String)>,
    pages: [OnceLock<Page>; 2],
}

impl Entry {
    /// The entry of a check with its English and Japanese pages' text.
    pub(crate) const fn new(
        check: &'static Check,
        module: &'static str,
        english: &'static str,
        japanese: &'static str,
    ) -> Self {
        let pages = [OnceLock::new(), OnceLock::new()];
        let text = [english, japanese];
        Self { check, module, runs_by_default: true, text, facts: Vec::new(), pages }
    }

    /// The entry of a check that a file defines instead of this crate, with its pages' text; for [`registry::add`].
    ///
    /// # Errors
    /// When a page is not well-formed.
    ///
    /// [`registry::add`]: crate::registry::add
    pub fn custom(
        check: &'static Check,
        english: &'static str,
        japanese: &'static str,
    ) -> Result<Self, PageError> {
        for page in [english, japanese] {
            Page::parse(page)?;
        }
        Ok(Self::new(check, Self::CUSTOM, english, japanese))
    }

    /// The module of checks that files define.
    const CUSTOM: &'static str = "custom";

    /// Whether a file defines the check instead of this crate.
    #[must_use]
    pub fn is_custom(&self) -> bool {
        self.module == Self::CUSTOM
    }

    /// The same, of a check that runs only when an argument or the configuration names it: what it reports is true
    /// of nearly every account, and seldom worth changing.
    pub(crate) fn only_when_named(mut self) -> Self {
        self.runs_by_default = false;
        self
    }

    /// The same, with what the page's `{row.NAME}` stands for beside the texts that the page has of this check.
    pub(crate) fn with_facts(mut self, facts: Vec<(&'static str, String)>) -> Self {
        self.facts = facts;
        self
    }

    /// The page in that language.
    ///
    /// # Panics
    /// When the page is not well-formed, which a test over all pages rules out.
    #[must_use]
    pub fn page(&self, lang: Lang) -> &Page {
        let at = lang as usize;
        self.pages[at].get_or_init(|| {
            Page::of_row(self.text[at], self.check.id, &self.facts)
                .unwrap_or_else(|error| panic!("page of {}: {error}", self.check.id))
        })
    }
}

/// How many resources of each type pass.
pub type Passes = BTreeMap<&'static str, u64>;

/// Whether an account is one that the user trusts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// It is this one, one of its organization, or named in `trusted_accounts`.
    Trusted,
    /// It is none of these.
    Stranger,
    /// This account is a member of an organization, which lists its accounts only for its management account and
    /// delegated administrators.
    Undisclosed,
}

/// What a running check sees of the account, and where it leaves its judgements.
#[derive(Debug)]
pub struct Context<'a> {
    /// The account.
    pub snapshot: &'a Snapshot,
    /// Numbers to compare with, for the resource that is judged.
    pub settings: Current,
    /// What takes thinking, thought once for all checks.
    pub analyses: Rc<Analyses<'a>>,
    tuning: &'a Tuning,
    check: &'static Check,
    region: &'a str,
    keep_passed: bool,
    findings: Vec<Finding>,
    passes: Passes,
}

impl<'a> Context<'a> {
    /// Runs one check over an account.
    pub(crate) fn run(
        check: &'static Check,
        snapshot: &'a Snapshot,
        tuning: &'a Tuning,
        analyses: &Rc<Analyses<'a>>,
        keep_passed: bool,
    ) -> (Vec<Finding>, Passes) {
        let (findings, passes, analyses) = (Vec::new(), Passes::new(), Rc::clone(analyses));
        let settings = Current::base(tuning.base());
        let region = "";
        let mut context =
            Self { snapshot, settings, analyses, tuning, check, region, keep_passed, findings, passes };
        (check.run)(&mut context);
        (context.findings, context.passes)
    }

    /// Lets somebody else than a check look through an account as a check does, with the same settings for every
    /// resource: what was judged on the way, as findings of no check.
    pub fn visit(
        snapshot: &Snapshot,
        settings: &Settings,
        work: impl for<'b> FnOnce(&mut Context<'b>),
    ) -> Vec<Finding> {
        static NO_CHECK: Check = Check { id: "", severity: Severity::Info, sources: &[], run: |_| {} };
        let tuning = Tuning::from(settings.clone());
        let analyses = Rc::new(Analyses::of(snapshot));
        let mut context = Context {
            snapshot,
            settings: Current::base(tuning.base()),
            analyses,
            tuning: &tuning,
            check: &NO_CHECK,
            region: "",
            keep_passed: false,
            findings: Vec::new(),
            passes: Passes::new(),
        };
        work(&mut context);
        context.findings
    }

    /// The check that runs.
    #[must_use]
    pub fn check(&self) -> &'static Check {
        self.check
    }

    /// The ways of an attacker through the account.
    pub(crate) fn paths(&self) -> Arc<Paths> {
        self.analyses.paths(self.tuning)
    }

    /// The severity of the check that runs, for verdicts that move it.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.check.severity
    }

    /// Whole days from then until the scan began.
    #[must_use]
    pub fn days_since(&self, then: jiff::Timestamp) -> i64 {
        self.snapshot.started_at.duration_since(then).as_secs().div_euclid(86_400)
    }

    /// The account's organization, if it is in one.
    ///
    /// # Errors
    /// The gap, when that could not be read.
    pub fn organization(&self) -> Result<Option<&'a Organization>, NotJudged> {
        Ok(self.snapshot.organizations.organization.offered()?.and_then(Option::as_ref))
    }

    /// Whether an account is one that the user trusts.
    ///
    /// # Errors
    /// The gap, when it could not be read whether the account is of the organization.
    pub fn trust(&self, account: &str) -> Result<Trust, NotJudged> {
        trust(self.snapshot, &self.settings, account)
    }

    /// Judges each of a list of resources. A list that could not be read is one unknown finding, about the
    /// region's share of the service (or, outside regions, about the account).
    pub fn each<T: Judged + 'a>(
        &mut self,
        list: Result<impl IntoIterator<Item = &'a T>, NotJudged>,
        mut judge: impl FnMut(&Self, &'a T) -> Judgement,
    ) {
        match list {
            Ok(things) => {
                for thing in things {
                    self.one(thing, |cx| judge(cx, thing));
                }
            }
            Err(not_judged) => self.unread(T::TYPES, not_judged),
        }
    }

    /// Judges each of a list of resources by itself, also where some of the list could not be read: what could
    /// be is judged, and the rest is one unknown finding. Only for judgements that the list's other members do
    /// not change.
    pub fn each_known<T: Judged + 'a>(
        &mut self,
        list: &'a Collected<Vec<T>>,
        judge: impl FnMut(&Self, &'a T) -> Judgement,
    ) {
        self.each(Ok(list.known().into_iter().flatten()), judge);
        if let Err(not_judged) = list.get() {
            self.unread(T::TYPES, not_judged);
        }
    }

    /// Judges one resource, unless another account owns it. What is shared through AWS RAM is listed in the accounts
    /// that it is shared with, and only its owner can change it (VPC User Guide, "Responsibilities and permissions
    /// for owners and participants").
    pub fn one<T: Judged>(&mut self, thing: &T, judge: impl FnOnce(&Self) -> Judgement) {
        if thing.owner().is_some_and(|owner| owner != self.snapshot.account.id) {
            return;
        }
        let tags_known = thing.tags().is_some();
        let judgement = self.judged(tags_known, |place| Resource::of(thing, place), judge);
        self.record(judgement, &[thing.kind()], tags_known, |place| Resource::of(thing, place));
    }

    /// What a judge says with the settings that hold for the resource.
    fn judged(
        &mut self,
        tags_known: bool,
        resource: impl FnOnce(&Place<'_>) -> Resource,
        judge: impl FnOnce(&Self) -> Judgement,
    ) -> Judgement {
        let (tuning, check) = (self.tuning, self.check.id);
        let settings = match tuning.is_tuned(check) {
            true => tuning.settings(check, &resource(&self.place()), tags_known),
            false => Rc::clone(tuning.base()),
        };
        self.settings = Current::of(settings);
        let judgement = judge(self);
        self.settings = Current::base(tuning.base());
        judgement
    }

    /// Records that a list of resources could not be read, with the types that it can hold; the first names it.
    pub fn unread(&mut self, types: &[&'static str], why: NotJudged) {
        self.record(Err(why), types, false, |place| Resource::whole(types[0], place));
    }

    /// Judges the account as a whole or, inside [`Context::each_region`], the region's share of a service.
    /// The type is the CloudFormation type that fits best; `AWS::::Account` for the account itself.
    pub fn whole(&mut self, kind: &'static str, judge: impl FnOnce(&Self) -> Judgement) {
        let judgement = self.judged(false, |place| Resource::whole(kind, place), judge);
        self.record(judgement, &[kind], false, |place| Resource::whole(kind, place));
    }

    /// Does the same in every scanned region.
    pub fn each_region(&mut self, mut work: impl FnMut(&mut Self, &'a Region)) {
        for (name, region) in &self.snapshot.regions {
            self.region = name;
            work(self, region);
        }
        self.region = "";
    }

    /// Where the check is judging.
    #[must_use]
    pub fn place(&self) -> Place<'a> {
        let account = &self.snapshot.account;
        Place { partition: &account.partition, account: &account.id, region: self.region }
    }

    fn record(
        &mut self,
        judgement: Judgement,
        types: &[&'static str],
        tags_known: bool,
        resource: impl FnOnce(&Place<'_>) -> Resource,
    ) {
        if judgement.as_ref().is_ok_and(crate::finding::Verdict::passes) {
            *self.passes.entry(types[0]).or_default() += 1;
            // Most resources of most accounts pass most checks: count them without naming them.
            if !self.keep_passed {
                return;
            }
        }
        let place = self.place();
        let finding = Finding::new(self.check.id, self.check.severity, judgement, types, || resource(&place));
        if let Some(mut finding) = finding {
            finding.tags_known = tags_known;
            // Two lists of one kind of resource that both could not be read are one unknown, not two.
            let same = |last: &Finding| last.status == finding.status && last.resource == finding.resource;
            if finding.status == Status::Unknown && self.findings.last().is_some_and(same) {
                return;
            }
            self.findings.push(finding);
        }
    }
}

/// Whether an account is one that the user trusts.
///
/// # Errors
/// The gap, when it could not be read whether the account is of the organization.
pub(crate) fn trust(snapshot: &Snapshot, settings: &Settings, account: &str) -> Result<Trust, NotJudged> {
    if account == snapshot.account.id || settings.trusted_accounts.iter().any(|it| it == account) {
        return Ok(Trust::Trusted);
    }
    let organizations = &snapshot.organizations;
    let members = organizations.accounts.offered().map(|members| members.and_then(Option::as_ref));
    if let Ok(Some(members)) = members {
        let is_member = members.iter().any(|member| member == account);
        return Ok(if is_member { Trust::Trusted } else { Trust::Stranger });
    }
    match organizations.organization.offered()?.and_then(Option::as_ref) {
        None => Ok(Trust::Stranger),
        Some(organization) if organization.management_account == account => Ok(Trust::Trusted),
        Some(_) => members.map(|_| Trust::Undisclosed),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use crate::{
        finding::Status,
        gap::{Collected, Gap},
        registry,
        settings::Settings,
        snapshot::{Snapshot, dynamodb::Table},
        testing::{empty, findings, read, region},
    };

    fn list<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> Collected<Vec<T>> {
        read(serde_json::from_value(value).unwrap())
    }

    /// An account in which `owner` owns one of each thing that AWS RAM shares, or that participants in a shared VPC
    /// see, all of them set up badly.
    fn owned_by(owner: &str) -> Snapshot {
        let mut account = empty();
        let ec2 = &mut region(&mut account).ec2;
        let open = json!({"protocol": "-1", "ports": null, "cidrs": ["0.0.0.0/0", "52.0.0.0/8"], "prefix_lists": [], "groups": []});
        ec2.vpcs = list(
            json!([{"id": "vpc-1", "is_default": false, "cidrs": ["10.0.0.0/16"], "owner": owner, "tags": {}}]),
        );
        ec2.subnets = list(json!([{"id": "subnet-1", "vpc": "vpc-1", "cidrs": ["10.0.0.0/24"],
            "private_ipv6_cidrs": [], "map_public_ip_on_launch": true, "assign_ipv6_address_on_creation": true,
            "block_public_access": "off", "owner": owner, "tags": {}}]));
        ec2.route_tables = list(json!([{"id": "rtb-1", "vpc": "vpc-1", "is_main": true, "subnets": [],
            "routes": [{"destination": "10.8.0.0/16", "target": "pcx-1", "state": "active"}], "owner": owner, "tags": {}}]));
        let entry = |number, egress, allow| {
            json!({"number": number, "egress": egress, "allow": allow, "protocol": "-1", "cidr": "0.0.0.0/0",
                   "ports": null, "icmp": null})
        };
        let entries = [entry(100, false, true), entry(200, false, false), entry(100, true, true)];
        ec2.network_acls = list(json!([{"id": "acl-1", "vpc": "vpc-1", "is_default": false,
            "subnets": ["subnet-1"], "entries": entries, "owner": owner, "tags": {}},
            {"id": "acl-2", "vpc": "vpc-1", "is_default": false, "subnets": [], "entries": [], "owner": owner, "tags": {}}]));
        let group = |id, name| json!({"id": id, "name": name, "vpc": "vpc-1", "ingress": [open], "egress": [open], "owner": owner, "tags": {}});
        ec2.security_groups = list(json!([group("sg-1", "default"), group("sg-2", "web")]));
        ec2.vpc_endpoints = list(json!([{"id": "vpce-1", "kind": "Interface",
            "service": "com.amazonaws.eu-west-1.s3", "vpc": "vpc-1", "state": "available", "policy": null,
            "security_groups": ["sg-2"], "owner": owner, "tags": {}}]));
        ec2.images = list(json!([{"id": "ami-1", "name": null, "owner": owner, "public": true}]));
        account
    }

    /// Kinds of the resources among them that some check reports.
    fn reported(owner: &str) -> BTreeSet<String> {
        let account = owned_by(owner);
        let all = registry::all().flat_map(|entry| findings(entry.check, &account));
        let names = ["vpc-", "subnet-", "rtb-", "acl-", "sg-", "vpce-", "ami-"];
        let about = all.filter(|finding| names.iter().any(|name| finding.resource.id.starts_with(name)));
        about.map(|finding| finding.resource.kind).collect()
    }

    #[test]
    fn what_another_account_owns_is_not_reported_by_any_check() {
        let kinds = ["Image", "NetworkAcl", "RouteTable", "SecurityGroup", "Subnet", "VPC", "VPCEndpoint"];
        let own = reported("111122223333");
        assert_eq!(own, kinds.map(|kind| format!("AWS::EC2::{kind}")).into());
        assert_eq!(reported("444455556666"), BTreeSet::new());
    }

    #[test]
    fn an_unread_member_is_unknown_and_the_others_are_judged_by_themselves() {
        let gap = Gap::unreadable(
            crate::snapshot::dynamodb::op::ListTables,
            Some("eu-west-1"),
            None,
            "item 2 lacks a name",
        );
        let mut account = empty();
        let tables = vec![Table { name: "read".into() }];
        region(&mut account).dynamodb.tables = Collected::Part { value: tables, gap: gap.clone() };
        region(&mut account).dynamodb.point_in_time_recovery =
            Collected::Value([("read".to_owned(), Collected::Value(true))].into());
        let check = registry::find("dynamodb-point-in-time-recovery").unwrap();
        let findings = registry::evaluate(&[check], &account, &Settings::default(), true).findings;
        let reported: Vec<_> = findings.iter().map(|it| (it.status, it.gaps.clone())).collect();
        assert!(reported.contains(&(Status::Pass, vec![])), "{findings:#?}");
        assert!(reported.contains(&(Status::Unknown, vec![gap])), "{findings:#?}");
        assert_eq!(reported.len(), 2);
    }
}
