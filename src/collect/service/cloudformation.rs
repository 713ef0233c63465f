//! CloudFormation.

use aws_audit_checks::{
    secrets,
    snapshot::cloudformation::{CloudFormation, Stack, StackSet, op},
    snapshot::secret::{Location, Secret},
    source::Source,
};

use crate::collect::{
    api::{CLOUDFORMATION, Node, Request, Token},
    ask::{Ask, sorted},
    call::CallError,
    items::{Lacks, Read},
};

const NEXT: Token = Token::named("NextToken");

pub(in crate::collect) async fn collect(ask: &Ask) -> CloudFormation {
    let (stacks, stack_sets) = tokio::join!(
        ask.list(Source::CloudFormationStacks, stacks(ask)),
        ask.source(Source::CloudFormationStackSets, stack_sets(ask)),
    );
    CloudFormation { stacks, stack_sets }
}

async fn stacks(ask: &Ask) -> Result<Read<Vec<Stack>>, CallError> {
    let operation = op::DescribeStacks;
    // The operation has no page size.
    let listed = CLOUDFORMATION.list(ask, operation, None, Request::new(), ("Stacks", NEXT)).await?;
    let stacks = ask.items(operation, &listed, |it| {
        let id = it.required("StackId")?;
        stack(it, &id).map_err(Lacks::of(&id))
    });
    Ok(stacks.sorted(|stack| stack.id.clone()))
}

fn stack(stack: &Node, id: &str) -> Result<Stack, Lacks> {
    Ok(Stack {
        id: id.to_owned(),
        name: stack.text("StackName")?.unwrap_or_default().to_owned(),
        role: stack.text("RoleARN")?.map(str::to_owned),
        secrets: secrets_of(stack)?,
        tags: stack.tags("Tags", "Key", "Value")?,
    })
}

async fn stack_sets(ask: &Ask) -> Result<Vec<StackSet>, CallError> {
    let operation = op::ListStackSets;
    let request = Request::new().with("MaxResults", 100).with("Status", "ACTIVE");
    let listed = CLOUDFORMATION.list(ask, operation, None, request, ("Summaries", NEXT)).await?;
    let sets = ask.all_items(operation, None, &listed, |set| {
        // The others take roles that CloudFormation has of the organization.
        let is_own = set.text("PermissionModel")? != Some("SERVICE_MANAGED");
        is_own.then(|| Ok(StackSet { id: set.required("StackSetId")? })).transpose()
    });
    Ok(sorted(sets?.into_iter().flatten(), |set| set.id.clone()))
}

/// The credentials in outputs and parameters. Of a `NoEcho` parameter CloudFormation tells asterisks only.
fn secrets_of(stack: &Node) -> Result<Vec<Secret>, Lacks> {
    let mut found = Vec::new();
    let mut look = |what: &str, name: Option<&str>, value: Option<&str>| {
        let secret = name.zip(value).and_then(|(name, value)| secrets::in_pair(name, value));
        found.extend(secret.map(|secret| Secret {
            place: Location { of: Some(what.to_owned()), ..secret.place },
            ..secret
        }));
    };
    for output in stack.list("Outputs")? {
        look("output", output.text("OutputKey")?, output.text("OutputValue")?);
    }
    // The value of a parameter that names one of Parameter Store is that name; what is found there is told too.
    for parameter in stack.list("Parameters")? {
        let name = parameter.text("ParameterKey")?;
        look("parameter", name, parameter.text("ParameterValue")?);
        look("parameter", name, parameter.text("ResolvedValue")?);
    }
    Ok(found)
}
