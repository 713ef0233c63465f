//! AWS Lambda. `ListFunctions` tells nearly everything; nothing is asked for each function but what a check
//! needs.

use aws_audit_checks::{
    snapshot::lambda::{Function, Lambda},
    source::Source,
};

use super::{Ask, sorted};

pub(super) async fn collect(ask: &Ask) -> Lambda {
    let client = &ask.aws.lambda();
    let functions = ask.source(Source::LambdaFunctions, async {
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
            })
        });
        Ok(sorted(functions, |function| function.name.clone()))
    });
    Lambda { functions: functions.await }
}
