"""Both faces of the SDK under the same tests: whatever a call gives, the blocking answer comes out."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from typing import Any, TypeVar

import httpx

from stocktake import AsyncClient, Client, Retries

T = TypeVar("T")
URL = "https://stocktake.test"
KEY = "stk_test_secret"
AT_ONCE = Retries(first=0.0)

Handler = Callable[[httpx.Request], httpx.Response]


class Blocking:
    """``Client``."""

    name = "Client"

    def open(self, handler: Handler, retries: Retries | int = AT_ONCE) -> Client | AsyncClient:
        return Client(URL, KEY, transport=httpx.MockTransport(handler), retries=retries)


class Awaited:
    """``AsyncClient``."""

    name = "AsyncClient"

    def open(self, handler: Handler, retries: Retries | int = AT_ONCE) -> Client | AsyncClient:
        return AsyncClient(URL, KEY, transport=httpx.MockTransport(handler), retries=retries)


Face = Blocking | Awaited
FACES: tuple[Face, ...] = (Blocking(), Awaited())


def done(given: T | Coroutine[Any, Any, T]) -> T:
    """The answer, awaited if need be."""
    if isinstance(given, Coroutine):
        answer: T = asyncio.run(_finish(given))
        return answer
    return given


def all_of(given: Iterator[T] | AsyncIterator[T]) -> list[T]:
    """Everything a list holds."""
    if isinstance(given, AsyncIterator):
        return asyncio.run(_collect(given))
    return list(given)


async def _finish(given: Awaitable[T]) -> T:
    return await given


async def _collect(given: AsyncIterator[T]) -> list[T]:
    return [item async for item in given]
