//! Which accounts, with which role: from Organizations or a file to the lines of a plan.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use aws_audit_checks::{
    iam_policy::ROLE,
    organization::{Item, PLAN_VERSION, Unit, is_account_id, path_of},
    page::Lang,
};
use serde::{Deserialize, Serialize};

use super::accounts_file;
use crate::{
    cli,
    collect::organization::{Controls, Found, Hub},
    error::{Error, said},
    files,
};

/// The accounts that the arguments select, as items of a new run; with the organization, where it was asked.
///
/// # Errors
/// When they cannot be listed, an argument names what is not there, or none is left.
pub async fn items(
    accounts: &cli::Accounts,
    role: &cli::Role,
    regions: &[String],
    hub: &Hub,
    lang: Lang,
) -> Result<(Vec<Item>, Option<Found>), Error> {
    let scan = new_scan();
    let template = |account: &str| Item {
        v: PLAN_VERSION,
        scan: scan.clone(),
        account: account.to_owned(),
        name: None,
        organization: None,
        management_account: None,
        units: Vec::new(),
        role_arn: role_arn(hub, account, role.role_name.as_deref().unwrap_or(ROLE)),
        external_id: role.external_id.clone(),
        regions: regions.to_vec(),
        not_active: None,
        delegated_services: vec![],
    };
    let mut organization = None;
    let items: Vec<Item> = match &accounts.accounts_file {
        Some(path) => accounts_file::read(path)?
            .into_iter()
            .map(|entry| {
                let item = template(&entry.account_id);
                let named = entry.regions();
                Item {
                    name: entry.name.clone(),
                    units: entry.units(),
                    not_active: entry.not_active(),
                    role_arn: match &entry.role {
                        Some(role) => role_arn(hub, &entry.account_id, role),
                        None => item.role_arn,
                    },
                    external_id: entry.external_id.or(item.external_id),
                    regions: if named.is_empty() { item.regions } else { named },
                    ..item
                }
            })
            .collect(),
        None => {
            let found = hub.organization().await?;
            if let Some(why) = &found.tree_unread {
                if !accounts.ou.is_empty() {
                    return Err(Error::nothing(said(
                        format!(
                            "--ou needs the tree of organizational units, which could not be read: {why}"
                        ),
                        format!("--ou に必要な組織単位（OU）のツリーを読み取れません：{why}"),
                    )));
                }
                let told = said(
                    format!("the organizational units could not be read: {why}"),
                    format!("組織単位（OU）を読み取れません：{why}"),
                );
                crate::warn(&told, lang);
            }
            let delegated = match &found.delegated {
                Ok(delegated) => delegated.clone(),
                Err(why) => {
                    let told = said(
                        format!("the delegated administrators could not be read: {why}"),
                        format!("委任管理者を読み取れません：{why}"),
                    );
                    crate::warn(&told, lang);
                    BTreeMap::new()
                }
            };
            let item = |(id, account): (&String, &crate::collect::organization::Account)| Item {
                name: account.name.clone(),
                organization: Some(found.id.clone()),
                management_account: Some(found.management_account.clone()),
                units: account.units.clone(),
                not_active: Some(account.state.clone()).filter(|state| state != "ACTIVE"),
                delegated_services: delegated.get(id).cloned().unwrap_or_default(),
                ..template(id)
            };
            let items = found.accounts.iter().map(item).collect();
            organization = Some(found);
            items
        }
    };
    Ok((select(items, accounts, lang)?, organization))
}

/// Those that the arguments select. What they leave out is told, and what they name must be there.
fn select(items: Vec<Item>, accounts: &cli::Accounts, lang: Lang) -> Result<Vec<Item>, Error> {
    let known: BTreeSet<&str> = items.iter().map(|item| item.account.as_str()).collect();
    for (option, ids) in
        [("--accounts", &accounts.accounts), ("--exclude-accounts", &accounts.exclude_accounts)]
    {
        if let Some(unknown) = ids.iter().find(|id| !known.contains(id.as_str())) {
            let shown = unknown.escape_default();
            return Err(Error::usage(if is_account_id(unknown) {
                said(
                    format!("{option}: account {shown} is not among the {} that there are", items.len()),
                    format!("{option}：アカウント {shown} は、存在する{}件の中にありません", items.len()),
                )
            } else {
                said(
                    format!("{option}: `{shown}` is no account id"),
                    format!("{option}：`{shown}` はアカウントIDではありません"),
                )
            }));
        }
    }
    for wanted in &accounts.ou {
        if !items.iter().any(|item| is_within(&item.units, wanted)) {
            let paths: BTreeSet<_> = items.iter().map(|item| path_of(&item.units)).collect();
            let shown = paths.iter().take(20).map(String::as_str).collect::<Vec<_>>().join(", ");
            let what = said(
                format!("--ou: no account is in `{wanted}`"),
                format!("--ou：`{wanted}` にアカウントがありません"),
            );
            let help = said(format!("accounts are in {shown}"), format!("アカウントのあるOU：{shown}"));
            return Err(Error::usage(what.with_help(help)));
        }
    }
    let all = items.len();
    let kept: Vec<Item> = items
        .into_iter()
        .filter(|item| accounts.accounts.is_empty() || accounts.accounts.contains(&item.account))
        .filter(|item| !accounts.exclude_accounts.contains(&item.account))
        .filter(|item| accounts.ou.is_empty() || accounts.ou.iter().any(|ou| is_within(&item.units, ou)))
        .collect();
    if kept.is_empty() {
        return Err(Error::usage(said("no account is left to scan", "スキャンするアカウントがありません")));
    }
    if kept.len() < all {
        let told = said(
            format!("{} of {all} accounts; the arguments leave the others out", kept.len()),
            format!("{all}アカウント中{}件が対象です。残りは引数で除外されています", kept.len()),
        );
        crate::note(&told, lang);
    }
    Ok(kept)
}

/// Whether an account is in the unit of that path or id, or below it. The root's name may be left out.
fn is_within(units: &[Unit], wanted: &str) -> bool {
    let wanted = wanted.trim_matches('/');
    if units.iter().any(|unit| unit.id == wanted) {
        return true;
    }
    let path = path_of(units);
    let starts =
        |path: &str| path.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    starts(&path) || path.split_once('/').is_some_and(|(_, below)| starts(below))
}

/// The role's ARN; none for the caller's own account, which needs none.
fn role_arn(hub: &Hub, account: &str, role: &str) -> Option<String> {
    if account == hub.account {
        return None;
    }
    if role.starts_with("arn:") {
        return Some(role.to_owned());
    }
    Some(format!("arn:{}:iam::{account}:role/{}", hub.partition, role.trim_start_matches('/')))
}

/// A name for a run that no other has: when it began, and by chance.
fn new_scan() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    format!("{seconds:010x}-{:08x}", fastrand::u32(..))
}

/// The text of a plan: a line for each item.
///
/// # Errors
/// Never, but the writer of JSON may say so.
pub fn text(items: &[Item]) -> Result<String, Error> {
    let mut text = String::new();
    for item in items {
        let line =
            serde_json::to_string(item).map_err(|error| Error::usage(crate::error::Said::words(error)))?;
        text.push_str(&line);
        text.push('\n');
    }
    Ok(text)
}

/// Writes a plan.
///
/// # Errors
/// When it cannot be written.
pub fn write(path: &Path, items: &[Item]) -> Result<(), Error> {
    let text = text(items)?;
    files::write(path, |out| out.write_all(text.as_bytes()))
}

/// Reads a plan.
///
/// # Errors
/// When it cannot be read, is no plan of this version, or has lines of two runs or an account twice.
pub fn read(path: &Path) -> Result<Vec<Item>, Error> {
    let text = fs::read_to_string(path).map_err(|error| Error::io(path, error))?;
    let mut items: Vec<Item> = Vec::new();
    let mut seen = BTreeSet::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = |what: String, ja: String| {
            Error::file(path, said(format!("line {}: {what}", at + 1), format!("{}行目：{ja}", at + 1)))
        };
        let item = item(line).map_err(|error| wrong(error.clone(), error))?;
        if !seen.insert(item.account.clone()) {
            return Err(wrong(
                format!("account {} is there twice", item.account),
                format!("アカウント {} が重複しています", item.account),
            ));
        }
        if let Some(first) = items.first().filter(|first| first.scan != item.scan) {
            return Err(wrong(
                format!("it is of run {}, the first line of {}", item.scan, first.scan),
                format!("実行 {} のものですが、1行目は {} のものです", item.scan, first.scan),
            ));
        }
        items.push(item);
    }
    if items.is_empty() {
        return Err(Error::file(path, said("the plan has no account", "計画にアカウントがありません")));
    }
    Ok(items)
}

/// The organization's control policies; where they are not known, each account tells what it may.
pub async fn controls(hub: &Hub, found: &Found, lang: Lang) -> Option<Controls> {
    match hub.controls(found).await {
        Ok((controls, unread)) => {
            if let Some(why) = unread {
                let told = said(
                    format!("the resource control policies could not be read, and close nothing: {why}"),
                    format!(
                        "リソースコントロールポリシー（RCP）を読み取れないため、判定に反映しません：{why}"
                    ),
                );
                crate::warn(&told, lang);
            }
            Some(controls)
        }
        Err(why) => {
            let told = said(
                format!("the control policies could not be read, and count in no account: {why}"),
                format!(
                    "コントロールポリシー（SCPとRCP）を読み取れないため、どのアカウントにも反映しません：{why}"
                ),
            );
            crate::warn(&told, lang);
            None
        }
    }
}

/// The control policies of a plan, as a file beside it: the organization is asked once, and not by every worker.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Policies {
    /// [`PLAN_VERSION`].
    v: u32,
    /// The run.
    scan: String,
    /// What is attached where.
    control_policies: Controls,
}

/// The file of the control policies beside a plan: `plan.policies.json` beside `plan.jsonl`.
#[must_use]
pub fn policies_beside(plan: &Path) -> PathBuf {
    plan.with_extension("policies.json")
}

/// Writes the control policies of a run.
///
/// # Errors
/// When they cannot be written.
pub fn write_policies(path: &Path, scan: &str, controls: &Controls) -> Result<(), Error> {
    let policies = Policies { v: PLAN_VERSION, scan: scan.to_owned(), control_policies: controls.clone() };
    files::write(path, |out| {
        serde_json::to_writer(&mut *out, &policies)?;
        out.write_all(b"\n")
    })
}

/// Reads the control policies of a run.
///
/// # Errors
/// When they cannot be read, or are of another run.
pub fn read_policies(path: &Path, scan: &str) -> Result<Controls, Error> {
    let text = fs::read(path).map_err(|error| Error::io(path, error))?;
    let policies: Policies = serde_json::from_slice(&text).map_err(|error| {
        Error::file(
            path,
            said(format!("no policies of a plan: {error}"), format!("計画のポリシーではありません：{error}")),
        )
    })?;
    if policies.v != PLAN_VERSION {
        let found = policies.v;
        return Err(Error::file(
            path,
            said(
                format!("the policies are of version {found}, this program's is {PLAN_VERSION}"),
                format!(
                    "ポリシーのバージョンは {found} ですが、このプログラムが扱うのは {PLAN_VERSION} です"
                ),
            ),
        ));
    }
    if policies.scan != scan {
        let found = policies.scan.escape_default().to_string();
        return Err(Error::file(
            path,
            said(
                format!("the policies are of run {found}, the account of {scan}"),
                format!("ポリシーは実行 {found} のものですが、アカウントは {scan} のものです"),
            ),
        ));
    }
    Ok(policies.control_policies)
}

/// An item from its line.
///
/// # Errors
/// What is wrong with it.
pub fn item(line: &str) -> Result<Item, String> {
    let item: Item = serde_json::from_str(line).map_err(|error| format!("no item of a plan: {error}"))?;
    if item.v != PLAN_VERSION {
        return Err(format!("the item is of version {}, this program's is {PLAN_VERSION}", item.v));
    }
    // It becomes the name of a file.
    if !is_account_id(&item.account) {
        return Err(format!("`{}` is no account id", item.account.escape_default()));
    }
    Ok(item)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(account: &str, path: &[&str]) -> Item {
        let units = path.iter().map(|name| Unit { id: format!("ou-{name}"), name: (*name).into() });
        Item {
            v: PLAN_VERSION,
            scan: "s".into(),
            account: account.into(),
            name: None,
            organization: None,
            management_account: None,
            units: units.collect(),
            role_arn: None,
            external_id: None,
            regions: vec![],
            not_active: None,
            delegated_services: vec![],
        }
    }

    const ONE: &str = "111111111111";
    const TWO: &str = "222222222222";
    const THREE: &str = "333333333333";

    fn selected(accounts: &cli::Accounts) -> Result<Vec<String>, String> {
        let items = vec![
            item(ONE, &["Root", "Work", "Prod"]),
            item(TWO, &["Root", "Work"]),
            item(THREE, &["Root", "Workshop"]),
        ];
        let kept = select(items, accounts, Lang::En).map_err(|error| error.to_string())?;
        Ok(kept.into_iter().map(|item| item.account).collect())
    }

    #[test]
    fn units_are_named_by_path_or_id() {
        let within = |ou: &str| selected(&cli::Accounts { ou: vec![ou.into()], ..Default::default() });
        for ou in ["Root/Work", "Work", "/Work/", "ou-Work"] {
            assert_eq!(within(ou).unwrap(), [ONE, TWO], "{ou}");
        }
        assert_eq!(within("Work/Prod").unwrap(), [ONE]);
        assert_eq!(within("Root").unwrap().len(), 3);
        let error = within("Prod").unwrap_err();
        assert!(error.contains("no account is in `Prod`") && error.contains("Root/Work/Prod"), "{error}");
    }

    #[test]
    fn what_is_named_must_be_there() {
        let named = |ids: &[&str], not: &[&str]| {
            let strings = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
            let (accounts, exclude_accounts) = (strings(ids), strings(not));
            selected(&cli::Accounts { accounts, exclude_accounts, ..Default::default() })
        };
        assert_eq!(named(&[ONE, THREE], &[]).unwrap(), [ONE, THREE]);
        assert_eq!(named(&[], &[ONE]).unwrap(), [TWO, THREE]);
        assert!(named(&["444444444444"], &[]).unwrap_err().contains("not among the 3"));
        assert!(named(&[], &["prod"]).unwrap_err().contains("no account id"));
        assert!(named(&[ONE], &[ONE]).unwrap_err().contains("no account is left"));
    }

    #[test]
    fn a_plan_comes_back_and_a_wrong_one_is_told_with_its_line() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("plan.jsonl");
        let items = vec![item(ONE, &["Root"]), item(TWO, &[])];
        write(&path, &items).unwrap();
        assert_eq!(read(&path).unwrap(), items);
        let error = |text: &str| {
            fs::write(&path, text).unwrap();
            read(&path).unwrap_err().to_string()
        };
        let line = |item: &Item| serde_json::to_string(item).unwrap();
        let one = line(&items[0]);
        assert!(error(&format!("{one}\n{one}\n")).contains("line 2: account 111111111111 is there twice"));
        let other = line(&Item { scan: "t".into(), ..items[1].clone() });
        assert!(error(&format!("{one}\n{other}")).contains("line 2: it is of run t, the first line of s"));
        assert!(error(&one.replace("\"v\":1", "\"v\":2")).contains("version 2"));
        assert!(error(&one.replace(ONE, "../../x")).contains("is no account id"));
        assert!(error("").contains("no account"));
    }
}
