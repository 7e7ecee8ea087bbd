//! Names of places as people say them: of «Поликлиника № 2» also «поликлиника номер два» and «вторая
//! поликлиника».

use crate::spoken;

/// What a place with this title is called: the title itself, and what it becomes where it has a number.
#[must_use]
pub fn names(title: &str) -> Vec<String> {
    let mut names = vec![title.to_owned()];
    if let Some((before, number, after)) = numbered(title) {
        names.push(format!("{before} номер {number} {after}"));
        let ordinal = number.parse().ok().and_then(spoken::ordinal_adjective);
        names.extend(ordinal.map(|ordinal| format!("{ordinal} {before} {after}")));
    }
    names
}

/// The number in a title, as it is written there; `None` if there is none, or several.
#[must_use]
pub fn number_in(title: &str) -> Option<&str> {
    numbered(title).map(|(_, number, _)| number)
}

/// What stands before the one number of a title, the number, and what stands behind it.
fn numbered(title: &str) -> Option<(&str, &str, &str)> {
    let is_digit = |c: char| c.is_ascii_digit();
    let begin = title.find(is_digit)?;
    let length = title[begin..].find(|c| !is_digit(c)).unwrap_or(title.len() - begin);
    let (before, rest) = title.split_at(begin);
    let (number, after) = rest.split_at(length);
    (!after.contains(is_digit)).then(|| (before.trim_end_matches([' ', '№']), number, after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ChoiceId, Grammar};

    fn said(title: &str) -> Vec<String> {
        let names = names(title);
        let grammar = Grammar::new(names.iter().map(|name| (ChoiceId(0), &**name))).unwrap();
        grammar.phrases().iter().map(|phrase| phrase.text.clone()).collect()
    }

    #[test]
    fn a_number_is_said_in_three_ways() {
        let ways = ["поликлиника два", "поликлиника номер два", "вторая поликлиника"];
        assert_eq!(said("Поликлиника № 2"), ways);
        let ways = [
            "городская больница двадцать три",
            "городская больница номер двадцать три",
            "двадцать третья городская больница",
        ];
        assert_eq!(said("Городская больница №23"), ways);
    }

    #[test]
    fn a_name_without_a_number_is_itself() {
        assert_eq!(said("Областной роддом"), ["областной роддом"]);
        let ways = ["школа тысяча сто", "школа номер тысяча сто"];
        assert_ne!(said("Школа 1100"), ways, "long numbers are read digit by digit");
        assert_eq!(said("Дом 5, корпус 2").len(), 1, "which of the numbers is its own?");
    }

    #[test]
    fn the_number_is_found() {
        assert_eq!(number_in("Поликлиника № 12 (детская)"), Some("12"));
        assert_eq!(number_in("Роддом"), None);
        assert_eq!(number_in("Дом 5, корпус 2"), None);
    }
}
