//! IAM: bulk answers first (authorization details, credential report), then the keys of users that have an
//! active one.

use std::{collections::BTreeMap, time::Duration};

use aws_audit_checks::{
    gap::Collected,
    snapshot::iam::{
        AccessKey, AttachedPolicy, Authorization, CredentialReport, Group, Iam, InlinePolicy,
        InstanceProfile, ManagedPolicy, OidcProvider, PasswordPolicy, ReportedUser, Role, ServerCertificate,
        User, UserAccessKeys, VirtualMfaDevice, is_aws_managed, op,
    },
    source::Source,
};
use aws_sdk_iam::types;
use jiff::Timestamp;
use percent_encoding::percent_decode_str;

use crate::collect::{
    ask::{Ask, each_of, sorted, tags, timestamp},
    call::CallError,
    items::{Lacks, Read, text},
};

/// How often to look whether the credential report is made, a second apart.
const REPORT_LOOKS: u32 = 30;

pub(in crate::collect) async fn collect(ask: &Ask) -> Iam {
    let (
        authorization,
        summary,
        password_policy,
        instance_profiles,
        (credential_report, access_keys),
        virtual_mfa_devices,
        server_certificates,
        saml_providers,
        oidc_providers,
        organizations_features,
    ) = tokio::join!(
        ask.list(Source::IamAuthorization, authorization(ask)),
        ask.source(Source::IamSummary, summary(ask)),
        ask.source(Source::IamPasswordPolicy, password_policy(ask)),
        ask.source(Source::IamInstanceProfiles, instance_profiles(ask)),
        credentials(ask),
        ask.list(Source::IamVirtualMfaDevices, virtual_mfa_devices(ask)),
        ask.list(Source::IamServerCertificates, server_certificates(ask)),
        ask.list(Source::IamSamlProviders, saml_providers(ask)),
        ask.list(Source::IamOidcProviders, oidc_providers(ask)),
        ask.source(Source::IamOrganizationsFeatures, organizations_features(ask)),
    );
    Iam {
        authorization,
        summary,
        password_policy,
        instance_profiles,
        credential_report,
        access_keys,
        virtual_mfa_devices,
        server_certificates,
        saml_providers,
        oidc_providers,
        organizations_features,
    }
}

async fn organizations_features(ask: &Ask) -> Result<Option<Vec<String>>, CallError> {
    let client = ask.aws.iam();
    let send = || client.list_organizations_features().send();
    let answer = ask.call(op::ListOrganizationsFeatures, None, send).await;
    match answer {
        Ok(answer) => {
            let features = answer.enabled_features().iter().map(|feature| feature.as_str().to_owned());
            Ok(Some(sorted(features, Clone::clone)))
        }
        Err(error) => match error.code.as_deref() {
            Some(
                "AccountNotManagementOrDelegatedAdministratorException" | "OrganizationNotFoundException",
            ) => Ok(None),
            // IAM has no trusted access to the organization, so that nothing can be on.
            Some("ServiceAccessNotEnabledException" | "OrganizationNotInAllFeaturesModeException") => {
                Ok(Some(Vec::new()))
            }
            _ => Err(error),
        },
    }
}

async fn authorization(ask: &Ask) -> Result<Read<Authorization>, CallError> {
    let client = ask.aws.iam();
    let operation = op::GetAccountAuthorizationDetails;
    let pages = ask
        .pages(
            operation,
            None,
            |marker| async {
                let mut page = client
                    .get_account_authorization_details()
                    .max_items(1000)
                    .set_marker(marker)
                    .send()
                    .await?;
                // Where AWS's own policies are listed that nobody holds, they are most of the answer and say nothing of
                // the account: at once, so that they are not in memory together.
                if let Some(policies) = &mut page.policies {
                    policies.retain(is_of_the_account);
                }
                Ok(page)
            },
            |page| page.marker().filter(|_| page.is_truncated()),
        )
        .await?;
    let users = ask.items(operation, pages.iter().flat_map(|page| page.user_detail_list()), user);
    let groups = ask.items(operation, pages.iter().flat_map(|page| page.group_detail_list()), group);
    let roles = ask.items(operation, pages.iter().flat_map(|page| page.role_detail_list()), role);
    let policies = ask.items(operation, pages.iter().flat_map(|page| page.policies()), managed_policy);
    Ok(Read {
        unread: users.unread.or(groups.unread).or(roles.unread).or(policies.unread),
        value: Authorization {
            users: sorted(users.value, |user| user.name.clone()),
            groups: sorted(groups.value, |group| group.name.clone()),
            roles: sorted(roles.value, |role| role.name.clone()),
            policies: sorted(policies.value, |policy| policy.arn.clone()),
        },
    })
}

/// Whether it is the account's own or somebody in the account holds it.
fn is_of_the_account(policy: &types::ManagedPolicyDetail) -> bool {
    let counts = [policy.attachment_count, policy.permissions_boundary_usage_count];
    !policy.arn().is_some_and(is_aws_managed) || counts.into_iter().flatten().any(|count| count > 0)
}

async fn instance_profiles(ask: &Ask) -> Result<Vec<InstanceProfile>, CallError> {
    let client = ask.aws.iam();
    let pages = ask
        .pages(
            op::ListInstanceProfiles,
            None,
            |marker| client.list_instance_profiles().max_items(1000).set_marker(marker).send(),
            |page| page.marker().filter(|_| page.is_truncated()),
        )
        .await?;
    let profiles = pages.iter().flat_map(|page| page.instance_profiles()).map(|profile| InstanceProfile {
        arn: profile.arn().to_owned(),
        // IAM lists them and lets there be one.
        role: profile.roles().first().map(|role| role.arn().to_owned()),
    });
    Ok(sorted(profiles, |profile| profile.arn.clone()))
}

/// IAM returns documents URL-encoded.
fn document(encoded: Option<&str>, field: &'static str) -> Result<String, Lacks> {
    text(encoded, field).map(|encoded| percent_decode_str(&encoded).decode_utf8_lossy().into_owned())
}

fn inline_policies(policies: &[types::PolicyDetail]) -> Result<Vec<InlinePolicy>, Lacks> {
    let policies = policies.iter().map(|policy| {
        Ok(InlinePolicy {
            name: text(policy.policy_name(), "PolicyName")?,
            document: document(policy.policy_document(), "PolicyDocument")?,
        })
    });
    Ok(sorted(policies.collect::<Result<Vec<_>, _>>()?, |policy| policy.name.clone()))
}

fn attached_policies(policies: &[types::AttachedPolicy]) -> Result<Vec<AttachedPolicy>, Lacks> {
    let policies = policies.iter().map(|policy| {
        let arn = text(policy.policy_arn(), "PolicyArn")?;
        Ok(AttachedPolicy { name: policy.policy_name().unwrap_or(name_in(&arn)).to_owned(), arn })
    });
    Ok(sorted(policies.collect::<Result<Vec<_>, _>>()?, |policy| policy.arn.clone()))
}

/// When something was made.
fn created(date: Option<&aws_smithy_types::DateTime>) -> Result<Timestamp, Lacks> {
    date.and_then(timestamp).ok_or(Lacks::field("CreateDate"))
}

/// The last part of an ARN's path.
fn name_in(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

fn boundary(boundary: Option<&types::AttachedPermissionsBoundary>) -> Option<String> {
    boundary?.permissions_boundary_arn().map(str::to_owned)
}

fn user(user: &types::UserDetail) -> Result<User, Lacks> {
    let mut groups = user.group_list().to_vec();
    groups.sort();
    let name = text(user.user_name(), "UserName")?;
    let lacking = Lacks::of(&name);
    Ok(User {
        arn: text(user.arn(), "Arn").map_err(&lacking)?,
        created: created(user.create_date()).map_err(&lacking)?,
        groups,
        inline_policies: inline_policies(user.user_policy_list()).map_err(&lacking)?,
        attached_policies: attached_policies(user.attached_managed_policies()).map_err(&lacking)?,
        name,
        permissions_boundary: boundary(user.permissions_boundary()),
        tags: tags(user.tags().iter().map(|tag| (Some(tag.key()), Some(tag.value())))),
    })
}

fn group(group: &types::GroupDetail) -> Result<Group, Lacks> {
    let name = text(group.group_name(), "GroupName")?;
    let lacking = Lacks::of(&name);
    Ok(Group {
        arn: text(group.arn(), "Arn").map_err(&lacking)?,
        inline_policies: inline_policies(group.group_policy_list()).map_err(&lacking)?,
        attached_policies: attached_policies(group.attached_managed_policies()).map_err(&lacking)?,
        name,
    })
}

fn role(role: &types::RoleDetail) -> Result<Role, Lacks> {
    let profiles = role.instance_profile_list().iter().map(|profile| profile.arn().to_owned());
    let name = text(role.role_name(), "RoleName")?;
    let lacking = Lacks::of(&name);
    let trust = document(role.assume_role_policy_document(), "AssumeRolePolicyDocument");
    Ok(Role {
        arn: text(role.arn(), "Arn").map_err(&lacking)?,
        path: role.path().unwrap_or("/").to_owned(),
        created: created(role.create_date()).map_err(&lacking)?,
        assume_role_policy: trust.map_err(&lacking)?,
        inline_policies: inline_policies(role.role_policy_list()).map_err(&lacking)?,
        attached_policies: attached_policies(role.attached_managed_policies()).map_err(&lacking)?,
        name,
        permissions_boundary: boundary(role.permissions_boundary()),
        instance_profiles: sorted(profiles, Clone::clone),
        last_used: role.role_last_used().and_then(|used| timestamp(used.last_used_date()?)),
        tags: tags(role.tags().iter().map(|tag| (Some(tag.key()), Some(tag.value())))),
    })
}

fn managed_policy(policy: &types::ManagedPolicyDetail) -> Result<ManagedPolicy, Lacks> {
    let arn = text(policy.arn(), "Arn").map_err(Lacks::of(policy.policy_name().unwrap_or_default()))?;
    let lacking = Lacks::of(&arn);
    let versions = policy.policy_version_list().iter().map(|version| {
        let id = text(version.version_id(), "VersionId")?;
        Ok((id, document(version.document(), "Document")?))
    });
    let mut versions = versions.collect::<Result<BTreeMap<_, _>, _>>().map_err(&lacking)?;
    let default_version = text(policy.default_version_id(), "DefaultVersionId").map_err(&lacking)?;
    let default =
        versions.remove(&default_version).ok_or(Lacks::field("the document of its default version"));
    Ok(ManagedPolicy {
        name: policy.policy_name().unwrap_or(name_in(&arn)).to_owned(),
        attachment_count: policy.attachment_count().unwrap_or_default().into(),
        boundary_usage_count: policy.permissions_boundary_usage_count().unwrap_or_default().into(),
        document: default.map_err(&lacking)?,
        default_version,
        other_versions: versions,
        arn,
    })
}

async fn summary(ask: &Ask) -> Result<BTreeMap<String, i64>, CallError> {
    let client = ask.aws.iam();
    let answer = ask.call(op::GetAccountSummary, None, || client.get_account_summary().send()).await?;
    let counts = answer.summary_map().into_iter().flatten();
    Ok(counts.map(|(name, count)| (name.as_str().to_owned(), i64::from(*count))).collect())
}

async fn password_policy(ask: &Ask) -> Result<Option<PasswordPolicy>, CallError> {
    let client = ask.aws.iam();
    let answer =
        ask.call(op::GetAccountPasswordPolicy, None, || client.get_account_password_policy().send()).await;
    let answer = CallError::unless_absent(answer)?;
    Ok(answer.as_ref().and_then(|answer| answer.password_policy()).map(|policy| PasswordPolicy {
        minimum_length: policy.minimum_password_length().unwrap_or(6).into(),
        require_uppercase: policy.require_uppercase_characters(),
        require_lowercase: policy.require_lowercase_characters(),
        require_numbers: policy.require_numbers(),
        require_symbols: policy.require_symbols(),
        reuse_prevention: policy.password_reuse_prevention().map(i64::from),
        max_age_days: policy.max_password_age().filter(|days| *days > 0).map(i64::from),
        hard_expiry: policy.hard_expiry().unwrap_or(false),
        users_may_change: policy.allow_users_to_change_password(),
    }))
}

async fn credentials(ask: &Ask) -> (Collected<CredentialReport>, Collected<Vec<UserAccessKeys>>) {
    let report = ask.source(Source::IamCredentialReport, credential_report(ask)).await;
    // Without the report it is not known who has keys: its gap is this one's too.
    let keys = match &report {
        _ if !ask.run.plan.contains(&Source::IamAccessKeys) => Collected::default(),
        Collected::Value(report) => Collected::Value(access_keys(ask, report).await),
        unread => unread.as_ref().map(|_| Vec::new()),
    };
    (report, keys)
}

async fn credential_report(ask: &Ask) -> Result<CredentialReport, CallError> {
    let client = ask.aws.iam();
    let generate = || client.generate_credential_report().send();
    for _ in 0..REPORT_LOOKS {
        let answer = ask.call(op::GenerateCredentialReport, None, generate).await?;
        if answer.state() == Some(&types::ReportStateType::Complete) {
            break;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let id = op::GetCredentialReport;
    let answer = ask.call(id, None, || client.get_credential_report().send()).await?;
    let generated_at = answer.generated_time().and_then(timestamp);
    let content = answer.content().map(AsRef::as_ref).unwrap_or_default();
    CredentialReport::parse(content, generated_at).map_err(|message| ask.unreadable(id, None, message))
}

async fn access_keys(ask: &Ask, report: &CredentialReport) -> Vec<UserAccessKeys> {
    let users = report.users.values();
    let with_keys = users.filter(|user| user.credentials.access_keys.iter().any(|key| key.active));
    each_of(with_keys.map(|ReportedUser { name, credentials }| async {
        let keys = ask.keep(keys_of(ask, name, &credentials.arn).await);
        UserAccessKeys { user: name.clone(), user_arn: credentials.arn.clone(), keys }
    }))
    .await
}

async fn keys_of(ask: &Ask, user: &str, arn: &str) -> Result<Vec<AccessKey>, CallError> {
    let client = ask.aws.iam();
    let operation = op::ListAccessKeys;
    let answer = ask.call(operation, Some(user), || client.list_access_keys().user_name(user).send()).await;
    // A user that was deleted since the report was made has no keys.
    let answer = CallError::unless_gone(answer)?;
    let listed = answer.iter().flat_map(|answer| answer.access_key_metadata());
    let keys = ask.all_items(operation, Some(user), listed, |key| {
        Ok(AccessKey {
            id: text(key.access_key_id(), "AccessKeyId")?,
            user: user.to_owned(),
            user_arn: arn.to_owned(),
            active: match key.status() {
                Some(types::StatusType::Active) => true,
                Some(types::StatusType::Inactive | types::StatusType::Expired) => false,
                _ => return Err(Lacks::field("Status")),
            },
            created: created(key.create_date())?,
        })
    });
    Ok(sorted(keys?, |key| key.id.clone()))
}

async fn virtual_mfa_devices(ask: &Ask) -> Result<Read<Vec<VirtualMfaDevice>>, CallError> {
    let client = ask.aws.iam();
    let operation = op::ListVirtualMFADevices;
    let pages = ask
        .pages(
            operation,
            None,
            |marker| {
                let assigned = types::AssignmentStatusType::Assigned;
                client
                    .list_virtual_mfa_devices()
                    .assignment_status(assigned)
                    .max_items(1000)
                    .set_marker(marker)
                    .send()
            },
            |page| page.marker().filter(|_| page.is_truncated()),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.virtual_mfa_devices());
    let devices = ask.items(operation, listed, |device| {
        let serial_number = text(device.serial_number(), "SerialNumber")?;
        let user = device.user().ok_or(Lacks::field("User")).map_err(Lacks::of(&serial_number))?;
        let user_arn = text(user.arn(), "Arn").map_err(Lacks::of(&serial_number))?;
        Ok(VirtualMfaDevice { serial_number, user_arn })
    });
    Ok(devices.sorted(|device| device.serial_number.clone()))
}

async fn server_certificates(ask: &Ask) -> Result<Read<Vec<ServerCertificate>>, CallError> {
    let client = ask.aws.iam();
    let operation = op::ListServerCertificates;
    let pages = ask
        .pages(
            operation,
            None,
            |marker| client.list_server_certificates().max_items(1000).set_marker(marker).send(),
            |page| page.marker().filter(|_| page.is_truncated()),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.server_certificate_metadata_list());
    let certificates = ask.items(operation, listed, |certificate| {
        let name = text(certificate.server_certificate_name(), "ServerCertificateName")?;
        Ok(ServerCertificate {
            arn: text(certificate.arn(), "Arn").map_err(Lacks::of(&name))?,
            expires: certificate.expiration().and_then(timestamp),
            name,
        })
    });
    Ok(certificates.sorted(|certificate| certificate.name.clone()))
}

async fn saml_providers(ask: &Ask) -> Result<Read<Vec<String>>, CallError> {
    let client = ask.aws.iam();
    let operation = op::ListSAMLProviders;
    let answer = ask.call(operation, None, || client.list_saml_providers().send()).await?;
    let arns = ask.items(operation, answer.saml_provider_list(), |provider| text(provider.arn(), "Arn"));
    Ok(arns.sorted(Clone::clone))
}

async fn oidc_providers(ask: &Ask) -> Result<Read<Vec<OidcProvider>>, CallError> {
    let client = ask.aws.iam();
    let operation = op::ListOpenIDConnectProviders;
    let answer = ask.call(operation, None, || client.list_open_id_connect_providers().send()).await?;
    let listed = answer.open_id_connect_provider_list();
    let arns = ask.items(operation, listed, |provider| text(provider.arn(), "Arn"));
    let providers = arns.try_then(ask, |arn| async move {
        // One that was deleted meanwhile is none.
        let client_ids = CallError::unless_gone(client_ids(ask, &arn).await).transpose();
        Ok(client_ids.map(|client_ids| OidcProvider { client_ids: ask.keep(client_ids), arn }))
    });
    Ok(providers.await.sorted(|provider| provider.arn.clone()))
}

async fn client_ids(ask: &Ask, arn: &str) -> Result<Vec<String>, CallError> {
    let client = ask.aws.iam();
    let send = || client.get_open_id_connect_provider().open_id_connect_provider_arn(arn).send();
    let answer = ask.call(op::GetOpenIDConnectProvider, Some(arn), send).await?;
    Ok(sorted(answer.client_id_list().iter().cloned(), Clone::clone))
}
