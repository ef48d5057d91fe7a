-- The sandbox's database. One file holds every cloud; nothing here is shared with Loam's own state.

-- Everything that a cloud's API can create, as one JSON document a row.
-- `id` is the cloud's own identifier (integers as text); `parent` is what it is listed under, if anything.
-- A deleted object keeps its row, so that a cloud can tell "deleted" from "never existed".
CREATE TABLE IF NOT EXISTS objects (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    cloud   TEXT NOT NULL,
    kind    TEXT NOT NULL,
    id      TEXT NOT NULL,
    parent  TEXT,
    deleted INTEGER NOT NULL DEFAULT 0,
    body    TEXT NOT NULL,
    UNIQUE (cloud, kind, id)
) STRICT;
CREATE INDEX IF NOT EXISTS objects_live ON objects (cloud, kind, deleted, parent, seq);

-- Single values of a cloud: its default key, its account.
CREATE TABLE IF NOT EXISTS settings (
    cloud TEXT NOT NULL,
    name  TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (cloud, name)
) STRICT, WITHOUT ROWID;

-- Counters behind integer ids: a number that was handed out is never handed out again.
CREATE TABLE IF NOT EXISTS sequences (
    cloud TEXT NOT NULL,
    name  TEXT NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (cloud, name)
) STRICT, WITHOUT ROWID;
