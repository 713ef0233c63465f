use super::each_stage;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

/// APIGateway.1.
pub(super) const CHECK: Check = Check {
    id: "apigateway-logging",
    severity: Severity::Low,
    sources: &[Source::ApiGatewayRestApis, Source::ApiGatewayV2Apis],
    run: |cx| {
        cx.each_region(|cx, region| {
            for apis in [&region.apigateway.rest_apis, &region.apigateway.v2_apis] {
                each_stage(cx, apis.get(), |_, api, stage| {
                    Ok(Verdict::fail_if(!stage.access_log && !stage.execution_log)
                        .with("api", &api.name)
                        .with("protocol", &api.protocol))
                });
            }
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_stage, CHECK};
    use crate::testing::{denied, empty, fails, passes, region, unknown};

    #[test]
    fn fails_without() {
        fails(&CHECK, &with_stage("REST", |_, _| ()));
        fails(&CHECK, &with_stage("WEBSOCKET", |_, _| ()));
    }

    #[test]
    fn passes_with_either() {
        passes(&CHECK, &with_stage("REST", |_, stage| stage.execution_log = true));
        passes(&CHECK, &with_stage("HTTP", |_, stage| stage.access_log = true));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).apigateway.v2_apis = denied();
        unknown(&CHECK, &account);
        // Neither list: still one unknown.
        region(&mut account).apigateway.rest_apis = denied();
        unknown(&CHECK, &account);
        unknown(&CHECK, &with_stage_unread());
    }

    fn with_stage_unread() -> crate::snapshot::Snapshot {
        let mut account = with_stage("REST", |_, _| ());
        let crate::gap::Collected::Value(apis) = &mut region(&mut account).apigateway.rest_apis else {
            unreachable!()
        };
        apis[0].stages = denied();
        account
    }
}
