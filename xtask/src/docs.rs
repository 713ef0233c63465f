//! The generated files under `docs/`, and the roles under `deploy/`.

use std::{collections::BTreeSet, error::Error, fmt::Write as _, fs, path::Path};

use aws_audit_checks::{
    diff,
    framework::{self, Framework},
    iam_policy, organization,
    page::Lang,
    registry, report,
    source::{self, Source},
    verify,
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Writes them.
pub(crate) fn write(root: &Path) -> Result<()> {
    for (path, text) in generated()? {
        fs::write(root.join(path), text)?;
    }
    Ok(())
}

/// Fails when one of them is not what [`write()`] would write.
pub(crate) fn check(root: &Path) -> Result<()> {
    for (path, text) in generated()? {
        if fs::read_to_string(root.join(path)).ok().as_deref() != Some(&text) {
            return Err(format!("{path} is out of date\nhelp: run `cargo xtask docs` and commit it").into());
        }
    }
    Ok(())
}

fn generated() -> Result<Vec<(&'static str, String)>> {
    let policies = iam_policy::policies(Source::all());
    Ok(vec![
        ("deploy/member-role.yaml", iam_policy::member_role_yaml(&policies)),
        ("deploy/terraform/role/main.tf", iam_policy::terraform(&policies)),
        ("docs/findings.schema.json", serde_json::to_string_pretty(&report::json_schema())? + "\n"),
        ("docs/diff.schema.json", serde_json::to_string_pretty(&diff::json_schema())? + "\n"),
        ("docs/verify.schema.json", serde_json::to_string_pretty(&verify::json_schema())? + "\n"),
        ("docs/organization.schema.json", serde_json::to_string_pretty(&organization::json_schema())? + "\n"),
        ("docs/permissions.md", permissions(Lang::En)?),
        ("docs/permissions.ja.md", permissions(Lang::Ja)?),
        ("docs/checks.md", checks(Lang::En)),
        ("docs/checks.ja.md", checks(Lang::Ja)),
    ])
}

fn permissions(lang: Lang) -> Result<String> {
    let policies = iam_policy::policies(Source::all());
    let policies = serde_json::to_string_pretty(&policies)?;
    let mut page = match lang {
        Lang::En => format!(
            "# Permissions\n\n\
             `aws-audit` sends read operations only: an interceptor in every client refuses whatever is not in the\n\
             table below. These policies allow all of them. They are to be attached together: IAM takes 6,144\n\
             characters in one. `aws-audit policy` prints them by name, `--format cloudformation` a template of a role\n\
             that has them, `--format cli` the commands of the AWS CLI that create it, and `--checks 's3-*'` what a\n\
             selection needs. What is not allowed is reported as unknown, never as fine.\n\n\
             `iam:GenerateCredentialReport` is the one call that makes something: AWS writes the report of the\n\
             account's credentials anew when the last one is older than four hours.\n\n\
             ```json\n{policies}\n```\n\n\
             | Operation | IAM action | Asked | Checks that read it |\n|---|---|---|---|\n"
        ),
        Lang::Ja => format!(
            "# 必要な権限\n\n\
             `aws-audit` が送るのは読み取り操作だけです。下の表にない操作は、すべてのクライアントに組み込まれたインターセプターが送信前に拒否します。\n\
             次のポリシーで全操作が許可されます。IAMの管理ポリシーは1つ6,144文字までなので分かれています。すべて一緒にアタッチしてください。\n\
             `aws-audit policy` はこれらを名前ごとに出力します。`--format cloudformation` はロールごと作るテンプレート、`--format cli` はAWS CLIのコマンドを出力し、`--checks 's3-*'` とすれば選んだチェックに必要な分だけになります。\n\
             許可されていない操作に依存する項目は「判定不能」として報告され、合格扱いになることはありません。\n\n\
             何かを作成する呼び出しは `iam:GenerateCredentialReport` だけです。前回の認証情報レポートから4時間以上経っていると、AWSがレポートを作り直します。\n\n\
             ```json\n{policies}\n```\n\n\
             | 操作 | IAMアクション | 呼び出し先 | 利用するチェック |\n|---|---|---|---|\n"
        ),
    };
    for source in Source::all() {
        let readers: BTreeSet<_> = registry::all()
            .filter(|entry| registry::sources([*entry]).contains(&source))
            .map(|entry| entry.check.id)
            .collect();
        let readers = match (readers.len(), lang) {
            (0, _) if source::ALWAYS.contains(&source) && lang == Lang::En => "every scan".to_owned(),
            (0, _) if source::ALWAYS.contains(&source) => "すべてのスキャン".to_owned(),
            (0, Lang::En) => "`collect` only".to_owned(),
            (0, Lang::Ja) => "`collect` のみ".to_owned(),
            _ => readers.into_iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", "),
        };
        let scope = match (source.scope(), lang) {
            (source::Scope::Global, Lang::En) => "once",
            (source::Scope::Global, Lang::Ja) => "アカウントで1回",
            (source::Scope::Regional, Lang::En) => "in each region",
            (source::Scope::Regional, Lang::Ja) => "リージョンごと",
        };
        for operation in source.operations() {
            let actions = operation.actions.join("`, `");
            writeln!(page, "| `{}` | `{actions}` | {scope} | {readers} |", operation.id)?;
        }
    }
    Ok(page)
}

fn checks(lang: Lang) -> String {
    let mut page = match lang {
        Lang::En => {
            "# Checks\n\n`aws-audit explain ID` prints a check's page: why it matters, how to fix it, and the controls that\n\
             it judges. These are controls of:\n\n"
        }
        Lang::Ja => {
            "# チェック一覧\n\n`aws-audit explain ID` で、各チェックの背景、直し方、対応するコントロールを表示できます。\n\
             コントロールは次のフレームワークのものです。\n\n"
        }
    }
    .to_owned();
    let header = match lang {
        Lang::En => "| Check | Severity | Finds | Controls |",
        Lang::Ja => "| チェック | 重要度 | 検出するもの | コントロール |",
    };
    let others = || framework::all().iter().filter(|framework| framework.id != framework::DEFAULT);
    for framework in others() {
        page.push_str(&format!("- `{}`: {}\n", framework.id, framework.title.get(lang)));
    }
    let Some(framework) = framework::find(framework::DEFAULT) else { return page };
    for control in framework.controls.iter().filter(|control| !control.checks().is_empty()) {
        let number = if control.id.bytes().all(|b| b.is_ascii_digit()) {
            format!("{}. ", control.id)
        } else {
            String::new()
        };
        page.push_str(&format!("\n## {number}{}\n\n{header}\n|---|---|---|---|\n", control.title.get(lang)));
        for entry in control.checks().into_iter().filter_map(registry::find) {
            let (check, title) = (entry.check, &entry.page(lang).title);
            let controls = framework::controls_of(check.id);
            let of = |it: &Framework| Some(format!("{} {}", it.id, controls.get(it.id.as_str())?.join(", ")));
            let controls = others().filter_map(of).collect::<Vec<_>>().join("; ");
            page.push_str(&format!(
                "| `{}` | {} | {title} | {controls} |\n",
                check.id,
                check.severity.name()
            ));
        }
    }
    page
}
