-- The first version of the state. What each table means is told in state/README.md.

CREATE TABLE meta (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    lineage TEXT    NOT NULL,
    serial  INTEGER NOT NULL CHECK (serial >= 0),
    checks  TEXT
) STRICT;

CREATE TABLE providers (
    id      INTEGER PRIMARY KEY,
    address TEXT    NOT NULL UNIQUE
) STRICT;

CREATE TABLE instances (
    address               TEXT    NOT NULL,
    deposed               TEXT    NOT NULL,
    provider              INTEGER NOT NULL REFERENCES providers (id),
    schema_version        INTEGER NOT NULL,
    status                INTEGER NOT NULL CHECK (status IN (0, 1, 2)),
    value                 TEXT    NOT NULL,
    private               TEXT    NOT NULL,
    dependencies          TEXT    NOT NULL,
    create_before_destroy INTEGER NOT NULL CHECK (create_before_destroy IN (0, 1)),
    PRIMARY KEY (address, deposed)
) STRICT, WITHOUT ROWID;

CREATE TABLE outputs (
    name      TEXT    PRIMARY KEY,
    value     TEXT    NOT NULL,
    sensitive INTEGER NOT NULL CHECK (sensitive IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
    id        INTEGER PRIMARY KEY,
    operation TEXT    NOT NULL,
    command   TEXT    NOT NULL,
    who       TEXT    NOT NULL,
    host      TEXT    NOT NULL,
    pid       INTEGER NOT NULL,
    started   INTEGER NOT NULL,
    ended     INTEGER,
    outcome   TEXT    CHECK (outcome IN ('succeeded', 'failed', 'stopped', 'interrupted')),
    message   TEXT,
    created   INTEGER NOT NULL DEFAULT 0,
    updated   INTEGER NOT NULL DEFAULT 0,
    deleted   INTEGER NOT NULL DEFAULT 0,
    other     INTEGER NOT NULL DEFAULT 0,
    failed    INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE changes (
    id      INTEGER PRIMARY KEY,
    run     INTEGER NOT NULL REFERENCES runs (id),
    address TEXT    NOT NULL,
    deposed TEXT    NOT NULL,
    action  TEXT    NOT NULL,
    started INTEGER NOT NULL,
    ended   INTEGER,
    result  TEXT    NOT NULL CHECK (result IN ('open', 'done', 'failed')),
    message TEXT
) STRICT;

CREATE INDEX changes_by_run ON changes (run);

CREATE TABLE intents (
    change                INTEGER PRIMARY KEY REFERENCES changes (id),
    provider              INTEGER NOT NULL REFERENCES providers (id),
    schema_version        INTEGER NOT NULL,
    prior                 TEXT    NOT NULL,
    planned               TEXT    NOT NULL,
    private               TEXT    NOT NULL,
    dependencies          TEXT    NOT NULL,
    create_before_destroy INTEGER NOT NULL CHECK (create_before_destroy IN (0, 1)),
    revealed              INTEGER NOT NULL DEFAULT 0 CHECK (revealed IN (0, 1)),
    reason                TEXT
) STRICT;

CREATE TABLE lock (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    lock    TEXT    NOT NULL,
    command TEXT    NOT NULL,
    who     TEXT    NOT NULL,
    host    TEXT    NOT NULL,
    pid     INTEGER NOT NULL,
    since   INTEGER NOT NULL
) STRICT;
