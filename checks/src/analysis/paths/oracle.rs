//! The paths of small random accounts, against an oracle that tries every sequence of steps one by one with the plain
//! evaluation of policies.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use proptest::prelude::*;
use serde_json::json;

use super::testing::{ACCOUNT, Account};
use crate::{
    analysis::{
        Analyses,
        policy::{
            Policy, Principals,
            evaluate::{Decision, decide},
        },
    },
    settings::Settings,
    testing::read,
};

const ROLES: usize = 4;
const BUCKETS: [&str; 2] = ["alpha-backup", "beta-backup"];

/// What a role may do, who may assume it, and what bounds it, by number.
#[derive(Clone, Debug)]
struct Role {
    rights: Vec<u8>,
    trust: u8,
    boundary: u8,
}

/// A small account: the public function runs with the first role, or is not public.
#[derive(Clone, Debug)]
struct Small {
    roles: Vec<Role>,
    buckets: Vec<u8>,
    public: bool,
}

fn arn(role: usize) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/r{role}")
}

fn statement(number: u8) -> serde_json::Value {
    let allow =
        |action: &[&str], resource: &str| json!({"Effect": "Allow", "Action": action, "Resource": resource});
    let deny =
        |action: &[&str], resource: &str| json!({"Effect": "Deny", "Action": action, "Resource": resource});
    match number {
        0 => allow(&["logs:*"], "*"),
        1 => allow(&["*"], "*"),
        2 => allow(&["sts:AssumeRole"], "*"),
        3 => allow(&["sts:AssumeRole"], &arn(1)),
        4 => allow(&["sts:Assume*"], &arn(2)),
        5 => allow(&["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"], "*"),
        6 => allow(&["iam:PutRolePolicy"], &arn(0)),
        7 => allow(&["iam:PutRolePolicy"], &arn(2)),
        8 => allow(&["s3:GetObject"], "arn:aws:s3:::alpha-backup/*"),
        9 => allow(&["s3:Get*"], "arn:aws:s3:::b*"),
        10 => allow(&["s3:GetObject"], "*"),
        11 => deny(&["sts:AssumeRole"], &arn(2)),
        12 => deny(&["s3:GetObject"], "arn:aws:s3:::alpha-backup/*"),
        13 => deny(&["*"], "*"),
        14 => deny(&["iam:PassRole"], &arn(3)),
        _ => json!({"Effect": "Allow", "NotAction": ["iam:*", "sts:*", "s3:*"], "Resource": "*"}),
    }
}

fn rights(role: &Role) -> String {
    json!({"Statement": role.rights.iter().map(|it| statement(*it)).collect::<Vec<_>>()}).to_string()
}

fn boundary(number: u8) -> Option<String> {
    let statement = match number {
        0 => json!({"Effect": "Allow", "Action": ["s3:*", "sts:*"], "Resource": "*"}),
        1 => json!({"Effect": "Allow", "Action": "logs:*", "Resource": "*"}),
        _ => return None,
    };
    Some(json!({"Statement": [statement]}).to_string())
}

fn principal(number: u8) -> String {
    match number {
        0 => r#"{"Service": "lambda.amazonaws.com"}"#.into(),
        1 => format!(r#"{{"AWS": "arn:aws:iam::{ACCOUNT}:root"}}"#),
        2 => format!(r#"{{"AWS": "{}"}}"#, arn(0)),
        3 => r#"{"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]}"#.into(),
        _ => r#"{"AWS": "444455556666"}"#.into(),
    }
}

fn bucket_policy(name: &str, number: u8) -> Option<String> {
    let objects = format!("arn:aws:s3:::{name}/*");
    let statement = match number {
        0 => json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": objects}),
        1 => json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": objects,
            "Condition": {"ArnNotEquals": {"aws:PrincipalArn": arn(0)}}}),
        2 => {
            json!({"Effect": "Allow", "Principal": {"AWS": arn(1)}, "Action": "s3:GetObject", "Resource": objects})
        }
        3 => {
            json!({"Effect": "Deny", "Principal": {"AWS": [arn(1), arn(2)]}, "Action": "s3:Get*", "Resource": objects})
        }
        _ => return None,
    };
    Some(json!({"Statement": [statement]}).to_string())
}

impl Small {
    fn account(&self) -> Account {
        let mut account = Account::new();
        for (at, role) in self.roles.iter().enumerate() {
            account =
                account.trusted(&format!("r{at}"), &principal(role.trust), "sts:AssumeRole", &rights(role));
            if let Some(document) = boundary(role.boundary) {
                let policy = format!("arn:aws:iam::{ACCOUNT}:policy/boundary-{at}");
                account = account
                    .last_role(|role| role.permissions_boundary = Some(policy.clone()))
                    .policy(&policy, &document);
            }
        }
        for (name, policy) in BUCKETS.iter().zip(&self.buckets) {
            account = account.bucket_with(name, |bucket| bucket.policy = read(bucket_policy(name, *policy)));
        }
        if self.public { account.function("r0") } else { account }
    }

    /// What policies say of a request by a role, its boundary included.
    fn may(&self, role: usize, action: &str, resource: &str) -> Decision {
        let none = BTreeMap::new();
        let own = Policy::parse(&rights(&self.roles[role])).unwrap();
        let decision = decide([&own], action, resource, &none);
        match boundary(self.roles[role].boundary) {
            Some(document) if decision == Decision::Allowed => {
                decide([&Policy::parse(&document).unwrap()], action, resource, &none)
            }
            _ => decision,
        }
    }

    /// Whether nothing keeps a role from what somebody else allows it.
    fn is_free(&self, role: usize, action: &str, resource: &str) -> bool {
        let bounded = boundary(self.roles[role].boundary).is_some_and(|document| {
            let none = BTreeMap::new();
            decide([&Policy::parse(&document).unwrap()], action, resource, &none) != Decision::Allowed
        });
        self.may(role, action, resource) != Decision::Denied && !bounded
    }

    fn allowed(&self, role: usize, action: &str, resource: &str) -> bool {
        self.may(role, action, resource) == Decision::Allowed
    }

    /// Every right, by one of the documents, that nothing takes back.
    fn is_administrator(&self, role: usize) -> bool {
        let says = |number: u8| self.roles[role].rights.contains(&number);
        says(1) && !says(13) && boundary(self.roles[role].boundary).is_none()
    }

    fn becomes(&self, from: usize, to: usize) -> bool {
        let trust = self.roles[to].trust;
        let trusts_lambda = [0, 3].contains(&trust);
        let passes = trusts_lambda
            && self.allowed(from, "iam:PassRole", &arn(to))
            && self.allowed(
                from,
                "lambda:CreateFunction",
                "arn:aws:lambda:eu-west-1:111122223333:function:x",
            )
            && self.allowed(
                from,
                "lambda:InvokeFunction",
                "arn:aws:lambda:eu-west-1:111122223333:function:x",
            );
        let assumes = match trust {
            1 => self.allowed(from, "sts:AssumeRole", &arn(to)),
            2 => from == 0 && self.is_free(from, "sts:AssumeRole", &arn(to)),
            _ => false,
        };
        let function = format!("arn:aws:lambda:eu-west-1:{ACCOUNT}:function:api");
        let changes = self.public && to == 0 && self.allowed(from, "lambda:UpdateFunctionCode", &function);
        passes || assumes || changes
    }

    /// Tries step after step until there is nothing new.
    fn held(&self, first: usize) -> BTreeSet<usize> {
        let mut held = BTreeSet::from([first]);
        loop {
            let next: Vec<_> = (0..ROLES)
                .filter(|to| !held.contains(to) && held.iter().any(|from| self.becomes(*from, *to)))
                .collect();
            if next.is_empty() {
                return held;
            }
            held.extend(next);
        }
    }

    fn reaches_administrator(&self, first: usize) -> bool {
        let held = self.held(first);
        let writes = held.iter().any(|by| {
            held.iter().any(|whose| {
                boundary(self.roles[*whose].boundary).is_none()
                    && self.allowed(*by, "iam:PutRolePolicy", &arn(*whose))
            })
        });
        writes || held.iter().any(|role| self.is_administrator(*role))
    }

    fn reads(&self, role: usize, bucket: usize) -> bool {
        let object = format!("arn:aws:s3:::{}/x", BUCKETS[bucket]);
        let own = self.allowed(role, "s3:GetObject", &object);
        let Some(document) = bucket_policy(BUCKETS[bucket], self.buckets[bucket]) else { return own };
        let mut policy = Policy::parse(&document).unwrap();
        policy.statements.retain(|it| {
            it.principals.as_ref().is_some_and(|principals: &Principals| {
                principals.names().any(|name| name == "*" || name == arn(role))
            })
        });
        let request = BTreeMap::from([("aws:principalarn".to_owned(), vec![arn(role)])]);
        match decide([&policy], "s3:GetObject", &object, &request) {
            Decision::Denied => false,
            Decision::Allowed => own || self.is_free(role, "s3:GetObject", &object),
            Decision::NotAllowed | Decision::CannotTell => own,
        }
    }

    fn reaches_data(&self, first: usize) -> bool {
        self.held(first).into_iter().any(|role| (0..BUCKETS.len()).any(|bucket| self.reads(role, bucket)))
    }

    /// The checks of the paths that there are, with the entries.
    fn expected(&self) -> BTreeSet<(&'static str, String)> {
        let mut expected = BTreeSet::new();
        let mut enter = |first: usize, entry: String, checks: [&'static str; 2]| {
            if self.reaches_administrator(first) {
                expected.insert((checks[0], entry));
            } else if self.reaches_data(first) {
                expected.insert((checks[1], entry));
            }
        };
        if self.public {
            enter(0, "api".into(), ["path-public-function-admin", "path-public-function-data"]);
        }
        for (at, role) in self.roles.iter().enumerate().filter(|(_, role)| role.trust > 3) {
            let _ = role;
            enter(at, format!("r{at}"), ["path-external-account-admin", "path-external-account-data"]);
        }
        expected
    }
}

fn small() -> impl Strategy<Value = Small> {
    let role = (prop::collection::vec(0..16_u8, 1..4), 0..5_u8, 0..6_u8)
        .prop_map(|(rights, trust, boundary)| Role { rights, trust, boundary });
    (prop::collection::vec(role, ROLES), prop::collection::vec(0..7_u8, BUCKETS.len()), any::<bool>())
        .prop_map(|(roles, buckets, public)| Small { roles, buckets, public })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn finds_what_trying_everything_finds(small in small()) {
        let account = small.account();
        let paths = Rc::new(Analyses::of(&account.0)).paths(&Settings::default().into()).clone();
        let found: BTreeSet<_> =
            paths.paths().iter().map(|path| (path.check, paths.node(path.entry).id.clone())).collect();
        prop_assert_eq!(&found, &small.expected(), "{:#?}", paths.paths());
        // Mending everything that a path cites leaves none of it that has something to mend.
        for path in paths.paths() {
            let cited: Vec<&str> =
                path.edges.iter().flat_map(|edge| &paths.edge(*edge).findings).map(String::as_str).collect();
            let left = paths.without(cited.iter().copied());
            let same = |other: &&super::Path| other.edges == path.edges;
            prop_assert!(cited.is_empty() || left.iter().find(same).is_none());
        }
    }
}
