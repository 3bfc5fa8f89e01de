"""The score plugin: wires the plugin SDK to the composer and the recording beside this file."""

from filmeto_plugin import Output, PluginError, run


def text2music(call):
    """Compose and record the score that the prompt asks for."""
    prompt = str(call.parameters.get("prompt") or "").strip()
    if not prompt:
        raise PluginError(
            "the prompt is empty: say what the music is like, such as 'slow, hopeful piano'",
            code="empty_prompt",
        )
    duration_s = float(call.parameters.get("duration_s") or 30.0)
    seed = int(call.parameters.get("seed") or 0)
    cues = _cues(call.parameters.get("cues") or [])
    call.progress(1, "reading the prompt")
    from score_arrange import compose

    piece = compose(prompt, duration_s, seed, cues)
    call.check_cancelled()
    call.progress(4, f"composed in {piece.brief.key}, {piece.form.bpm:.0f} bpm")
    from score_render import SAMPLE_RATE_HZ, record

    def report(share, message):
        call.check_cancelled()
        call.progress(5 + 94 * share, message)

    path = call.output("score.wav")
    heard = record(piece, path, seed, report)
    metadata = {
        **describe(piece),
        "sample_rate_hz": SAMPLE_RATE_HZ,
        "seed": seed,
        "lufs": heard["lufs"],
    }
    return Output(path, mime_type="audio/wav", metadata=metadata)


def describe(piece):
    """What is to be known of a piece, as small JSON."""
    brief, form = piece.brief, piece.form
    sections = [
        {
            "name": section.name,
            "start_s": round(form.time_at(section.start), 3),
            "end_s": round(form.time_at(section.end), 3),
        }
        for section in form.sections
    ]
    sections.append(
        {"name": "ending", "start_s": sections[-1]["end_s"], "end_s": round(form.duration_s, 3)}
    )
    return {
        "duration_s": round(form.duration_s * 48_000) / 48_000,
        "key": brief.key,
        "tempo_bpm": round(form.bpm, 1),
        "metre": brief.metre,
        "mood": brief.moods[0],
        "genre": brief.genre,
        "instruments": list(piece.instruments),
        "sections": sections,
    }


def _cues(values):
    for value in values:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise PluginError(
                f"cues are times in seconds, such as [4.5, 12]; got {value!r}", code="bad_cues"
            )
    return [float(value) for value in values]


if __name__ == "__main__":
    run(text2music=text2music)
