//! Chains over accounts as every format of an organization's report tells them.

use aws_audit_checks::{organization::Chain, page::Lang, report_paths::ReportPath};

use crate::paths::name;

/// The chain as a path of one account, to be drawn as one is: what is counted are accounts.
pub(crate) fn as_path(chain: &Chain) -> ReportPath {
    ReportPath {
        id: chain.id.clone(),
        check: chain.check.clone(),
        severity: chain.severity,
        certainty: chain.certainty,
        entry: chain.entry.clone(),
        target: chain.target.clone(),
        resources: chain.accounts.len() as u64,
        steps: chain.steps.clone(),
    }
}

/// The steps, each with what proves it and under which condition; nothing is escaped.
pub(crate) fn steps(chain: &Chain, lang: Lang) -> Vec<String> {
    let step = |step: &aws_audit_checks::report_paths::PathStep| {
        let (from, to) = (name(&step.from, lang), name(&step.to, lang));
        match (&step.condition, lang) {
            (None, Lang::En) => format!("{from} → {to}: {}", step.because),
            (None, Lang::Ja) => format!("{from} → {to}：{}", step.because),
            (Some(condition), Lang::En) => format!("{from} → {to}: {} ({condition})", step.because),
            (Some(condition), Lang::Ja) => format!("{from} → {to}：{}（{condition}）", step.because),
        }
    };
    chain.steps.iter().map(step).collect()
}

/// The heading above chains.
pub(crate) const fn title(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "Ways over accounts",
        Lang::Ja => "アカウントをまたぐ攻撃経路",
    }
}
