//! What fails, by service: how much, and how bad.

use std::{cmp::Reverse, collections::BTreeMap, io};

use aws_audit_checks::finding::Severity;

use super::{
    Parts, findings, picture,
    sheet::{Pick, Sheet},
    words::Words,
};

/// How many services are shown; the others are folded away.
const SHOWN: usize = 12;

pub(super) fn write(parts: &Parts<'_>, sheet: &mut Sheet<'_>) -> io::Result<()> {
    let mut services: BTreeMap<&str, [usize; 5]> = BTreeMap::new();
    for finding in &parts.failing {
        let counts = services.entry(findings::service(finding)).or_default();
        counts[Severity::WORST_FIRST.iter().position(|it| *it == finding.severity).unwrap_or(4)] += 1;
    }
    if services.is_empty() {
        return Ok(());
    }
    let mut services = Vec::from_iter(services);
    services.sort_by_key(|(name, counts)| (Reverse(*counts), *name));
    let most = services.iter().map(|(_, counts)| counts.iter().sum::<usize>()).max().unwrap_or(1);
    sheet.raw("<section aria-labelledby=services>")?;
    sheet.heading("h2 id=services", |words| &words.services, |words| &words.services_lead)?;
    let folded = services.split_off(services.len().min(SHOWN));
    table(&services, most, sheet)?;
    if !folded.is_empty() {
        let text = sheet.filled(|words| &words.more_services, &[("n", &folded.len().to_string())]);
        sheet.raw("<details class=fold>")?;
        sheet.told("summary", &text)?;
        table(&folded, most, sheet)?;
        sheet.raw("</details>")?;
    }
    sheet.raw("</section>\n")
}

/// Bars as long as the service's share of the largest.
fn table(services: &[(&str, [usize; 5])], most: usize, sheet: &mut Sheet<'_>) -> io::Result<()> {
    sheet.raw("<table class=\"data services\">")?;
    sheet.word("caption class=vh", |words| &words.services)?;
    sheet.raw("<thead><tr>")?;
    let columns: [(&str, Pick); 3] = [
        ("class=name", |words| &words.service),
        ("class=pic", |words| &words.share),
        ("class=num", |words| &words.total),
    ];
    for (class, word) in columns {
        sheet.word(&format!("th scope=col {class}"), word)?;
    }
    for severity in Severity::WORST_FIRST {
        let word = sheet.both(|lang| Words::of(lang).severity(severity).clone());
        sheet.told(&format!("th scope=col class=\"num more {}\"", severity.name()), &word)?;
    }
    sheet.raw("</tr></thead><tbody>\n")?;
    for &(service, counts) in services {
        sheet.raw("<tr><th scope=row class=name>")?;
        sheet.text(service)?;
        sheet.raw("<td class=pic>")?;
        #[expect(clippy::cast_precision_loss, reason = "findings are few")]
        let shares: Vec<_> = Severity::WORST_FIRST
            .iter()
            .zip(counts)
            .map(|(severity, count)| (severity.name(), count as f64))
            .collect();
        let alt = sheet.both(|lang| {
            let words = Words::of(lang);
            let parts = Severity::WORST_FIRST.iter().zip(counts).filter(|(_, count)| *count > 0);
            let parts = parts.map(|(severity, count)| format!("{}: {count}", words.severity(*severity)));
            parts.collect::<Vec<_>>().join(", ")
        });
        #[expect(clippy::cast_precision_loss, reason = "findings are few")]
        picture::bar(&shares, most as f64, Some(&alt), sheet)?;
        sheet.raw(&format!("<td class=num><b>{}</b>", counts.iter().sum::<usize>()))?;
        for count in counts {
            match count {
                0 => sheet.raw("<td class=\"num more none\">–")?,
                _ => sheet.raw(&format!("<td class=\"num more\">{count}"))?,
            }
        }
        sheet.raw("\n")?;
    }
    sheet.raw("</tbody></table>")
}
