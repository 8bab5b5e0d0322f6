"""Chinese names: surnames apart, and what Hanyu Pinyin is in Wade-Giles, in Hong Kong and in Taiwan."""

from __future__ import annotations

import re

__all__ = ["PINYIN", "parted", "variants"]

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
# What stands for sounds of foreign names and hardly ever in Chinese given names: 马斯克 is Musk
FOREIGN = re.compile(
    "[斯尔爾特夫姆布卡拉里茨蒂迪巴贝貝塞萨薩涅弗埃奥奧厄默什诺諾纳納勒莱萊佩佐扎格洛罗羅顿頓托兹茲耶尤娅婭沃韦韋尼哈霍索普科哥]|克$"
)


def parted(text: str) -> str | None:
    """Return a Chinese name with its surname apart; None for anything else, a foreign name in Han too."""
    found = HAN.fullmatch(text)
    if found is None or FOREIGN.search(found[2]):
        return None
    return f"{HAN_READ.get(found[1], found[1])} {found[2]}"


# Surnames in Pinyin -> as bearers from Hong Kong and South East Asia spell them, the most frequent first
ELSEWHERE = dict(
    pair.split("=")
    for pair in """bai=pak cai=choi chen=chan cheng=ching deng=tang dong=tung fang=fong feng=fung gao=ko guan=kwan
    guo=kwok he=ho hong=hung huang=wong huo=fok jiang=kong jin=kam li=lee liang=leung lin=lam liu=lau lu=luk luo=law
    mo=mok ou=au pan=poon peng=pang qian=chin qiu=yau ruan=yuen shen=sum su=so tang=tong wu=ng xiao=siu xie=tse
    xu=hui yan=yim yang=yeung ye=yip yuan=yuen zeng=tsang zhang=cheung zhao=chiu zheng=cheng zhong=chung zhou=chow
    zhu=chu""".split()
)
SYLLABLE = re.compile(
    "(zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw]?)"
    "(iang|iong|uang|uan|uai|ian|iao|ang|eng|ing|ong|ai|ei|ao|ou|an|en|in|un|ia|ie|iu|ua|uo|ui|ue|er|[aoeiu])"
    "(?![aeiou])"
)
# Pinyin's parts of a syllable -> those of Wade-Giles, without apostrophes, as newspapers print it
STARTS = {
    "b": "p",
    "d": "t",
    "g": "k",
    "j": "ch",
    "q": "ch",
    "x": "hs",
    "zh": "ch",
    "r": "j",
    "z": "ts",
    "c": "ts",
}
RIMES = {"ian": "ien", "ie": "ieh", "ue": "ueh", "ong": "ung", "iong": "iung", "er": "erh"}
WHOLE = dict(
    pair.split("=")
    for pair in """zhi=chih chi=chih shi=shih ri=jih zi=tzu ci=tzu si=ssu ye=yeh yan=yen yi=i you=yu ge=ko ke=ko he=ho
    gui=kuei kui=kuei guo=kuo kuo=kuo huo=huo shuo=shuo""".split()
)
# What can be nothing but Wade-Giles -> Pinyin; "tse", "chang" and their like can be other names as well
PINYIN = dict(
    pair.split("=")
    for pair in """chiang=jiang chiao=jiao chieh=jie chih=zhi chiung=qiong chueh=jue hsi=xi hsia=xia hsiang=xiang
    hsiao=xiao hsieh=xie hsien=xian hsin=xin hsing=xing hsiu=xiu hsiung=xiong hsu=xu hsuan=xuan hsueh=xue hsun=xun
    jih=ri kuei=gui kuo=guo lieh=lie lueh=lue mieh=mie nueh=nue pieh=bie shih=shi ssu=si szu=si tieh=tie tsai=cai
    tsao=cao tseng=zeng tsou=zou tsun=cun tzu=zi yeh=ye yueh=yue""".split()
)


def wade_giles(found: re.Match[str]) -> str:
    """Return a syllable of Pinyin in Wade-Giles."""
    start, rime = found.groups()
    if rime == "uo" and start:
        rime = "o"
    return WHOLE.get(found[0]) or STARTS.get(start, start) + RIMES.get(rime, rime)


def variants(word: str) -> tuple[str, str]:
    """Return a word of Pinyin in Wade-Giles and, if it is a surname, as in Hong Kong; else the word itself."""
    size = sum(len(found.group()) for found in SYLLABLE.finditer(word))
    return SYLLABLE.sub(wade_giles, word) if size == len(word) else word, ELSEWHERE.get(word, word)
