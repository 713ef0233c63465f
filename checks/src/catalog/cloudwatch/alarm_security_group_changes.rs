use super::{CHAIN, judge_calls};
use crate::{check::Check, finding::Severity};

pub(super) const CHECK: Check = Check {
    id: "cloudwatch-alarm-security-group-changes",
    severity: Severity::Low,
    sources: CHAIN,
    run: |cx| {
        judge_calls(cx, "ec2", &EVENTS);
    },
};

/// The events that the control names.
const EVENTS: [&str; 7] = [
    "AuthorizeSecurityGroupIngress",
    "AuthorizeSecurityGroupEgress",
    "RevokeSecurityGroupIngress",
    "RevokeSecurityGroupEgress",
    "CreateSecurityGroup",
    "DeleteSecurityGroup",
    "ModifySecurityGroupRules",
];

#[cfg(test)]
mod tests {
    use super::{super::testing::with_filter, CHECK};
    use crate::testing::{empty, fails, passes};

    const PATTERN: &str = r#"{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = AuthorizeSecurityGroupEgress) || ($.eventName = RevokeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupEgress) || ($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) || ($.eventName = ModifySecurityGroupRules) }"#;
    /// From before CIS named the event that edits a rule in place.
    const OLDER: &str = r#"{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = AuthorizeSecurityGroupEgress) || ($.eventName = RevokeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupEgress) || ($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) }"#;
    const TOO_NARROW: &str = r#"{ ($.eventName = AuthorizeSecurityGroupEgress) || ($.eventName = RevokeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupEgress) || ($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) || ($.eventName = ModifySecurityGroupRules) }"#;

    #[test]
    fn passes_when_the_chain_is_complete() {
        passes(&CHECK, &with_filter(PATTERN));
    }

    #[test]
    fn fails_when_an_event_is_missed() {
        fails(&CHECK, &with_filter(TOO_NARROW));
        fails(&CHECK, &with_filter(OLDER));
        fails(&CHECK, &empty());
    }
}
