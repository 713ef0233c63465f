//! Amazon Cognito.

use aws_audit_checks::{
    snapshot::cognito::{Cognito, UserPool, UserPoolSettings},
    source::Source,
};
use aws_sdk_cognitoidentityprovider::Client;
use futures_util::future::join_all;

use super::{Ask, CallError, sorted, tags};

pub(super) async fn collect(ask: &Ask) -> Cognito {
    let client = &ask.aws.cognito_identity_provider();
    Cognito { user_pools: ask.source(Source::CognitoUserPools, user_pools(ask, client)).await }
}

async fn user_pools(ask: &Ask, client: &Client) -> Result<Vec<UserPool>, CallError> {
    let pages = ask
        .pages(
            "cognito-idp:ListUserPools",
            None,
            |token| client.list_user_pools().max_results(60).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.user_pools());
    let listed = listed.filter_map(|pool| Some((pool.id()?, pool.name().unwrap_or_default())));
    let pools = join_all(listed.map(|(id, name)| async move {
        let settings = ask.keep(settings(ask, client, id).await);
        UserPool { id: id.to_owned(), name: name.to_owned(), settings }
    }))
    .await;
    Ok(sorted(pools, |pool| pool.id.clone()))
}

async fn settings(ask: &Ask, client: &Client, id: &str) -> Result<UserPoolSettings, CallError> {
    let operation = "cognito-idp:DescribeUserPool";
    let answer =
        ask.call(operation, Some(id), || client.describe_user_pool().user_pool_id(id).send()).await?;
    let pool = answer.user_pool().ok_or_else(|| ask.unreadable(operation, Some(id), "no user pool"))?;
    let pairs = pool.user_pool_tags().into_iter().flatten();
    Ok(UserPoolSettings {
        // A pool that says nothing has never had MFA configured.
        mfa: pool.mfa_configuration().map_or("OFF", |mfa| mfa.as_str()).to_owned(),
        tags: tags(pairs.map(|(key, value)| (Some(key.as_str()), Some(value.as_str())))),
    })
}
