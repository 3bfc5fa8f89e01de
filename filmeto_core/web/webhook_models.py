"""What a caller asks of a webhook, and what it is told of its deliveries."""

from datetime import datetime
from typing import Any

from pydantic import Field
from pydantic import ValidationError as ModelError

from filmeto_core.errors import ResourceProcessingError, ValidationError
from filmeto_core.journal.deliveries import Delivery, DeliveryState
from filmeto_core.resources.download import shown
from filmeto_core.resources.inputs import check
from filmeto_core.settings import Settings
from filmeto_core.types import Model, ResourceInput, ResourceType
from filmeto_core.web.film_models import RunRequest
from filmeto_core.web.webhook_signing import read_secret

FIELD = "metadata.webhook"


class Webhook(Model):
    """Where a caller wants to be told of an end."""

    url: str = Field(description="Gets a POST; http or https, at a public address", max_length=8192)
    secret: str | None = Field(
        None,
        repr=False,
        max_length=200,
        description="whsec_ and base64 of 24 to 64 bytes; None: the server's for this tenant",
    )


class FilmRunRequest(RunRequest):
    """How a film is to be run, and who is told of its end."""

    webhook: Webhook | None = Field(None, description="Is told of the run's end")

    def plain(self) -> RunRequest:
        """How it is to be run."""
        return RunRequest(**self.model_dump(exclude={"webhook"}))


class DeliveryStatus(Model):
    """How one delivery went."""

    id: str = Field(description="The header `webhook-id` of each try")
    url: str = Field(description="Without its user, password and query")
    state: DeliveryState = Field(
        description="pending: the task has not ended; waiting: for its next try; delivered: it was "
        "answered 2xx; failed: given up"
    )
    attempts: int
    next_at: datetime | None = Field(description="When it is tried next")
    error: str | None = Field(description="Why the last try failed")

    @classmethod
    def of(cls, delivery: Delivery) -> "DeliveryStatus":
        """The status of a delivery that is kept."""
        return cls(
            id=delivery.id,
            url=shown(delivery.url),
            state=delivery.state,
            attempts=delivery.attempts,
            next_at=delivery.next_at,
            error=delivery.error,
        )


class DeliveryList(Model):
    """The deliveries that tell of one task, or of one film's runs."""

    deliveries: list[DeliveryStatus]


class WebhookSecret(Model):
    """What a tenant's receivers check signatures with."""

    secret: str


def read_webhook(told: Any, settings: Settings, field: str = FIELD) -> Webhook | None:
    """The webhook that a request asks for; None where it asks for none.

    Raises:
        ValidationError: It is not `{"url": ..., "secret": ...}`, or cannot be called.
    """
    if told is None:
        return None
    try:
        webhook = Webhook.model_validate(told)
    except ModelError as error:
        first = error.errors(include_input=False)[0]
        place = ".".join([field, *map(str, first["loc"])])
        raise ValidationError(
            f"{place}: {first['msg']}.",
            hint='Give {"url": "https://...", "secret": "whsec_..."}; the secret may be left out.',
            field=place,
        ) from None
    return check_webhook(webhook, settings, field)


def check_webhook(webhook: Webhook, settings: Settings, field: str) -> Webhook:
    """The same webhook, if it can be called, as far as is known without a network.

    Raises:
        ValidationError: It cannot.
    """
    try:
        url = ResourceInput(type=ResourceType.REMOTE_URL, data=webhook.url)
        check(url, settings=settings, field=f"{field}.url")
    except ResourceProcessingError as error:
        raise ValidationError(error.message, hint=error.hint, field=f"{field}.url") from None
    if webhook.secret is not None:
        read_secret(webhook.secret, f"{field}.secret")
    return webhook
