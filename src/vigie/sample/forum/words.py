"""Filler text: sentences on landscapes, gardens and weather, in several languages. No person is described."""

import functools
import typing as t

import msgspec
import numpy as np
from numpy.typing import NDArray

WORDS: t.Final[dict[str, str]] = {
    "en": "the valley lies behind a low hill and the river turns slowly past old willows rain came early over the "
    "orchard while clouds moved east leaves cover each path stones along this wall hold warmth until evening frost "
    "melts when wind drops seeds want light soil moss grows between granite steps harbour lanterns shine on water",
    "fr": "la vallée descend vers une rivière calme le jardin garde des pierres chaudes après midi pluie fine sur les "
    "pommiers nuages lents au dessus des collines sentier bordé de mousse et fougères vent du nord gelée blanche",
    "de": "das Tal liegt hinter einem flachen Hügel und der Fluss fließt langsam an alten Weiden vorbei Regen über dem "
    "Obstgarten Wolken ziehen nach Osten Blätter bedecken jeden Weg Steine halten Wärme bis zum Abend Frost",
    "es": "el valle baja hacia un río tranquilo y el jardín guarda piedras tibias lluvia fina sobre los manzanos nubes "
    "lentas encima de las colinas sendero con musgo viento del norte escarcha blanca mañana niebla",
    "pt": "o vale desce até um rio calmo e o jardim guarda pedras mornas chuva fina sobre as macieiras nuvens lentas "
    "acima das colinas caminho com musgo vento do norte geada branca manhã névoa",
    "it": "la valle scende verso un fiume calmo e il giardino tiene pietre tiepide pioggia leggera sui meli nuvole "
    "lente sopra le colline sentiero con muschio vento del nord brina bianca mattino nebbia",
    "nl": "het dal ligt achter een lage heuvel en de rivier stroomt langzaam langs oude wilgen regen over de boomgaard "
    "wolken trekken naar het oosten bladeren bedekken elk pad stenen houden warmte",
    "pl": "dolina leży za niskim wzgórzem a rzeka płynie wolno obok starych wierzb deszcz nad sadem chmury suną na "
    "wschód liście leżą na każdej ścieżce kamienie trzymają ciepło",
    "uk": "долина лежить за низьким пагорбом річка тече повільно повз старі верби дощ над садом хмари пливуть на "
    "схід листя вкриває стежку каміння тримає тепло",
    "he": "העמק שוכן מאחורי גבעה נמוכה והנהר זורם לאט ליד ערבות גשם מעל הבוסתן עננים נעים מזרחה",
    "ar": "يقع الوادي خلف تل منخفض والنهر يجري ببطء قرب الصفصاف مطر فوق البستان غيوم تمضي شرقا",
    "ja": "谷は 低い 丘の 向こうに あり 川は 静かに 流れる 雨が 果樹園に 降る 雲は 東へ 動く 石は 夕方まで 暖かい",
}
OTHERS: t.Final = {"sv": "nl", "nb": "nl", "da": "nl", "fi": "en", "cs": "pl", "ko": "ja", "tr": "en"}
"""Languages without words of their own here write with those of another."""
_SENTENCES = 6_000
_MOST = 14
"""Words of the longest sentence."""


class Prose(msgspec.Struct, frozen=True):
    """A long text of one language, and where its sentences begin (characters, one more than there are sentences)."""

    text: str
    starts: NDArray[np.int64]

    def cut(self, first: NDArray[np.int64], sentences: NDArray[np.int64]) -> list[str]:
        """Return texts of so many sentences from ``first`` on each, without the space at the end."""
        low = first % (len(self.starts) - 1)
        high = np.minimum(low + sentences, len(self.starts) - 1)
        text = self.text
        return [text[a:b] for a, b in zip(self.starts[low].tolist(), (self.starts[high] - 1).tolist(), strict=True)]


@functools.lru_cache(maxsize=1)
def prose(seed: int) -> dict[str, Prose]:
    """Return a text in every language of ``lands.LANDS``; about 400 kB each."""
    rng = np.random.default_rng([seed, 71])
    out = {language: _one(rng, words.split()) for language, words in WORDS.items()}
    return out | {language: out[like] for language, like in OTHERS.items()}


def _one(rng: np.random.Generator, words: list[str]) -> Prose:
    lengths = rng.integers(5, _MOST + 1, _SENTENCES).tolist()
    drawn = rng.integers(0, len(words), sum(lengths)).tolist()
    starts, parts, at, size = [0], [], 0, 0
    for length in lengths:
        some = [words[one] for one in drawn[at : at + length]]
        sentence = " ".join(some)
        sentence = sentence[0].upper() + sentence[1:] + ". "
        at += length
        size += len(sentence)
        starts.append(size)
        parts.append(sentence)
    return Prose("".join(parts), np.array(starts))
