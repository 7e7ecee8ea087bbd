//! What agents may call outside.

use super::Context;
use crate::outgoing::{MayCall, NumberRange};
use crate::read::Text;
use crate::source::{At, Spot};
use crate::tables::MayCallTable;

/// Calls at once where a group does not say: a talk and a consultation.
const AT_ONCE: usize = 2;
const AT_ONCE_CEILING: usize = 100;
/// Calls a day where a group does not say.
const A_DAY: usize = 100;
const A_DAY_CEILING: usize = 10_000;
/// Digits that name a region in an area code; those behind them a town.
const REGION_DIGITS: usize = 3;
/// A number with more digits is the beginning of a longer one.
const SHORT_DIGITS: usize = 3;

const WORDS: [&str; 3] = ["region", "country", "emergency"];

impl Context<'_> {
    /// A group's `may_call`.
    pub(super) fn may_call(
        &mut self,
        At { spot, value: table }: &At<MayCallTable>,
        group: &str,
    ) -> Option<MayCall> {
        let what = format!("`may_call` of {group}");
        let owner: (Spot, &str) = (*spot, &what);
        let written = table.numbers.need("numbers", "[\"region\"]", owner, self.findings);
        if written.is_some_and(|at| at.value.is_empty()) {
            self.findings
                .error(*spot, format!("{what} names no numbers"))
                .remedy("name some, such as \"region\", or remove `may_call`");
        }
        let written = written.map(|at| at.value.as_slice()).unwrap_or_default();
        let numbers = written.iter().filter_map(|text| self.number_range(text)).collect();
        let when = self.schedule_if_known(&table.when);
        let at_once = self.count(&table.at_once, AT_ONCE, (1, AT_ONCE_CEILING));
        let a_day = self.count(&table.a_day, A_DAY, (1, A_DAY_CEILING));
        Some(MayCall { numbers, when, at_once, a_day })
    }

    fn number_range(&mut self, written: &At<Text>) -> Option<NumberRange> {
        let text = &*written.value.0;
        let (country, area) = (&self.numbering.country_code, &self.numbering.area_code);
        match text {
            "emergency" => return Some(NumberRange::Emergency),
            "country" => return Some(NumberRange::Country(country.clone())),
            "region" => {
                let region = area.get(..REGION_DIGITS).unwrap_or(area);
                return Some(NumberRange::Prefix(format!("+{country}{region}").into()));
            }
            _ => {}
        }
        let range = self.prefix(text);
        if range.is_none() {
            let message = format!("\"{}\" names no numbers", text.escape_debug());
            let finding = self.findings.error(written.spot, message);
            if text.contains(char::is_alphabetic) {
                finding.suggest(text, WORDS);
            }
            finding.or_remedy(
                "write \"region\", \"country\", \"emergency\", the beginning of numbers such as \
                 \"+7495\" or \"8-495\", or a short number",
            );
        }
        range
    }

    /// The beginning of numbers as it is dialled, or a short number.
    fn prefix(&self, text: &str) -> Option<NumberRange> {
        let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')')).collect();
        let (is_full, digits) = match digits.strip_prefix('+') {
            Some(rest) => (true, rest),
            None => (false, digits.as_str()),
        };
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let numbering = &self.numbering;
        let full = if is_full {
            Some(digits.to_owned())
        } else if digits.len() <= SHORT_DIGITS {
            return Some(NumberRange::Short(digits.into()));
        } else if let Some(rest) = digits.strip_prefix(&*numbering.international_prefix) {
            (!rest.is_empty()).then(|| rest.to_owned())
        } else {
            let national = digits.strip_prefix(&*numbering.national_prefix);
            national.map(|rest| format!("{}{rest}", numbering.country_code))
        };
        full.map(|full| NumberRange::Prefix(format!("+{full}").into()))
    }
}
