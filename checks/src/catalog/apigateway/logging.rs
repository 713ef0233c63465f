use super::each_stage;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

/// Security Hub asks for execution logs where there are any: access logs alone fail at info.
pub(super) const CHECK: Check = Check {
    id: "apigateway-logging",
    severity: Severity::Low,
    sources: &[Source::ApiGatewayRestApis, Source::ApiGatewayV2Apis],
    run: |cx| {
        cx.each_region(|cx, region| {
            for apis in [&region.apigateway.rest_apis, &region.apigateway.v2_apis] {
                each_stage(cx, apis.get(), |_, api, stage| {
                    // HTTP APIs have access logs only.
                    let lacks_execution_log = api.protocol != "HTTP" && !stage.execution_log;
                    let lacks_both = !stage.access_log && !stage.execution_log;
                    let aspects: &[_] = if lacks_execution_log { &["execution"] } else { &[] };
                    let verdict = Verdict::fail_if(lacks_both || lacks_execution_log)
                        .in_aspects(aspects)
                        .with("api", &api.name)
                        .with("protocol", &api.protocol)
                        .with("access_log", stage.access_log)
                        .with("execution_log", stage.execution_log)
                        .with("execution_log_partly", stage.execution_log_partly);
                    Ok(match (lacks_both, stage.execution_log_partly) {
                        (true, false) => verdict,
                        (true, true) => verdict.told_as("partly"),
                        (false, _) => verdict.at(Severity::Info).told_as("access_only"),
                    })
                });
            }
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_stage, CHECK};
    use crate::{
        finding::Severity,
        testing::{denied, empty, fails, passes, region, unknown},
    };

    #[test]
    fn fails_without() {
        fails(&CHECK, &with_stage("REST", |_, _| ()));
        fails(&CHECK, &with_stage("WEBSOCKET", |_, _| ()));
    }

    #[test]
    fn fails_when_only_some_methods_log() {
        let account = with_stage("REST", |_, stage| stage.execution_log_partly = true);
        assert_eq!(fails(&CHECK, &account).variant, Some("partly"));
    }

    #[test]
    fn fails_lower_with_access_logs_where_there_are_execution_logs() {
        for protocol in ["REST", "WEBSOCKET"] {
            let finding = fails(&CHECK, &with_stage(protocol, |_, stage| stage.access_log = true));
            assert_eq!((finding.severity, finding.variant), (Severity::Info, Some("access_only")));
            assert_eq!(finding.aspects, ["execution"]);
        }
    }

    #[test]
    fn fails_an_http_api_in_no_aspect() {
        assert!(fails(&CHECK, &with_stage("HTTP", |_, _| ())).aspects.is_empty());
    }

    #[test]
    fn passes_with_execution_logs_or_all_that_there_are() {
        let finding = passes(&CHECK, &with_stage("REST", |_, stage| stage.execution_log = true));
        assert_eq!(
            (&finding.evidence["access_log"], &finding.evidence["execution_log"]),
            (&false.into(), &true.into())
        );
        let finding = passes(&CHECK, &with_stage("HTTP", |_, stage| stage.access_log = true));
        assert_eq!(
            (&finding.evidence["access_log"], &finding.evidence["execution_log"]),
            (&true.into(), &false.into())
        );
    }

    #[test]
    fn two_unread_lists_are_one_unknown() {
        let mut account = empty();
        region(&mut account).apigateway.v2_apis = denied();
        region(&mut account).apigateway.rest_apis = denied();
        unknown(&CHECK, &account);
    }
}
