//! What a report tells of paths, in the other language: a report has one, and a page of it may have both.
//!
//! The words are made in `checks/src/analysis/paths/because.rs` and `checks/src/report_paths.rs`; tests hold these pairs to
//! them. What a finding says is not here, since its check's page tells it.

use aws_audit_checks::{
    page::Lang,
    report_paths::{NodeKind, PathNode},
};

/// English and Japanese, with `{}` for what is the same in both. The first that fits decides.
const REASONS: &[[&str; 2]] = &[
    ["policy {}, statement {}", "ポリシー {}、ステートメント {}"],
    ["target port {}", "ターゲットのポート {}"],
    ["stage {}", "ステージ {}"],
    ["origin {}", "オリジン {}"],
    ["route {} and {} more", "ルート {}、ほか{}個"],
    ["route {}", "ルート {}"],
    ["webhook, {}", "Webhook、{}"],
    ["access policy {}", "アクセスポリシー {}"],
    ["service account {}", "サービスアカウント {}"],
    ["instance profile", "インスタンスプロファイル"],
    ["its role", "割り当てられたロール"],
    ["role for unauthenticated identities", "未認証IDのロール"],
    ["self-registration", "自己登録"],
    ["role for authenticated identities of {}", "{} の認証済みIDのロール"],
    ["belongs to the user", "ユーザーの認証情報"],
    ["{} (resource policy, statement {})", "{}（リソースベースのポリシー、ステートメント {}）"],
    ["{} (policy {}, statement {})", "{}（ポリシー {}、ステートメント {}）"],
];

/// Between operations that lead to more rights, and what one of them goes through.
const THEN: [&str; 2] = [", then ", "、次に "];
const THROUGH: [&str; 2] = ["{} through {}", "{}（{} を経由）"];

/// What cannot be decided from here.
const CONDITIONS: &[[&str; 2]] = &[
    ["allow what decides to be sure", "確認には 判定に必要な操作 の許可が必要です"],
    ["allow {} to be sure", "確認には {} の許可が必要です"],
    ["if what listens there has a flaw", "待ち受けるソフトウェアに欠陥がある場合"],
    [
        "with a flaw such as {}, which Inspector found there",
        "Inspectorが検出した {} などの欠陥が悪用された場合",
    ],
    ["if what GuardDuty found there is an attack: {}", "GuardDutyの検出が実際の攻撃である場合：{}"],
    ["with a password", "パスワードを知っている場合"],
    ["if this condition is met: {}", "条件を満たす場合：{}"],
    ["if the KMS key lets the caller decrypt", "KMSキーでの復号が許可されている場合"],
    ["unless the account is one of the organization", "アカウントが同じ組織に属していない場合"],
    ["as far as the session policy allows", "セッションポリシーで許可される範囲に限る"],
    ["if a custom domain name leads to the API", "APIにカスタムドメイン名が割り当てられている場合"],
    [
        "if strangers may sign up with one of its app clients",
        "アプリクライアントで第三者がサインアップできる場合",
    ],
    [
        "if strangers may open pull requests in the repository",
        "リポジトリで第三者がプルリクエストを作成できる場合",
    ],
    [
        "if AWS still lets the account off granting lambda:InvokeFunction as well",
        "AWSの経過措置により、lambda:InvokeFunction の許可がなくても呼び出せる場合",
    ],
    ["with a bucket of a name that the policy lets in", "ポリシーが許可する名前のバケットを作成できる場合"],
];

/// What is outside, and passwords.
const NODES: &[(NodeKind, [&str; 2])] = &[
    (NodeKind::Internet, ["internet", "インターネット"]),
    (NodeKind::AnyAwsPrincipal, ["any AWS account", "任意のAWSアカウント"]),
    (NodeKind::ExternalAccount, ["another account", "別のアカウント"]),
    (NodeKind::Credential, ["password of {}", "{} のパスワード"]),
];

/// Where the search stopped.
const STOPPED: &[[&str; 2]] = &[
    [
        "The search stopped at {} steps; some users and roles were not looked at.",
        "{}段階に達したため探索を打ち切りました。一部のユーザーとロールは調べていません。",
    ],
    ["There are {} paths; only the worst are told.", "経路は{}件あります。重大なものだけを示しています。"],
];

/// Why a step can be taken, in the other language; none where it is not known to differ.
pub(super) fn reason(text: &str, from: Lang, to: Lang) -> Option<String> {
    if let Some(told) = among(REASONS, text, from, to) {
        return Some(told);
    }
    let [then, through] = [THEN, THROUGH].map(|pair| pair[from as usize]);
    if !text.contains(then) && captured(through, text).is_none() {
        return None;
    }
    let steps = text.split(then).map(|step| match captured(through, step) {
        Some(parts) => filled(THROUGH[to as usize], &parts),
        None => step.to_owned(),
    });
    Some(steps.collect::<Vec<_>>().join(THEN[to as usize]))
}

/// Under which condition, in the other language.
pub(super) fn condition(text: &str, from: Lang, to: Lang) -> Option<String> {
    among(CONDITIONS, text, from, to)
}

/// Why there may be more paths, in the other language.
pub(super) fn incomplete(text: &str, from: Lang, to: Lang) -> Option<String> {
    among(STOPPED, text, from, to)
}

/// The node as a report in the other language names it.
pub(super) fn node(node: &PathNode, from: Lang, to: Lang) -> PathNode {
    let pair = NODES.iter().find(|(kind, _)| *kind == node.kind);
    let id = pair.and_then(|(_, pair)| among(&[*pair], &node.id, from, to));
    PathNode { id: id.unwrap_or_else(|| node.id.clone()), ..node.clone() }
}

fn among(pairs: &[[&str; 2]], text: &str, from: Lang, to: Lang) -> Option<String> {
    pairs.iter().find_map(|pair| Some(filled(pair[to as usize], &captured(pair[from as usize], text)?)))
}

/// What stands in the place of each `{}`; none where the text is not of that form.
fn captured<'a>(form: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let mut fixed = form.split("{}");
    let mut rest = text.strip_prefix(fixed.next()?)?;
    let mut parts = Vec::new();
    let mut fixed = fixed.peekable();
    while let Some(next) = fixed.next() {
        let at = match fixed.peek() {
            // The last goes as far as the text.
            None => rest.strip_suffix(next).map(str::len)?,
            Some(_) => rest.find(next)?,
        };
        parts.push(&rest[..at]);
        rest = &rest[at + next.len()..];
    }
    rest.is_empty().then_some(parts)
}

fn filled(form: &str, parts: &[&str]) -> String {
    let mut fixed = form.split("{}");
    let mut out = fixed.next().unwrap_or_default().to_owned();
    for (part, fixed) in parts.iter().zip(fixed) {
        out.push_str(part);
        out.push_str(fixed);
    }
    out
}

#[cfg(test)]
mod tests {
    use aws_audit_checks::analysis::{
        escalation::Step,
        paths::because::{Because, Proof},
    };

    use super::*;

    const BOTH: [Lang; 2] = [Lang::En, Lang::Ja];

    /// In both languages, each is what comes of the other.
    fn holds(told: impl Fn(Lang) -> String, retold: impl Fn(&str, Lang, Lang) -> Option<String>) {
        let [english, japanese] = BOTH.map(&told);
        let [to, back] = [retold(&english, Lang::En, Lang::Ja), retold(&japanese, Lang::Ja, Lang::En)];
        if english == japanese {
            assert_eq!((to, back), (None, None));
        } else {
            assert_eq!((to, back), (Some(japanese), Some(english)));
        }
    }

    #[test]
    fn reasons_are_those_that_paths_tell() {
        let proof =
            || Proof { policy: "arn:aws:iam::111122223333:policy/a, b".into(), statement: "#1".into() };
        let step = |through: Option<&str>| Step {
            from: "arn:aws:iam::111122223333:role/x".into(),
            method: "lambda-001",
            actions: vec!["iam:PassRole", "lambda:CreateFunction"],
            statements: vec![],
            through: through.map(str::to_owned),
            to: "arn:aws:iam::111122223333:role/y".into(),
        };
        let reasons = [
            Because::Target(8080),
            Because::Stages("prod, test".into()),
            Because::Distribution,
            Because::Route { key: "GET /pets".into(), others: 0 },
            Because::Route { key: "GET /pets".into(), others: 2 },
            Because::Webhook(vec!["PULL_REQUEST_CREATED", "PULL_REQUEST_UPDATED"]),
            Because::AccessPolicy("AmazonEKSAdminPolicy"),
            Because::ServiceAccount("app/web".into()),
            Because::Origin("s3 (policy x, statement #1)".into()),
            Because::Inside { port: 5432, security_group: "sg-db".into() },
            Because::InstanceProfile("arn:aws:iam::111122223333:instance-profile/web".into()),
            Because::ExecutionRole,
            Because::GuestRole,
            Because::SignUp,
            Because::UserRole("app of {}".into()),
            Because::Owner,
            Because::Steps(vec![step(None)]),
            Because::Steps(vec![step(None), step(Some("arn:aws:iam::111122223333:policy/p")), step(None)]),
            Because::Steps(vec![step(Some("arn:aws:ec2:eu-west-1:111122223333:instance/i-1"))]),
            Because::Allowed { action: "s3:GetObject", by: proof() },
            Because::AllowedByResource { action: "s3:GetObject", statement: "Public".into() },
            Because::Administrator(proof()),
        ];
        for because in reasons {
            holds(|lang| because.text(lang), reason);
        }
    }

    /// What no value of this crate can make: at least the words stand where they are made.
    #[test]
    fn the_other_words_are_those_of_paths() {
        let checks = concat!(env!("CARGO_MANIFEST_DIR"), "/../checks/src");
        let read = |file: &str| std::fs::read_to_string(format!("{checks}/{file}")).unwrap();
        let made =
            ["report_paths.rs", "analysis/paths/mod.rs", "analysis/paths/entries.rs"].map(read).concat();
        let nodes = NODES.iter().map(|(_, pair)| pair);
        for text in CONDITIONS[1..].iter().chain(STOPPED).chain(nodes).flatten() {
            for word in text.split("{}").map(str::trim) {
                assert!(made.contains(word), "{word}");
            }
        }
    }

    #[test]
    fn nodes_have_names_in_both() {
        for (kind, english, japanese) in [
            (NodeKind::Internet, "internet", "インターネット"),
            (NodeKind::ExternalAccount, "another account", "別のアカウント"),
            (NodeKind::ExternalAccount, "444455556666", "444455556666"),
            (NodeKind::Credential, "password of alice", "alice のパスワード"),
            (NodeKind::Credential, "AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
            (NodeKind::Principal, "internet", "internet"),
        ] {
            let node = |id: &str| PathNode { kind, id: id.into(), arn: None };
            assert_eq!(super::node(&node(english), Lang::En, Lang::Ja), node(japanese));
            assert_eq!(super::node(&node(japanese), Lang::Ja, Lang::En), node(english));
        }
    }

    #[test]
    fn conditions_and_ends_of_the_search_are_told_in_both() {
        for (english, japanese) in [
            ("with a password", "パスワードを知っている場合"),
            (
                "with a flaw such as CVE-2021-44228, which Inspector found there",
                "Inspectorが検出した CVE-2021-44228 などの欠陥が悪用された場合",
            ),
            (
                "if what GuardDuty found there is an attack: Backdoor:EC2/C&CActivity.B",
                "GuardDutyの検出が実際の攻撃である場合：Backdoor:EC2/C&CActivity.B",
            ),
            ("if this condition is met: a = b", "条件を満たす場合：a = b"),
            ("allow s3:GetBucketPolicy to be sure", "確認には s3:GetBucketPolicy の許可が必要です"),
            ("allow what decides to be sure", "確認には 判定に必要な操作 の許可が必要です"),
        ] {
            assert_eq!(condition(english, Lang::En, Lang::Ja).as_deref(), Some(japanese));
            assert_eq!(condition(japanese, Lang::Ja, Lang::En).as_deref(), Some(english));
        }
        let stopped = "There are 1234 paths; only the worst are told.";
        let told = incomplete(stopped, Lang::En, Lang::Ja).unwrap();
        assert_eq!(incomplete(&told, Lang::Ja, Lang::En).as_deref(), Some(stopped));
    }

    #[test]
    fn other_texts_have_no_other_language() {
        for text in ["", "tcp/22 (sg-web)", "{}", "iam:PassRole", "policy ", "told by another version"] {
            assert_eq!(reason(text, Lang::En, Lang::Ja), None, "{text}");
            assert_eq!(condition(text, Lang::Ja, Lang::En), None, "{text}");
        }
    }
}
