use std::collections::BTreeSet;

use super::administers;
use crate::{
    check::{Check, Context},
    finding::{Severity, Verdict},
    gap::{self, NotJudged},
    snapshot::{
        Region,
        identity_center::{Assignee, IdentityCenter, PermissionSet},
    },
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "organization-permission-set-management-account",
    severity: Severity::Medium,
    sources: &[
        Source::IdentityCenterPermissionSets,
        Source::IdentityCenterAssignees,
        Source::IamAuthorization,
    ],
    run: |cx| {
        cx.each_region(|cx, region: &Region| {
            let identity_center = &region.identity_center;
            cx.each_known(&identity_center.permission_sets, |cx, set| {
                if !administers(cx, set)? {
                    return Err(NotJudged::NotApplicable);
                }
                let here = &cx.snapshot.account.id;
                let has_it_here = |assignee: &&Assignee| {
                    assignee.assignments.get(&set.arn).is_some_and(|accounts| accounts.contains(here))
                };
                let holders: Vec<_> = identity_center.assignees.get()?.iter().filter(has_it_here).collect();
                if holders.is_empty() {
                    return Err(NotJudged::NotApplicable);
                }
                let mut is_undecided = false;
                let elsewhere = holders.iter().map(|assignee| {
                    let accounts = administered(cx, identity_center, assignee);
                    is_undecided |= accounts == Err(NotJudged::NotApplicable);
                    accounts.map(|accounts| (!accounts.is_empty()).then_some((*assignee, accounts)))
                });
                let elsewhere: Vec<_> = gap::collect(elsewhere)?;
                // What policies of other accounts allow is not known from here.
                if elsewhere.is_empty() && is_undecided {
                    return Err(NotJudged::NotApplicable);
                }
                let accounts: BTreeSet<_> = elsewhere.iter().flat_map(|(_, accounts)| accounts).collect();
                let assignees: Vec<_> = elsewhere.iter().map(|(assignee, _)| &assignee.id).collect();
                Ok(Verdict::fail_if(!elsewhere.is_empty())
                    .with("assigned", holders.len())
                    .with("count", elsewhere.len())
                    .with("assignees", assignees)
                    .with("account_count", accounts.len()))
            });
        });
    },
};

/// The accounts, but for this one, that the user or group surely administers.
///
/// # Errors
/// Where there are none: what could not be read, or [`NotJudged::NotApplicable`] if it rests on policies of these
/// accounts' own.
fn administered<'a>(
    cx: &Context<'a>,
    identity_center: &'a IdentityCenter,
    assignee: &'a Assignee,
) -> Result<BTreeSet<&'a str>, NotJudged> {
    let sets = &identity_center.permission_sets;
    let mut is_undecided = false;
    let of_sets = assignee.assignments.iter().map(|(arn, accounts)| {
        let others = || accounts.iter().map(String::as_str).filter(|it| *it != cx.snapshot.account.id);
        if others().next().is_none() {
            return Ok(Vec::new());
        }
        let is_it = |set: &&PermissionSet| set.arn == *arn;
        let administers = match sets.known().into_iter().flatten().find(is_it) {
            Some(set) => {
                let answer = administers(cx, set);
                is_undecided |= answer == Err(NotJudged::NotApplicable);
                answer
            }
            // Gone by now, where all could be read.
            None => sets.get().map(|_| false),
        };
        Ok(if administers? { others().collect() } else { Vec::new() })
    });
    let accounts: BTreeSet<_> = gap::collect(of_sets)?.into_iter().collect();
    if accounts.is_empty() && is_undecided { Err(NotJudged::NotApplicable) } else { Ok(accounts) }
}

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{HERE, MEMBER, administrator, group, set, with_sets},
        CHECK,
    };
    use crate::{
        gap::Collected,
        snapshot::identity_center::PermissionSet,
        testing::{denied, fails, findings, passes, region, silent, unknown},
    };

    #[test]
    fn fails_of_groups_that_administer_members_too() {
        let (hub, everyday) = (administrator("Hub"), administrator("Everyday"));
        // With the one permission set, or with another.
        let same = group("g-1", &[(&everyday, &[HERE, MEMBER, "777788889999"])]);
        let finding = fails(&CHECK, &with_sets(vec![everyday.clone()], vec![same]));
        assert_eq!(finding.resource.name.as_deref(), Some("Everyday"));
        assert_eq!((&finding.evidence["count"], &finding.evidence["account_count"]), (&1.into(), &2.into()));
        let other = group("g-1", &[(&hub, &[HERE]), (&everyday, &[MEMBER])]);
        let finding = fails(&CHECK, &with_sets(vec![hub.clone(), everyday.clone()], vec![other]));
        assert_eq!(
            (finding.resource.name.as_deref(), &finding.evidence["assignees"][0]),
            (Some("Hub"), &"g-1".into())
        );
        // One of two is enough.
        let alone = group("g-2", &[(&hub, &[HERE])]);
        let both = group("g-3", &[(&hub, &[HERE, MEMBER])]);
        let finding = fails(&CHECK, &with_sets(vec![hub], vec![alone, both]));
        assert_eq!((&finding.evidence["assigned"], &finding.evidence["count"]), (&2.into(), &1.into()));
    }

    #[test]
    fn passes_where_administrators_of_the_management_account_do_nothing_else() {
        let (hub, read_only) = (administrator("Hub"), set("ReadOnly"));
        let alone = group("g-1", &[(&hub, &[HERE]), (&read_only, &[MEMBER])]);
        passes(&CHECK, &with_sets(vec![hub, read_only], vec![alone]));
    }

    #[test]
    fn says_nothing_where_it_gives_no_administration_here() {
        let (everyday, read_only) = (administrator("Everyday"), set("ReadOnly"));
        silent(&CHECK, &with_sets(vec![everyday.clone()], vec![]));
        let members = group("g-1", &[(&everyday, &[MEMBER]), (&read_only, &[HERE])]);
        silent(&CHECK, &with_sets(vec![everyday, read_only], vec![members]));
    }

    #[test]
    fn says_nothing_where_policies_of_other_accounts_decide() {
        let hub = administrator("Hub");
        let theirs = PermissionSet { customer_managed_policies: vec!["/theirs".into()], ..set("Theirs") };
        let holder = group("g-1", &[(&hub, &[HERE]), (&theirs, &[MEMBER])]);
        let mut account = with_sets(vec![hub, theirs], vec![holder]);
        account.iam.authorization = crate::testing::read(crate::snapshot::iam::Authorization::default());
        silent(&CHECK, &account);
    }

    #[test]
    fn what_cannot_be_read_may_administer_members() {
        let hub = administrator("Hub");
        let broken = PermissionSet { inline_policy: Some("{".into()), ..set("Broken") };
        let holder = group("g-1", &[(&hub, &[HERE]), (&broken, &[MEMBER])]);
        let account = with_sets(vec![hub.clone(), broken.clone()], vec![holder.clone()]);
        assert_eq!(findings(&CHECK, &account).len(), 2, "the broken one is unknown by itself");
        assert!(findings(&CHECK, &account).iter().all(|it| it.status == crate::finding::Status::Unknown));
        // Of a list that is not whole, the others may be anything.
        let mut account = with_sets(vec![hub.clone()], vec![holder]);
        passes(&CHECK, &account);
        let Collected::Gap(gap) = denied::<()>() else { unreachable!() };
        region(&mut account).identity_center.permission_sets = Collected::Part { value: vec![hub], gap };
        assert!(findings(&CHECK, &account).iter().all(|it| it.status == crate::finding::Status::Unknown));
        let mut account = with_sets(vec![administrator("Hub")], vec![]);
        region(&mut account).identity_center.assignees = denied();
        unknown(&CHECK, &account);
    }
}
