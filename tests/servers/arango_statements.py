"""What each AQL text means, by the description of AQL (docs-hugo, `aql/`), for the stand-in of `arango`.

A statement is registered by the digest of its exact text: whoever changes the text must look at its meaning here, and
then at the digest. Every `yield` is a moment at which a cluster may let others in: between the collections that a
statement reads, and between the documents that it changes.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from symphainy.stores.arango import statements

Document = dict[str, Any]
Values = dict[str, Any]
Steps = Generator[None, None, list[Any]]

_revisions = count(1)
INDEXED = ("life", "marks", "user_id", "session_id")


class Conflict(Exception):
    def __init__(self, code: int, number: int, message: str) -> None:
        super().__init__(message)
        self.code, self.number, self.message = code, number, message


@dataclass(slots=True)
class Collection:
    wait_for_sync: bool = False
    indexes: list[Document] = field(default_factory=list[Document])
    documents: dict[str, Document] = field(default_factory=dict[str, Document])
    lookup: dict[tuple[str, Any], dict[str, Document]] = field(default_factory=dict)

    def by(self, name: str, value: Any) -> list[Document]:
        return list(self.lookup.get((name, value), {}).values())

    def insert(self, document: Document, mode: str = "conflict") -> Document | None:
        key = document["_key"]
        if not (isinstance(key, str) and 0 < len(key) <= 254 and set(key) <= KEY_CHARACTERS):
            raise Conflict(400, 1221, "illegal document key")
        if key in self.documents:
            if mode == "conflict":
                raise Conflict(409, 1210, "unique constraint violated - in index primary of type primary")
            if mode == "ignore":
                return None
            self.remove(key)
        return self._put({**document, "_rev": f"_r{next(_revisions)}"})

    def change(self, key: str, changes: Document, rev: str | None = None, *, replace: bool = False) -> Document:
        old = self.documents.get(key)
        if old is None:
            raise Conflict(404, 1202, "document not found")
        if rev is not None and old["_rev"] != rev:
            raise Conflict(409, 1200, "conflict, _rev values do not match")
        self.remove(key)
        base = {"_key": key} if replace else old
        return self._put({**base, **changes, "_key": key, "_rev": f"_r{next(_revisions)}"})

    def remove(self, key: str) -> None:
        document = self.documents.pop(key)
        for pair in self._pairs(document):
            del self.lookup[pair][key]

    def _put(self, document: Document) -> Document:
        kept = plain(document)
        self.documents[kept["_key"]] = kept
        for pair in self._pairs(kept):
            self.lookup.setdefault(pair, {})[kept["_key"]] = kept
        return kept

    def _pairs(self, document: Document) -> Iterable[tuple[str, Any]]:
        for name in INDEXED:
            value = document.get(name)
            for each in value if isinstance(value, list) else [value]:
                yield name, each


class Database(dict[str, Collection]):
    def __missing__(self, name: str) -> Collection:
        raise Conflict(404, 1203, f"collection or view not found: {name}")


KEY_CHARACTERS = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-:.@()+,=;$!*'%")


def plain(value: Any) -> Any:
    """As it comes back in JSON: a number without a fraction has no point."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1 << 53:
        return int(value)
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value


def order(value: Any) -> tuple[int, Any]:
    """AQL's order of types: null, numbers, texts."""
    return (0, 0) if value is None else (1, value) if isinstance(value, int | float) else (2, value)


def largest(*values: Any) -> Any:
    return max(values, key=order)


def at(v: Values) -> float:
    return plain(time.time()) if v["now"] is None else v["now"]


def positions(d: Document) -> Any:
    return d["position"]


def newest(db: Database, life: Any) -> Document | None:
    log = db["symphainy_log"].by("life", life) if life is not None else []
    d = max(log, key=positions, default=None)
    return None if d is None else {"position": d["position"], "head": d["head"], "at": d.get("at"), "end": d.get("end")}


def get(db: Database, name: str, key: Any) -> Document | None:
    return db[name].documents.get(key) if isinstance(key, str) else None


def look(db: Database, v: Values) -> Steps:
    now, s = at(v), get(db, "symphainy_sessions", v["session"])
    if s is None:
        return []
    yield
    return [{"now": now, "session": s, "newest": newest(db, s["life"])}]


def check(db: Database, v: Values) -> Steps:
    now, s = at(v), get(db, "symphainy_sessions", v["session"])
    if s is None:
        return []
    log = db["symphainy_log"]
    # the order in which a cluster answers parts of a statement is nobody's promise: this is the worst one
    found: list[Document] = []
    for mark in v["marks"]:
        found += [{"mark": mark, "first": d["first"], "last": d["last"]} for d in log.by("marks", mark)]
        yield
    changed: list[Any] = []
    for mark in v["keys"]:
        later = [d for d in log.by("marks", mark) if order(d["last"]) > order(v["expected"])]
        changed += [d["last"] for d in later if d["seqs"][d["marks"].index(mark)] > v["expected"]]
        yield
    lease = get(db, "symphainy_leases", v["lease"])
    kept = None if lease is None else {"owner": lease["owner"], "fence": lease["fence"]}
    yield
    last = newest(db, s["life"])
    return [{"now": now, "session": s, "newest": last, "lease": kept, "found": found, "changed": changed[:1]}]


def write(db: Database, v: Values) -> Steps:
    yield
    moment = largest(at(v), v["at"]) if v["counts"] else v["at"]
    written = db["symphainy_log"].insert({**v["document"], "at": moment})
    assert written is not None
    return [written["at"]]


def written(db: Database, v: Values) -> Steps:
    yield
    d = get(db, "symphainy_log", v["key"])
    return [] if d is None else [{"nonce": d["nonce"], "at": d.get("at")}]


def newest_of(db: Database, v: Values) -> Steps:
    yield
    d = newest(db, v["life"])
    return [] if d is None else [{key: d[key] for key in ("position", "head", "end")}]


def page(db: Database, v: Values) -> Steps:
    yield
    log = [d for d in db["symphainy_log"].by("life", v["life"]) if order(d.get("last")) >= order(v["low"])]
    log.sort(key=lambda d: d["last"])
    return [d for d in log[: v["count"]] if d["first"] < v["end"]]


def topic(reverse: bool) -> Callable[[Database, Values], Steps]:
    def meaning(db: Database, v: Values) -> Steps:
        yield
        log = [d for d in db["symphainy_log"].by("marks", v["mark"]) if v["low"] < d["last"] <= v["high"]]
        log.sort(key=lambda d: d["last"], reverse=reverse)
        return log[: v["count"]]

    return meaning


def erase(name: str, matches: Callable[[Document, Values], bool]) -> Callable[[Database, Values], Steps]:
    def meaning(db: Database, v: Values) -> Steps:
        collection = db[name]
        keys = [d["_key"] for d in _candidates(collection, v) if matches(d, v)][: v.get("count")]
        for key in keys:
            yield
            if key not in collection.documents:
                raise Conflict(404, 1202, "document not found")
            collection.remove(key)
        return [1] * len(keys)

    return meaning


def _candidates(collection: Collection, v: Values) -> list[Document]:
    if "keys" in v:
        return [collection.documents[key] for key in v["keys"] if key in collection.documents]
    if "key" in v:
        return [collection.documents[v["key"]]] if v["key"] in collection.documents else []
    by_life = collection.by("life", v["life"])
    return by_life or ([collection.documents[v["life"]]] if v["life"] in collection.documents else [])


def open_work(db: Database, v: Values) -> Steps:
    now, log = at(v), db["symphainy_log"]
    pending = [d for d in log.documents.values() if order(d.get("pending")) >= order(v["start"])]
    pending.sort(key=lambda d: d["pending"])
    rows: list[Document] = []
    for d in pending[: v["count"]]:
        yield
        s = get(db, "symphainy_sessions", d["session"])
        yield
        last = newest(db, None if s is None else s["life"])
        work = [w for w in d["opens"] if not log.by("marks", w["closing"])]
        row = {"now": now, "key": d["_key"], "life": d["life"], "pending": d["pending"]}
        rows.append({**row, "session": s, "newest": last, "open": work})
    return rows


def all_closed(db: Database, v: Values) -> Steps:
    yield
    db["symphainy_log"].change(v["key"], {"pending": None})
    return []


def heads(db: Database, v: Values) -> Steps:
    rows: list[Document] = []
    for key in v["sessions"]:
        yield
        s = get(db, "symphainy_sessions", key) or {}
        last = newest(db, s.get("life")) or {}
        rows.append({"session": key, "state": s.get("state"), "head": last.get("head"), "end": last.get("end")})
    return rows


def propose(db: Database, v: Values) -> Steps:
    yield
    now = at(v)
    times = {"created_at": now, "touched_at": now, "expires_at": now + v["seconds"]}
    return [db["symphainy_sessions"].insert({**v["document"], **times})]


def arrive(db: Database, v: Values) -> Steps:
    yield
    return [db["symphainy_sessions"].insert(v["document"])]


def fence(db: Database, v: Values) -> Steps:
    yield
    return [max((each["fence"] for each in db["symphainy_leases"].by("life", v["life"])), default=None)]


def live_leases(db: Database, v: Values) -> Steps:
    yield
    now, fields = at(v), ("lane", "owner", "fence", "expires_at")
    live = [each for each in db["symphainy_leases"].by("life", v["life"]) if each["expires_at"] > now]
    return [{key: each[key] for key in fields} for each in live]


def swap(name: str, changes: str, key: str = "key", *, replace: bool = False, returns: str | None = "_rev") -> Any:
    def meaning(db: Database, v: Values) -> Steps:
        yield
        body = {"claims": v["claims"]} if changes == "claims" else v[changes]
        new = db[name].change(v[key], body, v["rev"], replace=replace)
        return [new if returns is None else new[returns]]

    return meaning


def with_newest(db: Database, found: list[Document], now: float) -> Generator[None, None, list[Document]]:
    rows: list[Document] = []
    for s in found:
        yield
        rows.append({"now": now, "session": s, "newest": newest(db, s["life"])})
    return rows


def sessions_of(db: Database, v: Values) -> Steps:
    now = at(v)
    mine = [s for s in db["symphainy_sessions"].by("user_id", v["user_id"]) if s["state"] == "live"]
    rows = yield from with_newest(db, mine, now)
    found: list[tuple[tuple[Any, str], Document]] = []
    for row in rows:
        s = row["session"]
        activity = largest(s["touched_at"], (row["newest"] or {}).get("at"))
        expires = min(activity + s["idle"], s["created_at"] + s["absolute"])
        place = (activity, s["_key"])
        if (expires <= now) == v["expired"] and (v["activity"] is None or place < (v["activity"], v["key"])):
            found.append((place, row))
    found.sort(key=lambda each: each[0], reverse=True)
    return [row for _, row in found[: v["count"]]]


def overdue(db: Database, v: Values) -> Steps:
    now, start = at(v), (v["after"], v["key"])
    found = [
        s
        for s in db["symphainy_sessions"].documents.values()
        if s["state"] == v["state"] and s["expires_at"] <= now and (s["expires_at"], s["_key"]) > start
    ]
    found.sort(key=lambda s: (s["expires_at"], s["_key"]))
    return (yield from with_newest(db, found[: v["count"]], now))


def all_sessions(db: Database, v: Values) -> Steps:
    found = sorted(key for key in db["symphainy_sessions"].documents if key > v["after"])[: v["count"]]
    return (yield from with_newest(db, [db["symphainy_sessions"].documents[key] for key in found], at(v)))


def counted(db: Database, v: Values) -> Steps:
    return (yield from with_newest(db, db["symphainy_sessions"].by("user_id", v["user_id"]), at(v)))


def claims(db: Database, v: Values) -> Steps:
    yield
    u = get(db, "symphainy_users", v["user"])
    return [] if u is None else [{"rev": u["_rev"], "claims": u["claims"]}]


def first_claim(db: Database, v: Values) -> Steps:
    yield
    db["symphainy_users"].insert({"_key": v["user"], "claims": v["claims"]})
    return []


def lease(db: Database, v: Values) -> Steps:
    yield
    return [{"now": at(v), "lease": get(db, "symphainy_leases", v["key"])}]


def insert(name: str, mode: str = "conflict") -> Callable[[Database, Values], Steps]:
    def meaning(db: Database, v: Values) -> Steps:
        yield
        db[name].insert(v["document"], mode)
        return []

    return meaning


def snapshot(db: Database, v: Values) -> Steps:
    yield
    p = get(db, "symphainy_snapshots", v["life"])
    return [] if p is None else [p]


def snapshot_seq(db: Database, v: Values) -> Steps:
    yield
    p = get(db, "symphainy_snapshots", v["life"])
    return [] if p is None else [{"rev": p["_rev"], "seq": p["seq"]}]


def token(db: Database, v: Values) -> Steps:
    yield
    t = get(db, "symphainy_tokens", v["key"])
    return [] if t is None else [{"now": at(v), "token": t}]


def tokens_of(name: str) -> Callable[[Database, Values], Steps]:
    def meaning(db: Database, v: Values) -> Steps:
        yield
        tokens = db["symphainy_tokens"]
        found = [get(db, "symphainy_tokens", v["key"])] if name == "key" else tokens.by(name, v[name])
        fields = ("token_hash", "user_id", "session_id")
        return [{"key": t["_key"], **{key: t[key] for key in fields}} for t in found if t is not None]

    return meaning


def all_tokens(db: Database, v: Values) -> Steps:
    yield
    found = sorted(key for key in db["symphainy_tokens"].documents if key > v["after"])[: v["count"]]
    return [db["symphainy_tokens"].documents[key] for key in found]


def format_(db: Database, v: Values) -> Steps:
    yield
    m = get(db, "symphainy_meta", "format")
    return [] if m is None else [m["version"]]


def set_format(db: Database, v: Values) -> Steps:
    yield
    db["symphainy_meta"].insert({"_key": "format", "version": v["version"]}, "ignore")
    return []


def probe(db: Database, v: Values) -> Steps:
    yield
    db["symphainy_meta"].insert({"_key": "probe", "nonce": v["nonce"]}, "replace")
    return []


def _life(d: Document, v: Values) -> bool:
    return True


MEANINGS: dict[str, tuple[str, Callable[[Database, Values], Steps]]] = {
    "LOOK": ("6c25874e639a", look),
    "CHECK": ("8c5e5cf1ce4b", check),
    "WRITE": ("b636a134feac", write),
    "WRITTEN": ("9f76139fa277", written),
    "NEWEST_OF": ("59cce775a387", newest_of),
    "PAGE": ("25844f01ad78", page),
    "TOPIC_UP": ("4a1f2574790e", topic(False)),
    "TOPIC_DOWN": ("425d50f8f71e", topic(True)),
    "ERASE_LOG": ("d0c437a11914", erase("symphainy_log", lambda d, v: d["position"] < v["position"])),
    "OPEN_WORK": ("72d7cd7a4a4c", open_work),
    "ALL_CLOSED": ("5616249c3c9b", all_closed),
    "HEADS": ("3057c9f0f43f", heads),
    "PROPOSE": ("e5c170ec01f7", propose),
    "ARRIVE": ("65a7b5cc1cde", arrive),
    "FENCE": ("1adc86d21b88", fence),
    "LIVE_LEASES": ("751d4b5b00ba", live_leases),
    "CHANGE_SESSION": ("23887067f7d6", swap("symphainy_sessions", "changes", returns=None)),
    "ERASE_SESSION": (
        "0046cd565e0a",
        erase("symphainy_sessions", lambda d, v: d["life"] == v["life"] and d["state"] == "erasing"),
    ),
    "SESSIONS_OF": ("7806db8c5ffe", sessions_of),
    "OVERDUE": ("c092f6a9c6d7", overdue),
    "ALL_SESSIONS": ("d9b7dac60f76", all_sessions),
    "CLAIMS": ("182c090aae95", claims),
    "FIRST_CLAIM": ("246eae496369", first_claim),
    "CLAIM": ("dd1208241f13", swap("symphainy_users", "claims", "user")),
    "COUNTED": ("d1b22d354cf4", counted),
    "LEASE": ("f6d1b89dc6ba", lease),
    "FIRST_LEASE": ("3f83ab33016e", insert("symphainy_leases")),
    "CHANGE_LEASE": ("14dacc7a8e63", swap("symphainy_leases", "changes")),
    "ERASE_LEASES": ("ce882bb4a17d", erase("symphainy_leases", _life)),
    "SNAPSHOT": ("588650905dac", snapshot),
    "SNAPSHOT_SEQ": ("a1ec1645031f", snapshot_seq),
    "FIRST_SNAPSHOT": ("bc99e7128664", insert("symphainy_snapshots")),
    "CHANGE_SNAPSHOT": ("fd1d805cbf46", swap("symphainy_snapshots", "document", replace=True)),
    "ERASE_SNAPSHOT": ("b14f086a7b21", erase("symphainy_snapshots", _life)),
    "PUT_TOKEN": ("be429dea5937", insert("symphainy_tokens", "replace")),
    "TOKEN": ("2855f80e3eb9", token),
    "USE_TOKEN": ("f22d2f39c39a", swap("symphainy_tokens", "changes")),
    "TOKENS_OF_SESSION": ("142f9d2e49b4", tokens_of("session_id")),
    "TOKENS_OF_USER": ("fa63185711f6", tokens_of("user_id")),
    "TOKEN_OF_HASH": ("56f3d2b20f69", tokens_of("key")),
    "ERASE_TOKENS": ("b06bd94f3f55", erase("symphainy_tokens", _life)),
    "ALL_TOKENS": ("02d232599be9", all_tokens),
    "FORMAT": ("1c8cbb1e5003", format_),
    "SET_FORMAT": ("0f8d2316893b", set_format),
    "PROBE": ("ffbc11bc208e", probe),
}


def texts() -> dict[str, str]:
    """Every statement of the store, by name."""
    return {name: text for name, text in vars(statements).items() if name.isupper() and not name.startswith("_")}


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


STATEMENTS = {name: meaning for name, (_, meaning) in MEANINGS.items()}
NAMES = {text: name for name, text in texts().items() if name in MEANINGS and digest(text) == MEANINGS[name][0]}
