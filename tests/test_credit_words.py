"""Which texts make an invoice look like a credit note."""

import pytest

from clearing import credit_words

WORDS = credit_words.all_words({})


@pytest.mark.parametrize(
    "text, word",
    [
        ("Gutschrift_8213.pdf", "gutschrift"),
        ("GUTSCHRIFT8213.PDF", "gutschrift"),
        ("2026-09-gutschrift-8213", "gutschrift"),
        ("Credit Note 8213", "credit note"),
        ("credit-memo", "credit memo"),
        ("Credit for returned pallets", "credit"),
        ("CreditNote.pdf", "creditnote"),
        ("Avoir n°12", "avoir"),
        ("Facture d’avoir 12", "facture d'avoir"),
        ("NOTE DE CRÉDIT", "note de crédit"),
        ("note de credit", "note de crédit"),
        ("Nota de credito 4", "nota de crédito"),
        ("nota_di_credito.pdf", "nota di credito"),
        ("Creditfactuur", "creditfactuur"),
        ("kreditnota 9", "kreditnota"),
        ("Kreditfaktura", "kreditfaktura"),
        ("Hyvityslasku", "hyvityslasku"),
        ("Faktura korygująca 3", "faktura korygująca"),
        ("Estorno", "estorno"),
        ("Rechnungskorrektur", "rechnungskorrektur"),
        ("Credit card fee, credit note attached", "credit note"),
    ],
)
def test_words_of_every_language(text, word):
    assert credit_words.found_in(text, WORDS) == word


@pytest.mark.parametrize(
    "text",
    [
        "", "Invoice 8213", "Credit card fee", "CREDIT_CARD_FEE.pdf", "creditor list",
        "accreditation", "Cloud credits", "Gutschriftverfahren", "Stornogebühr", "pour avoir livré",
        "SEPA credit transfer", "Letter of credit", "Crédit Agricole", "avoirdupois",
        "credit card note", "Tarjeta de crédito", "8213", "—",
    ],
)  # fmt: skip
def test_what_only_looks_like_one(text):
    assert credit_words.found_in(text, WORDS) == ""


def test_the_house_adds_words_of_its_own():
    more = credit_words.all_words(
        {"de": ["Bonusabrechnung", " Rück-Vergütung "], "x": [], "y": "a", "z": None}
    )
    assert credit_words.found_in("bonusabrechnung 2026", more) == "Bonusabrechnung"
    assert credit_words.found_in("Ruck_vergutung", more) == " Rück-Vergütung "
    assert credit_words.found_in("Bonusabrechnung", WORDS) == ""
    assert credit_words.found_in("a", more) == ""


def test_every_language_of_the_list_has_words():
    assert set(credit_words.WORDS) == set("en de fr es it nl da sv nb fi pl pt".split())
    for words in credit_words.WORDS.values():
        for word in words:
            assert credit_words.found_in(word, WORDS)
