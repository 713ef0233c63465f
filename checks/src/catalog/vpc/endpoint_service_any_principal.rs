use crate::{
    analysis::{policy::account_of, trust::account_named},
    check::{Check, Context, Trust},
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "vpc-endpoint-service-any-principal",
    severity: Severity::High,
    sources: &[Source::Ec2VpcEndpointServices, Source::Organization, Source::OrganizationAccounts],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.ec2.vpc_endpoint_services, |cx, service| {
                let allowed = service.allowed_principals.get()?;
                if allowed.iter().any(|principal| principal == "*") {
                    let verdict = Verdict::fail()
                        .with("principals", ["*"])
                        .with("acceptance_required", service.acceptance_required);
                    return Ok(if service.acceptance_required {
                        verdict
                    } else {
                        verdict.at(Severity::Critical).told_as("without_acceptance")
                    });
                }
                let (foreign, certain) = foreign(cx, allowed)?;
                let verdict = Verdict::fail_if(!foreign.is_empty())
                    .with("principals", foreign)
                    .with("acceptance_required", service.acceptance_required);
                // To let others in is what such a service is for: worth a look at who they are.
                let severity = if service.acceptance_required { Severity::Low } else { Severity::Medium };
                Ok(verdict.at(severity).told_as(if certain { "foreign" } else { "member" }))
            });
        });
    },
};

/// Those of the principals that are of accounts that the user does not trust, and whether all surely are.
fn foreign<'a>(cx: &Context<'_>, principals: &'a [String]) -> Result<(Vec<&'a str>, bool), NotJudged> {
    let (mut foreign, mut certain) = (Vec::new(), true);
    for principal in principals {
        // A service's name or the id of a deleted principal is of no account.
        let Some(account) = account_of(principal).or_else(|| account_named(principal)) else { continue };
        match cx.trust(account)? {
            Trust::Trusted => continue,
            Trust::Stranger => {}
            Trust::Undisclosed => certain = false,
        }
        foreign.push(principal.as_str());
    }
    Ok((foreign, certain))
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        finding::Severity,
        snapshot::{Snapshot, ec2::VpcEndpointService},
        testing::{empty, fails, needs_to_know_members, passes, read, region},
    };

    fn with_principal(principal: &str, acceptance_required: bool) -> Snapshot {
        let mut account = empty();
        region(&mut account).ec2.vpc_endpoint_services = read(vec![VpcEndpointService {
            id: "vpce-svc-1".into(),
            acceptance_required,
            allowed_principals: read(vec![principal.into()]),
            ..VpcEndpointService::default()
        }]);
        account
    }

    #[test]
    fn passes_when_accounts_are_named() {
        passes(&CHECK, &with_principal("arn:aws:iam::111122223333:root", false));
    }

    #[test]
    fn fails_lower_when_other_accounts_may_connect() {
        const OTHER: &str = "arn:aws:iam::444455556666:role/consumer";
        for (acceptance_required, severity) in [(true, Severity::Low), (false, Severity::Medium)] {
            let finding = fails(&CHECK, &with_principal(OTHER, acceptance_required));
            assert_eq!((finding.severity, finding.variant), (severity, Some("foreign")));
            assert_eq!(finding.evidence["principals"], serde_json::json!([OTHER]));
        }
        let mut member = with_principal(OTHER, true);
        member.organizations.accounts = read(Some(vec!["444455556666".into()]));
        passes(&CHECK, &member);
        needs_to_know_members(&CHECK, with_principal(OTHER, true));
    }

    #[test]
    fn fails_when_anyone_may_connect() {
        assert_eq!(fails(&CHECK, &with_principal("*", true)).severity, Severity::High);
        assert_eq!(fails(&CHECK, &with_principal("*", false)).severity, Severity::Critical);
    }
}
