//! What takes thinking: questions about an account that no single field answers.

pub mod alarm;
pub mod cloudfront;
mod composite_alarm;
pub mod container_images;
pub mod endpoint_policy;
pub mod escalation;
pub mod event_pattern;
pub mod filter_pattern;
pub mod finding_event;
pub mod identity;
pub mod lifecycle;
mod metric_alarm;
mod metric_math;
pub mod network;
pub mod notification;
pub mod oidc;
pub mod paths;
pub mod permission_set;
pub mod policy;
pub mod record;
pub mod resource_controls;
pub mod s3_exposure;
pub mod trail;
pub mod trust;
pub mod waf;

use std::{
    cell::{OnceCell, RefCell},
    collections::BTreeMap,
    rc::Rc,
    sync::Arc,
};

use crate::{
    gap::NotJudged,
    snapshot::{Region, Snapshot},
    triage::tuning::Tuning,
};

/// Analyses of one account that several checks ask, each made when it is first asked for.
#[derive(Debug)]
pub struct Analyses<'a> {
    pub(crate) snapshot: &'a Snapshot,
    /// The policy documents.
    pub documents: policy::Documents<'a>,
    resource_controls: OnceCell<resource_controls::ResourceControls>,
    identities: OnceCell<Result<Rc<identity::Identities<'a>>, NotJudged>>,
    escalation: OnceCell<Result<Rc<escalation::Escalation<'a>>, NotJudged>>,
    networks: RefCell<BTreeMap<&'a str, Rc<network::reachability::Network<'a>>>>,
    paths: OnceCell<Arc<paths::Paths>>,
}

impl<'a> Analyses<'a> {
    /// None is made yet.
    #[must_use]
    pub fn of(snapshot: &'a Snapshot) -> Self {
        Self {
            snapshot,
            documents: policy::Documents::default(),
            resource_controls: OnceCell::new(),
            identities: OnceCell::new(),
            escalation: OnceCell::new(),
            networks: RefCell::default(),
            paths: OnceCell::new(),
        }
    }

    /// The resource control policies over the account.
    pub fn resource_controls(&self) -> &resource_controls::ResourceControls {
        self.resource_controls.get_or_init(|| resource_controls::ResourceControls::of(self.snapshot))
    }

    /// The users and roles with their effective permissions.
    ///
    /// # Errors
    /// When they could not be read.
    pub fn identities(&self) -> Result<Rc<identity::Identities<'a>>, NotJudged> {
        let make = || identity::Identities::of(self.snapshot, &self.documents).map(Rc::new);
        self.identities.get_or_init(make).clone()
    }

    /// Who can get more rights than it was given.
    ///
    /// # Errors
    /// When users and roles could not be read.
    pub fn escalation(&self) -> Result<Rc<escalation::Escalation<'a>>, NotJudged> {
        let make = || escalation::Escalation::of(self.identities()?, self.snapshot).map(Rc::new);
        self.escalation.get_or_init(make).clone()
    }

    /// What the internet reaches in a region of that name.
    pub fn network(&self, name: &'a str, region: &'a Region) -> Rc<network::reachability::Network<'a>> {
        let make = || Rc::new(network::reachability::Network::of(&self.snapshot.account.id, name, region));
        Rc::clone(self.networks.borrow_mut().entry(name).or_insert_with(make))
    }

    /// The ways of an attacker through the account, with the settings of the run that first asks.
    pub fn paths(self: &Rc<Self>, tuning: &'a Tuning) -> Arc<paths::Paths> {
        Arc::clone(self.paths.get_or_init(|| Arc::new(paths::Paths::of(self.snapshot, tuning, self))))
    }

    /// The ways that were looked for so far; none where no check asked for them.
    #[must_use]
    pub fn known_paths(&self) -> Option<Arc<paths::Paths>> {
        self.paths.get().cloned()
    }
}
