"""The English words that the template writer knows in a logline. Data alone."""


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.replace("\n", " ").split(",") if word.strip()]


SHE = set(_words(
    "girl, woman, daughter, mother, sister, wife, aunt, grandmother, grandma, queen, princess, nun, "
    "witch, widow, actress, waitress, bride, lady, niece, heroine, ballerina, mermaid, duchess, "
    "schoolgirl, fisherwoman, mum, mom, seamstress, midwife, goddess, girlfriend, maid, empress"
))  # fmt: skip
HE = set(_words(
    "boy, man, son, father, brother, husband, uncle, grandfather, grandpa, king, prince, monk, wizard, "
    "widower, waiter, groom, gentleman, nephew, fisherman, dad, cowboy, knight, schoolboy, "
    "businessman, salesman, policeman, fireman, postman, priest, duke, samurai, butler, emperor, "
    "boyfriend, lord, ferryman, boatman, craftsman"
))  # fmt: skip
IT = set(_words(
    "robot, dog, cat, horse, bird, fox, bear, wolf, whale, elephant, lion, tiger, rabbit, mouse, dragon, "
    "ghost, alien, monster, android, penguin, owl, donkey, cow, sheep, deer, fish, turtle, dolphin, "
    "seal, crow, raven, parrot, snail, frog, puppy, kitten, creature, machine, computer, clone, vampire, "
    "werewolf, zombie, fairy, elf, troll, dwarf, snowman, puppet, doll, shark, crane, camel, ant, bee"
))  # fmt: skip
THEY = set(_words(
    "keeper, child, kid, teenager, teacher, doctor, nurse, soldier, sailor, captain, pilot, astronaut, "
    "detective, writer, poet, painter, musician, pianist, violinist, singer, dancer, clockmaker, "
    "watchmaker, baker, cook, chef, farmer, shepherd, hunter, thief, spy, assassin, scientist, professor, "
    "student, orphan, stranger, traveller, traveler, wanderer, friend, neighbour, neighbor, lawyer, judge, "
    "gardener, librarian, archivist, photographer, journalist, reporter, engineer, mechanic, driver, "
    "guard, prisoner, refugee, immigrant, hermit, beggar, merchant, blacksmith, carpenter, tailor, miner, "
    "lover, couple, twins, twin, siblings, family, villagers, villager, crew, team, band, gang, person, "
    "people, human, hero, champion, boxer, runner, athlete, swimmer, climber, mountaineer, explorer, "
    "adventurer, archaeologist, historian, inventor, magician, clown, acrobat, juggler, nomad, pirate, "
    "warrior, general, officer, agent, president, minister, rival, enemy, boss, colleague, partner, "
    "tutor, student, pupil, apprentice, master, mentor, genius, survivor, ferryman, fisher, angler, "
    "beekeeper, innkeeper, shopkeeper, gamekeeper, lamplighter, cartographer, translator, composer, "
    "conductor, killer, murderer, victim, suspect, witness, criminal, burglar, gangster, cellist, guitarist, drummer, actor, director, filmmaker, tattooist, barber, hairdresser, "
    "accountant, clerk, cleaner, janitor, courier, messenger, mail carrier, paramedic, surgeon, "
    "veterinarian, psychologist, patient, barista, bartender, dj, gamer, hacker, programmer, baby, infant, "
    "toddler, parent, grandparents, grandparent, grandchild, grandson, granddaughter, cousin, veteran, "
    "recruit, deserter, sniper, medic, diver, surfer, skater, cyclist, woodcutter, lumberjack, potter, "
    "weaver, sculptor, glassblower, puppeteer, piano tuner, tuner, signalman, guide, monarch, rebel"
))  # fmt: skip
SHE |= {"granddaughter"}
HE |= {"grandson"}
PERSONS = SHE | HE | IT | THEY
PERSON_ENDINGS = ("man", "woman", "keeper", "maker", "smith", "herd", "girl", "boy", "monger")
PLURAL_PERSONS = {"twins", "couple", "siblings", "family", "villagers", "crew", "team", "band", "gang",
                  "people", "children", "men", "women", "grandparents", "lovers"}  # fmt: skip
# Relatives are nobody's in a picture: whom the picture shows instead.
SHOWN_AS = {
    "daughter": "a young woman", "son": "a young man", "mother": "a woman with grey hair",
    "mum": "a woman with grey hair", "mom": "a woman with grey hair", "father": "a man with grey hair",
    "dad": "a man with grey hair", "sister": "a young woman", "brother": "a young man",
    "wife": "a woman", "husband": "a man", "grandmother": "an old woman", "grandma": "an old woman",
    "grandfather": "an old man", "grandpa": "an old man", "granddaughter": "a girl",
    "grandson": "a boy", "child": "a child", "children": "two children", "friend": "a young man",
    "love": "a young woman", "neighbour": "a man", "neighbor": "a man", "parents": "a man and a woman",
    "partner": "a woman", "rival": "a man in a dark coat", "enemy": "a man in a dark coat",
    "family": "a man, a woman and a child", "grandparents": "an old man and an old woman",
    "stranger": "a stranger in a dark coat", "baby": "a baby", "cousin": "a young man",
}  # fmt: skip

THINGS = set(_words(
    "letter, letters, map, key, lamp, lantern, clock, watch, book, diary, photograph, photo, camera, ring, box, "
    "suitcase, piano, violin, guitar, radio, telephone, phone, bottle, message, candle, flower, seed, "
    "tree, kite, umbrella, sword, treasure, gold, coin, painting, portrait, mirror, door, bicycle, bike, "
    "car, balloon, song, melody, recipe, cake, bread, tea, stone, star, light, signal, machine, film, "
    "tape, record, postcard, ticket, envelope, telescope, compass, boat, plane, spaceship, rocket, "
    "hat, coat, dress, shoes, mask, knife, gun, bomb, drum, bell, puppet, doll, toy, feather, egg, "
    "necklace, crown, scarf, notebook, manuscript, poem, code, formula, puzzle, garden, rose"
))  # fmt: skip
PREPOSITIONS = set(_words(
    "in, at, on, aboard, inside, near, under, above, beneath, to, into, across, through, of, from, with, "
    "without, for, by, about, between, among, behind, before, after, during, over, toward, towards, "
    "against, beyond, along, around, off, onto, as, like, until, since, despite, beside, down, up, out, outside"
))  # fmt: skip
OTHERS = set(_words(
    "and, or, but, who, whom, whose, which, that, when, where, while, if, because, so, than, then, yet, nor, "
    "he, she, it, they, him, them, himself, herself, itself, themselves, there, not, never, only, just, "
    "once, again, alone, together, away, back, home, how, why, what, soon, now, still, already"
))  # fmt: skip
DETERMINERS = set(_words(
    "a, an, the, his, her, their, its, my, our, your, this, these, those, one, two, three, four, five, "
    "six, seven, ten, another, every, each, some, no, many, several, all, both"
))  # fmt: skip
PLURAL_DETERMINERS = {"two", "three", "four", "five", "six", "seven", "ten", "these", "those", "many", "several", "both"}  # fmt: skip
AUXILIARIES = set(_words(
    "is, are, was, were, has, have, had, must, can, cannot, will, would, should, could, may, might, does, "
    "do, did, be, been, being, becomes, become, became, gets, got, goes, went"
))  # fmt: skip
# Bases of verbs; with their -s, -ed and -ing they end a noun phrase.
VERBS = set(_words(
    "find, discover, meet, learn, try, begin, start, decide, travel, search, receive, live, lose, fall, return, "
    "leave, save, fight, help, seek, dream, wake, build, steal, escape, flee, run, hide, face, "
    "struggle, realise, realize, want, need, teach, follow, hunt, chase, kill, die, survive, remember, "
    "forget, write, read, send, open, close, break, repair, mend, fix, take, bring, carry, give, keep, "
    "guard, protect, cross, climb, sail, fly, drive, walk, ride, swim, dance, sing, play, paint, cook, "
    "bake, grow, plant, hear, see, watch, look, wait, hope, love, hate, fear, refuse, agree, join, "
    "win, work, make, turn, come, set, get, stay, spend, share, show, tell, ask, call, "
    "answer, promise, confront, befriend, unravel, uncover, reunite, embark, enter, reach, arrive, vanish, "
    "disappear, appear, haunt, threaten, attack, destroy, rebuild, restore, rescue, raise, use, "
    "invent, create, believe, suspect, investigate, solve, inherit, move, buy, sell, trade, collect, "
    "stumble, wander, plan, prepare, pretend, serve, stand, sit, stop, long, listen, light, learn, "
    "tend, strand, trap, force, wash, crash, awaken, abandon, deliver, challenge, compete, risk, adopt, train, "
    "choose, drift, feed, finish, float, gather, invite, kidnap, land, lead, lure, notice, outlive, "
    "perform, pursue, rise, sneak, speak, stow, strike, talk, transform, uncover, wish, witness, wonder"
))  # fmt: skip
PAST = set(_words(
    "found, met, lost, fell, left, fought, sought, woke, built, stole, fled, ran, hid, taught, sent, broke, took, "
    "brought, gave, kept, flew, drove, rode, swam, sang, grew, heard, saw, won, made, came, told, stood, "
    "sat, wrote, forgotten, began, chose, led, rose, spoke"
))  # fmt: skip
ABSTRACT = set(_words(
    "love, time, danger, secret, fear, end, search, order, middle, hope, life, death, war, truth, way, help, "
    "past, future, chance, journey, adventure, day, night, year, years, days, decades, weeks, month, months, hours, "
    "power, memory, memories, dream, dreams, world, story, game, race, trip, mission, plan, job, heart, "
    "revenge, peace, faith, courage, freedom, friendship, grief, loss, work, eve, edge, name, first, last, "
    "place, thing, things, self, own, fate, destiny, debt, disease, illness, accident, crime, murder, mystery, "
    "wedding, funeral, birthday, holiday, morning, evening, dawn, dusk, midnight, winter, summer, spring, "
    "autumn, storm, snow, rain, fog, return, light, side, top, bottom, centre, center, age, voice, land"
))  # fmt: skip
TIMES = {
    "night": "night, midnight, nights, moonlit, moonlight, nocturnal, eve",
    "dawn": "dawn, sunrise, daybreak, morning",
    "sunset": "dusk, sunset, evening, twilight",
    "winter": "winter, snow, snowstorm, snowbound, christmas, blizzard, frozen, snowy",
    "autumn": "autumn, fall leaves, october, november, harvest",
    "spring": "spring, blossom, april",
    "summer": "summer, july, august, heatwave",
}
DAYTIMES = ("night", "dawn", "sunset")  # the others are seasons
# Whoever is called so is seen before one's eyes; of a clockmaker one sees nothing yet.
PLAIN_SIGHT = {"keeper", "child", "kid", "baby", "infant", "toddler", "teenager", "stranger", "captain", "sailor",
               "soldier", "traveller", "traveler", "wanderer", "fisher", "farmer", "villager", "person", "figure",
               "clown", "pirate", "astronaut", "beggar", "nomad", "human"}  # fmt: skip
MOODS = {
    "dark": "murder, murders, murderer, killer, kill, kills, ghost, haunted, haunts, detective, missing, vanish, "
    "vanishes, curse, cursed, dead, blood, crime, horror, monster, evil, dark, sinister, spy, assassin, "
    "conspiracy, zombie, zombies, vampire, kidnapped, thriller, apocalypse, haunting, nightmare",
    "light": "funny, comedy, birthday, cake, party, clumsy, silly, prank, clown, talking, mischievous, "
    "accidentally, lazy, grumpy, cheerful, puppy, kitten, picnic, carnival, festival, joke, cat, chef, baker",
    "love": "love, lover, lovers, falls in love, romance, kiss, wedding, bride, marry, marries, heart, sweetheart",
    "wonder": "star, stars, space, magic, magical, planet, galaxy, dragon, fairy, dream, dreams, astronaut, "
    "wizard, mars, moon, universe, alien, robot, enchanted, invisible, sky, whale, inventor, time travel",
    "sad": "dying, dies, death, lost, loses, funeral, grief, war, farewell, goodbye, lonely, widow, widower, "
    "orphan, illness, alone, mourning, memory, memories, remember, prison",
    "drama": "storm, escape, chase, fight, race, battle, rescue, survive, survival, danger, journey, quest, save",
}
# Where somebody is at home, for loglines that name no place.
HOMES = {
    "fisherman": "coast", "fishermen": "coast", "sailor": "ship", "captain": "ship", "pirate": "ship", "pirates": "ship",
    "astronaut": "space", "astronauts": "space", "alien": "space", "farmer": "farm", "shepherd": "mountain",
    "teacher": "school", "student": "school", "students": "school", "professor": "school", "librarian": "school",
    "nurse": "hospital", "doctor": "hospital", "surgeon": "hospital", "scientist": "hospital", "prisoner": "hospital",
    "soldier": "war", "soldiers": "war", "general": "war", "hunter": "forest", "woodcutter": "forest", "wolf": "forest",
    "fox": "forest", "bear": "forest", "climber": "mountain", "mountaineer": "mountain", "monk": "mountain",
    "cowboy": "desert", "nomad": "desert", "penguin": "ice", "detective": "city", "thief": "city", "baker": "city",
    "musician": "city", "pianist": "city", "driver": "road", "ferryman": "river", "boatman": "river", "whale": "coast",
    "mermaid": "coast", "king": "village", "queen": "village", "princess": "village", "knight": "village",
    "grandmother": "home", "family": "home", "ghost": "home", "cat": "city", "dog": "village",
}  # fmt: skip
COMMON = {"the", "a", "an", "of", "in", "to", "and", "his", "her", "is", "with", "on", "for", "their", "who", "that", "from", "at"}  # fmt: skip
