"""Times without a zone, as tables hold them."""

from __future__ import annotations

import datetime as dt


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, micro: int = 0) -> dt.datetime:
    return dt.datetime.combine(dt.date(year, month, day), dt.time(hour, minute, second, micro))
