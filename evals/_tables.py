"""The tables that the questions are about: generated, the same each time, and with answers that can be counted by hand."""

from __future__ import annotations

import csv
import datetime as dt
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
from _business_tables import deals, invoices, loans, members, policies, projects, sales_lines, shipments
from _fresh_tables import bookings, gifts, maintenance
from _nine_tables import TABLES as NINE_TABLES
from _six_tables import TABLES as SIX_TABLES
from _ten_tables import TABLES as TEN_TABLES

Row = tuple[object, ...]


def orders(rows: int = 4_000) -> tuple[str, Iterator[Row]]:
    """Orders of an office supplier, with the columns that such exports have."""
    rng = random.Random(11)
    categories = {
        "Furniture": ["Chairs", "Tables", "Bookcases"],
        "Office Supplies": ["Paper", "Binders", "Storage"],
        "Technology": ["Phones", "Machines", "Copiers"],
    }
    cities = [
        ("Austin", "Texas", "Central"), ("Houston", "Texas", "Central"), ("Seattle", "Washington", "West"),
        ("Los Angeles", "California", "West"), ("New York City", "New York", "East"), ("Miami", "Florida", "South"),
        ("Boston", "Massachusetts", "East"), ("Chicago", "Illinois", "Central"),
    ]  # fmt: skip
    people = [
        f"{first} {last}"
        for first in ("Ada", "Bo", "Cy", "Dee", "Eli", "Fay")
        for last in ("Hart", "Ito", "Jung", "Kerr", "Lowe")
    ]
    columns = (
        '"Order ID" VARCHAR, "Order Date" DATE, "Ship Date" DATE, "Ship Mode" VARCHAR, "Customer ID" VARCHAR, '
        '"Customer Name" VARCHAR, "Segment" VARCHAR, "City" VARCHAR, "State" VARCHAR, "Region" VARCHAR, '
        '"Category" VARCHAR, "Sub-Category" VARCHAR, "Product Name" VARCHAR, "Sales" DOUBLE, "Quantity" BIGINT, '
        '"Discount" DOUBLE, "Profit" DOUBLE'
    )

    def made() -> Iterator[Row]:
        for number in range(rows):
            day = dt.date(2014, 1, 1) + dt.timedelta(days=rng.randrange(1461))
            category = rng.choice(list(categories))
            city, state, region = rng.choice(cities)
            person = rng.randrange(len(people))
            sales = round(rng.lognormvariate(4.3, 1.0), 2)
            sub = rng.choice(categories[category])
            yield (
                f"US-{day.year}-{100000 + number // 2}", day, day + dt.timedelta(days=rng.randrange(8)),
                rng.choice(["Standard Class", "Second Class", "First Class", "Same Day"]), f"C-{person:03}",
                people[person], rng.choice(["Consumer", "Corporate", "Home Office"]), city, state, region, category,
                sub, f"{sub[:-1]} {rng.choice('ABCDEF')}{rng.randrange(1, 5)}", sales, rng.randrange(1, 15),
                rng.choice([0.0, 0.0, 0.2, 0.4, 0.8]), round(sales * rng.uniform(-0.3, 0.5), 2),
            )  # fmt: skip

    return columns, made()


def receivables(rows: int = 3_000) -> tuple[str, Iterator[Row]]:
    """Invoices with due and paid dates and no column of days late; some are not paid yet."""
    rng = random.Random(12)
    customers = [
        f"{name} {form}"
        for name in ("Acorn", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel")
        for form in ("Ltd", "GmbH", "Inc")
    ]
    columns = (
        '"invoice_no" VARCHAR, "customer" VARCHAR, "country" VARCHAR, "invoice_date" DATE, "due_date" DATE, '
        '"paid_date" DATE, "amount" DECIMAL(12,2), "payment_method" VARCHAR, "disputed" BOOLEAN'
    )

    def made() -> Iterator[Row]:
        for number in range(rows):
            who = rng.randrange(len(customers))
            day = dt.date(2024, 1, 1) + dt.timedelta(days=rng.randrange(540))
            due = day + dt.timedelta(days=30)
            late = round(rng.gauss(95, 25)) if who in (3, 17) else round(rng.gauss(2, 9))
            paid = due + dt.timedelta(days=late)
            newest = dt.date(2025, 7, 31)
            yield (
                f"INV-{number:05}", customers[who], rng.choice(["Germany", "France", "Spain", "Italy"]), day, due,
                paid if paid <= newest else None, round(rng.lognormvariate(7, 0.8), 2),
                rng.choice(["bank transfer", "card", "direct debit"]), rng.random() < 0.07,
            )  # fmt: skip

    return columns, made()


def claims(rows: int = 3_000) -> tuple[str, Iterator[Row]]:
    """Insurance claims with three adjusters who pay more."""
    rng = random.Random(13)
    adjusters = ["Abel", "Brandt", "Costa", "Dunn", "Egger", "Frost", "Gruber", "Holt", "Iyer", "Jansen", "Kim", "Lund"]
    columns = (
        '"claim_id" VARCHAR, "policy_no" BIGINT, "adjuster" VARCHAR, "loss_type" VARCHAR, "state" VARCHAR, '
        '"opened_on" DATE, "closed_on" DATE, "claimed_amount" DOUBLE, "paid_amount" DOUBLE, "days_open" BIGINT, '
        '"status" VARCHAR, "fraud_suspected" BOOLEAN'
    )

    def made() -> Iterator[Row]:
        for number in range(rows):
            adjuster = rng.choice(adjusters)
            opened = dt.date(2023, 1, 1) + dt.timedelta(days=rng.randrange(730))
            days = max(1, round(rng.gammavariate(3, 12)))
            claimed = round(rng.lognormvariate(8, 0.7), 2)
            closed = rng.random() < 0.8
            share = rng.uniform(0.85, 1.0) if adjuster in ("Costa", "Holt", "Kim") else rng.uniform(0.4, 0.8)
            yield (
                f"CL{number:06}", 700000 + rng.randrange(900), adjuster, rng.choice(["water", "fire", "theft", "storm"]),
                rng.choice(["Ohio", "Iowa", "Utah"]), opened, opened + dt.timedelta(days=days) if closed else None,
                claimed, round(claimed * share, 2) if closed else 0.0, days,
                rng.choice(["paid", "denied"]) if closed else "open", rng.random() < 0.05,
            )  # fmt: skip

    return columns, made()


def employees(rows: int = 1_200) -> tuple[str, Iterator[Row]]:
    rng = random.Random(14)
    columns = (
        '"employee_id" BIGINT, "full_name" VARCHAR, "department" VARCHAR, "job_title" VARCHAR, "office" VARCHAR, '
        '"gender" VARCHAR, "age" BIGINT, "salary" DOUBLE, "hire_date" DATE, "exit_date" DATE, "performance_rating" BIGINT, '
        '"remote" BOOLEAN'
    )
    departments = ["Sales", "Engineering", "Finance", "Support", "Marketing"]
    first, last = (
        ["Ana", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gia", "Hugo"],
        ["Abt", "Bauer", "Cruz", "Diaz", "Engel", "Fox"],
    )

    def made() -> Iterator[Row]:
        for number in range(rows):
            hired = dt.date(2012, 1, 1) + dt.timedelta(days=rng.randrange(4700))
            left = hired + dt.timedelta(days=rng.randrange(60, 3000))
            yield (
                1000 + number, f"{rng.choice(first)} {rng.choice(last)} {number}", rng.choice(departments),
                rng.choice(["Analyst", "Manager", "Specialist", "Director"]), rng.choice(["Berlin", "Madrid", "Oslo"]),
                rng.choice(["female", "male"]), rng.randrange(20, 66), round(rng.lognormvariate(10.9, 0.3), 0), hired,
                left if left < dt.date(2025, 1, 1) and rng.random() < 0.4 else None, rng.randrange(1, 6), rng.random() < 0.3,
            )  # fmt: skip

    return columns, made()


def stock(rows: int = 800) -> tuple[str, Iterator[Row]]:
    rng = random.Random(15)
    columns = (
        '"SKU" VARCHAR, "Item" VARCHAR, "Warehouse" VARCHAR, "Supplier" VARCHAR, "Units in Stock" BIGINT, '
        '"Reorder Level" BIGINT, "Unit Price" DECIMAL(10,2), "Last Restocked" DATE, "Discontinued" BOOLEAN'
    )

    def made() -> Iterator[Row]:
        for number in range(rows):
            yield (
                f"SKU-{number:04}", f"{rng.choice(['Lamp', 'Desk', 'Mug', 'Cable'])} {rng.choice(['S', 'M', 'L'])}",
                rng.choice(["Hamburg", "Lyon", "Porto"]), rng.choice(["Nordic Parts", "Alba", "Quentis"]),
                rng.randrange(0, 400), rng.choice([20, 50, 80]), round(rng.lognormvariate(3, 0.6), 2),
                dt.date(2025, 1, 1) + dt.timedelta(days=rng.randrange(200)), rng.random() < 0.1,
            )  # fmt: skip

    return columns, made()


def visits(rows: int = 2_500) -> tuple[str, Iterator[Row]]:
    rng = random.Random(16)
    columns = (
        '"visitId" VARCHAR, "patientId" VARCHAR, "clinic" VARCHAR, "diagnosis" VARCHAR, "visitDate" TIMESTAMP, '
        '"waitMinutes" BIGINT, "cost" DOUBLE, "insurer" VARCHAR, "noShow" BOOLEAN'
    )

    def made() -> Iterator[Row]:
        for number in range(rows):
            day = dt.datetime.fromisoformat("2024-01-01T08:00:00") + dt.timedelta(minutes=rng.randrange(365 * 24 * 60))
            yield (
                f"V{number:05}", f"P{rng.randrange(700):04}", rng.choice(["Central", "Harbor", "Hillside"]),
                rng.choice(["flu", "back pain", "migraine", "asthma"]), day, max(0, round(rng.gauss(25, 12))),
                round(rng.lognormvariate(4.5, 0.5), 2), rng.choice(["Aetos", "Medica", None]), rng.random() < 0.08,
            )  # fmt: skip

    return columns, made()


def flights(rows: int = 2_000) -> tuple[str, Iterator[Row]]:
    rng = random.Random(17)
    columns = (
        '"flight_no" VARCHAR, "airline" VARCHAR, "origin_airport" VARCHAR, "destination_airport" VARCHAR, '
        '"departure_date" DATE, "delay_minutes" BIGINT, "passengers" BIGINT, "ticket_revenue" DOUBLE, "cancelled" BOOLEAN, '
        '"aircraft_type" VARCHAR'
    )

    def made() -> Iterator[Row]:
        for _ in range(rows):
            yield (
                f"{rng.choice(['BA', 'LH', 'AF'])}{rng.randrange(100, 160)}", rng.choice(["Blue Air", "Lumen", "Aero Fin"]),
                rng.choice(["LHR", "FRA", "CDG", "MAD"]), rng.choice(["JFK", "SFO", "NRT"]),
                dt.date(2023, 1, 1) + dt.timedelta(days=rng.randrange(730)), round(rng.gauss(12, 25)), rng.randrange(60, 300),
                round(rng.lognormvariate(10.5, 0.4), 2), rng.random() < 0.04, rng.choice(["A320", "B737", "A350"]),
            )  # fmt: skip

    return columns, made()


def tickets(rows: int = 1_800) -> tuple[str, Iterator[Row]]:
    rng = random.Random(18)
    columns = (
        '"Ticket #" BIGINT, "Priority" VARCHAR, "Agent" VARCHAR, "Product Line" VARCHAR, "Created" TIMESTAMP, '
        '"Resolved" TIMESTAMP, "Hours to Resolve" DOUBLE, "Satisfaction Score" DOUBLE, "Country" VARCHAR, "Channel" VARCHAR'
    )

    def made() -> Iterator[Row]:
        for number in range(rows):
            created = dt.datetime.fromisoformat("2025-01-01T00:00:00") + dt.timedelta(hours=rng.randrange(24 * 200))
            hours = round(rng.expovariate(1 / 30), 1)
            done = rng.random() < 0.85
            yield (
                5000 + number, rng.choice(["low", "medium", "high", "urgent"]), rng.choice(["Mia Roth", "Noah Bell", "Lea Kurz"]),
                rng.choice(["Router", "Modem", "Switch"]), created, created + dt.timedelta(hours=hours) if done else None,
                hours if done else None, round(rng.uniform(1, 5), 1) if done else None,
                rng.choice(["Austria", "Switzerland", "Germany"]), rng.choice(["email", "phone", "chat"]),
            )  # fmt: skip

    return columns, made()


TABLES: dict[str, Callable[[], tuple[str, Iterator[Row]]]] = (
    {
        "orders": orders,
        "receivables": receivables,
        "claims": claims,
        "employees": employees,
        "stock": stock,
        "visits": visits,
        "flights": flights,
        "tickets": tickets,
        "invoices": invoices,
        "policies": policies,
        "sales_lines": sales_lines,
        "deals": deals,
        "shipments": shipments,
        "members": members,
        "loans": loans,
        "projects": projects,
        "bookings": bookings,
        "gifts": gifts,
        "maintenance": maintenance,
    }
    | TEN_TABLES
    | NINE_TABLES
    | SIX_TABLES
)


def write_table(name: str, folder: Path) -> Path:
    """A Parquet file of that table; made once."""
    path = folder / f"{name}.parquet"
    if path.exists():
        return path
    columns, rows = TABLES[name]()
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE made ({columns})")
        listed = list(rows)
        text = folder / f"{name}.csv"
        _write_csv(text, listed)
        connection.execute(
            f"INSERT INTO made SELECT * FROM read_csv('{text}', header=false, all_varchar=true, nullstr='')"
        )
        connection.execute(f"COPY made TO '{path}' (FORMAT parquet)")
    return path


def _write_csv(path: Path, rows: list[Row]) -> None:
    with path.open("w", newline="", encoding="utf-8") as target:
        csv.writer(target).writerows(["" if value is None else value for value in row] for row in rows)
