-- Format 1: sessions copied in and dropped.

-- What a copy's appends would do to a log of that length: the first place where they leave a gap or differ from what is
-- there (null: nowhere), and the length that they lead to.
CREATE FUNCTION symphainy.check_copy(
    session_number bigint, length bigint, app_first bigint[], app_last bigint[], rec_seq bigint[], rec_data bytea[],
    OUT wrong_at bigint, OUT new_length bigint
)
LANGUAGE plpgsql AS $$
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

-- Appends `app_*` of another store, and their records `rec_*`, at exactly their places. All are checked before any is
-- written. `seq` is how long the log is, and `detail` where a refused copy is wrong.
CREATE FUNCTION symphainy.copy_in(
    copy_id text, copy_user text, copy_idle double precision, copy_absolute double precision,
    copy_created double precision, copy_activity double precision, copy_seq bigint, copy_fence bigint,
    app_first bigint[], app_last bigint[],
    rec_seq bigint[], rec_span integer[], rec_operation text[], rec_topic text[], rec_keys text[], rec_work text[],
    rec_phase text[], rec_lane text[], rec_digest bytea[], rec_data bytea[],
    OUT outcome text, OUT detail text, OUT seq bigint
)
LANGUAGE plpgsql AS $$
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

-- `seq` is how long the log is, and `detail` who holds a lease of it.
CREATE FUNCTION symphainy.drop_session(
    at double precision, id text, seen_seq bigint, seen_activity double precision,
    OUT outcome text, OUT detail text, OUT seq bigint
)
LANGUAGE plpgsql AS $$
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
