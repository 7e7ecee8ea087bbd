//! `line122 token`: who may use the API.

use std::io::Write;

use clap::{Args, Subcommand};
use records::{Books, Role, Token, TokenError};

use crate::failure::Failure;
use crate::language::Language;
use crate::settings::Settings;
use crate::store;

/// What is done with tokens.
#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token and show it, this once
    Add(AddOptions),
    /// Show all tokens
    List,
    /// Make a token worthless
    Revoke {
        /// Its name
        #[arg(value_name = "NAME")]
        token: String,
    },
}

/// A new token.
#[derive(Debug, Args)]
pub(crate) struct AddOptions {
    /// A name for it, such as that of the program
    #[arg(value_name = "NAME")]
    token: String,
    /// What it may do: reader, operator, curator, admin
    #[arg(long, value_name = "ROLE")]
    role: Role,
    /// Only cases that this organisation of the dialplan has
    #[arg(long, value_name = "NAME")]
    organisation: Option<String>,
}

/// Does it.
pub(crate) fn token(
    settings: &Settings,
    command: TokenCommand,
    language: Language,
) -> Result<(), Failure> {
    let mut books = Books::open(&store::place(settings)?).map_err(|error| store::named(&error))?;
    let mut out = std::io::stdout();
    match command {
        TokenCommand::Add(AddOptions { token: name, role, organisation }) => {
            let is_plain = |c: char| c.is_alphanumeric() || "-_.".contains(c);
            if name.is_empty() || name.chars().count() > 64 || !name.chars().all(is_plain) {
                return Err(Failure::Usage(language.pick(
                    "a name is of letters, digits and -_.".to_owned(),
                    "имя состоит из букв, цифр и знаков -_.".to_owned(),
                )));
            }
            let secret = web::api::new_secret()?;
            let organisation = organisation.as_deref().map(Into::into);
            let made_at = store::now().unix_millis();
            let token = Token { name, role, organisation, made_at, revoked_at: None };
            books
                .add_token(&token, &web::api::token_hash(&secret))
                .map_err(|error| refused(&error, language))?;
            writeln!(out, "{secret}")?;
        }
        TokenCommand::List => {
            for token in books.tokens()? {
                let of = token.organisation.map(|id| format!("  {id}")).unwrap_or_default();
                let revoked = match token.revoked_at {
                    Some(_) => language.pick("  revoked", "  отозван"),
                    None => "",
                };
                writeln!(out, "{}  {}{of}{revoked}", token.name, token.role)?;
            }
        }
        TokenCommand::Revoke { token } => {
            let at = store::now().unix_millis();
            books.revoke_token(&token, at).map_err(|error| refused(&error, language))?;
            writeln!(out, "{}: {token}", language.pick("revoked", "отозван"))?;
        }
    }
    Ok(())
}

fn refused(error: &TokenError, language: Language) -> Failure {
    Failure::Usage(match error {
        TokenError::Taken => language.pick(error.to_string(), "такое имя уже есть или было".into()),
        TokenError::Unknown => language.pick(error.to_string(), "ключа с таким именем нет".into()),
        TokenError::Database(error) => return Failure::Runtime(error.to_string()),
    })
}
