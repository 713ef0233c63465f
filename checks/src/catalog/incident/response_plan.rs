use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    snapshot::incident::Incident,
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
    if incident.memberships.get().is_ok_and(|memberships| !memberships.is_empty()) {
        return Ok(true);
    }
    for plan in incident.response_plans.get()? {
        let details = plan.details.get()?;
        if details.has_action {
            return Ok(true);
        }
        for engaged in &details.engagements {
            let contact = incident.contacts.get()?.iter().find(|contact| contact.arn == *engaged);
            // Escalation plans have no channels of their own; a contact of another account is not listed.
            let channels = match contact {
                Some(contact) => *contact.active_channels.get()?,
                None => None,
            };
            if channels.is_none_or(|channels| channels > 0) {
                return Ok(true);
            }
        }
        idle.push(&plan.name);
    }
    incident.memberships.get()?;
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
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
                has_chat_channel: false,
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
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).incident.response_plans = denied();
        unknown(&CHECK, &account);
    }
}
