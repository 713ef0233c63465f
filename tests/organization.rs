//! Many accounts through the real binary: an organization of the emulator, which keeps accounts apart by the role that was
//! assumed, behind a door that knows whose credentials are whose.

mod support;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime},
};

use aws_audit_testbed::bench::{Endpoint, Members, Settings};
use serde_json::Value;
use support::{EMULATOR, Run, program, run};

/// The management account; `support::EMULATOR` has others that other tests use.
const HUB: &str = "900000000001";
/// Members beside it.
const MEMBERS: usize = 30;
/// What the tests scan with: enough to tell accounts apart.
const CHECKS: [&str; 4] =
    ["--checks", "iam-user-console-mfa,iam-password-policy-length", "--regions", "us-east-1"];

/// What the door does to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    DenyRole,
    HangAll,
    Throttle,
    /// STS has no time at first, and then tells of another account.
    TellAnother,
}

/// Stands between the program and the emulator: sees which role's credentials are used for what.
struct Door {
    url: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// Access keys that AssumeRole gave, with their account.
    keys: BTreeMap<String, String>,
    does: BTreeMap<String, Does>,
    /// Requests by account.
    asked: BTreeMap<String, usize>,
    /// What was asked with the credentials of another account.
    wrong: Vec<String>,
    /// External ids, source identities and session names that came with AssumeRole.
    roles: BTreeSet<String>,
    at_once: usize,
    most_at_once: usize,
}

impl Door {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream, &state));
            }
        });
        Self { url, state }
    }

    fn does(&self, account: &str, what: Does) {
        self.state.lock().unwrap().does.insert(account.to_owned(), what);
    }

    fn command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = program(arguments);
        command
            .env("AWS_ENDPOINT_URL", &self.url)
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", hub_key())
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .env("AWS_SESSION_TOKEN", "token");
        command
    }

    fn run(&self, arguments: &[&str]) -> Run {
        run(self.command(arguments))
    }
}

/// Forwards requests, but for what accounts do, and notes whose they are.
fn serve(stream: TcpStream, state: &Mutex<State>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let (head, body) = read_message(&mut stream)?;
        let text = String::from_utf8_lossy(&head).into_owned();
        let lower = text.to_ascii_lowercase();
        let key = text.split_once("Credential=").and_then(|(_, rest)| rest.split('/').next()).unwrap_or("");
        let form = String::from_utf8_lossy(&body).into_owned();
        let assumes = form.contains("Action=AssumeRole&");
        let role_account = form
            .split_once("RoleArn=")
            .map(|(_, rest)| rest.split("%3A").nth(4).unwrap_or_default().to_owned());
        let (account, does, nth) = {
            let mut state = state.lock().unwrap();
            let account = if key == hub_key() { HUB.to_owned() } else { state.keys.get(key).cloned()? };
            let asked = state.asked.entry(account.clone()).or_default();
            *asked += 1;
            let nth = *asked;
            state.at_once += 1;
            state.most_at_once = state.most_at_once.max(state.at_once);
            // S3 Control says in a header whose account it asks about.
            if let Some((_, rest)) = lower.split_once("x-amz-account-id: ")
                && !rest.starts_with(&account)
            {
                state.wrong.push(format!("{account} asks about {}", &rest[..12]));
            }
            let target = if assumes { role_account.clone().unwrap_or_default() } else { account.clone() };
            (account, state.does.get(&target).copied(), nth)
        };
        let answer = match does {
            Some(Does::DenyRole) if assumes => {
                refuse(403, "AccessDenied", "is not authorized to perform: sts:AssumeRole")
            }
            Some(Does::Throttle) if !assumes && form.contains("GetAccountPasswordPolicy") => {
                refuse(400, "Throttling", "Rate exceeded")
            }
            // Only with the account's own credentials: the role is given out.
            Some(Does::HangAll) if !assumes && account != HUB => {
                std::thread::sleep(Duration::from_secs(120));
                return None;
            }
            Some(Does::TellAnother) if !assumes && form.contains("Action=GetCallerIdentity") => match nth {
                1 => refuse(400, "Throttling", "Rate exceeded"),
                _ => answer(
                    "200 OK",
                    "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
                     <GetCallerIdentityResult><Arn>arn:aws:sts::900000000099:assumed-role/a/b</Arn><UserId>x</UserId>\
                     <Account>900000000099</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
                ),
            },
            _ => forward(&head, &body)?,
        };
        if assumes && let Some(role_account) = role_account {
            let text = String::from_utf8_lossy(&answer);
            let mut state = state.lock().unwrap();
            if let Some((_, rest)) = text.split_once("<AccessKeyId>") {
                let key = rest.split('<').next().unwrap_or_default().to_owned();
                state.keys.insert(key, role_account);
            }
            for pair in form.split('&').filter(|pair| {
                ["ExternalId=", "SourceIdentity=", "RoleSessionName="]
                    .iter()
                    .any(|name| pair.starts_with(name))
            }) {
                state.roles.insert(pair.to_owned());
            }
        }
        state.lock().unwrap().at_once -= 1;
        stream.get_mut().write_all(&answer).ok()?;
    }
}

fn refuse(status: u16, code: &str, message: &str) -> Vec<u8> {
    let body = format!(
        "<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    );
    answer(&format!("{status} X"), &body)
}

fn answer(status: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\ncontent-type: text/xml\r\ncontent-length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}

/// A head (with its empty line) and a body.
fn read_message(stream: &mut BufReader<TcpStream>) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut head = Vec::new();
    let mut length = 0;
    loop {
        let mut line = Vec::new();
        if stream.read_until(b'\n', &mut line).ok()? == 0 {
            return None;
        }
        let text = String::from_utf8_lossy(&line).to_ascii_lowercase();
        if let Some(value) = text.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        head.extend_from_slice(&line);
        if line == b"\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some((head, body))
}

fn forward(head: &[u8], body: &[u8]) -> Option<Vec<u8>> {
    let host = EMULATOR.url().trim_start_matches("http://");
    let mut to = TcpStream::connect(host).ok()?;
    // One request a connection: the emulator's answer ends with it.
    let text = String::from_utf8_lossy(head).into_owned();
    let text = text.trim_end().to_owned() + "\r\nconnection: close\r\n\r\n";
    to.write_all(text.as_bytes()).ok()?;
    to.write_all(body).ok()?;
    let mut answer = Vec::new();
    to.read_to_end(&mut answer).ok()?;
    // `connection: close` is for the emulator alone.
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let mut lines: Vec<&str> =
        head.lines().filter(|line| !line.to_ascii_lowercase().starts_with("connection:")).collect();
    let length = format!("Content-Length: {}", answer.len() - end - 4);
    if !head.to_ascii_lowercase().contains("content-length:") {
        lines.push(&length);
    }
    let mut whole = (lines.join("\r\n") + "\r\n\r\n").into_bytes();
    whole.extend_from_slice(&answer[end + 4..]);
    Some(whole)
}

/// The key of a role in the management account: the emulator tells accounts by the keys that it gave out.
fn hub_key() -> &'static str {
    &ORGANIZATION.0
}

/// The organization, made once: the key of the management account, and the members' ids, the last one suspended.
static ORGANIZATION: std::sync::LazyLock<(String, Vec<String>)> = std::sync::LazyLock::new(|| {
    let script = r#"
import boto3, sys, json
url, hub, members = sys.argv[1], sys.argv[2], int(sys.argv[3])
kw = dict(endpoint_url=url, region_name="us-east-1")
def of(account):
    sts = boto3.client("sts", aws_access_key_id="x", aws_secret_access_key="x", **kw)
    c = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/seed", RoleSessionName="seed")["Credentials"]
    return dict(aws_access_key_id=c["AccessKeyId"], aws_secret_access_key=c["SecretAccessKey"], aws_session_token=c["SessionToken"], **kw)
keys = of(hub)
org = boto3.client("organizations", **keys)
org.create_organization(FeatureSet="ALL")
root = org.list_roots()["Roots"][0]["Id"]
units = [org.create_organizational_unit(ParentId=root, Name=n)["OrganizationalUnit"]["Id"] for n in ("Workloads", "Sandbox")]
prod = org.create_organizational_unit(ParentId=units[0], Name="Production")["OrganizationalUnit"]["Id"]
units.append(prod)
for kind in ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"):
    org.enable_policy_type(RootId=root, PolicyType=kind)
def statement(effect, action="iam:PutUserPolicy", resource="*", **more):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": action, "Resource": resource, **more}]})
document = statement
def attach(name, kind, content):
    made = org.create_policy(Name=name, Description="d", Type=kind, Content=content)
    org.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=units[1])
attach("no-user-policies", "SERVICE_CONTROL_POLICY", document("Deny"))
# Who may manage the organization, and who may not, though he would be let in.
org_admin = f"arn:aws:iam::{hub}:role/org-admin"
attach("no-org-admin", "SERVICE_CONTROL_POLICY", statement("Deny", "sts:AssumeRole", org_admin))
outside = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": org.describe_organization()["Organization"]["Id"]}}
attach("perimeter", "RESOURCE_CONTROL_POLICY", statement("Deny", "sts:AssumeRole", Principal="*", Condition=outside))
def trust(principal):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}]})
ids = []
for at in range(members):
    status = org.create_account(Email=f"a{at}@example.com", AccountName=f"member-{at:02}")["CreateAccountStatus"]
    account = status["AccountId"]
    ids.append(account)
    org.move_account(AccountId=account, SourceParentId=root, DestinationParentId=units[at % 3])
    iam = boto3.client("iam", **of(account))
    iam.create_user(UserName=f"only-{account}")
    iam.create_login_profile(UserName=f"only-{account}", Password="Secret-123456")
    iam.put_user_policy(UserName=f"only-{account}", PolicyName="own", PolicyDocument=document("Allow"))
    if at in (15, 16):
        iam.create_user(UserName="ci")
        iam.put_user_policy(UserName="ci", PolicyName="manage", PolicyDocument=statement("Allow", "sts:AssumeRole", org_admin))
    if at in (18, 19):
        iam.create_role(RoleName="open", AssumeRolePolicyDocument=trust("*"))
iam = boto3.client("iam", **keys)
iam.create_role(RoleName="org-admin", AssumeRolePolicyDocument=trust({"AWS": [f"arn:aws:iam::{ids[at]}:root" for at in (15, 16)]}))
iam.put_role_policy(RoleName="org-admin", PolicyName="all", PolicyDocument=statement("Allow", "*"))
org.register_delegated_administrator(AccountId=ids[17], ServicePrincipal="guardduty.amazonaws.com")
org.close_account(AccountId=ids[-1])
print(json.dumps([keys["aws_access_key_id"], ids]))
"#;
    let output = std::process::Command::new(aws_audit_testbed::python().unwrap())
        .args(["-c", script, EMULATOR.url(), HUB, &MEMBERS.to_string()])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
});

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
        .unwrap()
}

fn missing(report: &Value) -> BTreeMap<&str, &str> {
    let missing = report["missing"].as_array().unwrap().iter();
    missing.map(|it| (it["account"].as_str().unwrap(), it["reason"].as_str().unwrap())).collect()
}

/// Ids of the accounts with a report; each has its own resources and no others.
fn reported(report: &Value, directory: &Path) -> BTreeSet<String> {
    let accounts = report["accounts"].as_array().unwrap().iter();
    accounts
        .map(|account| {
            let id = account["id"].as_str().unwrap().to_owned();
            let text = fs::read_to_string(directory.join(account["report"].as_str().unwrap())).unwrap();
            for other in ORGANIZATION.1.iter().filter(|other| **other != id) {
                assert!(!text.contains(&format!("only-{other}")), "{id} tells of {other}");
            }
            if id != HUB {
                assert!(text.contains(&format!("only-{id}")), "{id} does not tell of its own");
            }
            let report: Value = serde_json::from_str(&text).unwrap();
            support::validate(&report);
            assert_eq!(report["account"]["id"], id);
            id
        })
        .collect()
}

fn scan(door: &Door, arguments: &[&str]) -> Run {
    door.run(&[&["scan"], &CHECKS[..], arguments].concat())
}

#[test]
fn thirty_accounts_of_which_four_cannot_be_read() {
    let (_, members) = &*ORGANIZATION;
    let door = Door::new();
    let [denied, hangs, panics, throttled] = [0, 1, 2, 3].map(|at| members[at].as_str());
    let suspended = members.last().unwrap().as_str();
    door.does(denied, Does::DenyRole);
    door.does(hangs, Does::HangAll);
    door.does(throttled, Does::Throttle);
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("run");
    let mut command = door.command(
        &[
            &["scan", "--organization", "--output-dir", out.to_str().unwrap(), "--format", "json"][..],
            &[
                "--external-id",
                "x-1",
                "--source-identity",
                "jo",
                "--session-name",
                "night",
                "--save-snapshots",
            ][..],
            &CHECKS[..],
        ]
        .concat(),
    );
    command.env("AWS_AUDIT_TEST_PANIC", panics);
    let run = run(command);
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr));
    assert_eq!(report, json(&out.join("organization.json")));
    assert_eq!(run.code, 1, "there are findings: {}", run.stderr);
    let expected: BTreeMap<&str, &str> = [
        (denied, "role_refused"),
        (hangs, "no_answer"),
        (panics, "internal_error"),
        (suspended, "not_active"),
    ]
    .into();
    assert_eq!(missing(&report), expected, "{}", run.stderr);
    for missing in report["missing"].as_array().unwrap() {
        assert!(
            !missing["message"].as_str().unwrap().is_empty() && !missing["fix"].as_str().unwrap().is_empty()
        );
    }
    let reported = reported(&report, &out);
    let all: BTreeSet<String> = members.iter().cloned().chain([HUB.to_owned()]).collect();
    assert_eq!(reported.len() + expected.len(), all.len());
    assert!(reported.iter().all(|id| all.contains(id)) && reported.contains(HUB));
    // The throttled account is read all the same, but for what was refused to the end.
    assert!(reported.contains(throttled));
    let state = door.state.lock().unwrap();
    assert!(state.wrong.is_empty(), "{:#?}", state.wrong);
    let sent: Vec<_> = state.roles.iter().map(String::as_str).collect();
    assert_eq!(sent, ["ExternalId=x-1", "RoleSessionName=night", "SourceIdentity=jo"]);
    assert!(state.most_at_once <= 320, "{}", state.most_at_once);
    // The caller's own account is read with its own credentials.
    assert!(state.asked[HUB] > 0 && !state.keys.values().any(|account| account == HUB));
    // Units with subtotals; the snapshot beside the report; nothing half.
    let unit = |name: &str| {
        let units = report["units"].as_array().unwrap().iter();
        let mut units = units.filter(|unit| unit["path"].as_array().unwrap().last().unwrap()["name"] == name);
        units.next().unwrap()["standing"]["accounts"].as_u64().unwrap()
    };
    assert_eq!((unit("Root"), unit("Workloads"), unit("Production"), unit("Sandbox")), (31, 20, 10, 10));
    for id in &reported {
        assert!(out.join(format!("accounts/{id}.snapshot.json.zst")).is_file());
    }
    let others: Vec<_> = fs::read_dir(out.join("accounts"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with('.'))
        .collect();
    assert!(others.is_empty(), "{others:?}");
    let check =
        report["checks"].as_array().unwrap().iter().find(|it| it["check"] == "iam-user-console-mfa").unwrap();
    assert_eq!(
        check["accounts"].as_array().unwrap().len(),
        reported.len() - 1,
        "in all members that were read"
    );
}

#[test]
fn an_interrupted_run_goes_on_where_it_was() {
    let (_, members) = &*ORGANIZATION;
    let door = Door::new();
    door.does(&members[5], Does::DenyRole);
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("run");
    let path = out.to_str().unwrap();
    let mut command = door.command(
        &[
            &[
                "scan",
                "--organization",
                "--output-dir",
                path,
                "--parallel-accounts",
                "2",
                "--ou",
                "Workloads",
            ],
            &CHECKS[..],
        ]
        .concat(),
    );
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    // After the first reports are there.
    let started = Instant::now();
    while fs::read_dir(out.join("accounts")).map_or(0, Iterator::count) < 4 {
        assert!(started.elapsed() < Duration::from_secs(120), "no report appears");
        std::thread::sleep(Duration::from_millis(20));
    }
    std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    let code = child.wait().unwrap().code().unwrap();
    assert!([1, 3].contains(&code), "{code}: {said}");
    assert!(said.contains("--resume"), "{said}");
    let half = json(&out.join("organization.json"));
    let interrupted = missing(&half).values().filter(|reason| **reason == "interrupted").count();
    assert!(interrupted > 0, "{said}");
    assert_eq!(half["planned"], 20);
    // Every file is whole.
    for entry in fs::read_dir(out.join("accounts")).unwrap() {
        json(&entry.unwrap().path());
    }
    door.state.lock().unwrap().does.clear();
    let kept: BTreeSet<String> = half["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|account| account["incomplete"] == false)
        .map(|account| account["id"].as_str().unwrap().to_owned())
        .collect();
    let asked = |door: &Door| -> BTreeMap<String, usize> { door.state.lock().unwrap().asked.clone() };
    let before = asked(&door);
    let run = scan(&door, &["--resume", path, "--format", "json"]);
    let whole: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr));
    // One of the Workloads may be the suspended one.
    assert!(missing(&whole).values().all(|reason| *reason == "not_active"), "{}", run.stderr);
    reported(&whole, &out);
    for id in &kept {
        assert_eq!(before.get(id), asked(&door).get(id), "{id} was scanned again");
    }
    // Another run does not go into the same directory.
    let again = scan(&door, &["--organization", "--output-dir", path]);
    assert_eq!(again.code, 2);
    assert!(again.stderr.contains("--resume"), "{}", again.stderr);
}

/// Killed, not asked to end: what is there then is what had been written, and no more.
#[test]
fn a_killed_run_of_hundreds_of_accounts_goes_on_and_has_each_account_once() {
    const ACCOUNTS: u64 = 300;
    let endpoint = Endpoint::start(Settings {
        scale: 0,
        now: SystemTime::now(),
        latency: Duration::from_millis(5),
        limits: Vec::new(),
        throttles: false,
        competitor: None,
        faults: Vec::new(),
        seed: 1,
        members: Members::default(),
    })
    .unwrap();
    // Asked once of each account.
    let scanned = || {
        let record = endpoint.record();
        let policy = record.operations.iter().position(|it| it == "iam:GetAccountPasswordPolicy").unwrap();
        record.calls.iter().filter(|call| usize::from(call.operation) == policy).count()
    };
    let command = |arguments: &[&str]| {
        let checks = ["scan", CHECKS[0], CHECKS[1], "--regions", endpoint.home()];
        let mut command = program(&[&checks[..], arguments].concat());
        command.env("AWS_ENDPOINT_URL", endpoint.url()).env("AWS_REGION", endpoint.home());
        command.env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE").env("AWS_SECRET_ACCESS_KEY", "secret");
        command
    };
    let directory = tempfile::tempdir().unwrap();
    let (list, out) = (directory.path().join("accounts.txt"), directory.path().join("run"));
    let ids: BTreeSet<String> = (0..ACCOUNTS).map(|n| (100_000_000_000 + n).to_string()).collect();
    fs::write(&list, ids.iter().map(|id| format!("{id}\n")).collect::<String>()).unwrap();
    /// The reports that are there, by account. What else is there has been begun, and is under no account's name.
    fn reports(out: &Path) -> BTreeMap<String, Vec<u8>> {
        let files =
            fs::read_dir(out.join("accounts")).into_iter().flatten().map(|entry| entry.unwrap().path());
        let named = files.filter_map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let Some(id) = name.strip_suffix(".json") else {
                assert!(name.starts_with(".aws-audit-"), "{name}");
                return None;
            };
            Some((id.to_owned(), fs::read(&path).unwrap()))
        });
        named.collect()
    }

    let (list, path) = (list.to_str().unwrap(), out.to_str().unwrap());
    let mut killed = command(&["--accounts-file", list, "--output-dir", path, "--parallel-accounts", "8"]);
    let mut killed =
        killed.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
    let started = Instant::now();
    while fs::read_dir(out.join("accounts")).map_or(0, Iterator::count) < ids.len() / 2 {
        assert!(killed.try_wait().unwrap().is_none(), "it ended by itself");
        assert!(started.elapsed() < Duration::from_secs(240), "no reports appear");
        std::thread::sleep(Duration::from_millis(2));
    }
    killed.kill().unwrap();
    assert_eq!(killed.wait().unwrap().code(), None, "a signal ends it");
    let (kept, scanned_before) = (reports(&out), scanned());
    assert!(kept.len() >= ids.len() / 3 && kept.len() < ids.len(), "{} reports", kept.len());
    for (id, text) in &kept {
        let report: Value = serde_json::from_slice(text).unwrap_or_else(|error| panic!("{id}: {error}"));
        support::validate(&report);
        assert_eq!(report["account"]["id"], **id);
    }
    assert!(!out.join("organization.json").exists(), "there is no report of half an organization");

    let run = run(command(&["--resume", path, "--format", "json"]));
    let whole: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr));
    assert_eq!((&whole["planned"], missing(&whole)), (&ACCOUNTS.into(), BTreeMap::new()));
    let told: Vec<_> = whole["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(told.len(), ids.len(), "each once");
    assert_eq!(told.into_iter().collect::<BTreeSet<_>>(), ids);
    let all = reports(&out);
    assert_eq!(all.keys().cloned().collect::<BTreeSet<_>>(), ids);
    assert!(kept.iter().all(|(id, text)| all[id] == *text), "what was whole is kept as it was");
    assert_eq!(scanned() - scanned_before, ids.len() - kept.len(), "and was not scanned again");
}

#[test]
fn a_plan_its_workers_and_a_merge_make_the_same_report() {
    let (_, members) = &*ORGANIZATION;
    let door = Door::new();
    door.does(&members[1], Does::DenyRole);
    let directory = tempfile::tempdir().unwrap();
    let plan = directory.path().join("plan.jsonl");
    let accounts = [HUB, &members[0], &members[1], &members[2], members.last().unwrap()].join(",");
    let select = ["--organization", "--accounts", &accounts];
    let run = door.run(
        &[&["org", "plan", "--output", plan.to_str().unwrap(), "--regions", "us-east-1"], &select[..]]
            .concat(),
    );
    assert_eq!(run.code, 0, "{}", run.stderr);
    let lines = fs::read_to_string(&plan).unwrap();
    assert_eq!(lines.lines().count(), 5);
    assert!(lines.lines().all(|line| line.len() < 1000));
    let out = directory.path().join("out");
    let worker = |arguments: &[&str], variables: &[(&str, &str)]| {
        let fixed = ["org", "worker", "--output-dir", out.to_str().unwrap(), CHECKS[0], CHECKS[1]];
        let mut command = door.command(&[&fixed[..], arguments].concat());
        command.envs(variables.iter().copied());
        support::run(command)
    };
    let by_plan = ["--plan", plan.to_str().unwrap()];
    let mut codes = vec![];
    for index in 0..2 {
        codes.push(worker(&by_plan, &[("AWS_BATCH_JOB_ARRAY_INDEX", &index.to_string())]).code);
    }
    codes.push(worker(&by_plan, &[("JOB_COMPLETION_INDEX", "2")]).code);
    codes.push(worker(&[&by_plan[..], &["--index", "3"]].concat(), &[]).code);
    let last = worker(&["--item", lines.lines().nth(4).unwrap()], &[]);
    codes.push(last.code);
    let refused =
        lines.lines().position(|line| line.contains(&format!("\"account\":\"{}\"", members[1]))).unwrap();
    let expected: Vec<i32> = (0..5).map(|at| if at == refused { 3 } else { 0 }).collect();
    assert_eq!(codes, expected, "{}", last.stderr);
    for (arguments, words) in [
        (vec!["--plan", plan.to_str().unwrap()], "--index"),
        (vec!["--plan", plan.to_str().unwrap(), "--index", "5"], "counted from 0"),
        (vec!["--item", "{}"], "no item"),
    ] {
        let run = worker(&arguments, &[]);
        assert_eq!(run.code, 2, "{arguments:?}");
        assert!(run.stderr.contains(words), "{arguments:?}: {}", run.stderr);
    }
    let merged =
        run_merge(&door, &[out.to_str().unwrap(), "--plan", plan.to_str().unwrap(), "--format", "json"]);
    assert_eq!(merged.code, 1, "{}", merged.stderr);
    let report: Value = serde_json::from_str(&merged.stdout).unwrap();
    let expected: BTreeMap<&str, &str> =
        [(members[1].as_str(), "role_refused"), (members.last().unwrap().as_str(), "not_active")].into();
    assert_eq!(missing(&report), expected);
    assert_eq!(reported(&report, &out).len(), 3);
    // Without one of the files its account is told.
    fs::remove_file(out.join(format!("accounts/{}.json", members[0]))).unwrap();
    let merged =
        run_merge(&door, &[out.to_str().unwrap(), "--plan", plan.to_str().unwrap(), "--format", "json"]);
    let report: Value = serde_json::from_str(&merged.stdout).unwrap();
    assert_eq!(missing(&report)[members[0].as_str()], "no_report");
}

fn run_merge(door: &Door, arguments: &[&str]) -> Run {
    door.run(&[&["merge"], arguments].concat())
}

#[test]
fn reports_that_do_not_belong_together_are_refused_by_name() {
    let directory = tempfile::tempdir().unwrap();
    let demo = run(program(&["scan", "--demo", "--format", "json", "--fail-on", "never"]));
    let demo: Value = serde_json::from_str(&demo.stdout).unwrap();
    let write = |name: &str, change: &dyn Fn(&mut Value)| {
        let mut report = demo.clone();
        change(&mut report);
        fs::write(directory.path().join(name), report.to_string()).unwrap();
    };
    let merge = || run(program(&["merge", directory.path().to_str().unwrap(), "--format", "json"]));
    write("a.json", &|_| {});
    write("b.json", &|report| report["account"]["id"] = "111111111111".into());
    let together = merge();
    assert_eq!(together.code, 1, "{}", together.stderr);
    let report: Value = serde_json::from_str(&together.stdout).unwrap();
    assert_eq!((report["planned"].as_u64(), &report["scan"]), (Some(2), &Value::Null));
    let refused = |words: &[&str]| {
        let run = merge();
        assert_eq!(run.code, 2, "{}", run.stderr);
        for word in words {
            assert!(run.stderr.contains(word), "{word}: {}", run.stderr);
        }
        fs::remove_file(directory.path().join("c.json")).unwrap();
    };
    write("c.json", &|_| {});
    refused(&["c.json", "has a report already: a.json"]);
    write("c.json", &|report| report["schema_version"] = 9.into());
    refused(&["c.json", "schema version 9"]);
    write("c.json", &|report| {
        report["account"]["id"] = "222222222222".into();
        report["organization_scan"] = serde_json::json!({"scan": "other"});
    });
    refused(&["c.json", "run other", "a.json of no run"]);
    write("c.json", &|report| {
        report["account"]["id"] = "222222222222".into();
        report["score"]["framework"] = "cis-6.0".into();
    });
    refused(&["c.json", "cis-6.0"]);
    write("c.json", &|report| report["account"]["id"] = "../x".into());
    refused(&["c.json", "no account"]);
    fs::write(directory.path().join("c.json"), "{").unwrap();
    refused(&["c.json", "not a report"]);
}

#[test]
fn arguments_of_many_accounts_are_told_where_they_mean_nothing() {
    for (arguments, words) in [
        (&["scan", "--demo", "--role-name", "x"][..], "--role-name is for many accounts"),
        (&["scan", "--organization", "--demo"], "cannot be used with"),
        (&["scan", "--organization", "--save-snapshot", "x"], "cannot be used with"),
        (
            &["scan", "--organization", "--format", "sarif"],
            "`sarif` is no format of an organization's report",
        ),
        (&["scan", "--organization", "--output", "x.xlsx"], "end it in .json"),
        (&["scan", "--organization", "--baseline", "Cargo.toml"], "directory of an earlier run"),
        (&["scan", "--resume", "/nowhere"], "/nowhere/plan.jsonl"),
        (&["org", "plan"], "--accounts-file"),
        (&["merge", "/nowhere"], "/nowhere"),
    ] {
        let run = run(program(arguments));
        assert_eq!(run.code, 2, "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains(words), "{arguments:?}: {}", run.stderr);
    }
}

#[test]
fn accounts_of_a_file_need_no_organizations() {
    let (_, members) = &*ORGANIZATION;
    let door = Door::new();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("accounts.csv");
    let row = |at: usize| format!("{},shop-{at},Work/Prod\n", members[at]);
    fs::write(&file, format!("account_id,name,ou\n{}{}", row(6), row(7))).unwrap();
    let out = directory.path().join("run");
    let arguments = [
        "--accounts-file",
        file.to_str().unwrap(),
        "--output-dir",
        out.to_str().unwrap(),
        "--format",
        "json",
    ];
    let run = scan(&door, &arguments);
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr));
    assert_eq!(reported(&report, &out), [members[6].clone(), members[7].clone()].into());
    assert_eq!(report["units"].as_array().unwrap().len(), 2);
    let state = door.state.lock().unwrap();
    assert!(state.wrong.is_empty(), "{:#?}", state.wrong);
}

#[test]
fn service_control_policies_are_read_once_and_count_in_every_account() {
    let (_, members) = &*ORGANIZATION;
    let door = Door::new();
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("run");
    // In Workloads, Sandbox and Production; the policy is attached to Sandbox.
    let accounts = members[6..9].join(",");
    let run = door.run(&[
        "scan",
        "--organization",
        "--accounts",
        &accounts,
        "--output-dir",
        out.to_str().unwrap(),
        "--checks",
        "iam-policy-privilege-escalation",
        "--regions",
        "us-east-1",
        "--format",
        "json",
    ]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr));
    assert!(missing(&report).is_empty(), "{}", run.stderr);
    for (at, fails) in [(6, true), (7, false), (8, true)] {
        let report = json(&out.join(format!("accounts/{}.json", members[at])));
        // The emulator lacks services of which the check asks what runs with a role.
        let gaps = report["gaps"].as_array().unwrap();
        assert!(
            gaps.iter().all(|gap| !gap["operation"].as_str().unwrap().starts_with("organizations:")),
            "{gaps:?}"
        );
        // USER/POLICY is a policy by itself: what it allows, whoever holds it.
        let failing = support::failing(&report, "iam-policy-privilege-escalation");
        let users: Vec<_> = failing.iter().filter(|id| !id.contains('/')).collect();
        assert_eq!(!users.is_empty(), fails, "{}: {failing:?}", members[at]);
        // Nobody is judged without them; a policy by itself tells nothing of them.
        for finding in support::findings(&report) {
            assert_ne!(finding["evidence"]["service_control_policies_considered"], false);
        }
        // Asked once by the caller, and in vain by nobody.
        let operations = report["calls"]["by_operation"].as_object().unwrap();
        assert!(operations.keys().all(|id| !id.contains("ListPoliciesForTarget")), "{operations:?}");
    }
}

#[test]
fn chains_over_accounts_are_told_alike_by_one_process_and_by_workers() {
    let (_, members) = &*ORGANIZATION;
    let door = Door::new();
    let directory = tempfile::tempdir().unwrap();
    // In Workloads, in Sandbox where a service control policy forbids it, and one that administers a service.
    let accounts = [HUB, &members[15], &members[16], &members[17]].join(",");
    let checks = ["--checks", "path-external-account-admin,iam-role-trust-public"];
    let select = ["--organization", "--accounts", &accounts, "--regions", "us-east-1"];
    let out = directory.path().join("run");
    let rest = ["--output-dir", out.to_str().unwrap(), "--format", "json"];
    let run = door.run(&[&["scan"], &checks[..], &select[..], &rest[..]].concat());
    let by_one: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr));
    assert!(missing(&by_one).is_empty(), "{}", run.stderr);
    let chains = by_one["chains"].as_array().unwrap_or_else(|| panic!("{by_one:#}"));
    // The users of the two have one factor, and write policies; in Sandbox a policy forbids that, and the role.
    let ways: BTreeSet<(&str, &str)> = chains
        .iter()
        .map(|chain| (chain["account"].as_str().unwrap(), chain["accounts"][0].as_str().unwrap()))
        .collect();
    let (ci, delegated) = (members[15].as_str(), members[17].as_str());
    assert_eq!(ways, [(ci, HUB), (delegated, delegated)].into(), "{chains:#?}");
    for chain in chains {
        assert_eq!(
            (&chain["check"], &chain["severity"]),
            (&"path-management-account".into(), &"medium".into())
        );
        assert_ne!(chain["certainty"], "unknown", "{chain:#}");
    }
    let over = chains.iter().find(|chain| chain["account"] == ci).unwrap();
    assert!(over["title"].as_str().unwrap().contains("the management account"), "{over:#}");
    let governance = by_one["governance"].as_array().unwrap();
    let told = governance.iter().find(|it| it["subject"] == "delegated_administrators").unwrap();
    assert_eq!(told["accounts"][0], delegated);
    // The same from jobs of their own: the plan's job asks for the policies, the workers for none.
    let plan = directory.path().join("plan.jsonl");
    let run = door.run(&[&["org", "plan", "--output", plan.to_str().unwrap()], &select[..]].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(directory.path().join("plan.policies.json").is_file(), "{}", run.stderr);
    let by_workers = directory.path().join("out");
    for index in 0..4 {
        let index = index.to_string();
        let fixed = ["org", "worker", "--plan", plan.to_str().unwrap(), "--index", &index];
        let rest = ["--output-dir", by_workers.to_str().unwrap()];
        let run = door.run(&[&fixed[..], &checks[..], &rest[..]].concat());
        assert_eq!(run.code, 0, "{}", run.stderr);
    }
    // Policies of a run lie beside its plan, and are no report.
    for file in ["plan.jsonl", "plan.policies.json"] {
        fs::copy(directory.path().join(file), by_workers.join(file)).unwrap();
    }
    let merged = run_merge(&door, &[by_workers.to_str().unwrap(), "--format", "json"]);
    let merged: Value = serde_json::from_str(&merged.stdout).unwrap_or_else(|_| panic!("{}", merged.stderr));
    assert_eq!(merged["chains"], by_one["chains"]);
    assert_eq!(merged["governance"], by_one["governance"]);
    // Policies of another run are refused.
    let text = fs::read_to_string(&plan).unwrap().replace(merged["scan"].as_str().unwrap(), "another");
    fs::write(&plan, text).unwrap();
    let run = door.run(&[
        "org",
        "worker",
        "--plan",
        plan.to_str().unwrap(),
        "--index",
        "0",
        "--output-dir",
        by_workers.to_str().unwrap(),
    ]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("the account of another"), "{}", run.stderr);
}

#[test]
fn resource_control_policies_are_read_once_and_close_what_seems_open() {
    let (_, members) = &*ORGANIZATION;
    let door = Door::new();
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("run");
    // In Workloads, and in Sandbox, to which the policy is attached.
    let accounts = members[18..20].join(",");
    let run = door.run(&[
        "scan",
        "--organization",
        "--accounts",
        &accounts,
        "--output-dir",
        out.to_str().unwrap(),
        "--checks",
        "iam-role-trust-public",
        "--regions",
        "us-east-1",
        "--format",
        "json",
    ]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr));
    assert!(missing(&report).is_empty(), "{}", run.stderr);
    for (at, fails) in [(18, true), (19, false)] {
        let report = json(&out.join(format!("accounts/{}.json", members[at])));
        let failing = support::failing(&report, "iam-role-trust-public");
        assert_eq!(!failing.is_empty(), fails, "{}: {failing:?}", members[at]);
        for finding in support::findings(&report) {
            assert_ne!(finding["evidence"]["resource_control_policies_considered"], false);
        }
    }
}

#[test]
fn an_account_is_not_told_with_what_others_credentials_see() {
    let (_, members) = &*ORGANIZATION;
    let door = Door::new();
    door.does(&members[9], Does::TellAnother);
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("run");
    let accounts = members[9..11].join(",");
    let arguments = ["--organization", "--accounts", &accounts, "--output-dir", out.to_str().unwrap()];
    let run = scan(&door, &[&arguments[..], &["--format", "json"]].concat());
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr));
    assert_eq!(missing(&report), [(members[9].as_str(), "other_account")].into(), "{}", run.stderr);
    assert_eq!(reported(&report, &out), [members[10].clone()].into());
}
