"""A film as the web API tells of it: its shots, their parts, its run."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from filmeto_core.tasks.film_progress import FilmError, ShotStatus
from filmeto_core.types import Model

# draft: its storyboard has problems; half: made at half its size, to look at; edited: made, and
# changed since; interrupted: its server was killed, and nobody has gone on with it yet.
FilmState = Literal[
    "draft",
    "ready",
    "queued",
    "running",
    "done",
    "half",
    "edited",
    "failed",
    "cancelled",
    "interrupted",
]
RunStatus = Literal["queued", "running", "done", "failed", "cancelled", "interrupted"]


class BoardProblem(Model):
    """What is wrong with a storyboard, and where."""

    line: int | None = Field(None, description="From 1; None: the storyboard as a whole")
    column: int | None = None
    field: str = Field("", description="Such as shots[2].motion")
    message: str
    hint: str = ""


class Part(Model):
    """One file of a film."""

    name: str = Field(description="still, clip, voice, sound, score or film")
    digest: str | None = Field(None, description="sha256:HEX")
    url: str = Field(description="Where it is served")
    mime_type: str
    size_bytes: int = 0
    width: int | None = None
    height: int | None = None
    duration_s: float | None = None
    tool: str = ""
    plugin: str = ""
    take: int = 1
    cached: bool = False
    seconds: float = Field(0.0, description="What computing it took, whenever that was")
    cost: str | None = Field(None, description='What it cost, such as "0.04 EUR"')
    pinned: bool = False
    call_id: str | None = Field(None, description="The call that made it, whose log can be read")


class ShotDetail(Model):
    """One shot: what is asked for, and what there is."""

    id: str
    prompt: str | None = None
    kind: str = Field("still", description="still or video")
    narration: str | None = None
    line: str | None = Field(None, description="What somebody says who is seen speaking")
    character: str | None = Field(None, description="Who speaks")
    look: dict[str, Any] | None = Field(None, description="Instead of the film's: prompt, strength")
    mood: str | None = Field(None, description="What the music feels like from here on")
    motion: str = "push-in"
    duration_s: float | Literal["auto"] = "auto"
    transition: dict[str, Any] = Field(default_factory=dict)
    take: int = 1
    pinned: dict[str, str] = Field(default_factory=dict)
    start_s: float | None = Field(None, description="On the film's timeline, where it is known")
    length_s: float | None = None
    state: ShotStatus = "waiting"
    percent: float = 0.0
    stage: str = Field("", description="What is done for it now, such as text2image")
    message: str = ""
    cost: str | None = None
    parts: dict[str, Part] = Field(default_factory=dict, description="By name: still, clip, voice")
    error: FilmError | None = None


class RunDetail(Model):
    """A run of a film: the latest, or one that is in hand."""

    id: str | None = Field(None, description="The journal's")
    state: RunStatus
    started_at: datetime | None = None
    ended_at: datetime | None = None
    percent: float = Field(0.0, description="0 to 100, of all its work")
    time_left_s: float | None = Field(None, description="An estimate; None: nobody can say")
    message: str = ""
    calls: int = 0
    cached: int = 0
    spent: list[str] = Field(default_factory=list)
    budget: str | None = None
    options: dict[str, Any] = Field(default_factory=dict, description="shots, draft, refresh")
    prefect_url: str | None = Field(None, description="The run in the Prefect UI")
    review: bool = Field(
        False, description="It waits for the review of its stills: POST .../review"
    )
    error: FilmError | None = None
    notes: list[str] = Field(default_factory=list)


class FilmSummary(Model):
    """A film in a list."""

    id: str
    title: str
    state: FilmState
    shots: int
    duration_s: float | None = None
    poster_url: str | None = Field(None, description="A still of it, where there is one")
    percent: float = 0.0
    created_at: datetime
    updated_at: datetime


class FilmDetail(FilmSummary):
    """A film, whole."""

    version: str = Field(description="Of its storyboard; the ETag, without its quotes")
    profile: str = ""
    size: str = ""
    fps: str = ""
    music: str | None = Field(None, description="The score's prompt, where one is composed")
    problems: list[BoardProblem] = Field(default_factory=list)
    shot_list: list[ShotDetail] = Field(default_factory=list, description="In the film's order")
    score: Part | None = None
    film: Part | None = Field(None, description="film.mp4, where there is one")
    subtitles_url: str | None = None
    contact_sheet_url: str | None = None
    run: RunDetail | None = None
    spent: list[str] = Field(default_factory=list, description="All its runs together, by currency")


class RunRequest(Model):
    """How a film is to be run; to go on after a failure or a kill, run it again."""

    shots: list[str] | None = Field(None, description="These alone")
    draft: bool = Field(False, description="At half the size")
    refresh: list[str] | None = Field(None, description="Shots that are made anew")
    budget: str | None = Field(None, description='The most that the film may cost, "5.00 EUR"')


class Take(Model):
    """One take of a shot: what was made of it under that number."""

    take: int
    current: bool = Field(description="Whether it is the storyboard's")
    parts: dict[str, Part]
    made_at: datetime | None = None
    cost: str | None = None
