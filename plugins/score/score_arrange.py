"""The arrangement: every part written out over form and harmony, note by note, in beats.

`arrange` is the composer: it takes the brief, the form and the cast and returns the whole piece.
Time in seconds, touch and sound are left to `score_perform` and `score_render`.
"""

import itertools
import random
from dataclasses import dataclass

from score_arc import choose_stretches, read_arc
from score_arc_form import least_lengths, plan_arc_form
from score_cast import cast_piece, recast
from score_figures import CRASH, bass_bar, bass_style, drum_bar, figure_bar
from score_form import plan_form
from score_genres import GENRES
from score_harmony import voice_lead
from score_instruments import INSTRUMENTS
from score_melody import counter_line, graced, make_theme, melody
from score_notes import Note, Part, Span
from score_progression import harmonise
from score_registers import fitted, lead_window, moved, near, tones_of
from score_words import read_prompt

PAD_RANGE, FIGURE_RANGE, COUNTER_RANGE = (48, 69), (48, 72), (45, 64)
_GRACED = ("erhu", "dizi", "fiddle", "pipa", "shakuhachi", "bagpipe")
ROLLING = ("cinematic", "orchestral", "suspense", "march", "waltz", "minimal")
_MANNERS = ("open", "answer", "broad", "climb")


@dataclass(frozen=True)
class Piece:
    """A composed piece: what was asked, its plan, its harmony and its parts.

    `arc` tells of each turn that was asked for what became of it.
    """

    brief: object
    form: object
    spans: tuple
    final: Span
    parts: tuple
    arc: tuple = ()

    @property
    def instruments(self):
        """Names of all that play, the lead first."""
        return tuple(dict.fromkeys(part.instrument.name for part in self.parts if part.notes))


def compose(prompt, duration_s, seed=0, cues=(), arc=()):
    """A whole piece for a prompt.

    Args:
        prompt: Words, English or Chinese.
        duration_s: Its exact length in seconds.
        seed: The same seed gives the same piece.
        cues: Times in seconds where the music may turn.
        arc: Rows of `start_s` and `mood`: what the music feels from there on.

    Returns:
        A `Piece`.

    Raises:
        ValueError: A row of the arc is none.
    """
    brief = read_prompt(prompt, seed)
    stretches, told = choose_stretches(read_arc(arc), duration_s, cues, *least_lengths(brief))
    if stretches:
        form = plan_arc_form(brief, duration_s, stretches, cues, seed)
    else:
        form = plan_form(brief, duration_s, cues, seed)
    return arrange(brief, form, cast_piece(brief), seed, tuple(told))


def arrange(brief, form, cast, seed, told=()):
    """Write out the parts of a piece."""
    spans, final = harmonise(brief, form, seed)
    score = _Score(brief, form, cast, spans, final, seed)
    for index in range(len(form.sections)):
        score.write_section(index)
    score.write_ending()
    parts = tuple(part for part in score.parts.values() if part.notes)
    return Piece(brief, form, tuple(spans), final, parts, told)


class _Score:
    """The page that the parts are written on, section by section."""

    def __init__(self, brief, form, cast, spans, final, seed):
        self.brief, self.form, self.cast, self.seed = brief, form, cast, seed
        self.spans, self.final = spans, final
        self.style = GENRES[brief.genre]
        self.parts = {}
        self.own = brief
        self.home_cast, self.feeling = cast, None
        self.pad, self.figure = self._voicings(*PAD_RANGE), self._voicings(*FIGURE_RANGE)
        self.draw = random.Random(f"{seed}:arrange")
        self.short = len(form.sections) <= 2

    def _voicings(self, low, high):
        """A voicing for each span and the final chord, in the register of what it feels."""
        spans, found = [*self.spans, self.final], []
        for register, run in itertools.groupby(spans, key=self._register):
            chords = [span.chord for span in run]
            found += voice_lead(chords, low + register, high + register)
        return found

    def _register(self, span):
        scene = self.form.scenes[span.section] if self.form.scenes else None
        return scene.feeling.register if scene and scene.feeling else 0

    def part(self, role, instrument):
        return self.parts.setdefault((role, instrument.name), Part(role, instrument))

    def write_section(self, index):
        if self.form.scenes:
            self._set_scene(self.form.scenes[index])
        if self.feeling:
            self._write_felt(index)
        else:
            self._write_section(index)
        if self.form.scenes and index:
            self._write_turn(index)

    def _set_scene(self, scene):
        self.own, self.feeling = scene.brief, scene.feeling
        self.cast = self.home_cast
        if scene.feeling:
            self.cast = recast(self.home_cast, scene.brief, scene.feeling)

    def _write_felt(self, index):
        """A section of an arc: who plays is the feeling's to say, not the place's in the form."""
        section = self.form.sections[index]
        bars = [(start, beats) for start, beats, owner in self.form.bars if owner == index]
        numbered = [(i, s) for i, s in enumerate(self.spans) if s.section == index]
        level, turn = self.form.level_at(section.start + section.beats / 2), section.theme in "BC"
        lead = self._write_lead(index, section, bars, turn, level)
        self._write_pad(numbered)
        self._write_figure(bars, numbered, turn, section)
        if self.feeling.bass:
            self._write_bass(bars, level)
        if level > 0.4:
            self._write_counter(numbered, lead, turn)
            self._write_colour(bars, numbered)
        self._write_drums(bars, level, index)

    def _write_turn(self, index):
        """A roll and a cymbal lead into what is much stronger."""
        start = self.form.sections[index].start
        before, after = (self.form.level_at(start + side) for side in (-self.form.beats_per_bar, 1))
        mallets = "timpani" not in self.brief.banned and (self.cast.drums or not self.brief.alone)
        if after - before < 0.2 or not mallets or self.brief.genre not in ROLLING:
            return
        root = near(self._span(start).chord.root, 38, 49)
        roll = [Note(start - 1 + i / 8, 0.12, root, 0.25 + 0.06 * i) for i in range(8)]
        self.part("drums", INSTRUMENTS["timpani"]).notes += roll
        if after > 0.6:
            self.part("drums", INSTRUMENTS["drums"]).notes.append(Note(start, 3.0, CRASH, 0.4))

    def _write_section(self, index):
        form, section = self.form, self.form.sections[index]
        bars = [(start, beats) for start, beats, owner in form.bars if owner == index]
        numbered = [(i, s) for i, s in enumerate(self.spans) if s.section == index]
        level = form.level_at(section.start + section.beats / 2)
        turn = {"intro": 0, "A": 0, "B": 1, "C": 1, "D": 0}[section.theme]
        lead = self._write_lead(index, section, bars, turn, level)
        late = index >= len(form.sections) * 0.4
        if section.theme != "intro" or self.cast.player("figure") is None:
            if level > 0.3 or section.theme != "A" or late or self.cast.player("figure") is None:
                self._write_pad(numbered)
        self._write_figure(bars, numbered, turn, section)
        # Figures that wait for the off-beat need a bass to wait for.
        if section.theme != "intro" or self.brief.genre in ("waltz", "march", "jazz"):
            self._write_bass(bars, level)
        if section.theme in "BCD" or (late and section.theme == "A" and level > 0.25):
            self._write_counter(numbered, lead, turn)
        if level > 0.3 and (section.theme in ("B", "C") or late):
            self._write_colour(bars, numbered)
        if section.theme != "intro" or self.style.drums:
            self._write_drums(bars, level, index)

    def _write_lead(self, index, section, bars, turn, level):
        player = self.cast.player("lead", turn)
        if player is None or section.theme in ("intro", "D"):
            return []
        closing = index == len(self.form.sections) - 1
        theme = self._theme(section.theme)
        if section.name.endswith("''") and not closing:
            theme = theme.varied()
        known = section.theme == "A" and (closing or section.name == "A")
        manner = "open" if known else _MANNERS[(index + len(section.name)) % 4]
        spans = [s for s in self.spans if s.section == index]
        low, high = lead_window(player)
        if self.feeling:
            low, high = moved(low, high, self.feeling.register, player)
        if section.name.endswith("'") and level > 0.6 and high - low >= 20:
            low += 3
        voice = f"{self.seed}:{section.name}:{index}"
        notes = melody(
            bars, spans, theme, (low, high), self.form.level_at, manner,
            voice, closing,
        )  # fmt: skip
        adorned = graced(notes, spans, voice) if player.name in _GRACED else notes
        self.part("lead", player).notes += adorned
        return notes

    def _theme(self, name):
        """The theme of that name; a feeling keeps its shape and may change its pace."""
        metre = self.form.beats_per_bar, self.form.parts_per_beat

        def made(brief, bpm):
            liveliness = min(0.99, brief.energy * 0.9 * min(1.0, 90 / bpm + 0.25))
            return make_theme(name, *metre, liveliness, self.seed)

        theme = made(self.brief, self.form.bpm)
        return theme.paced(made(self.own, self.own.bpm)) if self.feeling else theme

    def _write_pad(self, numbered):
        player = self.cast.player("pad")
        if player is None:
            return
        notes = self.part("pad", player).notes
        for i, span in numbered:
            weight = 0.4 + 0.5 * self.form.level_at(span.start)
            for pitch in self.pad[i]:
                held = next(
                    (n for n in notes if n.pitch == pitch and abs(n.end - span.start) < 1e-6), None
                )
                if held and held.length < 10:
                    notes.remove(held)
                    notes.append(Note(held.start, held.length + span.beats, pitch, held.weight))
                else:
                    notes.append(Note(span.start, span.beats, pitch, weight))

    def _write_figure(self, bars, numbered, turn, section):
        player = self.cast.player("figure", turn)
        if player is None:
            return
        names = self.feeling.figures if self.feeling else self.style.figures
        name = names[(turn + len(section.name) - 1) % len(names)]
        if section.theme == "intro" or section.theme == "A" and section.name == "A":
            name = names[0]
        if player.name == "piano" and self.brief.energy > 0.8 and name == "arpeggio":
            name = "broken"
        notes = self.part("figure", player).notes
        for start, beats in bars:
            i, span = _at(numbered, start)
            level = self.form.level_at(start) + (0.2 if section.theme == "intro" else 0.0)
            voicing = fitted(self.figure[i], player)
            notes += figure_bar(
                name, start, beats, self.form.parts_per_beat, voicing, level, span.end
            )

    def _write_bass(self, bars, level):
        player = self.cast.player("bass")
        if player is None:
            return
        style = self.feeling.bass if self.feeling else bass_style(self.brief.genre, level)
        low = max(player.low, 36 if player.sustains else 33)
        for start, beats in bars:
            span, after = self._span(start), self._span(start + beats)
            root = near(span.chord.bass, low, low + 14)
            fifth = near(span.chord.tones[2], root, root + 11)
            if fifth > player.high:
                fifth = fifth - 12 if fifth - 12 >= player.low else root
            third = min(near(span.chord.tones[1], root, root + 11), player.high)
            if third % 12 != span.chord.tones[1]:
                third = root
            following = near(after.chord.bass, low, low + 14)
            self.part("bass", player).notes += bass_bar(
                style, start, beats, root, third, fifth, following, self.form.level_at(start)
            )

    def _span(self, beat):
        return next((s for s in self.spans if s.start - 1e-6 <= beat < s.end - 1e-6), self.final)

    def _write_counter(self, numbered, lead, turn):
        player = self.cast.player("counter", turn)
        leading = self.cast.player("lead", turn)
        if player is None or (leading and leading.name == player.name):
            return
        low, high = max(COUNTER_RANGE[0], player.low), min(COUNTER_RANGE[1], player.high)
        if high - low < 9:
            low, high = player.low, player.low + 12
        spans = [span for _, span in numbered]
        self.part("counter", player).notes += counter_line(
            spans, (low, high), lead, self.form.level_at
        )

    def _write_colour(self, bars, numbered):
        player = self.cast.player("colour")
        if player is None:
            return
        low = max(player.low, 72 if player.high >= 91 else player.high - 16)
        for k, (start, beats) in enumerate(bars):
            if k % 4 not in (0, 3) or beats < 2:
                continue
            tones = sorted(
                near(tone, low, low + 12) for tone in _at(numbered, start)[1].chord.tones[:3]
            )
            step = 0.5 if self.form.parts_per_beat == 2 else 1 / 3
            first = start if k % 4 == 0 else start + beats - 3 * step
            for i, pitch in enumerate(tones):
                at = first + i * step
                length = 2.0 if k % 4 == 0 else step
                self.part("colour", player).notes.append(Note(at, length, pitch, 0.5 - 0.05 * i))

    def _write_drums(self, bars, level, index):
        last = index == len(self.form.sections) - 1
        kit = self.style.drums or "shaker"
        for name in self.cast.drums:
            player = INSTRUMENTS[name]
            for k, (start, beats) in enumerate(bars):
                if (last and k >= len(bars) - 1) or (level < 0.3 and not self.style.drums):
                    continue
                span = self._span(start)
                root = near(span.chord.root, 38, 49)
                fifth = near(span.chord.tones[2], 38, 49)
                self.part("drums", player).notes += drum_bar(
                    name, kit, start, beats, self.form.level_at(start), root, fifth
                )

    def write_ending(self):
        """The final chord: everyone comes to rest on the tonic, the struck ones spread it."""
        at, beats, level = (
            self.final.start,
            self.final.beats,
            self.form.level_at(self.form.end_beat),
        )
        for (role, _), part in list(self.parts.items()):
            if self._silent_at_end(role, part):
                continue
            for order, pitch in enumerate(self._final_pitches(role, part)):
                weight = (0.5 if role in ("lead", "figure") else 0.45) + 0.35 * level
                roll = order if not part.instrument.sustains and role == "figure" else 0
                part.notes.append(Note(at, beats, pitch, weight, roll))

    def _silent_at_end(self, role, part):
        """Drums keep to a timpani stroke; a player of an earlier section does not come back."""
        if role == "drums":
            return part.instrument.name != "timpani" or self.own.energy < 0.6
        return (
            not part.notes
            or part.notes[-1].end < self.form.end_beat - 2.1 * self.form.beats_per_bar
        )

    def _final_pitches(self, role, part):
        tonic, player = self.final.chord.root, part.instrument
        if role == "pad":
            return self.pad[-1]
        if role == "figure":
            return (near(tonic, max(player.low, 36), 127), *fitted(self.figure[-1], player))
        if role == "bass":
            return (near(tonic, max(player.low, 34), max(player.low, 34) + 11),)
        if role == "counter":
            last = part.notes[-1].pitch
            return (min(tones_of(self.final.chord, player), key=lambda p: (abs(p - last), p)),)
        if role == "colour":
            return (near(tonic, player.high - 14, player.high),)
        if role == "drums":
            return (near(tonic, 38, 49),)
        last = part.notes[-1].pitch
        return (
            min(
                (p for p in tones_of(self.final.chord, player) if p % 12 == tonic),
                key=lambda p: (abs(p - last), p),
            ),
        )


def _at(numbered, beat):
    return next((i, s) for i, s in numbered if s.start - 1e-6 <= beat < s.end - 1e-6)
