//! Clinics from a CSV file.

mod common;

use common::{BASE, lines, load};
use dialplan::{Dialplan, Phone};

fn says(csv: &str) -> String {
    match load(&[("base.toml", BASE), ("clinics.csv", csv)]) {
        Ok((_, warnings)) => lines(&warnings),
        Err(findings) => lines(&findings),
    }
}

fn good(csv: &str) -> Dialplan {
    match load(&[("base.toml", BASE), ("clinics.csv", csv)]) {
        Ok((plan, _)) => plan,
        Err(findings) => panic!("{}", lines(&findings)),
    }
}

#[test]
fn as_a_spreadsheet_writes_it() {
    // Excel in Russian: a mark of the byte order, semicolons, CR LF.
    let plan = good(
        "\u{feff}Название;Номера;ring;Контакт;Телефон контакта;ring_for;anchored\r\n\
         Поликлиника № 2;\"27-00-02; 27-00-03\";sip:a@pbx2.example|sip:b@pbx2.example;Регистратура;27-00-12;45s;да\r\n\
         \"ЦРБ \"\"Восток\"\"\";8 (48131) 2-00-01;sip:c@pbx3.example;;;;\r\n\
         ;;;;;;\r\n",
    );
    assert_eq!(plan.clinics.len(), 3);
    let second = &plan.clinics["поликлиника-2"];
    assert_eq!(&*second.title, "Поликлиника № 2");
    assert_eq!(second.numbers.len(), 2);
    assert_eq!(
        second.ring,
        ["sip:a@pbx2.example", "sip:b@pbx2.example"].map(|at| Phone::At(at.into()))
    );
    assert_eq!(second.ring_for.as_secs(), 45);
    assert!(second.anchored);
    assert_eq!(second.contact.as_ref().unwrap().phone.as_str(), "+74812270012");
    let third = &plan.clinics["црб-восток"];
    assert_eq!(&*third.title, "ЦРБ \"Восток\"");
    assert_eq!(third.numbers[0].as_str(), "+74813120001");
    assert!(third.contact.is_none());
    // What a row does not say the table of defaults does.
    assert_eq!(third.forward_to.to_string(), "menu:main");
    assert!(plan.destination("27-00-03").is_some());
}

#[test]
fn what_callers_call_a_clinic_and_what_they_are_asked() {
    let plan = good(
        "title;numbers;ring;другие названия;ask\n\
         Роддом;27-00-02;sip:a@pbx2.example;родильный дом, у вокзала;welcome\n",
    );
    let clinic = &plan.clinics["роддом"];
    assert_eq!(
        clinic.words.iter().map(|word| &**word).collect::<Vec<_>>(),
        ["родильный дом", "у вокзала"]
    );
    assert_eq!(*clinic.ask, ["welcome".into()]);
}

#[test]
fn with_commas_and_names() {
    let plan = good(
        "name,title,numbers,user,password_env\nsecond,Вторая,27-00-02,270002,PASSWORD\n"
            .replace("password_env", "password")
            .as_str(),
    );
    assert_eq!(plan.clinics["second"].ring, [Phone::Registered("270002".into())]);
    assert!(plan.accounts.contains_key("270002"));
    // Nothing but the head is no fault.
    assert_eq!(says("name,title,numbers,ring\n"), "");
    assert_eq!(says("name\ttitle\tnumbers\tring\nx\tx\t270009\tsip:x@x\n"), "");
}

#[test]
fn what_is_wrong_is_told_with_its_cell() {
    let head = "name,title,numbers,ring\n";
    for (rows, expected) in [
        (
            "second,Вторая,нет,sip:a@b\n",
            "clinics.csv:2:15: \"нет\" is not a telephone number; write digits, such as \"9-122\", \
             \"62-77-66\" or \"8-800-234-35-22\"\n",
        ),
        (
            "second,Вторая,27-00-01,sip:a@b\n",
            "clinics.csv:2:15: the number +74812270001 leads to clinic \"first\" and to clinic \
             \"second\"; a number leads to one place: remove one of them (first here: base.toml:15:12)\n",
        ),
        (
            "first,Первая,27-00-09,sip:a@b\n",
            "clinics.csv:2:1: clinic \"first\" is already in another file; give one of them another \
             name (first here: base.toml:13:10)\n",
        ),
        (
            "a,А,27-00-08,sip:a@b\n\n\"a\",А,27-00-09,sip:a@b\n",
            "clinics.csv:4:1: clinic \"a\" stands twice; give one of them another name (first here: \
             clinics.csv:2:1)\n",
        ),
        (
            "a,А,27-00-08,\n",
            "clinics.csv:2:1: clinic \"a\" has no phone to ring; add ring = \
             [\"sip:registry@pbx1.example\"], or accounts\n",
        ),
        (
            "a,А,\"27-00-08\",\"sip:a@b\",лишнее\n",
            "clinics.csv:2:26: this row has more cells than the first one; put cells with commas or \
             semicolons inside into quotes\n",
        ),
        (
            ",,27-00-08,sip:a@b\n",
            "clinics.csv:2:3: a clinic without name and title; fill the columns name and title\n",
        ),
    ] {
        assert_eq!(says(&format!("{head}{rows}")), expected, "{rows}");
    }
    assert_eq!(
        says("name,titel,numbers\n"),
        "clinics.csv:1:6: unknown column \"titel\"; did you mean \"title\"?\n"
    );
    assert_eq!(
        says("name,title,name\n"),
        "clinics.csv:1:12: a second column \"name\"; remove one of them\n"
    );
    assert_eq!(
        says("name,title,numbers,ring,ring_for\na,А,27-00-08,sip:a@b,a minute\n"),
        "clinics.csv:2:22: \"a minute\" is not a duration; write a duration such as \"60s\", \
         \"10m\", \"3h\" or \"5d\"\n"
    );
    let open = format!("name,title\na,\"{}", "x".repeat(9000));
    assert_eq!(
        says(&open),
        "clinics.csv:2:3: a cell of more than 8192 bytes; look for a quote that is not closed\n"
    );
}
