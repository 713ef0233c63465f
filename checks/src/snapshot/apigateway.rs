//! API Gateway: REST, HTTP and WebSocket APIs.

use serde::{Deserialize, Serialize};

use super::{Judged, Place, Tags};
use crate::gap::Collected;

service! {
    /// APIs of one region.
    ApiGateway, Regional;

    op("API Gateway", "apigateway", APIGATEWAY) {
        ApiGatewayRestApis [GetRestApis("apigateway:GET"), GetStages("apigateway:GET")] =>
            /// REST APIs.
            rest_apis: Vec<Api>;
        ApiGatewayResources needs ApiGatewayRestApis [
            GetResources("apigateway:GET") at APIGATEWAY_RESOURCES,
        ] in rest_apis: routes;
    }

    v2_op("ApiGatewayV2", "apigatewayv2", APIGATEWAY) {
        ApiGatewayV2Apis [GetApis("apigateway:GET"), GetStages("apigateway:GET")] =>
            /// HTTP and WebSocket APIs.
            v2_apis: Vec<Api>;
        ApiGatewayV2Routes needs ApiGatewayV2Apis [
            GetRoutes("apigateway:GET"), GetIntegrations("apigateway:GET"),
        ] in v2_apis: routes;
    }
}

/// An API.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Api {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `REST`, `HTTP` or `WEBSOCKET`.
    pub protocol: String,
    /// Only VPC endpoints reach it.
    pub is_private: bool,
    /// Its endpoint `API.execute-api.REGION.amazonaws.com` answers; else custom domain names lead to it, if any do.
    pub has_default_endpoint: bool,
    /// The resource policy of a REST API as JSON text.
    pub policy: Option<String>,
    /// Its stages.
    pub stages: Collected<Vec<Stage>>,
    /// Its methods or routes, as they are configured now; none are asked for where it is private or has no stage.
    pub routes: Collected<Vec<Route>>,
}

/// A method of a REST API, or a route of an HTTP or WebSocket API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// `GET /pets`, `ANY /{proxy+}`, `$default`, `$connect`.
    pub key: String,
    /// `NONE`, `AWS_IAM`, `CUSTOM`, `COGNITO_USER_POOLS` or `JWT`.
    pub authorization: String,
    /// A request needs an API key.
    pub api_key_required: bool,
    /// ARNs of the functions that its integration calls, without version or alias: one, or one for each stage where stage
    /// variables name it.
    pub functions: Vec<String>,
    /// ARN of the role with which API Gateway calls them; without one, their own policies have to let it in.
    pub credentials: Option<String>,
}

/// A stage of an API.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// Id of the API.
    pub api: String,
    /// `REST`, `HTTP` or `WEBSOCKET`.
    pub protocol: String,
    /// Its name.
    pub name: String,
    /// ARN of its web ACL.
    pub web_acl: Option<String>,
    /// Access logs have a destination.
    pub access_log: bool,
    /// Every method or route logs its execution (`ERROR` or `INFO`).
    pub execution_log: bool,
    /// Some methods or routes log their execution, and others do not.
    pub execution_log_partly: bool,
    /// Tags.
    pub tags: Tags,
}

impl Judged for Stage {
    const TYPE: &'static str = "AWS::ApiGateway::Stage";
    const TYPES: &'static [&'static str] = &[Self::TYPE, "AWS::ApiGatewayV2::Stage"];
    fn id(&self) -> String {
        format!("{}/{}", self.api, self.name)
    }
    fn arn(&self, place: &Place<'_>) -> String {
        let root = if self.protocol == "REST" { "restapis" } else { "apis" };
        let Place { partition, region, .. } = place;
        format!("arn:{partition}:apigateway:{region}::/{root}/{}/stages/{}", self.api, self.name)
    }
    fn kind(&self) -> &'static str {
        if self.protocol == "REST" { Self::TYPE } else { "AWS::ApiGatewayV2::Stage" }
    }
    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }
}
