//! The dialplan as a picture.

mod common;

use common::good;
use dialplan::draw::{Labels, draw};

fn clinics(count: usize) -> String {
    let mut text = String::from("[schedules.day]\nhours = \"08:00-20:00\"\n");
    for number in 0..count {
        text += &format!(
            "[clinics.c{number:03}]\ntitle = \"Поликлиника № {number}\"\n\
             numbers = [\"28-0{:01}-{:02}\"]\nring = [\"sip:registry@pbx.example\"]\n",
            number / 100,
            number % 100
        );
    }
    text + "[queues.shifts]\ntopic = \"Смены <ночью> & днём\"\n\
            serve = [{ group = \"operators\", when = \"day\", after = \"40s\" }]\n"
}

#[test]
fn everything_stands_on_it_and_it_is_always_the_same() {
    let plan = good(&clinics(5));
    let svg = draw(&plan, &Labels::RUSSIAN);
    assert_eq!(svg, draw(&plan, &Labels::RUSSIAN));
    for text in [
        "Область",
        ">122<",
        "Поликлиника № 1 +74812270001",
        "не ответили, занято, недоступны",
        ">main<",
        "ничего не выбрано",
        ">Врач<",
        "Смены &lt;ночью&gt; &amp; днём",
        "после 40 с",
        "◷ day",
        "дольше 10 мин",
        "→ конец",
        "сотрудников: 3",
    ] {
        assert!(svg.contains(text), "{text}\n{svg}");
    }
    assert!(draw(&plan, &Labels::ENGLISH).contains("no answer, busy, unreachable"));
}

#[test]
fn clinics_that_are_alike_share_a_card() {
    let few = draw(&good(&clinics(5)), &Labels::RUSSIAN);
    let many = draw(&good(&clinics(300)), &Labels::RUSSIAN);
    assert!(many.contains("и ещё 289"), "the first twelve are listed");
    assert!(many.len() < few.len() + 3000, "{} and {}", few.len(), many.len());
}

#[test]
fn menus_that_lead_round_and_menus_that_nobody_reaches() {
    let menu = |name: &str, to: &str| {
        format!(
            "[menus.{name}]\nsay = [\"welcome\"]\notherwise = \"queue:operator\"\n\
             [[menus.{name}.choice]]\nkey = \"1\"\nto = \"menu:{to}\"\n"
        )
    };
    let plan = good(&[menu("a", "b"), menu("b", "a"), menu("c", "main")].concat());
    let svg = draw(&plan, &Labels::ENGLISH);
    for name in ["a", "b", "c", "main"] {
        assert!(svg.contains(&format!(">{name}</text>")), "{name}\n{svg}");
    }
    assert!(svg.contains("→ menu a"), "what leads back is written out");
}
