use super::each_web_acl;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

/// WAF.10.
pub(super) const CHECK: Check = Check {
    id: "wafv2-acl-empty",
    severity: Severity::High,
    sources: &[Source::Wafv2WebAcls],
    run: |cx| {
        each_web_acl(cx, |_, _, acl| {
            let details = acl.details.get()?;
            Ok(Verdict::fail_if(details.rules.is_empty() && details.allows_by_default))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{with_acl, with_rules},
        CHECK,
    };
    use crate::{
        catalog::wafv2::testing::rule,
        snapshot::wafv2::{Statement, WebAclDetails},
        testing::{denied, empty, fails, passes, read, region, unknown},
    };

    #[test]
    fn fails_without_rules() {
        fails(&CHECK, &with_rules(vec![]));
    }

    #[test]
    fn passes_with_one_or_when_it_blocks_by_default() {
        passes(&CHECK, &with_rules(vec![rule("Count", Statement::SqlInjection)]));
        passes(&CHECK, &with_acl(|acl| acl.details = read(WebAclDetails::default())));
    }

    #[test]
    fn unknown_when_web_acls_are_not_readable() {
        let mut account = empty();
        region(&mut account).wafv2.web_acls = denied();
        unknown(&CHECK, &account);
        let mut account = empty();
        account.wafv2.web_acls = denied();
        unknown(&CHECK, &account);
    }
}
