"""A prompt, English or Chinese, becomes a `Scene`: what is in the frame, how it is seen and lit.

Words outside the vocabulary are dropped before anything else, so they change nothing.
"""

from dataclasses import dataclass, replace

from sketch_named import unnamed
from sketch_vocabulary import (
    CHINESE,
    ENGLISH,
    LONGEST_CHINESE,
    LONGEST_ENGLISH,
    MEASURE,
    NUMERALS,
    TOKEN,
    WORDS,
)
from sketch_worn import dressed

# vocabulary's word for a person → (kind, attributes, role)
PERSONS = {
    "man": ("man", (), ""), "woman": ("woman", (), ""), "oldman": ("man", ("old",), ""),
    "oldwoman": ("woman", ("old",), ""), "girl": ("girl", (), ""), "boy": ("boy", (), ""),
    "child": ("child", (), ""), "keeper": ("man", ("old",), "keeper"),
    "fisher": ("man", (), "fisher"), "soldier": ("man", (), "soldier"),
    "traveller": ("man", (), "traveller"), "person": ("person", (), ""),
}  # fmt: skip


CHILDREN = ("girl", "boy", "child")


ANIMALS = ("dog", "cat", "horse", "cow", "sheep", "deer")


ALWAYS_HELD = (
    "umbrella", "kite", "suitcase", "phone", "camera", "telescope", "guitar", "flag", "balloon",
    "rod", "oar", "sword",
)  # fmt: skip


HELD_WHEN = {
    "hold": ("lantern", "letter", "book", "cup", "candle", "map", "flower", "bowl", "lamp", "key",
             "bottle", "box"),
    "hand": ("lantern", "letter", "book", "cup", "candle", "map", "flower", "key", "lamp"),
    "read": ("letter", "book", "map"), "write": ("letter", "book"),
    "drink": ("cup", "bottle", "bowl"), "eat": ("bowl", "fruit"), "climb": ("lantern", "candle"),
    "walk": ("lantern", "candle"),
}  # fmt: skip


INDOOR = ("table", "bed", "shelf", "chair", "piano", "windowsill", "stairs", "mirror", "picture",
          "door", "computer", "telephone", "radio")  # fmt: skip


STILL_LIFE = ("lamp", "letter", "candle", "book", "map", "cup", "teapot", "bottle", "bowl", "clock",
              "radio", "telephone", "fruit", "key", "box", "ring", "camera", "phone",
              "picture", "computer")  # fmt: skip


LIGHTS = ("lamp", "lantern", "candle", "star", "moon", "fireworks", "firefly", "neon", "phone",
          "streetlamp", "lights", "beam", "fire")  # fmt: skip


PLURALS = {"children", "men", "women", "kids", "boys", "girls", "soldiers", "fishermen", "sheep"}
SEVERAL = ("boat", "sailboat", "ship", "car", "house", "tree", "pine", "bicycle", "balloon",
           "dog", "cat", "horse", "cow", "deer", "candle", "tent", "duck", "whale")  # fmt: skip
OUTDOORS = ("sea", "coast", "beach", "harbour", "river", "lake", "waterfall", "city", "village",
            "street", "market", "forest", "mountain", "hill", "cliff", "rocks", "desert", "field",
            "park", "path", "road", "station", "rooftop", "island", "cave", "space")  # fmt: skip


@dataclass(frozen=True)
class Subject:
    """One thing or group in the frame; `count` 0 where the prompt does not say."""

    kind: str
    count: int = 0
    attrs: frozenset = frozenset()
    role: str = ""
    action: str = ""
    holds: tuple = ()
    colour: str = ""
    clause: int = 0
    held: bool = False
    wears: str = ""
    hair: str = ""

    @property
    def person(self):
        return self.kind in ("man", "woman", "person", *CHILDREN)

    @property
    def name(self):
        return self.role or ("old " if "old" in self.attrs and self.person else "") + self.kind


@dataclass(frozen=True)
class Scene:
    """What a prompt asks for; every field has a default, so that any prompt makes a frame."""

    subjects: tuple = ()
    places: tuple = ()
    body: tuple = ()
    shot: str = "wide"
    angle: str = "eye"
    time: str = "day"
    weather: str = "clear"
    season: str = ""
    mood: str = ""
    style: str = ""
    tint: str = ""
    attrs: frozenset = frozenset()
    excluded: frozenset = frozenset()
    interior: bool = False

    def has(self, *kinds):
        return any(s.kind in kinds for s in self.subjects)

    def at(self, *places):
        return any(p in places for p in self.places)

    def get(self, kind):
        return next((s for s in self.subjects if s.kind == kind), None)

    def count(self, kind, default):
        """How many of a kind, where the prompt says; the default else."""
        found = self.get(kind)
        return (found.count or default) if found else default

    @property
    def people(self):
        return [s for s in self.subjects if s.person]

    def allows(self, kind):
        """Whether a thing that the scene would add by itself may be there."""
        return kind not in self.excluded


def concepts(text):
    """The prompt's known words in order: (category, name), with ("break", "") at punctuation."""
    text = text.lower().replace("'s", "").replace("’s", "").replace("'", "").replace("-", " ")
    words = [w for w in TOKEN.findall(text) if not w.isascii() or w in WORDS or not w.isalpha()]
    found, i = [], 0
    while i < len(words):
        step = _english(words, i, found) or _chinese(words, i, found) or _other(words[i], found)
        i += step
    return [c for c in found if c[0] != "nothing"]


def _english(words, i, found):
    for n in range(min(LONGEST_ENGLISH, len(words) - i), 0, -1):
        concept = ENGLISH.get(tuple(words[i : i + n]))
        if concept:
            if words[i + n - 1] in PLURALS or (
                concept[1] in SEVERAL and words[i + n - 1][-1] == "s"
            ):
                found.append(("plural", ""))
            found.append(concept)
            return n
    return 0


def _chinese(words, i, found):
    if len(words[i]) > 1 and words[i][-1] in MEASURE:
        value = sum(NUMERALS.get(c, 0) for c in words[i][:-1])
        found.append(("number", str(min(value, 12))))
        return 1
    for n in range(min(LONGEST_CHINESE, len(words) - i), 0, -1):
        concept = CHINESE.get("".join(words[i : i + n]))
        if concept and not words[i].isascii():
            found.append(concept)
            return n
    return 0


def _other(word, found):
    if word.isdigit():
        found.append(("number", str(max(1, min(int(word[:4]), 12)))))
    elif not word.isalnum():
        found.append(("break", ""))
    return 1


def parse(prompt, negative_prompt="", style=""):
    """The scene that a prompt describes, without what the negative prompt names."""
    excluded = frozenset(_excluded(negative_prompt))
    prompt = unnamed(prompt, _is_person)
    found = [
        c for c in concepts(prompt) if c[1] not in excluded or c[0] in ("break", "number", "plural")
    ]
    first = {}
    for category, name in found:
        first.setdefault(category, name)
    subjects = _subjects(found)
    if excluded & {"person", "man", "woman", "child", "boy", "girl"}:
        subjects = [s for s in subjects if not _banned(s, excluded)]
    names = {name for _, name in found}
    places = tuple(dict.fromkeys(name for category, name in found if category == "place"))
    styled = [n for c, n in concepts(style) if c == "style"] + [n for c, n in found if c == "style"]
    tints = [n for n in styled if n in ("warm", "cool", "sepia", "mono")]
    scene = Scene(
        subjects=tuple(subjects),
        places=places,
        body=tuple(dict.fromkeys(n for c, n in found if c == "body")),
        shot=first.get("shot", ""),
        angle=first.get("angle", "eye"),
        season=first.get("season", ""),
        mood=_mood(found),
        style=_style(styled),
        tint=tints[0] if tints else "",
        attrs=frozenset(n for c, n in found if c == "attr"),
        excluded=excluded,
        weather=_weather(found),
        time=first.get("time", ""),
    )
    return _settle(scene, names)


def _is_person(text, alone=True):
    """Whether a text names a person; alone: and nothing else."""
    found = {category for category, _ in concepts(text)} - {"plural", "number", "attr", "colour"}
    return found == {"person"} if alone else "person" in found


def _style(styled):
    """The first style named; ink with watercolour is a style of its own, drawn dark and coloured."""
    if {"ink", "watercolour"} <= set(styled):
        return "line and wash"
    return next((n for n in styled if n in ("ink", "watercolour", "charcoal")), "")


def _excluded(negative_prompt):
    for category, name in concepts(negative_prompt):
        if category == "person":
            kind, _, role = PERSONS[name]
            yield from filter(None, (name, kind, role))
            if name == "person":
                yield "crowd"
        elif category not in ("break", "number", "plural", "nothing", "attr"):
            yield name


def _banned(subject, excluded):
    if not subject.person:
        return False
    group = {"child"} if subject.kind in CHILDREN else set()
    return bool(({"person", subject.kind} | group) & excluded)


def _mood(found):
    moods = [n for c, n in found if c == "mood"]
    return next((m for m in moods if m != "calm"), moods[0] if moods else "")


def _weather(found):
    kinds = [n for c, n in found if c == "weather"]
    for strongest in ("storm", "snow", "rain", "fog", "wind", "cloudy"):
        if strongest in kinds:
            return strongest
    return "storm" if ("thing", "lightning") in found else "clear"


def _settle(scene, names):
    """Fill in what the prompt leaves open from what it says."""
    outdoors = scene.at(*OUTDOORS)
    interior = scene.at("room") or (
        not outdoors
        and (scene.has("table", "bed", "windowsill") or (scene.has(*INDOOR) and not _open(scene)))
    )
    if (
        scene.has("window", "table")
        and scene.people
        and not scene.at("street", "market", "station")
    ):
        interior = interior or not outdoors
    if scene.has("stairs") and (scene.has("lighthouse", "tower") or not outdoors):
        interior = True
    time = scene.time
    if not time:
        time = "night" if scene.has(*LIGHTS) or (scene.weather == "storm") else "day"
    shot = scene.shot
    if not shot:
        still = scene.has(*STILL_LIFE) and not scene.people and not scene.places
        shot = "close" if scene.body or (still and not scene.has("table")) else "wide"
        if scene.people and interior and not scene.body:
            shot = "medium"
    weather, season = scene.weather, scene.season
    if weather == "clear" and not season and "winter" in names:
        season = "winter"
    if weather == "snow" and not season:
        season = "winter"
    tint = scene.tint or ("warm" if scene.time == "sunset" and "warm" in names else "")
    return replace(scene, interior=interior, time=time, shot=shot, season=season, tint=tint)


def _open(scene):
    return scene.has("tree", "house", "building", "boat", "ship", "car", "train", "bridge", "bench",
                     "streetlamp", "lighthouse", "pagoda")  # fmt: skip


def _subjects(found):
    made, number, colour, attrs, clause = [], 0, "", set(), 0
    pending, worn = [], []  # actions whose actors come after them; colours of hair and clothes
    for category, name in found:
        if category == "break":
            made, worn = dressed(made, worn), []
            clause, number, colour, attrs = clause + 1, 0, "", set()
        elif category == "number":
            number = max(number, int(name))
        elif category == "plural":
            number = number or 3
        elif category == "colour":
            colour = name
        elif category == "worn":
            worn, colour = [*worn, (name, colour)], ""
        elif category == "attr":
            attrs.add(name)
            if name == "crowded":
                made.append(Subject("person", 9, clause=clause))
        elif category in ("person", "thing"):
            kind, more, role = PERSONS[name] if category == "person" else (name, (), "")
            subject = Subject(kind, number, frozenset(more) | attrs, role, "", (), colour, clause)
            if worn and (subject.person and any(p.person and p.clause == clause for p in made)):
                made, worn = dressed(made, worn), []  # those of the person before
            _add(made, subject)
            number, colour, attrs = 0, "", set()
            for waiting in pending:
                _act(made, waiting, clause)
            pending = []
        elif category == "action" and not _act(made, name, clause):
            pending.append(name)
    made = dressed(made, worn)
    actions = {name for category, name in found if category == "action"}
    actions |= {name for category, name in found if category == "body"}
    return _give(made, actions)


def _add(made, subject):
    """Append the subject, or join it to the one of that kind that is there already."""
    for i, old in enumerate(made):
        same = old.kind == subject.kind and old.role == subject.role
        if same and (not subject.person or not subject.count or subject.role):
            made[i] = replace(
                old,
                count=max(old.count, subject.count),
                attrs=old.attrs | subject.attrs,
                colour=old.colour or subject.colour,
            )
            return
    made.append(subject)


def _act(made, action, clause):
    """Give an action to the people (or animals) of this clause, or to the last before it."""
    actors = [i for i, s in enumerate(made) if s.person or s.kind in (*ANIMALS, "bird")]
    here = [i for i in actors if made[i].clause == clause and not made[i].action]
    chosen = here or [i for i in actors if made[i].clause == clause] or actors[-1:]
    if made and made[-1].clause != clause and not here and action in ("wave", "fly"):
        return False  # "..., farewell: people": the actors come after the word
    for i in chosen:
        old = made[i].action
        weak = old in ("", "stand", "hold", "look") or action == "away"
        made[i] = replace(made[i], action=action if weak else old)
    return bool(chosen)


def _give(made, actions):
    """Put what is held into somebody's hands."""
    people = [i for i, s in enumerate(made) if s.person]
    if not people:
        return made
    if any(s.kind == "stairs" for s in made):
        actions = actions | {"climb"}  # who is on stairs carries the light
    holdable = set(ALWAYS_HELD).union(*(HELD_WHEN.get(a, ()) for a in actions))
    for i, thing in enumerate(made):
        if thing.kind in holdable and not thing.person:
            here = [p for p in people if made[p].clause == thing.clause] or people[:1]
            owner = here[0] if thing.kind != "kite" else here[-1]
            made[owner] = replace(made[owner], holds=(*made[owner].holds, thing.kind))
            made[i] = replace(thing, held=True)
    if "read" in actions and not any(s.holds for s in made):
        made[people[0]] = replace(made[people[0]], holds=("book",))
    if "drink" in actions and not any("cup" in s.holds for s in made):
        made[people[0]] = replace(made[people[0]], holds=(*made[people[0]].holds, "cup"))
    return made
