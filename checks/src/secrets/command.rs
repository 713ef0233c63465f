//! Passwords in the arguments of commands whose flags do not say so, and in what they read.

use std::ops::Range;

use super::{
    SecretKind,
    assignment::is_user_and_password,
    hits::Hits,
    value::{is_placeholder, is_reference},
};

/// How a command takes a password.
enum Takes {
    /// In the same word: `-phunter2`.
    Attached(&'static str),
    /// In the next word: `-p hunter2`.
    Next(&'static str),
    /// `user:password` (or with `%`) in the next word: `-u user:hunter2`.
    Pair(&'static str, char),
    /// After the flag and so many other words: `htpasswd -b file user hunter2`.
    Word(&'static str, usize),
}

const COMMANDS: &[(&[&str], Takes)] = &[
    (
        &["mysql", "mysqldump", "mysqladmin", "mysqlimport", "mysqlcheck", "mariadb", "mariadb-dump"],
        Takes::Attached("-p"),
    ),
    (&["sshpass"], Takes::Attached("-p")),
    (&["sshpass", "mongo", "mongosh", "mongodump", "mongorestore", "mongoimport"], Takes::Next("-p")),
    (
        &["docker", "podman", "nerdctl", "buildah", "helm", "oc", "az", "argocd", "crane", "skopeo"],
        Takes::Next("-p"),
    ),
    (&["redis-cli", "valkey-cli"], Takes::Next("-a")),
    (&["sqlcmd", "bcp", "isql", "tsql"], Takes::Next("-P")),
    (&["sqlcmd", "bcp"], Takes::Attached("-P")),
    (&["ldapsearch", "ldapadd", "ldapmodify", "ldapdelete", "ldappasswd"], Takes::Next("-w")),
    (&["ipa-client-install"], Takes::Next("-w")),
    (&["curl", "http", "https"], Takes::Pair("-u", ':')),
    (&["curl"], Takes::Pair("--user", ':')),
    (&["curl"], Takes::Pair("--proxy-user", ':')),
    (&["lftp"], Takes::Pair("-u", ',')),
    (&["smbclient"], Takes::Pair("-U", '%')),
    (&["htpasswd"], Takes::Word("-b", 2)),
    (&["htpasswd"], Takes::Word("-nb", 1)),
    (&["htpasswd"], Takes::Word("-bc", 2)),
    (&["htpasswd"], Takes::Word("-cb", 2)),
    (&["htpasswd"], Takes::Word("-bnBC", 2)),
    (&["rabbitmqctl"], Takes::Word("add_user", 1)),
    (&["rabbitmqctl"], Takes::Word("change_password", 1)),
    (&["net", "net.exe"], Takes::Word("user", 1)),
    (&["mysqladmin"], Takes::Word("password", 0)),
    (&["schtasks", "schtasks.exe"], Takes::Next("/rp")),
    (&["convertto-securestring"], Takes::Word("convertto-securestring", 0)),
    (&["convertto-securestring"], Takes::Next("-string")),
];

/// Commands that read a password from what is written to them.
const READERS: &[&str] = &[
    "passwd --stdin",
    "sudo -S",
    "kinit",
    "realm join",
    "smbpasswd",
    "cryptsetup",
    "docker login",
    "podman login",
];

/// Words of a line, with the quotation marks taken off.
fn words(line: &str) -> Vec<(Range<usize>, &str)> {
    let bytes = line.as_bytes();
    let (mut words, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        if bytes[at].is_ascii_whitespace() || b"();|&<>".contains(&bytes[at]) {
            at += 1;
            continue;
        }
        let quote = Some(bytes[at]).filter(|c| matches!(c, b'"' | b'\''));
        let start = at + usize::from(quote.is_some());
        at = start;
        while at < bytes.len()
            && quote.map_or(!(bytes[at].is_ascii_whitespace() || b");|&<>".contains(&bytes[at])), |quote| {
                bytes[at] != quote
            })
        {
            at += 1;
        }
        words.push((start..at, &line[start..at]));
        at += usize::from(quote.is_some());
    }
    words
}

/// Finds them.
pub(super) fn find(text: &str, hits: &mut Hits) {
    let mut begin = 0;
    let mut of_chpasswd = false;
    for line in text.split('\n') {
        of_chpasswd = chpasswd(line, begin, of_chpasswd, hits);
        in_line(line, begin, hits);
        pgpass(line, begin, hits);
        begin += line.len() + 1;
    }
}

fn counts(password: &str) -> bool {
    password.chars().count() >= 3
        && password.len() <= 256
        && !password.starts_with('-')
        && !is_placeholder(password)
        && !is_reference(password.trim_end_matches(['"', '\'']))
        && !password.contains(['\u{fffd}'])
}

fn in_line(line: &str, begin: usize, hits: &mut Hits) {
    let words = words(line);
    // Of the whole line, so once: long lines have many commands.
    let (has_login, has_pass) = (line.contains("login"), line.contains("-pass"));
    let mut push = |range: &Range<usize>, kind| hits.push(kind, begin + range.start..begin + range.end);
    for (number, (_, word)) in words.iter().enumerate() {
        let command = word.rsplit('/').next().unwrap_or_default();
        let takes =
            COMMANDS.iter().filter(|(names, _)| names.iter().any(|name| command.eq_ignore_ascii_case(name)));
        for (_, takes) in takes {
            // A command and its arguments.
            let arguments = &words[number..words.len().min(number + 40)];
            let after = |flag: &str, skip: usize| {
                let at = arguments.iter().position(|(_, word)| {
                    // -p and -P are two; PowerShell knows no case.
                    *word == flag || flag.len() > 2 && word.eq_ignore_ascii_case(flag)
                })?;
                arguments.get(at + 1 + skip)
            };
            match takes {
                Takes::Attached(flag) => {
                    let found = arguments.iter().skip(1).find_map(|(range, word)| {
                        let password = word.strip_prefix(flag)?;
                        let quote = usize::from(password.starts_with(['\'', '"']));
                        let password = password.trim_matches(['\'', '"']);
                        counts(password).then(|| {
                            let start = range.start + flag.len() + quote;
                            start..start + password.len()
                        })
                    });
                    if let Some(range) = found {
                        push(&range, SecretKind::Password);
                    }
                }
                Takes::Next(flag) if command != "docker" || has_login => {
                    if let Some((range, _)) =
                        after(flag, 0).filter(|(_, word)| counts(word) && !is_number_pair(word))
                    {
                        push(range, SecretKind::Password);
                    }
                }
                Takes::Pair(flag, by) => {
                    let pair = after(flag, 0);
                    if let Some((range, word)) = pair
                        && let Some((user, password)) = word.split_once(*by)
                        && is_user_and_password(&format!("{user}:{password}"))
                    {
                        push(&(range.start + user.len() + 1..range.end), SecretKind::HttpCredentials);
                    }
                }
                Takes::Word(flag, skip) => {
                    let word = after(flag, *skip).filter(|(_, word)| counts(word) && !word.starts_with('/'));
                    if let Some((range, _)) = word {
                        push(range, SecretKind::Password);
                    }
                }
                Takes::Next(_) => {}
            }
        }
    }
    // echo 'x' | passwd --stdin user
    if let Some(pipe) = READERS.iter().find_map(|reader| line.find(reader)) {
        let before: Vec<_> = words.iter().filter(|(range, _)| range.end <= pipe).collect();
        if let [.., (_, echo), (range, word)] = before.as_slice()
            && matches!(*echo, "echo" | "-e" | "-n" | "printf")
            && is_pipe(&line[range.end..pipe])
            && counts(word)
        {
            push(range, SecretKind::Password);
        }
    }
    // openssl -passin pass:x
    for (range, word) in &words {
        if has_pass
            && let Some(password) = word.strip_prefix("pass:")
            && counts(password)
        {
            push(&(range.start + 5..range.end), SecretKind::Password);
        }
    }
}

/// Whether what is between two commands hands the output of the first to the second.
fn is_pipe(between: &str) -> bool {
    between.contains('|') && !between.contains("||") && !between.contains([';', '&'])
}

/// A port mapping, `8080:80`, is what docker's `-p` is mostly about.
fn is_number_pair(word: &str) -> bool {
    word.bytes().all(|c| c.is_ascii_digit() || b":./-".contains(&c))
}

/// `user:password` that chpasswd reads: in the same line, or in the lines that follow (a here-document, the
/// list of cloud-init). Tells whether the next line may go on.
fn chpasswd(line: &str, begin: usize, goes_on: bool, hits: &mut Hits) -> bool {
    let begins = line.contains("chpasswd");
    let trimmed = line.trim().trim_start_matches("- ").trim();
    if !begins && !goes_on {
        return false;
    }
    let mut found = false;
    let words = words(line).into_iter().flat_map(|(range, word)| {
        // Commands in lists are quoted as a whole.
        let mut at = range.start;
        word.split(' ').map(move |part| {
            let start = at;
            at += part.len() + 1;
            (start..start + part.len(), part)
        })
    });
    for (range, word) in words {
        let word = word.trim_end_matches("\\n");
        let Some((user, password)) = word.split_once(':') else { continue };
        let is_user =
            !user.is_empty() && user.bytes().all(|c| c.is_ascii_alphanumeric() || b"_-.".contains(&c));
        found |= is_user && !password.is_empty();
        if is_user && is_user_and_password(word) && password != "RANDOM" && !password.starts_with("//") {
            let start = range.start + user.len() + 1;
            hits.push(SecretKind::Password, begin + start..begin + start + password.len());
        }
    }
    begins || found || trimmed.starts_with("list:") || trimmed.starts_with("expire:") || trimmed.is_empty()
}

/// `host:port:database:user:password` of .pgpass.
fn pgpass(line: &str, begin: usize, hits: &mut Hits) {
    let words = words(line);
    // Nothing else is in such a line, unless it is written by a command.
    if words.len() != 1 && !line.contains("pgpass") {
        return;
    }
    for (range, word) in words {
        let parts: Vec<&str> = word.splitn(5, ':').collect();
        let [host, port, database, user, password] = parts.as_slice() else { continue };
        let is_port = *port == "*" || !port.is_empty() && port.bytes().all(|c| c.is_ascii_digit());
        let is_host =
            !host.is_empty() && host.bytes().all(|c| c.is_ascii_alphanumeric() || b"*.-_".contains(&c));
        if is_host
            && is_port
            && !database.is_empty()
            && !user.is_empty()
            && !password.contains(':')
            && counts(password)
        {
            hits.push(SecretKind::Password, begin + range.end - password.len()..begin + range.end);
        }
    }
}
