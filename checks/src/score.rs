//! Scores: how much of what could be judged is fine, weighted by severity. `docs/scoring.md` explains it
//! with an example.

use crate::{
    check::Passes,
    finding::{Finding, Severity, Status},
    framework::{Control, Framework, Part},
};

/// What one check contributes to a score.
#[derive(Clone, Debug)]
pub struct CheckResult<'a> {
    /// The check's id.
    pub check: &'a str,
    /// The check's own severity, which weighs it.
    pub severity: Severity,
    /// How many resources pass, by type.
    pub passes: Passes,
    /// What it says of the others, each.
    pub others: Vec<Outcome>,
}

/// What a check says of a resource that does not pass, as far as a score depends on it.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Whether it fails, or could not be judged.
    pub status: Status,
    /// How badly it fails.
    pub severity: Severity,
    /// As [`Finding::types`].
    pub types: Vec<&'static str>,
    /// As [`Finding::aspects`].
    pub aspects: Vec<&'static str>,
}

impl From<&Finding> for Outcome {
    fn from(finding: &Finding) -> Self {
        let Finding { status, severity, types, aspects, .. } = finding;
        Self { status: *status, severity: *severity, types: types.clone(), aspects: aspects.clone() }
    }
}

/// How many resources were judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Resources that pass.
    pub pass: u64,
    /// Resources that fail.
    pub fail: u64,
    /// Resources that could not be judged.
    pub unknown: u64,
    /// Resources that fail and are accepted as such: neither a failure nor a pass.
    pub suppressed: u64,
}

impl Counts {
    /// The share of resources that could be judged, 0 to 1; none when there was nothing to judge.
    #[must_use]
    pub fn judged(self) -> Option<f64> {
        let judged = self.pass + self.fail;
        let total = judged + self.unknown;
        #[expect(clippy::cast_precision_loss, reason = "resource counts are far below 2^52")]
        (total > 0).then(|| judged as f64 / total as f64)
    }

    fn enough_judged(self) -> bool {
        self.judged().is_some_and(|share| share >= LEAST_JUDGED)
    }
}

impl CheckResult<'_> {
    /// How many resources the check judged.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.parts(&[&Part { check: self.check.to_owned(), kind: None, aspect: None }]).0
    }

    /// The worst severity among its failing findings.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.others.iter().filter(|it| it.status == Status::Fail).map(|it| it.severity).max()
    }

    /// Counts and the worst severity of those parts of the check.
    fn parts(&self, parts: &[&Part]) -> (Counts, Option<Severity>) {
        let passes = self.passes.iter().filter(|(kind, _)| parts.iter().any(|part| part.is_about(kind)));
        let mut counts = Counts { pass: passes.map(|(_, count)| count).sum(), ..Counts::default() };
        let mut worst = None;
        for Outcome { status, severity, types, aspects } in &self.others {
            let mut about =
                parts.iter().filter(|part| types.iter().any(|kind| part.is_about(kind))).peekable();
            if about.peek().is_none() {
                continue;
            }
            match status {
                Status::Unknown => counts.unknown += 1,
                Status::Fail if about.any(|part| part.has_failed(aspects)) => {
                    counts.fail += 1;
                    worst = worst.max(Some(*severity));
                }
                Status::Suppressed if about.any(|part| part.has_failed(aspects)) => counts.suppressed += 1,
                // It fails in what the control is not about.
                _ => counts.pass += 1,
            }
        }
        (counts, worst)
    }
}

/// How a control stands.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ControlScore {
    /// 0 (nothing is fine) to 100; none when nothing was judged that carries weight, or less than
    /// [`LEAST_JUDGED`].
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
    /// 0 to 100; none when less than [`LEAST_JUDGED`] was judged.
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

/// What a control with a failing finding of that severity would score if everything else were fine. Its score is
/// scaled into what lies below, not cut off there: each failure that is mended moves it.
const fn ceiling(worst: Option<Severity>) -> f64 {
    match worst {
        Some(Severity::Critical) => 49.0,
        Some(Severity::High) => 79.0,
        _ => 100.0,
    }
}

/// The share of resources that must have been judged for a score to mean anything. Below it, what is known says
/// little about the rest.
pub const LEAST_JUDGED: f64 = 0.5;

/// Scores a framework from the results of the checks that ran.
#[must_use]
pub fn score(framework: &Framework, results: &[CheckResult<'_>]) -> Score {
    let controls: Vec<_> = framework.controls.iter().map(|control| control_score(control, results)).collect();
    let mut all = Counts::default();
    for result in results {
        add(&mut all, result.counts());
    }
    let overall = mean(controls.iter().filter_map(|control| Some((control.score?, control.weight))));
    Score { overall: overall.filter(|_| all.enough_judged()), judged: all.judged(), controls }
}

fn control_score(control: &Control, results: &[CheckResult<'_>]) -> ControlScore {
    let mut score = ControlScore::default();
    let mut shares = Vec::new();
    for result in results {
        let parts: Vec<_> = control.parts().iter().filter(|part| part.check == result.check).collect();
        if parts.is_empty() {
            continue;
        }
        let (counts, worst) = result.parts(&parts);
        add(&mut score.counts, counts);
        score.worst = score.worst.max(worst);
        let judged = counts.pass + counts.fail;
        if judged > 0 {
            #[expect(clippy::cast_precision_loss, reason = "resource counts are far below 2^52")]
            shares.push((100.0 * counts.pass as f64 / judged as f64, weight(result.severity)));
            score.weight = score.weight.max(weight(result.severity));
        }
    }
    let mean = mean(shares.into_iter()).filter(|_| score.counts.enough_judged());
    score.score = mean.map(|mean| mean * ceiling(score.worst) / 100.0);
    score
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
    sum.suppressed += more.suppressed;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn framework(controls: &[&[&str]]) -> Framework {
        let controls: String = controls
            .iter()
            .map(|checks| match checks {
                [] => "not_covered.en = 'why'\nnot_covered.ja = '理由'".to_owned(),
                checks => format!("checks = {checks:?}"),
            })
            .map(|coverage| format!("[[control]]\nid = 'c'\ntitle.en = 'c'\n{coverage}\n"))
            .collect();
        toml::from_str(&format!("id = 'f'\ntitle.en = 'f'\n{controls}")).unwrap()
    }

    fn result(check: &str, severity: Severity, pass: u64, fail: u64, unknown: u64) -> CheckResult<'_> {
        let mut others = others(Status::Fail, severity, fail);
        others.extend(self::others(Status::Unknown, severity, unknown));
        CheckResult { check, severity, passes: [(KIND, pass)].into(), others }
    }

    const KIND: &str = "AWS::EC2::SecurityGroup";

    fn others(status: Status, severity: Severity, count: u64) -> Vec<Outcome> {
        (0..count).map(|_| Outcome { status, severity, types: vec![KIND], aspects: vec![] }).collect()
    }

    fn overall(results: &[CheckResult<'_>]) -> Option<f64> {
        score(&framework(&[&["a", "b"]]), results).overall
    }

    #[test]
    fn checks_weigh_by_severity() {
        let results = [result("a", Severity::Medium, 1, 0, 0), result("b", Severity::Low, 0, 1, 0)];
        assert_eq!(overall(&results), Some(200.0 / 3.0));
    }

    #[test]
    fn failing_critical_or_high_scales_a_control_down() {
        assert_eq!(overall(&[result("a", Severity::Critical, 99, 1, 0)]), Some(48.51));
        assert_eq!(overall(&[result("a", Severity::High, 99, 1, 0)]), Some(78.21));
        assert_eq!(overall(&[result("a", Severity::Medium, 99, 1, 0)]), Some(99.0));
        // A finding can be worse than its check.
        let raised = CheckResult {
            others: others(Status::Fail, Severity::Critical, 1),
            ..result("a", Severity::Medium, 99, 0, 0)
        };
        assert_eq!(overall(&[raised]), Some(48.51));
    }

    /// The row's score with so many of `total` resources failing.
    fn failing(severity: Severity, fail: u64, total: u64) -> f64 {
        overall(&[result("a", severity, total - fail, fail, 0), result("b", Severity::Low, 1, 1, 0)]).unwrap()
    }

    #[test]
    fn mending_one_of_six_moves_the_row() {
        let scores: Vec<_> = (0..=6).rev().map(|fail| failing(Severity::Critical, fail, 6)).collect();
        assert!(scores.windows(2).all(|pair| pair[0] < pair[1]), "{scores:?}");
        // Evenly, until the last one lifts it out of what a critical failure leaves.
        let steps: Vec<_> = scores.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(steps[..5].iter().all(|step| (step - steps[0]).abs() < 1e-9), "{steps:?}");
        assert!(steps[5] > steps[0] && scores[5] < 49.0 && scores[6] > 49.0, "{scores:?}");
    }

    #[test]
    fn suppressed_is_neither_pass_nor_fail() {
        let mut suppressed = result("a", Severity::Critical, 3, 0, 0);
        suppressed.others = others(Status::Suppressed, Severity::Critical, 2);
        let score = score(&framework(&[&["a"]]), std::slice::from_ref(&suppressed));
        assert_eq!((score.overall, score.judged), (Some(100.0), Some(1.0)));
        let control = score.controls[0];
        assert_eq!((control.counts.fail, control.counts.suppressed, control.worst), (0, 2, None));
        // Where all is accepted, nothing is left that could be fine.
        suppressed.passes.clear();
        assert_eq!(overall(&[suppressed]), None);
    }

    proptest! {
        /// Whatever is mended, one at a time: no row falls, none rises by more than its share below the ceiling, and
        /// none passes the ceiling.
        #[test]
        fn scores_are_monotone_continuous_and_below_the_ceiling(
            pass in 0_u64..200, fail in 1_u64..200, medium in 0_u64..50, severity in 0_usize..5, weight in 1_usize..4,
        ) {
            let (severity, weight) = (Severity::WORST_FIRST[severity], Severity::WORST_FIRST[weight]);
            let row = |fail, pass| {
                let mut failing = result("a", weight, pass, 0, 0);
                failing.others = others(Status::Fail, severity, fail);
                overall(&[failing, result("b", Severity::Medium, 3, medium, 0)]).unwrap()
            };
            let worst = if medium > 0 { severity.max(Severity::Medium) } else { severity };
            let (before, after) = (row(fail, pass), row(fail - 1, pass + 1));
            prop_assert!(before <= ceiling(Some(worst)) + 1e-9);
            prop_assert!(before < after, "{before} {after}");
            if fail > 1 {
                #[expect(clippy::cast_precision_loss, reason = "small")]
                let step = 100.0 / (pass + fail) as f64;
                prop_assert!(after - before <= step + 1e-9, "{before} {after}");
            }
        }
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
    fn little_judged_is_no_score() {
        assert_eq!(overall(&[result("a", Severity::High, 1, 0, 1)]), Some(100.0));
        let results = [result("a", Severity::High, 1, 1, 3), result("b", Severity::High, 9, 0, 0)];
        let score = score(&framework(&[&["a"], &["b"]]), &results);
        assert_eq!(score.controls.iter().map(|it| it.score).collect::<Vec<_>>(), [None, Some(100.0)]);
        assert_eq!(score.overall, Some(100.0));
        assert_eq!(overall(&[result("a", Severity::High, 9, 1, 11)]), None);
    }

    #[test]
    fn a_control_takes_what_it_is_about() {
        let other = "AWS::RDS::DBCluster";
        let fails = |kind, aspects| Outcome {
            status: Status::Fail,
            severity: Severity::High,
            types: vec![kind],
            aspects,
        };
        let unknown = Outcome { status: Status::Unknown, types: vec![KIND, other], ..fails(KIND, vec![]) };
        let result = CheckResult {
            check: "a",
            severity: Severity::Medium,
            passes: [(KIND, 2), (other, 5)].into(),
            others: vec![fails(KIND, vec!["ipv4"]), fails(other, vec![]), unknown],
        };
        let counts = |parts: &[&str]| {
            let control = score(&framework(&[parts]), std::slice::from_ref(&result)).controls[0];
            let Counts { pass, fail, unknown, .. } = control.counts;
            ((pass, fail, unknown), control.worst)
        };
        let high = Some(Severity::High);
        assert_eq!(counts(&["a"]), ((7, 2, 1), high));
        assert_eq!(counts(&["a@AWS::EC2::SecurityGroup"]), ((2, 1, 1), high));
        assert_eq!(counts(&["a@AWS::EC2::SecurityGroup#ipv4"]), ((2, 1, 1), high));
        // What fails in another aspect passes, and so does what names none.
        assert_eq!(counts(&["a#ipv6"]), ((9, 0, 1), None));
        // Parts of one check are counted once.
        assert_eq!(counts(&["a@AWS::EC2::SecurityGroup", "a@AWS::RDS::DBCluster"]), ((7, 2, 1), high));
        // Nothing of that type is there to judge.
        assert_eq!(counts(&["a@AWS::DocDB::DBCluster"]), ((0, 0, 0), None));
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
