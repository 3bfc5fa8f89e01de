"""The stems: which parts of a piece are heard together as one group of instruments."""

# Stem to roles, in the order in which their files are given.
STEMS = {
    "melody": ("lead", "counter"),
    "harmony": ("pad", "figure", "colour"),
    "bass": ("bass",),
    "percussion": ("drums",),
}


def stems_of(piece):
    """The stems of a piece that have anything to play, with their instruments: name to names."""
    playing = {}
    for name, roles in STEMS.items():
        names = [p.instrument.name for p in piece.parts if p.role in roles and p.notes]
        if names:
            playing[name] = tuple(dict.fromkeys(names))
    return playing
