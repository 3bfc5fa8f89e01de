"""Who and what a film's prompts have in common: its characters, its voices, its look."""

import re
from collections.abc import Iterator, Mapping

from pydantic import Field

from filmeto_core.film.storyboard_values import FilePath, Language, Name, Text
from filmeto_core.types import Model

# A name in Chinese, Japanese or Korean stands between other signs without a space.
_WIDE = re.compile(
    r"[\u2e80-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]"
)


class Voice(Model):
    """Who speaks."""

    language: Language | None = Field(
        None, description="BCP 47 tag such as en or zh-CN; told from the text unless given"
    )
    voice: Name | None = Field(None, description="A voice that the speech plugin knows")
    speed: float | None = Field(None, ge=0.5, le=2.0, description="1 is the voice's own pace")

    def over(self, other: "Voice") -> "Voice":
        """This voice, with the other's where it says nothing itself."""
        return other.model_copy(update=self.model_dump(exclude_none=True))


class Character(Model):
    """Somebody, or something, that several shots show."""

    description: Text | None = Field(None, description="Goes into each prompt that shows them")
    reference: FilePath | None = Field(
        None,
        description="A picture of them: for plugins that take one, and as the face that speaks",
    )
    voice: Voice | None = Field(None, description="How they speak: {language, voice, speed}")


class Look(Model):
    """What is done to every still: an image2image."""

    prompt: Text = Field(description="The look, such as watercolour, or film noir")
    strength: float | None = Field(
        None, ge=0, le=1, description="From 0 (as it is) to 1; the plugin's own unless given"
    )


def shown_in(
    text: str | None, characters: Mapping[str, Character]
) -> Iterator[tuple[str, Character]]:
    """The characters whose names stand in a text, as whole words, whatever their case."""
    for name, character in characters.items():
        if text and _stands_in(name, text):
            yield name, character


def _stands_in(name: str, text: str) -> bool:
    if _WIDE.search(name):
        return name in text
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None


def described(prompt: str, characters: Mapping[str, Character]) -> str:
    """The prompt with what these characters look like."""
    told = [f"{name}: {c.description}" for name, c in characters.items() if c.description]
    return ", ".join(part for part in (prompt, *told) if part)
