//! `line122 second-factor`: a secret for the file of the accounts of the pages and for somebody's authenticator.

use std::io::{IsTerminal, Write};

use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use web::second_factor::SecondFactor;

use crate::failure::Failure;
use crate::language::Language;
use crate::settings::Settings;

/// Black on white whatever the terminal's colours are: some cameras read no other.
const BLACK_ON_WHITE: &str = "\x1b[38;5;16;48;5;231m";
const USUAL_COLOURS: &str = "\x1b[0m";

/// Makes one and says what to write where.
pub(crate) fn show(settings: &Settings, account: &str, language: Language) -> Result<(), Failure> {
    let factor = SecondFactor::new()?;
    // Who leads several lines tells them apart in the authenticator by their realms.
    let line = format!("122 {}", settings.sip.realm).replace(':', "-");
    let uri = factor.uri(account, &line).map_err(|_| {
        Failure::Usage(language.pick(
            "the name of an account has no colon, and is not empty".into(),
            "в имени учётной записи нет двоеточия, и оно не пустое".into(),
        ))
    })?;
    let picture = QrCode::new(&uri).map_err(|error| Failure::Runtime(error.to_string()))?;
    let drawn = picture.render::<Dense1x2>().build();
    let mut out = std::io::stdout();
    let _ = writeln!(out, "{uri}\n");
    for row in drawn.lines() {
        let _ = match out.is_terminal() {
            true => writeln!(out, "{BLACK_ON_WHITE}{row}{USUAL_COLOURS}"),
            false => writeln!(out, "{row}"),
        };
    }
    let file = match &settings.web.accounts.0 {
        Some(file) => file.display().to_string(),
        None => "web.accounts".to_owned(),
    };
    let secret = factor.to_base32();
    let (table, key) = (table(account), format!("second_factor = \"{secret}\""));
    let _ = writeln!(
        out,
        "{}",
        language.pick(
            format!(
                "\n1. Have {account} photograph this with an authenticator application, or type the secret there:\n   \
                 {secret}\n2. Write into {file}, below {table}:\n\n   {key}\n\nFrom then on {account} logs in with the password \
                 and a code of the application. Nothing of this is kept here, and who reads it can make the codes: clear the screen."
            ),
            format!(
                "\n1. Пусть {account} снимет этот рисунок приложением с одноразовыми кодами или введёт в нём секрет:\n   \
                 {secret}\n2. Впишите в {file} под {table}:\n\n   {key}\n\nС этого времени {account} входит с паролем и кодом \
                 из приложения. Здесь ничего из этого не сохранено, а кто это прочтёт, может создавать коды: очистите экран."
            ),
        )
    );
    Ok(())
}

/// The heading of an account in TOML.
fn table(account: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    match account.chars().all(is_bare) {
        true => format!("[{account}]"),
        false => format!("[{account:?}]"),
    }
}
