"""Three tables for the fresh questions: a hotel's bookings, a charity's gifts, a plant's maintenance orders; each names its
columns in a style of its own."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator

Row = tuple[object, ...]


def bookings(rows: int = 380) -> tuple[str, Iterator[Row]]:
    """Hotel bookings: some are cancelled or never showed up, a third of the guests left no rating."""
    rng = random.Random(71)
    columns = (
        '"booking_ref" VARCHAR, "guest_name" VARCHAR, "guest_country" VARCHAR, "booked_on" DATE, "check_in" DATE, '
        '"check_out" DATE, "room_type" VARCHAR, "booking_channel" VARCHAR, "adults" BIGINT, "children" BIGINT, '
        '"room_revenue" DECIMAL(10,2), "extras_revenue" DECIMAL(10,2), "breakfast_included" BOOLEAN, '
        '"booking_status" VARCHAR, "guest_rating" BIGINT'
    )
    guests = [
        f"{first} {last}"
        for first in ("Anna", "Ben", "Chiara", "David", "Elif", "Farid", "Greta", "Hugo", "Ines")
        for last in ("Novak", "Olsen", "Petit", "Rossi", "Silva", "Tanaka", "Vogel")
    ]
    nightly = {"Single": 82, "Double": 118, "Family": 165, "Suite": 290}

    def made() -> Iterator[Row]:
        for number in range(rows):
            arrival = dt.date(2024, 1, 3) + dt.timedelta(days=rng.randrange(600))
            nights = rng.choice([1, 1, 2, 2, 3, 3, 4, 5, 7, 10])
            room = rng.choices(list(nightly), [3, 5, 2, 1])[0]
            status = rng.choices(["Checked out", "Cancelled", "No-show"], [16, 3, 1])[0]
            stayed = status == "Checked out"
            room_revenue = round(nights * nightly[room] * rng.uniform(0.8, 1.35), 2) if stayed else 0
            yield (
                f"HB-{40211 + number}", rng.choice(guests),
                rng.choices(["Germany", "France", "Italy", "United Kingdom", "United States", "Japan", None],
                            [8, 5, 4, 4, 3, 2, 1])[0],
                arrival - dt.timedelta(days=int(rng.expovariate(1 / 30))), arrival,
                arrival + dt.timedelta(days=nights), room,
                rng.choices(["Website", "Booking.com", "Expedia", "Phone", "Walk-in"], [6, 8, 4, 2, 1])[0],
                1 if room == "Single" else rng.choice([1, 2, 2, 2, 3]), rng.choice([0, 0, 0, 1, 2]) if room == "Family" else 0,
                room_revenue, round(rng.expovariate(1 / 60), 2) if stayed and rng.random() < 0.7 else 0,
                rng.random() < 0.45, status, rng.choice([2, 3, 4, 4, 5, 5]) if stayed and rng.random() < 0.65 else None,
            )  # fmt: skip

    return columns, made()


def gifts(rows: int = 320) -> tuple[str, Iterator[Row]]:
    """A charity's list of gifts, as its supporters' database writes it out; pledges that were not honoured have no date of
    receipt, and many gifts belong to no campaign."""
    rng = random.Random(72)
    columns = (
        '"Receipt No" VARCHAR, "Donor" VARCHAR, "Donor Type" VARCHAR, "Town" VARCHAR, "Pledge Date" DATE, '
        '"Date Received" DATE, "Gift Amount" DOUBLE, "Pledged Amount" DOUBLE, "Fund" VARCHAR, "Campaign" VARCHAR, '
        '"Payment Type" VARCHAR, "Gift Aid" BOOLEAN, "First Gift" BOOLEAN'
    )
    donors = [
        *(f"{first} {last}" for first in ("Amy", "Bob", "Carol", "Deepa", "Ewan") for last in ("Ford", "Gill", "Hale", "Khan")),
        "Bright Bakery Ltd", "Harbour Garage Ltd", "Nordlight Software", "The Alder Trust", "Whitmore Foundation",
    ]  # fmt: skip

    def made() -> Iterator[Row]:
        seen: set[str] = set()
        for number in range(rows):
            who = rng.choice(donors)
            kind = "Individual"
            if who.endswith(("Ltd", "Software")):
                kind = "Company"
            elif who.endswith(("Trust", "Foundation")):
                kind = "Trust"
            pledged = dt.date(2022, 11, 1) + dt.timedelta(days=int(number * 3.1))
            promised = (
                round(rng.lognormvariate({"Individual": 3.8, "Company": 6.2, "Trust": 7.6}[kind], 0.7) / 5) * 5 + 5
            )
            honoured = rng.random() < 0.88
            yield (
                f"RC{number + 1:05}", who, kind, rng.choice(["Leeds", "York", "Hull", "Bradford", "Sheffield"]), pledged,
                pledged + dt.timedelta(days=rng.choice([0, 0, 1, 7, 14, 30, 60])) if honoured else None,
                promised * (1 if rng.random() < 0.85 else 0.5) if honoured else 0, promised,
                rng.choice(["General", "General", "Food Bank", "Youth Centre", "Building"]),
                rng.choice(["Winter Appeal", "Spring Walk", "Gala Dinner", None, None]),
                rng.choice(["Card", "Bank Transfer", "Direct Debit", "Cash", "Cheque"]),
                kind == "Individual" and rng.random() < 0.6, who not in seen,
            )  # fmt: skip
            seen.add(who)

    return columns, made()


def maintenance(rows: int = 260) -> tuple[str, Iterator[Row]]:
    """Work orders of a plant's maintenance; the ones not closed yet have no date of closing and no technician at times."""
    rng = random.Random(73)
    columns = (
        '"woNr" BIGINT, "machineId" VARCHAR, "machineType" VARCHAR, "hall" VARCHAR, "openedAt" DATE, "closedAt" DATE, '
        '"prio" VARCHAR, "jobKind" VARCHAR, "techName" VARCHAR, "labourHrs" DOUBLE, "partsCost" DECIMAL(10,2), '
        '"labourCost" DECIMAL(10,2), "downtimeMin" BIGINT, "underWarranty" VARCHAR'
    )
    machines = [(f"{kind[:2].upper()}-{number:02}", kind, hall) for number, (kind, hall) in enumerate(
        [("Lathe", "A"), ("Lathe", "A"), ("Mill", "A"), ("Mill", "B"), ("Press", "B"), ("Press", "B"), ("Robot", "C"),
         ("Robot", "C"), ("Conveyor", "C"), ("Conveyor", "A")], start=1)]  # fmt: skip

    def made() -> Iterator[Row]:
        for number in range(rows):
            machine, kind, hall = rng.choice(machines)
            opened = dt.date(2024, 2, 1) + dt.timedelta(days=number * 2 + rng.randrange(3))
            closed = rng.random() < 0.86
            job = rng.choice(["Breakdown", "Breakdown", "Inspection", "Preventive", "Calibration"])
            hours = round(rng.uniform(0.5, 9), 1)
            yield (
                7100 + number, machine, kind, hall, opened,
                opened + dt.timedelta(days=rng.choice([0, 1, 1, 2, 4, 9, 21])) if closed else None,
                rng.choices(["low", "medium", "high", "urgent"], [3, 5, 3, 1])[0], job,
                rng.choice(["Kowalski", "Mbeki", "Nguyen", "Ortega", "Larsen"]) if closed or rng.random() < 0.5 else None,
                hours if closed else None, round(rng.expovariate(1 / 240), 2) if rng.random() < 0.7 else 0,
                round(hours * 58, 2) if closed else 0, int(rng.expovariate(1 / 95)) if job == "Breakdown" else 0,
                rng.choice(["Y", "N", "N"]),
            )  # fmt: skip

    return columns, made()
