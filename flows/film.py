"""The recipe of a film: stills and voices, then clips as long as the voices need, then the cut.

`filmeto film` runs it. Copy it to make films in another way: each tool is a Prefect task.
"""

from pathlib import Path
from typing import Any

from prefect import flow
from prefect.runtime import flow_run

from filmeto_core.film.storyboard_models import Shot
from filmeto_core.film.timeline import Timeline, lay_out
from filmeto_core.tasks import image2video, text2image, text2music, text2speak
from filmeto_core.tasks.assemble import FilmFiles, assemble
from filmeto_core.tasks.board import film_stem
from filmeto_core.tasks.production import Production, open_production
from filmeto_core.types import ResourceOutput


@flow(name="film", flow_run_name=lambda: film_stem(flow_run.parameters["storyboard"]))
async def film(
    storyboard: Path | dict[str, Any],
    out: Path | None = None,
    profile: str | None = None,
    shots: list[str] | None = None,
    draft: bool = False,
    refresh: list[str] | None = None,
) -> FilmFiles:
    """Make a film of a storyboard: its file, or its fields. `out` is the folder it goes to."""
    production = open_production(
        storyboard, out=out, profile=profile, shots=shots, draft=draft, refresh=refresh
    )
    await production.make_ready()
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
    moving = production.each(make_clip, stills, timeline=timeline)
    clips = own_clips | await production.gather(moving)
    sounds, music = await production.gather(effects), await score

    production.finish()
    return await assemble(production, timeline, clips, voices, sounds, music)


async def make_voice(production: Production, shot: Shot) -> ResourceOutput | None:
    """What the shot says: one's own recording, or the narration, spoken."""
    if shot.voice_file or not shot.narration:
        return await production.own(shot.voice_file, "audio", shot, "voice")
    voice = production.board.voice_of(shot)
    return await production.call(
        text2speak,
        shot,
        shot.narration,
        language=voice.language,
        voice=voice.voice,
        speed=voice.speed,
    )


async def make_still(production: Production, shot: Shot) -> ResourceOutput | None:
    """What the shot shows: one's own picture, or one made of the prompt."""
    if shot.clip or shot.image:
        return await production.own(shot.image, "image", shot, "still")
    board = production.board
    return await production.call(
        text2image,
        shot,
        board.prompt_of(shot),
        negative_prompt=board.negative_prompt_of(shot),
        width=board.width_px,
        height=board.height_px,
    )


async def make_clip(
    production: Production, shot: Shot, still: ResourceOutput | None, *, timeline: Timeline
) -> ResourceOutput | None:
    """The shot, moving, for as long as the timeline gives it."""
    if still is None:
        return None
    board = production.board
    (place,) = [clip for clip in timeline.clips if clip.shot_id == shot.id]
    return await production.call(
        image2video,
        shot,
        still,
        motion=str(shot.motion),
        duration_s=timeline.seconds(place.clip_frames),
        fps=board.fps,
        width=board.width_px,
        height=board.height_px,
        prompt=shot.prompt,
    )


async def own_clip(production: Production, shot: Shot) -> ResourceOutput | None:
    """A clip of one's own that the shot is, if it names one."""
    return await production.own(shot.clip, "video", shot, "clip")


async def own_sound(production: Production, shot: Shot) -> ResourceOutput | None:
    """A sound effect of one's own, if the shot names one."""
    return await production.own(shot.sound and shot.sound.file, "audio", shot, "sound")


async def make_score(production: Production, *, timeline: Timeline) -> ResourceOutput | None:
    """The film's music: one's own, or composed to its length."""
    music = production.board.music
    if music is None or music.file:
        return await production.own(music and music.file, "audio", None, "score")
    turns = [round(timeline.seconds(clip.start_frame), 2) for clip in timeline.clips[1:]]
    return await production.call(
        text2music, None, music.prompt, duration_s=timeline.duration_s, cues=turns
    )
