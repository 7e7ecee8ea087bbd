//! What may happen to a case, and what its changes come to.

use ambient::{Entropy, Wall};
use cases::{
    Actor, Amendment, CHANGES_MAX, Case, CaseChange, CaseId, CaseResult, Mark, Marks, Opening,
    Owner, Refusal, State, TEXT_MAX, Urgency, What,
};
use proptest::prelude::*;

const HOUR: i64 = 3_600_000;

fn at(hours: i64) -> Wall {
    Wall::from_unix_millis(1_795_316_000_000 + hours * HOUR)
}

fn agent(id: &str) -> Actor {
    Actor::Agent(id.into())
}

fn opening() -> Opening {
    Opening {
        topic: "drugs".into(),
        urgency: Urgency::Urgent,
        caller: None,
        clinic: Some("clinic-1".into()),
        call: None,
        text: "Нет инсулина в аптеке".into(),
        due: at(3).unix_millis(),
        owner: Owner::Agent("201".into()),
    }
}

fn case() -> Case {
    let id = CaseId::new(at(0), &mut Entropy::from_number(1));
    Case::open(id, at(0), agent("201"), opening()).unwrap().1
}

fn done(case: &Case, what: What) -> Case {
    case.change(at(1), agent("201"), Some(case.version), what).unwrap().1
}

fn refused(case: &Case, what: What) -> Refusal {
    case.change(at(1), agent("201"), Some(case.version), what).unwrap_err()
}

fn answered() -> What {
    What::Answered { text: "Инсулин привезут завтра".into() }
}

fn closed(result: CaseResult, note: &str) -> What {
    What::Closed { result, note: note.into() }
}

fn to(owner: Owner) -> What {
    What::HandedOver { to: owner, note: String::new() }
}

#[test]
fn a_request_goes_to_the_ministry_is_answered_and_closed() {
    let case = case();
    assert_eq!((case.version, &case.state), (1, &State::Open));
    let case = done(&case, to(Owner::Organisation("ministry".into())));
    assert_eq!(case.state, State::HandedOver);
    assert_eq!(case.owner.to_string(), "organisation:ministry");
    let case = done(&case, answered());
    let State::Answered(said) = &case.state else { panic!("{case:?}") };
    assert_eq!((said.by.to_string(), said.at), ("agent:201".into(), at(1).unix_millis()));
    let case = done(&case, closed(CaseResult::Helped, ""));
    assert_eq!(case.version, 4);
    let State::Closed(closing) = &case.state else { panic!("{case:?}") };
    assert_eq!(closing.answer.as_ref().unwrap().text, "Инсулин привезут завтра");
}

#[test]
fn nothing_is_closed_silently() {
    let case = case();
    for result in [CaseResult::Helped, CaseResult::Declined] {
        assert_eq!(refused(&case, closed(result, "сделано")), Refusal::NotAnswered);
    }
    for result in [CaseResult::Unreachable, CaseResult::Withdrawn, CaseResult::Mistake] {
        assert_eq!(refused(&case, closed(result, " ")), Refusal::Empty("note"));
        assert!(matches!(done(&case, closed(result, "почему")).state, State::Closed(_)));
    }
    let of_itself = closed(CaseResult::Duplicate(case.id), "");
    assert_eq!(refused(&case, of_itself), Refusal::OfItself);
    let other = CaseId::new(at(0), &mut Entropy::from_number(2));
    done(&case, closed(CaseResult::Duplicate(other), ""));
}

#[test]
fn what_is_closed_only_begins_again_by_word() {
    let case = done(&done(&case(), answered()), closed(CaseResult::Helped, ""));
    let amended =
        || What::Amended(Amendment { text: Some("иначе".into()), ..Default::default() });
    for what in [amended(), to(Owner::Group("curators".into())), answered()] {
        assert_eq!(refused(&case, what), Refusal::Closed);
    }
    assert_eq!(refused(&case, closed(CaseResult::Mistake, "ещё раз")), Refusal::Closed);
    assert_eq!(refused(&case, What::Marked(Mark::Overdue)), Refusal::Mark);
    let case = done(&case, What::Noted { text: "Гражданин благодарит".into() });
    let due = at(5).unix_millis();
    let reopened = |why: &str| What::Reopened { why: why.into(), due };
    assert_eq!(refused(&case, reopened("")), Refusal::Empty("why"));
    let case = done(&case, reopened("Лекарства так и нет"));
    assert_eq!((&case.state, case.due, case.counted_from), (&State::Open, due, case.changed_at));
    assert_eq!(refused(&case, reopened("снова")), Refusal::Open);
}

#[test]
fn an_answered_case_is_handed_to_nobody_and_may_be_answered_better() {
    let case = done(&case(), answered());
    assert_eq!(refused(&case, to(Owner::Agent("202".into()))), Refusal::Answered);
    assert_eq!(refused(&case, What::Marked(Mark::DueSoon)), Refusal::Mark);
    let case = done(&case, What::Answered { text: "Уже привезли".into() });
    assert_eq!(case.state.answer().unwrap().text, "Уже привезли");
}

#[test]
fn two_at_once_are_not_both_right() {
    let seen = case();
    let now = done(&seen, What::Noted { text: "Перезвонить в аптеку".into() });
    let late = now.change(at(2), agent("202"), Some(seen.version), answered());
    assert_eq!(late.unwrap_err(), Refusal::Stale { seen: 1, version: 2 });
    let future = now.change(at(2), agent("202"), Some(9), answered());
    assert_eq!(future.unwrap_err(), Refusal::Stale { seen: 9, version: 2 });
    // The watch contradicts nobody.
    let (change, marked) =
        now.change(at(2), Actor::System, None, What::Marked(Mark::DueSoon)).unwrap();
    assert_eq!((change.version, marked.version, marked.edited), (3, 3, 2));
    marked.change(at(2), agent("202"), Some(2), answered()).unwrap();
}

#[test]
fn a_mark_is_made_once_until_the_time_is_another() {
    let case = done(&case(), What::Marked(Mark::DueSoon));
    assert_eq!(refused(&case, What::Marked(Mark::DueSoon)), Refusal::Mark);
    let case = done(&case, What::Marked(Mark::Overdue));
    assert_eq!(refused(&case, What::Marked(Mark::Overdue)), Refusal::Mark);
    let step = |step| What::Marked(Mark::Escalated { step, to: Owner::Group("curators".into()) });
    assert_eq!(refused(&case, step(2)), Refusal::Mark);
    let case = done(&case, step(1));
    assert_eq!(refused(&case, step(1)), Refusal::Mark);
    let later = |why: &str| {
        let due = Some(at(9).unix_millis());
        What::Amended(Amendment { due, why: why.into(), ..Default::default() })
    };
    assert_eq!(refused(&case, later("")), Refusal::Empty("why"), "a time does not move by itself");
    let case = done(&case, later("Поставка завтра"));
    assert_eq!(case.marks, Marks { due_soon: false, overdue: false, escalated: 1 });
    assert_eq!(refused(&case, later("ещё раз")), Refusal::Nothing);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let id = CaseId::new(at(0), &mut Entropy::from_number(1));
    let open = |opening| Case::open(id, at(0), agent("201"), opening).map(|_| ());
    let text = |text: String| open(Opening { text, ..opening() });
    assert_eq!(text(" ".into()), Err(Refusal::Empty("text")));
    assert_eq!(text("ж".repeat(TEXT_MAX)), Ok(()));
    assert_eq!(text("ж".repeat(TEXT_MAX + 1)), Err(Refusal::TooLong("text")));
    let due = |due| open(Opening { due, ..opening() });
    assert_eq!(due(at(-1).unix_millis()), Err(Refusal::Due));
    assert_eq!(due(i64::MAX), Err(Refusal::Due));
    let case = case();
    assert_eq!(refused(&case, to(Owner::Agent("201".into()))), Refusal::Nothing);
    assert_eq!(refused(&case, What::Amended(Amendment::default())), Refusal::Nothing);
    assert_eq!(refused(&case, What::Opened(opening())), Refusal::OutOfOrder);
}

#[test]
fn a_case_with_too_many_changes_can_still_come_to_its_end() {
    let note = || What::Noted { text: "ещё".into() };
    let mut case = case();
    let refusal = loop {
        match case.change(at(1), agent("201"), None, note()) {
            Ok((_, after)) => case = after,
            Err(refusal) => break refusal,
        }
    };
    assert_eq!(refusal, Refusal::TooManyChanges);
    assert!(case.version < CHANGES_MAX);
    let case = done(&done(&case, answered()), closed(CaseResult::Helped, ""));
    assert!(!case.state.is_open());
}

#[test]
fn changes_are_written_as_people_read_them() {
    let id: CaseId = "0000000000000122".parse().unwrap();
    let change = CaseChange {
        case: id,
        version: 3,
        at: 5,
        by: Actor::Account("ivanov".into()),
        what: closed(CaseResult::Duplicate("00000000000000ff".parse().unwrap()), ""),
    };
    let json = serde_json::to_string(&change).unwrap();
    assert_eq!(
        json,
        r#"{"case":"0000000000000122","version":3,"at":5,"by":"account:ivanov","what":{"change":"closed","result":"duplicate:00000000000000ff","note":""}}"#
    );
    assert_eq!(serde_json::from_str::<CaseChange>(&json).unwrap(), change);
    for nobody in ["", "agent", "agent:", "cat:5", "system:1"] {
        assert!(nobody.parse::<Actor>().is_err(), "{nobody}");
    }
    for owner in ["agent:201", "group:curators", "organisation:ministry"] {
        assert_eq!(owner.parse::<Owner>().unwrap().to_string(), owner);
    }
    assert!("robot".parse::<Owner>().is_err());
}

fn any_what() -> impl Strategy<Value = What> {
    let text = "[а-я ]{0,5}";
    let owner = prop_oneof![
        Just(Owner::Agent("201".into())),
        Just(Owner::Group("curators".into())),
        Just(Owner::Organisation("ministry".into())),
    ];
    let due = prop_oneof![Just(0), (0..9_i64).prop_map(|hours| at(hours).unix_millis())];
    let result = prop_oneof![
        Just(CaseResult::Helped),
        Just(CaseResult::Declined),
        Just(CaseResult::Unreachable),
        Just(CaseResult::Withdrawn),
        Just(CaseResult::Mistake),
        Just(CaseResult::Duplicate("00000000000000ff".parse().unwrap())),
    ];
    let mark = prop_oneof![
        Just(Mark::DueSoon),
        Just(Mark::Overdue),
        (1..3_u32, owner.clone()).prop_map(|(step, to)| Mark::Escalated { step, to }),
    ];
    prop_oneof![
        Just(What::Opened(opening())),
        text.prop_map(|text| What::Noted { text }),
        text.prop_map(|text| What::Answered { text }),
        (owner, text).prop_map(|(to, note)| What::HandedOver { to, note }),
        (result, text).prop_map(|(result, note)| What::Closed { result, note }),
        (text, due.clone()).prop_map(|(why, due)| What::Reopened { why, due }),
        mark.prop_map(What::Marked),
        (text, proptest::option::of(due), proptest::option::of(text)).prop_map(
            |(why, due, text)| What::Amended(Amendment { why, due, text, ..Default::default() })
        ),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever is tried: what was accepted comes to the same case when it is read again, versions have
    /// no gaps, and no case is closed without who, when and a result that stands.
    #[test]
    fn the_changes_are_the_truth(tries in proptest::collection::vec(any_what(), 0..40)) {
        let id = CaseId::new(at(0), &mut Entropy::from_number(1));
        let (first, mut case) = Case::open(id, at(0), agent("201"), opening()).unwrap();
        let mut changes = vec![first];
        for what in tries {
            let was_answered = case.state.answer().is_some();
            if let Ok((change, after)) = case.change(at(1), agent("202"), None, what) {
                if let (false, State::Closed(closing)) = (matches!(case.state, State::Closed(_)), &after.state) {
                    prop_assert!(!closing.result.needs_answer() || was_answered);
                    prop_assert_eq!(&closing.by, &change.by);
                }
                changes.push(change);
                case = after;
            }
        }
        prop_assert!(changes.iter().zip(1..).all(|(change, version)| change.version == version));
        let json = serde_json::to_string(&changes).unwrap();
        let changes: Vec<CaseChange> = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(Case::of(&changes).unwrap(), Some(case.clone()));
        let json = serde_json::to_string(&case).unwrap();
        prop_assert_eq!(serde_json::from_str::<Case>(&json).unwrap(), case);
        prop_assert!(changes.len() < 2 || Case::of(changes.iter().skip(1)).is_err(), "one is missing");
    }
}
