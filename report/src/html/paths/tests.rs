use std::collections::{BTreeMap, BTreeSet};

use aws_audit_checks::{finding::Severity, report_paths::EdgeKind};
use scraper::Html;

use super::{
    super::{
        CSS,
        tests::{HOSTILE, all, empty, finding, html, only, text, unpacked},
    },
    *,
};

fn node(kind: NodeKind, id: &str, arn: Option<&str>) -> PathNode {
    PathNode { kind, id: id.into(), arn: arn.map(str::to_owned) }
}

/// A way of a report in that language: through a port that a finding tells of, an instance profile and a condition.
fn path(at: usize, name: &str, lang: Lang) -> ReportPath {
    let ja = lang == Lang::Ja;
    let say = |english: &str, japanese: &str| if ja { japanese } else { english }.to_owned();
    let internet = node(NodeKind::Internet, &say("internet", "インターネット"), None);
    let instance = node(NodeKind::Compute, name, Some("arn:aws:ec2:eu-west-1:111122223333:instance/i-1"));
    let role = node(NodeKind::Principal, name, Some("arn:aws:iam::111122223333:role/app/web"));
    let admin = node(NodeKind::Administrator, "111122223333", None);
    let step = |from: &PathNode,
                to: &PathNode,
                because: String,
                certainty: PathCertainty,
                findings: Vec<String>| PathStep {
        from: from.clone(),
        to: to.clone(),
        edge: EdgeKind::Reaches,
        because,
        certainty,
        condition: (certainty != PathCertainty::Certain)
            .then(|| say("if what listens there has a flaw", "待ち受けるソフトウェアに欠陥がある場合")),
        findings,
    };
    let told = finding(0, "web", lang);
    ReportPath {
        id: format!("{at:032x}"),
        check: "path-internet-compute-admin".into(),
        severity: Severity::WORST_FIRST[at % 5],
        certainty: PathCertainty::Conditional,
        entry: instance.clone(),
        target: admin.clone(),
        resources: 1 + at as u64 % 2,
        steps: vec![
            step(&internet, &instance, told.message, PathCertainty::Conditional, vec![told.id]),
            step(
                &instance,
                &role,
                say("instance profile", "インスタンスプロファイル"),
                PathCertainty::Certain,
                vec!["not in the report".into()],
            ),
            step(
                &role,
                &admin,
                say("iam:GetPolicy: throttled", "iam:GetPolicy: スロットリング"),
                PathCertainty::Unknown,
                vec![],
            ),
        ],
    }
}

/// A report of so many paths, with the finding of the first step.
fn report(count: usize, lang: Lang) -> Report {
    let mut report = empty(lang);
    report.findings.push(finding(0, "web", lang));
    report.paths = (0..count).map(|at| path(at, "i-1", lang)).collect();
    report.fix_first = vec![FixFirst { finding: report.findings[0].id.clone(), cuts: 1, of: count as u64 }];
    report
}

#[test]
fn each_step_links_to_its_findings_and_is_told_beside_the_picture() {
    let page = html(&report(1, Lang::En));
    let page = Html::parse_document(&page);
    assert_eq!(only(&page, ".path .meta .w"), "Critical");
    let steps: Vec<_> = all(&page, ".steps > li").into_iter().map(text).collect();
    let told = finding(0, "web", Lang::En);
    assert_eq!(steps.len(), 3);
    assert!(steps[0].starts_with("internet → i-1") && steps[0].contains(&told.message), "{steps:?}");
    assert!(steps[0].contains("if what listens there has a flaw"));
    assert!(steps[0].ends_with(&format!("{}web", told.title)), "{steps:?}");
    assert!(steps[1].starts_with("i-1 → role/i-1") && steps[1].ends_with("instance profile"), "{steps:?}");
    assert!(steps[2].starts_with("role/i-1 → administrator of 111122223333"), "{steps:?}");
    let links = all(&page, ".steps a");
    assert_eq!(links.len(), 1, "what is not in the report is not linked to");
    let id = &links[0].attr("href").unwrap()[1..];
    assert!(text(all(&page, &format!("[id='{id}']"))[0]).contains(&told.message));
    let picture = all(&page, ".way svg")[0];
    assert_eq!(picture.attr("role"), Some("img"));
    for (attribute, element) in [("aria-labelledby", "title"), ("aria-describedby", "ol")] {
        let id = picture.attr(attribute).unwrap();
        assert_eq!(all(&page, &format!("{element}[id='{id}']")).len(), 1);
    }
    assert_eq!(only(&page, ".way title"), "internet → administrator of 111122223333: 3 steps");
    let classes: Vec<_> =
        all(&page, ".way .arrow").iter().map(|arrow| arrow.attr("class").unwrap()).collect();
    assert_eq!(classes, ["arrow conditional", "arrow", "arrow", "arrow", "arrow unread", "arrow"]);
    assert_eq!(only(&page, ".cuts"), "Cuts the only path");
    assert_eq!(only(&page, ".fixes pre"), told.fix.unwrap().command.unwrap());
    assert_eq!(all(&page, "header a[href='#paths']").len(), 1);
}

#[test]
fn without_paths_there_is_no_word_of_them() {
    let page = html(&report(0, Lang::En));
    let page = Html::parse_document(&page);
    assert!(all(&page, "#paths, .path, .fixes, header a[href='#paths']").is_empty());
}

#[test]
fn ten_are_drawn_and_the_others_listed_or_counted() {
    let mut report = report(60, Lang::En);
    report.paths_incomplete = Some("There are 60 paths; only the worst are told.".into());
    let written = html(&report);
    assert_eq!(written, html(&report));
    let page = Html::parse_document(&written);
    assert_eq!(all(&page, ".way svg").len(), DRAWN);
    assert_eq!(all(&page, ".path[open]").len(), OPEN);
    assert_eq!(all(&page, ".others > li").len(), LISTED);
    assert!(text(all(&page, ".others > li")[0]).contains("internet → i-1 → role/i-1 → administrator of"));
    assert!(written.contains("50 further paths") && written.contains("10 more are among the findings."));
    assert!(written.contains("There are 60 paths; only the worst are told."));
    let ids: Vec<_> = all(&page, "[id]").iter().map(|it| it.attr("id").unwrap().to_owned()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
}

#[test]
fn the_other_language_is_in_the_file() {
    let paths_of = |lang| {
        let mut report = report(12, lang);
        report.paths_incomplete = Some(match lang {
            Lang::En => "There are 60 paths; only the worst are told.".into(),
            Lang::Ja => "経路は60件あります。重大なものだけを示しています。".into(),
        });
        let page = html(&report);
        let page = Html::parse_document(&page);
        let packed = unpacked(&page);
        let texts = packed["texts"].as_array().unwrap().clone();
        let marked = all(&page, "[data-t]");
        assert_eq!(marked.len(), texts.len());
        let section = all(&page, "section[aria-labelledby=paths]")[0].id();
        let inside = |element: &scraper::ElementRef<'_>| element.ancestors().any(|it| it.id() == section);
        let told = marked.iter().zip(texts).filter(|(element, _)| inside(element));
        let told: Vec<(String, String)> =
            told.map(|(element, other)| (text(*element), other.as_str().unwrap().to_owned())).collect();
        // Only what is the same in both has no second text.
        let left: Vec<_> =
            all(&page, "section[aria-labelledby=paths] [lang]").into_iter().map(text).collect();
        (told, left)
    };
    let (english, left) = paths_of(Lang::En);
    assert_eq!(left, Vec::<String>::new());
    let (japanese, left) = paths_of(Lang::Ja);
    assert_eq!(left, Vec::<String>::new());
    let turned: Vec<_> = japanese.into_iter().map(|(first, second)| (second, first)).collect();
    assert_eq!(english, turned);
}

#[test]
fn hostile_names_are_text() {
    let elements = |page: &str| {
        let page = Html::parse_document(page);
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for element in all(&page, "section[aria-labelledby=paths] *") {
            // A long text takes more lines.
            let name = element.value().name();
            if name != "text" {
                let names = element.value().attrs().map(|(name, _)| name).collect::<Vec<_>>().join(" ");
                *counts.entry(format!("{name} {names}")).or_default() += 1;
            }
        }
        counts
    };
    let spoiled = |name: &str| {
        let mut report = report(12, Lang::En);
        report.findings[0].fix.as_mut().unwrap().command = Some(format!("aws {name}"));
        report.findings[0].resource.name = Some(name.into());
        report.paths_incomplete = Some(name.into());
        for (at, path) in report.paths.iter_mut().enumerate() {
            *path = self::path(at, name, Lang::En);
            path.check = name.into();
            for step in &mut path.steps {
                (step.because, step.condition) = (name.into(), Some(name.into()));
                for node in [&mut step.from, &mut step.to] {
                    node.arn = Some(format!("arn:aws:{name}:::{name}/{name}"));
                    if at % 2 == 0 {
                        node.id = name.into();
                    }
                }
            }
        }
        html(&report)
    };
    let plain = elements(&spoiled("plain"));
    for name in HOSTILE {
        let written = spoiled(name);
        assert_eq!(elements(&written), plain, "{name}");
        for harmful in ['\u{202e}', '\u{2066}', '\u{200b}', '\u{0}', '\u{1b}', '\u{2028}'] {
            assert!(!written.contains(harmful), "{name}: {harmful:?}");
        }
    }
}

#[test]
fn many_long_paths_stay_small() {
    let mut report = report(1_000, Lang::Ja);
    let long = "x".repeat(100_000);
    for path in &mut report.paths {
        // What no scan makes, and a file that somebody edited may have.
        let step = PathStep { because: long.clone(), condition: Some(long.clone()), ..path.steps[1].clone() };
        path.steps.splice(1..1, std::iter::repeat_n(step, 20));
    }
    let page = html(&report);
    let without = html(&self::report(0, Lang::Ja)).len();
    assert!(page.len() < without + 400_000, "{} bytes instead of {without}", page.len());
    let page = Html::parse_document(&page);
    let steps = all(&page, ".way")[0].select(&scraper::Selector::parse(".steps > li").unwrap()).count();
    assert_eq!(steps, MOST_STEPS);
    assert!(text(all(&page, ".steps .left")[0]).contains("16"), "23 steps, of which 4 and 3 are told");
}

#[test]
fn a_page_with_ten_paths_is_within_the_limit() {
    let mut report = report(10, Lang::En);
    for path in &mut report.paths {
        let step = path.steps[0].clone();
        path.steps.splice(0..0, [step.clone(), step.clone(), step]);
    }
    let size = html(&report).len();
    assert!(size < 150_000 + 400 * report.findings.len(), "{size} bytes");
}

#[test]
fn a_fix_of_a_finding_that_is_not_in_the_report_is_not_told() {
    let mut report = report(1, Lang::En);
    report.fix_first[0].finding = "nowhere".into();
    let page = html(&report);
    assert!(all(&Html::parse_document(&page), ".fixes, .ways").is_empty());
}

/// WCAG 2.2, 1.4.3 and 1.4.11: texts 4.5:1, lines and shapes 3:1, in light and dark.
#[test]
fn everything_can_be_told_from_what_is_behind_it() {
    let channel = |hex: &str| {
        let value = f64::from(u8::from_str_radix(hex, 16).unwrap()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    let luminance = |colour: &str| {
        let hex = colour.trim().trim_start_matches('#');
        let hex: String =
            if hex.len() == 3 { hex.chars().flat_map(|c| [c, c]).collect() } else { hex.into() };
        let [red, green, blue] = [0, 2, 4].map(|at| channel(&hex[at..at + 2]));
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    };
    let of = |name: &str| {
        let (_, after) = CSS.split_once(&format!("--{name}: light-dark(")).unwrap();
        let (light, dark) = after.split_once(')').unwrap().0.split_once(',').unwrap();
        [luminance(light), luminance(dark)]
    };
    let texts = ["ink", "dim", "link"].map(|name| (name, 4.5));
    let lines = ["edge", "ink", "critical", "high", "medium", "low", "info"].map(|name| (name, 3.0));
    for behind in ["card", "bg"] {
        for (name, least) in texts.into_iter().chain(lines) {
            for (front, back) in of(name).into_iter().zip(of(behind)) {
                let ratio = (f64::max(front, back) + 0.05) / (f64::min(front, back) + 0.05);
                assert!(ratio >= least, "{name} on {behind}: {ratio:.2}");
            }
        }
    }
}
