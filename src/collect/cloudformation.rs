//! CloudFormation.

use aws_audit_checks::{
    analysis::secrets::{self, Secret},
    snapshot::cloudformation::{CloudFormation, Stack},
    source::Source,
};

use aws_sdk_cloudformation::types;

use super::{Ask, text};

pub(super) async fn collect(ask: &Ask) -> CloudFormation {
    let client = &ask.aws.cloudformation();
    let stacks = ask.list(Source::CloudFormationStacks, async {
        let operation = "cloudformation:DescribeStacks";
        let pages = ask
            .pages(
                operation,
                None,
                // The operation has no page size.
                |token| client.describe_stacks().set_next_token(token).send(),
                |page| page.next_token(),
            )
            .await?;
        let stacks = ask.items(operation, pages.iter().flat_map(|page| page.stacks()), |stack| {
            Ok(Stack {
                id: text(stack.stack_id(), "StackId")?,
                name: stack.stack_name().unwrap_or_default().to_owned(),
                role: stack.role_arn().map(str::to_owned),
                secrets: secrets_of(stack),
            })
        });
        Ok(stacks.sorted(|stack| stack.id.clone()))
    });
    CloudFormation { stacks: stacks.await }
}

/// The credentials in outputs and parameters. Of a `NoEcho` parameter CloudFormation tells asterisks only.
fn secrets_of(stack: &types::Stack) -> Vec<Secret> {
    let found = |what: &str, name: Option<&str>, value: Option<&str>| {
        let secret = secrets::in_pair(name?, value?)?;
        Some(Secret { place: format!("{what} {}", secret.place), ..secret })
    };
    let outputs = stack.outputs().iter().filter_map(|o| found("output", o.output_key(), o.output_value()));
    // The value of a parameter that names one of Parameter Store is that name; what is found there is told too.
    let parameters = stack.parameters().iter().flat_map(|p| {
        [p.parameter_value(), p.resolved_value()].map(|value| found("parameter", p.parameter_key(), value))
    });
    outputs.chain(parameters.flatten()).collect()
}
