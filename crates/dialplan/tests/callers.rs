//! Callers who are known by their numbers.

mod common;

use ambient::Wall;
use common::{BASE, good, lines, load};
use dialplan::Target;
use dialplan::explain::{End, Question, explain};

const LISTS: &str = r#"
[callers.pranks]
title = "Хулиганы"
numbers = ["8-900-000-00-00", "62-00-01"]
to = "hangup"

[callers.ministry]
title = "Министерство"
numbers = ["+7 4812 29-00-00"]
to = "queue:operator"
"#;

#[test]
fn a_caller_is_known_however_the_number_is_written() {
    let plan = good(LISTS);
    let list = |number: &str| {
        let number = plan.region.numbering.normalise(number).unwrap();
        plan.callers_of(&number).map(|callers| (&*callers.title, callers.to.clone()))
    };
    assert_eq!(list("+79000000000"), Some(("Хулиганы", Target::Hangup)));
    assert_eq!(list("84812620001"), Some(("Хулиганы", Target::Hangup)));
    assert_eq!(list("290000"), Some(("Министерство", Target::Queue("operator".into()))));
    assert_eq!(list("+79000000001"), None);
}

#[test]
fn explain_knows_them() {
    let plan = good(LISTS);
    let way = |from: &str, to: &str| {
        let mut question = Question::new(to, Wall::from_unix_millis(1_768_435_200_000));
        question.from = Some(from.into());
        explain(&plan, &question)
    };
    assert_eq!(way("8-900-000-00-00", "122").end, End::Refused);
    assert_eq!(way("8-900-000-00-00", "27-00-01").end, End::Refused, "passed on by the clinic");
    assert_eq!(way("8-900-000-00-00", "62-77-66").end, End::Announced, "the number has changed");
    let ministry = way("29-00-00", "122");
    assert!(ministry.menus().next().is_none());
    assert_eq!(ministry.queues().next().map(|queue| queue.as_str()), Some("operator"));
    assert!(way("8-900-000-00-01", "122").menus().next().is_some());
}

#[test]
fn what_is_wrong_with_a_list_is_told() {
    let says = |more: &str| match load(&[("base.toml", BASE), ("more.toml", more)]) {
        Ok((_, warnings)) => lines(&warnings),
        Err(findings) => lines(&findings),
    };
    assert_eq!(says(LISTS), "");
    assert_eq!(
        says(&LISTS.replace("+7 4812 29-00-00", "62-00-01")),
        "more.toml:4:31: the caller +74812620001 is listed twice; a caller stands in one list: \
         remove one of them (first here: more.toml:9:12)\n"
    );
    assert_eq!(
        says(&LISTS.replace("queue:operator", "queue:ministry")),
        "more.toml:10:6: no queue \"ministry\"; known are \"doctor\" and \"operator\"\n"
    );
    assert_eq!(
        says("[callers.nobody]\ntitle = \"Никто\"\nnumbers = []\nto = \"hangup\"\n"),
        "more.toml:1:10: warning: list of callers \"nobody\" is empty; write numbers, or remove it\n"
    );
    assert_eq!(
        says("[callers.nobody]\ntitle = \"Никто\"\nnumbers = [\"62-00-01\"]\n"),
        "more.toml:1:10: list of callers \"nobody\" has no `to`; add to = \"hangup\"\n"
    );
}
