"""text2speak: POST /audio/speech. Source: OpenAI API reference, "Create speech"."""

import openai_kept as kept
import openai_settings as settings
from filmeto_plugin import Output, PluginError
from openai_http import Server
from openai_sound import flac_length_s, mended_wav
from openai_words import spoken

MODEL, VOICE = "gpt-4o-mini-tts", "alloy"  # where neither the call nor the user names one


def text2speak(call):
    """A spoken track."""
    wanted = call.parameters
    ending = wanted.get("response_format", "wav")
    with Server(call) as server:
        about = {"resumed": True}
        if call.resume_job is None:
            body, about = _order(server, call, ending)
            kept.keep(call, body, ending)
        else:
            body = kept.collect(call, server.price)
        try:
            if ending == "wav":
                body, about["duration_s"] = mended_wav(body)
            elif (length_s := flac_length_s(body)) is not None:
                about["duration_s"] = length_s
        except ValueError as error:
            lost = server.paid_and_lost(f"what the server made is not what was asked: {error}")
            lost.code = "job_failed"  # the host has it as a job: another try is another one
            raise lost from error
    path = call.output(f"voice.{ending}")
    with open(path, "wb") as file:
        file.write(body)
    return Output(path, f"audio/{ending}", about)


def _order(server, call, ending):
    wanted = call.parameters
    text, left_out = spoken(wanted["text"], wanted.get("pronunciations", {}))
    most = settings.speech_characters()
    if len(text) > most:
        told = f"the text has {len(text)} characters; one call speaks at most {most}. Split it."
        raise PluginError(told, code="beyond_limits", details={"limit": {"characters": most}})
    model, voice = wanted.get("model") or MODEL, wanted.get("voice") or VOICE
    fields = {"model": model, "input": text, "voice": voice, "response_format": ending}
    fields["speed"] = wanted.get("speed", 1.0)
    if wanted.get("instructions"):
        fields["instructions"] = wanted["instructions"]
    if wanted.get("language") and "language" in settings.taken():
        fields["language"] = wanted["language"]
    fields |= wanted.get("extra", {})
    call.progress(5, f"voice {voice}")
    answer = server.order("/audio/speech", "waiting for the voice", json=fields)
    about = {"model": model, "voice": voice}
    if left_out:
        about["told"] = {"pronunciations": f"IPA left out: {', '.join(left_out)}"}
    return answer.body, about
