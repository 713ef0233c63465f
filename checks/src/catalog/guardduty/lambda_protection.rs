use super::judge_plan;
use crate::{
    check::{Check, Context},
    finding::Severity,
    gap::NotJudged,
    snapshot::Region,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "guardduty-lambda-protection",
    severity: Severity::Low,
    sources: &[Source::GuardDutyDetectors, Source::LambdaFunctions],
    run: |cx| {
        judge_plan(cx, "LAMBDA_NETWORK_LOGS", |detector, _| Ok(detector.has("LAMBDA_NETWORK_LOGS")), has);
    },
};

fn has(_: &Context<'_>, region: &Region) -> Result<bool, NotJudged> {
    Ok(!region.lambda.functions.get()?.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{super::testing::with_feature, CHECK};
    use crate::{
        snapshot::Snapshot,
        testing::{empty, fails, passes, read, region, silent},
    };

    fn with_resources(on: bool) -> Snapshot {
        let mut account = with_feature("LAMBDA_NETWORK_LOGS", on);
        region(&mut account).lambda.functions = read(vec![crate::snapshot::lambda::Function::default()]);
        account
    }

    #[test]
    fn fails_when_off_and_needed() {
        fails(&CHECK, &with_resources(false));
        passes(&CHECK, &with_resources(true));
        silent(&CHECK, &with_feature("LAMBDA_NETWORK_LOGS", false));
        silent(&CHECK, &empty());
    }
}
