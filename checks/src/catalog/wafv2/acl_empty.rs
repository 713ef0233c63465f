use super::each_web_acl;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "wafv2-acl-empty",
    severity: Severity::High,
    sources: &[Source::Wafv2WebAcls],
    run: |cx| {
        each_web_acl(cx, |_, _, acl| {
            let details = acl.details.get()?;
            let verdict = Verdict::fail_if(details.rules.is_empty());
            Ok(if details.allows_by_default {
                verdict
            } else {
                verdict.at(Severity::Low).told_as("blocks_all")
            })
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
        finding::Severity,
        snapshot::wafv2::{Statement, WebAclDetails},
        testing::{fails, passes, read},
    };

    #[test]
    fn fails_without_rules() {
        assert_eq!(fails(&CHECK, &with_rules(vec![])).severity, Severity::High);
        let blocking = fails(&CHECK, &with_acl(|acl| acl.details = read(WebAclDetails::default())));
        assert_eq!((blocking.severity, blocking.variant), (Severity::Low, Some("blocks_all")));
    }

    #[test]
    fn passes_with_one() {
        passes(&CHECK, &with_rules(vec![rule("Count", Statement::SqlInjection)]));
    }
}
