use super::chain;
use crate::{
    analysis::record, check::Check, finding::Severity, gap::NotJudged, snapshot::organizations::Organization,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "cloudwatch-alarm-organization-changes",
    severity: Severity::Low,
    sources: &[
        Source::Organization,
        Source::CloudTrailTrails,
        Source::LogsMetricFilters,
        Source::CloudWatchAlarms,
        Source::SnsTopics,
    ],
    run: |cx| {
        cx.whole("AWS::CloudWatch::Alarm", |cx| {
            // Members can do little of this but leave.
            let organization = cx.snapshot.organizations.organization.get()?;
            let manages = |it: &Organization| it.management_account == cx.snapshot.account.id;
            if !organization.as_ref().is_some_and(manages) {
                return Err(NotJudged::NotApplicable);
            }
            chain(cx.snapshot, &EVENTS.map(|name| record::call(cx.snapshot, "organizations", name)), 1)
        });
    },
};

/// The events that the control names.
const EVENTS: [&str; 18] = [
    "AcceptHandshake",
    "AttachPolicy",
    "CreateAccount",
    "CreateOrganizationalUnit",
    "CreatePolicy",
    "DeclineHandshake",
    "DeleteOrganization",
    "DeleteOrganizationalUnit",
    "DeletePolicy",
    "DetachPolicy",
    "DisablePolicyType",
    "EnablePolicyType",
    "InviteAccountToOrganization",
    "LeaveOrganization",
    "MoveAccount",
    "RemoveAccountFromOrganization",
    "UpdateOrganizationalUnit",
    "UpdatePolicy",
];

#[cfg(test)]
mod tests {
    use super::{super::testing, CHECK};
    use crate::{
        snapshot::{Snapshot, organizations::Organization},
        testing::{denied, fails, passes, read, region, silent, unknown},
    };

    const PATTERN: &str = r#"{ ($.eventSource = organizations.amazonaws.com) && (($.eventName = AcceptHandshake) || ($.eventName = AttachPolicy) || ($.eventName = CreateAccount) || ($.eventName = CreateOrganizationalUnit) || ($.eventName = CreatePolicy) || ($.eventName = DeclineHandshake) || ($.eventName = DeleteOrganization) || ($.eventName = DeleteOrganizationalUnit) || ($.eventName = DeletePolicy) || ($.eventName = DetachPolicy) || ($.eventName = DisablePolicyType) || ($.eventName = EnablePolicyType) || ($.eventName = InviteAccountToOrganization) || ($.eventName = LeaveOrganization) || ($.eventName = MoveAccount) || ($.eventName = RemoveAccountFromOrganization) || ($.eventName = UpdateOrganizationalUnit) || ($.eventName = UpdatePolicy)) }"#;
    const TOO_NARROW: &str = r#"{ ($.eventSource = organizations.amazonaws.com) && (($.eventName = AttachPolicy) || ($.eventName = CreateAccount) || ($.eventName = CreateOrganizationalUnit) || ($.eventName = CreatePolicy) || ($.eventName = DeclineHandshake) || ($.eventName = DeleteOrganization) || ($.eventName = DeleteOrganizationalUnit) || ($.eventName = DeletePolicy) || ($.eventName = DetachPolicy) || ($.eventName = DisablePolicyType) || ($.eventName = EnablePolicyType) || ($.eventName = InviteAccountToOrganization) || ($.eventName = LeaveOrganization) || ($.eventName = MoveAccount) || ($.eventName = RemoveAccountFromOrganization) || ($.eventName = UpdateOrganizationalUnit) || ($.eventName = UpdatePolicy)) }"#;

    fn with_filter(pattern: &str) -> Snapshot {
        let mut account = testing::with_filter(pattern);
        account.organizations.organization = read(Some(Organization {
            id: "o-example".into(),
            management_account: account.account.id.clone(),
        }));
        account
    }

    #[test]
    fn passes_when_the_chain_is_complete() {
        passes(&CHECK, &with_filter(PATTERN));
    }

    #[test]
    fn fails_when_an_event_is_missed() {
        fails(&CHECK, &with_filter(TOO_NARROW));
        let mut account = with_filter(PATTERN);
        region(&mut account).cloudtrail.trails = read(vec![]);
        fails(&CHECK, &account);
    }

    #[test]
    fn is_for_management_accounts() {
        let mut account = with_filter(TOO_NARROW);
        account.account.id = "444455556666".into();
        silent(&CHECK, &account);
        account.organizations.organization = read(None);
        silent(&CHECK, &account);
        account.organizations.organization = denied();
        unknown(&CHECK, &account);
    }
}
