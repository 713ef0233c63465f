use super::each_web_acl;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "wafv2-logging",
    severity: Severity::Low,
    sources: &[Source::Wafv2WebAcls, Source::Wafv2Logging],
    run: |cx| {
        each_web_acl(cx, |_, waf, acl| Ok(Verdict::fail_if(!waf.logging.get()?.contains(&acl.arn))));
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_rules, CHECK};
    use crate::testing::{denied, fails, passes, read, region, unknown};

    #[test]
    fn fails_without_and_passes_with_logs() {
        let mut account = with_rules(vec![]);
        fails(&CHECK, &account);
        let arn = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/web/1".to_owned();
        region(&mut account).wafv2.logging = read(vec![arn]);
        passes(&CHECK, &account);
        region(&mut account).wafv2.logging = denied();
        unknown(&CHECK, &account);
    }
}
