"""A `Role` becomes a `Character`: whatever the prompt left open is chosen, always alike for one person."""

import re
import zlib
from dataclasses import dataclass

import numpy as np

SKINS = {
    "light": (0.87, 0.68, 0.55), "pale": (0.93, 0.77, 0.67), "tan": (0.77, 0.56, 0.42),
    "brown": (0.62, 0.44, 0.33), "dark": (0.49, 0.33, 0.25),
}  # fmt: skip
HAIRS = {
    "black": (0.13, 0.10, 0.10), "brown": (0.33, 0.21, 0.13), "dark": (0.22, 0.15, 0.11),
    "blond": (0.80, 0.64, 0.38), "red": (0.58, 0.25, 0.12), "grey": (0.58, 0.57, 0.56),
    "white": (0.85, 0.84, 0.81),
}  # fmt: skip
CLOTHS = {
    "red": (0.66, 0.20, 0.18), "orange": (0.82, 0.46, 0.20), "yellow": (0.88, 0.72, 0.30),
    "green": (0.32, 0.46, 0.32), "blue": (0.22, 0.35, 0.54), "purple": (0.42, 0.29, 0.48),
    "pink": (0.84, 0.56, 0.57), "white": (0.92, 0.90, 0.86), "black": (0.16, 0.16, 0.18),
    "brown": (0.45, 0.32, 0.22), "grey": (0.52, 0.53, 0.55), "blond": (0.82, 0.64, 0.30),
}  # fmt: skip
_IRISES = {
    "blue": (0.30, 0.44, 0.54), "brown": (0.30, 0.21, 0.14), "green": (0.32, 0.44, 0.30),
    "grey": (0.42, 0.46, 0.48), "black": (0.16, 0.12, 0.10),
}  # fmt: skip
_MUTED = (
    (0.24, 0.29, 0.38),
    (0.36, 0.32, 0.30),
    (0.30, 0.36, 0.32),
    (0.45, 0.36, 0.28),
    (0.40, 0.24, 0.26),
)
_BRIGHT = ((0.60, 0.22, 0.24), (0.25, 0.42, 0.46), (0.52, 0.34, 0.46), (0.72, 0.55, 0.34), (0.86, 0.60, 0.42),
           (0.34, 0.48, 0.58))  # fmt: skip
# job → (sex or "", what is worn, its colour, hat, glasses)
_JOBS = {
    "keeper": ("man", "coat", (0.17, 0.22, 0.33), "cap", False), "fisher": ("man", "coat", (0.84, 0.66, 0.24), "sou", False),
    "soldier": ("man", "coat", (0.33, 0.38, 0.28), "cap", False), "police": ("", "coat", (0.18, 0.22, 0.34), "cap", False),
    "doctor": ("", "labcoat", (0.91, 0.91, 0.89), "", None), "chef": ("", "coat", (0.93, 0.92, 0.89), "chef", False),
    "farmer": ("man", "shirt", (0.42, 0.36, 0.26), "straw", False), "monk": ("man", "robe", (0.74, 0.46, 0.20), "", False),
    "scholar": ("", "suit", (0.38, 0.33, 0.29), "", True), "detective": ("", "coat", (0.47, 0.38, 0.28), "brim", False),
}  # fmt: skip
_STYLES = {
    "woman": ("long", "long", "bob", "bun", "ponytail", "curly", "braids", "short"),
    "girl": ("long", "bob", "ponytail", "braids", "curly"),
    "man": ("short", "short", "side", "side", "curly", "receding", "long"),
    "boy": ("short", "side", "curly", "short"),
}
_OLD_STYLES = {
    "woman": ("bun", "bob", "short", "curly"),
    "man": ("receding", "short", "side", "bald"),
}
# Skin and hair go together as they do among people; drawn with these chances.
_LOOKS = (
    ("light", ("brown", "dark", "black", "blond", "red"), 0.42), ("pale", ("brown", "blond", "red", "dark"), 0.18),
    ("tan", ("black", "dark"), 0.18), ("brown", ("black", "dark"), 0.12), ("dark", ("black",), 0.10),
)  # fmt: skip
_EAST = re.compile(r"[一-鿿]")


@dataclass(frozen=True)
class Character:
    """One drawn person; colours are RGB 0 to 1 in daylight, sizes about 1."""

    kind: str
    age: str
    skin: tuple
    hair: tuple
    style: str
    beard: str
    beard_colour: tuple
    hat: str
    hat_colour: tuple
    wear: str
    cloth: tuple
    scarf: tuple | None
    iris: tuple
    glasses: str
    earrings: bool
    freckles: bool
    mood: str
    jaw: float
    chin: float
    eye: float
    nose: float
    brow: float
    lips: float
    turn: float
    mirrored: bool

    @property
    def look(self):
        """The person in a few words, for the metadata."""
        hair = "bald" if self.style == "bald" else f"{self.style} {_nearest(HAIRS, self.hair)} hair"
        parts = [self.kind, self.age, f"{_nearest(SKINS, self.skin)} skin", hair]
        parts += [f"{self.beard} beard"] if self.beard != "none" else []
        parts += [self.hat_word] if self.hat else []
        parts += [f"{self.glasses} glasses"] if self.glasses else []
        cloth = _nearest(CLOTHS, self.cloth)
        parts += [f"{'yellow' if cloth == 'blond' else cloth} {self.wear}"]
        parts += ["scarf"] if self.scarf else []
        return ", ".join(parts)

    @property
    def hat_word(self):
        """What the hat is called."""
        return {"brim": "hat", "sou": "sou'wester", "straw": "straw hat", "scarf": "headscarf",
                "flat": "flat cap", "chef": "chef's hat", "cap": "peaked cap"}.get(self.hat, self.hat)  # fmt: skip

    @property
    def child(self):
        return self.kind in ("girl", "boy")

    @property
    def female(self):
        return self.kind in ("woman", "girl")

    @property
    def old(self):
        return self.age == "old"


def _nearest(names, colour):
    """The name of the colour that looks most like this one: its hue counts more than its light."""

    def apart(other):
        steps = [a - b for a, b in zip(other, colour, strict=True)]
        light = sum(steps) / 3
        return light * light + 4 * sum((step - light) ** 2 for step in steps)

    return min(names, key=lambda name: apart(names[name]))


def character(role, who):
    """The character of a role.

    Args:
        role: What the prompt says.
        who: A text that stands for the person: another one, another person.
    """
    rng = np.random.default_rng([zlib.crc32(who.encode()), zlib.crc32(_description(role).encode())])
    job = _JOBS.get(role.job, ("", "", None, "", None))
    kind = role.kind or job[0] or ("man", "woman")[rng.integers(2)]
    if kind == "child":
        kind = ("girl", "boy")[rng.integers(2)]
    child, female = kind in ("girl", "boy"), kind in ("woman", "girl")
    age = "child" if child else role.age or ("adult", "young", "adult")[rng.integers(3)]
    skin, hair = _look(role, rng, age)
    styles = _OLD_STYLES[kind] if age == "old" else _STYLES[kind]
    style = role.hair_style or styles[rng.integers(len(styles))]
    if role.job == "monk":
        style = role.hair_style or "bald"
    hat = role.hat or job[3] or ("flat" if kind == "man" and rng.random() < 0.16 else "none")
    bright = female or child
    cloths = _BRIGHT if bright else _MUTED
    cloth = CLOTHS.get(role.wear_colour) or job[2] or cloths[rng.integers(len(cloths))]
    wears = (
        ("dress", "sweater", "shirt", "coat")
        if bright
        else ("coat", "suit", "sweater", "shirt", "coat")
    )
    wear = role.wear or job[1] or wears[rng.integers(len(wears))]
    beard = _beard(role, rng, kind, age)
    iris = (
        tuple(_IRISES)[rng.integers(4)]
        if skin in ("light", "pale")
        else ("brown", "black")[rng.integers(2)]
    )
    glasses = role.glasses if role.glasses is not None else job[4]
    if glasses is None:
        glasses = rng.random() < (0.3 if age == "old" else 0.14) and not child
    shapes = rng.uniform(-1, 1, 8)
    return Character(
        kind=kind, age=age, skin=SKINS[skin], hair=HAIRS[hair], style=style, beard=beard,
        beard_colour=HAIRS.get(_hair_name(role.beard_colour), HAIRS[hair]),
        hat=hat if hat != "none" else "",
        hat_colour=CLOTHS.get(role.hat_colour) or tuple(c * 0.72 for c in cloth),
        wear=wear, cloth=cloth, scarf=CLOTHS.get(role.scarf),
        iris=_IRISES.get(role.eye_colour) or _IRISES[iris],
        glasses=("round", "square")[rng.integers(2)] if glasses else "",
        earrings=role.earrings or (kind == "woman" and rng.random() < 0.3),
        freckles=role.freckles or (hair == "red" and rng.random() < 0.7),
        mood=role.mood, jaw=1 + 0.10 * shapes[0], chin=1 + 0.06 * shapes[1], eye=1 + 0.13 * shapes[2],
        nose=1 + 0.16 * shapes[3], brow=1 + 0.3 * shapes[4], lips=1 + 0.14 * shapes[5],
        turn=0.05 + 0.05 * abs(shapes[6]), mirrored=bool(shapes[7] > 0),
    )  # fmt: skip


def _description(role):
    """What makes the person, without the place, time, weather and mood, which change in a film."""
    parts = (role.kind, role.job, role.age, role.skin, role.hair_style, role.hair_colour, role.beard,
             role.hat, role.wear, role.glasses)  # fmt: skip
    return "|".join(map(str, parts))


def _look(role, rng, age):
    """(name of the skin, name of the hair's colour)."""
    east = bool(role.said) and all(_EAST.match(word) for word in role.said)
    looks = [("light", ("black", "dark"), 0.8), ("tan", ("black",), 0.2)] if east else _LOOKS
    looks = [look for look in looks if look[0] == role.skin] or (
        [(role.skin, ("black", "dark"), 1.0)] if role.skin else looks
    )
    chances = np.array([look[2] for look in looks])
    skin, hairs, _ = looks[rng.choice(len(looks), p=chances / chances.sum())]
    hair = hairs[rng.integers(len(hairs))]
    if age == "old":
        hair = ("white", "grey", "white")[rng.integers(3)]
    return skin, _hair_name(role.hair_colour) or hair


def _hair_name(colour):
    return {"yellow": "blond", "orange": "red", "blond": "blond"}.get(
        colour, colour if colour in HAIRS else ""
    )


def _beard(role, rng, kind, age):
    if kind != "man":
        return (
            role.beard
            if role.beard in ("full", "short", "moustache") and role.beard_colour
            else "none"
        )
    if role.beard:
        return role.beard
    chances = {
        "old": ("full", "short", "none", "moustache"),
        "young": ("none", "none", "none", "stubble"),
    }
    return chances.get(age, ("none", "none", "short", "stubble", "moustache"))[
        rng.integers(len(chances.get(age, range(5))))
    ]
