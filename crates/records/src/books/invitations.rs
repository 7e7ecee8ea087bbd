//! Invitations to the desk: links that open it for some time, without a password.

use dialplan::{AgentId, QueueId};
use journal::CallId;

use super::Books;
use crate::database::{Change, DatabaseError, Row, Value};

/// An invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Which: sorts by the time of its making, as identities of calls do.
    pub id: CallId,
    /// Whose desk it opens.
    pub agent: AgentId,
    /// The queues whose calls the desk takes; `None` for all of the agent's.
    pub topics: Option<Vec<QueueId>>,
    /// Who made it.
    pub made_by: String,
    /// When, in milliseconds since the Unix epoch.
    pub made_at: i64,
    /// When it ends, in milliseconds since the Unix epoch.
    pub expires_at: i64,
    /// When it was taken back.
    pub revoked_at: Option<i64>,
}

const COLUMNS: &str = "id, agent, topics, made_by, made_at, expires_at, revoked_at";

impl Books {
    /// Keeps an invitation; `hash` is that of its secret.
    ///
    /// # Errors
    /// If the database does not take it.
    pub fn add_invitation(
        &mut self,
        invitation: &Invitation,
        hash: &str,
    ) -> Result<(), DatabaseError> {
        const PUT: &str = "insert into invitations \
            (id, hash, agent, topics, made_by, made_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7)";
        let topics = invitation
            .topics
            .as_ref()
            .map(|topics| topics.iter().map(QueueId::as_str).collect::<Vec<_>>().join(","));
        let values: Vec<Value> = vec![
            invitation.id.to_string().into(),
            hash.into(),
            invitation.agent.to_string().into(),
            topics.into(),
            invitation.made_by.as_str().into(),
            invitation.made_at.into(),
            invitation.expires_at.into(),
        ];
        self.apply(&[Change { sql: PUT, values }])
    }

    /// Takes an invitation back, and with it the sessions of who came by it. Says whether there was one that was not
    /// taken back.
    ///
    /// # Errors
    /// If the database does not take it.
    pub fn revoke_invitation(&mut self, id: CallId, at: i64) -> Result<bool, DatabaseError> {
        const REVOKE: &str =
            "update invitations set revoked_at = $1 where id = $2 and revoked_at is null";
        const END: &str = "delete from sessions where invitation = $1";
        let stands = self.rows(
            "select id from invitations where id = $1 and revoked_at is null",
            &[id.to_string().into()],
        )?;
        if stands.is_empty() {
            return Ok(false);
        }
        let revoke = Change { sql: REVOKE, values: vec![at.into(), id.to_string().into()] };
        let end = Change { sql: END, values: vec![id.to_string().into()] };
        self.apply(&[revoke, end])?;
        Ok(true)
    }

    /// The invitations that open a desk at this time, the newest first; at most `limit`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn invitations(
        &mut self,
        now: i64,
        limit: usize,
    ) -> Result<Vec<Invitation>, DatabaseError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let sql = format!(
            "select {COLUMNS} from invitations where expires_at > $1 and revoked_at is null \
             order by id desc limit $2"
        );
        let rows = self.rows(&sql, &[now.into(), limit.into()])?;
        Ok(rows.iter().filter_map(invitation).collect())
    }

    /// The invitation whose secret has this hash, if it opens a desk at this time.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn invitation(
        &mut self,
        hash: &str,
        now: i64,
    ) -> Result<Option<Invitation>, DatabaseError> {
        let sql = format!(
            "select {COLUMNS} from invitations \
             where hash = $1 and expires_at > $2 and revoked_at is null"
        );
        let rows = self.rows(&sql, &[hash.into(), now.into()])?;
        Ok(rows.first().and_then(invitation))
    }
}

fn invitation(row: &Row) -> Option<Invitation> {
    let queues =
        |text: &str| text.split(',').filter(|id| !id.is_empty()).map(QueueId::from).collect();
    Some(Invitation {
        id: row.text(0)?.parse().ok()?,
        agent: row.text(1)?.into(),
        topics: row.text(2).map(queues),
        made_by: row.text(3)?.to_owned(),
        made_at: row.number(4)?,
        expires_at: row.number(5)?,
        revoked_at: row.number(6),
    })
}
