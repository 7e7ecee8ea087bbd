//! Cases, the outbox, tokens and the audit: the same stories over both databases.

mod common;

use std::time::Duration;

use ambient::{Entropy, Wall};
use cases::{Actor, Case, CaseChange, CaseId, CaseResult, Mark, Opening, Owner, Urgency, What};
use journal::{
    CallId, Entry, LeftRequest, RecordedOf, RecordedPart, Recording, RecordingState, Restored,
    Sequence,
};
use records::retention::{Erase, Of, Rule, erase};
use records::{
    Access, AccessesAsked, Answer, Beside, Books, CaseOrder, CasesAsked, Channel, Invitation,
    JournalWriter, Letter, Load, Place, Reader, Recent, RecordingsAsked, Repeated, Role, Session,
    Token, TokenError,
};

use common::{NOW, number};

/// The books of a line that has started once.
fn open(place: &Place) -> Books {
    drop(JournalWriter::open(place, NOW, Recent::default(), |_| {}).unwrap());
    Books::open(place).unwrap()
}

fn at(hours: i64) -> Wall {
    Wall::from_unix_millis(NOW.unix_millis() + hours * 3_600_000)
}

fn begun(n: u64, topic: &str, caller: Option<&str>, due: i64) -> (CaseChange, Case) {
    let id = CaseId::new(at(i64::try_from(n).unwrap()), &mut Entropy::from_number(n));
    let opening = Opening {
        topic: topic.into(),
        urgency: Urgency::Ordinary,
        caller: caller.map(number),
        clinic: None,
        call: None,
        text: format!("Просьба {n} — «'; drop table cases; --»"),
        due: at(due).unix_millis(),
        owner: Owner::Group("operators".into()),
    };
    Case::open(id, NOW, Actor::Agent("201".into()), opening).unwrap()
}

fn put(books: &mut Books, n: u64, topic: &str, caller: Option<&str>, due: i64) -> Case {
    let (change, case) = begun(n, topic, caller, due);
    books.write(&change, &case, &Beside::default()).unwrap();
    case
}

fn changed(books: &mut Books, case: &Case, what: What) -> Case {
    let by = Actor::Account("ivanov".into());
    let (change, case) = case.change(at(1), by, None, what).unwrap();
    books.write(&change, &case, &Beside::default()).unwrap();
    case
}

fn letter(case: &Case, to: &str, mark: &str, urgent: bool) -> Letter {
    Letter {
        delivery: format!("{}-{mark}", case.id),
        organisation: to.into(),
        channel: Channel::Webhook,
        urgent,
        case: case.id,
        at: NOW.unix_millis(),
        body: format!("{{\"mark\":\"{mark}\"}}"),
    }
}

fn what_is_written_is_what_the_changes_come_to(place: &Place) {
    let mut books = open(place);
    let case = put(&mut books, 1, "drugs", Some("627766"), 3);
    let case = changed(&mut books, &case, What::Marked(Mark::DueSoon));
    let to = Owner::Organisation("ministry".into());
    let case = changed(&mut books, &case, What::HandedOver { to, note: String::new() });
    let case = changed(&mut books, &case, What::Answered { text: "Завтра".into() });
    let closed = What::Closed { result: CaseResult::Helped, note: String::new() };
    let case = changed(&mut books, &case, closed);
    drop(books);
    let mut books = Books::open(place).unwrap();
    assert_eq!(books.case(case.id).unwrap(), Some(case.clone()));
    let changes = books.changes(case.id).unwrap();
    assert_eq!((changes.len(), Case::of(&changes).unwrap()), (5, Some(case)));
    let nobody = CaseId::new(at(0), &mut Entropy::from_number(9));
    assert_eq!(books.case(nobody).unwrap(), None);
}

fn a_request_waits_until_its_case_is_written(place: &Place) {
    let left = |n: u64| LeftRequest {
        call: CallId::new(NOW, &mut Entropy::from_number(n)),
        caller: number("627766"),
        topic: "drugs".into(),
        clinic: None,
        keys: Vec::new(),
        said: Vec::new(),
        told: Vec::new(),
        at: NOW.unix_millis(),
    };
    let (writer, _) = JournalWriter::open(place, NOW, Recent::default(), |_| {}).unwrap();
    for n in [1, 2] {
        writer.append(Sequence(n), Entry::RequestLeft(left(n)));
    }
    drop(writer);
    // It is no call that a start takes up.
    let (writer, restored) = JournalWriter::open(place, NOW, Recent::default(), |_| {}).unwrap();
    assert_eq!(restored, Restored::default());
    drop(writer);
    let mut books = Books::open(place).unwrap();
    assert_eq!(books.left_requests().unwrap(), [left(1), left(2)]);
    let (change, case) = begun(1, "drugs", Some("627766"), 3);
    let beside = Beside { request_of: Some(left(1).call), ..Beside::default() };
    books.write(&change, &case, &beside).unwrap();
    assert_eq!(books.left_requests().unwrap(), [left(2)]);
    // A case that is not written does not end the request.
    let beside = Beside { request_of: Some(left(2).call), ..Beside::default() };
    assert!(books.write(&change, &case, &beside).is_err());
    assert_eq!(books.left_requests().unwrap(), [left(2)]);
}

/// An open case, one that was closed at hour 1, and one that was opened again after it.
fn who_asked_for_what_is_erased_of_what_is_long_closed(place: &Place) {
    let mut books = open(place);
    let closed =
        || What::Closed { result: CaseResult::Helped, note: "скажет спасибо".into() };
    let mut end = |n, topic| {
        let case = put(&mut books, n, topic, Some("627766"), 3);
        let case = changed(&mut books, &case, What::Answered { text: "Завтра".into() });
        changed(&mut books, &case, closed())
    };
    let (ended, other, anew) = (end(1, "drugs"), end(2, "visit"), end(3, "drugs"));
    let reopened = What::Reopened { why: "не привезли".into(), due: at(9).unix_millis() };
    let anew = changed(&mut books, &anew, reopened);
    let open = put(&mut books, 4, "drugs", Some("627766"), 3);

    let rule = |of, what| Rule { older_than: Duration::from_secs(3600), of, what };
    let drugs = rule(Of::Queue(Some("drugs".into())), Erase::Caller);
    let erased =
        |rule: &Rule, hours| erase(place, std::slice::from_ref(rule), "a test", at(hours)).unwrap();
    assert_eq!(erased(&drugs, 2), 0, "not yet: it was closed an hour ago");
    assert_eq!((erased(&drugs, 3), erased(&drugs, 3)), (1, 0), "once");
    let mut left = |case: &Case| books.case(case.id).unwrap();
    let masked = left(&ended).unwrap();
    assert_eq!(masked, ended.without_citizen());
    let words = serde_json::to_string(&masked).unwrap();
    assert!(!words.contains("627766") && !words.contains("спасибо") && !words.contains("Завтра"));
    assert_eq!((masked.due, masked.topic.as_str()), (ended.due, "drugs"), "figures stay");
    for case in [&other, &anew, &open] {
        assert_eq!(left(case).as_ref(), Some(case));
    }
    assert_eq!(books.changes(ended.id).unwrap(), []);
    assert_eq!(erased(&rule(Of::Every, Erase::Call), 3), 2, "what was closed goes wholly");
    assert_eq!(books.case(other.id).unwrap(), None);
    assert_eq!(books.case(anew.id).unwrap(), Some(anew));
    let noted = Reader::open(place).unwrap().erasures().unwrap();
    let kinds: Vec<_> = noted.iter().map(|one| (one.what.as_str(), one.calls)).collect();
    assert_eq!(kinds, [("case-caller", 1), ("case", 2)]);
}

fn of_two_writers_at_one_version_one_is_refused_whole(place: &Place) {
    let mut books = open(place);
    let seen = put(&mut books, 1, "drugs", None, 3);
    let mut other = Books::open(place).unwrap();
    changed(&mut other, &seen, What::Noted { text: "первый".into() });
    let note = What::Noted { text: "второй".into() };
    let (change, case) = seen.change(at(1), Actor::System, None, note).unwrap();
    let letters = vec![letter(&case, "ministry", "late", false)];
    let beside = Beside { letters, ..Beside::default() };
    books.write(&change, &case, &beside).unwrap_err();
    // Nothing of it was written, and the books go on.
    assert_eq!(books.letters_left().unwrap(), (0, 0));
    let changes = books.changes(seen.id).unwrap();
    assert_eq!(changes[1].what, What::Noted { text: "первый".into() });
    assert_eq!(changes.len(), 2);
}

fn cases_are_found_by_what_is_known_of_them(place: &Place) {
    let mut books = open(place);
    let all: Vec<Case> = [
        ("drugs", Some("627766"), 3),
        ("visit", Some("627766"), 90),
        ("visit", None, 20),
        ("drugs", Some("8 912 345-67-89"), 5),
    ]
    .iter()
    .zip(1..)
    .map(|((topic, caller, due), n)| put(&mut books, n, topic, *caller, *due))
    .collect();
    let mistake = What::Closed { result: CaseResult::Mistake, note: "ошиблись".into() };
    let closed = changed(&mut books, &all[3], mistake);
    let to = Owner::Agent("201".into());
    let handed = What::HandedOver { to: to.clone(), note: String::new() };
    let handed = changed(&mut books, &all[2], handed);
    let all = [all[0].clone(), all[1].clone(), handed, closed];
    let mut found = |asked: &CasesAsked| {
        let page = books.cases(asked, None, 100).unwrap();
        assert_eq!(page.next, None);
        page.cases
    };
    let newest: Vec<Case> = all.iter().rev().cloned().collect();
    assert_eq!(found(&CasesAsked::default()), newest);
    let caller = Some(number("627766"));
    let of_caller = CasesAsked { caller, ..CasesAsked::default() };
    assert_eq!(found(&of_caller), [all[1].clone(), all[0].clone()]);
    let topic = Some("drugs".into());
    let states = vec!["open", "handed-over"];
    let open_drugs = CasesAsked { topic, states: states.clone(), ..CasesAsked::default() };
    assert_eq!(found(&open_drugs), [all[0].clone()]);
    let owned = CasesAsked { owner: Some(to), ..CasesAsked::default() };
    assert_eq!(found(&owned), [all[2].clone()]);
    let order = CaseOrder::Due;
    let by_due = CasesAsked { states: states.clone(), order, ..CasesAsked::default() };
    assert_eq!(found(&by_due), [all[0].clone(), all[2].clone(), all[1].clone()]);
    let due_before = Some(at(20).unix_millis());
    let overdue = CasesAsked { states, due_before, order, ..CasesAsked::default() };
    assert_eq!(found(&overdue), [all[0].clone()]);
}

fn pages_hold_each_case_once_while_others_come(place: &Place) {
    let mut books = open(place);
    for n in 1..=7 {
        // Two due at each time.
        put(&mut books, n, "drugs", None, i64::try_from(n / 2).unwrap());
    }
    for order in [CaseOrder::Newest, CaseOrder::Due] {
        let asked = CasesAsked { order, ..CasesAsked::default() };
        let whole = books.cases(&asked, None, 100).unwrap().cases;
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = books.cases(&asked, after, 2).unwrap();
            found.extend(page.cases);
            // As the API hands it out.
            after = page.next.map(|next| next.to_string().parse().unwrap());
            if after.is_none() {
                break;
            }
        }
        assert_eq!(found, whole, "{order:?}");
    }
}

fn a_request_that_is_repeated_is_answered_and_not_done(place: &Place) {
    let mut books = open(place);
    let (change, case) = begun(1, "drugs", None, 3);
    let answer = Answer {
        token: "mis".into(),
        mark: "key-1".into(),
        request: "hash".into(),
        status: 201,
        body: "{}".into(),
        at: NOW.unix_millis(),
    };
    let beside = Beside { answer: Some(answer.clone()), ..Beside::default() };
    assert_eq!(books.answered("mis", "key-1", "hash").unwrap(), Repeated::New);
    books.write(&change, &case, &beside).unwrap();
    let answered = Repeated::Answered { status: 201, body: "{}".into() };
    assert_eq!(books.answered("mis", "key-1", "hash").unwrap(), answered);
    assert_eq!(books.answered("mis", "key-1", "other").unwrap(), Repeated::Another);
    assert_eq!(books.answered("other", "key-1", "hash").unwrap(), Repeated::New);
    // Two at once: the second is refused whole.
    let (change, second) = begun(2, "drugs", None, 3);
    books.write(&change, &second, &beside).unwrap_err();
    assert_eq!(books.case(second.id).unwrap(), None);
    // After a week a mark may be used again.
    let at = at(8 * 24).unix_millis();
    let beside = Beside { answer: Some(Answer { at, ..answer }), ..Beside::default() };
    books.write(&change, &second, &beside).unwrap();
}

/// Who asked for what is in the answers to programs as well.
fn what_programs_were_answered_goes_with_the_case_and_after_a_week(place: &Place) {
    let mut books = open(place);
    let answer = |mark: &str| Answer {
        token: "mis".into(),
        mark: mark.into(),
        request: "hash".into(),
        status: 201,
        body: "{\"caller\":\"627766\"}".into(),
        at: NOW.unix_millis(),
    };
    for (n, topic, is_closed) in [(1, "drugs", true), (2, "visit", true), (3, "drugs", false)] {
        let (change, case) = begun(n, topic, Some("627766"), 3);
        let beside = Beside { answer: Some(answer(&n.to_string())), ..Beside::default() };
        books.write(&change, &case, &beside).unwrap();
        if is_closed {
            let case = changed(&mut books, &case, What::Answered { text: "Завтра".into() });
            let helped = What::Closed { result: CaseResult::Helped, note: String::new() };
            changed(&mut books, &case, helped);
        }
    }
    let mut known = |rules: &[Rule], days: i64| {
        erase(place, rules, "a test", at(24 * days)).unwrap();
        ["1", "2", "3"].map(|mark| books.answered("mis", mark, "hash").unwrap() != Repeated::New)
    };
    let rule = |of, what| Rule { older_than: Duration::from_secs(86_400), of, what };
    let drugs = rule(Of::Queue(Some("drugs".into())), Erase::Caller);
    assert_eq!(known(&[], 4), [true; 3]);
    assert_eq!(known(&[drugs], 4), [false, true, true], "the open case goes on");
    assert_eq!(known(&[rule(Of::Every, Erase::Call)], 4), [false, false, true]);
    // No rule is about it, and no program writes.
    assert_eq!(known(&[], 6), [false, false, true]);
    assert_eq!(known(&[], 8), [false; 3]);
}

fn letters_go_out_in_order_and_urgent_ones_wait_for_no_others(place: &Place) {
    let mut books = open(place);
    let (change, case) = begun(1, "drugs", None, 3);
    let letters = vec![
        letter(&case, "ministry", "first", false),
        letter(&case, "ministry", "second", false),
        letter(&case, "ministry", "urgent", true),
        letter(&case, "pharmacy", "other", false),
    ];
    books.write(&change, &case, &Beside { letters, ..Beside::default() }).unwrap();
    let mark = |name: &str| format!("{}-{name}", case.id);
    let waiting = |books: &mut Books, now| -> Vec<(String, u32)> {
        let letters = books.letters(now, 10).unwrap();
        let name = |delivery: &str| delivery.rsplit('-').next().unwrap().to_owned();
        letters.iter().map(|one| (name(&one.letter.delivery), one.tries)).collect()
    };
    let heads = |heads: &[(&str, u32)]| -> Vec<(String, u32)> {
        heads.iter().map(|(name, tries)| ((*name).to_owned(), *tries)).collect()
    };
    let first = books.letters(0, 1).unwrap().remove(0).letter;
    assert_eq!(first, letter(&case, "ministry", "urgent", true), "as it was written");
    assert_eq!(waiting(&mut books, 0), heads(&[("urgent", 0), ("first", 0), ("other", 0)]));
    books.letter_taken(&mark("urgent"), 5).unwrap();
    books.letter_failed(&mark("first"), 100, "503").unwrap();
    // The second waits for the first, whatever becomes of it.
    assert_eq!(waiting(&mut books, 99), heads(&[("other", 0)]));
    assert_eq!(waiting(&mut books, 100), heads(&[("first", 1), ("other", 0)]));
    drop(books);
    let mut books = Books::open(place).unwrap();
    books.letter_taken(&mark("other"), 5).unwrap();
    assert_eq!(books.next_letter_at().unwrap(), Some(100));
    books.letter_given_up(&mark("first"), 200, "503").unwrap();
    assert_eq!(waiting(&mut books, 200), heads(&[("second", 0)]));
    assert_eq!(books.letters_left().unwrap(), (1, 1));
    let load = |cases_open, cases_overdue| Load {
        cases_open,
        cases_overdue,
        cases_due_soon: 0,
        letters_waiting: 1,
        letters_given_up: 1,
    };
    let now = |hours| at(hours).unix_millis();
    assert_eq!(
        (books.load(now(0)).unwrap(), books.load(now(99)).unwrap()),
        (load(1, 0), load(1, 1))
    );
    // Due at 3: soon within the hour before, and then overdue.
    let soon = [-1, 0, 1].map(|after| now(2) + after).map(|at| books.load(at).unwrap());
    assert_eq!(soon.map(|load| load.cases_due_soon), [0, 0, 1]);
    let then = [now(3), now(3) + 1].map(|at| books.load(at).unwrap());
    assert_eq!(then.map(|load| (load.cases_due_soon, load.cases_overdue)), [(1, 0), (0, 1)]);
    books.letter_taken(&mark("second"), 300).unwrap();
    assert_eq!((books.next_letter_at().unwrap(), waiting(&mut books, i64::MAX)), (None, vec![]));
}

fn tokens_are_worth_something_until_they_are_revoked(place: &Place) {
    let mut books = open(place);
    let token = Token {
        name: "mis".into(),
        role: Role::Operator,
        organisation: Some("ministry".into()),
        made_at: 5,
        revoked_at: None,
    };
    books.add_token(&token, "hash").unwrap();
    assert!(matches!(books.add_token(&token, "another"), Err(TokenError::Taken)));
    assert_eq!(books.token("hash").unwrap(), Some(token.clone()));
    assert_eq!(books.token("another").unwrap(), None);
    // Another program, while the line runs.
    let mut command = Books::open(place).unwrap();
    command.revoke_token("mis", 9).unwrap();
    assert!(matches!(command.revoke_token("mis", 9), Err(TokenError::Unknown)));
    assert_eq!(books.token("hash").unwrap(), None);
    assert!(matches!(books.add_token(&token, "another"), Err(TokenError::Taken)));
    assert_eq!(books.tokens().unwrap(), [Token { revoked_at: Some(9), ..token }]);
}

fn an_invitation_opens_a_desk_until_it_ends_or_is_taken_back(place: &Place) {
    let mut books = open(place);
    let invitation = |id: &str, topics: Option<Vec<dialplan::QueueId>>| Invitation {
        id: id.parse().unwrap(),
        agent: "213".into(),
        topics,
        made_by: "account:ivanova".into(),
        made_at: 5,
        expires_at: 100,
        revoked_at: None,
    };
    let all = invitation("1", None);
    let some = invitation("2", Some(vec!["drugs".into(), "visit".into()]));
    let none = invitation("3", Some(Vec::new()));
    for (invitation, hash) in [(&all, "a"), (&some, "b"), (&none, "c")] {
        books.add_invitation(invitation, hash).unwrap();
    }
    assert_eq!(books.invitation("b", 99).unwrap(), Some(some.clone()));
    assert_eq!(books.invitation("b", 100).unwrap(), None);
    assert_eq!(books.invitation("d", 99).unwrap(), None);
    assert!(books.revoke_invitation(all.id, 7).unwrap());
    assert!(!books.revoke_invitation(all.id, 7).unwrap());
    assert_eq!(books.invitation("a", 99).unwrap(), None);
    assert_eq!(books.invitations(99, 9).unwrap(), [none.clone(), some]);
    assert_eq!(books.invitations(99, 1).unwrap(), [none]);
    assert_eq!(books.invitations(100, 9).unwrap(), []);
}

fn sessions_are_kept_until_they_end(place: &Place) {
    let mut books = open(place);
    let session = |hash: &str| Session {
        hash: hash.into(),
        name: "201".into(),
        role: "agent".into(),
        of: Some("201".into()),
        from_elsewhere: false,
        began_at: 5,
        seen_at: 7,
        invitation: None,
        ends_at: None,
    };
    let invited = Session {
        from_elsewhere: true,
        of: None,
        invitation: Some("1".parse().unwrap()),
        ends_at: Some(100),
        ..session("b")
    };
    books.keep_sessions(&[session("a"), invited.clone(), session("c")], &[]).unwrap();
    let seen = Session { seen_at: 9, ..session("a") };
    books.keep_sessions(std::slice::from_ref(&seen), &["c".into(), "d".into()]).unwrap();
    assert_eq!(Books::open(place).unwrap().sessions().unwrap(), [seen.clone(), invited]);
    // Who came by an invitation goes with it, at whatever moment the program ends.
    let invitation = Invitation {
        id: "1".parse().unwrap(),
        agent: "201".into(),
        topics: None,
        made_by: "account:ivanova".into(),
        made_at: 5,
        expires_at: 100,
        revoked_at: None,
    };
    books.add_invitation(&invitation, "hash").unwrap();
    assert!(books.revoke_invitation(invitation.id, 11).unwrap());
    assert_eq!(books.sessions().unwrap(), [seen]);
}

fn who_has_looked_at_what_is_known(place: &Place) {
    let mut books = open(place);
    let access = |at, subject: &str| Access {
        at,
        who: "token:mis".into(),
        what: "read".into(),
        subject: subject.into(),
    };
    for one in [access(5, "case 1"), access(7, "call 2")] {
        books.note_access(&one).unwrap();
    }
    assert_eq!(books.accesses(6, 10).unwrap(), [access(7, "call 2")]);
    assert_eq!(books.accesses(0, 1).unwrap(), [access(5, "case 1")]);
}

fn the_audit_is_read_page_by_page_and_by_what_is_known(place: &Place) {
    let mut books = open(place);
    let access = |at, who: &str, what: &str, subject: &str| Access {
        at,
        who: who.into(),
        what: what.into(),
        subject: subject.into(),
    };
    // Several in one millisecond, two of them alike.
    let all = [
        access(9, "account:ivanova", "listen", "recording of call 2"),
        access(7, "account:ivanova", "read", "call 1"),
        access(7, "token:mis", "read", "call 1"),
        access(7, "token:mis", "read", "call 1"),
        access(5, "token:mis", "search", "calls phone=50%_"),
    ];
    for one in all.iter().rev() {
        books.note_access(one).unwrap();
    }
    for limit in 1..=6 {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = books.audit(&AccessesAsked::default(), after, limit).unwrap();
            found.extend(page.accesses);
            after = page.next.map(|next| next.to_string().parse().unwrap());
            if after.is_none() {
                break;
            }
        }
        assert_eq!(found, all, "{limit} a page");
    }
    let mut ask = |asked: AccessesAsked| books.audit(&asked, None, 10).unwrap().accesses;
    let none = AccessesAsked::default;
    let at = |millis| Some(Wall::from_unix_millis(millis));
    assert_eq!(ask(AccessesAsked { from: at(6), until: at(9), ..none() }), all[1..4]);
    assert_eq!(ask(AccessesAsked { who: Some("ivanova".into()), ..none() }), all[..2]);
    assert_eq!(ask(AccessesAsked { what: Some("listen".into()), ..none() }), all[..1]);
    assert_eq!(ask(AccessesAsked { subject: Some("call 1".into()), ..none() }), all[1..4]);
    // Signs of patterns are letters.
    assert_eq!(ask(AccessesAsked { subject: Some("0%_".into()), ..none() }), all[4..]);
    assert_eq!(ask(AccessesAsked { who: Some("%".into()), ..none() }), []);
}

fn recordings_are_found_kept_and_forgotten(place: &Place) {
    let mut books = open(place);
    let day = 86_400_000;
    let recording = |n: u64, part, queue: &str, days: i64, state| Recording {
        about: RecordedPart {
            call: common::call(n),
            part,
            at: NOW.unix_millis() + i64::try_from(n).unwrap() * 1000,
            of: RecordedOf::Talk { queue: queue.into(), agent: "201".into() },
            keep_until: NOW.unix_millis() + days * day,
        },
        state,
        lasts: 61_500,
        size: 984_000,
    };
    let first = recording(1, 1, "doctor", 90, RecordingState::Whole);
    let second = recording(1, 2, "doctor", 90, RecordingState::Cut);
    let running = recording(2, 1, "operator", 1, RecordingState::Running);
    for one in [&second, &running, &first] {
        books.note_recording(one).unwrap();
    }
    assert_eq!(books.recordings_of(common::call(1)).unwrap(), [first.clone(), second.clone()]);
    assert_eq!(books.unfinished_recordings().unwrap(), std::slice::from_ref(&running));
    assert!(books.recordings_to_erase(at(2 * 24), 10).unwrap().is_empty(), "one that still runs");
    let ended = Recording { state: RecordingState::Gaps, lasts: 70_000, size: 5, ..running };
    books.note_recording(&ended).unwrap();
    assert_eq!(books.recordings_of(common::call(2)).unwrap(), std::slice::from_ref(&ended));
    assert_eq!(books.recordings_to_erase(at(2 * 24), 10).unwrap(), std::slice::from_ref(&ended));

    let all = RecordingsAsked::default();
    assert_eq!(books.recordings(&all, 10).unwrap().len(), 3);
    assert_eq!(books.recordings(&all, 2).unwrap(), [first.clone(), second.clone()]);
    let after = Wall::from_unix_millis(NOW.unix_millis() + 1500);
    let later = RecordingsAsked { from: Some(after), ..RecordingsAsked::default() };
    assert_eq!(books.recordings(&later, 10).unwrap(), std::slice::from_ref(&ended));
    let earlier = RecordingsAsked { until: Some(after), ..RecordingsAsked::default() };
    assert_eq!(books.recordings(&earlier, 10).unwrap().len(), 2);
    let of_nobody = RecordingsAsked { caller: Some(number("112233")), ..all.clone() };
    assert!(books.recordings(&of_nobody, 10).unwrap().is_empty());

    // The dialplan keeps them shorter from now on.
    books.keep_recordings("doctor", 10 * day).unwrap();
    let due = books.recordings_to_erase(at(11 * 24), 10).unwrap();
    assert_eq!(due.len(), 3);
    let erased = [(common::call(1), 1), (common::call(1), 2)];
    books.forget_recordings(&erased, "dialplan", at(11 * 24)).unwrap();
    assert_eq!(books.recordings(&all, 10).unwrap(), [ended]);
    let erasures = Reader::open(place).unwrap().erasures().unwrap();
    let told = erasures.iter().find(|erasure| erasure.what == "recording").unwrap();
    assert_eq!((told.who.as_str(), told.calls), ("dialplan", 2));
}

common::stories! {
    recordings_are_found_kept_and_forgotten,
    what_is_written_is_what_the_changes_come_to,
    a_request_waits_until_its_case_is_written,
    who_asked_for_what_is_erased_of_what_is_long_closed,
    of_two_writers_at_one_version_one_is_refused_whole,
    cases_are_found_by_what_is_known_of_them,
    pages_hold_each_case_once_while_others_come,
    a_request_that_is_repeated_is_answered_and_not_done,
    what_programs_were_answered_goes_with_the_case_and_after_a_week,
    letters_go_out_in_order_and_urgent_ones_wait_for_no_others,
    tokens_are_worth_something_until_they_are_revoked,
    an_invitation_opens_a_desk_until_it_ends_or_is_taken_back,
    sessions_are_kept_until_they_end,
    who_has_looked_at_what_is_known,
    the_audit_is_read_page_by_page_and_by_what_is_known,
}
