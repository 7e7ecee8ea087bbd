//! The schema: one text for both databases, brought forward step by step.

use super::{Database, DatabaseError, Trouble};

/// The steps from an empty database to the schema of today. A step that was ever released is not
/// changed any more.
const STEPS: [&str; 8] = [
    include_str!("../migrations/0001.sql"),
    include_str!("../migrations/0002.sql"),
    include_str!("../migrations/0003.sql"),
    include_str!("../migrations/0004.sql"),
    include_str!("../migrations/0005.sql"),
    include_str!("../migrations/0006.sql"),
    include_str!("../migrations/0007.sql"),
    include_str!("../migrations/0008.sql"),
];

/// Brings the schema to that of today.
pub(super) fn bring_forward(database: &mut Database) -> Result<(), DatabaseError> {
    database.run("create table if not exists schema_version (version bigint not null)")?;
    let version = version(database)?;
    for (step, number) in STEPS.iter().zip(1..).skip(version) {
        let step = in_words_of(database, step);
        database.run(&format!(
            "begin; {step}; delete from schema_version; \
             insert into schema_version values ({number}); commit"
        ))?;
        tracing::info!(version = number, "the schema of the records is brought forward");
    }
    Ok(())
}

/// Refuses a schema that is not that of today.
pub(super) fn check(database: &mut Database) -> Result<(), DatabaseError> {
    if version(database)? < STEPS.len() {
        let why = "its schema is of an older program: start the line once";
        return Err(DatabaseError::new(Trouble::Failing, why));
    }
    Ok(())
}

/// How many steps were taken.
pub(super) fn version(database: &mut Database) -> Result<usize, DatabaseError> {
    let rows = database.rows("select max(version) from schema_version", &[])?;
    let version = rows.first().and_then(|row| row.number(0)).unwrap_or(0);
    match usize::try_from(version) {
        Ok(version) if version <= STEPS.len() => Ok(version),
        _ => {
            let known = STEPS.len();
            let why = format!("its schema has version {version}, and this program knows {known}");
            Err(DatabaseError::new(Trouble::Newer, why))
        }
    }
}

/// SQLite keeps the rows by a key that is an `integer`, and compares texts byte by byte anyway.
fn in_words_of(database: &Database, step: &str) -> String {
    match database {
        Database::Sqlite(_) => step.replace("bigint", "integer").replace("collate \"C\"", ""),
        Database::Postgres(_) => step.to_owned(),
    }
}
