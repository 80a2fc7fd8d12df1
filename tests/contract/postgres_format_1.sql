--
-- PostgreSQL database dump
--

\restrict trjhZyc5BA0apBjM9YzJLSuJlaeE1DvqwG1LPM1O2APcYUHEmewWDRe3UNukeVH

-- Dumped from database version 17.10
-- Dumped by pg_dump version 17.10

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: symphainy; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA symphainy;


--
-- Name: acquire_lease(double precision, text, text, text, double precision); Type: FUNCTION; Schema: symphainy; Owner: -
--

CREATE FUNCTION symphainy.acquire_lease(at double precision, id text, new_lane text, new_owner text, seconds double precision, OUT outcome text, OUT owner text, OUT fence bigint, OUT expires_at double precision) RETURNS record
    LANGUAGE plpgsql
    AS $$
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


--
-- Name: append(double precision, text[], text[], integer[], integer[], boolean[], bigint[], text[], text[], bigint[], integer[], integer[], text[], text[], text[], text[], text[], text[], bytea[], bytea[]); Type: FUNCTION; Schema: symphainy; Owner: -
--

CREATE FUNCTION symphainy.append(at double precision, op_session text[], op_name text[], op_from integer[], op_to integer[], op_marked boolean[], op_expected bigint[], op_lane text[], op_owner text[], op_fence bigint[], rec_op integer[], rec_span integer[], rec_operation text[], rec_topic text[], rec_keys text[], rec_work text[], rec_phase text[], rec_lane text[], rec_digest bytea[], rec_data bytea[]) RETURNS TABLE(outcome text, first_seq bigint, last_seq bigint, detail text)
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
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


--
-- Name: check_copy(bigint, bigint, bigint[], bigint[], bigint[], bytea[]); Type: FUNCTION; Schema: symphainy; Owner: -
--

CREATE FUNCTION symphainy.check_copy(session_number bigint, length bigint, app_first bigint[], app_last bigint[], rec_seq bigint[], rec_data bytea[], OUT wrong_at bigint, OUT new_length bigint) RETURNS record
    LANGUAGE plpgsql
    AS $$
DECLARE
    app record;
BEGIN
    new_length := length;
    FOR app IN SELECT * FROM unnest(app_first, app_last) AS given (first_seq, last_seq) LOOP
        IF app.first_seq = new_length + 1 THEN
            new_length := app.last_seq;
        ELSIF app.first_seq > new_length OR app.last_seq > length THEN
            wrong_at := app.first_seq;
            RETURN;
        END IF;
    END LOOP;
    SELECT min(given.seq) INTO wrong_at
    FROM unnest(rec_seq, rec_data) AS given (seq, data)
    WHERE given.seq <= length AND given.data IS DISTINCT FROM (
        SELECT e.data FROM symphainy.entries AS e WHERE e.session = session_number AND e.seq = given.seq);
END
$$;


--
-- Name: check_work(bigint, text[], text[]); Type: FUNCTION; Schema: symphainy; Owner: -
--

CREATE FUNCTION symphainy.check_work(session_number bigint, works text[], phases text[], OUT outcome text, OUT detail text) RETURNS record
    LANGUAGE plpgsql
    AS $$
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


--
-- Name: copy_in(text, text, double precision, double precision, double precision, double precision, bigint, bigint, bigint[], bigint[], bigint[], integer[], text[], text[], text[], text[], text[], text[], bytea[], bytea[]); Type: FUNCTION; Schema: symphainy; Owner: -
--

CREATE FUNCTION symphainy.copy_in(copy_id text, copy_user text, copy_idle double precision, copy_absolute double precision, copy_created double precision, copy_activity double precision, copy_seq bigint, copy_fence bigint, app_first bigint[], app_last bigint[], rec_seq bigint[], rec_span integer[], rec_operation text[], rec_topic text[], rec_keys text[], rec_work text[], rec_phase text[], rec_lane text[], rec_digest bytea[], rec_data bytea[], OUT outcome text, OUT detail text, OUT seq bigint) RETURNS record
    LANGUAGE plpgsql
    AS $$
DECLARE
    head symphainy.sessions;
    checked record;
    new record;
BEGIN
    LOOP
        SELECT * INTO head FROM symphainy.sessions AS s WHERE s.session_id = copy_id FOR NO KEY UPDATE;
        outcome := CASE
            WHEN NOT FOUND THEN NULL
            WHEN NOT symphainy.is_whole(head) THEN 'damaged'
            WHEN (head.user_id, head.idle, head.absolute, head.created_at)
                <> (copy_user, copy_idle, copy_absolute, copy_created) THEN 'exists'
        END;
        IF outcome IS NOT NULL THEN
            RETURN;
        END IF;
        seq := coalesce(head.seq, 0);
        SELECT * INTO checked
        FROM symphainy.check_copy(coalesce(head.number, 0), seq, app_first, app_last, rec_seq, rec_data);
        IF checked.wrong_at IS NOT NULL THEN
            outcome := 'differs';
            detail := checked.wrong_at;
            RETURN;
        END IF;
        EXIT WHEN head.number IS NOT NULL;
        INSERT INTO symphainy.sessions
            (session_id, user_id, seq, created_at, last_activity, expires_at, idle, absolute, arriving, request, checksum)
        VALUES (copy_id, copy_user, 0, copy_created, copy_activity, 0, copy_idle, copy_absolute, true, '', '')
        ON CONFLICT (session_id) DO NOTHING
        RETURNING * INTO head;
        EXIT WHEN FOUND;
    END LOOP;

    SELECT
        array_agg(keys ORDER BY place) AS keys, array_agg(work ORDER BY place) AS work,
        array_agg(phase ORDER BY place) AS phase, array_agg(lane ORDER BY place) AS lane
    INTO new
    FROM unnest(rec_seq, rec_keys, rec_work, rec_phase, rec_lane) AS r (place, keys, work, phase, lane)
    WHERE place > seq;
    PERFORM symphainy.mark(head.number, seq + 1, new.keys, new.work, new.phase, new.lane);
    INSERT INTO symphainy.entries
        (session, seq, span, topic, operation, keys, work_id, work_phase, work_lane, checksum, data)
    SELECT head.number, r.place, r.span, r.topic, r.operation, r.keys, r.work, r.phase, r.lane,
        substr(sha256(r.digest || int8send(r.place)), 1, 16), r.data
    FROM unnest(
        rec_seq, rec_span, rec_operation, rec_topic, rec_keys, rec_work, rec_phase, rec_lane, rec_digest, rec_data)
        AS r (place, span, operation, topic, keys, work, phase, lane, digest, data)
    WHERE r.place > copy_in.seq;

    seq := checked.new_length;
    head.seq := seq;
    head.fence := greatest(head.fence, copy_fence);
    head.last_activity := greatest(head.last_activity, copy_activity);
    head.expires_at := least(head.last_activity + head.idle, head.created_at + head.absolute);
    head.arriving := head.arriving AND seq < copy_seq;
    PERFORM symphainy.move_heads(ARRAY[head]);
    outcome := 'copied';
END
$$;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: sessions; Type: TABLE; Schema: symphainy; Owner: -
--

CREATE TABLE symphainy.sessions (
    number bigint NOT NULL,
    session_id text NOT NULL COLLATE pg_catalog."C",
    user_id text NOT NULL COLLATE pg_catalog."C",
    seq bigint NOT NULL,
    created_at double precision NOT NULL,
    last_activity double precision NOT NULL,
    expires_at double precision NOT NULL,
    idle double precision NOT NULL,
    absolute double precision NOT NULL,
    sweep_at double precision DEFAULT 0 NOT NULL,
    fence bigint DEFAULT 0 NOT NULL,
    arriving boolean DEFAULT false NOT NULL,
    request text NOT NULL,
    checksum bytea NOT NULL
)
WITH (fillfactor='70');


--
-- Name: create_session(double precision, text, text, text, double precision, double precision, bigint, text[], text[], text[], text[], text[], bytea[], bytea[]); Type: FUNCTION; Schema: symphainy; Owner: -
--

CREATE FUNCTION symphainy.create_session(at double precision, new_request text, new_id text, new_user text, new_idle double precision, new_absolute double precision, cap bigint, rec_topic text[], rec_keys text[], rec_work text[], rec_phase text[], rec_lane text[], rec_digest bytea[], rec_data bytea[], OUT outcome text, OUT detail text, OUT head symphainy.sessions) RETURNS record
    LANGUAGE plpgsql
    AS $$
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


--
-- Name: delete_session(text); Type: FUNCTION; Schema: symphainy; Owner: -
--

CREATE FUNCTION symphainy.delete_session(id text) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
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


--
-- Name: drop_session(double precision, text, bigint, double precision); Type: FUNCTION; Schema: symphainy; Owner: -
--

CREATE FUNCTION symphainy.drop_session(at double precision, id text, seen_seq bigint, seen_activity double precision, OUT outcome text, OUT detail text, OUT seq bigint) RETURNS record
    LANGUAGE plpgsql
    AS $$
DECLARE
    head symphainy.sessions;
    moment double precision;
BEGIN
    SELECT * INTO head FROM symphainy.sessions AS s WHERE s.session_id = id FOR UPDATE;
    IF NOT FOUND THEN
        outcome := 'not_found';
        RETURN;
    END IF;
    seq := head.seq;
    IF (head.seq, head.last_activity) <> (seen_seq, seen_activity) THEN
        outcome := 'conflict';
        RETURN;
    END IF;
    moment := symphainy.instant(at);
    SELECT l.owner INTO detail
    FROM symphainy.leases AS l
    WHERE l.session = head.number AND l.expires_at > moment
    ORDER BY l.lane LIMIT 1;
    IF FOUND THEN
        outcome := 'held';
        RETURN;
    END IF;
    PERFORM symphainy.erase(head.number);
    outcome := 'dropped';
END
$$;


--
-- Name: erase(bigint); Type: FUNCTION; Schema: symphainy; Owner: -
--

CREATE FUNCTION symphainy.erase(gone bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    DELETE FROM symphainy.entries WHERE session = gone;
    DELETE FROM symphainy.keys WHERE session = gone;
    DELETE FROM symphainy.work WHERE session = gone;
    DELETE FROM symphainy.leases WHERE session = gone;
    DELETE FROM symphainy.snapshots WHERE session = gone;
    DELETE FROM symphainy.sessions WHERE number = gone;
END
$$;


--
-- Name: head_checksum(symphainy.sessions); Type: FUNCTION; Schema: symphainy; Owner: -
--

CREATE FUNCTION symphainy.head_checksum(head symphainy.sessions) RETURNS bytea
    LANGUAGE sql STABLE
    AS $$
    SELECT substr(sha256(
        int8send(head.number) || int8send(head.seq) || int8send(head.fence) || boolsend(head.arriving)
        || float8send(head.created_at) || float8send(head.last_activity) || float8send(head.expires_at)
        || float8send(head.idle) || float8send(head.absolute)
        || int4send(length(head.session_id)) || convert_to(head.session_id || head.user_id, 'UTF8')), 1, 16)
$$;


--
-- Name: instant(double precision); Type: FUNCTION; Schema: symphainy; Owner: -
--

CREATE FUNCTION symphainy.instant(at double precision) RETURNS double precision
    LANGUAGE sql
    AS $$
    SELECT coalesce(at, extract(epoch FROM clock_timestamp())::double precision)
$$;


--
-- Name: is_live(symphainy.sessions, double precision); Type: FUNCTION; Schema: symphainy; Owner: -
--

CREATE FUNCTION symphainy.is_live(head symphainy.sessions, at double precision) RETURNS boolean
    LANGUAGE sql
    AS $$
    SELECT NOT head.arriving AND head.expires_at > symphainy.instant(at)
$$;


--
-- Name: is_whole(symphainy.sessions); Type: FUNCTION; Schema: symphainy; Owner: -
--

CREATE FUNCTION symphainy.is_whole(head symphainy.sessions) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    SELECT head.checksum = symphainy.head_checksum(head)
$$;


--
-- Name: lock_session(double precision, text); Type: FUNCTION; Schema: symphainy; Owner: -
--

CREATE FUNCTION symphainy.lock_session(at double precision, id text, OUT outcome text, OUT head symphainy.sessions) RETURNS record
    LANGUAGE plpgsql
    AS $$
BEGIN
    SELECT * INTO head FROM symphainy.sessions AS s WHERE s.session_id = id FOR NO KEY UPDATE;
    outcome := CASE
        WHEN NOT FOUND THEN 'not_found'
        WHEN NOT symphainy.is_whole(head) THEN 'damaged'
        WHEN NOT symphainy.is_live(head, at) THEN 'not_found'
    END;
END
$$;


--
-- Name: mark(bigint, bigint, text[], text[], text[], text[]); Type: FUNCTION; Schema: symphainy; Owner: -
--

CREATE FUNCTION symphainy.mark(session_number bigint, first_seq bigint, key_lists text[], works text[], phases text[], lanes text[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
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


--
-- Name: move_heads(symphainy.sessions[]); Type: FUNCTION; Schema: symphainy; Owner: -
--

CREATE FUNCTION symphainy.move_heads(heads symphainy.sessions[]) RETURNS void
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
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


--
-- Name: touch(double precision, text); Type: FUNCTION; Schema: symphainy; Owner: -
--

CREATE FUNCTION symphainy.touch(at double precision, id text, OUT outcome text, OUT head symphainy.sessions) RETURNS record
    LANGUAGE plpgsql
    AS $$
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


--
-- Name: entries; Type: TABLE; Schema: symphainy; Owner: -
--

CREATE TABLE symphainy.entries (
    session bigint NOT NULL,
    seq bigint NOT NULL,
    span integer NOT NULL,
    topic text COLLATE pg_catalog."C",
    operation text COLLATE pg_catalog."C",
    keys text,
    work_id text,
    work_phase text,
    work_lane text,
    checksum bytea NOT NULL,
    data bytea NOT NULL
);


--
-- Name: keys; Type: TABLE; Schema: symphainy; Owner: -
--

CREATE TABLE symphainy.keys (
    session bigint NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    seq bigint NOT NULL
);


--
-- Name: leases; Type: TABLE; Schema: symphainy; Owner: -
--

CREATE TABLE symphainy.leases (
    session bigint NOT NULL,
    lane text NOT NULL COLLATE pg_catalog."C",
    owner text NOT NULL,
    fence bigint NOT NULL,
    expires_at double precision NOT NULL
);


--
-- Name: meta; Type: TABLE; Schema: symphainy; Owner: -
--

CREATE TABLE symphainy.meta (
    name text NOT NULL,
    value bigint NOT NULL
);


--
-- Name: sessions_number_seq; Type: SEQUENCE; Schema: symphainy; Owner: -
--

ALTER TABLE symphainy.sessions ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME symphainy.sessions_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: snapshots; Type: TABLE; Schema: symphainy; Owner: -
--

CREATE TABLE symphainy.snapshots (
    session bigint NOT NULL,
    seq bigint NOT NULL,
    chain bytea NOT NULL,
    checksum bytea NOT NULL,
    data bytea NOT NULL
);


--
-- Name: tokens; Type: TABLE; Schema: symphainy; Owner: -
--

CREATE TABLE symphainy.tokens (
    token_hash text NOT NULL COLLATE pg_catalog."C",
    user_id text NOT NULL COLLATE pg_catalog."C",
    session_id text COLLATE pg_catalog."C",
    created_at double precision NOT NULL,
    idle_seconds double precision NOT NULL,
    idle_expires_at double precision NOT NULL,
    expires_at double precision NOT NULL,
    rotation text,
    checksum bytea NOT NULL
);


--
-- Name: work; Type: TABLE; Schema: symphainy; Owner: -
--

CREATE TABLE symphainy.work (
    session bigint NOT NULL,
    work_id text NOT NULL COLLATE pg_catalog."C",
    lane text NOT NULL,
    opened bigint NOT NULL,
    is_open boolean NOT NULL
);


--
-- Data for Name: entries; Type: TABLE DATA; Schema: symphainy; Owner: -
--

INSERT INTO symphainy.entries VALUES (1, 1, 1, 't', NULL, NULL, NULL, NULL, NULL, '\x24b8452432e0c487f3e698b6e1e53c80', '\x61');
INSERT INTO symphainy.entries VALUES (1, 2, 2, NULL, '=op', '["k", "☃"]', NULL, NULL, NULL, '\x8deca722c1ca43779b598f3a59e29799', '\x62');
INSERT INTO symphainy.entries VALUES (1, 3, 0, NULL, NULL, NULL, 'w', 'open', 'lane', '\x085e21d4e28ea02f57c889ef8846890c', '\x63');
INSERT INTO symphainy.entries VALUES (1, 4, 1, NULL, '~9067fe1083989e21.0', NULL, 'w', 'within', '', '\xc415127a49edd9027891f596d08b0e3a', '\x64');


--
-- Data for Name: keys; Type: TABLE DATA; Schema: symphainy; Owner: -
--

INSERT INTO symphainy.keys VALUES (1, 'k', 2);
INSERT INTO symphainy.keys VALUES (1, '☃', 2);


--
-- Data for Name: leases; Type: TABLE DATA; Schema: symphainy; Owner: -
--

INSERT INTO symphainy.leases VALUES (1, 'lane', 'a', 1, 1800000000);


--
-- Data for Name: meta; Type: TABLE DATA; Schema: symphainy; Owner: -
--

INSERT INTO symphainy.meta VALUES ('format', 1);
INSERT INTO symphainy.meta VALUES ('probed', 1);


--
-- Data for Name: sessions; Type: TABLE DATA; Schema: symphainy; Owner: -
--

INSERT INTO symphainy.sessions OVERRIDING SYSTEM VALUE VALUES (1, 'session', 'user', 4, 1800000000, 1800000000, 1801000000, 1000000, 10000000, 1801000000, 0, false, 'request_01a211214ede76b8b95382b2245c16b6.0', '\xdf0cb8d839e82eaf921271f7a2b8dc8f');


--
-- Data for Name: snapshots; Type: TABLE DATA; Schema: symphainy; Owner: -
--

INSERT INTO symphainy.snapshots VALUES (1, 2, '\xa6a8089a67ffa5cca0bcb40655aa1894e4234ede49e2b4eb4c4bd967081bb828', '\x11baeddcb4321df73809a7205ae6f7c0', '\x666f6c64');


--
-- Data for Name: tokens; Type: TABLE DATA; Schema: symphainy; Owner: -
--

INSERT INTO symphainy.tokens VALUES ('hash', 'user', 'session', 1800000000, 1000, 1800001000, 1800009000, NULL, '\x69afdcb6b0e278190b02225724518dea');


--
-- Data for Name: work; Type: TABLE DATA; Schema: symphainy; Owner: -
--

INSERT INTO symphainy.work VALUES (1, 'w', 'lane', 3, true);


--
-- Name: sessions_number_seq; Type: SEQUENCE SET; Schema: symphainy; Owner: -
--

SELECT pg_catalog.setval('symphainy.sessions_number_seq', 1, true);


--
-- Name: entries entries_pkey; Type: CONSTRAINT; Schema: symphainy; Owner: -
--

ALTER TABLE ONLY symphainy.entries
    ADD CONSTRAINT entries_pkey PRIMARY KEY (session, seq);


--
-- Name: keys keys_pkey; Type: CONSTRAINT; Schema: symphainy; Owner: -
--

ALTER TABLE ONLY symphainy.keys
    ADD CONSTRAINT keys_pkey PRIMARY KEY (session, key);


--
-- Name: leases leases_pkey; Type: CONSTRAINT; Schema: symphainy; Owner: -
--

ALTER TABLE ONLY symphainy.leases
    ADD CONSTRAINT leases_pkey PRIMARY KEY (session, lane);


--
-- Name: meta meta_pkey; Type: CONSTRAINT; Schema: symphainy; Owner: -
--

ALTER TABLE ONLY symphainy.meta
    ADD CONSTRAINT meta_pkey PRIMARY KEY (name);


--
-- Name: sessions sessions_pkey; Type: CONSTRAINT; Schema: symphainy; Owner: -
--

ALTER TABLE ONLY symphainy.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (number);


--
-- Name: sessions sessions_session_id_key; Type: CONSTRAINT; Schema: symphainy; Owner: -
--

ALTER TABLE ONLY symphainy.sessions
    ADD CONSTRAINT sessions_session_id_key UNIQUE (session_id);


--
-- Name: snapshots snapshots_pkey; Type: CONSTRAINT; Schema: symphainy; Owner: -
--

ALTER TABLE ONLY symphainy.snapshots
    ADD CONSTRAINT snapshots_pkey PRIMARY KEY (session);


--
-- Name: tokens tokens_pkey; Type: CONSTRAINT; Schema: symphainy; Owner: -
--

ALTER TABLE ONLY symphainy.tokens
    ADD CONSTRAINT tokens_pkey PRIMARY KEY (token_hash);


--
-- Name: work work_pkey; Type: CONSTRAINT; Schema: symphainy; Owner: -
--

ALTER TABLE ONLY symphainy.work
    ADD CONSTRAINT work_pkey PRIMARY KEY (session, work_id);


--
-- Name: entries_of_operation; Type: INDEX; Schema: symphainy; Owner: -
--

CREATE UNIQUE INDEX entries_of_operation ON symphainy.entries USING btree (session, operation) WHERE (operation IS NOT NULL);


--
-- Name: entries_of_topic; Type: INDEX; Schema: symphainy; Owner: -
--

CREATE INDEX entries_of_topic ON symphainy.entries USING btree (session, topic, seq) WHERE (topic IS NOT NULL);


--
-- Name: sessions_of_user; Type: INDEX; Schema: symphainy; Owner: -
--

CREATE INDEX sessions_of_user ON symphainy.sessions USING btree (user_id);


--
-- Name: sessions_to_sweep; Type: INDEX; Schema: symphainy; Owner: -
--

CREATE INDEX sessions_to_sweep ON symphainy.sessions USING btree (sweep_at, number);


--
-- Name: tokens_of_session; Type: INDEX; Schema: symphainy; Owner: -
--

CREATE INDEX tokens_of_session ON symphainy.tokens USING btree (session_id) WHERE (session_id IS NOT NULL);


--
-- Name: tokens_of_user; Type: INDEX; Schema: symphainy; Owner: -
--

CREATE INDEX tokens_of_user ON symphainy.tokens USING btree (user_id);


--
-- Name: work_open; Type: INDEX; Schema: symphainy; Owner: -
--

CREATE INDEX work_open ON symphainy.work USING btree (session, opened) WHERE is_open;


--
-- PostgreSQL database dump complete
--

\unrestrict trjhZyc5BA0apBjM9YzJLSuJlaeE1DvqwG1LPM1O2APcYUHEmewWDRe3UNukeVH

