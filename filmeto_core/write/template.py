"""The template writer: a film of a logline without a language model, from what can be read in it.

It knows a dozen beats, pictures and sentences for each, and what belongs to a kind of place; people,
places, things, times and the sentences of the call are the logline's own. The same request gives the
same film.
"""

import random
import re
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from filmeto_core.errors import ValidationError
from filmeto_core.languages import primary, told_language
from filmeto_core.write import lines_en, lines_zh
from filmeto_core.write.beats import Beat, plan_beats
from filmeto_core.write.logline_en import is_english, read_english
from filmeto_core.write.logline_zh import read_chinese
from filmeto_core.write.request import Request, Written, is_chinese
from filmeto_core.write.scenery import CHINESE, ENGLISH, Scenery
from filmeto_core.write.tale import Figure, Tale
from filmeto_core.write.words_zh import ANCIENT

_MOTIONS = ("push-in", "pan-left", "static", "pan-right", "tilt-up", "pull-out", "parallax", "tilt-down")  # fmt: skip
_CLOSE_MOTIONS = ("static", "push-in")
_CLOSE = ("close-up", "特写")
SILENT_S, STORM_S, OPENING_S, END_S = 3.5, 6, 6, 7  # at least; narration may need more
DISSOLVE_S, FADE_S, ENDING_S = 0.8, 1.5, 2
MOST_NARRATED = 0.75  # share of the shots: pictures have to breathe
_ORDER = ("id", "prompt", "motion", "transition", "narration", "duration_s")
_INDOORS = ("doubt", "dark", "sign")  # where no season is seen
_WEATHERLESS = ("space", "desert", "ship", "hospital", "war", "ice")  # their storms are their own
_HUSHED = ("days", "doubt", "storm", "road", "shadow")  # whose lines go first


def write_from_templates(request: Request) -> Written:
    """The storyboard that the template writer makes of a request.

    Raises:
        ValidationError: It is in a language that it does not write.
    """
    chinese = _chinese(request)
    tale = read_chinese(request.logline) if chinese else read_english(request.logline)
    writer = _Writer(request, tale, chinese)
    board = writer.board()
    notes = [
        "written by the template writer, not by a language model: it fills a fixed order of beats "
        "with the logline's own words",
        "to have a language model write, set FILMETO_WRITER_URL and FILMETO_WRITER_MODEL",
    ]
    if not tale.found:
        notes.append(
            "it found nobody and nothing in the logline that it knows; the shots are general"
        )
    if not chinese and not is_english(request.logline):
        notes.append("the logline was read as English, which it does not seem to be")
    return Written(board, tuple(_head(tale, request)), writer.acts, tuple(notes))


def _chinese(request: Request) -> bool:
    """Whether it is to be written in Chinese; a template cannot translate."""
    logline, asked = told_language(request.logline), request.language
    written = "zh" if is_chinese(asked) else primary(asked)
    if written not in ("en", "zh"):
        raise ValidationError(
            f"the template writer writes English and Chinese, not {asked}.",
            hint="Set FILMETO_WRITER_URL and FILMETO_WRITER_MODEL to have a language model write it.",
            field="language",
            value=asked,
        )
    if written != logline:
        raise ValidationError(
            f"the logline's language is {logline}, and the template writer cannot translate it "
            f"into {asked}.",
            hint="Give the logline in that language, or have a language model write it: set "
            "FILMETO_WRITER_URL and FILMETO_WRITER_MODEL.",
            field="language",
            value=asked,
        )
    return written == "zh"


def _head(tale: Tale, request: Request) -> list[str]:
    found = dict(tale.found)
    if tale.other and tale.other.called != found["with"]:
        found["with"] = f"{tale.other.called} (shown as {found['with']})"
    read = "; ".join(f"{name}: {text}" for name, text in found.items())
    return [
        "Written by filmeto's template writer, not by a language model: a fixed order of beats,",
        "filled with what it could read in the logline. Change whatever does not fit.",
        f"Logline: {request.logline}",
        f"Read in it: {read or 'nothing that it knows'}.",
    ]


@dataclass
class _Hour:
    """What a shot's pictures and lines are filled with."""

    fields: dict[str, str]
    plural: bool

    def fill(self, text: str) -> str:
        """The text with its braces and choices filled in."""
        chosen = re.sub(r"\[([^|\]]*)\|([^\]]*)\]", lambda m: m[2] if self.plural else m[1], text)
        return chosen.format(**self.fields)


class _Writer:
    """Writes one film."""

    def __init__(self, request: Request, tale: Tale, chinese: bool) -> None:
        self.request, self.tale, self.chinese = request, tale, chinese
        self.words: ModuleType = lines_zh if chinese else lines_en
        self.scenery: Scenery = (CHINESE if chinese else ENGLISH)[tale.scenery]
        self.draw = random.Random(f"{request.seed}:{request.logline}")
        self.more = list(self.words.MORE_LINES)
        self.draw.shuffle(self.more)
        self.details, self.shown = 0, set()
        self.acts: dict[str, str] = {}
        self.last_motion = ""
        self.snows = tale.season == "winter" and tale.scenery not in _WEATHERLESS
        self.looks: list[str] = []  # so far given away
        self.seen = self._seen(tale.hero)
        self.other = self._seen(tale.other) if tale.other else ""

    def _seen(self, figure: Figure) -> str:
        """How pictures show somebody; where only a trade is told, with a look of their own."""
        if not figure.faceless:
            return figure.seen
        every = [look for looks in self.words.LOOKS.values() for look in looks]
        fitting = self.words.LOOKS.get(figure.pronoun) or every
        look = self.draw.choice([look for look in fitting if look not in self.looks])
        self.looks.append(look)
        return self.words.LOOK.format(seen=figure.seen, look=look)

    def board(self) -> dict[str, Any]:
        """The storyboard as data."""
        words, mood, request = self.words, self.tale.mood, self.request
        board: dict[str, Any] = {"title": self.tale.title}
        if request.profile:
            board["profile"] = request.profile
        board["style"] = request.style or words.STYLES.get(mood, words.STYLE)
        board["voice"] = {"language": request.language}
        board["music"] = {"prompt": self._music()}
        board["ending"] = {"kind": "fade-to-black", "duration_s": ENDING_S}
        plan = plan_beats(request.shots)
        told = self._told([beat.key for beat, _ in plan])
        act, shots = plan[0][0].act, []
        self.acts[self._id(plan[0][0], 0)] = words.ACTS[act]
        for beat, count in plan:
            for place in range(count):
                shot = self._shot(beat, place, told)
                if beat.act != act:
                    self.acts[shot["id"]], act = words.ACTS[beat.act], beat.act
                    shot["transition"] = {"kind": "dissolve", "duration_s": DISSOLVE_S}
                shots.append(shot)
        shots[0]["transition"] = {"kind": "fade-from-black", "duration_s": FADE_S}
        _hush(shots, told, words.IDS)
        last = shots[-1]
        last["duration_s"] = max(last.get("duration_s", 0), END_S)
        board["shots"] = [{key: shot[key] for key in _ORDER if key in shot} for shot in shots]
        return board

    def _music(self) -> str:
        table = self.words.MUSIC
        if self.chinese and re.search(ANCIENT, self.request.logline):
            table = lines_zh.ANCIENT_MUSIC
        return table[self.tale.mood]

    def _told(self, keys: list[str]) -> dict[str, str]:
        """Which beat speaks which of the logline's own sentences: the call, the rest at the turn."""
        first, *rest = self.tale.clauses
        gap = "" if self.chinese else " "
        if "sign" not in keys:
            return {"opening": gap.join(self.tale.clauses)}
        turn = next((key for key in ("shadow", "storm") if key in keys), "")
        if not rest or not turn:
            return {"sign": gap.join(self.tale.clauses)}
        return {"sign": first, turn: gap.join(rest)}

    def _shot(self, beat: Beat, place: int, told: dict[str, str]) -> dict[str, Any]:
        hour = self._hour("only" if self.request.shots == 1 else beat.key)
        shot: dict[str, Any] = {"id": self._id(beat, place)}
        shot["prompt"] = self._picture(beat, place, hour)
        shot["motion"] = self._motion(beat, place, shot["prompt"])
        if place == 0 and beat.key == "end":
            shot["transition"] = {"kind": "dissolve", "duration_s": DISSOLVE_S}
        line = self._line(beat, place, hour, told)
        if line:
            shot["narration"] = line
        if place == 0 and beat.key in ("opening", "storm"):
            shot["duration_s"] = OPENING_S if beat.key == "opening" else STORM_S
        elif not line:
            shot["duration_s"] = SILENT_S
        return shot

    def _id(self, beat: Beat, place: int) -> str:
        stem = self.words.IDS.get(beat.key, beat.key)
        return f"{stem}-{place + 1}" if place else stem

    def _hour(self, key: str) -> _Hour:
        tale, scenery = self.tale, self.scenery
        light = self.words.LIGHTS[key]
        if tale.time == "night":
            light = self.words.NIGHT_LIGHTS.get(key, light)
        season = self.words.SEASONS.get(tale.season)
        comma = "，" if self.chinese else ", "
        if season and key not in _INDOORS:
            light = f"{light}{comma}{season}"
        hero = tale.hero
        named = hero.called not in hero.seen if self.chinese else hero.called[:1].isupper()
        intro = f"{hero.called}{comma}{hero.seen}" if named else hero.seen
        thing = tale.thing if self.chinese else f"the {tale.thing}"
        fields = {
            "seen": self.seen,
            "h": hero.called,
            "H": hero.called[:1].upper() + hero.called[1:],
            "intro": intro,
            "place": tale.place,
            "spot": tale.spot,
            "thing": thing,
            "a_thing": tale.thing if self.chinese else _with_article(tale.thing),
            "other": self.other,
            "o": tale.other.called if tale.other else "",
            "d": self._detail(),
            "light": light,
            "path": scenery.path,
            "storm": self.words.WINTER_STORM[1] if self.snows else scenery.storm_name,
            "storm_seen": f"{scenery.storm}{comma}{tale.place}"
            if "where" in tale.found
            else scenery.storm,
            "shelter": scenery.shelter,
            "quiet": scenery.quiet,
        }
        return _Hour(fields, hero.plural)

    def _detail(self) -> str:
        self.details += 1
        return self.scenery.details[(self.details - 1) % len(self.scenery.details)]

    def _picture(self, beat: Beat, place: int, hour: _Hour) -> str:
        """A picture that the film has not shown yet, if there is one."""
        words = self.words
        if place == 0:
            text = words.PICTURES["only" if self.request.shots == 1 else beat.key]
            if beat.key == "storm" and self.snows:
                text = words.WINTER_STORM[0]
            if self.tale.thing:
                text = words.WITH_THING.get(beat.key, text)
            if self.tale.other:
                text = words.WITH_OTHER.get(beat.key, text)
            choices = [text]
        else:
            choices = list(words.COVERAGE)
            if self.tale.thing and beat.act != "opening":
                choices.insert(2, words.COVERAGE_THING)
            if self.tale.other and beat.key in ("meeting", "light", "return", "end"):
                choices.insert(0, words.COVERAGE_OTHER)
            turn = (place - 1) % len(choices)
            choices = choices[turn:] + choices[:turn]
        filled = [hour.fill(text) for text in choices]
        comma = "，" if self.chinese else ", "
        filled += [f"{text}{comma}{more}" for more in self.scenery.details for text in filled]
        fresh = next((text for text in filled if text not in self.shown), filled[0])
        self.shown.add(fresh)
        return fresh

    def _motion(self, beat: Beat, place: int, prompt: str) -> str:
        """The beat's own motion, another one for each further picture, never twice in a row."""
        if place == 0:
            choices = [beat.motion]
        else:
            choices = list(_CLOSE_MOTIONS if prompt.startswith(_CLOSE) else _MOTIONS)
            self.draw.shuffle(choices)
        choices += ["static" if prompt.startswith(_CLOSE) else "pan-right", "push-in"]
        self.last_motion = next(motion for motion in choices if motion != self.last_motion)
        return self.last_motion

    def _line(self, beat: Beat, place: int, hour: _Hour, told: dict[str, str]) -> str:
        if place == 0 and beat.key in told:
            return told[beat.key]
        if place:
            return hour.fill(self.more.pop()) if self.more and place % 2 == 0 else ""
        own = self.words.MOOD_LINES.get(self.tale.mood, {}).get(beat.key, ())
        lines = [line for line in own or self.words.LINES[beat.key] if self._holds(line, beat)]
        return hour.fill(self.draw.choice(lines)) if lines else ""

    def _holds(self, line: str, beat: Beat) -> bool:
        """Whether the logline gives what the line names."""
        if beat.key == "meeting" and self.tale.other:
            return "{o}" in line or line not in self.words.LINES["meeting"]
        if beat.key == "return" and not self.tale.other and line == self.words.LINES["return"][0]:
            return False
        if "{spot}" in line and "where" not in self.tale.found:
            return False
        return ("{o}" not in line or bool(self.tale.other)) and ("{thing}" not in line or bool(self.tale.thing))  # fmt: skip


def _hush(shots: list[dict[str, Any]], told: dict[str, str], ids: dict[str, str]) -> None:
    """Take lines away where nearly every shot speaks; never the logline's own."""
    spoken = sum("narration" in shot for shot in shots)
    for key in _HUSHED:
        for shot in shots:
            much = len(shots) >= 6 and spoken > MOST_NARRATED * len(shots)
            if shot["id"] == ids.get(key, key) and "narration" in shot and key not in told and much:
                del shot["narration"]
                shot.setdefault("duration_s", SILENT_S)
                spoken -= 1


def _with_article(noun: str) -> str:
    if noun.endswith("s") and not noun.endswith("ss"):
        return noun
    return f"an {noun}" if noun[:1] in "aeiou" else f"a {noun}"
