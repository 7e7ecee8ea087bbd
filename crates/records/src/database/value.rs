/// A value of a row or of a statement.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Number(i64),
    Text(String),
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Number(number)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

/// A statement that changes something. Parameters are written `$1`, `$2` … and appear in this order.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) sql: &'static str,
    pub(crate) values: Vec<Value>,
}

/// What a question gave.
#[derive(Debug)]
pub(crate) struct Row(pub(crate) Vec<Value>);

impl Row {
    /// The number in a column, if there is one.
    pub(crate) fn number(&self, column: usize) -> Option<i64> {
        match self.0.get(column)? {
            Value::Number(number) => Some(*number),
            Value::Null | Value::Text(_) => None,
        }
    }

    /// The text in a column, if there is one.
    pub(crate) fn text(&self, column: usize) -> Option<&str> {
        match self.0.get(column)? {
            Value::Text(text) => Some(text),
            Value::Null | Value::Number(_) => None,
        }
    }
}
