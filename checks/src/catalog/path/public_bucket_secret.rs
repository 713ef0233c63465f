use super::path;
use crate::check::Check;

/// A bucket that anyone reads, and whose name gives away what is in it.
pub(super) const CHECK: Check = path("path-public-bucket-secret");

#[cfg(test)]
mod tests {
    use super::{super::testing::Account, CHECK};
    use crate::{
        finding::Severity,
        snapshot::s3::PublicAccessBlock,
        testing::{fails, passes, read},
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
}
