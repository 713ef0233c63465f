//! CloudFormation.

use aws_audit_checks::{
    secrets,
    snapshot::cloudformation::{CloudFormation, Stack, StackSet, op},
    snapshot::secret::{Location, Secret},
    source::Source,
};

use aws_sdk_cloudformation::{Client, types};

use crate::collect::{
    ask::{Ask, sorted, tags},
    call::CallError,
    items::{Read, text},
};

pub(in crate::collect) async fn collect(ask: &Ask) -> CloudFormation {
    let client = &ask.aws.cloudformation();
    let (stacks, stack_sets) = tokio::join!(
        ask.list(Source::CloudFormationStacks, stacks(ask, client)),
        ask.source(Source::CloudFormationStackSets, stack_sets(ask, client)),
    );
    CloudFormation { stacks, stack_sets }
}

async fn stacks(ask: &Ask, client: &Client) -> Result<Read<Vec<Stack>>, CallError> {
    let operation = op::DescribeStacks;
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
            tags: tags(stack.tags().iter().map(|tag| (tag.key(), tag.value()))),
        })
    });
    Ok(stacks.sorted(|stack| stack.id.clone()))
}

async fn stack_sets(ask: &Ask, client: &Client) -> Result<Vec<StackSet>, CallError> {
    let operation = op::ListStackSets;
    let pages = ask
        .pages(
            operation,
            None,
            |token| {
                let list = client.list_stack_sets().status(types::StackSetStatus::Active);
                list.max_results(100).set_next_token(token).send()
            },
            |page| page.next_token(),
        )
        .await?;
    let sets = pages.iter().flat_map(|page| page.summaries());
    // The others take roles that CloudFormation has of the organization.
    let own = sets.filter(|set| set.permission_model() != Some(&types::PermissionModels::ServiceManaged));
    let own = own.map(|set| {
        let id =
            set.stack_set_id().ok_or_else(|| ask.unreadable(operation, None, "a stack set without an id"))?;
        Ok(StackSet { id: id.to_owned() })
    });
    Ok(sorted(own.collect::<Result<Vec<_>, CallError>>()?, |set| set.id.clone()))
}

/// The credentials in outputs and parameters. Of a `NoEcho` parameter CloudFormation tells asterisks only.
fn secrets_of(stack: &types::Stack) -> Vec<Secret> {
    let found = |what: &str, name: Option<&str>, value: Option<&str>| {
        let secret = secrets::in_pair(name?, value?)?;
        Some(Secret { place: Location { of: Some(what.to_owned()), ..secret.place }, ..secret })
    };
    let outputs = stack.outputs().iter().filter_map(|o| found("output", o.output_key(), o.output_value()));
    // The value of a parameter that names one of Parameter Store is that name; what is found there is told too.
    let parameters = stack.parameters().iter().flat_map(|p| {
        [p.parameter_value(), p.resolved_value()].map(|value| found("parameter", p.parameter_key(), value))
    });
    outputs.chain(parameters.flatten()).collect()
}
