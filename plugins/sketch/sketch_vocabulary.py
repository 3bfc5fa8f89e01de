"""The words that a frame is drawn from, English and Chinese, a concept a line.

`name: english, phrases | 中文`. English verbs and nouns also match their inflected forms; phrases
are matched longest first. A word that stands nowhere here changes nothing.
"""

import re

TABLES = {
    "shot": """
extreme_wide: extreme wide, very wide, establishing, panorama, panoramic, aerial, extreme long shot | 大远景, 全景, 航拍
wide: wide, wide shot, wide angle, long shot, full shot | 远景, 广角
medium: medium, medium shot, mid shot, waist shot, cowboy shot, two shot | 中景
close: close up, closeup, close, extreme close up, macro, detail, portrait of, headshot | 特写, 近景, 大特写
""",
    "angle": """
high: high angle, from above, looking down, overhead | 俯拍, 俯视, 高角度
low: low angle, from below, looking up at, worm eye | 仰拍, 仰视, 低角度
bird: birds eye, bird eye, top down, drone, top view | 鸟瞰, 上帝视角
eye: eye level | 平视
""",
    "time": """
dawn: dawn, sunrise, daybreak, first light, early morning | 黎明, 清晨, 拂晓, 日出, 破晓, 凌晨
morning: morning | 早晨, 早上, 上午, 晨光
day: day, daytime, noon, midday, afternoon, daylight, sunny | 白天, 中午, 正午, 下午, 午后, 晴天
sunset: sunset, golden hour, evening sun, setting sun | 日落, 夕阳, 落日
dusk: dusk, twilight, evening, nightfall, blue hour | 黄昏, 傍晚, 暮色, 薄暮
night: night, midnight, nighttime, dark night, moonlit, moonlight | 夜晚, 夜里, 深夜, 夜, 晚上, 午夜, 月光
""",
    "weather": """
rain: rain, rainy, raining, drizzle, downpour, heavy rain, wet | 雨, 下雨, 雨中, 大雨, 细雨, 暴雨
storm: storm, stormy, thunderstorm, tempest, hurricane, typhoon, gale | 暴风雨, 风暴, 雷雨, 台风
fog: fog, foggy, mist, misty, haze, hazy | 雾, 薄雾, 大雾, 雾气, 烟雨
snow: snow, snowy, snowing, blizzard, snowfall | 雪, 下雪, 大雪, 暴雪
wind: wind, windy, breeze | 风, 大风, 微风
cloudy: cloudy, overcast, grey sky, gray sky | 阴天, 多云, 乌云
clear: clear, clear sky, cloudless | 晴朗, 晴, 晴空
""",
    "season": """
spring: spring, springtime, cherry blossom, blossom | 春天, 春, 樱花, 桃花, 春日
summer: summer, summertime | 夏天, 夏, 夏日
autumn: autumn, fall leaf, autumnal, red leaf, maple | 秋天, 秋, 红叶, 枫叶, 秋日, 落叶
winter: winter, wintry, frozen, icy | 冬天, 冬, 冰封, 寒冬
""",
    "place": """
sea: sea, ocean, open water, at sea, calm sea | 大海, 海上, 海, 海面, 海洋
coast: coast, coastline, shore, seaside, cape, headland | 海岸, 岸边, 岬角
beach: beach, seashore, sand, sandy | 海滩, 沙滩, 海边
harbour: harbour, harbor, port, dock, marina, quay | 港口, 码头, 港湾, 渔港
river: river, stream, canal, creek, flowing water, water town | 河, 小河, 河流, 流水, 江, 江南水乡, 水乡, 溪, 小溪, 江南
lake: lake, pond | 湖, 湖面, 池塘, 湖边
waterfall: waterfall | 瀑布
city: city, downtown, skyline, metropolis, urban | 城市, 都市, 市区, 城里
village: village, town, hamlet | 村庄, 村子, 小镇, 村落, 乡村, 村, 古镇
street: street, alley, avenue, lane, pavement, sidewalk, crosswalk | 街道, 街, 小巷, 巷子, 大街, 石板路, 马路, 街头
market: market, bazaar, night market, market street | 市场, 集市, 夜市, 菜市场
forest: forest, woods, woodland, jungle, grove | 森林, 树林, 林中, 山林, 竹林, 林子
mountain: mountain, peak, summit, alps, mountain range | 山, 高山, 群山, 雪山, 大山, 山峰, 山顶
hill: hill, hillside, valley | 山坡, 小山, 丘陵, 山谷
cliff: cliff, bluff, precipice | 悬崖, 峭壁, 崖
rocks: rock, boulder, reef | 礁石, 岩石
desert: desert, dune | 沙漠, 沙丘, 戈壁
field: field, meadow, grassland, farm, prairie, countryside, wheat field, pasture | 田野, 草地, 草原, 麦田, 农田, 稻田, 田
park: park, garden | 公园, 花园, 庭院, 院子
path: path, trail, footpath, track | 小路, 山路, 小径, 小道
road: road, highway, country road | 公路, 道路, 路, 路上
station: station, train station, railway station, platform, railway platform | 火车站, 车站, 站台, 月台
room: room, bedroom, living room, kitchen, interior, indoors, inside, study, office, house interior, cabin, hotel room, classroom, hospital, library, cafe, restaurant, teahouse, bar, studio | 房间, 屋里, 室内, 卧室, 厨房, 书房, 办公室, 客厅, 教室, 医院, 图书馆, 咖啡馆, 餐厅, 茶馆, 屋内
rooftop: rooftop, roof terrace, terrace | 屋顶, 天台, 楼顶
island: island | 岛, 小岛, 岛屿
cave: cave | 山洞, 洞穴
space: space, outer space, planet, galaxy | 太空, 宇宙, 星球
""",
    "person": """
man: man, guy, gentleman, father, dad, husband, brother, hero, worker, farmer, driver, monk, king | 男人, 男子, 父亲, 爸爸, 丈夫, 哥哥, 农夫, 工人, 和尚, 先生
oldman: old man, grandfather, grandpa, elderly man | 老人, 爷爷, 老头, 老爷爷, 老汉, 老翁
oldwoman: old woman, grandmother, grandma, old lady | 奶奶, 老太太, 老奶奶, 老妇人, 外婆
woman: woman, lady, mother, mum, mom, wife, sister, dancer, queen, heroine | 女人, 女子, 母亲, 妈妈, 妻子, 姐姐, 女士
girl: girl, daughter, little girl, young girl | 女孩, 小女孩, 女儿, 姑娘, 少女
boy: boy, son, little boy | 男孩, 小男孩, 儿子, 少年
child: child, children, kid, toddler | 孩子, 小孩, 儿童, 孩子们
keeper: keeper, lighthouse keeper, captain, sailor | 守塔人, 看守人, 船长, 水手, 守护人
fisher: fisherman, fishermen, fisher | 渔夫, 渔民, 渔翁
soldier: soldier, guard, policeman, police officer | 士兵, 警察, 军人
traveller: traveller, traveler, wanderer, hiker, pilgrim, tourist | 旅人, 旅行者, 行人, 游客, 路人
person: person, people, figure, somebody, someone, passenger, friend, couple, family, crowd, stranger, lover, villager, passer by, silhouette | 人, 人们, 人群, 朋友, 情侣, 家人, 乘客, 众人, 恋人, 村民
""",
    "body": """
face: face, eye, portrait | 脸, 面孔, 眼睛, 面容, 眼神, 肖像
hand: hand, finger, palm | 手, 手中, 手里, 双手, 手指
""",
    "thing": """
lighthouse: lighthouse, light house | 灯塔
tower: tower, bell tower, watchtower, castle, church, steeple | 塔楼, 钟楼, 城堡, 教堂, 高塔
pagoda: pagoda, temple, shrine, pavilion | 宝塔, 寺庙, 庙, 亭子, 凉亭, 塔
house: house, cottage, hut, home, cabin house, farmhouse, barn | 房子, 房屋, 小屋, 木屋, 茅屋, 农舍, 家, 人家
building: building, skyscraper, tall building, apartment, block, hotel, shop, store | 高楼, 大楼, 楼房, 摩天大楼, 公寓, 大厦, 商店, 楼
bridge: bridge, footbridge, stone bridge, viaduct | 桥, 小桥, 石桥, 大桥, 高架桥, 拱桥
pier: pier, jetty, wharf | 栈桥, 防波堤
boat: boat, fishing boat, rowing boat, rowboat, canoe, sampan, raft | 船, 小船, 渔船, 小舟, 木船, 乌篷船, 竹筏
sailboat: sailboat, sailing boat, yacht, sail | 帆船, 帆
ship: ship, steamer, ferry, cargo ship, vessel, ocean liner | 轮船, 大船, 货轮, 渡轮
train: train, locomotive, steam train, carriage, subway, metro, tram | 火车, 列车, 地铁, 电车, 高铁
car: car, taxi, automobile, van, vehicle, traffic | 汽车, 轿车, 出租车, 车辆, 车
bus: bus, truck, lorry | 公交车, 巴士, 卡车
bicycle: bicycle, bike, cyclist | 自行车, 单车
plane: plane, airplane, aeroplane, aircraft | 飞机
balloon: balloon, hot air balloon | 气球, 热气球
cart: cart, wagon, stall, rickshaw | 马车, 推车, 摊位, 摊子, 小摊
dog: dog, wolf, puppy, hound | 狗, 狼, 小狗, 犬
cat: cat, kitten | 猫, 小猫, 猫咪
horse: horse, pony, donkey | 马, 骏马, 驴
cow: cow, ox, bull, buffalo, cattle | 牛, 水牛, 奶牛
sheep: sheep, lamb, goat | 羊, 绵羊, 羊群
deer: deer, stag, doe | 鹿, 小鹿
bird: bird, crow, swallow, pigeon, dove, sparrow, crane, geese, goose, raven | 鸟, 飞鸟, 燕子, 鸽子, 乌鸦, 大雁, 小鸟, 白鹤
gull: gull, seagull | 海鸥
duck: duck, swan | 鸭子, 天鹅, 鸭
fish: fish, dolphin, koi, shark | 鱼, 海豚, 鲤鱼, 金鱼
whale: whale | 鲸鱼, 鲸
butterfly: butterfly, butterflies, moth | 蝴蝶
firefly: firefly, fireflies | 萤火虫
tree: tree, oak, big tree, birch | 树, 大树, 树木, 老树, 柳树, 柳
pine: pine, fir, spruce, christmas tree | 松树, 松, 杉树
palm: palm tree, coconut tree | 棕榈树, 椰树
bamboo: bamboo | 竹子, 竹
flower: flower, rose, sunflower, tulip, wildflower, poppy, lotus | 花, 鲜花, 玫瑰, 向日葵, 野花, 荷花, 花朵
grass: grass, reed, bush | 草, 芦苇, 灌木, 小草
leaves: leaf, leaves, foliage | 树叶, 叶子
fence: fence, gate, wall | 栅栏, 篱笆, 大门, 围墙
sun: sun | 太阳, 阳光
moon: moon, full moon, crescent | 月亮, 明月, 满月, 月
star: star, starry, starry sky, milky way | 星星, 星空, 星, 繁星, 银河
cloud: cloud | 云, 白云, 云朵, 云海
rainbow: rainbow | 彩虹
lightning: lightning, thunder, thunderbolt | 闪电, 雷电, 雷
fireworks: firework, fireworks | 烟花, 烟火
wave: wave, huge wave, surf, swell | 海浪, 巨浪, 浪, 波浪, 浪花
smoke: smoke, chimney smoke, steam | 烟, 炊烟, 蒸汽
fire: fire, campfire, bonfire, flame, fireplace, stove | 火, 篝火, 火焰, 壁炉, 火炉
footprints: footprint, tracks in sand | 脚印, 足迹
beam: beam, light beam, searchlight, ray of light | 光束, 光柱
streetlamp: street lamp, streetlamp, streetlight, street light, lamppost | 路灯, 街灯
neon: neon, neon sign, neon light, billboard | 霓虹, 霓虹灯, 招牌
lights: light in window, village light, city light, lit window | 灯火, 万家灯火, 灯光
window: window, curtain, windowpane | 窗, 窗户, 窗边, 窗前, 窗帘, 窗外
windowsill: windowsill, window sill, sill, window ledge | 窗台
door: door, doorway, entrance | 门, 门口
stairs: stair, staircase, stairway, step, spiral staircase, spiral stair | 楼梯, 台阶, 旋转楼梯, 螺旋楼梯, 阶梯
table: table, desk, workbench | 桌, 桌子, 桌上, 桌边, 书桌, 桌前
chair: chair, armchair, stool, sofa | 椅子, 沙发, 凳子
bench: bench, park bench | 长椅, 长凳
bed: bed, bunk | 床, 床上
shelf: shelf, bookshelf, bookcase | 书架, 架子
picture: picture, painting, photograph, photo, picture frame | 画, 照片, 相片, 画像, 油画
mirror: mirror | 镜子
lamp: lamp, oil lamp, lamp light, lamplight, desk lamp, table lamp | 灯, 油灯, 台灯, 煤油灯
lantern: lantern, paper lantern | 灯笼, 提灯, 马灯
candle: candle, candlelight | 蜡烛, 烛光
book: book, diary, novel, notebook | 书, 书本, 日记, 本子
letter: letter, envelope, note, postcard, newspaper, paper | 信, 信件, 信封, 书信, 报纸, 纸条
map: map, chart | 地图, 海图
phone: phone, smartphone, mobile phone, cell phone | 手机
telephone: telephone, landline | 电话
computer: computer, laptop, screen, television | 电脑, 笔记本电脑, 屏幕, 电视
clock: clock, watch, pocket watch, alarm clock | 钟, 时钟, 手表, 闹钟, 怀表
radio: radio, gramophone | 收音机, 留声机
cup: cup, mug, teacup, tea, coffee, glass | 杯子, 茶, 茶杯, 咖啡
teapot: teapot, kettle | 茶壶, 水壶
bottle: bottle, wine | 瓶子, 酒, 酒瓶
bowl: bowl, soup, noodle, rice, bread, food, meal | 碗, 面条, 饭, 面包, 饭菜
fruit: apple, fruit, orange fruit | 苹果, 水果, 橙子
key: key | 钥匙
box: box, crate, chest, parcel, package, barrel | 箱子, 盒子, 包裹, 木箱, 木桶
ring: ring, necklace | 戒指, 项链
umbrella: umbrella, parasol | 伞, 雨伞, 阳伞, 油纸伞
suitcase: suitcase, luggage, backpack, bag | 行李, 行李箱, 手提箱, 背包, 包
kite: kite | 风筝
camera: camera | 相机, 照相机
telescope: telescope, binoculars, spyglass | 望远镜
guitar: guitar, violin, cello | 吉他, 小提琴, 琴
piano: piano | 钢琴
flag: flag, banner | 旗, 旗帜
ball: ball, football, basketball | 球, 足球, 篮球
rod: fishing rod, fishing pole | 鱼竿, 钓竿
oar: oar, paddle | 桨, 船桨
anchor: anchor | 锚
statue: statue, monument | 雕像, 塑像
well: well, fountain | 井, 喷泉
tent: tent | 帐篷
windmill: windmill | 风车
robot: robot | 机器人
sword: sword | 剑, 刀
""",
    "action": """
walk: walk, stroll, wander, hike, walk along, stride | 走, 走在, 步行, 漫步, 散步, 行走
away: walk away, walking away, leave on foot, from behind, back view | 走远, 离去, 背影
run: run, chase, sprint, flee, race | 跑, 奔跑, 追, 跑步
climb: climb, ascend | 爬, 攀登, 登上, 爬上
sit: sit, seated, rest | 坐, 坐在, 坐着
read: read | 读, 阅读, 看书, 看信
write: write, draw | 写, 写字, 画画
drink: drink, sip | 喝, 饮
eat: eat, dine | 吃, 吃饭
wave: waving, wave goodbye, farewell, say goodbye, greet | 挥手, 挥着手, 告别, 招手, 送别
look: look out, look at, gaze, stare, watch over, look, watching | 看着, 望着, 眺望, 凝视, 望向, 看, 仰望
row: row, rowing, paddling | 划船, 划着, 划桨
hold: hold, carry, in hand, clutch, raise | 拿着, 提着, 握着, 捧着, 撑着, 打着, 举着, 手持, 撑, 端着
dance: dance | 跳舞, 舞蹈
jump: jump, leap | 跳, 跳跃
sleep: sleep, asleep, lie down, lying | 睡, 睡觉, 躺, 熟睡
kneel: kneel, crouch | 跪, 蹲
hug: hug, embrace, kiss | 拥抱, 抱着, 亲吻
point: point | 指着, 指向
fly: fly, soar | 飞, 飞翔
fish: fish for, fishing | 钓鱼, 垂钓
ride: ride | 骑, 骑着
swim: swim | 游泳, 游
play: play | 玩, 玩耍, 弹
pray: pray | 祈祷
sing: sing | 唱歌
stand: stand, wait | 站, 站在, 等待, 站着, 等
""",
    "mood": """
happy: happy, joy, joyful, cheerful, smile, smiling, laugh, laughing, hopeful, hope, warm heart | 快乐, 开心, 微笑, 笑, 幸福, 高兴, 希望, 喜悦
sad: sad, lonely, sorrow, melancholy, tired, weary, grief, cry, crying, tear, tearful, solitary | 悲伤, 孤独, 难过, 疲惫, 忧伤, 哭, 眼泪, 寂寞, 哀伤
tense: tense, scared, fear, danger, dangerous, threatening, ominous, terrified, dramatic, angry, shocked, surprised | 紧张, 恐惧, 害怕, 危险, 愤怒, 惊讶, 惊恐
calm: calm, quiet, peaceful, serene, gentle, still | 平静, 宁静, 安静, 安详, 静谧
""",
    "style": """
ink: ink, ink drawing, ink wash, pen and ink | 水墨, 墨, 钢笔画
watercolour: watercolour, watercolor, line and wash | 水彩, 淡彩
charcoal: charcoal, pencil, graphite | 炭笔, 铅笔, 素描
sepia: sepia, vintage | 怀旧, 复古
mono: black and white, monochrome, noir, film noir | 黑白
warm: warm, warm colour, warm color, warm palette, warm light, warm tone | 暖色, 温暖, 暖色调
cool: cool, cold, cool palette, cold colour, cool colour, cold color, cool color, cool tone | 冷色, 寒冷, 冷色调
""",
    "attr": """
old: old, elderly, aged, ancient | 年老, 年迈, 老
small: small, little, tiny | 小, 小小
big: big, huge, giant, enormous, large, tall, high | 巨大, 大, 高大, 高
dark: dark, unlit, abandoned, broken | 黑暗, 熄灭, 漆黑
leaving: leave, leaving, depart, departing | 离开, 驶离, 出发
crowded: crowded, busy, bustling | 拥挤, 热闹, 繁忙
lit: glow, glowing, lit, light | 亮, 发光, 光
""",
    "colour": """
red: red, crimson, scarlet | 红, 红色
orange: orange colour, amber | 橙色, 橘色
yellow: yellow | 黄, 黄色
green: green | 绿, 绿色, 青
blue: blue | 蓝, 蓝色
purple: purple, violet | 紫, 紫色
pink: pink | 粉色, 粉红
white: white | 白, 白色
black: black | 黑, 黑色
brown: brown | 棕色, 褐色
gold: gold, golden | 金色, 金
grey: grey, gray | 灰色
""",
    "worn": """
coat: coat, raincoat, jacket, dress, shirt, sweater, robe, cloak, skirt, gown, uniform | 雨衣, 外套, 大衣, 衣服, 衣裳, 衣, 裙子, 裙, 长袍, 毛衣, 衬衫
hair: hair, haired | 头发, 长发, 短发
beard: beard, bearded, moustache, mustache | 胡子
hat: hat, cap, beret, bonnet | 帽子, 帽
""",
    "number": """
1: one, single, lone, alone, solitary figure | 独自, 一个人
2: two, couple of, pair of, both | 一对
3: three, few, several | 几个, 几只, 几
4: four | 四
5: five | 五
6: six
7: seven, group of, some | 一群, 成群
8: eight, many, lots of | 许多, 很多, 无数
9: nine
10: ten
12: dozen, twelve, hundred, thousand, countless
""",
    "nothing": """
idiom: at once | 马上, 马虎, 风景, 花费, 大家, 小心, 天空, 家乡, 手机里, 看见, 光滑, 高兴地, 人物, 正在, 一起, 车窗, 风格, 画面, 镜头, 重新, 书包, 江湖, 人间, 画风, 鱼贯
""",
}


VERBS = ("action", "attr", "mood")


MEASURE = "个只条艘头匹座栋辆列位名盏封本张把片间棵朵颗轮扇架台杯级幅叶枝束壶"


NUMERALS = {c: i + 1 for i, c in enumerate("一二三四五六七八九")} | {"两": 2, "十": 10, "百": 12}


def forms(word, verb):
    """A word with its regular inflections."""
    out = {word, word + "s", word + "es"}
    if word.endswith("y"):
        out.add(word[:-1] + "ies")
    if word.endswith("f"):
        out.add(word[:-1] + "ves")
    if word.endswith("man"):
        out.add(word[:-3] + "men")
    if verb:
        stem = word[:-1] if word.endswith("e") else word
        out |= {stem + "ing", stem + "ed", word + word[-1:] + "ing", word + word[-1:] + "ed"}
        out |= IRREGULAR.get(word, set())
    return out


IRREGULAR = {
    "run": {"ran"}, "sit": {"sat"}, "lie": {"lying"}, "hold": {"held"}, "read": set(),
    "write": {"wrote"}, "drink": {"drank"}, "eat": {"ate"}, "fly": {"flew"}, "stand": {"stood"},
    "sleep": {"slept"}, "leave": {"left"},
}  # fmt: skip


def build():
    """(english phrase as a tuple of words → concept, chinese phrase → concept, english words)."""
    english, chinese = {}, {}
    for category, table in TABLES.items():
        for line in table.strip().splitlines():
            name, _, rest = line.partition(":")
            left, _, right = rest.partition("|")
            concept = (category, name.strip())
            for phrase in filter(None, (p.strip() for p in left.split(","))):
                *head, last = phrase.split()
                if head and category in VERBS:
                    for first in forms(head[0], True):
                        english.setdefault((first, *head[1:], last), concept)
                for form in sorted(forms(last, category in VERBS)):
                    if form == last or category not in ("time", "weather", "number", "colour"):
                        english.setdefault((*head, form), concept)
            for phrase in filter(None, (p.strip() for p in right.split(","))):
                chinese.setdefault(phrase, concept)
    # A word in its own form wins over another word's inflection.
    for category, table in TABLES.items():
        for line in table.strip().splitlines():
            name, _, rest = line.partition(":")
            for phrase in rest.partition("|")[0].split(","):
                if phrase.strip() and category != "action":
                    english[tuple(phrase.split())] = (category, name.strip())
    words = {w for phrase in english for w in phrase}
    return english, chinese, words


ENGLISH, CHINESE, WORDS = build()


LONGEST_ENGLISH = max(len(p) for p in ENGLISH)


LONGEST_CHINESE = max(len(p) for p in CHINESE)


TOKEN = re.compile(
    r"\d+[a-z]+|\d+(?:[:.]\d+)+|[a-z]+|\d+|[一二两三四五六七八九十百]+["
    + MEASURE
    + r"]|[一-鿿]|[,.;:!?/，。；：！？、]"
)
