//! Who may use the API.

use std::fmt;
use std::str::FromStr;

use dialplan::OrganisationId;

use super::Books;
use crate::database::{Change, DatabaseError, Row};

/// What a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Reads figures and states, nothing of citizens.
    Reader,
    /// Reads and writes cases.
    Operator,
    /// Also moves due times, and opens again what was closed.
    Curator,
    /// Everything.
    Admin,
}

/// A token; the secret itself is known to its owner alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its name, for people.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Only cases of this organisation.
    pub organisation: Option<OrganisationId>,
    /// When it was made, in milliseconds since the Unix epoch.
    pub made_at: i64,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
}

/// Why a token is not made or not revoked.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// There is, or was, one of this name.
    #[error("there is or was a token of this name")]
    Taken,
    /// There is none of this name that could be revoked.
    #[error("there is no token of this name")]
    Unknown,
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Role::Reader => "reader",
            Role::Operator => "operator",
            Role::Curator => "curator",
            Role::Admin => "admin",
        })
    }
}

impl FromStr for Role {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Role, &'static str> {
        match text {
            "reader" => Ok(Role::Reader),
            "operator" => Ok(Role::Operator),
            "curator" => Ok(Role::Curator),
            "admin" => Ok(Role::Admin),
            _ => Err("reader, operator, curator or admin"),
        }
    }
}

impl Books {
    /// Makes a token; `hash` is that of its secret. Names are never used again: the audit names them.
    ///
    /// # Errors
    /// If there is one of this name.
    pub fn add_token(&mut self, token: &Token, hash: &str) -> Result<(), TokenError> {
        const PUT: &str = "insert into tokens (name, role, hash, organisation, made_at) \
            values ($1, $2, $3, $4, $5)";
        if self.tokens()?.iter().any(|other| other.name == token.name) {
            return Err(TokenError::Taken);
        }
        let values = vec![
            token.name.as_str().into(),
            token.role.to_string().into(),
            hash.into(),
            token.organisation.as_ref().map(ToString::to_string).into(),
            token.made_at.into(),
        ];
        Ok(self.apply(&[Change { sql: PUT, values }])?)
    }

    /// Revokes a token; it is worth nothing from the next request on.
    ///
    /// # Errors
    /// If there is none of this name.
    pub fn revoke_token(&mut self, name: &str, at: i64) -> Result<(), TokenError> {
        const REVOKE: &str = "update tokens set revoked_at = $1 where name = $2";
        let mut tokens = self.tokens()?.into_iter();
        if !tokens.any(|token| token.name == name && token.revoked_at.is_none()) {
            return Err(TokenError::Unknown);
        }
        Ok(self.apply(&[Change { sql: REVOKE, values: vec![at.into(), name.into()] }])?)
    }

    /// All tokens, also those that are revoked.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn tokens(&mut self) -> Result<Vec<Token>, DatabaseError> {
        const ALL: &str =
            "select name, role, organisation, made_at, revoked_at from tokens order by name";
        Ok(self.rows(ALL, &[])?.iter().filter_map(token).collect())
    }

    /// The token with this hash, unless it was revoked.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn token(&mut self, hash: &str) -> Result<Option<Token>, DatabaseError> {
        const ONE: &str = "select name, role, organisation, made_at, revoked_at from tokens \
            where hash = $1 and revoked_at is null";
        Ok(self.rows(ONE, &[hash.into()])?.first().and_then(token))
    }
}

/// A role that this program does not know gives nothing.
fn token(row: &Row) -> Option<Token> {
    Some(Token {
        name: row.text(0)?.to_owned(),
        role: row.text(1)?.parse().ok()?,
        organisation: row.text(2).map(OrganisationId::from),
        made_at: row.number(3)?,
        revoked_at: row.number(4),
    })
}
