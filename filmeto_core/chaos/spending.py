"""What films through plugins that cost money would cost, before any of them is made."""

from typing import Any

from filmeto_core.errors import ValidationError
from filmeto_core.film.storyboard_models import Shot, Storyboard
from filmeto_core.film.timeline import Timeline, lay_out
from filmeto_core.film_calls import (
    clip,
    look,
    score,
    serving_task,
    speech,
    still,
    tools_of,
    voice_durations_s,
)
from filmeto_core.money import Money
from filmeto_core.plugin_host.pricing import price_of
from filmeto_core.tasks.runtime import service
from filmeto_core.types import Model, ToolType


class Price(Model):
    """What one film costs, by currency, and who does not say."""

    known: tuple[Money, ...] = ()
    unsaid: tuple[str, ...] = ()

    @property
    def is_free(self) -> bool:
        """Whether nothing that it calls costs anything, or is a provider's."""
        return not self.known and not self.unsaid

    def of(self, films: int) -> str:
        """What so many films come to, in words."""
        sums = [str(Money(amount=m.amount * films, currency=m.currency)) for m in self.known]
        more = [f"what {name} asks, which does not say" for name in self.unsaid]
        return " and ".join(sums + more) or "nothing"


def price_of_film(board: Storyboard) -> Price:
    """What the film's calls at providers cost, as their manifests say."""
    timeline = lay_out(board, voice_durations_s(board, {}), {})
    sums: dict[str, Money] = {}
    unsaid: dict[str, None] = {}
    for shot, tool in tools_of(service(), board):
        plugin = service().plugin_for(serving_task(board, shot, tool))
        if not plugin.manifest.is_remote:
            continue
        spec = plugin.manifest.tool(tool)
        usual = {p.name: p.default for p in spec.parameters} if spec else {}
        price = price_of(plugin.manifest, tool, usual | _asked(board, shot, tool, timeline))
        if price is None:
            unsaid[plugin.name] = None
            continue
        before = sums.get(price.currency, Money(amount=0, currency=price.currency))
        total = before.amount + price.amount
        sums[price.currency] = Money(amount=total, currency=price.currency)
    return Price(known=tuple(sums.values()), unsaid=tuple(unsaid))


def _asked(
    board: Storyboard, shot: Shot | None, tool: ToolType, timeline: Timeline
) -> dict[str, Any]:
    if tool is ToolType.TEXT2MUSIC:
        return score(board, timeline) or {}
    if tool is ToolType.TEXT2SPEAK:
        return speech(board, shot) or {}
    if tool is ToolType.TEXT2IMAGE:
        return still(service(), board, shot) or {}
    if tool is ToolType.IMAGE2IMAGE:
        return look(service(), board, shot) or {}
    return clip(board, shot, timeline) or {}


def allow(price: Price, films: int, spend: Money | None) -> None:
    """Let the films be made, if the user allows what they cost.

    Raises:
        ValidationError: They cost money, and it was not allowed, or not so much.
    """
    if price.is_free:
        return
    cost = price.of(films)
    wrong = {"field": "spend", "value": str(spend) if spend else None}
    if spend is None:
        raise ValidationError(
            f"these {films} films go through providers that want money: they would cost {cost}.",
            hint="Allow it with --spend AMOUNT, or take a --profile whose plugins cost nothing.",
            **wrong,
        )
    for money in price.known:
        total = Money(amount=money.amount * films, currency=money.currency)
        if total.currency != spend.currency or total.amount > spend.amount:
            raise ValidationError(
                f"--spend {spend}: these {films} films would cost {cost}.",
                hint="Allow more, or kill fewer films with --runs.",
                **wrong,
            )
