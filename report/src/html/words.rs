//! What the page says in its own words: `words.en.json` and `words.ja.json`.
//!
//! `{name}` stands for a value. An English text may have two forms, for one and for any other number, with `|` between.

use std::{collections::BTreeMap, sync::LazyLock};

use aws_audit_checks::{finding::Severity, page::Lang, report_paths::NodeKind};
use serde::Deserialize;
use serde_json::Value;

macro_rules! words {
    ($($name:ident)*) => {
        /// The words of one language.
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct Words {
            $(pub $name: String,)*
            /// What is to be done: with a critical failure or below 50; with a high one or below 80; else.
            pub score_band: [String; 3],
            /// What the nodes of paths are.
            pub kinds: BTreeMap<NodeKind, String>,
            /// What the script says.
            pub script: Value,
        }

        #[cfg(test)]
        impl Words {
            /// Every text but the script's, with its name.
            pub fn all(&self) -> Vec<(&'static str, &str)> {
                vec![$((stringify!($name), self.$name.as_str()),)*]
            }
        }
    };
}

words! {
    title skip contents account partition regions no_region scanned seconds minutes calls calls_refused checks_run
    framework made_by  overall of_100 score_alt no_score no_score_regions no_score_judged no_score_nothing
    failing failing_groups one_check no_findings no_findings_unknown unlisted judged judged_alt judged_none all_read paths paths_lead
    path_certain path_conditional path_unknown path_alt path_more path_finding paths_other paths_more steps_more
    findings_more fix_first fix_first_lead cuts cuts_only
    not_all_read gaps_only since_baseline state_new state_persisting state_resolved first first_after_paths first_lead controls
    controls_lead control number score fails passes unknowns worst none no_failures  manual not_covered services
    services_lead more_services service total share findings findings_lead filter search severity status order all state by_worst
    by_count by_service by_check reset expand n_findings  nothing_left critical high medium low info
    critical_means high_means medium_means low_means info_means docs  antipattern whole_account new
     long_command packed not_judged not_judged_lead not_judged_share share_judged resources
    unknown_alt not_read operation where_ cause actions everywhere global not_asked said to_allow to_allow_lead
    no_permission_helps unknown_findings suppressed suppressed_lead resolved resolved_lead passed passed_lead about
    about_read about_scores about_ids about_cut about_private theme print language
}

static ENGLISH: LazyLock<Words> = LazyLock::new(|| read(include_str!("words.en.json")));
static JAPANESE: LazyLock<Words> = LazyLock::new(|| read(include_str!("words.ja.json")));

fn read(text: &str) -> Words {
    serde_json::from_str(text).expect("the words are well-formed, as a test holds")
}

impl Words {
    pub fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::En => &ENGLISH,
            Lang::Ja => &JAPANESE,
        }
    }

    pub fn severity(&self, severity: Severity) -> &String {
        match severity {
            Severity::Critical => &self.critical,
            Severity::High => &self.high,
            Severity::Medium => &self.medium,
            Severity::Low => &self.low,
            Severity::Info => &self.info,
        }
    }

    /// What the severity means, in half a sentence.
    pub fn meaning(&self, severity: Severity) -> &String {
        match severity {
            Severity::Critical => &self.critical_means,
            Severity::High => &self.high_means,
            Severity::Medium => &self.medium_means,
            Severity::Low => &self.low_means,
            Severity::Info => &self.info_means,
        }
    }
}

/// The text with the values filled in; the form for one where a value named `n` is 1.
pub(super) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let is_one = values.iter().any(|(name, value)| *name == "n" && *value == "1");
    let form = match text.split_once('|') {
        Some((one, _)) if is_one => one,
        Some((_, other)) => other,
        None => text,
    };
    let mut out = String::with_capacity(form.len() + 16);
    let mut rest = form;
    // In one pass: a value must not be taken for a name.
    while let Some((before, (name, after))) =
        rest.split_once('{').and_then(|(before, from)| Some((before, from.split_once('}')?)))
    {
        out.push_str(before);
        let value = values.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        out.push_str(value.unwrap_or_default());
        rest = after;
    }
    out.push_str(rest);
    out
}
