//! The view's values as CEL's, and the account of one evaluation: what it met that was not read, and what it has spent.
//!
//! CEL has no unknown values, but errors that `&&`, `||`, `all` and `exists` absorb where the other operand decides (CEL
//! specification, "Logical Operators"), which is the same logic. So reading what was not read is an error, and the
//! account remembers the gap. What cannot fail in this crate's CEL, such as `==`, tells the account instead.

use std::{
    any::Any,
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use aws_audit_checks::gap::Gap;
use cel::{
    ExecutionError,
    common::{
        traits::Indexer,
        types::{CelBool, CelDouble, CelInt, CelList, CelMap, CelNull, CelString, CelUInt, Type},
        value::{CowVal, StaticVal, Val},
    },
};
use regex::Regex;
use serde_json::Value as Json;

use crate::{facts::Facts, limits, node::Node};

/// The account of one evaluation.
#[derive(Default)]
pub(crate) struct Run {
    gaps: Mutex<Vec<Gap>>,
    /// Something was compared that was not wholly read: the result is not to be trusted.
    tainted: AtomicBool,
    not_offered: AtomicBool,
    spent: AtomicU64,
    over: AtomicBool,
    /// Compiled patterns, by their text. Expressions have few.
    patterns: Mutex<HashMap<String, Option<Arc<Regex>>>>,
}

impl Run {
    /// Begins another evaluation; what was spent before.
    pub(crate) fn begin(&self) -> u64 {
        self.gaps().clear();
        self.tainted.store(false, Ordering::Relaxed);
        self.not_offered.store(false, Ordering::Relaxed);
        self.over.store(false, Ordering::Relaxed);
        self.spent.swap(0, Ordering::Relaxed)
    }

    /// What was spent since it began.
    pub(crate) fn spent(&self) -> u64 {
        self.spent.load(Ordering::Relaxed)
    }

    /// Spends steps.
    ///
    /// # Errors
    /// When there are no more.
    pub(crate) fn spend(&self, steps: usize) -> Result<(), ExecutionError> {
        let steps = u64::try_from(steps).unwrap_or(u64::MAX);
        let before = self.spent.fetch_add(steps, Ordering::Relaxed);
        if before.saturating_add(steps) > limits::STEPS {
            self.over.store(true, Ordering::Relaxed);
            return Err(ExecutionError::function_error("limit", "too many steps"));
        }
        Ok(())
    }

    /// Notes gaps, and makes the error that they are.
    pub(crate) fn unread(&self, gaps: &[Gap]) -> ExecutionError {
        let mut noted = self.gaps();
        for gap in gaps {
            if !noted.contains(gap) {
                noted.push(gap.clone());
            }
        }
        ExecutionError::function_error("read", "not read")
    }

    /// Notes that AWS has no answer, and makes the error that it is.
    pub(crate) fn not_offered(&self, what: &str) -> ExecutionError {
        self.not_offered.store(true, Ordering::Relaxed);
        ExecutionError::no_such_key(what)
    }

    /// Takes the gaps that were met.
    pub(crate) fn take_gaps(&self) -> Vec<Gap> {
        std::mem::take(&mut self.gaps())
    }

    /// Whether the result is not to be trusted.
    pub(crate) fn is_tainted(&self) -> bool {
        self.tainted.load(Ordering::Relaxed)
    }

    /// Whether something was read that AWS has no answer for.
    pub(crate) fn met_not_offered(&self) -> bool {
        self.not_offered.load(Ordering::Relaxed)
    }

    /// Whether there were too few steps.
    pub(crate) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// Whether the pattern is in the text.
    ///
    /// # Errors
    /// When it is no pattern, or too large.
    pub(crate) fn matches(&self, text: &str, pattern: &str) -> Result<bool, ExecutionError> {
        self.spend(1 + (text.len() + pattern.len()) / limits::BYTES_PER_STEP)?;
        let mut patterns = self.patterns.lock().unwrap_or_else(PoisonError::into_inner);
        let found = match patterns.get(pattern) {
            Some(found) => found.clone(),
            None => {
                self.spend(limits::PATTERN_STEPS)?;
                let compiled = crate::cel::pattern(pattern).ok().map(Arc::new);
                // Patterns may be made of the account's texts: no more are kept than an expression would have.
                if patterns.len() < limits::PATTERNS {
                    patterns.insert(pattern.to_owned(), compiled.clone());
                }
                compiled
            }
        };
        let regex = found.ok_or_else(|| {
            ExecutionError::function_error("matches", format!("`{pattern}` is no pattern, or too large"))
        })?;
        Ok(regex.is_match(text))
    }

    fn gaps(&self) -> MutexGuard<'_, Vec<Gap>> {
        self.gaps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Run")
    }
}

static OBJECT: Type = Type::new_unspecified_type("object");

/// A thing with fields, some of which may not have been read.
#[derive(Clone)]
pub(crate) struct Object(Arc<Fields>);

struct Fields {
    fields: BTreeMap<String, Field>,
    facts: Option<Facts>,
    run: Arc<Run>,
}

enum Field {
    /// Read, with the steps that it costs to read it.
    Known(Box<dyn Val>, usize),
    Unread(Vec<Gap>),
    NotOffered,
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.fields.keys()).finish()
    }
}

impl Object {
    /// The object of a resource, with what our analyses say of it.
    pub(crate) fn of(fields: &BTreeMap<String, Node>, facts: Option<Facts>, run: &Arc<Run>) -> Self {
        let fields = fields.iter().map(|(name, node)| (name.clone(), field(node, run)));
        Self(Arc::new(Fields { fields: fields.collect(), facts, run: Arc::clone(run) }))
    }

    /// What our analyses say of it; none of what is no resource.
    pub(crate) fn facts(&self) -> Option<&Facts> {
        self.0.facts.as_ref()
    }

    /// The gaps in it and below.
    fn taint(&self) {
        for field in self.0.fields.values() {
            match field {
                Field::Unread(gaps) => {
                    let _ = self.0.run.unread(gaps);
                    self.0.run.tainted.store(true, Ordering::Relaxed);
                }
                Field::Known(value, _) => taint(&**value),
                Field::NotOffered => {}
            }
        }
    }
}

/// Notes what was not read in a value that is compared as a whole.
fn taint(value: &dyn Val) {
    if let Some(object) = value.downcast_ref::<Object>() {
        object.taint();
    } else if let Some(list) = value.downcast_ref::<CelList<'_>>() {
        list.inner().iter().for_each(|item| taint(&**item));
    }
}

fn field(node: &Node, run: &Arc<Run>) -> Field {
    match node {
        Node::Unread(gaps) => Field::Unread(gaps.clone()),
        Node::NotOffered => Field::NotOffered,
        other => {
            let value = value(other, run);
            let cost = cost(&*value);
            Field::Known(value, cost)
        }
    }
}

/// The steps that reading a value costs, so that everything that works through it is paid for.
pub(crate) fn cost(value: &dyn Val) -> usize {
    if let Some(text) = value.downcast_ref::<CelString<'_>>() {
        return 1 + text.inner().len() / limits::BYTES_PER_STEP;
    }
    1 + value.as_sizer().map_or(0, |sizer| usize::try_from(*sizer.size().inner()).unwrap_or(usize::MAX))
}

/// The CEL value of a node.
pub(crate) fn value(node: &Node, run: &Arc<Run>) -> Box<dyn Val> {
    match node {
        Node::Null => Box::new(CelNull),
        Node::Bool(value) => Box::new(CelBool::from(*value)),
        Node::Int(value) => Box::new(CelInt::from(*value)),
        Node::Double(value) => Box::new(CelDouble::from(*value)),
        Node::Text(text) => Box::new(CelString::from(text.clone())),
        // An item of a list is a whole; one that was not read makes an object that says so when it is asked.
        Node::List(items) => {
            Box::new(CelList::from(items.iter().map(|item| value(item, run)).collect::<Vec<_>>()))
        }
        Node::Map(entries) => {
            let entries = entries.iter().map(|(key, node)| (key.clone().into(), value(node, run)));
            Box::new(CelMap::from(entries.collect::<HashMap<_, _>>()))
        }
        Node::Object(fields) => Box::new(Object::of(fields, None, run)),
        Node::Unread(_) | Node::NotOffered => {
            Box::new(Object::of(&BTreeMap::from([("value".to_owned(), node.clone())]), None, run))
        }
    }
}

impl Indexer for Object {
    fn get<'b, 'v>(&'b self, key: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        let Fields { fields, run, .. } = &*self.0;
        let name = key.downcast_ref::<CelString<'_>>().map(CelString::inner);
        match name.and_then(|name| fields.get(name)) {
            Some(Field::Known(value, cost)) => {
                run.spend(*cost)?;
                Ok(CowVal::Borrowed(&**value))
            }
            Some(Field::Unread(gaps)) => Err(run.unread(gaps)),
            Some(Field::NotOffered) => Err(run.not_offered(name.unwrap_or_default())),
            // The fields of a schema are all there; only a key that an expression computes comes here.
            None => Err(ExecutionError::function_error("read", "no such field")),
        }
    }

    fn steal<'v>(self: Box<Self>, key: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.get(key).map(CowVal::into_owned)
    }
}

impl Val for Object {
    fn get_type(&self) -> &Type {
        <Self as Val>::cel_type()
    }

    fn cel_type() -> &'static Type {
        &OBJECT
    }

    fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn equals(&self, other: &dyn Val) -> bool {
        let Some(other) = other.downcast_ref::<Self>() else { return false };
        self.taint();
        other.taint();
        let (ours, theirs) = (&self.0.fields, &other.0.fields);
        // Comparing costs steps; where they run out the evaluation fails, whatever is answered here.
        let _ = self.0.run.spend(1 + ours.len());
        ours.len() == theirs.len()
            && ours.iter().zip(theirs).all(|((a, ours), (b, theirs))| match (ours, theirs) {
                (Field::Known(ours, _), Field::Known(theirs, _)) => a == b && ours.equals(&**theirs),
                (Field::NotOffered, Field::NotOffered) => a == b,
                _ => false,
            })
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(self.clone())
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for Object {}

/// A value as JSON, cut where it is long: it becomes evidence.
pub(crate) fn to_json(value: &dyn Val) -> Json {
    if let Some(it) = value.downcast_ref::<CelBool>() {
        Json::Bool(*it.inner())
    } else if let Some(it) = value.downcast_ref::<CelInt>() {
        Json::from(*it.inner())
    } else if let Some(it) = value.downcast_ref::<CelUInt>() {
        Json::from(*it.inner())
    } else if let Some(it) = value.downcast_ref::<CelDouble>() {
        Json::from(*it.inner())
    } else if let Some(it) = value.downcast_ref::<CelString<'_>>() {
        let text = it.inner();
        match text.char_indices().nth(limits::EVIDENCE_CHARS) {
            Some((end, _)) => Json::from(format!("{}…", &text[..end])),
            None => Json::from(text),
        }
    } else if let Some(it) = value.downcast_ref::<CelList<'_>>() {
        let mut items: Vec<_> =
            it.inner().iter().take(limits::EVIDENCE_ITEMS).map(|it| to_json(&**it)).collect();
        if it.inner().len() > items.len() {
            items.push(Json::from("…"));
        }
        Json::Array(items)
    } else if let Some(it) = value.downcast_ref::<CelMap<'_>>() {
        let entries = it.inner().iter().filter_map(|(key, value)| {
            Some((key.inner().downcast_ref::<CelString<'_>>()?.inner().to_owned(), to_json(&**value)))
        });
        Json::Object(entries.collect())
    } else if let Some(it) = value.downcast_ref::<Object>() {
        let fields = it.0.fields.iter().filter_map(|(name, field)| match field {
            Field::Known(value, _) => Some((name.clone(), to_json(&**value))),
            Field::Unread(_) | Field::NotOffered => None,
        });
        Json::Object(fields.collect())
    } else {
        Json::Null
    }
}
