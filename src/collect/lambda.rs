//! AWS Lambda. `ListFunctions` tells nearly everything; nothing is asked for each function but what a check
//! needs.

use aws_audit_checks::{
    analysis::secrets::{self, Secret},
    gap::Collected,
    snapshot::lambda::{Function, Lambda},
    source::Source,
};

use aws_sdk_lambda::{Client, types::FunctionConfiguration};

use super::{Ask, CallError, sorted};

pub(super) async fn collect(ask: &Ask) -> Lambda {
    let client = &ask.aws.lambda();
    let functions = functions(ask, client).await;
    let (policies, urls) = tokio::join!(
        ask.each(
            Source::LambdaPolicies,
            &functions,
            |function| &function.name,
            |name| async move {
                let send = || client.get_policy().function_name(name).send();
                let answer = ask.call("lambda:GetPolicy", Some(name), send).await;
                let answer = CallError::unless_absent(answer, &["ResourceNotFoundException"])?;
                Ok(answer.and_then(|answer| answer.policy().map(str::to_owned)))
            }
        ),
        ask.each(
            Source::LambdaUrls,
            &functions,
            |function| &function.name,
            |name| async move {
                let send = || client.get_function_url_config().function_name(name).send();
                let answer = ask.call("lambda:GetFunctionUrlConfig", Some(name), send).await;
                let answer = CallError::unless_absent(answer, &["ResourceNotFoundException"])?;
                Ok(answer.map(|answer| answer.auth_type().as_str().to_owned()))
            }
        ),
    );
    Lambda { functions, policies, urls }
}

async fn functions(ask: &Ask, client: &Client) -> Collected<Vec<Function>> {
    ask.source(Source::LambdaFunctions, async {
        let pages = ask
            .pages(
                "lambda:ListFunctions",
                None,
                // AWS answers with fifty at most.
                |marker| client.list_functions().max_items(50).set_marker(marker).send(),
                |page| page.next_marker(),
            )
            .await?;
        let functions = pages.iter().flat_map(|page| page.functions()).filter_map(|function| {
            Some(Function {
                name: function.function_name()?.to_owned(),
                arn: function.function_arn()?.to_owned(),
                role: function.role().unwrap_or_default().to_owned(),
                runtime: function.runtime().map(|runtime| runtime.as_str().to_owned()),
                secrets: ask.keep(secrets_of(ask, function)),
                log_group: function
                    .logging_config()
                    .and_then(|logging| logging.log_group())
                    .map(str::to_owned),
            })
        });
        Ok(sorted(functions, |function| function.name.clone()))
    })
    .await
}

/// The credentials in the environment variables, which Lambda does not tell where their KMS key may not be
/// used.
fn secrets_of(ask: &Ask, function: &FunctionConfiguration) -> Result<Vec<Secret>, CallError> {
    let environment = function.environment();
    if let Some(error) = environment.and_then(|environment| environment.error()) {
        let message = error.message().or(error.error_code()).unwrap_or("the variables were not told");
        return Err(ask.unreadable("lambda:ListFunctions", function.function_name(), message));
    }
    let variables = environment.and_then(|environment| environment.variables()).into_iter().flatten();
    Ok(sorted(variables.filter_map(|(name, value)| secrets::in_pair(name, value)), |s| s.place.clone()))
}
