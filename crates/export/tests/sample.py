"""Reads sample.parquet (or the file that is named) with pyarrow and DuckDB: pip install pyarrow duckdb pytz."""
import datetime
import pathlib
import sys

import duckdb
import pyarrow.parquet

path = sys.argv[1] if len(sys.argv) > 1 else str(pathlib.Path(__file__).with_name("sample.parquet"))
queues = ["вызов врача", "лекарства", "запись", "справка", ""]
begins = datetime.datetime.fromtimestamp(1_795_338_000, datetime.timezone.utc)
expected = [
    (
        f"звонок {n}",
        None if n % 7 == 3 else queues[n % 5],
        begins + datetime.timedelta(seconds=n),
        None if n % 3 == 1 else n / 8,
    )
    for n in range(20)
]
table = pyarrow.parquet.read_table(path)
assert [tuple(row.values()) for row in table.to_pylist()] == expected, table
duckdb.sql("set timezone = 'UTC'")
assert duckdb.sql(f"select * from read_parquet('{path}')").fetchall() == expected
print("pyarrow", pyarrow.__version__, "and DuckDB", duckdb.__version__, "read what was written")
