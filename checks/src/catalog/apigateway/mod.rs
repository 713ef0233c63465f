//! API Gateway.

mod logging;
mod waf;

super::checks! {
    logging
    waf
}

use crate::{
    check::Context,
    finding::Judgement,
    gap::NotJudged,
    snapshot::apigateway::{Api, Stage},
};

/// Judges the stages of these APIs. An API whose stages could not be read is one unknown finding.
fn each_stage<'a>(
    cx: &mut Context<'a>,
    apis: Result<&'a Vec<Api>, NotJudged>,
    judge: impl Fn(&Context<'a>, &'a Api, &'a Stage) -> Judgement,
) {
    match apis {
        Ok(apis) => {
            for api in apis {
                cx.each(api.stages.get(), |cx, stage| judge(cx, api, stage));
            }
        }
        Err(not_judged) => cx.whole("AWS::ApiGateway::Stage", |_| Err(not_judged)),
    }
}

#[cfg(test)]
mod testing {
    use crate::{
        snapshot::{
            Snapshot,
            apigateway::{Api, Stage},
        },
        testing::{empty, read, region},
    };

    /// An account with a stage of a public API, changed.
    pub(super) fn with_stage(protocol: &str, change: impl FnOnce(&mut Api, &mut Stage)) -> Snapshot {
        let mut api =
            Api { id: "a1".into(), name: "orders".into(), protocol: protocol.into(), ..Api::default() };
        let mut stage =
            Stage { api: "a1".into(), protocol: protocol.into(), name: "prod".into(), ..Stage::default() };
        change(&mut api, &mut stage);
        api.stages = read(vec![stage]);
        let mut account = empty();
        let apis = &mut region(&mut account).apigateway;
        if protocol == "REST" {
            apis.rest_apis = read(vec![api])
        } else {
            apis.v2_apis = read(vec![api])
        }
        account
    }
}
