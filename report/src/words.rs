//! Words that several formats say, in both languages.

use aws_audit_checks::{
    finding::{Resource, Severity, Status},
    page::Lang,
    report::State,
};

/// The text in the language.
pub const fn say<T: Copy>(lang: Lang, english: T, japanese: T) -> T {
    match lang {
        Lang::En => english,
        Lang::Ja => japanese,
    }
}

/// How bad it is.
pub const fn severity(severity: Severity, lang: Lang) -> &'static str {
    let japanese = match severity {
        Severity::Critical => "重大",
        Severity::High => "高",
        Severity::Medium => "中",
        Severity::Low => "低",
        Severity::Info => "情報",
    };
    say(lang, severity.name(), japanese)
}

/// What the check says. In English it is the status's name in JSON.
pub const fn status(status: Status, lang: Lang) -> &'static str {
    match status {
        Status::Fail => say(lang, "fail", "NG"),
        Status::Pass => say(lang, "pass", "OK"),
        Status::Unknown => say(lang, "unknown", "判定不能"),
        Status::Suppressed => say(lang, "suppressed", "抑制"),
    }
}

/// How it stands to the baseline. In English it is the state's name in JSON.
pub const fn state(state: State, lang: Lang) -> &'static str {
    match state {
        State::New => say(lang, "new", "新規"),
        State::Persisting => say(lang, "persisting", "継続"),
        State::Resolved => say(lang, "resolved", "解消"),
    }
}

/// The resource as AWS's console shows it: name and id; the account in words.
pub fn resource(resource: &Resource, lang: Lang) -> String {
    if resource.id == resource.account {
        return say(lang, "the account", "アカウント全体").to_owned();
    }
    match resource.name.as_deref() {
        Some(name) if !name.is_empty() && name != resource.id => format!("{name} ({})", resource.id),
        _ => resource.id.clone(),
    }
}
