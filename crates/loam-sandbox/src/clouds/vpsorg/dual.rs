//! Objects that have both a uuid and a number: a path may name either.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::store::{Collection, Db, StoreError};

use super::CLOUD;

/// A kind of object with two ids.
#[derive(Debug, Clone, Copy)]
pub struct Dual {
    /// The kind, under which the objects are kept by uuid.
    pub kind: &'static str,
    /// The kind under which their numbers are kept.
    pub numbers: &'static str,
    /// The first number.
    pub first: i64,
}

impl Dual {
    /// The objects, by uuid.
    pub fn by_uuid<'a>(&self, db: &'a Db<'_>) -> Collection<'a> {
        db.collection(CLOUD, self.kind)
    }

    /// A new number for the object that will have this uuid.
    pub fn number(&self, db: &Db<'_>, uuid: &str) -> Result<i64, StoreError> {
        let number = db.next_number(CLOUD, self.numbers, self.first)?;
        db.collection(CLOUD, self.numbers)
            .insert(&number.to_string(), None, &uuid)?;
        Ok(number)
    }

    /// The object with this uuid or number.
    pub fn find<T: DeserializeOwned>(
        &self,
        db: &Db<'_>,
        id: &str,
    ) -> Result<Option<T>, StoreError> {
        if !id.bytes().all(|byte| byte.is_ascii_digit()) {
            return self.by_uuid(db).live(&id.to_ascii_lowercase());
        }
        match db.collection(CLOUD, self.numbers).live::<String>(id)? {
            Some(uuid) => self.by_uuid(db).live(&uuid),
            None => Ok(None),
        }
    }

    /// Adds an object.
    pub fn insert<T: Serialize>(
        &self,
        db: &Db<'_>,
        uuid: &str,
        parent: Option<&str>,
        doc: &T,
    ) -> Result<(), StoreError> {
        self.by_uuid(db).insert(uuid, parent, doc)
    }
}
