//! Settings that are not the same for every resource.

use std::{cell::RefCell, collections::BTreeMap, ops::Deref, rc::Rc};

use super::{Notice, Override, Placed};
use crate::{finding::Resource, settings::Settings};

/// Settings, with what holds for some resources instead.
#[derive(Debug)]
pub struct Tuning {
    base: Rc<Settings>,
    overrides: Vec<Placed<Override>>,
    /// What the overrides make of the base, by those that apply.
    made: RefCell<BTreeMap<Vec<usize>, Rc<Settings>>>,
}

impl From<Settings> for Tuning {
    fn from(base: Settings) -> Self {
        Self::new(base, Vec::new())
    }
}

impl Tuning {
    /// Settings with overrides. Of several that apply to a resource, the last one's settings win.
    #[must_use]
    pub fn new(base: Settings, overrides: Vec<Placed<Override>>) -> Self {
        Self { base: Rc::new(base), overrides, made: RefCell::default() }
    }

    /// The settings that are the same everywhere.
    #[must_use]
    pub fn base(&self) -> &Rc<Settings> {
        &self.base
    }

    /// Whether an override is about that check, so that it matters which resource is judged.
    #[must_use]
    pub fn is_tuned(&self, check: &str) -> bool {
        self.overrides.iter().any(|placed| placed.entry.about.names_check(check))
    }

    /// The settings with which a check judges a resource.
    #[must_use]
    pub fn settings(&self, check: &str, resource: &Resource, tags_known: bool) -> Rc<Settings> {
        let apply =
            |placed: &Placed<Override>| placed.entry.about.is_about_resource(check, resource, tags_known);
        let which: Vec<_> =
            self.overrides.iter().enumerate().filter(|(_, it)| apply(it)).map(|(at, _)| at).collect();
        if which.is_empty() {
            return Rc::clone(&self.base);
        }
        let mut made = self.made.borrow_mut();
        let settings = made.entry(which.clone()).or_insert_with(|| {
            // Each override was read as settings before: together with others they are settings too.
            let mut table = toml::Table::try_from(&*self.base).unwrap_or_default();
            for at in which {
                table.extend(self.overrides[at].entry.settings.clone());
            }
            Rc::new(table.try_into().unwrap_or_else(|_| (*self.base).clone()))
        });
        Rc::clone(settings)
    }

    /// Tells, after an evaluation, of overrides that name no check, or that no judged resource fell under where their
    /// checks ran.
    #[must_use]
    pub fn unused(&self, ran: &[&str]) -> Vec<Notice> {
        let made = self.made.borrow();
        let is_used = |at: usize| made.keys().any(|which| which.contains(&at));
        let may_be = |about: &super::Where| ran.iter().any(|check| about.names_check(check));
        let unused = self.overrides.iter().enumerate().filter(|(at, _)| !is_used(*at));
        let unknown =
            self.overrides.iter().flat_map(|it| super::unknown_checks(&it.entry.about, &it.source, false));
        let unused = unused
            .filter(|(_, placed)| may_be(&placed.entry.about))
            .map(|(_, placed)| Notice::Unused { source: placed.source.clone() });
        unknown.chain(unused).collect()
    }
}

/// The settings with which the resource at hand is judged.
#[derive(Clone, Debug)]
pub struct Current {
    settings: Rc<Settings>,
    judging: bool,
}

impl Current {
    /// Those that hold where no resource is at hand.
    pub(crate) fn base(settings: &Rc<Settings>) -> Self {
        Self { settings: Rc::clone(settings), judging: false }
    }

    /// Those of a resource.
    pub(crate) const fn of(settings: Rc<Settings>) -> Self {
        Self { settings, judging: true }
    }
}

impl Deref for Current {
    type Target = Settings;

    /// # Panics
    /// In builds with debug assertions, when no resource is at hand: a number that is read before would not be the
    /// resource's own.
    fn deref(&self) -> &Settings {
        debug_assert!(self.judging, "settings are read while a resource is judged, not before");
        &self.settings
    }
}
