"""Words that make an invoice look like a credit note, by language. Pure.

Only whole words count, in any case and with or without accents; signs, "_" and "-" part words,
and so do digits: "Gutschrift_8213.pdf" has one, "credit card fee" has none.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache

WORDS: dict[str, tuple[str, ...]] = {
    "en": ("credit note", "credit memo", "creditnote", "creditmemo", "credit"),
    "de": (
        "gutschrift", "gutschriften", "gutschriftsanzeige", "rechnungskorrektur",
        "korrekturrechnung", "stornorechnung", "storno",
    ),
    "fr": ("avoir", "facture d'avoir", "note de crédit"),
    "es": ("nota de crédito", "factura rectificativa", "abono", "nota de abono"),
    "it": ("nota di credito", "nota credito", "nota di accredito", "accredito", "storno"),
    "nl": ("creditnota", "creditfactuur", "credit nota", "credit factuur"),
    "da": ("kreditnota", "kredit nota", "kreditering"),
    "sv": ("kreditfaktura", "kreditnota", "kreditering"),
    "nb": ("kreditnota", "kreditfaktura", "kreditering"),
    "fi": ("hyvityslasku", "hyvitys", "hyvityslaskun"),
    "pl": ("faktura korygująca", "korekta", "nota kredytowa", "nota korygująca"),
    "pt": ("nota de crédito", "nota crédito", "estorno"),
}  # fmt: skip
# Words of other things that hold one of those above.
NOT_THESE = (
    "credit card", "credit cards", "credit check", "credit checks", "credit limit", "credit line",
    "line of credit", "letter of credit", "credit insurance", "credit transfer", "credit rating",
    "credit report", "credit agency", "credit bureau", "credit term", "credit terms",
    "credit institution", "credit management", "credit union", "credit suisse",
    "credit agricole", "credit mutuel", "credit lyonnais", "credit risk", "credit interest",
    "tax credit", "carbon credit", "trade credit", "on credit", "carte de credit",
    "tarjeta de credito", "carta di credito", "cartao de credito", "credit impot",
    "pour avoir", "peut avoir", "doit avoir", "apres avoir", "sans avoir", "avoir lieu",
    "abono transporte", "abono mensual", "abono anual", "keine gutschrift",
)  # fmt: skip
Words = Mapping[str, Iterable[str]]


def plain(text: str) -> str:
    """A text as words of small letters without accents, one blank before and behind each."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(one for one in folded if not unicodedata.combining(one))
    return " " + " ".join(re.findall(r"[^\W\d_]+|\d+", bare)) + " "


def all_words(more: Words) -> tuple[str, ...]:
    """The words of every language and those of the house, the longest first."""
    own = [words for words in more.values() if isinstance(words, list | tuple)]
    lists = [*WORDS.values(), *own]
    known = {plain(str(word)): str(word) for words in lists for word in words}
    known.pop("  ", None)
    return tuple(known[key] for key in sorted(known, key=lambda key: (-len(key), key)))


def found_in(text: str, words: Collection[str]) -> str:
    """The first of these words that stands in the text; empty where none does."""
    if not text:
        return ""
    searched = plain(text)
    for phrase in _plain_all(NOT_THESE):
        # What stays must not meet: "credit card note" is no credit note.
        searched = searched.replace(phrase, " | ")
    for word, key in zip(words, _plain_all(tuple(words)), strict=True):
        if key in searched:
            return word
    return ""


@lru_cache(maxsize=8)
def _plain_all(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(plain(word) for word in words)
