"""The recipe of a film: stills and voices, then clips as long as the voices need, then the cut.

`filmeto film` runs it. Copy it to make films in another way: each tool is a Prefect task. What a shot
asks of each is `film_calls`' to say, so that `filmeto film --plan` tells of the very same calls; a
copy may ask for anything else.
"""

from prefect import flow
from prefect.runtime import flow_run

from filmeto_core import film_calls
from filmeto_core.deployment.film_form import (
    Budget,
    OutFolder,
    ProfileName,
    ShotIds,
    StoryboardField,
)
from filmeto_core.film.storyboard_models import Shot
from filmeto_core.film.timeline import Timeline, lay_out
from filmeto_core.film_board import film_stem
from filmeto_core.tasks import (
    image2image,
    image2video,
    speak2video,
    text2image,
    text2music,
    text2speak,
    text2video,
)
from filmeto_core.tasks.assemble import FilmFiles, assemble
from filmeto_core.tasks.production import Production, open_production
from filmeto_core.tasks.runtime import service
from filmeto_core.types import ResourceOutput, ToolType


@flow(name="film", flow_run_name=lambda: film_stem(flow_run.parameters["storyboard"]))
async def film(
    storyboard: StoryboardField,
    out: OutFolder = "",
    profile: ProfileName = "",
    shots: ShotIds = (),
    draft: bool = False,
    refresh: ShotIds = (),
    budget: Budget = "",
) -> FilmFiles:
    """Make a film of a storyboard.

    Args:
        storyboard: A YAML file, such as story.yaml in the project's folder, or the film's fields.
        out: The folder that the film goes to; out/ and the storyboard's name unless given.
        profile: Which plugin serves which tool, by its name in filmeto.yaml.
        shots: Ids of shots, to make a film of these alone.
        draft: At half the size, to see it sooner.
        refresh: Ids of shots to make anew, whatever is there of them.
        budget: The most that the film may cost in all its runs, such as 5.00 EUR.
    """
    production = open_production(
        storyboard,
        out=out,
        profile=profile,
        shots=shots,
        draft=draft,
        refresh=refresh,
        budget=budget,
    )
    async with production:
        stills = production.each(make_still)
        speaking, effects = production.each(make_voice), production.each(own_sound)
        own_clips = await production.gather(production.each(own_clip))
        voices = await production.gather(speaking)

        timeline = lay_out(
            production.board,
            production.voice_durations_s(voices),
            production.durations_s(own_clips),
        )
        score = production.once(make_score, timeline=timeline)
        moving = production.each(make_clip, stills, speaking, timeline=timeline)
        clips = own_clips | await production.gather(moving)
        sounds, music = await production.gather(effects), await score

        production.finish()
        return await assemble(production, timeline, clips, voices, sounds, music)


async def make_voice(production: Production, shot: Shot) -> ResourceOutput | None:
    """What the shot says: one's own recording, or the narration, spoken."""
    asked = film_calls.speech(production.board, shot)
    if asked is None:
        return await production.own(shot.voice_file, "audio", shot, "voice")
    return await production.call(text2speak, shot, **asked)


async def make_still(production: Production, shot: Shot) -> ResourceOutput | None:
    """What the shot shows: one's own picture, or one made of the prompt; in the film's look."""
    board = production.board
    asked = film_calls.still(service(), board, shot)
    if asked is None:
        picture = await production.own(film_calls.picture_of(board, shot), "image", shot, "still")
    else:
        picture = await production.call(text2image, shot, **asked)
    look = film_calls.look(service(), board, shot)
    return picture if look is None else await production.call(image2image, shot, picture, **look)


async def make_clip(
    production: Production,
    shot: Shot,
    still: ResourceOutput | None,
    voice: ResourceOutput | None,
    *,
    timeline: Timeline,
) -> ResourceOutput | None:
    """The shot, moving, for as long as the timeline gives it: its still, a video, or who speaks."""
    asked = film_calls.clip(production.board, shot, timeline, voice)
    if asked is None:
        return None
    if shot.clip_tool is ToolType.TEXT2VIDEO:
        return await production.call(text2video, shot, **asked)
    if shot.clip_tool is ToolType.SPEAK2VIDEO:
        return await production.call(speak2video, shot, voice, still, **asked)
    return await production.continued(image2video, shot, still, asked)


async def own_clip(production: Production, shot: Shot) -> ResourceOutput | None:
    """A clip of one's own that the shot is, or one that it keeps, if it names one."""
    if shot.keeps_clip:
        return await production.pinned(shot.clip_tool, shot)
    return await production.own(shot.clip, "video", shot, "clip")


async def own_sound(production: Production, shot: Shot) -> ResourceOutput | None:
    """A sound effect of one's own, if the shot names one."""
    return await production.own(shot.sound and shot.sound.file, "audio", shot, "sound")


async def make_score(production: Production, *, timeline: Timeline) -> ResourceOutput | None:
    """The film's music: one's own, or composed to its length."""
    asked = film_calls.score(production.board, timeline)
    if asked is None:
        music = production.board.music
        return await production.own(music and music.file, "audio", None, "score")
    return await production.call(text2music, None, **asked)
