"""Arguments of endpoints that are parts of the application: handed over at the door, unseen by the framework.

As dependencies they would be solved for each request, which costs the framework more than a statement costs us.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fastapi import Response

Endpoint = Callable[..., Response]


@dataclass(frozen=True, slots=True)
class OfApp:
    """Marks an argument as a part of the application, by its name in ``app.state``."""

    part: str


def parts(endpoint: Endpoint) -> Mapping[str, str]:
    """The arguments that are parts of the application, each with the name it goes by there."""
    return {
        name: mark.part
        for name, parameter in inspect.signature(endpoint).parameters.items()
        for mark in getattr(parameter.annotation, "__metadata__", ())
        if isinstance(mark, OfApp)
    }


def hidden(endpoint: Endpoint, arguments: Mapping[str, str]) -> Endpoint:
    """The same endpoint, as one that does not take these."""
    taken = inspect.signature(endpoint)
    left = [parameter for name, parameter in taken.parameters.items() if name not in arguments]
    endpoint.__signature__ = taken.replace(parameters=left)  # type: ignore[attr-defined]  # what inspect looks at first
    return endpoint
