//! The paths of small random accounts, against an oracle that tries every sequence of steps one by one with the plain
//! evaluation of policies.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use proptest::prelude::*;
use serde_json::json;

use super::{
    labs_tests::found,
    testing::{ACCOUNT, Account},
};
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

/// The user whose key is in a function's variables stands behind the roles.
const USER: usize = ROLES;
const KEY: &str = "AKIAORACLE01";

/// How sure something is: without any condition, or with those met that cannot be decided.
const SURE: [bool; 2] = [false, true];

/// What a role may do, who may assume it, and what bounds it, by number.
#[derive(Clone, Debug)]
struct Role {
    rights: Vec<u8>,
    trust: u8,
    boundary: u8,
}

/// A small account: the public function runs with the first role, or is not public; a function that is not has the key
/// of a user with these rights in its variables, or not.
#[derive(Clone, Debug)]
struct Small {
    roles: Vec<Role>,
    user: Option<Vec<u8>>,
    buckets: Vec<u8>,
    public: bool,
}

fn arn(who: usize) -> String {
    if who == USER {
        return format!("arn:aws:iam::{ACCOUNT}:user/u");
    }
    format!("arn:aws:iam::{ACCOUNT}:role/r{who}")
}

fn statement(number: u8) -> serde_json::Value {
    let allow =
        |action: &[&str], resource: &str| json!({"Effect": "Allow", "Action": action, "Resource": resource});
    let deny =
        |action: &[&str], resource: &str| json!({"Effect": "Deny", "Action": action, "Resource": resource});
    let inside = |action: &str, resource: &str| {
        json!({"Effect": "Allow", "Action": action, "Resource": resource,
            "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}})
    };
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
        15 => inside("s3:GetObject", "arn:aws:s3:::alpha-backup/*"),
        16 => inside("lambda:GetFunctionConfiguration", "*"),
        17 => allow(&["lambda:GetFunction"], "*"),
        _ => json!({"Effect": "Allow", "NotAction": ["iam:*", "sts:*", "s3:*"], "Resource": "*"}),
    }
}

fn document(rights: &[u8]) -> String {
    json!({"Statement": rights.iter().map(|it| statement(*it)).collect::<Vec<_>>()}).to_string()
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
            account = account.trusted(
                &format!("r{at}"),
                &principal(role.trust),
                "sts:AssumeRole",
                &document(&role.rights),
            );
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
        let account = if self.public { account.function("r0") } else { account };
        match &self.user {
            Some(rights) => account.holding("u", KEY, &document(rights)).inner_function(
                "holder",
                "none",
                vec![found(KEY)],
            ),
            None => account,
        }
    }

    fn rights(&self, who: usize) -> &[u8] {
        self.roles.get(who).map_or_else(|| self.user.as_deref().unwrap_or_default(), |role| &role.rights)
    }

    fn boundary(&self, who: usize) -> Option<String> {
        boundary(self.roles.get(who)?.boundary)
    }

    /// What policies say of a request, the boundary included.
    fn may(&self, who: usize, action: &str, resource: &str, request: &Request) -> Decision {
        let own = Policy::parse(&document(self.rights(who))).unwrap();
        let decision = decide([&own], action, resource, request);
        match self.boundary(who) {
            Some(document) if decision == Decision::Allowed => {
                decide([&Policy::parse(&document).unwrap()], action, resource, request)
            }
            _ => decision,
        }
    }

    /// Whether nothing keeps somebody from what somebody else allows him.
    fn is_free(&self, who: usize, action: &str, resource: &str) -> bool {
        let none = Request::new();
        let bounded = self.boundary(who).is_some_and(|document| {
            decide([&Policy::parse(&document).unwrap()], action, resource, &none) != Decision::Allowed
        });
        self.may(who, action, resource, &none) != Decision::Denied && !bounded
    }

    fn allowed(&self, who: usize, action: &str, resource: &str) -> bool {
        self.may(who, action, resource, &Request::new()) == Decision::Allowed
    }

    /// Every right, by one of the documents, that nothing takes back.
    fn is_administrator(&self, who: usize) -> bool {
        let says = |number: u8| self.rights(who).contains(&number);
        says(1) && !says(13) && self.boundary(who).is_none()
    }

    /// Whether it reads the variables in which the key is.
    fn finds_the_key(&self, who: usize, met: bool) -> bool {
        let holder = format!("arn:aws:lambda:eu-west-1:{ACCOUNT}:function:holder");
        let actions = ["lambda:GetFunctionConfiguration", "lambda:GetFunction", "lambda:ListFunctions"];
        let request = request(met);
        actions.iter().any(|action| self.may(who, action, &holder, &request) == Decision::Allowed)
    }

    fn becomes(&self, from: usize, to: usize, met: Option<bool>) -> bool {
        if to == USER {
            return self.user.is_some() && met.is_some_and(|met| self.finds_the_key(from, met));
        }
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

    /// Tries step after step until there is nothing new: with what is found in variables, or by rights alone.
    fn held(&self, first: usize, met: Option<bool>) -> BTreeSet<usize> {
        let mut held = BTreeSet::from([first]);
        loop {
            let next: Vec<_> = (0..=USER)
                .filter(|to| !held.contains(to) && held.iter().any(|from| self.becomes(*from, *to, met)))
                .collect();
            if next.is_empty() {
                return held;
            }
            held.extend(next);
        }
    }

    fn reaches_administrator(&self, first: usize, met: bool) -> bool {
        let held = self.held(first, Some(met));
        // Of those who are held by then, each has to be held by rights of the same one.
        let writes = held.iter().any(|start| {
            let together = self.held(*start, None);
            together.iter().any(|by| {
                together.iter().any(|whose| {
                    self.boundary(*whose).is_none() && self.allowed(*by, "iam:PutRolePolicy", &arn(*whose))
                })
            })
        });
        writes || held.iter().any(|who| self.is_administrator(*who))
    }

    fn reads(&self, role: usize, bucket: usize, met: bool) -> bool {
        let object = format!("arn:aws:s3:::{}/x", BUCKETS[bucket]);
        let own = self.may(role, "s3:GetObject", &object, &request(met)) == Decision::Allowed;
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

    fn reaches_data(&self, first: usize, met: bool) -> bool {
        let reads = |who| (0..BUCKETS.len()).any(|bucket| self.reads(who, bucket, met));
        self.held(first, Some(met)).into_iter().any(reads)
    }

    /// The checks of the paths that there are, with the entries.
    fn expected(&self) -> Expected {
        let (mut expected, mut at_most) = (BTreeSet::new(), BTreeSet::new());
        let mut enter = |first: usize, entry: String, checks: [&'static str; 2], is_easy: bool| {
            let administers = SURE.into_iter().find(|met| self.reaches_administrator(first, *met));
            let reads = SURE.into_iter().find(|met| self.reaches_data(first, *met));
            if administers.is_some() {
                expected.insert((checks[0], entry.clone()));
            }
            // Administration says everything that is no surer.
            match reads {
                Some(reads) if administers.is_none_or(|it| it && !reads) => {
                    // Four steps that few begin, and a doubt, are not worth telling.
                    let told = if reads && !is_easy { &mut at_most } else { &mut expected };
                    told.insert((checks[1], entry));
                }
                _ => {}
            }
        };
        if self.public {
            enter(0, "api".into(), ["path-public-function-admin", "path-public-function-data"], true);
        }
        for (at, _) in self.roles.iter().enumerate().filter(|(_, role)| role.trust > 3) {
            enter(at, format!("r{at}"), ["path-external-account-admin", "path-external-account-data"], false);
        }
        if self.user.is_some() {
            enter(USER, KEY.into(), ["path-leaked-key-admin", "path-leaked-key-data"], false);
            // His own key asks for no second factor; an administrator has nothing to gain.
            if !self.is_administrator(USER) && self.reaches_administrator(USER, false) {
                expected.insert(("path-user-no-mfa-admin", "u".into()));
            }
        }
        Expected { expected, at_most }
    }
}

/// What has to be told, and what may be besides.
struct Expected {
    expected: BTreeSet<(&'static str, String)>,
    at_most: BTreeSet<(&'static str, String)>,
}

type Request = BTreeMap<String, Vec<String>>;

/// A request that meets the condition that cannot be decided, or not.
fn request(met: bool) -> Request {
    if met {
        Request::from([("aws:sourcevpce".to_owned(), vec!["vpce-1".to_owned()])])
    } else {
        Request::new()
    }
}

fn small() -> impl Strategy<Value = Small> {
    let rights = || prop::collection::vec(0..19_u8, 1..4);
    let role =
        (rights(), 0..5_u8, 0..6_u8).prop_map(|(rights, trust, boundary)| Role { rights, trust, boundary });
    let user = prop::option::of(rights());
    (prop::collection::vec(role, ROLES), user, prop::collection::vec(0..7_u8, BUCKETS.len()), any::<bool>())
        .prop_map(|(roles, user, buckets, public)| Small { roles, user, buckets, public })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn finds_what_trying_everything_finds(small in small()) {
        let account = small.account();
        let paths = Rc::new(Analyses::of(&account.0)).paths(&Settings::default().into()).clone();
        let found: BTreeSet<_> =
            paths.paths().iter().map(|path| (path.check, paths.node(path.entry).id.clone())).collect();
        let Expected { expected, at_most } = small.expected();
        prop_assert!(found.is_superset(&expected), "{found:?} lacks some of {expected:?}: {:#?}", paths.paths());
        let more: Vec<_> = found.difference(&expected).filter(|it| !at_most.contains(*it)).collect();
        prop_assert!(more.is_empty(), "{more:?}: {:#?}", paths.paths());
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
