"""``/v1/service``: the service as its operator sees it, and nothing of any state."""

from importlib.metadata import version

from fastapi import APIRouter, Response
from sqlalchemy import text

from service.access.api import Guarded, Job, declares
from service.access.policy import Action
from service.http import answers
from stocktake.models.service import ServiceFacts

router = APIRouter(prefix="/v1/service", tags=["service"], route_class=Guarded)
_REVISION = text("SELECT version_num FROM alembic_version")


@router.get("", summary="Which software on which schema", **declares(Action.SERVICE_READ, ServiceFacts))
def get_service(work: Job) -> Response:
    kind = work.connection.dialect.name
    return answers.view(
        ServiceFacts(
            version=version("stocktake-service"),
            database="sqlite" if kind == "sqlite" else "postgresql",
            schema_revision=work.connection.execute(_REVISION).scalar_one(),
        )
    )
