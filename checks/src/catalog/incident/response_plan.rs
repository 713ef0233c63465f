use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::{self, NotJudged},
    snapshot::incident::{Incident, ResponsePlan},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "incident-response-plan",
    severity: Severity::Low,
    sources: &[Source::IncidentResponsePlans, Source::IncidentContacts, Source::SecurityIrMemberships],
    run: |cx| {
        let snapshot = cx.snapshot;
        cx.whole("AWS::::Account", |_| {
            let mut idle = Vec::new();
            let regions = snapshot.regions.values();
            let some_works = gap::any(regions.map(|region| works(&region.incident, &mut idle)))?;
            Ok(if some_works { Verdict::pass() } else { Verdict::fail().with("plans", idle) })
        });
    },
};

/// Whether something of the region's preparations would do something: a membership, a plan with a runbook, or
/// one that engages somebody with an activated channel. Names of plans that do nothing are noted.
fn works<'a>(incident: &'a Incident, idle: &mut Vec<&'a str>) -> Result<bool, NotJudged> {
    let is_member = incident.memberships.get().map(|memberships| !memberships.is_empty());
    if is_member == Ok(true) {
        return is_member;
    }
    let plans = incident.response_plans.get().and_then(|plans| {
        gap::any(plans.iter().map(|plan| {
            let works = plan_works(plan, incident)?;
            if !works {
                idle.push(&plan.name);
            }
            Ok(works)
        }))
    });
    gap::any([is_member, plans])
}

fn plan_works(plan: &ResponsePlan, incident: &Incident) -> Result<bool, NotJudged> {
    let details = plan.details.get()?;
    if details.has_action {
        return Ok(true);
    }
    gap::any(details.engagements.iter().map(|engaged| {
        let contact = incident.contacts.get()?.iter().find(|contact| contact.arn == *engaged);
        // Escalation plans have no channels of their own; a contact of another account is not listed.
        let Some(contact) = contact else { return Ok(true) };
        Ok(contact.active_channels.get()?.is_none_or(|channels| channels > 0))
    }))
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        gap::Collected,
        snapshot::{
            Snapshot,
            incident::{Contact, ResponsePlan, ResponsePlanDetails},
        },
        testing::{denied, empty, fails, passes, read, region, unknown},
    };

    fn with_plan(action: bool, channels: u64) -> Snapshot {
        let mut account = empty();
        let incident = &mut region(&mut account).incident;
        incident.response_plans = read(vec![ResponsePlan {
            name: "breach".into(),
            details: read(ResponsePlanDetails {
                engagements: vec!["arn:contact".into()],
                has_action: action,
            }),
            ..ResponsePlan::default()
        }]);
        incident.contacts = read(vec![Contact {
            arn: "arn:contact".into(),
            kind: "PERSONAL".into(),
            active_channels: read(Some(channels)),
        }]);
        account
    }

    fn with_membership() -> Snapshot {
        let mut account = empty();
        region(&mut account).incident.memberships = read(vec!["m-1".into()]);
        account
    }

    #[test]
    fn fails_without_a_plan_that_works() {
        fails(&CHECK, &empty());
        fails(&CHECK, &with_plan(false, 0));
    }

    #[test]
    fn passes_with_one() {
        passes(&CHECK, &with_plan(true, 0));
        passes(&CHECK, &with_plan(false, 1));
        passes(&CHECK, &with_membership());
    }

    #[test]
    fn where_there_are_no_plans_memberships_decide() {
        let mut account = empty();
        region(&mut account).incident.response_plans = Collected::NotOffered;
        region(&mut account).incident.memberships = denied();
        unknown(&CHECK, &account);
        region(&mut account).incident.memberships = Collected::NotOffered;
        fails(&CHECK, &account);
    }

    #[test]
    fn a_plan_that_works_is_found_behind_one_that_is_not_readable() {
        let mut account = with_plan(true, 0);
        let Collected::Value(plans) = &mut region(&mut account).incident.response_plans else {
            unreachable!()
        };
        plans.insert(0, ResponsePlan { details: denied(), ..ResponsePlan::default() });
        passes(&CHECK, &account);
        let Collected::Value(plans) = &mut region(&mut account).incident.response_plans else {
            unreachable!()
        };
        plans.pop();
        unknown(&CHECK, &account);
    }
}
