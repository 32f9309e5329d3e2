"""Operations: written once as a builder of calls, offered by a blocking and by an asynchronous resource.

A builder says what to ask; reached through a ``SyncResource`` it becomes a function that returns the answer, through
an ``AsyncResource`` one that is awaited. Both keep the builder's parameters, types and docstring.
"""

import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from types import MethodType
from typing import Concatenate, Generic, ParamSpec, Self, TypeVar, cast, overload

from stocktake._call import Call, Response, Script
from stocktake._http import AsyncSender, Sender
from stocktake.models.base import Page

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R")
B = TypeVar("B")
S = TypeVar("S")


class SyncResource:
    """A resource whose operations return their answers."""

    def __init__(self, sender: Sender) -> None:
        self.sender = sender


class AsyncResource:
    """A resource whose operations are awaited."""

    def __init__(self, sender: AsyncSender) -> None:
        self.sender = sender


class _Bound(Generic[P, R]):
    """An operation of one resource: looks like the builder to ``help`` and ``inspect``."""

    def __init__(self, build: Callable[P, R]) -> None:
        self._build = build
        self.__doc__ = build.__doc__
        self.__name__ = build.__name__
        # Without the builder's return type: a call is what it builds, not what the caller gets.
        self.__signature__ = inspect.signature(build).replace(return_annotation=inspect.Signature.empty)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.__name__}{self.__signature__}>"


class SyncOperation(_Bound[P, Call[T]]):
    def __init__(self, build: Callable[P, Call[T]], sender: Sender) -> None:
        super().__init__(build)
        self._sender = sender

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._sender.call(self._build(*args, **kwargs)).data

    def raw(self, *args: P.args, **kwargs: P.kwargs) -> Response[T]:
        """Make the call; the answer with its status and headers."""
        return self._sender.call(self._build(*args, **kwargs))


class AsyncOperation(_Bound[P, Call[T]]):
    def __init__(self, build: Callable[P, Call[T]], sender: AsyncSender) -> None:
        super().__init__(build)
        self._sender = sender

    async def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        return (await self._sender.call(self._build(*args, **kwargs))).data

    async def raw(self, *args: P.args, **kwargs: P.kwargs) -> Response[T]:
        """Make the call; the answer with its status and headers."""
        return await self._sender.call(self._build(*args, **kwargs))


class SyncListing(_Bound[P, Call[Page[T]]], Generic[P, T]):
    def __init__(self, build: Callable[P, Call[Page[T]]], sender: Sender) -> None:
        super().__init__(build)
        self._sender = sender

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        # The call is built here, not in the generator, so that a wrong argument is told where it was given.
        return self._items(self._build(*args, **kwargs))

    def _items(self, call: Call[Page[T]]) -> Iterator[T]:
        while True:
            page = self._sender.call(call).data
            yield from page.items
            if page.next is None:
                return
            call = call.at(page.next)

    def page(self, *args: P.args, **kwargs: P.kwargs) -> Page[T]:
        """One page: its items and the cursor of the next."""
        return self._sender.call(self._build(*args, **kwargs)).data

    def raw(self, *args: P.args, **kwargs: P.kwargs) -> Response[Page[T]]:
        """One page, with the answer's status and headers."""
        return self._sender.call(self._build(*args, **kwargs))


class AsyncListing(_Bound[P, Call[Page[T]]], Generic[P, T]):
    def __init__(self, build: Callable[P, Call[Page[T]]], sender: AsyncSender) -> None:
        super().__init__(build)
        self._sender = sender

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[T]:
        return self._items(self._build(*args, **kwargs))

    async def _items(self, call: Call[Page[T]]) -> AsyncIterator[T]:
        while True:
            page = (await self._sender.call(call)).data
            for item in page.items:
                yield item
            if page.next is None:
                return
            call = call.at(page.next)

    async def page(self, *args: P.args, **kwargs: P.kwargs) -> Page[T]:
        """One page: its items and the cursor of the next."""
        return (await self._sender.call(self._build(*args, **kwargs))).data

    async def raw(self, *args: P.args, **kwargs: P.kwargs) -> Response[Page[T]]:
        """One page, with the answer's status and headers."""
        return await self._sender.call(self._build(*args, **kwargs))


class SyncProcedure(_Bound[P, Script[T]]):
    def __init__(self, build: Callable[P, Script[T]], sender: Sender) -> None:
        super().__init__(build)
        self._sender = sender

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._sender.play(self._build(*args, **kwargs))


class AsyncProcedure(_Bound[P, Script[T]]):
    def __init__(self, build: Callable[P, Script[T]], sender: AsyncSender) -> None:
        super().__init__(build)
        self._sender = sender

    async def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._sender.play(self._build(*args, **kwargs))


class _Descriptor(Generic[P, R]):
    """Holds a builder in its class."""

    def __init__(self, build: Callable[Concatenate[S, P], R]) -> None:
        self._build = cast("Callable[Concatenate[object, P], R]", build)
        self.__doc__ = build.__doc__
        self.__wrapped__ = build  # for ``inspect``, on the class

    def _of(self, resource: SyncResource | AsyncResource) -> Callable[P, R]:
        # A function's own binding: keeps name, docstring and signature, and leaves out ``self``.
        return cast("Callable[P, R]", MethodType(self._build, resource))

    def _kept(self, resource: SyncResource | AsyncResource, bound: B) -> B:
        """Put it in the resource, where it is found first from then on: bound once, not at every use."""
        vars(resource)[self._build.__name__] = bound
        return bound


class Operation(_Descriptor[P, Call[T]]):
    """One call."""

    @overload
    def __get__(self, resource: None, owner: type) -> Self: ...
    @overload
    def __get__(self, resource: SyncResource, owner: type) -> SyncOperation[P, T]: ...
    @overload
    def __get__(self, resource: AsyncResource, owner: type) -> AsyncOperation[P, T]: ...
    def __get__(
        self, resource: SyncResource | AsyncResource | None, owner: type
    ) -> Self | SyncOperation[P, T] | AsyncOperation[P, T]:
        if resource is None:
            return self
        if isinstance(resource, SyncResource):
            return self._kept(resource, SyncOperation(self._of(resource), resource.sender))
        return self._kept(resource, AsyncOperation(self._of(resource), resource.sender))


class Listing(_Descriptor[P, Call[Page[T]]], Generic[P, T]):
    """A list, page after page; where it may start later, its builder takes a ``cursor``."""

    @overload
    def __get__(self, resource: None, owner: type) -> Self: ...
    @overload
    def __get__(self, resource: SyncResource, owner: type) -> SyncListing[P, T]: ...
    @overload
    def __get__(self, resource: AsyncResource, owner: type) -> AsyncListing[P, T]: ...
    def __get__(
        self, resource: SyncResource | AsyncResource | None, owner: type
    ) -> Self | SyncListing[P, T] | AsyncListing[P, T]:
        if resource is None:
            return self
        if isinstance(resource, SyncResource):
            return self._kept(resource, SyncListing(self._of(resource), resource.sender))
        return self._kept(resource, AsyncListing(self._of(resource), resource.sender))


class Procedure(_Descriptor[P, Script[T]]):
    """Several calls in a row."""

    @overload
    def __get__(self, resource: None, owner: type) -> Self: ...
    @overload
    def __get__(self, resource: SyncResource, owner: type) -> SyncProcedure[P, T]: ...
    @overload
    def __get__(self, resource: AsyncResource, owner: type) -> AsyncProcedure[P, T]: ...
    def __get__(
        self, resource: SyncResource | AsyncResource | None, owner: type
    ) -> Self | SyncProcedure[P, T] | AsyncProcedure[P, T]:
        if resource is None:
            return self
        if isinstance(resource, SyncResource):
            return self._kept(resource, SyncProcedure(self._of(resource), resource.sender))
        return self._kept(resource, AsyncProcedure(self._of(resource), resource.sender))


def operation(build: Callable[Concatenate[S, P], Call[T]]) -> Operation[P, T]:
    """Offer the builder's call."""
    return Operation(build)


def listing(build: Callable[Concatenate[S, P], Call[Page[T]]]) -> Listing[P, T]:
    """Offer the builder's list."""
    return Listing(build)


def procedure(build: Callable[Concatenate[S, P], Script[T]]) -> Procedure[P, T]:
    """Offer the builder's script."""
    return Procedure(build)
