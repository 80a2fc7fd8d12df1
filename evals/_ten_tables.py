"""Ten tables of different businesses; each names its columns in a style of its own."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator

Row = tuple[object, ...]


def helpdesk_tickets(rows: int = 420) -> tuple[str, Iterator[Row]]:
    """An IT helpdesk: tickets not resolved yet have no date of resolution, some nobody took up, half were never rated."""
    rng = random.Random(201)
    columns = (
        '"ticket_id" BIGINT, "subject" VARCHAR, "requester" VARCHAR, "department" VARCHAR, "category" VARCHAR, '
        '"priority" VARCHAR, "status" VARCHAR, "channel" VARCHAR, "assigned_agent" VARCHAR, "opened_on" DATE, '
        '"resolved_on" DATE, "first_reply_minutes" BIGINT, "reopened" BOOLEAN, "sla_breached" BOOLEAN, "satisfaction" BIGINT'
    )
    people = [
        f"{first} {last}"
        for first in ("Laura", "Omar", "Nina", "Patrick", "Yuki", "Stefan", "Maria")
        for last in ("Becker", "Duarte", "Ferreira", "Lindqvist", "Moreau")
    ]
    home = {name: rng.choice(["Sales", "Finance", "Marketing", "Legal", "Operations"]) for name in people}
    subjects = {
        "Hardware": ["Laptop does not start", "Printer jam on floor 3", "Monitor flickers", "Docking station dead"],
        "Software": ["Excel crashes", "Licence expired", "Update failed", "CRM very slow"],
        "Network": ["VPN drops every hour", "No wifi in meeting room", "Slow internet"],
        "Access": ["Password reset", "Account locked", "New starter needs access"],
        "Email": ["Mailbox full", "Cannot send attachments", "Phishing mail received"],
    }

    def made() -> Iterator[Row]:
        for number in range(rows):
            who = rng.choice(people)
            category = rng.choices(list(subjects), [4, 5, 3, 6, 2])[0]
            opened = dt.date(2024, 1, 8) + dt.timedelta(days=int(number * 600 / rows))
            priority = rng.choices(["Low", "Medium", "High", "Critical"], [4, 6, 3, 1])[0]
            old = opened < dt.date(2025, 6, 1)
            status = rng.choices(
                ["Open", "In progress", "Waiting for customer", "Resolved", "Closed"],
                [1, 1, 1, 5, 14] if old else [5, 4, 3, 6, 3],
            )[0]
            done = status in ("Resolved", "Closed")
            days = int(rng.expovariate(1 / {"Low": 9, "Medium": 6, "High": 3, "Critical": 1.5}[priority]))
            days = min(days, (dt.date(2025, 8, 31) - opened).days)
            agent = rng.choices(
                ["Aisha Karim", "Ben Hollis", "Carla Pinto", "Dieter Roth", "Emeka Obi"], [5, 4, 4, 3, 2]
            )[0]
            yield (
                50110 + number,
                rng.choice(subjects[category]),
                who,
                home[who],
                category,
                priority,
                status,
                rng.choices(["Email", "Phone", "Chat", "Portal"], [6, 3, 2, 5])[0],
                agent if done or rng.random() < 0.6 else None,
                opened,
                opened + dt.timedelta(days=days) if done else None,
                int(rng.expovariate(1 / 85)) + 2 if done or rng.random() < 0.5 else None,
                done and rng.random() < 0.14,
                days > 7 if done else rng.random() < 0.4,
                rng.choice([1, 2, 3, 4, 4, 5, 5]) if done and rng.random() < 0.55 else None,
            )

    return columns, made()


def wholesale_orders(rows: int = 520) -> tuple[str, Iterator[Row]]:
    """A food wholesaler's order lines out of an old system with short names."""
    rng = random.Random(202)
    columns = (
        '"inv_no" VARCHAR, "cust_nm" VARCHAR, "cntry" VARCHAR, "seg" VARCHAR, "sls_rep" VARCHAR, "prod_grp" VARCHAR, '
        '"ord_dt" DATE, "ship_dt" DATE, "qty" BIGINT, "unit_prc" DECIMAL(10,2), "disc_pct" DOUBLE, "inv_amt" DECIMAL(12,2), '
        '"cost_amt" DECIMAL(12,2), "ord_stat" VARCHAR, "paid_flg" VARCHAR'
    )
    customers = [
        ("Alpenmarkt AG", "CH", "RETAIL"),
        ("Bistro Lumiere", "FR", "HORECA"),
        ("Cantina Verde", "IT", "HORECA"),
        ("Dorfladen Huber", "AT", "RETAIL"),
        ("Elbe Foods GmbH", "DE", "INDUSTRY"),
        ("Frischhof Keller", "DE", "RETAIL"),
        ("Gasthof Sonne", "AT", "HORECA"),
        ("Helvetia Snacks", "CH", "INDUSTRY"),
        ("Il Mercato", "IT", "RETAIL"),
        ("Jansen Groothandel", "NL", "ONLINE"),
        ("Kiosk24", "DE", "ONLINE"),
        ("Lakeview Hotel", "CH", "HORECA"),
        ("Maison Dubois", "FR", "RETAIL"),
        ("Nordsee Catering", "DE", "HORECA"),
        ("Oranje Market", "NL", "ONLINE"),
        ("Pasta Fabbrica", "IT", "INDUSTRY"),
    ]
    prices = {"Beverages": 11, "Dairy": 8, "Bakery": 6, "Frozen": 17, "Snacks": 9, "Cleaning": 14}

    def made() -> Iterator[Row]:
        for number in range(rows):
            name, country, segment = rng.choices(customers, [5, 2, 3, 2, 6, 4, 1, 3, 3, 4, 5, 2, 2, 3, 1, 4])[0]
            ordered = dt.date(2024, 1, 3) + dt.timedelta(days=int(number * 605 / rows))
            group = rng.choices(list(prices), [6, 4, 3, 4, 5, 2])[0]
            quantity = rng.choice([6, 10, 12, 20, 24, 30, 48, 60, 80, 100, 120, 150, 240])
            price = round(prices[group] * rng.uniform(0.6, 1.7), 2)
            discount = rng.choice([0, 0, 0, 2.5, 5, 5, 7.5, 10, 15])
            amount = round(quantity * price * (1 - discount / 100), 2)
            state = rng.choices(
                ["INV", "SHIP", "OPEN", "CANC"], [14, 3, 2, 2] if ordered < dt.date(2025, 7, 1) else [4, 5, 6, 1]
            )[0]
            shipped = state in ("INV", "SHIP")
            yield (
                f"R{240001 + number}",
                name,
                country,
                segment,
                rng.choices(["Brunner", "Costa", "Dekker", "Engel", "Faure"], [5, 4, 3, 4, 2])[0],
                group,
                ordered,
                ordered + dt.timedelta(days=rng.choice([0, 1, 1, 2, 2, 3, 4, 6, 10])) if shipped else None,
                quantity,
                price,
                discount,
                amount,
                round(quantity * price * rng.uniform(0.58, 0.93), 2),
                state,
                rng.choices(["Y", "N"], [5, 1] if state == "INV" else [1, 9])[0],
            )

    return columns, made()


def payroll(rows: int = 490) -> tuple[str, Iterator[Row]]:
    """A manufacturer's pay run, one line an employee and month, July 2024 to August 2025."""
    rng = random.Random(203)
    columns = (
        '"Employee No" BIGINT, "Employee" VARCHAR, "Department" VARCHAR, "Job Title" VARCHAR, "Site" VARCHAR, '
        '"Contract" VARCHAR, "Hire Date" DATE, "Pay Month" DATE, "Base Pay (EUR)" DECIMAL(10,2), "Overtime (h)" DOUBLE, '
        '"Overtime Pay (EUR)" DECIMAL(10,2), "Bonus (EUR)" DECIMAL(10,2), "Tax (EUR)" DECIMAL(10,2), '
        '"Net Pay (EUR)" DECIMAL(10,2), "Sick Days" BIGINT, "Union Member" VARCHAR'
    )
    names = [
        f"{first} {last}"
        for first in ("Agnes", "Bruno", "Celine", "Dario", "Edith", "Filip", "Gloria")
        for last in ("Adler", "Bosch", "Conti", "Dubois", "Eriksen")
    ]
    jobs = {
        "Production": [("Machine Operator", 2850), ("Shift Lead", 3700)],
        "Logistics": [("Warehouse Clerk", 2600), ("Driver", 2750)],
        "Sales": [("Account Manager", 4200), ("Sales Assistant", 2900)],
        "Engineering": [("Design Engineer", 5100), ("Technician", 3400)],
        "Human Resources": [("HR Officer", 3600)],
    }
    staff = []
    for number, name in enumerate(names):
        department = rng.choices(list(jobs), [6, 3, 3, 4, 1])[0]
        title, pay = rng.choice(jobs[department])
        contract = rng.choices(["Full-time", "Part-time", "Temporary"], [7, 2, 1])[0]
        base = round(pay * rng.uniform(0.9, 1.25) * (0.6 if contract == "Part-time" else 1) / 10) * 10
        hired = dt.date(2008, 1, 1) + dt.timedelta(days=rng.randrange(6000))
        staff.append(
            (
                1001 + number * 3,
                name,
                department,
                title,
                rng.choice(["Lyon", "Graz", "Gdansk"]),
                contract,
                hired,
                base,
                rng.choice(["Yes", "No"]),
            )
        )

    def made() -> Iterator[Row]:
        for step in range(14):
            month = dt.date(2024 + (6 + step) // 12, (6 + step) % 12 + 1, 1)
            for number, name, department, title, site, contract, hired, base, union in staff[: rows // 14]:
                pay = base * (1.03 if month.year == 2025 else 1)
                hours = (
                    rng.choice([0, 0, 0, 2.5, 4, 6, 8, 12.5, 16, 22])
                    if department in ("Production", "Logistics", "Engineering")
                    else 0
                )
                extra = round(hours * pay / 160 * 1.25, 2)
                bonus = (
                    rng.choice([150, 250, 400, 600, 1200])
                    if rng.random() < (0.4 if department == "Sales" else 0.12)
                    else None
                )
                tax = round((pay + extra + (bonus or 0)) * rng.uniform(0.2, 0.34), 2)
                yield (
                    number,
                    name,
                    department,
                    title,
                    site,
                    contract,
                    hired,
                    month,
                    round(pay, 2),
                    hours,
                    extra,
                    bonus,
                    tax,
                    round(pay + extra + (bonus or 0) - tax, 2),
                    rng.choices([0, 1, 2, 3, 5, 9], [14, 3, 2, 1, 1, 0.4])[0],
                    union,
                )

    return columns, made()


def freight_shipments(rows: int = 450) -> tuple[str, Iterator[Row]]:
    """A forwarder's shipments; the ones on their way have no date of delivery."""
    rng = random.Random(204)
    columns = (
        '"shipmentId" VARCHAR, "customerName" VARCHAR, "carrier" VARCHAR, "transportMode" VARCHAR, "originCity" VARCHAR, '
        '"destinationCity" VARCHAR, "destinationCountry" VARCHAR, "pickupDate" DATE, "promisedDate" DATE, '
        '"deliveredDate" DATE, "weightKg" DOUBLE, "palletCount" BIGINT, "distanceKm" BIGINT, "freightCost" DECIMAL(10,2), '
        '"fuelSurcharge" DECIMAL(10,2), "isDamaged" BOOLEAN, "hasInsurance" BOOLEAN, "shipmentStatus" VARCHAR'
    )
    goals = [
        ("Madrid", "Spain", 1750),
        ("Barcelona", "Spain", 1350),
        ("Warsaw", "Poland", 1080),
        ("Gdynia", "Poland", 930),
        ("Milan", "Italy", 1020),
        ("Turin", "Italy", 1090),
        ("Oslo", "Norway", 1180),
        ("Lisbon", "Portugal", 2250),
        ("Dublin", "Ireland", 1320),
    ]
    carriers = {
        "Road": ["TransEuro", "Kestrel Logistics", "Polar Trucking"],
        "Rail": ["RailBridge"],
        "Sea": ["BlueWave Lines", "Atlantic Ferry"],
        "Air": ["SkyCargo"],
    }

    def made() -> Iterator[Row]:
        for number in range(rows):
            mode = rng.choices(list(carriers), [9, 3, 4, 2])[0]
            city, country, far = rng.choice(goals)
            pickup = dt.date(2024, 2, 1) + dt.timedelta(days=int(number * 576 / rows))
            planned = {"Road": 4, "Rail": 6, "Sea": 14, "Air": 2}[mode] + rng.randrange(3)
            late = rng.choice([-2, -1, -1, 0, 0, 0, 0, 1, 2, 5, 9])
            arrival = pickup + dt.timedelta(days=max(1, planned + late))
            status = "Cancelled" if rng.random() < 0.05 else "Delivered"
            if status == "Delivered" and arrival > dt.date(2025, 8, 31):
                status = rng.choice(["In transit", "In transit", "On hold"])
            elif status == "Delivered" and rng.random() < 0.04:
                status = "Lost"
            weight = round(rng.uniform(80, 2400) if mode == "Air" else rng.uniform(300, 21000), 1)
            cost = round(
                weight
                * far
                / 1000
                * {"Road": 0.11, "Rail": 0.07, "Sea": 0.05, "Air": 0.9}[mode]
                * rng.uniform(0.8, 1.3)
                + 90,
                2,
            )
            yield (
                f"SH{number + 70001}",
                rng.choices(
                    [
                        "Arvo Furniture",
                        "Bergmann Tools",
                        "Citrus Direct",
                        "Delta Pharma",
                        "Evergreen Paper",
                        "Fjord Seafood",
                    ],
                    [5, 4, 3, 4, 2, 3],
                )[0],
                rng.choice(carriers[mode]),
                mode,
                rng.choice(["Hamburg", "Rotterdam", "Antwerp"]),
                city,
                country,
                pickup,
                pickup + dt.timedelta(days=planned),
                arrival if status == "Delivered" else None,
                weight,
                max(1, int(weight / 620)),
                far + rng.randrange(-120, 240),
                cost,
                0 if mode == "Rail" else round(cost * rng.uniform(0.04, 0.12), 2),
                status == "Delivered" and rng.random() < 0.07,
                rng.random() < 0.4,
                status,
            )

    return columns, made()


def loan_book(rows: int = 360) -> tuple[str, Iterator[Row]]:
    """A regional bank's loans; personal loans have no collateral, some borrowers no score."""
    rng = random.Random(205)
    columns = (
        '"LOAN_NO" VARCHAR, "BORROWER" VARCHAR, "BRANCH" VARCHAR, "OFFICER" VARCHAR, "LOAN_TYPE" VARCHAR, '
        '"ORIG_DATE" DATE, "MATURITY_DATE" DATE, "TERM_MONTHS" BIGINT, "PRINCIPAL" DECIMAL(12,2), "BALANCE" DECIMAL(12,2), '
        '"INT_RATE" DOUBLE, "CREDIT_SCORE" BIGINT, "DAYS_PAST_DUE" BIGINT, "COLLATERAL_VALUE" DECIMAL(12,2), '
        '"COSIGNER" VARCHAR, "STATUS" VARCHAR'
    )
    borrowers = [
        f"{last}, {first}"
        for last in (
            "Abbott",
            "Castillo",
            "Donovan",
            "Haddad",
            "Ivanov",
            "Kaplan",
            "Mercer",
            "Osei",
            "Quinn",
            "Sato",
            "Webb",
        )
        for first in ("Alan", "Beth", "Corey", "Dana", "Ethan", "Fiona", "Gita")
    ]
    branches = {
        "Riverside": ["L. Grant", "M. Shah"],
        "Old Town": ["P. Weiss"],
        "Harbor": ["R. Cole", "S. Diaz"],
        "Airport": ["T. Young"],
        "Hillcrest": ["U. Larsson"],
    }

    def made() -> Iterator[Row]:
        for number in range(rows):
            kind = rng.choices(["Mortgage", "Car loan", "Personal loan", "Business loan"], [4, 4, 5, 2])[0]
            branch = rng.choices(list(branches), [5, 3, 4, 1, 2])[0]
            months = {
                "Mortgage": [180, 240, 360],
                "Car loan": [36, 48, 60],
                "Personal loan": [12, 24, 36],
                "Business loan": [24, 60, 120],
            }
            term = rng.choice(months[kind])
            start = dt.date(2021, 3, 1) + dt.timedelta(days=int(number * 1635 / rows))
            index = start.year * 12 + start.month - 1 + term
            end = dt.date(index // 12, index % 12 + 1, min(start.day, 28))
            middle = {"Mortgage": 240000, "Car loan": 19000, "Personal loan": 7500, "Business loan": 85000}[kind]
            principal = round(middle * rng.uniform(0.4, 1.9) / 100) * 100
            status = (
                "Paid off"
                if end < dt.date(2025, 9, 1) or rng.random() < 0.06
                else rng.choices(["Current", "Late", "Default"], [16, 3, 1])[0]
            )
            gone = min(1.0, (dt.date(2025, 9, 1) - start).days / 30.44 / term)
            secured = kind in ("Mortgage", "Car loan") or (kind == "Business loan" and rng.random() < 0.6)
            yield (
                f"LN-{300 + number:05}",
                rng.choice(borrowers),
                branch,
                rng.choice(branches[branch]),
                kind,
                start,
                end,
                term,
                principal,
                0 if status == "Paid off" else round(principal * (1 - gone * 0.9), 2),
                round(
                    rng.uniform(
                        *{
                            "Mortgage": (2.4, 5.9),
                            "Car loan": (3.9, 8.5),
                            "Personal loan": (7, 14.5),
                            "Business loan": (4.5, 9.9),
                        }[kind]
                    ),
                    2,
                ),
                rng.randrange(540, 840) if rng.random() < 0.9 else None,
                {"Late": rng.randrange(5, 89), "Default": rng.randrange(95, 400)}.get(status, 0),
                round(principal * rng.uniform(0.85, 1.7), 2) if secured else None,
                rng.choice(["Y", "N", "N"]),
                status,
            )

    return columns, made()


def lab_orders(rows: int = 480) -> tuple[str, Iterator[Row]]:
    """A hospital laboratory's orders; samples not analysed yet have no report, no value and no flag."""
    rng = random.Random(206)
    columns = (
        '"Order No" BIGINT, "Patient ID" VARCHAR, "Patient Sex" VARCHAR, "Patient Age" BIGINT, "Ordering Doctor" VARCHAR, '
        '"Ward" VARCHAR, "Test Name" VARCHAR, "Sample Type" VARCHAR, "Priority" VARCHAR, "Collected At" TIMESTAMP, '
        '"Reported At" TIMESTAMP, "Result Value" DOUBLE, "Result Flag" VARCHAR, "Price" DECIMAL(8,2), "Insurer" VARCHAR, '
        '"Repeat Test" BOOLEAN, "Comment" VARCHAR'
    )
    tests = {
        "Glucose": ("Blood", 8.5, 5.4),
        "Hemoglobin": ("Blood", 9.2, 13.8),
        "Creatinine": ("Blood", 11, 0.95),
        "Cholesterol": ("Blood", 12.5, 195),
        "Urine Culture": ("Urine", 34, 1),
        "PCR Influenza": ("Swab", 62, 1),
        "TSH": ("Blood", 21, 2.1),
    }
    patients = [(f"P{number:04}", rng.choice("FM"), rng.randrange(3, 94)) for number in range(2100, 2220)]

    def made() -> Iterator[Row]:
        for number in range(rows):
            patient, sex, age = rng.choice(patients)
            test = rng.choices(list(tests), [6, 5, 4, 3, 2, 2, 2])[0]
            sample, price, middle = tests[test]
            urgency = rng.choices(["Routine", "Urgent", "STAT"], [7, 3, 1])[0]
            taken = dt.datetime.fromisoformat("2025-01-06T07:00:00") + dt.timedelta(
                hours=int(number * 237 * 24 / rows) // 24 * 24 + rng.randrange(0, 12)
            )
            hours = (
                {"Routine": 26, "Urgent": 9, "STAT": 3}[urgency]
                * rng.uniform(0.4, 2.0)
                * (2 if sample != "Blood" else 1)
            )
            done = rng.random() < 0.92
            flag = rng.choices(["Normal", "High", "Low", "Critical"], [12, 4, 3, 1])[0]
            shift = {"Normal": (0.9, 1.1), "High": (1.2, 1.7), "Low": (0.5, 0.8), "Critical": (1.9, 3)}[flag]
            yield (
                880100 + number,
                patient,
                sex,
                age,
                rng.choices(["Dr. Amsel", "Dr. Bianchi", "Dr. Choudhury", "Dr. Dvorak"], [4, 5, 3, 2])[0],
                rng.choices(["Emergency", "Cardiology", "Pediatrics", "Surgery", "Outpatient"], [5, 3, 2, 3, 4])[0],
                test,
                sample,
                urgency,
                taken,
                taken + dt.timedelta(hours=max(1, round(hours))) if done else None,
                round(middle * rng.uniform(*shift), 2) if done else None,
                flag if done else None,
                round(price * (1.5 if urgency == "STAT" else 1.2 if urgency == "Urgent" else 1), 2),
                rng.choices(["MediCare Plus", "HealthFirst", "Union Health", "Self-pay"], [5, 4, 3, 1])[0],
                rng.random() < 0.09,
                rng.choice(["sample hemolysed", "fasting", "patient on medication", "low volume"])
                if rng.random() < 0.2
                else None,
            )

    return columns, made()


def timesheets(rows: int = 560) -> tuple[str, Iterator[Row]]:
    """A consultancy's hours: one line a person, day and project."""
    rng = random.Random(207)
    columns = (
        '"entryId" BIGINT, "consultant" VARCHAR, "team" VARCHAR, "seniority" VARCHAR, "clientName" VARCHAR, "projectName" VARCHAR, '
        '"taskType" VARCHAR, "workDate" DATE, "submittedOn" DATE, "hoursPlanned" DOUBLE, "hoursWorked" DOUBLE, '
        '"hourlyRate" DECIMAL(8,2), "travelExpenses" DECIMAL(8,2), "billable" BOOLEAN, "approved" BOOLEAN, "approvedBy" VARCHAR, '
        '"workLocation" VARCHAR, "note" VARCHAR'
    )
    projects = [
        ("Nova Bank", "Core Migration"),
        ("Nova Bank", "Mobile App"),
        ("Tellus Energy", "Grid Dashboard"),
        ("Harlow Retail", "Loyalty Programme"),
        ("Harlow Retail", "Warehouse Rollout"),
        ("City of Bremen", "Open Data Portal"),
        ("Internal", "Training"),
        ("Internal", "Recruiting Support"),
    ]
    people = [
        ("Alicia Grant", "Data", "Senior"),
        ("Boris Petrov", "Data", "Junior"),
        ("Chen Wei", "Engineering", "Senior"),
        ("Daria Nowak", "Engineering", "Junior"),
        ("Erik Holm", "Engineering", "Principal"),
        ("Fatima Zahra", "Design", "Senior"),
        ("Gavin Moss", "Design", "Junior"),
        ("Hana Sato", "Strategy", "Principal"),
        ("Igor Blum", "Strategy", "Senior"),
        ("Julia Reyes", "Data", "Principal"),
    ]
    rates = {"Junior": 85, "Senior": 130, "Principal": 185}

    def made() -> Iterator[Row]:
        for number in range(rows):
            name, team, level = rng.choices(people, [6, 5, 6, 4, 3, 4, 5, 3, 4, 2])[0]
            client, project = rng.choices(projects, [6, 3, 5, 3, 3, 3, 2, 1])[0]
            day = dt.date(2024, 10, 1) + dt.timedelta(days=int(number * 333 / rows))
            planned = rng.choice([2, 4, 4, 6, 8, 8])
            worked = max(0.5, planned + rng.choice([-2, -1, -0.5, 0, 0, 0, 0.5, 1, 1.5, 3]))
            charged = client != "Internal" and rng.random() < 0.85
            okay = rng.random() < 0.82
            yield (
                9000 + number,
                name,
                team,
                level,
                client,
                project,
                rng.choices(["Development", "Analysis", "Meeting", "Testing", "Documentation"], [6, 4, 3, 3, 1])[0],
                day,
                min(day + dt.timedelta(days=rng.choice([0, 0, 1, 1, 2, 3, 7, 12])), dt.date(2025, 8, 31)),
                planned,
                worked,
                rates[level] + (10 if client == "Nova Bank" else 0) if client != "Internal" else 0,
                round(rng.uniform(15, 320), 2) if client != "Internal" and rng.random() < 0.25 else 0,
                charged,
                okay,
                rng.choice(["M. Fischer", "N. Okafor", "P. Laurent"]) if okay else None,
                rng.choices(["Office", "Home", "Client site"], [5, 5, 3])[0],
                rng.choice(["workshop with the steering group", "bug fixing", "waiting for data", "overtime agreed"])
                if rng.random() < 0.3
                else None,
            )

    return columns, made()


def insurance_claims(rows: int = 400) -> tuple[str, Iterator[Row]]:
    """An insurer's claims; open ones have no date of closing, direct customers no broker."""
    rng = random.Random(208)
    columns = (
        '"Claim No" VARCHAR, "Policyholder" VARCHAR, "Holder Age (years)" BIGINT, "Region" VARCHAR, "Line of Business" VARCHAR, '
        '"Cause of Loss" VARCHAR, "Loss Date" DATE, "Reported Date" DATE, "Closed Date" DATE, "Claimed Amount (CHF)" DECIMAL(12,2), '
        '"Paid Amount (CHF)" DECIMAL(12,2), "Deductible (CHF)" DECIMAL(10,2), "Claim Status" VARCHAR, "Adjuster" VARCHAR, '
        '"Broker" VARCHAR, "Fraud Suspected" VARCHAR, "Litigation" VARCHAR'
    )
    causes = {
        "Motor": ["Collision", "Theft", "Hail", "Glass breakage"],
        "Household": ["Water damage", "Fire", "Theft"],
        "Travel": ["Cancellation", "Lost luggage", "Illness abroad"],
        "Liability": ["Bodily injury", "Property damage"],
    }
    holders = [
        (f"{first} {last}", rng.randrange(19, 86))
        for first in ("Andrea", "Beat", "Corinne", "Daniel", "Eva", "Fabio", "Guy")
        for last in ("Aebi", "Burri", "Caduff", "Egger", "Favre", "Gerber", "Huser", "Imhof")
    ]

    def made() -> Iterator[Row]:
        for number in range(rows):
            line = rng.choices(list(causes), [8, 5, 3, 2])[0]
            holder, age = rng.choice(holders)
            loss = dt.date(2023, 5, 2) + dt.timedelta(days=int(number * 840 / rows))
            reported = min(
                loss + dt.timedelta(days=rng.choice([0, 1, 1, 2, 3, 5, 8, 14, 30, 61])), dt.date(2025, 8, 31)
            )
            status = rng.choices(
                ["Paid", "Rejected", "Withdrawn", "Open", "Under review"],
                [12, 3, 1, 1, 1] if loss < dt.date(2025, 3, 1) else [3, 1, 1, 5, 4],
            )[0]
            done = status in ("Paid", "Rejected", "Withdrawn")
            claimed = round(
                rng.lognormvariate({"Motor": 7.9, "Household": 7.4, "Travel": 6.6, "Liability": 8.6}[line], 0.8), 2
            )
            deductible = rng.choice([0, 200, 300, 500, 1000])
            closed = reported + dt.timedelta(days=int(rng.expovariate(1 / 45)) + 2)
            yield (
                f"C-{reported.year}-{number + 1:04}",
                holder,
                age,
                rng.choices(["Zurich", "Bern", "Geneva", "Ticino", "Vaud"], [6, 4, 3, 2, 3])[0],
                line,
                rng.choice(causes[line]),
                loss,
                reported,
                min(closed, dt.date(2025, 8, 31)) if done else None,
                claimed,
                round(max(0, claimed * rng.uniform(0.6, 1) - deductible), 2) if status == "Paid" else 0,
                deductible,
                status,
                rng.choices(["Keller", "Luthi", "Monnier", "Nef", "Oberholzer"], [5, 4, 4, 3, 2])[0],
                rng.choice(["Alpina Brokers", "Trustline", "VersicherDirekt", None]),
                "Yes" if rng.random() < 0.07 else "No",
                "Yes" if line == "Liability" and rng.random() < 0.3 else "No",
            )

    return columns, made()


def recruiting(rows: int = 430) -> tuple[str, Iterator[Row]]:
    """A software house's applicants, each with the dates of the steps reached so far."""
    rng = random.Random(209)
    columns = (
        '"cand_id" BIGINT, "cand_nm" VARCHAR, "pos_ttl" VARCHAR, "dept" VARCHAR, "loc" VARCHAR, "src" VARCHAR, "recr_nm" VARCHAR, '
        '"appl_dt" DATE, "intv_dt" DATE, "offer_dt" DATE, "start_dt" DATE, "stage" VARCHAR, "exp_yrs" BIGINT, '
        '"sal_exp_eur" BIGINT, "sal_off_eur" BIGINT, "test_score" BIGINT, "remote_flg" VARCHAR, "rej_reason" VARCHAR'
    )
    jobs = [
        ("Backend Developer", "Engineering", 62000),
        ("Frontend Developer", "Engineering", 58000),
        ("Data Analyst", "Analytics", 54000),
        ("Product Manager", "Product", 71000),
        ("UX Designer", "Product", 56000),
        ("Accountant", "Finance", 49000),
        ("Support Agent", "Customer Care", 37000),
    ]
    firsts = [
        "Adam",
        "Bianca",
        "Chidi",
        "Dora",
        "Emil",
        "Freya",
        "Goran",
        "Hilda",
        "Ivo",
        "Jana",
        "Karl",
        "Lena",
        "Milan",
        "Nora",
        "Otto",
        "Petra",
        "Quentin",
        "Rosa",
        "Sven",
        "Tara",
    ]
    lasts = [
        "Albers",
        "Brandt",
        "Cerny",
        "Dahl",
        "Evers",
        "Fuchs",
        "Gomez",
        "Horvat",
        "Ionescu",
        "Jung",
        "Kovac",
        "Lang",
        "Marek",
        "Nagy",
        "Olsson",
        "Popov",
        "Reiter",
        "Simic",
        "Toth",
        "Urban",
        "Varga",
        "Wolff",
    ]
    names = [f"{first} {last}" for first in firsts for last in lasts]
    rng.shuffle(names)

    def made() -> Iterator[Row]:
        for number in range(rows):
            title, department, pay = rng.choices(jobs, [6, 5, 4, 2, 2, 2, 5])[0]
            source = rng.choices(["LinkedIn", "Referral", "Agency", "Job Board", "Career Page"], [6, 3, 2, 6, 4])[0]
            applied = dt.date(2024, 1, 5) + dt.timedelta(days=int(number * 600 / rows))
            level = rng.choices([0, 1, 2, 3, 4], [4, 6, 5, 2, 5] if source == "Referral" else [6, 7, 5, 1, 2])[0]
            seen = applied + dt.timedelta(days=rng.randrange(4, 28))
            offer = seen + dt.timedelta(days=rng.randrange(3, 21))
            start = (offer.replace(day=1) + dt.timedelta(days=rng.choice([35, 65, 95]))).replace(day=1)
            if level >= 2 and offer > dt.date(2025, 8, 31):
                level = 1
            stage = ["Applied", "Screening", "Interview", "Offer", "Hired"][level]
            if level < 4 and rng.random() < (0.75 if applied < dt.date(2025, 6, 1) else 0.3):
                stage = rng.choices(["Rejected", "Withdrawn"], [5, 1])[0]
            wanted = round(pay * rng.uniform(0.85, 1.3) / 500) * 500
            yield (
                12001 + number,
                names[number % len(names)],
                title,
                department,
                rng.choices(["Vienna", "Berlin", "Prague", "Budapest"], [5, 4, 3, 2])[0],
                source,
                rng.choices(["Kathrin", "Lukas", "Mirela", "Niklas"], [4, 4, 3, 2])[0],
                applied,
                seen if level >= 2 else None,
                offer if level >= 3 else None,
                start if level == 4 else None,
                stage,
                max(0, int(rng.gauss(6, 4))),
                wanted,
                round(wanted * rng.uniform(0.88, 1.06) / 100) * 100 if level >= 3 else None,
                rng.randrange(31, 100) if level >= 1 and rng.random() < 0.8 else None,
                rng.choice(["Y", "N", "N"]),
                rng.choice(["Not enough experience", "Salary too high", "Failed test", "Position filled", None])
                if stage == "Rejected"
                else None,
            )

    return columns, made()


def energy_readings(rows: int = 500) -> tuple[str, Iterator[Row]]:
    """A property company's meters, one line a meter and month, January 2024 to August 2025; four sites have solar panels."""
    rng = random.Random(210)
    columns = (
        '"meter_id" VARCHAR, "site_name" VARCHAR, "site_type" VARCHAR, "city" VARCHAR, "country_code" VARCHAR, "energy_source" VARCHAR, '
        '"supplier" VARCHAR, "reading_month" DATE, "consumption_kwh" DOUBLE, "peak_load_kw" DOUBLE, "solar_output_kwh" DOUBLE, '
        '"energy_cost_eur" DECIMAL(10,2), "co2_kg" DOUBLE, "floor_area_m2" BIGINT, "is_estimated" BOOLEAN, "invoice_status" VARCHAR'
    )
    sites = [
        ("Arkade Mall", "Shop", "Cologne", "DE", 8200),
        ("Brückenhaus", "Office", "Cologne", "DE", 3100),
        ("Canal Depot", "Warehouse", "Ghent", "BE", 12500),
        ("Dune Tower", "Office", "Ostend", "BE", 4400),
        ("Eastgate", "Warehouse", "Leipzig", "DE", 9800),
        ("Foundry 9", "Factory", "Liège", "BE", 7000),
        ("Glashaus", "Shop", "Leipzig", "DE", 2600),
        ("Hexagon", "Data centre", "Eindhoven", "NL", 1800),
        ("Ijzerwerk", "Factory", "Eindhoven", "NL", 6400),
        ("Jordaan Court", "Office", "Utrecht", "NL", 3900),
    ]
    meters = []
    for position, (site, kind, city, country, area) in enumerate(sites):
        for source in ["Electricity", "Natural gas", "District heat"][: 3 if position % 2 == 0 else 2]:
            supplier = rng.choice(
                ["Volta", "GreenGrid", "Enerco"] if source == "Electricity" else ["Gasunion", "Thermex"]
            )
            meters.append(
                (
                    f"M-{len(meters) + 11:03}",
                    site,
                    kind,
                    city,
                    country,
                    area,
                    source,
                    supplier,
                    position in (0, 3, 4, 8) and source == "Electricity",
                )
            )
    use = {"Shop": 9, "Office": 6, "Warehouse": 3.5, "Factory": 14, "Data centre": 70}

    def made() -> Iterator[Row]:
        for step in range(20):
            month = dt.date(2024 + step // 12, step % 12 + 1, 1)
            winter = 1 + 0.6 * (abs(month.month - 7) / 6 - 0.4)
            for meter, site, kind, city, country, area, source, supplier, solar in meters[: rows // 20]:
                power = source == "Electricity"
                used = round(use[kind] * area * (1 if power else 0.5 * winter**3) * rng.uniform(0.8, 1.2), 1)
                sun = (
                    round(area * 0.9 * (1.6 - abs(month.month - 6.5) / 5) * rng.uniform(0.8, 1.1), 1) if solar else None
                )
                yield (
                    meter,
                    site,
                    kind,
                    city,
                    country,
                    source,
                    supplier,
                    month,
                    used,
                    round(used / 730 * rng.uniform(1.3, 2.4), 1) if power else None,
                    sun,
                    round(
                        used
                        * {"Electricity": 0.21, "Natural gas": 0.09, "District heat": 0.11}[source]
                        * rng.uniform(0.9, 1.15),
                        2,
                    ),
                    round(used * {"Electricity": 0.32, "Natural gas": 0.2, "District heat": 0.14}[source], 1),
                    area,
                    rng.random() < 0.12,
                    rng.choices(["Paid", "Due", "Disputed"], [12, 1, 1] if month < dt.date(2025, 7, 1) else [3, 8, 1])[
                        0
                    ],
                )

    return columns, made()


TABLES: dict[str, Callable[[], tuple[str, Iterator[Row]]]] = {
    made.__name__: made
    for made in (
        helpdesk_tickets,
        wholesale_orders,
        payroll,
        freight_shipments,
        loan_book,
        lab_orders,
        timesheets,
        insurance_claims,
        recruiting,
        energy_readings,
    )
}
