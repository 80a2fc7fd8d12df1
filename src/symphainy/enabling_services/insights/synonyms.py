"""Words for the same: synonyms, abbreviations, and forms of one word."""

from __future__ import annotations

from typing import Final

CONCEPTS: Final = tuple(
    frozenset(group.split())
    for group in (
        "customer client buyer purchaser",
        "gift give given giving donate donated donation donor contribution contribute",
        "checkin arrival arrive arrived arriving",
        "checkout departure depart departed leave left",
        "guest visitor",
        "vehicle car automobile truck van",
        "company customer client account business firm organisation organization",
        "user learner student participant member",
        "km kilometer kilometre distance mileage mile",
        "kg kilo kilogram kilogramme",
        "t ton tonne",
        "ha hectare",
        "hour hr h",
        "minute min",
        "second sec s",
        "eur euro",
        "usd dollar",
        "percent pct",
        "l litre liter",
        "csat satisfaction",
        "complete completed completion finish finished done end ended",
        "churn churned cancel cancelled cancellation",
        "wet moisture humidity",
        "use used usage consumption consume",
        "enrol enroll enrolled enrolment enrollment register registered signup",
        "labour labor work worked working",
        "tech technician engineer mechanic",
        "income money earning earnings takings",
        "sale revenue turnover selling sell",
        "profit earning profitable gain",
        "amount value sum price worth",
        "quantity qty unit piece",
        "product item article good",
        "employee staff worker colleague",
        "adjuster handler",
        "city town",
        "postal zip postcode",
        "invoice bill",
        "paid payment pay settled",
        "due deadline",
        "country nation",
        "salary wage pay paid earning earn compensation income",
        "department dept division",
        "gender sex",
        "supplier vendor",
        "discount rebate reduction",
        "cost expense spending",
        "rating score grade",
        "shipping ship delivery shipment shipped delivered deliver",
        "order ordered purchase",
        "status state",
        "kind type category sort",
        "branch office store shop",
        "doctor physician",
        "age old",
        "manager manage boss officer",
        "region area territory zone",
        "stock inventory",
        "duration time length",
        "freight shipping",
        "hire join joined hired start started begin recruit recruited",
        "exit leave left departure depart departed quit resign resigned termination end",
        "open opened filed reported",
        "close closed closing",
        "arrived arrive arrival delivered received",
        "outstanding owed owe owes owing open balance",
        "lost lose losing loss",
        "won win winning",
        "segment group category class",
        "premium contribution",
        "holder policyholder insured",
        "rep representative salesperson seller",
    )
)

ABBREVIATIONS: Final = {
    short: word
    for word, shorts in {
        "amount": "amt amnt", "quantity": "qty qnty qnt", "customer": "cust", "name": "nm", "date": "dt", "product": "prod",
        "category": "cat catg ctg", "invoice": "inv", "percent": "pct perc", "discount": "disc", "status": "stat sts",
        "currency": "curr ccy cur", "order": "ord", "department": "dept", "employee": "emp", "manager": "mgr",
        "account": "acct acc", "balance": "bal", "premium": "prem", "policy": "pol", "revenue": "rev", "description": "descr",
        "destination": "dest", "warehouse": "wh whse", "supplier": "supp", "vendor": "vend", "salary": "sal", "total": "tot",
        "number": "num nbr", "address": "addr", "shipment": "shp", "delivery": "dlv deliv", "location": "loc",
        "transaction": "txn trx", "payment": "pmt pymt", "year": "yr", "group": "grp", "organisation": "org",
        "manufacturer": "mfr", "purchase": "purch", "priority": "prio", "contract": "contr", "country": "ctry cntry",
        "region": "rgn", "type": "typ", "count": "cnt", "hour": "hr hrs", "price": "prc",
    }.items()
    for short in shorts.split()
}  # fmt: skip
"""How names of columns are shortened."""

IRREGULAR: Final = {
    "won": "win", "winning": "win", "wins": "win", "lost": "lose", "losing": "lose", "losses": "lose", "loss": "lose",
    "sold": "sell", "selling": "sell", "paid": "pay", "left": "leave", "bought": "buy", "shipped": "ship", "broken": "break",
    "spent": "spend", "sown": "sow", "grown": "grow", "driven": "drive", "flown": "fly", "drawn": "draw", "given": "give",
    "spending": "spend", "quit": "quit", "wrote": "write", "written": "write",
}  # fmt: skip


def stem(word: str) -> str:
    """`cancelled`, `cancelling` and `cancellations` are the same; a rough cut, for comparing only."""
    word = IRREGULAR.get(word, word)
    if len(word) > 6 and word.endswith("ly"):
        word = word[:-2]
    for ending in (
        "ations",
        "ated",
        "ating",
        "ates",
        "ities",
        "ity",
        "ation",
        "ments",
        "ment",
        "ings",
        "ing",
        "ed",
        "als",
        "al",
        "ions",
        "ion",
        "es",
        "s",
        "e",
    ):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > 4 and word[-1] == word[-2] else word
