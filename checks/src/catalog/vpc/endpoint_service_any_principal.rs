use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "vpc-endpoint-service-any-principal",
    severity: Severity::High,
    sources: &[Source::Ec2VpcEndpointServices],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.ec2.vpc_endpoint_services, |_, service| {
                let everyone = service.allowed_principals.get()?.iter().any(|principal| principal == "*");
                let verdict =
                    Verdict::fail_if(everyone).with("acceptance_required", service.acceptance_required);
                if service.acceptance_required {
                    return Ok(verdict);
                }
                Ok(verdict.at(Severity::Critical).told_as("without_acceptance"))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        finding::Severity,
        snapshot::{Snapshot, ec2::VpcEndpointService},
        testing::{denied, empty, fails, passes, read, region, unknown},
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
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).ec2.vpc_endpoint_services = denied();
        unknown(&CHECK, &account);
    }

    #[test]
    fn fails_when_anyone_may_connect() {
        assert_eq!(fails(&CHECK, &with_principal("*", true)).severity, Severity::High);
        assert_eq!(fails(&CHECK, &with_principal("*", false)).severity, Severity::Critical);
    }
}
