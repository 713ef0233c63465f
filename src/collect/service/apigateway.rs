//! API Gateway: REST APIs by its first API, HTTP and WebSocket APIs by its second.

use aws_audit_checks::{
    snapshot::apigateway::{Api, ApiGateway, Stage, op, v2_op},
    source::Source,
};
use aws_sdk_apigateway::{Client, types::EndpointType};
use aws_sdk_apigatewayv2 as v2;

use crate::collect::{
    ask::{Ask, sorted, tags},
    call::CallError,
    items::{Lacks, Read, text},
};

pub(in crate::collect) async fn collect(ask: &Ask) -> ApiGateway {
    let (client, v2) = (&ask.aws.apigateway(), &ask.aws.apigatewayv2());
    let (rest_apis, v2_apis) = tokio::join!(
        ask.list(Source::ApiGatewayRestApis, rest_apis(ask, client)),
        ask.list(Source::ApiGatewayV2Apis, v2_apis(ask, v2)),
    );
    ApiGateway { rest_apis, v2_apis }
}

async fn rest_apis(ask: &Ask, client: &Client) -> Result<Read<Vec<Api>>, CallError> {
    let operation = op::GetRestApis;
    let pages = ask
        .pages(
            operation,
            None,
            |position| client.get_rest_apis().limit(500).set_position(position).send(),
            |page| page.position(),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.items());
    let listed = ask.items(operation, listed, |api| Ok((text(api.id(), "id")?, api)));
    let apis = listed.then(|(id, api)| async move {
        let types = api.endpoint_configuration().map(|endpoint| endpoint.types()).unwrap_or_default();
        Api {
            name: api.name().unwrap_or_default().to_owned(),
            protocol: "REST".to_owned(),
            is_private: types.contains(&EndpointType::Private),
            stages: ask.keep(rest_stages(ask, client, &id).await),
            id,
        }
    });
    Ok(apis.await.sorted(|api| api.id.clone()))
}

async fn rest_stages(ask: &Ask, client: &Client, api: &str) -> Result<Vec<Stage>, CallError> {
    let send = || client.get_stages().rest_api_id(api).send();
    let operation = op::GetStages;
    let answer = ask.call(operation, Some(api), send).await?;
    let stages = ask.all_items(operation, Some(api), answer.item(), |stage| {
        let settings = stage.method_settings().into_iter().flatten();
        let levels = settings.map(|(path, method)| (path == "*/*", is_logged(method.logging_level())));
        let logged = Logged::of(levels);
        let pairs = stage.tags().into_iter().flatten();
        Ok(Stage {
            api: api.to_owned(),
            protocol: "REST".to_owned(),
            name: text(stage.stage_name(), "stageName")?,
            web_acl: stage.web_acl_arn().map(str::to_owned),
            access_log: stage.access_log_settings().is_some_and(|log| log.destination_arn().is_some()),
            execution_log: logged == Logged::All,
            execution_log_partly: logged == Logged::Some,
            tags: tags(pairs.map(|(key, value)| (Some(key.as_str()), Some(value.as_str())))),
        })
    });
    Ok(sorted(stages?, |stage| stage.name.clone()))
}

/// Which methods or routes of a stage log their execution.
#[derive(PartialEq)]
enum Logged {
    All,
    Some,
    None,
}

impl Logged {
    /// From whether the stage's default, and each setting that overrides it, logs. Without a default, what no
    /// setting names does not log.
    fn of(settings: impl Iterator<Item = (bool, bool)>) -> Self {
        let (mut default, mut some, mut all) = (false, false, true);
        for (is_default, logged) in settings {
            default |= is_default && logged;
            some |= logged;
            all &= logged;
        }
        match (default && all, some) {
            (true, _) => Self::All,
            (false, true) => Self::Some,
            (false, false) => Self::None,
        }
    }
}

/// A level that the setting lacks is off.
fn is_logged(level: Option<&str>) -> bool {
    matches!(level, Some("ERROR" | "INFO"))
}

async fn v2_apis(ask: &Ask, client: &v2::Client) -> Result<Read<Vec<Api>>, CallError> {
    let operation = v2_op::GetApis;
    let pages = ask
        .pages(
            operation,
            None,
            |token| client.get_apis().max_results("500").set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.items());
    let listed = ask.items(operation, listed, |api| {
        let id = text(api.api_id(), "ApiId")?;
        let protocol = text(api.protocol_type().map(|protocol| protocol.as_str()), "ProtocolType");
        Ok((protocol.map_err(Lacks::of(&id))?, id, api))
    });
    let apis = listed.then(|(protocol, id, api)| async move {
        Api {
            name: api.name().unwrap_or_default().to_owned(),
            is_private: false,
            stages: ask.keep(v2_stages(ask, client, &id, &protocol).await),
            protocol,
            id,
        }
    });
    Ok(apis.await.sorted(|api| api.id.clone()))
}

async fn v2_stages(
    ask: &Ask,
    client: &v2::Client,
    api: &str,
    protocol: &str,
) -> Result<Vec<Stage>, CallError> {
    let operation = v2_op::GetStages;
    let pages = ask
        .pages(
            operation,
            Some(api),
            |token| client.get_stages().api_id(api).max_results("500").set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.items());
    let stages = ask.all_items(operation, Some(api), listed, |stage| {
        let default = stage.default_route_settings().into_iter().map(|route| (true, route));
        let routes = stage.route_settings().into_iter().flatten().map(|(_, route)| (false, route));
        let levels = default.chain(routes).map(|(is_default, route)| {
            (is_default, is_logged(route.logging_level().map(v2::types::LoggingLevel::as_str)))
        });
        let logged = Logged::of(levels);
        let pairs = stage.tags().into_iter().flatten();
        Ok(Stage {
            api: api.to_owned(),
            protocol: protocol.to_owned(),
            name: text(stage.stage_name(), "StageName")?,
            web_acl: None,
            access_log: stage.access_log_settings().is_some_and(|log| log.destination_arn().is_some()),
            execution_log: logged == Logged::All,
            execution_log_partly: logged == Logged::Some,
            tags: tags(pairs.map(|(key, value)| (Some(key.as_str()), Some(value.as_str())))),
        })
    });
    Ok(sorted(stages?, |stage| stage.name.clone()))
}

#[cfg(test)]
mod tests {
    use super::{Logged, is_logged};

    #[test]
    fn every_method_logs_only_when_the_default_and_no_other_setting_is_off() {
        let of = |levels: &[(bool, Option<&str>)]| {
            Logged::of(levels.iter().map(|(is_default, level)| (*is_default, is_logged(*level))))
        };
        assert!(of(&[(true, Some("ERROR"))]) == Logged::All);
        assert!(of(&[(true, Some("INFO")), (false, Some("ERROR"))]) == Logged::All);
        assert!(of(&[(true, Some("INFO")), (false, Some("OFF"))]) == Logged::Some);
        assert!(of(&[(true, Some("OFF")), (false, Some("ERROR"))]) == Logged::Some);
        assert!(of(&[(false, Some("ERROR"))]) == Logged::Some);
        assert!(of(&[(true, None)]) == Logged::None);
        assert!(of(&[]) == Logged::None);
    }
}
