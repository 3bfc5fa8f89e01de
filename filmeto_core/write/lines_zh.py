"""What the template writer says and shows, in Chinese. Data alone; the braces are those of `lines_en`."""

LINES = {
    "opening": (
        "有些地方，会记住发生过的一切。",
        "故事从一个安静的时刻开始。",
        "天还没亮，{spot}还没有人说话。",
    ),
    "somebody": ("这是{intro}。", "路过的人很少会多看一眼。可是，这是{intro}。"),
    "days": ("日子一天天过去，每一天都和前一天一样。", "许多年来，这里什么都没有变。"),
    "sign": (),
    "doubt": ("转过头去，其实很容易。{h}没有。", "整整一夜，{h}翻来覆去地想。"),
    "road": ("于是{h}上路了，赶在犹豫醒来之前。", "从这里只有一条路，{h}走了上去。"),
    "meeting": (
        "然后，{o}出现了。",
        "如果没有{o}，这一切都不会开始。",
        "这样的路，没有人会一直独自走下去。",
    ),
    "shadow": ("到了傍晚，风向变了。", "有什么正在靠近，看不见，却感觉得到。"),
    "storm": ("接着，{storm}来了，带来了压抑已久的一切。", "{storm}从不问谁准备好了。"),
    "dark": ("此刻剩下的，只有{thing}。", "有那么一刻，{h}忘了自己为什么要来。"),
    "light": ("可是，没有哪一个黑夜是最后一个。", "然后，亮起了一点很小很小的光。"),
    "return": ("从此以后，没有人再独自走路。", "回去的路，从来不是来时的路。"),
    "end": ("一切又安静下来，却不再是从前的安静。", "这里看起来什么都没变，可是一切都不同了。"),
}
MOOD_LINES = {
    "dark": {
        "opening": ("有些地方之所以安静，是因为有人要它安静。",),
        "storm": ("在{storm}里，真相再也无处可藏。",),
        "light": ("天色渐渐发白，藏着的东西露了出来。",),
        "end": ("结束了。人们是这么说的。",),
    },
    "light": {
        "opening": ("这里从来不会发生什么事。不过，很快就会了。",),
        "days": ("{h}每天都有计划，每天都是同一个计划。",),
        "shadow": ("到现在为止一切顺利。这本该是个警告。",),
        "storm": ("然后，所有的事情一起出了错。",),
        "dark": ("{h}想，不会更糟了。其实还会。",),
        "light": ("这时候，有人笑了起来。",),
        "end": ("这里从来不会发生什么事。这样也很好。",),
    },
    "love": {
        "meeting": ("然后，{o}出现了，所有的话都忘了。", "只是看了一眼。"),
        "storm": ("接着，{storm}来了，他们失去了彼此的踪影。",),
        "light": ("等人的人，认得路上的每一盏灯。",),
        "end": ("没有什么要说的了。于是他们留了下来。",),
    },
    "wonder": {
        "opening": ("如果足够安静，在这里可以听见星星的声音。",),
        "storm": ("接着，{storm}来了，天空好像裂开了。",),
        "light": ("它就在那里，比所有人梦见的都要大。",),
        "end": ("世界还是那个世界，只是更大了。",),
    },
    "sad": {
        "days": ("从那以后，日子很长，也都很像。",),
        "light": ("爱过的，不会熄灭。",),
        "end": ("少了什么，也留下了什么。",),
    },
}
MORE_LINES = (
    "没有人说话。", "这里的时间走得很慢。", "{h}又回头看了一眼。", "只是一瞬间，却是最要紧的一瞬间。", "风什么都不知道。",
    "从前，这一切都很容易。", "一步，又一步。", "远处，有一扇门关上了。", "{h}听着，什么声音也没有。", "走到这里，还可以回头。",
    "天空不着急。", "过了多久，没有人去数。", "丢失的，不一定就没有了。", "已经比想象的要晚了。",
)  # fmt: skip

PICTURES = {
    "only": "远景，{seen}，{place}，{light}，{d}",
    "opening": "大远景，{place}，{light}，{d}",
    "somebody": "中景，{seen}，{place}，{light}",
    "days": "远景，{seen}，{place}，{light}，{d}",
    "sign": "中景，{seen}停下来抬头看，{place}，{light}",
    "doubt": "{seen}坐在窗边的桌旁，夜晚，一盏灯",
    "road": "远景，{seen}走在{path}上，{light}，{d}",
    "meeting": "中景，{seen}站着听，{path}，{light}",
    "shadow": "仰视，{place}上空的乌云，风，{light}",
    "storm": "远景，{storm_seen}",
    "dark": "{seen}，独自一人，{shelter}",
    "light": "远景，{place}，{light}，{seen}望着天空",
    "return": "远景，{seen}走在{path}上，{light}",
    "end": "大远景，{place}，{quiet}，{light}",
}
WITH_THING = {
    "sign": "特写，{seen}手里拿着{a_thing}，{light}",
    "dark": "特写，桌上的{a_thing}，烛光，夜晚",
}
WITH_OTHER = {
    "meeting": "中景，{seen}和{other}面对面，{place}，{light}",
    "return": "远景，{seen}和{other}并肩走在{path}上，{light}",
}
COVERAGE = (
    "特写，{seen}的脸，{light}",
    "远景，{place}，{d}，{light}",
    "仰视，天空下的{seen}，{light}",
    "特写，{seen}的手，{light}",
    "{seen}的背影，{path}，{light}",
    "中景，{seen}，{d}，{light}",
    "俯视，小小的{seen}，{path}，{light}",
    "特写，{seen}的眼睛，{light}",
    "大远景，{path}，{light}，{d}",
)
COVERAGE_OTHER = "中景，{other}，{place}，{light}"
COVERAGE_THING = "特写，{a_thing}，{light}"

LIGHTS = {
    "only": "傍晚的光", "opening": "黎明，薄雾", "somebody": "早晨的阳光", "days": "中午", "sign": "傍晚",
    "doubt": "夜晚，灯光", "road": "早晨", "meeting": "午后的阳光", "shadow": "黄昏", "storm": "夜晚，暴风雨，闪电",
    "dark": "夜晚，烛光", "light": "黎明，第一缕阳光", "return": "早晨的阳光", "end": "日落，温暖的光",
}  # fmt: skip
NIGHT_LIGHTS = {
    "only": "夜晚",
    "opening": "夜晚，月亮",
    "somebody": "夜晚，灯光",
    "sign": "夜晚，灯光",
}
SEASONS = {"winter": "雪", "autumn": "秋天的红叶", "spring": "春天的花", "summer": "夏天"}
WINTER_STORM = ("远景，暴风雪的夜晚，{place}，大风", "暴风雪")
MUSIC = {
    "drama": "缓慢而充满希望的钢琴与弦乐，电影配乐",
    "dark": "神秘、紧张的弦乐与低音钢琴，缓慢，小调",
    "light": "俏皮的单簧管与拨弦，轻快",
    "love": "浪漫的钢琴与大提琴，温暖，缓慢",
    "wonder": "奇妙、梦幻的钢片琴与竖琴，电影配乐",
    "sad": "忧伤、怀旧的大提琴与钢琴，缓慢，一点希望",
}
ANCIENT_MUSIC = {
    "drama": "舒缓的古筝与笛子，充满希望", "dark": "神秘、紧张的古琴与箫，缓慢", "light": "欢快的笛子与琵琶",
    "love": "浪漫、温柔的二胡与古筝", "wonder": "空灵、奇妙的古筝与笛子", "sad": "忧伤、怀旧的二胡与古筝，缓慢",
}  # fmt: skip
STYLES = {"dark": "炭笔，黑白", "light": "水彩，明亮的颜色"}
STYLE = "水墨淡彩"
ACTS = {
    "opening": "开场",
    "the call": "召唤",
    "the way": "路上",
    "the storm": "风暴",
    "the end": "结尾",
}
IDS = {
    "only": "全片", "opening": "开场", "somebody": "人物", "days": "日常", "sign": "转折", "doubt": "犹豫", "road": "上路",
    "meeting": "相遇", "shadow": "阴影", "storm": "风暴", "dark": "黑夜", "light": "光", "return": "归途", "end": "尾声",
}  # fmt: skip
LOOKS = {
    "她": ("穿蓝色大衣的年轻女人", "头发花白的女人", "围红围巾的年轻女人"),
    "他": ("穿棕色大衣的年轻男人", "胡子花白的男人", "围红围巾的年轻男人"),
}
LOOK = "{seen}（{look}）"
