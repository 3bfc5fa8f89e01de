"""Which phonemes belong to which word, where the phonemiser joins and splits words.

eSpeak says "of the" as one group of phonemes and some words as two. The whole sentence must be
phonemised at once (that is what makes "the" differ before a vowel), so the groups are matched with
the words afterwards, by how each word sounds on its own. Pure Python, no audio.
"""

_STRESS = str.maketrans("", "", "ˈˌːˑʲ")
# (words, groups) that may stand for each other; 0 is a word unheard or a group that no word owns.
_STEPS = ((1, 1), (2, 1), (3, 1), (4, 1), (1, 2), (1, 3), (1, 4), (1, 0), (0, 1))
_BAND = 12  # how far words and groups may drift apart within one sentence
_LOST = 3  # cost of leaving a word or a group alone, beyond its length


def place_words(words, groups):
    """Give every word its stretch of the groups.

    Args:
        words: Each word's phonemes when it is spoken alone.
        groups: The sentence's groups of phonemes as they will be spoken.

    Returns:
        For each word (start, end) in units of groups: 2.5 is the middle of the third group.
        Starts and ends never run backwards.
    """
    words = [w.translate(_STRESS) for w in words]
    groups = [g.translate(_STRESS) for g in groups]
    if len(words) == len(groups) and all(map(_alike, words, groups)):
        return [(float(i), float(i + 1)) for i in range(len(words))]
    front = _same(words, groups)
    back = _same(words[front:][::-1], groups[front:][::-1])
    middle = slice(front, len(words) - back), slice(front, len(groups) - back)
    steps = [(1, 1)] * front + _best_steps(words[middle[0]], groups[middle[1]]) + [(1, 1)] * back
    spans, w, g = [], 0, 0
    for n_words, n_groups in steps:
        spans += _share(words[w : w + n_words], float(g), float(g + n_groups))
        w, g = w + n_words, g + n_groups
    return spans


def _same(words, groups):
    """How many of both begin alike: most of a sentence, which need not be searched."""
    pairs = enumerate(zip(words, groups, strict=False))
    return next((i for i, (w, g) in pairs if w != g), min(len(words), len(groups)))


def _alike(word, group):
    return word == group or _distance(word, group) <= max(len(word), len(group)) // 2


def _share(words, start, end):
    """Divide start..end among words by their number of phonemes."""
    total, spans, at = sum(max(1, len(w)) for w in words), [], start
    for word in words:
        upto = at + (end - start) * max(1, len(word)) / total
        spans.append((at, min(upto, end)))
        at = upto
    return spans


def _best_steps(words, groups):
    """The cheapest way through both lists, as (words, groups) taken at each step."""
    best = {(0, 0): (0, None)}
    slack = _BAND + abs(len(words) - len(groups))
    for w in range(len(words) + 1):
        for g in range(max(0, w - slack), min(len(groups), w + slack) + 1):
            if (w, g) not in best:
                continue
            cost = best[w, g][0]
            for dw, dg in _STEPS:
                to = (w + dw, g + dg)
                if to[0] > len(words) or to[1] > len(groups):
                    continue
                price = cost + _price(words[w : to[0]], groups[g : to[1]])
                if to not in best or price < best[to][0]:
                    best[to] = (price, (dw, dg))
    steps, at = [], (len(words), len(groups))
    while best[at][1] is not None:
        step = best[at][1]
        steps.append(step)
        at = (at[0] - step[0], at[1] - step[1])
    return steps[::-1]


def _price(words, groups):
    spoken, heard = "".join(words), "".join(groups)
    if not words or not groups:
        return len(spoken) + len(heard) + _LOST
    return _distance(spoken, heard) + 0.25 * (len(words) + len(groups) - 2)


def _distance(a, b):
    """Levenshtein distance."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            change = diagonal + (x != y)
            diagonal = row[j]
            row[j] = min(change, row[j] + 1, row[j - 1] + 1)
    return row[-1]
