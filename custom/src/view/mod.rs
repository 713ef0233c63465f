//! The documented view of an account, `v1`: nouns that checks are about, each with fields in AWS's terms.
//!
//! This is public API. A noun or field may be added to `v1`; none changes its meaning or goes away. What cannot be kept
//! makes a `v2`, which lives beside it.
//!
//! One declaration makes the schema of a field and its value: the value's type is the shape's (`View`), so that the
//! schema cannot promise what the value does not hold.

mod compute;
mod identity;
mod network;
mod observe;
mod store;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use aws_audit_checks::{
    check::Context,
    finding::Judgement,
    gap::{Collected, NotJudged},
    settings::Settings,
    snapshot::{Judged, Region, Tags},
    source::Source,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    facts::{self, Facts},
    node::Node,
    shape::{Field, Shape},
};

/// The version of the view.
pub const VERSION: &str = "v1";

/// A kind of resource that checks are about.
pub struct Noun {
    /// Its name: `s3.bucket`.
    pub name: &'static str,
    /// Its CloudFormation type, where there is one for all of them.
    pub kind: &'static str,
    /// What it is called, in English and Japanese.
    pub title: [&'static str; 2],
    /// Where the list of them comes from.
    sources: &'static [Source],
    fields: fn() -> Vec<FieldOf>,
    each: fn(&mut Context<'_>, &Wanted, &mut Judge<'_>),
    /// Built-in checks that say whether one is public.
    public: &'static [&'static str],
    /// A built-in check that asks what the internet reaches of it, as far as there is one.
    reached_by: Option<&'static str>,
}

/// A field with the sources that it takes, besides those of the list.
pub(crate) struct FieldOf {
    field: Field,
    sources: &'static [Source],
}

impl FieldOf {
    /// The field's name.
    pub(crate) const fn name(&self) -> &'static str {
        self.field.name
    }
}

/// What the expressions of a check ask for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) fields: BTreeSet<&'static str>,
    pub(crate) public: bool,
    pub(crate) reach: bool,
    /// The settings, which may differ from resource to resource.
    pub(crate) settings: bool,
}

/// Judges a resource.
pub(crate) type Judge<'j> = dyn FnMut(&Context<'_>, Node, Facts) -> Judgement + 'j;

impl Noun {
    /// Its fields.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        (self.fields)().into_iter().map(|it| it.field).collect()
    }

    /// The shape of one.
    #[must_use]
    pub fn shape(&self) -> Shape {
        Shape::Object(self.fields())
    }

    /// The JSON Schema (draft 2020-12) of one.
    #[must_use]
    pub fn schema(&self) -> Value {
        let mut schema = self.shape().schema();
        schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
        schema["title"] = json!(self.name);
        schema["description"] = json!(format!(
            "{} ({}), as custom checks see it, {VERSION}. A field that could not be read is left out.",
            self.title[0], self.kind
        ));
        schema
    }

    /// Whether one of our functions has an answer for it.
    pub(crate) fn has_fact(&self, function: &str) -> bool {
        match function {
            "public" => !self.public.is_empty(),
            "reachable" => self.reached_by.is_some(),
            _ => true,
        }
    }

    /// The built-in checks that `public(r)` asks.
    #[must_use]
    pub fn public_by(&self) -> &'static [&'static str] {
        self.public
    }

    /// The sources that what is asked for takes.
    pub(crate) fn sources(&self, wanted: &Wanted) -> Vec<Source> {
        let of_fields = (self.fields)().into_iter().filter(|it| wanted.fields.contains(it.field.name));
        let mut sources: Vec<_> = self.sources.to_vec();
        sources.extend(of_fields.flat_map(|it| it.sources));
        if wanted.public {
            sources.extend(facts::sources_of(self.public));
        }
        if wanted.reach {
            sources.extend(facts::sources_of(self.reached_by.as_slice()));
        }
        sources.sort();
        sources.dedup();
        sources
    }

    /// Judges each of an account.
    pub(crate) fn each(&self, cx: &mut Context<'_>, wanted: &Wanted, judge: &mut Judge<'_>) {
        (self.each)(cx, wanted, judge);
    }
}

impl fmt::Debug for Noun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// All nouns, by name.
pub static NOUNS: &[&Noun] = &[
    &identity::ACCOUNT,
    &observe::ACM_CERTIFICATE,
    &observe::APIGATEWAY_STAGE,
    &observe::CLOUDFRONT_DISTRIBUTION,
    &observe::CLOUDTRAIL_TRAIL,
    &compute::CODEBUILD_PROJECT,
    &store::DYNAMODB_TABLE,
    &compute::EC2_IMAGE,
    &compute::EC2_INSTANCE,
    &compute::EC2_LAUNCH_TEMPLATE,
    &network::EC2_NETWORK_ACL,
    &network::EC2_ROUTE_TABLE,
    &network::EC2_SECURITY_GROUP,
    &store::EC2_SNAPSHOT,
    &network::EC2_SUBNET,
    &store::EC2_VOLUME,
    &network::EC2_VPC,
    &network::EC2_VPC_ENDPOINT,
    &compute::ECR_REPOSITORY,
    &compute::ECS_SERVICE,
    &compute::ECS_TASK_DEFINITION,
    &store::EFS_FILE_SYSTEM,
    &compute::EKS_CLUSTER,
    &store::ELASTICACHE_CACHE,
    &network::ELB_LOAD_BALANCER,
    &network::ELBV2_LOAD_BALANCER,
    &observe::GUARDDUTY_DETECTOR,
    &identity::IAM_ACCESS_KEY,
    &identity::IAM_GROUP,
    &identity::IAM_POLICY,
    &identity::IAM_ROLE,
    &identity::IAM_USER,
    &store::KMS_KEY,
    &compute::LAMBDA_FUNCTION,
    &observe::LOGS_LOG_GROUP,
    &store::OPENSEARCH_DOMAIN,
    &store::RDS_DB_CLUSTER,
    &store::RDS_DB_INSTANCE,
    &store::RDS_DB_SNAPSHOT,
    &store::REDSHIFT_CLUSTER,
    &store::S3_BUCKET,
    &store::SECRETSMANAGER_SECRET,
    &observe::SNS_TOPIC,
    &observe::SQS_QUEUE,
];

/// The noun of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Noun> {
    NOUNS.iter().copied().find(|noun| noun.name == name)
}

/// What has a shape.
pub(crate) trait Shaped {
    fn shape() -> Shape;
}

/// How a value of the snapshot is seen.
pub(crate) trait View<S: ?Sized>: Shaped {
    fn view(source: &S) -> Node;
}

/// Declares what the simple shapes are made from.
macro_rules! simple {
    ($($name:ident = $shape:ident { $($from:ty => $make:expr),+ $(,)? })+) => { $(
        pub(crate) struct $name;
        impl Shaped for $name {
            fn shape() -> Shape {
                Shape::$shape
            }
        }
        $( impl View<$from> for $name {
            fn view(source: &$from) -> Node {
                let make: fn(&$from) -> Node = $make;
                make(source)
            }
        } )+
    )+ };
}

simple! {
    Bool = Bool { bool => |it| Node::Bool(*it) }
    Int = Int {
        i64 => |it| Node::Int(*it),
        i32 => |it| Node::Int((*it).into()),
        u16 => |it| Node::Int((*it).into()),
        u64 => |it| Node::Int(i64::try_from(*it).unwrap_or(i64::MAX)),
    }
    Text = Text { str => |it| Node::Text(it.to_owned()), String => |it| Node::Text(it.clone()) }
    Time = Time { Timestamp => |it| Node::Text(it.to_string()) }
}

pub(crate) struct Maybe<V>(V);

impl<V: Shaped> Shaped for Maybe<V> {
    fn shape() -> Shape {
        Shape::Maybe(Box::new(V::shape()))
    }
}

impl<S, V: View<S>> View<Option<S>> for Maybe<V> {
    fn view(source: &Option<S>) -> Node {
        source.as_ref().map_or(Node::Null, V::view)
    }
}

pub(crate) struct List<V>(V);

impl<V: Shaped> Shaped for List<V> {
    fn shape() -> Shape {
        Shape::List(Box::new(V::shape()))
    }
}

impl<S, V: View<S>> View<[S]> for List<V> {
    fn view(source: &[S]) -> Node {
        let (mut items, mut gaps) = (Vec::new(), Vec::new());
        for item in source {
            match V::view(item) {
                Node::Unread(unread) => gaps.extend(unread),
                Node::NotOffered => {}
                item => items.push(item),
            }
        }
        // A loop over what is left would take the rest for fine.
        if gaps.is_empty() { Node::List(items) } else { Node::Unread(gaps) }
    }
}

impl<S, V: View<S>> View<Vec<S>> for List<V> {
    fn view(source: &Vec<S>) -> Node {
        <Self as View<[S]>>::view(source)
    }
}

pub(crate) struct MapOf<V>(V);

impl<V: Shaped> Shaped for MapOf<V> {
    fn shape() -> Shape {
        Shape::Map(Box::new(V::shape()))
    }
}

impl<S, V: View<S>> View<BTreeMap<String, S>> for MapOf<V> {
    fn view(source: &BTreeMap<String, S>) -> Node {
        let (mut entries, mut gaps) = (BTreeMap::new(), Vec::new());
        for (key, value) in source {
            match V::view(value) {
                Node::Unread(unread) => gaps.extend(unread),
                Node::NotOffered => {}
                value => drop(entries.insert(key.clone(), value)),
            }
        }
        if gaps.is_empty() { Node::Map(entries) } else { Node::Unread(gaps) }
    }
}

impl View<Tags> for MapOf<Text> {
    fn view(source: &Tags) -> Node {
        let entry = |(key, value): (&str, &str)| (key.to_owned(), Text::view(value));
        Node::Map(source.iter().map(entry).collect())
    }
}

impl<S: ?Sized, V: View<S>> View<&S> for V {
    fn view(source: &&S) -> Node {
        V::view(*source)
    }
}

impl<S, V: View<S>> View<Collected<S>> for V {
    fn view(source: &Collected<S>) -> Node {
        source.get().map_or_else(Node::missing, V::view)
    }
}

impl<S, V: View<S>> View<Result<S, NotJudged>> for V {
    fn view(source: &Result<S, NotJudged>) -> Node {
        source.as_ref().map_or_else(|why| Node::missing(why.clone()), V::view)
    }
}

/// Declares things within resources.
macro_rules! object {
    ($( $name:ident($it:ident: $from:ty) { $( $(#[doc = $doc:literal])+ $field:ident: $type:ty = $value:expr, )+ } )+) => { $(
        struct $name;
        impl $crate::view::Shaped for $name {
            fn shape() -> $crate::shape::Shape {
                $crate::shape::Shape::Object(vec![ $( $crate::shape::Field {
                    name: stringify!($field),
                    about: concat!($($doc),+).trim_ascii_start(),
                    shape: <$type as $crate::view::Shaped>::shape(),
                }, )+ ])
            }
        }
        impl $crate::view::View<$from> for $name {
            fn view($it: &$from) -> $crate::node::Node {
                let fields = [ $( (stringify!($field).to_owned(), <$type as $crate::view::View<_>>::view(&$value)), )+ ];
                $crate::node::Node::Object(fields.into())
            }
        }
    )+ };
}
use object;

/// Declares a kind of resource. `each` says where they are: `global SERVICE.LIST`, `regional SERVICE.LIST`, or a function
/// that hands each to the judge. A field names the sources that it takes besides those of the list; `cx` is the check's
/// context, which tells the region.
macro_rules! noun {
    (
        $const:ident = $name:literal, $en:literal, $ja:literal: $thing:ty, $cx:ident, $it:ident;
        sources $sources:expr;
        each $how:ident $($where:expr)?;
        $(public by $($public:literal)+;)?
        $(reached by $reached:literal;)?
        $( $(#[doc = $doc:literal])+ $field:ident: $type:ty $([$($source:ident)+])? = $value:expr, )*
    ) => {
        pub(crate) static $const: $crate::view::Noun = {
            use aws_audit_checks::{check::Context, snapshot::Judged, source::Source};
            use $crate::{node::Node, view::{Field, FieldOf, Shaped, View, Wanted}};

            fn fields() -> Vec<FieldOf> {
                let mut fields = $crate::view::common();
                $( fields.push(FieldOf {
                    field: Field {
                        name: stringify!($field),
                        about: concat!($($doc),+).trim_ascii_start(),
                        shape: <$type as Shaped>::shape(),
                    },
                    sources: &[$($(Source::$source,)+)?],
                }); )*
                fields
            }

            fn node<'a>($cx: &Context<'a>, $it: &'a $thing, wanted: &Wanted) -> Node {
                let mut fields = $crate::view::identity($cx, $it, wanted);
                $( if wanted.fields.contains(stringify!($field)) {
                    fields.insert(stringify!($field).to_owned(), <$type as View<_>>::view(&$value));
                } )*
                Node::Object(fields)
            }

            fn facts<'a>(cx: &Context<'a>, it: &'a $thing, wanted: &Wanted, public: &$crate::facts::Public) -> $crate::facts::Facts {
                let mut facts = $crate::facts::Facts::unknown("it");
                if wanted.public {
                    facts.public = public.fact(cx, it);
                }
                $crate::view::reach!(facts, cx, it, wanted $(, $reached)?);
                facts
            }

            fn each<'a>(cx: &mut Context<'a>, wanted: &Wanted, judge: &mut $crate::view::Judge<'_>) {
                let public = match wanted.public {
                    true => $crate::facts::Public::of(cx, PUBLIC),
                    false => $crate::facts::Public::default(),
                };
                let mut one = |cx: &Context<'a>, it: &'a $thing| judge(cx, node(cx, it, wanted), facts(cx, it, wanted, &public));
                $crate::view::each!(cx, one, $how $($where)?);
            }

            const PUBLIC: &[&str] = &[$($($public),+)?];
            $crate::view::Noun {
                name: $name,
                kind: <$thing as Judged>::TYPE,
                title: [$en, $ja],
                sources: $sources,
                fields,
                each,
                public: PUBLIC,
                reached_by: $crate::view::first!($($reached)?),
            }
        };
    };
}
use noun;

macro_rules! first {
    () => {
        None
    };
    ($it:literal) => {
        Some($it)
    };
}
use first;

macro_rules! reach {
    ($facts:ident, $cx:ident, $it:ident, $wanted:ident) => {};
    ($facts:ident, $cx:ident, $it:ident, $wanted:ident, $by:literal) => {
        if $wanted.reach
            && let Ok(region) = $crate::view::region($cx)
        {
            let network = $cx.analyses.network($cx.place().region, region);
            $facts.reach = $crate::facts::Reached::reach($it, &network);
        }
    };
}
use reach;

macro_rules! each {
    ($cx:ident, $one:ident, global $list:expr) => {{
        let list: fn(&aws_audit_checks::snapshot::Snapshot) -> &aws_audit_checks::gap::Collected<Vec<_>> =
            $list;
        let snapshot = $cx.snapshot;
        $cx.each_known(list(snapshot), |cx, it| $one(cx, it));
    }};
    ($cx:ident, $one:ident, regional $list:expr) => {{
        let list: fn(&aws_audit_checks::snapshot::Region) -> &aws_audit_checks::gap::Collected<Vec<_>> =
            $list;
        $cx.each_region(|cx, region| cx.each_known(list(region), |cx, it| $one(cx, it)));
    }};
    ($cx:ident, $one:ident, with $walk:expr) => {{ ($walk)($cx, &mut $one) }};
}
use each;

/// The region that is judged.
pub(crate) fn region<'a>(cx: &Context<'a>) -> Result<&'a Region, NotJudged> {
    cx.snapshot.regions.get(cx.place().region).ok_or(NotJudged::NotApplicable)
}

/// The fields that every resource has.
pub(crate) fn common() -> Vec<FieldOf> {
    let field = |name, about, shape| FieldOf { field: Field { name, about, shape }, sources: &[] };
    vec![
        field("id", "What AWS calls its id, unique in the account, region and type.", Shape::Text),
        field("arn", "Its Amazon Resource Name.", Shape::Text),
        field("type", "Its CloudFormation type.", Shape::Text),
        field("region", "Its region; null for what is global.", Maybe::<Text>::shape()),
        field("name", "Its name: what AWS calls so, the tag `Name`, or else the id.", Shape::Text),
    ]
}

/// Their values.
pub(crate) fn identity<T: Judged>(cx: &Context<'_>, thing: &T, wanted: &Wanted) -> BTreeMap<String, Node> {
    let place = cx.place();
    let region = thing.region().unwrap_or(place.region);
    let of = |name: &str| match name {
        "id" => Some(Node::Text(thing.id())),
        "arn" => Some(Node::Text(thing.arn(&place))),
        "type" => Some(Node::Text(thing.kind().to_owned())),
        "region" if region.is_empty() => Some(Node::Null),
        "region" => Some(Node::Text(region.to_owned())),
        "name" => Some(Node::Text(thing.name().map_or_else(|| thing.id(), str::to_owned))),
        _ => None,
    };
    wanted.fields.iter().filter_map(|name| Some(((*name).to_owned(), of(name)?))).collect()
}

/// The view of the settings.
pub(crate) fn settings_shape() -> Shape {
    SettingsView::shape()
}

/// The settings as expressions see them.
pub(crate) fn settings(settings: &Settings) -> Node {
    SettingsView::view(settings)
}

object! {
    SettingsView(it: Settings) {
        /// Days after which an active access key should have been replaced.
        max_key_age_days: Int = it.max_key_age_days,
        /// Days without use after which a credential should be disabled.
        unused_credential_days: Int = it.unused_credential_days,
        /// Days within which any use of the root user counts as daily use.
        root_use_days: Int = it.root_use_days,
        /// Days without use after which a role should go.
        unused_role_days: Int = it.unused_role_days,
        /// Account ids that are trusted.
        trusted_accounts: List<Text> = it.trusted_accounts,
        /// Fewest days that automated database backups must be kept.
        min_backup_days: Int = it.min_backup_days,
        /// Ports that the internet may use.
        public_ports: List<Int> = it.public_ports,
        /// Bits of the widest public IPv4 range that a security group may let in.
        max_public_range: Int = u16::from(it.max_public_range.v4()),
        /// Days within which a managed node's patches must have been scanned.
        patch_scan_days: Int = it.patch_scan_days,
        /// Days after which the image of an instance counts as old.
        max_image_age_days: Int = it.max_image_age_days,
        /// Days before a certificate expires from which it is reported.
        certificate_warning_days: Int = it.certificate_warning_days,
        /// Days without use after which a secret should go.
        unused_secret_days: Int = it.unused_secret_days,
        /// Days after which the scan of an image counts as old.
        image_scan_days: Int = it.image_scan_days,
        /// Fewest days that logs must be kept.
        min_log_retention_days: Int = it.min_log_retention_days,
        /// Days that a critical finding may stay open.
        finding_age_days: Int = it.finding_age_days,
        /// Tags that mark data as sensitive, as `KEY=VALUE`.
        sensitive_tags: List<Text> = it.sensitive_tags,
    }
}

#[cfg(test)]
mod tests {
    use aws_audit_checks::{finding::Verdict, snapshot};

    use super::*;

    /// The demo's account: `aws-audit scan --demo --save-snapshot custom/tests/account.json`.
    fn account() -> snapshot::Snapshot {
        snapshot::read(include_bytes!("../../tests/account.json")).unwrap()
    }

    /// Every node of a noun, with everything asked for.
    fn nodes(noun: &Noun, account: &snapshot::Snapshot) -> Vec<(Node, Facts)> {
        let fields = noun.fields().iter().map(|field| field.name).collect();
        let wanted = Wanted {
            fields,
            public: noun.has_fact("public"),
            reach: noun.has_fact("reachable"),
            settings: true,
        };
        let mut nodes = Vec::new();
        Context::visit(account, &Settings::default(), |cx| {
            noun.each(cx, &wanted, &mut |_, node, facts| {
                nodes.push((node, facts));
                Ok(Verdict::pass())
            });
        });
        nodes
    }

    #[test]
    fn values_are_as_the_schemas_say_and_every_field_has_one_somewhere() {
        let account = account();
        // What the demo's account does not have.
        let absent = ["elb.load_balancer"];
        // What the emulator does not answer.
        let unanswered = ["account.image_block_public_access"];
        let mut silent = Vec::new();
        for noun in NOUNS {
            let schema = jsonschema::validator_for(&noun.schema()).unwrap();
            let nodes = nodes(noun, &account);
            assert_eq!(nodes.is_empty(), absent.contains(&noun.name), "{}", noun.name);
            let mut seen = BTreeSet::new();
            for (node, _) in &nodes {
                let value = node.to_json().unwrap();
                let errors: Vec<_> = schema.iter_errors(&value).map(|error| error.to_string()).collect();
                assert!(errors.is_empty(), "{}: {errors:?}", noun.name);
                seen.extend(value.as_object().unwrap().keys().cloned());
                // What is seen can be written by hand.
                assert!(noun.shape().read(&value, "").is_ok(), "{}", noun.name);
            }
            let fields = noun.fields();
            let unseen = fields.iter().filter(|field| !nodes.is_empty() && !seen.contains(field.name));
            silent.extend(unseen.map(|field| format!("{}.{}", noun.name, field.name)));
        }
        assert_eq!(silent, unanswered);
    }

    #[test]
    fn a_schema_refuses_what_is_not_in_the_view() {
        for noun in NOUNS {
            let schema = jsonschema::validator_for(&noun.schema()).unwrap();
            assert!(schema.is_valid(&json!({})), "{}: what was not read is left out", noun.name);
            assert!(!schema.is_valid(&json!({"no_such_field": 1})), "{}", noun.name);
            assert!(!schema.is_valid(&json!({"id": 1})), "{}", noun.name);
        }
    }

    #[test]
    fn nouns_are_in_order_and_name_what_there_is() {
        assert!(NOUNS.is_sorted_by_key(|noun| noun.name));
        for noun in NOUNS {
            let fields = noun.fields();
            let names: BTreeSet<_> = fields.iter().map(|field| field.name).collect();
            assert_eq!(names.len(), fields.len(), "{}: a field twice", noun.name);
            for field in &fields {
                let is_name =
                    field.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
                assert!(is_name && !field.about.is_empty(), "{}.{}", noun.name, field.name);
            }
            assert!(noun.title.iter().all(|title| !title.is_empty()), "{}", noun.name);
            for id in noun.public.iter().copied().chain(noun.reached_by) {
                assert!(aws_audit_checks::registry::find(id).is_some(), "{}: {id}", noun.name);
            }
            assert!(!noun.sources(&Wanted::default()).is_empty() || noun.name == "account", "{}", noun.name);
        }
    }

    #[test]
    fn what_is_public_is_what_the_built_in_checks_say() {
        let account = account();
        let entries: Vec<_> = aws_audit_checks::registry::built_in().iter().collect();
        let evaluation =
            aws_audit_checks::registry::evaluate(&entries, &account, &Settings::default(), false);
        let mut public = 0;
        for noun in NOUNS.iter().filter(|noun| noun.has_fact("public")) {
            for (node, facts) in nodes(noun, &account) {
                let id = node.to_json().unwrap()["id"].as_str().unwrap().to_owned();
                let mut fails = evaluation.findings.iter().filter(|finding| {
                    noun.public.contains(&finding.check)
                        && finding.resource.id == id
                        && finding.status == aws_audit_checks::finding::Status::Fail
                        && finding.variant != Some("limited")
                });
                let expected = fails.next().is_some();
                assert_eq!(facts.public, facts::Fact::Known(expected), "{} {id}", noun.name);
                public += usize::from(expected);
            }
        }
        assert!(public >= 7, "{public}: the demo's account has much that is public");
    }

    #[test]
    fn the_internet_reaches_what_it_reaches() {
        let account = account();
        let reached: Vec<_> = ["ec2.instance", "ec2.security_group", "rds.db_instance"]
            .iter()
            .flat_map(|noun| nodes(find(noun).unwrap(), &account))
            .filter(|(_, facts)| !facts.reach.ports.is_empty())
            .map(|(node, _)| node.to_json().unwrap()["type"].clone())
            .collect();
        for kind in ["AWS::EC2::Instance", "AWS::EC2::SecurityGroup", "AWS::RDS::DBInstance"] {
            assert!(reached.contains(&json!(kind)), "{kind}: {reached:?}");
        }
    }

    #[test]
    fn a_list_with_something_unread_is_unread() {
        let gap = crate::node::gap(aws_audit_checks::gap::GapKind::AccessDenied, "denied");
        let part = vec![Collected::Value(true), Collected::Gap(gap.clone())];
        assert_eq!(<List<Bool> as View<_>>::view(&part), Node::Unread(vec![gap.clone()]));
        let map = BTreeMap::from([
            ("a".to_owned(), Collected::Value(true)),
            ("b".to_owned(), Collected::Gap(gap.clone())),
        ]);
        assert_eq!(<MapOf<Bool> as View<_>>::view(&map), Node::Unread(vec![gap.clone()]));
        let part = Collected::Part { value: vec![true], gap: gap.clone() };
        assert_eq!(<List<Bool> as View<_>>::view(&part), Node::Unread(vec![gap]));
    }
}
