"""The two senders: the only place that knows the HTTP library, the clock and the network."""

import asyncio
import platform
import re
import time
from collections.abc import Mapping
from ipaddress import ip_address
from typing import TypedDict, TypeVar
from urllib.parse import urlsplit

import httpx

from stocktake._call import Attempt, Call, Exchange, Reply, Response, Retries, Script, exchange, play
from stocktake.errors import TimedOut, TransportError, Unreachable

__version__ = "0.1.0"

Transport = httpx.BaseTransport
AsyncTransport = httpx.AsyncBaseTransport

T = TypeVar("T")
_LANGUAGE = re.compile(r"[A-Za-z0-9*][A-Za-z0-9*,;=. -]{0,199}")


class _Settings(TypedDict):
    base_url: str
    headers: Mapping[str, str]
    follow_redirects: bool
    trust_env: bool


class Target:
    """Where calls go, as whom, and how patiently. Its repr hides the key."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout: float,
        retries: Retries | int,
        allow_plain_http: bool = False,
        language: str | None = None,
    ) -> None:
        _check_url(url, allow_plain_http=allow_plain_http)
        _check_key(key)
        _check_language(language)
        self.url = url.rstrip("/")
        self.timeout = timeout
        self.retries = Retries(times=retries) if isinstance(retries, int) else retries
        self.language = language
        self._key = key

    def __repr__(self) -> str:
        return f"{self.url!r}, key='stk_…'"

    def settings(self) -> _Settings:
        """What both HTTP clients are made with."""
        return {
            "base_url": self.url,
            "headers": {
                "authorization": f"Bearer {self._key}",
                "user-agent": f"stocktake-python/{__version__} Python/{platform.python_version()}",
                **({"accept-language": self.language} if self.language else {}),
            },
            "follow_redirects": False,  # a redirect could carry the key to another host
            # Proxies and SSL_CERT_FILE of the environment are honoured over TLS only: a proxy would read plain HTTP.
            "trust_env": self.url.lower().startswith("https:"),
        }


class Sender:
    """Runs exchanges over a blocking connection pool."""

    def __init__(self, target: Target, transport: Transport | None) -> None:
        self.target = target
        self._http = httpx.Client(**target.settings(), transport=transport)

    def carry(self, key: str) -> None:
        """Send this key from now on."""
        self._http.headers["authorization"] = f"Bearer {key}"

    def call(self, call: Call[T]) -> Response[T]:
        return self._run(exchange(call, self.target.retries, self.target.timeout))

    def play(self, script: Script[T]) -> T:
        return self._run(play(script, self.target.retries, self.target.timeout))

    def close(self) -> None:
        self._http.close()

    def _run(self, steps: Exchange[T]) -> T:
        try:
            attempt = next(steps)
            while True:
                if attempt.wait:
                    time.sleep(attempt.wait)
                attempt = steps.send(self._attempt(attempt))
        except StopIteration as done:
            result: T = done.value
            return result

    def _attempt(self, attempt: Attempt) -> Reply | TransportError:
        request = _request(self._http, attempt)
        body = bytearray()
        try:
            response = self._http.send(request, stream=True)
            try:
                for piece in response.iter_bytes():
                    body += piece
                    if time.monotonic() > attempt.until:
                        return _too_slow(attempt)
            finally:
                response.close()
        except httpx.RequestError as error:
            return _transport_error(error, attempt)
        return Reply(response.status_code, response.headers, bytes(body))


class AsyncSender:
    """Runs exchanges over an asynchronous connection pool."""

    def __init__(self, target: Target, transport: AsyncTransport | None) -> None:
        self.target = target
        self._http = httpx.AsyncClient(**target.settings(), transport=transport)

    def carry(self, key: str) -> None:
        """Send this key from now on."""
        self._http.headers["authorization"] = f"Bearer {key}"

    async def call(self, call: Call[T]) -> Response[T]:
        return await self._run(exchange(call, self.target.retries, self.target.timeout))

    async def play(self, script: Script[T]) -> T:
        return await self._run(play(script, self.target.retries, self.target.timeout))

    async def close(self) -> None:
        await self._http.aclose()

    async def _run(self, steps: Exchange[T]) -> T:
        try:
            attempt = next(steps)
            while True:
                if attempt.wait:
                    await asyncio.sleep(attempt.wait)
                attempt = steps.send(await self._attempt(attempt))
        except StopIteration as done:
            result: T = done.value
            return result

    async def _attempt(self, attempt: Attempt) -> Reply | TransportError:
        request = _request(self._http, attempt)
        body = bytearray()
        try:
            response = await self._http.send(request, stream=True)
            try:
                async for piece in response.aiter_bytes():
                    body += piece
                    if time.monotonic() > attempt.until:
                        return _too_slow(attempt)
            finally:
                await response.aclose()
        except httpx.RequestError as error:
            return _transport_error(error, attempt)
        return Reply(response.status_code, response.headers, bytes(body))


def _request(http: httpx.Client | httpx.AsyncClient, attempt: Attempt) -> httpx.Request:
    call = attempt.call
    return http.build_request(
        call.method,
        call.path,
        params=call.query or None,
        headers={"accept": f"{call.accept}, application/problem+json", **call.headers},
        content=call.body,
        timeout=attempt.timeout,
    )


def _transport_error(error: httpx.RequestError, attempt: Attempt) -> TransportError:
    unsent = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.ProxyError)
    kind = TimedOut if isinstance(error, httpx.TimeoutException) else Unreachable
    call = attempt.call
    return kind(f"{call.method} {call.path}: {type(error).__name__} {error}".rstrip(), sent=not unsent)


def _too_slow(attempt: Attempt) -> TimedOut:
    return TimedOut(f"{attempt.call.method} {attempt.call.path}: the answer was still coming at the deadline.")


def _check_url(url: str, *, allow_plain_http: bool) -> None:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        message = f"The service's URL is like https://stocktake.example.gov, not {url!r}."
    elif parts.username is not None or parts.query or parts.fragment:
        message = "The service's URL carries no user, password, query or fragment."
    elif parts.scheme == "http" and not allow_plain_http and not _is_loopback(parts.hostname):
        message = f"The key would travel in the clear to {parts.hostname}: use https, or say allow_plain_http=True."
    else:
        return
    raise ValueError(message)


def _check_language(language: str | None) -> None:
    if language is not None and not _LANGUAGE.fullmatch(language):
        message = f"A language is like fr, zh-Hans or fr, ru;q=0.5, not {language!r}."
        raise ValueError(message)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _check_key(key: str) -> None:
    if not key:
        message = "An API key is needed: give key=, or set STOCKTAKE_KEY."
        raise ValueError(message)
    if not (key.isascii() and key.isprintable() and " " not in key):
        message = "The API key holds a character that no key has (a space or a line end, perhaps)."
        raise ValueError(message)
