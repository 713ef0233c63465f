//! Networks and load balancers.

use aws_audit_checks::snapshot::{
    ec2::{
        NetworkAcl, NetworkAclEntry, Route, RouteTable, SecurityGroup, SecurityGroupRule, Subnet, Vpc,
        VpcEndpoint,
    },
    elb::{ClassicListener, ClassicLoadBalancer, Listener, LoadBalancer},
};

use super::{Bool, Int, List, MapOf, Maybe, Text, noun, object, region};

/// First of a pair of ports.
fn from<T: Copy>(ports: Option<(T, T)>) -> Option<T> {
    ports.map(|(from, _)| from)
}

/// Last of a pair of ports.
fn to<T: Copy>(ports: Option<(T, T)>) -> Option<T> {
    ports.map(|(_, to)| to)
}

object! {
    Rule(it: SecurityGroupRule) {
        /// `tcp`, `udp`, `icmp`, `icmpv6`, a protocol number, or `-1` for all.
        ip_protocol: Text = it.protocol,
        /// First port; for ICMP, the type. Null when there is no limit.
        from_port: Maybe<Int> = from(it.ports),
        /// Last port; for ICMP, the code. Null when there is no limit.
        to_port: Maybe<Int> = to(it.ports),
        /// IPv4 and IPv6 ranges.
        cidrs: List<Text> = it.cidrs,
        /// Prefix lists.
        prefix_list_ids: List<Text> = it.prefix_lists,
        /// Other security groups.
        groups: List<Text> = it.groups,
    }
    Entry(it: NetworkAclEntry) {
        /// Rules are tried from the lowest number up.
        rule_number: Int = it.number,
        /// For traffic out of the subnet.
        egress: Bool = it.egress,
        /// It allows; otherwise it denies.
        allow: Bool = it.allow,
        /// IANA protocol number, `-1` for all.
        protocol: Text = it.protocol,
        /// IPv4 or IPv6 range.
        cidr: Text = it.cidr,
        /// First port, for TCP and UDP.
        from_port: Maybe<Int> = from(it.ports),
        /// Last port, for TCP and UDP.
        to_port: Maybe<Int> = to(it.ports),
    }
    OneRoute(it: Route) {
        /// IPv4 or IPv6 range, or a prefix list's id.
        destination: Text = it.destination,
        /// Where it leads: `igw-…`, `nat-…`, `pcx-…`, `local`, …
        target: Text = it.target,
        /// `active` or `blackhole`.
        state: Text = it.state,
    }
    OneListener(it: Listener) {
        /// Its port; null for a Gateway Load Balancer's, which takes all.
        port: Maybe<Int> = it.port,
        /// `HTTP`, `HTTPS`, `TCP`, `TLS`, `UDP`, `TCP_UDP`, …
        protocol: Maybe<Text> = it.protocol,
        /// The TLS policy.
        ssl_policy: Maybe<Text> = it.ssl_policy,
        /// The default action only redirects to HTTPS.
        redirects_to_https: Bool = it.redirects_to_https,
    }
    Classic(it: ClassicListener) {
        /// `HTTP`, `HTTPS`, `TCP` or `SSL`.
        protocol: Text = it.protocol,
        /// The port that clients use.
        load_balancer_port: Int = it.port,
        /// The port of the instances.
        instance_port: Int = it.instance_port,
    }
}

noun! {
    EC2_VPC = "ec2.vpc", "VPC of the account", "アカウントが所有するVPC": Vpc, cx, it;
    sources &[Source::Ec2Vpcs];
    each regional |it| &it.ec2.vpcs;
    /// It came with the account.
    is_default: Bool = it.is_default,
    /// Its IPv4 and IPv6 ranges.
    cidrs: List<Text> = it.cidrs,
    /// Tags.
    tags: MapOf<Text> = it.tags,
}

noun! {
    EC2_SUBNET = "ec2.subnet", "Subnet of the account", "アカウントが所有するサブネット": Subnet, cx, it;
    sources &[Source::Ec2Subnets];
    each regional |it| &it.ec2.subnets;
    /// Its VPC.
    vpc_id: Text = it.vpc,
    /// Its IPv4 and IPv6 ranges.
    cidrs: List<Text> = it.cidrs,
    /// Instances get a public IPv4 address at launch.
    map_public_ip_on_launch: Bool = it.map_public_ip_on_launch,
    /// Network interfaces get an IPv6 address when they are created.
    assign_ipv6_address_on_creation: Bool = it.assign_ipv6_address_on_creation,
    /// What VPC block public access makes of it: `off`, `block-bidirectional` or `block-ingress`; null where AWS does not
    /// tell.
    block_public_access: Maybe<Text> = it.block_public_access,
    /// Tags.
    tags: MapOf<Text> = it.tags,
}

noun! {
    EC2_ROUTE_TABLE = "ec2.route_table", "Route table of the account", "アカウントが所有するルートテーブル": RouteTable, cx, it;
    sources &[Source::Ec2RouteTables];
    each regional |it| &it.ec2.route_tables;
    /// Its VPC.
    vpc_id: Text = it.vpc,
    /// It serves the subnets that have no table of their own.
    is_main: Bool = it.is_main,
    /// Subnets that it is associated with.
    subnet_ids: List<Text> = it.subnets,
    /// Routes.
    routes: List<OneRoute> = it.routes,
    /// Tags.
    tags: MapOf<Text> = it.tags,
}

noun! {
    EC2_NETWORK_ACL = "ec2.network_acl", "Network ACL of the account", "アカウントが所有するネットワークACL": NetworkAcl, cx, it;
    sources &[Source::Ec2NetworkAcls];
    each regional |it| &it.ec2.network_acls;
    /// Its VPC.
    vpc_id: Text = it.vpc,
    /// It serves the subnets that have no other.
    is_default: Bool = it.is_default,
    /// Subnets that it is associated with.
    subnet_ids: List<Text> = it.subnets,
    /// Its rules, by number, but for the last, which denies the rest.
    entries: List<Entry> = it.entries,
    /// Tags.
    tags: MapOf<Text> = it.tags,
}

noun! {
    EC2_SECURITY_GROUP = "ec2.security_group", "Security group of the account", "アカウントが所有するセキュリティグループ": SecurityGroup, cx, it;
    sources &[Source::Ec2SecurityGroups];
    each regional |it| &it.ec2.security_groups;
    reached by "ec2-sg-open-all";
    /// Its VPC.
    vpc_id: Maybe<Text> = it.vpc,
    /// Rules for traffic in.
    ingress: List<Rule> = it.ingress,
    /// Rules for traffic out.
    egress: List<Rule> = it.egress,
    /// How many network interfaces have it.
    network_interfaces: Int [Ec2NetworkInterfaces] = region(cx).and_then(|region| {
        let all = region.ec2.network_interfaces.get()?;
        Ok(all.iter().filter(|interface| interface.security_groups.contains(&it.id)).count() as u64)
    }),
    /// Tags.
    tags: MapOf<Text> = it.tags,
}

noun! {
    EC2_VPC_ENDPOINT = "ec2.vpc_endpoint", "VPC endpoint of the account", "アカウントが所有するVPCエンドポイント": VpcEndpoint, cx, it;
    sources &[Source::Ec2VpcEndpoints];
    each regional |it| &it.ec2.vpc_endpoints;
    /// `Interface`, `Gateway`, `GatewayLoadBalancer`, `Resource` or `ServiceNetwork`.
    vpc_endpoint_type: Text = it.kind,
    /// E.g. `com.amazonaws.eu-west-1.s3`.
    service_name: Text = it.service,
    /// Its VPC.
    vpc_id: Text = it.vpc,
    /// `Available`, `Pending`, …, in whatever case of letters.
    state: Text = it.state,
    /// Its policy, as JSON text; null for kinds without one.
    policy_document: Maybe<Text> = it.policy,
    /// Security groups of an interface endpoint.
    security_group_ids: List<Text> = it.security_groups,
    /// Tags.
    tags: MapOf<Text> = it.tags,
}

noun! {
    ELBV2_LOAD_BALANCER = "elbv2.load_balancer", "Application, Network or Gateway Load Balancer", "Application、Network、Gateway Load Balancer": LoadBalancer, cx, it;
    sources &[Source::Elbv2LoadBalancers];
    each regional |it| &it.elb.load_balancers;
    /// The name that clients ask for.
    dns_name: Text = it.dns_name,
    /// `application`, `network` or `gateway`.
    load_balancer_type: Text = it.kind,
    /// `internet-facing` or `internal`.
    scheme: Text = it.scheme,
    /// `ipv4`, `dualstack` or `dualstack-without-public-ipv4`.
    ip_address_type: Text = it.ip_address_type,
    /// Its VPC.
    vpc_id: Maybe<Text> = it.vpc,
    /// Its subnets.
    subnet_ids: List<Text> = it.subnets,
    /// Its security groups.
    security_groups: List<Text> = it.security_groups,
    /// Its listeners.
    listeners: List<OneListener> = it.listeners,
    /// It writes access logs. AWS has no answer for Gateway Load Balancers.
    access_logs_enabled: Bool [Elbv2Attributes] = region(cx).and_then(|region| region.elb.access_logs.of(&it.arn)),
}

noun! {
    ELB_LOAD_BALANCER = "elb.load_balancer", "Classic Load Balancer", "Classic Load Balancer": ClassicLoadBalancer, cx, it;
    sources &[Source::ElbLoadBalancers];
    each regional |it| &it.elb.classic_load_balancers;
    /// The name that clients ask for.
    dns_name: Text = it.dns_name,
    /// `internet-facing` or `internal`.
    scheme: Text = it.scheme,
    /// Its VPC.
    vpc_id: Maybe<Text> = it.vpc,
    /// Its subnets.
    subnet_ids: List<Text> = it.subnets,
    /// Its security groups.
    security_groups: List<Text> = it.security_groups,
    /// Its listeners.
    listeners: List<Classic> = it.listeners,
    /// Ids of its instances.
    instances: List<Text> = it.instances,
    /// It writes access logs.
    access_logs_enabled: Bool [ElbAttributes] = region(cx).and_then(|region| region.elb.classic_access_logs.of(&it.name)),
}
