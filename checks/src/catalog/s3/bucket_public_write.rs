use super::{EXPOSURE_SOURCES, each_open_bucket};
use crate::{analysis::s3_exposure::Access, check::Check, finding::Severity};

pub(super) const CHECK: Check = Check {
    id: "s3-bucket-public-write",
    severity: Severity::Critical,
    sources: EXPOSURE_SOURCES,
    run: |cx| each_open_bucket(cx, Access::Write),
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{grant, policy, with_bucket},
        CHECK,
    };
    use crate::{
        snapshot::s3::PublicAccessBlock,
        testing::{fails, passes, read},
    };

    fn allowing(action: &str) -> Option<String> {
        policy(&format!(
            r#"{{"Effect": "Allow", "Principal": {{"AWS": "*"}}, "Action": "{action}", "Resource": "*"}}"#
        ))
    }

    #[test]
    fn fails_for_writing_deleting_and_changing_permissions() {
        for action in ["s3:PutObject", "s3:Delete*", "s3:PutBucketPolicy", "s3:PutObjectAcl", "S3:*", "*"] {
            fails(&CHECK, &with_bucket(|b| b.policy = read(allowing(action))));
        }
        for permission in ["WRITE", "WRITE_ACP", "FULL_CONTROL"] {
            fails(&CHECK, &with_bucket(|b| b.acl = read(vec![grant("AllUsers", permission)])));
        }
    }

    #[test]
    fn passes_when_only_reading_is_open() {
        passes(
            &CHECK,
            &with_bucket(|b| {
                b.policy = read(allowing("s3:Get*"));
                b.acl = read(vec![grant("AllUsers", "READ")]);
            }),
        );
    }

    #[test]
    fn passes_when_held_back() {
        passes(
            &CHECK,
            &with_bucket(|b| {
                b.policy = read(allowing("s3:PutObject"));
                b.public_access_block = read(PublicAccessBlock::ALL);
            }),
        );
    }
}
