//! docs/security.md promises nothing that no test shows.

/// Files of code that a text names in backticks.
fn named(text: &str) -> Vec<&str> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter(|name| name.ends_with(".rs") && !name.contains('*')).collect()
}

#[test]
fn every_test_that_the_threat_model_names_is_there() {
    let root = crate::root();
    let text = std::fs::read_to_string(root.join("docs/security.md")).expect("it is there");
    let rows: Vec<&str> =
        text.lines().skip_while(|line| !line.starts_with("| who | tries")).collect();
    let rows = rows.iter().skip(2).take_while(|line| line.starts_with('|'));
    for row in rows {
        let tests = row.rsplit('|').nth(1).expect("a row has columns");
        assert!(!named(tests).is_empty(), "no test shows: {row}");
    }
    for name in named(&text) {
        let places = ["crates", "tests/interop", "."].map(|place| root.join(place).join(name));
        let is_there = places.iter().any(|place| place.exists());
        assert!(is_there, "docs/security.md names {name}");
    }
}
