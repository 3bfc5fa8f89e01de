"""What a logline tells: who, where, when, what about, in which mood, in its own words."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """Somebody of a logline.

    Args:
        seen: How pictures show them: "an old lighthouse keeper", the same in every prompt.
        called: What the narrator calls them once they are known: "the keeper", "Mara".
        plural: More than one.
        pronoun: "he", "she", "it" or "they"; 他, 她 or 它 in Chinese.
        faceless: `seen` does not tell what they look like: "a clockmaker".
    """

    seen: str
    called: str
    plural: bool = False
    pronoun: str = "they"
    faceless: bool = False


@dataclass(frozen=True)
class Tale:
    """A logline, understood.

    Args:
        hero: Whom it is about.
        other: Who else is in it, if anybody.
        place: Where, as pictures show it: "the forgotten mountain village".
        spot: Where, as the narrator calls it: "the village".
        scenery: A key of `scenery.ENGLISH` and `scenery.CHINESE`.
        thing: What it turns about, if it names it: "letter"; 信 in Chinese.
        time: "night", "dawn", "sunset", and `season`: "winter" ..., as far as it says.
        mood: "drama", "dark", "light", "love", "wonder" or "sad".
        clauses: Its own sentences, in speakable pieces.
        title: A title made of its words.
        found: What of this was read from it and not supplied, for people.
    """

    hero: Figure
    other: Figure | None
    place: str
    spot: str
    scenery: str
    thing: str
    time: str
    season: str
    mood: str
    clauses: tuple[str, ...]
    title: str
    found: dict[str, str] = field(default_factory=dict)
