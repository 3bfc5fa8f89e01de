"""What the template writer says and shows, in English. Data alone.

In lines, {h} is the hero as the narrator calls them, {o} the other one, {seen} and {place} as
pictures show them, {spot} the place by its short name, {thing} "the letter", {storm} the storm's
name; [is|are] is chosen by whether the hero is one or several. Upper case begins a sentence.
"""

# Beat to lines; one is chosen. A line is left out where the logline does not give what it names.
LINES = {
    "opening": (
        "There are places that keep what happens in them. This is one.",
        "It begins at a quiet hour, and with almost nothing.",
        "Before anybody is awake, {spot} belongs to itself.",
    ),
    "somebody": (
        "And [this is|these are] {intro}.",
        "Nobody who passes by looks twice. But [this is|these are] {intro}.",
    ),
    "days": (
        "The days come and go, each one like the one before.",
        "For {h}, no day has ever asked for more than the one before.",
        "For years, nothing has changed here.",
    ),
    "sign": (),  # the logline's own words
    "doubt": (
        "It would be easy to look away. {H} [does|do] not.",
        "All night, {h} [turns|turn] it over, and over again.",
    ),
    "road": (
        "So {h} [sets|set] out, before doubt can wake.",
        "There is only one way from here, and {h} [takes|take] it.",
    ),
    "meeting": (
        "And then there is {o}.",
        "Without {o}, none of this would ever have begun.",
        "Nobody goes such a way alone for long.",
    ),
    "shadow": (
        "By evening, the wind has turned.",
        "Something is coming. One feels it before one sees it.",
    ),
    "storm": (
        "Then comes {storm}, and with it everything that was held back.",
        "Nobody is ever ready for {storm}.",
    ),
    "dark": (
        "All that is left now is {thing}.",
        "There is an hour in which {h} no longer [knows|know] why.",
    ),
    "light": (
        "But no night has ever been the last one.",
        "And then, very small at first, a light.",
    ),
    "return": ("From here on, nobody walks alone.", "The way back is never the same way."),
    "end": (
        "Then it is quiet again. But it is another quiet than before.",
        "Nothing here looks different. And nothing is the same.",
    ),
}
# Where the mood asks for another tone; the rest is as above.
MOOD_LINES = {
    "dark": {
        "opening": ("Some places are quiet because somebody wants them to be.",),
        "storm": ("And in the middle of {storm}, the truth has nowhere left to hide.",),
        "light": ("Then the sky grows pale, and what was hidden can be seen.",),
        "end": ("Now it is over. So they say.",),
    },
    "light": {
        "opening": ("Nothing ever happens here. That is about to change.",),
        "days": ("{H} [has|have] a plan for every day. It is always the same plan.",),
        "shadow": ("Up to here, all went well. That should have been a warning.",),
        "storm": ("Then everything goes wrong, and all of it at once.",),
        "dark": ("It cannot get any worse, {h} [thinks|think]. It can.",),
        "light": ("And then somebody begins to laugh.",),
        "end": ("Nothing ever happens here. And that is quite enough.",),
    },
    "love": {
        "meeting": (
            "And then there is {o}, and all the words are gone.",
            "It takes no more than a look.",
        ),
        "storm": ("Then comes {storm}, and they lose sight of each other.",),
        "light": ("Whoever waits for somebody knows every light on the way.",),
        "end": ("There is nothing left to say. So they stay.",),
    },
    "wonder": {
        "opening": ("If you are very quiet, you can hear the stars here.",),
        "storm": ("Then comes {storm}, and the sky itself seems to open.",),
        "light": ("And there it is: larger than anybody had dreamt.",),
        "end": ("The world is as it was. Only larger.",),
    },
    "sad": {
        "days": ("Since then, the days are long, and very much alike.",),
        "light": ("What has been loved does not go out.",),
        "end": ("Something is missing. And something has stayed.",),
    },
}
# For shots beyond the first of a beat, each at most once in a film.
MORE_LINES = (
    "Nobody says a word.", "Time goes slowly here.", "Once more, {h} [looks|look] back.",
    "It is only a moment. But it is the one that counts.", "The wind knows nothing of all this.",
    "There was a time when this was easy.", "Step by step.", "Somewhere, a door falls shut.",
    "{H} [listens|listen]. Nothing.", "One could still turn back here.", "And the sky takes its time.",
    "How long it takes, nobody counts.", "Not everything that is lost is gone.", "It is later than it seems.",
)  # fmt: skip

# The first picture of each beat; {d} is a detail of the place, {light} the hour's light.
PICTURES = {
    "only": "wide shot: {seen}, {place}, {light}, {d}",
    "opening": "extreme wide shot: {place}, {light}, {d}",
    "somebody": "medium shot: {seen}, {place}, {light}",
    "days": "wide shot: {seen} at {place}, {light}, {d}",
    "sign": "medium shot: {seen} [stops|stop] and [looks|look] up, {place}, {light}",
    "doubt": "{seen} at a table by the window, night, a lamp",
    "road": "wide shot: {seen} [walks|walk] along {path}, {light}, {d}",
    "meeting": "medium shot: {seen} [stands|stand] still and [listens|listen], {path}, {light}",
    "shadow": "low angle: dark clouds over {place}, wind, {light}",
    "storm": "wide shot: {storm_seen}",
    "dark": "{seen}, alone, {shelter}",
    "light": "wide shot: {place}, {light}, {seen} [looks|look] at the sky",
    "return": "wide shot: {seen} [walks|walk] along {path}, {light}",
    "end": "extreme wide shot: {place}, {quiet}, {light}",
}
WITH_THING = {
    "sign": "close-up: {seen} [holds|hold] {a_thing}, {light}",
    "dark": "close-up: {a_thing} on a table, candle light, night",
}
WITH_OTHER = {
    "meeting": "medium shot: {seen} and {other} face each other, {place}, {light}",
    "return": "wide shot: {seen} and {other} walk side by side along {path}, {light}",
}
# Further pictures of a beat, where it has several shots.
COVERAGE = (
    "close-up: the face of {seen}, {light}",
    "wide shot: {place}, {d}, {light}",
    "low angle: {seen} against the sky, {light}",
    "close-up: the hands of {seen}, {light}",
    "{seen} from behind, {path}, {light}",
    "medium shot: {seen}, {d}, {light}",
    "high angle: {seen}, small, {path}, {light}",
    "close-up: the eyes of {seen}, {light}",
    "extreme wide shot: {path}, {light}, {d}",
)
COVERAGE_OTHER = "medium shot: {other}, {place}, {light}"
COVERAGE_THING = "close-up: {a_thing}, {light}"

LIGHTS = {
    "only": "evening light", "opening": "dawn, mist", "somebody": "morning light", "days": "midday",
    "sign": "evening", "doubt": "night, lamp light", "road": "morning", "meeting": "late afternoon light",
    "shadow": "dusk", "storm": "night, storm, lightning", "dark": "night, candle light",
    "light": "dawn, first light", "return": "morning sun", "end": "sunset, warm light",
}  # fmt: skip
NIGHT_LIGHTS = {
    "only": "night",
    "opening": "night, moon",
    "somebody": "night, lamp light",
    "sign": "night, lamp light",
}
SEASONS = {"winter": "snow", "autumn": "autumn leaves", "spring": "blossom", "summer": "summer"}
# The storm's picture and its name in a winter's tale.
WINTER_STORM = ("wide shot: {place} in a snowstorm at night, wind", "a snowstorm")
MUSIC = {
    "drama": "slow, hopeful piano and warm strings, cinematic",
    "dark": "mysterious, tense strings and low piano, slow, in a minor key",
    "light": "playful clarinet and pizzicato strings, light-hearted",
    "love": "romantic piano and cello, warm, slow",
    "wonder": "wonder, celesta and harp, dreamy, cinematic",
    "sad": "sad cello and piano, nostalgic, slow, a little hope",
}
STYLES = {"dark": "charcoal, black and white", "light": "watercolour, bright colours"}
STYLE = "ink and watercolour"
ACTS = {"opening": "The opening", "the call": "The call", "the way": "The way", "the storm": "The storm", "the end": "The end"}  # fmt: skip
IDS: dict[str, str] = {}  # the beats' own keys
# What somebody looks like of whom the logline tells the trade alone.
LOOKS = {
    "she": (
        "a young woman in a blue coat",
        "a woman with grey hair",
        "a young woman with a red scarf",
    ),
    "he": (
        "a young man in a brown coat",
        "a man with a grey beard",
        "a young man with a red scarf",
    ),
}
LOOK = "{seen} ({look})"
