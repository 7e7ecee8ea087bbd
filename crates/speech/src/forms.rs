//! The forms of a Russian word: an admin writes «врач», and callers say «врача», «врачу».
//!
//! Forms are made by the endings of the word's class, which its own ending tells. A stem with any
//! ending behind it would be simpler and would hear «врачебный» for «врач», and what keeps «верно» apart
//! from «неверно» is that a word ends where it ends. A form that does not exist («врачы») is said by
//! nobody; one that is missing costs a letter or two, which the score forgives in a long word, and an
//! admin can write it.

use std::collections::BTreeSet;

use crate::spoken;

/// Little words that are never inflected, though their ending looks like it. Numbers are not either.
const FIXED: [&str; 46] = [
    "без",
    "близко",
    "быстро",
    "вас",
    "верно",
    "вот",
    "все",
    "где",
    "давай",
    "давайте",
    "для",
    "домой",
    "еще",
    "или",
    "как",
    "когда",
    "конечно",
    "куда",
    "меня",
    "мне",
    "можно",
    "над",
    "надо",
    "неверно",
    "нельзя",
    "нет",
    "ничего",
    "нужно",
    "опять",
    "под",
    "правильно",
    "при",
    "про",
    "скоро",
    "снова",
    "срочно",
    "там",
    "точно",
    "тут",
    "уже",
    "хорошо",
    "хочу",
    "через",
    "что",
    "это",
    "ага",
];

/// Words of fewer letters are prepositions and the like.
const INFLECTED_MIN: usize = 3;

/// What a word ends in, how many letters of that are replaced, and by what. The first that fits is
/// taken, so that longer endings stand first.
const CLASSES: [(&str, usize, &[&[&str]]); 38] = [
    // Verbs; another stem («вызовите» of «вызвать») is another word to write.
    ("ться", 4, &[&["ться", "лся", "лась", "лись"]]),
    ("ать", 2, VERB),
    ("ять", 2, VERB),
    ("ить", 2, VERB),
    ("еть", 2, VERB),
    ("уть", 2, VERB),
    ("ыть", 2, VERB),
    ("оть", 2, VERB),
    // Adjectives and ordinal numbers.
    ("кий", 2, &[ADJECTIVE]),
    ("гий", 2, &[ADJECTIVE]),
    ("хий", 2, &[ADJECTIVE]),
    ("кие", 2, &[ADJECTIVE]),
    ("ская", 2, &[ADJECTIVE]),
    ("ая", 2, &[ADJECTIVE]),
    ("ый", 2, &[ADJECTIVE]),
    ("ой", 2, &[ADJECTIVE]),
    ("ое", 2, &[ADJECTIVE]),
    ("ые", 2, &[ADJECTIVE]),
    ("ую", 2, &[ADJECTIVE]),
    ("ий", 2, &[SOFT_ADJECTIVE]),
    ("яя", 2, &[SOFT_ADJECTIVE]),
    ("ее", 2, &[SOFT_ADJECTIVE]),
    // Nouns; «е» and «и» end hard stems and soft ones.
    ("ие", 1, &[&["е", "я", "ю", "ем", "и", "й", "ям", "ями", "ях"]]),
    ("ия", 1, &[&["я", "и", "ю", "ей", "й", "ям", "ями", "ях"]]),
    ("ию", 1, &[&["я", "и", "ю", "ей", "е", "ем", "й", "ям", "ями", "ях"]]),
    ("ка", 2, &[&["ка", "ки", "ке", "ку", "кой", "к", "кам", "ками", "ках", "ок", "ек"]]),
    ("ку", 2, &[&["ка", "ки", "ке", "ку", "кой", "к", "кам", "ками", "ках", "ок", "ек"]]),
    ("ок", 2, &[&["ок", "ка", "ку", "ком", "ке", "ки", "ков", "кам", "ками", "ках"]]),
    ("ец", 2, &[&["ец", "ца", "цу", "цем", "це", "цы", "цев", "цам", "цами", "цах"]]),
    ("а", 1, &[HARD_NOUN]),
    ("о", 1, &[HARD_NOUN]),
    ("у", 1, &[HARD_NOUN]),
    ("ы", 1, &[HARD_NOUN]),
    ("е", 1, &[HARD_NOUN, SOFT_NOUN]),
    ("и", 1, &[HARD_NOUN, SOFT_NOUN]),
    ("я", 1, &[SOFT_NOUN]),
    ("ь", 1, &[SOFT_NOUN]),
    ("й", 1, &[SOFT_NOUN]),
];

const VERB: &[&[&str]] = &[&["ть", "л", "ла", "ли"]];
const ADJECTIVE: &[&str] = &[
    "ый", "ий", "ой", "ая", "ое", "ого", "ому", "ым", "им", "ом", "ую", "ые", "ие", "ых", "их",
    "ыми", "ими",
];
const SOFT_ADJECTIVE: &[&str] =
    &["ий", "его", "ему", "им", "ем", "яя", "ей", "юю", "ее", "ие", "их", "ими"];
const HARD_NOUN: &[&str] =
    &["", "а", "о", "у", "ом", "ой", "ем", "ей", "е", "ы", "и", "ов", "ам", "ами", "ах"];
const SOFT_NOUN: &[&str] =
    &["ь", "й", "я", "ю", "ем", "ей", "е", "и", "ью", "ев", "ям", "ями", "ях"];

/// The forms of a word that is in small letters, itself among them, sorted.
#[must_use]
pub fn forms(word: &str) -> BTreeSet<String> {
    let mut forms = BTreeSet::from([word.to_owned()]);
    let letters = word.chars().count();
    if letters < INFLECTED_MIN || FIXED.contains(&word) || spoken::is_cardinal(word) {
        return forms;
    }
    let class = CLASSES.iter().find(|(ending, ..)| word.ends_with(ending));
    let (cut, endings) = match class {
        Some((_, cut, endings)) => (*cut, *endings),
        // A consonant.
        None => (0, [HARD_NOUN].as_slice()),
    };
    let stem: String = word.chars().take(letters - cut).collect();
    // Of too short a stem the endings would be most of the word.
    if stem.chars().count() >= 2 {
        forms.extend(endings.iter().flat_map(|set| set.iter()).map(|end| format!("{stem}{end}")));
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(word: &str, said: &[&str]) {
        let forms = forms(word);
        for form in said {
            assert!(forms.contains(*form), "{word}: {form} is not in {forms:?}");
        }
    }

    #[test]
    fn the_words_of_menus_are_found_in_every_case() {
        has("врач", &["врач", "врача", "врачу", "врачом", "враче", "врачи", "врачей", "врачам"]);
        has("врача", &["врач", "врачу", "врачом"]);
        has("запись", &["запись", "записи", "записью"]);
        has("прививка", &["прививка", "прививку", "прививки", "прививок", "прививкой"]);
        has("поликлиника", &["поликлинику", "поликлинике", "поликлиник"]);
        has("лекарства", &["лекарство", "лекарств", "лекарствами"]);
        has("рецепт", &["рецепта", "рецепты", "рецептов"]);
        has("вакцинация", &["вакцинацию", "вакцинации", "вакцинацией"]);
        has("отделение", &["отделения", "отделению", "отделении", "отделений"]);
        has("регистратура", &["регистратуру", "регистратуры"]);
        has("первая", &["первую", "первой", "первый", "первого"]);
        has("детская", &["детскую", "детский", "детских"]);
        has("областной", &["областная", "областную"]);
        has("талон", &["талона", "талоны"]);
        has("дом", &["дома", "дому"]);
        has("вызвать", &["вызвать", "вызвал", "вызвали"]);
        has("записаться", &["записаться", "записалась"]);
        has("больничный", &["больничного", "больничном"]);
    }

    #[test]
    fn what_has_one_form_keeps_it() {
        for word in ["на", "не", "да", "нет", "сто", "двадцать", "два", "верно", "неверно"]
        {
            assert_eq!(forms(word).len(), 1, "{word}: {:?}", forms(word));
        }
    }

    #[test]
    fn a_word_is_not_heard_in_another() {
        assert!(!forms("врач").contains("врачебный"));
        assert!(!forms("верный").contains("неверный"));
        assert!(!forms("запись").contains("записать"));
    }
}
