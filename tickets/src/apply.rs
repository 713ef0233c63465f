//! Doing what a plan says, in whatever tracker.

use std::fmt::Write as _;

use aws_audit_checks::page::Lang;
use aws_audit_report::{
    shown,
    words::{self, say},
};
use serde::{Deserialize, Serialize};

use crate::{
    plan::{Action, Item, Plan, Why},
    resolve,
};

/// A ticket that there is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The tracker's name of it: a number, a key.
    pub id: String,
    /// How it stands.
    pub state: State,
    /// Its labels.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Its headline.
    #[serde(default)]
    pub title: String,
    /// Its text, or as much of it as has the [`crate::Marker`].
    #[serde(default)]
    pub text: String,
    /// Its key, where the tracker keeps that elsewhere and the text is not told.
    #[serde(default)]
    pub key: Option<String>,
}

/// How a ticket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// There is something to do.
    Open,
    /// It is done.
    Closed,
    /// It will not be done: a person has decided so. It is not opened again.
    Declined,
}

/// Where tickets are.
pub trait Tracker {
    /// Every ticket of aws-audit in it, oldest first; none where it does not tell.
    ///
    /// # Errors
    /// When they cannot all be read: with some of them missing, tickets would be made twice.
    fn tickets(&mut self) -> Result<Option<Vec<Ticket>>>;

    /// Does what the item says.
    ///
    /// # Errors
    /// When it is not done, or not known to be.
    fn act(&mut self, item: &Item) -> Result<Done>;
}

/// What came of something.
pub type Result<T> = std::result::Result<T, Failure>;

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// What was asked for; with an address or a name of the ticket.
    Done(String),
    /// What was asked for, but for a comment on it: the name of the ticket, and why it has none.
    WithoutComment(String, String),
    /// Nothing: it is so already.
    Already,
    /// Nothing: the tracker's side has a reason to leave it.
    LeftAlone(String),
}

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// In words, those of others among them; never with a credential.
    pub what: String,
    /// The same in Japanese, where it is not in the words of others.
    ja: Option<String>,
    /// Whether nothing else would work either.
    pub is_final: bool,
}

impl Failure {
    /// One thing does not work.
    pub fn one(what: impl Into<String>) -> Self {
        Self { what: what.into(), ja: None, is_final: false }
    }

    /// Nothing will work.
    pub fn all(what: impl Into<String>) -> Self {
        Self { what: what.into(), ja: None, is_final: true }
    }

    /// With what it says in Japanese.
    #[must_use]
    pub fn in_japanese(self, what: impl Into<String>) -> Self {
        Self { ja: Some(what.into()), ..self }
    }

    /// As something without which nothing works.
    #[must_use]
    pub fn final_one(self) -> Self {
        Self { is_final: true, ..self }
    }

    /// What it says in that language.
    #[must_use]
    pub fn told(&self, lang: Lang) -> &str {
        match (lang, &self.ja) {
            (Lang::Ja, Some(told)) => told,
            _ => &self.what,
        }
    }
}

/// What came of an item.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The item.
    pub item: Item,
    /// What came of it; none where it was not tried, after something that nothing works without.
    pub result: Option<Result<Done>>,
}

impl Outcome {
    /// Whether what the plan says is so now.
    #[must_use]
    pub const fn is_good(&self) -> bool {
        matches!(self.result, Some(Ok(_)))
    }
}

/// What is left to do of the plan in that tracker: reads, and changes nothing.
///
/// # Errors
/// When the tracker's tickets cannot be read.
pub fn rehearse(plan: &Plan, tracker: &mut dyn Tracker) -> Result<Plan> {
    Ok(match tracker.tickets()? {
        Some(known) => resolve(plan, &known),
        None => plan.clone(),
    })
}

/// Does what is left to do, one after the other, as [`rehearse`] has told it. One that fails leaves the others to be done.
pub fn apply(plan: &Plan, tracker: &mut dyn Tracker) -> Vec<Outcome> {
    let mut is_over = false;
    let outcomes = plan.items.iter().map(|item| {
        let result = match item.action {
            Action::None => Some(Ok(Done::Already)),
            _ if is_over => None,
            _ => Some(tracker.act(item)),
        };
        is_over |= matches!(&result, Some(Err(failure)) if failure.is_final);
        Outcome { item: item.clone(), result }
    });
    outcomes.collect()
}

/// A plan for people: a line for each item with something to do or a decision of a person's, and one with the counts.
#[must_use]
pub fn told_plan(plan: &Plan, lang: Lang) -> String {
    let mut out = String::new();
    let is_told = |item: &&Item| item.action != Action::None || matches!(item.why, Why::Kept | Why::Declined);
    for item in plan.items.iter().filter(is_told) {
        _ = writeln!(out, "{}", line(item, lang));
    }
    let count = |action| plan.items.iter().filter(|item| item.action == action).count();
    let [create, update, reopen, close, none] =
        [Action::Create, Action::Update, Action::Reopen, Action::Close, Action::None].map(count);
    let deferred = plan.items.iter().filter(|item| item.why == Why::Deferred).count();
    let none = none - deferred;
    _ = match lang {
        Lang::En => writeln!(
            out,
            "{create} to create, {update} to update, {reopen} to reopen, {close} to close, {none} as they are; \
             {deferred} beyond the ceiling of this run"
        ),
        Lang::Ja => writeln!(
            out,
            "作成 {create}件、更新 {update}件、再オープン {reopen}件、クローズ {close}件、変更なし {none}件、\
             今回の上限を超えたもの {deferred}件"
        ),
    };
    out
}

/// Outcomes for people, a line for each item that was not as it should be, and one with the counts.
#[must_use]
pub fn told(outcomes: &[Outcome], lang: Lang) -> String {
    let mut out = String::new();
    let (mut done, mut already, mut left, mut failed) = (0, 0, 0, 0);
    for Outcome { item, result } in outcomes {
        let colon = say(lang, ": ", "：");
        let mut told = |mark: &str, what: &str| {
            let what = if what.is_empty() { String::new() } else { format!("{colon}{}", shown(what, 500)) };
            _ = writeln!(out, "{mark} {}{what}", line(item, lang));
        };
        match result {
            Some(Ok(Done::Already)) => already += 1,
            Some(Ok(Done::Done(at))) => {
                done += 1;
                told(say(lang, "done  ", "完了  "), at);
            }
            Some(Ok(Done::WithoutComment(at, why))) => {
                done += 1;
                let why = match lang {
                    Lang::En => format!("{at}, without a comment ({why})"),
                    Lang::Ja => format!("{at}、コメントなし（{why}）"),
                };
                told(say(lang, "done  ", "完了  "), &why);
            }
            Some(Ok(Done::LeftAlone(why))) => {
                left += 1;
                told(say(lang, "left  ", "対象外"), why);
            }
            Some(Err(failure)) => {
                failed += 1;
                told(say(lang, "FAILED", "失敗  "), failure.told(lang));
            }
            None => {
                failed += 1;
                told(say(lang, "FAILED", "失敗  "), say(lang, "not tried after that", "中断したため未実行"));
            }
        }
    }
    _ = match lang {
        Lang::En => writeln!(
            out,
            "{done} done, {already} as they should be already, {left} left alone, {failed} failed"
        ),
        Lang::Ja => writeln!(out, "完了 {done}件、変更不要 {already}件、対象外 {left}件、失敗 {failed}件"),
    };
    out
}

/// `create  critical  Security group sg-1 is open to the internet (new)`
fn line(item: &Item, lang: Lang) -> String {
    let action = match item.action {
        Action::Create => say(lang, "create", "作成"),
        Action::Update => say(lang, "update", "更新"),
        Action::Reopen => say(lang, "reopen", "再オープン"),
        Action::Close => say(lang, "close", "クローズ"),
        Action::None => say(lang, "leave", "変更なし"),
    };
    let ticket = item.ticket.as_ref().map(|id| format!(" {}", shown(id, 40))).unwrap_or_default();
    let (severity, title) = (words::severity(item.severity, lang), shown(&item.title, 120));
    let why = why(item.why, lang);
    match lang {
        Lang::En => format!("{action}{ticket} · {severity} · {title} ({why})"),
        Lang::Ja => format!("{action}{ticket} · {severity} · {title}（{why}）"),
    }
}

const fn why(why: Why, lang: Lang) -> &'static str {
    match why {
        Why::New => say(lang, "new", "新規"),
        Why::Again => say(lang, "seen again", "再検出"),
        Why::Same => say(lang, "as before", "変化なし"),
        Why::Changed => say(lang, "changed", "変化あり"),
        Why::Below => say(lang, "severity has fallen", "重要度が下がった"),
        Why::Fixed => say(lang, "fixed", "解消"),
        Why::Accepted => say(lang, "accepted", "抑制"),
        Why::Moved => say(lang, "told of in another ticket", "別のチケットに移動"),
        Why::Deferred => say(lang, "beyond the ceiling of this run", "今回の上限を超過"),
        Why::Others => say(lang, "lists what has no ticket", "チケットのないものの一覧"),
        Why::Kept => say(lang, "labelled to be kept", "保持のラベルあり"),
        Why::Declined => say(lang, "closed as not planned", "対応しないとして完了済み"),
        Why::Duplicate => say(lang, "another one has the same key", "同じキーのチケットあり"),
    }
}
