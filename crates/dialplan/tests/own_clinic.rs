//! One menu for the lines of many clinics.

mod common;

use ambient::Wall;
use common::{BASE, good, lines, load};
use dialplan::explain::{Deed, Question, What, explain};
use dialplan::{Key, Target};

const MORE: &str = r#"[clinics.a]
title = "А"
numbers = ["27-00-11"]
ring = ["sip:a@pbx.example"]
begin_with = "menu:choose"

[clinics.b]
title = "Б"
numbers = ["27-00-12"]
ring = ["sip:b@pbx.example"]
begin_with = "menu:choose"

[menus.choose]
say = ["welcome"]
otherwise = "clinic"
[[menus.choose.choice]]
key = "1"
to = "clinic"
[[menus.choose.choice]]
key = "2"
to = "menu:main"
"#;

fn says(more: &str) -> String {
    match load(&[("base.toml", BASE), ("more.toml", more)]) {
        Ok((_, warnings)) => lines(&warnings),
        Err(findings) => lines(&findings),
    }
}

#[test]
fn it_leads_back_to_the_clinic_whose_line_was_called() {
    let plan = good(MORE);
    assert_eq!(plan.menus["choose"].otherwise, Target::OwnClinic);
    for (number, clinic) in [("27-00-11", "a"), ("27-00-12", "b")] {
        let mut question = Question::new(number, Wall::from_unix_millis(1_768_435_200_000));
        question.does = vec![Deed::Key(Key::new('1').unwrap())];
        let way = explain(&plan, &question);
        let rings = way.steps.iter().find_map(|step| match &step.what {
            What::ClinicRings(id, _) => Some(id.as_str().to_owned()),
            _ => None,
        });
        assert_eq!(rings.as_deref(), Some(clinic));
    }
}

#[test]
fn it_is_refused_where_nobody_knows_whose_line_was_called() {
    let with = |before: &str, after: &str| {
        assert!(MORE.contains(before), "{before}");
        says(&MORE.replace(before, after))
    };
    assert_eq!(says(MORE), "");
    assert_eq!(
        with(
            "begin_with = \"menu:choose\"\n\n[clinics.b]",
            "forward_to = \"clinic\"\n\n[clinics.b]"
        ),
        "more.toml:5:14: nobody knows here whose line was called; only menus lead to \"clinic\"; \
         name one: \"clinic:NAME\"\n"
    );
    let retired =
        "[retired.old]\nnumbers = [\"62-00-00\"]\nannounce = \"changed\"\nthen = \"menu:choose\"\n";
    assert_eq!(
        says(&format!("{MORE}{retired}")),
        "more.toml:15:13: calls come to menu:choose that called no clinic's line; let only clinics \
         begin with it, or name a clinic: \"clinic:NAME\"\n\
         more.toml:18:6: calls come to menu:choose that called no clinic's line; let only clinics \
         begin with it, or name a clinic: \"clinic:NAME\"\n"
    );
    let round = with("title = \"Б\"\n", "title = \"Б\"\nforward_to = \"menu:choose\"\n");
    assert_eq!(
        round,
        "more.toml:16:13: calls go round without end: clinic:b → menu:choose → clinic:b; let one of \
         them lead to an announcement or to hangup (menu:choose: more.toml:14:8)\n"
    );
}

#[test]
fn a_clinics_own_menu_may_name_the_clinic() {
    let with = |forward_to: &str, otherwise: &str, choice: &str| {
        says(&format!(
            "[clinics.a]\ntitle = \"А\"\nnumbers = [\"27-00-11\"]\nring = [\"sip:a@pbx.example\"]\n\
             begin_with = \"menu:own\"\nforward_to = \"{forward_to}\"\n\
             [menus.own]\nsay = [\"welcome\"]\notherwise = \"{otherwise}\"\n\
             [[menus.own.choice]]\nkey = \"1\"\nto = \"{choice}\"\n"
        ))
    };
    // A call that its menu sends to the clinic rings there and does not begin with the menu again.
    assert_eq!(with("menu:main", "clinic:a", "menu:main"), "");
    assert_eq!(with("menu:main", "menu:main", "clinic:a"), "");
    // Back in the menu the caller chooses anew; who does nothing goes on.
    assert_eq!(with("menu:own", "menu:main", "clinic:a"), "");
    // Who does nothing here is rung for without end.
    assert!(with("menu:own", "clinic:a", "menu:main").contains("without end"));
}
