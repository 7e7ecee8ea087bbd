//! The production calendar in the format of xmlcalendar.

use std::collections::BTreeMap;

use jiff::civil::Date;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::toml_text::list;
use super::{Imported, LeftOut};

/// The kinds of days, as the format numbers them and as `[holidays]` names them.
const KINDS: [(&str, &str); 3] = [("1", "off"), ("2", "short"), ("3", "working")];

/// Reads a calendar of one year: `<calendar year="2026"><days><day d="01.01" t="1"/>…`.
///
/// # Errors
/// If it is not XML of that format: what is wrong, in one sentence.
pub fn calendar(file: &str, xml: &str) -> Result<Imported, String> {
    let mut reader = Reader::from_str(xml.trim_start_matches('\u{feff}'));
    let mut year: Option<i16> = None;
    let mut days: BTreeMap<&str, Vec<Date>> = BTreeMap::new();
    let mut left_out = Vec::new();
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        match reader.read_event().map_err(|error| format!("not XML: {error}"))? {
            Event::Start(tag) | Event::Empty(tag) => match tag.name().as_ref() {
                b"calendar" => {
                    let text = attribute(&tag, "year").ok_or("`calendar` has no `year`")?;
                    year = Some(text.parse().map_err(|_| format!("\"{text}\" is no year"))?);
                }
                b"day" => {
                    let year = year.ok_or("a `day` outside of `calendar`")?;
                    let (date, kind) = (attribute(&tag, "d"), attribute(&tag, "t"));
                    let date = date.as_deref().and_then(|date| day_of(year, date));
                    let kind = KINDS.iter().find(|(number, _)| kind.as_deref() == Some(number));
                    match (date, kind) {
                        (Some(date), Some((_, kind))) => days.entry(kind).or_default().push(date),
                        _ => left_out.push(LeftOut {
                            file: file.into(),
                            line: xml.get(..at).unwrap_or(xml).matches('\n').count() + 1,
                            text: String::from_utf8_lossy(&tag).trim().into(),
                            why: "neither a day off (1), a short (2) nor a working day (3)".into(),
                        }),
                    }
                }
                _ => {}
            },
            Event::Eof => break,
            _ => {}
        }
    }
    if days.is_empty() {
        return Err("no days: is it a calendar of xmlcalendar?".to_owned());
    }
    let mut toml = String::from("[holidays]\n");
    for (_, kind) in KINDS {
        if let Some(days) = days.get_mut(kind) {
            days.sort_unstable();
            days.dedup();
            toml += &format!("{kind} = {}\n", list(spans(days)));
        }
    }
    Ok(Imported { toml, left_out })
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = tag.try_get_attribute(name).ok()??;
    String::from_utf8(attribute.value.into_owned()).ok()
}

/// `01.09` is the ninth of January.
fn day_of(year: i16, text: &str) -> Option<Date> {
    let (month, day) = text.split_once('.')?;
    Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()
}

/// Days in a row as one interval.
fn spans(days: &[Date]) -> Vec<String> {
    let mut spans: Vec<(Date, Date)> = Vec::new();
    for day in days {
        match spans.last_mut() {
            Some((_, last)) if last.tomorrow().is_ok_and(|next| next == *day) => *last = *day,
            _ => spans.push((*day, *day)),
        }
    }
    let text = |(first, last): (Date, Date)| match first == last {
        true => first.to_string(),
        false => format!("{first}..{last}"),
    };
    spans.into_iter().map(text).collect()
}
