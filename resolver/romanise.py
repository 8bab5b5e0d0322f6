"""Other scripts -> Latin letters, as a newspaper might spell them.

Arabic and Hebrew leave vowels out; anyascii gives their consonants, which sound keys compare. Han, kana and Hangul go
by syllable. Letters go one by one (anyascii) but for what is written in several: Greek, kana and some Cyrillic have
tables of their own, Chinese and Korean names are parted after the surname. Latin text passes through.
"""

from __future__ import annotations

import re
import unicodedata

from anyascii import anyascii

__all__ = ["latin", "respaced", "script_of"]

SCRIPTS = (
    "ARABIC", "HEBREW", "CYRILLIC", "GREEK", "ARMENIAN", "GEORGIAN", "HANGUL", "HIRAGANA", "KATAKANA", "CJK",
    "DEVANAGARI", "THAI", "ETHIOPIC",
)  # fmt: skip


def script_of(text: str) -> str:
    """Return the script of the first letter that is not Latin, in lower case ("han" for CJK); "latin" if none is."""
    for char in text:
        if char.isalpha() and ord(char) > 0x24F:
            name = unicodedata.name(char, "")
            for script in SCRIPTS:
                if name.startswith(script):
                    return "han" if script == "CJK" else script.lower()
    return "latin"


# Korean surnames as newspapers spell them; a name is written in one, the surname first
SURNAMES = dict(
    pair.split("=")
    for pair in """김=kim 이=lee 박=park 최=choi 정=jung 조=cho 강=kang 윤=yoon 장=jang 임=lim 한=han 오=oh 서=seo
    신=shin 권=kwon 황=hwang 안=ahn 송=song 류=ryu 유=yoo 홍=hong 전=jeon 고=ko 문=moon 손=son 양=yang 배=bae
    백=baek 허=heo 남=nam 심=shim 노=roh 하=ha 곽=kwak 성=sung 차=cha 주=joo 우=woo 구=koo 민=min 진=jin
    나=na 지=ji 엄=um 변=byun 채=chae 원=won 방=bang 천=chun 공=kong 현=hyun 함=ham 여=yeo 추=choo 도=do
    소=so 석=seok 선=sun 설=seol 마=ma 길=gil 연=yeon 위=wi 표=pyo 명=myung 기=ki 반=ban 왕=wang 금=keum
    옥=ok 육=yook 맹=maeng 제=je 모=mo 탁=tak 남궁=namgung 제갈=jegal 황보=hwangbo 선우=sunwoo 독고=dokgo
    사공=sagong""".split()
)
KOREAN = re.compile(
    r"(남궁|제갈|황보|선우|독고|사공|[" + "".join(n for n in SURNAMES if len(n) == 1) + r"])\s?([가-힣]{1,2})"
)
# Hebrew letters with a stroke behind them: "J" of other languages; on held pairs other strokes are better dropped
STROKES = {"ג": "j", "ז": "j"}
STROKED = re.compile("([" + "".join(STROKES) + "])['’‘`´ʼ׳]")


def respaced(text: str) -> str:
    """Return a Korean or Chinese name with its surname apart, Hebrew letters with strokes as sounds, no loose accents.

    Idempotent; other text comes back as it is.
    """
    if text.isascii():
        return text
    text = MARKS.sub("", unicodedata.normalize("NFC", text))
    found = KOREAN.fullmatch(text)
    if found is not None:
        return f"{SURNAMES[found[1]]} {found[2]}"
    found = HAN.fullmatch(text)
    if found is not None:
        return f"{HAN_READ.get(found[1], found[1])} {found[2]}"
    return STROKED.sub(lambda stroked: STROKES[stroked[1]], text)


# Chinese surnames, those of two characters first; a name is written in one, the surname first
HAN_SURNAMES = """欧阳 歐陽 司马 司馬 诸葛 諸葛 上官 司徒 东方 東方 夏侯 皇甫 慕容 尉迟 尉遲 公孙 公孫 令狐 宇文
    长孙 長孫
    王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何高林罗羅郑鄭梁谢謝宋唐许許韩韓冯馮邓鄧曹彭曾肖蕭萧田董袁
    潘于蒋蔣蔡余杜叶葉程苏蘇魏吕呂丁任沈姚卢盧姜崔钟鍾谭譚陆陸汪范金石廖贾賈夏韦韋付方白邹鄒孟熊秦邱江尹薛闫阎
    閻段雷侯龙龍史陶黎贺賀顾顧毛郝龚龔邵万萬钱錢严嚴覃武戴莫孔向汤湯习習温溫康施文牛樊葛邢安齐齊易乔喬伍庞龐颜
    顏倪庄莊聂聶章鲁魯岳翟殷詹申欧歐耿关關兰蘭焦俞左柳甘祝包宁寧尚符舒阮柯纪紀梅童凌毕畢单單季裴霍涂成苗谷盛曲
    翁冉骆駱蓝藍路游辛靳管柴蒙鲍鮑华華喻祁蒲房滕屈饶饒解牟艾尤阳陽时時穆农農司卓古吉缪繆简簡车車项項连連芦蘆麦
    麥褚娄婁窦竇戚岑景党黨宫宮费費卜冷晏席卫衛米柏宗瞿桂全佟应應臧闵閔苟邬鄔边邊卞姬师師和仇栾欒隋商刁沙荣榮巫
    寇桑郎甄丛叢仲虞敖巩鞏明佘池查麻苑迟遲邝鄺""".split()
HAN_READ = {
    "曾": "zeng",
    "单": "shan",
    "單": "shan",
    "解": "xie",
    "仇": "qiu",
    "查": "zha",
    "覃": "qin",
    "任": "ren",
}
HAN = re.compile(
    f"({'|'.join(n for n in HAN_SURNAMES if len(n) == 2)}|[{''.join(n for n in HAN_SURNAMES if len(n) > 2)}])"
    r"[\s·]?([\u4e00-\u9fff]{1,2})"
)
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
    sound, small = latin(found[1]).lower(), SMALL_KANA[found[2]]
    start = "w" if sound == "u" else sound[:-1]
    return start + (small[-1] if start in ("sh", "ch", "j") else small)


GREEK_LETTER, CYRILLIC_LETTER, KANA_LETTER = map(re.compile, ("[Ͱ-Ͽἀ-῿]", "[Ѐ-ӿ]", "[ぁ-ヿ]"))


def spelled(text: str) -> str:
    """Return text in which what several Greek, Cyrillic or kana letters stand for together is in Latin letters."""
    if GREEK_LETTER.search(text):
        text = MARKS.sub("", unicodedata.normalize("NFD", text.lower()))
        for pattern, sound in GREEK:
            text = re.sub(pattern, sound, text)
    if CYRILLIC_LETTER.search(text):
        text = text.lower()
        for pattern, letters in CYRILLIC:
            text = re.sub(pattern, letters, text)
    if KANA_LETTER.search(text):
        text = KANA.sub(syllable, text.replace("ー", ""))
        text = STOP.sub(lambda found: latin(found[1])[:1].lower(), text)
    return text


class Letters(dict[int, str]):
    """Latin letters by code point, looked up once each."""

    def __missing__(self, code: int) -> str:
        self[code] = found = anyascii(chr(code))
        return found


LETTERS = Letters()


def latin(text: str) -> str:
    """Return text in plain Latin letters; letters without a counterpart are dropped."""
    return text if text.isascii() else spelled(text).translate(LETTERS)
