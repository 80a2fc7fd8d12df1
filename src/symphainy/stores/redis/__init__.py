"""The store for many server processes: one Redis or Valkey server, a replicated one with sentinels, or a cluster.

    redis://[user:password@]host[:6379][/db]           one server (`rediss://` with TLS)
    redis+cluster://host[:6379][,host...]              a cluster; any of its nodes (`rediss+cluster://`)
    redis+sentinel://host[:26379][,host...]/master     the master that sentinels name (`rediss+sentinel://`)

Redis 6.2 or newer, or Valkey; core commands only. Each operation is one Lua text (folder `lua`), which the server runs
as a transaction: a function where it has them (7 and newer), a script otherwise.

Parameters, as in `redis://host?timeout=3&wait=1`:

    prefix=symphainy       what all keys begin with
    timeout=5              seconds: every call has ended after these and one more
    answer_timeout=2       seconds without an answer after which the connection is given up and the call repeated
    wait=0                 replicas that must have a write before it is acknowledged (WAIT); fewer: StoreUnavailable
    wait_timeout=1         seconds to wait for them
    check_interval=1       seconds between two looks at the sessions that are waited for, in case a hint was lost
    durability=            fsync, 1s or none: what an acknowledgement is worth, where the server does not let its
                           settings be read; elsewhere the least that is accepted
    functions=yes          no: scripts only
    ssl_ca_certs, ssl_certfile, ssl_keyfile, ssl_cert_reqs
    sentinel_username, sentinel_password

A call whose answer is lost is repeated by the store itself, not by the client library, and recognised by the server as
the same call: nothing is written twice. Appends of many callers travel in one call; each is atomic, and is written,
refused or recognised by itself. The server must not evict (`maxmemory-policy noeviction`), or entering raises
StoreUnavailable. `probe` names what its settings make of an acknowledgement: `fsync` with `appendfsync always`, `<=1s`
with `everysec`, else `none`.
"""

from __future__ import annotations

from symphainy.stores.redis.store import RedisStore

__all__ = ["RedisStore"]
