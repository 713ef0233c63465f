//! Amazon Cognito.

use aws_audit_checks::{
    snapshot::cognito::{
        AppClient, Cognito, IdentityPool, MappingRule, PasswordPolicy, RoleMapping, UserPool,
        UserPoolSettings, identity_pool_op, user_pool_op,
    },
    source::Source,
};

use crate::collect::{
    api::{COGNITO_IDENTITY, COGNITO_IDP, Node, Request, Token},
    ask::{Ask, sorted},
    call::CallError,
    items::{Lacks, Read},
};

const NEXT: Token = Token::named("NextToken");
/// `UserPoolMfaType`.
const MFA: [&str; 3] = ["OFF", "ON", "OPTIONAL"];

pub(in crate::collect) async fn collect(ask: &Ask) -> Cognito {
    let (user_pools, identity_pools) = tokio::join!(
        ask.list(Source::CognitoUserPools, user_pools(ask)),
        ask.list(Source::CognitoIdentityPools, identity_pools(ask)),
    );
    Cognito { user_pools, identity_pools }
}

async fn user_pools(ask: &Ask) -> Result<Read<Vec<UserPool>>, CallError> {
    let operation = user_pool_op::ListUserPools;
    let request = Request::new().with("MaxResults", 60);
    let listed = COGNITO_IDP.list(ask, operation, None, request, ("UserPools", NEXT)).await?;
    let listed = ask.items(operation, &listed, |pool| {
        let name = pool.text("Name")?.unwrap_or_default();
        Ok((pool.required("Id").map_err(Lacks::of(name))?, name))
    });
    let pools = listed.then(|(id, name)| async move {
        let settings = ask.keep(settings(ask, &id).await);
        UserPool { id, name: name.to_owned(), settings }
    });
    Ok(pools.await.sorted(|pool| pool.id.clone()))
}

async fn settings(ask: &Ask, id: &str) -> Result<UserPoolSettings, CallError> {
    let operation = user_pool_op::DescribeUserPool;
    let request = Request::new().with("UserPoolId", id);
    let answer = COGNITO_IDP.one(ask, operation, Some(id), request).await?;
    let pool =
        answer.present("UserPool").ok_or_else(|| ask.unreadable(operation, Some(id), "no user pool"))?;
    let read = || {
        let policy = pool.get("Policies").present("PasswordPolicy");
        let add_ons = pool.present("UserPoolAddOns");
        let only_by_administrators = pool.get("AdminCreateUserConfig").flag("AllowAdminCreateUserOnly")?;
        Ok(UserPoolSettings {
            // A pool that says nothing lets everyone sign up (Amazon Cognito User Pools API Reference,
            // "AdminCreateUserConfigType").
            allows_sign_up: only_by_administrators != Some(true),
            // A pool that says nothing has never had MFA configured.
            mfa: pool.known("MfaConfiguration", &MFA)?.unwrap_or_else(|| "OFF".to_owned()),
            password_policy: policy.map(password_policy).transpose()?,
            threat_protection: add_ons
                .map_or_else(|| Ok("OFF".to_owned()), |add_ons| add_ons.required("AdvancedSecurityMode"))?,
            tags: pool.tag_map("UserPoolTags")?,
        })
    };
    ask.item(operation, Some(id), read())
}

fn password_policy(policy: &Node) -> Result<PasswordPolicy, Lacks> {
    Ok(PasswordPolicy {
        minimum_length: policy.integer("MinimumLength")?.unwrap_or_default(),
        require_uppercase: policy.flag("RequireUppercase")?.unwrap_or_default(),
        require_lowercase: policy.flag("RequireLowercase")?.unwrap_or_default(),
        require_numbers: policy.flag("RequireNumbers")?.unwrap_or_default(),
        require_symbols: policy.flag("RequireSymbols")?.unwrap_or_default(),
    })
}

async fn identity_pools(ask: &Ask) -> Result<Read<Vec<IdentityPool>>, CallError> {
    let operation = identity_pool_op::ListIdentityPools;
    let request = Request::new().with("MaxResults", 60);
    let listed = COGNITO_IDENTITY.list(ask, operation, None, request, ("IdentityPools", NEXT)).await?;
    let listed = ask.items(operation, &listed, |pool| {
        Ok((pool.required("IdentityPoolId")?, pool.text("IdentityPoolName")?.unwrap_or_default()))
    });
    let pools = listed.then(|(own_id, name)| async move {
        let id = own_id.as_str();
        let (describe, get_roles) =
            (identity_pool_op::DescribeIdentityPool, identity_pool_op::GetIdentityPoolRoles);
        let request = || Request::new().with("IdentityPoolId", id);
        let (described, roles) = tokio::join!(
            COGNITO_IDENTITY.one(ask, describe, Some(id), request()),
            COGNITO_IDENTITY.one(ask, get_roles, Some(id), request()),
        );
        let described = described.as_ref().map_err(Clone::clone);
        let flag = |read: fn(&Node) -> Result<Option<bool>, Lacks>| {
            ask.item(describe, Some(id), read(described.clone()?)).map(Option::unwrap_or_default)
        };
        let roles = roles.as_ref().map_err(Clone::clone);
        let role = |of: &str| {
            let roles = ask.item(get_roles, Some(id), roles.clone()?.map("Roles"))?.into_iter();
            Ok(roles.filter(|(kind, _)| *kind == of).map(|(_, role)| role.to_owned()).next())
        };
        IdentityPool {
            id: id.to_owned(),
            name: name.to_owned(),
            allows_guests: ask.keep(flag(|pool| pool.flag("AllowUnauthenticatedIdentities"))),
            allows_classic_flow: ask.keep(flag(|pool| pool.flag("AllowClassicFlow"))),
            guest_role: ask.keep(role("unauthenticated")),
            clients: ask.keep(described.clone().and_then(|pool| clients(ask, id, pool))),
            user_role: ask.keep(role("authenticated")),
            role_mappings: ask.keep(roles.clone().and_then(|answer| role_mappings(ask, id, answer))),
        }
    });
    Ok(pools.await.sorted(|pool| pool.id.clone()))
}

fn clients(ask: &Ask, id: &str, pool: &Node) -> Result<Vec<AppClient>, CallError> {
    let operation = identity_pool_op::DescribeIdentityPool;
    let listed = ask.item(operation, Some(id), pool.list("CognitoIdentityProviders"))?;
    let clients = ask.all_items(operation, Some(id), listed, |client| {
        Ok(AppClient { provider: client.required("ProviderName")?, id: client.required("ClientId")? })
    })?;
    Ok(sorted(clients, |client| (client.provider.clone(), client.id.clone())))
}

fn role_mappings(ask: &Ask, id: &str, answer: &Node) -> Result<Vec<RoleMapping>, CallError> {
    let operation = identity_pool_op::GetIdentityPoolRoles;
    let listed = ask.item(operation, Some(id), answer.entries("RoleMappings"))?;
    let mappings = ask.all_items(operation, Some(id), listed, |(provider, mapping)| {
        let rules =
            mapping.get("RulesConfiguration").list("Rules")?.into_iter().map(|rule| {
                Ok(MappingRule { claim: rule.required("Claim")?, role: rule.required("RoleARN")? })
            });
        Ok(RoleMapping {
            provider: provider.to_owned(),
            falls_back: mapping.text("AmbiguousRoleResolution")? == Some("AuthenticatedRole"),
            rules: rules.collect::<Result<_, Lacks>>()?,
        })
    })?;
    Ok(sorted(mappings, |mapping| mapping.provider.clone()))
}
