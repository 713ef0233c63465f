//! S3 Control, as far as it is regional: access points.

use aws_audit_checks::{
    analysis::policy::shared_secret::masked,
    snapshot::{
        s3::PublicAccessBlock,
        s3control::{AccessPoint, S3Control, op},
    },
    source::Source,
};

use crate::collect::{
    ask::Ask,
    call::CallError,
    items::{Lacks, text},
};

pub(in crate::collect) async fn collect(ask: &Ask, account: &str) -> S3Control {
    let access_points = ask.list(Source::S3AccessPoints, async {
        let operation = op::ListAccessPoints;
        let client = ask.aws.s3_control();
        let pages = ask
            .pages(
                operation,
                None,
                |token| {
                    client
                        .list_access_points()
                        .account_id(account)
                        .max_results(1000)
                        .set_next_token(token)
                        .send()
                },
                |page| page.next_token(),
            )
            .await?;
        let listed = pages.iter().flat_map(|page| page.access_point_list());
        let named = ask.items(operation, listed, |point| {
            text(point.bucket(), "Bucket").map_err(Lacks::of(point.name()))?;
            text(point.name(), "Name").map(|_| point)
        });
        let client = &client;
        let points = named.then(|point| async move { access_point(ask, client, account, point).await });
        Ok(points.await.sorted(|point| point.name.clone()))
    });
    S3Control { access_points: access_points.await }
}

async fn access_point(
    ask: &Ask,
    client: &aws_sdk_s3control::Client,
    account: &str,
    listed: &aws_sdk_s3control::types::AccessPoint,
) -> AccessPoint {
    let name = listed.name();
    let (settings, policy) = tokio::join!(
        async {
            let answer = ask
                .call(op::GetAccessPoint, Some(name), || {
                    client.get_access_point().account_id(account).name(name).send()
                })
                .await?;
            Ok(answer.public_access_block_configuration().map(block).unwrap_or_default())
        },
        async {
            let answer = ask
                .call(op::GetAccessPointPolicy, Some(name), || {
                    client.get_access_point_policy().account_id(account).name(name).send()
                })
                .await;
            Ok(CallError::unless_absent(answer)?.and_then(|answer| answer.policy().map(masked)))
        },
    );
    AccessPoint {
        name: name.to_owned(),
        arn: listed.access_point_arn().unwrap_or_default().to_owned(),
        bucket: listed.bucket().to_owned(),
        bucket_account: listed.bucket_account_id().map(str::to_owned),
        vpc: listed.vpc_configuration().map(|vpc| vpc.vpc_id().to_owned()),
        public_access_block: ask.keep(settings),
        policy: ask.keep(policy),
    }
}

/// The settings of an access point, or of an account, which has the same.
pub(super) fn block(
    settings: &aws_sdk_s3control::types::PublicAccessBlockConfiguration,
) -> PublicAccessBlock {
    PublicAccessBlock {
        block_public_acls: settings.block_public_acls().unwrap_or_default(),
        ignore_public_acls: settings.ignore_public_acls().unwrap_or_default(),
        block_public_policy: settings.block_public_policy().unwrap_or_default(),
        restrict_public_buckets: settings.restrict_public_buckets().unwrap_or_default(),
    }
}
