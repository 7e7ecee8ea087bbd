//! A PostgreSQL server.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use tokio::runtime::Runtime;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Statement};

use super::columns::Column;
use super::server::PostgresServer;
use super::tls::Tls;
use super::{Change, DatabaseError, Row, Trouble, Value};
use crate::rows;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a server may be silent before it counts as gone.
const ANSWER: Duration = Duration::from_secs(10);
/// Statements that are on the way at once.
const ON_THE_WAY: usize = 256;
/// The lock of who writes the journal: "122" to tell it from those of other programs.
const CLAIM: &str = "select pg_try_advisory_lock(122122122)::int::bigint";
/// Many entries of the journal at once, as [`rows::JOURNAL`] puts in one: a statement costs more than a row.
const JOURNAL: &str = "insert into journal (seq, at, kind, call, body) \
    select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[])";
/// Of a table that was empty when the plan was made PostgreSQL goes through all rows, also when there are
/// thousands later.
const BY_INDEX: &str = "set enable_seqscan = off";
/// How long the lock of a program that has just been killed is waited for.
const CLAIM_WITHIN: Duration = Duration::from_secs(5);
const CLAIM_EVERY: Duration = Duration::from_millis(100);

pub(crate) struct Postgres {
    client: Client,
    prepared: BTreeMap<&'static str, Statement>,
    /// Drives the connection while something is asked of it, and only then.
    driver: Driver,
}

/// Drives a connection. What holds one may go where others must not wait, as tasks do.
struct Driver(Option<Runtime>);

impl Driver {
    fn wait<T>(
        &self,
        asked: impl Future<Output = Result<T, DatabaseError>>,
    ) -> Result<T, DatabaseError> {
        match &self.0 {
            Some(runtime) => runtime.block_on(asked),
            None => Err(DatabaseError::new(Trouble::Failing, "the connection has ended")),
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Postgres {
    pub(super) fn connect(server: &PostgresServer) -> Result<Postgres, DatabaseError> {
        let failing = |error: std::io::Error| DatabaseError::new(Trouble::Failing, error);
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failing)?;
        let tls = Tls::new(&server.trust).map_err(failing)?;
        let mut config = server.config.clone();
        config.connect_timeout(CONNECT).tcp_user_timeout(ANSWER);
        let driver = Driver(Some(runtime));
        let client = driver.wait(async {
            let (client, connection) = config.connect(tls).await?;
            tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::debug!(%error, "the connection to PostgreSQL ended");
                }
            });
            // A commit is on the server's disk when it returns, whatever the server's settings say.
            client.batch_execute("set synchronous_commit = on").await?;
            Ok(client)
        })?;
        Ok(Postgres { client, prepared: BTreeMap::new(), driver })
    }

    /// Takes the lock of who writes.
    pub(super) fn claim(&mut self) -> Result<(), DatabaseError> {
        let mut waited = Duration::ZERO;
        loop {
            if self.rows(CLAIM, &[])?.first().and_then(|row| row.number(0)) == Some(1) {
                return self.run(BY_INDEX);
            }
            if waited >= CLAIM_WITHIN {
                return Err(DatabaseError::new(Trouble::Taken, "another program writes to it"));
            }
            #[allow(clippy::disallowed_methods)] // on a thread that only waits
            std::thread::sleep(CLAIM_EVERY);
            waited += CLAIM_EVERY;
        }
    }

    pub(super) fn apply(&mut self, changes: &[Change]) -> Result<(), DatabaseError> {
        let Postgres { client, prepared, driver } = self;
        let (entries, changes): (Vec<&Change>, Vec<&Change>) =
            changes.iter().partition(|change| change.sql == rows::JOURNAL);
        driver.wait(in_time(async {
            for sql in changes.iter().map(|change| change.sql).chain([JOURNAL]) {
                if !prepared.contains_key(sql) {
                    prepared.insert(sql, client.prepare(sql).await?);
                }
            }
            client.batch_execute("begin").await?;
            let sent = async {
                if !entries.is_empty() {
                    client.execute_raw(&prepared[JOURNAL], Column::of(&entries)).await?;
                }
                // All are sent without waiting for answers, in their order.
                stream::iter(changes)
                    .map(|change| client.execute_raw(&prepared[change.sql], &change.values))
                    .buffered(ON_THE_WAY)
                    .try_for_each(|_| async { Ok(()) })
                    .await
            };
            match sent.await {
                Ok(()) => client.batch_execute("commit").await,
                Err(error) => {
                    // The first error says why; a connection that is gone rolls back by itself.
                    let _ = client.batch_execute("rollback").await;
                    Err(error)
                }
            }
        }))
    }

    pub(super) fn rows(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, DatabaseError> {
        let Postgres { client, driver, .. } = self;
        driver.wait(in_time(async {
            let rows: Vec<_> = client.query_raw(sql, values).await?.try_collect().await?;
            rows.iter().map(row).collect()
        }))
    }

    pub(super) fn run(&mut self, sql: &str) -> Result<(), DatabaseError> {
        let Postgres { client, driver, .. } = self;
        let done = driver.wait(in_time(client.batch_execute(sql)));
        if done.is_err() {
            let _ = driver.wait(in_time(client.batch_execute("rollback")));
        }
        done
    }
}

async fn in_time<T>(
    asked: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, DatabaseError> {
    match tokio::time::timeout(ANSWER, asked).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(DatabaseError::new(Trouble::Failing, "the server does not answer")),
    }
}

fn row(row: &tokio_postgres::Row) -> Result<Row, tokio_postgres::Error> {
    let value = |(index, column): (usize, &tokio_postgres::Column)| {
        if *column.type_() == Type::INT8 {
            Ok(Value::from(row.try_get::<_, Option<i64>>(index)?))
        } else {
            Ok(Value::from(row.try_get::<_, Option<String>>(index)?))
        }
    };
    Ok(Row(row.columns().iter().enumerate().map(value).collect::<Result<_, _>>()?))
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Number(number) => number.to_sql(kind, out),
            Value::Text(text) => text.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        [Type::INT8, Type::TEXT].contains(kind)
    }

    to_sql_checked!();
}
