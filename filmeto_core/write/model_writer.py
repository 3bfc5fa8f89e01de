"""Has a language model write a storyboard, and sends it back with what is wrong until it is one."""

import json
from collections.abc import Callable

from filmeto_core.errors import ValidationError, WritingError
from filmeto_core.settings import Settings
from filmeto_core.write.answer import MOTIONS, answer_schema, read_answer
from filmeto_core.write.chat import Answer, ChatServer
from filmeto_core.write.request import Request, Written

ASKED_AGAIN = 2  # times at most, each with what was wrong
_SYSTEM = """\
You are a screenwriter and storyboard artist. You turn a logline into the storyboard of a short film.
Answer with one JSON object and nothing else, of this shape:
{{"title": text, "style": text, "music": text, "shots": [{{"id": text, "prompt": text, \
"narration": text, "motion": word, "transition": word, "duration_s": number}}]}}
Rules:
- exactly {shots} shots that tell the whole story: an opening, characters who want something, a turn, \
a height, a quiet end.
- title, prompts and narration are in the language with the tag {language}.
- "prompt" describes one picture: shot size, who (describe each character in the same words in every \
shot, never by name alone), where, time of day, weather. At most 60 words.
- "narration" is what a narrator says over the shot, at most two short sentences; "" for a silent shot.
- "motion" is one of {motions}; no two neighbours the same.
- "transition" is cut, dissolve or fade-from-black; most are cut.
- "duration_s" is 0 where there is narration, else 2 to 8.
- "music" names mood, tempo and instruments of the score.{style}"""


def model_server(settings: Settings, tell: Callable[[str], None]) -> ChatServer:
    """The server that the settings name.

    Raises:
        ValidationError: They are incomplete.
    """
    for name in ("writer_url", "writer_model"):
        if not getattr(settings, name):
            other = "writer_model" if name == "writer_url" else "writer_url"
            raise ValidationError(
                f"FILMETO_{other.upper()} is set, but FILMETO_{name.upper()} is not.",
                hint="Set both to have a language model write, or add --template.",
                field=f"FILMETO_{name.upper()}",
            )
    return ChatServer(
        settings.writer_url, settings.writer_model, settings.writer_key, settings, tell
    )


def write_with_model(request: Request, server: ChatServer, seed: int | None) -> Written:
    """The storyboard that a model writes for a request.

    Args:
        seed: Sent along, where one was given.

    Raises:
        WritingError: It refused, or wrote no storyboard, not on being asked again either.
        FilmetoError: The server cannot be asked.
    """
    messages = _opening(request)
    schema = answer_schema(request.shots)
    problems: list[str] = []
    for left in reversed(range(ASKED_AGAIN + 1)):
        server.tell(f"asking {server.model} at {server.place} for {request.shots} shots")
        answer = server.ask(messages, schema, seed)
        board, problems = read_answer(answer.text, request)
        if answer.finished == "length" and board is None:
            problems = [
                "the answer was cut off before its end: write shorter prompts and narration"
            ]
        if board is not None and (not problems or not left):
            return _written(board, server, problems)
        for problem in problems[:5]:
            server.tell(f"not yet a storyboard: {problem}")
        messages = [*_opening(request), *_again(answer, problems)]
    raise WritingError(
        f"{server.model} wrote no storyboard that can be used, asked {ASKED_AGAIN + 1} times: "
        f"{'; '.join(problems[:3])}.",
        hint="Ask for fewer shots, choose another model, or add --template.",
        problems=problems,
    )


def _opening(request: Request) -> list[dict[str, str]]:
    style = (
        f'\n- "style" is: {json.dumps(request.style, ensure_ascii=False)}' if request.style else ""
    )
    system = _SYSTEM.format(
        shots=request.shots, language=request.language, motions=", ".join(MOTIONS), style=style
    )
    return [
        {"role": "system", "content": system},
        {"role": "user", "content": f"Logline: {request.logline}"},
    ]


def _again(answer: Answer, problems: list[str]) -> list[dict[str, str]]:
    """What was answered, as far as it is worth repeating, and what is wrong with it."""
    wrong = "\n".join(f"- {problem}" for problem in problems)
    said = [{"role": "assistant", "content": answer.text[:20_000]}] if answer.text.strip() else []
    ask = f"That cannot be used:\n{wrong}\nAnswer again with the whole corrected JSON object alone."
    return [*said, {"role": "user", "content": ask}]


def _written(board: dict, server: ChatServer, problems: list[str]) -> Written:
    notes = [f"written by {server.model}; read it before you make it"]
    notes += [f"note: {problem}; it is used as it is" for problem in problems]
    head = (f"Written by the language model {server.model} through `filmeto write`.",)
    return Written(board, head, None, tuple(notes))
