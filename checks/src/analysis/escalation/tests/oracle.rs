//! Small random accounts, against trying each step by itself with the plain policy evaluation.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::analysis::policy::{
    Policy,
    evaluate::{Decision, decide},
};

const NAMES: [&str; 3] = ["a1", "b1", "other"];
const JOB: &str = "job";

/// What somebody of the account has.
#[derive(Clone, Debug)]
struct Rights {
    policy: String,
    boundary: Option<String>,
    /// The tag `team`.
    team: Option<&'static str>,
}

/// A random account: alice and bob; `worker` trusts Lambda, `clerk` alice, `boss` the account.
#[derive(Clone, Debug)]
struct World {
    rights: Vec<Rights>,
    /// `worker` is under the path `/app/`.
    on_path: bool,
    /// There is a function with the role `worker`.
    has_function: bool,
}

fn statement() -> impl Strategy<Value = String> {
    let effect = prop_oneof![4 => Just("Allow"), 1 => Just("Deny")];
    let actions = prop_oneof![
        3 => Just(r#""Action": "iam:PassRole""#),
        3 => Just(r#""Action": ["lambda:CreateFunction", "lambda:InvokeFunction"]"#),
        2 => Just(r#""Action": "lambda:CreateFunction""#),
        2 => Just(r#""Action": ["Lambda:invoke*", "lambda:AddPermission"]"#),
        1 => Just(r#""Action": "lambda:*""#),
        2 => Just(r#""Action": "lambda:UpdateFunctionCode""#),
        3 => Just(r#""Action": "sts:AssumeRole""#),
        2 => Just(r#""Action": ["iam:CreateAccessKey", "iam:DeleteAccessKey"]"#),
        1 => Just(r#""Action": "iam:CreateAccessKey""#),
        1 => Just(r#""Action": "iam:UpdateAssumeRolePolicy""#),
        1 => Just(r#""Action": "iam:PutUserPolicy""#),
        1 => Just(r#""Action": "iam:AttachRolePolicy""#),
        1 => Just(r#""Action": "iam:TagUser""#),
        1 => Just(r#""NotAction": ["iam:*", "s3:*"]"#),
    ];
    let resources = prop_oneof![
        5 => Just(r#""Resource": "*""#),
        1 => Just(r#""Resource": "arn:aws:iam::111122223333:role/app/*""#),
        1 => Just(r#""Resource": "arn:aws:iam::111122223333:role/boss""#),
        1 => Just(r#""Resource": "arn:aws:iam::*:user/alice""#),
        1 => Just(r#""Resource": "arn:aws:iam::*:user/${aws:username}""#),
        1 => Just(r#""Resource": "arn:aws:lambda:*:*:function:a*""#),
        1 => Just(r#""Resource": ["arn:aws:lambda:*:*:function:b*", "arn:aws:lambda:*:*:function:job"]"#),
        1 => Just(r#""NotResource": "arn:aws:iam::111122223333:role/boss""#),
    ];
    let condition = prop_oneof![
        8 => Just("{}"),
        1 => Just(r#"{"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}"#),
        1 => Just(r#"{"StringEqualsIfExists": {"iam:PassedToService": "ec2.amazonaws.com"}}"#),
        1 => Just(r#"{"StringEquals": {"aws:PrincipalTag/team": "red"}}"#),
        1 => Just(r#"{"StringNotEquals": {"aws:PrincipalTag/team": "red"}}"#),
        1 => Just(r#"{"Null": {"aws:PrincipalTag/team": "true"}}"#),
    ];
    (effect, actions, resources, condition).prop_map(|(effect, actions, resources, condition)| {
        // A deny on what cannot be told denies for sure, where the plain evaluation says no.
        let resources =
            if effect == "Deny" { resources.replace("${aws:username}", "alice") } else { resources.into() };
        format!(r#"{{"Effect": "{effect}", {actions}, {resources}, "Condition": {condition}}}"#)
    })
}

fn policy(most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(statement(), 0..=most)
        .prop_map(|statements| format!(r#"{{"Statement": [{}]}}"#, statements.join(", ")))
}

fn rights() -> impl Strategy<Value = Rights> {
    let own = prop_oneof![4 => policy(5).boxed(), 1 => Just(ADMIN.to_owned()).boxed()];
    let boundary = prop_oneof![3 => Just(None).boxed(), 1 => policy(5).prop_map(Some).boxed()];
    let team = prop_oneof![Just(None), Just(Some("red")), Just(Some("blue"))];
    (own, boundary, team).prop_map(|(policy, boundary, team)| Rights { policy, boundary, team })
}

fn world() -> impl Strategy<Value = World> {
    let alice = (policy(6), prop::option::weighted(0.2, policy(6))).prop_flat_map(|(policy, boundary)| {
        let team = prop_oneof![Just(None), Just(Some("red")), Just(Some("blue"))];
        team.prop_map(move |team| Rights { policy: policy.clone(), boundary: boundary.clone(), team })
    });
    (alice, prop::collection::vec(rights(), 4), any::<bool>(), any::<bool>()).prop_map(
        |(alice, others, on_path, has_function)| World {
            rights: std::iter::once(alice).chain(others).collect(),
            on_path,
            has_function,
        },
    )
}

const BOB: usize = 1;
const WORKER: usize = 2;
const CLERK: usize = 3;
const BOSS: usize = 4;

impl World {
    fn arn(&self, at: usize) -> String {
        let path = if self.on_path { "app/" } else { "" };
        match at {
            0 => ALICE.to_owned(),
            BOB => format!("{ACCOUNT}:user/bob"),
            WORKER => format!("{ACCOUNT}:role/{path}worker"),
            CLERK => format!("{ACCOUNT}:role/clerk"),
            _ => format!("{ACCOUNT}:role/boss"),
        }
    }

    fn account(&self) -> Account {
        let tags = |at: usize| self.rights[at].team.map(|team| ("team", team));
        let tags = |at: usize| tags(at).into_iter().collect::<Vec<_>>();
        let policy = |at: usize| self.rights[at].policy.as_str();
        let path = if self.on_path { "app/" } else { "" };
        let account = Account::new()
            .user("alice", policy(0), &tags(0))
            .user("bob", policy(BOB), &tags(BOB))
            .role(&format!("{path}worker"), LAMBDA, policy(WORKER))
            .role("clerk", ALICE, policy(CLERK))
            .role("boss", "arn:aws:iam::111122223333:root", policy(BOSS));
        account.with(|snapshot, authorization| {
            for (at, rights) in self.rights.iter().enumerate() {
                let boundary = rights.boundary.as_ref().map(|document| {
                    let arn = format!("arn:aws:iam::aws:policy/B{at}");
                    authorization.policies.push(
                        serde_json::from_value(serde_json::json!({
                            "name": format!("B{at}"), "arn": arn, "attachment_count": 0,
                            "boundary_usage_count": 1, "default_version": "v1", "document": document,
                            "other_versions": {},
                        }))
                        .unwrap(),
                    );
                    arn
                });
                match at {
                    0 | BOB => authorization.users[at].permissions_boundary = boundary,
                    _ => {
                        let role = &mut authorization.roles[at - 2];
                        role.permissions_boundary = boundary;
                        role.tags = tags(at)
                            .into_iter()
                            .map(|(key, value)| (key.to_owned(), value.to_owned()))
                            .collect();
                    }
                }
            }
            authorization.policies.sort_by(|a, b| a.arn.cmp(&b.arn));
            if self.has_function {
                region(snapshot).lambda.functions = read(vec![Function {
                    name: JOB.into(),
                    arn: format!("arn:aws:lambda:{HERE}:function:{JOB}"),
                    role: self.arn(WORKER),
                    ..Function::default()
                }]);
            }
        })
    }
}

/// The slow way: who is held, and what each of them may do with each request that there is.
struct Oracle<'w> {
    world: &'w World,
    policies: Vec<Policy>,
    boundaries: Vec<Option<Policy>>,
}

impl<'w> Oracle<'w> {
    fn of(world: &'w World) -> Self {
        // The plain evaluation knows no variables.
        let parse = |document: &str, at: usize| {
            let name = ["alice", "bob"].get(at).copied().unwrap_or("nobody");
            Policy::parse(&document.replace("${aws:username}", name)).unwrap()
        };
        let rights = || world.rights.iter().enumerate();
        Self {
            world,
            policies: rights().map(|(at, rights)| parse(&rights.policy, at)).collect(),
            boundaries: rights()
                .map(|(at, rights)| rights.boundary.as_ref().map(|boundary| parse(boundary, at)))
                .collect(),
        }
    }

    fn decisions(
        &self,
        by: usize,
        action: &str,
        on: &str,
        keys: &[(&str, &str)],
        team: Option<&str>,
    ) -> (Decision, Decision) {
        let mut request: BTreeMap<String, Vec<String>> =
            keys.iter().map(|(key, value)| ((*key).to_owned(), vec![(*value).to_owned()])).collect();
        request.extend(team.map(|team| ("aws:principaltag/team".to_owned(), vec![team.to_owned()])));
        let one = |policy: &Policy| decide([policy], action, on, &request);
        (one(&self.policies[by]), self.boundaries[by].as_ref().map_or(Decision::Allowed, one))
    }

    /// The tags that it can have: its own, and those that it may give itself.
    fn teams(&self, by: usize) -> Vec<Option<&'static str>> {
        let own = self.world.rights[by].team;
        let mut teams = vec![own];
        if by <= BOB {
            for team in ["red", "green"] {
                let allowed = (Decision::Allowed, Decision::Allowed);
                if self.decisions(by, "iam:TagUser", &self.world.arn(by), &[], own) == allowed {
                    teams.push(Some(team));
                }
            }
        }
        teams
    }

    fn can_with(&self, by: usize, action: &str, on: &str, keys: &[(&str, &str)]) -> bool {
        let allowed = (Decision::Allowed, Decision::Allowed);
        self.teams(by).into_iter().any(|team| self.decisions(by, action, on, keys, team) == allowed)
    }

    fn can(&self, by: usize, action: &str, on: &str) -> bool {
        self.can_with(by, action, on, &[])
    }

    /// Whom it may become in one step.
    fn becomes(&self, by: usize) -> Vec<usize> {
        let arn = |at| self.world.arn(at);
        let on = |action: &str, at| self.can(by, action, &arn(at));
        let mut found = Vec::new();
        for user in [0, BOB] {
            if user != by && on("iam:CreateAccessKey", user) && on("iam:DeleteAccessKey", user) {
                found.push(user);
            }
        }
        for role in [WORKER, CLERK, BOSS] {
            if role != by && on("iam:UpdateAssumeRolePolicy", role) {
                found.push(role);
            }
        }
        let named = self.teams(by).into_iter().any(|team| {
            let (own, boundary) = self.decisions(by, "sts:AssumeRole", &arn(CLERK), &[], team);
            own != Decision::Denied && boundary == Decision::Allowed
        });
        if by == 0 && named {
            found.push(CLERK);
        }
        if by != BOSS && on("sts:AssumeRole", BOSS) {
            found.push(BOSS);
        }
        let function = |name: &str| format!("arn:aws:lambda:{HERE}:function:{name}");
        let with = |action: &str, name: &str| self.can(by, action, &function(name));
        let passes = self.can_with(by, "iam:PassRole", &arn(WORKER), &[("iam:passedtoservice", LAMBDA)]);
        let new = passes
            && NAMES.into_iter().any(|name| {
                with("lambda:CreateFunction", name)
                    && (with("lambda:InvokeFunction", name)
                        || with("lambda:AddPermission", name)
                        || self.makes_mappings(by))
            });
        let old = self.world.has_function
            && (with("lambda:UpdateFunctionCode", JOB) || with("lambda:UpdateFunctionConfiguration", JOB));
        if by != WORKER && (new || old) {
            found.push(WORKER);
        }
        found
    }

    /// `lambda:CreateEventSourceMapping` is asked on some resource.
    fn makes_mappings(&self, by: usize) -> bool {
        let functions =
            NAMES.into_iter().chain([JOB]).map(|name| format!("arn:aws:lambda:{HERE}:function:{name}"));
        let others = (0..5).map(|at| self.world.arn(at));
        functions.chain(others).any(|on| self.can(by, "lambda:CreateEventSourceMapping", &on))
    }

    fn reaches_administrator(&self, administrators: &[bool]) -> bool {
        let mut held = vec![0];
        let mut at = 0;
        while let Some(by) = held.get(at).copied() {
            for next in self.becomes(by) {
                if !held.contains(&next) {
                    held.push(next);
                }
            }
            at += 1;
        }
        let written = |by: usize, subject: usize| {
            let action = if subject <= BOB { "iam:PutUserPolicy" } else { "iam:AttachRolePolicy" };
            self.world.rights[subject].boundary.is_none() && self.can(by, action, &self.world.arn(subject))
        };
        held.iter().any(|by| {
            *by != 0 && administrators[*by]
                || held.iter().any(|subject| written(*by, *subject))
                || [0, BOB].into_iter().any(|user| {
                    user != *by
                        && written(*by, user)
                        && self.can(*by, "iam:CreateAccessKey", &self.world.arn(user))
                })
        })
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn agrees_with_trying_every_step(world in world()) {
        let Account(mut snapshot, authorization) = world.account();
        snapshot.iam.authorization = read(authorization);
        let analyses = Rc::new(Analyses::of(&snapshot));
        let escalation = analyses.escalation().unwrap();
        let identities = analyses.identities().unwrap();
        let administrators: Vec<bool> =
            identities.principals.iter().map(|principal| principal.is_administrator()).collect();
        let order: Vec<_> = identities.principals.iter().map(|principal| principal.arn().to_owned()).collect();
        prop_assert_eq!(order, (0..5).map(|at| world.arn(at)).collect::<Vec<_>>());
        let path = escalation.path(0).unwrap();
        let told = path.as_ref().is_some_and(|path| path.administrator);
        prop_assert_eq!(told, Oracle::of(&world).reaches_administrator(&administrators), "{:?}", path);
    }
}
