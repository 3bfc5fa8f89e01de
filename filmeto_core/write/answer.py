"""Reads a storyboard out of a model's answer: finds the JSON in the talk around it, keeps what a
storyboard may have, mends small slips, and tells all that is wrong.

A model's answer is somebody else's text: it may name no file, plugin or profile.
"""

import json
import re
from typing import Any

from filmeto_core.errors import StoryboardError
from filmeto_core.film.storyboard import load_storyboard
from filmeto_core.film.storyboard_models import Motion, TransitionKind
from filmeto_core.film.storyboard_values import read_id
from filmeto_core.write.request import Request

MOTIONS = [str(motion) for motion in Motion]
_TRANSITIONS = ["cut", "dissolve", "fade-from-black"]
_LONGEST = {"title": 120, "prompt": 600, "narration": 400, "style": 200, "music": 300}
_MOST_STARTS = 200  # braces that are tried: text that is all braces is no answer
# Slips that mean one thing only.
_OTHER_NAMES = {
    "description": "prompt", "visual": "prompt", "image_prompt": "prompt", "image": "prompt",
    "voiceover": "narration", "voice_over": "narration", "narrator": "narration",
    "camera": "motion", "camera_motion": "motion", "duration": "duration_s", "name": "id",
}  # fmt: skip


def answer_schema(shots: int) -> dict[str, Any]:
    """The JSON schema of an answer, in the subset that strict servers take."""

    def text(what: str) -> dict[str, Any]:
        return {"type": "string", "description": what}

    def record(**fields: Any) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": fields,
            "required": list(fields),
            "additionalProperties": False,
        }

    shot = record(
        id=text("a short name of the shot, one word or several joined by hyphens"),
        prompt=text("what the picture shows: shot size, who, where, when, weather"),
        narration=text("what the narrator says, one or two sentences; empty for a silent shot"),
        motion={"type": "string", "enum": MOTIONS},
        transition={"type": "string", "enum": _TRANSITIONS},
        duration_s={"type": "number", "description": "seconds; 0: as long as the narration needs"},
    )
    return record(
        title=text("the film's title"),
        style=text("the look of all pictures"),
        music=text("mood, tempo and instruments of the score"),
        shots={"type": "array", "items": shot, "description": f"exactly {shots} shots"},
    )


def read_answer(text: str, request: Request) -> tuple[dict[str, Any] | None, list[str]]:
    """The storyboard of an answer as data, and what is wrong with it.

    Returns:
        (board or None, problems): with problems the board, if any, is not to be used as it is;
        a board whose only problem is the number of its shots is valid.
    """
    data = find_json(text)
    if data is None:
        return None, ["the answer holds no whole JSON object"]
    if isinstance(data.get("storyboard"), dict):
        data = data["storyboard"]
    shots = data.get("shots") or data.get("scenes")
    if not isinstance(shots, list) or not shots:
        return None, ['the answer has no list "shots"']
    board = _board(data, shots, request)
    try:
        load_storyboard(board)
    except StoryboardError as error:
        rows = error.details.get("problems", [])
        return None, [f"{row['field']}: {row['message']}" for row in rows][:20] or [str(error)]
    if len(shots) != request.shots:
        return board, [f"expected exactly {request.shots} shots, got {len(shots)}"]
    return board, []


def find_json(text: str) -> dict[str, Any] | None:
    """The largest JSON object in a text, whatever stands around it; None if there is none."""
    decoder, best, at = json.JSONDecoder(), None, 0
    # A model that thinks aloud may think in JSON: what it thought is not what it answers.
    text = re.sub(r"<think>.*?</think>", "", text, flags=re.DOTALL)
    size, left = 0, _MOST_STARTS
    while left and (at := text.find("{", at)) >= 0:
        left -= 1
        try:
            data, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            at += 1
            continue
        if isinstance(data, dict) and end - at > size:
            best, size = data, end - at
        at = end
    return best


def _board(data: dict[str, Any], shots: list[Any], request: Request) -> dict[str, Any]:
    board: dict[str, Any] = {"title": _text(data.get("title"), "title") or request.logline[:80]}
    if request.profile:
        board["profile"] = request.profile
    style = request.style or _text(data.get("style"), "style")
    if style:
        board["style"] = style
    board["voice"] = {"language": request.language}
    music = data.get("music")
    music = _text(music.get("prompt") if isinstance(music, dict) else music, "music")
    if music and music.lower() not in ("none", "no", "silence"):
        board["music"] = {"prompt": music}
    board["ending"] = {"kind": "fade-to-black", "duration_s": 2}
    ids: set[str] = set()
    board["shots"] = [_shot(shot, place, ids) for place, shot in enumerate(shots)]
    last = board["shots"][-1]
    if isinstance(last, dict) and "duration_s" in last:  # room for the fade
        last["duration_s"] = max(last["duration_s"], 4.0)
    return board


def _shot(data: Any, place: int, ids: set[str]) -> Any:
    if not isinstance(data, dict):
        return data  # the storyboard says what is wrong with it
    data = {_OTHER_NAMES.get(key, key): value for key, value in data.items()} | data
    shot: dict[str, Any] = {"id": _id(data.get("id"), place, ids)}
    prompt, narration = (_text(data.get(key), key) for key in ("prompt", "narration"))
    if prompt:
        shot["prompt"] = prompt
    motion = str(data.get("motion") or "").strip().lower().replace("_", "-").replace(" ", "-")
    if motion:
        shot["motion"] = motion
    transition = _transition(data.get("transition"), place)
    if transition != "cut":
        shot["transition"] = transition
    if narration and any(sign.isalnum() for sign in narration):
        shot["narration"] = narration
    seconds = data.get("duration_s")
    if isinstance(seconds, (int, float)) and not isinstance(seconds, bool) and seconds > 0:
        shot["duration_s"] = round(min(max(float(seconds), 2.0), 30.0), 2)
        if "narration" in shot:  # its length is the voice's to decide
            del shot["duration_s"]
    return shot


def _text(value: Any, name: str) -> str:
    plain = " ".join(value.split()) if isinstance(value, str) else ""
    return plain[: _LONGEST[name]].rstrip()


def _transition(value: Any, place: int) -> str:
    kind = value.get("kind") if isinstance(value, dict) else value
    word = str(kind or "cut").strip().lower().replace("_", "-").replace(" ", "-")
    if word == str(TransitionKind.DISSOLVE) and place == 0:
        return "fade-from-black"  # there is nothing before it
    return word if word in _TRANSITIONS else "cut"


def _id(value: Any, place: int, ids: set[str]) -> str:
    """An id that a shot can have, near to what the model called it, and not taken."""
    plain = "".join(c if c.isalnum() or c in "-_" else "-" for c in str(value or ""))[:40].strip(
        "-"
    )
    try:
        name = read_id(plain)
    except ValueError:
        name = f"shot-{place + 1}"
    if name.casefold() in ids:
        name = f"{name}-{place + 1}"
    while name.casefold() in ids:
        name += "x"
    ids.add(name.casefold())
    return name
