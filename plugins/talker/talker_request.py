"""What a call brings: which of its inputs is the voice, which the portrait; lists of timed words."""

_PICTURE_NAMES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".avif")


def inputs_of(inputs):
    """(path of the sound, path of the portrait or None).

    Raises:
        ValueError: No sound, more than one, or more than one picture.
    """
    pictures = [i.path for i in inputs if _is_picture(i)]
    sounds = [i.path for i in inputs if not _is_picture(i)]
    if len(sounds) != 1 or len(pictures) > 1:
        raise ValueError(
            "talker needs one sound and at most one portrait, "
            f"got {len(sounds)} sounds and {len(pictures)} pictures"
        )
    return sounds[0], pictures[0] if pictures else None


def _is_picture(given):
    if given.type:
        return given.type == "image"
    return given.mime_type.startswith("image/") or given.path.lower().endswith(_PICTURE_NAMES)


def timed(items, name, keys):
    """The items as a list of (text, start_s, end_s).

    Args:
        items: A list of objects with one of `keys`, and start_s and end_s in order; or None.
        name: Of the parameter, for the error.
        keys: What the text may be called.

    Raises:
        ValueError: It is no such list.
    """
    made = []
    for number, item in enumerate(items or [], start=1):
        try:
            text = next(item[key] for key in keys if key in item)
            start, end = float(item["start_s"]), float(item["end_s"])
            fine = isinstance(text, str) and 0 <= start <= end
        except (KeyError, TypeError, ValueError, StopIteration):
            fine = False
        if not fine:
            raise ValueError(
                f"{name}: item {number} is {item!r}; expected {{{keys[0]}: text, start_s, end_s}} "
                "with seconds from 0 on"
            )
        made.append((text, start, end))
    return made
