"""Composition: the stage that a scene needs, then every subject that the stage left out."""

from dataclasses import replace

import numpy as np
from sketch_buildings import beams
from sketch_closeups import closeup, still_life
from sketch_coast import coast
from sketch_frame import Frame
from sketch_furniture import chair
from sketch_inside import interior
from sketch_nature import cave, desert, field, open_land, park, space
from sketch_objects import OBJECTS
from sketch_palette import COLOURS
from sketch_people import person, silhouette
from sketch_placing import PLACED
from sketch_poses import pose_of, stature
from sketch_river import harbour, river
from sketch_sea import beach, gulls, sea
from sketch_sky import weather
from sketch_stairwell import stairwell, windowsill
from sketch_street import street
from sketch_town import rooftop, skyline_view, station, viaduct, village
from sketch_wildlife import fireflies
from sketch_woods import forest, highlands
from sketch_words import STILL_LIFE

SKY_KINDS = {"sun", "moon", "star", "cloud", "rainbow", "fireworks", "lights", "beam"}


def stage_of(scene):
    """The stage for a scene: the first that its words ask for."""
    s = scene
    still = s.has(
        *STILL_LIFE,
        "umbrella",
        "suitcase",
        "guitar",
        "flower",
        "ball",
        "sword",
        "telescope",
        "lantern",
    )
    if s.shot == "close" and (s.body or s.people) and not _bodies_matter(s):
        return closeup
    if s.has("windowsill") or (s.has("cat") and s.has("window")):
        return windowsill
    if s.has("stairs") and s.interior:
        return stairwell
    if s.shot == "close" and still and not s.people:
        return still_life
    if s.interior:
        return interior
    if s.at("space"):
        return space
    if s.at("cave"):
        return cave
    if s.at("rooftop"):
        return rooftop
    if s.at("station"):
        return station
    if s.has("train") and (s.has("bridge") or s.at("city") or s.has("building")):
        return viaduct
    if s.at("market", "street") or (s.has("neon") and not s.at("sea", "harbour")):
        return street
    if s.at("harbour") or s.has("pier"):
        return harbour
    if s.at("beach"):
        return beach
    if s.has("lighthouse") or s.at("cliff", "coast", "rocks", "island"):
        return coast
    if s.at("river") and not s.at("forest", "mountain", "field"):
        return river
    if s.at("sea", "lake") or s.has("boat", "ship", "sailboat", "whale", "wave"):
        return sea
    if s.at("village"):
        return village
    if s.at("city") or s.has("building"):
        return skyline_view
    if s.at("forest", "path"):
        return forest
    if s.at("mountain", "waterfall"):
        return highlands
    if s.at("desert"):
        return desert
    if s.at("park"):
        return park
    if s.at("field") or s.has("windmill"):
        return field
    if s.shot == "close" and still:
        return still_life
    return open_land


def _bodies_matter(scene):
    """Whether an action needs the whole body even close to."""
    return any(p.action in ("run", "climb", "dance", "jump", "row") for p in scene.people)


def compose(cv, scene, seed, progress):
    """Draw the scene; `progress(percent, message)` is told at the real steps."""
    side = (-1, 1)[np.random.default_rng([seed & 0x7FFFFFFF, 77]).integers(2)]
    f = Frame(cv, scene, seed, side)
    f.side = -1 if cv.pal.light[0] > 0 else 1
    stage = stage_of(scene)
    progress(15, "setting: " + stage.__name__.replace("_", " "))
    stage(f)
    progress(60, "subjects")
    gulls(f)
    _rest(f)
    progress(80, "weather and light")
    if not scene.interior:
        weather(cv, scene, f.rng("weather"))
    if scene.has("firefly"):
        fireflies(cv, f.rng("fireflies"), max(scene.count("firefly", 40), 40))
    return f


def _rest(f):
    """Everything of the scene that the stage has not drawn, back to front."""
    s = f.scene
    left = [
        x for x in s.subjects if x.kind not in f.done and x.kind not in SKY_KINDS and not x.held
    ]
    people = [x for x in left if x.person] if not getattr(f, "ready", False) else []
    for subject in sorted((x for x in left if not x.person), key=lambda x: _depth(x.kind)):
        _thing(f, subject)
    _crowd(f, people)
    if s.has("beam") and "beam" not in f.done and not s.has("lighthouse"):
        beams(f.cv, s, f.w * (0.5 - f.side * 0.2), f.h * 0.1, f.h, (-0.5 if f.side > 0 else -2.6,))


def _depth(kind):
    order = ("plane", "balloon", "mountain", "tower", "pagoda", "lighthouse", "windmill", "building", "house", "bridge", "pier", "train",
             "ship", "sailboat", "whale", "tree", "pine", "palm", "bamboo", "statue", "tent", "boat", "bus", "car", "fence", "streetlamp",
             "window", "door", "shelf", "picture", "mirror", "bed", "table", "cart", "bench", "chair")  # fmt: skip
    return order.index(kind) if kind in order else len(order)


def _thing(f, subject):
    """One subject, wherever there is room for its kind."""
    kind, cv, s = subject.kind, f.cv, f.scene
    f.done.add(kind)
    draw = PLACED.get(kind)
    n = min(max(1, subject.count), 9)
    inside = getattr(f, "ready", False)
    for i in range(n):
        r = f.rng(f"{kind}{i}")
        spread = (i - (n - 1) / 2) * min(0.20, 0.8 / n)
        x = f.w * (0.5 + f.side * _side_of(kind) + spread)
        if draw:
            draw(f, subject, r, x, i)
        elif kind in OBJECTS:
            height, make = OBJECTS[kind]
            size = (
                max(height, 0.34)
                * f.unit
                / 1.7
                * (1.25 if s.shot in ("wide", "extreme_wide") else 1)
            )
            if s.shot == "close" or not (s.people or inside):
                size = max(size, min(f.h, f.w) * 0.2)
            y = f.h * 0.93 if inside else min(f.stand + f.unit * 0.06, f.h * 0.96)
            make(cv, s, r, x, y, min(size, f.h * 0.5), COLOURS.get(subject.colour))


def _side_of(kind):
    """A place across the frame that is the kind's own, so that kinds do not stand on one another."""
    total = sum(ord(c) * (i + 3) for i, c in enumerate(kind))
    return (0.20, -0.22, 0.30, -0.12, 0.12, -0.32)[total % 6]


def _crowd(f, people):
    """The people of the scene, one by one or in a group, on the stage's line."""
    cast = []
    for p in people:
        n = p.count or (4 if p.kind == "person" and not p.role else 1)
        cast += [p] * min(n, 12)
    if not cast:
        return
    lead = getattr(f, "lead", f.w * 0.5)
    gap = min(f.unit * 0.62, getattr(f, "span", f.w * 0.84) / max(1, len(cast)))
    if hasattr(f, "stand_on") and f.scene.shot in ("wide", "extreme_wide"):
        lead, f.stand = f.stand_on
        f.unit = min(f.unit, f.h * 0.10)
        gap = f.unit * 0.5
    order = sorted(range(len(cast)), key=lambda i: -stature(cast[i]))
    toward = getattr(f, "face", f.side)
    kite = any("kite" in p.holds for p in cast)
    for slot, i in enumerate(order):
        p, r = cast[i], f.rng(f"person{i}")
        if p.kind == "person" and len(cast) > 1:
            p = replace(
                p,
                count=len(cast),
                kind=("man", "woman", "woman", "man", "girl", "man", "woman", "boy")[
                    (i + f.seed) % 8
                ],
            )
        x = lead + (slot - (len(cast) - 1) / 2) * gap + r.normal(0, 0.05) * gap
        y = f.stand + (f.h * 0.012 * (slot % 2) if not getattr(f, "seat", False) else 0)
        if len(cast) > 5:
            y += r.uniform(-0.02, 0.03) * f.h
        _figure(f, p, r, x, y, toward, kite)


def _figure(f, p, r, x, y, toward, kite):
    cv, s = f.cv, f.scene
    away = p.action == "away" or (getattr(f, "back", False) and p.action in ("", "walk", "stand"))
    if p.action == "look" and getattr(f, "seat", False):
        away = True
    pose = pose_of(p)
    if getattr(f, "seat", False) and p.action in ("sit", "look", "", "read"):
        away = p.action in ("sit", "look", "")
        pose = "ground"
    elif pose == "sit":
        if s.has("chair", "bench"):
            chair(cv, s, r, x, y, f.unit * 0.5, toward) if s.has("chair") else None
        else:
            pose = "ground"
    if kite and "kite" not in p.holds:
        pose = "point"
    if f.unit < 46 * cv.px and not p.holds:
        silhouette(cv, r, x, y, f.unit * stature(p), 0.05)
        return
    if pose == "wave" and r.random() < 0.35:
        pose, toward = ("cheer", toward) if r.random() < 0.6 else ("wave", -toward)
    person(cv, p, r, x, y, f.unit, toward, pose, back=away)
    if getattr(f, "spotlight", False) or (cv.pal.dark and s.has("streetlamp", "fire", "fireworks")):
        cv.lamplight(x, y - f.unit * 0.6, f.unit * 1.1, (1.0, 0.9, 0.8), 0.8)
