"""The port to language models over pydantic-ai: any of its providers, or any server that speaks OpenAI's protocol.

Needs the extra `models`. Only this module imports pydantic-ai, and only when it is asked for a model.
"""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from symphainy.agents.model import Exchange, Model, Prompt, Tool
from symphainy.errors import InvalidInput, ServiceError, SymphainyError
from symphainy.session import JsonObject, Role

if TYPE_CHECKING:
    from pydantic_ai import Tool as ModelTool
    from pydantic_ai.messages import ModelMessage
    from pydantic_ai.models import Model as ProviderModel

TOOL_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one answer may cost: requests to the provider, tokens in all, tokens that one request may write, tool calls, seconds."""

    requests: int = 5
    tokens: int = 30_000
    answer_tokens: int = 1_500
    tool_calls: int = 4
    seconds: float = 60.0


def open_model(name: str, *, url: str = "", key: str = "", bounds: Bounds | None = None) -> Model:
    """The model that `name` stands for: `provider:model` as pydantic-ai names it, or with `url` the name that the server of that
    OpenAI-compatible base URL knows.

    Raises InvalidInput if the extra is missing, or there is no such provider, or its credentials are not set.
    """
    try:
        from pydantic_ai.exceptions import UsageLimitUnavailableWarning, UserError
        from pydantic_ai.models import infer_model
        from pydantic_ai.models.openai import OpenAIChatModel
        from pydantic_ai.providers.openai import OpenAIProvider
    except ImportError as missing:
        raise InvalidInput(
            "A language model needs the extra `models`: pip install 'symphainy[models]'. Without SYMPHAINY_MODEL answers are computed."
        ) from missing
    # Many servers do not say how many tokens an answer took. Then the longest answer and the wall time bound it.
    warnings.simplefilter("ignore", UsageLimitUnavailableWarning)
    try:
        if url:
            provider = OpenAIProvider(base_url=url, api_key=key or "none")
            made: ProviderModel = OpenAIChatModel(name.removeprefix("openai:"), provider=provider)
        else:
            made = infer_model(name)
    except (UserError, ValueError, ImportError) as refused:
        raise InvalidInput(f"The language model {name!r} cannot be used: {' '.join(str(refused).split())}") from refused
    return PydanticAIModel(made, name, bounds or Bounds())


class PydanticAIModel:
    """Streams text; calls tools as the model wants them, within the bounds."""

    def __init__(self, model: ProviderModel, name: str, bounds: Bounds) -> None:
        self._model = model
        self._name = name
        self._bounds = bounds

    @property
    def name(self) -> str:
        return self._name

    @property
    def patience(self) -> float:
        return self._bounds.seconds

    async def stream(self, prompt: Prompt) -> AsyncIterator[str]:
        """Text of the final answer and of what the model says before it calls a tool. Raises ServiceError `model_unavailable`,
        `model_refused`, `model_limit` or `model_failed`."""
        from pydantic_ai import Agent, ModelSettings, UsageLimits
        from pydantic_ai.messages import PartDeltaEvent, PartStartEvent, TextPart, TextPartDelta

        agent = Agent(
            self._model,
            instructions=prompt.system,
            tools=_tools(prompt.tools),
            model_settings=ModelSettings(max_tokens=self._bounds.answer_tokens),
            retries=1,
            tool_timeout=TOOL_SECONDS,
        )
        limits = UsageLimits(
            request_limit=self._bounds.requests,
            tool_calls_limit=self._bounds.tool_calls,
            total_tokens_limit=self._bounds.tokens,
        )
        try:
            async with agent.run_stream_events(
                _question(prompt), message_history=_messages(prompt.history), usage_limits=limits
            ) as events:
                async for event in events:
                    match event:
                        case PartStartEvent(part=TextPart(content=text)) if text:
                            yield text
                        case PartDeltaEvent(delta=TextPartDelta(content_delta=text)) if text:
                            yield text
                        case _:
                            pass
        except SymphainyError:
            raise
        except Exception as failure:
            raise _mapped(failure) from failure


def _question(prompt: Prompt) -> str:
    return f"Facts:\n<facts>\n{prompt.facts}\n</facts>\n\nThe user's message:\n<message>\n{prompt.question}\n</message>"


def _messages(history: Sequence[Exchange]) -> list[ModelMessage]:
    from pydantic_ai.messages import ModelRequest, ModelResponse, TextPart, UserPromptPart

    return [
        ModelRequest([UserPromptPart(item.content)])
        if item.role is Role.USER
        else ModelResponse([TextPart(item.content)])
        for item in history
    ]


def _tools(tools: Sequence[Tool]) -> list[ModelTool[object]]:
    from pydantic_ai import Tool as ModelTool

    return [
        ModelTool.from_schema(_called(tool), tool.name, tool.description, dict(tool.parameters), sequential=True)
        for tool in tools
    ]


def _called(tool: Tool) -> Callable[..., Awaitable[str]]:
    async def call(**arguments: Any) -> str:
        given: JsonObject = arguments
        try:
            return (await tool.call(given)).text
        except SymphainyError as refused:
            return f"That was not possible: {refused.message}"

    return call


def _mapped(failure: Exception) -> ServiceError:
    """A provider library's errors are no closed set: what is not known by its class is a model that failed."""
    from pydantic_ai import exceptions as known

    reason = " ".join(str(failure).split())[:200] or type(failure).__name__
    match failure:
        case known.UsageLimitExceeded() | known.OutputTokenLimitExceeded():
            return ServiceError("model_limit", f"it used up the limits of one answer: {reason}")
        case known.ContentFilterError() | known.ModelRequestRejectedError() | known.ModelAuthenticationError():
            return ServiceError("model_refused", f"the provider refused: {reason}")
        case known.ModelAPIError() | OSError():
            return ServiceError("model_unavailable", f"the provider cannot be reached or is in trouble: {reason}")
        case _:
            return ServiceError("model_failed", f"its answer could not be used: {reason}")
