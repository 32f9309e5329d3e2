"""How often somebody may call, and how often try in vain: counted in this process, before any transaction begins."""

from collections import OrderedDict
from datetime import datetime
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from math import ceil
from threading import Lock

from limits import RateLimitItemPerHour, RateLimitItemPerMinute
from limits.limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from service.errors import TooMany

IN_VAIN = 20
"""One part in so many of the calls a caller may make: what an address may send a minute that opens nothing."""
GUESSES_HERE = 5
"""Wrong passwords of one account from one address in 15 minutes."""
GUESSES_FROM = 50
"""Wrong passwords of any account from one address in 15 minutes."""
GUESSES_AT = 100
"""Wrong passwords of one account in an hour from addresses where its owner never signed in."""
REMEMBERED = 10_000
SWEPT = 10_000
"""Counts after which those that have ended are forgotten."""


class Rates:
    """The calls of each caller, charged to whom a credential turned out to be."""

    def __init__(self, per_minute: int) -> None:
        self._counts = _Counts()
        self._calls = RateLimitItemPerMinute(per_minute)
        self._failures = RateLimitItemPerMinute(max(1, per_minute // IN_VAIN))
        self._owners = _Remembered()

    def admit(self, credential: str, address: str, now: datetime) -> None:
        """Let a call begin, or raise TooMany; ``credential`` is a digest of what was sent.

        One that opened before is charged to its owner; one never seen is not looked at where too many were in vain.
        """
        owner = self._owners.get(credential)
        if owner is not None:
            self._charge(owner, now)
        elif not self._counts.left(self._failures, "vain", address):
            raise self._too_many(now, self._failures, "vain", address)

    def known(self, credential: str, owner: str, now: datetime) -> None:
        """Whose the credential is, now that it opened."""
        if self._owners.get(credential) is None:
            self._owners.put(credential, owner)
            self._charge(owner, now)

    def in_vain(self, credential: str, address: str) -> None:
        """It opened nothing."""
        self._owners.drop(credential)
        self._counts.take(self._failures, "vain", address)

    def _charge(self, owner: str, now: datetime) -> None:
        if not self._counts.take(self._calls, "calls", owner):
            raise self._too_many(now, self._calls, "calls", owner)

    def _too_many(self, now: datetime, limit: RateLimitItem, *what: str) -> TooMany:
        seconds = self._counts.seconds(now, limit, *what)
        return TooMany("Too many requests; go on in {seconds} seconds.", seconds=seconds)


class Guesses:
    """Wrong passwords: throttled for who guesses, without locking the owner out of where they sign in."""

    def __init__(self) -> None:
        self._counts = _Counts()
        self._here = RateLimitItemPerMinute(GUESSES_HERE, 15)
        self._from = RateLimitItemPerMinute(GUESSES_FROM, 15)
        self._at = RateLimitItemPerHour(GUESSES_AT)
        self._homes = _Remembered()

    def admit(self, account: str, address: str, now: datetime) -> None:
        """Let a password be checked, or raise TooMany."""
        for limit, what in self._limits(account, address):
            if not self._counts.left(limit, *what):
                seconds = self._counts.seconds(now, limit, *what)
                raise TooMany("Too many wrong passwords; try again in {seconds} seconds.", seconds=seconds)

    def wrong(self, account: str, address: str) -> None:
        for limit, what in self._limits(account, address):
            self._counts.take(limit, *what)

    def right(self, account: str, address: str) -> None:
        """The owner signed in from here: what others guess elsewhere does not stop them here."""
        self._homes.put(f"{account} {address}", address)
        self._counts.forget(self._here, "here", account, address)

    def _limits(self, account: str, address: str) -> list[tuple[RateLimitItem, tuple[str, ...]]]:
        found: list[tuple[RateLimitItem, tuple[str, ...]]] = [
            (self._here, ("here", account, address)),
            (self._from, ("from", address)),
        ]
        if self._homes.get(f"{account} {address}") is None:
            found.append((self._at, ("at", account)))
        return found


@lru_cache(maxsize=REMEMBERED)
def place(address: str) -> str:
    """An address as it is counted: of IPv6 the network, for its owner has all of it."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if isinstance(known, IPv6Address):
        return str(known.ipv4_mapped or IPv6Address(int(known) >> 64 << 64))
    return str(known)


class _Memory(MemoryStorage):
    """The library's counters, under one lock; its own way to forget them starts a thread for nearly every count."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = Lock()
        self._since_swept = 0

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count, in a window that lasts so many seconds from its first count on."""
        with self._lock:
            self._sweep()
            count = self.get(key) + amount
            if count == amount:
                self.expirations[key] = self.get_expiry(key) + expiry  # of a key that has none: now
            self.storage[key] = count
            return count

    def _sweep(self) -> None:
        """Now and then, look at every counter: those that have ended are forgotten by it."""
        self._since_swept += 1
        if self._since_swept > SWEPT:
            self._since_swept = 0
            for key in tuple(self.expirations):
                self.get(key)


class _Counts:
    """Fixed windows in memory."""

    def __init__(self) -> None:
        self._limiter = FixedWindowRateLimiter(_Memory())

    def take(self, limit: RateLimitItem, *what: str) -> bool:
        return self._limiter.hit(limit, *what)

    def left(self, limit: RateLimitItem, *what: str) -> bool:
        return self._limiter.test(limit, *what)

    def forget(self, limit: RateLimitItem, *what: str) -> None:
        self._limiter.clear(limit, *what)

    def seconds(self, now: datetime, limit: RateLimitItem, *what: str) -> int:
        """Until the window ends, at least one."""
        return max(1, ceil(self._limiter.get_window_stats(limit, *what).reset_time - now.timestamp()))


class _Remembered:
    """The last things told, up to a number."""

    def __init__(self) -> None:
        self._things: OrderedDict[str, str] = OrderedDict()
        self._lock = Lock()

    def get(self, name: str) -> str | None:
        return self._things.get(name)

    def put(self, name: str, thing: str) -> None:
        with self._lock:
            self._things[name] = thing
            self._things.move_to_end(name)
            if len(self._things) > REMEMBERED:
                self._things.popitem(last=False)

    def drop(self, name: str) -> None:
        with self._lock:
            self._things.pop(name, None)
