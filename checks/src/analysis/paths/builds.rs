//! Build projects whose webhooks start a build for whoever opens a pull request: what he wrote then runs with the
//! project's service role.

use super::{
    Builder, Class,
    because::Because,
    entries::Prefix,
    graph::{Certainty, Doubt, Edge, EdgeKind, Node, NodeKind},
    outside,
    rank::Ease,
};
use crate::snapshot::codebuild::{Project, Webhook, WebhookFilter};

/// What somebody without rights in a repository brings about by a pull request of his own. To merge it takes rights, as
/// to push or to release; and jobs of GitHub Actions, which CodeBuild may run, wait where they come from strangers
/// (AWS CodeBuild User Guide, "GitHub webhook events"; GitHub Docs, "Approving workflow runs from forks").
const BY_STRANGERS: [&str; 4] =
    ["PULL_REQUEST_CREATED", "PULL_REQUEST_UPDATED", "PULL_REQUEST_REOPENED", "PULL_REQUEST_CLOSED"];

/// Patterns of account ids that every id matches.
const ANYONE: [&str; 8] = ["", ".*", ".+", ".", r"\d+", r"\d*", "[0-9]+", "[0-9]*"];

impl Builder<'_, '_> {
    /// Projects that build pull requests of strangers.
    pub(super) fn builds(&mut self) {
        for (name, region) in &self.snapshot.regions {
            if let Err(why) = region.codebuild.projects.get() {
                self.note(Class::Build, &why);
            }
            for project in region.codebuild.projects.known().into_iter().flatten() {
                let (Some(host), Some(webhook)) = (public_host(project), &project.webhook) else { continue };
                let events = events_of_strangers(webhook);
                if events.is_empty() || project.service_role.is_none() {
                    continue;
                }
                let from = self.graph.node(outside(NodeKind::CiTenant, host));
                let to = self.graph.node(Node::of(NodeKind::Compute, project, &self.place(name)));
                let edge = self.graph.edge(Edge {
                    from,
                    to,
                    kind: EdgeKind::Controls,
                    because: Because::Webhook(events),
                    certainty: Certainty::Conditional(Doubt::Repository),
                    findings: Vec::new(),
                    grant: None,
                });
                self.entry(Class::Build, to, Prefix::along(vec![edge], Ease::Many));
            }
        }
    }
}

/// The host of the repository, where anyone may have an account there (AWS CodeBuild API Reference, "ProjectSource").
fn public_host(project: &Project) -> Option<&'static str> {
    match project.source_type.as_deref()? {
        "GITHUB" => Some("GitHub"),
        "GITLAB" => Some("GitLab"),
        "BITBUCKET" => Some("Bitbucket"),
        _ => None,
    }
}

/// The events of strangers that start a build (AWS CodeBuild API Reference, "WebhookFilter", "PullRequestBuildPolicy").
fn events_of_strangers(webhook: &Webhook) -> Vec<&'static str> {
    let is_active = webhook.status.as_deref().is_none_or(|status| status == "ACTIVE");
    let is_approved = webhook.comment_approval.as_deref().is_some_and(|approval| approval != "DISABLED");
    if !is_active || is_approved {
        return Vec::new();
    }
    let starts = |event: &str| {
        let passes = |group: &Vec<WebhookFilter>| group.iter().all(|filter| passes(filter, event));
        webhook.filter_groups.is_empty() || webhook.filter_groups.iter().any(passes)
    };
    BY_STRANGERS.into_iter().filter(|event| starts(event)).collect()
}

/// Whether a stranger's event can pass a filter. He chooses the names of his branch and files and the message of his
/// commit; which branch he asks to be merged into, too.
fn passes(filter: &WebhookFilter, event: &str) -> bool {
    let pattern = filter.pattern.trim();
    match filter.kind.as_str() {
        "EVENT" => pattern.split(',').any(|it| it.trim().eq_ignore_ascii_case(event)) != filter.excludes,
        "ACTOR_ACCOUNT_ID" => {
            let pattern = pattern.strip_prefix('^').unwrap_or(pattern);
            let pattern = pattern.strip_suffix('$').unwrap_or(pattern);
            ANYONE.contains(&pattern) != filter.excludes
        }
        "HEAD_REF" | "BASE_REF" | "FILE_PATH" | "COMMIT_MESSAGE" | "REPOSITORY_NAME"
        | "ORGANIZATION_NAME" => true,
        // Of releases and of jobs.
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        graph::{Certainty, Doubt, EdgeKind},
        testing::{ADMIN, Account, allow},
        tests::{NONE, edges, paths, told},
    };
    use crate::{
        finding::Severity,
        snapshot::codebuild::{Project, Webhook, WebhookFilter},
        testing::{denied, region},
    };

    fn filter(kind: &str, pattern: &str, excludes: bool) -> WebhookFilter {
        WebhookFilter { kind: kind.into(), pattern: pattern.into(), excludes }
    }

    fn build(rights: &str, groups: &[&[WebhookFilter]]) -> Account {
        let filter_groups = groups.iter().map(|group| group.to_vec()).collect();
        let webhook = Webhook { filter_groups, ..Webhook::default() };
        Account::new().role("build", "codebuild", rights).build("build", |it| it.webhook = Some(webhook))
    }

    const PULLS: &str = "PUSH, PULL_REQUEST_CREATED,PULL_REQUEST_UPDATED";

    #[test]
    fn a_build_of_a_strangers_pull_request_has_the_projects_role() {
        use EdgeKind::{Administers, Controls, RunsAs};
        let account = build(ADMIN, &[&[filter("EVENT", PULLS, false)]]);
        let found = paths(&account);
        let [path] = found.paths() else { panic!("{:?}", found.paths()) };
        assert_eq!((path.check, path.severity), ("path-build", Severity::High));
        assert_eq!(*found.certainty(path), Certainty::Conditional(Doubt::Repository));
        assert_eq!(edges(&account), [Controls, RunsAs, Administers]);
        assert_eq!(found.source(path).id, "GitHub");
        assert_eq!(told(&build(ADMIN, &[])), ["path-build"], "without filters everything starts a build");
        let data = build(&allow("s3:GetObject", "*"), &[]).bucket("customer-data");
        let data = paths(&data);
        assert_eq!(data.paths().iter().map(|it| it.severity).collect::<Vec<_>>(), [Severity::Medium]);
        assert_eq!(told(&build(&allow("logs:*", "*"), &[])), NONE);
    }

    #[test]
    fn a_stranger_has_to_be_able_to_start_a_build() {
        let with = |groups: &[&[WebhookFilter]]| told(&build(ADMIN, groups));
        let event = |pattern: &str| filter("EVENT", pattern, false);
        let actor = |pattern: &str, excludes| filter("ACTOR_ACCOUNT_ID", pattern, excludes);
        assert_eq!(with(&[&[event("PUSH")]]), NONE);
        assert_eq!(with(&[&[event("PUSH, PULL_REQUEST_MERGED, RELEASED")]]), NONE);
        assert_eq!(with(&[&[event("WORKFLOW_JOB_QUEUED")]]), NONE);
        assert_eq!(with(&[&[event(PULLS), actor("^(12345|67890)$", false)]]), NONE);
        assert_eq!(with(&[&[event(PULLS), actor("^.*$", true)]]), NONE);
        // One account that is kept out, anyone, and what strangers choose themselves keep nobody out; one group is enough.
        assert_eq!(with(&[&[event(PULLS), actor("^666$", true)]]), ["path-build"]);
        assert_eq!(with(&[&[event(PULLS), actor("^.*$", false)]]), ["path-build"]);
        let files = filter("FILE_PATH", "^buildspec.yml$", true);
        assert_eq!(
            with(&[&[event(PULLS), filter("BASE_REF", "^refs/heads/main$", false), files]]),
            ["path-build"]
        );
        assert_eq!(with(&[&[event("PUSH")], &[event("PULL_REQUEST_REOPENED")]]), ["path-build"]);
        assert_eq!(with(&[&[filter("EVENT", "PUSH", true)]]), ["path-build"]);
        assert_eq!(with(&[&[filter("TAG_NAME", ".*", false)]]), NONE);
    }

    #[test]
    fn without_a_webhook_a_public_host_or_trust_there_is_no_way() {
        let with = |change: fn(&mut Project)| {
            told(&Account::new().role("build", "codebuild", ADMIN).build("build", |project| {
                project.webhook = Some(Webhook::default());
                change(project);
            }))
        };
        let approval = |project: &mut Project, value: &str| {
            if let Some(webhook) = &mut project.webhook {
                webhook.comment_approval = Some(value.into());
            }
        };
        assert_eq!(with(|_| ()), ["path-build"]);
        assert_eq!(with(|it| it.webhook = None), NONE);
        assert_eq!(with(|it| it.source_type = Some("GITHUB_ENTERPRISE".into())), NONE);
        assert_eq!(with(|it| it.source_type = None), NONE);
        assert_eq!(with(|it| it.service_role = None), NONE);
        assert_eq!(with(|it| it.service_role = Some("arn:aws:iam::111122223333:role/none".into())), NONE);
        assert_eq!(
            with(|it| it.webhook =
                Some(Webhook { status: Some("CREATE_FAILED".into()), ..Webhook::default() })),
            NONE
        );
        for value in ["ALL_PULL_REQUESTS", "FORK_PULL_REQUESTS"] {
            let account = Account::new().role("build", "codebuild", ADMIN).build("build", |project| {
                project.webhook = Some(Webhook::default());
                approval(project, value);
            });
            assert_eq!(told(&account), NONE, "{value}");
        }
        let off = Account::new().role("build", "codebuild", ADMIN).build("build", |project| {
            project.webhook = Some(Webhook::default());
            approval(project, "DISABLED");
        });
        assert_eq!(told(&off), ["path-build"]);
        let unread = Account::new().change(|account| region(account).codebuild.projects = denied());
        assert!(paths(&unread).unread("path-build").is_some());
        assert!(paths(&unread).unread("path-guest-role").is_none());
    }
}
