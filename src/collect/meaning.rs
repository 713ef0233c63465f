//! What error answers of AWS mean. The one table of it: every collector, and whoever tells of gaps, goes by this.
//!
//! Services do not agree on codes, and some say one thing with the code of another. So a row names operations,
//! codes, words and an HTTP status, each or not, and the first row that fits decides. Words are looked for in the
//! whole message. A row that makes an error an answer (`Absent`, `Gone`, `NotOffered`) must not fit a refusal:
//! what AWS's words say of permissions comes first.
//!
//! `meaning.toml` has real answers with what they mean; each row is there for at least one of them.

use aws_audit_checks::{
    gap::{GapKind, Refusal},
    snapshot::{
        cloudtrail, ec2, ecs, efs, guardduty, iam, identity_center, incident, kms, lambda, macie,
        organizations, securityhub, shield, ssm,
    },
    source::Operation,
};

/// What an error answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Never set up, or not configured: that is an answer.
    Absent,
    /// The resource that the call is about went away after it was listed.
    Gone,
    /// AWS does not offer it, in this region or to this account.
    NotOffered,
    /// The bucket is there, in another region.
    Elsewhere,
    /// The region is not enabled for the account, or does not know the session. Outside regions: no such
    /// credentials.
    UnknownHere,
    /// Refused: by this, or for lack of a permission.
    Denied(Option<Refusal>),
    /// Too many requests.
    Throttled,
    /// The credentials have expired.
    Expired,
    /// The request is too old for the service: the clock is wrong, or temporary credentials have expired.
    Stale,
    /// The time in the request is wrong.
    WrongClock,
    /// The credentials are none that AWS knows, or their secret is wrong.
    BadCredentials,
    /// Something else went wrong.
    Other,
}

/// An error answer, and what was asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer<'a> {
    pub(super) operation: &'static Operation,
    /// The call was about one resource, and not for a list.
    pub(super) on_resource: bool,
    pub(super) status: u16,
    pub(super) code: &'a str,
    /// The whole of it.
    pub(super) message: &'a str,
}

struct Row {
    /// Operations; those of `services` when none.
    operations: &'static [&'static Operation],
    /// Prefixes of ids (`macie2`); all when none.
    services: &'static [&'static str],
    /// Codes, with `*` before an ending; all when none.
    codes: &'static [&'static str],
    /// Words, in lower case, of which the message has one; any message when none.
    words: &'static [&'static str],
    /// HTTP statuses; all when none.
    statuses: &'static [u16],
    /// Only of calls about one resource.
    on_resource: bool,
    means: Meaning,
    /// Where it is documented, or was seen.
    #[cfg_attr(not(test), expect(dead_code, reason = "for readers, and tests"))]
    source: &'static str,
}

impl Row {
    const fn new(means: Meaning, source: &'static str) -> Self {
        Self {
            operations: &[],
            services: &[],
            codes: &[],
            words: &[],
            statuses: &[],
            on_resource: false,
            means,
            source,
        }
    }

    const fn of(self, operations: &'static [&'static Operation]) -> Self {
        Self { operations, ..self }
    }

    const fn of_services(self, services: &'static [&'static str]) -> Self {
        Self { services, ..self }
    }

    const fn codes(self, codes: &'static [&'static str]) -> Self {
        Self { codes, ..self }
    }

    const fn saying(self, words: &'static [&'static str]) -> Self {
        Self { words, ..self }
    }

    const fn status(self, statuses: &'static [u16]) -> Self {
        Self { statuses, ..self }
    }

    const fn on_resource(self) -> Self {
        Self { on_resource: true, ..self }
    }

    fn fits(&self, answer: &Answer<'_>, message: &str) -> bool {
        let code = |code: &&str| {
            code.strip_prefix('*').map_or(answer.code == *code, |end| answer.code.ends_with(end))
        };
        (self.operations.is_empty() || self.operations.contains(&answer.operation))
            && (self.services.is_empty() || self.services.contains(&answer.operation.prefix))
            && (self.codes.is_empty() || self.codes.iter().any(code))
            && (self.words.is_empty() || self.words.iter().any(|words| message.contains(words)))
            && (self.statuses.is_empty() || self.statuses.contains(&answer.status))
            && (answer.on_resource || !self.on_resource)
    }
}

impl Answer<'_> {
    /// The row of the table that decides.
    fn row(&self) -> Option<&'static Row> {
        let message = self.message.to_lowercase();
        // EC2's older answers name who is at fault first: `Client.UnauthorizedOperation`.
        let code = self.code.strip_prefix("Client.").unwrap_or(self.code);
        let answer = Answer { code, ..*self };
        TABLE.iter().find(|row| row.fits(&answer, &message))
    }

    pub(super) fn meaning(&self) -> Meaning {
        self.row().map_or(Meaning::Other, |row| row.means)
    }

    /// What kind of gap the answer is, where the caller does not take it for a value.
    pub(super) fn kind(&self, meaning: Meaning) -> GapKind {
        match meaning {
            Meaning::Denied(_) => GapKind::AccessDenied,
            Meaning::Absent | Meaning::Gone | Meaning::NotOffered if matches!(self.status, 401 | 403) => {
                GapKind::AccessDenied
            }
            Meaning::Absent | Meaning::Gone | Meaning::NotOffered | Meaning::Elsewhere | Meaning::Other => {
                GapKind::ServerError
            }
            Meaning::UnknownHere => GapKind::RegionDisabled,
            Meaning::Throttled => GapKind::Throttled,
            Meaning::Expired | Meaning::BadCredentials => GapKind::InvalidCredentials,
            Meaning::Stale | Meaning::WrongClock => GapKind::WrongClock,
        }
    }
}

/// The region of a bucket, as S3 names it to who asked in another: `expecting 'us-west-2'`.
pub(super) fn expected_region(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("expecting '")?;
    let (region, _) = rest.split_once('\'')?;
    let is_region = !region.is_empty() && region.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    is_region.then_some(region)
}

/// Codes of refusals.
const DENIALS: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "AuthorizationErrorException",
    "ForbiddenException",
    "NotAuthorized",
    "NotAuthorizedException",
    "UnauthorizedException",
    "UnauthorizedOperation",
];

/// Codes of requests that are refused for what they ask.
const INVALID: &[&str] = &[
    "BadRequestException",
    "InvalidInput",
    "InvalidInputException",
    "InvalidParameterCombination",
    "InvalidParameterException",
    "InvalidParameterValue",
    "InvalidParameterValueException",
    "InvalidRequest",
    "InvalidRequestException",
    "ValidationError",
    "ValidationException",
];

const IAM_MESSAGES: &str = "IAM User Guide, \"Troubleshoot access denied error messages\"";
const COMMON_ERRORS: &str = "\"Common Error Types\" of each service's API reference";
const EC2_ERRORS: &str = "Amazon EC2 API reference, \"Error codes for the Amazon EC2 API\"";
const S3_ERRORS: &str = "Amazon S3 API reference, \"Error responses\"";
const SWEEPERS: &str =
    "hashicorp/terraform-provider-aws internal/sweep/awsv2/skip.go: what real regions and accounts answer";
const OPT_IN: &str = "answers of regions that are not enabled: boto/boto3#2022, aws/aws-sdk-java#2119; IAM User Guide, \
                      \"Managing AWS STS in an AWS Region\" for sessions of the global endpoint";

static TABLE: &[Row] = &[
    // Who refused, as IAM's messages tell it. The policy types are IAM's, in its order.
    Row::new(Meaning::Denied(Some(Refusal::ServiceControlPolicy)), IAM_MESSAGES)
        .saying(&["deny in a service control policy", "because no service control policy allows"]),
    Row::new(Meaning::Denied(Some(Refusal::ResourceControlPolicy)), IAM_MESSAGES)
        .saying(&["deny in a resource control policy", "because no resource control policy allows"]),
    Row::new(Meaning::Denied(Some(Refusal::EndpointPolicy)), IAM_MESSAGES)
        .saying(&["deny in a vpc endpoint policy", "because no vpc endpoint policy allows"]),
    Row::new(Meaning::Denied(Some(Refusal::PermissionsBoundary)), IAM_MESSAGES)
        .saying(&["deny in a permissions boundary", "because no permissions boundary allows"]),
    Row::new(Meaning::Denied(Some(Refusal::SessionPolicy)), IAM_MESSAGES)
        .saying(&["deny in a session policy", "because no session policy allows"]),
    Row::new(Meaning::Denied(Some(Refusal::ResourcePolicy)), IAM_MESSAGES)
        .saying(&["deny in a resource-based policy", "because no resource-based policy allows"]),
    Row::new(Meaning::Denied(Some(Refusal::Deny)), IAM_MESSAGES).saying(&["with an explicit deny"]),
    Row::new(Meaning::Denied(None), IAM_MESSAGES).saying(&["is not authorized to perform"]),
    // Time.
    Row::new(Meaning::WrongClock, "aws/aws-sdk-js#527, #2565; IAM User Guide, \"Troubleshoot Signature Version 4 signing\"")
        .saying(&["signature expired", "signature not yet current"]),
    Row::new(Meaning::WrongClock, S3_ERRORS).codes(&["RequestTimeTooSkewed", "RequestInTheFuture"]),
    Row::new(Meaning::Stale, EC2_ERRORS).codes(&["RequestExpired"]),
    Row::new(Meaning::Expired, S3_ERRORS).codes(&["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"]),
    Row::new(Meaning::Expired, COMMON_ERRORS).saying(&["security token included in the request is expired"]),
    // Never set up, by operation.
    Row::new(
        Meaning::Absent,
        "Security Hub API reference, DescribeHub: with this code Security Hub is not enabled (a lack of permission \
         is AccessDeniedException); its words have changed since",
    )
    .of(&[securityhub::op::DescribeHub, securityhub::op::DescribeSecurityHubV2, securityhub::op::GetAdministratorAccount])
    .codes(&["InvalidAccessException"]),
    Row::new(Meaning::Absent, "Security Hub API reference: no hub, no administrator")
        .of(&[securityhub::op::DescribeHub, securityhub::op::DescribeSecurityHubV2, securityhub::op::GetAdministratorAccount])
        .codes(&["ResourceNotFoundException"]),
    Row::new(Meaning::Absent, "Macie API reference: refuses where it is off (mondoohq/mql#5988), and only its words tell")
        .of_services(&["macie2"])
        .codes(DENIALS)
        .saying(&["macie is not enabled", "macie is disabled", "not enabled"]),
    Row::new(
        Meaning::Absent,
        "Macie API reference, GetAdministratorAccount: 404 where the account has no administrator; GuardDuty \
         answers with nothing, and its older words for the same are like Macie's",
    )
    .of(&[macie::op::GetAdministratorAccount, guardduty::op::GetAdministratorAccount])
    .codes(&["ResourceNotFoundException"]),
    Row::new(Meaning::Absent, "the same question, answered in words")
        .of(&[macie::op::GetAdministratorAccount, guardduty::op::GetAdministratorAccount, securityhub::op::GetAdministratorAccount])
        .saying(&[
            "does not have a master",
            "does not have an administrator",
            "doesn't have an administrator",
            "no administrator account",
            "not associated with an administrator",
            "not a member account",
        ]),
    Row::new(Meaning::Absent, "prowler-cloud/prowler#2322, #3166: trails that can have no insights, or have none")
        .of(&[cloudtrail::op::GetInsightSelectors])
        .codes(&["InsightNotEnabledException", "UnsupportedOperationException"]),
    Row::new(Meaning::Absent, "Account Management API reference: no such contact")
        .of_services(&["account"])
        .codes(&["ResourceNotFoundException"]),
    Row::new(Meaning::Absent, "Organizations API reference, DescribeOrganization")
        .of(&[organizations::op::DescribeOrganization])
        .codes(&["AWSOrganizationsNotInUseException"]),
    Row::new(Meaning::Absent, "IAM API reference, ListOrganizationsFeatures").of(&[iam::op::ListOrganizationsFeatures]).codes(&[
        "AccountNotManagementOrDelegatedAdministratorException",
        "OrganizationNotFoundException",
        "OrganizationNotInAllFeaturesModeException",
        "ServiceAccessNotEnabledException",
    ]),
    Row::new(Meaning::Absent, "IAM API reference, GetAccountPasswordPolicy")
        .of(&[iam::op::GetAccountPasswordPolicy])
        .codes(&["NoSuchEntity", "NoSuchEntityException"]),
    Row::new(
        Meaning::Absent,
        "Incident Manager says so with the code of a wrong request; Incident Manager User Guide: it is set up with \
         a replication set",
    )
    .of(&[incident::op::ListResponsePlans, incident::contact_op::ListContacts])
    .codes(&["ValidationException", "AccessDeniedException"])
    .saying(&["account not found", "replication set", "not onboarded", "not been onboarded"]),
    Row::new(Meaning::Absent, "Incident Manager API references: nothing was set up")
        .of(&[incident::op::ListResponsePlans, incident::contact_op::ListContacts])
        .codes(&["ResourceNotFoundException"]),
    Row::new(Meaning::Absent, "Security Incident Response API reference, ListMemberships")
        .of(&[incident::membership_op::ListMemberships])
        .codes(&["SecurityIncidentResponseNotActiveException"]),
    Row::new(Meaning::Absent, "Shield API reference, ListProtections: no subscription")
        .of(&[shield::op::ListProtections])
        .codes(&["ResourceNotFoundException"]),
    // Of a listed resource: not configured.
    Row::new(Meaning::Gone, "Lambda's words for a function or an alias that is gone")
        .of_services(&["lambda"])
        .codes(&["ResourceNotFoundException"])
        .saying(&["function not found", "cannot find alias"])
        .on_resource(),
    Row::new(Meaning::Absent, "Lambda API reference, GetPolicy: no policy; ListFunctionUrlConfigs: no URL")
        .of(&[lambda::op::GetPolicy, lambda::op::ListFunctionUrlConfigs])
        .codes(&["ResourceNotFoundException"]),
    Row::new(Meaning::Absent, "Systems Manager API reference, GetDocument: no such preferences")
        .of(&[ssm::op::GetDocument])
        .codes(&["InvalidDocument"]),
    Row::new(Meaning::Absent, "EFS API reference, DescribeFileSystemPolicy")
        .of(&[efs::op::DescribeFileSystemPolicy])
        .codes(&["PolicyNotFound"]),
    Row::new(Meaning::Absent, "Amazon ECR API reference: no lifecycle policy, no repository policy, never scanned").of_services(&["ecr"]).codes(&[
        "LifecyclePolicyNotFoundException",
        "RepositoryPolicyNotFoundException",
        "ScanNotFoundException",
    ]),
    Row::new(Meaning::Absent, S3_ERRORS).of_services(&["s3", "s3control"]).codes(&[
        "NoSuchAccessPointPolicy",
        "NoSuchBucketPolicy",
        "NoSuchLifecycleConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
        "OwnershipControlsNotFoundError",
        "ServerSideEncryptionConfigurationNotFoundError",
    ]),
    Row::new(Meaning::Absent, "hashicorp/terraform-provider-aws, aws_ssoadmin_permissions_boundary_attachment: no boundary")
        .of(&[identity_center::op::GetPermissionsBoundaryForPermissionSet])
        .codes(&["ResourceNotFoundException"]),
    // Gone since it was listed.
    Row::new(Meaning::Gone, "IAM Identity Center API reference: no such permission set, user or group")
        .of(&[
            identity_center::op::DescribePermissionSet,
            identity_center::op::GetInlinePolicyForPermissionSet,
            identity_center::op::ListAccountAssignments,
            identity_center::op::ListAccountAssignmentsForPrincipal,
            identity_center::op::ListCustomerManagedPolicyReferencesInPermissionSet,
            identity_center::op::ListManagedPoliciesInPermissionSet,
        ])
        .codes(&["ResourceNotFoundException"])
        .on_resource(),
    Row::new(Meaning::Gone, "cloud-custodian/cloud-custodian#10741: a service of a VPC endpoint that is there no longer")
        .of(&[ec2::op::DescribeVpcEndpointServices])
        .codes(&["InvalidServiceName"])
        .on_resource(),
    Row::new(Meaning::Gone, "ECS answers so for a family without an active revision, and with this code for other things")
        .of(&[ecs::op::DescribeTaskDefinition])
        .codes(&["ClientException"])
        .saying(&["unable to describe task definition"])
        .on_resource(),
    Row::new(Meaning::Gone, "turbot/steampipe-plugin-aws#1105: the words for a detector that does not exist")
        .of_services(&["guardduty"])
        .codes(&["BadRequestException"])
        .saying(&["detectorid is not owned by the current account"])
        .on_resource(),
    Row::new(Meaning::Gone, "Systems Manager API reference, DescribeDocumentPermission")
        .of(&[ssm::op::DescribeDocumentPermission])
        .codes(&["InvalidDocument"])
        .on_resource(),
    Row::new(Meaning::Gone, "AWS KMS API reference, GetKeyRotationStatus: only asked of enabled keys; this one is none by now")
        .of(&[kms::op::GetKeyRotationStatus])
        .codes(&["KMSInvalidStateException"])
        .on_resource(),
    Row::new(Meaning::Gone, "each service's API reference; prowler-cloud/prowler#1907: deleted while a scan runs")
        .codes(&[
            "*NotFound",
            "*NotFoundException",
            "*NotFoundFault",
            "*NotFoundError",
            "*NotExist",
            "*DoesNotExist",
            "*DoesNotExistException",
            "*NonExistentQueue",
            "NoSuchAccessPoint",
            "NoSuchBucket",
            "NoSuchDistribution",
            "NoSuchEntity",
            "NoSuchEntityException",
            "NoSuchHostedZone",
            "WAFNonexistentItemException",
        ])
        .on_resource(),
    // Not offered in the region, or to the account.
    Row::new(
        Meaning::NotOffered,
        "anomalyco/sst#5327; aws-bench/aws-bench#36: the endpoint knows no such operation, or not for this account",
    )
    .codes(DENIALS)
    .saying(&[
        "unable to determine service/operation name to be authorized",
        "not authorized to call this api in this region",
        "account is not authorized to invoke this api operation",
        "is not available for the current aws account",
        "api is not available in",
        "not available in this region",
        "not supported in this region",
        "not supported in the called region",
        "open to new customers",
        "available to new customers",
    ]),
    Row::new(Meaning::NotOffered, SWEEPERS)
        .codes(&["InvalidAction", "UnknownOperation", "UnknownOperationException"]),
    Row::new(Meaning::NotOffered, SWEEPERS).codes(&[
        "NoLongerSupportedException",
        "OperationNotSupportedException",
        "UnsupportedCommandException",
        "UnsupportedOperation",
        "UnsupportedOperationException",
    ]),
    Row::new(Meaning::NotOffered, SWEEPERS).codes(INVALID).saying(&[
        "access denied to api version",
        "not permitted in this api version for your account",
        "not whitelisted to use this feature",
        "not available in this region",
        "not available in the region",
        "not supported in this region",
        "not supported in the region",
        "not supported in the called region",
        "not supported for region",
        "not supported in region",
        "feature is not supported in",
        "only available in the",
        "only supported in the",
        "operation isn't supported",
        "this feature is disabled",
        "unknown operation",
        "open to new customers",
        "available to new customers",
    ]),
    Row::new(
        Meaning::NotOffered,
        "API Gateway Developer Guide, \"Gateway response types\": what a REST API answers to a path that it does not \
         have; every request here is signed",
    )
    .codes(&["MissingAuthenticationTokenException"])
    .saying(&["missing authentication token"]),
    Row::new(Meaning::NotOffered, "gruntwork-io/cloud-nuke#667")
        .codes(&["PermanentRedirect"])
        .saying(&["only available in the following regions"]),
    Row::new(Meaning::NotOffered, "Amazon S3 API reference, \"Error responses\": an account without S3 has no buckets")
        .codes(&["NotSignedUp"]),
    // S3's bucket in another region.
    Row::new(Meaning::Elsewhere, "aws/aws-sdk-net#1835, aws/aws-sdk-go#380")
        .of_services(&["s3"])
        .codes(&["AuthorizationHeaderMalformed"])
        .saying(&["expecting '"]),
    Row::new(Meaning::Elsewhere, S3_ERRORS)
        .of_services(&["s3"])
        .codes(&["IllegalLocationConstraintException", "PermanentRedirect", "TemporaryRedirect"]),
    Row::new(Meaning::Elsewhere, "Amazon S3 API reference, HeadBucket: a redirection, which may have no body")
        .of_services(&["s3"])
        .codes(&[""])
        .status(&[301, 307]),
    // The account.
    Row::new(Meaning::Denied(Some(Refusal::Account)), EC2_ERRORS).codes(&[
        "Blocked",
        "OptInRequired",
        "PendingVerification",
        "SubscriptionRequired",
        "SubscriptionRequiredException",
    ]),
    Row::new(Meaning::Denied(Some(Refusal::Account)), S3_ERRORS).codes(&["AccountProblem", "InvalidPayer"]),
    Row::new(Meaning::Denied(Some(Refusal::Account)), "the same, in words")
        .saying(&["account is suspended", "account has been suspended", "account is pending verification"]),
    Row::new(Meaning::UnknownHere, "AWS STS API reference, RegionDisabledException").codes(&["RegionDisabledException"]),
    // The region, or the credentials: only who knows where it was asked can tell.
    Row::new(Meaning::UnknownHere, OPT_IN).codes(&[
        "AuthFailure",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidToken",
        "UnrecognizedClient",
        "UnrecognizedClientException",
    ]),
    Row::new(Meaning::BadCredentials, COMMON_ERRORS).codes(&[
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InvalidSecurity",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "SignatureDoesNotMatch",
    ]),
    // Too much.
    Row::new(Meaning::Throttled, "\"Common Error Types\" of each service's API reference, and what the SDKs retry so").codes(&[
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttled",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    ]),
    Row::new(Meaning::Throttled, "some services say it under other codes").saying(&["rate exceeded", "reduce your request rate"]),
    // The endpoint is there, and does not have the operation.
    Row::new(Meaning::NotOffered, "RFC 9110, 501 (Not Implemented); Amazon S3 API reference, Error responses")
        .codes(&["", "NotImplemented"])
        .status(&[501]),
    Row::new(Meaning::Throttled, "RFC 6585").status(&[429]),
    Row::new(Meaning::Throttled, "load balancers in front of services answer so, without a code").codes(&[""]).status(&[503]),
    // Refused, and not said why.
    Row::new(Meaning::Denied(None), COMMON_ERRORS).codes(DENIALS),
    Row::new(Meaning::Denied(None), "S3 and others: AllAccessDisabled, AccessDeniedForDependencyException, …").status(&[401, 403]),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use aws_audit_checks::source;
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Corpus {
        answer: Vec<Known>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Known {
        operation: String,
        #[serde(default)]
        resource: bool,
        status: u16,
        code: String,
        message: String,
        means: String,
        source: String,
    }

    impl Known {
        fn answer(&self) -> Answer<'_> {
            let Self { operation, resource, status, code, message, .. } = self;
            let operation = source::operations().find(|it| it.id == *operation).expect("an operation");
            Answer { operation, on_resource: *resource, status: *status, code, message }
        }
    }

    fn corpus() -> Vec<Known> {
        toml::from_str::<Corpus>(include_str!("meaning.toml")).unwrap().answer
    }

    /// As the corpus writes it.
    fn name(meaning: Meaning) -> String {
        match meaning {
            Meaning::Denied(Some(refusal)) => {
                format!("denied by {}", serde_json::to_value(refusal).unwrap().as_str().unwrap())
            }
            Meaning::Denied(None) => "denied".into(),
            Meaning::NotOffered => "not offered".into(),
            Meaning::UnknownHere => "unknown here".into(),
            Meaning::WrongClock => "wrong clock".into(),
            Meaning::BadCredentials => "bad credentials".into(),
            meaning => format!("{meaning:?}").to_lowercase(),
        }
    }

    #[test]
    fn every_known_answer_means_what_it_means() {
        let wrong: Vec<_> = corpus()
            .iter()
            .map(|known| {
                (
                    format!("{} {}: {}", known.operation, known.code, known.message),
                    known.means.clone(),
                    name(known.answer().meaning()),
                )
            })
            .filter(|(_, means, told)| means != told)
            .collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn every_row_has_an_answer_and_a_source() {
        let corpus = corpus();
        let used: BTreeSet<_> =
            corpus.iter().filter_map(|known| known.answer().row()).map(std::ptr::from_ref).collect();
        for row in TABLE {
            assert!(!row.source.is_empty());
            let (operations, codes, words) = ((row.operations, row.services), row.codes, row.words);
            assert!(
                used.contains(&std::ptr::from_ref(row)),
                "no answer for {operations:?} {codes:?} {words:?}"
            );
        }
        assert!(corpus.iter().all(|known| !known.source.is_empty()));
    }

    #[test]
    fn services_are_those_of_operations_and_words_in_lower_case() {
        let prefixes: BTreeSet<_> = source::operations().map(|operation| operation.prefix).collect();
        for row in TABLE {
            assert!(row.services.iter().all(|of| prefixes.contains(of)), "{:?}", row.services);
            assert!(row.words.iter().all(|words| words.to_lowercase() == **words), "{:?}", row.words);
        }
    }

    /// A refusal must never become an answer, whatever else its words hold.
    #[test]
    fn a_refusal_by_a_policy_is_never_an_answer() {
        for known in corpus() {
            for end in [
                "with an explicit deny in a service control policy",
                "because no identity-based policy allows the action",
            ] {
                let message = format!(
                    "User: arn:aws:iam::111122223333:user/a is not authorized to perform: {} on resource: x {end}. {}",
                    known.operation, known.message
                );
                let answer = Answer {
                    message: &message,
                    code: "AccessDeniedException",
                    status: 403,
                    ..known.answer()
                };
                assert!(matches!(answer.meaning(), Meaning::Denied(_)), "{message}");
            }
        }
    }

    #[test]
    fn the_region_of_a_bucket_is_read_from_s3_s_words() {
        let said =
            "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'us-west-2'";
        assert_eq!(expected_region(said), Some("us-west-2"));
        assert_eq!(expected_region("expecting 'x/../y'"), None);
        assert_eq!(expected_region("Access Denied"), None);
    }
}
