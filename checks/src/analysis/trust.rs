//! Trust policies of roles: who may assume them (IAM User Guide, "How to use trust policies with IAM roles").

use super::policy::{Chance, Condition, Known, Policy, Principals, Statement};

/// How a role's trust policy lets a principal of the same account in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// It names the principal, which then needs no permission of its own.
    Named,
    /// It trusts the account as a whole, whose principals need `sts:AssumeRole`.
    Account,
}

/// The statement by which a role trusts a service for this account, so that the service runs with the role
/// once somebody passes it. An `aws:SourceArn` that leaves the name open is met by who makes the thing (IAM User
/// Guide, "The confused deputy problem").
#[must_use]
pub fn service<'a>(trust: &'a Policy, service: &str, account: &str) -> Option<&'a Statement> {
    let mut known = Known::default();
    known.is("aws:SourceAccount", account);
    let of_account = |value: &String| {
        let mut parts = value.splitn(6, ':').skip(4);
        parts.next() == Some(account) && parts.next().is_some_and(|resource| resource.contains('*'))
    };
    let met = |condition: &Condition| {
        condition.chance(&known) == Chance::Always
            || condition.has_wildcards()
                && condition.requires("aws:SourceArn").is_some_and(|values| values.iter().any(of_account))
    };
    trust.allows().find(|statement| {
        names(statement, service)
            && statement.actions.selects_action("sts:AssumeRole")
            && statement.conditions.iter().all(met)
    })
}

/// Whether a role trusts a service at all, under whatever conditions.
#[must_use]
pub fn names_service(trust: &Policy, service: &str) -> bool {
    trust.allows().any(|statement| names(statement, service))
}

/// Whether a statement is about a service.
pub(super) fn names(statement: &Statement, service: &str) -> bool {
    match &statement.principals {
        Some(Principals::Any(named)) => named.iter().any(|(kind, name)| {
            kind.eq_ignore_ascii_case("Service") && (name == "*" || is_service(name, service))
        }),
        _ => false,
    }
}

/// Whether the name is the service's: also as one of a region (`states.eu-west-1.amazonaws.com`), and as in China
/// (`ec2.amazonaws.com.cn`).
fn is_service(name: &str, service: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let name = name.strip_suffix(".cn").unwrap_or(&name);
    let Some(head) = service.strip_suffix(".amazonaws.com") else { return name == service };
    let Some(named) = name.strip_suffix(".amazonaws.com") else { return false };
    let of_region = |region: &str| region.bytes().filter(|byte| *byte == b'-').count() >= 2;
    named == head || named.strip_prefix(head).and_then(|rest| rest.strip_prefix('.')).is_some_and(of_region)
}

/// Whether a role can be given to the guests of a Cognito identity pool: not where its trust policy asks for another
/// pool, or for users who have signed in (Cognito Developer Guide, "Using identity pools", "Trust policies").
#[must_use]
pub fn lets_guests_in(trust: &Policy, pool: &str) -> bool {
    lets_identities_in(trust, pool, "unauthenticated")
}

/// The same of users who have signed in.
#[must_use]
pub fn lets_users_in(trust: &Policy, pool: &str) -> bool {
    lets_identities_in(trust, pool, "authenticated")
}

fn lets_identities_in(trust: &Policy, pool: &str, method: &str) -> bool {
    let meets = |statement: &&Statement| {
        let provider = match &statement.principals {
            Some(principals) if principals.is_everyone() => "cognito-identity.amazonaws.com",
            // It has other names in China and GovCloud.
            Some(Principals::Any(named)) => {
                let mut names = named.iter().map(|(_, name)| name.as_str());
                match names.find(|name| name.starts_with("cognito-identity")) {
                    Some(name) => name,
                    None => return false,
                }
            }
            _ => return false,
        };
        let mut known = Known::default();
        known.is(&format!("{provider}:aud"), pool);
        known.is(&format!("{provider}:amr"), method);
        statement.actions.selects_action("sts:AssumeRoleWithWebIdentity")
            && !statement.conditions.iter().any(|condition| condition.chance(&known) == Chance::Never)
    };
    trust.allows().any(|statement| meets(&statement))
}

/// How the trust policy lets a principal of the account in, if it surely does.
///
/// A trust that asks for MFA counts as one that keeps out: it is what AWS recommends for powerful roles.
#[must_use]
pub fn principal<'a>(
    trust: &'a Policy,
    arn: &str,
    account: &str,
    known: &Known,
) -> Option<(Entry, &'a Statement)> {
    let mut known = known.clone();
    known.is("aws:MultiFactorAuthPresent", "false");
    known.can_be("aws:MultiFactorAuthAge", [None]);
    let about = |statement: &Statement| {
        statement.actions.selects_action("sts:AssumeRole").then(|| entry(statement, arn, account)).flatten()
    };
    let denied = trust.denies().any(|deny| {
        about(deny).is_some()
            && !deny.conditions.iter().any(|c| matches!(c.chance(&known), Chance::Never | Chance::AtWill))
    });
    if denied {
        return None;
    }
    let met = |statement: &Statement| {
        let mut chances = statement.conditions.iter().map(|condition| condition.chance(&known));
        chances.all(|chance| matches!(chance, Chance::Always | Chance::AtWill))
    };
    let entries = trust.allows().filter(|statement| met(statement));
    let entries = entries.filter_map(|statement| Some((about(statement)?, statement)));
    // Being named is more than being of the account.
    entries.max_by_key(|(entry, _)| *entry == Entry::Named)
}

/// Whether a role's trust policy lets a principal of another account in, which needs `sts:AssumeRole` by its own policies
/// all the same (IAM User Guide, "Cross-account policy evaluation logic").
#[derive(Clone, Copy, Debug)]
pub enum Admits<'a> {
    /// It does not.
    No,
    /// It does, by this statement.
    Yes(&'a Statement),
    /// It does by this statement, should a condition that cannot be decided from here hold, or not hold: the statement's
    /// own, or that of one which denies.
    If(&'a Statement, &'a Condition),
}

/// Whether the trust policy lets a principal of that account, which is not the role's, in. As with [`principal`], a trust
/// that asks for MFA keeps out.
#[must_use]
pub fn foreign<'a>(trust: &'a Policy, arn: &str, account: &str, known: &Known) -> Admits<'a> {
    let mut known = known.clone();
    known.is("aws:MultiFactorAuthPresent", "false");
    known.can_be("aws:MultiFactorAuthAge", [None]);
    let is_about = |statement: &&Statement| {
        statement.actions.selects_action("sts:AssumeRole") && entry(statement, arn, account).is_some()
    };
    let mut doubt = None;
    for deny in trust.denies().filter(is_about) {
        let chance = |condition: &&Condition| condition.chance(&known);
        if deny.conditions.iter().any(|it| matches!(it.chance(&known), Chance::Never | Chance::AtWill)) {
            continue;
        }
        match deny.conditions.iter().find(|it| chance(it) == Chance::Unclear) {
            None => return Admits::No,
            unclear => doubt = doubt.or(unclear),
        }
    }
    let mut admits = Admits::No;
    for allow in trust.allows().filter(is_about) {
        let chances: Vec<_> = allow.conditions.iter().map(|it| (it.chance(&known), it)).collect();
        if chances.iter().any(|(chance, _)| *chance == Chance::Never) {
            continue;
        }
        let unclear = chances.iter().find(|(chance, _)| *chance == Chance::Unclear).map(|(_, it)| *it);
        match unclear.or(doubt) {
            None => return Admits::Yes(allow),
            Some(condition) => admits = Admits::If(allow, condition),
        }
    }
    admits
}

/// How a statement of a resource-based policy names a principal of the account; everyone counts as the account.
pub(super) fn entry(statement: &Statement, arn: &str, account: &str) -> Option<Entry> {
    let of = |(kind, name): &(String, String)| {
        if !kind.eq_ignore_ascii_case("AWS") {
            None
        } else if name == arn || is_session_of(name, arn) {
            Some(Entry::Named)
        } else {
            (name == "*" || account_named(name) == Some(account)).then_some(Entry::Account)
        }
    };
    match statement.principals.as_ref()? {
        Principals::Any(named) => named.iter().filter_map(of).max_by_key(|entry| *entry == Entry::Named),
        Principals::NoneOf(named) => named.iter().all(|name| of(name).is_none()).then_some(Entry::Account),
    }
}

/// The account that a principal stands for as a whole: `111122223333` or `arn:aws:iam::111122223333:root`.
#[must_use]
pub fn account_named(principal: &str) -> Option<&str> {
    let id = principal.strip_suffix(":root").and_then(|arn| arn.rsplit(':').next()).unwrap_or(principal);
    (id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit())).then_some(id)
}

/// Whether the name is a session of the role, as `arn:aws:sts::111122223333:assumed-role/ROLE/SESSION`.
fn is_session_of(name: &str, role: &str) -> bool {
    let Some((head, session)) = name.split_once(":assumed-role/") else { return false };
    let same_account = head.rsplit(':').next() == role.split(':').nth(4);
    let role_name = role.rsplit('/').next();
    same_account && role.contains(":role/") && session.split('/').next() == role_name
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLE: &str = "arn:aws:iam::111122223333:role/app/deploy";

    fn trust(statements: &str) -> Policy {
        Policy::parse(&format!(r#"{{"Statement": [{statements}]}}"#)).unwrap()
    }

    fn lets_in(principal_and_more: &str) -> Option<Entry> {
        let trust = trust(&format!(
            r#"{{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {principal_and_more}}}"#
        ));
        principal(&trust, ROLE, "111122223333", &Known::default()).map(|(entry, _)| entry)
    }

    #[test]
    fn principals_of_the_account() {
        for (who, expected) in [
            (r#"{"AWS": "arn:aws:iam::111122223333:role/app/deploy"}"#, Some(Entry::Named)),
            (r#"{"AWS": "arn:aws:sts::111122223333:assumed-role/deploy/session"}"#, Some(Entry::Named)),
            (r#"{"AWS": ["arn:aws:iam::111122223333:root"]}"#, Some(Entry::Account)),
            (r#"{"AWS": "111122223333"}"#, Some(Entry::Account)),
            (r#""*""#, Some(Entry::Account)),
            (r#"{"AWS": "arn:aws:iam::444455556666:root"}"#, None),
            (r#"{"AWS": "arn:aws:iam::111122223333:role/app/other"}"#, None),
            (r#"{"Service": "ec2.amazonaws.com"}"#, None),
            (
                r#"{"AWS": "111122223333"}, "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}"#,
                None,
            ),
            (r#"{"AWS": "111122223333"}, "Condition": {"StringEquals": {"sts:ExternalId": "x"}}"#, None),
            (
                r#"{"AWS": "111122223333"}, "Condition": {"Bool": {"aws:SecureTransport": "true"}}"#,
                Some(Entry::Account),
            ),
        ] {
            assert_eq!(lets_in(who), expected, "{who}");
        }
    }

    #[test]
    fn denies_keep_out() {
        let both = trust(
            r#"{"Effect": "Allow", "Action": "sts:*", "Principal": "*"},
               {"Effect": "Deny", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app/deploy"}}"#,
        );
        assert!(principal(&both, ROLE, "111122223333", &Known::default()).is_none());
        assert!(principal(&both, &ROLE.replace("deploy", "x"), "111122223333", &Known::default()).is_some());
    }

    #[test]
    fn guests_of_an_identity_pool() {
        let lets_in = |condition: &str| {
            let trust = trust(&format!(
                r#"{{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {condition},
                    "Principal": {{"Federated": "cognito-identity.amazonaws.com"}}}}"#
            ));
            let told = lets_users_in(&trust, "eu-west-1:1");
            // Whom the condition says nothing of are let in alike.
            assert_eq!(
                told != lets_guests_in(&trust, "eu-west-1:1"),
                condition.contains(":amr"),
                "{condition}"
            );
            lets_guests_in(&trust, "eu-west-1:1")
        };
        let aud =
            |pool: &str| format!(r#""StringEquals": {{"cognito-identity.amazonaws.com:aud": "{pool}"}}"#);
        let amr = |kind: &str| {
            format!(r#""ForAnyValue:StringLike": {{"cognito-identity.amazonaws.com:amr": "{kind}"}}"#)
        };
        assert!(lets_in("{}") && lets_in(&format!("{{{}}}", aud("eu-west-1:1"))));
        assert!(lets_in(&format!("{{{}, {}}}", aud("eu-west-1:1"), amr("unauthenticated"))));
        assert!(!lets_in(&format!("{{{}}}", aud("eu-west-1:2"))));
        assert!(!lets_in(&format!("{{{}, {}}}", aud("eu-west-1:1"), amr("authenticated"))));
        let ec2 = r#"{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}"#;
        assert!(!lets_guests_in(&trust(ec2), "eu-west-1:1") && !lets_users_in(&trust(ec2), "eu-west-1:1"));
    }

    #[test]
    fn services() {
        let trusts = |more: &str| {
            let trust = trust(&format!(
                r#"{{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {{"Service": ["lambda.amazonaws.com"]}}{more}}}"#
            ));
            service(&trust, "lambda.amazonaws.com", "111122223333").is_some()
        };
        assert!(trusts(""));
        assert!(trusts(r#", "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}"#));
        assert!(!trusts(r#", "Condition": {"StringEquals": {"aws:SourceAccount": "444455556666"}}"#));
        assert!(!trusts(
            r#", "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:lambda:eu-west-1:111122223333:function:x"}}"#
        ));
        for (value, expected) in [
            ("arn:aws:lambda:*:111122223333:*", true),
            ("arn:aws:lambda:eu-west-1:111122223333:function:team-*", true),
            ("arn:aws:lambda:eu-west-1:444455556666:*", false),
        ] {
            let condition = format!(r#", "Condition": {{"ArnLike": {{"aws:SourceArn": "{value}"}}}}"#);
            assert_eq!(trusts(&condition), expected, "{value}");
        }
        for (name, expected) in [
            ("states.eu-west-1.amazonaws.com", true),
            ("states.amazonaws.com.cn", true),
            ("states.example.amazonaws.com", false),
            ("mystates.amazonaws.com", false),
        ] {
            assert_eq!(is_service(name, "states.amazonaws.com"), expected, "{name}");
        }
        let ec2 = trust(
            r#"{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}"#,
        );
        assert!(service(&ec2, "lambda.amazonaws.com", "111122223333").is_none());
    }
}
