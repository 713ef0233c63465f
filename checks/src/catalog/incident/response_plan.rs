use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
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
            let (mut plans, mut unread) = (Vec::new(), None);
            for region in snapshot.regions.values() {
                match works(&region.incident, &mut plans) {
                    Ok(true) => return Ok(Verdict::pass()),
                    Ok(false) => {}
                    Err(NotJudged::NotApplicable) => {}
                    Err(why) => unread = Some(why),
                }
            }
            unread.map_or_else(|| Ok(Verdict::fail().with("plans", plans)), Err)
        });
    },
};

/// Whether something of the region's preparations would do something: a membership, a plan with a runbook, or
/// one that engages somebody with an activated channel. Names of plans that do nothing are noted.
fn works<'a>(incident: &'a Incident, idle: &mut Vec<&'a str>) -> Result<bool, NotJudged> {
    let mut unread = None;
    match incident.memberships.get() {
        Ok(memberships) if !memberships.is_empty() => return Ok(true),
        Ok(_) | Err(NotJudged::NotApplicable) => {}
        Err(why) => unread = Some(why),
    }
    let plans = match incident.response_plans.get() {
        Ok(plans) => plans.as_slice(),
        Err(NotJudged::NotApplicable) => &[],
        Err(why) => return Err(why),
    };
    for plan in plans {
        match plan_works(plan, incident) {
            Ok(true) => return Ok(true),
            Ok(false) => idle.push(&plan.name),
            Err(NotJudged::NotApplicable) => {}
            Err(why) => unread = Some(why),
        }
    }
    unread.map_or(Ok(false), Err)
}

fn plan_works(plan: &ResponsePlan, incident: &Incident) -> Result<bool, NotJudged> {
    let details = plan.details.get()?;
    if details.has_action {
        return Ok(true);
    }
    let mut unread = None;
    for engaged in &details.engagements {
        let contact = incident.contacts.get()?.iter().find(|contact| contact.arn == *engaged);
        // Escalation plans have no channels of their own; a contact of another account is not listed.
        match contact.map_or(Ok(&None), |contact| contact.active_channels.get()) {
            Ok(channels) if channels.is_none_or(|channels| channels > 0) => return Ok(true),
            Ok(_) => {}
            Err(why) => unread = Some(why),
        }
    }
    unread.map_or(Ok(false), Err)
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
    fn unknown_when_memberships_are_not_readable_whatever_else_is() {
        let mut account = empty();
        region(&mut account).incident.memberships = denied();
        unknown(&CHECK, &account);
        region(&mut account).incident.response_plans = Collected::NotOffered;
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
