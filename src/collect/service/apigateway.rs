//! API Gateway: REST APIs by its first API, HTTP and WebSocket APIs by its second.

use std::collections::HashMap;

use aws_audit_checks::{
    gap::Collected,
    snapshot::apigateway::{Api, ApiGateway, Route, Stage, op, v2_op},
    source::Source,
};
use aws_sdk_apigateway::{Client, types::EndpointType};
use aws_sdk_apigatewayv2 as v2;

use crate::collect::{
    ask::{Ask, is_empty, sorted, tags, unless},
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
        let is_private = types.contains(&EndpointType::Private);
        let Deployed { stages, variables } = Deployed::of(ask, rest_stages(ask, client, &id).await);
        let resources = ask.of_one(Source::ApiGatewayResources, methods(ask, client, &id, &variables));
        let routes = unless(is_private || is_empty(&stages), resources).await;
        Api {
            name: api.name().unwrap_or_default().to_owned(),
            protocol: "REST".to_owned(),
            is_private,
            has_default_endpoint: !api.disable_execute_api_endpoint(),
            policy: api.policy().filter(|policy| !policy.is_empty()).map(unescaped),
            stages,
            routes,
            id,
        }
    });
    Ok(apis.await.sorted(|api| api.id.clone()))
}

/// AWS writes the policy with `"` and `\` escaped once more than JSON does.
fn unescaped(policy: &str) -> String {
    serde_json::from_str(&format!("\"{policy}\"")).unwrap_or_else(|_| policy.to_owned())
}

/// The variables of each stage.
type Variables = Vec<HashMap<String, String>>;

/// An API's stages.
struct Deployed {
    stages: Collected<Vec<Stage>>,
    variables: Variables,
}

impl Deployed {
    fn of(ask: &Ask, answer: Result<(Vec<Stage>, Variables), CallError>) -> Self {
        let (stages, variables) = match answer {
            Ok((stages, variables)) => (Ok(stages), variables),
            Err(error) => (Err(error), Variables::new()),
        };
        Self { stages: ask.keep(stages), variables }
    }
}

/// What a URI is in each stage; where no variable is in it, the same in all.
fn in_stages(uri: &str, variables: &Variables) -> Vec<String> {
    const BEGIN: &str = "${stageVariables.";
    if !uri.contains(BEGIN) {
        return vec![uri.to_owned()];
    }
    let in_stage = |variables: &HashMap<String, String>| {
        let mut parts = uri.split(BEGIN);
        let mut made = parts.next()?.to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}')?;
            made.push_str(variables.get(name)?);
            made.push_str(rest);
        }
        Some(made)
    };
    variables.iter().filter_map(in_stage).collect()
}

/// The ARN of the function that an integration's URI names, without version or alias (API Gateway Developer Guide,
/// "Stage variables reference"): `arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/ARN/invocations`, or the ARN
/// alone.
fn function_in(uri: &str) -> Option<String> {
    let arn = uri.split_once("/functions/").map_or(uri, |(_, arn)| arn);
    let arn = arn.strip_suffix("/invocations").unwrap_or(arn);
    let parts: Vec<_> = arn.split(':').take(7).collect();
    (parts.len() == 7 && parts[2] == "lambda" && parts[5] == "function").then(|| parts.join(":"))
}

fn functions_in(uri: Option<&str>, variables: &Variables) -> Vec<String> {
    let uris = uri.into_iter().flat_map(|uri| in_stages(uri, variables));
    let mut functions = sorted(uris.filter_map(|uri| function_in(&uri)), Clone::clone);
    functions.dedup();
    functions
}

async fn methods(
    ask: &Ask,
    client: &Client,
    api: &str,
    variables: &Variables,
) -> Result<Vec<Route>, CallError> {
    let operation = op::GetResources;
    let pages = ask
        .pages(
            operation,
            Some(api),
            |position| {
                let resources = client.get_resources().rest_api_id(api).limit(500);
                resources.embed("methods").set_position(position).send()
            },
            |page| page.position(),
        )
        .await?;
    let resources = pages.iter().flat_map(|page| page.items());
    let methods = resources.flat_map(|resource| {
        let methods = resource.resource_methods().into_iter().flatten();
        methods.map(move |(name, method)| (resource, name, method))
    });
    let routes = ask.all_items(operation, Some(api), methods, |(resource, name, method)| {
        let path = text(resource.path(), "path")?;
        let integration = method.method_integration();
        Ok(Route {
            key: format!("{name} {path}"),
            authorization: text(method.authorization_type(), "authorizationType")
                .map_err(Lacks::of(&path))?,
            api_key_required: method.api_key_required() == Some(true),
            functions: functions_in(integration.and_then(|it| it.uri()), variables),
            credentials: integration.and_then(|it| it.credentials()).map(str::to_owned),
        })
    });
    Ok(sorted(routes?, |route| route.key.clone()))
}

async fn rest_stages(ask: &Ask, client: &Client, api: &str) -> Result<(Vec<Stage>, Variables), CallError> {
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
    let variables = answer.item().iter().filter_map(|stage| stage.variables().cloned()).collect();
    Ok((sorted(stages?, |stage| stage.name.clone()), variables))
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
        let answer = v2_stages(ask, client, &id, &protocol).await;
        let Deployed { stages, variables } = Deployed::of(ask, answer);
        let routes = ask.of_one(Source::ApiGatewayV2Routes, routes(ask, client, &id, &variables));
        let routes = unless(is_empty(&stages), routes).await;
        Api {
            name: api.name().unwrap_or_default().to_owned(),
            is_private: false,
            has_default_endpoint: api.disable_execute_api_endpoint() != Some(true),
            policy: None,
            stages,
            routes,
            protocol,
            id,
        }
    });
    Ok(apis.await.sorted(|api| api.id.clone()))
}

async fn routes(
    ask: &Ask,
    client: &v2::Client,
    api: &str,
    variables: &Variables,
) -> Result<Vec<Route>, CallError> {
    let (of_routes, of_integrations) = (v2_op::GetRoutes, v2_op::GetIntegrations);
    let (routes, integrations) = tokio::join!(
        ask.pages(
            of_routes,
            Some(api),
            |token| client.get_routes().api_id(api).max_results("500").set_next_token(token).send(),
            |page| page.next_token(),
        ),
        ask.pages(
            of_integrations,
            Some(api),
            |token| client.get_integrations().api_id(api).max_results("500").set_next_token(token).send(),
            |page| page.next_token(),
        ),
    );
    let (routes, integrations) = (routes?, integrations?);
    let integrations = integrations.iter().flat_map(|page| page.items());
    let integrations = ask.all_items(of_integrations, Some(api), integrations, |integration| {
        Ok((text(integration.integration_id(), "IntegrationId")?, integration))
    })?;
    let integrations: HashMap<_, _> = integrations.into_iter().collect();
    let routes = routes.iter().flat_map(|page| page.items());
    let routes = ask.all_items(of_routes, Some(api), routes, |route| {
        let key = text(route.route_key(), "RouteKey")?;
        let authorization = route.authorization_type().map(v2::types::AuthorizationType::as_str);
        let target = route.target().and_then(|target| target.strip_prefix("integrations/"));
        let integration = target.and_then(|id| integrations.get(id));
        Ok(Route {
            authorization: text(authorization, "AuthorizationType").map_err(Lacks::of(&key))?,
            key,
            api_key_required: route.api_key_required() == Some(true),
            functions: functions_in(integration.and_then(|it| it.integration_uri()), variables),
            credentials: integration.and_then(|it| it.credentials_arn()).map(str::to_owned),
        })
    });
    Ok(sorted(routes?, |route| route.key.clone()))
}

async fn v2_stages(
    ask: &Ask,
    client: &v2::Client,
    api: &str,
    protocol: &str,
) -> Result<(Vec<Stage>, Variables), CallError> {
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
    let listed = pages.iter().flat_map(|page| page.items());
    let variables = listed.filter_map(|stage| stage.stage_variables().cloned()).collect();
    Ok((sorted(stages?, |stage| stage.name.clone()), variables))
}

#[cfg(test)]
mod tests {
    use super::{Logged, functions_in, is_logged, unescaped};

    #[test]
    fn functions_are_found_in_every_form_of_uri() {
        let stage = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let variables = vec![stage(&[("fn", "orders"), ("alias", "live")]), stage(&[("fn", "orders-dev")])];
        let of = |uri: &str| functions_in(Some(uri), &variables);
        let arn = "arn:aws:lambda:eu-west-1:111122223333:function:orders";
        let path = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/";
        assert_eq!(of(arn), [arn]);
        assert_eq!(of(&format!("{arn}:live")), [arn]);
        assert_eq!(of(&format!("{path}{arn}/invocations")), [arn]);
        assert_eq!(of(&format!("{path}{arn}:live/invocations")), [arn]);
        assert_eq!(of(&format!("{path}{arn}:${{stageVariables.alias}}/invocations")), [arn]);
        let named = "arn:aws:lambda:eu-west-1:111122223333:function:${stageVariables.fn}";
        assert_eq!(of(&format!("{path}{named}/invocations")), [arn.to_owned(), format!("{arn}-dev")]);
        assert!(of("https://example.com/functions/orders").is_empty());
        assert!(of("arn:aws:apigateway:eu-west-1:s3:path/bucket/key").is_empty());
        assert!(of(&format!("{path}arn:aws:lambda:eu-west-1:1:function:${{stageVariables.x}}")).is_empty());
        assert!(functions_in(None, &variables).is_empty());
    }

    #[test]
    fn policies_are_read_as_aws_writes_them() {
        assert_eq!(unescaped(r#"{\"Version\":\"2012-10-17\"}"#), r#"{"Version":"2012-10-17"}"#);
        assert_eq!(unescaped(r#"{"Version":"2012-10-17"}"#), r#"{"Version":"2012-10-17"}"#);
    }

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
