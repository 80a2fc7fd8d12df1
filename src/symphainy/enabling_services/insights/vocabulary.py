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
            "avg": "overall average|average overall|company average|average of all|average|mean|avg|averages|on average|typical",
            "median": "median|middle value",
            "min": "minimum|min",
            "max": "maximum|max",
            "rate": "rate|rates",
            "share": "share|percentage|percent|proportion|fraction|what part|percentages|shares",
            "distinct": "distinct|unique|different",
            "ratio": "as a percentage of|as percentage of|as a percent of|as a share of|as a proportion of|"
            "as a fraction of|ratio|divided by|/|profit margin|margin on sales",
            "duration": "how long|how many days does it take|how many days do|how many days does|"
            "stay open|stays open|remain open|remains open|stayed open",
            "summary": "summarise|summarize|summary|overview|describe|statistics|key figures",
        },
        "super": {
            "desc": "maximal|top|strongest|busiest|most often|most frequent|most frequently|most common|"
            "most commonly|main|leading|most popular|"
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
            "not": "neither|nor|nobody|no one|none|not|havent|hasnt|hadnt|wasnt|werent|except|except for|excluding|exclude|other than|isnt|"
            "arent|is not|are not|was not|were not|"
            "without|but not|apart from|leave out|leaving out|leave aside|leaving aside|ignoring|not counting|"
            "but no|never|no|dont|doesnt|do not|does not|didnt|did not|outside"
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
            "comparison of|versus|vs|difference between|difference in|difference of|gap between|gap in|"
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
            "growth": "growth|growth rate|grew|grow|grows|growing|increase|increased|decrease|decreased|decline|declined|"
            "go up or down|went up or down|go up|went up|gone up|go down|went down|gone down|"
            "change|changed|changes|percentage change|percent change|rate of change|rise"
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
        "filler": {"": "id like|would like|i would like|id like to|would like to|im looking for"},
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
    "compute calculate figure work everything complete entire details detail look name names amount "
    "hi hello hey thanks thank ok okay well let lets still ever actually really exactly currently right today "
    "between during because if did by belong belongs belonging total happened happen happens kind "
    "bought buy buys sold sell placed place made spend spent ordered generated generate generates earned earn earns "
    "took take takes taking stay stays stayed remain remains yet issued sent raised works working aged breakdown split "
    "because still stand stands handle handled handles reason worth "
    "brought bring brings live lives located based registered contribute contributes accounted account "
    "went going come coming came becomes became turn turned turns happen happening ask asked asking wonder wondering tell told "
    "single individual separate too need needs needed require requires look looks looking bigger please "
    "kindly could maybe perhaps roughly approximately altogether actually basically simply "
    "via back gets got give gave given gives giving having run runs ran using use used uses per among amongst toward towards "
    "onto off down away together along near around through throughout upon amid plus than so far currently presently "
    "pls plz i.e e.g ie eg dear that's thats id im ive simply automatically entirely fully completely "
    "truly theres hows wheres whos lets someone somebody anyone anybody everybody everyone once case "
    "lately far many included including incl counted counting looking interested curious quick question "
    "tells "
    "yes both either each other others very mostly usually typically generally often ever overall case "
    "cases differ differs vary varies varied keep keeps kept put puts leave bring hold holds held start end called "
    "sits sit reach reaches being having does doing doesnt us you he she him her his hers already broken broke far long "
    "count counts recorded record tracked number numbers exist exists existing main particular certain given "
    "numbers figures columns column fields field"
)
"""Words that may stand in a question and add nothing to it; a column that is called like one of them is looked for first."""

MONEY: Final = words_of("revenue sale turnover money takings proceeds income cash earnings")
MONEY_COLUMNS: Final = words_of("amount value total revenue sale turnover")
"""Where a table has no column of revenue, the only amount of money is it; the answer names the column."""
NOT_REVENUE: Final = words_of(
    "open outstanding balance discount tax vat paid cost fee claimed due refund insured pledged promised expected planned "
    "result measured reading observed score "
    "budget target forecast extra extras tip shipping freight requested quoted estimated"
)
NOT_DONE_YET: Final = words_of(
    "promised expected planned budget target forecast requested quoted estimated scheduled previous prior minimum maximum"
)
"""Of `hours worked` and `hours planned` the hours are what was worked, unless the other is named."""
AVERAGED: Final = words_of(
    "rate ratio percent percentage pct discount age score rating price temperature margin index share grade "
    "duration latitude longitude height width length depth bmi tenure level late delay delayed overdue wait waiting "
    "transit resolve respond response resolution lead probability speed satisfaction nps csat year gpa humidity pressure "
    "density efficiency utilization utilisation per"
)
"""Numbers that are not added up: without a word for it they are averaged. All others are: amounts, costs, quantities,
weights, hours of work."""

TOTALS: Final = words_of("total subtotal sum amount")
"""Of a price that is a total the numbers are added up."""

IDENTIFYING: Final = words_of("id no nr number num code key uuid guid ref reference identifier #")
UNITS: Final = words_of(
    "second seconds day days week weeks month months year years hour hours minute minutes dollar dollars usd euro euros eur pound "
    "pounds gbp franc francs chf yen yuan rupee rupees percent % piece pieces unit units times time"
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
    "player teacher worker name assignee consultant requester requestor buyer policyholder trainer coach instructor "
    "technician engineer chef waiter waitress nurse lawyer passenger attendee inspector supervisor operator mechanic "
    "recruiter candidate interviewer foreman dispatcher cashier farmer landlord"
)
PARTIES: Final = PERSONS | words_of(
    "account company supplier vendor branch store shop office department region country city team airline partner"
)
"""Who has several rows: `customers with more than 40,000 outstanding` are meant in total."""
TIME_UNITS: Final = {
    "second": 1 / 60,
    "minute": 1,
    "hour": 60,
    "day": 1_440,
    "week": 10_080,
    "month": 43_830,
    "year": 525_960,
}
"""In minutes."""
DUE: Final = words_of("due deadline promised expected planned scheduled")
ENDS: Final = words_of("cancelled canceled end ended exit left terminated churned expired closed resolved")
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
COUNTED_UNITS: Final = words_of(
    "unit piece kg kilo kilogram km kilometre kilometer ton tonne litre liter mile hectare ha seat"
)
"""What a column of fractions can still be asked for with how many."""
VERBS_OF_AMOUNTS: Final = words_of("spent spend spends spending sold ordered earned bought generated")
TIME_WORDS: Final = words_of("day hour minute week duration")
NOT_DONE: Final = words_of("open pending outstanding unfinished ongoing incomplete active running live")
"""States that the missing date of what would end them tells."""
LATENESS: Final = words_of("late overdue delay delayed arrear arrears pastdue dpd")


def singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
