"""Scenery: what belongs to a kind of place in a picture: what is seen there, the way through it, its
storm, and its quiet. Data alone, English and Chinese.

Where a logline names a place, the place's own words stand in front of these.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scenery:
    """A kind of place, in one language.

    Args:
        place: What it is called where the logline names none.
        details: What is seen there, one in each picture.
        path: The way that leads through it.
        storm: The picture of its worst hour, and `storm_name` what the narrator calls it.
        shelter: Where the dark hour is spent.
        quiet: The picture of its peace.
        names: Words of a logline that mean such a place.
    """

    place: str
    details: tuple[str, ...]
    path: str
    storm: str
    storm_name: str
    shelter: str
    quiet: str
    names: str


ENGLISH = {
    "coast": Scenery(
        "the coast", ("gulls over the sea", "waves against the rocks", "a small boat on the water"),
        "a narrow path along the cliff", "a night storm, huge waves against the rocks, lightning",
        "a storm", "a small room with a window, rain", "a calm sea, gulls",
        "lighthouse, coast, sea, ocean, beach, island, harbour, harbor, port, pier, cliff, shore, bay, "
        "seaside, fishing village, reef, dock, lagoon",
    ),
    "ship": Scenery(
        "the ship", ("sails against the sky", "waves along the hull", "a lantern on the deck"),
        "the deck of a ship", "a ship in a night storm, huge waves, lightning", "a storm",
        "a cabin with a lamp", "a ship on a calm sea",
        "ship, boat, submarine, sailboat, ferry, yacht, raft, whaler, vessel, deck",
    ),
    "city": Scenery(
        "the city", ("lit windows", "people with umbrellas", "street lamps"),
        "a long street between tall houses", "a city street at night in heavy rain, lightning",
        "the rain", "a dark room with a window on the city", "an empty city street, wet ground",
        "city, town, street, apartment, flat, rooftop, subway, metro, downtown, suburb, skyscraper, "
        "alley, office, bank, casino, neighbourhood, neighborhood, new york, london, paris, tokyo, "
        "shanghai, beijing, hong kong, berlin, hotel, club, bar, theatre, theater, cinema, museum, "
        "bakery, shop, bookshop, bookstore, cafe, café, restaurant, diner, market, factory, court",
    ),
    "village": Scenery(
        "the village", ("smoke from the chimneys", "a stone well", "a bicycle against a wall"),
        "a path between the houses", "a village at night, a thunderstorm, lightning",
        "a thunderstorm", "a kitchen with a candle on the table", "the roofs of a village",
        "village, hamlet, cottage, church, chapel, monastery, abbey, inn, mill, vineyard, castle, "
        "palace, manor, mansion, graveyard, cemetery, kingdom",
    ),
    "farm": Scenery(
        "the farm", ("a wooden fence", "hay in the field", "a horse by the barn"),
        "a dirt road between the fields", "a field under black clouds, a storm, lightning",
        "a storm", "a barn at night, a lantern", "wide fields",
        "farm, field, barn, ranch, orchard, meadow, prairie, countryside, garden, greenhouse, plain, plains",
    ),
    "forest": Scenery(
        "the forest", ("tall old trees", "light between the leaves", "a deer in the distance"),
        "a path through the trees", "a forest at night, a storm bends the trees, lightning",
        "a storm", "a hut in the forest at night, a fire", "mist between the trees",
        "forest, wood, woods, jungle, wilderness, grove, rainforest, swamp, cabin, treehouse",
    ),
    "mountain": Scenery(
        "the mountains", ("snow on the summits", "an eagle in the sky", "a wooden hut"),
        "a steep path up the mountain", "a mountain in a snowstorm at night", "a snowstorm",
        "a hut in the snow, a fire", "the summits above the clouds",
        "mountain, mountains, summit, peak, valley, glacier, volcano, hill, hills, himalaya, "
        "himalayas, alps, everest, temple, ridge, observatory",
    ),
    "ice": Scenery(
        "the ice", ("endless white snow", "ice floes", "breath in the cold air"),
        "tracks in the snow", "a snowstorm over the ice at night", "a snowstorm",
        "a tent in the snow, a lamp", "a white plain of snow, a clear sky",
        "antarctica, antarctic, arctic, north pole, south pole, tundra, iceberg, siberia, ice, lapland",
    ),
    "desert": Scenery(
        "the desert", ("dunes to the horizon", "a lone dry tree", "camels in the distance"),
        "footprints over the dunes", "a sandstorm in the desert, dark clouds", "a sandstorm",
        "a tent in the desert at night, a fire", "dunes and a wide sky",
        "desert, sahara, dunes, oasis, canyon, wasteland, outback, wild west, frontier",
    ),
    "river": Scenery(
        "the river", ("reeds on the bank", "a wooden bridge", "a small boat"),
        "a path along the river", "a river in flood at night, heavy rain, lightning", "the flood",
        "a hut by the river, a lamp", "a still river, mist over the water",
        "river, lake, bridge, stream, waterfall, canal, pond, delta, dam, water town",
    ),
    "space": Scenery(
        "space", ("a planet beyond the window", "countless stars", "blinking lights"),
        "a long corridor with round windows", "a spaceship among lightning and burning rocks in space",
        "the solar storm", "a dark cabin, a red lamp, stars in the window", "a planet among the stars",
        "space, spaceship, spacecraft, space station, starship, mars, moon, planet, galaxy, orbit, "
        "moon base, asteroid, rocket, jupiter, saturn, colony, universe",
    ),
    "train": Scenery(
        "the train", ("fields that fly past the window", "a suitcase on the rack", "steam"),
        "rails to the horizon", "a train at night in a thunderstorm, lightning", "a storm",
        "a compartment at night, rain on the window", "an empty railway station",
        "train, railway, station, train station, railway station, platform, carriage, express, locomotive",
    ),
    "road": Scenery(
        "the road", ("telegraph poles", "clouds of dust", "a car far away"),
        "a road to the horizon", "a road at night in heavy rain, lightning, headlights", "a storm",
        "a car by the road at night, rain", "an empty road, a wide sky",
        "road, highway, motel, gas station, border, car, truck, bus, caravan",
    ),
    "school": Scenery(
        "the school", ("books on a desk", "a blackboard", "tall windows"),
        "a long corridor", "a school at night, heavy rain against the windows, lightning", "a storm",
        "an empty classroom at night, a lamp", "an empty classroom",
        "school, university, classroom, academy, library, college, orphanage, kindergarten, archive",
    ),
    "hospital": Scenery(
        "the hospital", ("flowers by a bed", "a nurse in the corridor", "white curtains"),
        "a long white corridor", "a hospital at night, heavy rain, lightning", "the worst night",
        "a dark room with a bed, a small lamp", "a bed by a window",
        "hospital, clinic, ward, asylum, nursing home, laboratory, lab, prison, jail, cell, hospice",
    ),
    "war": Scenery(
        "the front", ("broken walls", "smoke on the horizon", "a torn flag"),
        "a road between ruins", "a battlefield at night, explosions, smoke", "the bombardment",
        "a cellar by candle light", "a ruin, grass between the stones",
        "trench, trenches, battlefield, front, warzone, ruins, camp, barracks, besieged city",
    ),
    "home": Scenery(
        "the house", ("a cup of tea on the table", "pictures on the wall", "a clock on the wall"),
        "a dark staircase", "a house at night, heavy rain, lightning", "a storm",
        "a dark room, a candle", "a room with a window",
        "house, home, kitchen, attic, basement, cellar, bedroom, room, living room, studio, workshop",
    ),
    "land": Scenery(
        "a hill with a lone tree", ("high grass", "birds in the sky", "long shadows"),
        "a path to the horizon", "a night storm, black clouds, lightning", "a storm",
        "a dark room, a candle", "a wide sky", "world, land, country, place, nowhere, earth",
    ),
}  # fmt: skip

CHINESE = {
    "coast": Scenery(
        "海边", ("海鸥飞过海面", "浪花拍打礁石", "海上一只小船"), "悬崖边的小路",
        "暴风雨的夜晚，巨浪拍打礁石，闪电", "暴风雨", "小屋里，窗外下着雨", "平静的大海，海鸥",
        "灯塔, 海边, 大海, 海岸, 海滩, 海岛, 小岛, 孤岛, 岛, 港口, 码头, 悬崖, 渔村, 海底, 海",
    ),
    "ship": Scenery(
        "船上", ("白帆", "船边的浪花", "甲板上的灯"), "船的甲板", "暴风雨的夜晚，海上的船，巨浪，闪电",
        "暴风雨", "船舱里一盏灯", "平静的海面上一只船", "轮船, 帆船, 渔船, 潜水艇, 甲板, 船",
    ),
    "city": Scenery(
        "城市", ("亮着灯的窗户", "撑伞的行人", "街灯"), "高楼之间的长街", "城市的夜晚，大雨，闪电",
        "大雨", "黑暗的房间，窗外是城市", "空荡的街道",
        "城市, 都市, 小城, 大城市, 街道, 街角, 胡同, 弄堂, 公寓, 天台, 地铁, 上海, 北京, 香港, 酒店, 剧院, "
        "电影院, 博物馆, 面包店, 书店, 咖啡馆, 餐厅, 饭馆, 商店, 市场, 工厂, 办公室, 公司, 巷子",
    ),
    "village": Scenery(
        "村庄", ("炊烟", "一口老井", "墙边的自行车"), "村里的石板路", "村庄的夜晚，雷雨，闪电", "雷雨",
        "厨房里，桌上一支蜡烛", "村庄的屋顶", "村庄, 山村, 小村, 村子, 乡村, 老家, 故乡, 古镇, 小镇, 客栈, "
        "教堂, 城堡, 宫殿, 古宅, 王国, 皇宫, 茶馆, 村",
    ),
    "farm": Scenery(
        "田野", ("木栅栏", "田里的稻草", "一匹马"), "田间的小路", "田野上的暴雨，乌云，闪电", "暴雨",
        "谷仓里一盏灯", "辽阔的田野", "农场, 田野, 稻田, 麦田, 果园, 草原, 花园, 牧场, 田",
    ),
    "forest": Scenery(
        "森林", ("高大的老树", "树叶间的阳光", "远处的一只鹿"), "林间小路", "森林的夜晚，暴风雨，闪电",
        "暴风雨", "林中小屋，炉火", "林间的薄雾", "森林, 树林, 丛林, 竹林, 山林, 沼泽, 树屋, 林",
    ),
    "mountain": Scenery(
        "山里", ("山顶的积雪", "天上的鹰", "一座木屋"), "陡峭的山路", "夜晚，山上的暴风雪", "暴风雪",
        "雪中小屋，炉火", "云海上的山峰", "高山, 雪山, 山谷, 山顶, 峡谷, 寺庙, 古寺, 道观, 天文台, 高原, 西藏, 山",
    ),
    "ice": Scenery(
        "冰原", ("无边的白雪", "浮冰", "冷空气里的呼吸"), "雪地上的脚印", "夜晚，冰原上的暴风雪", "暴风雪",
        "雪地里的帐篷，一盏灯", "白色的雪原", "南极, 北极, 冰原, 雪原, 冰川, 西伯利亚",
    ),
    "desert": Scenery(
        "沙漠", ("连绵的沙丘", "一棵枯树", "远处的骆驼"), "沙丘上的脚印", "沙漠中的沙尘暴，乌云", "沙尘暴",
        "夜晚沙漠里的帐篷，篝火", "沙丘和辽阔的天空", "沙漠, 戈壁, 大漠, 绿洲, 荒原, 敦煌",
    ),
    "river": Scenery(
        "河边", ("岸边的芦苇", "一座小桥", "一只小船"), "河边的小路", "夜晚，河水上涨，大雨，闪电", "洪水",
        "河边的小屋，一盏灯", "平静的河面，薄雾", "江南水乡, 水乡, 江南, 河边, 江边, 湖边, 大河, 长江, 黄河, 小河, 大桥, 瀑布, 湖, 河, 江, 桥",
    ),
    "space": Scenery(
        "太空", ("舷窗外的行星", "无数的星星", "闪烁的灯"), "有圆窗的长走廊", "太空中的飞船，闪电，燃烧的陨石",
        "太阳风暴", "黑暗的船舱，窗外的星星", "群星中的行星", "太空, 飞船, 宇宙飞船, 空间站, 火星, 月球, 行星, 星球, 宇宙, 银河, 外星",
    ),
    "train": Scenery(
        "火车上", ("窗外飞过的田野", "行李箱", "蒸汽"), "伸向远方的铁轨", "雷雨的夜晚，一列火车，闪电", "暴雨",
        "夜晚的车厢，窗上的雨", "空荡的火车站", "火车, 列车, 火车站, 车站, 站台, 铁路, 车厢, 高铁",
    ),
    "road": Scenery(
        "路上", ("电线杆", "尘土", "远处的一辆车"), "伸向远方的公路", "夜晚，公路上的大雨，闪电", "暴雨",
        "夜晚路边的车，下着雨", "空荡的公路，辽阔的天空", "公路, 高速公路, 加油站, 边境, 卡车, 公交车, 汽车",
    ),
    "school": Scenery(
        "学校", ("桌上的书", "黑板", "高高的窗户"), "长长的走廊", "夜晚的学校，大雨，闪电", "大雨",
        "夜晚的空教室，一盏灯", "空空的教室", "学校, 大学, 教室, 校园, 图书馆, 孤儿院, 档案馆, 中学, 小学",
    ),
    "hospital": Scenery(
        "医院", ("床边的花", "走廊里的护士", "白色的窗帘"), "白色的长走廊", "夜晚的医院，大雨，闪电", "最难的一夜",
        "黑暗的病房，一盏小灯", "窗边的床", "医院, 病房, 诊所, 养老院, 实验室, 监狱, 牢房",
    ),
    "war": Scenery(
        "前线", ("断墙", "远处的烟", "破旧的旗"), "废墟间的路", "夜晚的战场，爆炸，浓烟", "炮火",
        "地窖里的烛光", "废墟，石缝里的草", "战场, 前线, 战壕, 废墟, 军营, 战火",
    ),
    "home": Scenery(
        "家里", ("桌上一杯茶", "墙上的画", "墙上的钟"), "昏暗的楼梯", "夜晚的房子，大雨，闪电", "大雨",
        "黑暗的房间，一支蜡烛", "有窗的房间", "房子, 家里, 老屋, 厨房, 阁楼, 地下室, 卧室, 房间, 工作室, 作坊, 老宅",
    ),
    "land": Scenery(
        "山坡上一棵孤树", ("高高的草", "天上的鸟", "长长的影子"), "伸向远方的小路", "暴风雨的夜晚，乌云，闪电",
        "暴风雨", "黑暗的房间，一支蜡烛", "辽阔的天空", "世界, 大地, 远方, 人间, 地球",
    ),
}  # fmt: skip
