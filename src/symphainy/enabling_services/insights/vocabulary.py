"""The words of questions about a table: phrases that mean something, words that mean nothing, and words for the same."""

from __future__ import annotations

from typing import Final

from symphainy.enabling_services.insights.adjectives import COMPARING


def words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


PHRASES: Final[dict[str, tuple[str, str]]] = COMPARING | {
    phrase: (kind, meaning)
    for kind, meanings in {
        "op": {
            ">": "over|above|exceeds|exceed|exceeding|exceeded|later than|after|in excess of|>|beyond",
            ">=": "at least|no less than|not less than|minimum of|or more than|>=",
            "<": "less than|under|below|earlier than|before|prior to|<",
            "<=": "at most|no more than|not more than|maximum of|up to|<=",
            "=": "equal to|equals|equal|exactly|=|==",
            "!=": "not equal to|different from|!=|<>",
            "between": "between|ranging from|in the range of|in the range",
        },
        "agg": {
            "count": "in how many cases|how many cases|how many times|on how many occasions|"
            "how many|headcount|head count|number of|count of|count|counts|how often|how much of|tally",
            "sum": "total|sum|sum of|overall|totals|altogether|combined|in total|add up|how much",
            "avg": "average|mean|avg|averages|on average|typical",
            "median": "median|middle value",
            "min": "minimum|min",
            "max": "maximum|max",
            "rate": "rate|rates",
            "share": "share|percentage|percent|proportion|fraction|what part|percentages|shares",
            "distinct": "distinct|unique|different",
            "ratio": "ratio|divided by|/|profit margin|margin on sales",
            "duration": "how long|how many days does it take|how many days do|how many days does|"
            "stay open|stays open|remain open|remains open|stayed open",
            "summary": "summarise|summarize|summary|overview|describe|statistics|key figures",
        },
        "super": {
            "desc": "maximal|top|strongest|busiest|most often|most frequent|most frequently|most common|most commonly|most popular|"
            "maximum number of",
            "asc": "least|minimal|weakest|bottom|quietest|least often|least frequent|least common|least popular|rarest",
        },
        "time_super": {"desc": "newest|latest|most recent|last|youngest", "asc": "oldest|earliest|first"},
        "by": {
            "by": "by|per|for each|for every|in each|each|every|across|grouped by|group by|broken down by|split by|break it down by|"
            "break that down by|break them down by|break this down by|split it by|split that by|split them by|split up by|"
            "breakdown by|in terms of|measured by|based on|"
            "according to|going by|judging by|as measured by|when measured by|break down by|broken out by|in every|among"
        },
        "sort": {
            "sort": "sort by|sorted by|order by|ordered by|ranked by|rank by|sort them by|order them by|sort it by|"
            "sort those by|sort|rank|sorted"
        },
        "direction": {
            "desc": "descending|desc|highest first|largest first|"
            "most first|worst first|longest first|latest first|biggest first|from high to low|newest first|most recent first|"
            "from highest to lowest|decreasing",
            "asc": "ascending|asc|lowest first|smallest first|"
            "fewest first|shortest first|cheapest first|earliest first|from low to high|oldest first|from lowest to highest|"
            "increasing|alphabetically",
        },
        "not": {
            "not": "not|except|except for|excluding|exclude|other than|isnt|arent|is not|are not|was not|were not|"
            "without|but not|apart from|leave out|leaving out|never|no|dont|doesnt|do not|does not|didnt|did not|outside"
        },
        "null": {
            "null": "missing|blank|empty|null|unknown|not filled|not filled in|not known|not recorded|not set|"
            "has no value|have no value|has no|have no|no value|with no|lacking|lack|lacks"
        },
        "not_null": {
            "not_null": "filled|filled in|known|recorded|not missing|not empty|not blank|not null|has a|have a"
        },
        "contains": {
            "contains": "contains|contain|containing|including the word|with the word|mentions|mentioning|mention|"
            "includes|like|matching|named|called",
            "starts": "starts with|start with|starting with|begins with|begin with|beginning with",
            "ends": "ends with|end with|ending with|ends in|ending in",
        },
        "chart": {
            "auto": "chart|plot|graph|visualise|visualize|visualisation|visualization|diagram|draw|picture|as a chart|"
            "as a graph|charted",
            "bar": "bar chart|bar graph|bars|as bars|column chart",
            "line": "line chart|line graph|as a line",
            "point": "scatter plot|scatter|scatterplot|scatter chart",
            "pie": "pie chart|pie",
            "histogram": "histogram|distribution",
        },
        "compare": {
            "compare": "do we have more|are there more|is there more|compare|compared to|compared with|comparison|"
            "comparison of|versus|vs|difference between|"
            "differ|against|comparing"
        },
        "bucket": {
            "day": "daily|day by day",
            "week": "weekly|week by week|over the weeks",
            "month": "monthly|month by month|month over month|over the months",
            "quarter": "quarterly|quarter by quarter|over the quarters",
            "weekday": "weekday|weekdays|day of the week|days of the week|day of week",
            "hour": "time of day|time of the day|hour of the day|hour of day|hours of the day",
            "month of the year": "month of the year|calendar month|months of the year|season|seasonality|seasonal",
            "year": "yearly|annual|annually|year by year|year over year|year on year|over the years",
            "auto": "over time|trend|trends|development|evolution|timeline|time series|develop|develops|developed|"
            "evolve|evolved|changed over time|change over time|changing over time",
        },
        "growth": {
            "growth": "growth|growth rate|grew|grow|grows|grown|growing|increase|increased|decrease|decreased|decline|declined|"
            "change|changed|changes|percentage change|percent change|rate of change|rise|rose|fell"
        },
        "relate": {
            "relate": "correlated with|correlated to|correlated|correlate|correlates|correlation|correlation between|"
            "correlation of|relationship between|relation between|relationship|related to|relate to|relates to|depend on|"
            "depends on|dependent on|affect|affects|affected by|influence|influences|influenced by|impact|impacts|"
            "impact of|effect of|have an effect on|has an effect on|have an impact on|has an impact on|have an influence on|"
            "has an influence on|associated with|association between|linked to|link between|connection between|"
            "connected to|connected with|correlate with|correlates with|go together with|goes together with"
        },
        "more": {">": "more|higher|larger|greater|later|bigger", "<": "less|fewer|lower|smaller|earlier"},
        "sign": {
            "<": "negative|losing money|loss making|unprofitable|making a loss|made a loss|lose money|loses money|at a loss|"
            "lost money",
            ">": "positive",
        },
        "late": {
            "late": "late|overdue|past due|behind|delayed|in arrears|past the due date|after the due date|"
            "days past due",
            "on_time": "on time|punctual|punctually",
        },
        "or": {"or": "or"},
        "and": {"and": "and|as well as|plus|&"},
    }.items()
    for meaning, text in meanings.items()
    for phrase in text.split("|")
}
LONGEST_PHRASE: Final = max(len(phrase.split()) for phrase in PHRASES)

BUCKET_NOUNS: Final = {
    "day": "day",
    "week": "week",
    "month": "month",
    "quarter": "quarter",
    "year": "year",
    "date": "day",
    "weekday": "weekday",
}

IGNORED: Final = words_of(
    "a an the of in on at for to from with is are was were be been being do does did has "
    "have had that which who whom "
    "whose what whats there their them they those these this it its i me my we us our you your can could would will "
    "should please show list give tell find get display see want need like know return fetch pull me all any some "
    "row rows record records entry entries line lines table data dataset file result results value values question "
    "where when how much than then so just only also now again and about "
    "s only same instead got make made come comes came go goes into within as per each ones one out up whole "
    "compute calculate figure work everything full complete entire details detail look name names amount "
    "hi hello hey thanks thank ok okay well let lets still ever actually really exactly currently right today "
    "between during because if did by belong belongs belonging total happened happen happens kind "
    "bought buy buys sold sell placed place made spend spent ordered generated generate generates earned earn earns "
    "took take takes taking stay stays stayed remain remains yet issued sent raised works working aged breakdown split "
    "because still stand stands handle handled handles reason worth "
    "brought bring brings live lives located based registered contribute contributes accounted account "
    "went going come coming came becomes became turn turned turns happen happening ask asked asking wonder wondering tell told "
    "please kindly could maybe perhaps roughly approximately altogether actually basically simply "
    "via back gets got give gave given gives giving having run runs ran using use used uses per among amongst toward towards "
    "onto off down away together along near around through throughout upon amid plus than so far currently presently "
    "yes both either each other others very mostly usually typically generally often ever overall case "
    "cases differ differs vary varies varied keep keeps kept put puts leave bring hold holds held start end called "
    "sits sit reach reaches being having does doing doesnt us you he she him her his hers already broken broke far long "
    "count counts recorded record tracked number numbers exist exists existing main particular certain given "
    "numbers figures columns column fields field"
)
"""Words that may stand in a question and add nothing to it; a column that is called like one of them is looked for first."""

CONCEPTS: Final = tuple(
    frozenset(group.split())
    for group in (
        "customer client buyer purchaser",
        "gift give given giving donate donated donation donor contribution contribute",
        "checkin arrival arrive arrived arriving",
        "checkout departure depart departed leave left",
        "guest visitor",
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
MONEY: Final = words_of("revenue sale turnover money takings proceeds income cash earnings")
MONEY_COLUMNS: Final = words_of("amount value total revenue sale turnover")
"""Where a table has no column of revenue, the only amount of money is it; the answer names the column."""
NOT_REVENUE: Final = words_of(
    "open outstanding balance discount tax vat paid cost fee claimed due refund insured pledged promised expected planned "
    "budget target forecast extra extras tip shipping freight requested quoted estimated"
)
IRREGULAR: Final = {
    "won": "win", "winning": "win", "wins": "win", "lost": "lose", "losing": "lose", "losses": "lose", "loss": "lose",
    "sold": "sell", "selling": "sell", "paid": "pay", "left": "leave", "bought": "buy", "shipped": "ship", "broken": "break",
    "spent": "spend", "spending": "spend", "quit": "quit", "wrote": "write", "written": "write",
}  # fmt: skip

AVERAGED: Final = words_of(
    "rate ratio percent percentage pct discount age score rating price temperature margin index share grade "
    "duration latitude longitude height width length depth bmi tenure level late delay delayed overdue wait waiting "
    "transit resolve respond response resolution lead probability speed satisfaction nps year gpa humidity pressure "
    "density efficiency utilization utilisation per"
)
"""Numbers that are not added up: without a word for it they are averaged. All others are: amounts, costs, quantities,
weights, hours of work."""

TOTALS: Final = words_of("total subtotal sum amount")
"""Of a price that is a total the numbers are added up."""

IDENTIFYING: Final = words_of("id no nr number num code key uuid guid ref reference identifier #")
UNITS: Final = words_of(
    "day days week weeks month months year years hour hours minute minutes dollar dollars usd euro euros eur pound "
    "pounds gbp percent % piece pieces unit units times time"
)
ROW_NOUNS: Final = words_of("row record entry line case")
PERSON_NOUNS: Final = words_of("people person persons staff individual individuals")
"""May be what the rows are, where no column is called so."""
FOLLOWING: Final = (
    "and", "what about", "how about", "only", "just", "now", "also", "same", "but", "then", "instead", "sort", "order by",
    "show them", "show those", "show it", "show that", "show this", "those", "them", "these", "as a", "without", "exclude",
    "excluding", "by", "per", "in", "for", "of those", "of these", "of them", "which of", "make it", "plot", "chart it",
    "draw", "the same", "limit", "top", "or", "not", "except", "with", "where", "filter", "group", "break", "split",
    "compare that", "compare it", "chart", "as bars", "as bar", "as line", "as pie", "descending", "ascending", "rank",
    "remove", "drop", "how many of", "plot it", "graph",
)  # fmt: skip
MONTH_NAMES: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
MONTHS: Final = {
    short: number
    for number, name in enumerate(MONTH_NAMES, 1)
    for short in (name.lower(), name[:3].lower(), name[:4].lower())
}
NUMBER_WORDS: Final = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "dozen": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "fifty": 50, "hundred": 100,
}  # fmt: skip
PERSONS: Final = words_of(
    "agent employee customer client person adjuster handler seller salesperson rep manager user patient student driver "
    "doctor clerk officer borrower debtor tenant owner author member holder guest applicant resident "
    "player teacher worker name assignee consultant"
)
PARTIES: Final = PERSONS | words_of(
    "account company supplier vendor branch store shop office department region country city team airline partner"
)
"""Who has several rows: `customers with more than 40,000 outstanding` are meant in total."""
TIME_UNITS: Final = {"minute": 1, "hour": 60, "day": 1_440, "week": 10_080, "month": 43_830, "year": 525_960}
"""In minutes."""
DUE: Final = words_of("due deadline promised expected planned scheduled")
ATTRIBUTES: Final = words_of(
    "type kind category class group status country city region segment state rating age email mail phone date level size "
    "gender title address nationality score tier source plan area district"
)
"""What a column tells of a thing without telling which one it is."""
STARTS: Final = words_of(
    "order ordered created create opened open reported start started submitted requested booked borrowed issued received "
    "raised logged filed"
)
DONE: Final = words_of(
    "paid payment settled received closed delivered delivery completed finished returned arrived actual pay"
)
AFTER_NAMES: Final = words_of("address field column information info level category group type class")
"""Words that may follow the name of a column and add nothing: `email address`."""
LIMITS: Final = words_of("budget plan planned limit target level minimum quota threshold")
ACTUALS: Final = words_of("spent actual cost stock used consumed reached")
"""What is held against a limit where only the limit is named: over budget, below the reorder level."""
VERBS_OF_AMOUNTS: Final = words_of("spent spend sold ordered earned bought generated")
TIME_WORDS: Final = words_of("day hour minute week duration")
NOT_DONE: Final = words_of("open pending outstanding unfinished ongoing incomplete")
"""States that the missing date of what would end them tells."""
LATENESS: Final = words_of("late overdue delay delayed arrear arrears pastdue dpd")


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


def singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
