//! `org`: what engines that run a job for each account begin with, and what they run.

use aws_audit_checks::page::Lang;

use crate::{
    cli,
    collect::organization::Hub,
    config::Config,
    error::{Error, said},
    organization::{plan, worker as one},
    output, pipeline,
};

/// `org plan`: writes the accounts to scan, one a line.
///
/// # Errors
/// When they cannot be listed, or the plan cannot be written.
pub async fn plan(arguments: cli::OrgPlan, lang: Lang) -> Result<u8, Error> {
    let cli::OrgPlan { connect, accounts, role, output: file, policies } = arguments;
    if !accounts.organization && accounts.accounts_file.is_none() {
        return Err(Error::usage(said(
            "which accounts? name them with --organization or --accounts-file",
            "アカウントを --organization か --accounts-file で指定してください",
        )));
    }
    let config = Config::load(None)?;
    let regions = pipeline::regions(&connect, &config)?;
    let (api_share, verbose) = (pipeline::api_share(&connect, &config), connect.verbose);
    let aws = pipeline::connected(connect, &config, regions.clone(), lang).await?;
    let hub = Hub::new(&aws, api_share, verbose).await?;
    let (items, found) = plan::items(&accounts, &role, &regions, &hub, lang).await?;
    let policies = policies.or_else(|| file.as_deref().map(plan::policies_beside));
    let controls = match &found {
        Some(found) => plan::controls(&hub, found, lang).await,
        None => None,
    };
    if let (Some(path), Some(controls), Some(first)) = (&policies, &controls, items.first()) {
        plan::write_policies(path, &first.scan, controls)?;
        output::written(path, lang);
    } else if let Some(path) = file.as_deref().map(plan::policies_beside) {
        // Those of an earlier plan are not this one's.
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::io(&path, error));
            }
            _ => {}
        }
    }
    match &file {
        Some(path) => {
            plan::write(path, &items)?;
            output::written(path, lang);
        }
        None => output::print(format_args!("{}", plan::text(&items)?))?,
    }
    Ok(0)
}

/// `org worker`: scans one of them.
///
/// # Errors
/// As [`one::run`].
pub async fn worker(arguments: cli::OrgWorker, lang: Lang) -> Result<u8, Error> {
    one::run(arguments, lang).await
}
