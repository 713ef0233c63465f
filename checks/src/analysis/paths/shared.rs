//! Data that its own policy, or whoever shares it, opens to an account that is not trusted: nobody there needs a role here.

use serde_json::Value;

use super::{
    Builder, Class,
    because::Because,
    entries::{Prefix, Told, node},
    first_of,
    graph::{self, Certainty, Doubt, Edge, EdgeKind, Impact, Node, NodeKind},
    outside,
    rank::Ease,
    stores::is_sensitive,
};
use crate::{
    analysis::{
        policy::{Principals, Statement, effective::denied_everywhere},
        trust::account_named,
    },
    check::{self, Trust},
    finding::Status,
    gap::NotJudged,
    snapshot::{Judged, rds::DbSnapshot, s3, secretsmanager, sqs},
    source::Operation,
};

/// What of a kind of store is asked about.
struct Asked {
    /// The action that reads its data.
    action: &'static str,
    /// What its key has to allow besides; who decides that is not looked at.
    is_encrypted: bool,
    is_sensitive: bool,
}

impl<'a> Builder<'_, 'a> {
    /// Buckets, secrets and queues whose policies name such an account, and snapshots of databases shared with one.
    pub(super) fn shared_stores(&mut self) {
        if let Err(why) = self.snapshot.s3.buckets.get() {
            self.note(Class::Shared, &why);
        }
        for bucket in self.snapshot.s3.buckets.known().into_iter().flatten() {
            let asked = Asked {
                action: "s3:GetObject",
                is_encrypted: self.is_encrypted_by_kms(&bucket.name),
                is_sensitive: is_sensitive(bucket, self.tuning.base()),
            };
            let policy = bucket.policy.get().map(Option::as_deref);
            self.shared_store(&asked, bucket, (s3::op::GetBucketPolicy, policy), &bucket.region, "/*");
        }
        for (name, region) in &self.snapshot.regions {
            let unread = [region.secretsmanager.secrets.get().err(), region.sqs.queues.get().err()];
            for why in unread.into_iter().flatten() {
                self.note(Class::Shared, &why);
            }
            for secret in region.secretsmanager.secrets.known().into_iter().flatten() {
                // The key that AWS manages decrypts for the account alone.
                let asked =
                    Asked { action: "secretsmanager:GetSecretValue", is_encrypted: true, is_sensitive: true };
                let policy = region.secretsmanager.policies.of(&secret.arn).map(Option::as_deref);
                self.shared_store(&asked, secret, (secretsmanager::op::GetResourcePolicy, policy), name, "");
            }
            for queue in region.sqs.queues.known().into_iter().flatten() {
                let policy = queue.attributes.get().map(|attributes| attributes.policy.as_deref());
                let key = queue.attributes.known().and_then(|attributes| attributes.kms_key.as_deref());
                if key.is_some_and(|key| key.ends_with("alias/aws/sqs")) {
                    continue;
                }
                let asked = Asked {
                    action: "sqs:ReceiveMessage",
                    is_encrypted: key.is_some(),
                    is_sensitive: is_sensitive(queue, self.tuning.base()),
                };
                self.shared_store(&asked, queue, (sqs::op::GetQueueAttributes, policy), name, "");
            }
        }
        self.shared_snapshots();
    }

    fn shared_store<T: Judged>(
        &mut self,
        asked: &Asked,
        thing: &T,
        (operation, policy): (&'static Operation, Result<Option<&'a str>, NotJudged>),
        region: &'a str,
        within: &str,
    ) {
        let text = match policy {
            Ok(Some(text)) => text,
            Ok(None) | Err(NotJudged::NotApplicable) => return,
            Err(why) => return self.note(Class::Shared, &why),
        };
        let id = thing.id();
        let policy = match self.analyses.documents.read(text, operation, Some(region), &id) {
            Ok(policy) => self.analyses.resource_controls().over(policy, operation),
            Err(gap) => return self.note(Class::Shared, &gap.into()),
        };
        if denied_everywhere(&policy, asked.action) {
            return;
        }
        let place = self.place(region);
        let arn = thing.arn(&place);
        // Under a condition it is meant; a deny of some of it is taken for one of all.
        let about = |statement: &Statement| {
            statement.actions.selects_action(asked.action)
                && statement.resources.selects_resource(&format!("{arn}{within}"))
        };
        if policy.denies().any(|deny| about(deny) && deny.conditions.is_empty()) {
            return;
        }
        for statement in policy.allows().filter(|it| it.conditions.is_empty() && about(it)) {
            for (account, certainty) in self.strangers(statement) {
                let certainty = match certainty {
                    Certainty::Certain if asked.is_encrypted => Certainty::Conditional(Doubt::Key),
                    certainty => certainty,
                };
                let impact = if asked.is_sensitive { Impact::Sensitive } else { Impact::Other };
                let from = self.graph.node(outside(NodeKind::ExternalAccount, account));
                let to = self.graph.node(Node::of(NodeKind::DataStore, thing, &place));
                let statement = statement.label();
                let edge = self.graph.edge(Edge {
                    from,
                    to,
                    kind: EdgeKind::Opens,
                    because: Because::AllowedByResource { action: asked.action, statement },
                    certainty,
                    findings: Vec::new(),
                    grant: Some(whole(thing.kind(), to, impact)),
                });
                self.entry(Class::Shared, to, Prefix::along(vec![edge], Ease::Few));
            }
        }
    }

    /// The accounts that a statement names and that are not trusted, and how sure that is.
    pub(super) fn strangers<'s>(&self, statement: &'s Statement) -> Vec<(&'s str, Certainty)> {
        let Some(Principals::Any(named)) = &statement.principals else { return Vec::new() };
        let aws = named.iter().filter(|(kind, _)| kind.eq_ignore_ascii_case("AWS"));
        let accounts = aws
            .filter_map(|(_, name)| account_named(name).or_else(|| account_named(name.split(':').nth(4)?)));
        let certainty = |account| match check::trust(self.snapshot, self.tuning.base(), account) {
            Ok(Trust::Trusted) => None,
            Ok(Trust::Stranger) => Some(Certainty::Certain),
            Ok(Trust::Undisclosed) => Some(Certainty::Conditional(Doubt::Member)),
            Err(why) => first_of(why).map(|gap| Certainty::Unknown(Box::new(gap))),
        };
        accounts.filter_map(|account| Some((account, certainty(account)?))).collect()
    }

    /// Snapshots of databases that another account may restore.
    fn shared_snapshots(&mut self) {
        let encrypted = |finding: &crate::finding::Finding| {
            let lists = self.snapshot.regions.values().flat_map(|region| {
                [&region.rds.snapshots, &region.rds.cluster_snapshots].into_iter().filter_map(|it| it.known())
            });
            let mut snapshots = lists.flatten();
            snapshots.any(|it: &DbSnapshot| it.arn == finding.resource.arn && it.encrypted)
        };
        let findings = self.findings("rds-snapshot-shared");
        let told: Vec<_> = findings.into_iter().map(|finding| (encrypted(&finding), finding)).collect();
        for (is_encrypted, finding) in told {
            match finding.status {
                Status::Fail => {}
                Status::Unknown => {
                    self.note_unknown(Class::Shared, &finding);
                    continue;
                }
                _ => continue,
            }
            let doubt = match finding.variant {
                Some("member") => Some(Doubt::Member),
                _ => is_encrypted.then_some(Doubt::Key),
            };
            let accounts = finding.evidence.get("accounts").and_then(Value::as_array).cloned();
            for account in accounts.iter().flatten().filter_map(Value::as_str) {
                let to = node(NodeKind::DataStore, &finding);
                let at = self.graph.node(to.clone());
                let grant = Some(whole(to.resource_type, at, Impact::Sensitive));
                let from = outside(NodeKind::ExternalAccount, account);
                let told = Told { ease: Ease::Few, doubt: doubt.clone(), grant, ..Told::opens() };
                self.by_finding(Class::Shared, from, to, finding.clone(), told);
            }
        }
    }
}

/// A store as a target, by itself.
fn whole(resource_type: &str, at: usize, impact: Impact) -> graph::Grant {
    let word = if impact == Impact::Sensitive { "sensitive" } else { "other" };
    let stores = u32::try_from(at).into_iter().collect();
    graph::Grant { impact, group: format!("{resource_type} {word}"), stores, wide: true }
}

#[cfg(test)]
mod tests {
    use super::super::{
        graph::{Certainty, Doubt},
        testing::{ACCOUNT, Account},
        tests::{NONE, paths, paths_with, told},
    };
    use crate::{
        finding::Severity,
        gap::Collected,
        settings::Settings,
        snapshot::{
            organizations::Organization,
            rds::DbSnapshot,
            s3::Bucket,
            sqs::{Queue, QueueAttributes},
        },
        testing::{denied, read, region},
    };

    const FOUND: [&str; 1] = ["path-external-account-data"];
    const STRANGER: &str = "444455556666";

    fn statement(action: &str, resource: &str, principal: &str, more: &str) -> String {
        format!(
            r#"{{"Sid": "share", "Effect": "Allow", "Principal": {{"AWS": "{principal}"}}, "Action": "{action}",
                "Resource": "{resource}"{more}}}"#
        )
    }

    fn bucket(statements: &[String], change: impl FnOnce(&mut Bucket)) -> Account {
        Account::new().bucket_with("customer-data", |bucket| {
            bucket.policy = read(Some(format!(r#"{{"Statement": [{}]}}"#, statements.join(","))));
            change(bucket);
        })
    }

    fn shared(action: &str, principal: &str, more: &str) -> Account {
        bucket(&[statement(action, "arn:aws:s3:::customer-data/*", principal, more)], |_| ())
    }

    #[test]
    fn a_bucket_that_names_a_stranger_is_his() {
        let found = paths(&shared("s3:Get*", STRANGER, ""));
        let [path] = found.paths() else { panic!("{:?}", found.paths()) };
        assert_eq!((path.check, path.severity), ("path-external-account-data", Severity::Medium));
        assert_eq!(*found.certainty(path), Certainty::Certain);
        assert_eq!(found.source(path).id, STRANGER);
        let role = format!("arn:aws:iam::{STRANGER}:role/reader");
        assert_eq!(told(&shared("s3:GetObject", &role, "")), FOUND);
        // Other actions; this account; everyone is another path's; a condition; AWS's own; a deny.
        assert_eq!(told(&shared("s3:PutObject", STRANGER, "")), NONE);
        assert_eq!(told(&shared("s3:ListBucket", STRANGER, "")), NONE);
        assert_eq!(told(&shared("s3:GetObject", ACCOUNT, "")), NONE);
        assert_eq!(told(&shared("s3:GetObject", "arn:aws:iam::cloudfront:user/CloudFront OAI E1", "")), NONE);
        let vpce = r#", "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}"#;
        assert_eq!(told(&shared("s3:GetObject", STRANGER, vpce)), NONE);
        let allow = statement("s3:GetObject", "arn:aws:s3:::customer-data/*", STRANGER, "");
        let deny =
            |resource: &str| allow.replace("Allow", "Deny").replace("arn:aws:s3:::customer-data/*", resource);
        assert_eq!(told(&bucket(&[allow.clone(), deny("*")], |_| ())), NONE);
        assert_eq!(told(&bucket(&[allow.clone(), deny("arn:aws:s3:::customer-data/*")], |_| ())), NONE);
        // Its name gives nothing away, and others do.
        let other = shared("s3:GetObject", STRANGER, "").bucket_with("site", |bucket| {
            let text = allow.replace("customer-data", "site");
            bucket.policy = read(Some(format!(r#"{{"Statement": [{text}]}}"#)));
        });
        let found = paths(&other);
        assert_eq!(found.paths().iter().map(|it| it.severity).collect::<Vec<_>>(), [Severity::Medium; 2]);
        let encrypted = bucket(&[allow], |bucket| bucket.encryption = read(Some("aws:kms".into())));
        let found = paths(&encrypted);
        assert_eq!(*found.certainty(&found.paths()[0]), Certainty::Conditional(Doubt::Key));
    }

    #[test]
    fn accounts_that_are_trusted_may_read() {
        let account = shared("s3:GetObject", STRANGER, "");
        let settings = Settings { trusted_accounts: vec![STRANGER.into()], ..Settings::default() };
        assert!(paths_with(&account.0, &settings).paths().is_empty());
        let member = account.change(|account| {
            account.organizations.organization =
                read(Some(Organization { id: "o-a".into(), management_account: "999900001111".into() }));
            account.organizations.accounts = read(Some(vec![STRANGER.into(), ACCOUNT.into()]));
        });
        assert_eq!(told(&member), NONE);
        let undisclosed = member.change(|account| account.organizations.accounts = Collected::NotOffered);
        let found = paths(&undisclosed);
        for path in found.paths() {
            assert_ne!(*found.certainty(path), Certainty::Certain);
        }
    }

    #[test]
    fn secrets_queues_and_snapshots_are_shared_too() {
        let secret = Account::new().secret("orders").change(|account| {
            let region = region(account);
            let Collected::Value(secrets) = &region.secretsmanager.secrets else { panic!() };
            let arn = secrets[0].arn.clone();
            let text = statement("secretsmanager:GetSecretValue", "*", STRANGER, "");
            let policy = format!(r#"{{"Statement": [{text}]}}"#);
            region.secretsmanager.policies = read([(arn, read(Some(policy)))].into());
        });
        let found = paths(&secret);
        assert_eq!(*found.certainty(&found.paths()[0]), Certainty::Conditional(Doubt::Key));
        let queue = |action: &str| {
            let text = statement(action, "*", STRANGER, "");
            let queue = Queue {
                name: "payments".into(),
                attributes: read(QueueAttributes {
                    policy: Some(format!(r#"{{"Statement": [{text}]}}"#)),
                    kms_key: None,
                    sqs_managed_encryption: true,
                }),
            };
            told(&Account::new().change(|account| region(account).sqs.queues = read(vec![queue])))
        };
        assert_eq!(queue("sqs:ReceiveMessage"), FOUND);
        assert_eq!(queue("sqs:SendMessage"), NONE);
        let copy = |with: &[&str], encrypted: bool| {
            let snapshot = DbSnapshot {
                id: "orders-1".into(),
                arn: format!("arn:aws:rds:eu-west-1:{ACCOUNT}:snapshot:orders-1"),
                source: "orders".into(),
                engine: "postgres".into(),
                encrypted,
                restorable_by: read(with.iter().map(|it| (*it).to_owned()).collect()),
                tags: [].into(),
            };
            paths(&Account::new().change(|account| region(account).rds.snapshots = read(vec![snapshot])))
        };
        let found = copy(&[STRANGER], false);
        assert_eq!((found.paths()[0].check, found.paths().len()), (FOUND[0], 1));
        assert_eq!(*found.certainty(&found.paths()[0]), Certainty::Certain);
        let found = copy(&[STRANGER], true);
        assert_eq!(*found.certainty(&found.paths()[0]), Certainty::Conditional(Doubt::Key));
        assert!(copy(&[ACCOUNT], false).paths().is_empty() && copy(&[], false).paths().is_empty());
    }

    #[test]
    fn a_policy_that_cannot_be_read_may_share() {
        let unread = Account::new().bucket_with("customer-data", |bucket| bucket.policy = denied());
        assert!(paths(&unread).unread("path-external-account-data").is_some());
        assert!(paths(&unread).unread("path-external-account-admin").is_none());
    }
}
