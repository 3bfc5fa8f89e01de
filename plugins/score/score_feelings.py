"""The feelings that an arc moves through, and what each one does to a piece: data alone.

A feeling is finer than a mood of `score_moods`: a storm and a chase are both tense there, but a
storm is heavy and a chase runs. Its mood gives the modes and the chords, the rest is its own.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Feeling:
    """What a feeling asks of its stretch of the music.

    Args:
        mood: A name in `score_moods.MOODS`, for modes and chords.
        energy: 0 (barely there) to 1 (everybody, loud).
        bpm: The tempo that it would have by itself; an arc meets it half way.
        figures: Accompaniment patterns, the first theme's and the contrasting one's.
        bass: "held", "two", "first", "pulse", or "" for none.
        register: Semitones that the players go up or down.
        kin: How its key belongs to a home key of the other kind: "parallel" (same tonic, a hard
            turn) or "relative" (same notes, a mild one).
        drums: Which drums it wants of itself.
        cast: Role to instrument, for ensembles that can take them.
        rests: Roles that are silent.
        words: What people call it beyond the words of its mood, English and Chinese.
    """

    mood: str
    energy: float
    bpm: float
    figures: tuple
    bass: str
    register: int = 0
    kin: str = "relative"
    drums: tuple = ()
    cast: dict = field(default_factory=dict)
    rests: tuple = ()
    words: str = ""


FEELINGS = {
    "hopeful": Feeling(
        "hopeful", 0.6, 86, ("arpeggio", "broken"), "two", 3,
        cast=dict(lead="violin", counter="horn", pad="strings", figure="harp", colour="celesta"),
        words="hopefully, dawn, daybreak, morning, sunlight, rescue, rescued, saved, relief, relieved, "
        "recovery, new beginning, light returns, 黎明, 日出, 曙光, 清晨, 获救, 重生, 光明, 新生, 期待",
    ),
    "joyful": Feeling(
        "joyful", 0.72, 114, ("broken", "pulse"), "two", 5,
        cast=dict(
            lead="flute", counter="clarinet", pad="strings", figure="pizzicato strings",
            colour="glockenspiel",
        ),
        words="joyous, happiness, laughter, laughing, party, wedding, dance, dancing, feast, homecoming, "
        "reunion, reunited, 婚礼, 欢笑, 庆祝, 团圆, 重逢, 跳舞, 幸福",
    ),
    "calm": Feeling(
        "calm", 0.24, 64, ("slow_arpeggio", "slow_arpeggio"), "held", 0,
        cast=dict(lead="flute", pad="strings", figure="harp", bass="cello"),
        rests=("colour",),
        words="calmly, peace, rest, resting, sleep, silence, silent, stillness, still, ease, acceptance, "
        "quiet end, evening, dusk, sunset, resolved, 和平, 休息, 沉睡, 寂静, 傍晚, 黄昏, 夕阳, 静谧, 释然",
    ),
    "warm": Feeling(
        "warm", 0.42, 76, ("arpeggio", "broken"), "two", 0,
        cast=dict(lead="clarinet", counter="cello", pad="strings", figure="guitar"),
        rests=("colour",),
        words="warmth, family, home, friendship, friends, comfort, comforting, fireside, mother, "
        "grandmother, kindness, 家, 家人, 友情, 亲情, 朋友, 母亲, 安慰",
    ),
    "sad": Feeling(
        "sad", 0.32, 60, ("slow_arpeggio", "arpeggio"), "held", -4,
        cast=dict(lead="cello", counter="viola", pad="strings", figure="harp"),
        rests=("colour",),
        words="sadness, sadly, joyless, loss, lost, death, dying, dies, mourning, crying, tears, weeping, defeat, "
        "defeated, broken, regret, despair, hopeless, hopelessness, disappointment, rain, "
        "失去, 死亡, 哭泣, 眼泪, 绝望, 失败, 失望, 心碎, 遗憾, 雨",
    ),
    "lonely": Feeling(
        "lonely", 0.2, 56, ("drops", "slow_arpeggio"), "", 0,
        cast=dict(lead="oboe", pad="strings", figure="piano"),
        rests=("bass", "counter", "colour"),
        words="abandoned, forsaken, stranded, exile, distant, winter, bare, 遗弃, 流浪, 漂泊, 独自, 冬, 雪",
    ),
    "tense": Feeling(
        "tense", 0.64, 104, ("ostinato_low", "pulse"), "pulse", -4, "parallel", ("timpani",),
        cast=dict(
            lead="clarinet", counter="bassoon", pad="tremolo strings", figure="pizzicato strings",
            bass="bowed bass",
        ),
        rests=("colour",),
        words="tensely, suspense, worried, worry, nervously, uneasy, unease, threat, threatened, "
        "threatening, fear, afraid, panic, alarm, countdown, crisis, conflict, argument, "
        "不安, 担心, 威胁, 恐惧, 惊慌, 危机, 冲突, 争吵, 惊恐",
    ),
    "storm": Feeling(
        "tense", 0.94, 118, ("sixteenths", "ostinato_low"), "pulse", -5, "parallel",
        ("taiko", "timpani"),
        cast=dict(
            lead="horn", counter="brass", pad="tremolo strings", figure="piano",
            bass="bowed bass",
        ),
        rests=("colour",),
        words="storm, stormy, tempest, thunder, thunderstorm, lightning, hurricane, typhoon, gale, "
        "raging sea, shipwreck, flood, earthquake, fire, disaster, catastrophe, chaos, "
        "暴风雨, 风暴, 暴雨, 雷电, 雷雨, 台风, 狂风, 巨浪, 洪水, 火灾, 灾难, 混乱",
    ),
    "chase": Feeling(
        "tense", 0.86, 138, ("sixteenths", "ostinato"), "pulse", 2, "parallel", ("taiko",),
        cast=dict(
            lead="violin", counter="horn", pad="tremolo strings", figure="pizzicato strings",
            bass="bowed bass",
        ),
        rests=("colour",),
        words="chase, chased, chasing, pursuit, pursued, escape, escaping, flight, fleeing, running, run, "
        "race, racing, hunt, hunted, 追逐, 追赶, 追捕, 逃跑, 逃离, 逃亡, 奔跑, 狂奔, 赛跑",
    ),
    "angry": Feeling(
        "angry", 0.92, 124, ("ostinato_low", "pulse"), "pulse", -5, "parallel", ("taiko", "timpani"),
        cast=dict(
            lead="trumpet", counter="brass", pad="tremolo strings", figure="piano",
            bass="bowed bass",
        ),
        rests=("colour",),
        words="anger, angrily, fury, hatred, hate, revenge, fight, fighting, 仇恨, 复仇, 打斗, 怒",
    ),
    "mysterious": Feeling(
        "mysterious", 0.36, 72, ("drops", "slow_arpeggio"), "held", -2,
        cast=dict(lead="clarinet", pad="strings", figure="celesta", bass="bowed bass"),
        rests=("counter",),
        words="mysteriously, unknown, hidden, fog, mist, night, shadows, discovery of a secret, puzzle, "
        "question, waiting, 未知, 雾, 夜, 夜晚, 隐藏, 谜团, 疑问, 等待, 悬念",
    ),
    "epic": Feeling(
        "epic", 0.97, 100, ("pulse", "ostinato_low"), "pulse", 0, "parallel", ("taiko", "timpani"),
        cast=dict(
            lead="horn", counter="brass", pad="choir", figure="strings", bass="bowed bass",
            colour="bells",
        ),
        words="climax, finale, showdown, army, charge, revolution, 高潮, 决战, 军队, 大战, 革命, 壮烈",
    ),
    "heroic": Feeling(
        "heroic", 0.9, 108, ("pulse", "block"), "two", 2, "parallel", ("timpani",),
        cast=dict(
            lead="trumpet", counter="horn", pad="strings", figure="brass", bass="trombone",
            colour="bells",
        ),
        words="hero, triumph, fearless, victoriously, success, courage, determined, determination, resolve, "
        "成功, 勇气, 决心, 坚定, 自豪, 悲壮",
    ),
    "romantic": Feeling(
        "romantic", 0.46, 70, ("arpeggio", "broken"), "held", 2,
        cast=dict(lead="violin", counter="cello", pad="strings", figure="harp"),
        rests=("colour",),
        words="romance, lovers, kiss, embrace, tenderness, affection, 恋人, 吻, 拥抱, 相爱, 恋爱",
    ),
    "dark": Feeling(
        "dark", 0.46, 60, ("block", "ostinato_low"), "held", -7, "parallel",
        cast=dict(
            lead="bassoon", counter="trombone", pad="tremolo strings", figure="piano",
            bass="bowed bass",
        ),
        rests=("colour",),
        words="darkness, darkly, doom, dread, terror, terrifying, nightmare, evil, villain, monster, "
        "curse, 黑, 噩梦, 邪恶, 怪物, 诅咒, 末日, 惊悚",
    ),
    "solemn": Feeling(
        "solemn", 0.45, 58, ("block", "block"), "held", -3, "parallel",
        cast=dict(lead="horn", counter="trombone", pad="choir", figure="piano", bass="bowed bass"),
        rests=("colour",),
        words="solemnly, ceremony, prayer, praying, sacrifice, oath, temple, 仪式, 祈祷, 牺牲, 誓言, 庙",
    ),
    "nostalgic": Feeling(
        "nostalgic", 0.36, 70, ("arpeggio", "slow_arpeggio"), "held", 0,
        cast=dict(lead="oboe", counter="cello", pad="strings", figure="guitar"),
        rests=("colour",),
        words="flashback, childhood, goodbye, parting, autumn, leaving, missing, past, old days, "
        "童年, 往昔, 告别, 再见, 秋, 过去, 想念, 故乡",
    ),
    "playful": Feeling(
        "playful", 0.58, 118, ("pulse", "broken"), "first", 4,
        cast=dict(
            lead="clarinet", counter="bassoon", figure="pizzicato strings", bass="double bass",
            colour="glockenspiel",
        ),
        rests=("pad",),
        words="playfully, game, playing, fun, trick, prank, joke, comedy, clumsy, 游戏, 玩耍, 恶作剧, 有趣, 淘气",
    ),
    "wonder": Feeling(
        "wonder", 0.52, 80, ("arpeggio", "sixteenths"), "held", 7,
        cast=dict(
            lead="celesta", counter="horn", pad="choir", figure="harp", colour="glockenspiel",
        ),
        words="wonderful, marvel, miracle, amazement, amazed, astonished, revelation, sky, stars, flying, "
        "beautiful, 惊叹, 神迹, 星星, 天空, 飞翔, 美丽, 发现",
    ),
    "dreamy": Feeling(
        "dreamy", 0.3, 62, ("slow_arpeggio", "arpeggio"), "held", 5,
        cast=dict(lead="celesta", pad="choir", figure="harp", bass="cello"),
        rests=("counter",),
        words="dreaming, sleeping, drifting, underwater, weightless, cloud, clouds, moonlight, 梦境, 漂浮, 云, 月光",
    ),
    "energetic": Feeling(
        "energetic", 0.82, 126, ("sixteenths", "pulse"), "pulse", 3, "parallel", ("drums",),
        cast=dict(lead="violin", counter="horn", pad="strings", figure="marimba"),
        rests=("colour",),
        words="energy, excited, excitement, excitedly, busy, rush, rushing, bustling, hurry, 忙碌, 热血, 奋斗",
    ),
}  # fmt: skip

# Words that say how strong a feeling is, as shares of its energy.
STRONGER = "very, extremely, great, intense, intensely, overwhelming, rising, growing, violent, full, 非常, 极度, 强烈, 剧烈, 激烈, 更"  # fmt: skip
WEAKER = "slightly, a little, faint, faintly, mild, subtle, fading, restrained, distant, hint of, 略, 微, 稍, 淡淡, 轻微, 渐弱"  # fmt: skip
# One sign tells enough of a Chinese word that no list has.
SIGNS = {
    "悲": "sad", "哀": "sad", "愁": "sad", "哭": "sad", "伤": "sad", "怒": "angry", "恨": "angry",
    "惧": "tense", "怕": "tense", "惊": "tense", "险": "tense", "急": "tense", "逃": "chase",
    "追": "chase", "奔": "chase", "暴": "storm", "雷": "storm", "喜": "joyful", "乐": "joyful",
    "欢": "joyful", "笑": "joyful", "静": "calm", "宁": "calm", "安": "calm", "暗": "dark",
    "阴": "dark", "恶": "dark", "战": "epic", "雄": "heroic", "勇": "heroic", "胜": "heroic",
    "爱": "romantic", "恋": "romantic", "梦": "dreamy", "孤": "lonely", "寂": "lonely",
    "忆": "nostalgic", "怀": "nostalgic", "思": "nostalgic", "奇": "wonder", "神": "mysterious",
    "谜": "mysterious", "秘": "mysterious", "希": "hopeful", "盼": "hopeful", "温": "warm",
    "暖": "warm", "趣": "playful",
}  # fmt: skip
