"""The tables. A file that was made by other ones is not read: their text is part of its name."""

from __future__ import annotations

import hashlib

#: DuckDB's own format, so that an older DuckDB reads what a newer one made.
STORAGE_VERSION = "v1.2.0"

#: What one run, key and (in rollups) stretch of steps comes to; merged by ``figures`` and ``rollups``.
TABLES = """
create table runs (
    id integer, folder varchar, run varchar, project varchar, name varchar, display_name varchar, status varchar,
    created_at double, started_at double, ended_at double, duration_s double, host varchar, "group" varchar,
    job_type varchar, tags varchar[], note varchar, pinned boolean, archived boolean, deleted boolean,
    best double, best_metric varchar, best_step bigint,
    artifacts varchar,  -- a JSON array of artifacts.json's entries, with their role
    digest varchar);
create table params (run integer, key varchar, value varchar, number double);
create table summaries (run integer, key varchar, value varchar, number double);
create table tracked (
    run integer, position varchar, records bigint, low_step bigint, high_step bigint, low_ts double, high_ts double,
    bare bigint);
create table keys (id integer, name varchar);
create table series (
    run integer, key integer, n bigint, first_step bigint, last_step bigint, last double,
    min double, min_step bigint, max double, max_step bigint, mean double,
    n_nan bigint, n_posinf bigint, n_neginf bigint, last_ts double,
    finite bigint, first_ts double, first_rec bigint, last_rec bigint, min_rec bigint, max_rec bigint);
create table points (
    run integer, key integer, rec bigint, step bigint, ts double, value double, stage varchar);
create table rolled (run integer, key integer, level tinyint);
create table rollups (
    run integer, key integer, level tinyint, bucket bigint, x_first bigint, x_last bigint, "first" double,
    "last" double, ts_first double, ts_last double, "min" double, "max" double, mean double,
    n bigint, n_nan bigint, n_posinf bigint, n_neginf bigint);
create table media (run integer, key varchar, step bigint, ts double, kind varchar, path varchar, caption varchar);
create table alerts (run integer, ts double, step bigint, level varchar, title varchar, text varchar);
create view named_series as select s.* exclude (key), k.name as key from series s join keys k on s.key = k.id;
"""

#: Tables with rows of one run, by the column ``run``.
OF_RUNS = ("params", "summaries", "tracked", "series", "points", "rolled", "rollups", "media", "alerts")
#: Those that are filled from event files.
OF_EVENTS = ("series", "points", "rolled", "rollups", "media", "alerts")

SCHEMA = hashlib.sha256(TABLES.encode()).hexdigest()[:12]
