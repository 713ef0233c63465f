use super::own;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "config-rules-present",
    severity: Severity::Low,
    sources: &[Source::ConfigRecorders, Source::ConfigRules],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.whole("AWS::Config::ConfigRule", |_| {
                if own(region.config.recorders.get()?).next().is_none() {
                    return Err(NotJudged::NotApplicable);
                }
                Ok(Verdict::fail_if(region.config.rules.get()?.is_empty()))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        catalog::config::testing::with,
        snapshot::config::ConfigRule,
        testing::{denied, empty, fails, passes, read, region, silent, unknown},
    };

    #[test]
    fn fails_without_rules() {
        let mut account = with(|_, _| ());
        fails(&CHECK, &account);
        region(&mut account).config.rules = read(vec![ConfigRule::default()]);
        passes(&CHECK, &account);
        region(&mut account).config.rules = denied();
        unknown(&CHECK, &account);
        silent(&CHECK, &empty());
    }
}
