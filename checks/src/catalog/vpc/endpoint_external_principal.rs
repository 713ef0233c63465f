use crate::{
    analysis::{
        endpoint_policy::{Owner, allowed, denies, is_unclear, names_its_resources, spared},
        policy::{Condition, Policy, Principals, Statement, account_of},
        trust::account_named,
    },
    check::{Check, Context, Trust},
    finding::{Severity, Verdict},
    gap::{Gap, NotJudged},
    snapshot::ec2::op,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "vpc-endpoint-external-principal",
    severity: Severity::Medium,
    sources: &[
        Source::Ec2VpcEndpoints,
        Source::Ec2VpcEndpointPolicySupport,
        Source::Organization,
        Source::OrganizationAccounts,
    ],
    run: |cx| {
        cx.each_region(|cx, region| {
            super::each_endpoint(cx, region, |cx, endpoint| {
                let policy = super::policy_of(endpoint, region, &cx.place())?;
                let ways =
                    policy.allows().filter(|statement| !names_its_resources(statement)).flat_map(|s| {
                        let limit = limit(cx, &policy, s, &endpoint.id);
                        callers(cx, s)
                            .into_iter()
                            .map(move |(name, caller)| (caller.max(limit.clone()), s, name))
                    });
                let fail = |statement: &Statement, principal: &str| {
                    let conditions: Vec<_> = statement.conditions.iter().map(Condition::text).collect();
                    Verdict::fail()
                        .with("service", &endpoint.service)
                        .with("statement", statement.label())
                        .with("principal", principal)
                        .with("conditions", conditions)
                };
                match ways.min_by(|(one, ..), (other, ..)| one.cmp(other)) {
                    None | Some((Relation::Ours, ..)) => Ok(Verdict::pass()),
                    Some((Relation::Unread(gap), ..)) => Err(gap),
                    Some((Relation::Stranger, statement, name)) => Ok(fail(statement, name)),
                    Some((Relation::Undisclosed, statement, name)) => {
                        Ok(fail(statement, name).told_as("member"))
                    }
                }
            });
        });
    },
};

/// Whether those who pass are, or reach, only the account's and its organization's own; the worst first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Relation {
    Stranger,
    /// Not known, because something could not be read.
    Unread(NotJudged),
    /// Of an account that may be of the organization.
    Undisclosed,
    Ours,
}

impl Relation {
    fn of(cx: &Context<'_>, owner: Owner<'_>) -> Self {
        match owner {
            Owner::Account(id) => match cx.trust(id) {
                Ok(Trust::Trusted) => Self::Ours,
                Ok(Trust::Undisclosed) => Self::Undisclosed,
                Ok(Trust::Stranger) => Self::Stranger,
                Err(gap) => Self::Unread(gap),
            },
            Owner::Organization(id) => match cx.organization() {
                Ok(Some(organization)) if organization.id == id => Self::Ours,
                Ok(_) => Self::Stranger,
                Err(gap) => Self::Unread(gap),
            },
            Owner::Service => Self::Ours,
            Owner::Anyone => Self::Stranger,
        }
    }

    /// That of the worst of several.
    fn of_all(cx: &Context<'_>, owners: Option<Vec<Owner<'_>>>) -> Self {
        let Some(owners) = owners else { return Self::Stranger };
        owners.into_iter().map(|owner| Self::of(cx, owner)).min().unwrap_or(Self::Ours)
    }
}

/// Whom the statement names. Ids such as `AIDA…` stand for principals that were deleted.
fn callers<'s>(cx: &Context<'_>, statement: &'s Statement) -> Vec<(&'s str, Relation)> {
    let Some(principals) = &statement.principals else { return Vec::new() };
    if principals.is_everyone() {
        return vec![("*", Relation::Stranger)];
    }
    let Principals::Any(named) = principals else { return Vec::new() };
    let accounts = named.iter().filter(|(kind, _)| kind.eq_ignore_ascii_case("AWS"));
    let accounts =
        accounts.filter_map(|(_, name)| Some((name, account_of(name).or_else(|| account_named(name))?)));
    accounts.map(|(name, account)| (name.as_str(), Relation::of(cx, Owner::Account(account)))).collect()
}

/// What conditions and denies make of the statement: one of them that limits is enough, where a deny needs all
/// its conditions to reach every stranger.
fn limit(cx: &Context<'_>, policy: &Policy, statement: &Statement, endpoint: &str) -> Relation {
    let unclear = |condition: &Condition| {
        let message = format!("{}: unknown operator", condition.text());
        let region = Some(cx.place().region);
        Relation::Unread(Gap::unreadable(op::DescribeVpcEndpoints, region, Some(endpoint), message).into())
    };
    let by = |condition: &Condition, owners: Option<Vec<Owner<'_>>>| {
        if is_unclear(condition) { unclear(condition) } else { Relation::of_all(cx, owners) }
    };
    let conditions = statement.conditions.iter().map(|condition| by(condition, allowed(condition)));
    let denies = denies(policy, statement).map(|deny| {
        let conditions = deny.conditions.iter().map(|condition| by(condition, spared(condition)));
        conditions.min().unwrap_or(Relation::Ours)
    });
    conditions.chain(denies).max().unwrap_or(Relation::Stranger)
}

#[cfg(test)]
mod tests {
    use super::{super::testing::with_endpoint, CHECK};
    use crate::{
        snapshot::{Snapshot, organizations::Organization},
        testing::{denied, fails, passes, read, unknown},
    };

    const OTHER: &str = r#"{"AWS": "999999999999"}"#;

    /// In organization `o-a`, which has one more account.
    fn with_policy(statements: &str) -> Snapshot {
        let mut account = with_endpoint(Some(&format!(r#"{{"Statement": [{statements}]}}"#)), |_| ());
        account.organizations.organization =
            read(Some(Organization { id: "o-a".into(), management_account: "222233334444".into() }));
        account.organizations.accounts = read(Some(vec!["111122223333".into(), "222233334444".into()]));
        account
    }

    fn allowing(principal: &str, action: &str, more: &str) -> Snapshot {
        with_policy(&format!(
            r#"{{"Effect": "Allow", "Principal": {principal}, "Action": "{action}", "Resource": "*"{more}}}"#
        ))
    }

    fn under(condition: &str) -> Snapshot {
        allowing(r#""*""#, "*", &format!(r#", "Condition": {condition}"#))
    }

    fn unless(condition: &str) -> Snapshot {
        with_policy(&format!(
            r#"{{"Effect": "Allow", "Principal": {OTHER}, "Action": "*", "Resource": "*"}},
               {{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {condition}}}"#
        ))
    }

    #[test]
    fn fails_when_anyone_or_a_stranger_may_pass() {
        fails(&CHECK, &allowing(r#""*""#, "s3:GetObject", ""));
        for stranger in [
            "arn:aws:iam::999999999999:root",
            "999999999999",
            "arn:aws:iam::999999999999:role/x",
            "arn:aws:sts::999999999999:assumed-role/x/y",
        ] {
            let finding = fails(&CHECK, &allowing(&format!(r#"{{"AWS": "{stranger}"}}"#), "*", ""));
            assert_eq!(finding.evidence["principal"], stranger);
        }
        fails(&CHECK, &allowing(OTHER, "*", r#", "Condition": {"Bool": {"aws:SecureTransport": "true"}}"#));
    }

    #[test]
    fn fails_under_conditions_that_limit_nothing() {
        for condition in [
            r#"{"StringEquals": {"aws:SourceVpc": "vpc-1"}}"#,
            r#"{"StringEquals": {"aws:SourceVpce": "vpce-1"}}"#,
            r#"{"StringEquals": {"aws:PrincipalAccount": "999999999999"}}"#,
            r#"{"StringEquals": {"aws:PrincipalAccount": ["111122223333", "999999999999"]}}"#,
            r#"{"StringEquals": {"aws:PrincipalOrgID": "o-other"}}"#,
            r#"{"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a"}}"#,
            r#"{"StringNotEquals": {"aws:PrincipalOrgID": "o-a"}}"#,
            r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}}"#,
            r#"{"StringEquals": {"aws:SourceAccount": "999999999999"}}"#,
            r#"{"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}"#,
        ] {
            fails(&CHECK, &under(condition));
        }
        fails(&CHECK, &unless(r#"{"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}"#));
        fails(&CHECK, &unless(r#"{"StringNotEquals": {"aws:PrincipalOrgID": "o-other"}}"#));
    }

    #[test]
    fn passes_when_limited() {
        passes(
            &CHECK,
            &allowing(r#"{"AWS": ["111122223333", "arn:aws:iam::222233334444:role/x"]}"#, "*", ""),
        );
        passes(&CHECK, &allowing(r#"{"Service": "logs.amazonaws.com"}"#, "*", ""));
        for condition in [
            r#"{"StringEquals": {"aws:PrincipalOrgID": "o-a"}}"#,
            r#"{"StringEquals": {"aws:PrincipalAccount": "111122223333"}}"#,
            r#"{"StringEquals": {"aws:ResourceAccount": "222233334444"}}"#,
            r#"{"StringEquals": {"s3:ResourceAccount": "111122223333"}}"#,
            r#"{"StringEquals": {"aws:ResourceOrgID": "o-a"}}"#,
            r#"{"StringEquals": {"aws:SourceAccount": "111122223333"}}"#,
            r#"{"ArnLike": {"aws:SourceArn": "arn:aws:s3:*:111122223333:*"}}"#,
            r#"{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a/r-1/*"}}"#,
            r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}"#,
            r#"{"Bool": {"aws:PrincipalIsAWSService": "true"}}"#,
        ] {
            passes(&CHECK, &under(condition));
        }
    }

    #[test]
    fn passes_when_all_others_are_denied() {
        for condition in [
            "{}",
            r#"{"StringNotEquals": {"aws:ResourceAccount": "111122223333"}}"#,
            r#"{"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a"}, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}"#,
        ] {
            passes(&CHECK, &unless(condition));
        }
    }

    #[test]
    fn passes_when_the_resources_are_named() {
        let images = r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/*"}"#;
        passes(&CHECK, &with_policy(images));
        fails(&CHECK, &with_policy(&images.replace("prod-eu-west-1-starport-layer-bucket", "prod-*")));
    }

    #[test]
    fn whether_an_account_is_of_the_organization_may_not_be_told() {
        let mut account = allowing(OTHER, "*", "");
        account.organizations.accounts = read(None);
        assert_eq!(fails(&CHECK, &account).variant, Some("member"));
        account.organizations.accounts = denied();
        unknown(&CHECK, &account);
        let mut account = under(r#"{"StringEquals": {"aws:PrincipalOrgID": "o-a"}}"#);
        account.organizations.organization = denied();
        unknown(&CHECK, &account);
    }

    #[test]
    fn an_operator_that_is_not_understood_is_not_fine() {
        unknown(&CHECK, &under(r#"{"StringResembles": {"aws:PrincipalOrgID": "o-a"}}"#));
    }
}
