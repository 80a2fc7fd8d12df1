"""Every AQL statement that this store sends, and nothing else is sent.

Valid from ArangoDB 3.11 to 4.x: no JavaScript, no `overwrite`, no `+` on texts. `@now` is null unless a clock was
injected: the server's clock is the time. Statements that change a document which others may change name its `_rev`
and `ignoreRevs: false`: the change is refused (error 1200) when somebody was faster.
"""

from __future__ import annotations

from typing import Final

_NOW: Final = "LET now = @now == null ? DATE_NOW() / 1000 : @now"

_NEWEST: Final = """
  LET newest = FIRST(
    FOR d IN symphainy_log
      FILTER d.life == s.life
      SORT d.position DESC
      LIMIT 1
      RETURN { position: d.position, head: d.head, at: d.at, end: d.end }
  )"""

# --- the log

LOOK: Final = f"""{_NOW}
FOR s IN symphainy_sessions
  FILTER s._key == @session{_NEWEST}
  RETURN {{ now: now, session: s, newest: newest }}"""
"""A session and the newest document of its log."""

CHECK: Final = f"""{_NOW}
FOR s IN symphainy_sessions
  FILTER s._key == @session{_NEWEST}
  LET lease = FIRST(
    FOR l IN symphainy_leases
      FILTER l._key == @lease
      RETURN {{ owner: l.owner, fence: l.fence }}
  )
  LET found = (
    FOR mark IN @marks
      FOR d IN symphainy_log
        FILTER mark IN d.marks[*]
        RETURN {{ mark: mark, first: d.first, last: d.last }}
  )
  LET changed = (
    FOR mark IN @keys
      FOR d IN symphainy_log
        FILTER mark IN d.marks[*] AND d.last > @expected
        FILTER d.seqs[POSITION(d.marks, mark, true)] > @expected
        LIMIT 1
        RETURN d.last
  )
  RETURN {{ now: now, session: s, newest: newest, lease: lease, found: found, changed: changed }}"""
"""All that an append depends on. `found` is of marks that at most two documents of a log have."""

WRITE: Final = f"""{_NOW}
INSERT MERGE(@document, {{ at: @counts ? MAX([now, @at]) : @at }}) INTO symphainy_log
  RETURN NEW.at"""
"""The next document of a log: error 1210 if its place is taken. This is the compare-and-set of the whole store."""

WRITTEN: Final = """FOR d IN symphainy_log
  FILTER d._key == @key
  RETURN { nonce: d.nonce, at: d.at }"""

NEWEST_OF: Final = """FOR d IN symphainy_log
  FILTER d.life == @life
  SORT d.position DESC
  LIMIT 1
  RETURN { position: d.position, head: d.head, end: d.end }"""

PAGE: Final = """FOR d IN symphainy_log
  FILTER d.life == @life AND d.last >= @low
  SORT d.last
  LIMIT @count
  FILTER d.first < @end
  RETURN d"""
"""The appends with entries from `low` to before `end`. One has at least one entry, so `count` is `end - low`."""

TOPIC_UP: Final = """FOR d IN symphainy_log
  FILTER @mark IN d.marks[*] AND d.last > @low AND d.last <= @high
  SORT d.last
  LIMIT @count
  RETURN d"""

TOPIC_DOWN: Final = """FOR d IN symphainy_log
  FILTER @mark IN d.marks[*] AND d.last > @low AND d.last <= @high
  SORT d.last DESC
  LIMIT @count
  RETURN d"""

ERASE_LOG: Final = """FOR d IN symphainy_log
  FILTER d.life == @life AND d.position < @position
  LIMIT @count
  REMOVE d IN symphainy_log
  RETURN 1"""

OPEN_WORK: Final = f"""{_NOW}
FOR a IN symphainy_log
  FILTER a.pending >= @start
  SORT a.pending
  LIMIT @count
  LET s = FIRST(FOR x IN symphainy_sessions FILTER x._key == a.session RETURN x){_NEWEST}
  LET open = (
    FOR w IN a.opens
      FILTER LENGTH(FOR c IN symphainy_log FILTER w.closing IN c.marks[*] LIMIT 1 RETURN 1) == 0
      RETURN w
  )
  RETURN {{ now: now, key: a._key, life: a.life, pending: a.pending, session: s, newest: newest, open: open }}"""
"""Appends that opened work, by life and place. `pending` is set with the append and taken away when all is closed."""

ALL_CLOSED: Final = """UPDATE @key WITH { pending: null } IN symphainy_log"""

HEADS: Final = f"""FOR key IN @sessions
  LET s = FIRST(FOR x IN symphainy_sessions FILTER x._key == key RETURN {{ life: x.life, state: x.state }}){_NEWEST}
  RETURN {{ session: key, state: s.state, head: newest.head, end: newest.end }}"""
"""How long the logs are that somebody waits for."""

# --- sessions

PROPOSE: Final = f"""{_NOW}
INSERT MERGE(@document, {{ created_at: now, touched_at: now, expires_at: now + @seconds }}) INTO symphainy_sessions
  RETURN NEW"""

ARRIVE: Final = """INSERT @document INTO symphainy_sessions
  RETURN NEW"""
"""A session that is copied from elsewhere, with the times that it has there."""

CHANGE_SESSION: Final = """UPDATE { _key: @key, _rev: @rev } WITH @changes IN symphainy_sessions
  OPTIONS { ignoreRevs: false }
  RETURN NEW"""

ERASE_SESSION: Final = """FOR s IN symphainy_sessions
  FILTER s._key == @key AND s.life == @life AND s.state == "erasing"
  REMOVE s IN symphainy_sessions
  RETURN 1"""

SESSIONS_OF: Final = f"""{_NOW}
FOR s IN symphainy_sessions
  FILTER s.user_id == @user_id AND s.state == "live"{_NEWEST}
  LET activity = MAX([s.touched_at, newest.at])
  LET expires = MIN([activity + s.idle, s.created_at + s.absolute])
  FILTER (expires <= now) == @expired
  FILTER @activity == null OR activity < @activity OR (activity == @activity AND s._key < @key)
  SORT activity DESC, s._key DESC
  LIMIT @count
  RETURN {{ now: now, session: s, newest: newest }}"""
"""`expires_at` of a session is not moved by an append, so what counts is worked out from the log's newest document."""

OVERDUE: Final = f"""{_NOW}
FOR s IN symphainy_sessions
  FILTER s.state == @state AND s.expires_at <= now
  FILTER s.expires_at > @after OR (s.expires_at == @after AND s._key > @key)
  SORT s.expires_at, s._key
  LIMIT @count{_NEWEST}
  RETURN {{ now: now, session: s, newest: newest }}"""
"""Sessions that may have expired: `expires_at` is never later than the truth."""

ALL_SESSIONS: Final = f"""{_NOW}
FOR s IN symphainy_sessions
  FILTER s._key > @after
  SORT s._key
  LIMIT @count{_NEWEST}
  RETURN {{ now: now, session: s, newest: newest }}"""

CLAIMS: Final = """FOR u IN symphainy_users
  FILTER u._key == @user
  RETURN { rev: u._rev, claims: u.claims }"""
"""The creations under a cap that a user has under way."""

FIRST_CLAIM: Final = """INSERT { _key: @user, claims: @claims } INTO symphainy_users"""

CLAIM: Final = """UPDATE { _key: @user, _rev: @rev } WITH { claims: @claims } IN symphainy_users
  OPTIONS { ignoreRevs: false }
  RETURN NEW._rev"""

COUNTED: Final = f"""{_NOW}
FOR s IN symphainy_sessions
  FILTER s.user_id == @user_id{_NEWEST}
  RETURN {{ now: now, session: s, newest: newest }}"""

# --- leases

LEASE: Final = f"""{_NOW}
RETURN {{ now: now, lease: FIRST(FOR l IN symphainy_leases FILTER l._key == @key RETURN l) }}"""

FIRST_LEASE: Final = """INSERT @document INTO symphainy_leases"""

CHANGE_LEASE: Final = """UPDATE { _key: @key, _rev: @rev } WITH @changes IN symphainy_leases
  OPTIONS { ignoreRevs: false }
  RETURN NEW._rev"""

FENCE: Final = """RETURN MAX((FOR l IN symphainy_leases FILTER l.life == @life RETURN l.fence))"""
"""The greatest that was given out in this life, of any lane; null if none was."""

LIVE_LEASES: Final = f"""{_NOW}
FOR l IN symphainy_leases
  FILTER l.life == @life AND l.expires_at > now
  RETURN {{ lane: l.lane, owner: l.owner, fence: l.fence, expires_at: l.expires_at }}"""

ERASE_LEASES: Final = """FOR l IN symphainy_leases
  FILTER l.life == @life
  REMOVE l IN symphainy_leases
  RETURN 1"""

# --- snapshots

SNAPSHOT: Final = """FOR p IN symphainy_snapshots
  FILTER p._key == @life
  RETURN p"""

SNAPSHOT_SEQ: Final = """FOR p IN symphainy_snapshots
  FILTER p._key == @life
  RETURN { rev: p._rev, seq: p.seq }"""

FIRST_SNAPSHOT: Final = """INSERT @document INTO symphainy_snapshots"""

CHANGE_SNAPSHOT: Final = """REPLACE { _key: @key, _rev: @rev } WITH @document IN symphainy_snapshots
  OPTIONS { ignoreRevs: false }
  RETURN NEW._rev"""

ERASE_SNAPSHOT: Final = """FOR p IN symphainy_snapshots
  FILTER p._key == @life
  REMOVE p IN symphainy_snapshots
  RETURN 1"""

# --- tokens

PUT_TOKEN: Final = """INSERT @document INTO symphainy_tokens OPTIONS { overwriteMode: "replace" }"""

TOKEN: Final = f"""{_NOW}
FOR t IN symphainy_tokens
  FILTER t._key == @key
  RETURN {{ now: now, token: t }}"""

USE_TOKEN: Final = """UPDATE { _key: @key, _rev: @rev } WITH @changes IN symphainy_tokens
  OPTIONS { ignoreRevs: false }
  RETURN NEW._rev"""

TOKENS_OF_SESSION: Final = """FOR t IN symphainy_tokens
  FILTER t.session_id == @session_id
  RETURN { key: t._key, token_hash: t.token_hash, user_id: t.user_id, session_id: t.session_id }"""

TOKENS_OF_USER: Final = """FOR t IN symphainy_tokens
  FILTER t.user_id == @user_id
  RETURN { key: t._key, token_hash: t.token_hash, user_id: t.user_id, session_id: t.session_id }"""

TOKEN_OF_HASH: Final = """FOR t IN symphainy_tokens
  FILTER t._key == @key
  RETURN { key: t._key, token_hash: t.token_hash, user_id: t.user_id, session_id: t.session_id }"""

ERASE_TOKENS: Final = """FOR t IN symphainy_tokens
  FILTER t._key IN @keys
  REMOVE t IN symphainy_tokens
  RETURN 1"""

ALL_TOKENS: Final = """FOR t IN symphainy_tokens
  FILTER t._key > @after
  SORT t._key
  LIMIT @count
  RETURN t"""

# --- the store itself

FORMAT: Final = """FOR m IN symphainy_meta
  FILTER m._key == "format"
  RETURN m.version"""

SET_FORMAT: Final = """INSERT { _key: "format", version: @version } INTO symphainy_meta
  OPTIONS { overwriteMode: "ignore" }"""

PROBE: Final = """INSERT { _key: "probe", nonce: @nonce } INTO symphainy_meta
  OPTIONS { overwriteMode: "replace" }"""
