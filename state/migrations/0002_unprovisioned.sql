-- A status more: created, and none of its provisioners has begun.

CREATE TABLE instances_2 (
    address               TEXT    NOT NULL,
    deposed               TEXT    NOT NULL,
    provider              INTEGER NOT NULL REFERENCES providers (id),
    schema_version        INTEGER NOT NULL,
    status                INTEGER NOT NULL CHECK (status IN (0, 1, 2, 3)),
    value                 TEXT    NOT NULL,
    private               TEXT    NOT NULL,
    dependencies          TEXT    NOT NULL,
    create_before_destroy INTEGER NOT NULL CHECK (create_before_destroy IN (0, 1)),
    PRIMARY KEY (address, deposed)
) STRICT, WITHOUT ROWID;

INSERT INTO instances_2 SELECT * FROM instances;

DROP TABLE instances;

ALTER TABLE instances_2 RENAME TO instances;
