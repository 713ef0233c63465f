use super::{EXPOSURE_SOURCES, each_open_bucket};
use crate::{analysis::s3_exposure::Access, check::Check, finding::Severity};

pub(super) const CHECK: Check = Check {
    id: "s3-bucket-public-read",
    severity: Severity::Critical,
    sources: EXPOSURE_SOURCES,
    run: |cx| each_open_bucket(cx, Access::Read),
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{grant, policy, with_bucket},
        CHECK,
    };
    use crate::{
        analysis::resource_controls::tests::{perimeter, under},
        finding::Severity,
        snapshot::s3::PublicAccessBlock,
        testing::{denied, fails, passes, read, unknown},
    };

    const PUBLIC: &str = r#"{"Sid": "Web", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::reports/*"}"#;

    #[test]
    fn fails_by_policy() {
        let finding = fails(&CHECK, &with_bucket(|b| b.policy = read(policy(PUBLIC))));
        assert_eq!(
            finding.evidence["opens"][0],
            serde_json::json!({"actions": "s3:GetObject", "policy_statement": "Web"})
        );
    }

    #[test]
    fn fails_by_acl() {
        for (group, permission) in
            [("AllUsers", "READ"), ("AuthenticatedUsers", "FULL_CONTROL"), ("AllUsers", "READ_ACP")]
        {
            fails(&CHECK, &with_bucket(|b| b.acl = read(vec![grant(group, permission)])));
        }
    }

    #[test]
    fn a_resource_control_policy_closes_policies_and_lists() {
        let by_policy = || with_bucket(|b| b.policy = read(policy(PUBLIC)));
        let by_acl = || with_bucket(|b| b.acl = read(vec![grant("AllUsers", "READ")]));
        for open in [by_policy(), by_acl()] {
            passes(&CHECK, &under(open, Some(&[&perimeter("s3:*")])));
        }
        for open in [by_policy(), by_acl()] {
            // Of another service, or of writing alone.
            fails(&CHECK, &under(open.clone(), Some(&[&perimeter("sqs:*")])));
            fails(&CHECK, &under(open.clone(), Some(&[&perimeter("s3:Put*")])));
            // Denied over plain HTTP only.
            let http = perimeter("s3:*")
                .replace("BoolIfExists", "Bool")
                .replace(r#""aws:PrincipalIsAWSService""#, r#""aws:SecureTransport""#);
            fails(&CHECK, &under(open.clone(), Some(&[&http])));
            // What is not known closes nothing, and is told.
            let finding = fails(&CHECK, &under(open.clone(), None));
            assert_eq!(finding.evidence["resource_control_policies_considered"], false);
            assert!(!fails(&CHECK, &open).evidence.contains_key("resource_control_policies_considered"));
        }
    }

    #[test]
    fn passes_when_only_writing_is_open() {
        passes(&CHECK, &with_bucket(|b| b.acl = read(vec![grant("AllUsers", "WRITE")])));
    }

    #[test]
    fn passes_when_ownership_disables_the_acl() {
        passes(
            &CHECK,
            &with_bucket(|b| {
                b.acl = read(vec![grant("AllUsers", "READ")]);
                b.object_ownership = read(Some("BucketOwnerEnforced".into()));
            }),
        );
    }

    #[test]
    fn block_public_access_at_either_level_holds_back() {
        let restrict = PublicAccessBlock { restrict_public_buckets: true, ..Default::default() };
        passes(
            &CHECK,
            &with_bucket(|b| {
                b.policy = read(policy(PUBLIC));
                b.public_access_block = read(restrict);
            }),
        );
        let mut account = with_bucket(|b| b.policy = read(policy(PUBLIC)));
        account.s3.public_access_block = read(restrict);
        passes(&CHECK, &account);
        // Blocking new public policies takes none back.
        let block =
            PublicAccessBlock { block_public_policy: true, ignore_public_acls: true, ..Default::default() };
        fails(
            &CHECK,
            &with_bucket(|b| {
                b.policy = read(policy(PUBLIC));
                b.public_access_block = read(block);
            }),
        );
    }

    #[test]
    fn is_low_when_what_limits_is_not_on_the_list_of_s3() {
        let under = |condition: &str| {
            let grant = r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*", "Condition": "#;
            with_bucket(|b| b.policy = read(policy(&format!("{grant}{condition}}}"))))
        };
        let rules = r#"{"ArnLike": {"aws:SourceArn": "arn:aws:events:eu-west-1:111122223333:rule/*"}}"#;
        let finding = fails(&CHECK, &under(rules));
        assert_eq!((finding.severity, finding.variant), (Severity::Low, Some("limited")));
        assert_eq!(fails(&CHECK, &under(&rules.replace("111122223333", "*"))).variant, None);
        // One grant that nothing limits is reported as it is.
        let both = with_bucket(|b| {
            let limited = format!(
                r#"{{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {rules}}}"#
            );
            b.policy = read(policy(&format!("{limited}, {PUBLIC}")));
        });
        assert_eq!(fails(&CHECK, &both).variant, None);
        // Newer keys that nobody can choose keep strangers out as well as those on the list.
        passes(&CHECK, &under(r#"{"StringEquals": {"aws:VpceAccount": "444455556666"}}"#));
        passes(&CHECK, &under(r#"{"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}"#));
    }

    #[test]
    fn passes_when_conditions_pin_the_caller() {
        let pinned = r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*",
            "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-example"}}}"#;
        passes(&CHECK, &with_bucket(|b| b.policy = read(policy(pinned))));
    }

    #[test]
    fn what_is_known_decides_before_what_is_not() {
        fails(
            &CHECK,
            &with_bucket(|b| {
                b.policy = denied();
                b.acl = read(vec![grant("AllUsers", "READ")]);
            }),
        );
        passes(
            &CHECK,
            &with_bucket(|b| {
                (b.policy, b.acl, b.object_ownership) = (denied(), denied(), denied());
                b.public_access_block = read(PublicAccessBlock::ALL);
            }),
        );
        passes(&CHECK, &with_bucket(|b| b.public_access_block = denied()));
    }

    #[test]
    fn a_malformed_policy_is_not_fine() {
        unknown(&CHECK, &with_bucket(|b| b.policy = read(Some("not JSON".into()))));
    }
}
