//! AWS Lambda. `ListFunctions` tells nearly everything; nothing is asked for each function but what a check
//! needs: two calls, and one more for an alias that has a URL.

use aws_audit_checks::{
    analysis::policy::shared_secret::masked,
    gap::Collected,
    secrets,
    snapshot::{
        lambda::{Alias, Function, FunctionUrl, Lambda, op},
        secret::Secret,
    },
    source::Source,
};
use aws_sdk_lambda::{
    Client,
    types::{FunctionConfiguration, FunctionUrlAuthType, FunctionUrlConfig},
};

use crate::collect::{
    ask::{Ask, each_of, sorted},
    call::CallError,
    items::{Lacks, known, text},
};

pub(in crate::collect) async fn collect(ask: &Ask) -> Lambda {
    let client = &ask.aws.lambda();
    let functions = functions(ask, client).await;
    let (policies, function_urls) = tokio::join!(
        ask.each(
            Source::LambdaPolicies,
            &functions,
            |function| &function.name,
            |name| policy(ask, client, name, None)
        ),
        ask.each(
            Source::LambdaUrls,
            &functions,
            |function| &function.name,
            |name| function_urls(ask, client, name)
        ),
    );
    Lambda { functions, policies, function_urls }
}

/// The resource policy of a function, or of the alias that the qualifier names.
async fn policy(
    ask: &Ask,
    client: &Client,
    function: &str,
    qualifier: Option<&str>,
) -> Result<Option<String>, CallError> {
    let send = || {
        let policy = client.get_policy().function_name(function);
        policy.set_qualifier(qualifier.map(str::to_owned)).send()
    };
    let answer = ask.call(op::GetPolicy, Some(function), send).await;
    let answer = CallError::unless_absent(answer)?;
    Ok(answer.and_then(|answer| answer.policy().map(masked)))
}

async fn function_urls(ask: &Ask, client: &Client, function: &str) -> Result<Vec<FunctionUrl>, CallError> {
    let pages = ask
        .pages(
            op::ListFunctionUrlConfigs,
            Some(function),
            |marker| {
                let list = client.list_function_url_configs().function_name(function);
                list.max_items(50).set_marker(marker).send()
            },
            |page| page.next_marker(),
        )
        .await;
    let pages = CallError::unless_absent(pages)?.unwrap_or_default();
    let urls = pages.iter().flat_map(|page| page.function_url_configs());
    let urls = ask.all_items(op::ListFunctionUrlConfigs, Some(function), urls, |url| {
        known(url.auth_type().as_str(), FunctionUrlAuthType::values(), "AuthType").map(|_| url)
    })?;
    let urls = each_of(urls.into_iter().map(|url| function_url(ask, client, function, url))).await;
    Ok(sorted(urls, |url| url.alias.as_ref().map(|alias| alias.name.clone())))
}

async fn function_url(ask: &Ask, client: &Client, function: &str, url: &FunctionUrlConfig) -> FunctionUrl {
    // arn:aws:lambda:REGION:ACCOUNT:function:NAME:ALIAS
    let alias = match url.function_arn().split(':').nth(7) {
        Some(name) => Some(Alias {
            name: name.to_owned(),
            policy: ask.keep(policy(ask, client, function, Some(name)).await),
        }),
        None => None,
    };
    FunctionUrl { auth_type: url.auth_type().as_str().to_owned(), alias }
}

async fn functions(ask: &Ask, client: &Client) -> Collected<Vec<Function>> {
    ask.list(Source::LambdaFunctions, async {
        let operation = op::ListFunctions;
        let pages = ask
            .pages(
                operation,
                None,
                // AWS answers with fifty at most.
                |marker| client.list_functions().max_items(50).set_marker(marker).send(),
                |page| page.next_marker(),
            )
            .await?;
        let functions = ask.items(operation, pages.iter().flat_map(|page| page.functions()), |function| {
            let name = text(function.function_name(), "FunctionName")?;
            Ok(Function {
                arn: text(function.function_arn(), "FunctionArn").map_err(Lacks::of(&name))?,
                name,
                role: function.role().unwrap_or_default().to_owned(),
                runtime: function.runtime().map(|runtime| runtime.as_str().to_owned()),
                secrets: ask.keep(secrets_of(ask, function)),
                log_group: function
                    .logging_config()
                    .and_then(|logging| logging.log_group())
                    .map(str::to_owned),
                security_groups: function
                    .vpc_config()
                    .map(|vpc| vpc.security_group_ids().to_vec())
                    .unwrap_or_default(),
            })
        });
        Ok(functions.sorted(|function| function.name.clone()))
    })
    .await
}

/// The credentials in the environment variables, which Lambda does not tell where their KMS key may not be
/// used.
fn secrets_of(ask: &Ask, function: &FunctionConfiguration) -> Result<Vec<Secret>, CallError> {
    let environment = function.environment();
    if let Some(error) = environment.and_then(|environment| environment.error()) {
        let message = error.message().or(error.error_code()).unwrap_or("the variables were not told");
        return Err(ask.unreadable(op::ListFunctions, function.function_name(), message));
    }
    let variables = environment.and_then(|environment| environment.variables()).into_iter().flatten();
    Ok(sorted(variables.filter_map(|(name, value)| secrets::in_pair(name, value)), |s| s.place.clone()))
}
