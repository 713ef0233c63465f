use crate::{
    check::Check,
    finding::{Severity, Verdict},
    snapshot::ec2::FlowLog,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "vpc-flow-logs",
    severity: Severity::Medium,
    sources: &[Source::Ec2Vpcs, Source::Ec2FlowLogs],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.ec2.vpcs.get(), |_, vpc| {
                let flow_logs = region.ec2.flow_logs.get()?;
                let logs: Vec<_> =
                    flow_logs.iter().filter(|log| log.resource == vpc.id && is_active(log)).collect();
                if logs.iter().any(|log| sees_rejects(log) && is_delivered(log)) {
                    return Ok(Verdict::pass());
                }
                let verdict = Verdict::fail().with("flow_logs", &logs);
                Ok(match logs.iter().find(|log| sees_rejects(log)).or(logs.first()) {
                    None => verdict,
                    Some(log) => {
                        let why = if is_delivered(log) { "accepted_only" } else { "undelivered" };
                        verdict.told_as(why).with("flow_log", &log.id)
                    }
                })
            });
        });
    },
};

fn is_active(log: &FlowLog) -> bool {
    log.status == "ACTIVE"
}

/// EC2.6 and CIS 4.7 ask for rejected traffic, which `ALL` has, too.
fn sees_rejects(log: &FlowLog) -> bool {
    ["ALL", "REJECT"].contains(&log.traffic_type.as_str())
}

/// A new flow log has no delivery status yet; one that CloudWatch Logs throttles loses some records only.
fn is_delivered(log: &FlowLog) -> bool {
    log.delivery_status.as_deref() != Some("FAILED") || log.delivery_error.as_deref() == Some("Rate limited")
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{
            Snapshot,
            ec2::{FlowLog, Vpc},
        },
        testing::{empty, fails, passes, read, region, silent},
    };

    fn log(resource: &str, traffic_type: &str, delivery_status: Option<&str>) -> FlowLog {
        FlowLog {
            id: format!("fl-{traffic_type}"),
            resource: resource.into(),
            status: "ACTIVE".into(),
            traffic_type: traffic_type.into(),
            delivery_status: delivery_status.map(Into::into),
            delivery_error: delivery_status
                .filter(|status| *status == "FAILED")
                .map(|_| "Access error".into()),
        }
    }

    fn with_logs(flow_logs: Vec<FlowLog>) -> Snapshot {
        let mut account = empty();
        let ec2 = &mut region(&mut account).ec2;
        ec2.vpcs = read(vec![Vpc {
            id: "vpc-1".into(),
            is_default: false,
            cidrs: vec!["10.0.0.0/16".into()],
            owner: Some("111122223333".into()),
            tags: [].into(),
        }]);
        ec2.flow_logs = read(flow_logs);
        account
    }

    #[test]
    fn fails_without_a_flow_log() {
        let finding = fails(&CHECK, &with_logs(vec![]));
        assert_eq!(finding.resource.id, "vpc-1");
        assert_eq!(finding.variant, None);
    }

    #[test]
    fn fails_when_only_something_else_is_logged() {
        let others = vec![log("vpc-2", "ALL", None), log("subnet-1", "ALL", None), log("eni-1", "ALL", None)];
        fails(&CHECK, &with_logs(others));
    }

    #[test]
    fn fails_when_nothing_is_delivered() {
        let finding = fails(&CHECK, &with_logs(vec![log("vpc-1", "ALL", Some("FAILED"))]));
        assert_eq!(finding.variant, Some("undelivered"));
        assert_eq!(finding.evidence["flow_logs"][0]["delivery_error"], "Access error");
    }

    #[test]
    fn fails_when_rejected_traffic_is_not_logged() {
        let accepted = || log("vpc-1", "ACCEPT", Some("SUCCESS"));
        let finding = fails(&CHECK, &with_logs(vec![accepted()]));
        assert_eq!(finding.variant, Some("accepted_only"));
        let finding = fails(&CHECK, &with_logs(vec![accepted(), log("vpc-1", "REJECT", Some("FAILED"))]));
        assert_eq!(finding.variant, Some("undelivered"));
        assert_eq!(finding.evidence["flow_log"], "fl-REJECT");
    }

    #[test]
    fn fails_when_the_flow_log_is_not_active() {
        let inactive = FlowLog { status: "INACTIVE".into(), ..log("vpc-1", "ALL", None) };
        fails(&CHECK, &with_logs(vec![inactive]));
    }

    #[test]
    fn passes_when_rejected_traffic_is_logged() {
        passes(&CHECK, &with_logs(vec![log("vpc-1", "ALL", Some("SUCCESS"))]));
        passes(&CHECK, &with_logs(vec![log("vpc-1", "REJECT", None)]));
        passes(&CHECK, &with_logs(vec![log("vpc-1", "REJECT", Some("FAILED")), log("vpc-1", "ALL", None)]));
    }

    #[test]
    fn passes_when_some_records_are_throttled() {
        let throttled =
            FlowLog { delivery_error: Some("Rate limited".into()), ..log("vpc-1", "ALL", Some("FAILED")) };
        passes(&CHECK, &with_logs(vec![throttled]));
    }

    #[test]
    fn says_nothing_of_vpcs_of_other_accounts() {
        let mut account = with_logs(vec![]);
        if let crate::gap::Collected::Value(vpcs) = &mut region(&mut account).ec2.vpcs {
            vpcs[0].owner = Some("444455556666".into());
        }
        silent(&CHECK, &account);
        silent(&CHECK, &empty());
    }
}
