"""Tells callers' own servers that their tasks have ended: signed, tried again, over restarts.

Each message is a POST of `{"type", "timestamp", "data"}` in the form of Standard Webhooks. It may come
more than once (the server was killed before it noted the answer); its `webhook-id` is the same then.

Source: Standard Webhooks, www.standardwebhooks.com.
"""

import asyncio
import logging
import time
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx

from filmeto_core.errors import FilmetoError
from filmeto_core.journal.deliveries import Deliveries, Delivery
from filmeto_core.journal.posted import Posted
from filmeto_core.journal.posted_models import PostedTask
from filmeto_core.resources.addresses import CheckedTransport
from filmeto_core.resources.http_answer import retry_after_s
from filmeto_core.resources.proxies import Proxies
from filmeto_core.settings import Settings, proxy_environment
from filmeto_core.types import utc_now
from filmeto_core.web.event_log import encoded
from filmeto_core.web.task_models import TaskStatus
from filmeto_core.web.webhook_models import Webhook, read_webhook
from filmeto_core.web.webhook_signing import read_secret, signature, tenant_key

logger = logging.getLogger(__name__)

# After each failed try; nine hours in all, so that a receiver may be away for a night.
PAUSES_S = (5.0, 30.0, 120.0, 600.0, 3600.0, 3600.0 * 3, 3600.0 * 5)
TRY_S = 10.0  # for the whole of one try
MOST_AT_ONCE = 32
MOST_A_TENANT = 4  # at once: whose receivers are slow holds up nobody else
LOOK_AGAIN_S = 3600.0  # at the latest, also where nothing is known to wait
AFTER_FAULT_S = 5.0  # the disk did not answer


class _Refused(Exception):
    """The receiver did not take it; another try may do, not before `wait_s`."""

    def __init__(self, message: str, wait_s: float = 0.0) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class Webhooks:
    """The deliveries of one server; only its event loop touches it.

    Args:
        posted: What is told of, and where deliveries are kept.
        settings: Which addresses may be called, and where the server's secret lies.
        pauses_s: Between tries; one more try than these is made.
    """

    def __init__(
        self, posted: Posted, settings: Settings, pauses_s: tuple[float, ...] = PAUSES_S
    ) -> None:
        self._posted, self._settings, self.pauses_s = posted, settings, pauses_s
        self.deliveries = Deliveries(posted)
        self._changed = asyncio.Event()
        self._trying: dict[str, asyncio.Task[None]] = {}
        self._tenants: dict[str, int] = {}
        self._work: asyncio.Task[None] | None = None

    # --- what is to be told -------------------------------------------------------------------

    def read(self, metadata: dict[str, Any]) -> Webhook | None:
        """The webhook that a task's metadata ask for.

        Raises:
            ValidationError: It cannot be called.
        """
        return read_webhook(metadata.get("webhook"), self._settings)

    def expecting(self, task: PostedTask, webhook: Webhook | None) -> Callable[[Any], Any]:
        """The write that goes with a task's: that its end is to be told of."""
        if webhook is None:
            return lambda _connection: None
        return self.deliveries.noting(_made(task.tenant, task.id, webhook))

    async def expect(self, tenant: str, about: str, webhook: Webhook) -> None:
        """The end of something that is no task will be told of, such as a run of `film:ID`.

        Raises:
            StoreError: It could not be kept.
        """
        await self.deliveries.add(_made(tenant, about, webhook))

    async def tell(self, about: str, kind: str, ended_at: datetime, data: dict[str, Any]) -> None:
        """It has ended: whoever expects that is told; returns once that is kept.

        Args:
            kind: Such as "film.done".
            data: JSON-able.

        Raises:
            StoreError: It could not be kept.
        """
        if await self.deliveries.make_due(about, _body(kind, ended_at.isoformat(), data)):
            self.wake()

    def wake(self) -> None:
        """Something may be due."""
        self._changed.set()

    # --- the server's own life ----------------------------------------------------------------

    def start(self) -> None:
        """Deliver from here on, first what the last server left."""
        self._work = asyncio.create_task(self._deliver_for_ever(), name="webhooks")

    async def stop(self) -> None:
        """Leave what is not delivered to the next start."""
        going = [task for task in (self._work, *self._trying.values()) if task is not None]
        for task in going:
            task.cancel()
        if going:
            await asyncio.wait(going)

    async def _deliver_for_ever(self) -> None:
        while True:
            self._changed.clear()
            try:
                wait_s = await self._begin_due()
            except FilmetoError as error:
                logger.warning("webhooks could not be looked up: %s", error)
                wait_s = AFTER_FAULT_S
            try:
                async with asyncio.timeout(wait_s):
                    await self._changed.wait()
            except TimeoutError:
                continue

    async def _begin_due(self) -> float:
        """Begin what is due, as far as there is room; how long to wait for what is not."""
        now = time.time()
        due = await asyncio.to_thread(self.deliveries.due, now, MOST_A_TENANT)
        for delivery in due:
            if delivery.id in self._trying or len(self._trying) >= MOST_AT_ONCE:
                continue
            if self._tenants.get(delivery.tenant, 0) < MOST_A_TENANT:
                self._begin(delivery)
        next_at = await asyncio.to_thread(self.deliveries.next_due, now)
        return LOOK_AGAIN_S if next_at is None else min(LOOK_AGAIN_S, max(0.0, next_at - now))

    def _begin(self, delivery: Delivery) -> None:
        self._tenants[delivery.tenant] = self._tenants.get(delivery.tenant, 0) + 1
        trying = asyncio.create_task(self._try(delivery), name=f"webhook {delivery.id}")
        self._trying[delivery.id] = trying
        trying.add_done_callback(lambda _task: self._ended(delivery))

    def _ended(self, delivery: Delivery) -> None:
        del self._trying[delivery.id]
        self._tenants[delivery.tenant] -= 1
        if not self._tenants[delivery.tenant]:
            del self._tenants[delivery.tenant]
        self.wake()

    # --- one try ------------------------------------------------------------------------------

    async def _try(self, delivery: Delivery) -> None:
        try:
            await self._try_once(delivery)
        except FilmetoError as error:  # how it went cannot be noted: it is tried again
            logger.warning("webhook %s: %s", delivery.id, error)
            await asyncio.sleep(AFTER_FAULT_S)

    async def _try_once(self, delivery: Delivery) -> None:
        try:
            delivery = await self._with_body(delivery)
            await self._send(delivery)
        except _Refused as refused:
            await self._failed(delivery, str(refused), refused.wait_s)
        except Exception as error:  # the edge of a task
            logger.exception("webhook %s", delivery.id)
            await self._failed(delivery, f"unexpected {type(error).__name__}", 0.0)
        else:
            await self.deliveries.tried(delivery, "delivered", None, None)

    async def _failed(self, delivery: Delivery, why: str, wait_s: float) -> None:
        logger.info("webhook %s of task %s: %s", delivery.id, delivery.task_id, why)
        if delivery.attempts >= len(self.pauses_s):
            await self.deliveries.tried(delivery, "failed", why, None)
            return
        pause_s = max(self.pauses_s[delivery.attempts], min(wait_s, self.pauses_s[-1]))
        await self.deliveries.tried(delivery, "waiting", why, time.time() + pause_s)

    async def _with_body(self, delivery: Delivery) -> Delivery:
        if delivery.body:
            return delivery
        task = await asyncio.to_thread(self._posted.task, delivery.task_id)
        if task is None:
            raise _Refused("the task is no longer known")
        data = TaskStatus.of(task).to_dict()
        body = _body(f"task.{task.status}", data["ended_at"], data)
        return await self.deliveries.give_body(delivery, body)

    async def _send(self, delivery: Delivery) -> None:
        transport = CheckedTransport(
            allow_private=self._settings.allow_private_urls,
            proxies=Proxies.read(proxy_environment()),
        )
        body = delivery.body.encode()
        headers = await asyncio.to_thread(self._headers, delivery, body)
        try:
            async with (
                asyncio.timeout(TRY_S),
                httpx.AsyncClient(transport=transport, timeout=TRY_S) as client,
                client.stream("POST", delivery.url, content=body, headers=headers) as answer,
            ):
                if answer.is_success:
                    return
                what = f"answered {answer.status_code} {answer.reason_phrase}".rstrip()
                raise _Refused(what, retry_after_s(answer) or 0.0)
        except (TimeoutError, httpx.TimeoutException):
            raise _Refused(f"did not answer within {TRY_S:g} s") from None
        except (FilmetoError, httpx.HTTPError, httpx.InvalidURL) as error:
            raise _Refused(str(error) or type(error).__name__) from error

    def _headers(self, delivery: Delivery, body: bytes) -> dict[str, str]:
        if delivery.secret is not None:
            key = read_secret(delivery.secret, "secret")
        else:
            key = tenant_key(self._settings.serve_dir, delivery.tenant)
        timestamp_s = int(time.time())
        return {
            "Content-Type": "application/json",
            "User-Agent": "filmeto",
            "webhook-id": delivery.id,
            "webhook-timestamp": str(timestamp_s),
            "webhook-signature": signature(key, delivery.id, timestamp_s, body),
        }


def _made(tenant: str, about: str, webhook: Webhook) -> Delivery:
    return Delivery(
        id=f"msg_{uuid.uuid4().hex}",
        tenant=tenant,
        task_id=about,
        url=webhook.url.strip(),
        at=utc_now(),
        secret=webhook.secret,
    )


def _body(kind: str, timestamp: str, data: dict[str, Any]) -> str:
    return encoded({"type": kind, "timestamp": timestamp, "data": data}).decode()
