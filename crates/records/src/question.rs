//! A question to the database whose conditions are put together.

use crate::database::Value;

/// The conditions of a question, with their values in the order of their places.
#[derive(Default)]
pub(crate) struct Question {
    sql: String,
    values: Vec<Value>,
}

impl Question {
    /// A further condition, whose values have their places.
    pub(crate) fn and(&mut self, condition: &str) {
        self.sql.push_str(" and ");
        self.sql.push_str(condition);
    }

    /// A condition that ends where its value stands, if there is one.
    pub(crate) fn is(&mut self, condition: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            let place = self.place(value);
            self.and(&format!("{condition}{place}"));
        }
    }

    /// One of these words, if there are any.
    pub(crate) fn one_of(&mut self, column: &str, words: &[&str]) {
        if !words.is_empty() {
            let places: Vec<_> = words.iter().map(|word| self.place(*word)).collect();
            self.and(&format!("{column} in ({})", places.join(", ")));
        }
    }

    /// Takes a value; gives its place.
    pub(crate) fn place(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    /// The statement with its values: what is selected, in which order, at most so many.
    pub(crate) fn asked(mut self, select: &str, order: &str, limit: usize) -> (String, Vec<Value>) {
        let limit = self.place(i64::try_from(limit).unwrap_or(i64::MAX));
        let sql = format!("{select} where 1 = 1{} order by {order} limit {limit}", self.sql);
        (sql, self.values)
    }
}
