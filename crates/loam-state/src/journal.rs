//! Changes that were begun and of which no end is recorded.

use loam_provider::{IntentAction, Private};

use crate::rows::{RowReader, row_error};
use crate::time::from_millis;
use crate::{
    ChangeKind, IntentId, IntentRecord, OpenIntent, OpenInvocation, RunId, Store, StoreError,
};

impl Store {
    /// The journal's open entries, oldest first. While an operation holds the lock, these
    /// include what it is doing right now.
    pub fn open_intents(&self) -> Result<Vec<OpenIntent>, StoreError> {
        let Some(conn) = self.connection()? else {
            return Ok(Vec::new());
        };
        let db = |e| row_error(self.path(), Some("the journal".into()), e);
        let tx = conn.unchecked_transaction().map_err(db)?;
        let mut reader = RowReader::new(&tx).map_err(db)?;
        let mut statement = tx
            .prepare(
                "SELECT c.address, c.deposed, c.id, c.run, c.started, c.action, i.provider, \
                 i.schema_version, i.prior, i.planned, i.private, i.dependencies, \
                 i.create_before_destroy, i.revealed, i.reason \
                 FROM intents i JOIN changes c ON c.id = i.change ORDER BY c.id",
            )
            .map_err(db)?;
        statement
            .query_map([], |r| {
                let action = match ChangeKind::parse(r.get_ref(5)?.as_str()?) {
                    Some(ChangeKind::Update) => IntentAction::Update,
                    Some(ChangeKind::Delete) => IntentAction::Delete,
                    // The table holds no others.
                    _ => IntentAction::Create,
                };
                Ok(OpenIntent {
                    id: IntentId(r.get(2)?),
                    run: RunId(r.get(3)?),
                    started: from_millis(r.get(4)?),
                    record: IntentRecord {
                        id: reader.id(r, 0)?,
                        action,
                        provider: reader.provider(r, 6)?,
                        schema_version: r.get(7)?,
                        prior: RowReader::value(r, 8)?,
                        planned: RowReader::value(r, 9)?,
                        private: Private(r.get(10)?),
                        dependencies: reader.dependencies(r, 11)?,
                        create_before_destroy: r.get(12)?,
                    },
                    revealed: r.get(13)?,
                    reason: r.get(14)?,
                })
            })
            .and_then(Iterator::collect)
            .map_err(db)
    }
    /// The runs of actions of which no end is recorded, oldest first. While an operation
    /// holds the lock, these include what it is doing right now.
    pub fn open_invocations(&self) -> Result<Vec<OpenInvocation>, StoreError> {
        let Some(conn) = self.connection()? else {
            return Ok(Vec::new());
        };
        let db = |e| row_error(self.path(), Some("the journal".into()), e);
        let mut statement = conn
            .prepare(
                "SELECT id, address, started FROM changes \
                 WHERE action = 'invoke' AND result = 'open' ORDER BY id",
            )
            .map_err(db)?;
        statement
            .query_map([], |r| {
                Ok(OpenInvocation {
                    id: IntentId(r.get(0)?),
                    action: r.get(1)?,
                    started: from_millis(r.get(2)?),
                })
            })
            .and_then(Iterator::collect)
            .map_err(db)
    }
}
