//! What records, tells, and stands at the edge.

use aws_audit_checks::snapshot::{
    acm::Certificate,
    apigateway::Stage,
    cloudfront::{CacheBehavior, Distribution, Origin},
    cloudtrail::{Trail, TrailStatus},
    guardduty::Detector,
    logs::LogGroup,
    sns::{Topic, TopicAttributes},
    sqs::{Queue, QueueAttributes},
};

use super::{Bool, Int, List, MapOf, Maybe, Text, Time, noun, object, region};

object! {
    Behavior(it: CacheBehavior) {
        /// The paths that it is for; `*` for the default one.
        path_pattern: Text = it.path_pattern,
        /// `allow-all`, `https-only` or `redirect-to-https`.
        viewer_protocol_policy: Text = it.viewer_protocol_policy,
        /// Id of the origin, or of a group of origins.
        target_origin_id: Text = it.target_origin,
    }
    OneOrigin(it: Origin) {
        /// Its id in the distribution.
        id: Text = it.id,
        /// Where it is.
        domain_name: Text = it.domain_name,
        /// The origin access control that signs requests to it.
        origin_access_control_id: Maybe<Text> = it.origin_access_control,
        /// It is reached inside a VPC.
        is_vpc_origin: Bool = it.is_vpc_origin,
        /// Names of the headers that CloudFront adds.
        custom_headers: List<Text> = it.custom_headers,
    }
    Status(it: TrailStatus) {
        /// Logging is on.
        is_logging: Bool = it.is_logging,
        /// The error of the latest delivery to S3; null when that went well.
        latest_delivery_error: Maybe<Text> = it.latest_delivery_error,
        /// When events last reached the log group.
        latest_cloudwatch_logs_delivery_time: Maybe<Time> = it.latest_cloudwatch_logs_delivery,
    }
    OfTopic(it: TopicAttributes) {
        /// Its policy, as JSON text.
        policy: Maybe<Text> = it.policy,
        /// The KMS key that messages are encrypted with.
        kms_master_key_id: Maybe<Text> = it.kms_key,
        /// Subscriptions that receive.
        subscriptions_confirmed: Int = it.confirmed_subscriptions,
        /// Subscriptions that wait to be confirmed.
        subscriptions_pending: Int = it.pending_subscriptions,
    }
    OfQueue(it: QueueAttributes) {
        /// Its policy, as JSON text.
        policy: Maybe<Text> = it.policy,
        /// The KMS key that messages are encrypted with.
        kms_master_key_id: Maybe<Text> = it.kms_key,
        /// Messages are encrypted with a key of SQS.
        sqs_managed_sse_enabled: Bool = it.sqs_managed_encryption,
    }
}

noun! {
    ACM_CERTIFICATE = "acm.certificate", "Certificate of ACM", "ACM証明書": Certificate, cx, it;
    sources &[Source::AcmCertificates];
    each regional |it| &it.acm.certificates;
    /// The domain that it is for.
    domain_name: Text = it.domain,
    /// `ISSUED`, `PENDING_VALIDATION`, `EXPIRED`, …
    status: Text = it.status,
    /// `AMAZON_ISSUED`, `IMPORTED` or `PRIVATE`.
    certificate_type: Text = it.kind,
    /// A service of AWS uses it.
    in_use: Bool = it.in_use,
    /// When it expires.
    not_after: Maybe<Time> = it.not_after,
}

noun! {
    APIGATEWAY_STAGE = "apigateway.stage", "Stage of an API", "APIのステージ": Stage, cx, it;
    sources &[Source::ApiGatewayRestApis, Source::ApiGatewayV2Apis];
    each with |cx: &mut Context<'a>, judge: &mut dyn FnMut(&Context<'a>, &'a Stage) -> _| {
        cx.each_region(|cx, region| {
            for apis in [&region.apigateway.rest_apis, &region.apigateway.v2_apis] {
                for api in apis.known().into_iter().flatten() {
                    cx.each_known(&api.stages, |cx, stage| judge(cx, stage));
                }
                if let Err(why) = apis.get() {
                    cx.unread(<Stage as Judged>::TYPES, why);
                }
            }
        });
    };
    /// Id of the API.
    api_id: Text = it.api,
    /// `REST`, `HTTP` or `WEBSOCKET`.
    protocol_type: Text = it.protocol,
    /// Its name in the API.
    stage_name: Text = it.name,
    /// ARN of its web ACL.
    web_acl_arn: Maybe<Text> = it.web_acl,
    /// Access logs have a destination.
    access_logging: Bool = it.access_log,
    /// Every method or route logs its execution.
    execution_logging: Bool = it.execution_log,
    /// Tags.
    tags: MapOf<Text> = it.tags,
}

noun! {
    CLOUDFRONT_DISTRIBUTION = "cloudfront.distribution", "CloudFront distribution", "CloudFrontディストリビューション": Distribution, cx, it;
    sources &[Source::CloudFrontDistributions];
    each global |it| &it.cloudfront.distributions;
    /// `….cloudfront.net`
    domain_name: Text = it.domain_name,
    /// Its alternate domain names.
    aliases: List<Text> = it.aliases,
    /// It answers requests.
    enabled: Bool = it.enabled,
    /// The web ACL before it.
    web_acl_id: Maybe<Text> = it.web_acl,
    /// `TLSv1.2_2021`, …; null with CloudFront's own certificate, which allows TLS 1.0.
    minimum_protocol_version: Maybe<Text> = it.minimum_protocol_version,
    /// The default cache behavior and the others.
    cache_behaviors: List<Behavior> = it.behaviors,
    /// Its origins.
    origins: List<OneOrigin> = it.origins,
    /// What a request for `/` gets.
    default_root_object: Maybe<Text> [CloudFrontDistributionConfigs] =
        cx.snapshot.cloudfront.configs.of(&it.id).map(|config| &config.default_root_object),
    /// Standard logs (legacy) go to a bucket.
    standard_logging: Bool [CloudFrontDistributionConfigs] =
        cx.snapshot.cloudfront.configs.of(&it.id).map(|config| config.standard_logging),
}

noun! {
    CLOUDTRAIL_TRAIL = "cloudtrail.trail", "CloudTrail trail", "CloudTrailの証跡": Trail, cx, it;
    sources &[Source::CloudTrailTrails];
    each regional |it| &it.cloudtrail.trails;
    /// It covers all regions.
    is_multi_region_trail: Bool = it.is_multi_region,
    /// It records events of global services.
    include_global_service_events: Bool = it.include_global_service_events,
    /// Digest files let tampering be noticed.
    log_file_validation_enabled: Bool = it.log_file_validation,
    /// The bucket that it delivers to.
    s3_bucket_name: Maybe<Text> = it.bucket,
    /// The KMS key that log files are encrypted with.
    kms_key_id: Maybe<Text> = it.kms_key,
    /// The log group that it delivers to.
    cloud_watch_logs_log_group_arn: Maybe<Text> = it.log_group_arn,
    /// Whether it logs now.
    status: Status = it.status,
    /// The kinds of insights that it looks for.
    insight_selectors: List<Text> [CloudTrailInsights] =
        region(cx).and_then(|region| region.cloudtrail.insights.of(&it.arn)),
}

noun! {
    GUARDDUTY_DETECTOR = "guardduty.detector", "GuardDuty detector", "GuardDutyのディテクター": Detector, cx, it;
    sources &[Source::GuardDutyDetectors];
    each regional |it| &it.guardduty.detectors;
    /// It is enabled, not suspended.
    enabled: Bool = it.enabled,
    /// Protection plans by name (`S3_DATA_EVENTS`, …), and whether they are on.
    features: MapOf<Bool> = it.features,
}

noun! {
    LOGS_LOG_GROUP = "logs.log_group", "Log group", "ロググループ": LogGroup, cx, it;
    sources &[Source::LogsLogGroups];
    each regional |it| &it.logs.log_groups;
    /// Days that events are kept; null for ever.
    retention_in_days: Maybe<Int> = it.retention_days,
    /// ARN of the KMS key that it is encrypted with, besides AWS's own encryption.
    kms_key_id: Maybe<Text> = it.kms_key,
    /// `STANDARD`, `INFREQUENT_ACCESS` or `DELIVERY`.
    log_group_class: Text = it.class,
}

noun! {
    SNS_TOPIC = "sns.topic", "SNS topic", "SNSトピック": Topic, cx, it;
    sources &[Source::SnsTopics];
    each regional |it| &it.sns.topics;
    public by "sns-topic-public";
    /// What `GetTopicAttributes` says of it.
    attributes: OfTopic = it.attributes,
}

noun! {
    SQS_QUEUE = "sqs.queue", "SQS queue", "SQSキュー": Queue, cx, it;
    sources &[Source::SqsQueues];
    each regional |it| &it.sqs.queues;
    public by "sqs-queue-public";
    /// What `GetQueueAttributes` says of it.
    attributes: OfQueue = it.attributes,
}
