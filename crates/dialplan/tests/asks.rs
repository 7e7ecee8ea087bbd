//! Menus that ask for something in place of a choice.

mod common;

use ambient::Wall;
use common::{BASE, good, lines, load};
use dialplan::explain::{Deed, End, Question, explain, keys, words};
use dialplan::{AskedFor, Target};

/// A second clinic, and a menu behind a number that asks.
fn with(menu: &str) -> String {
    format!(
        "[retired.ask]\nnumbers = [\"27-00-99\"]\nannounce = \"changed\"\nthen = \"menu:ask\"\n\n\
         [menus.ask]\nsay = [\"welcome\"]\nrepeat = 1\notherwise = \"queue:operator\"\n{menu}\n\
         [clinics.second]\ntitle = \"Поликлиника № 2\"\nwords = [\"у вокзала\"]\nask = [\"welcome\"]\nnumbers = [\"27-00-12\"]\nring = [\"sip:b@pbx.example\"]\n"
    )
}

fn asks(what: &str) -> String {
    with(&format!("asks_for = \"{what}\"\nthen = \"request:doctor\"\n"))
}

fn says(more: &str) -> String {
    let base = BASE.replace("[clinics.first]\n", "[clinics.first]\nask = [\"welcome\"]\n");
    match load(&[("base.toml", &base), ("more.toml", more)]) {
        Ok((_, warnings)) => lines(&warnings),
        Err(findings) => lines(&findings),
    }
}

/// The way of a call to the number that leads to the menu: what was told, and the end.
fn way(more: &str, does: Vec<Deed>) -> (Vec<String>, End) {
    let plan = good(more);
    let mut question = Question::new("27-00-99", Wall::from_unix_millis(1_768_435_200_000));
    question.does = does;
    let way = explain(&plan, &question);
    let steps = way.steps.iter().map(|step| step.english(&plan));
    (steps.filter(|step| step.contains(" told")).collect(), way.end)
}

fn typed(what: &str, pressed: &str) -> (Vec<String>, End) {
    way(&asks(what), keys(pressed).unwrap())
}

fn said(what: &str, answers: &[&str]) -> (Vec<String>, End) {
    way(&asks(what), words(answers.iter().copied()).unwrap())
}

fn request() -> End {
    End::Request("doctor".into())
}

#[test]
fn an_answer_is_typed_read_back_and_taken() {
    let read = |told: &str| format!("{told} is told: the robot asks whether it is right");
    let taken = |told: &str| format!("{told} is told: a request for queue doctor “Врач”");
    for (what, pressed, told) in [
        ("telephone", "89123456789 1", "telephone number +79123456789"),
        ("telephone", "9123456789 1", "telephone number +79123456789"),
        ("telephone", "270001# 1", "telephone number +74812270001"),
        ("telephone", "270001- 1", "telephone number +74812270001"),
        ("birth-date", "05031947 1", "date of birth 05.03.1947"),
        ("house", "12# 1", "house 12"),
    ] {
        let (steps, end) = typed(what, pressed);
        assert_eq!(steps, [read(told), taken(told)], "{pressed}");
        assert_eq!(end, request());
    }
    // Who says nothing against it agrees.
    assert_eq!(typed("house", "12#-").1, request());
    // «Нет» asks again.
    let (steps, end) = typed("house", "12#2 14#1");
    assert_eq!(steps, [read("house 12"), read("house 14"), taken("house 14")]);
    assert_eq!(end, request());
}

#[test]
fn an_answer_is_said() {
    let (steps, end) = said(
        "telephone",
        &["восемь девятьсот двенадцать триста сорок пять шестьдесят семь восемьдесят девять", "да"],
    );
    assert!(steps[1].starts_with("telephone number +79123456789 is told"), "{steps:?}");
    assert_eq!(end, request());
    let (steps, _) = said("birth-date", &["пятого марта сорок седьмого года", "верно"]);
    assert!(steps[1].starts_with("date of birth 05.03.1947 is told"), "{steps:?}");
    let (steps, _) = said("house", &["дом двадцать два корпус один", "нет", "двадцать", "да"]);
    assert!(steps[0].starts_with("house 22к1 is told"), "{steps:?}");
    assert!(steps[2].starts_with("house 20 is told"), "{steps:?}");
    // Neither an answer nor a yes.
    assert_eq!(said("house", &["не знаю", "не знаю"]).1, End::Served("operator".into()));
}

#[test]
fn what_is_no_answer_is_asked_again_and_an_operator_takes_over() {
    for (what, pressed) in
        [("telephone", "12# 103#"), ("birth-date", "31021947 99999999"), ("house", "0# 99999#")]
    {
        let (steps, end) = typed(what, pressed);
        assert_eq!((steps, end), (vec![], End::Served("operator".into())), "{what} {pressed}");
    }
    assert_eq!(typed("telephone", "--").1, End::Served("operator".into()), "silence");
    assert_eq!(typed("telephone", "###--").1, End::Served("operator".into()));
}

#[test]
fn a_clinic_is_named_and_its_phones_ring() {
    let menu = with("asks_for = \"clinic\"\n");
    assert_eq!(says(&menu), "");
    for answer in ["поликлиника два", "во вторую поликлинику", "поликлиника номер два", "у вокзала"]
    {
        let (steps, _) = way(&menu, words([answer]).unwrap());
        assert_eq!(steps, ["clinic second is told: “Поликлиника № 2” (second)"], "{answer}");
    }
    let (steps, _) = way(&menu, keys("1#").unwrap());
    assert_eq!(steps, ["clinic first is told: “Поликлиника № 1” (first)"]);
    assert_eq!(way(&menu, keys("7# 8#").unwrap()).1, End::Served("operator".into()));
    assert_eq!(way(&menu, words(["поликлиника", "поликлиника"]).unwrap()).0, [""; 0]);
    // It may lead elsewhere, and who takes the call is told which it is.
    let (steps, end) = way(&asks("clinic"), words(["вторая поликлиника"]).unwrap());
    assert_eq!(steps, ["clinic second is told: a request for queue doctor “Врач”"]);
    assert_eq!(end, request());
}

#[test]
fn a_clinic_has_a_question_of_its_own() {
    let plan = good(&with("asks_for = \"clinic\"\n"));
    assert_eq!(*plan.clinics["second"].ask, ["welcome".into()]);
    assert!(plan.clinics["first"].ask.is_empty());
    let unknown =
        with("asks_for = \"clinic\"").replace("[\"welcome\"]\nnumbers", "[\"welcom\"]\nnumbers");
    assert!(says(&unknown).contains("did you mean \"welcome\"?"), "{}", says(&unknown));
    let without = with("asks_for = \"clinic\"").replace("ask = [\"welcome\"]\n", "");
    assert_eq!(
        says(&without),
        "more.toml:6:8: warning: menu \"ask\" asks for a clinic: \"second\" without `ask`; add ask = [\"…\"], what \
         the robot asks when it is not sure that this was said; without, it says the menu again (the clinic: \
         more.toml:11:10)\n"
    );
    // Nobody names it where no menu asks.
    assert_eq!(
        says(&without.replace("asks_for = \"clinic\"", "asks_for = \"house\"\nthen = \"hangup\"")),
        ""
    );
}

#[test]
fn clinics_that_sound_alike_are_told() {
    let said = |first: &str, second: &str| {
        let more = with("asks_for = \"clinic\"");
        let more = more.replace("[\"у вокзала\"]", &format!("[\"{second}\"]"));
        let words = format!(
            "[clinics.third]\ntitle = \"Роддом\"\nwords = [\"{first}\"]\nask = [\"welcome\"]\nnumbers = [\"27-00-13\"]\nring = [\"sip:c@pbx.example\"]\n"
        );
        says(&format!("{more}{words}"))
    };
    let misheard = |said: &str| {
        format!(
            "more.toml:19:10: warning: {said}, another clinic; callers will be misheard; call one of them otherwise, \
             or let a menu with choices part them (the other is here: more.toml:13:10)\n"
        )
    };
    assert_eq!(
        said("больница на лесной", "больница на лестной"),
        misheard("\"больница на лесной\" sounds like \"больница на лестной\"")
    );
    assert_eq!(
        said("детские больницы", "детская больница"),
        misheard("\"детские больницы\" and \"детская больница\" are forms of the same words")
    );
    assert_eq!(said("зареченская", "речен"), misheard("\"речен\" is a part of \"зареченская\""));
    // What most of a long name has in common is not what tells it from the other.
    assert_eq!(said("городская больница имени иванова", "городская больница имени петрова"), "");
    // A ninth and a tenth clinic cannot be called otherwise.
    let titled = |first: &str, second: &str| {
        let more = with("asks_for = \"clinic\"").replace("Поликлиника № 2", second);
        let third = format!(
            "[clinics.third]\ntitle = \"{first}\"\nask = [\"welcome\"]\nnumbers = [\"27-00-13\"]\nring = [\"sip:c@pbx.example\"]\n"
        );
        says(&format!("{more}{third}"))
    };
    assert_eq!(titled("Больница № 9", "Больница № 10"), "");
    let said = titled("Лесная больница № 9", "Лестная больница № 9");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("\"лесная больница девять\" sounds like"), "{said}");
}

#[test]
#[allow(clippy::disallowed_methods, reason = "how long the comparing takes")]
fn the_clinics_of_a_large_region_are_compared_within_seconds() {
    const SYLLABLES: [&str; 10] =
        ["бра", "лот", "жук", "мир", "рен", "фос", "цел", "хав", "шту", "гды"];
    let clinic = |n: usize, name: &str| {
        format!(
            "[clinics.c{n}]\ntitle = \"Больница {name}\"\nask = [\"welcome\"]\nnumbers = [\"3{n:05}\"]\n\
             ring = [\"sip:c@pbx.example\"]\n"
        )
    };
    let syllable = |n: usize, place: usize| SYLLABLES[n / place % 10];
    let name = |n: usize| [syllable(n, 100), syllable(n, 10), syllable(n, 1)].concat();
    let many: String = (0..1000).map(|n| clinic(n, &name(n))).collect();
    // The last is taken for the one before it.
    let more = [with("asks_for = \"clinic\""), many, clinic(1000, "гдыгдыгты")].concat();
    let began = std::time::Instant::now();
    let said = says(&more);
    let lasted = began.elapsed();
    assert!(said.contains("\"больница гдыгдыгды\" sounds like \"больница гдыгдыгты\""), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(lasted.as_secs() < 20, "{lasted:?}");
}

#[test]
fn the_plan_has_what_is_written() {
    let plan = good(&asks("birth-date"));
    let asks = plan.menus["ask"].asks.clone().unwrap();
    assert_eq!(
        (asks.what, asks.then),
        (AskedFor::BirthDate, Some(Target::Request("doctor".into())))
    );
    assert!(plan.menus["ask"].choices.is_empty());
}

#[test]
fn what_is_wrong_is_told_with_a_remedy() {
    for (menu, expected) in [
        (
            "asks_for = \"telefon\"\nthen = \"hangup\"",
            "more.toml:10:12: `menus.ask.asks_for` cannot be \"telefon\"; did you mean \"telephone\"?\n",
        ),
        (
            "asks_for = \"house\"",
            "more.toml:6:8: menu \"ask\" has no `then`; add then = \"queue:operator\"\n",
        ),
        (
            "then = \"hangup\"\n[[menus.ask.choice]]\nkey = \"1\"\nto = \"hangup\"",
            "more.toml:10:8: menu \"ask\" has `then`, and asks for nothing; add asks_for, or let its \
             choices say where calls go\n",
        ),
        (
            "asks_for = \"house\"\nthen = \"hangup\"\n[[menus.ask.choice]]\nkey = \"1\"\nto = \"hangup\"",
            "more.toml:12:1: menu \"ask\" asks for something, and has choices; let another menu have \
             the choices (it asks here: more.toml:10:12)\n",
        ),
    ] {
        assert_eq!(says(&with(menu)), expected);
    }
    let namesakes = with("asks_for = \"clinic\"").replace("№ 2", "№ 1");
    assert!(
        says(&namesakes)
            .contains("two clinics are called \"поликлиника один\"; callers who say so"),
        "{}",
        says(&namesakes)
    );
    let foreign = with("asks_for = \"clinic\"")
        .replace("Поликлиника № 2", "MedCity")
        .replace("words = [\"у вокзала\"]\n", "");
    assert_eq!(
        says(&foreign),
        "more.toml:11:10: warning: nobody can say the name of clinic \"second\"; add words = [\"…\"] in Russian \
         letters, as callers say it (menu \"ask\" asks for a clinic: more.toml:6:8)\n"
    );
}
