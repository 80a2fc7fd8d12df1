-- Format 1: the tables.

-- Texts are compared byte by byte: nobody searches them in a language's order, and an update of the system's collations
-- cannot damage their indexes. Times are seconds since the epoch.

CREATE TABLE symphainy.meta (
    name text PRIMARY KEY,
    value bigint NOT NULL
);

-- `request` is the call that made the session, so that its repeat after a lost answer is recognised.
-- `fence` is the least that every new fence exceeds; `arriving` is a session of which only half has been copied here.
-- A head is updated in place: no index on what changes with every append, and room on its page. `sweep_at` is never later
-- than `expires_at` and seldom moved, so that expired sessions are found by an index all the same.
CREATE TABLE symphainy.sessions (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    session_id text COLLATE "C" NOT NULL UNIQUE,
    user_id text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    created_at double precision NOT NULL,
    last_activity double precision NOT NULL,
    expires_at double precision NOT NULL,
    idle double precision NOT NULL,
    absolute double precision NOT NULL,
    sweep_at double precision NOT NULL DEFAULT 0,
    fence bigint NOT NULL DEFAULT 0,
    arriving boolean NOT NULL DEFAULT false,
    request text NOT NULL,
    checksum bytea NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX sessions_of_user ON symphainy.sessions (user_id);
CREATE INDEX sessions_to_sweep ON symphainy.sessions (sweep_at, number);

-- `operation` and `span` stand on the first entry of an append: '=' and the caller's op_id, or '~' and a name that the
-- store made; and how many entries the append wrote. `keys` is a JSON array of texts.
CREATE TABLE symphainy.entries (
    session bigint NOT NULL,
    seq bigint NOT NULL,
    span integer NOT NULL,
    topic text COLLATE "C",
    operation text COLLATE "C",
    keys text,
    work_id text,
    work_phase text,
    work_lane text,
    checksum bytea NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (session, seq)
);
CREATE INDEX entries_of_topic ON symphainy.entries (session, topic, seq) WHERE topic IS NOT NULL;
CREATE UNIQUE INDEX entries_of_operation ON symphainy.entries (session, operation) WHERE operation IS NOT NULL;

CREATE TABLE symphainy.keys (
    session bigint,
    key text COLLATE "C",
    seq bigint NOT NULL,
    PRIMARY KEY (session, key)
);

CREATE TABLE symphainy.work (
    session bigint,
    work_id text COLLATE "C",
    lane text NOT NULL,
    opened bigint NOT NULL,
    is_open boolean NOT NULL,
    PRIMARY KEY (session, work_id)
);
CREATE INDEX work_open ON symphainy.work (session, opened) WHERE is_open;

CREATE TABLE symphainy.leases (
    session bigint,
    lane text COLLATE "C",
    owner text NOT NULL,
    fence bigint NOT NULL,
    expires_at double precision NOT NULL,
    PRIMARY KEY (session, lane)
);

CREATE TABLE symphainy.snapshots (
    session bigint PRIMARY KEY,
    seq bigint NOT NULL,
    chain bytea NOT NULL,
    checksum bytea NOT NULL,
    data bytea NOT NULL
);

CREATE TABLE symphainy.tokens (
    token_hash text COLLATE "C" PRIMARY KEY,
    user_id text COLLATE "C" NOT NULL,
    session_id text COLLATE "C",
    created_at double precision NOT NULL,
    idle_seconds double precision NOT NULL,
    idle_expires_at double precision NOT NULL,
    expires_at double precision NOT NULL,
    rotation text,
    checksum bytea NOT NULL
);
CREATE INDEX tokens_of_session ON symphainy.tokens (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX tokens_of_user ON symphainy.tokens (user_id);
