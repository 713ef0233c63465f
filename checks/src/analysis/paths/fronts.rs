//! What stands before things that run code and is reached by the internet itself: APIs of API Gateway, and distributions
//! of CloudFront.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::{
    Builder, Class,
    because::Because,
    entries::{Prefix, Told, node},
    first_of,
    graph::{Certainty, Doubt, Edge, EdgeKind, Grant, Impact, Node, NodeKind},
    outside,
    rank::Ease,
};
use crate::{
    analysis::policy::{
        Chance, Condition, Known, Policy, Statement,
        public::{Grant as Exposed, open_to_everyone},
    },
    finding::Status,
    gap::NotJudged,
    snapshot::{
        Region,
        apigateway::{self, Api, Route},
        lambda::{self, Function},
    },
};

/// A distribution of CloudFront with a web ACL, around which the internet reaches a server of the account.
#[derive(Clone, Debug)]
pub(super) struct Front {
    /// The distribution's node.
    distribution: usize,
    /// The id of its origin.
    origin: String,
    /// The port of the server.
    port: u16,
    /// The id of the finding that tells of the way around it.
    pub(super) finding: String,
}

impl Front {
    /// Whether the server's ports are those that the distribution asks.
    pub(super) const fn is_on(&self, ports: (u16, u16)) -> bool {
        ports.0 <= self.port && self.port <= ports.1
    }
}

/// An API that the internet reaches.
struct ApiFront<'a> {
    api: &'a Api,
    /// The names of its stages.
    stages: String,
    certainty: Certainty,
}

impl ApiFront<'_> {
    /// Whether it calls the function for whoever asks, and why: an integration of a route without authorization names the
    /// function, and the function's policy lets the API in, or the integration has a role.
    /// Where the routes could not be read, only a policy that names the API tells of it.
    fn sends_on(
        &self,
        function: &Function,
        let_in: Option<&Statement>,
        lets_any_in: bool,
    ) -> Option<(Because, Certainty)> {
        let routes = match self.api.routes.get() {
            Ok(routes) => routes,
            Err(why) => {
                let (gap, statement) = (first_of(why)?, let_in?.label());
                let because = Because::AllowedByResource { action: "lambda:InvokeFunction", statement };
                return Some((because, Certainty::Unknown(Box::new(gap))));
            }
        };
        // Of a WebSocket API, only the route that connects can ask for authorization, and does so for all (API Gateway
        // Developer Guide, "Control and manage access to WebSocket APIs").
        if self.api.protocol == "WEBSOCKET" && routes.iter().any(|it| it.key == "$connect" && !is_open(it)) {
            return None;
        }
        let calls = |route: &Route| {
            let has_role = route.credentials.as_deref().is_some_and(|arn| arn.contains(":role/"));
            let is_let_in = let_in.is_some() || lets_any_in || has_role;
            is_open(route) && route.functions.contains(&function.arn) && is_let_in
        };
        let mut routes = routes.iter().filter(|route| calls(route));
        let first = routes.next()?;
        let because = Because::Route { key: first.key.clone(), others: routes.count() };
        Some((because, Certainty::Conditional(Doubt::Flaw)))
    }
}

/// Whether a route asks for nothing that a stranger lacks. An API key is something that he lacks.
fn is_open(route: &Route) -> bool {
    route.authorization == "NONE" && !route.api_key_required
}

/// Distributions by the server behind them: its region, and its name or id.
pub(super) type Fronts = HashMap<(String, String), Vec<Front>>;

impl<'a> Builder<'_, 'a> {
    /// Functions that an API of the account calls for whoever asks.
    pub(super) fn apis(&mut self) {
        for (name, region) in &self.snapshot.regions {
            // Who has no function has none behind an API.
            if region.lambda.functions.known().is_none_or(Vec::is_empty) {
                continue;
            }
            let apis = self.public_apis(name, region);
            if apis.is_empty() {
                continue;
            }
            for function in region.lambda.functions.known().into_iter().flatten() {
                // What could not be read is noted where functions are asked about that anyone may call.
                let operation = lambda::op::GetPolicy;
                let text = region.lambda.policies.of(&function.name).ok().and_then(Option::as_deref);
                let policy =
                    text.and_then(|text| Policy::read(text, operation, Some(name), &function.name).ok());
                let mut let_in: BTreeMap<&str, &Statement> = BTreeMap::new();
                let mut any = None;
                for statement in policy.iter().flat_map(Policy::allows) {
                    match apis_let_in(statement, function, &self.snapshot.account.id, name) {
                        LetIn::Any => any = any.or(Some(statement)),
                        LetIn::These(ids) => {
                            for id in ids {
                                let_in.entry(id).or_insert(statement);
                            }
                        }
                    }
                }
                for (id, front) in &apis {
                    let by = let_in.get(id).copied();
                    if let Some((because, certainty)) = front.sends_on(function, by, any.is_some()) {
                        self.api(front, name, function, because, certainty);
                    }
                }
            }
        }
    }

    /// The APIs that the internet reaches, by their ids.
    fn public_apis(&mut self, name: &str, region: &'a Region) -> BTreeMap<&'a str, ApiFront<'a>> {
        let mut apis = BTreeMap::new();
        for list in [&region.apigateway.rest_apis, &region.apigateway.v2_apis] {
            if let Err(why) = list.get() {
                self.note(Class::Function, &why);
            }
            for api in list.known().into_iter().flatten().filter(|api| !api.is_private) {
                let stages = match api.stages.get() {
                    Ok(stages) => stages,
                    Err(NotJudged::NotApplicable) => continue,
                    Err(why) => {
                        self.note(Class::Function, &why);
                        continue;
                    }
                };
                // Nobody calls what is not deployed.
                let Some(first) = stages.first() else { continue };
                let Some(certainty) = self.lets_strangers_in(api, name) else { continue };
                let stages = stages
                    .iter()
                    .skip(1)
                    .fold(first.name.clone(), |names, stage| format!("{names}, {}", stage.name));
                apis.insert(api.id.as_str(), ApiFront { api, stages, certainty });
            }
        }
        apis
    }

    /// Whether strangers' requests come as far as the API's methods. A resource policy has to allow them, where there is
    /// one (API Gateway Developer Guide, "How API Gateway resource policies affect authorization workflow").
    fn lets_strangers_in(&self, api: &Api, region: &str) -> Option<Certainty> {
        const ACTION: &str = "execute-api:Invoke";
        let place = (apigateway::op::GetRestApis, region, api.id.as_str());
        let grants = api
            .policy
            .as_deref()
            .map(|policy| open_to_everyone(policy, &[ACTION], self.snapshot.started_at, place));
        match grants {
            Some(Err(gap)) => Some(Certainty::Unknown(Box::new(gap))),
            Some(Ok(grants)) if grants.iter().all(Exposed::is_limited) => None,
            _ if api.has_default_endpoint => Some(Certainty::Certain),
            _ => Some(Certainty::Conditional(Doubt::Domain)),
        }
    }

    fn api(
        &mut self,
        front: &ApiFront<'_>,
        region: &'a str,
        function: &Function,
        because: Because,
        certainty: Certainty,
    ) {
        let ApiFront { api, stages, certainty: reached } = front;
        let partition = &self.snapshot.account.partition;
        let (root, resource_type) = match api.protocol.as_str() {
            "REST" => ("restapis", "AWS::ApiGateway::RestApi"),
            _ => ("apis", "AWS::ApiGatewayV2::Api"),
        };
        let from = self.graph.node(outside(NodeKind::Internet, "internet"));
        let before = self.graph.node(Node {
            kind: NodeKind::Api,
            id: api.id.clone(),
            arn: format!("arn:{partition}:apigateway:{region}::/{root}/{}", api.id),
            resource_type,
            region: Some(region.to_owned()),
        });
        let to = self.graph.node(Node::of(NodeKind::Compute, function, &self.place(region)));
        let reaches = self.graph.edge(Edge {
            from,
            to: before,
            kind: EdgeKind::Reaches,
            because: Because::Stages(stages.clone()),
            certainty: reached.clone(),
            findings: Vec::new(),
            grant: None,
        });
        let forwards = self.graph.edge(Edge {
            from: before,
            to,
            kind: EdgeKind::Forwards,
            because,
            certainty,
            findings: Vec::new(),
            grant: None,
        });
        let prefix = Prefix { is_meant: true, ..Prefix::along(vec![reaches, forwards], Ease::Many) };
        self.entry(Class::Function, to, prefix);
    }

    /// The servers that stand behind a distribution with a web ACL, and that the internet reaches around it.
    pub(super) fn fronts(&mut self) -> Fronts {
        let mut fronts = Fronts::new();
        let distributions = match self.snapshot.cloudfront.distributions.get() {
            Ok(distributions) => distributions,
            Err(why) => {
                super::note(&mut self.unread.fronts, &why);
                return fronts;
            }
        };
        for finding in self.findings("cloudfront-custom-origin-exposed") {
            let text = |key: &str| finding.evidence.get(key).and_then(Value::as_str);
            let guarded = distributions.iter().any(|it| it.id == finding.resource.id && it.web_acl.is_some());
            if finding.status == Status::Unknown && guarded {
                self.unread.fronts.extend(finding.gaps.iter().cloned());
            }
            let port = finding.evidence.get("port").and_then(Value::as_u64);
            let port = port.and_then(|port| u16::try_from(port).ok());
            let (true, Status::Fail, Some(region), Some(server), Some(port)) =
                (guarded, finding.status, text("region"), text("server_id"), port)
            else {
                continue;
            };
            let key = (region.to_owned(), server.to_owned());
            let origin = text("origin").unwrap_or_default().to_owned();
            let distribution = self.graph.node(node(NodeKind::Distribution, &finding));
            let front = Front { distribution, origin, port, finding: finding.id() };
            fronts.entry(key).or_default().push(front);
        }
        fronts
    }

    /// The way through the distribution, which is there whether or not there is one around it: its first edges, to the
    /// server.
    pub(super) fn through(&mut self, front: &Front, server: usize) -> Vec<usize> {
        let from = self.graph.node(outside(NodeKind::Internet, "internet"));
        let (to, grant) = (front.distribution, None);
        let first = Edge {
            from,
            to,
            kind: EdgeKind::Reaches,
            because: Because::Distribution,
            certainty: Certainty::Certain,
            findings: Vec::new(),
            grant,
        };
        let second = Edge {
            from: to,
            to: server,
            kind: EdgeKind::Forwards,
            because: Because::Origin(front.origin.clone()),
            certainty: Certainty::Conditional(Doubt::Flaw),
            findings: Vec::new(),
            grant: None,
        };
        vec![self.graph.edge(first), self.graph.edge(second)]
    }

    /// Distributions that get their content from a bucket whose name anyone may take.
    pub(super) fn takeovers(&mut self) {
        for finding in self.told("cloudfront-s3-origin-missing", Class::Origin) {
            if finding.status != Status::Fail {
                self.note_unknown(Class::Origin, &finding);
                continue;
            }
            let to = node(NodeKind::Distribution, &finding);
            let at = self.graph.node(to.clone());
            let stores = u32::try_from(at).into_iter().collect();
            let group = format!("{} site", to.resource_type);
            let grant = Some(Grant { impact: Impact::Site, group, stores, wide: true });
            let from = outside(NodeKind::AnyAwsPrincipal, "any AWS account");
            let told = Told { ease: Ease::Many, kind: EdgeKind::Controls, grant, ..Told::opens() };
            self.by_finding(Class::Origin, from, to, finding, told);
        }
    }
}

/// Which APIs of the account may call a function.
enum LetIn<'s> {
    /// All of them.
    Any,
    /// Those with these ids.
    These(Vec<&'s str>),
}

/// The APIs of the account in that region which a statement of the function's policy lets call it (API Gateway Developer
/// Guide, "Control access to an API with IAM permissions": `arn:aws:execute-api:REGION:ACCOUNT:API/…`). Without a source,
/// it lets in all of API Gateway.
fn apis_let_in<'s>(statement: &'s Statement, function: &Function, account: &str, region: &str) -> LetIn<'s> {
    let mut names = statement.principals.iter().flat_map(|principals| principals.names());
    let mut known = Known::default();
    known.is("aws:SourceAccount", account);
    let is_source = |condition: &&Condition| condition.key.eq_ignore_ascii_case("aws:SourceArn");
    let mut others = statement.conditions.iter().filter(|it| !is_source(it));
    let is_let_in = names.any(|name| name == "apigateway.amazonaws.com")
        && statement.actions.selects_action("lambda:InvokeFunction")
        && statement
            .resources
            .patterns()
            .iter()
            .any(|it| it.starts_with(function.arn.as_str()) || *it == "*")
        && others.all(|condition| condition.chance(&known) != Chance::Never);
    if !is_let_in {
        return LetIn::These(Vec::new());
    }
    let sources: Vec<_> = statement.conditions.iter().filter(is_source).collect();
    if sources.is_empty() {
        return LetIn::Any;
    }
    let ids = sources.into_iter().flat_map(|condition| &condition.values).filter_map(|value| {
        let mut parts = value.splitn(6, ':').skip(2);
        let is_ours = parts.next() == Some("execute-api")
            && parts.next().is_some_and(|it| it == region || it == "*")
            && parts.next().is_some_and(|it| it == account || it == "*");
        parts.next().filter(|_| is_ours)?.split('/').next()
    });
    let mut ids: Vec<_> = ids.collect();
    if ids.contains(&"*") {
        return LetIn::Any;
    }
    ids.sort_unstable();
    ids.dedup();
    LetIn::These(ids)
}

#[cfg(test)]
mod tests {
    use super::super::{
        Paths,
        graph::{Certainty, Doubt, EdgeKind},
        testing::{ACCOUNT, ADMIN, Account, allow},
        tests::{NONE, job, paths, told, web},
    };
    use crate::{
        finding::Severity,
        gap::Collected,
        page::Lang,
        snapshot::apigateway::Route,
        testing::{denied, read, region},
    };

    fn kinds(found: &Paths) -> Vec<EdgeKind> {
        found.paths()[0].edges.iter().map(|edge| found.edge(*edge).kind).collect()
    }

    #[test]
    fn an_api_sends_on_to_the_function_that_lets_it() {
        use EdgeKind::{Administers, Forwards, Reaches, RunsAs};
        let found = paths(&job(ADMIN).api(|_| ()));
        let [path] = found.paths() else { panic!("{:?}", found.paths()) };
        assert_eq!((path.check, path.severity), ("path-public-function-admin", Severity::High));
        assert_eq!(*found.certainty(path), Certainty::Conditional(Doubt::Flaw));
        assert_eq!(kinds(&found), [Reaches, Forwards, RunsAs, Administers]);
        assert_eq!(found.node(path.entry).id, "api");
        // Private; not deployed; another one's, another account's, another region's; a function that nobody may call.
        assert_eq!(told(&job(ADMIN).api(|api| api.is_private = true)), NONE);
        assert_eq!(told(&job(ADMIN).api(|api| api.stages = read(vec![]))), NONE);
        assert_eq!(told(&job(ADMIN).api(|api| api.id = "c3d4".into())), NONE);
        let policy = |from: &str, to: &str| {
            told(&job(ADMIN).api(|_| ()).change(|account| {
                let Collected::Value(policies) = &mut region(account).lambda.policies else { panic!() };
                let text = policies["api"].known().cloned().flatten().unwrap().replace(from, to);
                policies.insert("api".into(), read(Some(text)));
            }))
        };
        assert_eq!(policy("execute-api:eu-west-1:111122223333", "execute-api:eu-west-1:444455556666"), NONE);
        assert_eq!(policy("execute-api:eu-west-1", "execute-api:us-east-1"), NONE);
        assert_eq!(policy("apigateway.amazonaws.com", "events.amazonaws.com"), NONE);
        // Any API; any API of the account, and of another one.
        const TOLD: [&str; 1] = ["path-public-function-admin"];
        assert_eq!(policy(":a1b2/*/*/*", ":*"), TOLD);
        let source = format!("arn:aws:execute-api:eu-west-1:{ACCOUNT}:a1b2/*/*/*");
        let by_account = |account: &str| {
            let from = format!(r#""ArnLike":{{"AWS:SourceArn":"{source}"}}"#);
            policy(&from, &format!(r#""StringEquals":{{"aws:SourceAccount":"{account}"}}"#))
        };
        assert_eq!(by_account(ACCOUNT), TOLD);
        assert_eq!(by_account("444455556666"), NONE);
        assert_eq!(policy("lambda:InvokeFunction", "lambda:GetFunction"), NONE);
        assert_eq!(policy("Allow", "Deny"), NONE);
    }

    #[test]
    fn a_route_has_to_ask_for_nothing() {
        let with = |change: fn(&mut Route)| {
            told(&job(ADMIN).api(|api| {
                let Collected::Value(routes) = &mut api.routes else { panic!() };
                change(&mut routes[0]);
            }))
        };
        assert_eq!(with(|_| ()), ["path-public-function-admin"]);
        for authorization in ["AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS", "JWT"] {
            let account = job(ADMIN).api(|api| {
                let Collected::Value(routes) = &mut api.routes else { panic!() };
                routes[0].authorization = authorization.into();
            });
            assert_eq!(told(&account), NONE, "{authorization}");
        }
        assert_eq!(with(|route| route.api_key_required = true), NONE);
        // Another function; none.
        assert_eq!(with(|route| route.functions[0].push_str("-2")), NONE);
        assert_eq!(with(|route| route.functions.clear()), NONE);
        assert_eq!(told(&job(ADMIN).api(|api| api.routes = read(vec![]))), NONE);
        // One open route beside closed ones is enough.
        let beside = job(ADMIN).api(|api| {
            let Collected::Value(routes) = &mut api.routes else { panic!() };
            let closed = Route { key: "GET /a".into(), authorization: "AWS_IAM".into(), ..routes[0].clone() };
            routes.insert(0, closed);
        });
        let found = paths(&beside);
        let because = found.edge(found.paths()[0].edges[1]).because.text(Lang::En);
        assert_eq!(because, "route ANY /{proxy+}");
    }

    #[test]
    fn a_websocket_api_asks_where_it_connects() {
        let socket = |authorization: &str| {
            told(&job(ADMIN).api(|api| {
                api.protocol = "WEBSOCKET".into();
                let Collected::Value(routes) = &mut api.routes else { panic!() };
                routes[0].key = "$default".into();
                let connect = Route { key: "$connect".into(), functions: vec![], ..routes[0].clone() };
                routes.insert(0, Route { authorization: authorization.into(), ..connect });
            }))
        };
        assert_eq!(socket("NONE"), ["path-public-function-admin"]);
        assert_eq!(socket("CUSTOM"), NONE);
    }

    #[test]
    fn an_integration_with_a_role_needs_no_policy_of_the_function() {
        let without_policy = |role: Option<&str>| {
            let account = job(ADMIN).api(|api| {
                let Collected::Value(routes) = &mut api.routes else { panic!() };
                routes[0].credentials = role.map(str::to_owned);
            });
            told(&account.change(|account| {
                region(account).lambda.policies = read([("api".to_owned(), read(None))].into());
            }))
        };
        let role = "arn:aws:iam::111122223333:role/invoke";
        assert_eq!(without_policy(Some(role)), ["path-public-function-admin"]);
        assert_eq!(without_policy(None), NONE);
        assert_eq!(without_policy(Some("arn:aws:iam::*:user/*")), NONE, "the caller's own rights");
    }

    #[test]
    fn a_resource_policy_has_to_let_strangers_in() {
        let statement = |effect: &str, condition: &str| {
            format!(
                r#"{{"Effect": "{effect}", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"{condition}}}"#
            )
        };
        let with = |statements: &[String]| {
            let policy = format!(r#"{{"Statement": [{}]}}"#, statements.join(","));
            told(&job(ADMIN).api(|api| api.policy = Some(policy)))
        };
        let office = r#", "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}"#;
        let elsewhere = r#", "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}"#;
        let allow = statement("Allow", "");
        assert_eq!(with(std::slice::from_ref(&allow)), ["path-public-function-admin"]);
        assert_eq!(with(&[statement("Allow", office)]), NONE);
        assert_eq!(with(&[allow.clone(), statement("Deny", elsewhere)]), NONE);
        assert_eq!(with(&[allow.replace(r#""*""#, r#"{"AWS": "111122223333"}"#)]), NONE);
        assert_eq!(with(&[]), NONE, "what nothing allows is denied");
    }

    #[test]
    fn without_its_default_endpoint_an_api_needs_a_name() {
        let found = paths(&job(ADMIN).api(|api| api.has_default_endpoint = false));
        let path = &found.paths()[0];
        assert_eq!(path.severity, Severity::High);
        assert_eq!(found.edge(path.edges[0]).certainty, Certainty::Conditional(Doubt::Domain));
    }

    #[test]
    fn what_an_api_is_there_for_is_no_path() {
        let reads =
            |resource: &str| told(&job(&allow("s3:GetObject", resource)).api(|_| ()).bucket("customer-data"));
        assert_eq!(reads("arn:aws:s3:::customer-data/*"), NONE);
        assert_eq!(reads("*"), ["path-public-function-data"]);
        let unread = job(ADMIN).api(|_| ()).change(|account| region(account).apigateway.rest_apis = denied());
        assert!(paths(&unread).unread("path-public-function-admin").is_some());
    }

    #[test]
    fn routes_that_cannot_be_read_are_to_verify() {
        let found = paths(&job(ADMIN).api(|api| api.routes = denied()));
        let [path] = found.paths() else { panic!("{:?}", found.paths()) };
        assert_eq!((path.check, path.severity), ("path-public-function-admin", Severity::Medium));
        assert!(matches!(found.certainty(path), Certainty::Unknown(_)));
        let another = job(ADMIN).api(|api| {
            (api.id, api.routes) = ("c3d4".into(), denied());
        });
        assert_eq!(told(&another), NONE, "the function does not let it in");
    }

    #[test]
    fn a_way_around_a_web_acl_is_told_in_place_of_the_one_through_it() {
        let account =
            |web_acl| Account::new().role("web", "ec2", ADMIN).instance(443, "web").distribution(web_acl);
        let found = paths(&account(Some("acl")));
        let [path] = found.paths() else { panic!("{:?}", found.paths()) };
        assert_eq!((path.check, path.severity), ("path-cdn-bypass", Severity::High));
        // What closes it leaves the way through: less easy, but there.
        let cited = found.edge(path.edges[0]).findings.clone();
        let left = found.without(cited.iter().map(String::as_str));
        let [path] = &left[..] else { panic!("{left:?}") };
        assert_eq!((path.check, path.severity), ("path-internet-compute-admin", Severity::Medium));
        assert_eq!(found.node(found.edge(path.edges[0]).to).id, "E1");
        let all: Vec<_> = found.paths().iter().collect();
        assert!(found.fix_first(&all, &[].into(), &cited).is_empty(), "it cuts nothing");
        // Without a web ACL there is nothing to go around; another port; another server.
        assert_eq!(told(&account(None)), ["path-internet-compute-admin"]);
        let on = |port| {
            told(&Account::new().role("web", "ec2", ADMIN).instance(port, "web").distribution(Some("acl")))
        };
        assert_eq!(on(80), ["path-internet-compute-admin"]);
        let other = account(Some("acl")).change(|account| {
            if let Collected::Value(instances) = &mut region(account).ec2.instances {
                instances[0].public_dns = Some("ec2-198-51-100-8.eu-west-1.compute.amazonaws.com".into());
            }
        });
        assert_eq!(told(&other), ["path-internet-compute-admin"]);
        let unread = web(ADMIN).change(|account| account.cloudfront.distributions = denied());
        assert!(paths(&unread).unread("path-cdn-bypass").is_some());
        assert!(paths(&unread).unread("path-internet-compute-admin").is_none());
    }

    #[test]
    fn a_bucket_that_nobody_has_gives_a_site_away() {
        let found = paths(&Account::new().site(false));
        let [path] = found.paths() else { panic!("{:?}", found.paths()) };
        assert_eq!((path.check, path.severity), ("path-takeover", Severity::High));
        assert_eq!(found.node(path.target).id, "E1");
        assert_eq!(told(&Account::new().site(true)), NONE);
        let off = Account::new().site(false).change(|account| {
            if let Collected::Value(distributions) = &mut account.cloudfront.distributions {
                distributions[0].enabled = false;
            }
        });
        assert_eq!(told(&off), NONE);
        let unread = Account::new().site(false).change(|account| account.s3.foreign_buckets = denied());
        assert!(paths(&unread).unread("path-takeover").is_some());
    }
}
