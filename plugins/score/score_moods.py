"""The moods and tempo words that a prompt may use, and what each one asks of the music.

Data alone; `score_words` reads prompts with it, and with the lists of genres and instruments.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mood:
    """What a mood asks of the music.

    Args:
        modes: Scales that suit it, one is drawn by the seed.
        bpm: Its natural tempo in beats a minute.
        energy: 0 (barely there) to 1 (full orchestra).
        palette: Which chord phrases of `score_harmony` it draws from.
        words: What people call it, English and Chinese.
    """

    modes: tuple
    bpm: float
    energy: float
    palette: str
    words: str


MOODS = {
    "hopeful": Mood(
        ("major",),
        82,
        0.55,
        "bright",
        "hopeful, hope, uplifting, optimistic, inspiring, inspirational, encouraging, positive, "
        "sunrise, 希望, 充满希望, 振奋, 励志, 鼓舞, 乐观, 向上",
    ),
    "joyful": Mood(
        ("major",),
        116,
        0.7,
        "bright",
        "joyful, happy, cheerful, joy, merry, festive, sunny, bright, celebration, delighted, "
        "欢快, 快乐, 欢乐, 喜悦, 开心, 喜庆, 明亮, 愉快, 高兴",
    ),
    "calm": Mood(
        ("major",),
        66,
        0.25,
        "warm",
        "calm, peaceful, gentle, soft, quiet, relaxing, relaxed, serene, tranquil, soothing, "
        "meditative, tender, 平静, 宁静, 安静, 柔和, 轻柔, 温柔, 放松, 祥和, 恬静, 安详",
    ),
    "warm": Mood(
        ("major",), 76, 0.4, "warm", "warm, cosy, cozy, homely, heartfelt, kind, 温暖, 温馨, 暖"
    ),
    "sad": Mood(
        ("minor",),
        62,
        0.32,
        "wistful",
        "sad, sorrowful, melancholy, melancholic, mournful, grief, tragic, sorrow, tearful, "
        "heartbroken, sombre, somber, elegiac, 悲伤, 忧伤, 伤感, 悲, 哀伤, 忧郁, 凄凉, 悲凉, 难过, 悲痛",
    ),
    "tense": Mood(
        ("minor",),
        104,
        0.65,
        "tense",
        "tense, tension, anxious, nervous, urgent, chase, suspenseful, thriller, thrilling, danger, "
        "dangerous, stormy, storm, 紧张, 悬疑, 焦虑, 急迫, 惊险, 危险, 追逐, 紧迫",
    ),
    "angry": Mood(
        ("phrygian", "minor"),
        126,
        0.9,
        "tense",
        "angry, aggressive, furious, violent, rage, fierce, 愤怒, 激烈, 狂暴, 狂怒",
    ),
    "mysterious": Mood(
        ("dorian", "minor"),
        74,
        0.4,
        "mysterious",
        "mysterious, mystery, enigmatic, eerie, secret, strange, curious, magic, uncanny, "
        "神秘, 诡异, 奇异, 谜, 神秘莫测",
    ),
    "epic": Mood(
        ("minor",),
        96,
        0.95,
        "epic",
        "epic, grand, majestic, powerful, massive, dramatic, monumental, battle, war, sweeping, "
        "史诗, 宏大, 壮丽, 磅礴, 壮观, 气势, 震撼, 恢弘, 战斗, 战争",
    ),
    "heroic": Mood(
        ("major", "mixolydian"),
        108,
        0.88,
        "heroic",
        "heroic, triumphant, victorious, brave, courageous, noble, adventurous, adventure, proud, "
        "victory, 英雄, 胜利, 凯旋, 勇敢, 英勇, 豪迈, 冒险, 激昂",
    ),
    "romantic": Mood(
        ("major",),
        70,
        0.45,
        "romantic",
        "romantic, love, loving, passionate, intimate, 浪漫, 爱情, 爱, 深情, 柔情, 甜蜜",
    ),
    "dark": Mood(
        ("minor", "phrygian"),
        64,
        0.5,
        "dark",
        "dark, gloomy, ominous, sinister, menacing, scary, horror, creepy, haunting, bleak, evil, "
        "黑暗, 阴暗, 阴森, 恐怖, 可怕, 压抑, 阴沉, 不祥",
    ),
    "solemn": Mood(
        ("minor", "dorian"),
        60,
        0.45,
        "dark",
        "solemn, serious, funeral, grave, reverent, sacred, holy, 庄严, 肃穆, 庄重, 神圣, 沉重",
    ),
    "nostalgic": Mood(
        ("major",),
        72,
        0.35,
        "nostalgic",
        "nostalgic, nostalgia, bittersweet, wistful, memory, memories, remembering, longing, "
        "farewell, yearning, 怀旧, 怀念, 回忆, 思念, 往事, 惆怅, 思乡, 离别",
    ),
    "playful": Mood(
        ("major",),
        118,
        0.55,
        "playful",
        "playful, funny, comic, quirky, whimsical, cute, mischievous, light-hearted, lighthearted, "
        "silly, childlike, bouncy, 俏皮, 顽皮, 滑稽, 可爱, 诙谐, 搞笑, 活泼, 童趣, 轻快",
    ),
    "lonely": Mood(
        ("minor", "dorian"),
        58,
        0.2,
        "wistful",
        "lonely, loneliness, alone, solitary, desolate, empty, isolated, cold, 孤独, 寂寞, 孤单, "
        "孤寂, 荒凉, 空旷, 冷清",
    ),
    "wonder": Mood(
        ("lydian",),
        78,
        0.5,
        "wonder",
        "wonder, wondrous, magical, awe, enchanted, enchanting, discovery, starry, space, cosmic, "
        "fantasy, 奇妙, 奇迹, 惊奇, 梦幻般, 魔法, 奇幻, 星空, 宇宙, 神奇",
    ),
    "dreamy": Mood(
        ("lydian", "major"),
        64,
        0.3,
        "wonder",
        "dreamy, dream, dreamlike, ethereal, floating, airy, hazy, 梦幻, 梦, 空灵, 飘渺, 朦胧",
    ),
    "energetic": Mood(
        ("major", "mixolydian"),
        124,
        0.8,
        "bright",
        "energetic, exciting, upbeat, lively, driving, dynamic, vibrant, action, "
        "充满活力, 活力, 动感, 热烈, 激动, 激情, 兴奋",
    ),
    "neutral": Mood(("major",), 78, 0.4, "warm", "neutral, documentary, 中性, 纪录片"),
}

TEMPOS = (
    (44, "largo, grave tempo, extremely slow, 广板, 极慢"),
    (52, "very slow, so slow, lento, 很慢, 非常慢, 十分缓慢"),
    (60, "adagio, slowly, 慢板"),
    (64, "slow, unhurried, 慢, 缓慢, 舒缓, 缓缓, 悠长, 徐缓, 慢速"),
    (76, "andante, walking pace, 行板, 稍慢"),
    (94, "moderato, moderate, medium tempo, mid-tempo, midtempo, medium, 中板, 中速"),
    (108, "allegretto, 小快板, 稍快"),
    (126, "allegro, quick, brisk, 快板"),
    (134, "fast, rapid, 快, 快速, 快节奏, 急促"),
    (148, "vivace, very fast, 很快, 非常快, 活板"),
    (164, "presto, extremely fast, 急板, 极快, 飞快"),
)
