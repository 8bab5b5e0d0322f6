"""Chains: who is who inside one article."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.chains import build_chains
from resolver.model import Article, Kind, Mention
from tests.strategies import NAMES, news_text

MARKED = re.compile(r"\[([^\]]+)\]")


def mentions_of(marked, kind=Kind.PER):
    """The text without its square brackets, and a mention for each."""
    text, found, at = "", [], 0
    for match in MARKED.finditer(marked):
        text += marked[at : match.start()]
        start = len(text)
        text += match.group(1)
        found.append(Mention(f"m{len(found)}", "a", start, len(text), match.group(1), kind, 1.0, "given"))
        at = match.end()
    return text + marked[at:], found


def chains(marked, kind=Kind.PER):
    """The chains of a text whose names stand in square brackets, each as its surfaces in order."""
    text, found = mentions_of(marked, kind)
    surface = {m.mention_id: m.surface for m in found}
    built = build_chains(Article(doc_id="d", text=text), found)
    return [[surface[m] for m in chain.mention_ids] for chain in built]


def numbers(marked):
    """The chains as numbers of mentions."""
    text, found = mentions_of(marked)
    at = {m.mention_id: n for n, m in enumerate(found)}
    return [
        [at[m] for m in chain.mention_ids] for chain in build_chains(Article(doc_id="d", text=text), found)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "[Ada Quill] came. [Quill] spoke. Then [Ada] left.",
        "[Ada Quill] came. [A. Quill] signed.",
        "[AUL LANGEVIN] est mort. [Paul Langevin] était directeur de l'école.",
        "[Evgeniya Petrova] came. [Y. A. Petrova] signed.",
        "[Eve Moss], a sister of the envoy, was glad. [Eve Moss] sang.",
        "[Ada Quill], the judge, came. This [Ada Quill] should not be confused with her namesake.",
        "[Quill Ada] won. [A. Quill] signed.",
        "The table: [QUILL A.] first. [Ada Quill] wept.",
        "[R. S. Malhotra] came. [Malhotra R. S.] signed.",
        "[Bae Eun-sook] came. [Eun-sook Bae] spoke. [Eunsook Bae] left.",
        "[Femke Oosterwijk-Blom] came. [Blom] spoke.",
        "[Femke Blom] rang. [Oosterwijk-Blom] has gone back to her full name.",
        "[Mansour Abu Rukun] came. [Abu Rukun] spoke.",
        "[Behrouz Arvand] ([بهروز اروند]) came.",
        "[Edson Quill], better known as [Zico], scored. [Zico] left.",
        "[Ada Quill], who publishes as [E. M. Strand], is on the list. [Strand] did not come.",
        "[E. M. Strand] is [Elke Strandgaard], the paper said. [Strandgaard] wept.",
        "Captain [Bartosz Szymczyk], [Bartek] to his people, counts. [Bartek] slept.",
        "[Alexei Larin] died. Students called him [Lyosha] behind his back.",
        "[Marguerite Vuillemin] (née [Marguerite Aubert]) was cleared.",
        "[Zdenka Montecassini] holds rates. The bank, [Montecasini] said, is open.",
        "[Torvald Ekman] died. [T0rvald] was severe. [Ekrnan] taught.",
        "[F. Auchterlie] is free. [Frederick] has been in the garden.",
        "[Sofia Lund], who was [Sofia Berg] until she married, came.",
        "[Mestre Zu], whose real name is [Edson Pinto], sang. [Pinto] left.",
        "[Edson Pinto], known to all as [Zico], came. [Zico] left.",
        '[Edson "Zico" Pinto] came. [Zico] left.',
        "[Paul Caron], dit [Le Grand], est venu.",
        "[Karl Huber], genannt [Charly], kam.",
        "[Yevgenia Andreyevna] came. [Evgenia Larionova] spoke.",
        "[Yevgenia Larionova] came. [Zhenya] spoke.",
        "Reporters like another [Ada Quill] speech. [Ada Quill] knows.",
        "[M. Wilson] parle. [Wilson] parle.",
        "[Robert Clarke] is to leave. [Bob Clarke] built the company.",
        "[Thandiwe Okoro] won. The critics love [Thandi].",
        "Geologist [Dora Feld] died on Tuesday. Born [Dora Lund] in Malmö, she came in 1955.",
        "[Ann Moss] of Leeds won.\n\nLater [Ann Moss] of Yorkshire sang. [Ann Moss], 34, is shy.",
        "Report: [Ann Moss] met rebels \n Minister [Ann Moss] met rebels on Monday.",
        "[Ben Carson] won the mile. [Carson] was tired.",
        "The commander [Idris Abakar] did not come. His son [Nimr] spoke. They wanted [Abu Nimr].",
    ],
)
def test_forms_of_one_person_are_one_chain(text):
    found = chains(text)
    kin = [chain for chain in found if chain != ["Nimr"]]
    assert len(kin) == 1


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("[B. Larch] led the talks. His brother [Carl] was chairman. [Carl Larch] left the bank.", 2),
        ("[Abu Nimr] came and [Nimr] stayed.", 2),
        ("[Aristidis Lemonis] comes at seven. [Lemoni] will go on Monday.", 2),
        ("[Anatoly Shcherbakov] left. [Shcherbakova] stayed.", 2),
        ("[Carl-Gustaf Rosen] spoke of the hall built by his father, [Gustaf Rosen].", 2),
        ("If [Iriarte] the governor spoke to [Iriarte] the broker, there is a problem.", 2),
        ("[Stas Lagutin] was freed. [Lagutin] the father wrote to me.", 2),
        ("Her husband, [Jun Min-suk], lies above. In the register she was Mrs [Jun].", 2),
        ("The pope [Pius VI.] died; [Pius VII.] followed, and [Pius XI] later.", 3),
        ("[Paul Corkum Jr.] was tried. [Paul Corkum Sr.] is dead.", 2),
        ("[Levan Tsiklauri] came with [Levon Tsiklauryan].", 2),
        ("A rival of [Michael Farrar] is [Michael Farrow].", 2),
        ("[R. S. Malhotra] designed it. The contract was signed by [S. R. Malhotra].", 2),
        (
            "The letter of Mr. [R. K. Shah], chairman, is lost. Prof. [R. K. Shah], who has the same initials, got it.",
            2,
        ),
        ("It was [Raymond Sr.] who sent him. No, he said, the other [Raymond].", 2),
        ("[Correia], 68, was freed. The candidate, [Correia Vaz], spoke.", 2),
        ("[Noga Zilber], the minister, said that she had a brother. Mr [Zilber] said nothing.", 2),
        ("[Gadi Zilber] said that he would go. [Zilber], a widow, stayed.", 2),
        ("[Mlle Wilson] chante. [M. Wilson] parle.", 2),
        ("[Anna Nowak] cut the film. Another [Anna Nowak], of Radom, rides a bicycle.", 2),
        ("[Anna Nowak], 30, an editor, cut it. In Radom [Anna Nowak], a cyclist, won.", 2),
        ("[Zilber], who had waited, spoke. His colleague [Gadi Zilber], a farmer, did not.", 2),
        ("A tennis player, [Li Na], won. A spokeswoman for the ministry, [Li Na], was silent.", 2),
        ("[William Short] and [Bill Short] argued.", 2),
        ("[Elia Moss] came. Later [Ella Moss] left.", 2),
        ("[Kusakabe Tomohiro] came. [Kusakabe Tomohiko] left.", 2),
        ("Senator [Amy Cole] spoke. [Cole], the senator's husband, waited.", 2),
        ("[George Haddad] took over from his father, [George Haddad Sr.].", 2),
        ("[Anna Maria Peduzzi] drove. [Maria] sang.", 2),
        ("Foreign Minister [Ali Hassan] and Defence Minister [Hassan Ali] signed.", 2),
        ("The judge [Ali Hassan] spoke. General [Hassan Ali] did not.", 2),
        ("[Ana María Rojas] and [María Ana Rojas] came. [Ana María] paid. [María Ana] left.", 2),
        ("[Robert T. Gallo Jr.] runs. [Kate Gallo] is a daughter of the senator [Robert Gallo].", 3),
        ("[Ben Carson] beat [Zoe Carson].", 2),
        ("[Ann Moss] of Leeds and [Ann Moss] of Hull were born on one day. [Ann Moss] of Leeds sings.", 2),
        ("Dr. [Anil Mehra] treated Mr. [Anil Mehra] for five hours.", 2),
        ("Governor [Dan Hollis] pardoned a man called [Dan Hollis].", 2),
        ("[Rui Gomes] (Porto) was sent off; [Rui Gomes] (Braga) scored.", 2),
        ("Police arrested [Jim Baker], 34, at noon. By night they had [Jim Baker], 51, as well.", 2),
        ("[Ana Sousa Melo] spoke. The banker [Ana Melo Sousa] did not.", 2),
        ('"My grandfather, [Otto Brandl], had one lorry," said [Otto Brandl III].', 2),
        ("The boatman [Tashi Dorje] rowed. His namesake paid. [Tashi Dorje] the monk writes.", 2),
        ("[Dora Feld] died. She leaves a niece, [Dora].", 2),
        ("[José Prado] built it. Now [José Prado Neto] sells.", 2),
        ("[Peter Lindqvist] came home. The bill was meant for a [Peter Lindqvist] who defends generals.", 2),
        ("[Aniket Karan] was freed. A former clerk, [A. Karan], who drove, was not.", 2),
        ("[Roy Vance] built the gate. Master [Roy Jr.] was born in May.", 2),
        ("One, [Jim Baker], flies. The other, [Jim Baker], is a vet.", 2),
        ("The unit of Sergeant [Dhali] was praised. [Harjit Dhali], who drove a taxi, saw a man.", 2),
        ("Father [Nikos Kallergis] signed. The lawyer [Nikos Kalliergis] told us to mind the spelling.", 2),
        ("The prosecutor [Oleksandr Moroz] spoke. A teacher, [Oleksandra Moroz], waited.", 2),
        ("[Moss] led the talks. His friend [Eve Moss] was glad.", 2),
        ("[Paul Tabi] of Ambae has the pig. [Paul Tabi] of Pentecost has the canoe.", 2),
        ("The farmer is [Paul Tabi]. The other, a carpenter, is called [Paul Tabi] as well.", 2),
        ("One [Luis Melo] wrote the samba. The other [Luis Melo] manages a team.", 2),
        ("[David Campbell], the sheriff, is 60. A rancher called [David A. Campbell] filed too.", 2),
        ("[Carlos Arce], 61, is the husband of the governor. [Arce] herself is not accused.", 2),
        ("[Rasa Gudeliene] waited. [Gudelius] was in the desert.", 2),
        ("[Pavel Ilyich] drilled here. [Pavel Gennadyevich] never did.", 2),
        ("The farmer [Anura Perera] rang. The director, who is likewise named [Anura Perera], came.", 2),
        ("[Karl Moss] found it. He was put through to an office, as another [Karl Moss] works there.", 2),
        ("[Sam Reid], the judge, came. His namesake was jailed. Our [Sam Reid] has never been there.", 2),
        ("The soldier has a namesake. [Van Hung] the soldier left; [Van Hung] the sailor stayed.", 2),
        ("The butcher [Tom Conneely] sold it. [Tom Peter Conneely], a fisherman, did not.", 2),
        ("[Rosa Olay-Bakare], the governor's wife, came. Mr. [Olay-Bakare] left early.", 2),
        ("MRS. [REYES]: I leave that to him.\n\nMR. [REYES]: I do too.\n\nMRS. [REYES]: Fine.", 2),
        ("[Moss] was sentenced to life on Monday. Brother, [Hal Moss], was in court.", 2),
        ("[Moss] resigned last night. His brother, [Lal], was glad. Mr. [Lal Moss] stayed at home.", 2),
        ("[Bob Evans], of Cardiff, is a knight; [Bob Evans], of Hull, is not.", 2),
        ("Inspector [Ana Costa] won a medal.\n\n[Ana Costa], baker, of Vila Seca, won one too.", 2),
        ("Second officer [Ali Hassan] was on watch. The station's engineer, [Ali Hassan], kept a log.", 2),
        ("[Moss] goes, [Moss] comes\n\nThe mayor [Ken Moss] hands over to [Rita Moss], a cousin.", 4),
    ],
)
def test_different_people_stay_apart(text, count):
    assert len(chains(text)) == count


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "[Ann Moss], 54, the daughter of the judge [Paul Moss], won. [Moss] said that she wept.",
            [[0, 2], [1]],
        ),
        (
            "[Ivo Lagutin], son of its founder, [Max Lagutin]. A yacht of the younger Mr [Lagutin].",
            [[0, 2], [1]],
        ),
        ("[Anna] and [Pablo Ruiz] were at home. Ms. [Ruiz] slept.", [[0, 2], [1]]),
        ("Le ministre [Paul Caron] parle. Mme [Caron] vient. Le ministre [Caron] sourit.", [[0, 2], [1]]),
        ("[Kate MacAskill] rang [Ewan McAskill]. [MacAskill] hung up. [McAskill] waited.", [[0, 2], [1, 3]]),
        ("[Ken Haddad Jr.] and [Ken Haddad Sr.] came. The elder [Haddad] is 90.", [[0], [1, 2]]),
        ("Sir [Michael Farrar] and [Michael Farrow] met. Sir [Michael] smiled.", [[0, 2], [1]]),
        ("[Rosalie Merrin] and [Albert Merrin] came. Lady [Merrin] left.", [[0, 2], [1]]),
        ("By [Tina Moss]\n\n[Paul Moss], the mayor, came. The bridge hums, [Moss] said.", [[0], [1, 2]]),
        ("[Ann Moss], the mayor, came. [Moss] spoke.\n\n(Reporting by [Eve Moss])", [[0, 1], [2]]),
        ("[Helmut Moss], 71, and his wife [Ida], 69, were found. [Ida Moss] taught.", [[0], [1, 2]]),
        (
            "Q: [Amara Sesay], you knew.\n\n[SESAY]: So did my friend [Fatmata Sesay].\n\n[SESAY]: [Fatmata] left.",
            [[0, 1, 3], [2, 4]],
        ),
        ("[Rita Moss] met [Paul Moss]. [Rita] paid. [Moss] said that he was glad.", [[0, 2], [1, 3]]),
    ],
)
def test_a_bare_name_goes_to_whom_the_words_around_it_fit(text, expected):
    assert numbers(text) == expected


def test_the_headline_is_read_after_the_article():
    assert numbers("[Moss] wins\n\n[Ann Moss], daughter of the late [Paul Moss], won.") == [[0, 1], [2]]


def test_what_stands_before_a_dateline_is_headline():
    assert numbers("[Moss] wins. Lima (AFP) – A nurse, [Ann Moss], 50, won.") == [[0, 1]]


def test_what_stays_open_names_its_rival():
    text, found = mentions_of("[Ann Moss] met [Eve Moss]. [Moss] spoke.")
    built = build_chains(Article(doc_id="d", text=text), found)
    with_rival = [chain for chain in built if chain.rivals]
    assert [chain.rivals[0][0] for chain in with_rival] == ["m2"]
    assert with_rival[0].rivals[0][1] in {chain.chain_id for chain in built} - {with_rival[0].chain_id}


def test_a_name_before_the_introduction_of_its_bearer_names_the_bearer_as_a_rival():
    text, found = mentions_of("[Moss] led the talks. The singer [Eve Moss] was glad. [Eve Moss] sang.")
    first, second = build_chains(Article(doc_id="d", text=text), found)
    assert first.rivals == (("m0", second.chain_id),)


@pytest.mark.parametrize(
    "text",
    [
        "[Ann Moss] met [Eve Moss]. [Moss] spoke.",
        "[Anna Ruiz] came with her husband, [Pablo Ruiz]. [Ruiz] said no.",
        "[Brayan Cuervo] finished. His brother [Yeison Cuervo] led. I saw [Cuervo].",
        "[Guled Ali] met [Ali Warsame Guled]. [Guled] said so.",
    ],
)
def test_a_bare_name_between_two_bearers_stays_open_with_both_as_rivals(text):
    found = mentions_of(text)[1]
    *_, last = build_chains(Article(doc_id="d", text=mentions_of(text)[0]), found)
    assert len(last.mention_ids) == 1
    assert len(last.rivals) == 2


def test_the_name_of_a_chain_is_its_fullest_in_latin_letters():
    text, found = mentions_of("[Quill] came. [Ada Quill] ([Ада Квилл]) spoke, and [A. J. Quill] signed.")
    assert [c.name for c in build_chains(Article(doc_id="d", text=text), found)] == ["Ada Quill"]


def test_an_organisation_and_its_acronym_are_one_chain():
    assert chains("The [Harbour Aid Board] (HAB) and [HAB].", Kind.ORG) == [["Harbour Aid Board", "HAB"]]


def test_without_chains_every_spelling_is_by_itself():
    text, found = mentions_of("[Ada Quill] came. [Quill] spoke. [Quill] left.")
    built = build_chains(Article(doc_id="d", text=text), found, attach=False)
    assert sorted(len(chain.mention_ids) for chain in built) == [1, 2]


@given(news_text, st.lists(st.sampled_from(NAMES), max_size=8))
def test_every_mention_is_in_exactly_one_chain(text, names):
    whole = " ".join([text, *names])
    found = [
        Mention(f"m{found.start()}", "a", *found.span(), found.group(), Kind.PER, 1.0, "given")
        for found in re.finditer("|".join(map(re.escape, NAMES)), whole)
    ]
    built = build_chains(Article(doc_id="d", text=whole), found)
    assert sorted(m for chain in built for m in chain.mention_ids) == sorted(m.mention_id for m in found)
