//! What AWS's own detectors tell of something that is entered: a vulnerability that Inspector found in it, an attack that
//! GuardDuty sees there. What takes a flaw is easier where one is known.

use std::collections::HashMap;

use super::{
    Builder, Class,
    entries::Prefix,
    graph::{Certainty, Doubt, Edge},
};
use crate::{
    finding,
    snapshot::{Judged, guardduty::Detector},
};

/// What a detector tells of something that runs code.
struct Alert {
    doubt: Doubt,
    /// The id of the finding that tells of it.
    finding: String,
}

impl Builder<'_, '_> {
    /// Adds to each way in that takes a flaw an easier one, where a detector tells of a flaw there: whoever mends that
    /// leaves the way as it was.
    pub(super) fn alerted(&mut self) {
        let alerts = self.alerts();
        for entry in &mut self.entries {
            let node = &self.graph.nodes[entry.resource];
            let Some(Alert { doubt, finding }) = alerts.get(node.arn.as_str()) else { continue };
            if !matches!(entry.class, Class::Compute | Class::Function) {
                continue;
            }
            let mut eased = Vec::new();
            for prefix in &entry.prefixes {
                let Some((last, before)) = prefix.edges.split_last() else { continue };
                let Edge { certainty: Certainty::Conditional(Doubt::Flaw), findings, .. } =
                    &self.graph.edges[*last]
                else {
                    continue;
                };
                let mut edge = self.graph.edges[*last].clone();
                edge.certainty = Certainty::Conditional(doubt.clone());
                edge.findings = findings.iter().chain([finding]).cloned().collect();
                let edges = before.iter().copied().chain([self.graph.edge(edge)]).collect();
                eased.push(Prefix { edges, ease: prefix.ease.easier(), ..prefix.clone() });
            }
            entry.prefixes.extend(eased);
        }
    }

    /// By the ARN of an instance or function. Of what could not be read, ways are as easy as they look without.
    fn alerts(&self) -> HashMap<String, Alert> {
        let mut alerts = HashMap::new();
        for (name, region) in &self.snapshot.regions {
            let place = self.place(name);
            for (detector, findings) in region.guardduty.findings.known().into_iter().flatten() {
                let id = || {
                    let kind = Detector::TYPE;
                    finding::id_of("guardduty-findings", place.account, kind, Some(name), detector, None)
                };
                // Worst first: the first of each is told.
                for found in findings.known().into_iter().flat_map(|it| &it.worst) {
                    let Some(resource) = found.resource.as_deref().filter(|_| !found.kind.is_empty()) else {
                        continue;
                    };
                    let arn = match resource.starts_with("i-") {
                        true => place.arn("ec2", &format!("instance/{resource}")),
                        false => without_version(resource).to_owned(),
                    };
                    let doubt = Doubt::Attacked(found.kind.clone());
                    alerts.entry(arn).or_insert_with(|| Alert { doubt, finding: id() });
                }
            }
            // A flaw by its name says more; the last of each resource is the newest.
            for found in region.inspector.critical_findings.known().into_iter().flatten() {
                let check = "inspector-critical-findings";
                let finding =
                    finding::id_of(check, place.account, found.kind(), Some(name), &found.resource, None);
                let doubt = Doubt::Vulnerable(found.id.clone());
                alerts.insert(without_version(&found.arn(&place)).to_owned(), Alert { doubt, finding });
            }
        }
        alerts
    }
}

/// The ARN of a function, of which detectors may name a version: `arn:aws:lambda:REGION:ACCOUNT:function:NAME:$LATEST`.
fn without_version(arn: &str) -> &str {
    let is_function = arn.split(':').nth(2) == Some("lambda");
    match arn.match_indices(':').nth(6) {
        Some((at, _)) if is_function => &arn[..at],
        _ => arn,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        Paths,
        graph::{Certainty, Doubt},
        testing::{ACCOUNT, ADMIN, Account, allow},
        tests::{NONE, job, paths, told},
    };
    use crate::{
        analysis::Analyses,
        check::Context,
        finding::Severity,
        registry,
        settings::Settings,
        snapshot::{
            guardduty::{Detector, HighFinding, HighFindings},
            inspector::Vulnerability,
        },
        testing::{denied, read, region},
    };
    use std::rc::Rc;

    /// A web server whose role reads every table.
    fn web(port: u16) -> Account {
        Account::new()
            .role("web", "ec2", &allow("s3:GetObject", "*"))
            .instance(port, "web")
            .bucket("customer-data")
    }

    fn vulnerable(account: Account, resource: &str, resource_type: &str) -> Account {
        account.change(|account| {
            let found = |id: &str| Vulnerability {
                id: id.into(),
                resource: resource.into(),
                resource_type: resource_type.into(),
                first_observed: None,
            };
            let inspector = &mut region(account).inspector;
            inspector.critical_findings = read(vec![found("CVE-2014-0160"), found("CVE-2021-44228")]);
        })
    }

    fn attacked(account: Account, resource: Option<&str>) -> Account {
        account.change(|account| {
            let guardduty = &mut region(account).guardduty;
            let detector = Detector { id: "d1".into(), enabled: true, features: [].into() };
            guardduty.detectors = read(vec![detector]);
            let found = HighFinding {
                kind: "Backdoor:EC2/C&CActivity.B!DNS".into(),
                severity: 8.0,
                resource: resource.map(str::to_owned),
                ..HighFinding::default()
            };
            let findings = HighFindings { count: 1, worst: vec![found] };
            guardduty.findings = read([("d1".to_owned(), read(findings))].into());
        })
    }

    /// The severity of the one path, and what it hangs on.
    fn one(found: &Paths) -> (Severity, Certainty) {
        let [path] = found.paths() else { panic!("{:?}", found.paths()) };
        (path.severity, found.certainty(path).clone())
    }

    fn cited(account: &Account, check: &str) -> String {
        let analyses = Rc::new(Analyses::of(&account.0));
        let check = registry::find(check).expect("the check").check;
        Context::run(check, &account.0, &Settings::default().into(), &analyses, false).0[0].id()
    }

    #[test]
    fn a_vulnerability_that_is_known_makes_a_way_easier() {
        let plain = (Severity::Medium, Certainty::Conditional(Doubt::Flaw));
        assert_eq!(one(&paths(&web(443))), plain);
        let account = vulnerable(web(443), "i-1", "AWS_EC2_INSTANCE");
        let found = paths(&account);
        let told = Certainty::Conditional(Doubt::Vulnerable("CVE-2021-44228".into()));
        assert_eq!(one(&found), (Severity::High, told));
        // Whoever mends it leaves the way as it was.
        let finding = cited(&account, "inspector-critical-findings");
        assert!(found.edge(found.paths()[0].edges[0]).findings.contains(&finding));
        let left = found.without([finding.as_str()]);
        assert_eq!(left.iter().map(|it| it.severity).collect::<Vec<_>>(), [Severity::Medium]);
        // Another instance; an image of the same name; what could not be read.
        assert_eq!(one(&paths(&vulnerable(web(443), "i-2", "AWS_EC2_INSTANCE"))), plain);
        let image = format!("arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/i-1/sha256:0f1e");
        assert_eq!(one(&paths(&vulnerable(web(443), &image, "AWS_ECR_CONTAINER_IMAGE"))), plain);
        let unread = web(443).change(|account| region(account).inspector.critical_findings = denied());
        assert_eq!(one(&paths(&unread)), plain);
        // What takes no flaw is as easy as it can be.
        let open = one(&paths(&vulnerable(web(22), "i-1", "AWS_EC2_INSTANCE")));
        assert_eq!(open, (Severity::Critical, Certainty::Certain));
    }

    #[test]
    fn no_alert_makes_a_way() {
        // Private; with rights on what it needs; without any.
        let private = vulnerable(web(443), "i-1", "AWS_EC2_INSTANCE").change(|account| {
            let crate::gap::Collected::Value(interfaces) = &mut region(account).ec2.network_interfaces else {
                panic!("they were read")
            };
            interfaces[0].public_ips.clear();
        });
        assert_eq!(told(&private), NONE);
        let narrow = |rights: &str| {
            let account =
                Account::new().role("web", "ec2", rights).instance(443, "web").bucket("customer-data");
            told(&attacked(vulnerable(account, "i-1", "AWS_EC2_INSTANCE"), Some("i-1")))
        };
        assert_eq!(narrow(&allow("s3:GetObject", "arn:aws:s3:::customer-data/*")), NONE);
        assert_eq!(narrow(&allow("logs:*", "*")), NONE);
    }

    #[test]
    fn functions_are_named_with_their_versions() {
        let function = format!("arn:aws:lambda:eu-west-1:{ACCOUNT}:function:api");
        let account = || {
            let account = job(&allow("s3:GetObject", "*")).bucket("customer-data");
            account.api(|_| ())
        };
        let plain = Certainty::Conditional(Doubt::Flaw);
        assert_eq!(one(&paths(&account())).1, plain);
        for (name, is_it) in [
            (function.clone(), true),
            (format!("{function}:$LATEST"), true),
            (format!("{function}-2"), false),
        ] {
            let found = one(&paths(&vulnerable(account(), &name, "AWS_LAMBDA_FUNCTION"))).1;
            assert_eq!(found != plain, is_it, "{name}");
            assert_eq!(one(&paths(&attacked(account(), Some(&name)))).1 != plain, is_it, "{name}");
        }
    }

    #[test]
    fn an_attack_that_is_seen_makes_a_way_easier() {
        let account = attacked(web(443), Some("i-1"));
        let found = paths(&account);
        let told = Certainty::Conditional(Doubt::Attacked("Backdoor:EC2/C&CActivity.B!DNS".into()));
        assert_eq!(one(&found), (Severity::High, told));
        let finding = cited(&account, "guardduty-findings");
        assert!(found.edge(found.paths()[0].edges[0]).findings.contains(&finding));
        let plain = (Severity::Medium, Certainty::Conditional(Doubt::Flaw));
        for resource in [None, Some("i-2"), Some("arn:aws:lambda:eu-west-1:111122223333:function:i-1")] {
            assert_eq!(one(&paths(&attacked(web(443), resource))), plain, "{resource:?}");
        }
        // A vulnerability by its name says more.
        let both = one(&paths(&vulnerable(account, "i-1", "AWS_EC2_INSTANCE"))).1;
        assert_eq!(both, Certainty::Conditional(Doubt::Vulnerable("CVE-2021-44228".into())));
        let admin = attacked(Account::new().role("web", "ec2", ADMIN).instance(443, "web"), Some("i-1"));
        assert_eq!(one(&paths(&admin)).0, Severity::High, "it is no certainty");
    }
}
