//! Whom a principal may become, alone.

use super::{
    About, Edge, Edges, End, Escalation, Hidden, everything,
    methods::{self, Kind, LeadsTo, Method, Need, Password},
    proof::keys,
    things::Thing,
};
use crate::{
    analysis::{
        identity::{Principal, Who},
        policy::effective::{Answer, On},
    },
    gap::NotJudged,
};

impl<'a> Escalation<'a> {
    pub(super) fn edges(&self, from: usize) -> &Edges {
        self.edges[from].get_or_init(|| {
            let mut edges = Vec::new();
            let mut hidden = Hidden::default();
            for method in methods::all() {
                if method.leads_to.is_change() || method.leads_to == LeadsTo::Elsewhere {
                    continue;
                }
                if !self.may_begin(from, method) {
                    continue;
                }
                self.edges_by(from, method, &mut edges, &mut hidden);
                // There is no better end.
                if edges.iter().any(|edge| self.is_administration(edge)) {
                    break;
                }
            }
            (edges, hidden)
        })
    }

    fn is_administration(&self, edge: &Edge) -> bool {
        match &edge.end {
            End::Principal(at) => self.administrators[*at],
            End::Rights { administrator, .. } => *administrator,
        }
    }

    /// Whether the principal has, on something, every permission that the method takes.
    pub(super) fn may_begin(&self, from: usize, method: &Method) -> bool {
        let permissions = &self.identities.principals[from].permissions;
        method.needs.iter().all(|need| match need {
            Need::Assume => self.assumable.contains_key(&from) || !self.assumable_by_account.is_empty(),
            need => {
                let keys = keys(*need);
                !matches!(permissions.can(need.action(), On::Any, keys.as_slice()), Answer::No)
            }
        })
    }

    /// Adds the edges of a method, up to the first that leads to an administrator.
    pub(super) fn edges_by(
        &self,
        from: usize,
        method: &'static Method,
        edges: &mut Vec<Edge>,
        hidden: &mut Hidden,
    ) {
        let to = |at: usize, thing: Option<&Thing<'a>>| {
            let proofs = self.prove(from, method, About { target: Some(at), thing, own: None })?;
            let through = thing.map(|thing| thing.arn.clone());
            Some(Edge { method, proofs, through, end: End::Principal(at) })
        };
        let mut add = |found: Option<Edge>| {
            let done = found.as_ref().is_some_and(|edge| self.is_administration(edge));
            edges.extend(found);
            done
        };
        match method.leads_to {
            LeadsTo::User(wanted) => {
                for at in self.others(from, |principal| matches!(principal.who, Who::User(_))) {
                    let found = to(at, None);
                    if found.is_none() {
                        continue;
                    }
                    match self.has_credentials(at, wanted) {
                        Ok(true) if add(found) => break,
                        Ok(_) => {}
                        Err(_) => hidden.credentials = true,
                    }
                }
            }
            LeadsTo::Role if method.needs == [Need::Assume] => {
                let mut roles: Vec<_> = self.assumed_by(from).map(|(at, _)| at).collect();
                roles.retain(|at| *at != from);
                for at in roles {
                    add(to(at, None));
                }
            }
            LeadsTo::Role => {
                let mut roles = self.other_roles(from).into_iter();
                roles.any(|at| add(to(at, None)));
            }
            LeadsTo::EverythingAsOtherRole => {
                let roles = self.other_roles(from);
                add(self.everything_as_one_of(from, method, roles));
            }
            LeadsTo::EverythingAsOtherUser => {
                let users = self.others(from, |principal| matches!(principal.who, Who::User(_)));
                add(self.everything_as_one_of(from, method, users));
            }
            LeadsTo::PassedRole | LeadsTo::PassedInstanceRole | LeadsTo::InstanceRole => {
                self.passed(from, method, &to, &mut add, hidden);
            }
            LeadsTo::ItsRole => {
                let Some(kind) = method.through else { return };
                let mut things = self.things(from, kind, hidden).iter();
                things.any(|thing| match thing.role {
                    Some(role) if role != from => add(to(role, Some(thing))),
                    _ => false,
                });
            }
            _ => {}
        }
    }

    /// To the roles that can be handed to something.
    fn passed(
        &self,
        from: usize,
        method: &'static Method,
        to: &impl Fn(usize, Option<&Thing<'a>>) -> Option<Edge>,
        add: &mut impl FnMut(Option<Edge>) -> bool,
        hidden: &mut Hidden,
    ) {
        // Roles of instances are EC2's, though nobody passes them.
        let service = method.passes_to().unwrap_or("ec2.amazonaws.com");
        let roles = self.trusting.get(service).into_iter().flatten().copied().filter(|at| *at != from);
        // The agent takes commands with the role that the instance has by then (AWS Systems Manager User Guide,
        // "Configure instance permissions required for Systems Manager").
        let commanded = method.needs.contains(&Need::Thing("ssm:SendCommand"));
        let mut roles = roles.filter(|at| {
            let principal = &self.identities.principals[*at];
            let in_profile = principal.usable_role().is_some_and(|role| !role.instance_profiles.is_empty());
            let serves = || {
                let permissions = &principal.permissions;
                permissions.can("ssm:UpdateInstanceInformation", On::Any, &[]).is_yes()
            };
            (method.leads_to == LeadsTo::PassedRole || in_profile) && (!commanded || serves())
        });
        match method.through {
            None => {
                roles.any(|at| add(to(at, None)));
            }
            Some(kind) => {
                let things = self.things(from, kind, hidden);
                roles.any(|at| add(things.iter().find_map(|thing| to(at, Some(thing)))));
            }
        }
    }

    /// Every right, as one of these: one is as good as another.
    fn everything_as_one_of(&self, from: usize, method: &'static Method, others: Vec<usize>) -> Option<Edge> {
        let principals = &self.identities.principals;
        others.into_iter().find_map(|at| {
            let proofs = self.prove(from, method, About { target: Some(at), ..About::default() })?;
            let boundary = principals[at].permissions.boundary.as_ref();
            let end = everything(&principals[from].permissions, boundary, principals[at].arn())?;
            Some(Edge { method, proofs, through: None, end })
        })
    }

    /// The others of a kind; administrators first.
    fn others(&self, from: usize, wanted: fn(&Principal<'_>) -> bool) -> Vec<usize> {
        let principals = &self.identities.principals;
        let mut others: Vec<_> =
            (0..principals.len()).filter(|at| *at != from && wanted(&principals[*at])).collect();
        others.sort_by_key(|at| !self.administrators[*at]);
        others
    }

    /// The other roles that IAM's operations change; administrators first.
    fn other_roles(&self, from: usize) -> Vec<usize> {
        let mut roles = self.others(from, |principal| matches!(principal.who, Who::Role(_)));
        roles.retain(|at| self.is_changeable(*at));
        roles
    }

    /// The things of a kind; where not all could be read and one could lead to more rights, they are noted.
    fn things(&self, from: usize, kind: Kind, hidden: &mut Hidden) -> &[Thing<'a>] {
        let things = self.inventory.things(kind);
        if !things.unread.is_empty()
            && !hidden.kinds.contains(&kind)
            && self.has_more_with(from, kind.service())
        {
            hidden.kinds.insert(kind);
        }
        &things.known
    }

    /// Whether some role that a service may run with has rights that this principal lacks.
    fn has_more_with(&self, from: usize, service: &str) -> bool {
        let principals = &self.identities.principals;
        let own = &principals[from].permissions;
        let mut roles = self.naming.get(service).into_iter().flatten();
        roles.any(|at| {
            *at != from && (self.administrators[*at] || principals[*at].permissions.exceeds(own).is_some())
        })
    }

    fn has_credentials(&self, user: usize, wanted: Password) -> Result<bool, NotJudged> {
        if wanted == Password::Any {
            return Ok(true);
        }
        let report = self.report.clone()?;
        let name = self.identities.principals[user].name();
        // A user that is newer than the report has no credentials in it: nothing is sure.
        let Some(row) = report.users.get(name).map(|user| &user.credentials) else { return Ok(false) };
        let keys = row.access_keys.iter().filter(|key| key.active || key.last_rotated.is_some()).count();
        Ok(match wanted {
            Password::SpareKey => keys < 2,
            Password::No => row.password_enabled == Some(false),
            Password::Yes => row.password_enabled == Some(true),
            Password::Any => true,
        })
    }
}
