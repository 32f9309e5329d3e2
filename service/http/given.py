"""Arguments of endpoints that are handed over at the door, unseen by the framework.

As dependencies they would be solved for each request, which costs the framework more than a statement costs us.
"""

import inspect
from collections.abc import Callable, Coroutine, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from inspect import Parameter
from typing import Any

from fastapi import Request, Response


@dataclass(frozen=True, slots=True)
class OfApp:
    """Marks an argument as a part of the application, by its name in ``app.state``."""

    part: str


@dataclass(frozen=True, slots=True)
class OfDoor:
    """Marks the argument that the door makes for each request."""


def parts(endpoint: Callable[..., Response]) -> Mapping[str, str]:
    """The arguments that are parts of the application, each with the name it goes by there."""
    return {
        name: mark.part
        for name, parameter in inspect.signature(endpoint).parameters.items()
        for mark in getattr(parameter.annotation, "__metadata__", ())
        if isinstance(mark, OfApp)
    }


Run = Callable[..., Coroutine[Any, Any, Response]]


def hidden(run: Run, arguments: AbstractSet[str]) -> Run:
    """What runs an endpoint, as the framework is to see it: without these arguments, and with the request."""
    taken = inspect.signature(run)
    left = [parameter for name, parameter in taken.parameters.items() if name not in arguments]
    request = Parameter("request", Parameter.KEYWORD_ONLY, annotation=Request)
    run.__signature__ = taken.replace(parameters=[*left, request])  # type: ignore[attr-defined]  # what is looked at
    return run
