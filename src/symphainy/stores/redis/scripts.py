"""The Lua texts, one for each operation, as a function library and as scripts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

FLAGS: Final[Mapping[str, str]] = {
    "create": "",
    "append": "",
    "read": "no-writes",
    "load": "no-writes",
    "open_work": "no-writes",
    "touch": "",
    "save_snapshot": "",
    "acquire_lease": "",
    "release_lease": "allow-oom",
    "delete": "allow-oom",
    "copy_out": "no-writes",
    "copy_in": "",
    "drop": "allow-oom",
    "reserve": "",
    "intend": "",
    "sweep": "allow-oom",
    "use_token": "",
}
"""Every operation, and what the server must know of it: that it only reads, or that it may run when memory is full."""


@dataclass(frozen=True, slots=True)
class Scripts:
    """`library` is what FUNCTION LOAD takes. Its name and those of its functions hold a hash of the text, so that
    servers of two versions of Symphainy work side by side."""

    library: bytes
    functions: Mapping[str, bytes]
    texts: Mapping[str, bytes]
    hashes: Mapping[str, bytes]


def _read() -> Scripts:
    folder = files("symphainy.stores.redis") / "lua"
    shared = (folder / "shared.lua").read_text()
    bodies = {name: (folder / f"{name}.lua").read_text() for name in FLAGS}
    body = "\n".join([shared, *bodies.values()])
    version = hashlib.sha256((body + repr(FLAGS)).encode()).hexdigest()[:12]
    functions = {name: f"symphainy_{version}_{name}" for name in FLAGS}
    registered = "\n".join(
        f"redis.register_function{{function_name='{functions[name]}', callback={name},"
        f" flags={{{repr(flag) if flag else ''}}}}}"
        for name, flag in FLAGS.items()
    )
    # what reads a range of a log is in read.lua
    bodies["copy_out"] = f"{bodies['read']}\n{bodies['copy_out']}"
    texts = {name: f"{shared}\n{text}\nreturn {name}(KEYS, ARGV)\n".encode() for name, text in bodies.items()}
    return Scripts(
        library=f"#!lua name=symphainy_{version}\n{body}\n{registered}\n".encode(),
        functions={name: function.encode() for name, function in functions.items()},
        texts=texts,
        hashes={name: hashlib.sha1(text, usedforsecurity=False).hexdigest().encode() for name, text in texts.items()},
    )


SCRIPTS: Final = _read()
