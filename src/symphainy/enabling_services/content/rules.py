"""Rules that a user states for a column, and the SQL that finds the rows which break them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, cast

from symphainy.enabling_services.database import identifier, literal
from symphainy.enabling_services.errors import ServiceError
from symphainy.enabling_services.json_values import JsonValue

_MOST_VALUES: Final = 200
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


class RuleKind(StrEnum):
    """`matches` is a regular expression for the whole value; `minimum` and `maximum` are for numbers and dates."""

    REQUIRED = "required"
    UNIQUE = "unique"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    ONE_OF = "one_of"
    MATCHES = "matches"


@dataclass(frozen=True, slots=True)
class Rule:
    column: str
    rule: RuleKind
    value: JsonValue = None
    table: str | None = None

    @property
    def sentence(self) -> str:
        match self.rule:
            case RuleKind.REQUIRED:
                return f"{self.column} has a value in every row"
            case RuleKind.UNIQUE:
                return f"{self.column} is different in every row"
            case RuleKind.MINIMUM:
                return f"{self.column} is at least {self.value}"
            case RuleKind.MAXIMUM:
                return f"{self.column} is at most {self.value}"
            case RuleKind.ONE_OF:
                return f"{self.column} is one of {', '.join(map(str, self.value))}"
            case RuleKind.MATCHES:
                return f"{self.column} has the form {self.value}"

    @property
    def broken(self) -> str:
        """A condition that is true in the rows that break the rule. A missing value breaks only `required`."""
        name = identifier(self.column)
        match self.rule:
            case RuleKind.REQUIRED:
                return f"({name} IS NULL OR trim(CAST({name} AS VARCHAR)) = '')"
            case RuleKind.UNIQUE:
                return f"({name} IS NOT NULL AND count(*) OVER (PARTITION BY {name}) > 1)"
            case RuleKind.MINIMUM:
                return f"{name} < {_operand(self.value)}"
            case RuleKind.MAXIMUM:
                return f"{name} > {_operand(self.value)}"
            case RuleKind.ONE_OF:
                values = ", ".join(literal(str(value)) for value in self.value)
                return f"({name} IS NOT NULL AND CAST({name} AS VARCHAR) NOT IN ({values}))"
            case RuleKind.MATCHES:
                return f"NOT regexp_full_match(CAST({name} AS VARCHAR), {literal(str(self.value))})"


def read_rules(data: Sequence[JsonValue]) -> tuple[Rule, ...]:
    """Raises ServiceError `bad_rule`, which says what is wrong with which one."""
    return tuple(_rule(item, number) for number, item in enumerate(data, 1))


def _rule(item: JsonValue, number: int) -> Rule:
    try:
        rule = Rule(str(item["column"]), RuleKind(item["rule"]), item.get("value"), item.get("table"))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        kinds = ", ".join(RuleKind)
        raise bad_rule(number, f"it needs `column`, and `rule`, which is one of {kinds}") from error
    match rule.rule:
        case RuleKind.MINIMUM | RuleKind.MAXIMUM:
            dated = isinstance(rule.value, str) and _DATE.fullmatch(rule.value)
            if not dated and (isinstance(rule.value, bool) or not isinstance(rule.value, int | float)):
                raise bad_rule(number, "its `value` must be a number or a date like 2026-01-31")
        case RuleKind.ONE_OF:
            given: object = rule.value
            if not isinstance(given, list) or not 0 < len(cast("list[object]", given)) <= _MOST_VALUES:
                raise bad_rule(number, f"its `value` must be a list of 1 to {_MOST_VALUES} values")
        case RuleKind.MATCHES:
            if not isinstance(rule.value, str) or not 0 < len(rule.value) <= 500:
                raise bad_rule(number, "its `value` must be a regular expression")
        case RuleKind.REQUIRED | RuleKind.UNIQUE:
            pass
    return rule


def bad_rule(number: int, why: str) -> ServiceError:
    return ServiceError("bad_rule", f"Rule {number} cannot be checked: {why}. Nothing was checked.", {"rule": number})


def _operand(value: JsonValue) -> str:
    return f"DATE {literal(value)}" if isinstance(value, str) else repr(value)
