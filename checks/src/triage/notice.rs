//! What there is to say about entries that do not do what was meant.

use jiff::civil::Date;

use crate::page::Lang;

/// Something about an entry that its author should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A suppression that holds no longer.
    Expired {
        /// The file and the line.
        source: String,
        /// Its last day.
        expires: Date,
        /// How many findings it would suppress.
        findings: usize,
    },
    /// An id or glob that names no check there is.
    NoCheck {
        /// The file and the line.
        source: String,
        /// As it is written.
        pattern: String,
        /// The check that is most like it.
        nearest: Option<String>,
        /// Whether a suppression names it.
        suppresses: bool,
    },
    /// A suppression without a finding.
    Unmatched {
        /// The file and the line.
        source: String,
        /// The first resource that it names.
        pattern: Option<String>,
        /// Whether what it names is there, and passes.
        is_fine: bool,
        /// The id or ARN of the resource that is most like what it names.
        nearest: Option<String>,
    },
    /// An override that no judged resource falls under.
    Unused {
        /// The file and the line.
        source: String,
    },
}

impl Notice {
    /// Whether it tells of a suppression that matches nothing, which `--strict-suppressions` makes an error.
    #[must_use]
    pub const fn is_unmatched(&self) -> bool {
        matches!(self, Self::NoCheck { suppresses: true, .. } | Self::Unmatched { .. })
    }

    /// What is to be said, in a sentence without its full stop.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Expired { source, expires, findings }, Lang::En) => {
                let findings = match findings {
                    0 => "it matches no finding and can be removed".to_owned(),
                    1 => "1 finding is told again".to_owned(),
                    _ => format!("{findings} findings are told again"),
                };
                format!("{source}: the suppression expired on {expires}; {findings}")
            }
            (Self::Expired { source, expires, findings }, Lang::Ja) => {
                let findings = match findings {
                    0 => "該当する検出結果はないため、削除できます".to_owned(),
                    _ => format!("検出結果{findings}件を再び報告します"),
                };
                format!("{source}：抑制の期限（{expires}）が切れました。{findings}")
            }
            (Self::NoCheck { source, pattern, .. }, Lang::En) => {
                format!("{source}: no check is called `{pattern}`")
            }
            (Self::NoCheck { source, pattern, .. }, Lang::Ja) => {
                format!("{source}：`{pattern}` というチェックはありません")
            }
            (Self::Unmatched { source, is_fine: true, .. }, Lang::En) => {
                format!("{source}: the suppression matches nothing any more: what it names passes")
            }
            (Self::Unmatched { source, is_fine: true, .. }, Lang::Ja) => {
                format!("{source}：抑制の対象は問題がなくなっています")
            }
            (Self::Unmatched { source, pattern, .. }, Lang::En) => {
                let pattern = pattern.as_ref().map(|it| format!(" (`{it}`)")).unwrap_or_default();
                format!("{source}: the suppression matches no finding{pattern}")
            }
            (Self::Unmatched { source, pattern, .. }, Lang::Ja) => {
                let pattern = pattern.as_ref().map(|it| format!("（`{it}`）")).unwrap_or_default();
                format!("{source}：抑制に該当する検出結果がありません{pattern}")
            }
            (Self::Unused { source }, Lang::En) => {
                format!("{source}: the override applies to no resource")
            }
            (Self::Unused { source }, Lang::Ja) => {
                format!("{source}：個別設定（override）に該当するリソースがありません")
            }
        }
    }

    /// What to do about it, where that can be said.
    #[must_use]
    pub fn help(&self, lang: Lang) -> Option<String> {
        Some(match (self, lang) {
            (
                Self::NoCheck { nearest: Some(name), .. } | Self::Unmatched { nearest: Some(name), .. },
                Lang::En,
            ) => {
                format!("did you mean `{name}`?")
            }
            (
                Self::NoCheck { nearest: Some(name), .. } | Self::Unmatched { nearest: Some(name), .. },
                Lang::Ja,
            ) => {
                format!("`{name}` ではありませんか")
            }
            (Self::NoCheck { .. }, Lang::En) => "`aws-audit checks` lists them".to_owned(),
            (Self::NoCheck { .. }, Lang::Ja) => {
                "チェックの一覧は `aws-audit checks` で確認できます".to_owned()
            }
            (Self::Unmatched { .. }, Lang::En) => {
                "remove it, or name the resource by its id or ARN as the JSON report has them".to_owned()
            }
            (Self::Unmatched { .. }, Lang::Ja) => {
                "削除するか、JSONレポートにあるリソースIDまたはARNで指定してください".to_owned()
            }
            (Self::Expired { .. } | Self::Unused { .. }, _) => return None,
        })
    }
}
