"""The server's metrics, as Prometheus reads them."""

import asyncio

from fastapi import APIRouter
from fastapi.responses import Response

from filmeto_core.web.access import Admin
from filmeto_core.web.desk import AtDesk
from filmeto_core.web.metric_readings import disk_readings, exposed, live_readings

router = APIRouter(tags=["system"])

# Source: Prometheus, "Exposition formats".
TEXT = "text/plain; version=0.0.4; charset=utf-8"


class PlainMetrics(Response):
    """Prometheus' text."""

    media_type = TEXT


@router.get("/metrics", response_class=PlainMetrics)
async def metrics(_caller: Admin, desk: AtDesk) -> PlainMetrics:
    """What the server counts, for Prometheus: of the whole server, and so for admins alone."""
    live = live_readings(desk)
    return PlainMetrics(await asyncio.to_thread(lambda: exposed(desk, live + disk_readings(desk))))
