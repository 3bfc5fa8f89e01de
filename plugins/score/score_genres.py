"""The genres that a prompt may name, and how each one scores. Data alone."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Genre:
    """How a genre scores: its ensemble by role, its figure patterns and its metre.

    Args:
        ensemble: Role to instrument names; the first is cast, the second takes turns.
        figures: Accompaniment patterns of `score_figures`, one is drawn for each section.
        words: What people call it.
        metre: Its own metre, or "" for the mood's.
        bpm: Its own tempo, or 0 for the mood's.
        palette: Its own harmony, or "" for the mood's.
        mode: Its own mode where the prompt names no mood.
        scale: "pentatonic" where melodies keep to five notes.
        drums: Which drum pattern it has of itself; "" is none.
        swing: How far off-beats are delayed, in beats.
    """

    ensemble: dict
    figures: tuple
    words: str
    metre: str = ""
    bpm: float = 0
    palette: str = ""
    scale: str = ""
    mode: str = ""
    drums: str = ""
    swing: float = 0.0


def _cast(lead, counter, pad, figure, bass, colour=""):
    roles = dict(lead=lead, counter=counter, pad=pad, figure=figure, bass=bass, colour=colour)
    return {
        role: tuple(n.strip() for n in names.split(",")) for role, names in roles.items() if names
    }


GENRES = {
    "cinematic": Genre(
        _cast("piano, oboe", "cello", "strings", "piano, harp", "bowed bass", "harp"),
        ("arpeggio", "broken", "pulse"),
        "cinematic, film, movie, film score, soundtrack, trailer, 电影, 影视, 配乐",
    ),
    "orchestral": Genre(
        _cast(
            "violin, flute", "horn", "strings", "harp, pizzicato strings", "bowed bass", "celesta"
        ),
        ("arpeggio", "block", "pulse"),
        "orchestral, orchestra, symphonic, symphony, classical, 管弦乐, 交响, 交响乐, 古典, 乐队",
    ),
    "waltz": Genre(
        _cast("violin, clarinet", "cello", "strings", "piano, harp", "double bass", "celesta"),
        ("waltz", "waltz_broken"),
        "waltz, valse, 圆舞曲, 华尔兹",
        metre="3/4",
        bpm=116,
    ),
    "lullaby": Genre(
        _cast("music box, flute", "clarinet", "strings", "harp, celesta", "cello", "celesta"),
        ("rocking", "arpeggio"),
        "lullaby, cradle song, bedtime, 摇篮曲, 催眠曲, 安眠",
        metre="6/8",
        bpm=50,
        palette="warm",
    ),
    "march": Genre(
        _cast(
            "trumpet, piccolo",
            "horn",
            "strings",
            "brass, pizzicato strings",
            "trombone",
            "glockenspiel",
        ),
        ("oompah", "block"),
        "march, marching, military, parade, fanfare, 进行曲, 军乐, 行军",
        metre="4/4",
        bpm=112,
        palette="heroic",
        drums="march",
    ),
    "jazz": Genre(
        _cast(
            "saxophone, electric guitar", "vibraphone", "", "piano, electric guitar", "double bass"
        ),
        ("comp", "comp_sparse"),
        "jazz, jazzy, swing, bossa, blues, lounge, noir, 爵士, 蓝调, 布鲁斯",
        bpm=96,
        palette="jazz",
        drums="brush",
        swing=0.16,
    ),
    "ambient": Genre(
        _cast(
            "piano, synth pad", "glass pad", "synth pad", "arpeggiator, harp", "cello", "celesta"
        ),
        ("drops", "slow_arpeggio"),
        "ambient, drone, atmospheric, atmosphere, meditation, spa, 氛围, 环境音乐, 冥想",
        bpm=58,
        palette="ambient",
    ),
    "minimal": Genre(
        _cast("piano, marimba", "cello", "strings", "piano, marimba", "cello", "vibraphone"),
        ("ostinato", "pulse"),
        "minimal, minimalist, minimalism, repetitive, 极简, 简约",
        bpm=96,
        palette="minimal",
    ),
    "folk": Genre(
        _cast("fiddle, flute", "accordion", "", "guitar, dulcimer", "double bass", "glockenspiel"),
        ("strum", "picking"),
        "folk, celtic, irish, country, acoustic, pastoral, western, rustic, 民谣, 乡村, 田园",
        bpm=96,
        palette="folk",
    ),
    "baroque": Genre(
        _cast("oboe, recorder", "bassoon", "strings", "harpsichord", "cello"),
        ("alberti", "block"),
        "baroque, renaissance, medieval, rococo, 巴洛克, 文艺复兴, 中世纪",
        bpm=92,
        palette="baroque",
    ),
    "chinese traditional": Genre(
        _cast("erhu, dizi", "dizi, erhu", "strings", "guzheng, pipa", "cello", "pipa"),
        ("guzheng", "slow_arpeggio"),
        "chinese, chinese traditional, oriental, east asian, 中国风, 国风, 古风, 民乐, "
        "中国传统, 传统, 国乐, 江南, 丝竹",
        bpm=72,
        palette="pentatonic",
        scale="pentatonic",
    ),
    "japanese": Genre(
        _cast("shakuhachi, koto", "koto", "strings", "koto", "cello"),
        ("guzheng", "slow_arpeggio"),
        "japanese, japan, zen, 日本, 和风, 禅",
        bpm=66,
        palette="pentatonic",
        scale="pentatonic",
    ),
    "electronic": Genre(
        _cast(
            "electric piano, synth lead",
            "synth strings",
            "synth pad",
            "arpeggiator, electric piano",
            "synth bass",
            "glass pad",
        ),
        ("sixteenths", "ostinato"),
        "electronic, electronica, edm, techno, synthwave, retro wave, cyberpunk, lo-fi, lofi, "
        "电子, 电子乐, 赛博朋克, 蒸汽波",
        bpm=108,
        palette="electronic",
        drums="electronic",
    ),
    "suspense": Genre(
        _cast(
            "clarinet, celesta",
            "bassoon",
            "tremolo strings",
            "pizzicato strings, piano",
            "bowed bass",
            "celesta",
        ),
        ("ostinato_low", "pulse"),
        "suspense, suspenseful, spy, detective, crime, heist, 惊悚, 侦探, 悬念, 谍战",
        bpm=92,
        mode="minor",
        palette="tense",
    ),
    "pop": Genre(
        _cast(
            "piano, electric guitar",
            "cello",
            "strings",
            "guitar, piano",
            "bass guitar",
            "glockenspiel",
        ),
        ("picking", "pulse"),
        "pop, rock, corporate, advert, commercial, indie, 流行, 摇滚, 广告",
        bpm=108,
        palette="bright",
        drums="pop",
    ),
}
