"""Webhooks over HTTP: how the deliveries of a task went, and what their receivers check them with."""

import asyncio

from fastapi import APIRouter

from filmeto_core.web.access import Admin, Caller, Reader
from filmeto_core.web.desk import AtDesk, Desk
from filmeto_core.web.film_telling import subject_of
from filmeto_core.web.routes_tasks import the_task
from filmeto_core.web.webhook_models import DeliveryList, DeliveryStatus, WebhookSecret
from filmeto_core.web.webhook_signing import shown_secret, tenant_key

router = APIRouter(prefix="/api/v1", tags=["webhooks"])


@router.get("/tasks/{task_id}/deliveries")
async def task_deliveries(task_id: str, caller: Reader, desk: AtDesk) -> DeliveryList:
    """How the webhook of a task went, if it named one."""
    await the_task(desk, caller, task_id)
    return await _deliveries(desk, caller, task_id)


@router.get("/films/{film_id}/deliveries")
async def film_deliveries(film_id: str, caller: Reader, desk: AtDesk) -> DeliveryList:
    """How the webhooks of a film's runs went, oldest first."""
    film = desk.film_runs.find(caller, film_id)
    return await _deliveries(desk, caller, subject_of(film.id))


@router.get("/webhooks/secret")
async def webhook_secret(caller: Admin, desk: AtDesk) -> WebhookSecret:
    """The secret that signs the webhooks of the caller's tenant, unless a request names its own."""
    folder = desk.service.settings.serve_dir
    key = await asyncio.to_thread(tenant_key, folder, caller.tenant)
    return WebhookSecret(secret=shown_secret(key))


async def _deliveries(desk: Desk, caller: Caller, about: str) -> DeliveryList:
    found = await asyncio.to_thread(desk.webhooks.deliveries.of, caller.tenant, about)
    return DeliveryList(deliveries=[DeliveryStatus.of(delivery) for delivery in found])
