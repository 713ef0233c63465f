//! CloudFormation.

use aws_audit_checks::{
    snapshot::cloudformation::{CloudFormation, Stack},
    source::Source,
};

use super::{Ask, sorted};

pub(super) async fn collect(ask: &Ask) -> CloudFormation {
    let client = &ask.aws.cloudformation();
    let stacks = ask.source(Source::CloudFormationStacks, async {
        let pages = ask
            .pages(
                "cloudformation:DescribeStacks",
                None,
                // The operation has no page size.
                |token| client.describe_stacks().set_next_token(token).send(),
                |page| page.next_token(),
            )
            .await?;
        let stacks = pages.iter().flat_map(|page| page.stacks()).filter_map(|stack| {
            Some(Stack {
                id: stack.stack_id()?.to_owned(),
                name: stack.stack_name().unwrap_or_default().to_owned(),
                role: stack.role_arn().map(str::to_owned),
            })
        });
        Ok(sorted(stacks, |stack| stack.id.clone()))
    });
    CloudFormation { stacks: stacks.await }
}
