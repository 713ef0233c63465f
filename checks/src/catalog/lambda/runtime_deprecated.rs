use crate::{
    analysis::lifecycle,
    check::Check,
    finding::{Severity, Verdict},
    gap::{Gap, NotJudged},
    snapshot::lambda::op,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "lambda-runtime-deprecated",
    severity: Severity::Medium,
    sources: &[Source::LambdaFunctions],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.lambda.functions.get(), |cx, function| {
                // A container image brings its own.
                let runtime = function.runtime.as_deref().ok_or(NotJudged::NotApplicable)?;
                let end = lifecycle::lambda_runtime(runtime).map_err(|date| {
                    let why = format!("runtime {runtime} is not in the table of {date}");
                    Gap::unreadable(op::ListFunctions, Some(cx.place().region), Some(&function.name), why)
                })?;
                let verdict =
                    |failed| Verdict::fail_if(failed).with("runtime", runtime).with("deprecation", end);
                Ok(match lifecycle::days_past(end, cx.snapshot.started_at) {
                    1.. => verdict(true),
                    -90..=0 => verdict(true).at(Severity::Low).told_as("soon"),
                    _ => verdict(false),
                })
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_function, CHECK};
    use crate::{
        finding::Severity,
        testing::{fails, passes, silent, unknown},
    };

    #[test]
    fn passes_on_a_supported_one() {
        passes(&CHECK, &with_function(|_| ()));
        passes(&CHECK, &with_function(|f| f.runtime = Some("java17.al2023".into())));
        passes(&CHECK, &with_function(|f| f.runtime = Some("ruby4.0".into())));
    }

    #[test]
    fn says_nothing_of_images() {
        silent(&CHECK, &with_function(|f| f.runtime = None));
    }

    #[test]
    fn a_runtime_newer_than_the_table_is_not_fine() {
        unknown(&CHECK, &with_function(|f| f.runtime = Some("python9.9".into())));
    }

    #[test]
    fn fails_when_past_and_warns_before() {
        let past = fails(&CHECK, &with_function(|f| f.runtime = Some("nodejs14.x".into())));
        assert_eq!(past.severity, Severity::Medium);
        assert_eq!(past.evidence["deprecation"], "2023-12-04");
        // Nine days after the day of the tests.
        let soon = fails(&CHECK, &with_function(|f| f.runtime = Some("dotnet8".into())));
        assert_eq!(soon.severity, Severity::Low);
    }
}
