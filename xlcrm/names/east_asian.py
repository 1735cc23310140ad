"""East Asian names (Chinese, Korean) written without a space: family name first, the honorific behind."""

from __future__ import annotations

from xlcrm.names.name_text import is_east_asian
from xlcrm.names.name_words import Word

GIVEN, FAMILY = 6.0, -6.0
_DOUBLE = frozenset(
    "褚師 褚师 百里 呼延 東郭 东郭 南宮 南宫 端木 申屠 澹臺 澹台 公羊 赫連 赫连 鮮于 鲜于 淳于 濮陽 濮阳".split()
    + "軒轅 轩辕 万俟 拓跋".split()
    + "歐陽 欧阳 司馬 司马 上官 諸葛 诸葛 夏侯 東方 东方 皇甫 尉遲 尉迟 公孫 公孙".split()
    + "鐘離 钟离 令狐 宇文 長孫 长孙 慕容 司徒 司空 남궁 황보 제갈 사공 선우 독고".split()
)
_HONORIFICS = (
    "先生 女士 小姐 太太 夫人 博士 教授 老師 老师 律師 律师 醫生 医生 議員 议员 經理 经理 主任 さん 様 殿 氏"
    " 님 씨 박사 교수 선생님 사장님 부장님 주니어 시니어"
).split()
_IN_FRONT = ("미스터", "미스", "미세스", "닥터")
# Japanese family names of three characters
_TRIPLE = frozenset(
    "佐々木 五十嵐 長谷川 長谷部 佐久間 小笠原 久保田 小野寺 大久保 波多野 宇都宮 曽我部 日比野 加賀美 東海林 喜多川 "
    "小早川 阿久津 宇佐美 大河内 海老原 三田村 小山田 小田切 瀬戸口 竹之内 中曽根 野々村 二階堂 美濃部 八重樫 和久井 "
    "伊集院 大河原 小宮山 仲宗根 加賀谷 西園寺 五味川 小野田 大田原 佐久本 小久保 久保寺".split()
)


def arrange(units: list[Word]) -> tuple[list[Word], list[str]] | None:
    """Family and given name of an East Asian name with odds that settle the order, and its honorifics; None for others.

    "王小明先生" gives 王, 小明 and 先生; "威廉·莎士比亚" is a foreign name, given name first.
    """
    if not units or not all(is_east_asian(unit.text) for unit in units):
        return None
    parts, honorifics = _without_honorifics([unit.text for unit in units])
    parts, in_front = _without_title_in_front(parts)
    honorifics = in_front + honorifics
    if len(parts) == 1:
        foreign = _foreign(parts[0])
        if foreign is not None:
            return foreign, honorifics
        parts = _unspaced(parts[0])
    if len(parts) == 2:
        return [_word(parts[0], FAMILY), _word(parts[1], GIVEN)], honorifics
    return ([_word(part, 0.0) for part in parts], honorifics) if honorifics else None


def _without_honorifics(parts: list[str]) -> tuple[list[str], list[str]]:
    """The parts of a name without the honorifics behind it, and these."""
    end = len(parts)
    while end > 1 and parts[end - 1] in _HONORIFICS:
        end -= 1
    parts, honorifics = parts[:end], parts[end:]
    ending = next((h for h in _HONORIFICS if parts[-1].endswith(h) and len(parts[-1]) > len(h)), "")
    if not ending or honorifics:
        return parts, honorifics
    return [*parts[:-1], parts[-1].removesuffix(ending)], [ending]


def _without_title_in_front(parts: list[str]) -> tuple[list[str], list[str]]:
    """ "미스터김동경" is a Mister, whose two or three syllables follow."""
    title = next((t for t in _IN_FRONT if parts[0].startswith(t) and len(parts[0]) > len(t) + 1), "")
    return ([parts[0].removeprefix(title), *parts[1:]], [title]) if title else (parts, [])


def _foreign(text: str) -> list[Word] | None:
    """ "威廉·莎士比亚": a dot parts a foreign given name from the family name."""
    dot = next((dot for dot in "·・" if dot in text.strip(dot)), "")
    if not dot:
        return None
    given, _, family = text.partition(dot)
    return [_word(given, GIVEN), _word(family, FAMILY)]


def _unspaced(text: str) -> list[str]:
    if len(text) in (4, 5) and text[:3] in _TRIPLE:
        return [text[:3], text[3:]]
    if not 2 <= len(text) <= 4:
        return [text]
    korean = "가" <= text[0] <= "힣"  # two syllables are a family name only where the list says so
    size = 2 if (len(text) > 2 and text[:2] in _DOUBLE) or (len(text) == 4 and not korean) else 1
    return [text[:size], text[size:]]


def _word(text: str, odds: float) -> Word:
    return Word(text, text, 0, odds)
