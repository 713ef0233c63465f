//! Whether a principal surely has what a method takes, and by which statements.

use super::{
    CHOSEN_POLICY, Escalation, MOST_NAMES, Proof, SOMEBODY,
    methods::{Method, Need},
    things::Thing,
};
use crate::analysis::{
    identity::{Identities, Principal, Who},
    policy::{
        Condition, Match,
        effective::{Answer, On, Request, ResourceTags},
        pattern,
    },
    trust,
};

/// Whom and what a method is asked about.
#[derive(Clone, Copy, Default)]
pub(super) struct About<'t, 'a> {
    /// The user, role, group or policy that is changed.
    pub(super) own: Option<&'t str>,
    /// The user or role whose rights it is about.
    pub(super) target: Option<usize>,
    /// What it goes through.
    pub(super) thing: Option<&'t Thing<'a>>,
}

/// The keys of the request that a need makes, whatever it is about.
pub(super) fn keys(need: Need) -> Option<(&'static str, &'static str)> {
    let action = need.action();
    match need {
        Need::Pass(service) => Some(("iam:PassedToService", service)),
        _ if action.starts_with("iam:Attach") => Some(("iam:PolicyARN", CHOSEN_POLICY)),
        _ if action.ends_with("PermissionsBoundary") && action.starts_with("iam:Put") => {
            Some(("iam:PermissionsBoundary", CHOSEN_POLICY))
        }
        _ => None,
    }
}

/// Actions on a user or role that tell its boundary as `iam:PermissionsBoundary` (Service Authorization Reference,
/// "Actions, resources, and condition keys for IAM").
const TELL_BOUNDARY: [&str; 10] = [
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreateRole",
    "iam:CreateUser",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteUserPermissionsBoundary",
    "iam:DetachRolePolicy",
    "iam:DetachUserPolicy",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
];

/// Texts that these patterns match: what a wildcard leaves open is text that only a wildcard matches. For two patterns
/// with wildcards, one that both match is made of the beginning of the one and the end of the other.
fn joined(patterns: &[String]) -> Vec<String> {
    const MOST_PAIRED: usize = 16;
    let mut names: Vec<String> =
        patterns.iter().map(|pattern| pattern.replace(['*', '?'], SOMEBODY)).collect();
    let paired = &patterns[..patterns.len().min(MOST_PAIRED)];
    for one in paired {
        for other in paired {
            if let (Some((head, _)), Some((_, tail))) = (one.split_once('*'), other.rsplit_once('*')) {
                let name = format!("{head}{SOMEBODY}{tail}").replace(['*', '?'], SOMEBODY);
                if one != other && !names.contains(&name) {
                    names.push(name);
                }
            }
        }
    }
    names
}

impl<'a> Escalation<'a> {
    /// The statements that allow every need of a method; none when one need is not surely met.
    pub(super) fn prove(&self, from: usize, method: &Method, about: About<'_, 'a>) -> Option<Vec<Proof>> {
        let target_arn = about.target.map(|at| self.identities.principals[at].arn());
        let mut proofs: Vec<Proof> = Vec::new();
        for (at, need) in method.needs.iter().enumerate() {
            let can = |on| Some(vec![self.can(from, *need, on, about)?]);
            let proof = match need {
                Need::Some(_) => self.proof_of_some(from, *need, about).map(|proof| vec![proof]),
                Need::New(_) => can(On::Any),
                Need::Made(_, form) => self.proof_of_making(from, method, at, form, about),
                Need::Caller(_) => can(On::Resource(about.own?)),
                Need::Target(_) => can(On::Resource(target_arn.or(about.own)?)),
                Need::Pass(_) => can(On::Resource(target_arn?)),
                Need::Thing("ssm:SendCommand" | "ssm:CreateAssociation") => {
                    self.proof_of_commanding(from, *need, about)
                }
                Need::Thing(_) => can(On::Resource(&about.thing?.arn)),
                Need::Inside(_) if about.thing?.inside.is_empty() => can(On::Any),
                Need::Inside(_) => {
                    let each =
                        about.thing?.inside.iter().map(|arn| self.can(from, *need, On::Resource(arn), about));
                    each.collect()
                }
                Need::Policy(_) => {
                    let mut policies = Self::own_policies(&self.identities.principals[about.target?]);
                    policies.find_map(|arn| can(On::Resource(arn)))
                }
                Need::Assume => self.proof_of_assuming(from, about.target?),
            };
            for proof in proof? {
                if !proofs.contains(&proof) {
                    proofs.push(proof);
                }
            }
        }
        Some(proofs)
    }

    /// The statements that allow all that a method does with the one thing that the caller makes, told with the
    /// first of these needs: names are tried that the caller's policies allow.
    fn proof_of_making(
        &self,
        from: usize,
        method: &Method,
        at: usize,
        form: &str,
        about: About<'_, 'a>,
    ) -> Option<Vec<Proof>> {
        let with_it = |need: &&Need| matches!(need, Need::Made(_, of) if *of == form);
        if method.needs[..at].iter().any(|need| with_it(&need)) {
            return Some(Vec::new());
        }
        let needs: Vec<_> = method.needs[at..].iter().filter(with_it).collect();
        self.made_names(from, &needs, form).into_iter().find_map(|name| {
            needs.iter().map(|need| self.can(from, **need, On::Resource(&name), about)).collect()
        })
    }

    /// The resource patterns of the statements that allow one of these actions, of the caller's policies and of what
    /// limits them, as far as their variables are known.
    fn patterns_of(&self, from: usize, actions: &[&str]) -> Vec<String> {
        let permissions = &self.identities.principals[from].permissions;
        let sources = permissions.policies.iter().chain(permissions.limits().flatten());
        let allows = sources.flat_map(|source| source.policy.allows());
        let about = allows.filter(|allow| actions.iter().any(|action| allow.actions.selects_action(action)));
        let mut patterns = Vec::new();
        for pattern in about.flat_map(|statement| match &statement.resources {
            Match::Any(patterns) => patterns.as_slice(),
            Match::NoneOf(_) => &[],
        }) {
            let Some(pattern) = permissions.known.resolve(pattern) else { continue };
            if !patterns.contains(&pattern) && patterns.len() < MOST_NAMES {
                patterns.push(pattern);
            }
        }
        patterns
    }

    /// The statement that surely allows a need on something, whatever it is. Where denies or limits are about the
    /// action too, something that all of them leave must be found.
    fn proof_of_some(&self, from: usize, need: Need, about: About<'_, 'a>) -> Option<Proof> {
        let permissions = &self.identities.principals[from].permissions;
        let action = need.action();
        let any = self.can(from, need, On::Any, about)?;
        let mut denies = permissions.policies.iter().flat_map(|source| source.policy.denies());
        let is_limited =
            permissions.limits().next().is_some() || denies.any(|deny| deny.actions.selects_action(action));
        if !is_limited {
            return Some(any);
        }
        let mut patterns = self.patterns_of(from, &[action]);
        patterns.push("*".to_owned());
        joined(&patterns).into_iter().find_map(|name| self.can(from, need, On::Resource(&name), about))
    }

    /// Names that something which the caller makes could have, as its policies allow them.
    fn made_names(&self, from: usize, needs: &[&Need], form: &str) -> Vec<String> {
        let Identities { partition, account, .. } = &*self.identities;
        let actions: Vec<_> = needs.iter().map(|need| need.action()).collect();
        let Some((service, _)) = actions.first().and_then(|action| action.split_once(':')) else {
            return Vec::new();
        };
        let mut open = vec![("*".to_owned(), "*".to_owned())];
        for pattern in self.patterns_of(from, &actions) {
            let mut parts = pattern.splitn(6, ':').skip(2);
            let (Some(of), Some(region), Some(_account), Some(resource)) =
                (parts.next(), parts.next(), parts.next(), parts.next())
            else {
                continue;
            };
            let name = resource.strip_prefix(form).unwrap_or("*");
            // After a stack's name comes an id that CloudFormation makes.
            let is_fixed = form == "stack/" && name.split_once('/').is_some_and(|(_, id)| !id.contains('*'));
            let part = (region.to_owned(), name.to_owned());
            if pattern::matches(of, service) && !is_fixed && !open.contains(&part) {
                open.push(part);
            }
        }
        let names: Vec<_> = open.iter().map(|(_, name)| name.clone()).collect();
        let names = joined(&names);
        // One region will do, unless the policies name some; IAM is in none.
        let mut regions: Vec<&str> = Vec::new();
        for (region, _) in &open {
            let found = match region.as_str() {
                _ if service == "iam" => Some(""),
                region if region.contains(['*', '?']) => {
                    let mut known = self.regions.iter().copied().chain(["us-east-1"]);
                    known.find(|known| pattern::matches(region, known))
                }
                region => Some(region),
            };
            regions.extend(found.filter(|region| !regions.contains(region)));
        }
        let arn = |region: &&str, name: &String| {
            format!("arn:{partition}:{service}:{region}:{account}:{form}{name}")
        };
        names.iter().flat_map(|name| regions.iter().map(move |region| arn(region, name))).collect()
    }

    /// A command takes a document too, of AWS's own or another (AWS Systems Manager User Guide, "Restricting access
    /// to Run Command based on tags": both are resources of the request).
    fn proof_of_commanding(&self, from: usize, need: Need, about: About<'_, 'a>) -> Option<Vec<Proof>> {
        let node = about.thing?.arn.as_str();
        let region = node.split(':').nth(3)?;
        let on_node = self.can(from, need, On::Resource(node), about)?;
        let partition = self.identities.partition;
        let on_document = ["AWS-RunShellScript", "AWS-RunPowerShellScript"].iter().find_map(|name| {
            let document = format!("arn:{partition}:ssm:{region}::document/{name}");
            self.can(from, need, On::Resource(&document), about)
        });
        Some(vec![on_node, on_document?])
    }

    /// The statement that surely allows what a need asks for.
    pub(super) fn can(&self, from: usize, need: Need, on: On<'_>, about: About<'_, 'a>) -> Option<Proof> {
        let permissions = &self.identities.principals[from].permissions;
        let action = need.action();
        let keys = keys(need);
        let subject = about.target.map(|at| &self.identities.principals[at]);
        let mut of_request: Vec<_> = keys.into_iter().collect();
        let mut absent: &[&str] = &[];
        if TELL_BOUNDARY.contains(&action) {
            match subject.and_then(|subject| subject.permissions.boundary.as_ref()) {
                Some(boundary) => of_request.push(("iam:PermissionsBoundary", &boundary.name)),
                None => absent = &["iam:PermissionsBoundary"],
            }
        }
        let tags = match need {
            Need::Caller(_) | Need::Target(_) | Need::Assume => match (subject, on) {
                (Some(subject), On::Resource(arn)) if arn == subject.arn() => self.tags_of(from, subject),
                _ => ResourceTags::Unknown,
            },
            Need::Thing(_) => about.thing.map_or(ResourceTags::Unknown, Thing::tags),
            // It has the tags that its maker gives it.
            Need::Made(..) if self.may_give_tags(from, action) => ResourceTags::AtWill(&self.no_tags),
            Need::Made(..) => ResourceTags::Are(&self.no_tags),
            // What is passed may not be told by its tags (IAM User Guide, "Grant a user permissions to pass a role
            // to an AWS service").
            _ => ResourceTags::Unknown,
        };
        let choices = match need {
            Need::Thing(_) | Need::Inside(_) | Need::Made(..) => {
                about.thing.map_or(&[][..], |thing| &thing.keys)
            }
            _ => &[],
        };
        let makes = matches!(need, Need::Some(_) | Need::Made(..) | Need::New(_));
        let gives_tags = makes && self.may_give_tags(from, action);
        let request = Request { keys: &of_request, absent, choices, tags, gives_tags };
        if let Answer::Yes(held) = permissions.can_by(action, on, &request) {
            return Some(Proof::of(&held));
        }
        let Need::Thing(_) = need else { return None };
        let tags = self.changed_tags(from, action, about.thing?)?;
        match permissions.can_by(action, on, &Request { tags, ..request }) {
            Answer::Yes(held) => Some(Proof::of(&held)),
            _ => None,
        }
    }

    /// The tags of a thing as the caller may change them before an action that is decided by them, where it may: of what
    /// EC2 has (Amazon EC2 User Guide, "Control access to EC2 resources using resource tags").
    fn changed_tags<'t>(&self, from: usize, action: &str, thing: &'t Thing<'a>) -> Option<ResourceTags<'t>> {
        let ResourceTags::Are(tags) = thing.tags() else { return None };
        if thing.arn.split(':').nth(2) != Some("ec2") {
            return None;
        }
        let permissions = &self.identities.principals[from].permissions;
        let mut statements = permissions.policies.iter().flat_map(|source| &source.policy.statements);
        let is_tag = |condition: &Condition| condition.key.to_ascii_lowercase().contains(":resourcetag/");
        if !statements.any(|it| it.actions.selects_action(action) && it.conditions.iter().any(is_tag)) {
            return None;
        }
        let request = Request { tags: ResourceTags::Are(tags), gives_tags: true, ..Request::default() };
        let may = |action| permissions.can_by(action, On::Resource(&thing.arn), &request).is_yes();
        if may("ec2:CreateTags") {
            Some(ResourceTags::AtWill(tags))
        } else {
            may("ec2:DeleteTags").then_some(ResourceTags::Fewer(tags))
        }
    }

    /// Whether the caller may give what it makes with the action the tags that it likes: that takes an action of its
    /// own (for instance Amazon EC2 User Guide, "Grant permission to tag Amazon EC2 resources during creation"; AWS
    /// Lambda Developer Guide, "Permissions required for working with tags"), but for CodeBuild, which has none.
    fn may_give_tags(&self, from: usize, action: &str) -> bool {
        let Some((service, name)) = action.split_once(':') else { return false };
        let tagging = match (service, name) {
            ("codebuild", _) => return true,
            ("ec2", _) => "ec2:CreateTags".to_owned(),
            ("iam", "CreateRole") => "iam:TagRole".to_owned(),
            ("iam", "CreateUser") => "iam:TagUser".to_owned(),
            ("iam", "CreateInstanceProfile") => "iam:TagInstanceProfile".to_owned(),
            ("iam", _) => return false,
            ("sagemaker" | "elasticmapreduce", _) => format!("{service}:AddTags"),
            ("ssm", _) => "ssm:AddTagsToResource".to_owned(),
            ("autoscaling", _) => "autoscaling:CreateOrUpdateTags".to_owned(),
            _ => format!("{service}:TagResource"),
        };
        let permissions = &self.identities.principals[from].permissions;
        permissions.can_by(&tagging, On::Any, &Request { gives_tags: true, ..Request::default() }).is_yes()
    }

    /// A user's or role's tags, which the caller may be able to change first.
    fn tags_of<'t>(&self, from: usize, subject: &'t Principal<'a>) -> ResourceTags<'t> {
        let permissions = &self.identities.principals[from].permissions;
        let (tags, action) = match subject.who {
            Who::User(user) => (&user.tags, "iam:TagUser"),
            Who::Role(role) => (&role.tags, "iam:TagRole"),
        };
        let request = Request { tags: ResourceTags::Are(tags), ..Request::default() };
        if permissions.can_by(action, On::Resource(subject.arn()), &request).is_yes() {
            ResourceTags::AtWill(tags)
        } else {
            ResourceTags::Are(tags)
        }
    }

    /// The roles that trust the principal by name and, where it may assume any, those that trust the account.
    pub(super) fn assumed_by(&self, from: usize) -> impl Iterator<Item = (usize, &Proof)> {
        let permissions = &self.identities.principals[from].permissions;
        let may = !matches!(permissions.can("sts:AssumeRole", On::Any, &[]), Answer::No);
        let by_account = if may { self.assumable_by_account.as_slice() } else { &[] };
        let named = self.assumable.get(&from).into_iter().flatten();
        named.chain(by_account).map(|(at, proof)| (*at, proof))
    }

    fn proof_of_assuming(&self, from: usize, role: usize) -> Option<Vec<Proof>> {
        let find =
            |list: &[(usize, Proof)]| list.iter().find(|(at, _)| *at == role).map(|(_, proof)| proof.clone());
        let permissions = &self.identities.principals[from].permissions;
        let arn = self.identities.principals[role].arn();
        // Who is named needs no permission, but an explicit deny and a boundary still hold.
        if let Some(proof) = self.assumable.get(&from).and_then(|list| find(list)) {
            let denied = permissions.denies("sts:AssumeRole", arn);
            return (!denied).then(|| vec![proof]);
        }
        let about = About { target: Some(role), ..About::default() };
        let own = self.can(from, Need::Assume, On::Resource(arn), about)?;
        // The role's trust may hold for this caller only under conditions: ask again with what is known of it.
        let principal = &self.identities.principals[from];
        let trust = self.identities.principals[role].trust.as_ref()?;
        trust::principal(trust, principal.arn(), self.identities.account, &permissions.known)?;
        Some(vec![find(&self.assumable_by_account)?, own])
    }
}
