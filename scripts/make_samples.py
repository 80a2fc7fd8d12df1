"""Writes the generated part of `src/symphainy/samples`: the same bytes every time.

Superstore orders and RAND health insurance are copied from where `LICENSES.md` says; see `--copy`.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import gzip
import io
import random
from email.message import EmailMessage
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parents[1] / "src" / "symphainy" / "samples"
AS_OF: Final = dt.date(2026, 10, 31)
FIRST: Final = ("Anna", "Bruno", "Clara", "David", "Elena", "Felix", "Greta", "Hugo", "Ines", "Jonas", "Karin", "Luca")
LAST: Final = (
    "Berger",
    "Costa",
    "Dubois",
    "Eriksen",
    "Fischer",
    "Greco",
    "Huber",
    "Jansen",
    "Keller",
    "Müller",
    "Novak",
)
PLACES: Final = ("Bern", "Lyon", "Graz", "Turin", "Ghent", "Malmö", "Porto", "Gdansk", "Cork", "Brno")
TRADES: Final = (
    "Bakery",
    "Books",
    "Carpentry",
    "Clinic",
    "Garage",
    "Hotel",
    "Logistics",
    "Optics",
    "Pharmacy",
    "Textiles",
)
LATE: Final = 14
COPYBOOK: Final = """\
      *----------------------------------------------------------------*
      * POLICY MASTER FILE: ONE RECORD FOR EACH POLICY, EBCDIC (CP037)  *
      *----------------------------------------------------------------*
       01  POLICY-RECORD.
           05  POLICY-NUMBER           PIC 9(8).
           05  POLICY-HOLDER           PIC X(24).
           05  DATE-OF-BIRTH           PIC 9(8).
           05  STATUS-CODE             PIC X(1).
               88  ACTIVE              VALUE 'A'.
               88  LAPSED              VALUE 'L'.
               88  CLAIM-OPEN          VALUE 'C'.
           05  ANNUAL-PREMIUM          PIC S9(7)V99  COMP-3.
           05  ACCOUNT-BALANCE         PIC S9(7)V99.
           05  CLAIM-COUNT             PIC S9(4)     COMP.
           05  COVERAGE                OCCURS 3 TIMES.
               10  COVERAGE-CODE       PIC X(2).
               10  SUM-INSURED         PIC 9(9)      COMP-3.
           05  CONTACT                 PIC X(12).
           05  PHONE REDEFINES CONTACT PIC 9(12).
           05  FILLER                  PIC X(6).
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--copy", nargs=2, type=Path, metavar=("SUPERSTORE_CSV_GZ", "RANDHIE_CSV"))
    options = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    if options.copy:
        superstore, randhie = options.copy
        _pack("superstore-orders.csv", gzip.decompress(superstore.read_bytes()))
        _pack("health-insurance.csv", randhie.read_bytes())
    _pack("receivables.csv", receivables(random.Random(11)))
    _pack("policies.dat", policies(random.Random(12)))
    (FOLDER / "policies.cpy").write_text(COPYBOOK, encoding="ascii")
    (FOLDER / "late-claims.eml").write_bytes(letter(random.Random(13)))


def receivables(chance: random.Random) -> bytes:
    """5,000 invoices. Planted: 14 customers who pay more than 90 days late, three sales people whose customers pay later
    than those of all others, nine amounts that are a hundred times too high, and turnover that falls in the North from
    July on."""
    customers = [f"{place} {trade}" for place in PLACES for trade in TRADES]
    late = set(chance.sample(customers, LATE))
    people = [f"{first} {last}" for first, last in zip(FIRST, (*LAST[:10], "Olsen", "Peters"), strict=True)]
    slow = set(chance.sample(people, 3))
    outliers = set(chance.sample(range(5_000), 9))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    header = (
        "invoice",
        "customer",
        "region",
        "sales_person",
        "invoice_date",
        "due_date",
        "amount",
        "paid_date",
        "days_late",
    )
    writer.writerow(header)
    for number in range(5_000):
        customer, person = chance.choice(customers), chance.choice(people)
        region = ("North", "South", "East", "West")[customers.index(customer) % 4]
        issued = dt.date(2026, 1, 1) + dt.timedelta(days=number * 300 // 5_000)
        due = issued + dt.timedelta(days=30)
        amount = round(chance.lognormvariate(6.5, 0.6), 2)
        if region == "North" and issued >= dt.date(2026, 7, 1):
            amount = round(amount * 0.55, 2)
        if number in outliers:
            amount = round(amount * 100, 2)
        delay = chance.randint(-12, 14) + (chance.randint(12, 25) if person in slow else 0)
        if customer in late:
            delay = chance.randint(91, 150)
        paid = due + dt.timedelta(days=delay)
        open_still = paid > AS_OF
        days_late = max((AS_OF if open_still else paid).toordinal() - due.toordinal(), 0)
        shown = "" if open_still else paid.isoformat()
        writer.writerow((f"R{10_000 + number}", customer, region, person, issued, due, amount, shown, days_late))
    return out.getvalue().encode()


def policies(chance: random.Random) -> bytes:
    """2,000 records as `policies.cpy` describes them."""
    out = bytearray()
    for number in range(2_000):
        holder = f"{chance.choice(LAST)}, {chance.choice(FIRST)}"
        born = dt.date(1940, 1, 1) + dt.timedelta(days=chance.randrange(24_000))
        out += _text(str(40_000_000 + number * 7), 8) + _text(holder, 24) + _text(born.strftime("%Y%m%d"), 8)
        out += _text(chance.choices("ALC", (80, 12, 8))[0], 1)
        out += _packed(chance.randint(12_000, 480_000), 9) + _zoned(chance.randint(-90_000, 250_000), 9)
        out += chance.choices((0, 1, 2, 3), (70, 20, 8, 2))[0].to_bytes(2, "big")
        for code in ("LI", "HO", "CA"):
            out += _text(code, 2) + _packed(chance.randint(1, 80) * 10_000, 9)
        phone = f"{chance.randint(10**11, 10**12 - 1)}"
        out += _text(phone if chance.random() < 0.7 else "by letter", 12) + _text("", 6)
    return bytes(out)


def letter(chance: random.Random) -> bytes:
    message = EmailMessage()
    message["From"] = "Karin Huber <karin.huber@example.com>"
    message["To"] = "Claims Team <claims@example.com>"
    message["Cc"] = "Jonas Keller <jonas.keller@example.com>"
    message["Date"] = "Mon, 02 Nov 2026 09:12:00 +0100"
    message["Subject"] = "Claims that are still open after 60 days"
    message["Message-ID"] = "<open-claims-2026-11-02@example.com>"
    message.set_content(
        "Dear all,\n\nattached are the claims that were reported before September and are still open. Three adjusters have\n"
        "most of them. Please look at those above 20,000 first, and tell me by Friday which ones wait for papers of the\n"
        "customer.\n\nKind regards\nKarin Huber\nHead of Claims\n"
    )
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("claim", "policy", "reported", "adjuster", "reserve", "days_open", "waits_for"))
    adjusters = [f"{first} {last}" for first, last in zip(FIRST[:8], LAST[:8], strict=True)]
    for number in range(180):
        reported = dt.date(2026, 8, 31) - dt.timedelta(days=chance.randrange(120))
        person = chance.choice(adjusters[:3]) if chance.random() < 0.6 else chance.choice(adjusters)
        reserve = round(chance.lognormvariate(8.8, 0.9), 2)
        waits = chance.choice(("customer", "expert", "police report", ""))
        days = dt.date(2026, 11, 2).toordinal() - reported.toordinal()
        policy = 40_000_000 + chance.randrange(2_000) * 7
        writer.writerow((f"C-{26_000 + number}", policy, reported, person, reserve, days, waits))
    message.add_attachment(out.getvalue().encode(), maintype="text", subtype="csv", filename="open claims.csv")
    message.set_boundary("=-open-claims-=")
    return message.as_bytes()


def _pack(name: str, data: bytes) -> None:
    (FOLDER / f"{name}.gz").write_bytes(gzip.compress(data, 9, mtime=0))


def _text(value: str, size: int) -> bytes:
    return value.ljust(size).encode("cp037")


def _zoned(value: int, digits: int) -> bytes:
    text = bytearray(str(abs(value)).zfill(digits).encode("cp037"))
    text[-1] = (text[-1] & 0x0F) | (0xD0 if value < 0 else 0xC0)
    return bytes(text)


def _packed(value: int, digits: int) -> bytes:
    return bytes.fromhex(str(abs(value)).zfill(digits) + ("D" if value < 0 else "C"))


if __name__ == "__main__":
    main()
