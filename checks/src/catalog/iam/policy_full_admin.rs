use super::full_admin;
use crate::{check::Check, finding::Severity, source::Source};

pub(super) const CHECK: Check = Check {
    id: "iam-policy-full-admin",
    severity: Severity::High,
    sources: &[Source::IamAuthorization],
    run: |cx| {
        // As a permissions boundary a policy grants nothing; IAM.1 leaves those out, too.
        let policies = cx.snapshot.iam.authorization.get().map(|authorization| {
            let own = authorization.policies.iter().filter(|policy| !policy.is_aws_managed());
            own.filter(|policy| !authorization.is_boundary_only(policy))
        });
        cx.each(policies, |cx, policy| {
            let verdict = full_admin(cx, &policy.document, &policy.arn)?
                .with("default_version", &policy.default_version)
                .with("attachment_count", policy.attachment_count);
            // Nobody holds it yet; CIS 2.15 is about policies that somebody does.
            Ok(match policy.attachment_count {
                0 => verdict.at(Severity::Low),
                _ => verdict.in_aspects(&["attached"]),
            })
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{ADMIN, MODEST, managed, with_authorization},
        CHECK,
    };
    use crate::{
        finding::Severity,
        snapshot::{Snapshot, iam::ManagedPolicy},
        testing::{fails, passes, silent, unknown},
    };

    fn with(document: &str, change: impl FnOnce(&mut ManagedPolicy)) -> Snapshot {
        let mut policy = managed("arn:aws:iam::111122223333:policy/team/everything", document);
        change(&mut policy);
        with_authorization(|authorization| authorization.policies.push(policy))
    }

    #[test]
    fn fails_when_everything_is_allowed() {
        let finding = fails(&CHECK, &with(ADMIN, |_| ()));
        assert_eq!((finding.severity, &finding.evidence["statement"]), (Severity::High, &"All".into()));
        assert_eq!(
            (finding.resource.id.as_str(), finding.aspects.as_slice()),
            ("everything", &["attached"][..])
        );
    }

    #[test]
    fn tells_what_not_action_leaves_out() {
        let all_but = r#"{"Statement": {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}}"#;
        let finding = fails(&CHECK, &with(all_but, |_| ()));
        assert_eq!(finding.variant, Some("not_action"));
        assert_eq!(finding.evidence["not_action"], serde_json::json!(["s3:*"]));
    }

    #[test]
    fn everything_of_another_partition() {
        let china = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "arn:aws-cn:*"}}"#;
        assert_eq!(fails(&CHECK, &with(china, |_| ())).variant, None);
    }

    #[test]
    fn low_when_attached_to_nothing() {
        let finding = fails(&CHECK, &with(ADMIN, |policy| policy.attachment_count = 0));
        assert_eq!((finding.severity, finding.aspects.as_slice()), (Severity::Low, &[][..]));
    }

    #[test]
    fn says_nothing_of_permissions_boundaries() {
        let boundary = |attached| {
            with(ADMIN, move |policy| (policy.attachment_count, policy.boundary_usage_count) = (attached, 3))
        };
        silent(&CHECK, &boundary(0));
        fails(&CHECK, &boundary(1));
    }

    #[test]
    fn passes_when_less_is_allowed() {
        passes(&CHECK, &with(MODEST, |_| ()));
    }

    #[test]
    fn says_nothing_of_policies_of_aws() {
        silent(
            &CHECK,
            &with(ADMIN, |policy| policy.arn = "arn:aws:iam::aws:policy/AdministratorAccess".into()),
        );
    }

    #[test]
    fn a_malformed_policy_is_not_fine() {
        unknown(&CHECK, &with("{", |_| ()));
    }
}
