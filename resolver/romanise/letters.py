"""Greek, Cyrillic, kana and Armenian: what several letters stand for together, in Latin letters."""

from __future__ import annotations

import re
import unicodedata

from anyascii import anyascii

__all__ = ["MARKS", "spelled", "western"]

# Accents that stand beside their letters and say nothing that Latin names keep: stress, Hebrew points, Arabic vowels
MARKS = re.compile("[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u0652]")
VOICELESS = "θκξπσςτφχψ"
GREEK = (  # in this order, in lower case without accents
    (r"\bμπ", "b"), ("μπ", "mb"), (r"\bντ", "d"), (r"\bγκ", "g"), ("γγ|γκ", "ng"), ("γ(?=[ξχ])", "n"), ("ου", "ou"),
    *((f"{vowel}υ(?=[{VOICELESS}]|\\b)", f"{plain}f") for vowel, plain in zip("αεη", "aei", strict=True)),
    ("αυ", "av"), ("ευ", "ev"), ("ηυ", "iv"), ("χ", "ch"),
)  # fmt: skip
CYRILLIC = (
    (r"(?<=[бвгджзклмнпрстфхцчшщ])ъ(?=[бвгджзклмнпрстфхцчшщ])", "a"),  # Bulgarian; elsewhere it is not heard
    (r"\b\w*[іїєґў]\w*", lambda word: word.group().translate({ord("и"): "y", ord("г"): "h"})),
)
SMALL_KANA = dict(
    zip("ァィゥェォャュョぁぃぅぇぉゃゅょ", ["a", "i", "u", "e", "o", "ya", "yu", "yo"] * 2, strict=True)
)
KANA = re.compile(f"(.)([{''.join(SMALL_KANA)}])")
STOP = re.compile(r"[ッっ](?=(.))")


def syllable(found: re.Match[str]) -> str:
    """Return a kana and the small one behind it as one syllable: "jo", "kya", "fa"."""
    sound, small = anyascii(found[1]).lower(), SMALL_KANA[found[2]]
    start = "w" if sound == "u" else sound[:-1]
    return start + (small[-1] if start in ("sh", "ch", "j") else small)


ARMENIAN = (  # in this order, in lower case
    (r"\bյ", "h"), ("(?<=[^աեէիոօ])իւ|յու", "yu"), ("ու|ւ(?=[բգդզթժլխծկձղճմնշպջռստրցփք])", "u"), ("և|եւ", "ev"),
    (r"\bո(?!վ)", "vo"), (r"\bե(?!վ)", "ye"), ("ռ", "r"), ("ւ", "v"),
)  # fmt: skip
WESTERN = str.maketrans("բգդծկճձպջտ", "փքթձգջցբչդ")
GREEK_LETTER, CYRILLIC_LETTER, KANA_LETTER, ARMENIAN_LETTER = map(
    re.compile, ("[Ͱ-Ͽἀ-῿]", "[Ѐ-ӿ]", "[ぁ-ヿ]", "[\u0530-\u058f]")
)


def western(text: str) -> str:
    """Return Armenian text in the letters that are read in the East as the text's own are in the West."""
    return text.lower().translate(WESTERN)


def spelled(text: str) -> str:
    """Return text in which what several Greek, Cyrillic, kana or Armenian letters stand for is in Latin letters."""
    if GREEK_LETTER.search(text):
        text = MARKS.sub("", unicodedata.normalize("NFD", text.lower()))
        for pattern, sound in GREEK:
            text = re.sub(pattern, sound, text)
    if CYRILLIC_LETTER.search(text):
        text = text.lower()
        for pattern, letters in CYRILLIC:
            text = re.sub(pattern, letters, text)
    if ARMENIAN_LETTER.search(text):
        text = text.lower()
        for pattern, letters in ARMENIAN:
            text = re.sub(pattern, letters, text)
    if KANA_LETTER.search(text):
        text = KANA.sub(syllable, text.replace("ー", ""))
        text = STOP.sub(lambda found: anyascii(found[1])[:1].lower(), text)
    return text
