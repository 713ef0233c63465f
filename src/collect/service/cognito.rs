//! Amazon Cognito.

use aws_audit_checks::{
    snapshot::cognito::{
        AppClient, Cognito, IdentityPool, MappingRule, PasswordPolicy, RoleMapping, UserPool,
        UserPoolSettings, identity_pool_op, user_pool_op,
    },
    source::Source,
};
use aws_sdk_cognitoidentity::{
    operation::{
        describe_identity_pool::DescribeIdentityPoolOutput,
        get_identity_pool_roles::GetIdentityPoolRolesOutput,
    },
    types,
};
use aws_sdk_cognitoidentityprovider::{Client, types::UserPoolMfaType};

use crate::collect::{
    ask::{Ask, sorted, tags},
    call::CallError,
    items::{Lacks, Read, known, text},
};

pub(in crate::collect) async fn collect(ask: &Ask) -> Cognito {
    let client = &ask.aws.cognito_identity_provider();
    let (user_pools, identity_pools) = tokio::join!(
        ask.list(Source::CognitoUserPools, user_pools(ask, client)),
        ask.list(Source::CognitoIdentityPools, identity_pools(ask)),
    );
    Cognito { user_pools, identity_pools }
}

async fn user_pools(ask: &Ask, client: &Client) -> Result<Read<Vec<UserPool>>, CallError> {
    let operation = user_pool_op::ListUserPools;
    let pages = ask
        .pages(
            operation,
            None,
            |token| client.list_user_pools().max_results(60).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.user_pools());
    let listed = ask.items(operation, listed, |pool| {
        let id = text(pool.id(), "Id").map_err(Lacks::of(pool.name().unwrap_or_default()))?;
        Ok((id, pool.name().unwrap_or_default()))
    });
    let pools = listed.then(|(id, name)| async move {
        let settings = ask.keep(settings(ask, client, &id).await);
        UserPool { id, name: name.to_owned(), settings }
    });
    Ok(pools.await.sorted(|pool| pool.id.clone()))
}

async fn settings(ask: &Ask, client: &Client, id: &str) -> Result<UserPoolSettings, CallError> {
    let operation = user_pool_op::DescribeUserPool;
    let answer =
        ask.call(operation, Some(id), || client.describe_user_pool().user_pool_id(id).send()).await?;
    let pool = answer.user_pool().ok_or_else(|| ask.unreadable(operation, Some(id), "no user pool"))?;
    let mfa = pool.mfa_configuration().map(|mfa| mfa.as_str());
    let mfa = known(mfa, UserPoolMfaType::values(), "MfaConfiguration");
    let pairs = pool.user_pool_tags().into_iter().flatten();
    Ok(UserPoolSettings {
        // A pool that says nothing lets everyone sign up (Amazon Cognito User Pools API Reference,
        // "AdminCreateUserConfigType").
        allows_sign_up: pool.admin_create_user_config().is_none_or(|it| !it.allow_admin_create_user_only()),
        // A pool that says nothing has never had MFA configured.
        mfa: ask.item(operation, Some(id), mfa)?.unwrap_or_else(|| "OFF".to_owned()),
        password_policy: pool.policies().and_then(|policies| policies.password_policy()).map(|policy| {
            PasswordPolicy {
                minimum_length: policy.minimum_length().unwrap_or_default(),
                require_uppercase: policy.require_uppercase(),
                require_lowercase: policy.require_lowercase(),
                require_numbers: policy.require_numbers(),
                require_symbols: policy.require_symbols(),
            }
        }),
        threat_protection: pool
            .user_pool_add_ons()
            .map_or("OFF", |add_ons| add_ons.advanced_security_mode().as_str())
            .to_owned(),
        tags: tags(pairs.map(|(key, value)| (Some(key.as_str()), Some(value.as_str())))),
    })
}

async fn identity_pools(ask: &Ask) -> Result<Read<Vec<IdentityPool>>, CallError> {
    let client = &ask.aws.cognito_identity();
    let operation = identity_pool_op::ListIdentityPools;
    let pages = ask
        .pages(
            operation,
            None,
            |token| client.list_identity_pools().max_results(60).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.identity_pools());
    let listed =
        ask.items(operation, listed, |pool| Ok((text(pool.identity_pool_id(), "IdentityPoolId")?, pool)));
    let pools = listed.then(|(own_id, pool)| async move {
        let id = own_id.as_str();
        let describe = || client.describe_identity_pool().identity_pool_id(id).send();
        let roles = || client.get_identity_pool_roles().identity_pool_id(id).send();
        let (described, roles) = tokio::join!(
            ask.call(identity_pool_op::DescribeIdentityPool, Some(id), describe),
            ask.call(identity_pool_op::GetIdentityPoolRoles, Some(id), roles),
        );
        IdentityPool {
            id: id.to_owned(),
            name: pool.identity_pool_name().unwrap_or_default().to_owned(),
            allows_guests: ask.keep(described.clone().map(|pool| pool.allow_unauthenticated_identities())),
            allows_classic_flow: ask
                .keep(described.clone().map(|pool| pool.allow_classic_flow().unwrap_or_default())),
            guest_role: ask.keep(roles.clone().map(|answer| role_of(&answer, "unauthenticated"))),
            clients: ask.keep(described.and_then(|pool| clients(ask, id, &pool))),
            user_role: ask.keep(roles.clone().map(|answer| role_of(&answer, "authenticated"))),
            role_mappings: ask.keep(roles.and_then(|answer| role_mappings(ask, id, &answer))),
        }
    });
    Ok(pools.await.sorted(|pool| pool.id.clone()))
}

fn role_of(answer: &GetIdentityPoolRolesOutput, of: &str) -> Option<String> {
    answer.roles().and_then(|roles| roles.get(of)).cloned()
}

fn clients(ask: &Ask, id: &str, pool: &DescribeIdentityPoolOutput) -> Result<Vec<AppClient>, CallError> {
    let listed = pool.cognito_identity_providers();
    let clients = ask.all_items(identity_pool_op::DescribeIdentityPool, Some(id), listed, |client| {
        Ok(AppClient {
            provider: text(client.provider_name(), "ProviderName")?,
            id: text(client.client_id(), "ClientId")?,
        })
    })?;
    Ok(sorted(clients, |client| (client.provider.clone(), client.id.clone())))
}

fn role_mappings(
    ask: &Ask,
    id: &str,
    answer: &GetIdentityPoolRolesOutput,
) -> Result<Vec<RoleMapping>, CallError> {
    let listed = answer.role_mappings().into_iter().flatten();
    let mappings =
        ask.all_items(identity_pool_op::GetIdentityPoolRoles, Some(id), listed, |(provider, mapping)| {
            let rules = mapping.rules_configuration().map(|rules| rules.rules()).unwrap_or_default();
            let rule = |rule: &types::MappingRule| {
                Ok(MappingRule {
                    claim: text(rule.claim(), "Claim")?,
                    role: text(rule.role_arn(), "RoleARN")?,
                })
            };
            let ambiguous = mapping.ambiguous_role_resolution();
            Ok(RoleMapping {
                provider: provider.clone(),
                falls_back: ambiguous == Some(&types::AmbiguousRoleResolutionType::AuthenticatedRole),
                rules: rules.iter().map(rule).collect::<Result<_, Lacks>>()?,
            })
        })?;
    Ok(sorted(mappings, |mapping| mapping.provider.clone()))
}
