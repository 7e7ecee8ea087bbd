//! The JSON Schema of the dialplan beside an independent validator.

use dialplan::reference::{Words, schema};
use serde_json::Value;

/// What an editor that validates by the schema would say of a file of a dialplan, one line each.
///
/// # Panics
/// If the text is not TOML, or the schema is none.
#[must_use]
pub fn faults(text: &str) -> Vec<String> {
    let value: Value = toml::from_str(text).unwrap_or_else(|error| panic!("{error}"));
    let schema = schema(Words::English);
    let schema = jsonschema::validator_for(&schema).unwrap_or_else(|error| panic!("{error}"));
    let fault =
        |error: jsonschema::ValidationError<'_>| format!("{}: {error}", error.instance_path());
    schema.iter_errors(&value).map(fault).collect()
}
