use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "s3-account-public-access-block",
    severity: Severity::High,
    sources: &[Source::S3AccountPublicAccessBlock],
    run: |cx| {
        cx.whole("AWS::::Account", |cx| {
            let off = cx.snapshot.s3.public_access_block.get()?.off();
            Ok(Verdict::fail_if(!off.is_empty()).with("off", off))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::s3::PublicAccessBlock,
        testing::{empty, fails, passes, read},
    };

    #[test]
    fn fails_when_never_set() {
        assert_eq!(fails(&CHECK, &empty()).evidence["off"].as_array().unwrap().len(), 4);
    }

    #[test]
    fn fails_when_one_is_off() {
        let mut account = empty();
        let settings = PublicAccessBlock { ignore_public_acls: false, ..PublicAccessBlock::ALL };
        account.s3.public_access_block = read(settings);
        assert_eq!(fails(&CHECK, &account).evidence["off"], serde_json::json!(["IgnorePublicAcls"]));
    }

    #[test]
    fn passes_when_all_are_on() {
        let mut account = empty();
        account.s3.public_access_block = read(PublicAccessBlock::ALL);
        passes(&CHECK, &account);
    }
}
