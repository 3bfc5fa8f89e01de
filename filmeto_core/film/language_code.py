"""Language tags as an MP4 file takes them: three letters.

Source: ISO 639-2/T; ISO/IEC 14496-12 (mdhd box).
"""

UNDETERMINED = "und"

_THREE_LETTERS = dict(
    pair.split(":")
    for pair in (
        "af:afr am:amh ar:ara az:aze be:bel bg:bul bn:ben bs:bos ca:cat cs:ces cy:cym da:dan de:deu "
        "el:ell en:eng eo:epo es:spa et:est eu:eus fa:fas fi:fin fr:fra ga:gle gl:glg gu:guj he:heb "
        "hi:hin hr:hrv hu:hun hy:hye id:ind is:isl it:ita ja:jpn ka:kat kk:kaz km:khm kn:kan ko:kor "
        "la:lat lo:lao lt:lit lv:lav mk:mkd ml:mal mn:mon mr:mar ms:msa mt:mlt my:mya nb:nob ne:nep "
        "nl:nld nn:nno no:nor pa:pan pl:pol ps:pus pt:por ro:ron ru:rus si:sin sk:slk sl:slv sq:sqi "
        "sr:srp sv:swe sw:swa ta:tam te:tel th:tha tl:tgl tr:tur uk:ukr ur:urd uz:uzb vi:vie zh:zho "
        "zu:zul cmn:zho"
    ).split()
)


def three_letters(tag: str | None) -> str:
    """The code of a BCP 47 tag's language.

    >>> three_letters("zh-Hant-TW"), three_letters("yue"), three_letters("x-klingon")
    ('zho', 'yue', 'und')
    """
    language = (tag or "").replace("_", "-").split("-")[0].lower()
    known = len(language) == 3 and language.isascii() and language.isalpha()
    return _THREE_LETTERS.get(language, language if known else UNDETERMINED)
