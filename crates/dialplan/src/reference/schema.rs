//! The language as a JSON Schema (draft 7, which editors of TOML understand).

use serde_json::{Map, Value, json};

use super::{Words, root};
use crate::read::describe::{Description, Shape};

/// The schema of one file of a dialplan. It knows tables, keys and the form of values; references are
/// left to [`load`](crate::load).
#[must_use]
pub fn schema(words: Words) -> Value {
    let mut definitions = Map::new();
    let mut schema = table(&root(), words, &mut definitions);
    schema["$schema"] = json!("http://json-schema.org/draft-07/schema#");
    schema["title"] =
        json!(words.pick(["A dialplan of line122", "Правила обработки звонков line122"]));
    schema["definitions"] = Value::Object(definitions);
    schema
}

fn table(table: &Description, words: Words, definitions: &mut Map<String, Value>) -> Value {
    let mut properties = Map::new();
    for key in &table.keys {
        let mut property = value(&key.shape, words, definitions);
        property["description"] = json!(words.pick(key.what));
        properties.insert(key.name.to_owned(), property);
    }
    let needed: Vec<_> = table.keys.iter().filter(|key| key.needed).map(|key| key.name).collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": needed,
        "additionalProperties": false,
    })
}

fn value(shape: &Shape, words: Words, definitions: &mut Map<String, Value>) -> Value {
    match shape {
        Shape::Table(inner) => {
            if !definitions.contains_key(inner.name) {
                let inner_schema = table(inner, words, definitions);
                definitions.insert(inner.name.to_owned(), inner_schema);
            }
            // What stands beside a reference is not read in this draft.
            json!({ "allOf": [{ "$ref": format!("#/definitions/{}", inner.name) }] })
        }
        Shape::Names(of) => {
            json!({ "type": "object", "additionalProperties": value(of, words, definitions) })
        }
        Shape::List(of) => json!({ "type": "array", "items": value(of, words, definitions) }),
        Shape::Many(of) => {
            let one = value(of, words, definitions);
            json!({ "anyOf": [one, { "type": "array", "items": one }] })
        }
        Shape::Words(all) => json!({ "enum": all }),
        Shape::Text { pattern, examples, .. } => {
            json!({ "type": "string", "pattern": pattern, "examples": examples })
        }
        Shape::Count => json!({ "type": "integer", "minimum": 0 }),
        Shape::Bool => json!({ "type": "boolean" }),
    }
}
