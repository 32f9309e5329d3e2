"""Arguments of endpoints that the door hands over, unseen by the framework.

As dependencies they would be solved for each request, which costs the framework more than a statement costs us.
"""

import inspect
from collections.abc import Callable, Coroutine, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from inspect import Parameter
from typing import Any

from fastapi import Request, Response

Run = Callable[..., Coroutine[Any, Any, Response]]


@dataclass(frozen=True, slots=True)
class Given:
    """Marks an argument that is made of the request alone."""

    read: Callable[[Request], object]
    documented: tuple[Mapping[str, object], ...] = ()
    """What it reads, as parameters of OpenAPI."""


def given(endpoint: Callable[..., Response]) -> Mapping[str, Given]:
    """The arguments that are made of the request."""
    return {
        name: mark
        for name, parameter in inspect.signature(endpoint).parameters.items()
        for mark in getattr(parameter.annotation, "__metadata__", ())
        if isinstance(mark, Given)
    }


def hidden(run: Run, arguments: AbstractSet[str]) -> Run:
    """What runs an endpoint, as the framework is to see it: without these arguments, and with the request."""
    taken = inspect.signature(run)
    left = [parameter for name, parameter in taken.parameters.items() if name not in arguments]
    request = Parameter("request", Parameter.KEYWORD_ONLY, annotation=Request)
    run.__signature__ = taken.replace(parameters=[*left, request])  # type: ignore[attr-defined]  # what is looked at
    return run
