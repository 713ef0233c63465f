//! What proves an edge, as data and in words.

use crate::{
    analysis::{escalation::Step, policy::effective::Held},
    finding::Finding,
    gap::Gap,
    page::Lang,
    registry, report,
};

/// A statement of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The policy: an ARN, `HOLDER/POLICY` of an inline one.
    pub policy: String,
    /// The `Sid` or number of the statement.
    pub statement: String,
}

impl Proof {
    pub(super) fn of(held: &Held<'_>) -> Self {
        Self { policy: held.source.name.to_string(), statement: held.statement.label() }
    }
}

/// What proves an edge.
#[derive(Clone, Debug)]
pub enum Because {
    /// What a check says, in its own words.
    Finding(Box<Finding>),
    /// The way of packets from the internet.
    Way {
        /// `tcp` or `udp`.
        protocol: &'static str,
        /// First and last port.
        ports: (u16, u16),
        /// The security group that lets it in.
        security_group: Option<String>,
        /// The route table that leads to the gateway.
        route_table: String,
        /// The internet gateway.
        internet_gateway: String,
        /// The network ACL that lets it through.
        network_acl: String,
    },
    /// The port that a load balancer sends requests to.
    Target(u16),
    /// The stages of an API.
    Stages(String),
    /// A route of an API that asks for no authorization.
    Route {
        /// `GET /pets`.
        key: String,
        /// How many more there are.
        others: usize,
    },
    /// The events by which a webhook starts builds.
    Webhook(Vec<&'static str>),
    /// A distribution answers everyone.
    Distribution,
    /// The origin of a distribution.
    Origin(String),
    /// A port that a security group lets others of the VPC reach.
    Inside {
        /// The port, of TCP.
        port: u16,
        /// The group.
        security_group: String,
    },
    /// An instance profile.
    InstanceProfile(String),
    /// The role that a function, task or build runs with.
    ExecutionRole,
    /// The role that an identity pool gives its guests.
    GuestRole,
    /// Whoever wants to signs up with a user pool.
    SignUp,
    /// A role that an identity pool gives those who have signed in: the identity pool's name.
    UserRole(String),
    /// An access policy of a cluster of EKS.
    AccessPolicy(&'static str),
    /// Pods with a service account have the role: `NAMESPACE/NAME`.
    ServiceAccount(String),
    /// The credential belongs to the user.
    Owner,
    /// Operations that lead to more rights.
    Steps(Vec<Step>),
    /// A statement of an identity policy that allows an action.
    Allowed {
        /// The action.
        action: &'static str,
        /// The statement.
        by: Proof,
    },
    /// A statement of the resource's own policy that allows an action.
    AllowedByResource {
        /// The action.
        action: &'static str,
        /// The `Sid` or number of the statement.
        statement: String,
    },
    /// The statement that makes an administrator.
    Administrator(Proof),
    /// What could not be read.
    Unread(Box<Gap>),
}

impl Because {
    /// In words.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        let en = lang == Lang::En;
        match self {
            Self::Finding(finding) => {
                let page = registry::find(finding.check).map(|entry| entry.page(lang));
                let message = page.and_then(|page| page.message(finding, lang).ok());
                message.unwrap_or_else(|| finding.check.to_owned())
            }
            Self::Way { protocol, ports: (first, last), security_group, .. } => {
                let ports = match (*first, *last) {
                    (0, u16::MAX) => (*protocol).to_owned(),
                    (first, last) if first == last => format!("{protocol}/{first}"),
                    (first, last) => format!("{protocol}/{first}-{last}"),
                };
                match security_group {
                    Some(group) => format!("{ports} ({group})"),
                    None => ports,
                }
            }
            Self::Target(port) if en => format!("target port {port}"),
            Self::Target(port) => format!("ターゲットのポート {port}"),
            Self::Stages(names) if en => format!("stage {names}"),
            Self::Stages(names) => format!("ステージ {names}"),
            Self::Route { key, others: 0 } if en => format!("route {key}"),
            Self::Route { key, others } if en => format!("route {key} and {others} more"),
            Self::Route { key, others: 0 } => format!("ルート {key}"),
            Self::Route { key, others } => format!("ルート {key}、ほか{others}個"),
            Self::Webhook(events) if en => format!("webhook, {}", events.join(", ")),
            Self::Webhook(events) => format!("Webhook、{}", events.join(", ")),
            Self::Distribution => "CloudFront".into(),
            Self::Origin(id) if en => format!("origin {id}"),
            Self::Origin(id) => format!("オリジン {id}"),
            Self::Inside { port, security_group } => format!("tcp/{port} ({security_group})"),
            Self::InstanceProfile(_) if en => "instance profile".into(),
            Self::InstanceProfile(_) => "インスタンスプロファイル".into(),
            Self::ExecutionRole if en => "its role".into(),
            Self::ExecutionRole => "割り当てられたロール".into(),
            Self::GuestRole if en => "role for unauthenticated identities".into(),
            Self::GuestRole => "未認証IDのロール".into(),
            Self::SignUp if en => "self-registration".into(),
            Self::SignUp => "自己登録".into(),
            Self::UserRole(pool) if en => format!("role for authenticated identities of {pool}"),
            Self::UserRole(pool) => format!("{pool} の認証済みIDのロール"),
            Self::AccessPolicy(name) if en => format!("access policy {name}"),
            Self::AccessPolicy(name) => format!("アクセスポリシー {name}"),
            Self::ServiceAccount(name) if en => format!("service account {name}"),
            Self::ServiceAccount(name) => format!("サービスアカウント {name}"),
            Self::Owner if en => "belongs to the user".into(),
            Self::Owner => "ユーザーの認証情報".into(),
            Self::Steps(steps) => {
                let told = steps.iter().map(|step| {
                    let through = match &step.through {
                        Some(thing) if en => format!(" through {}", short(thing)),
                        Some(thing) => format!("（{} を経由）", short(thing)),
                        None => String::new(),
                    };
                    format!("{}{through}", step.actions.join(" + "))
                });
                told.collect::<Vec<_>>().join(if en { ", then " } else { "、次に " })
            }
            Self::Allowed { action, by: Proof { policy, statement } } if en => {
                format!("{action} (policy {}, statement {statement})", short(policy))
            }
            Self::Allowed { action, by: Proof { policy, statement } } => {
                format!("{action}（ポリシー {}、ステートメント {statement}）", short(policy))
            }
            Self::AllowedByResource { action, statement } if en => {
                format!("{action} (resource policy, statement {statement})")
            }
            Self::AllowedByResource { action, statement } => {
                format!("{action}（リソースベースのポリシー、ステートメント {statement}）")
            }
            Self::Administrator(Proof { policy, statement }) if en => {
                format!("policy {}, statement {statement}", short(policy))
            }
            Self::Administrator(Proof { policy, statement }) => {
                format!("ポリシー {}、ステートメント {statement}", short(policy))
            }
            Self::Unread(gap) => {
                let cause = match gap.refused_by {
                    Some(refusal) => report::refused(refusal, lang),
                    None => report::cause(gap.kind, lang),
                };
                if gap.operation.is_empty() { cause.into() } else { format!("{}: {cause}", gap.operation) }
            }
        }
    }
}

/// The last part of an ARN; of everything else, all of it.
pub(super) fn short(name: &str) -> &str {
    if !name.starts_with("arn:") {
        return name;
    }
    let resource = name.splitn(6, ':').nth(5).unwrap_or(name);
    match resource.rsplit_once(['/', ':']) {
        Some((_, last)) if !last.is_empty() => last,
        _ => resource,
    }
}
