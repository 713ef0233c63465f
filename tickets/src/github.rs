//! GitHub's issues. (GitHub Docs: "REST API endpoints for issues", "REST API endpoints for issue comments", "Best practices
//! for using the REST API", "Rate limits for the REST API", "Using pagination in the REST API".)
//!
//! Which issues there are is read from the list of those with the label `aws-audit`, open and closed: the search lags behind
//! and may be asked 30 times a minute. An issue is known by the marker in its body. Only that part of a body that stands
//! between our two comments is ever rewritten; what people write above or below stays.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};

use crate::{
    apply::{Done, Failure, Result, State, Ticket, Tracker},
    http::{Clock, Request, Response, Transport},
    marker::Marker,
    plan::{Action, Item, LABEL, Owner, Why},
    text::{BEGIN, END, Text},
};

/// Where github.com's REST API is.
pub const API: &str = "https://api.github.com";

/// Of issues with the label that are read. Who has more has another problem, and a list that is cut off would make
/// tickets twice.
const MOST_PAGES: usize = 200;

/// Times that a request is sent at most.
const MOST_TRIES: u32 = 5;

/// Between requests that change something. ("Pause between mutative requests")
const PAUSE: Duration = Duration::from_secs(1);

/// What to wait where GitHub says to wait and not how long; doubled each time. ("Handle rate limit errors appropriately")
const UNTOLD_WAIT: Duration = Duration::from_secs(60);

/// Characters of an answer's message that are told.
const LONGEST_MESSAGE: usize = 300;

/// Which repository, and how.
pub struct Settings<'a> {
    /// `OWNER/REPOSITORY`.
    pub repository: &'a str,
    /// A token with "Issues: read and write" on that repository.
    pub token: &'a str,
    /// [`API`], or `https://HOST/api/v3` of a GitHub Enterprise Server.
    pub api: &'a str,
    /// Whether the repository may be one that anybody can read.
    pub allow_public: bool,
    /// How long to wait at most when GitHub says to wait.
    pub patience: Duration,
}

/// The issues of a repository.
pub struct GitHub<'a> {
    transport: &'a mut dyn Transport,
    clock: &'a dyn Clock,
    settings: Settings<'a>,
    /// The issues that were read, by number.
    issues: BTreeMap<String, Issue>,
    is_checked: bool,
    has_written: bool,
}

struct Issue {
    body: String,
    labels: Vec<String>,
}

/// What came of a request that was answered with success, or may have been.
enum Sent {
    Answer(Response),
    /// No answer, or one that does not say whether it was acted on.
    Unclear(String),
}

impl<'a> GitHub<'a> {
    /// The issues of that repository. Nothing is sent yet.
    ///
    /// # Errors
    /// When the repository, the address or the token cannot be one.
    pub fn new(
        transport: &'a mut dyn Transport,
        clock: &'a dyn Clock,
        settings: Settings<'a>,
    ) -> Result<Self> {
        // (GitHub Docs, "Creating a new repository": letters, digits, -, _ and dots.)
        let is_name = |name: &str| {
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            !name.is_empty() && name.bytes().all(is_plain) && !name.bytes().all(|byte| byte == b'.')
        };
        let parts: Vec<_> = settings.repository.split('/').collect();
        if parts.len() != 2 || !parts.iter().all(|part| is_name(part)) {
            let name = settings.repository;
            return Err(Failure::all(format!("{name:?} is not OWNER/REPOSITORY"))
                .in_japanese(format!("{name:?} は OWNER/REPOSITORY の形ではありません")));
        }
        // A token goes to no host in the clear, but to one's own machine.
        let local = ["http://127.0.0.1:", "http://localhost:", "http://[::1]:"];
        let is_safe =
            settings.api.starts_with("https://") || local.iter().any(|it| settings.api.starts_with(it));
        let is_plain = settings.api.bytes().all(|byte| byte.is_ascii_graphic() && !b"@?#".contains(&byte));
        if !is_safe || !is_plain || settings.api.ends_with('/') {
            return Err(Failure::all(
                "the API's address must begin with https:// and have no slash at its end",
            )
            .in_japanese("APIのアドレスは https:// で始まり、末尾にスラッシュのないものにしてください"));
        }
        if settings.token.is_empty() || !settings.token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Failure::all("there is no token, or it has characters that no token has")
                .in_japanese("トークンがないか、トークンに使えない文字が含まれています"));
        }
        let issues = BTreeMap::new();
        Ok(Self { transport, clock, settings, issues, is_checked: false, has_written: false })
    }

    fn url(&self, path: &str) -> String {
        format!("{}/repos/{}{path}", self.settings.api, self.settings.repository)
    }

    fn request(&self, method: &'static str, url: String, body: Option<&Value>) -> Request {
        Request {
            method,
            url,
            headers: vec![
                ("Accept", "application/vnd.github+json".into()),
                ("Authorization", format!("Bearer {}", self.settings.token)),
                ("Content-Type", "application/json".into()),
                ("User-Agent", "aws-audit".into()),
                ("X-GitHub-Api-Version", "2022-11-28".into()),
            ],
            body: body.map(Value::to_string),
        }
    }

    /// Sends a request until it is answered. Reading, and setting what is to be, may be done again; making something
    /// (`POST`) is not sent again once it may have been acted on.
    fn send(&mut self, request: &Request) -> Result<Sent> {
        let is_read = request.method == "GET";
        let (mut backoff, mut untold) = (Duration::from_secs(1), UNTOLD_WAIT);
        let mut waited = Duration::ZERO;
        for attempt in 1.. {
            if !is_read {
                if self.has_written {
                    self.clock.sleep(PAUSE);
                }
                self.has_written = true;
            }
            let unclear = match self.transport.send(request) {
                Ok(answer) if (200..300).contains(&answer.status) => return Ok(Sent::Answer(answer)),
                Ok(answer) => match self.limited(&answer, untold) {
                    Some(wait) => {
                        // It was refused unseen, so whatever it is may be sent again.
                        untold *= 2;
                        waited = waited.saturating_add(wait);
                        if waited > self.settings.patience {
                            let seconds = wait.as_secs();
                            return Err(Failure::all(format!(
                                "GitHub's rate limit is reached, and says to wait {seconds} s: run it again then"
                            ))
                            .in_japanese(format!(
                                "GitHubのレート制限に達しました。{seconds}秒後に再実行してください"
                            )));
                        }
                        self.clock.sleep(wait);
                        continue;
                    }
                    None if answer.status >= 500 => format!("status {}", answer.status),
                    None => return Err(self.refused(request, &answer)),
                },
                Err(error) => self.clean(&error.0),
            };
            if request.method == "POST" {
                return Ok(Sent::Unclear(unclear));
            }
            if attempt >= MOST_TRIES {
                return Err(Failure::one(format!("{request:?}: {unclear}")));
            }
            self.clock.sleep(backoff);
            backoff *= 2;
        }
        unreachable!("the loop ends by returning")
    }

    /// How long to wait, if the answer says that too much was asked.
    fn limited(&self, answer: &Response, untold: Duration) -> Option<Duration> {
        if !matches!(answer.status, 403 | 429) {
            return None;
        }
        if let Some(seconds) = answer.header("retry-after").and_then(|it| it.trim().parse().ok()) {
            return Some(Duration::from_secs(seconds));
        }
        if answer.header("x-ratelimit-remaining").map(str::trim) == Some("0") {
            let reset: Option<i64> = answer.header("x-ratelimit-reset").and_then(|it| it.trim().parse().ok());
            let left = reset.map_or(0, |reset| reset.saturating_sub(self.clock.now().as_second()));
            // A second more: the two clocks need not agree.
            return Some(Duration::from_secs(u64::try_from(left).unwrap_or(0).saturating_add(1)));
        }
        let is_limit = answer.status == 429 || answer.body.to_ascii_lowercase().contains("rate limit");
        is_limit.then_some(untold)
    }

    /// What an answer says that refuses something.
    fn refused(&self, request: &Request, answer: &Response) -> Failure {
        let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        let message = body["message"].as_str().unwrap_or_default();
        let message: String = message.chars().take(LONGEST_MESSAGE).collect();
        let status = answer.status;
        let (en, ja) = match status {
            300..=399 => (
                " (the repository has moved: name it as it is called now)",
                "（リポジトリが移動しました。現在の名前を指定してください）",
            ),
            401 => (" (the token is not valid, or no longer)", "（トークンが無効か、期限切れです）"),
            403 => (
                " (the token may not do that: it needs \"Issues: read and write\" on the repository)",
                "（トークンの権限が足りません。リポジトリの Issues: read and write が必要です）",
            ),
            404 => (
                " (there is no such repository, or the token does not see it)",
                "（リポジトリが存在しないか、トークンからは見えません）",
            ),
            _ => ("", ""),
        };
        let what = self.clean(&format!("{request:?}: status {status}: {message}"));
        let failure = if matches!(status, 300..=399 | 401) { Failure::all } else { Failure::one };
        failure(format!("{what}{en}")).in_japanese(format!("{what}{ja}"))
    }

    /// Without the token, should somebody have put it into an error.
    fn clean(&self, text: &str) -> String {
        text.replace(self.settings.token, "…")
    }

    fn get(&mut self, url: String) -> Result<(Value, Option<String>)> {
        let request = self.request("GET", url, None);
        match self.send(&request)? {
            Sent::Answer(answer) => {
                let body = serde_json::from_str(&answer.body)
                    .map_err(|error| Failure::one(format!("{request:?}: the answer is no JSON: {error}")))?;
                Ok((body, next_page(&answer)))
            }
            Sent::Unclear(what) => Err(Failure::one(format!("{request:?}: {what}"))),
        }
    }

    /// Looks at the repository once, before anything is told of it.
    fn check(&mut self) -> Result<()> {
        if self.is_checked {
            return Ok(());
        }
        let (repository, _) = self.get(self.url("")).map_err(Failure::final_one)?;
        if repository["has_issues"] == json!(false) {
            return Err(Failure::all("the repository's issues are turned off")
                .in_japanese("リポジトリのIssuesが無効になっています"));
        }
        if repository["archived"] == json!(true) {
            return Err(
                Failure::all("the repository is archived").in_japanese("リポジトリがアーカイブされています")
            );
        }
        // Internal repositories of an enterprise are private here.
        if repository["private"] != json!(true) && !self.settings.allow_public {
            return Err(Failure::all(
                "anybody can read the repository's issues, which would tell an attacker where to begin: use a private \
                 repository, or allow a public one",
            )
            .in_japanese(
                "リポジトリのIssuesは誰でも読めるため、攻撃者に弱点を教えることになります。プライベートリポジトリを使うか、\
                 公開リポジトリを明示的に許可してください",
            ));
        }
        self.is_checked = true;
        Ok(())
    }

    /// The issues of a page, and the address of the next one.
    fn page(&mut self, url: String) -> Result<(Vec<Ticket>, Option<String>)> {
        let (page, next) = self.get(url)?;
        let Some(page) = page.as_array() else {
            return Err(Failure::one("GitHub's list of issues is no list")
                .in_japanese("GitHubの応答がIssueの一覧ではありません"));
        };
        let mut tickets = Vec::new();
        for issue in page.iter().filter(|issue| issue.get("pull_request").is_none()) {
            let Some(number) = issue["number"].as_u64() else {
                return Err(Failure::one("an issue in GitHub's list has no number")
                    .in_japanese("GitHubの一覧に番号のないIssueがあります"));
            };
            let body = issue["body"].as_str().unwrap_or_default().to_owned();
            let labels = labels_of(issue);
            let state = match (issue["state"].as_str(), issue["state_reason"].as_str()) {
                (Some("closed"), Some("not_planned" | "duplicate")) => State::Declined,
                (Some("closed"), _) => State::Closed,
                _ => State::Open,
            };
            tickets.push(Ticket {
                id: number.to_string(),
                state,
                labels: labels.clone(),
                title: issue["title"].as_str().unwrap_or_default().to_owned(),
                text: body.clone(),
                key: None,
            });
            self.issues.insert(number.to_string(), Issue { body, labels });
        }
        Ok((tickets, next))
    }

    fn list(&self, order: &str) -> String {
        self.url(&format!("/issues?labels={LABEL}&state=all&sort=created&direction={order}&per_page=100"))
    }

    fn create(&mut self, item: &Item) -> Result<Done> {
        let body = item.body.as_ref().map_or("", |body| body.markdown.as_str());
        let mut issue = json!({ "title": item.title, "body": body, "labels": item.labels });
        if let Some(login) = item.owner.as_ref().and_then(login) {
            issue["assignees"] = json!([login]);
        }
        let url = self.url("/issues");
        for attempt in 1.. {
            let request = self.request("POST", url.clone(), Some(&issue));
            match self.send(&request) {
                Ok(Sent::Answer(answer)) => return self.created(&answer),
                // "Validation Failed" of somebody who cannot be assigned: the ticket matters more.
                Err(Failure { what, .. })
                    if what.contains("status 422") && issue.get("assignees").is_some() =>
                {
                    issue.as_object_mut().map(|issue| issue.remove("assignees"));
                }
                Err(failure) => return Err(failure),
                Ok(Sent::Unclear(what)) => {
                    // It may have been made all the same: sent again unseen, it would be made twice.
                    self.clock.sleep(Duration::from_secs(1 << attempt));
                    let (newest, _) = self.page(self.list("desc"))?;
                    let is_it = |ticket: &&Ticket| {
                        let marker = Marker::find(&ticket.text);
                        ticket.state == State::Open && marker.is_some_and(|marker| marker.key == item.key)
                    };
                    if let Some(ticket) = newest.iter().find(is_it) {
                        return Ok(Done::Done(format!("#{}", ticket.id)));
                    }
                    if attempt >= MOST_TRIES {
                        return Err(Failure::one(format!("{request:?}: {what}")));
                    }
                }
            }
        }
        unreachable!("the loop ends by returning")
    }

    /// Makes sure that the issue can be found again. ("Only users with push access can set labels for new issues. Labels
    /// are silently dropped otherwise.")
    fn created(&mut self, answer: &Response) -> Result<Done> {
        let issue: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        let Some(number) = issue["number"].as_u64() else {
            return Err(Failure::all("GitHub's answer to a new issue has no number")
                .in_japanese("作成したIssueの番号がGitHubの応答にありません"));
        };
        if labels_of(&issue).iter().any(|label| label == LABEL) {
            let address = issue["html_url"].as_str().unwrap_or_default();
            return Ok(Done::Done(if address.is_empty() {
                format!("#{number}")
            } else {
                address.to_owned()
            }));
        }
        let closing = json!({ "state": "closed", "state_reason": "not_planned" });
        let request = self.request("PATCH", self.url(&format!("/issues/{number}")), Some(&closing));
        let (en, ja) = match self.send(&request) {
            Ok(Sent::Answer(_)) => ("and was closed again", "すぐに閉じました"),
            _ => (
                "and could not be closed: close it by hand",
                "閉じることもできなかったため、手動で閉じてください",
            ),
        };
        Err(Failure::all(format!(
            "GitHub has made issue #{number} without the label {LABEL}, {en}: the token may not set labels (it needs \
             push access to the repository)"
        ))
        .in_japanese(format!(
            "ラベル {LABEL} のないIssue #{number} が作られました（{ja}）。トークンにラベルを付ける権限（リポジトリへのpush権限）が\
             ありません"
        )))
    }

    /// Changes an issue, then comments on it. A comment is tried once: said twice it is worse than unsaid.
    fn change(&mut self, item: &Item, change: &Value) -> Result<Done> {
        let Some(number) = item.ticket.as_deref().filter(|it| it.bytes().all(|byte| byte.is_ascii_digit()))
        else {
            return Err(Failure::one("the plan names no issue").in_japanese("計画にIssueの番号がありません"));
        };
        let request = self.request("PATCH", self.url(&format!("/issues/{number}")), Some(change));
        if let Sent::Unclear(what) = self.send(&request)? {
            return Err(Failure::one(format!("{request:?}: {what}")));
        }
        let told = format!("#{number}");
        let Some(comment) = &item.comment else { return Ok(Done::Done(told)) };
        let comment = json!({ "body": comment.markdown });
        let request = self.request("POST", self.url(&format!("/issues/{number}/comments")), Some(&comment));
        match self.send(&request) {
            Ok(Sent::Answer(_)) => Ok(Done::Done(told)),
            Ok(Sent::Unclear(what)) => Ok(Done::WithoutComment(told, what)),
            Err(failure) if failure.is_final => Err(failure),
            Err(failure) => Ok(Done::WithoutComment(told, failure.what)),
        }
    }

    /// What an issue is to say, and with which labels.
    fn content(&self, item: &Item) -> Value {
        let mut change = json!({});
        let issue = item.ticket.as_ref().and_then(|number| self.issues.get(number));
        if let Some(Text { markdown, .. }) = &item.body {
            change["body"] =
                json!(issue.map_or_else(|| markdown.clone(), |issue| within(&issue.body, markdown)));
        }
        if let Some(issue) = issue {
            // Those that tell how bad it is are ours; all others are people's.
            let is_ours = |label: &&String| {
                let severity = label.strip_prefix(LABEL).and_then(|rest| rest.strip_prefix(':'));
                severity.is_some_and(|it| ["critical", "high", "medium", "low", "info"].contains(&it))
            };
            let mut labels: Vec<_> = issue.labels.iter().filter(|it| !is_ours(it)).cloned().collect();
            labels.extend(item.labels.iter().filter(|it| !issue.labels.contains(it) || is_ours(it)).cloned());
            let is_same =
                labels.len() == issue.labels.len() && labels.iter().all(|it| issue.labels.contains(it));
            if !is_same {
                change["labels"] = json!(labels);
            }
        }
        change
    }
}

impl Tracker for GitHub<'_> {
    fn tickets(&mut self) -> Result<Option<Vec<Ticket>>> {
        self.check()?;
        let (mut tickets, mut url) = (Vec::new(), self.list("asc"));
        for _ in 0..MOST_PAGES {
            let (page, next) = self.page(url)?;
            tickets.extend(page);
            let Some(next) = next else { return Ok(Some(tickets)) };
            // The next address comes from the answer: the token follows it nowhere else.
            if !next.starts_with(&format!("{}/", self.settings.api)) {
                return Err(Failure::all("GitHub's list of issues goes on at another host")
                    .in_japanese("GitHubのIssue一覧の続きが別のホストを指しています"));
            }
            url = next;
        }
        let most = MOST_PAGES * 100;
        Err(Failure::all(format!("there are more than {most} issues with the label {LABEL}"))
            .in_japanese(format!("ラベル {LABEL} の付いたIssueが{most}件を超えています")))
    }

    fn act(&mut self, item: &Item) -> Result<Done> {
        self.check()?;
        let mut change = self.content(item);
        match item.action {
            Action::None => return Ok(Done::Already),
            Action::Create => return self.create(item),
            Action::Update => {}
            Action::Reopen => change["state"] = json!("open"),
            // "completed", whatever the reason: "not_planned" is what people say, and what is never opened again.
            Action::Close => change = json!({ "state": "closed", "state_reason": "completed" }),
        }
        if item.why == Why::Duplicate {
            // Out of the list for good, so that the first one stays the only ticket of its key.
            let issue = item.ticket.as_ref().and_then(|number| self.issues.get(number));
            let labels = issue.map(|issue| issue.labels.as_slice()).unwrap_or_default();
            let labels: Vec<_> = labels.iter().filter(|label| *label != LABEL).collect();
            change = json!({ "state": "closed", "state_reason": "not_planned", "labels": labels });
        }
        self.change(item, &change)
    }
}

fn labels_of(issue: &Value) -> Vec<String> {
    let labels = issue["labels"].as_array().into_iter().flatten();
    labels.filter_map(|label| label.as_str().or_else(|| label["name"].as_str())).map(str::to_owned).collect()
}

/// `<https://api.github.com/…&page=2>; rel="next", <…>; rel="last"`
fn next_page(answer: &Response) -> Option<String> {
    let links = answer.header("link")?.split(',');
    links.filter_map(|link| link.split_once('>')).find_map(|(address, attributes)| {
        let is_next = attributes.split(';').any(|it| it.trim() == "rel=\"next\"");
        is_next.then(|| address.trim().strip_prefix('<').map(str::to_owned))?
    })
}

/// Somebody to assign, where the configuration names one.
fn login(owner: &Owner) -> Option<&str> {
    let login = owner.name.strip_prefix('@').filter(|_| !owner.from_tag)?;
    let is_login = login.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    (is_login && !login.is_empty()).then_some(login)
}

/// The body with our part of it replaced. A name in it may look like its end: the last one counts.
fn within(body: &str, ours: &str) -> String {
    let Some(begin) = body.find(BEGIN) else { return format!("{ours}\n{body}") };
    let end = body[begin..].rfind(END).map_or(body.len(), |at| begin + at + END.len());
    format!("{}{}{}", &body[..begin], ours.trim_end(), &body[end..])
}
