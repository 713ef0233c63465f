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
    }

    v2_op("ApiGatewayV2", "apigatewayv2", APIGATEWAY) {
        ApiGatewayV2Apis [GetApis("apigateway:GET"), GetStages("apigateway:GET")] =>
            /// HTTP and WebSocket APIs.
            v2_apis: Vec<Api>;
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
    /// Its stages.
    pub stages: Collected<Vec<Stage>>,
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
