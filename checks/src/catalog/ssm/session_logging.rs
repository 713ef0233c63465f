use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ssm-session-logging",
    severity: Severity::Low,
    sources: &[Source::SsmManagedNodes, Source::SsmSessionPreferences],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.whole("AWS::SSM::Document", |_| {
                // Where no node is, no session can be.
                let nodes = region.ssm.managed_nodes.get()?.len();
                if nodes == 0 {
                    return Err(NotJudged::NotApplicable);
                }
                let preferences = region.ssm.session_preferences.get()?;
                let logged = preferences.s3_bucket.is_some() || preferences.cloudwatch_log_group.is_some();
                Ok(Verdict::fail_if(!logged).with("managed_nodes", nodes))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{
            Snapshot,
            ssm::{ManagedNode, SessionPreferences},
        },
        testing::{empty, fails, passes, read, region, silent},
    };

    fn with(s3_bucket: Option<&str>, log_group: Option<&str>) -> Snapshot {
        let mut account = empty();
        let ssm = &mut region(&mut account).ssm;
        ssm.managed_nodes = read(vec![ManagedNode {
            id: "i-1".into(),
            ping_status: "Online".into(),
            agent_version: "3.3".into(),
            platform: "Linux".into(),
            platform_name: String::new(),
        }]);
        ssm.session_preferences = read(SessionPreferences {
            s3_bucket: s3_bucket.map(Into::into),
            cloudwatch_log_group: log_group.map(Into::into),
        });
        account
    }

    #[test]
    fn fails_when_sessions_are_logged_nowhere() {
        let finding = fails(&CHECK, &with(None, None));
        assert_eq!(
            (finding.resource.id.as_str(), &finding.evidence["managed_nodes"]),
            ("eu-west-1", &1.into())
        );
    }

    #[test]
    fn passes_when_logged_to_either() {
        passes(&CHECK, &with(Some("logs"), None));
        passes(&CHECK, &with(None, Some("sessions")));
    }

    #[test]
    fn says_nothing_without_managed_nodes() {
        silent(&CHECK, &empty());
    }
}
