//! Many rows in one statement: the values of each column as an array.

use std::error::Error;

use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::{Change, Value};

/// The values that many rows have in one column.
#[derive(Debug)]
pub(super) struct Column<'a>(Vec<&'a Value>);

impl<'a> Column<'a> {
    /// The columns of rows that are changes by one statement.
    pub(super) fn of(rows: &[&'a Change]) -> Vec<Column<'a>> {
        let count = rows.first().map_or(0, |row| row.values.len());
        let column = |place| Column(rows.iter().filter_map(|row| row.values.get(place)).collect());
        (0..count).map(column).collect()
    }
}

impl ToSql for Column<'_> {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        if *kind == Type::INT8_ARRAY {
            let number = |value: &&Value| match value {
                Value::Number(number) => Ok(Some(*number)),
                Value::Null => Ok(None),
                Value::Text(_) => Err("a text among numbers"),
            };
            let all: Vec<Option<i64>> = self.0.iter().map(number).collect::<Result<_, _>>()?;
            return all.to_sql(kind, out);
        }
        let text = |value: &&'_ Value| match value {
            Value::Text(text) => Ok(Some(text.clone())),
            Value::Null => Ok(None),
            Value::Number(_) => Err("a number among texts"),
        };
        let all: Vec<Option<String>> = self.0.iter().map(text).collect::<Result<_, _>>()?;
        all.to_sql(kind, out)
    }

    fn accepts(kind: &Type) -> bool {
        [Type::INT8_ARRAY, Type::TEXT_ARRAY].contains(kind)
    }

    to_sql_checked!();
}
