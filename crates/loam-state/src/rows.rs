//! Rows of objects, outputs and providers: to and from the model.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use loam_address::{ConfigResourceAddr, InstanceAddr, ModuleAddr, ResourceAddr, Target};
use loam_provider::Private;
use loam_value::{Value, codec};
use rusqlite::types::Type as Column;
use rusqlite::{Connection, Row, params};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::writer::Tx;
use crate::{DeposedKey, Instance, InstanceId, OutputValue, State, Status, StoreError};

/// An object's columns. Made on the caller's thread, so that the thread that writes has
/// nothing to do but to write.
pub(crate) struct InstanceRow {
    provider: Arc<str>,
    schema_version: u64,
    pub status: Status,
    value: String,
    private: String,
    dependencies: String,
    create_before_destroy: bool,
}

impl InstanceRow {
    /// `place` names the object in an error.
    pub fn new(i: &Instance, place: impl FnOnce() -> String) -> Result<InstanceRow, StoreError> {
        Ok(InstanceRow {
            provider: i.provider.clone(),
            schema_version: i.schema_version,
            status: i.status,
            value: encoded(&i.value, place)?,
            private: i.private.0.clone(),
            dependencies: dependencies_text(&i.dependencies),
            create_before_destroy: i.create_before_destroy,
        })
    }

    /// Writes the row, new or not.
    pub fn put(&self, tx: &Tx<'_>, key: &RowKey) -> Result<(), StoreError> {
        let provider = provider_id(tx, &self.provider)?;
        tx.execute(
            "REPLACE INTO instances (address, deposed, provider, schema_version, status, value, \
             private, dependencies, create_before_destroy) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                key.address,
                key.deposed,
                provider,
                self.schema_version,
                status_code(self.status),
                self.value,
                self.private,
                self.dependencies,
                self.create_before_destroy
            ],
        )?;
        Ok(())
    }
}

/// Deeper values are refused: reading refuses JSON of more than [`codec::MAX_DEPTH`]
/// levels, and a value's level takes up to three of them, its type two.
const MAX_DEPTH: usize = codec::MAX_DEPTH / 5;

/// A value as text; `place` names it in the error.
pub(crate) fn encoded(value: &Value, place: impl FnOnce() -> String) -> Result<String, StoreError> {
    let why = if value.deep_marks().is_ephemeral() {
        "an ephemeral value".to_owned()
    } else if is_deeper(value, MAX_DEPTH) {
        format!("a value that is nested more than {MAX_DEPTH} levels deep")
    } else {
        return Ok(codec::state::encode(value));
    };
    Err(StoreError::NotStorable {
        place: place(),
        why,
    })
}

fn is_deeper(value: &Value, levels: usize) -> bool {
    let parts = value.elements().unwrap_or_default().iter();
    let entries = value.entries().into_iter().flat_map(|e| e.values());
    parts
        .chain(entries)
        .any(|v| levels == 0 || is_deeper(v, levels - 1))
}

/// What names an object's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RowKey {
    pub address: String,
    pub deposed: Arc<str>,
}

impl From<&InstanceId> for RowKey {
    fn from(id: &InstanceId) -> RowKey {
        RowKey {
            address: id.addr.to_string(),
            deposed: id
                .deposed
                .as_ref()
                .map_or_else(|| "".into(), |d| d.0.clone()),
        }
    }
}

/// True if there was such a row.
pub(crate) fn remove(tx: &Tx<'_>, key: &RowKey) -> Result<bool, StoreError> {
    let n = tx.execute(
        "DELETE FROM instances WHERE address = ?1 AND deposed = ?2",
        params![key.address, key.deposed],
    )?;
    Ok(n > 0)
}

pub(crate) fn is_there(tx: &Tx<'_>, key: &RowKey) -> Result<bool, StoreError> {
    let found = tx.first(
        "SELECT 1 FROM instances WHERE address = ?1 AND deposed = ?2",
        params![key.address, key.deposed],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// The condition of an object that is there.
pub(crate) fn status(tx: &Tx<'_>, key: &RowKey) -> Result<Option<Status>, StoreError> {
    let code = tx.first(
        "SELECT status FROM instances WHERE address = ?1 AND deposed = ?2",
        params![key.address, key.deposed],
        |r| r.get::<_, i64>(0),
    )?;
    Ok(code.and_then(parse_status))
}

pub(crate) fn rename(tx: &Tx<'_>, from: &RowKey, to: &RowKey) -> Result<(), StoreError> {
    if from != to && is_there(tx, to)? {
        return Err(StoreError::ObjectExists {
            what: to.to_string(),
        });
    }
    let n = tx.execute(
        "UPDATE instances SET address = ?3, deposed = ?4 WHERE address = ?1 AND deposed = ?2",
        params![from.address, from.deposed, to.address, to.deposed],
    )?;
    if n == 0 {
        return Err(StoreError::NoSuchObject {
            what: from.to_string(),
        });
    }
    Ok(())
}

impl std::fmt::Display for RowKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.address)?;
        if !self.deposed.is_empty() {
            write!(f, " (deposed object {})", self.deposed)?;
        }
        Ok(())
    }
}

pub(crate) fn provider_id(tx: &Tx<'_>, address: &str) -> Result<i64, StoreError> {
    let find = "SELECT id FROM providers WHERE address = ?1";
    if let Some(id) = tx.first(find, [address], |r| r.get(0))? {
        return Ok(id);
    }
    tx.execute("INSERT INTO providers (address) VALUES (?1)", [address])?;
    Ok(tx.conn.last_insert_rowid())
}

fn status_code(s: Status) -> i64 {
    match s {
        Status::Ready => 0,
        Status::Tainted => 1,
        Status::Pending => 2,
        Status::Unprovisioned => 3,
    }
}

fn parse_status(code: i64) -> Option<Status> {
    Some(match code {
        0 => Status::Ready,
        1 => Status::Tainted,
        2 => Status::Pending,
        3 => Status::Unprovisioned,
        _ => return None,
    })
}

/// The addresses with a space between them; none of their names can hold one.
pub(crate) fn dependencies_text(deps: &[ConfigResourceAddr]) -> String {
    let texts: Vec<String> = deps.iter().map(ToString::to_string).collect();
    texts.join(" ")
}

/// Reads rows; what is the same in many of them is held in memory once.
#[derive(Default)]
pub(crate) struct RowReader {
    modules: FxHashSet<ModuleAddr>,
    resources: FxHashSet<ResourceAddr>,
    dependencies: FxHashMap<String, Arc<Vec<ConfigResourceAddr>>>,
    providers: FxHashMap<i64, Arc<str>>,
}

/// A row does not hold what it should; says what.
fn wrong(column: usize, what: impl Into<String>) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Column::Null, what.into().into())
}

impl RowReader {
    /// With the table of providers.
    pub fn new(conn: &Connection) -> rusqlite::Result<RowReader> {
        let mut reader = RowReader::default();
        let mut statement = conn.prepare_cached("SELECT id, address FROM providers")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let address: String = row.get(1)?;
            reader.providers.insert(row.get(0)?, address.into());
        }
        Ok(reader)
    }

    pub fn provider(&self, row: &Row<'_>, column: usize) -> rusqlite::Result<Arc<str>> {
        self.providers
            .get(&row.get(column)?)
            .cloned()
            .ok_or_else(|| wrong(column, "there is no such provider"))
    }

    pub fn value(row: &Row<'_>, column: usize) -> rusqlite::Result<Value> {
        codec::state::decode(row.get_ref(column)?.as_str()?)
            .map_err(|why| wrong(column, format!("a value cannot be read: {why}")))
    }

    /// From two columns: the address and the deposed key.
    pub fn id(&mut self, row: &Row<'_>, column: usize) -> rusqlite::Result<InstanceId> {
        let address = row.get_ref(column)?.as_str()?;
        let mut addr = InstanceAddr::parse(address).map_err(|e| wrong(column, e.to_string()))?;
        addr.module = shared(&mut self.modules, addr.module);
        addr.resource = shared(&mut self.resources, addr.resource);
        let deposed = row.get_ref(column + 1)?.as_str()?;
        let deposed = (!deposed.is_empty()).then(|| DeposedKey(deposed.into()));
        Ok(InstanceId { addr, deposed })
    }

    pub fn dependencies(
        &mut self,
        row: &Row<'_>,
        column: usize,
    ) -> rusqlite::Result<Arc<Vec<ConfigResourceAddr>>> {
        let text = row.get_ref(column)?.as_str()?;
        if let Some(d) = self.dependencies.get(text) {
            return Ok(d.clone());
        }
        let parsed: Option<Vec<ConfigResourceAddr>> =
            text.split_whitespace().map(parse_dependency).collect();
        let parsed =
            Arc::new(parsed.ok_or_else(|| wrong(column, "a dependency has no address's form"))?);
        self.dependencies.insert(text.to_owned(), parsed.clone());
        Ok(parsed)
    }

    /// From the columns of [`INSTANCE_COLUMNS`].
    fn instance(&mut self, row: &Row<'_>) -> rusqlite::Result<(InstanceId, Instance)> {
        let instance = Instance {
            provider: self.provider(row, 2)?,
            schema_version: row.get(3)?,
            status: parse_status(row.get(4)?)
                .ok_or_else(|| wrong(4, "it has an unknown status"))?,
            value: RowReader::value(row, 5)?,
            private: Private(row.get(6)?),
            dependencies: self.dependencies(row, 7)?,
            create_before_destroy: row.get(8)?,
        };
        Ok((self.id(row, 0)?, instance))
    }
}

const INSTANCE_COLUMNS: &str = "address, deposed, provider, schema_version, status, value, \
                                private, dependencies, create_before_destroy";

fn shared<T: Clone + Eq + std::hash::Hash>(all: &mut FxHashSet<T>, one: T) -> T {
    if let Some(found) = all.get(&one) {
        return found.clone();
    }
    all.insert(one.clone());
    one
}

/// A block's address as `dependencies` holds it.
pub(crate) fn parse_dependency(text: &str) -> Option<ConfigResourceAddr> {
    match Target::parse(text).ok()? {
        Target::Resource(r) => Some(r.config()),
        // States that old versions of Terraform wrote name instances.
        Target::Instance(i) => Some(i.config_resource()),
        Target::Module(_) => None,
    }
}

/// The whole state, as of one moment.
pub(crate) fn read_state(path: &Path, conn: &Connection) -> Result<State, StoreError> {
    let db = |e: rusqlite::Error| row_error(path, None, e);
    let tx = conn.unchecked_transaction().map_err(db)?;
    let (lineage, serial, checks) = tx
        .query_row("SELECT lineage, serial, checks FROM meta", [], |r| {
            Ok((r.get(0)?, r.get(1)?, r.get(2)?))
        })
        .map_err(db)?;
    let mut reader = RowReader::new(&tx).map_err(db)?;

    let mut instances = Vec::new();
    let mut statement = tx
        .prepare_cached(&format!("SELECT {INSTANCE_COLUMNS} FROM instances"))
        .map_err(db)?;
    let mut rows = statement.query([]).map_err(db)?;
    while let Some(row) = rows.next().map_err(db)? {
        let read = reader.instance(row);
        instances.push(read.map_err(|e| row_error(path, row.get(0).ok(), e))?);
    }
    drop(rows);
    drop(statement);

    let mut outputs = BTreeMap::new();
    let mut statement = tx
        .prepare_cached("SELECT name, value, sensitive FROM outputs")
        .map_err(db)?;
    let mut rows = statement.query([]).map_err(db)?;
    while let Some(row) = rows.next().map_err(db)? {
        let place = |e| row_error(path, row.get::<_, String>(0).ok(), e);
        let name: String = row.get(0).map_err(place)?;
        let output = OutputValue {
            value: RowReader::value(row, 1).map_err(place)?,
            sensitive: row.get(2).map_err(place)?,
        };
        outputs.insert(name.into(), output);
    }
    drop(rows);
    drop(statement);
    // Reading leaves nothing to commit.
    drop(tx);
    Ok(State {
        lineage,
        serial,
        // From a sorted vector: a tree of full nodes.
        instances: instances.into_iter().collect(),
        outputs,
        checks,
    })
}

/// A row that does not hold what it should is damage, whatever SQLite calls it.
pub(crate) fn row_error(path: &Path, place: Option<String>, e: rusqlite::Error) -> StoreError {
    use rusqlite::Error::{
        FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, QueryReturnedNoRows,
    };
    let what = match &e {
        FromSqlConversionFailure(_, _, why) => why.to_string(),
        IntegralValueOutOfRange(..) => "a number is out of range".into(),
        InvalidColumnType(..) => "a column has the wrong type".into(),
        QueryReturnedNoRows => "its serial is missing".into(),
        _ => return StoreError::sqlite(path, &e),
    };
    StoreError::Damaged {
        path: path.to_path_buf(),
        what: match place {
            Some(p) => format!("{p}: {what}"),
            None => what,
        },
    }
}
