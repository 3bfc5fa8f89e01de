"""The form of a review, as the Prefect UI draws it: a JSON schema, and the text above it.

Both of its UIs draw a choice, texts within a group, and a choice of several; a list of groups is drawn
by one of them alone. So each prompt stands in a field of its own, as it is, to be edited.
"""

from collections.abc import Mapping
from typing import Any

from filmeto_core.review.models import APPROVE, CHANGE, Asking

DECISION = (
    "approve: the film is made of these stills. change: what you change below is made anew, "
    "and you are asked again."
)
PROMPTS = "What each picture was made of. To change one, edit it here."
OTHER_TAKES = "Shots that shall look different under the same prompt."


def form_schema(asking: Asking) -> dict[str, Any]:
    """The form's fields: the decision, the prompts as they are, the shots for another take."""
    fields: dict[str, Any] = {
        "decision": {"type": "string", "enum": [APPROVE, CHANGE]}
        | _told("Decision", DECISION, position=0)
    }
    prompts = [shot for shot in asking.shots if shot.prompt is not None]
    if prompts:
        texts = {
            shot.id: {"type": "string", "default": shot.prompt}
            | _told(shot.id, "changed" if shot.changed else "", position=place)
            for place, shot in enumerate(prompts)
        }
        group = {"type": "object", "properties": texts, "additionalProperties": False}
        fields["prompts"] = group | _told("Prompts", PROMPTS, position=1)
    made = [shot.id for shot in asking.shots if shot.made]
    if made:
        several = {"type": "array", "items": {"type": "string", "enum": made}, "default": []}
        fields["other_takes"] = several | _told("Other takes", OTHER_TAKES, position=2)
    return {
        "title": "Review",
        "type": "object",
        "properties": fields,
        "required": ["decision"],
        "additionalProperties": False,
    }


def _told(title: str, description: str, position: int) -> dict[str, Any]:
    told = {"title": title, "position": position}
    return told | {"description": description} if description else told


def form_text(asking: Asking, picture: str) -> str:
    """What stands above the form, in Markdown.

    Args:
        picture: The address of the contact sheet; may be a data: URI.
    """
    return "\n\n".join(
        [
            f"**{plain(asking.title)}**: the stills are ready for your review.",
            *([plain(asking.told)] if asking.told else []),
            f"![the stills]({picture})",
            f"In full size: `{asking.sheet}`",
        ]
    )


def plain(text: str) -> str:
    """A text whose signs mean nothing in Markdown, on one line."""
    escaped = "".join(f"\\{sign}" if sign in "\\`*_[]<>|#" else sign for sign in text)
    return " ".join(escaped.split())


def form_answer(value: Mapping[str, Any], asking: Asking) -> dict[str, Any]:
    """What a form sent, with the prompts that were left as they are taken out."""
    prompts = value.get("prompts") or {}
    told = {shot.id: shot.prompt for shot in asking.shots}
    return {
        "decision": value.get("decision"),
        "prompts": {
            name: text or "" for name, text in prompts.items() if told.get(name, "") != text
        },
        "other_takes": list(value.get("other_takes") or ()),
    }
