"""PDF documents and OLE2 containers, byte by byte: pages with text, old Excel workbooks, encrypted packages."""

from __future__ import annotations

import struct
from collections.abc import Sequence

_SECTOR = 512
_FREE = 0xFFFFFFFF
_END = 0xFFFFFFFE
_TABLE = 0xFFFFFFFD


def pdf(pages: Sequence[str], *, encrypted: bool = False) -> bytes:
    return pdf_of([f"BT /F1 24 Tf 72 720 Td ({text}) Tj ET".encode() if text else b"" for text in pages], encrypted)


def pdf_table(rows: Sequence[Sequence[str]], *, top: int = 700) -> bytes:
    """What draws a ruled table on a page of `pdf_of`."""
    width, height = 120, 24
    bottom, right = top - height * len(rows), 72 + width * len(rows[0])
    lines = [f"72 {top - height * n} m {right} {top - height * n} l S" for n in range(len(rows) + 1)]
    lines += [f"{72 + width * n} {top} m {72 + width * n} {bottom} l S" for n in range(len(rows[0]) + 1)]
    words = [
        f"BT /F1 10 Tf {76 + width * column} {top - 16 - height * row} Td ({cell}) Tj ET"
        for row, cells in enumerate(rows)
        for column, cell in enumerate(cells)
    ]
    return "\n".join([*lines, *words]).encode()


def pdf_of(pages: Sequence[bytes], encrypted: bool = False) -> bytes:
    kids = " ".join(f"{5 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Title (Quarter) /Author (Ada) /CreationDate (D:20240102030405Z) >>",
    ]
    for number, stream in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {6 + 2 * number} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    out = b"%PDF-1.4\n"
    offsets: list[int] = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    secret = b""
    if encrypted:
        secret = b"/Encrypt << /Filter /Standard /V 1 /R 2 /O (%s) /U (%s) /P -4 >> /ID [(x) (x)] " % (
            b"a" * 32,
            b"b" * 32,
        )
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    return (
        out
        + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
        + b"trailer\n<< /Size %d /Root 1 0 R /Info 4 0 R %s>>\nstartxref\n%d\n%%%%EOF\n" % (size, secret, len(out))
    )


def _entry(name: str, kind: int, start: int, size: int, child: int = _FREE, right: int = _FREE) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    return (
        text.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(text), kind, 1, _FREE, right, child)
        + b"\0" * 36
        + struct.pack("<IQ", start, size)
    )


def compound(streams: dict[str, bytes]) -> bytes:
    """An OLE2 container [MS-CFB] with streams large enough to need no mini stream."""
    sectors: list[bytes] = []
    chains: list[int] = []
    entries: list[bytes] = []
    for number, (name, content) in enumerate(streams.items(), 1):
        content = content.ljust(4096, b"\0")
        count = -(-len(content) // _SECTOR)
        start = len(sectors)
        sectors.extend(content[at : at + _SECTOR].ljust(_SECTOR, b"\0") for at in range(0, len(content), _SECTOR))
        chains.extend([*range(start + 1, start + count), _END])
        entries.append(_entry(name, 2, start, len(content), right=number + 1 if number < len(streams) else _FREE))
    directory = b"".join([_entry("Root Entry", 5, _END, 0, child=1), *entries]).ljust(_SECTOR, b"\0")
    directory_at = len(sectors)
    sectors.append(directory)
    chains.append(_END)
    chains.append(_TABLE)
    table = b"".join(struct.pack("<I", link) for link in chains).ljust(_SECTOR, b"\xff")
    sectors.append(table)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    header += struct.pack("<IIIIIIIII", 0, 1, directory_at, 0, 4096, _END, 0, _END, 0)
    header += struct.pack("<I", directory_at + 1) + b"\xff" * 4 * 108
    return header + b"".join(sectors)


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _text(value: str) -> bytes:
    return struct.pack("<HB", len(value), 1) + value.encode("utf-16-le")


def xls(name: str, rows: Sequence[Sequence[str | float]], *, password: bool = False) -> bytes:
    """An Excel 97-2003 workbook (BIFF8) with one sheet of texts and numbers; a float in column 2 is formatted as a
    date."""
    start = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6))
    if password:
        start += _record(0x002F, struct.pack("<HHH", 1, 1, 1) + b"\x99" * 48)
    start += _record(0x0042, struct.pack("<H", 1200))
    for number_format in (0, 14):
        start += _record(0x00E0, struct.pack("<HHHBBHIIH", 0, number_format, 0, 0x20, 0, 0, 0, 0, 0))
    listed = struct.pack("<BB", len(name), 0) + name.encode("latin-1")
    length = len(start) + 4 + 6 + len(listed) + 4
    start += _record(0x0085, struct.pack("<IH", length, 0) + listed) + _record(0x000A, b"")
    sheet = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 6))
    sheet += _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, max(map(len, rows)), 0))
    for row, cells in enumerate(rows):
        for column, value in enumerate(cells):
            if isinstance(value, str):
                sheet += _record(0x0204, struct.pack("<HHH", row, column, 0) + _text(value))
            else:
                sheet += _record(0x0203, struct.pack("<HHHd", row, column, int(column == 2), value))
    return compound({"Workbook": start + sheet + _record(0x000A, b"")})


def encrypted_package() -> bytes:
    """What Excel, Word and PowerPoint write when a password is set [MS-OFFCRYPTO]."""
    return compound({"EncryptionInfo": b"\x04\0\x04\0" + b"x" * 100, "EncryptedPackage": b"\x99" * 5000})
