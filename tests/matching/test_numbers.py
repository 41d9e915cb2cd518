"""How a document's number is compared, and where a text cites one."""

import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearing.matching import numbers


def cites(text, number, **how):
    """Whether this text cites the invoice with this number."""
    keys = {key for key, _ in numbers.found(text, **how)}
    return bool(keys & set(numbers.forms(numbers.key(number))))


@pytest.mark.parametrize(
    "text, number",
    [
        # German
        ("zu Rechnung 4711-22", "4711-22"),
        ("Gutschrift zu Rechnung 4711-22, Preiskorrektur", "4711/22"),
        ("Rg.-Nr.: 004711", "4711"),
        ("Rg.Nr.4711 v. 03.10.2026", "RE-4711"),
        ("RG 4711 vom 3.10.26", "0004711"),
        ("Rechnungsnummer: RE-2026-0481", "RE-2026-0481"),
        ("Re.Nr. 2026/481", "RE-2026-0481"),
        ("RE2026/0481", "RE-2026-0481"),
        ("RE 2026 0481", "RE-2026-0481"),
        ("Ihre Rechnung Nr. SE-1234/26 vom 3. Oktober 2026", "SE-1234/26"),
        ("Rechnungen 4711, 4712 und 4713", "4713"),
        ("Rechnungen 4711/4712", "4712"),
        ("Storno der Rechnung 4711/2026 über 1.250,00 EUR", "4711/2026"),
        ("Gutschrift RE-4711", "4711"),
        ("Rechnung 10/2026", "10/2026"),
        ("Belegnummer 90000123", "90000123"),
        ("Transportschaden zu LH-4711", "LH-4711"),
        ("Rechnung 4711 (Auftrag 88001)", "4711"),
        ("Rechnung_90000123.pdf", "90000123"),
        # English
        ("Credit for INV-0481", "INV-0481"),
        ("credit for inv 481-B", "INV481B"),
        ("Invoice no. 2026/0048 over EUR 1,250.00", "20260048"),
        ("Invoice #PFL-000123", "PFL-123"),
        ("Ref: your invoice ADS/4711", "ADS/4711"),
        ("Invoices INV-0481 and INV-0482", "INV-0482"),
        ("Price adjustment 100482", "INV 100482"),
        ("Billed twice on INV0481", "INV-0481"),
        ("BP202600012 damaged", "BP202600012"),
        ("Damaged in transit, to 4711", "4711"),
        ("Credit note INV-0481", "INV-0481"),
        # French
        ("Avoir sur facture n° F2026/00123 du 3 octobre 2026", "F2026/00123"),
        ("facture no 2026-00123", "F2026/00123"),
        ("Remise sur la facture numéro FA-99012", "99012"),
        # Danish, Dutch, Italian, Spanish
        ("Kreditnota til faktura 0012345", "12345"),
        ("fakturanr. 12345", "0012345"),
        ("Betreft factuur VD2026.4120", "VD2026.4120"),
        ("Storno fattura n. 4120/2026", "4120/2026"),
        ("Abono de la factura FV-41200", "FV-41200"),
    ],
)
def test_cited(text, number):
    assert cites(text, number)


@pytest.mark.parametrize(
    "text, number",
    [
        ("Gutschrift 2026", "2026"),
        ("Bonus Q3 2026", "2026"),
        ("Korrektur Abschlag 10/2026, gutgeschrieben 11/2026", "10/2026"),
        ("Leistung vom 03.10.2026", "03.10.2026"),
        ("Period 2026-10-03", "20261003"),
        ("3. Oktober 2026", "2026"),
        ("Betrag 1.234,56 EUR", "123456"),
        ("EUR 47112.00", "4711200"),
        ("Total 1,284,000 JPY", "1284000"),
        ("47110 kg", "47110"),
        ("15,00 %", "1500"),
        ("IBAN DE89 3704 0044 0532 0130 00", "37040044"),
        ("USt-IdNr. DE811907980", "811907980"),
        ("Tel. 040 1234567", "1234567"),
        ("+49 40 1234567", "1234567"),
        ("20457 Hamburg", "20457"),
        ("Bestellung 4500123", "4500123"),
        ("Bestell-Nr. 4711", "4711"),
        ("Ihre Bestellungen 4711 und 4712", "4712"),
        ("Order no. 4500123", "4500123"),
        ("PO 4500123", "INV-4500123"),
        ("Kundennummer: 100482", "100482"),
        ("Lieferschein 100482", "100482"),
        ("commande n° 100482", "100482"),
        ("Ordre 100482", "100482"),
        ("Gutschrift Nr. 100482", "100482"),
        ("Credit note no. 100482", "100482"),
        ("AB-100482", "100482"),  # an order confirmation, not the invoice of these figures
        ("Rücksendung von 4711 Paletten", "4711"),
        ("zu Rechnung 12", "R-12"),
        ("invoice 0007", "INV-0007"),
        ("4711", "4711"),  # four figures alone are anything
        ("Order no. RE-4711", "RE-4711"),
        ("Bestellnr. INV-0481", "INV-0481"),
    ],
)
def test_no_reference(text, number):
    assert not cites(text, number)


@pytest.mark.parametrize(
    "number, keys",
    [
        ("INV-0481-CN", "INV0481 INV481"),
        ("CN-INV-0481", "INV0481 INV481"),
        ("INV-0481", ""),  # its own, whatever it looks like
        ("GS-2026-4120", ""),  # counted apart
        ("90000123", ""),
        ("", ""),
    ],
)
def test_a_credit_notes_number_may_be_made_of_an_invoices(number, keys):
    assert " ".join(key for key, _ in numbers.found_in_number(number)) == keys


def test_its_own_number_is_no_reference():
    text = "Gutschrift LH 2026/4712 zu Rechnung 2026/4711"
    assert cites(text, "LH-2026-4712")
    assert not cites(text, "LH-2026-4712", own="LH-2026-4712")
    assert cites(text, "2026/4711", own="LH-2026-4712")


def test_words_around_it_are_short():
    found = dict(numbers.found("Wir erstatten Ihnen hiermit zu Rechnung 4711-22 den Rest."))
    assert found["471122"] == "hiermit zu Rechnung 4711-22"
    assert dict(numbers.found("Rechnungsnummer:\n\n4711-22\n"))["471122"] == (
        "Rechnungsnummer: 4711-22"
    )


def test_what_a_word_names_comes_first():
    text = "Artikel-Gruppe 100481, 100482 und Rechnung 4711"
    assert [key for key, _ in numbers.found(text)] == ["4711", "100481", "100482"]


@pytest.mark.parametrize(
    "number, key",
    [
        ("Inv 2026/0481", "INV20260481"),
        (" inv-2026.0481 ", "INV20260481"),
        ("ÅR–481", "AR481"),
        ("１２３４", "1234"),
        ("№ 12", "NO12"),
        ("---", ""),
    ],
)
def test_key(number, key):
    assert numbers.key(number) == key


PIECES = st.lists(st.text(string.ascii_uppercase + string.digits, min_size=1), min_size=1)


@given(pieces=PIECES, separators=st.lists(st.sampled_from(["-", "/", " ", ".", "_", ""])))
def test_separators_and_case_never_matter(pieces, separators):
    spelled = "".join(
        piece + mark for piece, mark in zip(pieces, separators + [""] * len(pieces), strict=False)
    )
    assert (
        numbers.key(spelled) == numbers.key(spelled.lower()) == numbers.key("".join(pieces))[:200]
    )


@given(st.text())
def test_forms_begin_with_the_number_and_are_never_short(number):
    whole = numbers.key(number)
    forms = numbers.forms(whole)
    assert not forms or forms[0] == whole
    assert len(forms) == len(set(forms)) <= 10
    assert all(len(form.lstrip("0")) >= numbers.SHORT for form in forms)


@given(
    prefix=st.sampled_from(["INV-", "RE", "SE-", "R/", "", "PFL-00"]),
    number=st.integers(10_000, 10**9),
    suffix=st.sampled_from(["", "-22", "/26", "A"]),
    words=st.sampled_from(["Rechnung {}", "zu Rg.-Nr. {}", "invoice {}.", "facture n° {} du 3/10"]),
)
def test_a_number_after_its_word_is_always_found(prefix, number, suffix, words):
    number = f"{prefix}{number}{suffix}"
    assert cites(words.format(number), number)


@given(st.text(max_size=400))
def test_any_text_gives_few_short_tokens(text):
    found = numbers.found(text)
    assert found == numbers.found(text)
    assert len(found) <= numbers.MOST
    for key, words in found:
        assert key == numbers.key(key) and numbers.SHORT <= len(key) <= numbers.LONG
        assert len(words) <= numbers.WORDS and "\x00" not in words


HOSTILE = ("1.1.", "A 1 ", "re ", "1-", "4711/", "1", " ", "RE 4711, ", "1 ", "+1 2 3 4 ", "12,34 ")


@pytest.mark.parametrize("part", [*HOSTILE, "".join(HOSTILE)])
def test_no_text_is_slow(part):
    text = part * (numbers.MOST_TEXT // len(part))
    began = time.process_time()
    assert len(numbers.found(text, own="A1B2C3")) <= numbers.MOST
    assert time.process_time() - began < 2
