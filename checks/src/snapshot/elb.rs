//! Elastic Load Balancing: load balancers of both generations, and what they send traffic to.

use serde::{Deserialize, Serialize};

use super::{ById, Judged, Place};
use crate::gap::Collected;

service! {
    /// Load balancers of one region.
    Elb, Regional;

    op("Elastic Load Balancing v2", "elasticloadbalancing", UNPUBLISHED) {
        Elbv2LoadBalancers [
            DescribeLoadBalancers,
            DescribeListeners,
            DescribeTargetGroups,
            DescribeTargetHealth,
        ] =>
            /// Application, Network and Gateway Load Balancers.
            load_balancers: Vec<LoadBalancer>,
            /// Target groups of the account, also those that no load balancer uses.
            target_groups: Vec<TargetGroup>;
        Elbv2ListenerRules needs Elbv2LoadBalancers [DescribeRules] =>
            /// Rules of each Application Load Balancer's listeners, by the listener's ARN.
            rules: ById<Vec<ListenerRule>>;
        Elbv2TargetGroupAttributes needs Elbv2LoadBalancers [DescribeTargetGroupAttributes] =>
            /// Attributes of the target groups of Network Load Balancers where they may keep clients' addresses or not, by
            /// the group's ARN.
            target_group_attributes: ById<TargetGroupAttributes>;
        Elbv2Attributes needs Elbv2LoadBalancers [DescribeLoadBalancerAttributes] =>
            /// Whether each Application or Network Load Balancer writes access logs, by its ARN.
            access_logs: ById<bool>;
    }

    classic_op("Elastic Load Balancing", "elasticloadbalancing-classic", UNPUBLISHED) {
        ElbLoadBalancers [DescribeLoadBalancers("elasticloadbalancing:DescribeLoadBalancers")] =>
            /// Classic Load Balancers.
            classic_load_balancers: Vec<ClassicLoadBalancer>;
        ElbAttributes needs ElbLoadBalancers [
            DescribeLoadBalancerAttributes("elasticloadbalancing:DescribeLoadBalancerAttributes"),
        ] =>
            /// Whether each Classic Load Balancer writes access logs, by its name.
            classic_access_logs: ById<bool>;
    }
}

/// An Application, Network or Gateway Load Balancer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LoadBalancer {
    /// Its ARN.
    pub arn: String,
    /// Its name, unique in account and region.
    pub name: String,
    /// The name that clients ask for.
    pub dns_name: String,
    /// `application`, `network` or `gateway`.
    pub kind: String,
    /// `internet-facing`; `internal` otherwise.
    pub scheme: String,
    /// `ipv4`, `dualstack` or `dualstack-without-public-ipv4`.
    pub ip_address_type: String,
    /// Its VPC.
    pub vpc: Option<String>,
    /// Its subnets.
    pub subnets: Vec<String>,
    /// Its security groups. A Network Load Balancer may have none.
    pub security_groups: Vec<String>,
    /// Its listeners.
    pub listeners: Collected<Vec<Listener>>,
}

impl LoadBalancer {
    /// Whether its name resolves to public addresses.
    #[must_use]
    pub fn is_internet_facing(&self) -> bool {
        self.scheme == "internet-facing"
    }
}

impl Judged for LoadBalancer {
    const TYPE: &'static str = "AWS::ElasticLoadBalancingV2::LoadBalancer";
    fn id(&self) -> String {
        self.name.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.clone()
    }
}

/// A listener.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listener {
    /// Its ARN.
    pub arn: String,
    /// Its port; none for a Gateway Load Balancer's, which takes all.
    pub port: Option<u16>,
    /// `HTTP`, `HTTPS`, `TCP`, `TLS`, `UDP`, `TCP_UDP`, ….
    pub protocol: Option<String>,
    /// The target groups that its default action forwards to. (Rules may forward to more.)
    pub default_target_groups: Vec<String>,
    /// The TLS policy.
    pub ssl_policy: Option<String>,
    /// The default action only redirects to HTTPS.
    pub redirects_to_https: bool,
    /// The default action answers by itself: a fixed response or a redirect.
    pub answers_itself: bool,
    /// The default action answers every request with an error: a fixed response of 4xx or 5xx.
    pub refuses: bool,
}

/// A rule of a listener, besides the default one. A listener's are in the order of their priority.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListenerRule {
    /// No condition limits it: it takes every request, so that nothing after it is tried.
    pub takes_all: bool,
    /// Headers that must have a certain value. The values are not kept: one may be the secret that CloudFront
    /// adds.
    pub required_headers: Vec<String>,
    /// It answers by itself: a fixed response or a redirect.
    pub answers_itself: bool,
    /// It answers with an error: a fixed response of 4xx or 5xx.
    pub refuses: bool,
    /// It redirects to HTTPS, whatever the path.
    pub redirects_to_https: bool,
}

impl ListenerRule {
    /// The rules that some request reaches, and whether the default action is reached too: rules are tried in the
    /// order of their priority, and the default one last ("Listener rules for your Application Load Balancer").
    #[must_use]
    pub fn reached(rules: &[Self]) -> (&[Self], bool) {
        match rules.iter().position(|rule| rule.takes_all) {
            Some(last) => (&rules[..=last], false),
            None => (rules, true),
        }
    }
}

/// A target group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TargetGroup {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// `instance`, `ip`, `lambda` or `alb`.
    pub target_type: String,
    /// `HTTP`, `TCP`, …; none for functions.
    pub protocol: Option<String>,
    /// `ipv4` or `ipv6`.
    pub ip_address_type: String,
    /// The load balancers that forward to it.
    pub load_balancers: Vec<String>,
    /// Its registered targets.
    pub targets: Collected<Vec<Target>>,
}

/// Attributes of a target group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetGroupAttributes {
    /// `preserve_client_ip.enabled`: targets see the addresses of clients. None where the group does not have it.
    pub preserve_client_ip: Option<bool>,
}

/// A registered target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// An instance's id, an IP address, or an ARN.
    pub id: String,
    /// The port that traffic is sent to; none for functions.
    pub port: Option<u16>,
    /// `healthy`, `unhealthy`, `initial`, `draining`, `unused`, ….
    pub health: String,
}

/// A Classic Load Balancer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassicLoadBalancer {
    /// Its name, unique in account and region.
    pub name: String,
    /// The name that clients ask for.
    pub dns_name: String,
    /// `internet-facing` or `internal`.
    pub scheme: String,
    /// Its VPC.
    pub vpc: Option<String>,
    /// Its subnets.
    pub subnets: Vec<String>,
    /// Its security groups.
    pub security_groups: Vec<String>,
    /// Its listeners.
    pub listeners: Vec<ClassicListener>,
    /// Ids of its instances.
    pub instances: Vec<String>,
}

impl Judged for ClassicLoadBalancer {
    const TYPE: &'static str = "AWS::ElasticLoadBalancing::LoadBalancer";
    fn id(&self) -> String {
        self.name.clone()
    }
    fn arn(&self, place: &Place<'_>) -> String {
        place.arn("elasticloadbalancing", &format!("loadbalancer/{}", self.name))
    }
}

/// A listener of a Classic Load Balancer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassicListener {
    /// `HTTP`, `HTTPS`, `TCP` or `SSL`.
    pub protocol: String,
    /// The port that clients use.
    pub port: u16,
    /// The port of the instances.
    pub instance_port: u16,
}
