use std::path::Path;

use super::*;

fn load_with(
    file: Option<&Path>,
    environment: &[(&str, &str)],
    flags: &[(&str, &str)],
) -> Result<Loaded, String> {
    let environment = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
    let flags = flags.iter().map(|(key, value)| Given {
        key: (*key).into(),
        value: (*value).into(),
        origin: "--set".into(),
    });
    load(file, environment, flags.collect()).map_err(|error| error.to_string())
}

fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("line122.toml");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

#[test]
fn the_defaults_are_complete() {
    let loaded = load_with(None, &[], &[]).unwrap();
    assert_eq!(loaded.settings.sip.udp, ["127.0.0.1:5060".parse().unwrap()]);
    assert_eq!(loaded.settings.web.listen, "127.0.0.1:8122".parse().unwrap());
    assert_eq!(loaded.settings.paths.dialplan, Path::new("dialplans/demo"));
    assert!(loaded.effective.values().all(|(_, origin)| origin == "default"));
}

#[test]
fn later_layers_win_and_say_so() {
    let (_folder, path) =
        file("[sip]\nrealm = \"from-file\"\ncalls_max = 7\ncalls_per_second_max = 8\n");
    let environment =
        [("LINE122__SIP__CALLS_MAX", "9"), ("LINE122__SIP__CALLS_PER_SECOND_MAX", "9")];
    let loaded = load_with(Some(&path), &environment, &[("sip.calls_max", "10")]).unwrap();
    let sip = &loaded.settings.sip;
    assert_eq!((&*sip.realm, sip.calls_max, sip.calls_per_second_max), ("from-file", 10, 9));
    let origin = |key: &str| loaded.effective[key].1.clone();
    assert_eq!(origin("sip.realm"), path.display().to_string());
    assert_eq!(origin("sip.calls_max"), "--set");
    assert_eq!(origin("sip.calls_per_second_max"), "LINE122__SIP__CALLS_PER_SECOND_MAX");
    assert_eq!(origin("sip.retry_after"), "default");
}

#[test]
fn what_is_shown_can_be_used_as_a_file() {
    let shown = load_with(None, &[("LINE122__SIP__DOMAINS", "a.example, b.example")], &[]).unwrap();
    let (_folder, path) = file(&shown.to_string());
    let again = load_with(Some(&path), &[], &[]).unwrap();
    assert_eq!(again.settings.sip.domains, ["a.example", "b.example"]);
    assert!(again.effective.iter().all(|(key, (value, _))| *value == shown.effective[key].0));
}

#[test]
fn a_misspelt_key_is_named_with_its_place_and_the_right_one() {
    let (_folder, path) = file("[sip]\n\n  calls_mx = 7\n");
    let error = load_with(Some(&path), &[], &[]).unwrap_err();
    let place = format!("{}:3:3: ", path.display());
    assert_eq!(error, format!("{place}no setting sip.calls_mx; did you mean sip.calls_max?"));
    let error = load_with(None, &[("LINE122__SOUP__SPOON", "1")], &[]).unwrap_err();
    assert_eq!(
        error,
        "LINE122__SOUP__SPOON: no setting soup.spoon; `line122 config` shows all settings"
    );
}

#[test]
fn a_value_of_the_wrong_kind_is_named_with_its_place() {
    let cases = [
        ("[sip]\ncalls_max = \"many\"\n", ":2:1: sip.calls_max: "),
        ("[sip]\nudp = [\"nowhere\"]\n", ":2:1: sip.udp"),
        ("[media]\nports = \"5-1\"\n", ":2:1: media.ports: "),
        ("[media]\n\nadvertise = \"host name\"\n", ":3:1: media.advertise: "),
        ("[log]\nformat = \"xml\"\n", ":2:1: log.format: "),
        ("[drain]\nlimit = -1\n", ":2:1: drain.limit: "),
        ("[drain\n", ":1:7: "),
        ("[sip]\n\ndigest = []\n", ":3:1: sip.digest: no hash is left"),
        ("[sip]\ndigest = [\"md4\"]\n", ":2:1: sip.digest"),
    ];
    for (text, expected) in cases {
        let (_folder, path) = file(text);
        let error = load_with(Some(&path), &[], &[]).unwrap_err();
        let expected = format!("{}{expected}", path.display());
        assert!(error.starts_with(&expected), "{error}\n{expected}");
        assert!(!error.contains('\n'), "{error}");
    }
    let error = load_with(None, &[("LINE122__WEB__LISTEN", "8122")], &[]).unwrap_err();
    assert!(error.starts_with("LINE122__WEB__LISTEN: web.listen: "), "{error}");
}

#[test]
fn a_path_in_the_file_is_relative_to_the_file() {
    let (folder, path) = file("[paths]\ndialplan = \"region\"\n");
    let loaded = load_with(Some(&path), &[("LINE122__PATHS__DATA", "here")], &[]).unwrap();
    assert_eq!(loaded.settings.paths.dialplan, folder.path().join("region"));
    assert_eq!(loaded.settings.paths.data, Path::new("here"));
    let overridden = load_with(Some(&path), &[], &[("paths.dialplan", "other")]).unwrap();
    assert_eq!(overridden.settings.paths.dialplan, Path::new("other"));
}

#[test]
fn a_named_file_that_is_missing_is_an_error() {
    let error = load_with(Some(Path::new("/nowhere/line122.toml")), &[], &[]).unwrap_err();
    assert!(error.starts_with("/nowhere/line122.toml: "), "{error}");
}
