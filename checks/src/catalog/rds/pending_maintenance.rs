use serde_json::json;

use super::{each_cluster, each_own_or_member};
use crate::{
    check::{Check, Context},
    finding::{Judgement, Severity, Verdict},
    index::Index,
    snapshot::rds::PendingMaintenance,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "rds-pending-maintenance",
    severity: Severity::Low,
    sources: &[Source::RdsInstances, Source::RdsClusters, Source::RdsPendingMaintenance],
    run: |cx| {
        cx.each_region(|cx, region| {
            let pending = Index::of(&region.rds.pending_maintenance, |action| &action.resource_arn);
            // Updates of a cluster's operating system wait at its instances.
            each_own_or_member(cx, region, |cx, instance| judged(cx, &pending, &instance.arn));
            each_cluster(cx, region, |cx, cluster| judged(cx, &pending, &cluster.arn));
        });
    },
};

fn judged(cx: &Context<'_>, pending: &Index<'_, PendingMaintenance>, arn: &str) -> Judgement {
    let overdue = pending.all(arn)?.iter().filter_map(|action| {
        let dates = [action.auto_applied_after, action.forced_apply];
        let due = dates.into_iter().flatten().min().filter(|due| *due < cx.snapshot.started_at)?;
        Some((action, due))
    });
    let overdue: Vec<_> = overdue.collect();
    let Some((action, due)) = overdue.first() else { return Ok(Verdict::pass()) };
    // The fix command is there for each of them.
    let all: Vec<_> = overdue.iter().map(|(action, _)| json!({"action": action.action})).collect();
    let verdict = Verdict::fail()
        .with("overdue", all)
        .with("action", &action.action)
        .with("description", &action.description)
        .with("due", due);
    Ok(if action.description.is_empty() { verdict.told_as("undescribed") } else { verdict })
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        gap::Collected,
        page::Lang,
        registry,
        snapshot::{
            Snapshot,
            rds::{DbInstance, PendingMaintenance},
        },
        testing::{ago, empty, fails, passes, read, region},
    };

    fn with_due(days: Option<i64>) -> Snapshot {
        let mut account = empty();
        let rds = &mut region(&mut account).rds;
        rds.instances =
            read(vec![DbInstance { id: "db".into(), arn: "arn:db".into(), ..DbInstance::default() }]);
        rds.pending_maintenance = read(vec![PendingMaintenance {
            resource_arn: "arn:db".into(),
            action: "system-update".into(),
            auto_applied_after: days.map(ago),
            ..PendingMaintenance::default()
        }]);
        account
    }

    #[test]
    fn fails_when_overdue() {
        fails(&CHECK, &with_due(Some(1)));
    }

    #[test]
    fn the_fix_applies_every_action_that_is_overdue() {
        let mut account = with_due(Some(1));
        let Collected::Value(pending) = &mut region(&mut account).rds.pending_maintenance else { panic!() };
        let due = |action: &str, days| PendingMaintenance {
            action: action.into(),
            auto_applied_after: Some(ago(days)),
            ..pending[0].clone()
        };
        pending.extend([due("db-upgrade", 2), due("ca-certificate-rotation", -2)]);
        let command = registry::find(CHECK.id).unwrap().page(Lang::En).command(&fails(&CHECK, &account));
        let apply =
            "aws rds apply-pending-maintenance-action --region eu-west-1 --resource-identifier arn:db";
        let of = |action| format!("{apply} --apply-action {action} --opt-in-type next-maintenance");
        assert_eq!(command.unwrap(), [of("system-update"), of("db-upgrade")].join(" && "));
    }

    #[test]
    fn fails_when_a_member_of_a_cluster_is() {
        let mut account = with_due(Some(1));
        let member = DbInstance {
            id: "db".into(),
            arn: "arn:db".into(),
            engine: "aurora-mysql".into(),
            cluster: Some("events".into()),
            ..DbInstance::default()
        };
        region(&mut account).rds.instances = read(vec![member]);
        fails(&CHECK, &account);
    }

    #[test]
    fn passes_when_not() {
        passes(&CHECK, &with_due(Some(-1)));
        passes(&CHECK, &with_due(None));
    }
}
