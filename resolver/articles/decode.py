"""Bytes -> text: UTF-8, UTF-16 with a mark, else a legacy encoding that the bytes themselves give away."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from charset_normalizer import from_bytes

from resolver.errors import InputError

__all__ = ["decode", "numbered_lines"]

_SAMPLE = 65_536
"""Bytes that an encoding is guessed from: ten thousand words; more change no guess and cost seconds."""

_MAX_CONTROL = 0.02
"""Share of control characters above which bytes are no text (texts have next to none, binaries over 5 %)."""

_READ_AHEAD = 200
"""Lines that are looked at when the first line that is not UTF-8 turns up."""

_DAMAGED = 0.1
"""Broken characters for each good one up to which a file is UTF-8 with a scar: legacy texts have hardly a good one."""

_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\x0b\x0c\r\x1b") + b"\x7f"

_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

_LEGACY = [
    *(f"cp125{page}" for page in range(9)),
    *("iso8859_2", "iso8859_5", "iso8859_7", "iso8859_9", "koi8_r", "koi8_u", "mac_roman", "tis_620"),
    *("gb18030", "big5", "cp932", "euc_jp", "cp949"),
]
"""Encodings that news was kept in; rarer ones would only catch what is no text."""

_LATIN = {
    "cp1252": "éèêëàâáäåãçñöôóòõüûùúíîïøæßœÉÈÀÁÄÅÇÑÖÓØÜÚÆ€“”’‘„–—«»…°£§",
    "cp1250": "ąćęłńóśźżáčďéěíňřšťúůýžőűăâîşţäöüßŁŚŻŹČŘŠŽÁÉÍÓÚÝŐŰĂÂÎŞŢ€“”’‘„–—«»…°§",
    "cp1254": "şğıİŞĞçöüâîûÇÖÜ€“”’‘„–—«»…°£§",
}
"""Letters common in news, by Windows code page: western, central European, Turkish (chosen by hand)."""


def decode(data: bytes) -> str:
    """Return the text that the bytes of a whole file spell, without a byte order mark.

    Raises:
        InputError: The bytes are binary or of no encoding that can be told (no path: the caller knows it).
    """
    if data.startswith(_WIDE_MARKS):
        return "".join(_wide([data]))
    data = data.removeprefix(codecs.BOM_UTF8)
    _refuse_binary(data)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        return data.decode(_guess(data[max(0, error.start - 1_000) :]), errors="replace")


def numbered_lines(lines: Iterable[bytes]) -> Iterator[tuple[int, str | InputError]]:
    """Yield the number (from 1) and the text of each line, or what is wrong with it, in bounded memory.

    Lines that are not UTF-8 are read in the one legacy encoding that the first of them and its neighbours
    give away; lines that are UTF-8 stay so.

    Args:
        lines: As an opened binary file yields them, from its start.
    """
    waiting = iter(lines)
    first = next(waiting, b"")
    if first.startswith(_WIDE_MARKS):
        yield from _wide_lines(chain([first], waiting))
        return
    waiting = chain([start] if (start := first.removeprefix(codecs.BOM_UTF8)) else [], waiting)
    ahead = _Ahead(waiting)
    encoding: str | None = None
    for number, data in enumerate(ahead, start=1):
        try:
            yield number, data.decode("utf-8")
            continue
        except UnicodeDecodeError:
            pass
        try:
            _refuse_binary(data)
            encoding = encoding or _guess(
                b"".join(line for line in (data, *ahead.peek()) if not line.isascii())
            )
            yield number, data.decode(encoding, errors="replace")
        except InputError as error:
            yield number, error


class _Ahead(Iterator[bytes]):
    """An iterator of lines that can look ahead."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines

    def __next__(self) -> bytes:
        return next(self._lines)

    def peek(self) -> list[bytes]:
        """Return the next lines without taking them."""
        ahead = list(islice(self._lines, _READ_AHEAD))
        self._lines = chain(ahead, self._lines)
        return ahead


def _wide(chunks: Iterable[bytes]) -> Iterator[str]:
    """Yield the text of UTF-16 chunks, whose cuts may fall inside a character."""
    decoder = codecs.getincrementaldecoder("utf-16")()
    try:
        for chunk in chunks:
            yield decoder.decode(chunk)
        yield decoder.decode(b"", final=True)
    except UnicodeError as error:
        raise InputError("broken UTF-16 text; save the file as UTF-8") from error


def _wide_lines(chunks: Iterable[bytes]) -> Iterator[tuple[int, str | InputError]]:
    """Yield the numbered lines of a UTF-16 stream, whose newline is two bytes wide."""
    number, rest = 0, ""
    try:
        for text in _wide(chunks):
            *whole, rest = (rest + text).split("\n")
            for line in whole:
                number += 1
                yield number, f"{line}\n"
        if rest:
            yield number + 1, rest
    except InputError as error:
        yield number + 1, error


def _refuse_binary(data: bytes) -> None:
    """Raise InputError if the bytes are not text in any encoding that is read here."""
    sample = data[:_SAMPLE]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    if b"\0" in sample or controls > _MAX_CONTROL * len(sample):
        raise InputError("binary data, expected text; convert it to a text file or leave it out")


def _guess(data: bytes) -> str:
    """Return the encoding of bytes that are not all UTF-8, guessed from their start."""
    sample = data[:_SAMPLE]
    text = sample.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    if _DAMAGED * (len(text) - sum(map(str.isascii, text)) - broken) >= broken:
        return "utf-8"
    best = from_bytes(sample, cp_isolation=_LEGACY).best()
    if best is None:
        raise InputError("no text encoding fits these bytes, expected UTF-8; save the file as UTF-8")
    if not all(
        block.startswith(("Basic Latin", "Latin", "General Punctuation", "Control"))
        for block in best.alphabets
    ):
        return best.encoding
    # Between the Latin code pages the detector often errs on short texts: the letters themselves decide.
    special = bytes(byte for byte in sample if byte >= 0x80)
    return max(_LATIN, key=lambda page: sum(char in _LATIN[page] for char in special.decode(page, "replace")))
