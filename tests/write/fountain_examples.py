"""The examples of Fountain's own syntax page, and what it says that each of them is.

Source: https://fountain.io/syntax.
"""

TITLE_PAGE = """\
Title:
    _**BRICK & STEEL**_
    _**FULL RETIRED**_
Credit: Written by
Author: Stu Maschwitz
Source: Story by KTM
Draft date: 1/20/2012
Contact:
    Next Level Productions
    1588 Mission Dr.
    Solvang, CA 93463
"""

# Each: the section of the page, the example, and its elements as (kind, text).
EXAMPLES = [
    (
        "Scene Heading",
        """\
EXT. BRICK'S POOL - DAY

Steel, in the middle of a heated phone call:

STEEL
They're coming out of the woodwork!
(pause)
No, everybody we've put away!
(pause)
Point Blank Sniper?

.SNIPER SCOPE POV

From what seems like only INCHES AWAY. _Steel's face FILLS the *Leupold Mark 4* scope_.
""",
        [
            ("heading", "EXT. BRICK'S POOL - DAY"),
            ("action", "Steel, in the middle of a heated phone call:"),
            ("character", "STEEL"),
            ("dialogue", "They're coming out of the woodwork!"),
            ("parenthetical", "pause"),
            ("dialogue", "No, everybody we've put away!"),
            ("parenthetical", "pause"),
            ("dialogue", "Point Blank Sniper?"),
            ("heading", "SNIPER SCOPE POV"),
            (
                "action",
                "From what seems like only INCHES AWAY. "
                "_Steel's face FILLS the *Leupold Mark 4* scope_.",
            ),
        ],
    ),
    (
        "An ellipsis is no forced heading",
        """\
EXT. OLYMPIA CIRCUS - NIGHT

...where the second-rate carnival is parked for the moment in an Alabama field.
""",
        [
            ("heading", "EXT. OLYMPIA CIRCUS - NIGHT"),
            (
                "action",
                "...where the second-rate carnival is parked for the moment in an Alabama field.",
            ),
        ],
    ),
    ("Small letters", "ext. brick's pool - day\n", [("heading", "ext. brick's pool - day")]),
    (
        "Scene numbers",
        """\
INT. HOUSE - DAY #1#
INT. HOUSE - DAY #1A#
INT. HOUSE - DAY #1a#
INT. HOUSE - DAY #A1#
INT. HOUSE - DAY #I-1-A#
INT. HOUSE - DAY #1.#
INT. HOUSE - DAY - FLASHBACK (1944) #110A#
""",
        [("heading", "INT. HOUSE - DAY")] * 6
        + [("heading", "INT. HOUSE - DAY - FLASHBACK (1944)")],
    ),
    (
        "Action",
        """\
They drink long and well from the beers.

And then there's a long beat.
Longer than is funny.
Long enough to be depressing.

The men look at each other.
""",
        [
            ("action", "They drink long and well from the beers."),
            (
                "action",
                "And then there's a long beat.\nLonger than is funny.\n"
                "Long enough to be depressing.",
            ),
            ("action", "The men look at each other."),
        ],
    ),
    (
        "Spaces and tabs in action",
        """\
He opens the card. A simple little number inside of which is hand written:

          Scott --

          Jacob Billups
          Palace Hotel, RM 412
\t1:00 pm tomorrow
""",
        [
            (
                "action",
                "He opens the card. A simple little number inside of which is hand written:",
            ),
            ("action", "          Scott --"),
            (
                "action",
                "          Jacob Billups\n          Palace Hotel, RM 412\n    1:00 pm tomorrow",
            ),
        ],
    ),
    (
        "Character",
        "STEEL\nThe man's a myth!\n",
        [("character", "STEEL"), ("dialogue", "The man's a myth!")],
    ),
    (
        "Character extensions",
        """\
MOM (O. S.)
Luke! Come down for supper!

HANS (on the radio)
What was it you said?
""",
        [
            ("character", "MOM (O. S.)"),
            ("dialogue", "Luke! Come down for supper!"),
            ("character", "HANS (on the radio)"),
            ("dialogue", "What was it you said?"),
        ],
    ),
    (
        "R2D2 works, but 23 does not",
        "R2D2\nBeep.\n\n23\nBeep.\n",
        [("character", "R2D2"), ("dialogue", "Beep."), ("action", "23\nBeep.")],
    ),
    (
        "A forced character",
        "@McCLANE\nYippie ki-yay! I got my lower-case C back!\n",
        [("character", "McCLANE"), ("dialogue", "Yippie ki-yay! I got my lower-case C back!")],
    ),
    (
        "Dialogue",
        """\
SANBORN
A good 'ole boy. You know, loves the Army, blood runs green. Country boy. Seems solid.
""",
        [
            ("character", "SANBORN"),
            (
                "dialogue",
                "A good 'ole boy. You know, loves the Army, blood runs green. Country boy. "
                "Seems solid.",
            ),
        ],
    ),
    (
        "Line breaks in dialogue",
        "DAN\nThen let's retire them.\n_Permanently_.\n",
        [
            ("character", "DAN"),
            ("dialogue", "Then let's retire them."),
            ("dialogue", "_Permanently_."),
        ],
    ),
    (
        "Two spaces go on with dialogue",
        "DEALER\nTen.\nFour.\nDealer gets a seven.\n  \nHit or stand sir?\n",
        [
            ("character", "DEALER"),
            ("dialogue", "Ten."),
            ("dialogue", "Four."),
            ("dialogue", "Dealer gets a seven."),
            ("dialogue", "Hit or stand sir?"),
        ],
    ),
    (
        "Parenthetical",
        "STEEL\n(starting the engine)\nSo much for retirement!\n",
        [
            ("character", "STEEL"),
            ("parenthetical", "starting the engine"),
            ("dialogue", "So much for retirement!"),
        ],
    ),
    (
        "Dual dialogue",
        "BRICK\nScrew retirement.\n\nSTEEL ^\nScrew retirement.\n",
        [
            ("character", "BRICK"),
            ("dialogue", "Screw retirement."),
            ("character", "STEEL"),
            ("dialogue", "Screw retirement."),
        ],
    ),
    (
        "Lyrics",
        """\
~Willy Wonka! Willy Wonka! The amazing chocolatier!
~Willy Wonka! Willy Wonka! Everybody give a cheer!
""",
        [
            ("lyric", "Willy Wonka! Willy Wonka! The amazing chocolatier!"),
            ("lyric", "Willy Wonka! Willy Wonka! Everybody give a cheer!"),
        ],
    ),
    (
        "Transition",
        """\
Jack begins to argue vociferously in Vietnamese (?), But mercifully we...

CUT TO:

EXT. BRICK'S POOL - DAY
""",
        [
            ("action", "Jack begins to argue vociferously in Vietnamese (?), But mercifully we..."),
            ("transition", "CUT TO:"),
            ("heading", "EXT. BRICK'S POOL - DAY"),
        ],
    ),
    (
        "A forced transition",
        "Brick and Steel regard one another. A job well done.\n\n> Burn to White.\n",
        [
            ("action", "Brick and Steel regard one another. A job well done."),
            ("transition", "Burn to White."),
        ],
    ),
    ("A space makes it action", "CUT TO: \n", [("action", "CUT TO:")]),
    ("Centered text", ">THE END<\n\n> THE END <\n", [("centered", "THE END")] * 2),
    (
        "Page breaks",
        """\
NARRATOR
Shoot, to the Dukes that's about like taking Grandma for a Sunday drive.

> **End of Act One** <

===

> **Act Two** <
""",
        [
            ("character", "NARRATOR"),
            (
                "dialogue",
                "Shoot, to the Dukes that's about like taking Grandma for a Sunday drive.",
            ),
            ("centered", "**End of Act One**"),
            ("page break", ""),
            ("centered", "**Act Two**"),
        ],
    ),
    (
        "Two spaces keep action from being a character",
        """\
INT. CASINO - NIGHT

THE DEALER eyes the new player warily.

SCANNING THE AISLES...  \nWhere is that pit boss?

No luck. He has no choice to deal the cards.
""",
        [
            ("heading", "INT. CASINO - NIGHT"),
            ("action", "THE DEALER eyes the new player warily."),
            ("action", "SCANNING THE AISLES...\nWhere is that pit boss?"),
            ("action", "No luck. He has no choice to deal the cards."),
        ],
    ),
    (
        "Forced action",
        "!SCANNING THE AISLES...\nWhere is that pit boss?\n",
        [("action", "SCANNING THE AISLES...\nWhere is that pit boss?")],
    ),
    (
        "Indenting",
        """\
\t\t\t\tCUT TO:

INT. GARAGE - DAY

BRICK and STEEL get into Mom's PORSCHE, Steel at the wheel.

\t\t\tBRICK
\tThis is everybody we've ever put away.

\t\t\tSTEEL
\t\t(starting the engine)
\tSo much for retirement!

They speed off. To destiny!
""",
        [
            ("transition", "CUT TO:"),
            ("heading", "INT. GARAGE - DAY"),
            ("action", "BRICK and STEEL get into Mom's PORSCHE, Steel at the wheel."),
            ("character", "BRICK"),
            ("dialogue", "This is everybody we've ever put away."),
            ("character", "STEEL"),
            ("parenthetical", "starting the engine"),
            ("dialogue", "So much for retirement!"),
            ("action", "They speed off. To destiny!"),
        ],
    ),
    (
        "Notes",
        """\
INT. TRAILER HOME - DAY

This is the home of THE BOY BAND, AKA DAN and JACK[[Or did we think of actual names for these guys?]].  They too are drinking beer.

[[It was supposed to be Vietnamese, right?]]

JACK
(in Vietnamese, subtitled)
*Did you know Brick and Steel are retired?*
""",
        [
            ("heading", "INT. TRAILER HOME - DAY"),
            (
                "action",
                "This is the home of THE BOY BAND, AKA DAN and JACK.  They too are drinking beer.",
            ),
            ("character", "JACK"),
            ("parenthetical", "in Vietnamese, subtitled"),
            ("dialogue", "*Did you know Brick and Steel are retired?*"),
        ],
    ),
    (
        "A note with an empty line of two spaces",
        """\
His hand is an inch from the receiver when the phone RINGS.[[This section needs work.
Either that, or I need coffee.
  \nDefinitely coffee.]] He looks around.  Phone ringing.
""",
        [
            (
                "action",
                "His hand is an inch from the receiver when the phone RINGS. He looks around.  "
                "Phone ringing.",
            )
        ],
    ),
    (
        "Boneyard",
        """\
As he rattles off the long list, Brick and Steel share a look.  This is going to be BAD.

CUT TO:
/*
INT. GARAGE - DAY

BRICK
This is everybody we've ever put away.

CUT TO:
*/
EXT. PALATIAL MANSION - DAY

An EXTREMELY HANDSOME MAN drinks a beer.  Shirtless, unfortunately.
""",
        [
            (
                "action",
                "As he rattles off the long list, Brick and Steel share a look.  "
                "This is going to be BAD.",
            ),
            ("transition", "CUT TO:"),
            ("heading", "EXT. PALATIAL MANSION - DAY"),
            ("action", "An EXTREMELY HANDSOME MAN drinks a beer.  Shirtless, unfortunately."),
        ],
    ),
    (
        "Sections",
        "# Act\n\n## Sequence\n\n### Scene\n\n## Another Sequence\n\n# Another Act\n",
        [
            ("section", text)
            for text in ("Act", "Sequence", "Scene", "Another Sequence", "Another Act")
        ],
    ),
    (
        "Synopses",
        """\
# ACT I

= Set up the characters and the story.

EXT. BRICK'S PATIO - DAY

= This scene sets up Brick & Steel's new life as retirees.

A gorgeous day.
""",
        [
            ("section", "ACT I"),
            ("synopsis", "Set up the characters and the story."),
            ("heading", "EXT. BRICK'S PATIO - DAY"),
            ("synopsis", "This scene sets up Brick & Steel's new life as retirees."),
            ("action", "A gorgeous day."),
        ],
    ),
]

# Emphasis: the example, and its words without marks.
EMPHASIS = [
    ("*italics* **bold** ***bold italics*** _underline_", "italics bold bold italics underline"),
    (
        "_Steel's face FILLS the *Leupold Mark 4* scope_.",
        "Steel's face FILLS the Leupold Mark 4 scope.",
    ),
    (
        r"Steel enters the code on the keypad: **\*9765\***",
        "Steel enters the code on the keypad: *9765*",
    ),
    (
        "He dialed *69 and then *23, and then hung up.",
        "He dialed *69 and then *23, and then hung up.",
    ),
    (
        "He dialed *69 and then 23*, and then hung up.",
        "He dialed 69 and then 23, and then hung up.",
    ),
    (
        r"He dialed \*69 and then 23\*, and then hung up.",
        "He dialed *69 and then 23*, and then hung up.",
    ),
    (
        "Brick and Steel *share a look.\n\nThis is going to be BAD.*",
        "Brick and Steel *share a look.\n\nThis is going to be BAD.*",
    ),
]
