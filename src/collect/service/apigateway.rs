//! API Gateway: REST APIs by its first API, HTTP and WebSocket APIs by its second.

use std::collections::HashMap;

use aws_audit_checks::{
    gap::Collected,
    snapshot::{
        Tags,
        apigateway::{Api, ApiGateway, Route, Stage, op, v2_op},
    },
    source::Source,
};

use crate::collect::{
    api::{API_GATEWAY, API_GATEWAY_V2, Node, Request, Token, encoded},
    ask::{Ask, is_empty, sorted, unless},
    call::CallError,
    items::{Lacks, Read},
};

const POSITION: Token = Token::named("position");
const NEXT: Token = Token::named("nextToken");

pub(in crate::collect) async fn collect(ask: &Ask) -> ApiGateway {
    let (rest_apis, v2_apis) = tokio::join!(
        ask.list(Source::ApiGatewayRestApis, rest_apis(ask)),
        ask.list(Source::ApiGatewayV2Apis, v2_apis(ask)),
    );
    ApiGateway { rest_apis, v2_apis }
}

async fn rest_apis(ask: &Ask) -> Result<Read<Vec<Api>>, CallError> {
    let operation = op::GetRestApis;
    let request = Request::get("/restapis").with("limit", 500);
    let listed = API_GATEWAY.list(ask, operation, None, request, ("item", POSITION)).await?;
    let listed = ask.items(operation, &listed, |api| {
        let id = api.required("id")?;
        rest_api(api, &id).map_err(Lacks::of(&id))
    });
    let apis = listed.then(|api| async move {
        let Deployed { stages, variables } = Deployed::of(ask, rest_stages(ask, &api.id).await);
        let resources = ask.of_one(Source::ApiGatewayResources, methods(ask, &api.id, &variables));
        let routes = unless(api.is_private || is_empty(&stages), resources).await;
        Api { stages, routes, ..api }
    });
    Ok(apis.await.sorted(|api| api.id.clone()))
}

/// What the list tells of an API.
fn rest_api(api: &Node, id: &str) -> Result<Api, Lacks> {
    let types = api.get("endpointConfiguration").texts("types")?;
    Ok(Api {
        id: id.to_owned(),
        name: api.text("name")?.unwrap_or_default().to_owned(),
        protocol: "REST".to_owned(),
        is_private: types.iter().any(|kind| kind == "PRIVATE"),
        has_default_endpoint: api.flag("disableExecuteApiEndpoint")? != Some(true),
        policy: api.text("policy")?.filter(|policy| !policy.is_empty()).map(unescaped),
        ..Api::default()
    })
}

/// AWS writes the policy with `"` and `\` escaped once more than JSON does.
fn unescaped(policy: &str) -> String {
    serde_json::from_str(&format!("\"{policy}\"")).unwrap_or_else(|_| policy.to_owned())
}

/// The variables of each stage.
type Variables = Vec<Tags>;

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
    let in_stage = |variables: &Tags| {
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

async fn methods(ask: &Ask, api: &str, variables: &Variables) -> Result<Vec<Route>, CallError> {
    let operation = op::GetResources;
    let request = Request::get(format!("/restapis/{}/resources", encoded(api)));
    let request = request.with("limit", 500).with("embed", "methods");
    let resources = API_GATEWAY.list(ask, operation, Some(api), request, ("item", POSITION)).await?;
    let methods = ask.all_items(operation, Some(api), &resources, |resource| {
        let methods = resource.entries("resourceMethods")?.into_iter();
        Ok(methods.map(|(name, method)| (resource, name, method)).collect::<Vec<_>>())
    })?;
    let methods = methods.into_iter().flatten();
    let routes = ask.all_items(operation, Some(api), methods, |(resource, name, method)| {
        let path = resource.required("path")?;
        method_of(&path, name, method, variables).map_err(Lacks::of(&path))
    });
    Ok(sorted(routes?, |route| route.key.clone()))
}

fn method_of(path: &str, name: &str, method: &Node, variables: &Variables) -> Result<Route, Lacks> {
    let integration = method.get("methodIntegration");
    Ok(Route {
        key: format!("{name} {path}"),
        authorization: method.required("authorizationType")?,
        api_key_required: method.flag("apiKeyRequired")? == Some(true),
        functions: functions_in(integration.text("uri")?, variables),
        credentials: integration.text("credentials")?.map(str::to_owned),
    })
}

async fn rest_stages(ask: &Ask, api: &str) -> Result<(Vec<Stage>, Variables), CallError> {
    let operation = op::GetStages;
    let request = Request::get(format!("/restapis/{}/stages", encoded(api)));
    let answer = API_GATEWAY.one(ask, operation, Some(api), request).await?;
    let listed = ask.item(operation, Some(api), answer.list("item"))?;
    let stages = ask.all_items(operation, Some(api), listed, |stage| {
        let name = stage.required("stageName")?;
        let settings = stage.entries("methodSettings")?.into_iter();
        let levels = settings.map(|(path, method)| Ok((path == "*/*", is_logged(method)?)));
        let logged = Logged::of(levels.collect::<Result<Vec<_>, _>>()?);
        let log = stage.get("accessLogSettings").text("destinationArn")?;
        let stage_of = Stage {
            api: api.to_owned(),
            protocol: "REST".to_owned(),
            name,
            web_acl: stage.text("webAclArn")?.map(str::to_owned),
            access_log: log.is_some(),
            execution_log: logged == Logged::All,
            execution_log_partly: logged == Logged::Some,
            tags: stage.tag_map("tags")?,
        };
        Ok((stage_of, stage.tag_map("variables")?))
    });
    let (stages, variables): (Vec<_>, _) = stages?.into_iter().unzip();
    Ok((sorted(stages, |stage| stage.name.clone()), variables))
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
    fn of(settings: impl IntoIterator<Item = (bool, bool)>) -> Self {
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

/// Whether these settings have a level of logging. One that they lack is off.
fn is_logged(settings: &Node) -> Result<bool, Lacks> {
    Ok(matches!(settings.text("loggingLevel")?, Some("ERROR" | "INFO")))
}

async fn v2_apis(ask: &Ask) -> Result<Read<Vec<Api>>, CallError> {
    let operation = v2_op::GetApis;
    let request = Request::get("/v2/apis").with("maxResults", 500);
    let listed = API_GATEWAY_V2.list(ask, operation, None, request, ("items", NEXT)).await?;
    let listed = ask.items(operation, &listed, |api| {
        let id = api.required("apiId")?;
        v2_api(api, &id).map_err(Lacks::of(&id))
    });
    let apis = listed.then(|api| async move {
        let Deployed { stages, variables } = Deployed::of(ask, v2_stages(ask, &api.id, &api.protocol).await);
        let routes = ask.of_one(Source::ApiGatewayV2Routes, routes(ask, &api.id, &variables));
        let routes = unless(is_empty(&stages), routes).await;
        Api { stages, routes, ..api }
    });
    Ok(apis.await.sorted(|api| api.id.clone()))
}

/// What the list tells of an API.
fn v2_api(api: &Node, id: &str) -> Result<Api, Lacks> {
    Ok(Api {
        id: id.to_owned(),
        name: api.text("name")?.unwrap_or_default().to_owned(),
        protocol: api.required("protocolType")?,
        has_default_endpoint: api.flag("disableExecuteApiEndpoint")? != Some(true),
        ..Api::default()
    })
}

/// Every item of a list that belongs to an HTTP or WebSocket API.
fn v2_request(api: &str, of: &str) -> Request {
    Request::get(format!("/v2/apis/{}/{of}", encoded(api))).with("maxResults", 500)
}

async fn routes(ask: &Ask, api: &str, variables: &Variables) -> Result<Vec<Route>, CallError> {
    let (of_routes, of_integrations) = (v2_op::GetRoutes, v2_op::GetIntegrations);
    let (about, list) = (Some(api), ("items", NEXT));
    let (routes, integrations) = tokio::join!(
        API_GATEWAY_V2.list(ask, of_routes, about, v2_request(api, "routes"), list),
        API_GATEWAY_V2.list(ask, of_integrations, about, v2_request(api, "integrations"), list),
    );
    let (routes, integrations) = (routes?, integrations?);
    let integrations = ask.all_items(of_integrations, about, &integrations, |integration| {
        Ok((integration.required("integrationId")?, integration))
    })?;
    let integrations: HashMap<_, _> = integrations.into_iter().collect();
    let routes = ask.all_items(of_routes, about, &routes, |route| {
        let key = route.required("routeKey")?;
        let target = route.text("target")?.and_then(|target| target.strip_prefix("integrations/"));
        let integration = target.and_then(|id| integrations.get(id)).copied().unwrap_or(&Node::Null);
        let read = || {
            Ok(Route {
                key: key.clone(),
                authorization: route.required("authorizationType")?,
                api_key_required: route.flag("apiKeyRequired")? == Some(true),
                functions: functions_in(integration.text("integrationUri")?, variables),
                credentials: integration.text("credentialsArn")?.map(str::to_owned),
            })
        };
        read().map_err(Lacks::of(&key))
    });
    Ok(sorted(routes?, |route| route.key.clone()))
}

async fn v2_stages(ask: &Ask, api: &str, protocol: &str) -> Result<(Vec<Stage>, Variables), CallError> {
    let (operation, list) = (v2_op::GetStages, ("items", NEXT));
    let listed = API_GATEWAY_V2.list(ask, operation, Some(api), v2_request(api, "stages"), list).await?;
    let stages = ask.all_items(operation, Some(api), &listed, |stage| {
        let name = stage.required("stageName")?;
        let default = stage.present("defaultRouteSettings").map(|settings| (true, settings));
        let routes = stage.entries("routeSettings")?.into_iter().map(|(_, settings)| (false, settings));
        let levels = default.into_iter().chain(routes);
        let levels = levels.map(|(is_default, settings)| Ok((is_default, is_logged(settings)?)));
        let logged = Logged::of(levels.collect::<Result<Vec<_>, _>>()?);
        let log = stage.get("accessLogSettings").text("destinationArn")?;
        let stage_of = Stage {
            api: api.to_owned(),
            protocol: protocol.to_owned(),
            name,
            web_acl: None,
            access_log: log.is_some(),
            execution_log: logged == Logged::All,
            execution_log_partly: logged == Logged::Some,
            tags: stage.tag_map("tags")?,
        };
        Ok((stage_of, stage.tag_map("stageVariables")?))
    });
    let (stages, variables): (Vec<_>, _) = stages?.into_iter().unzip();
    Ok((sorted(stages, |stage| stage.name.clone()), variables))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Logged, Node, functions_in, is_logged, unescaped};

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
            Logged::of(levels.iter().map(|(is_default, level)| {
                (*is_default, is_logged(&Node::from(json!({"loggingLevel": level}))).unwrap())
            }))
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
