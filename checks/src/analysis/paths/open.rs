//! Data that its own policy or permission opens to everyone: whoever has some AWS account needs no rights in this one.

use super::{
    Builder, Class,
    because::Because,
    entries::{Prefix, Told, node},
    graph::{self, Certainty, Doubt, Edge, EdgeKind, Impact, Node, NodeKind},
    outside,
    rank::Ease,
    stores::is_sensitive,
};
use crate::{
    analysis::{
        policy::{
            Condition,
            public::{Grant, opened},
        },
        s3_exposure::{self, Access},
    },
    finding::{self, Status},
    gap::NotJudged,
    snapshot::{Judged, ecr, s3::Bucket, secretsmanager, sns, sqs},
    source::Operation,
};

/// A policy of a resource: the operation that gives it, and its text.
type Text<'t> = (&'static Operation, Result<Option<&'t str>, NotJudged>);

/// What of a kind of store is asked about.
struct Asked {
    /// The check that tells of its policy.
    check: &'static str,
    /// The actions that it takes to read its data, all of them (Service Authorization Reference).
    reading: &'static [&'static str],
    /// What it holds is a secret, whatever its name.
    always_sensitive: bool,
}

impl<'a> Builder<'_, 'a> {
    /// Secrets, queues, topics, repositories, snapshots of volumes and images that any AWS account reads.
    pub(super) fn open_stores(&mut self) {
        const SECRET: Asked = Asked {
            check: "secretsmanager-public",
            reading: &["secretsmanager:GetSecretValue"],
            always_sensitive: true,
        };
        const QUEUE: Asked =
            Asked { check: "sqs-queue-public", reading: &["sqs:ReceiveMessage"], always_sensitive: false };
        // Whoever subscribes gets every message from then on.
        const TOPIC: Asked =
            Asked { check: "sns-topic-public", reading: &["sns:Subscribe"], always_sensitive: false };
        const REPOSITORY: Asked = Asked {
            check: "ecr-public",
            reading: &["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            always_sensitive: false,
        };
        for (name, region) in &self.snapshot.regions {
            let unread = [
                region.secretsmanager.secrets.get().err(),
                region.sqs.queues.get().err(),
                region.sns.topics.get().err(),
                region.ecr.repositories.get().err(),
            ];
            for why in unread.into_iter().flatten() {
                self.note(Class::Store, &why);
            }
            for secret in region.secretsmanager.secrets.known().into_iter().flatten() {
                let policy = region.secretsmanager.policies.of(&secret.arn).map(Option::as_deref);
                // The key that AWS manages decrypts for the account alone; which one it is, is not read (AWS Secrets Manager
                // User Guide, "Access AWS Secrets Manager secrets from a different account").
                let text = (secretsmanager::op::GetResourcePolicy, policy);
                self.open_store(&SECRET, secret, text, name, Certainty::Conditional(Doubt::Key));
            }
            for queue in region.sqs.queues.known().into_iter().flatten() {
                let policy = queue.attributes.get().map(|attributes| attributes.policy.as_deref());
                let key = queue.attributes.known().and_then(|attributes| attributes.kms_key.as_deref());
                let certainty = match key {
                    None => Certainty::Certain,
                    Some(key) if key.ends_with("alias/aws/sqs") => continue,
                    Some(_) => Certainty::Conditional(Doubt::Key),
                };
                let text = (sqs::op::GetQueueAttributes, policy);
                self.open_store(&QUEUE, queue, text, name, certainty);
            }
            for topic in region.sns.topics.known().into_iter().flatten() {
                let policy = topic.attributes.get().map(|attributes| attributes.policy.as_deref());
                let text = (sns::op::GetTopicAttributes, policy);
                self.open_store(&TOPIC, topic, text, name, Certainty::Certain);
            }
            for repository in region.ecr.repositories.known().into_iter().flatten() {
                let policy = region.ecr.policies.of(&repository.name).map(Option::as_deref);
                let text = (ecr::op::GetRepositoryPolicy, policy);
                self.open_store(&REPOSITORY, repository, text, name, Certainty::Certain);
            }
        }
        // Whatever was on the disk.
        self.open_copies("ebs-snapshot-public", Impact::Sensitive);
        self.open_copies("ec2-ami-public", Impact::Other);
    }

    fn open_store<T: Judged>(
        &mut self,
        asked: &Asked,
        thing: &T,
        (operation, policy): Text<'a>,
        region: &'a str,
        certainty: Certainty,
    ) {
        let text = match policy {
            Ok(Some(text)) => text,
            Ok(None) | Err(NotJudged::NotApplicable) => return,
            Err(why) => return self.note(Class::Store, &why),
        };
        let (id, now) = (thing.id(), self.snapshot.started_at);
        let policy = match self.analyses.documents.read(text, operation, Some(region), &id) {
            Ok(policy) => self.analyses.resource_controls().over(policy, operation),
            Err(gap) => return self.note(Class::Store, &gap.into()),
        };
        let grants = match opened(&policy, asked.reading, now, (operation, region, &id)) {
            Ok(grants) => grants,
            Err(gap) => return self.note(Class::Store, &gap.into()),
        };
        let is_bound = |grant: &Grant| {
            let mut statements = policy.allows();
            statements.any(|it| it.label() == grant.statement && tells_only_the_owners(&it.conditions))
        };
        let allowing = |action: &str| {
            grants.iter().find(|it| {
                !it.is_limited() && !is_bound(it) && it.actions.iter().any(|allowed| allowed == action)
            })
        };
        let Some(proofs) = asked.reading.iter().map(|action| allowing(action)).collect::<Option<Vec<_>>>()
        else {
            return;
        };
        let (Some(first), Some(action)) = (proofs.first(), asked.reading.first()) else { return };
        let place = self.place(region);
        let to = Node {
            kind: NodeKind::DataStore,
            arn: thing.arn(&place),
            resource_type: thing.kind(),
            region: Some(region.to_owned()),
            id,
        };
        let sensitive = asked.always_sensitive || is_sensitive(thing, self.tuning.base());
        let told = finding::id_of(asked.check, place.account, thing.kind(), Some(region), &to.id, None);
        let impact = if sensitive { Impact::Sensitive } else { Impact::Other };
        let because = Because::AllowedByResource { action, statement: first.statement.clone() };
        let from = self.graph.node(outside(NodeKind::AnyAwsPrincipal, "any AWS account"));
        let group = group_of(to.resource_type, impact);
        let to = self.graph.node(to);
        let stores = u32::try_from(to).into_iter().collect();
        let edge = self.graph.edge(Edge {
            from,
            to,
            kind: EdgeKind::Opens,
            because,
            certainty,
            findings: vec![told],
            grant: Some(graph::Grant { impact, group, stores, wide: true }),
        });
        self.entry(Class::Store, to, Prefix::along(vec![edge], Ease::Many));
    }

    /// What anybody may make a copy of in an account of his own.
    fn open_copies(&mut self, check: &str, impact: Impact) {
        for finding in self.told(check, Class::Store) {
            if finding.status != Status::Fail {
                self.note_unknown(Class::Store, &finding);
                continue;
            }
            if finding.variant == Some("blocked") {
                continue;
            }
            let to = node(NodeKind::DataStore, &finding);
            let at = self.graph.node(to.clone());
            let stores = u32::try_from(at).into_iter().collect();
            let grant =
                graph::Grant { impact, group: group_of(to.resource_type, impact), stores, wide: true };
            let from = outside(NodeKind::AnyAwsPrincipal, "any AWS account");
            let told = Told { ease: Ease::Many, grant: Some(grant), ..Told::opens() };
            self.by_finding(Class::Store, from, to, finding, told);
        }
    }

    pub(super) fn bucket(&self, name: &str) -> Option<&'a Bucket> {
        self.snapshot.s3.buckets.known().into_iter().flatten().find(|it| it.name == name)
    }

    /// Whether a bucket encrypts with a key of KMS.
    pub(super) fn is_encrypted_by_kms(&self, bucket: &str) -> bool {
        let encryption = self.bucket(bucket).and_then(|bucket| bucket.encryption.known());
        encryption.and_then(Option::as_deref).is_some_and(|it| it.starts_with("aws:kms"))
    }

    /// Whether anyone reads objects of a bucket, rather than its settings or a list of names.
    pub(super) fn objects_are_read(&self, bucket: &str) -> bool {
        let Some(bucket) = self.bucket(bucket) else { return false };
        let grants = s3_exposure::open(self.analyses, bucket, Access::Read).unwrap_or_default();
        let is_object = |action: &str| ["s3:GetObject", "s3:GetObjectVersion"].contains(&action);
        grants.iter().any(|grant| match grant {
            // Objects are shared as their bucket is, by the list that whoever puts them there gives them.
            s3_exposure::Grant::Acl { permission, .. } => permission != "READ_ACP",
            grant => allows_any(grant, is_object),
        })
    }

    /// Buckets whose only versions anyone deletes or overwrites.
    pub(super) fn open_to_loss(&mut self) {
        for finding in self.told("s3-bucket-public-write", Class::Emptied) {
            if finding.status != Status::Fail {
                self.note_unknown(Class::Emptied, &finding);
                continue;
            }
            let Some(bucket) = self.bucket(&finding.resource.id) else { continue };
            match bucket.versioning.get() {
                Ok(versioning) if versioning.enabled => continue,
                Ok(_) => {}
                Err(why) => {
                    self.note(Class::Emptied, &why);
                    continue;
                }
            }
            let Ok(grants) = s3_exposure::open(self.analyses, bucket, Access::Write) else {
                continue;
            };
            // Whoever puts things into a box overwrites those whose names he is told.
            let is_listed = || {
                let reads = s3_exposure::open(self.analyses, bucket, Access::Read).unwrap_or_default();
                reads.iter().any(|grant| allows_any(grant, |action| action == "s3:ListBucket"))
            };
            let is_lost =
                |action: &str| action == "s3:DeleteObject" || action == "s3:PutObject" && is_listed();
            if !grants.iter().any(|grant| allows_any(grant, is_lost)) {
                continue;
            }
            let to = node(NodeKind::DataStore, &finding);
            let at = self.graph.node(to.clone());
            let (impact, stores) = (Impact::Loss, u32::try_from(at).into_iter().collect());
            let grant =
                graph::Grant { impact, group: group_of(to.resource_type, impact), stores, wide: true };
            let from = outside(NodeKind::Internet, "internet");
            let told = Told { kind: EdgeKind::Deletes, grant: Some(grant), ..Told::opens() };
            self.by_finding(Class::Emptied, from, to, finding, told);
        }
    }
}

/// Whether a grant to the world lets anyone put objects.
pub(super) fn puts_objects(grant: &s3_exposure::Grant) -> bool {
    match grant {
        s3_exposure::Grant::Acl { permission, .. } => permission != "WRITE_ACP",
        grant => allows_any(grant, |action| action == "s3:PutObject"),
    }
}

/// Whether a grant to the world allows one of the wanted actions.
fn allows_any(grant: &s3_exposure::Grant, is_wanted: impl Fn(&str) -> bool) -> bool {
    match grant {
        s3_exposure::Grant::Policy { actions, limits, .. }
        | s3_exposure::Grant::AccessPoint { actions, limits, .. } => {
            limits.is_empty() && actions.iter().any(|action| is_wanted(action))
        }
        // What is written through the list overwrites and deletes (Amazon S3 User Guide, "Access control list (ACL)
        // overview": WRITE maps to `s3:PutObject`, and the owner of an object deletes it).
        s3_exposure::Grant::Acl { permission, .. } => {
            ["WRITE", "WRITE_ACP", "FULL_CONTROL"].contains(&permission.as_str())
                && is_wanted("s3:DeleteObject")
        }
    }
}

/// Whether whoever subscribes under these conditions makes a topic tell somebody of the owner's choice: a server, a queue or
/// function of an account, or mailboxes of a domain (Amazon SNS Developer Guide, "Example cases for Amazon SNS access
/// control"). What an address ends with says nothing as long as the protocol may be HTTPS: a path may end so, too.
fn tells_only_the_owners(conditions: &[Condition]) -> bool {
    let of = |key: &str| {
        let mut only = conditions.iter().filter(|it| !it.operator.to_ascii_lowercase().contains("not"));
        let found = only.find(|it| it.key.eq_ignore_ascii_case(key));
        found.map(|it| it.values.as_slice()).filter(|values| !values.is_empty())
    };
    let by_mail = of("sns:Protocol").is_some_and(|protocols| {
        protocols.iter().all(|it| it.eq_ignore_ascii_case("email") || it.eq_ignore_ascii_case("email-json"))
    });
    let is_own = |endpoint: &String| {
        let fixed = endpoint.split(['*', '?']).next().unwrap_or_default();
        let is_server = fixed.split_once("://").is_some_and(|(_, rest)| rest.contains('/'));
        let is_resource = fixed.starts_with("arn:") && fixed.split(':').count() > 5;
        let is_mailbox = endpoint.rsplit_once('@').is_some_and(|(_, host)| !host.contains(['*', '?']));
        is_server || is_resource || by_mail && is_mailbox || fixed.len() == endpoint.len()
    };
    of("sns:Endpoint").is_some_and(|endpoints| endpoints.iter().all(is_own))
}

fn group_of(resource_type: &str, impact: Impact) -> String {
    let word = match impact {
        Impact::Loss => "loss",
        Impact::Other => "other",
        _ => "sensitive",
    };
    format!("{resource_type} {word}")
}
