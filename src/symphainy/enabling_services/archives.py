"""Zip containers (Excel, Word, PowerPoint, OpenDocument) judged by their directory, before anything is unpacked."""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from symphainy.enabling_services.errors import ServiceError
from symphainy.enabling_services.limits import Limits

_END_OF_DIRECTORY: Final = b"PK\x05\x06"
_END_BYTES: Final = 22
_LONGEST_COMMENT: Final = 65_535
_BYTES_PER_DIRECTORY_ENTRY: Final = 512
_NESTED: Final = (".zip", ".jar", ".7z", ".rar", ".gz", ".bz2", ".xz", ".zst", ".tar", ".tgz")
_PROLOG_BYTES: Final = 4096
_BLOCK: Final = 1 << 20


def read_directory(path: Path, limits: Limits) -> tuple[zipfile.ZipInfo, ...]:
    """The entries of a zip file that passed every check which needs no unpacking: number of entries, unpacked size,
    ratio, nested archives, unsafe names, encryption. Reads the directory only.

    Raises ServiceError `truncated`, `unpacked_too_large` or `encrypted`.
    """
    count, directory_bytes = _end_of_directory(path)
    if count > limits.archive_entries or directory_bytes > limits.archive_entries * _BYTES_PER_DIRECTORY_ENTRY:
        raise _refused("entries", f"it holds more than {limits.archive_entries:,} parts", {"entries": count})
    try:
        with zipfile.ZipFile(path) as archive:
            entries = tuple(archive.infolist())
    except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError) as error:
        raise _truncated() from error
    if len(entries) > limits.archive_entries:
        raise _refused("entries", f"it holds more than {limits.archive_entries:,} parts", {"entries": len(entries)})
    for entry in entries:
        _check_entry(entry)
    _check_sizes(entries, limits)
    return entries


def verify_content(path: Path, limits: Limits, progress: Callable[[float], None]) -> None:
    """Unpack every entry once, to nowhere, so that a directory that lies about sizes or content is found out before a
    parser trusts it. Refuses XML that declares entities (billion laughs). Run it in the child process.

    Raises ServiceError `truncated` or `unpacked_too_large`.
    """
    done = 0
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        total = sum(entry.file_size for entry in entries) or 1
        for entry in entries:
            try:
                with archive.open(entry) as stream:
                    first = stream.read(_PROLOG_BYTES)
                    if entry.filename.endswith((".xml", ".rels")) and (b"<!ENTITY" in first or b"<!DOCTYPE" in first):
                        raise _refused("entities", "it declares XML entities, which office files never need", {})
                    done += len(first)
                    while block := stream.read(_BLOCK):
                        done += len(block)
                        if done > limits.unpacked_bytes:
                            raise _refused("size", f"it unpacks to more than {limits.unpacked_bytes:,} bytes", {})
                        progress(min(done / total, 1.0))
            except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
                raise _truncated() from error


def read_member(path: Path, name: str, most: int) -> bytes | None:
    """At most `most` bytes of one entry, None when there is no such entry."""
    with zipfile.ZipFile(path) as archive:
        try:
            with archive.open(name) as stream:
                return stream.read(most)
        except KeyError:
            return None


def _end_of_directory(path: Path) -> tuple[int, int]:
    with path.open("rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - _END_BYTES - _LONGEST_COMMENT))
        tail = stream.read()
    at = tail.rfind(_END_OF_DIRECTORY)
    if at < 0 or len(tail) - at < _END_BYTES:
        raise _truncated()
    _, _, _, _, count, directory_bytes, _, _ = struct.unpack("<4s4H2LH", tail[at : at + _END_BYTES])
    return count, directory_bytes


def _check_entry(entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & 0x1:
        raise ServiceError(
            "encrypted",
            "This file is protected by a password, so it cannot be read. Save a copy without the password and upload "
            "that.",
        )
    name = entry.filename.replace("\\", "/")
    if name.startswith("/") or ":" in name.split("/")[0] or ".." in name.split("/"):
        raise _refused("unsafe_name", "a part of it is named so that it would be written outside its folder", {})
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise _refused("link", "it contains a link to another file", {})
    if name.lower().endswith(_NESTED) and "/embeddings/" not in name:
        raise _refused("nested", "it contains another archive", {"name": name[:200]})


def _check_sizes(entries: tuple[zipfile.ZipInfo, ...], limits: Limits) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if unpacked > limits.unpacked_bytes:
        raise _refused("size", f"it unpacks to more than {limits.unpacked_bytes:,} bytes", {"unpacked_bytes": unpacked})
    pairs = [(unpacked, packed), *((entry.file_size, entry.compress_size) for entry in entries)]
    for large, small in pairs:
        if large > limits.unpacked_ratio_floor and large > limits.unpacked_ratio * max(small, 1):
            raise _refused(
                "ratio",
                f"it unpacks to more than {limits.unpacked_ratio} times its size",
                {"unpacked_bytes": large, "packed_bytes": small},
            )


def _refused(reason: str, why: str, facts: dict[str, int | str]) -> ServiceError:
    return ServiceError(
        "unpacked_too_large",
        f"This file was refused before it was unpacked: {why}. Nothing was read from it. "
        "If it is genuine, save it again from the program that made it and upload that copy.",
        {"reason": reason, **facts},
    )


def _truncated() -> ServiceError:
    return ServiceError(
        "truncated",
        "This file is incomplete or damaged: its table of contents is missing or does not match the rest. "
        "Nothing was read from it. Upload it again from the original.",
    )


def is_zip(head: bytes) -> bool:
    return head[:4] in (b"PK\x03\x04", b"PK\x05\x06")
