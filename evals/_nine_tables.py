"""Nine tables: a plastics maker's production runs, an estate agency's listings, an agency's ad campaigns; a hospital's purchase
orders, a dealer's used cars, a restaurant group's checks; and with awkward column names a fleet's fuel log, a contract register,
a farm's harvests."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator

Row = tuple[object, ...]
TODAY = dt.date(2025, 9, 1)
DAY = dt.timedelta(days=1)


def production_runs(rows: int = 1_400) -> tuple[str, Iterator[Row]]:
    """Runs of a plastics maker; a run without downtime has no reason for it, and the latest are not inspected yet."""
    rng = random.Random(31)
    columns = (
        '"run_id" VARCHAR, "run_date" DATE, "plant" VARCHAR, "production_line" VARCHAR, "shift" VARCHAR, '
        '"product_name" VARCHAR, "product_family" VARCHAR, "supervisor" VARCHAR, "planned_units" BIGINT, '
        '"produced_units" BIGINT, "rejected_units" BIGINT, "downtime_minutes" BIGINT, "downtime_reason" VARCHAR, '
        '"material_cost" DECIMAL(10,2), "quality_passed" BOOLEAN'
    )
    products = {
        "Water Bottle 500ml": ("Bottles", 0.041), "Water Bottle 1L": ("Bottles", 0.063), "Juice Bottle 330ml": ("Bottles", 0.038),
        "Screw Cap 28mm": ("Caps", 0.008), "Flip Top Cap": ("Caps", 0.013), "Yoghurt Tub": ("Tubs", 0.027),
        "Ice Cream Tub 2L": ("Tubs", 0.088), "Meat Tray": ("Trays", 0.035), "Fruit Tray": ("Trays", 0.031),
    }  # fmt: skip
    chiefs = {
        "Leeds": ["Carol Denton", "Imran Shah", "Stuart Pell"], "Turin": ["Giulia Conti", "Marco Villa"],
        "Gdansk": ["Ewa Zielinska", "Pawel Krol", "Tomasz Lis"],
    }  # fmt: skip
    lines = {"Leeds": ["L1", "L2", "L3", "L4"], "Turin": ["T1", "T2"], "Gdansk": ["G1", "G2", "G3"]}
    reasons = ["Mould change", "Machine fault", "Material shortage", "Staff shortage", "Power cut"]

    def made() -> Iterator[Row]:
        for number in range(rows):
            day = dt.date(2024, 1, 3) + dt.timedelta(days=int(number * 0.433))
            plant = rng.choices(list(chiefs), [5, 2, 4])[0]
            product = rng.choice(list(products))
            family, cost = products[product]
            planned = rng.choice([5, 8, 10, 12, 15, 20, 24]) * 1_000
            down = 0 if rng.random() < 0.42 else int(5 + rng.expovariate(1 / 48))
            produced = int(planned * max(0.35, rng.gauss(1.0, 0.03) - down / 700))
            rejected = int(produced * rng.uniform(0.002, 0.035) * rng.choice([1, 1, 1, 2.4]))
            yield (
                f"R-{20410 + number}", day, plant, rng.choice(lines[plant]), rng.choices(["Morning", "Afternoon", "Night"], [5, 4, 3])[0],
                product, family, rng.choice(chiefs[plant]), planned, produced, rejected, down,
                rng.choices(reasons, [6, 5, 3, 2, 1])[0] if down else None,
                round(produced * cost * rng.uniform(0.93, 1.1), 2),
                None if number > rows - 38 else rng.random() > rejected / produced * 4,
            )  # fmt: skip

    return columns, made()


def property_listings(rows: int = 780) -> tuple[str, Iterator[Row]]:
    """Houses and flats on an estate agency's books; only the sold ones have a price and date of sale."""
    rng = random.Random(32)
    columns = (
        '"Listing ID" VARCHAR, "Address" VARCHAR, "Town" VARCHAR, "Property Type" VARCHAR, "Bedrooms" BIGINT, '
        '"Floor Area" DOUBLE, "Energy Rating" VARCHAR, "Garden" BOOLEAN, "Agent" VARCHAR, "Listed Date" DATE, '
        '"Asking Price" BIGINT, "Viewings" BIGINT, "Status" VARCHAR, "Sold Date" DATE, "Sold Price" BIGINT'
    )
    towns = {"Ashbourne": 1.15, "Buxton": 1.0, "Matlock": 1.05, "Belper": 0.92, "Ripley": 0.8, "Bakewell": 1.35}
    streets = [
        "Church Lane", "Mill Road", "Station Street", "Park View", "High Street", "Meadow Close", "Victoria Avenue", "The Green",
        "Quarry Hill", "Bridge Street", "Orchard Way", "King Street", "Derwent Drive", "Chapel Row",
    ]  # fmt: skip
    kinds = {"Detached": 3_250, "Semi-detached": 2_900, "Terraced": 2_700, "Flat": 3_050, "Bungalow": 3_150}

    def made() -> Iterator[Row]:
        for number in range(rows):
            listed = dt.date(2023, 6, 1) + dt.timedelta(days=int(number * 1.05))
            town = rng.choices(list(towns), [5, 4, 5, 4, 3, 2])[0]
            kind = rng.choices(list(kinds), [4, 5, 5, 4, 2])[0]
            beds = rng.choice({"Detached": [3, 4, 4, 5, 6], "Flat": [1, 1, 2, 2, 3]}.get(kind, [2, 2, 3, 3, 4]))
            area = round(24 + beds * rng.uniform(21, 31), 1)
            asking = int(area * kinds[kind] * towns[town] * rng.uniform(0.85, 1.2) / 2_500) * 2_500
            wait = int(12 + rng.expovariate(1 / 75))
            sold = listed + wait * DAY < TODAY and rng.random() < 0.78
            status = "Sold" if sold else rng.choices(["For Sale", "Under Offer", "Withdrawn"], [5, 3, 2])[0]
            yield (
                f"PL{3001 + number}", f"{rng.randrange(1, 140)} {rng.choice(streets)}", town, kind, beds, area,
                rng.choices("ABCDEFG", [1, 4, 9, 11, 6, 2, 1])[0] if rng.random() < 0.9 else None,
                kind != "Flat" and rng.random() < 0.82,
                rng.choices(["Fiona Grant", "Neil Ashworth", "Priya Nair", "Jake Holloway", "Sandra Booth"], [5, 4, 4, 3, 2])[0],
                listed, asking, rng.randrange(0, 9) + min(wait // 9, 14), status,
                listed + wait * DAY if sold else None,
                int(asking * rng.uniform(0.9, 1.04) / 500) * 500 if sold else None,
            )  # fmt: skip

    return columns, made()


def ad_campaigns(rows: int = 520) -> tuple[str, Iterator[Row]]:
    """Campaigns of a marketing agency; those that still run have no end, and not all of them track conversions."""
    rng = random.Random(33)
    columns = (
        '"campaignId" BIGINT, "campaignName" VARCHAR, "client" VARCHAR, "industry" VARCHAR, "channel" VARCHAR, '
        '"targetCountry" VARCHAR, "accountManager" VARCHAR, "startDate" DATE, "endDate" DATE, "budget" DECIMAL(10,2), '
        '"amountSpent" DECIMAL(10,2), "impressions" BIGINT, "clicks" BIGINT, "conversions" BIGINT, "isPaused" BOOLEAN'
    )
    clients = {
        "Bluefin Outdoors": "Retail", "Caldera Coffee": "Food & Drink", "Nimbus Bank": "Finance", "Peakline Fitness": "Health",
        "Orchid Hotels": "Travel", "Terra Furniture": "Retail", "Voltix Mobile": "Telecoms", "Sunrise Dairy": "Food & Drink",
        "Harbor Trust": "Finance", "Lumen Clinics": "Health", "Wayfare Rail": "Travel",
    }  # fmt: skip
    channels = {
        "Search": (0.052, 1.1), "Social": (0.014, 0.55), "Display": (0.004, 0.6), "Email": (0.031, 0.18), "Video": (0.009, 0.7),
    }  # fmt: skip
    themes = [
        "Spring Sale",
        "Brand Push",
        "Summer Launch",
        "Loyalty Drive",
        "Black Friday",
        "New Year Offer",
        "App Install",
        "Referral",
    ]

    def made() -> Iterator[Row]:
        for number in range(rows):
            start = dt.date(2023, 1, 9) + dt.timedelta(days=int(number * 1.83) + rng.randrange(5))
            client = rng.choice(list(clients))
            channel = rng.choices(list(channels), [6, 6, 4, 3, 2])[0]
            rate, price = channels[channel]
            budget = rng.choice([1_500, 2_500, 4_000, 5_000, 7_500, 10_000, 15_000, 20_000, 35_000])
            spent = round(min(budget * 1.18, budget * max(0.2, rng.gauss(0.9, 0.14))), 2)
            clicks = int(spent / price * rng.uniform(0.6, 1.4))
            end = start + rng.choice([7, 14, 21, 28, 30, 45, 60, 90]) * DAY
            yield (
                70100 + number, f"{rng.choice(themes)} {start:%b %Y} {channel}", client, clients[client], channel,
                rng.choices(["United Kingdom", "Germany", "France", "Spain", "Netherlands"], [7, 4, 3, 2, 2])[0],
                rng.choice(["Alice Romero", "Ben Carter", "Chloe Dupont", "Dev Malhotra"]), start, end if end < TODAY else None,
                budget, spent, int(clicks / (rate * rng.uniform(0.6, 1.5))), clicks,
                int(clicks * rng.uniform(0.005, 0.07)) if rng.random() < 0.85 else None, end >= TODAY and rng.random() < 0.4,
            )  # fmt: skip

    return columns, made()


def purchase_orders(rows: int = 1_150) -> tuple[str, Iterator[Row]]:
    """What a hospital bought; small orders need no approval, and what has not arrived has no date of receipt."""
    rng = random.Random(34)
    columns = (
        '"po_number" VARCHAR, "order_date" DATE, "supplier" VARCHAR, "department" VARCHAR, "category" VARCHAR, "item" VARCHAR, '
        '"quantity" BIGINT, "unit_price" DECIMAL(10,2), "total_amount" DECIMAL(12,2), "requested_by" VARCHAR, '
        '"approved_by" VARCHAR, "due_date" DATE, "received_date" DATE, "status" VARCHAR, "is_urgent" BOOLEAN'
    )
    items = {
        "Nitrile Gloves": ("Consumables", 6.4), "Surgical Masks": ("Consumables", 4.2), "Syringes 10ml": ("Consumables", 11.5),
        "Wound Dressing": ("Consumables", 18.9), "Infusion Pump": ("Equipment", 1_450), "Patient Monitor": ("Equipment", 2_380),
        "Hospital Bed": ("Equipment", 1_890), "Wheelchair": ("Equipment", 265), "Saline 1L": ("Pharmacy", 2.9),
        "Paracetamol IV": ("Pharmacy", 3.7), "Printer Toner": ("Office", 62), "Office Chair": ("Office", 148),
        "Bed Linen Set": ("Facilities", 23.5), "Floor Cleaner 5L": ("Facilities", 14.2),
    }  # fmt: skip
    suppliers = {
        "Consumables": ["Medisource", "CarePlus Supplies", "Northgate Medical"],
        "Equipment": ["Vitalis Devices", "Northgate Medical", "Hallmark Clinical"],
        "Pharmacy": ["Apex Pharma", "Medisource"], "Office": ["Paperway", "Deskline"], "Facilities": ["CleanCo", "Linen Direct"],
    }  # fmt: skip
    people = ["J. Okoro", "M. Svensson", "R. Bianchi", "T. Yamada", "L. Fraser", "A. Haddad", "S. Kowalski", "D. Reyes"]

    def made() -> Iterator[Row]:
        for number in range(rows):
            day = dt.date(2023, 10, 2) + dt.timedelta(days=int(number * 0.606))
            item = rng.choice(list(items))
            category, price = items[item]
            quantity = (
                rng.choice([1, 1, 2, 3, 4, 6])
                if category == "Equipment"
                else rng.choice([5, 10, 20, 25, 50, 80, 120, 200])
            )
            quantity = quantity if category != "Office" else max(1, quantity // 5)
            price = round(price * rng.uniform(0.9, 1.15), 2)
            due = day + rng.choice([3, 5, 7, 10, 14, 21]) * DAY
            came = max(day + DAY, due + rng.choice([-3, -2, -1, 0, 0, 0, 1, 2, 4, 7, 12]) * DAY)
            if rng.random() < 0.05:
                status = "Cancelled"
            elif came < TODAY and rng.random() < 0.95:
                status = "Received"
            else:
                status = rng.choice(["Ordered", "Ordered", "Back-ordered"])
            yield (
                f"PO-{88010 + number}", day, rng.choice(suppliers[category]),
                rng.choices(["Emergency", "Surgery", "Maternity", "Radiology", "Pediatrics", "Cardiology", "Estates"],
                [6, 5, 3, 3, 3, 4, 2])[0],
                category, item, quantity, price, round(quantity * price, 2), rng.choice(people),
                rng.choice(["H. Lindqvist", "P. Osei", "C. Moreau"]) if quantity * price > 400 and rng.random() < 0.93 else None,
                due, came if status == "Received" else None, status, rng.random() < 0.16,
            )  # fmt: skip

    return columns, made()


def used_cars(rows: int = 680) -> tuple[str, Iterator[Row]]:
    """Cars of a used car dealer; a car still on the lot has no sale."""
    rng = random.Random(35)
    columns = (
        '"Stock No" VARCHAR, "Make" VARCHAR, "Model" VARCHAR, "Model Year" BIGINT, "Fuel Type" VARCHAR, "Gearbox" VARCHAR, '
        '"Mileage" BIGINT, "Colour" VARCHAR, "Branch" VARCHAR, "Purchase Date" DATE, "Purchase Price" BIGINT, '
        '"Asking Price" BIGINT, "Sale Date" DATE, "Sale Price" BIGINT, "Salesperson" VARCHAR'
    )
    models = {
        ("Ford", "Fiesta"): 15_500, ("Ford", "Focus"): 20_000, ("Volkswagen", "Golf"): 24_500, ("Volkswagen", "Polo"): 18_000,
        ("Toyota", "Yaris"): 19_500, ("Toyota", "Corolla"): 25_000, ("BMW", "3 Series"): 38_000, ("BMW", "X1"): 36_000,
        ("Nissan", "Qashqai"): 26_000, ("Nissan", "Leaf"): 28_000, ("Kia", "Sportage"): 28_500, ("Tesla", "Model 3"): 42_000,
        ("Renault", "Clio"): 17_000, ("Renault", "Zoe"): 27_000,
    }  # fmt: skip
    staff = {
        "Reading": ["Gary Finch", "Leanne Moss"], "Swindon": ["Omar Nasser", "Beth Tully", "Craig Dunn"],
        "Oxford": ["Tara Quinn", "Lee Hobbs"],
        "Newbury": ["Simon Yates"],
    }  # fmt: skip

    def made() -> Iterator[Row]:
        for number in range(rows):
            bought = dt.date(2023, 11, 6) + dt.timedelta(days=int(number * 0.97))
            make, model = rng.choice(list(models))
            year = rng.randrange(2014, 2024)
            age = bought.year - year
            fuel = (
                "Electric"
                if model in ("Leaf", "Model 3", "Zoe")
                else rng.choices(["Petrol", "Diesel", "Hybrid"], [6, 3, 2])[0]
            )
            miles = int(max(0.4, age) * rng.uniform(4_500, 12_500))
            paid = int(models[make, model] * 0.86 ** max(age, 0.5) * rng.uniform(0.72, 0.9) / 50) * 50
            asking = int(paid * rng.uniform(1.1, 1.28) / 50) * 50 + 45
            branch = rng.choices(list(staff), [5, 5, 4, 2])[0]
            wait = int(3 + rng.expovariate(1 / 41))
            sold = bought + wait * DAY < TODAY and rng.random() < 0.95
            yield (
                f"UC{7200 + number}", make, model, year, fuel,
                "Automatic" if fuel in ("Electric", "Hybrid") or rng.random() < 0.3 else "Manual", miles,
                rng.choice(["Black", "White", "Grey", "Silver", "Blue", "Red"]) if rng.random() < 0.95 else None, branch, bought, paid,
                asking, bought + wait * DAY if sold else None, int(asking * rng.uniform(0.88, 1.0) / 10) * 10 if sold else None,
                rng.choice(staff[branch]) if sold else None,
            )  # fmt: skip

    return columns, made()


def restaurant_checks(rows: int = 2_600) -> tuple[str, Iterator[Row]]:
    """Checks of a restaurant group; few guests leave a rating or have a loyalty card."""
    rng = random.Random(36)
    columns = (
        '"checkId" BIGINT, "restaurant" VARCHAR, "openedAt" TIMESTAMP, "mealPeriod" VARCHAR, "orderType" VARCHAR, '
        '"serverName" VARCHAR, "guestCount" BIGINT, "foodAmount" DECIMAL(8,2), "drinksAmount" DECIMAL(8,2), '
        '"discountAmount" DECIMAL(8,2), "tipAmount" DECIMAL(8,2), "paymentMethod" VARCHAR, "guestRating" BIGINT, '
        '"loyaltyCardNo" VARCHAR, "isVoided" BOOLEAN'
    )
    servers = {
        "Harbourside": ["Amy", "Jonas", "Rita", "Kofi"], "Old Town": ["Lena", "Marcus", "Yara"], "Riverside": ["Pablo", "Nina", "Owen"],
        "Station Square": ["Zara", "Hugo"],
    }  # fmt: skip

    def made() -> Iterator[Row]:
        for number in range(rows):
            day = dt.datetime(2025, 1, 2) + dt.timedelta(days=int(number * 0.0926))  # noqa: DTZ001 - a till tells no zone
            meal = rng.choices(["Breakfast", "Lunch", "Dinner"], [2, 5, 6])[0]
            opened = day + dt.timedelta(
                hours={"Breakfast": 8, "Lunch": 12, "Dinner": 18}[meal], minutes=rng.randrange(170)
            )
            place = rng.choices(list(servers), [5, 4, 3, 2])[0]
            kind = rng.choices(["Dine-in", "Takeaway", "Delivery"], [8, 3, 2])[0]
            guests = rng.choices([1, 2, 3, 4, 5, 6, 8, 10], [3, 8, 4, 5, 2, 2, 1, 0.4])[0]
            food = round(guests * {"Breakfast": 9, "Lunch": 15, "Dinner": 25}[meal] * rng.uniform(0.7, 1.4), 2)
            drinks = round(guests * rng.uniform(0, 12), 2) if kind == "Dine-in" or rng.random() < 0.3 else 0
            yield (
                500120 + number, place, opened, meal, kind, rng.choice(servers[place]), guests, food, drinks,
                round(food * rng.choice([0.1, 0.15, 0.2]), 2) if rng.random() < 0.14 else 0,
                round((food + drinks) * rng.uniform(0.05, 0.17), 2) if kind == "Dine-in" and rng.random() < 0.72 else 0,
                rng.choices(["Card", "Cash", "Mobile", "Gift Card"], [8, 3, 4, 1])[0],
                rng.choices([1, 2, 3, 4, 5], [1, 1, 3, 7, 8])[0] if rng.random() < 0.34 else None,
                f"LC{rng.randrange(4000, 4400)}" if rng.random() < 0.28 else None, rng.random() < 0.022,
            )  # fmt: skip

    return columns, made()


def fuel_log(rows: int = 1_300) -> tuple[str, Iterator[Row]]:
    """Refuelling of a haulier's vans and trucks; some drivers forget the odometer."""
    rng = random.Random(37)
    columns = (
        '"Rcpt #" VARCHAR, "Fuel Dt" DATE, "Veh Reg" VARCHAR, "Veh Type" VARCHAR, "Drv Name" VARCHAR, "Depot" VARCHAR, '
        '"Stn Brand" VARCHAR, "Fuel" VARCHAR, "Ltrs" DOUBLE, "Price/Ltr" DECIMAL(6,3), "Tot Cost (GBP)" DECIMAL(10,2), '
        '"Odo (km)" BIGINT, "Full Tank?" VARCHAR, "Pmt Type" VARCHAR'
    )
    drivers = [
        ("Alan Reed", "Dover"), ("Joe Banks", "Dover"), ("Wes Carr", "Dover"), ("Mick Tyler", "Hull"), ("Sue Larkin", "Hull"),
        ("Raj Bedi", "Hull"), ("Dora Nagy", "Preston"), ("Phil Stott", "Preston"), ("Glen Orr", "Preston"), ("Vic Hale", "Exeter"),
        ("Nora Flynn", "Exeter"),
    ]  # fmt: skip
    fleet = [
        (f"{rng.choice('ABCDFGHKL')}{rng.choice('VXWTR')}{rng.choice([68, 69, 20, 71, 22, 73])} {''.join(rng.choices('BCDFGHJKMPRT', k=3))}",  # noqa: E501
         rng.choices(["Van", "Truck", "Car"], [5, 4, 2])[0], rng.choice(drivers), rng.randrange(18_000, 160_000))
        for _ in range(26)
    ]  # fmt: skip
    odometers = [start for *_, start in fleet]
    tanks = {"Van": 80, "Truck": 380, "Car": 55}

    def made() -> Iterator[Row]:
        for number in range(rows):
            day = dt.date(2024, 3, 1) + dt.timedelta(days=int(number * 0.42))
            which = rng.randrange(len(fleet))
            plate, kind, (driver, depot), _ = fleet[which]
            if rng.random() < 0.15:
                driver = rng.choice([name for name, home in drivers if home == depot])
            full = rng.random() < 0.68
            litres = round(tanks[kind] * (rng.uniform(0.7, 0.98) if full else rng.uniform(0.15, 0.6)), 1)
            fuel = "Petrol" if kind == "Car" and which % 3 else "Diesel"
            price = round((1.44 if fuel == "Diesel" else 1.37) * rng.uniform(0.93, 1.13), 3)
            odometers[which] += int(litres * {"Van": 10.5, "Truck": 3.6, "Car": 15}[kind] * rng.uniform(0.8, 1.2))
            yield (
                f"{640200 + number}", day, plate, kind, driver, depot,
                rng.choices(["Shell", "BP", "Esso", "Texaco", "Jet"], [5, 5, 4, 2, 1])[0], fuel, litres, price,
                round(litres * price, 2), odometers[which] if rng.random() < 0.91 else None, "Y" if full else "N",
                rng.choices(["Fuel Card", "Company Card", "Own Money"], [12, 4, 1])[0],
            )  # fmt: skip

    return columns, made()


def ctr_reg(rows: int = 390) -> tuple[str, Iterator[Row]]:
    """A register of supplier contracts; the open-ended ones have no end, and some were never reviewed."""
    rng = random.Random(38)
    columns = (
        '"CTR_NO" VARCHAR, "VEND_NM" VARCHAR, "CTR_TTL" VARCHAR, "CAT" VARCHAR, "DEPT_NM" VARCHAR, "OWNR_NM" VARCHAR, '
        '"STRT_DT" DATE, "END_DT" DATE, "ANNL_VAL" DECIMAL(12,2), "PMT_TRM_DAYS" BIGINT, "NTC_DAYS" BIGINT, '
        '"AUTO_RNW_FLG" BOOLEAN, "RISK_LVL" VARCHAR, "LAST_RVW_DT" DATE, "STAT" VARCHAR'
    )
    vendors = {
        "Cloudpeak": "Software", "Datavault": "Software", "Signara": "Software", "Brightclean": "Facilities", "Securex": "Facilities",
        "Greenleaf Catering": "Facilities", "Mason Hart LLP": "Professional Services", "Talentbridge": "Professional Services",
        "Axis Audit": "Professional Services", "Telora": "Telecoms", "Linkway": "Telecoms", "Roadlink Leasing": "Transport",
        "Swift Couriers": "Transport", "Pixel & Ink": "Marketing", "Mediawise": "Marketing",
    }  # fmt: skip
    owners = {
        "Finance": ["Helen Marsh", "Colin Webb"], "IT": ["Anita Rao", "Greg Sykes", "Lukas Berg"], "HR": ["Joanna Pryce"],
        "Operations": ["Darren Holt", "Maria Sousa"], "Sales": ["Ed Fielding"], "Legal": ["Noor Rahman"],
    }  # fmt: skip
    titles = ["Support", "Licence", "Managed Service", "Framework", "Maintenance", "Consulting", "Supply"]

    def made() -> Iterator[Row]:
        for number in range(rows):
            start = dt.date(2019, 4, 1) + dt.timedelta(days=int(number * 5.9) + rng.randrange(20))
            vendor = rng.choice(list(vendors))
            category = vendors[vendor]
            department = rng.choices(list(owners), [3, 6, 2, 5, 2, 2])[0]
            end = start + dt.timedelta(days=rng.choice([365, 365, 730, 730, 1_095, 1_095, 1_825])) - DAY
            end = end + DAY if end == TODAY else end
            endless = rng.random() < 0.09
            if rng.random() < 0.07:  # noqa: SIM108
                status = "Terminated"
            else:
                status = "Active" if endless or end >= TODAY else "Expired"
            review = start + dt.timedelta(days=rng.randrange(60, 900))
            yield (
                f"C{1001 + number}", vendor, f"{vendor} {rng.choice(titles)} {start.year}", category, department,
                rng.choice(owners[department]), start, None if endless else end,
                round(rng.choice([4, 8, 12, 20, 35, 60, 110, 240]) * 1_000 * rng.uniform(0.8, 1.25), 2),
                rng.choice([14, 30, 30, 30, 45, 60, 90]), rng.choice([30, 30, 60, 90, 180]), rng.random() < 0.37,
                rng.choices(["Low", "Medium", "High"], [6, 4, 2])[0],
                review if review < TODAY and rng.random() < 0.75 else None, status,
            )  # fmt: skip

    return columns, made()


def crop_yld(rows: int = 460) -> tuple[str, Iterator[Row]]:
    """What the fields of a farming company gave; the crops still on the field have no harvest."""
    rng = random.Random(39)
    columns = (
        '"rec_no" BIGINT, "farmNm" VARCHAR, "fld_cd" VARCHAR, "crp" VARCHAR, "seas" BIGINT, "plntDt" DATE, "hrvstDt" DATE, '
        '"area_ha" DOUBLE, "yld_t" DOUBLE, "moist_pct" DOUBLE, "seedCst" DECIMAL(10,2), "fertCst" DECIMAL(10,2), '
        '"price_per_t" DECIMAL(8,2), "irrig_yn" BOOLEAN, "grd" VARCHAR'
    )
    farms = {"Manor Farm": 14, "Hill Top": 9, "Lower Barn": 12, "Eastfield": 16, "Brook End": 7}
    crops = {
        "Wheat": (8.1, 195, (10, 4), 300, 78, 165), "Barley": (6.8, 172, (10, 1), 285, 66, 130),
        "Oilseed Rape": (3.3, 418, (8, 25), 330, 58, 190),
        "Potatoes": (42.0, 212, (4, 8), 160, 810, 320), "Sugar Beet": (74.0, 39, (3, 25), 205, 240, 210),
        "Beans": (4.0, 238, (3, 5), 175, 92, 45),
    }  # fmt: skip
    fields = [
        (farm, f"{farm[0]}{number:02d}", round(rng.uniform(3, 28), 1))
        for farm, count in farms.items()
        for number in range(1, count + 1)
    ]

    def made() -> Iterator[Row]:
        for number in range(rows):
            farm, field, area = fields[number % len(fields)]
            season = 2018 + number // len(fields)
            crop = rng.choices(list(crops), [7, 4, 3, 3, 2, 2])[0]
            usual, price, (month, day), grow, seed, fertiliser = crops[crop]
            planted = dt.date(season - (month > 7), month, day) + rng.randrange(-12, 20) * DAY
            cut = planted + (grow + rng.randrange(-18, 25)) * DAY
            done = cut < TODAY
            watered = (crop in ("Potatoes", "Sugar Beet") and rng.random() < 0.6) or rng.random() < 0.08
            yield (
                2001 + number, farm, field, crop, season, planted, cut if done else None, area,
                round(area * usual * rng.uniform(0.65, 1.25), 1) if done else None,
                round(rng.uniform(11.5, 19.5), 1)
                if done and crop in ("Wheat", "Barley", "Oilseed Rape", "Beans") and rng.random() < 0.94 else None,
                round(area * seed * rng.uniform(0.9, 1.15), 2), round(area * fertiliser * rng.uniform(0.75, 1.3), 2),
                round(price * rng.uniform(0.8, 1.25), 2) if done else None, watered, rng.choices("ABC", [5, 4, 2])[0] if done else None,
            )  # fmt: skip

    return columns, made()


TABLES: dict[str, Callable[[], tuple[str, Iterator[Row]]]] = {
    "production_runs": production_runs, "property_listings": property_listings, "ad_campaigns": ad_campaigns,
    "purchase_orders": purchase_orders, "used_cars": used_cars, "restaurant_checks": restaurant_checks,
    "fuel_log": fuel_log, "ctr_reg": ctr_reg, "crop_yld": crop_yld,
}  # fmt: skip
