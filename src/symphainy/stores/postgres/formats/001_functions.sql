-- Format 1: the functions. Each writing one is one statement of its caller, and so one transaction: no client, frozen or
-- gone, ever holds a lock, and what a lost connection has left is decided by the server alone.
--
-- Whoever writes to a session first locks its head, and looks at nothing of the session before that. Who locks several
-- heads does so in the order of their ids.

CREATE FUNCTION symphainy.instant(at double precision) RETURNS double precision
LANGUAGE sql VOLATILE AS $$
    SELECT coalesce(at, extract(epoch FROM clock_timestamp())::double precision)
$$;

CREATE FUNCTION symphainy.head_checksum(head symphainy.sessions) RETURNS bytea
LANGUAGE sql STABLE AS $$
    SELECT substr(sha256(
        int8send(head.number) || int8send(head.seq) || int8send(head.fence) || boolsend(head.arriving)
        || float8send(head.created_at) || float8send(head.last_activity) || float8send(head.expires_at)
        || float8send(head.idle) || float8send(head.absolute)
        || int4send(length(head.session_id)) || convert_to(head.session_id || head.user_id, 'UTF8')), 1, 16)
$$;

CREATE FUNCTION symphainy.is_whole(head symphainy.sessions) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT head.checksum = symphainy.head_checksum(head)
$$;

-- Whether the session is found by anything but its deletion and by copying.
CREATE FUNCTION symphainy.is_live(head symphainy.sessions, at double precision) RETURNS boolean
LANGUAGE sql VOLATILE AS $$
    SELECT NOT head.arriving AND head.expires_at > symphainy.instant(at)
$$;

-- Writes what has changed in heads. Nulls among them are passed over.
CREATE FUNCTION symphainy.move_heads(heads symphainy.sessions[]) RETURNS void
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
AS $$
BEGIN
    UPDATE symphainy.sessions AS s
    SET seq = head.seq, last_activity = head.last_activity, expires_at = head.expires_at, fence = head.fence,
        arriving = head.arriving,
        sweep_at = CASE WHEN s.sweep_at <= head.last_activity THEN head.expires_at ELSE s.sweep_at END,
        checksum = symphainy.head_checksum(head)
    FROM unnest(heads) AS head
    WHERE s.number = head.number;
END
$$;

-- Follows the records' runs and workflows in order, as if each were written before the next one is looked at. The outcome
-- is null if all may be written.
CREATE FUNCTION symphainy.check_work(
    session_number bigint, works text[], phases text[], OUT outcome text, OUT detail text
)
LANGUAGE plpgsql AS $$
DECLARE
    here jsonb := '{}';
    item record;
BEGIN
    FOR item IN
        SELECT given.work_id, given.phase, (
            SELECT w.is_open FROM symphainy.work AS w WHERE w.session = session_number AND w.work_id = given.work_id
        ) AS is_open
        FROM unnest(works, phases) WITH ORDINALITY AS given (work_id, phase, place)
        WHERE given.work_id IS NOT NULL
        ORDER BY given.place
    LOOP
        IF item.phase = 'open' THEN
            IF here ? item.work_id OR item.is_open IS NOT NULL THEN
                outcome := 'work_exists';
            END IF;
        ELSIF NOT coalesce((here -> item.work_id)::boolean, item.is_open, false) THEN
            outcome := 'work_closed';
        END IF;
        IF outcome IS NOT NULL THEN
            detail := item.work_id;
            RETURN;
        END IF;
        here := here || jsonb_build_object(item.work_id, item.phase <> 'close');
    END LOOP;
END
$$;

-- What an append leaves beside its entries: the newest place of each key, and which work is open.
CREATE FUNCTION symphainy.mark(
    session_number bigint, first_seq bigint, key_lists text[], works text[], phases text[], lanes text[]
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF cardinality(array_remove(key_lists, NULL)) > 0 THEN
        INSERT INTO symphainy.keys AS k (session, key, seq)
        SELECT session_number, key, max(first_seq + place - 1)
        FROM unnest(key_lists) WITH ORDINALITY AS given (list, place), json_array_elements_text(list::json) AS key
        GROUP BY key
        ON CONFLICT (session, key) DO UPDATE SET seq = excluded.seq;
    END IF;
    IF 'open' = ANY (phases) THEN
        INSERT INTO symphainy.work (session, work_id, lane, opened, is_open)
        SELECT session_number, work_id, lane, first_seq + place - 1, true
        FROM unnest(works, phases, lanes) WITH ORDINALITY AS given (work_id, phase, lane, place)
        WHERE phase = 'open';
    END IF;
    IF 'close' = ANY (phases) THEN
        UPDATE symphainy.work AS w
        SET is_open = false
        WHERE w.session = session_number AND w.work_id = ANY (ARRAY(
            SELECT work_id FROM unnest(works, phases) AS given (work_id, phase) WHERE phase = 'close'));
    END IF;
END
$$;

-- Any number of appends in one transaction, each of which is written whole or refused by itself. They come in the order
-- of their sessions' ids, no two with the same operation. Appends are parallel arrays `op_*`, their records parallel
-- arrays `rec_*`, those of one append from `op_from` to `op_to`; `op_marked` says that some have keys or work. A
-- checksum is that of the record's digest, made by the client, and of its seq.
CREATE FUNCTION symphainy.append(
    at double precision,
    op_session text[], op_name text[], op_from integer[], op_to integer[], op_marked boolean[], op_expected bigint[],
    op_lane text[], op_owner text[], op_fence bigint[],
    rec_op integer[], rec_span integer[], rec_operation text[], rec_topic text[], rec_keys text[], rec_work text[],
    rec_phase text[], rec_lane text[], rec_digest bytea[], rec_data bytea[]
) RETURNS TABLE (outcome text, first_seq bigint, last_seq bigint, detail text)
LANGUAGE plpgsql
-- Its plans are made once for each connection, perhaps while the tables were still empty.
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
AS $$
DECLARE
    heads symphainy.sessions[];
    next_head integer := 1;
    head symphainy.sessions;
    session_state text;
    current_session text;
    moved symphainy.sessions[];
    moves integer := 0;
    op record;
    wanted text[];
    is_late boolean;
    placed_in bigint[];
    placed_before bigint[];
BEGIN
    SELECT array_agg(locked.head) INTO heads
    FROM (
        SELECT s AS head
        FROM symphainy.sessions AS s
        WHERE s.session_id = ANY (op_session)
        ORDER BY s.session_id
        FOR NO KEY UPDATE
    ) AS locked;

    FOR op IN
        SELECT *
        FROM unnest(op_session, op_name, op_from, op_to, op_marked, op_expected, op_lane, op_owner, op_fence)
        WITH ORDINALITY AS given
            (session_id, name, from_, to_, marked, expected, lane, owner, fence, number)
    LOOP
        IF current_session IS DISTINCT FROM op.session_id THEN
            current_session := op.session_id;
            head := heads[next_head];
            IF head.session_id IS DISTINCT FROM current_session THEN
                session_state := 'not_found';
            ELSE
                next_head := next_head + 1;
                moves := moves + 1;
                session_state := CASE
                    WHEN NOT symphainy.is_whole(head) THEN 'damaged'
                    WHEN NOT symphainy.is_live(head, at) THEN 'not_found'
                END;
            END IF;
        END IF;

        outcome := session_state;
        first_seq := NULL;
        last_seq := NULL;
        detail := NULL;
        IF outcome IS NOT NULL THEN
            RETURN NEXT;
            CONTINUE;
        END IF;

        SELECT e.seq, e.seq + e.span - 1 INTO first_seq, last_seq
        FROM symphainy.entries AS e
        WHERE e.session = head.number AND e.operation = op.name;
        IF FOUND THEN
            outcome := 'repeated';
            RETURN NEXT;
            CONTINUE;
        END IF;

        IF op.lane IS NOT NULL AND NOT EXISTS (
            SELECT FROM symphainy.leases AS l
            WHERE l.session = head.number AND l.lane = op.lane AND l.owner = op.owner AND l.fence = op.fence
        ) THEN
            outcome := 'lease_lost';
            detail := op.lane;
            RETURN NEXT;
            CONTINUE;
        END IF;

        IF op.expected IS NOT NULL THEN
            wanted := '{}';
            IF op.marked THEN
                wanted := ARRAY(
                    SELECT key FROM unnest(rec_keys[op.from_:op.to_]) AS list, json_array_elements_text(list::json) AS key);
            END IF;
            is_late := CASE WHEN cardinality(wanted) = 0 THEN head.seq > op.expected ELSE EXISTS (
                SELECT FROM symphainy.keys AS k
                WHERE k.session = head.number AND k.key = ANY (wanted) AND k.seq > op.expected
            ) END;
            IF is_late THEN
                outcome := 'conflict';
                last_seq := head.seq;
                RETURN NEXT;
                CONTINUE;
            END IF;
        END IF;

        IF op.marked THEN
            SELECT * INTO outcome, detail
            FROM symphainy.check_work(head.number, rec_work[op.from_:op.to_], rec_phase[op.from_:op.to_]);
            IF outcome IS NOT NULL THEN
                RETURN NEXT;
                CONTINUE;
            END IF;
            PERFORM symphainy.mark(
                head.number, head.seq + 1, rec_keys[op.from_:op.to_], rec_work[op.from_:op.to_],
                rec_phase[op.from_:op.to_], rec_lane[op.from_:op.to_]);
        END IF;

        placed_in[op.number] := head.number;
        placed_before[op.number] := head.seq - op.from_ + 1;
        outcome := 'written';
        first_seq := head.seq + 1;
        last_seq := head.seq + op.to_ - op.from_ + 1;
        head.seq := last_seq;
        head.last_activity := symphainy.instant(at);
        head.expires_at := least(head.last_activity + head.idle, head.created_at + head.absolute);
        moved[moves] := head;
        RETURN NEXT;
    END LOOP;

    PERFORM symphainy.move_heads(moved);
    INSERT INTO symphainy.entries
        (session, seq, span, topic, operation, keys, work_id, work_phase, work_lane, checksum, data)
    SELECT placed_in[r.op], placed_before[r.op] + r.place, r.span, r.topic, r.operation, r.keys, r.work, r.phase, r.lane,
        substr(sha256(r.digest || int8send(placed_before[r.op] + r.place)), 1, 16), r.data
    FROM unnest(
        rec_op, rec_span, rec_operation, rec_topic, rec_keys, rec_work, rec_phase, rec_lane, rec_digest, rec_data)
        WITH ORDINALITY AS r (op, span, operation, topic, keys, work, phase, lane, digest, data, place)
    WHERE placed_in[r.op] IS NOT NULL;
END
$$;

-- A new session with its first entries. Creations of one user that have a cap wait for each other.
CREATE FUNCTION symphainy.create_session(
    at double precision, new_request text, new_id text, new_user text, new_idle double precision,
    new_absolute double precision, cap bigint,
    rec_topic text[], rec_keys text[], rec_work text[], rec_phase text[], rec_lane text[], rec_digest bytea[],
    rec_data bytea[], OUT outcome text, OUT detail text, OUT head symphainy.sessions
)
LANGUAGE plpgsql AS $$
DECLARE
    moment double precision;
    size integer := cardinality(rec_data);
BEGIN
    SELECT * INTO head FROM symphainy.sessions AS s WHERE s.session_id = new_id;
    IF FOUND THEN
        outcome := CASE WHEN head.request = new_request THEN 'created' ELSE 'exists' END;
        RETURN;
    END IF;
    IF cap IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('symphainy sessions of ' || new_user, 0));
    END IF;
    moment := symphainy.instant(at);
    IF cap <= (SELECT count(*) FROM symphainy.sessions AS s WHERE s.user_id = new_user AND symphainy.is_live(s, moment)) THEN
        outcome := 'too_many';
        RETURN;
    END IF;
    SELECT * INTO outcome, detail FROM symphainy.check_work(0, rec_work, rec_phase);
    IF outcome IS NOT NULL THEN
        RETURN;
    END IF;

    INSERT INTO symphainy.sessions
        (session_id, user_id, seq, created_at, last_activity, expires_at, idle, absolute, request, checksum)
    VALUES (
        new_id, new_user, size, moment, moment, least(moment + new_idle, moment + new_absolute), new_idle, new_absolute,
        new_request, '')
    ON CONFLICT (session_id) DO NOTHING
    RETURNING * INTO head;
    IF NOT FOUND THEN
        outcome := 'exists';
        RETURN;
    END IF;
    PERFORM symphainy.move_heads(ARRAY[head]);
    PERFORM symphainy.mark(head.number, 1, rec_keys, rec_work, rec_phase, rec_lane);
    INSERT INTO symphainy.entries
        (session, seq, span, topic, keys, work_id, work_phase, work_lane, checksum, data)
    SELECT head.number, r.place, CASE r.place WHEN 1 THEN size ELSE 0 END, r.topic, r.keys, r.work, r.phase, r.lane,
        substr(sha256(r.digest || int8send(r.place)), 1, 16), r.data
    FROM unnest(rec_topic, rec_keys, rec_work, rec_phase, rec_lane, rec_digest, rec_data)
        WITH ORDINALITY AS r (topic, keys, work, phase, lane, digest, data, place);
    outcome := 'created';
END
$$;

CREATE FUNCTION symphainy.lock_session(at double precision, id text, OUT outcome text, OUT head symphainy.sessions)
LANGUAGE plpgsql AS $$
BEGIN
    SELECT * INTO head FROM symphainy.sessions AS s WHERE s.session_id = id FOR NO KEY UPDATE;
    outcome := CASE
        WHEN NOT FOUND THEN 'not_found'
        WHEN NOT symphainy.is_whole(head) THEN 'damaged'
        WHEN NOT symphainy.is_live(head, at) THEN 'not_found'
    END;
END
$$;

CREATE FUNCTION symphainy.touch(at double precision, id text, OUT outcome text, OUT head symphainy.sessions)
LANGUAGE plpgsql AS $$
DECLARE
    locked record;
BEGIN
    SELECT * INTO locked FROM symphainy.lock_session(at, id);
    outcome := locked.outcome;
    head := locked.head;
    IF outcome IS NULL THEN
        head.last_activity := symphainy.instant(at);
        head.expires_at := least(head.last_activity + head.idle, head.created_at + head.absolute);
        PERFORM symphainy.move_heads(ARRAY[head]);
        outcome := 'touched';
    END IF;
END
$$;

-- `fence` and `expires_at` are those of the new lease, or, with the outcome `held`, of the one that somebody else has.
CREATE FUNCTION symphainy.acquire_lease(
    at double precision, id text, new_lane text, new_owner text, seconds double precision,
    OUT outcome text, OUT owner text, OUT fence bigint, OUT expires_at double precision
)
LANGUAGE plpgsql AS $$
DECLARE
    locked record;
    moment double precision;
    newest symphainy.leases;
BEGIN
    SELECT * INTO locked FROM symphainy.lock_session(at, id);
    IF locked.outcome IS NOT NULL THEN
        outcome := locked.outcome;
        RETURN;
    END IF;
    moment := symphainy.instant(at);
    SELECT * INTO newest FROM symphainy.leases AS l WHERE l.session = (locked.head).number AND l.lane = new_lane;
    IF moment >= coalesce(newest.expires_at, moment) THEN
        fence := greatest(newest.fence, (locked.head).fence) + 1;
    ELSIF newest.owner = new_owner THEN
        fence := newest.fence;
    ELSE
        outcome := 'held';
        owner := newest.owner;
        expires_at := newest.expires_at;
        RETURN;
    END IF;
    outcome := 'acquired';
    owner := new_owner;
    expires_at := moment + seconds;
    INSERT INTO symphainy.leases AS l (session, lane, owner, fence, expires_at)
    VALUES ((locked.head).number, new_lane, new_owner, fence, expires_at)
    ON CONFLICT (session, lane) DO UPDATE
    SET owner = excluded.owner, fence = excluded.fence, expires_at = excluded.expires_at;
END
$$;

-- Everything of a session but its tokens.
CREATE FUNCTION symphainy.erase(gone bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM symphainy.entries WHERE session = gone;
    DELETE FROM symphainy.keys WHERE session = gone;
    DELETE FROM symphainy.work WHERE session = gone;
    DELETE FROM symphainy.leases WHERE session = gone;
    DELETE FROM symphainy.snapshots WHERE session = gone;
    DELETE FROM symphainy.sessions WHERE number = gone;
END
$$;

CREATE FUNCTION symphainy.delete_session(id text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    gone bigint;
BEGIN
    SELECT s.number INTO gone FROM symphainy.sessions AS s WHERE s.session_id = id FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM symphainy.erase(gone);
    DELETE FROM symphainy.tokens WHERE session_id = id;
    RETURN true;
END
$$;
