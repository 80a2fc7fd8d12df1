"""Four more tables, in the shapes that exports of business systems have: abbreviated names, names with blanks, codes for
states, values that are missing, yes and no."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator

Row = tuple[object, ...]


def invoices(rows: int = 2_400) -> tuple[str, Iterator[Row]]:
    """An accounting export with abbreviated names; about a fifth of the invoices are not paid."""
    rng = random.Random(21)
    customers = [
        f"{name} {form}"
        for name in ("Adler", "Brenner", "Falk", "Kessler", "Lindner", "Moser", "Vogt")
        for form in ("AG", "GmbH", "KG")
    ]
    columns = (
        '"inv_no" VARCHAR, "cust_nm" VARCHAR, "region" VARCHAR, "sales_rep" VARCHAR, "inv_dt" DATE, "due_dt" DATE, '
        '"pay_dt" DATE, "amt" DECIMAL(12,2), "open_amt" DECIMAL(12,2), "curr" VARCHAR, "stat" VARCHAR'
    )

    def made() -> Iterator[Row]:
        for number in range(rows):
            day = dt.date(2024, 1, 2) + dt.timedelta(days=rng.randrange(480))
            due = day + dt.timedelta(days=rng.choice([14, 30, 60]))
            paid = due + dt.timedelta(days=round(rng.gauss(4, 12)))
            done = rng.random() < 0.8
            amount = round(rng.lognormvariate(7.4, 0.9), 2)
            yield (
                f"R{202400000 + number}", rng.choice(customers), rng.choice(["North", "South", "East", "West"]),
                rng.choice(["Julia Sommer", "Karl Winter", "Nina Herbst", None]), day, due, max(day, paid) if done else None,
                amount, 0 if done else amount, rng.choice(["EUR", "EUR", "USD"]),
                "paid" if done else rng.choice(["open", "open", "disputed", "written off"]),
            )  # fmt: skip

    return columns, made()


def policies(rows: int = 1_500) -> tuple[str, Iterator[Row]]:
    rng = random.Random(22)
    columns = (
        '"Policy Number" VARCHAR, "Policy Holder" VARCHAR, "Product" VARCHAR, "Start Date" DATE, "End Date" DATE, '
        '"Annual Premium" DOUBLE, "Sum Insured" DOUBLE, "Deductible" BIGINT, "Branch" VARCHAR, "Agent Name" VARCHAR, '
        '"Holder Age" BIGINT, "Auto Renewal" BOOLEAN, "Status" VARCHAR'
    )
    first, last = ["Paul", "Rosa", "Tim", "Uma", "Vera", "Will"], ["Ahrens", "Blum", "Conrad", "Dorn", "Ernst", "Frey"]

    def made() -> Iterator[Row]:
        for number in range(rows):
            start = dt.date(2019, 1, 1) + dt.timedelta(days=rng.randrange(2200))
            status = rng.choice(["Active", "Active", "Active", "Lapsed", "Cancelled"])
            yield (
                f"P-{10000 + number}", f"{rng.choice(first)} {rng.choice(last)} {number}",
                rng.choice(["Motor", "Home", "Life", "Travel", "Liability"]), start,
                None if status == "Active" else start + dt.timedelta(days=rng.randrange(90, 900)),
                round(rng.lognormvariate(6.3, 0.5), 2), rng.randrange(1, 60) * 10_000, rng.choice([0, 150, 300, 500]),
                rng.choice(["Cologne", "Dresden", "Essen", "Ulm"]), rng.choice(["I. Krause", "J. Lorenz", "K. Maier"]),
                rng.randrange(18, 85), rng.random() < 0.6, status,
            )  # fmt: skip

    return columns, made()


def sales_lines(rows: int = 3_000) -> tuple[str, Iterator[Row]]:
    """Lines of orders: the same order number comes in several."""
    rng = random.Random(23)
    columns = (
        '"order_no" VARCHAR, "order_dt" TIMESTAMP, "store" VARCHAR, "prod_cat" VARCHAR, "prod_nm" VARCHAR, "qty" BIGINT, '
        '"unit_price" DOUBLE, "net_amt" DOUBLE, "disc_pct" DOUBLE, "pay_method" VARCHAR, "is_returned" BOOLEAN, '
        '"loyalty_member" VARCHAR, "delivery_days" BIGINT'
    )
    products = {
        "Garden": ["Rake", "Hose", "Planter"], "Kitchen": ["Kettle", "Pan", "Knife Set"],
        "Toys": ["Puzzle", "Kite", "Robot"], "Sports": ["Ball", "Racket", "Helmet"],
    }  # fmt: skip

    def made() -> Iterator[Row]:
        for number in range(rows):
            when = dt.datetime.fromisoformat("2023-06-01T09:00:00") + dt.timedelta(minutes=rng.randrange(700 * 24 * 60))
            category = rng.choice(list(products))
            quantity, price = rng.randrange(1, 9), round(rng.lognormvariate(3, 0.6), 2)
            discount = rng.choice([0, 0, 5, 10, 25])
            yield (
                f"SO{number // 3:05}", when, rng.choice(["Graz", "Linz", "Vienna", "Online"]), category,
                rng.choice(products[category]), quantity, price, round(quantity * price * (1 - discount / 100), 2), discount,
                rng.choice(["cash", "credit card", "voucher"]), rng.random() < 0.06, rng.choice(["Y", "N"]),
                rng.randrange(1, 12) if rng.random() < 0.9 else None,
            )  # fmt: skip

    return columns, made()


def deals(rows: int = 1_000) -> tuple[str, Iterator[Row]]:
    """A sales pipeline."""
    rng = random.Random(24)
    columns = (
        '"Deal ID" BIGINT, "Account" VARCHAR, "Industry" VARCHAR, "Owner" VARCHAR, "Stage" VARCHAR, "Deal Value" DOUBLE, '
        '"Win Probability" DOUBLE, "Created On" DATE, "Closed On" DATE, "Lead Source" VARCHAR, "Lost Reason" VARCHAR, '
        '"Calls" BIGINT'
    )
    accounts = [
        f"{name} {kind}" for name in ("Apex", "Borea", "Corvus", "Delphi") for kind in ("Labs", "Foods", "Steel")
    ]

    def made() -> Iterator[Row]:
        for number in range(rows):
            created = dt.date(2024, 1, 1) + dt.timedelta(days=rng.randrange(560))
            stage = rng.choice(["Qualified", "Proposal", "Negotiation", "Won", "Won", "Lost"])
            closed = created + dt.timedelta(days=rng.randrange(5, 120)) if stage in ("Won", "Lost") else None
            yield (
                40_000 + number, rng.choice(accounts), rng.choice(["Retail", "Energy", "Health", "Public Sector"]),
                rng.choice(["Sara Lund", "Omar Aziz", "Li Wei"]), stage, round(rng.lognormvariate(9.5, 0.9), 2),
                {"Won": 1.0, "Lost": 0.0}.get(stage, rng.choice([0.2, 0.4, 0.6, 0.8])), created, closed,
                rng.choice(["Referral", "Website", "Trade Fair", None]),
                rng.choice(["price", "timing", "competitor"]) if stage == "Lost" else None, rng.randrange(0, 20),
            )  # fmt: skip

    return columns, made()


def shipments(rows: int = 2_200) -> tuple[str, Iterator[Row]]:
    rng = random.Random(25)
    columns = (
        '"shp_no" VARCHAR, "carrier_nm" VARCHAR, "wh" VARCHAR, "dest_ctry" VARCHAR, "ship_dt" DATE, "promised_dt" DATE, '
        '"delivered_dt" DATE, "transit_days" BIGINT, "weight_kg" DOUBLE, "frt_cost" DECIMAL(10,2), "svc_level" VARCHAR, '
        '"damaged" BOOLEAN'
    )

    def made() -> Iterator[Row]:
        for number in range(rows):
            day = dt.date(2024, 1, 1) + dt.timedelta(days=rng.randrange(500))
            days = rng.randrange(1, 15)
            arrived = rng.random() < 0.93
            weight = round(rng.lognormvariate(4.5, 1.1), 1)
            yield (
                f"S{number:06}", rng.choice(["Swift", "Norda", "Alpin Cargo", "Kuhl"]), rng.choice(["Lodz", "Brno", "Gent"]),
                rng.choice(["Poland", "Austria", "Denmark", "Spain", "Italy", "Norway", "Greece"]), day,
                day + dt.timedelta(days=7), day + dt.timedelta(days=days) if arrived else None, days if arrived else None,
                weight, round(12 + weight * rng.uniform(0.3, 0.9), 2), rng.choice(["standard", "express", "economy"]),
                rng.random() < 0.05,
            )  # fmt: skip

    return columns, made()


def members(rows: int = 1_100) -> tuple[str, Iterator[Row]]:
    rng = random.Random(26)
    columns = (
        '"Member No" BIGINT, "Member Name" VARCHAR, "Email" VARCHAR, "Club" VARCHAR, "Plan" VARCHAR, "Joined" DATE, '
        '"Age" BIGINT, "Monthly Fee" DOUBLE, "Visits" BIGINT, "Satisfaction (1-10)" BIGINT, "Active" BOOLEAN'
    )

    def made() -> Iterator[Row]:
        for number in range(rows):
            name = f"Member {number}"
            yield (
                800 + number, name, f"m{number}@example.org" if rng.random() < 0.8 else None,
                rng.choice(["Basel", "Bern", "Chur"]), rng.choice(["Gold", "Silver", "Bronze"]),
                dt.date(2020, 1, 1) + dt.timedelta(days=rng.randrange(1900)), rng.randrange(16, 80),
                round(rng.uniform(25, 95), 2), rng.randrange(0, 220), rng.randrange(1, 11), rng.random() < 0.75,
            )  # fmt: skip

    return columns, made()


def loans(rows: int = 1_900) -> tuple[str, Iterator[Row]]:
    rng = random.Random(27)
    columns = (
        '"Loan ID" VARCHAR, "Borrower" VARCHAR, "Loan Type" VARCHAR, "Principal" DOUBLE, "Interest Rate" DOUBLE, '
        '"Outstanding Balance" DOUBLE, "Origination Date" DATE, "Maturity Date" DATE, "Days Past Due" BIGINT, '
        '"Branch" VARCHAR, "Loan Officer" VARCHAR, "Status" VARCHAR, "Secured" VARCHAR'
    )

    def made() -> Iterator[Row]:
        for number in range(rows):
            day = dt.date(2021, 1, 1) + dt.timedelta(days=rng.randrange(1500))
            principal = round(rng.lognormvariate(10.2, 0.8), 2)
            yield (
                f"L{number:05}", f"Borrower {rng.randrange(400)}", rng.choice(["Mortgage", "Car", "Personal", "Business"]),
                principal, round(rng.uniform(2, 11), 2), round(principal * rng.random(), 2), day,
                day + dt.timedelta(days=365 * rng.randrange(1, 20)), max(0, round(rng.gauss(-10, 30))),
                rng.choice(["Dublin", "Cork", "Galway"]), rng.choice(["Aoife Byrne", "Conor Walsh", None]),
                rng.choice(["current", "current", "default", "closed"]), rng.choice(["yes", "no"]),
            )  # fmt: skip

    return columns, made()


def projects(rows: int = 900) -> tuple[str, Iterator[Row]]:
    rng = random.Random(28)
    columns = (
        '"proj_id" VARCHAR, "proj_nm" VARCHAR, "client_nm" VARCHAR, "proj_mgr" VARCHAR, "dept" VARCHAR, "start_dt" DATE, '
        '"planned_end_dt" DATE, "actual_end_dt" DATE, "budget_eur" DOUBLE, "spent_eur" DOUBLE, "hrs_logged" BIGINT, '
        '"risk_lvl" VARCHAR, "proj_stat" VARCHAR, "billable" BOOLEAN'
    )

    def made() -> Iterator[Row]:
        for number in range(rows):
            day = dt.date(2022, 3, 1) + dt.timedelta(days=rng.randrange(1100))
            planned = day + dt.timedelta(days=rng.randrange(30, 300))
            done = rng.random() < 0.7
            budget = round(rng.lognormvariate(11, 0.6), 2)
            yield (
                f"PR-{number:04}", f"Project {number}", rng.choice(["Helvia", "Orbis", "Tandem", "Zenit"]),
                rng.choice(["Maria Keller", "Jonas Wolf", "Petra Lang"]), rng.choice(["IT", "Legal", "R&D", "Logistics"]),
                day, planned, planned + dt.timedelta(days=round(rng.gauss(10, 25))) if done else None, budget,
                round(budget * rng.uniform(0.5, 1.4), 2), rng.randrange(40, 4000), rng.choice(["low", "medium", "high"]),
                "completed" if done else rng.choice(["in progress", "on hold"]), rng.random() < 0.65,
            )  # fmt: skip

    return columns, made()
