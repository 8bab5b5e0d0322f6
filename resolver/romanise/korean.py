"""Korean surnames: which syllables of a name are one, and how newspapers spell it."""

from __future__ import annotations

import re

__all__ = ["parted"]

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


def parted(text: str) -> str | None:
    """Return a Korean name with its surname apart; None for anything else."""
    found = KOREAN.fullmatch(text)
    return None if found is None else f"{SURNAMES[found[1]]} {found[2]}"
