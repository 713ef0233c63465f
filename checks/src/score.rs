//! Scores: how much of what could be judged is fine, weighted by severity. `docs/scoring.md` explains it
//! with an example.

use crate::{check::Counts, finding::Severity, framework::Framework};

/// What one check contributes to a score.
#[derive(Clone, Copy, Debug)]
pub struct Result<'a> {
    /// The check's id.
    pub check: &'a str,
    /// The check's own severity, which weighs it.
    pub severity: Severity,
    /// How many resources it judged.
    pub counts: Counts,
    /// The worst severity among its failing findings.
    pub worst: Option<Severity>,
}

/// How a control stands.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ControlScore {
    /// 0 (nothing is fine) to 100; none when nothing was judged that carries weight.
    pub score: Option<f64>,
    /// Resources judged, over all of its checks.
    pub counts: Counts,
    /// The worst severity among failing findings.
    pub worst: Option<Severity>,
    /// What the control weighs in the overall score: the weight of its severest judged check.
    weight: f64,
}

/// How a framework stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// 0 to 100; none when nothing was judged.
    pub overall: Option<f64>,
    /// The share of resources that could be judged, 0 to 1; none when there was nothing to judge.
    pub judged: Option<f64>,
    /// The controls, in the framework's order.
    pub controls: Vec<ControlScore>,
}

/// What a severity weighs.
const fn weight(severity: Severity) -> f64 {
    match severity {
        Severity::Critical => 10.0,
        Severity::High => 5.0,
        Severity::Medium => 2.0,
        Severity::Low => 1.0,
        Severity::Info => 0.0,
    }
}

/// The highest score of a control that has a failing finding of that severity.
const fn cap(worst: Option<Severity>) -> f64 {
    match worst {
        Some(Severity::Critical) => 49.0,
        Some(Severity::High) => 79.0,
        _ => 100.0,
    }
}

/// Scores a framework from the results of the checks that ran.
#[must_use]
pub fn score(framework: &Framework, results: &[Result<'_>]) -> Score {
    let controls: Vec<_> = framework
        .controls
        .iter()
        .map(|control| {
            control_score(
                results.iter().filter(|result| control.checks().iter().any(|check| check == result.check)),
            )
        })
        .collect();
    let overall = mean(controls.iter().filter_map(|control| Some((control.score?, control.weight))));
    let mut all = Counts::default();
    for result in results {
        add(&mut all, result.counts);
    }
    let judged = all.pass + all.fail;
    let total = judged + all.unknown;
    #[expect(clippy::cast_precision_loss, reason = "resource counts are far below 2^52")]
    let share = (total > 0).then(|| judged as f64 / total as f64);
    Score { overall, judged: share, controls }
}

fn control_score<'a>(results: impl Iterator<Item = &'a Result<'a>>) -> ControlScore {
    let mut control = ControlScore::default();
    let mut shares = Vec::new();
    for result in results {
        add(&mut control.counts, result.counts);
        control.worst = control.worst.max(result.worst);
        let judged = result.counts.pass + result.counts.fail;
        if judged > 0 {
            #[expect(clippy::cast_precision_loss, reason = "resource counts are far below 2^52")]
            shares.push((100.0 * result.counts.pass as f64 / judged as f64, weight(result.severity)));
            control.weight = control.weight.max(weight(result.severity));
        }
    }
    control.score = mean(shares.into_iter()).map(|score| score.min(cap(control.worst)));
    control
}

/// The weighted mean; none when nothing weighs anything.
fn mean(values: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    let (sum, weights) =
        values.fold((0.0, 0.0), |(sum, weights), (value, weight)| (sum + value * weight, weights + weight));
    (weights > 0.0).then(|| sum / weights)
}

fn add(sum: &mut Counts, more: Counts) {
    sum.pass += more.pass;
    sum.fail += more.fail;
    sum.unknown += more.unknown;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framework(controls: &[&[&str]]) -> Framework {
        let controls: String = controls
            .iter()
            .map(|checks| match checks {
                [] => "not_covered = 'why'".to_owned(),
                checks => format!("checks = {checks:?}"),
            })
            .map(|coverage| format!("[[control]]\nid = 'c'\ntitle.en = 'c'\n{coverage}\n"))
            .collect();
        toml::from_str(&format!("id = 'f'\ntitle.en = 'f'\n{controls}")).unwrap()
    }

    fn result(check: &str, severity: Severity, pass: u64, fail: u64, unknown: u64) -> Result<'_> {
        let worst = (fail > 0).then_some(severity);
        Result { check, severity, counts: Counts { pass, fail, unknown }, worst }
    }

    fn overall(results: &[Result<'_>]) -> Option<f64> {
        score(&framework(&[&["a", "b"]]), results).overall
    }

    #[test]
    fn checks_weigh_by_severity() {
        let results = [result("a", Severity::Medium, 1, 0, 0), result("b", Severity::Low, 0, 1, 0)];
        assert_eq!(overall(&results), Some(200.0 / 3.0));
    }

    #[test]
    fn failing_critical_or_high_caps_a_control() {
        assert_eq!(overall(&[result("a", Severity::Critical, 99, 1, 0)]), Some(49.0));
        assert_eq!(overall(&[result("a", Severity::High, 99, 1, 0)]), Some(79.0));
        assert_eq!(overall(&[result("a", Severity::Medium, 99, 1, 0)]), Some(99.0));
        // A finding can be worse than its check.
        let raised = Result { worst: Some(Severity::Critical), ..result("a", Severity::Medium, 99, 1, 0) };
        assert_eq!(overall(&[raised]), Some(49.0));
    }

    #[test]
    fn unknowns_do_not_count_but_are_told() {
        let results = [result("a", Severity::High, 3, 0, 1)];
        let score = score(&framework(&[&["a"]]), &results);
        assert_eq!((score.overall, score.judged), (Some(100.0), Some(0.75)));
    }

    #[test]
    fn nothing_judged_is_no_score() {
        assert_eq!(overall(&[result("a", Severity::High, 0, 0, 5)]), None);
        assert_eq!(overall(&[result("a", Severity::Info, 0, 5, 0)]), None, "info weighs nothing");
        assert_eq!(score(&framework(&[&[]]), &[]).controls[0].score, None);
    }

    #[test]
    fn controls_weigh_by_their_severest_judged_check() {
        let score = score(
            &framework(&[&["a"], &["b"]]),
            &[result("a", Severity::High, 1, 0, 0), result("b", Severity::Low, 0, 1, 0)],
        );
        assert_eq!(score.overall, Some(500.0 / 6.0));
    }
}
