//! Pictures: inline SVG, coloured by the style. Each has its numbers beside it as text, or tells them itself.

use std::{fmt::Write as _, io};

use super::sheet::{Both, Sheet};
use crate::table;

/// A share of a bar: its class, and how much it is.
pub(super) type Share<'a> = (&'a str, f64);

/// A bar of shares of a whole. It fills its place: only heights and widths in per cent are told.
pub(super) fn bar(
    shares: &[Share<'_>],
    whole: f64,
    alt: Option<&Both>,
    sheet: &mut Sheet<'_>,
) -> io::Result<()> {
    let role = if alt.is_some() { "role=img" } else { "aria-hidden=true" };
    sheet.raw(&format!("<svg class=bar {role} viewBox=\"0 0 100 8\" preserveAspectRatio=none>"))?;
    if let Some(alt) = alt {
        sheet.told("title", alt)?;
    }
    let mut x = 0.0;
    let mut rects = String::new();
    for (class, share) in shares.iter().filter(|(_, share)| *share > 0.0) {
        let width = if whole > 0.0 { share / whole * 100.0 } else { 0.0 };
        let _ = write!(rects, "<rect class={class} x={x:.2} width={width:.2} height=8 />");
        x += width;
    }
    sheet.raw(&rects)?;
    sheet.raw("</svg>")
}

/// A ring, filled as far as the number of 100.
pub(super) fn ring(filled: Option<f64>, class: &str, alt: &Both, sheet: &mut Sheet<'_>) -> io::Result<()> {
    sheet.raw("<svg class=ring role=img viewBox=\"0 0 120 120\">")?;
    sheet.told("title", alt)?;
    sheet.raw("<circle class=rest cx=60 cy=60 r=52 />")?;
    if let Some(filled) = filled.filter(|filled| *filled > 0.0) {
        sheet.raw(&format!(
            "<circle class={class} cx=60 cy=60 r=52 pathLength=100 stroke-dasharray=\"{filled:.1} 100\" \
             transform=\"rotate(-90 60 60)\" />"
        ))?;
    }
    let number = filled.map_or_else(|| "–".to_owned(), |filled| table::whole(filled).to_string());
    sheet.raw(&format!("<text x=60 y=60 dy=.35em text-anchor=middle aria-hidden=true>{number}</text></svg>"))
}

/// The classes of the bands that scores are in.
pub(super) const CLASSES: [&str; 3] = ["bad", "fair", "good"];

/// The class of a score.
pub(super) fn class(score: f64) -> &'static str {
    CLASSES[band(score)]
}

/// Which of the three bands a score is in. (docs/scoring.md: failing critical findings keep it below 50, failing high
/// ones below 80.)
pub(super) fn band(score: f64) -> usize {
    usize::from(score >= 50.0) + usize::from(score >= 80.0)
}
