"""image2video: the model's frames as a clip of exactly the asked length, size and rate."""

from diffusers_encoder import ClipEncoder, EncoderFailed
from diffusers_loading import choose_dtype
from diffusers_memory import choose_device
from diffusers_pictures import asked_size, check_drawn, drawn_size, filled, given_picture
from diffusers_rate import parse_rate, rate_text
from diffusers_stills import told_of
from diffusers_time import frames_for, habit_of, shown, with_motion
from diffusers_work import LAST, Work, check_serves
from diffusers_yuv import yuv420p
from filmeto_plugin import Output, PluginError

STILL_BUCKET, MOVING_BUCKET = 20, 127  # of SVD: how much moves, 1 to 255; 127 is its own default
FEW_FRAMES = 2  # decoded at once where memory is short


def image2video(call, model, shelf):
    """A clip from the call's picture."""
    wanted, picture = call.parameters, given_picture(call)
    size = asked_size(wanted, picture, even=True)
    rate = _rate(wanted["fps"])
    device = choose_device(shelf.settings)
    dtype = choose_dtype(wanted["dtype"], device)
    about = {}

    def attempt(loaded):
        pipeline = loaded.pipeline(call.tool, device)
        check_serves(call, pipeline, model.name)
        habit = habit_of(pipeline, wanted.get("model_frames", 0), wanted.get("model_fps", 0))
        frames, made_rate = frames_for(wanted["duration_s"], rate, habit)
        drawn = drawn_size(size, pipeline, wanted.get("megapixels") or 0, clip=True)
        work = Work(call, pipeline)
        told = _told(work, wanted, filled(picture, drawn), drawn, frames, made_rate)
        if loaded.policy.sliced and "decode_chunk_size" in work.takes:
            told["decode_chunk_size"] = FEW_FRAMES
        made = work.run(told)
        about.update(pipeline=type(pipeline).__name__, drawn=f"{drawn[0]}x{drawn[1]}")
        about.update(unused=work.unused, model_frames=frames)
        return made.frames[0], made_rate

    (made, made_rate), policy = shelf.work(
        model, dtype, device, attempt, lambda told: call.progress(2, told)
    )
    check_drawn(made)
    order = shown(len(made), made_rate, wanted["duration_s"], rate)
    clip = _encoded(call, made, order, size, rate)
    about |= {"model_fps": rate_text(made_rate), "fps": rate_text(rate), "frames": len(order)}
    about |= {"duration_s": round(float(len(order) / rate), 6), "width": size[0], "height": size[1]}
    return Output(clip, "video/mp4", {**told_of(call, model, dtype, device, policy), **about})


def _told(work, wanted, picture, drawn, frames, rate):
    prompt = wanted.get("prompt") or ""
    if "prompt" in work.takes:
        prompt = with_motion(prompt, wanted["motion"])
    told = {"image": picture, "width": drawn[0], "height": drawn[1], "num_frames": frames}
    told |= {"fps": round(rate), "frame_rate": float(rate)}
    moves = wanted["motion"] != "static"
    told["motion_bucket_id"] = MOVING_BUCKET if moves else STILL_BUCKET
    told = work.told(prompt=prompt or None, **told)
    if moves and not {"prompt", "motion_bucket_id"} & told.keys():
        work.unused.append("motion")
    return told


def _rate(text):
    try:
        return parse_rate(text)
    except ValueError as error:
        raise PluginError(str(error), code="bad_input", details={"field": "fps"}) from error


def _encoded(call, made, order, size, rate):
    """The clip's path; each of the model's frames is scaled once, however often it is seen."""
    path, last, frame = call.output("clip.mp4"), None, None
    try:
        with ClipEncoder(path, size, rate, call.check_cancelled) as encoder:
            for i, index in enumerate(order):
                if index != last:
                    last, frame = index, yuv420p(filled(made[index].convert("RGB"), size))
                    share = (i + 1) / len(order)
                    call.progress(LAST + (99 - LAST) * share, f"frame {i + 1} of {len(order)}")
                encoder.write(frame)
            encoder.finish()
    except EncoderFailed as error:
        raise PluginError(str(error), code="encoder_failed") from error
    return path
