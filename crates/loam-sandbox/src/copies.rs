//! Many of what there is one of: copies of an object with ids and names of their own, so that long lists can
//! be looked at without a thousand requests that make them.
//!
//! A copy has everything that the object has, and copies of everything that is listed under it. Copies are
//! there to be read: what belongs to one account only (an address, a balance) they share. No cloud's limit on
//! how many there may be is looked at.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, params};
use serde::Deserialize;
use serde_json::Value;

use crate::store::{Db, StoreError};

/// What is to be copied.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    cloud: String,
    /// The kind of document.
    kind: String,
    /// The object, by the id it is kept under or one in its document.
    id: String,
    /// A part of the object, by its id: the copies are further parts of the same object.
    #[serde(default)]
    part: Option<String>,
    /// Further texts that are to differ, by their names in the document.
    #[serde(default)]
    vary: Vec<String>,
    count: u32,
}

/// Old ids and names with those that a copy has instead.
type Renamed = BTreeMap<String, String>;

/// Numbers of copies begin here, far from what a cloud hands out.
const FIRST: i64 = 10_000_001;

/// Makes the copies; for each what it has instead of the original's ids. None if there is no such object.
pub fn make(db: &Db<'_>, wish: &Wish) -> Result<Option<Vec<Renamed>>, StoreError> {
    let Some(row) = Row::find(db, wish)? else {
        return Ok(None);
    };
    match &wish.part {
        None => (0..wish.count)
            .map(|_| row.copy(db, &wish.cloud, &wish.vary, Renamed::new()))
            .collect::<Result<_, _>>()
            .map(Some),
        Some(part) => row.copy_part(db, wish, part),
    }
}

/// An object with what is listed under it: looked up once for all its copies.
struct Row {
    kind: String,
    id: String,
    parent: Option<String>,
    body: Value,
    /// Kinds and ids of rows that only lead to this one, under another of its ids.
    index: Vec<(String, String)>,
    below: Vec<Row>,
}

impl Row {
    fn find(db: &Db<'_>, wish: &Wish) -> Result<Option<Row>, StoreError> {
        let found = db
            .raw()
            .prepare_cached(
                "SELECT kind, id, parent, body FROM objects WHERE cloud = ?1 AND kind = ?2 AND deleted = 0
                   AND (id = ?3 OR json_extract(body, '$.id') = ?3 OR CAST(json_extract(body, '$.id') AS TEXT) = ?3)",
            )?
            .query_row(params![wish.cloud, wish.kind, wish.id], Row::read)
            .optional()?;
        let Some(row) = found.map(Row::parsed).transpose()? else {
            return Ok(None);
        };
        row.whole(db, &wish.cloud).map(Some)
    }

    /// With what leads to it and what is under it.
    fn whole(mut self, db: &Db<'_>, cloud: &str) -> Result<Row, StoreError> {
        let target = serde_json::to_string(&self.id)?;
        let mut statement = db
            .raw()
            .prepare_cached("SELECT kind, id FROM objects WHERE cloud = ?1 AND body = ?2")?;
        let leading = statement.query_map(params![cloud, target], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        })?;
        self.index = leading.collect::<Result<_, _>>()?;
        for child in self.children(db, cloud)? {
            self.below.push(child.whole(db, cloud)?);
        }
        Ok(self)
    }

    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<(String, String, Option<String>, String)> {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    }

    fn parsed(
        (kind, id, parent, body): (String, String, Option<String>, String),
    ) -> Result<Row, StoreError> {
        Ok(Row {
            kind,
            id,
            parent,
            body: serde_json::from_str(&body)?,
            index: Vec::new(),
            below: Vec::new(),
        })
    }

    /// Copies it and what is under it. `renamed` is what is called otherwise already.
    fn copy(
        &self,
        db: &Db<'_>,
        cloud: &str,
        vary: &[String],
        mut renamed: Renamed,
    ) -> Result<Renamed, StoreError> {
        let number = db.next_number("sandbox", "copy", FIRST)?;
        let mut next = || db.next_number("sandbox", "copy", FIRST);
        // What is kept under `<parent>/<name>` has that name in its document.
        let own = self.id.rsplit('/').next().unwrap_or(&self.id);
        if !renamed.contains_key(own) {
            renamed.insert(own.to_owned(), another(own, number));
        }
        for field in vary {
            if let Some(text) = self.body.get(field).and_then(Value::as_str) {
                renamed.insert(text.to_owned(), another(text, number));
            }
        }
        ids(&self.body, &mut renamed, &mut next)?;
        let id: Vec<&str> = self.id.split('/').map(|p| of(&renamed, p)).collect();
        let id = id.join("/");
        let parent = self.parent.as_deref().map(|p| of(&renamed, p));
        insert(
            db,
            cloud,
            &self.kind,
            &id,
            parent,
            &rewritten(&self.body, &renamed),
        )?;
        for (kind, other) in &self.index {
            if let Some(new) = renamed.get(other) {
                insert(db, cloud, kind, new, None, &Value::from(id.as_str()))?;
            }
        }
        for child in &self.below {
            let more = child.copy(db, cloud, &[], renamed.clone())?;
            for (old, new) in more {
                renamed.entry(old).or_insert(new);
            }
        }
        Ok(renamed)
    }

    fn children(&self, db: &Db<'_>, cloud: &str) -> Result<Vec<Row>, StoreError> {
        let mut statement = db.raw().prepare_cached(
            "SELECT kind, id, parent, body FROM objects
             WHERE cloud = ?1 AND parent = ?2 AND deleted = 0 AND NOT (kind = ?3 AND id = ?2) ORDER BY seq",
        )?;
        let rows = statement.query_map(params![cloud, self.id, self.kind], Row::read)?;
        let mut children = Vec::new();
        for row in rows {
            children.push(Row::parsed(row?)?);
        }
        Ok(children)
    }

    fn copy_part(
        &self,
        db: &Db<'_>,
        wish: &Wish,
        part: &str,
    ) -> Result<Option<Vec<Renamed>>, StoreError> {
        let mut body = self.body.clone();
        let Some((list, at)) = list_with(&mut body, part) else {
            return Ok(None);
        };
        let mut made = Vec::new();
        for _ in 0..wish.count {
            let Some(original) = list.get(at).cloned() else {
                break;
            };
            let number = db.next_number("sandbox", "copy", FIRST)?;
            let mut renamed = Renamed::from([(part.to_owned(), another(part, number))]);
            for field in &wish.vary {
                if let Some(text) = original.get(field).and_then(Value::as_str) {
                    renamed.insert(text.to_owned(), another(text, number));
                }
            }
            let mut next = || db.next_number("sandbox", "copy", FIRST);
            ids(&original, &mut renamed, &mut next)?;
            list.push(rewritten(&original, &renamed));
            made.push(renamed);
        }
        db.raw()
            .prepare_cached(
                "UPDATE objects SET body = ?4 WHERE cloud = ?1 AND kind = ?2 AND id = ?3",
            )?
            .execute(params![
                wish.cloud,
                self.kind,
                self.id,
                serde_json::to_string(&body)?
            ])?;
        Ok(Some(made))
    }
}

fn insert(
    db: &Db<'_>,
    cloud: &str,
    kind: &str,
    id: &str,
    parent: Option<&str>,
    body: &Value,
) -> Result<(), StoreError> {
    db.raw()
        .prepare_cached(
            "INSERT INTO objects (cloud, kind, id, parent, body) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            cloud,
            kind,
            id,
            parent,
            serde_json::to_string(body)?
        ])?;
    Ok(())
}

fn of<'r>(renamed: &'r Renamed, id: &'r str) -> &'r str {
    renamed.get(id).map_or(id, String::as_str)
}

/// Another id or name of the same kind.
fn another(old: &str, number: i64) -> String {
    let hex = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_hexdigit());
    if old.parse::<i64>().is_ok() {
        return number.to_string();
    }
    if old.len() == 36 && old.split('-').all(hex) {
        return format!("{}-{number:012}", old.get(..23).unwrap_or_default());
    }
    if old.len() == 12 && hex(old) {
        return format!("{number:012x}");
    }
    let stem = old.trim_end_matches(|c: char| c.is_ascii_digit());
    match stem.len() < old.len() {
        true => format!("{stem}{number}"),
        false => format!("copy-{number}-{old}"),
    }
}

/// New ids for those that a document holds, its own and those of its parts.
fn ids(
    value: &Value,
    renamed: &mut Renamed,
    next: &mut dyn FnMut() -> Result<i64, StoreError>,
) -> Result<(), StoreError> {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let id = match value {
                    Value::String(text) => Some(text.clone()),
                    Value::Number(number) => Some(number.to_string()),
                    _ => None,
                };
                if let Some(id) =
                    id.filter(|_| matches!(name.as_str(), "id" | "uuid" | "identifier"))
                    && !renamed.contains_key(&id)
                {
                    let new = another(&id, next()?);
                    renamed.insert(id, new);
                }
                ids(value, renamed, next)?;
            }
        }
        Value::Array(items) => {
            for item in items {
                ids(item, renamed, next)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// The same with other ids. Numbers are ids only where the name of the field says so.
fn rewritten(value: &Value, renamed: &Renamed) -> Value {
    match value {
        Value::String(text) => of(renamed, text).into(),
        Value::Array(items) => items.iter().map(|v| rewritten(v, renamed)).collect(),
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| {
                let names_one = name == "id" || name.ends_with("_id");
                let new = match value {
                    Value::Number(number) if names_one => renamed
                        .get(&number.to_string())
                        .and_then(|new| new.parse::<i64>().ok())
                        .map_or_else(|| value.clone(), Value::from),
                    _ => rewritten(value, renamed),
                };
                (name.clone(), new)
            };
            Value::Object(fields.iter().map(field).collect())
        }
        other => other.clone(),
    }
}

/// The list that holds the part with this id, and where in it.
fn list_with<'v>(value: &'v mut Value, id: &str) -> Option<(&'v mut Vec<Value>, usize)> {
    // Not every cloud calls it `id`; numbers may be anything else under another name.
    let is = |item: &Value| {
        let fields = item.as_object().into_iter().flatten();
        fields.into_iter().any(|(name, field)| match field {
            Value::String(text) => text == id,
            Value::Number(number) => name == "id" && number.to_string() == id,
            _ => false,
        })
    };
    match value {
        Value::Array(items) => match items.iter().position(is) {
            Some(at) => Some((items, at)),
            None => items.iter_mut().find_map(|item| list_with(item, id)),
        },
        Value::Object(fields) => fields.values_mut().find_map(|field| list_with(field, id)),
        _ => None,
    }
}
