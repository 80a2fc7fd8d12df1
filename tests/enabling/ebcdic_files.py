"""Mainframe files written field by field, by other means than the reader's."""

from __future__ import annotations

import random
from decimal import Decimal

COPYBOOK = """\
000100*----------------------------------------------------------------*
000200* POLICY MASTER                                                  *
000300 01  POLICY-RECORD.                                               POLMST
000400     05  POLICY-NUMBER          PIC 9(8).                         POLMST
000500     05  HOLDER                 PIC X(20).
000600     05  PREMIUM                PIC S9(7)V99 COMP-3.
000700     05  BALANCE                PIC S9(5)V99.
000800     05  CLAIMS                 PIC S9(4) COMP.
000900     05  COVERAGE               OCCURS 3 TIMES
001000                                INDEXED BY COV-IX.
001100         10  COVER-CODE         PIC X(2).
001200             88  LIFE           VALUE 'LI' 'LX'.
001300         10  COVER-SUM          PIC 9(6).
001400     05  CONTACT-DATA           PIC X(10).
001500     05  CONTACT-NUMBER REDEFINES CONTACT-DATA
001600                                PIC 9(10).
001700     05  FILLER                 PIC X(5) VALUE SPACES.
001800     05  ADJUSTMENT             PIC S9(3) SIGN IS LEADING SEPARATE
001900                                CHARACTER.
"""
LENGTH = 8 + 20 + 5 + 7 + 2 + 3 * 8 + 10 + 5 + 4
NAMES = ("Müller", "Meyer & Söhne", "Ann Smith", "O'Neil, J.", "Çelik", "Größe AG")


def zoned(value: int, digits: int, *, page: str = "cp037") -> bytes:
    text = bytearray(str(abs(value)).zfill(digits).encode(page))
    text[-1] = (text[-1] & 0x0F) | (0xD0 if value < 0 else 0xC0)
    return bytes(text)


def packed(value: int, digits: int) -> bytes:
    nibbles = str(abs(value)).zfill(digits + 1 - digits % 2) + ("d" if value < 0 else "c")
    return bytes.fromhex(nibbles)


def policies(count: int, *, page: str = "cp037", seed: int = 7) -> tuple[bytes, list[list[object]]]:
    """The file, and the rows that it must give."""
    chance = random.Random(seed)
    out = bytearray()
    rows: list[list[object]] = []
    for number in range(count):
        holder, premium, balance = (
            chance.choice(NAMES),
            chance.randint(-(10**6), 10**9 - 1),
            chance.randint(-(10**7) + 1, 10**7 - 1),
        )
        claims, adjustment = chance.randint(-9999, 9999), chance.randint(-999, 999)
        covers = [(chance.choice(("LI", "HE", "CA")), chance.randint(0, 999_999)) for _ in range(3)]
        contact = str(chance.randint(0, 10**10 - 1)).zfill(10) if number % 2 else "by mail"
        out += str(number).zfill(8).encode(page) + holder.ljust(20).encode(page)
        out += packed(premium, 9) + zoned(balance, 7) + claims.to_bytes(2, "big", signed=True)
        for code, amount in covers:
            out += code.encode(page) + str(amount).zfill(6).encode(page)
        out += contact.ljust(10).encode(page) + b"\x40" * 5
        out += (("-" if adjustment < 0 else "+") + str(abs(adjustment)).zfill(3)).encode(page)
        rows.append(
            [
                number,
                holder,
                Decimal(premium).scaleb(-2),
                Decimal(balance).scaleb(-2),
                claims,
                *(cell for cover in covers for cell in cover),
                contact,
                int(contact) if number % 2 else None,
                adjustment,
            ]
        )
    return bytes(out), rows
