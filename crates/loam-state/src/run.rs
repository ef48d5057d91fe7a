//! An operation's hand on the state: every change goes through a [`Run`].

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use loam_address::InstanceAddr;
use loam_provider::{Private, Recovery};
use rusqlite::params;

use crate::pending::Pending;
use crate::record::{Encoded, EncodedFinish, close_intent, write_change};
use crate::rows::{self, InstanceRow, RowKey, dependencies_text, encoded, provider_id};
use crate::time::to_millis;
use crate::writer::Tx;
use crate::{
    ChangeKind, DeposedKey, Finish, Instance, InstanceId, IntentId, IntentRecord, LockGuard,
    OpenIntent, Operation, OutputValue, RowChange, RunId, RunOutcome, StateIdentity, Status, Store,
    StoreError,
};

/// A run in the history that is under way. Cheap to clone.
///
/// Each method that writes answers after its transaction is on the disk; all that are
/// called before the first is answered share transactions.
#[derive(Clone, Debug)]
pub struct Run {
    store: Store,
    id: RunId,
    lock: Option<Arc<str>>,
}

/// A change that needs no intent, because nothing outside could be left over by a crash.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The object.
    pub id: InstanceId,
    /// What was done.
    pub action: ChangeKind,
    /// When it was begun.
    pub started: SystemTime,
    /// How it ended.
    pub finish: Finish,
}

/// Refuses once the lock that a run was begun with is not held any more.
fn check_lock(tx: &Tx<'_>, lock: Option<&str>) -> Result<(), StoreError> {
    let Some(lock) = lock else {
        return Ok(());
    };
    let held = tx.first("SELECT 1 FROM lock WHERE lock = ?1", [lock], |_| Ok(()))?;
    held.ok_or_else(|| StoreError::LockLost {
        path: tx.path.to_path_buf(),
    })
}

macro_rules! or_answer {
    ($result:expr) => {
        match $result {
            Ok(v) => v,
            Err(e) => return Pending::ready(Err(e)),
        }
    };
}

impl Store {
    /// Begins a run. With a lock, runs whose process ended without a word are marked as
    /// interrupted, and no change is begun any more once the lock is broken.
    pub fn begin_run(
        &self,
        operation: &Operation,
        lock: Option<&LockGuard>,
    ) -> Result<Run, StoreError> {
        let o = operation.clone();
        let locked = lock.is_some();
        let id = self.submit(move |tx| {
            if locked {
                tx.execute(
                    "UPDATE runs SET outcome = 'interrupted' WHERE outcome IS NULL",
                    [],
                )?;
            }
            tx.execute(
                "INSERT INTO runs (operation, command, who, host, pid, started) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![o.id, o.command, o.who, o.host, o.pid, to_millis(o.started)],
            )?;
            Ok(RunId(tx.conn.last_insert_rowid()))
        });
        Ok(Run {
            store: self.clone(),
            id: id.wait()?,
            lock: lock.map(|l| l.id().into()),
        })
    }
}

impl Run {
    /// Its name in the history.
    pub fn id(&self) -> RunId {
        self.id
    }

    /// The state that it changes.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Writes down what is about to be done. Only after the answer may the request be sent.
    pub fn intend(&self, record: &IntentRecord) -> Pending<IntentId> {
        let place = || record.id.to_string();
        let prior = or_answer!(encoded(&record.prior, place));
        let planned = or_answer!(encoded(&record.planned, place));
        let key = RowKey::from(&record.id);
        let action = ChangeKind::from(record.action);
        let started = to_millis(SystemTime::now());
        let provider = record.provider.clone();
        let schema_version = record.schema_version as i64;
        let private = record.private.0.clone();
        let dependencies = dependencies_text(&record.dependencies);
        let create_before_destroy = record.create_before_destroy;
        let (run, lock) = (self.id, self.lock.clone());
        self.store.submit(move |tx| {
            check_lock(tx, lock.as_deref())?;
            let id = write_change(tx, run, &key, action, started, None, None)?;
            let provider = provider_id(tx, &provider)?;
            tx.execute(
                "INSERT INTO intents (change, provider, schema_version, prior, planned, private, \
                 dependencies, create_before_destroy) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![
                    id,
                    provider,
                    schema_version,
                    prior,
                    planned,
                    private,
                    dependencies,
                    create_before_destroy
                ],
            )?;
            Ok(IntentId(id))
        })
    }

    /// Writes down that an action is about to run. Only after the answer may it be sent.
    /// The entry has no intent: nothing could be found out by asking a provider.
    pub fn intend_invocation(&self, action: &str) -> Pending<IntentId> {
        let key = RowKey {
            address: action.to_owned(),
            deposed: "".into(),
        };
        let started = to_millis(SystemTime::now());
        let (run, lock) = (self.id, self.lock.clone());
        self.store.submit(move |tx| {
            check_lock(tx, lock.as_deref())?;
            let id = write_change(tx, run, &key, ChangeKind::Invoke, started, None, None)?;
            Ok(IntentId(id))
        })
    }

    /// Closes the entry of an action, of this run or an earlier one. `error` says what
    /// went wrong; it holds no secrets.
    pub fn finish_invocation(&self, entry: IntentId, error: Option<String>) -> Pending<()> {
        let ended = to_millis(SystemTime::now());
        self.store
            .submit(move |tx| close_intent(tx, entry, ended, error.as_deref()).map(drop))
    }

    /// Writes down what was learned before the request that creates, with its intent.
    pub fn note(&self, intent: IntentId, private: &Private) -> Pending<()> {
        let private = private.0.clone();
        self.store.submit(move |tx| {
            crate::record::open_intent_key(tx, intent)?;
            tx.execute(
                "UPDATE intents SET private = ?2 WHERE change = ?1",
                params![intent.0, private],
            )?;
            Ok(())
        })
    }

    /// Writes what is known of an object whose change is not at its end yet.
    pub fn reveal(&self, intent: IntentId, object: &Instance) -> Pending<()> {
        let row = or_answer!(InstanceRow::new(object, || "an object".to_owned()));
        self.store.submit(move |tx| {
            let key = crate::record::open_intent_key(tx, intent)?;
            row.put(tx, &key)?;
            tx.execute(
                "UPDATE intents SET revealed = 1 WHERE change = ?1",
                [intent.0],
            )?;
            tx.serial += 1;
            Ok(())
        })
    }

    /// Closes an intent, of this run or an earlier one, and writes what came of it.
    pub fn finish(&self, intent: IntentId, finish: &Finish) -> Pending<()> {
        let finish = or_answer!(EncodedFinish::new(finish));
        let ended = to_millis(SystemTime::now());
        self.store.submit(move |tx| {
            let key = close_intent(tx, intent, ended, finish.error.as_deref())?;
            finish.write(tx, &key)
        })
    }

    /// Leaves an intent open for the next run, and says why.
    pub fn leave_open(&self, intent: IntentId, reason: impl Into<String>) -> Pending<()> {
        let reason = reason.into();
        self.store.submit(move |tx| {
            let n = tx.execute(
                "UPDATE intents SET reason = ?2 WHERE change = ?1",
                params![intent.0, reason],
            )?;
            if n == 0 {
                return Err(StoreError::NoSuchIntent { intent });
            }
            Ok(())
        })
    }

    /// Closes an intent of an earlier run with what its provider found, or leaves it open
    /// if that cannot be told. `provisions`: provisioners run with the object, which has been
    /// created if it is there, and have not begun.
    pub fn resolve(
        &self,
        intent: &OpenIntent,
        recovery: &Recovery,
        provisions: bool,
    ) -> Pending<()> {
        let (state, private, pending) = match recovery {
            Recovery::Unknown(reason) => return self.leave_open(intent.id, reason.clone()),
            Recovery::Absent => return self.finish(intent.id, &Finish::absent()),
            Recovery::Exists {
                state,
                private,
                pending,
            } => (state, private, *pending),
        };
        let record = &intent.record;
        let object = Instance {
            provider: record.provider.clone(),
            schema_version: record.schema_version,
            status: match (pending, provisions) {
                (_, true) => Status::Unprovisioned,
                (true, false) => Status::Pending,
                (false, false) => Status::Ready,
            },
            value: state.clone(),
            private: private.clone(),
            dependencies: record.dependencies.clone(),
            create_before_destroy: record.create_before_destroy,
        };
        let mut row = or_answer!(InstanceRow::new(&object, || record.id.to_string()));
        let (id, ended) = (intent.id, to_millis(SystemTime::now()));
        // An object that was there before and had to be replaced still has to be.
        let keeps_taint = ChangeKind::from(record.action) != ChangeKind::Create;
        self.store.submit(move |tx| {
            let key = close_intent(tx, id, ended, None)?;
            if keeps_taint && rows::status(tx, &key)? == Some(Status::Tainted) {
                row.status = Status::Tainted;
            }
            row.put(tx, &key)?;
            tx.serial += 1;
            Ok(())
        })
    }

    /// Writes a change that needs no intent, with its entry in the history.
    pub fn record(&self, record: &Record) -> Pending<()> {
        let finish = or_answer!(EncodedFinish::new(&record.finish));
        let (key, action) = (RowKey::from(&record.id), record.action);
        let (run, started) = (self.id, to_millis(record.started));
        let ended = to_millis(SystemTime::now());
        self.store.submit(move |tx| {
            let error = finish.error.as_deref();
            write_change(tx, run, &key, action, started, Some(ended), error)?;
            finish.write(tx, &key)
        })
    }

    /// Writes changes without an effect outside, all or none, under one name in the
    /// history. Outputs and checks are written only if they differ.
    pub fn write_rows(&self, action: ChangeKind, changes: &[RowChange]) -> Pending<()> {
        self.write(action, changes, None, None)
    }

    /// Like [`Run::write_rows`], but only if the state still is `expected`; the state can
    /// get another identity with it.
    pub(crate) fn write(
        &self,
        action: ChangeKind,
        changes: &[RowChange],
        expected: Option<StateIdentity>,
        identity: Option<StateIdentity>,
    ) -> Pending<()> {
        let changes: Result<Vec<Encoded>, StoreError> = changes.iter().map(Encoded::new).collect();
        let changes = or_answer!(changes);
        let (run, at) = (self.id, to_millis(SystemTime::now()));
        self.store.submit(move |tx| {
            if let Some(expected) = expected {
                crate::record::check_identity(tx, expected)?;
            }
            let mut changed = false;
            for c in &changes {
                changed |= c.write(tx)?;
                if let Some((key, message)) = c.history() {
                    write_change(tx, run, key, action, at, Some(at), None)?;
                    if let Some(m) = message {
                        tx.execute(
                            "UPDATE changes SET message = ?2 WHERE id = ?1",
                            params![tx.conn.last_insert_rowid(), m],
                        )?;
                    }
                }
            }
            if let Some(identity) = identity {
                tx.execute("UPDATE meta SET lineage = ?1", [identity.lineage])?;
                tx.serial = identity.serial;
            } else if changed {
                tx.serial += 1;
            }
            Ok(())
        })
    }

    /// Puts an instance's current object aside, so that its replacement can be created
    /// first. Answers under which key it is kept.
    pub fn depose(&self, addr: &InstanceAddr) -> Pending<DeposedKey> {
        let current = RowKey::from(&InstanceId::from(addr.clone()));
        let (run, at) = (self.id, to_millis(SystemTime::now()));
        self.store.submit(move |tx| {
            let mut aside = current.clone();
            loop {
                let random = uuid::Uuid::new_v4().simple().to_string();
                aside.deposed = random.chars().take(8).collect::<String>().into();
                if !rows::is_there(tx, &aside)? {
                    break;
                }
            }
            rows::rename(tx, &current, &aside)?;
            write_change(tx, run, &aside, ChangeKind::Depose, at, Some(at), None)?;
            tx.serial += 1;
            Ok(DeposedKey(aside.deposed))
        })
    }

    /// Makes an object that was put aside the current one again, after its replacement
    /// failed. The place must be free.
    pub fn restore(&self, addr: &InstanceAddr, key: &DeposedKey) -> Pending<()> {
        let change = RowChange::Move {
            from: InstanceId {
                addr: addr.clone(),
                deposed: Some(key.clone()),
            },
            to: addr.clone().into(),
        };
        self.write_rows(ChangeKind::Restore, &[change])
    }

    /// Replaces the root module's outputs. Writes nothing if they are the same.
    pub fn set_outputs(&self, outputs: BTreeMap<Arc<str>, OutputValue>) -> Pending<()> {
        self.write_rows(ChangeKind::Edit, &[RowChange::Outputs(outputs)])
    }

    /// Replaces the results of the checks. Writes nothing if they are the same.
    pub fn set_checks(&self, checks: Option<String>) -> Pending<()> {
        self.write_rows(ChangeKind::Edit, &[RowChange::Checks(checks)])
    }

    /// Ends the run, with its counts. `message` says what went wrong; it holds no secrets.
    pub fn end(&self, outcome: RunOutcome, message: Option<String>) -> Pending<()> {
        let (run, ended) = (self.id, to_millis(SystemTime::now()));
        self.store.submit(move |tx| {
            tx.execute(
                "UPDATE runs SET ended = ?2, outcome = ?3, message = ?4, \
                 (created, updated, deleted, other, failed) = (\
                 SELECT count(*) FILTER (WHERE result = 'done' AND action = 'create'), \
                 count(*) FILTER (WHERE result = 'done' AND action = 'update'), \
                 count(*) FILTER (WHERE result = 'done' AND action = 'delete'), \
                 count(*) FILTER (WHERE result = 'done' \
                 AND action NOT IN ('create', 'update', 'delete')), \
                 count(*) FILTER (WHERE result <> 'done') \
                 FROM changes WHERE run = ?1) WHERE id = ?1",
                params![run.0, ended, outcome.as_str(), message],
            )?;
            Ok(())
        })
    }
}
