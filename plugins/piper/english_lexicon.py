"""What English writes short and says long: months, units, currencies, titles, initialisms."""

MONTHS = (
    "January February March April May June July August September October November December"
).split()
MONTH_NAMES = {m.lower(): m for m in MONTHS}
MONTH_NAMES |= {m[:3].lower(): m for m in MONTHS} | {"sept": "September"}

# written: (one, many)
UNITS = {
    "km/h": ("kilometer per hour", "kilometers per hour"),
    "kph": ("kilometer per hour", "kilometers per hour"),
    "m/s": ("meter per second", "meters per second"),
    "mph": ("mile per hour", "miles per hour"),
    "km²": ("square kilometer", "square kilometers"),
    "km2": ("square kilometer", "square kilometers"),
    "m²": ("square meter", "square meters"),
    "m2": ("square meter", "square meters"),
    "m³": ("cubic meter", "cubic meters"),
    "m3": ("cubic meter", "cubic meters"),
    "cm²": ("square centimeter", "square centimeters"),
    "cm³": ("cubic centimeter", "cubic centimeters"),
    "sq ft": ("square foot", "square feet"),
    "km": ("kilometer", "kilometers"),
    "cm": ("centimeter", "centimeters"),
    "mm": ("millimeter", "millimeters"),
    "nm": ("nanometer", "nanometers"),
    "µm": ("micrometer", "micrometers"),
    "m": ("meter", "meters"),
    "mi": ("mile", "miles"),
    "ft": ("foot", "feet"),
    "yd": ("yard", "yards"),
    "yds": ("yard", "yards"),
    "kg": ("kilogram", "kilograms"),
    "mg": ("milligram", "milligrams"),
    "g": ("gram", "grams"),
    "lb": ("pound", "pounds"),
    "lbs": ("pound", "pounds"),
    "oz": ("ounce", "ounces"),
    "L": ("liter", "liters"),
    "l": ("liter", "liters"),
    "ml": ("milliliter", "milliliters"),
    "mL": ("milliliter", "milliliters"),
    "h": ("hour", "hours"),
    "hr": ("hour", "hours"),
    "hrs": ("hour", "hours"),
    "min": ("minute", "minutes"),
    "mins": ("minute", "minutes"),
    "sec": ("second", "seconds"),
    "secs": ("second", "seconds"),
    "s": ("second", "seconds"),
    "ms": ("millisecond", "milliseconds"),
    "kW": ("kilowatt", "kilowatts"),
    "MW": ("megawatt", "megawatts"),
    "kWh": ("kilowatt hour", "kilowatt hours"),
    "W": ("watt", "watts"),
    "V": ("volt", "volts"),
    "A": ("amp", "amps"),
    "Hz": ("hertz", "hertz"),
    "kHz": ("kilohertz", "kilohertz"),
    "MHz": ("megahertz", "megahertz"),
    "GHz": ("gigahertz", "gigahertz"),
    "dB": ("decibel", "decibels"),
    "KB": ("kilobyte", "kilobytes"),
    "kB": ("kilobyte", "kilobytes"),
    "MB": ("megabyte", "megabytes"),
    "GB": ("gigabyte", "gigabytes"),
    "TB": ("terabyte", "terabytes"),
    "fps": ("frame per second", "frames per second"),
    "px": ("pixel", "pixels"),
    "°C": ("degree Celsius", "degrees Celsius"),
    "℃": ("degree Celsius", "degrees Celsius"),
    "°F": ("degree Fahrenheit", "degrees Fahrenheit"),
    "℉": ("degree Fahrenheit", "degrees Fahrenheit"),
    "°": ("degree", "degrees"),
    "%": ("percent", "percent"),
    "‰": ("per mille", "per mille"),
}

# written: (one, many, one of its hundredths, many of them)
CURRENCIES = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "€": ("euro", "euros", "cent", "cents"),
    "¥": ("yen", "yen", "", ""),
    "¢": ("cent", "cents", "", ""),
    "₹": ("rupee", "rupees", "paisa", "paise"),
}
MAGNITUDES = {"k": "thousand", "m": "million", "bn": "billion", "b": "billion", "tn": "trillion"}
MAGNITUDES |= {name: name for name in ("hundred", "thousand", "million", "billion", "trillion")}

# Always said this way; the dot belongs to the abbreviation.
ABBREVIATIONS = {
    "mr": "mister",
    "mrs": "missus",
    "ms": "miz",
    "messrs": "messers",
    "prof": "professor",
    "capt": "captain",
    "cmdr": "commander",
    "lt": "lieutenant",
    "col": "colonel",
    "gen": "general",
    "maj": "major",
    "sgt": "sergeant",
    "rev": "reverend",
    "hon": "honorable",
    "gov": "governor",
    "sen": "senator",
    "pres": "president",
    "mt": "mount",
    "jr": "junior",
    "sr": "senior",
    "inc": "incorporated",
    "ltd": "limited",
    "co": "company",
    "corp": "corporation",
    "bros": "brothers",
    "ave": "avenue",
    "rd": "road",
    "blvd": "boulevard",
    "hwy": "highway",
    "etc": "et cetera",
    "vs": "versus",
    "cf": "compare",
    "approx": "approximately",
    "dept": "department",
    "govt": "government",
    "est": "established",
    "vol": "volume",
    "fig": "figure",
    "ca": "circa",
    "tel": "telephone",
    "ext": "extension",
}
# Said this way also without a dot, before a capitalised name.
TITLES = frozenset("mr mrs ms prof capt lt col gen sgt rev mt".split())
# May stand at a sentence's end: a capital after them can open a new sentence.
MAY_END = frozenset("jr sr inc ltd co corp bros ave rd blvd hwy etc".split())
WEEKDAYS = {
    "Mon": "Monday",
    "Tue": "Tuesday",
    "Tues": "Tuesday",
    "Wed": "Wednesday",
    "Thu": "Thursday",
    "Thurs": "Thursday",
    "Fri": "Friday",
    "Sat": "Saturday",
    "Sun": "Sunday",
}
BEFORE_NUMBERS = {
    "no": "number",
    "nos": "numbers",
    "p": "page",
    "pp": "pages",
    "ch": "chapter",
    "c": "circa",
    "sec": "section",
    "art": "article",
}

DOTTED = {
    "e.g.": "for example",
    "i.e.": "that is",
    "a.k.a.": "also known as",
    "a.m.": "eigh M",
    "p.m.": "P M",
    "ph.d.": "P H D",
    "n.b.": "note well",
    "w.r.t.": "with respect to",
}

# eSpeak reads a lone capital as its letter, but for A, which it takes for the article.
LETTERS = {c: c for c in "BCDEFGHIJKLMNOPQRSTUVWXYZ"} | {"A": "eigh"}
# Written in capitals, said as words.
ACRONYMS = frozenset(
    "NASA NATO UNESCO UNICEF OPEC AIDS LASER RADAR SONAR SCUBA PIN SIM RAM ROM GIF JPEG COVID FIFA "
    "UEFA NAFTA ASEAN BAFTA IKEA SWAT NORAD OSHA POTUS SCOTUS ESA JAXA SETI WASP YOLO LIDAR MIDI "
    "NASDAQ BASIC FEMA DARPA ZIP LEGO OK".split()
)
SPELLED = frozenset(
    "ASAP USAF UAE USA US UK EU UN IOU AI IT ATM CEO UFO UCLA YMCA NAACP NCAA AARP USSR EULA".split()
)
# Short words that people write in capitals for stress.
SHOUTED = frozenset(
    "A I AM AN AND ARE AS AT BE BUT BY CAN DAY DO END FAR FEW FOR GET GO HAD HAS HE HER HIM HIS "
    "HOW IF IN IS ITS LET MAN MAY ME MY NEW NO NOR NOT NOW OF OFF OLD ON ONE OR OUR OUT OWN RUN "
    "SAY SEA SEE SHE SO SUN THE TO TOO TWO UP WAS WAY WE WHO WHY YES YET YOU FIN ACT ALL ANY "
    "ASK BAD BED BIG BOY CAR CUT DID DIE EAT EYE FUN GOD GOT HEY HOT ICE JOB KEY LAW LIE LOT LOW "
    "MAD MAP MEN OH AH PAY PUT RED SAD SET SIX SON TEA TEN TOP TRY USE VAN WAR WIN WON ART AIR AGE "
    "ARM DOG CAT RAT HAT BOX BUS FOG FOX FLY GUN HIT ILL ROW SKY SHY TIE TOY WET".split()
)

REGNAL = frozenset(
    "Henry Edward George William Charles James Richard Elizabeth Mary Louis Philip Frederick "
    "Catherine Peter Alexander Nicholas Ivan Napoleon Pius John Paul Benedict Leo Gregory Innocent "
    "Ramesses Rameses Ptolemy Cleopatra Wilhelm Friedrich Karl Ferdinand Alfonso Carlos Felipe "
    "Juan Pedro Umberto Emmanuel Haakon Gustav Christian Harald Otto Leopold Albert Baldwin Robert "
    "David Kenneth Urban Clement Sixtus Julius Darius Xerxes Constantine Justinian Theodosius "
    "Thutmose Amenhotep Seti Mehmed Murad Selim Francis Franz Joseph Margaret Anne Stephen "
    "Margrethe Rudolf Boniface Celestine Callixtus Alexios Selassie".split()
)

OPENERS = frozenset(
    "He She It They We I You The A An This That These Those But And Then So In On At When While "
    "After Before If There His Her Their Our My Its No Not As By For From Once Still Now Yet Or "
    "What Who Where Why How Every Each One All Some Meanwhile Later Soon Nobody Everyone".split()
)
SYMBOLS = {
    "&": "and",
    "@": "at",
    "+": "plus",
    "=": "equals",
    "<": "is less than",
    ">": "is greater than",
    "≈": "about",
    "≤": "at most",
    "≥": "at least",
    "≠": "is not",
    "÷": "divided by",
    "±": "plus or minus",
    "§": "section",
    "©": "copyright",
    "%": "percent",
    "°": "degrees",
    "№": "number",
    "∞": "infinity",
    "√": "the square root of",
    "€": "euros",
    "£": "pounds",
    "$": "dollars",
    "½": "one half",
    "¼": "one quarter",
    "¾": "three quarters",
    "⅓": "one third",
    "⅔": "two thirds",
    "⅛": "one eighth",
    "⅜": "three eighths",
    "⅝": "five eighths",
    "⅞": "seven eighths",
    "⅕": "one fifth",
}
GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρστυφχψω",
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho "
        "sigma tau upsilon phi chi psi omega".split(),
        strict=True,
    )
)
