use crate::{
    catalog::{grant_verdict, widest_grant},
    check::Check,
    finding::{Severity, Verdict},
    snapshot::opensearch::op,
    source::Source,
};

/// Security Hub asks for a VPC, whatever the access policy says.
pub(super) const CHECK: Check = Check {
    id: "opensearch-public",
    severity: Severity::Critical,
    sources: &[Source::OpenSearchDomains],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.opensearch.domains.get(), |cx, domain| {
                if domain.in_vpc {
                    return Ok(Verdict::pass());
                }
                let place = (op::DescribeDomains, domain.name.as_str());
                let grant = match &domain.access_policy {
                    Some(policy) => widest_grant(cx, policy, &[], place)?,
                    None => None,
                };
                let Some(grant) = grant else {
                    return Ok(Verdict::fail().at(Severity::Low).told_as("endpoint"));
                };
                let verdict = grant_verdict(&grant);
                if grant.is_limited() {
                    return Ok(verdict);
                }
                let verdict = verdict.in_aspects(&["policy"]);
                // With users of its own, the domain still asks who it is.
                Ok(if domain.fine_grained_access && !domain.anonymous_access {
                    verdict.at(Severity::High).told_as("users")
                } else {
                    verdict
                })
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_domain, CHECK};
    use crate::{
        finding::Severity,
        snapshot::Snapshot,
        testing::{fails, passes, unknown},
    };

    fn with_access(condition: &str, in_vpc: bool, users: bool) -> Snapshot {
        with_domain(|domain| {
            domain.in_vpc = in_vpc;
            domain.fine_grained_access = users;
            domain.access_policy = Some(format!(
                r#"{{"Statement": [{{"Effect": "Allow", "Principal": {{"AWS": "*"}}, "Action": "es:*", "Resource": "*"{condition}}}]}}"#
            ));
        })
    }

    #[test]
    fn fails_lower_when_only_the_policy_limits() {
        let office = r#", "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}"#;
        for account in [with_access(office, false, false), with_domain(|d| d.in_vpc = false)] {
            let finding = fails(&CHECK, &account);
            assert_eq!((finding.severity, finding.variant), (Severity::Low, Some("endpoint")));
        }
    }

    #[test]
    fn fails_lower_when_only_a_pattern_limits() {
        let pattern =
            r#", "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::444455556666:role/app-*"}}"#;
        let finding = fails(&CHECK, &with_access(pattern, false, false));
        assert_eq!((finding.severity, finding.variant), (Severity::Low, Some("limited")));
    }

    #[test]
    fn passes_in_a_vpc() {
        passes(&CHECK, &with_access("", true, false));
    }

    #[test]
    fn an_operator_that_is_not_understood_is_not_fine() {
        let odd = r#", "Condition": {"StringResembles": {"aws:PrincipalOrgID": "o-a"}}"#;
        unknown(&CHECK, &with_access(odd, false, false));
    }

    #[test]
    fn fails_when_open() {
        assert_eq!(fails(&CHECK, &with_access("", false, false)).severity, Severity::Critical);
        assert_eq!(fails(&CHECK, &with_access("", false, true)).severity, Severity::High);
    }
}
