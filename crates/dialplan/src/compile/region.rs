//! The region and the line itself.

use jiff::tz::TimeZone;

use super::Context;
use crate::findings::Findings;
use crate::read::{Field, Text};
use crate::source::{At, Spot};
use crate::tables::Root;
use crate::{Destination, Numbering, Region, Service};

/// The region; it comes first, since numbers depend on it.
pub(super) fn region(root: &Root, findings: &mut Findings) -> Option<Region> {
    let Some(table) = root.region.given() else {
        if matches!(root.region, Field::Absent) {
            findings
                .error(None, "there is no [region]")
                .remedy("add [region] with name, time_zone and area_code");
        }
        return None;
    };
    let owner = (table.spot, "[region]");
    let table = &table.value;
    let name = table.name.need("name", "\"Смоленская область\"", owner, findings);
    let zone = table
        .time_zone
        .need("time_zone", "\"Europe/Moscow\"", owner, findings)
        .map(|written| time_zone(written, findings));
    let area_code = table
        .area_code
        .need("area_code", "\"4812\"", owner, findings)
        .map(|written| digits(written, findings));
    let mut prefix = |field: &Field<Text>, usual: &str| match field {
        Field::Absent => Some(usual.into()),
        Field::Bad => None,
        Field::Given(written) => digits(written, findings),
    };
    let national_prefix = prefix(&table.national_prefix, "8");
    let international_prefix = prefix(&table.international_prefix, "810");
    let country_code = prefix(&table.country_code, "7");
    let languages = languages(&table.languages, findings);
    Some(Region {
        name: name?.value.0.clone(),
        zone: zone??,
        languages,
        numbering: Numbering {
            area_code: area_code??,
            national_prefix: national_prefix?,
            international_prefix: international_prefix?,
            country_code: country_code?,
        },
    })
}

impl Context<'_> {
    /// The line: without numbers nobody could call it.
    pub(super) fn service(&mut self) -> Option<Service> {
        let Some(at) = self.root.service.given() else {
            if matches!(self.root.service, Field::Absent) {
                self.findings
                    .error(None, "there is no [service]")
                    .remedy("add [service] with numbers and start");
            }
            return None;
        };
        let (owner, table) = ((at.spot, "[service]"), &at.value);
        let start = table.start.need("start", "\"menu:main\"", owner, self.findings);
        let start = start.and_then(|written| self.target(written));
        let written =
            table.numbers.need("numbers", "[\"122\", \"9-122\"]", owner, self.findings)?;
        if written.value.is_empty() {
            self.findings
                .error(written.spot, "the service has no number")
                .remedy("write at least \"122\"");
        }
        let mut numbers = Vec::new();
        for written in &written.value {
            let Some(number) = self.number(written) else { continue };
            self.book.give(&number, written.spot, Destination::Service, self.findings);
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
        Some(Service { numbers, start: start? })
    }
}

/// The language in which the robot speaks unless the region says otherwise, and the only one whose
/// numbers it knows how to say.
const LANGUAGE: &str = "ru";
/// The most languages of a region.
const LANGUAGES_MAX: usize = 8;

fn languages(written: &Field<Vec<At<Text>>>, findings: &mut Findings) -> Vec<Box<str>> {
    let Some(at) = written.given() else { return vec![LANGUAGE.into()] };
    if at.value.is_empty() || at.value.len() > LANGUAGES_MAX {
        findings
            .error(at.spot, "a robot speaks some languages, not none and not all")
            .remedy(format!("write one to {LANGUAGES_MAX}, such as [\"ru\"]"));
    }
    let mut languages = Vec::new();
    for At { spot, value } in &at.value {
        let code = &*value.0;
        if !matches!(code.len(), 2 | 3) || !code.bytes().all(|b| b.is_ascii_lowercase()) {
            findings
                .error(*spot, format!("\"{}\" is no code of a language", code.escape_debug()))
                .remedy("write two or three letters of ISO 639, such as \"ru\" or \"tt\"");
        } else if code != LANGUAGE {
            findings
                .warning(
                    *spot,
                    format!("not yet in force in this version: the robot speaks no \"{code}\""),
                )
                .remedy("leave it for a later version, and do not rely on it");
        }
        languages.push(code.into());
    }
    languages
}

/// A time zone by its name.
pub(super) fn time_zone(written: &At<Text>, findings: &mut Findings) -> Option<TimeZone> {
    let name = &*written.value.0;
    let zone = TimeZone::get(name).ok();
    if zone.is_none() {
        let known: Vec<_> = jiff::tz::db().available().map(|name| name.to_string()).collect();
        // Many write the city alone.
        let city = known.iter().find(|zone| zone.rsplit('/').next() == Some(name));
        let known = known.iter().map(String::as_str);
        findings
            .error(written.spot, format!("no time zone \"{}\"", name.escape_debug()))
            .suggest(city.map_or(name, String::as_str), known)
            .or_remedy("write a name such as \"Europe/Moscow\" or \"Asia/Yekaterinburg\"");
    }
    zone
}

/// Digits of a code or prefix.
pub(super) fn digits(written: &At<Text>, findings: &mut Findings) -> Option<Box<str>> {
    const CODE_MAX: usize = 6;
    let text = &*written.value.0;
    let good = text.len() <= CODE_MAX && text.bytes().all(|b| b.is_ascii_digit());
    if !good {
        let at: Spot = written.spot;
        findings
            .error(at, format!("\"{}\" is not a code", text.escape_debug()))
            .remedy(format!("write one to {CODE_MAX} digits"));
    }
    good.then(|| text.into())
}
