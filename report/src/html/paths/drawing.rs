//! A path as a picture: a node below the other, an arrow between them, and beside the arrow why the step can be taken.
//!
//! A pure function makes SVG of it that is well-formed XML, without scripts, links and styles of its own: the page's style
//! colours it. It is as wide as the narrowest telephone, so that nothing has to be scaled or turned; lines are broken by
//! the widths that the widest of the usual fonts has. Each kind of node has a shape of its own, each certainty a stroke.

use std::{borrow::Cow, fmt::Write as _};

use aws_audit_checks::report_paths::{NodeKind, PathCertainty};

use super::super::sheet::{Both, markup, shown};
use crate::text::{cut, wrap_by};

/// Units of the picture, which are pixels where it is not scaled: its width, the height of a node, where texts begin and
/// arrows stand, the height of a line.
const WIDTH: usize = 320;
const NODE: usize = 46;
const TEXT: usize = 46;
const ARROW: usize = 24;
const LINE: usize = 16;

/// Columns of a node's name: 13 pixels, monospaced (0.61 em at most).
const NAME: usize = 33;

/// What a line beside an arrow has room for, in hundredths of its font's size of 12 pixels.
const ROOM: usize = (WIDTH - TEXT) * 100 / 12;

/// Most lines of a reason and of a condition: the list beside the picture has them whole.
const REASON: usize = 4;
const CONDITION: usize = 2;

/// Most characters that are looked at.
const LONGEST: usize = 300;

/// A path, ready to be drawn.
#[derive(Clone, Debug)]
pub(super) struct Way {
    /// What the picture shows, for those who do not see it.
    pub title: Both,
    /// The id of its title, and that of the list that tells the same; both are none that need escaping.
    pub id: String,
    /// The language of what has no second one.
    pub lang: &'static str,
    /// One more than arrows.
    pub places: Vec<Place>,
    pub arrows: Vec<Arrow>,
}

/// A node.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub kind: NodeKind,
    /// What it is, in words.
    pub sort: Both,
    pub name: Both,
}

/// A step, or several that are left out.
#[derive(Clone, Debug)]
pub(super) struct Arrow {
    /// Its number in the list; none for steps that are left out.
    pub number: Option<usize>,
    pub because: Both,
    pub condition: Option<Both>,
    pub certainty: PathCertainty,
}

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Drawn {
    pub markup: String,
    /// What its elements marked `data-t` say in the second language, in their order.
    pub texts: Vec<String>,
}

impl Drawn {
    /// A text of the picture at that place. An empty first text may have a second one, for what is longer there.
    fn text(&mut self, class: &str, (x, y): (usize, usize), lang: &str, first: &str, second: Option<&str>) {
        let _ =
            write!(self.markup, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\"{}>", mark(lang, first, second));
        self.markup.push_str(&markup(first));
        self.markup.push_str("</text>");
        self.texts.extend(second.filter(|second| *second != first).map(str::to_owned));
    }

    /// Lines below each other; returns how many.
    fn lines(&mut self, class: &str, (x, y): (usize, usize), lang: &str, text: &Both, most: usize) -> usize {
        let first = lines(&text.first, most);
        let second = text.second.as_deref().map(|text| lines(text, most));
        let count = first.len().max(second.as_ref().map_or(0, Vec::len));
        for at in 0..count {
            let line = |lines: &[String]| lines.get(at).cloned().unwrap_or_default();
            let second = second.as_deref().map(line);
            self.text(class, (x, y + at * LINE), lang, &line(&first), second.as_deref());
        }
        count
    }
}

/// How an element tells the script, or a reader aloud, of its languages.
fn mark(lang: &str, first: &str, second: Option<&str>) -> String {
    match second {
        None => format!(" lang=\"{lang}\""),
        Some(second) if second == first => String::new(),
        Some(_) => " data-t=\"\"".into(),
    }
}

/// Draws a path.
pub(super) fn draw(way: &Way) -> Drawn {
    let mut inside = Drawn { markup: String::new(), texts: vec![] };
    let first = shown(&way.title.first, LONGEST);
    let second = way.title.second.as_deref().map(|second| shown(second, LONGEST));
    let _ = write!(inside.markup, "<title id=\"{}\"{}>", way.id, mark(way.lang, &first, second.as_deref()));
    inside.markup.push_str(&markup(&first));
    inside.markup.push_str("</title>");
    inside.texts.extend(second.filter(|second| *second != first).map(Cow::into_owned));
    let mut y = 0;
    for (at, place) in way.places.iter().enumerate() {
        node(place, y, at + 1 == way.places.len(), way.lang, &mut inside);
        y += NODE;
        if let Some(arrow) = way.arrows.get(at).filter(|_| at + 1 < way.places.len()) {
            y += step(arrow, y, way.lang, &mut inside);
        }
    }
    let markup = format!(
        "<svg role=\"img\" aria-labelledby=\"{id}\" aria-describedby=\"{id}-steps\" viewBox=\"0 0 {WIDTH} {y}\">{}</svg>",
        inside.markup,
        id = way.id,
    );
    Drawn { markup, texts: inside.texts }
}

fn node(place: &Place, y: usize, is_end: bool, lang: &str, drawn: &mut Drawn) {
    let class = if is_end { "end" } else { "node" };
    // What is outside of the account is round.
    let round = if is_outside(place.kind) { NODE / 2 } else { 8 };
    let _ = write!(
        drawn.markup,
        "<rect class=\"{class}\" x=\"1\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{round}\"/>\
         <path class=\"icon\" transform=\"translate(14 {})\" d=\"{}\"/>",
        y + 1,
        WIDTH - 2,
        NODE - 2,
        y + (NODE - 20) / 2,
        icon(place.kind),
    );
    let line = |text: &str| cut(&shown(text, LONGEST), NAME).into_owned();
    for (class, y, text) in [("sort", y + 18, &place.sort), ("name", y + 36, &place.name)] {
        let second = text.second.as_deref().map(line);
        drawn.text(class, (TEXT, y), lang, &line(&text.first), second.as_deref());
    }
}

/// Draws an arrow below that height; returns how long it is.
fn step(arrow: &Arrow, y: usize, lang: &str, drawn: &mut Drawn) -> usize {
    // The texts first: how many lines they take is the length of the arrow.
    let mut texts = Drawn { markup: String::new(), texts: vec![] };
    let mut count = texts.lines("why", (TEXT, y + LINE + 6), lang, &arrow.because, REASON);
    if let Some(condition) = &arrow.condition {
        count += texts.lines("if", (TEXT, y + (count + 1) * LINE + 6), lang, condition, CONDITION);
    }
    let length = (count * LINE + 18).max(44);
    let class = match arrow.certainty {
        PathCertainty::Certain => "arrow",
        PathCertainty::Conditional => "arrow conditional",
        PathCertainty::Unknown => "arrow unread",
    };
    let _ = write!(
        drawn.markup,
        "<path class=\"{class}\" d=\"M{ARROW} {y}v{}\"/><path class=\"arrow\" d=\"M{ARROW} {}m-5-7l5 7l5-7\"/>",
        length - 2,
        y + length - 2,
    );
    if let Some(number) = arrow.number {
        let middle = y + length / 2 - 2;
        let _ = write!(
            drawn.markup,
            "<circle cx=\"{ARROW}\" cy=\"{middle}\" r=\"9\"/><text class=\"number\" x=\"{ARROW}\" y=\"{}\">{number}</text>",
            middle + 4,
        );
    }
    drawn.markup.push_str(&texts.markup);
    drawn.texts.append(&mut texts.texts);
    length
}

/// The text in at most so many lines, the last with a mark where something is missing.
fn lines(text: &str, most: usize) -> Vec<String> {
    let text = shown(text, LONGEST);
    let mut lines = wrap_by(&text, ROOM, &ems);
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            while ems(last) + ems("…") > ROOM {
                last.pop();
            }
            last.push('…');
        }
    }
    lines
}

/// How wide a text is, in hundredths of the font's size: as in DejaVu Sans, which is wider than what else systems show.
fn ems(text: &str) -> usize {
    let em = |c: char| match c {
        'i' | 'j' | 'l' | '\'' | '|' => 29,
        ' ' | '.' | ',' | ':' | ';' | '/' | '!' | '-' | '(' | ')' | '[' | ']' | 'I' | 'f' | 't' | 'r' => 42,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' => 100,
        'A'..='Z' | '+' | '=' | '#' | '<' | '>' | '~' => 84,
        ' '..='~' => 65,
        _ => match unicode_width::UnicodeWidthChar::width(c) {
            Some(0) => 0,
            Some(1) => 70,
            _ => 104,
        },
    };
    text.chars().map(em).sum()
}

/// Whether the node is not of the account.
const fn is_outside(kind: NodeKind) -> bool {
    matches!(
        kind,
        NodeKind::Internet | NodeKind::AnyAwsPrincipal | NodeKind::ExternalAccount | NodeKind::CiTenant
    )
}

/// The shape of a kind, in a square of 20, to be stroked.
const fn icon(kind: NodeKind) -> &'static str {
    match kind {
        // A globe.
        NodeKind::Internet => "M10 1a9 9 0 1 0 0 18a9 9 0 1 0 0-18M1 10h18M10 1c-6 6-6 12 0 18c6-6 6-12 0-18",
        // Two people.
        NodeKind::AnyAwsPrincipal => {
            "M7 9a3 3 0 1 0 0-6a3 3 0 1 0 0 6M1.5 17c0-7 11-7 11 0M13 3.5a3 3 0 0 1 0 5.5M15 11.5c2.5 1 3.5 \
             2.5 3.5 5.5"
        }
        // A building.
        NodeKind::ExternalAccount => "M3 18V2h9v16M12 8h5v10M1 18h18M6 6h3M6 10h3M6 14h3",
        // A branch.
        NodeKind::CiTenant => {
            "M5 6a2 2 0 1 0 0-4a2 2 0 1 0 0 4M5 18a2 2 0 1 0 0-4a2 2 0 1 0 0 4M15 8a2 2 0 1 0 0-4a2 2 0 1 0 0 4M5 \
             6v8M15 8c0 4-10 2-10 6"
        }
        // One way that becomes three.
        NodeKind::LoadBalancer => "M10 1v17M4 18v-4q0-6 6-6q6 0 6 6v4",
        // A hub.
        NodeKind::Distribution => {
            "M10 7a3 3 0 1 0 0 6a3 3 0 1 0 0-6M10 7V2M10 13v5M7.5 8.5L3 6M12.5 11.5L17 14M12.5 8.5L17 6M7.5 \
             11.5L3 14"
        }
        // Braces.
        NodeKind::Api => {
            "M7 2q-3 0-3 3v2q0 3-2.5 3q2.5 0 2.5 3v2q0 3 3 3M13 2q3 0 3 3v2q0 3 2.5 3q-2.5 0-2.5 3v2q0 3-3 3"
        }
        // A chip.
        NodeKind::Compute => "M5 5h10v10H5zM8 5V2M12 5V2M8 18v-3M12 18v-3M5 8H2M5 12H2M18 8h-3M18 12h-3",
        // A card.
        NodeKind::IdentityPool => {
            "M2 4h16v12H2zM7 10a2 2 0 1 0 0-4a2 2 0 1 0 0 4M4 14c0-3 6-3 6 0M12 8h4M12 11h4"
        }
        // Two persons.
        NodeKind::UserPool => {
            "M7 10a3.5 3.5 0 1 0 0-7a3.5 3.5 0 1 0 0 7M1 18c0-8 12-8 12 0M13 3a3.5 3.5 0 0 1 0 7M14 12q5 1 5 6"
        }
        // A person.
        NodeKind::Principal => "M10 10a4 4 0 1 0 0-8a4 4 0 1 0 0 8M3 18c0-8 14-8 14 0",
        // A key.
        NodeKind::Credential => "M6 14a4 4 0 1 0 0-8a4 4 0 1 0 0 8M10 10h9M15 10v4M18 10v3",
        // A cylinder.
        NodeKind::DataStore => "M3 5c0-4 14-4 14 0v10c0 4-14 4-14 0zM3 5c0 4 14 4 14 0M3 10c0 4 14 4 14 0",
        // A padlock.
        NodeKind::Key => "M4 9h12v9H4zM6.5 9V6a3.5 3.5 0 0 1 7 0v3M10 12.5v2",
        // An eye.
        NodeKind::Audit => "M1 10q9-12 18 0q-9 12-18 0M10 13a3 3 0 1 0 0-6a3 3 0 1 0 0 6",
        // A crown.
        NodeKind::Administrator => "M3 17h14l2-11l-5 4l-4-7l-4 7l-5-4z",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use roxmltree::{Document, Node};

    use super::*;

    /// Names that try to end an element or an attribute, act, hide, or run out of the picture.
    const HOSTILE: [&str; 12] = [
        "</text></svg><script>alert(1)</script>",
        "\"/><image href=x onerror=alert(1)>",
        "' onload='alert(1)",
        "]]><![CDATA[",
        "<!-- --> <?xml?> &lt; &quot; &nope;",
        "a\u{202e}gnp\u{0}\u{1b}[31m\u{fffe}\u{feff}",
        "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
        "日本語のバケット名がとても長いときにも幅を守る日本語のバケット名がとても長いときにも幅を守る、日本語のバケット名",
        "👩‍👩‍👧‍👦🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀",
        "e\u{301}\u{301}\u{301}\u{301}\u{301}",
        "",
        "שלום עולם",
    ];

    fn both(text: &str) -> Both {
        Both { first: text.into(), second: Some(format!("{text}（二）")) }
    }

    fn way(name: &str) -> Way {
        let kinds = NodeKind::ALL;
        let place = |kind| Place { kind, sort: both(name), name: both(name) };
        let certainties = [PathCertainty::Certain, PathCertainty::Conditional, PathCertainty::Unknown];
        let arrow = |at: usize| Arrow {
            number: (at != 3).then_some(at + 1),
            because: if at.is_multiple_of(2) { both(name) } else { Both::one(name.into()) },
            condition: (!at.is_multiple_of(3)).then(|| both(name)),
            certainty: certainties[at % 3],
        };
        Way {
            title: both(name),
            id: "way-1".into(),
            lang: "en",
            places: kinds.map(place).into(),
            arrows: (0..kinds.len() - 1).map(arrow).collect(),
        }
    }

    fn number(node: Node<'_, '_>, name: &str) -> usize {
        node.attribute(name).unwrap().parse().unwrap()
    }

    #[test]
    fn whatever_the_names_the_same_well_formed_elements() {
        let shape = |drawn: &Drawn| {
            let document = Document::parse(&drawn.markup).expect("well-formed");
            let elements = document.descendants().filter(Node::is_element).map(|node| {
                let names = node.attributes().map(|it| it.name().to_owned());
                (node.tag_name().name().to_owned(), names.collect::<Vec<_>>())
            });
            elements.collect::<BTreeSet<_>>()
        };
        let plain = shape(&draw(&way("plain")));
        for name in HOSTILE {
            let drawn = draw(&way(name));
            let found = shape(&drawn);
            assert!(found.is_subset(&plain), "{name}: {found:?}");
            let document = Document::parse(&drawn.markup).unwrap();
            let marked = document.descendants().filter(|node| node.has_attribute("data-t")).count();
            assert_eq!(marked, drawn.texts.len(), "{name}");
            let harmful = |text: &str| text.chars().any(crate::text::is_harmful);
            assert!(!harmful(&drawn.markup) && !drawn.texts.iter().any(|text| harmful(text)), "{name}");
            for text in document.descendants().filter(|node| node.has_tag_name("text")) {
                let told = text.text().unwrap_or_default();
                match text.attribute("class").unwrap() {
                    "why" | "if" => assert!(ems(told) <= ROOM, "{told}"),
                    _ => assert!(crate::text::width(told) <= NAME, "{told}"),
                }
            }
            for attribute in document.descendants().flat_map(|node| node.attributes()) {
                let name = attribute.name();
                assert!(!name.starts_with("on") && !["style", "href"].contains(&name), "{name}");
            }
        }
    }

    #[test]
    fn everything_stands_inside_and_nothing_on_something_else() {
        for name in [
            "plain",
            HOSTILE[7],
            "a reason that takes several lines of the picture because it is that long, truly",
        ] {
            let drawn = draw(&way(name));
            let document = Document::parse(&drawn.markup).unwrap();
            let height: usize = document
                .root_element()
                .attribute("viewBox")
                .unwrap()
                .rsplit(' ')
                .next()
                .unwrap()
                .parse()
                .unwrap();
            let rects: Vec<_> = document.descendants().filter(|node| node.has_tag_name("rect")).collect();
            assert_eq!(rects.len(), NodeKind::ALL.len());
            let spans: Vec<_> =
                rects.iter().map(|it| (number(*it, "y"), number(*it, "y") + number(*it, "height"))).collect();
            assert!(spans.windows(2).all(|pair| pair[0].1 + 30 <= pair[1].0), "{spans:?}");
            assert_eq!(spans.last().unwrap().1 + 1, height);
            for text in document.descendants().filter(|node| node.has_tag_name("text")) {
                let y = number(text, "y");
                let is_in_node = spans.iter().any(|(from, to)| (*from..=*to).contains(&y));
                let belongs_in = ["sort", "name"].contains(&text.attribute("class").unwrap());
                assert_eq!(is_in_node, belongs_in, "{text:?}");
            }
        }
    }

    #[test]
    fn each_kind_has_a_shape_and_each_certainty_a_stroke() {
        let shapes: BTreeSet<_> = NodeKind::ALL.map(icon).into_iter().collect();
        assert_eq!(shapes.len(), NodeKind::ALL.len());
        let drawn = draw(&way("plain")).markup;
        for class in ["\"arrow\"", "\"arrow conditional\"", "\"arrow unread\"", "\"end\""] {
            assert!(drawn.contains(&format!("class={class}")), "{class}");
        }
        assert_eq!(drawn.matches("class=\"end\"").count(), 1);
    }

    #[test]
    fn it_is_always_the_same() {
        assert_eq!(draw(&way("plain")), draw(&way("plain")));
    }

    #[test]
    fn the_longer_language_decides_how_much_room_there_is() {
        let mut way = way("plain");
        way.places.truncate(2);
        way.arrows.truncate(1);
        let short = draw(&way).markup;
        way.arrows[0].because.second = Some("長い理由です。".repeat(16));
        let long = draw(&way);
        assert_ne!(short.split("viewBox").nth(1), long.markup.split("viewBox").nth(1));
        let document = Document::parse(&long.markup).unwrap();
        let lines: Vec<_> =
            document.descendants().filter(|node| node.attribute("class") == Some("why")).collect();
        assert_eq!(lines.len(), REASON);
        assert_eq!(lines[1].text(), None, "a line for the other language only");
        assert!(long.texts.iter().any(|text| text.ends_with('…')));
    }
}
