use super::{SOURCES, tell};
use crate::{check::Check, finding::Severity};

/// A bucket that anyone reads, and whose name gives away what is in it.
pub(super) const CHECK: Check =
    Check { id: "path-public-bucket-secret", severity: Severity::Info, sources: SOURCES, run: tell };

#[cfg(test)]
mod tests {
    use super::{super::testing::Account, CHECK};
    use crate::{
        finding::Severity,
        snapshot::s3::PublicAccessBlock,
        testing::{denied, fails, passes, read, unknown},
    };

    const PUBLIC: &str = r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::terraform-state/*"}]}"#;

    #[test]
    fn fails_where_there_is_a_path() {
        let account = Account::new().bucket_with("terraform-state", |bucket| {
            bucket.public_access_block = read(PublicAccessBlock::default());
            bucket.policy = read(Some(PUBLIC.into()));
        });
        assert_eq!(fails(&CHECK, &account.0).severity, Severity::Critical);
    }

    #[test]
    fn passes_at_a_dead_end() {
        let account = Account::new().bucket("terraform-state");
        passes(&CHECK, &account.0);
    }

    #[test]
    fn unknown_when_not_readable() {
        let account = Account::new().change(|s| s.s3.buckets = denied());
        unknown(&CHECK, &account.0);
    }
}
