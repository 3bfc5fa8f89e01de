"""Casting: which instrument plays which role, from what the prompt wants and does not want."""

from dataclasses import dataclass

from score_genres import GENRES
from score_instruments import INSTRUMENTS

ROLES = ("lead", "counter", "pad", "figure", "bass", "colour")
_FAMILIES = {
    "strings": {
        "lead": "violin",
        "counter": "cello",
        "bass": "bowed bass",
        "figure": "pizzicato strings",
    },
    "brass": {"lead": "trumpet", "counter": "horn", "bass": "trombone"},
    "choir": {"lead": "choir"},
}
# Ensembles that may take a player of another colour for a while.
_OPEN_GENRES = (
    "cinematic", "orchestral", "suspense", "minimal", "ambient", "lullaby", "waltz", "march",
)  # fmt: skip
# Who steps in when a role's own players are not wanted.
_UNDERSTUDIES = {
    "lead": ("piano", "violin", "flute", "clarinet", "guitar", "celesta", "synth lead"),
    "figure": ("piano", "harp", "guitar", "marimba", "pizzicato strings"),
    "pad": ("strings", "synth pad", "choir"),
    "counter": ("viola", "clarinet", "horn"),
    "bass": ("cello", "double bass", "bowed bass"),
}


@dataclass(frozen=True)
class Cast:
    """Who plays: `players` maps a role to instrument names, those that take turns in order."""

    players: dict
    drums: tuple = ()

    def player(self, role, turn=0):
        """The instrument of a role in its `turn`, or None."""
        names = self.players.get(role, ())
        return INSTRUMENTS[names[turn % len(names)]] if names else None

    @property
    def names(self):
        """Every instrument that is cast, each once, the lead first."""
        order = [n for role in ROLES for n in self.players.get(role, ())] + list(self.drums)
        return tuple(dict.fromkeys(order))


def cast_piece(brief):
    """The cast for a brief: wanted instruments first, the genre's ensemble around them."""
    players = _wanted(brief)
    if not brief.alone:
        _engage(players, brief)
    drums = _drums(brief)
    if not players:
        players = {"lead": ("piano",), "figure": ("piano",)}
    return Cast({role: tuple(names) for role, names in players.items()}, drums)


def recast(home, brief, feeling):
    """The cast of a piece in a stretch that feels otherwise.

    What the prompt names stays, and so do ensembles whose sound is their own (jazz, folk, Chinese,
    electronic); in the others the feeling's players take the roles that the prompt left open.

    Args:
        home: The piece's own `Cast`.
        brief: The brief of the stretch.
        feeling: Its `score_feelings.Feeling`.
    """
    if brief.alone:
        return home
    players = {}
    for role in ROLES:
        names = _of_role(role, home, brief, feeling)
        if names and (role not in feeling.rests or any(n in brief.wanted for n in names)):
            players[role] = names
    return Cast(players, _drums_of(home, brief, feeling))


def _of_role(role, home, brief, feeling):
    own, guest = home.players.get(role, ()), feeling.cast.get(role)
    if guest in brief.banned or brief.genre not in _OPEN_GENRES:
        guest = None
    if guest is None or guest in own:
        return own
    wished = tuple(n for n in own if n in brief.wanted)
    if role == "lead":  # the tune passes from one to the other
        return (wished[0], guest) if wished else (guest, *own[:1])
    return wished or (guest,)


def _drums_of(home, brief, feeling):
    asked = [n for n in home.drums if n in brief.wanted]
    kept = home.drums if GENRES[brief.genre].drums and brief.energy >= 0.4 else ()
    guests = feeling.drums if brief.genre in _OPEN_GENRES else ()
    if "drums" in brief.banned:
        guests = ()
    return tuple(dict.fromkeys([*asked, *kept, *(n for n in guests if n not in brief.banned)]))


def _wanted(brief):
    """Roles for the instruments that the prompt names."""
    names = [n for n in brief.wanted if INSTRUMENTS[n].roles != ("drums",)]
    players = {}
    leads = [n for n in names if INSTRUMENTS[n].roles[0] == "lead"]
    leads = leads or [n for n in names if "lead" in INSTRUMENTS[n].roles and n not in _FAMILIES]
    if leads:
        players["lead"] = leads[:2]
    for name in names:
        roles = [role for role in INSTRUMENTS[name].roles if role != "lead"]
        if name in leads[:2] and not brief.alone:
            roles = [role for role in roles if role == "figure"]  # as a pianist's other hand
        for role in roles:
            if role not in players:
                players[role] = [name]
                if not brief.alone:
                    break
    for family in (n for n in names if n in _FAMILIES):
        for role, name in _FAMILIES[family].items():
            if name not in brief.banned:
                players.setdefault(role, [name])
    return players


def _engage(players, brief):
    """Fill the roles that the prompt leaves open from the genre's ensemble."""
    ensemble, wished_lead = GENRES[brief.genre].ensemble, players.get("lead")
    for role in ROLES:
        if role in players or (brief.energy < 0.3 and role == "colour"):
            continue
        taken = players.get("lead", ()) if role == "counter" and wished_lead else ()
        names = [n for n in ensemble.get(role, ()) if n not in brief.banned and n not in taken]
        if not names and role in ensemble:
            understudies = _UNDERSTUDIES.get(role, ())
            names = [n for n in understudies if n not in brief.banned and n not in taken][:1]
        if names:
            players[role] = names
    taken = set(players.get("lead", ())) | set(players.get("counter", ()))
    if wished_lead and len(wished_lead) == 1:
        second = [n for n in players.get("counter", ()) if "lead" in INSTRUMENTS[n].roles]
        players["lead"] = [*wished_lead, *second[:1]]
    if brief.energy >= 0.85 and brief.genre == "orchestral" and not brief.wanted:
        brassy = [n for n in ("brass", "choir") if n not in brief.banned and n not in taken]
        players["counter"] = [*players.get("counter", ()), *brassy[:1]]


def _drums(brief):
    asked = tuple(n for n in brief.wanted if INSTRUMENTS[n].roles == ("drums",))
    if asked or brief.alone or "drums" in brief.banned:
        return asked
    if GENRES[brief.genre].drums:
        return ("drums",)
    if brief.energy >= 0.8 and brief.genre in ("orchestral", "cinematic", "suspense"):
        return tuple(n for n in ("taiko", "timpani") if n not in brief.banned)
    return ()
