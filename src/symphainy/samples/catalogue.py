"""The samples, in the order in which the page shows them."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from symphainy.errors import NotFound


@dataclass(frozen=True, slots=True)
class SampleFile:
    """`stored` is its name in this package; one that ends in `.gz` is unpacked when it is used."""

    name: str
    stored: str

    def content(self) -> bytes:
        data = (files("symphainy.samples") / self.stored).read_bytes()
        return gzip.decompress(data) if self.stored.endswith(".gz") else data


@dataclass(frozen=True, slots=True)
class Sample:
    """`shows` says in one sentence what can be seen with it; `area` is where it helps most. The files come into the
    session in their order."""

    name: str
    title: str
    shows: str
    area: str
    licence: str
    source: str
    files: tuple[SampleFile, ...]


def _packed(name: str) -> SampleFile:
    return SampleFile(name, f"{name}.gz")


SAMPLES: Final = (
    Sample(
        "receivables",
        "Invoices and late payers",
        "5,000 invoices of 100 customers: who pays more than 90 days late, which amounts are mistakes, what changed in the North.",
        "insights",
        "MIT",
        "Generated for Symphainy.",
        (_packed("receivables.csv"),),
    ),
    Sample(
        "superstore",
        "Superstore orders",
        "9,994 order lines of a shop: sales, discounts and profit by region, segment and category.",
        "insights",
        "CC0-1.0",
        "Sample Superstore, from the Python package bokeh-sampledata.",
        (_packed("superstore-orders.csv"),),
    ),
    Sample(
        "health",
        "RAND health insurance",
        "20,190 people of the RAND experiment: how co-insurance changes the number of visits to a doctor.",
        "insights",
        "Public domain",
        "RAND Health Insurance Experiment, from the Python package statsmodels.",
        (_packed("health-insurance.csv"),),
    ),
    Sample(
        "refunds",
        "A refund procedure and its workflow",
        "The same process twice: as a written procedure and as a BPMN diagram that does not quite agree with it.",
        "operations",
        "MIT",
        "Written for Symphainy.",
        (SampleFile("refund_sop.md", "refund_sop.md"), SampleFile("refund_process.bpmn", "refund_process.bpmn")),
    ),
    Sample(
        "policies",
        "Mainframe policies with their copybook",
        "2,000 EBCDIC records with packed and zoned numbers, read with the COBOL copybook that comes with them.",
        "content",
        "MIT",
        "Generated for Symphainy.",
        (SampleFile("policies.cpy", "policies.cpy"), _packed("policies.dat")),
    ),
    Sample(
        "mail",
        "An e-mail with an attachment",
        "A message about open claims. Its attachment becomes a file of its own, and is analysed too.",
        "content",
        "MIT",
        "Generated for Symphainy.",
        (SampleFile("late-claims.eml", "late-claims.eml"),),
    ),
)


def find_sample(name: str) -> Sample:
    """Raises NotFound for a name that no sample has."""
    for sample in SAMPLES:
        if sample.name == name:
            return sample
    raise NotFound(f"There is no sample {name!r}. There are: {', '.join(sample.name for sample in SAMPLES)}.")
