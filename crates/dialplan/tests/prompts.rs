//! Words of a region's own.

mod common;

use common::{BASE, lines, load};
use dialplan::{Dialplan, Prompt, Target};

/// [`BASE`] with more, and a sound file beside it.
fn loaded(more: &str) -> Result<(Dialplan, String), String> {
    let files = [("base.toml", BASE), ("more.toml", more), ("sounds/flood.wav", "")];
    match load(&files) {
        Ok((plan, warnings)) => Ok((plan, lines(&warnings))),
        Err(findings) => Err(lines(&findings)),
    }
}

fn says(more: &str) -> String {
    loaded(more).map_or_else(|errors| errors, |(_, warnings)| warnings)
}

/// A retired number that says this prompt.
fn said(prompt: &str) -> String {
    format!(
        "[retired.flooded]\nnumbers = [\"62-00-00\"]\nannounce = \"{prompt}\"\n\
         then = \"announce:{prompt}\"\n"
    )
}

#[test]
fn a_region_has_announcements_of_its_own() {
    let more = format!(
        "{}[prompts.flood]\ntext = \"Из-за паводка\"\nfile = \"sounds/flood.wav\"\n",
        said("flood")
    );
    let (plan, warnings) = loaded(&more).unwrap();
    assert_eq!(warnings, "");
    let flood = Prompt {
        text: Some("Из-за паводка".into()),
        file: Some("sounds/flood.wav".into()),
    };
    assert_eq!(plan.prompts["flood"], flood);
    assert_eq!(plan.retired["flooded"].then, Target::Announce("flood".into()));
}

#[test]
fn what_comes_with_the_line_can_have_other_words_or_another_sound() {
    let (plan, warnings) = loaded("[prompts.welcome]\ntext = \"Область\"\n").unwrap();
    assert_eq!((plan.prompts["welcome"].file.as_ref(), &*warnings), (None, ""));
    // The robot itself says it, whoever names it.
    let own = "[prompts.goodbye]\ntext = \"До свидания\"\nfile = \"sounds/flood.wav\"\n";
    assert_eq!(says(own), "");
}

#[test]
fn a_prompt_that_nobody_would_hear_is_an_error() {
    let with = |prompt: &str| says(&format!("{}[prompts.flood]\n{prompt}\n", said("flood")));
    for (prompt, expected) in [
        (
            "",
            "more.toml:5:10: prompt \"flood\" has neither file nor text; add file = \
             \"sounds/….wav\", and text\n",
        ),
        (
            "text = \"Из-за паводка\"",
            "more.toml:5:10: prompt \"flood\" has a text and no file: nobody would hear it; record \
             its text and add file = \"sounds/….wav\"\n",
        ),
        (
            "file = \"sounds/floood.wav\"",
            "more.toml:5:10: warning: nobody can read what prompt \"flood\" says; add text = \"…\": \
             what is said\n\
             more.toml:6:8: \"sounds/floood.wav\" is not there; put the file into the dialplan's \
             folder, or correct its name\n",
        ),
        (
            "text = \"т\"\nfile = \"../flood.wav\"",
            "more.toml:7:8: \"../flood.wav\" is no file within the dialplan's folder; write a name \
             such as \"sounds/flood.wav\"\n",
        ),
        (
            "text = \"т\"\nfile = \"/etc/flood.wav\"",
            "more.toml:7:8: \"/etc/flood.wav\" is no file within the dialplan's folder; write a \
             name such as \"sounds/flood.wav\"\n",
        ),
        (
            "text = \"т\"\nfile = \"more.toml\"",
            "more.toml:7:8: \"more.toml\" is no sound file; name a file that ends with .wav, .flac, \
             .mp3 or .ogg\n",
        ),
    ] {
        assert_eq!(with(prompt), expected, "{prompt}");
    }
}

#[test]
fn a_prompt_that_is_said_nowhere_is_told() {
    let idle = "[prompts.flood]\ntext = \"т\"\nfile = \"sounds/flood.wav\"\n";
    assert_eq!(
        says(idle),
        "more.toml:1:10: warning: prompt \"flood\" is said nowhere; name it in a `say` or as \
         \"announce:NAME\", or remove it\n"
    );
    assert!(says(&said("floods")).contains("no prompt \"floods\""));
}

#[test]
fn languages_of_the_robot() {
    let with = |languages: &str| {
        let base = BASE.replace("area_code", &format!("languages = {languages}\narea_code"));
        match load(&[("base.toml", &base)]) {
            Ok((plan, warnings)) => (plan.region.languages, lines(&warnings)),
            Err(findings) => (Vec::new(), lines(&findings)),
        }
    };
    let (languages, told) = with("[\"ru\"]");
    assert_eq!((&*languages, &*told), (&["ru".into()][..], ""));
    let (languages, told) = with("[\"ru\", \"tt\"]");
    assert_eq!(languages, ["ru".into(), "tt".into()]);
    assert_eq!(
        told,
        "base.toml:4:20: warning: not yet in force in this version: the robot speaks no \"tt\"; \
         leave it for a later version, and do not rely on it\n"
    );
    assert_eq!(
        with("[\"русский\"]").1,
        "base.toml:4:14: \"русский\" is no code of a language; write two or three letters of ISO \
         639, such as \"ru\" or \"tt\"\n"
    );
    assert!(with("[]").1.contains("not none"));
}
