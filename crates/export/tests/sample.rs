//! A file of this crate beside one that other programs have read: `sample.py` reads `sample.parquet` with
//! pyarrow and `DuckDB` and compares it with what was written. Whoever changes the writer writes the sample
//! anew and lets both read it.

use std::path::Path;

use export::parquet::{Cell, Column, GROUP_ROWS, Kind, Table};

const COLUMNS: [Column; 4] = [
    Column { name: "call", kind: Kind::Text },
    Column { name: "queue", kind: Kind::Name },
    Column { name: "arrived", kind: Kind::Time },
    Column { name: "waited", kind: Kind::Number { digits: 1 } },
];

/// Twenty calls of five topics; some have none, or have not waited.
fn row(n: i64) -> [Cell; 4] {
    let queues = ["вызов врача", "лекарства", "запись", "справка", ""];
    let queue = usize::try_from(n).ok().map(|n| queues[n % 5].to_owned());
    [
        Cell::Text(Some(format!("звонок {n}"))),
        Cell::Text(queue.filter(|_| n % 7 != 3)),
        Cell::Time(Some(1_795_338_000_000 + n * 1000)),
        Cell::Number((n % 3 != 1).then_some(n as f64 / 8.0)),
    ]
}

fn written(rows: i64) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut table = Table::new(&COLUMNS, &mut bytes).unwrap();
    (0..rows).for_each(|n| table.row(row(n)).unwrap());
    table.finish().unwrap();
    bytes
}

#[test]
fn the_file_is_the_one_that_others_have_read() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sample.parquet");
    let known = std::fs::read(&path).unwrap_or_default();
    let now = written(20);
    if known != now {
        let new = path.with_extension("new");
        std::fs::write(&new, &now).unwrap();
        panic!("{} differs: read {} by sample.py", path.display(), new.display());
    }
}

#[test]
fn a_long_table_has_groups_and_an_empty_one_has_none() {
    let (none, long) = (written(0), written(GROUP_ROWS as i64 + 1));
    for bytes in [&none, &long] {
        assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
        let end = bytes.len() - 8;
        let length = u32::from_le_bytes(bytes[end..end + 4].try_into().unwrap()) as usize;
        assert!(length > 40 && length < 2_000, "{length}");
        // The metadata begin with their version, which is 1.
        assert_eq!(bytes[end - length..end - length + 2], [0x15, 2]);
    }
    let said = |bytes: &[u8]| bytes.windows(5).filter(|part| part == b"queue").count();
    // In the schema, and once for each group.
    assert_eq!((said(&none), said(&long)), (1, 3));
}
