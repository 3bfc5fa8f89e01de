"""Whether an answer to a review can be followed, and what it changes."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import TypeAdapter
from pydantic import ValidationError as Invalid

from filmeto_core.errors import NotFoundError, ValidationError, did_you_mean, some_of
from filmeto_core.film.storyboard_values import Text
from filmeto_core.review.models import APPROVE, CHANGE, Answer, Asking, ReviewedShot, ShotEdit

_TEXT = TypeAdapter(Text)


def read_answer(value: Mapping[str, Any], asking: Asking) -> Answer:
    """The answer, checked against what was asked.

    Raises:
        NotFoundError: It names a shot that the film does not have.
        ValidationError: It cannot be followed; says why, and what would do.
    """
    try:
        answer = Answer.model_validate(dict(value))
    except Invalid as error:
        raise _cannot(
            f'decision: expected "{APPROVE}" or "{CHANGE}"; prompts by shot, a list of shots.'
        ) from error
    prompts = {name: _prompt(asking, name, text) for name, text in answer.prompts.items()}
    prompts = {name: text for name, text in prompts.items() if text != asking.shot(name).prompt}
    for name in answer.other_takes:
        if not _shot(asking, name).made:
            raise _cannot(
                f'"{name}" has a picture of its own or keeps one (pinned): no tool makes it, so '
                f"there is no other take."
            )
    changes = bool(prompts or answer.other_takes)
    if answer.decision == APPROVE and changes:
        raise _cannot(
            "It was approved and changed at once. Choose change to have the changes made, or "
            "approve and change nothing."
        )
    if answer.decision == CHANGE and not changes:
        raise _cannot(
            "Nothing was changed. Edit a prompt, name shots for another take, or choose approve."
        )
    return answer.model_copy(update={"prompts": prompts})


def _shot(asking: Asking, name: str) -> ReviewedShot:
    shot = asking.shot(name)
    if shot is None:
        names = [shot.id for shot in asking.shots]
        raise NotFoundError(
            f'there is no shot "{name}".{did_you_mean(name, names)}',
            hint=f"The shots are {some_of(names)}.",
            field="shot",
            value=name,
        )
    return shot


def _prompt(asking: Asking, name: str, text: str) -> str:
    if _shot(asking, name).prompt is None:
        raise _cannot(f'"{name}": its picture is not made of a prompt; there is none to change.')
    try:
        return _TEXT.validate_python(text)
    except Invalid as error:
        if not text.strip():
            raise _cannot(f'"{name}": the prompt is empty. Say what the picture shows.') from error
        raise _cannot(f'"{name}": the prompt {error.errors()[0]["msg"]}.') from error


def _cannot(message: str) -> ValidationError:
    return ValidationError(message, field="review")


def edits_of(answer: Answer, asking: Asking, next_takes: Mapping[str, int]) -> tuple[ShotEdit, ...]:
    """What an answer changes, in absolute terms.

    Args:
        next_takes: The number of another take, for each shot that gets one.
    """
    return tuple(
        ShotEdit(
            shot=shot.id,
            prompt=answer.prompts.get(shot.id),
            prompt_before=shot.prompt if shot.id in answer.prompts else None,
            take=next_takes.get(shot.id),
            take_before=shot.take if shot.id in next_takes else None,
        )
        for shot in asking.shots
        if shot.id in answer.prompts or shot.id in next_takes
    )


def told_answer(answer: Answer) -> str:
    """An answer, in a line."""
    if answer.decision == APPROVE:
        return "approved"
    told = [*(f"{shot} by its new prompt" for shot in answer.prompts)]
    told += [f"another take of {shot}" for shot in answer.other_takes if shot not in answer.prompts]
    return f"asked for {', '.join(told)}"


def told_of(edits: Iterable[ShotEdit]) -> str:
    """What was changed, in a line: "dawn (take 2), storm (new prompt)"."""
    return ", ".join(f"{edit.shot} ({', '.join(_told(edit))})" for edit in edits)


def _told(edit: ShotEdit) -> list[str]:
    told = ["new prompt"] if edit.prompt else []
    return [*told, f"take {edit.take}"] if edit.take else told
