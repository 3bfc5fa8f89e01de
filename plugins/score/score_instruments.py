"""The orchestra: what each instrument can play, how it speaks, and what it is called.

Programs are General MIDI numbers as the TimGM6mb soundfont has them. The levels are its own
loudness, measured note by note (velocity 90), so that a mix can balance parts that the soundfont
does not. Which instrument plays what in a piece is decided in `score_cast`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Instrument:
    """One instrument of the orchestra.

    Args:
        name: Its English name, as metadata tell it.
        program: General MIDI program, 0 to 127; -1 is the drum kit.
        low, high: Its comfortable range as MIDI pitches.
        roles: What it may play, best first: lead, counter, pad, figure, bass, colour, drums.
        level_db: RMS level of the soundfont's notes at velocity 90.
        kind: "plucked" (decays by itself), "bowed", "wind", "keys", "voice", "synth" or "drum".
        lag_s: How much its sound comes after the note begins; notes are started earlier by it.
    """

    name: str
    program: int
    low: int
    high: int
    roles: tuple
    level_db: float
    kind: str = "plucked"
    lag_s: float = 0.0

    @property
    def sustains(self):
        """True if a held note keeps sounding."""
        return self.kind in ("bowed", "wind", "voice", "synth") or self.name in _HELD_KEYS


_HELD_KEYS = ("organ", "accordion", "harmonica", "bagpipe")


def _table():
    lead, counter, pad, figure = "lead", "counter", "pad", "figure"
    bass, colour, drums = "bass", "colour", "drums"
    rows = (
        ("piano", 0, 28, 96, (figure, lead, bass), -36, "keys", 0),
        ("electric piano", 4, 36, 88, (figure, lead), -30, "keys", 0),
        ("harpsichord", 6, 36, 86, (figure, lead), -35, "plucked", 0.01),
        ("celesta", 8, 60, 96, (colour, lead, figure), -34, "plucked", 0),
        ("glockenspiel", 9, 67, 96, (colour, lead), -38, "plucked", 0),
        ("music box", 10, 55, 91, (figure, lead, colour), -31, "plucked", 0),
        ("vibraphone", 11, 53, 86, (figure, lead, colour), -27, "plucked", 0),
        ("marimba", 12, 43, 91, (figure, lead), -37, "plucked", 0),
        ("xylophone", 13, 60, 91, (lead, colour), -41, "plucked", 0),
        ("bells", 14, 48, 79, (colour,), -29, "plucked", 0),
        ("dulcimer", 15, 45, 86, (figure, lead), -35, "plucked", 0),
        ("organ", 19, 36, 84, (pad, lead, figure, bass), -31, "keys", 0.04),
        ("accordion", 21, 48, 84, (lead, pad), -30, "keys", 0.03),
        ("harmonica", 22, 55, 84, (lead,), -27, "keys", 0.03),
        ("guitar", 24, 40, 79, (figure, lead), -30, "plucked", 0),
        ("steel guitar", 25, 40, 79, (figure, lead), -33, "plucked", 0),
        ("electric guitar", 26, 40, 79, (figure, lead), -28, "plucked", 0),
        ("double bass", 32, 28, 55, (bass,), -31, "plucked", 0),
        ("bass guitar", 33, 28, 55, (bass,), -30, "plucked", 0),
        ("synth bass", 38, 28, 52, (bass,), -31, "plucked", 0),
        ("violin", 40, 55, 91, (lead, counter), -26, "bowed", 0.04),
        ("viola", 41, 48, 79, (counter, lead), -26, "bowed", 0.04),
        ("cello", 42, 36, 69, (lead, counter, bass), -25, "bowed", 0.03),
        ("bowed bass", 43, 28, 50, (bass,), -26, "bowed", 0.05),
        ("tremolo strings", 44, 43, 79, (pad,), -30, "bowed", 0.05),
        ("pizzicato strings", 45, 40, 79, (figure, lead), -33, "plucked", 0),
        ("harp", 46, 36, 91, (figure, colour, lead), -27, "plucked", 0),
        ("timpani", 47, 38, 55, (drums,), -31, "drum", 0),
        ("strings", 48, 36, 84, (pad, lead, counter, bass), -32, "bowed", 0.16),
        ("synth strings", 50, 36, 84, (pad, counter), -36, "synth", 0.12),
        ("choir", 52, 45, 79, (pad, lead, counter), -29, "voice", 0.14),
        ("trumpet", 56, 55, 82, (lead, counter), -30, "wind", 0.02),
        ("trombone", 57, 40, 67, (counter, bass), -31, "wind", 0.03),
        ("horn", 60, 41, 74, (counter, lead, pad), -23, "wind", 0.06),
        ("brass", 61, 40, 74, (pad, counter), -35, "wind", 0.04),
        ("saxophone", 66, 48, 76, (lead, counter), -30, "wind", 0.03),
        ("oboe", 68, 58, 86, (lead, counter), -27, "wind", 0.03),
        ("bassoon", 70, 36, 67, (counter, bass), -28, "wind", 0.02),
        ("clarinet", 71, 50, 84, (lead, counter), -28, "wind", 0.03),
        ("piccolo", 72, 72, 98, (lead, colour), -26, "wind", 0.05),
        ("flute", 73, 60, 93, (lead, counter), -28, "wind", 0.06),
        ("recorder", 74, 62, 91, (lead,), -26, "wind", 0.05),
        ("pan flute", 75, 60, 88, (lead,), -28, "wind", 0.04),
        ("whistle", 79, 67, 91, (lead, colour), -23, "wind", 0.03),
        ("synth lead", 80, 55, 84, (lead,), -26, "synth", 0),
        ("synth pad", 89, 36, 79, (pad, counter), -30, "synth", 0.14),
        ("glass pad", 92, 48, 79, (pad, colour), -31, "synth", 0.10),
        ("arpeggiator", 88, 48, 84, (figure, colour), -30, "keys", 0),
        ("sitar", 104, 48, 76, (lead, figure), -35, "plucked", 0),
        ("banjo", 105, 48, 79, (figure, lead), -31, "plucked", 0),
        ("pipa", 106, 50, 84, (lead, figure), -38, "plucked", 0),
        ("guzheng", 107, 43, 86, (figure, lead, colour), -34, "plucked", 0),
        ("koto", 107, 43, 86, (figure, lead, colour), -34, "plucked", 0),
        ("kalimba", 108, 55, 86, (figure, lead, colour), -32, "plucked", 0),
        ("bagpipe", 109, 58, 77, (lead,), -29, "keys", 0.01),
        ("erhu", 110, 62, 86, (lead, counter), -27, "bowed", 0.04),
        ("fiddle", 110, 55, 88, (lead,), -27, "bowed", 0.03),
        ("dizi", 77, 62, 88, (lead, counter), -29, "wind", 0.05),
        ("shakuhachi", 77, 57, 81, (lead,), -28, "wind", 0.06),
        ("taiko", 116, 40, 55, (drums,), -30, "drum", 0),
        ("drums", -1, 35, 81, (drums,), -30, "drum", 0),
    )
    return {row[0]: Instrument(*row) for row in rows}


INSTRUMENTS = _table()

# What people call them: English words (plurals with s are understood), then Chinese ones.
INSTRUMENT_WORDS = {
    "piano": "piano, grand piano, pianoforte, keys, keyboard, 钢琴",
    "electric piano": "electric piano, rhodes, wurlitzer, e-piano, 电钢琴",
    "harpsichord": "harpsichord, cembalo, 羽管键琴, 大键琴",
    "celesta": "celesta, celeste, 钢片琴",
    "glockenspiel": "glockenspiel, 钟琴",
    "music box": "music box, music-box, musical box, 八音盒, 音乐盒",
    "vibraphone": "vibraphone, vibes, 颤音琴",
    "marimba": "marimba, 马林巴, 马林巴琴",
    "xylophone": "xylophone, 木琴",
    "bells": "bell, church bell, tubular bell, chime, 钟声, 管钟, 编钟, 铃, 铃铛",
    "dulcimer": "dulcimer, yangqin, hammered dulcimer, 扬琴",
    "organ": "organ, pipe organ, church organ, 管风琴, 风琴",
    "accordion": "accordion, bandoneon, concertina, 手风琴",
    "harmonica": "harmonica, mouth organ, 口琴",
    "guitar": "guitar, acoustic guitar, classical guitar, nylon guitar, ukulele, lute, 吉他, 尤克里里",
    "steel guitar": "steel guitar, steel-string guitar, 钢弦吉他",
    "electric guitar": "electric guitar, jazz guitar, 电吉他",
    "double bass": "double bass, upright bass, contrabass, bass, 低音提琴, 倍大提琴",
    "bass guitar": "bass guitar, electric bass, 贝斯, 贝司",
    "synth bass": "synth bass, sub bass, 合成贝斯",
    "violin": "violin, solo violin, 小提琴",
    "viola": "viola, 中提琴",
    "cello": "cello, celli, violoncello, 大提琴",
    "bowed bass": "bowed bass, arco bass, 弓弦低音",
    "tremolo strings": "tremolo strings, tremolo, 震音",
    "pizzicato strings": "pizzicato strings, pizzicato, pizz, 拨弦, 拨奏",
    "harp": "harp, 竖琴, 箜篌",
    "timpani": "timpani, kettledrum, 定音鼓",
    "strings": "string, string section, string orchestra, string quartet, 弦乐, 弦乐队, 弦乐组",
    "synth strings": "synth strings, string machine, 合成弦乐",
    "choir": "choir, chorus, voices, vocals, choral, 合唱, 合唱团, 人声, 唱诗班",
    "trumpet": "trumpet, cornet, bugle, 小号",
    "trombone": "trombone, 长号",
    "horn": "horn, french horn, 圆号, 法国号",
    "brass": "brass, brass section, tuba, 铜管",
    "saxophone": "saxophone, sax, 萨克斯, 萨克斯风",
    "oboe": "oboe, english horn, cor anglais, 双簧管",
    "bassoon": "bassoon, 巴松, 大管",
    "clarinet": "clarinet, woodwind, 单簧管, 黑管",
    "piccolo": "piccolo, 短笛",
    "flute": "flute, 长笛",
    "recorder": "recorder, 竖笛",
    "pan flute": "pan flute, panpipe, 排箫",
    "whistle": "whistle, whistling, ocarina, tin whistle, 口哨, 陶笛, 埙",
    "synth lead": "synth lead, lead synth, 合成主音",
    "synth pad": "synth pad, pad, synth, synthesizer, synthesiser, 合成器, 铺底",
    "glass pad": "glass pad, glass harmonica, singing bowl, 颂钵",
    "arpeggiator": "arpeggiator, sequencer, 琶音器",
    "sitar": "sitar, 西塔琴",
    "banjo": "banjo, 班卓琴",
    "pipa": "pipa, shamisen, liuqin, ruan, 琵琶, 柳琴, 阮, 三弦",
    "guzheng": "guzheng, zheng, guqin, zither, 古筝, 筝, 古琴",
    "koto": "koto, 日本筝",
    "kalimba": "kalimba, thumb piano, mbira, 拇指琴, 卡林巴",
    "bagpipe": "bagpipe, uilleann pipe, 风笛",
    "erhu": "erhu, huqin, 二胡, 胡琴, 高胡",
    "fiddle": "fiddle",
    "dizi": "dizi, xiao, bamboo flute, bawu, 笛子, 竹笛, 箫, 洞箫, 葫芦丝",
    "shakuhachi": "shakuhachi, 尺八",
    "taiko": "taiko, war drum, big drum, 太鼓, 大鼓, 战鼓",
    "drums": "drum, drum kit, drums, percussion, beat, snare, cymbal, 鼓, 鼓点, 打击乐, 架子鼓, 节拍",
}
