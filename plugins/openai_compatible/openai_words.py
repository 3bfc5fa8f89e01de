"""What a model has no field for, told in words, or told to the user as left out."""

import re

CAMERA = {
    "push-in": "The camera pushes in slowly.",
    "pull-out": "The camera pulls out slowly.",
    "pan-left": "The camera pans slowly to the left.",
    "pan-right": "The camera pans slowly to the right.",
    "tilt-up": "The camera tilts up slowly.",
    "tilt-down": "The camera tilts down slowly.",
    "parallax": "The camera trucks sideways; what is near moves more than what is far.",
    "static": "The camera does not move.",
}
SUBTLE, CLOSE = 0.35, 0.7  # of `strength`: below which so much of the picture is to stay


class Asked:
    """A prompt that grows by what has no field, and a note of how each was told.

    Args:
        parameters: The call's.
        taken: The fields that the server takes beyond OpenAI's own.
    """

    def __init__(self, parameters, taken):
        self.prompt, self.fields, self.how = parameters.get("prompt", "").strip(), {}, {}
        self._parameters, self._taken = parameters, taken
        self._field("seed", None)
        self._field("negative_prompt", self._avoid)
        if parameters.get("motion"):
            self._say("motion", CAMERA[parameters["motion"]])

    def strength(self):
        """How much of the picture is to stay."""
        self._field("strength", self._stay)

    def _field(self, name, in_words):
        value = self._parameters.get(name)
        if value is None or value == "":
            return
        if name in self._taken:
            self.fields[name], self.how[name] = value, "sent"
        elif in_words is None:
            self.how[name] = "left out: the server takes none"
        else:
            self._say(name, in_words(value))

    def _say(self, name, words):
        self.how[name] = "told in words" if words else "left out: nothing to say"
        self.prompt = f"{self.prompt}\n{words}".strip() if words else self.prompt

    @staticmethod
    def _avoid(unwanted):
        return f"Do not show: {unwanted.strip().rstrip('.')}."

    @staticmethod
    def _stay(strength):
        if strength < SUBTLE:
            return "Change the picture only subtly: its subjects, composition and colours stay."
        if strength < CLOSE:
            return "Keep the subjects and the composition of the picture."
        return ""


def spoken(text, pronunciations):
    """The text without tags, with words respelled, and the words whose IPA had to be left out."""
    if text.lstrip().startswith("<speak"):
        text = re.sub(r"<break[^>]*>", ", ", text)
        text = " ".join(_unescaped(re.sub(r"<[^>]*>", " ", text)).split())
        text = re.sub(r"\s+([,.;:!?])", r"\1", text)
    left_out = []
    for word, sounds in pronunciations.items():
        if re.fullmatch(r"/.*/", str(sounds).strip()):
            left_out.append(word)
            continue
        pattern = re.escape(word)
        pattern = (
            rf"\b{pattern}\b" if re.fullmatch(r"[\w'-]+", word) and word.isascii() else pattern
        )
        text = re.sub(pattern, lambda _, to=str(sounds): to, text, flags=re.IGNORECASE)
    return text, left_out


def _unescaped(text):
    for name, sign in (
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", '"'),
        ("&apos;", "'"),
        ("&amp;", "&"),
    ):
        text = text.replace(name, sign)
    return text
