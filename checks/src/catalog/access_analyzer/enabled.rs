use std::iter;

use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "access-analyzer-enabled",
    severity: Severity::Medium,
    sources: &[Source::AccessAnalyzers],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.whole("AWS::AccessAnalyzer::Analyzer", |_| {
                let analyzers = region.access_analyzer.analyzers.get()?;
                // The other kinds look for unused or internal access.
                let external = |kind: &str| kind == "ACCOUNT" || kind == "ORGANIZATION";
                let active = analyzers.iter().any(|a| a.status == "ACTIVE" && external(&a.kind));
                let others: Vec<_> =
                    analyzers.iter().map(|a| format!("{} ({}, {})", a.name, a.kind, a.status)).collect();
                // A name for the fix command that none of them has yet.
                let is_free = |name: &String| analyzers.iter().all(|analyzer| analyzer.name != *name);
                let name = (2..).map(|n| format!("external-access-{n}"));
                let name = iter::once("external-access".to_owned()).chain(name).find(is_free);
                let verdict = Verdict::fail_if(!active).with("analyzers", &others).with("new_name", name);
                Ok(if others.is_empty() {
                    verdict
                } else if analyzers.iter().any(|analyzer| analyzer.kind == "ACCOUNT") {
                    // A region has one for the account at most (IAM user guide, Access Analyzer quotas).
                    verdict.told_as("inactive")
                } else {
                    verdict.told_as("other_analyzers")
                })
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        gap::Collected,
        page::Lang,
        registry,
        snapshot::{Snapshot, access_analyzer::Analyzer},
        testing::{empty, fails, passes, read, region},
    };

    fn with(kind: &str, status: &str) -> Snapshot {
        let analyzer = Analyzer {
            name: "a".into(),
            arn: "arn:aws:access-analyzer:eu-west-1:111122223333:analyzer/a".into(),
            kind: kind.into(),
            status: status.into(),
        };
        let mut account = empty();
        region(&mut account).access_analyzer.analyzers = read(vec![analyzer]);
        account
    }

    #[test]
    fn fails_without_an_analyzer() {
        assert_eq!(fails(&CHECK, &empty()).resource.id, "eu-west-1");
    }

    #[test]
    fn fails_when_none_looks_for_external_access() {
        fails(&CHECK, &with("ACCOUNT_UNUSED_ACCESS", "ACTIVE"));
        fails(&CHECK, &with("ACCOUNT", "DISABLED"));
    }

    #[test]
    fn the_fix_makes_one_where_that_can_be() {
        let command = |name: &str, kind: &str| {
            let mut account = with(kind, "CREATING");
            let Collected::Value(analyzers) = &mut region(&mut account).access_analyzer.analyzers else {
                panic!()
            };
            analyzers[0].name = name.into();
            registry::find(CHECK.id).unwrap().page(Lang::En).command(&fails(&CHECK, &account)).unwrap()
        };
        let create = "aws accessanalyzer create-analyzer --region eu-west-1 --type ACCOUNT --analyzer-name";
        assert_eq!(command("a", "ACCOUNT_UNUSED_ACCESS"), format!("{create} external-access"));
        assert_eq!(command("external-access", "ORGANIZATION"), format!("{create} external-access-2"));
        assert_eq!(command("a", "ACCOUNT"), "", "there is one already");
    }

    #[test]
    fn passes_with_an_active_one_of_account_or_organization() {
        passes(&CHECK, &with("ACCOUNT", "ACTIVE"));
        passes(&CHECK, &with("ORGANIZATION", "ACTIVE"));
    }
}
