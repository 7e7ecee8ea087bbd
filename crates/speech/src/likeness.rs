//! Phrases of different choices that callers or recognisers would take for each other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use crate::forms::forms;
use crate::grammar::Phrase;

/// Phrases whose distance, for each letter of the longer, is less are alike: two letters of ten.
const ALIKE: f32 = 0.2;
/// Parts of words that are shorter stand everywhere.
const INSIDE_MIN: usize = 4;

/// Two phrases that lead to different choices and are taken for each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alike {
    /// The number of the first, as they were given.
    pub one: usize,
    /// The number of the second. Of [`Why::Inside`] the one that the first stands in.
    pub other: usize,
    /// Why.
    pub why: Why,
}

/// Why two phrases are taken for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// They are forms of the same words.
    Forms,
    /// They sound alike.
    Sound,
    /// The one is a part of a word of the other: «верно» of «неверно».
    Inside,
}

/// The pairs of phrases of different choices that are taken for each other, each once, in order.
#[must_use]
pub fn alike(phrases: &[Phrase]) -> Vec<Alike> {
    let mut likeness = Likeness::new(phrases.iter().map(|phrase| &*phrase.text));
    let mut pairs = Vec::new();
    for (other, second) in phrases.iter().enumerate() {
        for (one, first) in phrases[..other].iter().enumerate() {
            if first.choice == second.choice || first.text == second.text {
                continue;
            }
            let (told, heard) = (likeness.phrase(one), likeness.phrase(other));
            pairs.extend(match likeness.of(&told, &heard) {
                Some(Like { why, is_turned: false }) => Some(Alike { one, other, why }),
                Some(Like { why, is_turned: true }) => Some(Alike { one: other, other: one, why }),
                None => None,
            });
        }
    }
    pairs
}

/// Why one phrase is taken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Like {
    /// Why.
    pub why: Why,
    /// Of [`Why::Inside`]: the second stands in the first, and not the first in the second.
    pub is_turned: bool,
}

/// A word of a [`Likeness`]; the same for the same text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WordId(u32);

/// Many phrases made ready to be compared, each with each.
#[derive(Clone, Debug)]
pub struct Likeness {
    words: Vec<Word>,
    phrases: Vec<Vec<WordId>>,
    /// Where two phrases are aligned.
    one: Vec<Letter>,
    other: Vec<Letter>,
    row: Vec<f32>,
}

#[derive(Clone, Debug)]
struct Word {
    text: String,
    letters: Vec<Letter>,
    /// What it costs that nothing of it is heard.
    weight: f32,
    forms: BTreeSet<String>,
    /// Words that share a form have the same; others may have it too.
    family: usize,
}

/// A letter by its place in the table of costs, or behind the table.
type Letter = u32;

impl Likeness {
    /// Makes phrases ready; their words stand apart by one blank.
    #[must_use]
    pub fn new<'a>(phrases: impl IntoIterator<Item = &'a str>) -> Likeness {
        let (mut words, mut known): (Vec<Word>, BTreeMap<&str, WordId>) = Default::default();
        let mut families = Families::default();
        let mut split = |phrase: &'a str| -> Vec<WordId> {
            let ids = phrase.split(' ').map(|text| {
                *known.entry(text).or_insert_with(|| {
                    let id = WordId(u32::try_from(words.len()).unwrap_or(u32::MAX));
                    words.push(Word::new(text));
                    families.add(&words[words.len() - 1].forms);
                    id
                })
            });
            ids.collect()
        };
        let phrases = phrases.into_iter().map(&mut split).collect();
        for (nth, word) in words.iter_mut().enumerate() {
            word.family = families.of(nth);
        }
        Likeness { words, phrases, one: Vec::new(), other: Vec::new(), row: Vec::new() }
    }

    /// The words of a phrase, by its number as it was given.
    #[must_use]
    pub fn phrase(&self, nth: usize) -> Vec<WordId> {
        self.phrases[nth].clone()
    }

    /// Why two phrases, or parts of them, are taken for each other.
    pub fn of(&mut self, first: &[WordId], second: &[WordId]) -> Option<Like> {
        let turned = |why, is_turned| Some(Like { why, is_turned });
        if self.are_forms(first, second) {
            turned(Why::Forms, false)
        } else if self.sound_alike(first, second) {
            turned(Why::Sound, false)
        } else if self.is_inside(first, second) {
            turned(Why::Inside, false)
        } else if self.is_inside(second, first) {
            turned(Why::Inside, true)
        } else {
            None
        }
    }

    fn word(&self, word: WordId) -> &Word {
        &self.words[word.0 as usize]
    }

    fn are_forms(&self, first: &[WordId], second: &[WordId]) -> bool {
        let shared = |(one, other): (&WordId, &WordId)| {
            let (one, other) = (self.word(*one), self.word(*other));
            one.family == other.family && !one.forms.is_disjoint(&other.forms)
        };
        first.len() == second.len() && first.iter().zip(second).all(shared)
    }

    fn sound_alike(&mut self, first: &[WordId], second: &[WordId]) -> bool {
        let (one, other) = (self.size(first), self.size(second));
        let bound = ALIKE * one.0.max(other.0) as f32;
        // No letter is taken for another at less than the one weighs more; a hair for the sums' rounding.
        if (one.1 - other.1).abs() > bound + 0.01 {
            return false;
        }
        let (mut one, mut other) = (std::mem::take(&mut self.one), std::mem::take(&mut self.other));
        self.spell(first, &mut one);
        self.spell(second, &mut other);
        let are_near = is_nearer(&one, &other, bound, &mut self.row);
        (self.one, self.other) = (one, other);
        are_near
    }

    /// How many letters a phrase has, with its blanks, and what they weigh.
    fn size(&self, phrase: &[WordId]) -> (usize, f32) {
        let blanks = phrase.len().saturating_sub(1);
        let words = phrase.iter().map(|word| self.word(*word));
        let add =
            |(letters, weight), word: &Word| (letters + word.letters.len(), weight + word.weight);
        words.fold((blanks, blanks as f32 * missing(' ')), add)
    }

    fn spell(&self, phrase: &[WordId], to: &mut Vec<Letter>) {
        to.clear();
        for word in phrase {
            if !to.is_empty() {
                to.push(letter(' '));
            }
            to.extend(&self.word(*word).letters);
        }
    }

    /// Whether a phrase is a part of a word, and not a word, of another.
    fn is_inside(&self, one: &[WordId], other: &[WordId]) -> bool {
        let [one] = one else { return false };
        let one = self.word(*one);
        one.letters.len() >= INSIDE_MIN
            && other.iter().map(|word| self.word(*word)).any(|word| {
                word.letters.len() > one.letters.len()
                    && word.text.contains(&one.text)
                    && !one.forms.contains(&word.text)
            })
    }
}

impl Word {
    fn new(text: &str) -> Word {
        Word {
            text: text.to_owned(),
            letters: text.chars().map(letter).collect(),
            weight: text.chars().map(missing).sum(),
            forms: forms(text),
            family: 0,
        }
    }
}

/// Words by whether they can have a form in common.
#[derive(Debug, Default)]
struct Families {
    /// Of each word another of its family, or itself.
    next: Vec<usize>,
    by_form: BTreeMap<String, usize>,
}

impl Families {
    /// Adds the next word.
    fn add(&mut self, forms: &BTreeSet<String>) {
        let word = self.next.len();
        self.next.push(word);
        for form in forms {
            let first = *self.by_form.entry(form.clone()).or_insert(word);
            let (one, other) = (self.of(first), self.of(word));
            self.next[one] = other;
        }
    }

    fn of(&self, mut word: usize) -> usize {
        while self.next[word] != word {
            word = self.next[word];
        }
        word
    }
}

/// Whether making one phrase of the other, a letter that sounds otherwise costing 1, costs less than this.
fn is_nearer(one: &[Letter], other: &[Letter], bound: f32, row: &mut Vec<f32>) -> bool {
    row.clear();
    row.push(0.0);
    for &letter in other {
        row.push(row[row.len() - 1] + COSTS.missing(letter));
    }
    for &letter in one {
        let mut diagonal = row[0];
        row[0] += COSTS.missing(letter);
        let mut least = row[0];
        for (at, &facing) in other.iter().enumerate() {
            let kept = diagonal + COSTS.changed(letter, facing);
            diagonal = row[at + 1];
            let cost =
                kept.min(diagonal + COSTS.missing(letter)).min(row[at] + COSTS.missing(facing));
            least = least.min(cost);
            row[at + 1] = cost;
        }
        // It never becomes cheaper.
        if least >= bound {
            return false;
        }
    }
    row[other.len()] < bound
}

/// Russian letters and the blank have places in the table.
const PLACES: usize = 34;
static COSTS: LazyLock<Costs> = LazyLock::new(Costs::new);

/// What letters cost, looked up.
#[derive(Debug)]
struct Costs {
    missing: [f32; PLACES],
    changed: [[f32; PLACES]; PLACES],
}

impl Costs {
    fn new() -> Costs {
        let letters = [' ', 'ё'].into_iter().chain('а'..='я');
        let mut costs = Costs { missing: [1.0; PLACES], changed: [[1.0; PLACES]; PLACES] };
        for one in letters.clone() {
            let at = letter(one) as usize;
            costs.missing[at] = missing(one);
            for other in letters.clone() {
                costs.changed[at][letter(other) as usize] = changed(one, other);
            }
        }
        costs
    }

    fn missing(&self, letter: Letter) -> f32 {
        self.missing.get(letter as usize).copied().unwrap_or(1.0)
    }

    fn changed(&self, one: Letter, other: Letter) -> f32 {
        let row = self.changed.get(one as usize);
        match row.and_then(|row| row.get(other as usize)) {
            Some(cost) => *cost,
            None if one == other => 0.0,
            None => 1.0,
        }
    }
}

fn letter(letter: char) -> Letter {
    match letter {
        ' ' => 0,
        'ё' => 1,
        'а'..='я' => letter as u32 - 'а' as u32 + 2,
        other => PLACES as u32 + other as u32,
    }
}

/// What it costs that a letter is not heard.
fn missing(letter: char) -> f32 {
    match letter {
        'ь' | 'ъ' | ' ' => 0.2,
        'й' => 0.5,
        _ => 1.0,
    }
}

/// What it costs to take one letter for another: less for those that sound the same without stress or at
/// the end of a word, and for those that a telephone's band does not tell apart.
fn changed(one: char, other: char) -> f32 {
    const NEAR: [(&str, f32); 13] = [
        ("ао", 0.2),
        ("еи", 0.2),
        ("эе", 0.2),
        ("яеи", 0.3),
        ("бп", 0.3),
        ("вф", 0.3),
        ("гк", 0.3),
        ("дт", 0.3),
        ("жш", 0.3),
        ("зс", 0.3),
        ("шщ", 0.3),
        ("сф", 0.5),
        ("мн", 0.5),
    ];
    if one == other {
        return 0.0;
    }
    let near = NEAR.iter().find(|(group, _)| group.contains(one) && group.contains(other));
    near.map_or(1.0, |(_, cost)| *cost)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::{ChoiceId, Grammar};

    fn found(choices: &[(u16, &str)]) -> Vec<(usize, usize, Why)> {
        let given = choices.iter().map(|(id, text)| (ChoiceId(*id), *text));
        let grammar = Grammar::new(given).unwrap();
        let pairs = alike(grammar.phrases()).into_iter();
        pairs.map(|Alike { one, other, why }| (one, other, why)).collect()
    }

    #[test]
    fn words_that_are_taken_for_each_other_are_told() {
        assert_eq!(found(&[(1, "верно"), (2, "неверно")]), [(0, 1, Why::Inside)]);
        assert_eq!(found(&[(2, "неверно"), (1, "верно")]), [(1, 0, Why::Inside)]);
        assert_eq!(found(&[(1, "врач"), (2, "к врачу")]), []);
        assert_eq!(found(&[(1, "вызов врача"), (2, "вызов врачей")]), [(0, 1, Why::Forms)]);
        assert_eq!(found(&[(1, "прививка"), (2, "привифка")]), [(0, 1, Why::Sound)]);
        assert_eq!(found(&[(1, "первая поликлиника"), (2, "перовая поликлиника")]).len(), 1);
    }

    #[test]
    fn words_of_one_choice_and_words_of_their_own_are_not() {
        assert_eq!(found(&[(1, "врач"), (1, "врачи")]), []);
        let menu = [
            (1, "врач"),
            (2, "запись"),
            (3, "прививка"),
            (4, "рецепт"),
            (5, "справка"),
            (6, "оператор"),
        ];
        assert_eq!(found(&menu), []);
        assert_eq!(found(&[(1, "первая поликлиника"), (2, "вторая поликлиника")]), []);
    }

    /// The definition, letter by letter and pair by pair.
    mod plain {
        use super::*;

        pub(super) fn alike(phrases: &[Phrase]) -> Vec<Alike> {
            let mut pairs = Vec::new();
            for (other, second) in phrases.iter().enumerate() {
                for (one, first) in phrases[..other].iter().enumerate() {
                    if first.choice == second.choice || first.text == second.text {
                        continue;
                    }
                    if let Some(why) = same(&first.text, &second.text) {
                        pairs.push(Alike { one, other, why });
                    } else if is_inside(&first.text, &second.text) {
                        pairs.push(Alike { one, other, why: Why::Inside });
                    } else if is_inside(&second.text, &first.text) {
                        pairs.push(Alike { one: other, other: one, why: Why::Inside });
                    }
                }
            }
            pairs
        }

        fn same(one: &str, other: &str) -> Option<Why> {
            let all = |text: &str| text.split(' ').map(forms).collect::<Vec<_>>();
            let (first, second) = (all(one), all(other));
            let are_forms = first.len() == second.len()
                && first.iter().zip(&second).all(|(first, second)| !first.is_disjoint(second));
            if are_forms {
                return Some(Why::Forms);
            }
            let (one, other): (Vec<char>, Vec<char>) =
                (one.chars().collect(), other.chars().collect());
            let longest = one.len().max(other.len()) as f32;
            (distance(&one, &other) < ALIKE * longest).then_some(Why::Sound)
        }

        fn is_inside(one: &str, other: &str) -> bool {
            one.chars().count() >= INSIDE_MIN
                && other
                    .split(' ')
                    .any(|word| word != one && word.contains(one) && !forms(one).contains(word))
        }

        fn distance(one: &[char], other: &[char]) -> f32 {
            let mut row: Vec<f32> = vec![0.0];
            for &letter in other {
                row.push(row[row.len() - 1] + missing(letter));
            }
            for &letter in one {
                let mut diagonal = row[0];
                row[0] += missing(letter);
                for (at, &facing) in other.iter().enumerate() {
                    let kept = diagonal + changed(letter, facing);
                    diagonal = row[at + 1];
                    row[at + 1] =
                        kept.min(diagonal + missing(letter)).min(row[at] + missing(facing));
                }
            }
            row[other.len()]
        }
    }

    proptest::proptest! {
        /// Words of few letters that sound alike, so that many are nearly the same, and real ones.
        #[test]
        fn what_is_found_fast_is_what_is_defined(
            texts in proptest::collection::vec(
                "([аоеи][бпвфмн][аоьъй]{0,2}[бпсз]{0,2}|верно|неверно|врач|врача|прививк[аиу]|перв(ая|ой)|[х-яёa]{1,4})                 ( ([аое][дт][ьй]?[аоы]|поликлиник[аеи]|к|номер)){0,2}",
                2..12,
            )
        ) {
            let phrase = |(nth, text): (usize, String)| {
                Phrase { choice: ChoiceId(nth as u16 / 2), text }
            };
            let phrases: Vec<Phrase> = texts.into_iter().enumerate().map(phrase).collect();
            proptest::prop_assert_eq!(alike(&phrases), plain::alike(&phrases));
        }
    }

    #[test]
    fn a_part_of_a_phrase_is_compared_as_a_phrase() {
        let mut likeness = Likeness::new(["больница северная", "больница северный", "поликлиника"]);
        let (one, other) = (likeness.phrase(0), likeness.phrase(1));
        assert_eq!(one[0], other[0]);
        let forms = Some(Like { why: Why::Forms, is_turned: false });
        assert_eq!(likeness.of(&one[1..], &other[1..]), forms);
        assert_eq!(likeness.of(&one[1..], &[]), None);
    }
}
