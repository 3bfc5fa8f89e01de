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
    piece = _compose(prompt, duration_s, seed, cues, call.parameters.get("arc") or [])
    call.check_cancelled()
    call.progress(4, f"composed in {piece.brief.key}, {piece.form.bpm:.0f} bpm")
    from score_render import SAMPLE_RATE_HZ, record
    from score_stems import stems_of

    def report(share, message):
        call.check_cancelled()
        call.progress(5 + 94 * share, message)

    path, playing = call.output("score.wav"), {}
    if call.parameters.get("stems"):
        playing = stems_of(piece)
    stems = {name: call.output(f"{name}.wav") for name in playing}
    heard = record(piece, path, seed, report, stems)
    metadata = {
        **describe(piece),
        "sample_rate_hz": SAMPLE_RATE_HZ,
        "seed": seed,
        "lufs": heard["lufs"],
    }
    if stems:
        metadata["stems"] = list(stems)
    outputs = [Output(path, mime_type="audio/wav", metadata=metadata)]
    for name, stem in stems.items():
        told = {"stem": name, "instruments": list(playing[name])}
        told |= {key: metadata[key] for key in ("duration_s", "sample_rate_hz", "seed")}
        outputs.append(Output(stem, mime_type="audio/wav", metadata=told))
    return outputs


def _compose(prompt, duration_s, seed, cues, arc):
    from score_arrange import compose

    try:
        return compose(prompt, duration_s, seed, cues, arc)
    except ValueError as error:
        raise PluginError(str(error), code="bad_arc") from None


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
    told = {
        "duration_s": round(form.duration_s * 48_000) / 48_000,
        "key": brief.key,
        "tempo_bpm": round(form.bpm, 1),
        "metre": brief.metre,
        "mood": brief.moods[0],
        "genre": brief.genre,
        "instruments": list(piece.instruments),
        "sections": sections,
    }
    if form.scenes:
        for section, scene in zip(sections, form.scenes, strict=False):
            section["mood"] = brief.moods[0] if scene.feeling is None else scene.name
    return told | ({"arc": list(piece.arc)} if piece.arc else {})


def _cues(values):
    for value in values:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise PluginError(
                f"cues are times in seconds, such as [4.5, 12]; got {value!r}", code="bad_cues"
            )
    return [float(value) for value in values]


if __name__ == "__main__":
    run(text2music=text2music)
