"""Names in a film's prompts: "the keeper climbs, keeper: an old man with a beard" is one man.

A film tells after its prompt what the characters look like whom the prompt names. Here the
description takes the name's place, so that nobody is drawn twice.
"""

import re

_LABEL = re.compile(r"(?:^|[,，])\s*([^,，:：]{1,60}?)\s*[:：]\s*")
_ARTICLE = r"(?:\b(?:the|a|an|our)\s+)?"


def unnamed(prompt, is_person):
    """The prompt with descriptions in the places of the names that they describe.

    Args:
        is_person: Whether a text names a person, and nobody and nothing else.
    """
    labels = list(_LABEL.finditer(prompt))
    if not labels:
        return prompt
    ends = [label.start() for label in labels[1:]] + [len(prompt)]
    text, rest = prompt[: labels[0].start()], []
    for label, end in zip(labels, ends, strict=True):
        name, told = label[1].strip(), prompt[label.end() : end].strip()
        mention = _mention(name)
        phrase, comma, more = told.partition(",")
        if mention.search(text) and is_person(phrase, alone=False):
            text = _once(mention, text, phrase)
            rest += [more.strip()] if comma else []
        elif mention.search(text) or (is_person(name) and is_person(told, alone=False)):
            rest.append(told)
        else:  # "close-up: ..." is no name
            rest.append(prompt[label.start() : end].lstrip(",， "))
    return ", ".join(part for part in (text.strip(), *rest) if part)


def _mention(name):
    wide = any(ord(sign) > 0x2E7F for sign in name)
    return re.compile(
        re.escape(name) if wide else rf"{_ARTICLE}(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE
    )


def _once(mention, text, phrase):
    """The first mention replaced; what is put there is not looked at again."""
    found = mention.search(text)
    return text[: found.start()] + phrase + mention.sub("", text[found.end() :])
