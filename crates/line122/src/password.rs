//! `line122 password`: what stands for a password in the file of the accounts of the pages.

use std::io::{IsTerminal, Write};

use web::accounts::{PASSWORD_MAX, hash_password};

use crate::failure::Failure;
use crate::language::Language;

/// The shortest password: whoever guesses over the network has few guesses, whoever steals the file many.
const PASSWORD_MIN: usize = 10;

/// Asks for a password, or reads it from the standard input, and prints its hash.
pub(crate) fn print_hash(language: Language) -> Result<(), Failure> {
    let password = match std::io::stdin().is_terminal() {
        true => typed(language)?,
        false => {
            let mut line = String::new();
            std::io::stdin().read_line(&mut line)?;
            line.trim_end_matches(['\r', '\n']).to_owned()
        }
    };
    if password.chars().count() < PASSWORD_MIN || password.len() > PASSWORD_MAX {
        return Err(Failure::Usage(language.pick(
            format!(
                "a password has at least {PASSWORD_MIN} characters, at most {PASSWORD_MAX} bytes"
            ),
            format!("в пароле не меньше {PASSWORD_MIN} знаков и не больше {PASSWORD_MAX} байтов"),
        )));
    }
    let hash = hash_password(&password)?;
    let _ = writeln!(std::io::stdout(), "{hash}");
    Ok(())
}

fn typed(language: Language) -> Result<String, Failure> {
    let password = rpassword::prompt_password(language.pick("Password: ", "Пароль: "))?;
    let again = rpassword::prompt_password(language.pick("Once more: ", "Ещё раз: "))?;
    match password == again {
        true => Ok(password),
        false => Err(Failure::Usage(
            language.pick("the two are not the same", "пароли не совпадают").into(),
        )),
    }
}
