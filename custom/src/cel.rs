//! CEL as checks speak it: what an expression may be, checked before it runs, and how one runs.
//!
//! The language is that of the CEL specification, as the `cel` crate has it, without optional values (`a.?b` would make
//! "nothing is set" of what was not read), messages, and times and durations as types.

use std::{
    any::Any,
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, LazyLock},
    thread,
};

use aws_audit_checks::gap::Gap;
use cel::{
    Context, Env, ExecutionError, FunctionContext, Value,
    common::{
        ast::{CallExpr, EntryExpr, Expr, IdedExpr, LiteralValue, SourceInfo, operators},
        types::{CelBool, CelInt, CelList, CelMap, CelNull, CelString},
        value::{CowVal, Val},
    },
};
use regex::{Regex, RegexBuilder};
use serde_json::Value as Json;

use crate::{
    facts::Facts,
    functions, limits,
    node::Node,
    problem::{Said, instead, said},
    shape::Shape,
    value::{Object, Run, cost, to_json},
    view::{self, Noun},
};

/// An expression that may run.
#[derive(Debug)]
pub struct Expression {
    tree: IdedExpr,
    /// The fields of the resource that it reads.
    pub(crate) fields: BTreeSet<&'static str>,
    /// Our functions that it calls.
    pub(crate) functions: BTreeSet<&'static str>,
    /// The variables that it names, but for the resource.
    pub(crate) variables: BTreeSet<&'static str>,
}

/// What is wrong with an expression, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Line in the expression, counted from 1.
    pub(crate) line: usize,
    /// Character in the line, counted from 1.
    pub(crate) column: usize,
    pub(crate) what: Said,
    pub(crate) help: Option<Said>,
}

/// What an expression comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer<T> {
    /// This.
    Known(T),
    /// It depends on what could not be read.
    Unread(Vec<Gap>),
    /// It depends on what is not there to be read.
    NotOffered,
    /// It could not be evaluated: why, in English, as the evaluator says it.
    Failed(String),
}

impl<T> Answer<T> {
    fn and_then<U>(self, then: impl FnOnce(T) -> Answer<U>) -> Answer<U> {
        match self {
            Self::Known(value) => then(value),
            Self::Unread(gaps) => Answer::Unread(gaps),
            Self::NotOffered => Answer::NotOffered,
            Self::Failed(why) => Answer::Failed(why),
        }
    }
}

/// The variables besides the resource, with their shapes.
pub(crate) fn variables() -> [(&'static str, Shape); 4] {
    let region = Shape::Maybe(Box::new(Shape::Text));
    [("account", Shape::Text), ("now", Shape::Time), ("region", region), ("settings", view::settings_shape())]
}

/// Functions of the CEL specification.
pub(crate) const OF_CEL: [&str; 9] =
    ["bool", "bytes", "double", "dyn", "int", "size", "string", "type", "uint"];

/// Methods of the CEL specification, and `matches`, which is one of ours as a function too.
pub(crate) const METHODS: [&str; 5] = ["contains", "endsWith", "matches", "size", "startsWith"];

/// Macros of the CEL specification.
pub(crate) const MACROS: [&str; 6] = ["all", "exists", "exists_one", "filter", "has", "map"];

static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib().with_optional_support(false)));

/// The name by which reading a bound variable is paid for. It cannot be written in CEL.
const EACH: &str = "@each";

impl Expression {
    /// Reads an expression about a kind of resource.
    pub(crate) fn parse(source: &str, noun: &Noun) -> Result<Self, Vec<Fault>> {
        let fault = |what: Said, help: Option<Said>| Fault { line: 1, column: 1, what, help };
        if source.len() > limits::BYTES {
            let most = limits::BYTES;
            let what = said(
                format!("the expression has {} bytes, more than {most}", source.len()),
                format!("式が {} バイトあり、上限の {most} バイトを超えています", source.len()),
            );
            let help = said("make two checks of it", "2つのチェックに分けてください");
            return Err(vec![fault(what, Some(help))]);
        }
        let (tree, info) = parse(source)?;
        let mut expression =
            Self { tree, fields: BTreeSet::new(), functions: BTreeSet::new(), variables: BTreeSet::new() };
        let mut tree = std::mem::take(&mut expression.tree);
        let mut reader = Reader {
            expression: &mut expression,
            noun,
            info: &info,
            source,
            faults: Vec::new(),
            bound: Vec::new(),
            nodes: 0,
            loops: 0,
            nested: 0,
            depth: 0,
            maps: 0,
        };
        reader.visit(&mut tree);
        reader.sizes(&tree);
        let faults = reader.faults;
        expression.tree = tree;
        if faults.is_empty() { Ok(expression) } else { Err(faults) }
    }

    /// Whether it asks what time it is.
    pub(crate) fn uses_now(&self) -> bool {
        self.variables.contains("now")
            || self.functions.iter().any(|name| ["age_days", "allows"].contains(name))
    }
}

/// Parses an expression, on a thread of its own: for each level of an expression the parser goes down through all rules of
/// the grammar, and takes more of the stack than small threads have.
fn parse(source: &str) -> Result<(IdedExpr, SourceInfo), Vec<Fault>> {
    let whole = |why: &str| {
        let what = said(format!("the parser failed: {why}"), format!("構文解析に失敗しました：{why}"));
        vec![Fault { line: 1, column: 1, what, help: None }]
    };
    let positive = |at: isize| usize::try_from(at).unwrap_or(1).max(1);
    let work = move || {
        let parser = ENV.parser().max_recursion_depth(limits::PARSER_DEPTH);
        parser.parse_with_source_info(source).map_err(|errors| {
            // What the parser says of the rest is of its own making.
            if let Some(deep) = errors.errors.iter().find(|error| error.msg.contains("Recursion limit")) {
                let most = limits::PARSER_DEPTH;
                let what = said(
                    format!("the expression is nested more than {most} deep"),
                    format!("式の入れ子が{most}段を超えています"),
                );
                let help = Some(said("make two checks of it", "2つのチェックに分けてください"));
                return vec![Fault { line: positive(deep.pos.0), column: positive(deep.pos.1), what, help }];
            }
            let of = |error: &cel::ParseError| {
                // The parser's own errors are told by its debug format, with all that they hold.
                let message = match error.msg.split_once("msg: \"") {
                    Some((_, rest)) => rest.split('"').next().unwrap_or_default(),
                    None => &error.msg,
                };
                let (line, column) = (positive(error.pos.0), positive(error.pos.1));
                let what = said(message, format!("構文エラー：{message}"));
                Fault { line, column, what, help: None }
            };
            errors.errors.iter().map(of).collect::<Vec<_>>()
        })
    };
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(limits::PARSER_STACK).spawn_scoped(scope, work);
        let thread = thread.map_err(|error| whole(&error.to_string()))?;
        thread.join().unwrap_or_else(|panic| Err(whole(&panicked(&*panic))))
    })
}

/// Reads through an expression: what it names must be there, and what it does is paid for.
struct Reader<'a> {
    expression: &'a mut Expression,
    noun: &'a Noun,
    info: &'a SourceInfo,
    source: &'a str,
    faults: Vec<Fault>,
    /// Variables of the loops around, with their shapes; none for what loops count with.
    bound: Vec<(String, Option<Shape>)>,
    nodes: usize,
    loops: usize,
    nested: usize,
    depth: usize,
    maps: usize,
}

impl Reader<'_> {
    /// The shape of what it comes to.
    fn visit(&mut self, expr: &mut IdedExpr) -> Shape {
        self.nodes += 1;
        self.depth += 1;
        // What is too large is told once, and not read any further.
        let shape = if self.nodes > limits::NODES || self.depth > limits::DEPTH {
            Shape::Any
        } else {
            self.known(expr)
        };
        self.depth -= 1;
        shape
    }

    fn known(&mut self, expr: &mut IdedExpr) -> Shape {
        let id = expr.id;
        match &mut expr.expr {
            Expr::Unspecified | Expr::Literal(_) => Shape::Any,
            Expr::Ident(name) => match self.bound.iter().rev().find(|(bound, _)| bound == name) {
                Some((_, None)) => Shape::Any,
                Some((_, Some(shape))) => {
                    let shape = shape.clone();
                    paid(expr);
                    shape
                }
                None => self.variable(id, &name.clone()),
            },
            Expr::Select(select) => {
                let field = select.field.clone();
                if self.is_resource(&select.operand) {
                    return self.field_of_resource(id, &field);
                }
                let operand = self.visit(&mut select.operand);
                self.field(id, &operand, &field)
            }
            Expr::Call(call) => self.call(id, call),
            Expr::List(list) => {
                list.elements.iter_mut().for_each(|element| {
                    self.visit(element);
                });
                Shape::Any
            }
            Expr::Map(map) => {
                for entry in &mut map.entries {
                    if let EntryExpr::MapEntry(entry) = &mut entry.expr {
                        self.visit(&mut entry.key);
                        self.visit(&mut entry.value);
                    }
                }
                Shape::Any
            }
            Expr::Struct(_) => {
                let what = said("there are no messages here", "メッセージ型は使えません");
                self.fault(id, what, None);
                Shape::Any
            }
            Expr::Comprehension(each) => {
                self.loops += 1;
                let is_map = is_map(&each.accu_init, &each.loop_step, &each.iter_var);
                if is_map {
                    if self.maps > 0 {
                        let what = said("a `map` in a `map`", "`map` の中に `map` があります");
                        let help = said(
                            "use `exists`, `all` or `filter` for one of them",
                            "どちらかを `exists`、`all`、`filter` にしてください",
                        );
                        self.fault(id, what, Some(help));
                    }
                    self.maps += 1;
                }
                let range = self.visit(&mut each.iter_range);
                paid(&mut each.iter_range);
                self.nested += 1;
                if self.nested > limits::NESTED_LOOPS {
                    let most = limits::NESTED_LOOPS;
                    let what = said(
                        format!("more than {most} loops within each other"),
                        format!("ループの入れ子が{most}段を超えています"),
                    );
                    self.fault(id, what, None);
                }
                let before = self.bound.len();
                self.bound.push((each.accu_var.clone(), None));
                self.visit(&mut each.accu_init);
                self.bound.push((each.iter_var.clone(), Some(range.item().clone())));
                self.bound.extend(each.iter_var2.iter().map(|name| (name.clone(), Some(Shape::Any))));
                // The condition and the result are the macro's own.
                self.visit(&mut each.loop_step);
                self.bound.truncate(before);
                self.nested -= 1;
                if is_map {
                    self.maps -= 1;
                }
                Shape::Any
            }
        }
    }

    fn call(&mut self, id: u64, call: &mut CallExpr) -> Shape {
        let name = call.func_name.clone();
        let is_operator = !name.starts_with(|c: char| c.is_ascii_alphabetic());
        if is_operator {
            if name == operators::INDEX
                && let [operand, index] = &mut call.args[..]
            {
                if self.is_resource(operand) {
                    // `r['name']` is `r.name`.
                    if let Expr::Literal(LiteralValue::String(field)) = &index.expr {
                        let field = field.inner().to_owned();
                        return self.field_of_resource(id, &field);
                    }
                }
                let shape = self.visit(operand);
                self.visit(index);
                return match (&shape, &index.expr) {
                    (Shape::Map(values), _) => (**values).clone(),
                    (Shape::Object(_), Expr::Literal(LiteralValue::String(field))) => {
                        let field = field.inner().to_owned();
                        self.field(id, &shape, &field)
                    }
                    (shape, _) => shape.item().clone(),
                };
            }
            let shapes: Vec<_> = call.args.iter_mut().map(|arg| self.visit(arg)).collect();
            return match (name.as_str(), &shapes[..]) {
                (operators::CONDITIONAL, [_, one, other]) if one == other => one.clone(),
                _ => Shape::Any,
            };
        }
        let ours = functions::ALL.iter().find(|it| it.name == name);
        if let Some(function) = ours.filter(|_| call.target.is_none()) {
            self.expression.functions.insert(function.name);
            if call.args.len() != function.parameters.len() {
                let signature = function.signature();
                let what =
                    said(format!("`{name}` takes other arguments"), format!("`{name}` の引数が違います"));
                self.fault(
                    id,
                    what,
                    Some(said(format!("write {signature}"), format!("{signature} と書いてください"))),
                );
            }
            let about_resource = function.parameters.first() == Some(&"r");
            if about_resource && !call.args.first().is_some_and(|arg| self.is_resource(arg)) {
                let what = said(
                    format!("`{name}` is about the resource itself"),
                    format!("`{name}` の対象はリソース自身だけです"),
                );
                self.fault(id, what, Some(said("write `r`", "`r` と書いてください")));
            }
            if about_resource && !self.noun.has_fact(function.name) {
                let nouns: Vec<_> =
                    view::NOUNS.iter().filter(|it| it.has_fact(function.name)).map(|it| it.name).collect();
                let what = said(
                    format!("`{name}` has no answer for `{}`", self.noun.name),
                    format!("`{}` では `{name}` を使えません", self.noun.name),
                );
                let help = said(
                    format!("it has one for {}", nouns.join(", ")),
                    format!("使えるのは {} です", nouns.join("、")),
                );
                self.fault(id, what, Some(help));
            }
            if name == "matches" {
                self.pattern(id, call);
            }
            for arg in call.args.iter_mut().skip(usize::from(about_resource)) {
                self.visit(arg);
            }
            return Shape::Any;
        }
        let known: &[&str] = if call.target.is_some() { &METHODS } else { &OF_CEL };
        if !known.contains(&name.as_str()) {
            let what =
                said(format!("there is no function `{name}`"), format!("`{name}` という関数はありません"));
            let ours = functions::ALL.iter().map(|it| it.name);
            let all: Vec<_> = OF_CEL.into_iter().chain(METHODS).chain(MACROS).chain(ours).collect();
            self.fault(id, what, Some(instead(&name, all)));
        } else if name == "matches" {
            self.expression.functions.insert("matches");
            self.pattern(id, call);
        }
        if let Some(target) = &mut call.target {
            self.visit(target);
        }
        for arg in &mut call.args {
            self.visit(arg);
        }
        Shape::Any
    }

    /// A pattern that is written out can be tried at once.
    fn pattern(&mut self, id: u64, call: &CallExpr) {
        if let Some(Expr::Literal(LiteralValue::String(text))) = call.args.last().map(|arg| &arg.expr)
            && let Err(error) = pattern(text.inner())
        {
            let error = error.to_string().replace('\n', " ");
            self.fault(id, said(format!("no pattern: {error}"), format!("正規表現の誤り：{error}")), None);
        }
    }

    fn is_resource(&self, expr: &IdedExpr) -> bool {
        matches!(&expr.expr, Expr::Ident(name) if name == "r")
            && !self.bound.iter().any(|(bound, _)| bound == "r")
    }

    fn variable(&mut self, id: u64, name: &str) -> Shape {
        if name == "r" {
            let what = said("`r` alone has no meaning here", "ここで `r` だけを書いても意味がありません");
            self.fault(
                id,
                what,
                Some(said("name a field: `r.id`", "`r.id` のようにフィールドを書いてください")),
            );
            return Shape::Any;
        }
        let variables = variables();
        match variables.iter().find(|(known, _)| *known == name) {
            Some((known, shape)) => {
                self.expression.variables.insert(known);
                shape.clone()
            }
            // The names of types, as in `type(x) == string`.
            None if OF_CEL.contains(&name) || ["list", "map", "null_type"].contains(&name) => Shape::Any,
            None => {
                let what = said(
                    format!("there is no variable `{name}`"),
                    format!("`{name}` という変数はありません"),
                );
                let names: Vec<_> = variables.iter().map(|(name, _)| *name).chain(["r"]).collect();
                self.fault(id, what, Some(instead(name, names)));
                Shape::Any
            }
        }
    }

    fn field_of_resource(&mut self, id: u64, name: &str) -> Shape {
        if let Some(field) = self.noun.fields().iter().find(|field| field.name == name) {
            self.expression.fields.insert(field.name);
        }
        let shape = self.noun.shape();
        self.field(id, &shape, name)
    }

    fn field(&mut self, id: u64, of: &Shape, name: &str) -> Shape {
        match of.field(name) {
            Ok(shape) => shape.clone(),
            Err(no_field) => {
                let (what, help) = no_field.told(self.noun.name);
                self.fault(id, what, Some(help));
                Shape::Any
            }
        }
    }

    fn fault(&mut self, id: u64, what: Said, help: Option<Said>) {
        let at = self.info.offset_for(id).map_or(0, |(start, _)| start as usize);
        let before: String = self.source.chars().take(at).collect();
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        self.faults.push(Fault { line, column, what, help });
    }

    /// Whether it is small enough.
    fn sizes(&mut self, tree: &IdedExpr) {
        let told = [
            (
                self.nodes > limits::NODES,
                said(
                    format!("the expression has more than {} parts", limits::NODES),
                    format!("式の要素が{}個を超えています", limits::NODES),
                ),
            ),
            (
                self.loops > limits::LOOPS,
                said(
                    format!("the expression has more than {} loops", limits::LOOPS),
                    format!("式のループが{}個を超えています", limits::LOOPS),
                ),
            ),
            (
                self.nodes <= limits::NODES && depth(tree) > limits::DEPTH,
                said(
                    format!("the expression is nested more than {} deep", limits::DEPTH),
                    format!("式の入れ子が{}段を超えています", limits::DEPTH),
                ),
            ),
        ];
        for (is, what) in told {
            if is {
                let help = said("make two checks of it", "2つのチェックに分けてください");
                self.fault(tree.id, what, Some(help));
            }
        }
    }
}

/// How deep an expression is, counted without recursion: it may be too deep for that.
fn depth(tree: &IdedExpr) -> usize {
    let (mut open, mut deepest) = (vec![(tree, 1)], 0);
    while let Some((expr, depth)) = open.pop() {
        deepest = deepest.max(depth);
        let mut below = |expr| open.push((expr, depth + 1));
        match &expr.expr {
            Expr::Call(call) => call.target.as_deref().into_iter().chain(&call.args).for_each(below),
            Expr::Select(select) => below(&select.operand),
            Expr::List(list) => list.elements.iter().for_each(below),
            Expr::Map(map) => {
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        below(&entry.key);
                        below(&entry.value);
                    }
                }
            }
            Expr::Comprehension(each) => {
                [&each.iter_range, &each.accu_init, &each.loop_step].into_iter().for_each(below);
            }
            Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) | Expr::Struct(_) => {}
        }
    }
    deepest
}

/// Whether a loop makes a list of new values: `map`, not `filter`, whose items are those it is given.
fn is_map(init: &IdedExpr, step: &IdedExpr, variable: &str) -> bool {
    fn appended(step: &IdedExpr) -> Option<&IdedExpr> {
        let Expr::Call(call) = &step.expr else { return None };
        match (call.func_name.as_str(), &call.args[..]) {
            (operators::ADD, [_, items]) => match &items.expr {
                Expr::List(list) => list.elements.first(),
                _ => None,
            },
            (operators::CONDITIONAL, [_, step, _]) => appended(step),
            _ => None,
        }
    }
    let makes_list = matches!(&init.expr, Expr::List(list) if list.elements.is_empty());
    let is_itself = |item: &IdedExpr| matches!(&item.expr, Expr::Ident(name) if name == variable);
    makes_list && !appended(step).is_some_and(is_itself)
}

/// Makes whatever reads the value pay for it.
fn paid(expr: &mut IdedExpr) {
    let inner = std::mem::take(expr);
    expr.id = inner.id;
    expr.expr = Expr::Call(CallExpr { func_name: EACH.to_owned(), target: None, args: vec![inner] });
}

/// A pattern, of bounded size; matching takes time in proportion to the text.
pub(crate) fn pattern(text: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(text).size_limit(limits::PATTERN_BYTES).dfa_size_limit(limits::PATTERN_BYTES).build()
}

/// What an expression is evaluated on.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    /// The fields of the resource, at least those that the expressions read.
    pub(crate) resource: Node,
    /// What our analyses say of it.
    pub(crate) facts: Facts,
    /// The variables by name.
    pub(crate) variables: Vec<(&'static str, Node)>,
}

/// Evaluates the expressions of one check, and counts what that costs.
pub(crate) struct Machine {
    root: Context<'static, 'static>,
    run: Arc<Run>,
    spent: u64,
}

/// A function as the evaluator calls it.
type Function = Box<
    dyn for<'b, 'v> Fn(&mut FunctionContext<'b, 'v>) -> Result<CowVal<'b, 'v>, ExecutionError> + Send + Sync,
>;

impl Machine {
    pub(crate) fn new() -> Self {
        let run = Arc::new(Run::default());
        let mut root = Context::with_env(Arc::clone(&ENV));
        let mut add = |name: &str, function: Function| {
            // No name of ours is one of the language's.
            debug_assert!(root.add_function(name, function).is_ok(), "{name}");
        };
        let each = Arc::clone(&run);
        add(
            EACH,
            Box::new(move |call| {
                let value = call.args.pop().ok_or_else(ExecutionError::missing_argument_or_target)?;
                each.spend(cost(&*value))?;
                // In an order of its own a map would make other evidence each time.
                Ok(match value.downcast_ref::<CelMap<'_>>() {
                    Some(map) => CowVal::owned(sorted_keys(map)),
                    None => value,
                })
            }),
        );
        for function in &functions::ALL {
            let run = Arc::clone(&run);
            add(
                function.name,
                Box::new(move |call| {
                    let now = call.ptx.get_variable("now");
                    let now = now
                        .as_deref()
                        .and_then(|now| now.downcast_ref::<CelString<'_>>())
                        .map(|now| now.inner());
                    let arguments: Vec<&dyn Val> =
                        call.this.iter().chain(&call.args).map(|it| &**it).collect();
                    (function.call)(&run, now, &arguments).map(|yes| match yes {
                        functions::Returned::Bool(yes) => CowVal::owned(CelBool::from(yes)),
                        functions::Returned::Int(number) => CowVal::owned(CelInt::from(number)),
                    })
                }),
            );
        }
        Self { root, run, spent: 0 }
    }

    /// What the expression comes to, which must be yes or no.
    pub(crate) fn decide(&mut self, expression: &Expression, given: &Given) -> Answer<bool> {
        let value = self.evaluate(expression, given);
        value.and_then(|value| match value.downcast_ref::<CelBool>() {
            Some(yes) => Answer::Known(*yes.inner()),
            None => Answer::Failed(format!("it comes to {}, not to true or false", to_json(&*value))),
        })
    }

    /// What the expression comes to, as JSON.
    pub(crate) fn tell(&mut self, expression: &Expression, given: &Given) -> Answer<Json> {
        self.evaluate(expression, given).and_then(|value| Answer::Known(to_json(&*value)))
    }

    fn evaluate(&mut self, expression: &Expression, given: &Given) -> Answer<Box<dyn Val>> {
        if self.spent > limits::STEPS_OF_CHECK {
            let most = limits::STEPS_OF_CHECK;
            return Answer::Failed(format!("the check takes more than {most} steps on all resources"));
        }
        let empty = std::collections::BTreeMap::new();
        let fields = if let Node::Object(fields) = &given.resource { fields } else { &empty };
        let mut scope = self.root.new_inner_scope();
        scope.add_variable_as_val("r", Box::new(Object::of(fields, Some(given.facts.clone()), &self.run)));
        for (name, node) in &given.variables {
            if expression.variables.contains(name) || *name == "now" {
                scope.add_variable_as_val(*name, crate::value::value(node, &self.run));
            }
        }
        self.run.begin();
        let result = catch_unwind(AssertUnwindSafe(|| {
            Value::resolve_val(&expression.tree, &scope).map(|value| {
                let value: Box<dyn Val> = owned(&*value);
                value
            })
        }));
        self.spent += self.run.spent();
        let gaps = self.run.take_gaps();
        match result {
            Err(panic) => Answer::Failed(format!("the evaluator failed: {}", panicked(&*panic))),
            Ok(_) if self.run.is_over() => {
                Answer::Failed(format!("it takes more than {} steps on this resource", limits::STEPS))
            }
            Ok(Ok(value)) if !self.run.is_tainted() => Answer::Known(value),
            Ok(Ok(_)) => Answer::Unread(gaps),
            Ok(Err(_)) if !gaps.is_empty() => Answer::Unread(gaps),
            Ok(Err(_)) if self.run.met_not_offered() => Answer::NotOffered,
            Ok(Err(error)) => Answer::Failed(short(&error.to_string())),
        }
    }
}

/// The same, borrowing nothing.
fn owned(value: &dyn Val) -> Box<dyn Val> {
    if let Some(it) = value.downcast_ref::<CelString<'_>>() {
        Box::new(CelString::from(it.inner().to_owned()))
    } else if let Some(it) = value.downcast_ref::<CelList<'_>>() {
        Box::new(CelList::from(it.inner().iter().map(|it| owned(&**it)).collect::<Vec<_>>()))
    } else if let Some(it) = value.downcast_ref::<CelMap<'_>>() {
        let entries = it.inner().iter().map(|(key, value)| (key.clone().into_static(), owned(&**value)));
        Box::new(CelMap::from(entries.collect::<std::collections::HashMap<_, _>>()))
    } else if let Some(it) = value.downcast_ref::<Object>() {
        Box::new(it.clone())
    } else if let Some(it) = value.downcast_ref::<CelBool>() {
        Box::new(CelBool::from(*it.inner()))
    } else if let Some(it) = value.downcast_ref::<CelInt>() {
        Box::new(CelInt::from(*it.inner()))
    } else if let Some(it) = value.downcast_ref::<cel::common::types::CelUInt>() {
        Box::new(cel::common::types::CelUInt::from(*it.inner()))
    } else if let Some(it) = value.downcast_ref::<cel::common::types::CelDouble>() {
        Box::new(cel::common::types::CelDouble::from(*it.inner()))
    } else {
        Box::new(CelNull)
    }
}

/// The keys of a map, in order.
fn sorted_keys(map: &CelMap<'_>) -> CelList<'static> {
    let mut keys: Vec<&str> = map
        .inner()
        .keys()
        .filter_map(|key| key.inner().downcast_ref::<CelString<'_>>().map(CelString::inner))
        .collect();
    keys.sort_unstable();
    CelList::from(
        keys.into_iter()
            .map(|key| Box::new(CelString::from(key.to_owned())) as Box<dyn Val>)
            .collect::<Vec<_>>(),
    )
}

/// What a panic says.
fn panicked(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    short(&text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default())
}

/// Values of the account may be part of an error, at any length.
fn short(text: &str) -> String {
    match text.char_indices().nth(300) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
