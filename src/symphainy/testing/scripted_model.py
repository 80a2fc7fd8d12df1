"""ScriptedModel: a language model that says what it was told to, as slowly as a test wants."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from symphainy.agents.model import Prompt
from symphainy.errors import ServiceError


class ScriptedModel:
    """Answers every prompt with the same pieces, and keeps the prompts.

    `before_piece` is awaited with a piece's number, from 0, before that piece is said: wait for an event in it to stop an
    answer in its middle. `delay` is seconds before each piece. With `fails_at`, ServiceError is raised in place of that piece.
    """

    def __init__(
        self,
        pieces: Sequence[str],
        *,
        name: str = "scripted",
        delay: float = 0.0,
        before_piece: Callable[[int], Awaitable[object]] | None = None,
        fails_at: int | None = None,
        patience: float = 60.0,
    ) -> None:
        self.prompts: list[Prompt] = []
        self.patience = patience
        self._name = name
        self._pieces = tuple(pieces)
        self._delay = delay
        self._before_piece = before_piece
        self._fails_at = fails_at

    @property
    def name(self) -> str:
        return self._name

    async def stream(self, prompt: Prompt) -> AsyncIterator[str]:
        """Raises ServiceError where the script says so."""
        self.prompts.append(prompt)
        for number, piece in enumerate(self._pieces):
            if self._before_piece is not None:
                await self._before_piece(number)
            if self._delay:
                await asyncio.sleep(self._delay)
            if number == self._fails_at:
                raise ServiceError("model_failed", "The scripted model stopped here.")
            yield piece
        if self._fails_at is not None and self._fails_at >= len(self._pieces):
            raise ServiceError("model_failed", "The scripted model stopped here.")
