use proptest::prelude::*;

use super::*;
use crate::alphabet::LABELS;
use crate::grammar::{NO, YES};

fn grammar(choices: &[(u16, &str)]) -> Arc<Grammar> {
    Arc::new(Grammar::new(choices.iter().map(|(id, text)| (ChoiceId(*id), *text))).unwrap())
}

fn menu() -> Arc<Grammar> {
    grammar(&[
        (1, "врач"),
        (1, "вызвать врача"),
        (1, "врача на дом"),
        (2, "запись"),
        (2, "записаться на прием"),
        (3, "вакцинация"),
        (3, "прививка"),
        (4, "рецепт"),
        (5, "справка"),
        (6, "оператор"),
    ])
}

/// What a model would say: each letter for a frame with a blank after it, not quite sure.
fn frames(said: &str) -> Vec<Frame> {
    let mut frames = Vec::new();
    let mut say = |label: Label, count: usize| {
        let mut values = [-6.0; LABELS];
        values[label.index()] = -0.1;
        frames.extend(vec![Frame::new(values); count]);
    };
    for c in said.chars() {
        match c {
            // A pause of 300 ms.
            '.' => say(Label::BLANK, 10),
            c => {
                say(Label::of(c).unwrap(), 1);
                say(Label::BLANK, 1);
            }
        }
    }
    frames
}

fn heard(grammar: &Arc<Grammar>, said: &str) -> Verdict {
    let mut spotter = Spotter::new(Arc::clone(grammar));
    frames(said).iter().for_each(|frame| spotter.hear(frame));
    spotter.verdict(Thresholds::default())
}

fn sure(grammar: &Arc<Grammar>, said: &str) -> Option<u16> {
    match heard(grammar, said) {
        Verdict::Sure(hit) => Some(hit.choice.0),
        Verdict::Ask(_) | Verdict::Nothing => None,
    }
}

#[test]
fn phrases_are_found_in_sentences_and_in_every_form() {
    let menu = menu();
    for (said, choice) in [
        ("врача на дом.", Some(1)),
        ("здравствуйте мне бы врача вызвать на дом", Some(1)),
        (".я хотел записаться на прием к терапевту", Some(2)),
        ("мне прививку сделать.", Some(3)),
        ("нужна справка", Some(5)),
        ("соедините с оператором.", Some(6)),
        ("у меня болит голова.", None),
        ("", None),
        ("...", None),
    ] {
        assert_eq!(sure(&menu, said), choice, "{said}");
    }
}

#[test]
fn a_word_ends_where_it_ends() {
    let yes_no = Arc::new(Grammar::yes_no());
    assert_eq!(sure(&yes_no, "верно."), Some(YES.0));
    assert_eq!(sure(&yes_no, "неверно."), Some(NO.0));
    assert_eq!(sure(&yes_no, "не верно."), Some(NO.0), "the longer phrase was said");
    assert_eq!(sure(&yes_no, "нет."), Some(NO.0));
    assert_eq!(sure(&yes_no, "да да."), Some(YES.0));
    let menu = menu();
    // A part of another word is asked about at most.
    let verdicts = [heard(&menu, "врачебная тайна."), heard(&grammar(&[(1, "верно")]), "неверно.")];
    for verdict in verdicts {
        assert!(!matches!(verdict, Verdict::Sure(_)), "{verdict:?}");
    }
}

#[test]
fn a_space_that_was_not_heard_costs_a_little() {
    assert_eq!(sure(&menu(), "записаться наприем."), Some(2));
}

#[test]
fn a_pause_is_a_boundary() {
    let menu = menu();
    assert_eq!(sure(&menu, "ммм.врача.ммм"), Some(1), "no space was heard around it");
    assert_eq!(heard(&menu, "мммврачаммм."), Verdict::Nothing);
}

#[test]
fn what_is_half_right_is_asked() {
    let menu = menu();
    let Verdict::Ask(hit) = heard(&menu, "сапись.") else { panic!() };
    assert_eq!(hit.choice, ChoiceId(2));
    // Two choices in one breath: which of them was meant, the caller knows.
    let Verdict::Ask(hit) = heard(&menu, "рецепт и справка.") else { panic!() };
    assert_eq!(hit.choice, ChoiceId(5), "the last");
}

#[test]
fn a_choice_that_is_named_beside_another_is_asked_about() {
    let menu = menu();
    // One letter of «рецепт» is wrong, none of «врач».
    let Verdict::Ask(hit) = heard(&menu, "потеряла рицепт от врача.") else {
        panic!()
    };
    assert_eq!(hit.choice, ChoiceId(1));
    assert_eq!(sure(&menu, "врача врача на дом."), Some(1), "the same choice twice");
}

#[test]
fn of_two_that_are_named_the_one_is_asked_about_of_which_more_was_said() {
    let menu = menu();
    for (said, choice) in [
        ("хотела записаться на приём к врачу.", 2),
        ("врача на дом а не справку.", 1),
        ("к оператору врач.", 6),
    ] {
        let Verdict::Ask(hit) = heard(&menu, said) else { panic!("{said}") };
        assert_eq!(hit.choice.0, choice, "{said}");
    }
}

#[test]
fn a_text_is_understood_as_sound_is() {
    for (said, choice) in
        [("Вызвать врача на дом!", Some(1)), ("алло, ПРИВИВКИ", Some(3)), ("добрый день", None)]
    {
        let mut spotter = Spotter::new(menu());
        spotter.hear_text(said);
        let hit = spotter.verdict(Thresholds::default()).hit();
        assert_eq!(hit.map(|hit| hit.choice.0), choice, "{said}");
    }
}

#[test]
fn spans_are_times() {
    let Verdict::Sure(hit) = heard(&menu(), "..справка..") else { panic!() };
    let (start, end) = hit.span();
    assert_eq!(start, FRAME * 20);
    assert!(end >= FRAME * 33 && end <= FRAME * 42, "{end:?}");
}

#[test]
fn a_longer_phrase_may_follow() {
    let grammar = grammar(&[(1, "запись"), (2, "запись на прививку"), (3, "справка")]);
    let Verdict::Sure(hit) = heard(&grammar, "запись.") else { panic!() };
    let spotter = Spotter::new(Arc::clone(&grammar));
    assert!(spotter.may_go_on(&hit));
    let Verdict::Sure(hit) = heard(&grammar, "справка.") else { panic!() };
    assert!(!spotter.may_go_on(&hit));
    assert_eq!(sure(&grammar, "запись на прививку."), Some(2));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any phrase of a menu, whatever is said before and after it, is heard.
    #[test]
    fn a_phrase_is_found_among_other_words(
        before in "[а-е]{0,6}( [и-м]{1,5}){0,2}",
        after in "([и-м]{1,5} ){0,2}",
        phrase in 0_usize..10,
    ) {
        let menu = menu();
        let said = format!("{before} {} {after}.", menu.phrases()[phrase].text);
        let hit = heard(&menu, &said).hit();
        prop_assert!(hit.is_some_and(|hit| hit.choice == menu.phrases()[phrase].choice), "{said}");
    }

    /// No frames break it, and no score is better than the best free way.
    #[test]
    fn any_frames_are_borne(values in prop::collection::vec(any::<[f32; LABELS]>(), 0..40)) {
        let mut spotter = Spotter::new(menu());
        for values in values {
            spotter.hear(&Frame::new(values));
            prop_assert!(spotter.scores().flatten().all(|score| score <= 0.0));
        }
        let _ = spotter.verdict(Thresholds::default());
    }
}
