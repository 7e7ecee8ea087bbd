//! Passwords: in the dialplan, in the environment, or in a file.

use super::Context;
use crate::Secret;
use crate::read::{Field, Text};
use crate::source::Spot;

/// Where passwords are looked up that do not stand in the dialplan.
pub(crate) struct Secrets<'a> {
    /// A variable of the environment.
    pub(crate) environment: &'a dyn Fn(&str) -> Option<String>,
    /// The text of a file, or why it cannot be read.
    pub(crate) file: &'a dyn Fn(&str) -> Result<String, String>,
}

/// The three keys of which one gives a password.
pub(super) struct PasswordKeys<'a> {
    pub(super) password: &'a Field<Text>,
    pub(super) password_env: &'a Field<Text>,
    pub(super) password_file: &'a Field<Text>,
}

impl Context<'_> {
    /// The password of `owner`; `{number}` in it stands for `number`.
    pub(super) fn password(
        &mut self,
        keys: &PasswordKeys<'_>,
        owner: (Spot, &str),
        number: &str,
    ) -> Option<Secret> {
        let place = |text: &Text| text.0.replace("{number}", number);
        let password = match (keys.password, keys.password_env, keys.password_file) {
            (Field::Given(text), Field::Absent, Field::Absent) => place(&text.value),
            (Field::Absent, Field::Given(name), Field::Absent) => {
                let variable = place(&name.value);
                let Some(password) = (self.beside.secrets.environment)(&variable) else {
                    self.findings
                        .error(name.spot, format!("the environment has no variable {variable}"))
                        .remedy("set it for the server, or write the password here");
                    return None;
                };
                password
            }
            (Field::Absent, Field::Absent, Field::Given(name)) => {
                let file = place(&name.value);
                match (self.beside.secrets.file)(&file) {
                    Ok(password) => password,
                    Err(error) => {
                        self.findings
                            .error(
                                name.spot,
                                format!("cannot read the password from {file}: {error}"),
                            )
                            .remedy("name a file, seen from the dialplan's folder");
                        return None;
                    }
                }
            }
            (Field::Absent, Field::Absent, Field::Absent) => {
                let (spot, what) = owner;
                self.findings
                    .error(spot, format!("{what} has no password"))
                    .remedy("add password, password_env or password_file");
                return None;
            }
            (Field::Bad, ..) | (_, Field::Bad, _) | (.., Field::Bad) => return None,
            (Field::Given(_), ..) | (_, Field::Given(_), _) => {
                let (spot, what) = owner;
                self.findings
                    .error(spot, format!("{what} has more than one password"))
                    .remedy("keep one of password, password_env and password_file");
                return None;
            }
        };
        // An editor ends a file with a line feed that is no part of the password.
        let password = password.trim_end_matches(['\r', '\n']);
        if password.is_empty() {
            let (spot, what) = owner;
            self.findings
                .error(spot, format!("the password of {what} is empty"))
                .remedy("an empty password lets everybody in");
            return None;
        }
        Some(password.into())
    }
}
