"""What colour words say of people: "a woman with red hair in a yellow raincoat"."""

from dataclasses import replace

# Hair is drawn in these; a colour that no hair has is left out.
HAIR_COLOURS = {
    "red": (0.55, 0.25, 0.13), "yellow": (0.78, 0.62, 0.36), "gold": (0.78, 0.62, 0.36),
    "white": (0.86, 0.85, 0.82), "grey": (0.62, 0.61, 0.60), "black": (0.13, 0.10, 0.10),
    "brown": (0.34, 0.22, 0.14),
}  # fmt: skip


def dressed(made, worn):
    """The subjects, the last person in what was said.

    Args:
        made: The subjects so far.
        worn: (part, colour): "coat", "hair", or what is not drawn in a colour of its own.
    """
    people = [i for i, subject in enumerate(made) if subject.person]
    for part, colour in worn if people else ():
        i = people[-1]
        if part == "coat" and not made[i].wears:
            made[i] = replace(made[i], wears=colour)
        elif part == "hair" and colour in HAIR_COLOURS:
            made[i] = replace(made[i], hair=colour)
    return made
