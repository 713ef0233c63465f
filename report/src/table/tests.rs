use std::collections::BTreeMap;

use aws_audit_checks::{
    finding::{Evidence, Resource},
    framework::Framework,
    gap::{Gap, GapKind, Refusal},
    history::Run,
    report::{
        Account, ControlReport, Fix, FrameworkScore, ReportFinding, ReportGap, SCHEMA_VERSION, Scope, Tool,
    },
    snapshot::Calls,
};
use expect_test::expect;

use super::*;

fn antipatterns() -> &'static Framework {
    framework::find("antipatterns").unwrap()
}

/// A report in which nothing was found, on the default framework.
fn empty(lang: Lang) -> Report {
    let control = |control: &framework::Control| ControlReport {
        id: control.id.clone(),
        title: control.title.get(lang).to_owned(),
        score: None,
        pass: 0,
        fail: 0,
        unknown: 0,
        suppressed: 0,
        worst: None,
        checks: control.checks().into_iter().map(str::to_owned).collect(),
        manual: None,
        not_covered: None,
    };
    Report {
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: "aws-audit".into(), version: "0.1.0".into() },
        account: Account { id: "111122223333".into(), alias: None, partition: "aws".into() },
        regions: vec!["eu-west-1".into()],
        scope: None,
        started_at: "2026-11-01T12:00:00Z".parse().unwrap(),
        finished_at: "2026-11-01T12:00:08.4Z".parse().unwrap(),
        score: FrameworkScore {
            framework: "antipatterns".into(),
            overall: None,
            judged: None,
            controls: antipatterns().controls.iter().map(control).collect(),
        },
        findings: vec![],
        groups: vec![],
        history: vec![],
        paths: vec![],
        paths_incomplete: None,
        fix_first: vec![],
        cross_account: None,
        gaps: vec![],
        calls: Calls { total: 96, ..Calls::default() },
    }
}

fn finding(check: &str, severity: Severity, status: Status, id: &str, region: Option<&str>) -> ReportFinding {
    ReportFinding {
        id: format!("{check} {id}"),
        check: check.into(),
        status,
        severity,
        title: String::new(),
        message: String::new(),
        fix: None,
        url: String::new(),
        resource: Resource {
            kind: "AWS::Test::Thing".into(),
            id: id.into(),
            arn: format!("arn:aws:test:::{id}"),
            region: region.map(str::to_owned),
            account: "111122223333".into(),
            name: None,
            tags: aws_audit_checks::snapshot::Tags::new(),
        },
        evidence: Evidence::new(),
        antipatterns: vec![],
        controls: BTreeMap::new(),
        severity_reason: None,
        suppressed: None,
        group: None,
        state: None,
        first_seen: None,
    }
}

fn unknown(check: &str, id: &str, region: Option<&str>, kind: GapKind) -> ReportFinding {
    let mut finding = finding(check, Severity::Medium, Status::Unknown, id, region);
    finding.evidence.insert("gap", serde_json::to_value(kind).unwrap());
    finding
}

fn gap(
    operation: &str,
    region: Option<&str>,
    resource: Option<&str>,
    kind: GapKind,
    said: &str,
) -> ReportGap {
    ReportGap {
        gap: Gap {
            operation: operation.into(),
            region: region.map(str::to_owned),
            resource: resource.map(str::to_owned),
            kind,
            refused_by: None,
            message: said.into(),
        },
        actions: vec![operation.to_owned()],
        checks: vec!["a-check".into()],
    }
}

/// What a small company's account looks like.
fn realistic(lang: Lang) -> Report {
    let say = |english: &str, japanese: &str| if lang == Lang::Ja { japanese } else { english }.to_owned();
    let mut report = empty(lang);
    report.account.alias = Some("example-prod".into());
    report.regions = ["ap-northeast-1", "eu-west-1", "us-east-1"].map(str::to_owned).to_vec();
    report.calls = Calls { total: 412, throttled: 3, retried: 3, denied: 4, ..Calls::default() };
    report.score.overall = Some(58.4);
    report.score.judged = Some(0.9781);
    let scores = [
        ("1", 49.0, [1, 30, 0], Some(Severity::Critical)),
        ("2", 75.0, [2, 6, 0], Some(Severity::Low)),
        ("3", 66.7, [12, 24, 0], Some(Severity::Medium)),
        ("4", 100.0, [0, 3, 0], None),
        ("6", 49.0, [3, 88, 12], Some(Severity::Critical)),
        ("8", 79.0, [1, 1204, 0], Some(Severity::High)),
        ("9", 99.7, [0, 24, 0], None),
        ("15", 0.0, [1, 0, 0], Some(Severity::High)),
    ];
    for (id, score, [fail, pass, unknown], worst) in scores {
        let control = report.score.controls.iter_mut().find(|control| control.id == id).unwrap();
        *control = ControlReport { score: Some(score), fail, pass, unknown, worst, ..control.clone() };
    }
    let unjudged = report.score.controls.iter_mut().find(|control| control.id == "unprotected").unwrap();
    unjudged.unknown = 3;

    for (bucket, statement) in [("example-public-assets", "PublicRead"), ("example-customer-exports", "1")] {
        let mut found = finding(
            "s3-bucket-public-read",
            Severity::Critical,
            Status::Fail,
            bucket,
            Some("ap-northeast-1"),
        );
        found.title =
            say("Bucket lets everyone read its objects", "バケットのオブジェクトを誰でも読み取れる");
        found.message = say(
            &format!("The policy of {bucket} lets everyone call s3:GetObject (statement {statement})."),
            &format!(
                "{bucket} のバケットポリシー（ステートメント {statement}）が、全員に s3:GetObject を許可しています。"
            ),
        );
        found.fix = Some(Fix {
            summary: say(
                "Turn on block public access for the bucket; serve public files through CloudFront.",
                "バケットのパブリックアクセスブロックを有効にし、公開したいファイルはCloudFront経由で配信してください。",
            ),
            command: Some(format!(
                "aws s3api put-public-access-block --bucket {bucket} --public-access-block-configuration \
                 BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true"
            )),
        });
        found.url =
            "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html"
                .into();
        report.findings.push(found);
    }
    let mut ssh =
        finding("ec2-sg-open-ssh", Severity::High, Status::Fail, "sg-0123456789abcdef0", Some("us-east-1"));
    ssh.resource.name = Some("bastion".into());
    ssh.title = say("Security group opens SSH to the internet", "SSHがインターネットに開放されている");
    ssh.message =
        say("Port 22 is open to 0.0.0.0/0 and ::/0.", "ポート22が 0.0.0.0/0、::/0 に開放されています。");
    ssh.fix = Some(Fix {
        summary: say(
            "Remove the rule; use Session Manager.",
            "ルールを削除し、Session Managerを使ってください。",
        ),
        command: Some("aws ec2 revoke-security-group-ingress --group-id sg-0123456789abcdef0".into()),
    });
    report.findings.push(ssh);
    for number in 1..=12 {
        let id = format!("AKIAEXAMPLE{number:05}");
        let mut key = finding("iam-access-key-rotation", Severity::Medium, Status::Fail, &id, None);
        key.resource.name = Some(format!("deploy-{number}"));
        key.title =
            say("Access key is older than the rotation limit", "アクセスキーが長期間交換されていない");
        key.message = say(
            &format!(
                "Access key {id} of deploy-{number} was made {} days ago; the limit is 90 days.",
                400 + number
            ),
            &format!(
                "deploy-{number} のアクセスキー {id} は作成から{}日経っています（上限は90日）。",
                400 + number
            ),
        );
        key.fix = Some(Fix {
            summary: say(
                "Make a second key, switch what uses the old one over, then delete the old key.",
                "新しいキーを作って利用側を切り替えてから、古いキーを無効化し、削除してください。",
            ),
            command: Some(format!("aws iam update-access-key --access-key-id {id} --status Inactive")),
        });
        report.findings.push(key);
    }
    for region in ["ap-northeast-1", "eu-west-1", "us-east-1"] {
        report.findings.push(unknown("ebs-default-encryption", region, Some(region), GapKind::AccessDenied));
        let said = "User: arn:aws:sts::111122223333:assumed-role/audit/scan is not authorized to perform: \
                    ec2:GetEbsEncryptionByDefault because no identity-based policy allows the action";
        let operation = "ec2:GetEbsEncryptionByDefault";
        report.gaps.push(gap(operation, Some(region), None, GapKind::AccessDenied, said));
    }
    for number in 1..=12 {
        let bucket = format!("example-logs-{number}");
        report.findings.push(unknown("s3-bucket-versioning", &bucket, Some("us-east-1"), GapKind::TimedOut));
        let gap = gap("s3:GetBucketVersioning", Some("us-east-1"), Some(&bucket), GapKind::TimedOut, "");
        report.gaps.push(gap);
    }
    report
}

fn style(width: usize, lang: Lang) -> Style {
    Style { width, lang, ..Style::default() }
}

fn table(report: &Report, style: &Style) -> String {
    let mut out = vec![];
    write(report, style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn at_80_columns() {
    expect![[r#"
        aws-audit 0.1.0 · AWS security anti-patterns

        Account  111122223333 (example-prod)
        Regions  3 (ap-northeast-1, eu-west-1, us-east-1)
        Scanned  2026-11-01 12:00:00 UTC (8.4 s)
        Calls    412 (3 throttled, 4 denied)

        ────────────────────────────────────────────────────────────────────────────────
         # Control                                Score         Fail Pass Unkn  Worst
        ────────────────────────────────────────────────────────────────────────────────
         1 IAM policies too broad                  49 ████░░░░     1   30    0  critical
         2 Policies attached to individual users   75 ██████░░     2    6    0  low
         3 Access keys not managed                 66 █████░░░    12   24    0  medium
         4 Root user in daily use                 100 ████████     0    3    0
         5 Multi-factor authentication ignored    none judged
         6 S3 buckets open to the world            49 ████░░░░     3   88   12  critical
         7 RDS on the internet                    none judged
         8 Security groups too loose               79 ██████░░     1 1204    0  high
         9 Network ACLs not designed               99 ███████░     0   24    0
        10 VPC endpoint policies wide open        none judged
        11 CloudFront origins unprotected         none judged
        12 No web application firewall            none judged
        13 Software not updated                   none judged
        14 AWS Config off                         none judged
        15 CloudTrail off                           0 ░░░░░░░░     1    0    0  high
        16 Application credentials not managed    none judged
        17 ECR image scans ignored                none judged
        18 Logs not sent to CloudWatch            none judged
        19 No vulnerability assessment            none judged
        20 No threat detection                    none judged
        21 No incident response plan              none judged
         + Data exposed elsewhere                 none judged
         + Data unprotected elsewhere               –              0    0    3
         + Attack paths                           none judged
        ────────────────────────────────────────────────────────────────────────────────
           Overall                                 58 █████░░░  97 % judged

        ── Findings ────────────────────────────────────────────────────────────────────

        critical: Bucket lets everyone read its objects
          s3-bucket-public-read, 2 resources
          example-public-assets · ap-northeast-1
            The policy of example-public-assets lets everyone call s3:GetObject
            (statement PublicRead).
          example-customer-exports · ap-northeast-1
            The policy of example-customer-exports lets everyone call s3:GetObject
            (statement 1).
          fix: Turn on block public access for the bucket; serve public files through
               CloudFront.
            for example, example-public-assets:
            aws s3api put-public-access-block --bucket example-public-assets --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
          see: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html

        high: Security group opens SSH to the internet
          ec2-sg-open-ssh, 1 resource
          bastion (sg-0123456789abcdef0) · us-east-1
            Port 22 is open to 0.0.0.0/0 and ::/0.
          fix: Remove the rule; use Session Manager.
            aws ec2 revoke-security-group-ingress --group-id sg-0123456789abcdef0

        medium: Access key is older than the rotation limit
          iam-access-key-rotation, 12 resources
          deploy-1 (AKIAEXAMPLE00001)
            Access key AKIAEXAMPLE00001 of deploy-1 was made 401 days ago; the limit is
            90 days.
          deploy-2 (AKIAEXAMPLE00002)
            Access key AKIAEXAMPLE00002 of deploy-2 was made 402 days ago; the limit is
            90 days.
          deploy-3 (AKIAEXAMPLE00003)
            Access key AKIAEXAMPLE00003 of deploy-3 was made 403 days ago; the limit is
            90 days.
          … and 9 more (--all lists them)
          fix: Make a second key, switch what uses the old one over, then delete the old
               key.
            for example, deploy-1 (AKIAEXAMPLE00001):
            aws iam update-access-key --access-key-id AKIAEXAMPLE00001 --status Inactive

        ── Unknown: what could not be judged ───────────────────────────────────────────

        access denied
          ebs-default-encryption     3  ap-northeast-1, eu-west-1, us-east-1

        no answer in time
          s3-bucket-versioning      12  example-logs-1, example-logs-2 and 10 more

        ── Gaps: what could not be read ────────────────────────────────────────────────

        access denied
          ec2:GetEbsEncryptionByDefault  in all 3 regions
          details: User: arn:aws:sts::111122223333:assumed-role/audit/scan is not
          authorized to perform: ec2:GetEbsEncryptionByDefault because no identity-based
          policy allows the action
          Add these actions to the IAM policy of the scan (`aws-audit policy` prints a
          complete one):
            "ec2:GetEbsEncryptionByDefault"

        no answer in time
          s3:GetBucketVersioning  on example-logs-1, example-logs-10 and 10 more
          Scan again later.

        ────────────────────────────────────────────────────────────────────────────────
        15 failing findings: 2 critical, 1 high, 12 medium · 15 unknown
        The scan is incomplete: do not take what is unknown for fine.

        Understand: aws-audit explain s3-bucket-public-read
        Hand on: aws-audit scan --output report.html --output report.json
        Accept, compare, track: [[suppress]] in aws-audit.toml, aws-audit diff,
                                aws-audit tickets
    "#]].assert_eq(&table(&realistic(Lang::En), &style(80, Lang::En)));
}

#[test]
fn at_80_columns_in_japanese() {
    expect![[r#"
        aws-audit 0.1.0 · AWSセキュリティのアンチパターン

        アカウント   111122223333（example-prod）
        リージョン   3（ap-northeast-1, eu-west-1, us-east-1）
        実行日時     2026-11-01 12:00:00 UTC（8.4秒）
        API呼び出し  412（スロットリング 3、アクセス拒否 4）

        ───────────────────────────────────────────────────────────────────────────────
         # 項目                                    スコア          NG   OK 不能  重要度
        ───────────────────────────────────────────────────────────────────────────────
         1 IAMポリシーの権限が広すぎる              49 ████░░░░     1   30    0  重大
         2 ポリシーをユーザーに直接付与している     75 ██████░░     2    6    0  低
         3 アクセスキーが管理されていない           66 █████░░░    12   24    0  中
         4 ルートユーザーを日常的に使っている      100 ████████     0    3    0
         5 多要素認証（MFA）を使っていない         該当なし
         6 S3バケットが外部に公開されている         49 ████░░░░     3   88   12  重大
         7 RDSがインターネットに公開されている     該当なし
         8 セキュリティグループが緩すぎる           79 ██████░░     1 1204    0  高
         9 ネットワークACLが設計されていない        99 ███████░     0   24    0
        10 VPCエンドポイントポリシーが全開放       該当なし
        11 CloudFrontのオリジンが保護されていない  該当なし
        12 WAFが設定されていない                   該当なし
        13 ソフトウェアが更新されていない          該当なし
        14 AWS Configが無効                        該当なし
        15 CloudTrailが無効                          0 ░░░░░░░░     1    0    0  高
        16 アプリの認証情報が管理されていない      該当なし
        17 ECRのイメージスキャンを放置している     該当なし
        18 ログがCloudWatchに集まっていない        該当なし
        19 脆弱性診断の仕組みが無効                該当なし
        20 脅威検知の仕組みが無効                  該当なし
        21 インシデント対応の備えがない            該当なし
         + その他の公開データ                      該当なし
         + その他の未保護データ                      –              0    0    3
         + 攻撃経路                                該当なし
        ───────────────────────────────────────────────────────────────────────────────
           総合                                     58 █████░░░  判定率 97%

        ── 検出結果 ────────────────────────────────────────────────────────────────────

        重大：バケットのオブジェクトを誰でも読み取れる
          s3-bucket-public-read、2件
          example-public-assets · ap-northeast-1
            example-public-assets のバケットポリシー（ステートメント PublicRead）が、全
            員に s3:GetObject を許可しています。
          example-customer-exports · ap-northeast-1
            example-customer-exports のバケットポリシー（ステートメント 1）が、全員に
            s3:GetObject を許可しています。
          対処：バケットのパブリックアクセスブロックを有効にし、公開したいファイルは
                CloudFront経由で配信してください。
            例：example-public-assets の場合
            aws s3api put-public-access-block --bucket example-public-assets --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
          参照：https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html

        高：SSHがインターネットに開放されている
          ec2-sg-open-ssh、1件
          bastion (sg-0123456789abcdef0) · us-east-1
            ポート22が 0.0.0.0/0、::/0 に開放されています。
          対処：ルールを削除し、Session Managerを使ってください。
            aws ec2 revoke-security-group-ingress --group-id sg-0123456789abcdef0

        中：アクセスキーが長期間交換されていない
          iam-access-key-rotation、12件
          deploy-1 (AKIAEXAMPLE00001)
            deploy-1 のアクセスキー AKIAEXAMPLE00001 は作成から401日経っています（上限は
            90日）。
          deploy-2 (AKIAEXAMPLE00002)
            deploy-2 のアクセスキー AKIAEXAMPLE00002 は作成から402日経っています（上限は
            90日）。
          deploy-3 (AKIAEXAMPLE00003)
            deploy-3 のアクセスキー AKIAEXAMPLE00003 は作成から403日経っています（上限は
            90日）。
          … 他9件（--all ですべて表示）
          対処：新しいキーを作って利用側を切り替えてから、古いキーを無効化し、削除してく
                ださい。
            例：deploy-1 (AKIAEXAMPLE00001) の場合
            aws iam update-access-key --access-key-id AKIAEXAMPLE00001 --status Inactive

        ── 判定できなかったもの（判定不能） ────────────────────────────────────────────

        アクセス拒否
          ebs-default-encryption     3  ap-northeast-1、eu-west-1、us-east-1

        時間内に応答がありません
          s3-bucket-versioning      12  example-logs-1、example-logs-2 他10件

        ── 取得できなかった情報 ────────────────────────────────────────────────────────

        アクセス拒否
          ec2:GetEbsEncryptionByDefault  全3リージョン
          詳細：User: arn:aws:sts::111122223333:assumed-role/audit/scan is not
          authorized to perform: ec2:GetEbsEncryptionByDefault because no identity-based
          policy allows the action
          スキャンに使うIAMポリシーに次のアクションを追加してください（全体は `aws-audit
          policy` で出力できます）：
            "ec2:GetEbsEncryptionByDefault"

        時間内に応答がありません
          s3:GetBucketVersioning  対象：example-logs-1、example-logs-10 他10件
          時間をおいて、もう一度スキャンしてください。

        ────────────────────────────────────────────────────────────────────────────────
        NG 15件：重大 2、高 1、中 12 · 判定不能 15件
        一部の情報を取得できていません。「判定不能」は「問題なし」ではありません。

        詳しく知る：aws-audit explain s3-bucket-public-read
        人に渡す：aws-audit scan --output report.html --output report.json
        許容・比較・起票：aws-audit.toml の [[suppress]]、aws-audit diff、aws-audit
                          tickets
    "#]].assert_eq(&table(&realistic(Lang::Ja), &style(80, Lang::Ja)));
}

#[test]
fn at_160_columns() {
    expect![[r#"
        aws-audit 0.1.0 · AWS security anti-patterns

        Account  111122223333 (example-prod)
        Regions  3 (ap-northeast-1, eu-west-1, us-east-1)
        Scanned  2026-11-01 12:00:00 UTC (8.4 s)
        Calls    412 (3 throttled, 4 denied)

        ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
         # Control                                Score                     Fail Pass Unknown  Worst     Failing checks
        ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
         1 IAM policies too broad                  49 ██████████░░░░░░░░░░     1   30       0  critical
         2 Policies attached to individual users   75 ███████████████░░░░░     2    6       0  low
         3 Access keys not managed                 66 █████████████░░░░░░░    12   24       0  medium    iam-access-key-rotation
         4 Root user in daily use                 100 ████████████████████     0    3       0
         5 Multi-factor authentication ignored    nothing to judge
         6 S3 buckets open to the world            49 ██████████░░░░░░░░░░     3   88      12  critical  s3-bucket-public-read
         7 RDS on the internet                    nothing to judge
         8 Security groups too loose               79 ████████████████░░░░     1 1204       0  high      ec2-sg-open-ssh
         9 Network ACLs not designed               99 ███████████████████░     0   24       0
        10 VPC endpoint policies wide open        nothing to judge
        11 CloudFront origins unprotected         nothing to judge
        12 No web application firewall            nothing to judge
        13 Software not updated                   nothing to judge
        14 AWS Config off                         nothing to judge
        15 CloudTrail off                           0 ░░░░░░░░░░░░░░░░░░░░     1    0       0  high
        16 Application credentials not managed    nothing to judge
        17 ECR image scans ignored                nothing to judge
        18 Logs not sent to CloudWatch            nothing to judge
        19 No vulnerability assessment            nothing to judge
        20 No threat detection                    nothing to judge
        21 No incident response plan              nothing to judge
         + Data exposed elsewhere                 nothing to judge
         + Data unprotected elsewhere               –                          0    0       3
         + Attack paths                           nothing to judge
        ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
           Overall                                 58 ████████████░░░░░░░░  97 % judged

        ── Findings ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

        critical: Bucket lets everyone read its objects
          s3-bucket-public-read, 2 resources
          example-public-assets · ap-northeast-1     The policy of example-public-assets lets everyone call s3:GetObject (statement PublicRead).
          example-customer-exports · ap-northeast-1  The policy of example-customer-exports lets everyone call s3:GetObject (statement 1).
          fix: Turn on block public access for the bucket; serve public files through CloudFront.
            for example, example-public-assets:
            aws s3api put-public-access-block --bucket example-public-assets --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
          see: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html

        high: Security group opens SSH to the internet
          ec2-sg-open-ssh, 1 resource
          bastion (sg-0123456789abcdef0) · us-east-1  Port 22 is open to 0.0.0.0/0 and ::/0.
          fix: Remove the rule; use Session Manager.
            aws ec2 revoke-security-group-ingress --group-id sg-0123456789abcdef0

        medium: Access key is older than the rotation limit
          iam-access-key-rotation, 12 resources
          deploy-1 (AKIAEXAMPLE00001)  Access key AKIAEXAMPLE00001 of deploy-1 was made 401 days ago; the limit is 90 days.
          deploy-2 (AKIAEXAMPLE00002)  Access key AKIAEXAMPLE00002 of deploy-2 was made 402 days ago; the limit is 90 days.
          deploy-3 (AKIAEXAMPLE00003)  Access key AKIAEXAMPLE00003 of deploy-3 was made 403 days ago; the limit is 90 days.
          … and 9 more (--all lists them)
          fix: Make a second key, switch what uses the old one over, then delete the old key.
            for example, deploy-1 (AKIAEXAMPLE00001):
            aws iam update-access-key --access-key-id AKIAEXAMPLE00001 --status Inactive

        ── Unknown: what could not be judged ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

        access denied
          ebs-default-encryption     3  ap-northeast-1, eu-west-1, us-east-1

        no answer in time
          s3-bucket-versioning      12  example-logs-1, example-logs-2, example-logs-3, example-logs-4, example-logs-5, example-logs-6, example-logs-7 and 5 more

        ── Gaps: what could not be read ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

        access denied
          ec2:GetEbsEncryptionByDefault  in all 3 regions
          details: User: arn:aws:sts::111122223333:assumed-role/audit/scan is not authorized to perform: ec2:GetEbsEncryptionByDefault because no identity-based policy
          allows the action
          Add these actions to the IAM policy of the scan (`aws-audit policy` prints a complete one):
            "ec2:GetEbsEncryptionByDefault"

        no answer in time
          s3:GetBucketVersioning  on example-logs-1, example-logs-10, example-logs-11, example-logs-12, example-logs-2, example-logs-3, example-logs-4 and 5 more
          Scan again later.

        ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
        15 failing findings: 2 critical, 1 high, 12 medium · 15 unknown
        The scan is incomplete: do not take what is unknown for fine.

        Understand: aws-audit explain s3-bucket-public-read
        Hand on: aws-audit scan --output report.html --output report.json
        Accept, compare, track: [[suppress]] in aws-audit.toml, aws-audit diff, aws-audit tickets
    "#]].assert_eq(&table(&realistic(Lang::En), &style(160, Lang::En)));
}

#[test]
fn an_account_without_anything() {
    let table = table(&empty(Lang::En), &style(80, Lang::En));
    expect![[r#"
        aws-audit 0.1.0 · AWS security anti-patterns

        Account  111122223333
        Regions  1 (eu-west-1)
        Scanned  2026-11-01 12:00:00 UTC (8.4 s)
        Calls    96

        ─────────────────────────────────────────────────────────────────────────────
         # Control                                Score         Fail Pass Unkn  Worst
        ─────────────────────────────────────────────────────────────────────────────
         1 IAM policies too broad                 none judged
         2 Policies attached to individual users  none judged
         3 Access keys not managed                none judged
         4 Root user in daily use                 none judged
         5 Multi-factor authentication ignored    none judged
         6 S3 buckets open to the world           none judged
         7 RDS on the internet                    none judged
         8 Security groups too loose              none judged
         9 Network ACLs not designed              none judged
        10 VPC endpoint policies wide open        none judged
        11 CloudFront origins unprotected         none judged
        12 No web application firewall            none judged
        13 Software not updated                   none judged
        14 AWS Config off                         none judged
        15 CloudTrail off                         none judged
        16 Application credentials not managed    none judged
        17 ECR image scans ignored                none judged
        18 Logs not sent to CloudWatch            none judged
        19 No vulnerability assessment            none judged
        20 No threat detection                    none judged
        21 No incident response plan              none judged
         + Data exposed elsewhere                 none judged
         + Data unprotected elsewhere             none judged
         + Attack paths                           none judged
        ─────────────────────────────────────────────────────────────────────────────
           Overall                                nothing could be scored

        ────────────────────────────────────────────────────────────────────────────────
        No failing findings
    "#]]
    .assert_eq(&table);
}

#[test]
fn controls_that_no_check_judges() {
    let mut report = empty(Lang::En);
    report.score.framework = "cis-7.0".into();
    report.score.controls.truncate(4);
    let [judged, manual, not_covered, also_not] = &mut report.score.controls[..] else { panic!() };
    *judged = ControlReport {
        id: "2.4".into(),
        score: Some(100.0),
        pass: 1,
        checks: vec!["a".into()],
        ..judged.clone()
    };
    *manual =
        ControlReport { id: "2.1.3".into(), checks: vec![], manual: Some("look".into()), ..manual.clone() };
    for control in [not_covered, also_not] {
        *control = ControlReport { checks: vec![], not_covered: Some("not read".into()), ..control.clone() };
    }
    let text = table(&report, &style(80, Lang::En));
    expect![[r#"
        Calls    96

        ────────────────────────────────────────────────────────────────────────────────
            # Control                                Score         Fail Pass Unkn  Worst
        ────────────────────────────────────────────────────────────────────────────────
          2.4 IAM policies too broad                 100 ████████     0    1    0
        2.1.3 Policies attached to individual users  manual
        ────────────────────────────────────────────────────────────────────────────────
              Overall                                nothing could be scored
              1 manual, 2 not covered: see `aws-audit checks --framework cis-7.0`

        ────────────────────────────────────────────────────────────────────────────────
        No failing findings
    "#]]
    .assert_eq(&text[text.find("Calls").unwrap()..]);
    let japanese = table(&report, &style(80, Lang::Ja));
    assert!(
        japanese.contains("手動確認 1、対象外 2：`aws-audit checks --framework cis-7.0` を参照"),
        "{japanese}"
    );
}

#[test]
fn denials_that_more_permissions_do_not_lift() {
    let mut report = empty(Lang::En);
    for (operation, refused_by) in [
        ("ec2:DescribeVpcs", None),
        ("ec2:DescribeSubnets", None),
        ("rds:DescribeDBInstances", Some(Refusal::ServiceControlPolicy)),
        ("kms:DescribeKey", Some(Refusal::ResourcePolicy)),
        ("kms:ListKeys", Some(Refusal::Account)),
    ] {
        let mut gap = gap(operation, Some("eu-west-1"), None, GapKind::AccessDenied, "AccessDenied: no");
        gap.gap.refused_by = refused_by;
        report.gaps.push(gap);
    }
    report.gaps.push(gap("", None, None, GapKind::NotSelected, ""));
    report.findings.push(unknown("a-check", "eu-west-1", Some("eu-west-1"), GapKind::NotSelected));
    let table = table(&report, &style(80, Lang::En));
    expect![[r#"
        ── Unknown: what could not be judged ───────────────────────────────────────────

        not collected in this snapshot
          a-check     1  eu-west-1

        ── Gaps: what could not be read ────────────────────────────────────────────────

        access denied
          ec2:DescribeSubnets      in eu-west-1
          ec2:DescribeVpcs         in eu-west-1
          kms:DescribeKey          in eu-west-1
          kms:ListKeys             in eu-west-1
          rds:DescribeDBInstances  in eu-west-1
          details: AccessDenied: no
          Add these actions to the IAM policy of the scan (`aws-audit policy` prints a
          complete one):
            "ec2:DescribeSubnets", "ec2:DescribeVpcs"
          Denied by a service control policy of the organization; more IAM permissions
          do not help:
            "rds:DescribeDBInstances"
          Denied by the resource's own policy; more IAM permissions do not help:
            "kms:DescribeKey"
          The account cannot use the service: not subscribed, not activated yet, or
          suspended. See the account's status in the Billing console, or ask AWS
          Support:
            "kms:ListKeys"

        not collected in this snapshot
            a-check

        ────────────────────────────────────────────────────────────────────────────────
        No failing findings · 1 unknown
        The scan is incomplete: do not take what is unknown for fine.
    "#]]
    .assert_eq(&table[table.find("── Unknown").unwrap()..]);
}

#[test]
fn findings_of_one_check_differ_in_severity() {
    let mut report = empty(Lang::En);
    for (id, severity) in [("a", Severity::Low), ("b", Severity::High), ("111122223333", Severity::Low)] {
        report.findings.push(finding("iam-check", severity, Status::Fail, id, None));
    }
    report.findings.push(finding("x-check", Severity::Medium, Status::Fail, "eu-west-1", Some("eu-west-1")));
    report.findings.push(finding("x-check", Severity::Medium, Status::Suppressed, "y", None));
    let table = table(&report, &style(80, Lang::En));
    expect![[r#"
        ── Findings ────────────────────────────────────────────────────────────────────

        high: iam-check
          iam-check, 3 resources
          b
          a · low
          the account · low

        medium: x-check
          x-check, 1 resource
          eu-west-1

        ────────────────────────────────────────────────────────────────────────────────
        4 failing findings: 1 high, 1 medium, 2 low · 1 suppressed

        Understand: aws-audit explain iam-check
        Hand on: aws-audit scan --output report.html --output report.json
        Accept, compare, track: [[suppress]] in aws-audit.toml, aws-audit diff,
                                aws-audit tickets
    "#]]
    .assert_eq(&table[table.find("── Findings").unwrap()..]);
}

/// A realistic report in which everything that comes from the account is hostile.
fn hostile(lang: Lang) -> Report {
    const NAME: &str =
        "x\u{1b}[2J\r\nfine: \u{202e}txt\u{200b}.\u{9b}31m\u{7}日本語\u{301}\u{301}\u{301}\u{2028}";
    let long = format!("{NAME}{}", "w".repeat(200));
    let mut report = realistic(lang);
    report.account.id = long.clone();
    report.account.alias = Some(long.clone());
    report.account.partition = NAME.into();
    report.regions.push(NAME.into());
    for finding in &mut report.findings {
        finding.check.push_str(NAME);
        finding.resource.name = Some(long.clone());
        finding.resource.id.push_str(NAME);
        finding.resource.region = Some(NAME.into());
        finding.title.push_str(NAME);
        finding.message.push_str(&long);
        if !finding.url.is_empty() {
            finding.url.push_str(NAME);
        }
        if let Some(fix) = &mut finding.fix {
            fix.summary.push_str(NAME);
            fix.command = fix.command.take().map(|command| format!("{command} '{long}'"));
        }
    }
    for gap in &mut report.gaps {
        gap.gap.message.push_str(&long.repeat(10));
        gap.gap.resource = Some(long.clone());
        gap.gap.operation.push_str(NAME);
        gap.actions = vec![NAME.into()];
    }
    for control in &mut report.score.controls {
        control.title.push_str(NAME);
        control.fail += 100_000;
    }
    report
}

#[test]
fn nothing_hostile_gets_through() {
    for lang in [Lang::En, Lang::Ja] {
        let (plain, hostile) = (realistic(lang), hostile(lang));
        for width in [80, 160] {
            let text = table(&hostile, &style(width, lang));
            let bad = text.chars().find(|&c| c != '\n' && escape(&format!("a{c}")) != format!("a{c}"));
            assert_eq!(bad, None, "{text}");
            assert!(!text.lines().any(|line| line.trim_start().starts_with("fine:")), "{text}");
            // Commands and addresses stay on one line each.
            for word in ["aws s3api", "aws ec2", "aws iam", "https://"] {
                let count = |text: &str| text.lines().filter(|line| line.contains(word)).count();
                assert_eq!(count(&text), count(&table(&plain, &style(width, lang))), "{word}: {text}");
            }
        }
    }
}

#[test]
fn a_name_without_end_is_cut_off_with_a_mark() {
    let long = "x".repeat(100_000);
    let mut report = empty(Lang::En);
    let mut failing = finding("a-check", Severity::High, Status::Fail, &long, Some("eu-west-1"));
    failing.message = format!("{long} is open.");
    failing.resource.name = Some(long.clone());
    failing.fix = Some(Fix { summary: format!("Close {long}."), command: Some(format!("aws close {long}")) });
    report.findings = vec![failing, unknown("a-check", &long, None, GapKind::AccessDenied)];
    report.gaps = vec![gap("ec2:DescribeVpcs", Some("eu-west-1"), Some(&long), GapKind::AccessDenied, &long)];
    for columns in [80, 160] {
        let table = table(&report, &style(columns, Lang::En));
        assert!(table.len() < 10_500, "{columns}: {}", table.len());
        assert!(table.contains("x…"), "{columns}");
        assert!(table.contains("the command is too long to show here"), "a part of a command is another one");
    }
}

#[test]
fn why_there_is_no_score() {
    let mut report = empty(Lang::En);
    report.score.judged = Some(0.3);
    assert!(
        table(&report, &style(80, Lang::En)).contains("no score: too little could be judged  30 % judged")
    );
    report.regions.clear();
    let table = table(&report, &style(80, Lang::En));
    assert!(table.contains("no score: no region was scanned"), "{table}");
    assert!(table.contains("The scan is incomplete"), "{table}");
}

#[test]
fn the_worst_groups_are_listed_and_the_others_counted() {
    let mut report = empty(Lang::En);
    report.findings = (0..25)
        .map(|at| {
            let severity = if at < 22 { Severity::High } else { Severity::Low };
            finding(&format!("check-{at}"), severity, Status::Fail, "a", Some("eu-west-1"))
        })
        .collect();
    let some = table(&report, &style(80, Lang::En));
    assert!(some.contains("check-19,") && !some.contains("check-20,"), "{some}");
    assert!(some.contains("… and 5 more groups of findings: 2 high, 3 low (--all lists them)"), "{some}");
    let all = table(&report, &Style { groups: usize::MAX, listed: usize::MAX, ..style(80, Lang::En) });
    assert!(all.contains("check-24,") && !all.contains("--all"), "{all}");
}

#[test]
fn findings_of_one_cause_are_one_group() {
    let mut report = empty(Lang::En);
    let open = |check: &str, severity| {
        let mut finding = finding(check, severity, Status::Fail, "sg-1", Some("eu-west-1"));
        finding.group = Some("g".into());
        finding
    };
    report.findings =
        vec![open("ec2-sg-open-ssh", Severity::High), open("ec2-sg-open-all", Severity::Critical)];
    report.groups = vec![aws_audit_checks::group::Group {
        id: "g".into(),
        cause: "security_group".into(),
        key: "sg-1".into(),
        title: "Security group sg-1 is open to the internet".into(),
        severity: Severity::Critical,
        resources: 1,
        checks: vec!["ec2-sg-open-all".into(), "ec2-sg-open-ssh".into()],
        findings: vec![],
    }];
    let table = table(&report, &style(80, Lang::En));
    assert!(table.contains("critical: Security group sg-1 is open to the internet"), "{table}");
    assert!(table.contains("ec2-sg-open-all, ec2-sg-open-ssh, 2 findings about 1 resource"), "{table}");
}

#[test]
fn scores_of_earlier_runs_are_told_where_they_compare() {
    let mut report = realistic(Lang::En);
    let run = |report: &Report, overall| Run { overall: Some(overall), ..Run::of(report) };
    report.history =
        vec![run(&report, 41.0), Run { scope: "other".into(), ..run(&report, 99.0) }, run(&report, 58.0)];
    let lines = table(&report, &style(80, Lang::En));
    let line = lines.lines().find(|line| line.contains("Last runs")).unwrap();
    assert!(line.ends_with("41 → 58"), "{line}");
}

#[test]
fn what_is_not_listed_is_counted() {
    let mut report = empty(Lang::En);
    report.scope = Some(Scope { checks: [].into(), min_severity: Severity::High, unlisted: 7 });
    assert!(table(&report, &style(80, Lang::En)).contains("No failing findings · 7 below high not listed"));
}

#[test]
fn no_line_is_too_wide() {
    for lang in [Lang::En, Lang::Ja] {
        for framework in framework::all() {
            for mut report in [empty(lang), realistic(lang), hostile(lang)] {
                report.score.framework.clone_from(&framework.id);
                for (control, from) in report.score.controls.iter_mut().zip(&framework.controls) {
                    control.id.clone_from(&from.id);
                    from.title.get(lang).clone_into(&mut control.title);
                }
                for columns in [80, 81, 100, 119, 120, 160, 250] {
                    let text = table(&report, &style(columns, lang));
                    for line in
                        text.lines().filter(|line| !line.contains("    aws ") && !line.contains("https://"))
                    {
                        assert!(width(line) <= columns, "{columns} {}: {line}", framework.id);
                        assert_eq!(line, line.trim_end(), "no spaces at the end");
                    }
                }
            }
        }
    }
}

#[test]
fn colours_change_nothing_else() {
    for lang in [Lang::En, Lang::Ja] {
        for width in [80, 160] {
            let report = realistic(lang);
            let plain = table(&report, &style(width, lang));
            let coloured = table(&report, &Style { colour: true, ..style(width, lang) });
            let mut stripped = String::new();
            let mut parts = coloured.split('\u{1b}');
            stripped.push_str(parts.next().unwrap());
            for part in parts {
                stripped.push_str(part.split_once('m').unwrap().1);
            }
            assert_eq!(stripped, plain);
            assert!(!plain.contains('\u{1b}'));
            assert!(coloured.contains("\u{1b}[1;31m"), "{coloured}");
        }
    }
}
