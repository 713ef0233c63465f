use super::each_stage;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "apigateway-waf",
    severity: Severity::Medium,
    sources: &[Source::ApiGatewayRestApis],
    run: |cx| {
        cx.each_region(|cx, region| {
            each_stage(cx, region.apigateway.rest_apis.get(), |_, api, stage| {
                if api.is_private {
                    return Err(NotJudged::NotApplicable);
                }
                Ok(Verdict::fail_if(stage.web_acl.is_none()).with("api", &api.name))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_stage, CHECK};
    use crate::testing::{fails, passes, silent};

    #[test]
    fn fails_without() {
        fails(&CHECK, &with_stage("REST", |_, _| ()));
    }

    #[test]
    fn passes_with_one() {
        passes(&CHECK, &with_stage("REST", |_, stage| stage.web_acl = Some("arn:acl".into())));
    }

    #[test]
    fn says_nothing_of_private_apis() {
        silent(&CHECK, &with_stage("REST", |api, _| api.is_private = true));
        silent(&CHECK, &with_stage("HTTP", |_, _| ()));
    }
}
