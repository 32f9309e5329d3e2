"""The application, put together from settings; importing this does no work."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import CapacityLimiter
from fastapi import FastAPI
from starlette.responses import Response

from service.access import keys_api, people_api, service_api, sessions_api
from service.access.api import require_declared
from service.access.log_api import router as log
from service.access.passwords import Passwords
from service.access.rates import Guesses, Rates
from service.assessments.api import router as assessments
from service.assessments.assignments_api import router as assignments
from service.assessments.versions_api import router as versions
from service.catalogue.api import router as catalogue
from service.catalogue.store import Shelf
from service.db.session import Database
from service.http import logs, openapi, problems
from service.http.hosts import Hosts
from service.http.requests import Envelope
from service.registry.api import router as registry
from service.reports.api import router as reports
from service.settings import Settings
from service.sharing.api import received, shares
from service.signoff.api import router as signoff
from service.signoff.work_api import router as reviews
from stocktake.models.base import Health

SIGNING_IN = 2
"""Passwords checked at once: each takes much memory and time, on purpose."""
_ACCESS = (sessions_api.router, sessions_api.public, people_api.router, keys_api.router, service_api.router)


def create_app(settings: Settings) -> FastAPI:
    """The service on one database; refuses to be made when a route declares no action."""
    database = Database(settings.database, settings.pool)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # What is there from the start is never garbage: looking through it again took a fifth of a large request
        gc.collect()
        gc.freeze()
        yield
        database.close()

    app = FastAPI(
        title="Stocktake",
        description="Self-assessment of the implementation of resolutions, per member state and per border site.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.settings = settings
    app.state.database = database
    app.state.shelf = Shelf()
    # On SQLite one request writes at a time: waiting here is a fair line, waiting in SQLite is a lottery
    together = CapacityLimiter(settings.pool)
    app.state.gates = {False: together, True: CapacityLimiter(1) if database.is_sqlite else together}
    app.state.renderers = CapacityLimiter(settings.renderers)
    app.state.rates, app.state.guesses = Rates(settings.rate), Guesses()
    app.state.passwords, app.state.signing_in = Passwords(settings.password_memory), CapacityLimiter(SIGNING_IN)
    problems.install(app)
    openapi.install(app)
    app.add_middleware(Hosts, names=settings.host_names)  # the last one added is the outermost
    app.add_middleware(Envelope, max_body=settings.max_body)
    app.add_middleware(logs.Requests)
    app.add_api_route("/health", health, tags=["service"], summary="Whether the service answers", response_model=Health)
    # Routes are tried in order: the busiest first
    for router in (
        assessments,
        signoff,
        catalogue,
        registry,
        versions,
        assignments,
        reviews,
        reports,
        shares,
        received,
        log,
        *_ACCESS,
    ):
        app.router.routes.extend(router.routes)  # as they are: including would make every route anew
    require_declared(app)
    return app


async def health() -> Response:
    """Alive, and the line to the database is not judged here."""
    return Response(b'{"status":"ok"}', media_type="application/json")
