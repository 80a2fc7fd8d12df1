"""Six tables: a veterinary practice's visits, a machine hire firm's hires, a company's job applications, a landlord's leases, a
coffee roastery's batches, an insurer's claims."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator

Row = tuple[object, ...]
TODAY = dt.date(2025, 9, 1)
DAY = dt.timedelta(days=1)


def vet_visits(rows: int = 430) -> tuple[str, Iterator[Row]]:
    """Visits to a veterinary practice; the weight is not always noted, and some bills are not paid yet."""
    rng = random.Random(901)
    columns = (
        '"visit_id" VARCHAR, "visit_date" DATE, "pet_name" VARCHAR, "species" VARCHAR, "owner_name" VARCHAR, '
        '"owner_town" VARCHAR, "vet" VARCHAR, "reason" VARCHAR, "is_emergency" BOOLEAN, "weight_kg" DOUBLE, '
        '"duration_minutes" BIGINT, "consultation_fee" DECIMAL(8,2), "medicine_cost" DECIMAL(8,2), "paid_on" DATE, '
        '"reminder_sent" BOOLEAN'
    )
    owners = [
        (name, rng.choice(["Oakfield", "Millbrook", "Easton", "Harwick"]))
        for name in (
            "Laura Pike", "Tom Brandt", "Nadia Aziz", "Peter Kelly", "Sofia Moreno", "Ian Walsh", "Mei Lin", "Ruth Adler",
            "Oscar Lund", "Grace Obi", "Paul Dubois", "Hannah Frost", "Yusuf Demir", "Clara Weiss", "Dan Hughes",
            "Elena Popova", "Kate Morgan", "Samir Patel", "Julia Stone", "Marek Nowak",
        )
    ]  # fmt: skip
    names = [
        "Bella",
        "Max",
        "Luna",
        "Rocky",
        "Daisy",
        "Milo",
        "Coco",
        "Buster",
        "Nala",
        "Simba",
        "Oreo",
        "Poppy",
        "Ziggy",
        "Toby",
        "Misty",
        "Felix",
        "Ginger",
        "Shadow",
        "Biscuit",
        "Pepper",
        "Willow",
        "Rex",
        "Mango",
        "Kiwi",
        "Thumper",
        "Hazel",
        "Smokey",
        "Rosie",
        "Bruno",
        "Olive",
        "Pickles",
        "Teddy",
    ]
    pets = [
        (name, rng.choices(["Dog", "Cat", "Rabbit", "Parrot", "Guinea pig"], [8, 7, 3, 1, 2])[0], *rng.choice(owners))
        for name in names
    ]
    usual = {"Dog": 19.0, "Cat": 4.4, "Rabbit": 2.1, "Parrot": 0.5, "Guinea pig": 0.9}
    fees = {"Vaccination": 38, "Check-up": 45, "Surgery": 290, "Dental": 140, "Injury": 95, "Skin problem": 60}

    def made() -> Iterator[Row]:
        for number in range(rows):
            day = dt.date(2024, 1, 2) + dt.timedelta(days=int(number * 1.4))
            pet, species, owner, town = rng.choice(pets)
            reason = rng.choices(list(fees), [6, 6, 3, 2, 3, 3])[0]
            late = rng.choice([0, 0, 0, 3, 8, 14, 21, 30, 45])
            paid = rng.random() < 0.87 and day + late * DAY < TODAY
            yield (
                f"V{10400 + number}", day, pet, species, owner, town,
                rng.choices(["Dr Hansen", "Dr Okafor", "Dr Lewis", "Dr Ferrari"], [5, 4, 3, 2])[0], reason,
                reason in ("Injury", "Surgery") and rng.random() < 0.45,
                round(usual[species] * rng.uniform(0.7, 1.4), 1) if rng.random() < 0.86 else None,
                int({"Surgery": 85, "Dental": 50}.get(reason, 20) * rng.uniform(0.6, 1.5)),
                round(fees[reason] * rng.uniform(0.9, 1.25), 2),
                round(rng.expovariate(1 / 42), 2) if rng.random() < 0.7 else 0,
                day + late * DAY if paid else None, rng.random() < 0.5,
            )  # fmt: skip

    return columns, made()


def hires(rows: int = 360) -> tuple[str, Iterator[Row]]:
    """Hires of building machines; the ones still out have no date of return."""
    rng = random.Random(902)
    columns = (
        '"Hire No" VARCHAR, "Customer" VARCHAR, "Depot" VARCHAR, "Category" VARCHAR, "Machine" VARCHAR, "Out Date" DATE, '
        '"Due Back" DATE, "Returned On" DATE, "Day Rate" DECIMAL(8,2), "Days Charged" BIGINT, "Total Charge" DECIMAL(10,2), '
        '"Deposit" DECIMAL(8,2), "Damage Waiver" VARCHAR, "Delivered" BOOLEAN, "Damage Cost" DECIMAL(8,2), '
        '"Hire Status" VARCHAR'
    )
    customers = [
        "Arden Builders", "Brook & Sons", "Castle Groundworks", "Delta Roofing", "Ellis Landscapes", "Fenwick Civil",
        "Granite Homes", "Hollis Paving", "Ivory Interiors", "Jackson Demolition", "Kestrel Utilities", "Larch Construction",
    ]  # fmt: skip
    kit = {
        "Excavator": (["Mini Digger 1.5t", "Digger 8t", "Digger 13t"], 145), "Dumper": (["Dumper 1t", "Dumper 6t"], 70),
        "Generator": (["Generator 20kVA", "Generator 60kVA"], 48), "Roller": (["Roller 80", "Roller 120"], 62),
        "Access Platform": (["Scissor Lift", "Boom Lift", "Cherry Picker"], 110),
    }  # fmt: skip

    def made() -> Iterator[Row]:
        for number in range(rows):
            out = dt.date(2023, 12, 4) + dt.timedelta(days=int(number * 1.74) + rng.randrange(4))
            agreed = rng.choice([2, 3, 5, 7, 7, 10, 14, 21, 28])
            due = out + agreed * DAY
            back = due + rng.choice([-2, -1, 0, 0, 0, 0, 0, 1, 2, 4, 9]) * DAY
            back = max(back, out)
            returned = back < TODAY and rng.random() < 0.95
            category = rng.choices(list(kit), [5, 3, 3, 2, 4])[0]
            machines, usual = kit[category]
            rate = round(usual * rng.uniform(0.8, 1.3), 2)
            days = max(1, (back - out).days if returned else agreed)
            yield (
                f"EH/{5100 + number}", rng.choice(customers),
                rng.choices(["Manchester", "Bristol", "Newcastle", "Cardiff"], [5, 4, 3, 2])[0], category,
                rng.choice(machines), out, due, back if returned else None, rate, days, round(rate * days, 2),
                rng.choice([0, 100, 250, 500]), rng.choice(["Yes", "Yes", "No"]), rng.random() < 0.6,
                round(60 + rng.expovariate(1 / 380), 2) if returned and rng.random() < 0.16 else None,
                "Returned" if returned else "On Hire",
            )  # fmt: skip

    return columns, made()


def applications(rows: int = 340) -> tuple[str, Iterator[Row]]:
    """Applications for jobs; the ones in progress have no date of decision, and only some got as far as an interview."""
    rng = random.Random(903)
    columns = (
        '"applicationId" BIGINT, "candidateName" VARCHAR, "position" VARCHAR, "department" VARCHAR, "officeLocation" VARCHAR, '
        '"source" VARCHAR, "recruiter" VARCHAR, "appliedOn" DATE, "decidedOn" DATE, "stage" VARCHAR, '
        '"yearsExperience" BIGINT, "salaryExpectation" BIGINT, "offeredSalary" BIGINT, "interviewScore" DOUBLE, '
        '"remoteOk" VARCHAR'
    )
    jobs = [
        ("Backend Developer", "Engineering", 68), ("Data Engineer", "Engineering", 72), ("QA Tester", "Engineering", 49),
        ("Account Manager", "Sales", 55), ("Sales Assistant", "Sales", 36), ("Accountant", "Finance", 52),
        ("Payroll Clerk", "Finance", 39), ("Support Agent", "Customer Service", 33), ("Team Lead Support", "Customer Service", 47),
    ]  # fmt: skip
    firsts = [
        "Ada",
        "Boris",
        "Camille",
        "Dario",
        "Edith",
        "Faisal",
        "Gina",
        "Hiro",
        "Irene",
        "Jamal",
        "Karin",
        "Leo",
        "Maya",
        "Nils",
        "Olga",
        "Pedro",
        "Rosa",
        "Sven",
        "Tara",
        "Umar",
    ]
    lasts = [
        "Abbott",
        "Berg",
        "Costa",
        "Duarte",
        "Engel",
        "Fischer",
        "Garcia",
        "Haas",
        "Ivanov",
        "Jansen",
        "Keller",
        "Lopez",
        "Meyer",
        "Nagy",
        "Owens",
        "Park",
        "Quinn",
        "Ricci",
    ]
    people = [f"{first} {last}" for first in firsts for last in lasts]
    rng.shuffle(people)

    def made() -> Iterator[Row]:
        for number in range(rows):
            applied = dt.date(2024, 1, 8) + dt.timedelta(days=int(number * 1.76))
            position, department, usual = rng.choice(jobs)
            took = rng.choice([4, 9, 13, 20, 27, 35, 52, 74])
            decided = applied + took * DAY < TODAY and rng.random() < 0.93
            stage = (
                rng.choices(["Hired", "Rejected", "Withdrawn"], [3, 11, 2])[0]
                if decided
                else rng.choice(["Screening", "Interview", "Offer"])
            )
            experience = min(25, int(rng.expovariate(1 / 6)))
            wish = round(usual * rng.uniform(0.85, 1.25) * 1000 + experience * 310, -1)
            yield (
                88000 + number, people[number], position, department,
                rng.choices(["Berlin", "Dublin", "Madrid", "Warsaw"], [5, 4, 3, 2])[0],
                rng.choices(["LinkedIn", "Company website", "Referral", "Agency", "Job fair"], [7, 6, 3, 3, 1])[0],
                rng.choice(["Nora Vance", "Felix Amari", "Beth Cole", "Jonas Hill"]), applied,
                applied + took * DAY if decided else None, stage, experience, int(wish),
                int(round(wish * rng.uniform(0.88, 1.06), -2)) if stage in ("Hired", "Offer") else None,
                round(rng.uniform(2.5, 10), 1)
                if stage in ("Hired", "Offer", "Interview") or (stage == "Rejected" and rng.random() < 0.4)
                else None,
                rng.choice(["Y", "Y", "N"]),
            )  # fmt: skip

    return columns, made()


def leases(rows: int = 190) -> tuple[str, Iterator[Row]]:
    """A landlord's leases, one for each tenant; some tenants are behind with the rent."""
    rng = random.Random(911)
    columns = (
        '"LEASE_ID" VARCHAR, "TENANT_NAME" VARCHAR, "ADDRESS" VARCHAR, "CITY" VARCHAR, "PROPERTY_TYPE" VARCHAR, '
        '"BEDROOMS" BIGINT, "FLOOR_AREA_SQM" DOUBLE, "MONTHLY_RENT" DECIMAL(8,2), "DEPOSIT_HELD" DECIMAL(8,2), '
        '"LEASE_START" DATE, "LEASE_END" DATE, "ARREARS" DECIMAL(9,2), "FURNISHED" VARCHAR, "PETS_ALLOWED" VARCHAR, '
        '"LETTING_AGENT" VARCHAR, "ENERGY_RATING" VARCHAR, "LEASE_STATUS" VARCHAR'
    )
    people = [
        f"{first} {last}"
        for first in [
            "Alan",
            "Bridget",
            "Colin",
            "Dora",
            "Eric",
            "Fiona",
            "Gareth",
            "Holly",
            "Imran",
            "Joan",
            "Keith",
            "Lucy",
            "Mohan",
            "Nina",
            "Owen",
        ]
        for last in [
            "Archer",
            "Bell",
            "Carr",
            "Doyle",
            "Evans",
            "Flynn",
            "Grant",
            "Hobbs",
            "Irwin",
            "Jarvis",
            "Knox",
            "Lamb",
            "Marsh",
        ]
    ]
    rng.shuffle(people)
    streets = [
        "Station Road",
        "Church Lane",
        "Park Avenue",
        "Mill Street",
        "Queen Street",
        "Victoria Terrace",
        "Dock Row",
    ]

    def made() -> Iterator[Row]:
        for number in range(rows):
            kind = rng.choices(["Flat", "House", "Studio", "Maisonette"], [6, 4, 2, 1])[0]
            beds = {"Studio": 0, "Flat": rng.choice([1, 1, 2, 2, 3])}.get(kind, rng.choice([2, 3, 3, 4]))
            area = round(26 + beds * 19 + rng.uniform(-6, 14), 1)
            city = rng.choices(["Glasgow", "Edinburgh", "Dundee", "Aberdeen"], [5, 4, 2, 2])[0]
            start = dt.date(2022, 5, 1) + dt.timedelta(days=rng.randrange(1180))
            end = start + rng.choice([365, 365, 547, 730, 1095]) * DAY
            rent = round(area * {"Edinburgh": 15.5, "Glasgow": 12.8}.get(city, 10.4) * rng.uniform(0.85, 1.2) / 5) * 5
            status = "Ended" if end < TODAY else rng.choices(["Active", "Notice Given"], [9, 1])[0]
            yield (
                f"L-{2200 + number}", people[number], f"{number % 97 + 1} {streets[number % 7]}", city, kind, beds, area, rent,
                rent * rng.choice([1, 1, 2]), start, end,
                round(rent * rng.uniform(0.3, 4.2), 2) if rng.random() < 0.2 else 0, rng.choice(["Y", "N"]),
                rng.choice(["Y", "N", "N"]), rng.choice(["Moira Shaw", "Callum Reid", "Ewa Zielinska", "Priya Nair", "Tim Boyle"]),
                rng.choices(["B", "C", "D", "E", None], [2, 5, 4, 2, 2])[0], status,
            )  # fmt: skip

    return columns, made()


def roasts(rows: int = 400) -> tuple[str, Iterator[Row]]:
    """A coffee roastery's batches; not each was tasted, and the rejected ones are never packed."""
    rng = random.Random(912)
    columns = (
        '"batchNo" VARCHAR, "roastedOn" DATE, "beanOrigin" VARCHAR, "supplierName" VARCHAR, "roastLevel" VARCHAR, '
        '"roasterName" VARCHAR, "machine" VARCHAR, "greenKg" DOUBLE, "roastedKg" DOUBLE, "greenPricePerKg" DECIMAL(6,2), '
        '"roastMinutes" DOUBLE, "moisturePct" DOUBLE, "cuppingScore" DOUBLE, "isOrganic" BOOLEAN, "rejected" BOOLEAN, '
        '"packedOn" DATE, "salesChannel" VARCHAR'
    )
    origins = {
        "Ethiopia": ["Highland Imports", "Falcon Trading"], "Colombia": ["Andes Direct", "Falcon Trading"],
        "Brazil": ["Andes Direct", "Santos Beans"], "Kenya": ["Highland Imports"], "Guatemala": ["Andes Direct"],
        "Sumatra": ["Falcon Trading", "Island Coffee Co"], "Rwanda": ["Highland Imports", "Falcon Trading"],
    }  # fmt: skip
    prices = {
        "Ethiopia": 7.9,
        "Colombia": 6.4,
        "Brazil": 4.8,
        "Kenya": 8.6,
        "Guatemala": 6.9,
        "Sumatra": 5.9,
        "Rwanda": 7.2,
    }

    def made() -> Iterator[Row]:
        for number in range(rows):
            day = dt.date(2024, 2, 5) + dt.timedelta(days=int(number * 1.43))
            origin = rng.choices(list(origins), [5, 6, 6, 3, 3, 2, 2])[0]
            level = rng.choices(["Light", "Medium", "Dark", "Espresso"], [3, 5, 2, 4])[0]
            green = round(rng.choice([12, 15, 25, 30, 60]) * rng.uniform(0.95, 1.0), 1)
            loss = {"Light": 0.125, "Medium": 0.148, "Dark": 0.185, "Espresso": 0.168}[level] * rng.uniform(0.92, 1.1)
            rejected = rng.random() < (0.13 if level == "Dark" else 0.05)
            packed = day + rng.choice([1, 1, 2, 3, 5]) * DAY
            yield (
                f"R{number + 3001}", day, origin, rng.choice(origins[origin]), level,
                rng.choices(["Mateo", "Ingrid", "Wes", "Aisha"], [5, 4, 3, 2])[0], rng.choice(["Probat 1", "Probat 2", "Giesen"]),
                green, round(green * (1 - loss), 1), round(prices[origin] * rng.uniform(0.9, 1.15), 2),
                round(rng.uniform(9, 15.5), 1), round(rng.uniform(9.4, 12.6), 1),
                round(rng.gauss(84 if not rejected else 77, 2.2) * 4) / 4 if rng.random() < 0.82 else None,
                rng.random() < 0.35, rejected,
                packed if not rejected and packed < TODAY and rng.random() < 0.965 else None,
                rng.choices(["Cafe", "Online Shop", "Wholesale", "Supermarket"], [3, 4, 5, 2])[0],
            )  # fmt: skip

    return columns, made()


def claims(rows: int = 460) -> tuple[str, Iterator[Row]]:
    """An insurer's claims; the ones not settled have no amount paid."""
    rng = random.Random(913)
    columns = (
        '"claim_number" VARCHAR, "policy_holder" VARCHAR, "policy_type" VARCHAR, "region" VARCHAR, "cause" VARCHAR, '
        '"incident_date" DATE, "reported_date" DATE, "settled_date" DATE, "claimed_amount" DECIMAL(10,2), '
        '"paid_amount" DECIMAL(10,2), "excess" DECIMAL(8,2), "handler" VARCHAR, "claim_status" VARCHAR, '
        '"fraud_suspected" BOOLEAN, "satisfaction_score" BIGINT'
    )
    holders = [
        (f"{first} {last}", rng.choice(["North", "South", "Midlands", "Wales"]))
        for first in ["Abby", "Bernard", "Celia", "Derek", "Esther", "Frank", "Gloria", "Henry", "Isla", "Jerome"]
        for last in ["Atkins", "Barlow", "Chandra", "Dixon", "Eaton", "Foster", "Goodwin", "Hart", "Iqbal", "Jennings"]
    ]
    kinds = {
        "Motor": (["Collision", "Theft", "Windscreen"], 7.4), "Home": (["Burst pipe", "Storm", "Fire", "Theft"], 8.0),
        "Travel": (["Cancellation", "Lost luggage", "Illness abroad"], 6.3), "Pet": (["Accident", "Illness"], 5.9),
        "Liability": (["Injury to third party", "Damage to third party"], 8.6),
    }  # fmt: skip

    def made() -> Iterator[Row]:
        for number in range(rows):
            reported = dt.date(2023, 10, 2) + dt.timedelta(days=int(number * 1.52))
            kind = rng.choices(list(kinds), [8, 6, 4, 3, 2])[0]
            causes, size = kinds[kind]
            amount = round(rng.lognormvariate(size, 0.7), 2)
            excess = rng.choice([100, 150, 250, 500])
            settled = reported + int(rng.expovariate(1 / {"Liability": 110, "Home": 55}.get(kind, 30)) + 3) * DAY
            status = rng.choices(["Settled", "Declined", "Under Review"], [15, 3, 1])[0]
            if status == "Settled" and settled >= TODAY:
                status = "Under Review"
            if status == "Under Review" and reported > dt.date(2025, 6, 20) and rng.random() < 0.5:
                status = "New"
            paid = status == "Settled"
            holder, region = rng.choice(holders)
            yield (
                f"CL-{number + 70015}", holder, kind, region, rng.choice(causes),
                reported - int(rng.expovariate(1 / 12)) * DAY, reported, settled if paid else None, amount,
                round(max(amount * rng.uniform(0.6, 1.0) - excess, 20), 2) if paid else None, excess,
                rng.choices(["Wendy Cross", "Arjun Rao", "Lena Fuchs", "Bill Mercer", "Tess Doherty"], [5, 4, 4, 3, 2])[0],
                status, rng.random() < 0.07,
                rng.choice([1, 2, 3, 3, 4, 4, 5]) if status in ("Settled", "Declined") and rng.random() < 0.55 else None,
            )  # fmt: skip

    return columns, made()


TABLES: dict[str, Callable[[], tuple[str, Iterator[Row]]]] = {
    "vet_visits": vet_visits, "hires": hires, "applications": applications,
    "leases": leases, "roasts": roasts, "insurer_claims": claims,
}  # fmt: skip
