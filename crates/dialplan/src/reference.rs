//! The language described by its own tables: for the reference of the documentation and for editors.

mod markdown;
mod schema;

use crate::read::describe::{Describe, Description, InBoth, Shape};
use crate::tables::Root;

pub use markdown::markdown;
pub use schema::schema;

/// The language of the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// English.
    English,
    /// Russian.
    Russian,
}

impl Words {
    fn pick(self, [english, russian]: InBoth) -> &'static str {
        match self {
            Words::English => english,
            Words::Russian => russian,
        }
    }
}

/// The tables of a whole dialplan.
fn root() -> Description {
    match Root::shape() {
        Shape::Table(root) => root,
        Shape::Names(_)
        | Shape::List(_)
        | Shape::Many(_)
        | Shape::Words(_)
        | Shape::Text { .. }
        | Shape::Count
        | Shape::Bool => Description { name: "", keys: Vec::new() },
    }
}

/// The table within lists and names.
fn table_in(shape: &Shape) -> Option<&Description> {
    match shape {
        Shape::Table(table) => Some(table),
        Shape::Names(of) | Shape::List(of) | Shape::Many(of) => table_in(of),
        Shape::Words(_) | Shape::Text { .. } | Shape::Count | Shape::Bool => None,
    }
}
