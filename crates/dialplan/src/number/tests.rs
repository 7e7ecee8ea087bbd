use proptest::prelude::*;

use super::*;

fn smolensk() -> Numbering {
    Numbering::russia("4812")
}

fn normal(dialled: &str) -> String {
    smolensk().normalise(dialled).map_or_else(|| "-".to_owned(), |n| n.to_string())
}

#[test]
fn the_line_is_found_by_its_short_numbers() {
    assert_eq!(normal("122"), "122");
    assert_eq!(normal("9-122"), "9122");
    assert_eq!(normal("9122"), "9122");
    assert_eq!(normal("*11"), "*11");
    assert_eq!(normal("#31#122"), "#31#122");
}

#[test]
fn national_numbers_have_one_form_however_they_are_dialled() {
    for dialled in
        ["8-800-234-35-22", "+7 (800) 234-35-22", "78002343522", "800 234 35 22", "8.800.234.35.22"]
    {
        assert_eq!(normal(dialled), "+78002343522", "{dialled}");
    }
    assert_eq!(normal("8\u{a0}(4812)\u{a0}27\u{2011}00\u{2013}01"), "+74812270001");
}

#[test]
fn local_numbers_get_the_area_code_of_their_trunk() {
    assert_eq!(normal("62-77-66"), "+74812627766");
    let moscow = smolensk().with_area_code("495");
    assert_eq!(moscow.normalise("123-45-67").unwrap().as_str(), "+74951234567");
    // Six digits do not make a number of Moscow: they are a PBX's own.
    assert_eq!(moscow.normalise("62-77-66").unwrap().as_str(), "627766");
}

#[test]
fn international_numbers_lose_their_prefix() {
    assert_eq!(normal("8-10-375-17-200-00-00"), "+375172000000");
    assert_eq!(normal("+375172000000"), "+375172000000");
    // Ten digits are a national number, whatever they begin with.
    assert_eq!(normal("8101234567"), "+78101234567");
}

#[test]
fn the_national_prefix_is_a_setting() {
    let planned =
        Numbering { national_prefix: "0".into(), international_prefix: "00".into(), ..smolensk() };
    assert_eq!(planned.normalise("0 800 234 35 22").unwrap().as_str(), "+78002343522");
    assert_eq!(planned.normalise("00375172000000").unwrap().as_str(), "+375172000000");
    assert_eq!(planned.normalise("88002343522").unwrap().as_str(), "88002343522");
}

#[test]
fn what_is_no_number_is_refused() {
    for text in ["", "+", "registry", "12a2", "1+2", "*#", "１２２", &"1".repeat(NUMBER_MAX + 1)]
    {
        assert_eq!(normal(text), "-", "{text}");
    }
    assert_eq!(normal(&"1".repeat(NUMBER_MAX)), "1".repeat(NUMBER_MAX));
}

#[test]
fn logs_show_no_citizens_number() {
    let masked = |dialled| smolensk().normalise(dialled).unwrap().masked();
    assert_eq!(masked("27-00-01"), "+7481*****01");
    assert_eq!(masked("8-10-375-17-200-00-00"), "+3751******00");
    assert_eq!(masked("12345"), "***45");
    assert_eq!(masked("122"), "122");
    assert_eq!(masked("9-122"), "9122");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn normalising_twice_changes_nothing(dialled in "\\+?[0-9*#() .-]{0,20}") {
        if let Some(number) = smolensk().normalise(&dialled) {
            prop_assert_eq!(smolensk().normalise(number.as_str()), Some(number));
        }
    }

    #[test]
    fn separators_count_for_nothing(digits in "[0-9]{1,14}", at in 0usize..14, sign in "[-() ./]") {
        let mut written = digits.clone();
        written.insert_str(at.min(digits.len()), &sign);
        prop_assert_eq!(smolensk().normalise(&written), smolensk().normalise(&digits));
    }

    #[test]
    fn any_text_is_a_number_or_none_and_masking_hides_it(text in "\\PC{0,40}") {
        if let Some(number) = smolensk().normalise(&text) {
            prop_assert_eq!(number.masked().len(), number.as_str().len());
            prop_assert!(number.as_str().len() <= 4 || number.masked().contains('*'));
        }
    }
}
