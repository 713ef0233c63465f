//! Users who sign themselves up with a user pool of Amazon Cognito, to whom an identity pool gives a role.

use std::collections::BTreeSet;

use super::{
    Builder, Class,
    because::Because,
    entries::Prefix,
    graph::{Certainty, Doubt, Edge, EdgeKind, Node, NodeKind},
    outside,
    rank::Ease,
};
use crate::{
    analysis::{identity::Identities, trust::lets_users_in},
    gap::NotJudged,
    snapshot::cognito::{AppClient, IdentityPool, RoleMapping, UserPool},
};

/// What stands in a token of a user pool that its user does not choose: who made it and for whom, and what is to be
/// proved before (Amazon Cognito Developer Guide, "Understanding the identity (ID) token").
const NOT_CHOSEN: [&str; 12] = [
    "aud",
    "auth_time",
    "email",
    "email_verified",
    "exp",
    "iat",
    "identities",
    "iss",
    "phone_number",
    "phone_number_verified",
    "sub",
    "token_use",
];

impl<'a> Builder<'_, 'a> {
    /// User pools in which whoever wants to signs up, and the roles that identity pools give their users.
    pub(super) fn signed_up(&mut self) {
        let Ok(identities) = self.analyses.identities() else { return };
        for (name, region) in &self.snapshot.regions {
            // What could not be read of the list is noted where guests are looked for.
            for pool in region.cognito.identity_pools.known().into_iter().flatten() {
                let clients = match pool.clients.get() {
                    Ok(clients) => clients,
                    Err(why) => {
                        self.note(Class::Guest, &why);
                        continue;
                    }
                };
                for client in clients {
                    let Some((users, home)) = self.users_of(client, name) else { continue };
                    let roles = match roles(pool, client, &identities) {
                        Ok(roles) => roles,
                        Err(why) => {
                            self.note(Class::Guest, &why);
                            continue;
                        }
                    };
                    for role in roles {
                        self.signs_up(users, home, pool, &identities, role);
                    }
                }
            }
        }
    }

    /// The user pool of a client, with its region, where everyone may sign up; another account's is not known.
    fn users_of(&mut self, client: &AppClient, near: &str) -> Option<(&'a UserPool, &'a str)> {
        // `cognito-idp.REGION.amazonaws.com/REGION_…`
        let id = client.provider.rsplit('/').next()?;
        let home = id.split_once('_').map_or(near, |(region, _)| region);
        let (home, region) = self.snapshot.regions.get_key_value(home)?;
        if let Err(why) = region.cognito.user_pools.get() {
            self.note(Class::Guest, &why);
        }
        let pool = region.cognito.user_pools.known()?.iter().find(|pool| pool.id == id)?;
        match pool.settings.get() {
            Ok(settings) => settings.allows_sign_up.then_some((pool, home.as_str())),
            Err(why) => {
                self.note(Class::Guest, &why);
                None
            }
        }
    }

    fn signs_up(
        &mut self,
        users: &'a UserPool,
        home: &'a str,
        pool: &IdentityPool,
        identities: &Identities<'a>,
        role: usize,
    ) {
        let from = self.graph.node(outside(NodeKind::Internet, "internet"));
        let place = self.place(home);
        let at = self.graph.node(Node::of(NodeKind::UserPool, users, &place));
        if !self.entry_of.contains_key(&(Class::Guest, at)) {
            let edge = self.graph.edge(Edge {
                from,
                to: at,
                kind: EdgeKind::Opens,
                because: Because::SignUp,
                certainty: Certainty::Conditional(Doubt::SignUp),
                findings: Vec::new(),
                grant: None,
            });
            // The app's users are meant to have what the app is about.
            let prefix = Prefix { is_meant: true, ..Prefix::along(vec![edge], Ease::Many) };
            self.entry(Class::Guest, at, prefix);
        }
        let to = self.principal(identities, role);
        if self.graph.out[at].iter().any(|edge| self.graph.edges[*edge].to == to) {
            return;
        }
        self.graph.edge(Edge {
            from: at,
            to,
            kind: EdgeKind::Assumes,
            because: Because::UserRole(pool.name.clone()),
            certainty: Certainty::Certain,
            findings: Vec::new(),
            grant: None,
        });
    }
}

/// The roles that a user of a client who belongs to no group gets from an identity pool, by their places (Amazon Cognito
/// Developer Guide, "Using role-based access control", "Identity pools authentication flow").
fn roles(
    pool: &IdentityPool,
    client: &AppClient,
    identities: &Identities<'_>,
) -> Result<BTreeSet<usize>, NotJudged> {
    let lets_in = |at: &usize| {
        let trust = identities.principals[*at].trust.as_deref();
        trust.is_some_and(|trust| lets_users_in(trust, &pool.id))
    };
    // In the classic flow the app names any role that trusts the pool.
    if *pool.allows_classic_flow.get()? {
        let usable = identities.principals.iter().enumerate().filter(|(_, it)| it.usable_role().is_some());
        let names = |at: &usize| {
            let trust = identities.principals[*at].trust.as_deref();
            let principals =
                trust.into_iter().flat_map(|trust| trust.allows()).filter_map(|it| it.principals.as_ref());
            principals.flat_map(|it| it.names()).any(|name| name.starts_with("cognito-identity"))
        };
        return Ok(usable.map(|(at, _)| at).filter(names).filter(lets_in).collect());
    }
    let provider = format!("{}:{}", client.provider, client.id);
    let mapping = pool.role_mappings.get()?.iter().find(|mapping| mapping.provider == provider);
    let mut arns: Vec<&str> = mapping.into_iter().flat_map(chosen).collect();
    if mapping.is_none_or(|mapping| mapping.falls_back) {
        arns.extend(pool.user_role.get()?.as_deref());
    }
    Ok(arns.into_iter().filter_map(|arn| identities.find(arn)).filter(lets_in).collect())
}

/// The roles that rules give for what users say of themselves.
fn chosen(mapping: &RoleMapping) -> impl Iterator<Item = &str> {
    let chosen = |claim: &str| !claim.starts_with("cognito:") && !NOT_CHOSEN.contains(&claim);
    mapping.rules.iter().filter(move |rule| chosen(&rule.claim)).map(|rule| rule.role.as_str())
}

#[cfg(test)]
mod tests {
    use super::super::{
        graph::{Certainty, Doubt, EdgeKind},
        testing::{ACCOUNT, ADMIN, Account, allow},
        tests::{NONE, edges, paths, told},
    };
    use crate::{
        finding::Severity,
        gap::Collected,
        page::Lang,
        snapshot::cognito::{Cognito, IdentityPool, MappingRule, RoleMapping},
        testing::{denied, read, region},
    };

    const FOUND: [&str; 1] = ["path-guest-role"];
    const COGNITO: &str = r#"{"Federated": "cognito-identity.amazonaws.com"}"#;

    /// A role for users who have signed in, or for guests.
    fn role(account: Account, name: &str, method: &str, rights: &str) -> Account {
        account.trusted(name, COGNITO, "sts:AssumeRoleWithWebIdentity", rights).last_role(|role| {
            let condition = format!(
                r#""Condition": {{"StringEquals": {{"cognito-identity.amazonaws.com:aud": "eu-west-1:0f1e"}},
                    "ForAnyValue:StringLike": {{"cognito-identity.amazonaws.com:amr": "{method}"}}}}, "Action""#
            );
            role.assume_role_policy = role.assume_role_policy.replace(r#""Action""#, &condition);
        })
    }

    fn app(rights: &str) -> Account {
        role(Account::new().bucket("customer-data").secret("orders"), "user", "authenticated", rights)
            .sign_up("user")
    }

    fn cognito(account: Account, change: impl FnOnce(&mut Cognito)) -> Account {
        account.change(|account| change(&mut region(account).cognito))
    }

    fn pool(account: Account, change: impl FnOnce(&mut IdentityPool)) -> Account {
        cognito(account, |cognito| {
            let Collected::Value(pools) = &mut cognito.identity_pools else { panic!("they were read") };
            change(&mut pools[0]);
        })
    }

    #[test]
    fn whoever_signs_up_has_the_role_of_users() {
        let account = app(ADMIN);
        let found = paths(&account);
        let [path] = found.paths() else { panic!("{:?}", found.paths()) };
        assert_eq!((path.check, path.severity), ("path-guest-role", Severity::High));
        assert_eq!(*found.certainty(path), Certainty::Conditional(Doubt::SignUp));
        assert_eq!(edges(&account), [EdgeKind::Opens, EdgeKind::Assumes, EdgeKind::Administers]);
        assert_eq!(found.node(path.entry).id, "eu-west-1_a1b2");
        let because = found.edge(path.edges[1]).because.text(Lang::En);
        assert_eq!(because, "role for authenticated identities of app");
        // Too much, and what the app is about.
        assert_eq!(told(&app(&allow("s3:GetObject", "*"))), FOUND);
        assert_eq!(
            told(&app(&allow("secretsmanager:GetSecretValue", "*"))),
            FOUND,
            "no session policy cuts it"
        );
        assert_eq!(told(&app(&allow("s3:GetObject", "arn:aws:s3:::customer-data/*"))), NONE);
        let own = "arn:aws:s3:::customer-data/${cognito-identity.amazonaws.com:sub}/*";
        assert_eq!(told(&app(&allow("s3:*", own))), NONE);
        assert_eq!(told(&app(&allow("mobileanalytics:PutEvents", "*"))), NONE);
    }

    #[test]
    fn strangers_have_to_be_let_in_on_the_whole_way() {
        let users = |change: fn(&mut Cognito)| told(&cognito(app(ADMIN), change));
        let settings = |cognito: &mut Cognito, allows| {
            let Collected::Value(pools) = &mut cognito.user_pools else { panic!("they were read") };
            let Collected::Value(settings) = &mut pools[0].settings else { panic!("they were read") };
            settings.allows_sign_up = allows;
        };
        assert_eq!(told(&cognito(app(ADMIN), |it| settings(it, true))), FOUND);
        assert_eq!(told(&cognito(app(ADMIN), |it| settings(it, false))), NONE);
        // Another account's user pool; an identity pool without users; without a role; one that does not trust it.
        assert_eq!(users(|it| it.user_pools = read(vec![])), NONE);
        let identity = |change: fn(&mut IdentityPool)| told(&pool(app(ADMIN), change));
        assert_eq!(identity(|it| it.clients = read(vec![])), NONE);
        assert_eq!(identity(|it| it.user_role = read(None)), NONE);
        assert_eq!(identity(|it| it.id = "eu-west-1:other".into()), NONE);
        let guests = role(Account::new(), "user", "unauthenticated", ADMIN).sign_up("user");
        assert_eq!(told(&guests), NONE, "the role is for guests");
        // What guests get, users are not told of, and the other way round.
        let both = role(app(&allow("logs:*", "*")), "guest", "unauthenticated", ADMIN);
        let both = pool(both, |pool| {
            pool.allows_guests = read(true);
            pool.guest_role = read(Some(format!("arn:aws:iam::{ACCOUNT}:role/guest")));
        });
        assert_eq!(told(&both), NONE, "the enhanced flow cuts down what guests have");
        let classic = pool(both, |pool| pool.allows_classic_flow = read(true));
        let found = paths(&classic);
        let entries: Vec<_> = found.paths().iter().map(|path| found.node(path.entry).id.as_str()).collect();
        assert_eq!(entries, ["eu-west-1:0f1e"]);
        let other = role(app(&allow("logs:*", "*")), "admin", "authenticated", ADMIN);
        assert_eq!(told(&other), NONE, "nobody names it");
        let classic = pool(other, |pool| pool.allows_classic_flow = read(true));
        assert_eq!(told(&classic), FOUND);
    }

    #[test]
    fn rules_give_roles_for_what_users_say_of_themselves() {
        let mapped = |claim: Option<&str>, falls_back: bool| {
            let account = role(app(&allow("logs:*", "*")), "admin", "authenticated", ADMIN);
            let account = pool(account, |pool| {
                let rule = |claim: &str| MappingRule {
                    claim: claim.into(),
                    role: format!("arn:aws:iam::{ACCOUNT}:role/admin"),
                };
                pool.role_mappings = read(vec![RoleMapping {
                    provider: "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_a1b2:c1".into(),
                    falls_back,
                    rules: claim.into_iter().map(rule).collect(),
                }]);
            });
            told(&account)
        };
        assert_eq!(mapped(Some("custom:access"), true), FOUND);
        for claim in ["cognito:groups", "email", "sub", "aud"] {
            assert_eq!(mapped(Some(claim), false), NONE, "{claim}");
        }
        assert_eq!(mapped(None, true), NONE);
        // By the token, to which only groups add roles.
        let by_token = |falls_back: bool, client: &str| {
            let provider = format!("cognito-idp.eu-west-1.amazonaws.com/eu-west-1_a1b2:{client}");
            let mapping = RoleMapping { provider, falls_back, rules: vec![] };
            told(&pool(app(ADMIN), |pool| pool.role_mappings = read(vec![mapping])))
        };
        assert_eq!(by_token(true, "c1"), FOUND);
        assert_eq!(by_token(false, "c1"), NONE);
        assert_eq!(by_token(false, "c2"), FOUND, "it is about another client");
    }

    #[test]
    fn what_cannot_be_read_may_hide_a_way() {
        let unread = |account: &Account| paths(account).unread("path-guest-role").is_some();
        assert!(!unread(&pool(app(ADMIN), |it| it.allows_guests = read(false))));
        assert!(unread(&cognito(app(ADMIN), |it| it.user_pools = denied())));
        assert!(unread(&pool(app(ADMIN), |it| it.clients = denied())));
        assert!(unread(&pool(app(ADMIN), |it| it.user_role = denied())));
        assert!(unread(&pool(app(ADMIN), |it| it.role_mappings = denied())));
        // Of a pool that nobody signs in to, nothing more matters.
        assert!(!unread(&pool(app(ADMIN), |it| (it.clients, it.user_role) = (read(vec![]), denied()))));
    }
}
