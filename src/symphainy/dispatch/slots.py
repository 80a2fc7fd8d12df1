"""Slots: how many lanes of one kind a process executes at the same time, and which is next."""

from __future__ import annotations

import asyncio
from collections import deque
from itertools import islice
from typing import Final

AMONG_NEXT: Final = 16


class Slots:
    """`at_once` slots, and as many more that only a lane gets which has begun before: of a process of the same size that
    dies, another one can take over everything, whatever it executes itself. Lanes that have begun go first; otherwise they
    come in the order in which they joined."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._taken = 0
        self._begun: deque[asyncio.Future[None]] = deque()
        self._new: deque[asyncio.Future[None]] = deque()

    def join(self, *, begun: bool) -> asyncio.Future[None]:
        """A turn, which is done as soon as it has a slot. Whoever joins also quits."""
        turn = asyncio.get_running_loop().create_future()
        (self._begun if begun else self._new).append(turn)
        self._give()
        return turn

    def hurry(self, turn: asyncio.Future[None]) -> None:
        """What waits for this turn has begun before."""
        if turn in self._new:
            self._new.remove(turn)
            self._begun.append(turn)
            self._give()

    def among_next(self, turn: asyncio.Future[None]) -> bool:
        return turn in self._begun or turn in islice(self._new, AMONG_NEXT)

    def quit(self, turn: asyncio.Future[None]) -> None:
        """Gives the slot back, or waits no longer for one."""
        if turn.done():
            self._taken -= 1
            self._give()
        else:
            (self._begun if turn in self._begun else self._new).remove(turn)

    def _give(self) -> None:
        while self._begun and self._taken < 2 * self._at_once:
            self._taken += 1
            self._begun.popleft().set_result(None)
        while self._new and self._taken < self._at_once:
            self._taken += 1
            self._new.popleft().set_result(None)
