//! `policy`: the least-privilege IAM policies of a scan, and what creates a role with them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use aws_audit_checks::{
    iam_policy::{self, IamPolicy, ROLE},
    registry,
    source::{self, Source},
};

use crate::{
    cli::{self, PolicyFormat},
    config::Config,
    error::{Error, Said},
    output,
    select::Selection,
};

/// Runs the command.
///
/// # Errors
/// When arguments or configuration are wrong.
pub fn run(arguments: &cli::Policy) -> Result<u8, Error> {
    let select = &arguments.select;
    let everything = select.checks.is_empty()
        && select.skip_checks.is_empty()
        && select.antipatterns.is_empty()
        && select.framework.is_none();
    let sources: BTreeSet<_> = if everything {
        Source::all().collect()
    } else {
        let selection = Selection::new(select, &Config::load(select.config.as_ref())?)?;
        registry::sources(selection.checks).into_iter().chain(source::ALWAYS).collect()
    };
    let policies = iam_policy::policies(sources);
    match arguments.format {
        PolicyFormat::Json => output::json(&policies)?,
        PolicyFormat::Cli => output::print(format_args!("{}", commands(&policies)?))?,
        PolicyFormat::Cloudformation => output::json(&iam_policy::cloudformation(&policies))?,
        PolicyFormat::Terraform => output::print(format_args!("{}", iam_policy::terraform(&policies)))?,
    }
    Ok(0)
}

/// A shell script of AWS CLI commands. The documents have no quotes of the shell's, so that they stand in them as they
/// are.
fn commands(policies: &BTreeMap<String, IamPolicy>) -> Result<String, Error> {
    let mut script = String::from(
        "set -eu\n\
         # The account that these credentials are of; its users and roles may be allowed to assume the role.\n\
         caller=$(aws sts get-caller-identity --query Arn --output text)\n\
         partition=$(echo \"$caller\" | cut -d: -f2)\n\
         account=$(echo \"$caller\" | cut -d: -f5)\n",
    );
    let mut attach = String::new();
    for (name, document) in policies {
        let document = serde_json::to_string(document).map_err(|error| Error::usage(Said::words(error)))?;
        let _ = writeln!(script, "aws iam create-policy --policy-name {name} --policy-document '{document}'");
        let _ = writeln!(
            attach,
            "aws iam attach-role-policy --role-name {ROLE} --policy-arn \"arn:$partition:iam::$account:policy/{name}\""
        );
    }
    let trust = "{\\\"Version\\\":\\\"2012-10-17\\\",\\\"Statement\\\":[{\\\"Effect\\\":\\\"Allow\\\",\
        \\\"Principal\\\":{\\\"AWS\\\":\\\"arn:$partition:iam::$account:root\\\"},\\\"Action\\\":\\\"sts:AssumeRole\\\"}]}";
    let _ = writeln!(
        script,
        "aws iam create-role --role-name {ROLE} --description 'Read-only access for scans by aws-audit' \
         --assume-role-policy-document \"{trust}\""
    );
    Ok(script + &attach)
}
