"""What a proposal costs and brings, from assumptions that were asked for. NPV and IRR by pyxirr.

Year 0 is the implementation: one-off costs and person-days. From year 1 to the horizon the yearly benefit less the
yearly cost; all flows of a year count at its end. Taxes and inflation are left out.

    NPV      sum of flow(t) / (1 + rate)^t for t = 0..horizon; year 0 is not discounted
    IRR      the rate at which the NPV is 0
    payback  years until the added flows, undiscounted, are no longer negative; within a year in proportion
    ROI      (sum of the flows of years 1..horizon - investment) / investment
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

import pyxirr

from symphainy.enabling_services.json_values import Json, decode, encode

VARIATION: Final = 0.2
_VARIED: Final = (
    ("effort", "Person-days"),
    ("cost_per_day", "Cost of a person-day"),
    ("one_off_cost", "One-off cost"),
    ("yearly_cost", "Yearly cost"),
    ("yearly_benefit", "Yearly benefit"),
    ("discount_rate", "Discount rate"),
)


@dataclass(frozen=True, slots=True)
class Assumptions:
    """Amounts in `currency`; `effort` in person-days; `discount_rate` as a fraction of 1; `horizon` in whole years from
    1. Costs and benefit are not negative."""

    currency: str
    effort: float
    cost_per_day: float
    one_off_cost: float
    yearly_cost: float
    yearly_benefit: float
    discount_rate: float
    horizon: int

    @property
    def investment(self) -> float:
        return self.effort * self.cost_per_day + self.one_off_cost

    @property
    def yearly_net(self) -> float:
        return self.yearly_benefit - self.yearly_cost


@dataclass(frozen=True, slots=True)
class Figure:
    """A result, or in plain words why there is none: exactly one of them."""

    value: float | None
    undefined: str | None = None


@dataclass(frozen=True, slots=True)
class Year:
    year: int
    cost: float
    benefit: float
    flow: float
    discounted: float
    cumulative: float


@dataclass(frozen=True, slots=True)
class Swing:
    """The NPV with one assumption a fifth lower and a fifth higher, all others as they are."""

    assumption: str
    label: str
    low_value: float
    high_value: float
    npv_at_low: float
    npv_at_high: float

    @property
    def width(self) -> float:
        return abs(self.npv_at_high - self.npv_at_low)


@dataclass(frozen=True, slots=True)
class Financials:
    """`break_even_benefit` is the yearly benefit at which the NPV is 0. `sensitivity` begins with the widest swing;
    assumptions of 0 have none."""

    assumptions: Assumptions
    investment: float
    npv: float
    irr: Figure
    payback: Figure
    roi: Figure
    break_even_benefit: float
    years: tuple[Year, ...]
    sensitivity: tuple[Swing, ...]

    def to_json(self) -> Json:
        return encode(self)

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return decode(cls, data)


def evaluate(assumptions: Assumptions) -> Financials:
    flows = _flows(assumptions)
    return Financials(
        assumptions,
        assumptions.investment,
        npv(assumptions),
        _irr(flows),
        _payback(assumptions),
        _roi(assumptions),
        _break_even(assumptions),
        tuple(_years(assumptions, flows)),
        tuple(sorted(_swings(assumptions), key=lambda swing: -swing.width)),
    )


def npv(assumptions: Assumptions) -> float:
    value = pyxirr.npv(assumptions.discount_rate, _flows(assumptions))
    assert value is not None, "a rate that is not negative discounts every flow"
    return value


def _flows(assumptions: Assumptions) -> list[float]:
    return [-assumptions.investment, *([assumptions.yearly_net] * assumptions.horizon)]


def _irr(flows: Sequence[float]) -> Figure:
    if not any(flow < 0 for flow in flows):
        return Figure(None, "nothing is invested, so there is no rate of return")
    if not any(flow > 0 for flow in flows):
        return Figure(None, "no year brings more than it costs, so no rate of return makes the value 0")
    value = pyxirr.irr(flows, silent=True)
    return Figure(value) if value is not None else Figure(None, "no rate was found at which the value is 0")


def _payback(assumptions: Assumptions) -> Figure:
    if assumptions.investment == 0:
        return Figure(None, "nothing is invested, so there is nothing to pay back")
    if assumptions.yearly_net <= 0:
        return Figure(None, "the yearly benefit does not exceed the yearly cost, so the investment is never paid back")
    years = assumptions.investment / assumptions.yearly_net
    if years > assumptions.horizon:
        return Figure(None, f"the investment is not paid back within the horizon of {assumptions.horizon} years")
    return Figure(years)


def _roi(assumptions: Assumptions) -> Figure:
    if assumptions.investment == 0:
        return Figure(None, "nothing is invested, so there is no return on it")
    gained = assumptions.yearly_net * assumptions.horizon
    return Figure((gained - assumptions.investment) / assumptions.investment)


def _break_even(assumptions: Assumptions) -> float:
    factor = sum((1 + assumptions.discount_rate) ** -year for year in range(1, assumptions.horizon + 1))
    return assumptions.investment / factor + assumptions.yearly_cost


def _years(assumptions: Assumptions, flows: Sequence[float]) -> Iterator[Year]:
    cumulative = 0.0
    for year, flow in enumerate(flows):
        cumulative += flow
        cost = assumptions.yearly_cost if year else assumptions.investment
        benefit = assumptions.yearly_benefit if year else 0.0
        yield Year(year, cost, benefit, flow, flow / (1 + assumptions.discount_rate) ** year, cumulative)


def _swings(assumptions: Assumptions) -> Iterator[Swing]:
    for name, label in _VARIED:
        value: float = getattr(assumptions, name)
        if value:
            low, high = value * (1 - VARIATION), value * (1 + VARIATION)
            lower, higher = replace(assumptions, **{name: low}), replace(assumptions, **{name: high})
            yield Swing(name, label, low, high, npv(lower), npv(higher))
