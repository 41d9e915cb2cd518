"""What stands around a document's number in a text: words for it, words against it, other figures.

German, English, French, Danish, Swedish, Norwegian, Dutch, Italian, Spanish. Every pattern is
bounded: a text of a stranger cannot make one slow.
"""

import re

_NUMBER = r"(?:n(?:umber|umm?er[io]?|um[ée]ro|[úu]mero|ummern?|rs?|os?|um|º|°)?|id|#)"  # noqa: RUF001
_INVOICE = (
    r"rechnung(?:en|s)?(?:nr|nummern?)?|rechn|belege?(?:nr|nummer)?|rg(?:nr)?|re|rnr|rn|"
    r"invoices?|inv|bills?|"
    r"factures?|fact?|fa|"
    r"fakturae?r?n?(?:a|s)?(?:nr|nummer)?|fakt|"
    r"factuur(?:nr|nummer)?|facturen|"
    r"fattur[ae]|fatt|ft|facturas?|fra|fv"
)
_OTHER = (
    r"bestell\w{0,12}|auftrags?\w{0,14}|angebots?\w{0,8}|lieferschein\w{0,8}|lieferung\w{0,8}|"
    r"kunden?\w{0,12}|kd|debitor\w{0,10}|kreditor\w{0,10}|vertrags?\w{0,12}|artikel\w{0,10}|"
    r"pos(?:ition)?|seite|menge|charge\w{0,8}|serien\w{0,8}|projekt\w{0,8}|sendung\w{0,10}|"
    r"steuer\w{0,8}|ust\w{0,6}|hrb|konto\w{0,8}|blz|plz|postfach|"
    r"(?:purchase\W)?orders?|p\.?o|customer|client|account|acct|contract|quote|quotation|"
    r"delivery(?:\Wnote)?|shipment|tracking|item|article|sku|page|qty|quantity|serial|ticket|case|"
    r"project|vat|tax|phone|tel(?:efon|ephone)?|fax|fon|"
    r"commande|contrat|livraison|bon|compte|tva|siren|siret|"
    r"ordre\w{0,6}|k(?:ø|oe|o)b\w{0,8}|kontrakt\w{0,6}|cvr|vare\w{0,6}|side|"
    r"ordernummer|klant\w{0,8}|btw|ordine|cliente|contratto|pedido|contrato|"
    r"iban|bic|swift|mandat\w{0,12}"
)
_CREDIT = (
    r"gutschrift(?:en|s)?\w{0,8}|(?:rechnungs)?korrektur(?:nr|nummer|rechnung|beleg)|"
    r"rechnungskorrektur|gs|credit\W?(?:note|memo)|avoir|kredit\w{0,8}|creditnota"
)
_HINT = (
    r"zu[rm]?|für|betr|betrifft|betreff|bezug|ref|referen[cz]e?|on|to|for|sur|pour|til|aan|su|de"
)
_TAIL = r"[^\S\n]{0,3}[.:]{0,2}[-\s]{0,3}(?:" + _NUMBER + r"[.:]{0,2})?[\s_:#(\"'„“]{0,6}\Z"
# At the end of what stands before a number. "Rg.-Nr.: " and "Invoice no. " say it is an invoice's,
# "Order " that it is not, "Credit note " that it is its own, "zu " that it is some document's.
FOR = re.compile(r"(?<![^\W_])(?:" + _INVOICE + r")" + _TAIL, re.IGNORECASE)
AGAINST = re.compile(r"(?<![^\W_])(?:" + _OTHER + r")" + _TAIL, re.IGNORECASE)
OF_ITSELF = re.compile(r"(?<![^\W_])(?:" + _CREDIT + r")" + _TAIL, re.IGNORECASE)
HINT = re.compile(r"(?<![^\W_])(?:" + _HINT + r")[.:]?[ ]{1,3}\Z", re.IGNORECASE)
# Between two numbers of one list: the second is what the first is.
AND = re.compile(
    r"\s{0,3}(?:[,;/&+]|,?\s(?:und|u\.|sowie|and|et|og|och|en|e|y|bis)\s)\s{0,3}", re.IGNORECASE
)
# First pieces of a number that are no part of every way to write it: "RE-4711", "Rg.Nr.4711".
LABELS = (
    "re|rg|rgnr|r|rn|rnr|nr|no|rechnung|rechnungs|rechnungsnr|rechnungsnummer|inv|invoice|bill|"
    "facture|fact|fac|fa|faktura|fakt|factuur|fattura|fatt|ft|fv|factura|fra"
)
FUSED = re.compile(r"(RECHNUNG|INVOICE|FACTURE|FAKTURA|INV|RNR|RE|RG|FA|FV|FT|R|F)(?=\d)")
# Pieces by which a vendor makes a credit note's number out of an invoice's.
OF_CREDIT = frozenset("GS CN CR CM C G K KN AV NC ST STORNO KORR CREDIT GUTSCHRIFT AVOIR".split())

_CODES = (
    "EUR|USD|GBP|CHF|JPY|DKK|SEK|NOK|PLN|CZK|HUF|RON|BGN|TRY|CAD|AUD|NZD|SGD|HKD|CNY|INR|KWD|AED|"
    "SAR|ZAR|BRL|MXN|ISK|Euro|Fr|kr"
)
_MONTHS = (
    r"jan\w{0,6}|feb\w{0,6}|m[aäå]r\w{0,6}|apr\w{0,3}|ma[iyj]|jun[ie]?|jul[iy]?|aug\w{0,4}|"
    r"sept?\w{0,7}|o[ck]t\w{0,5}|nov\w{0,5}|de[cz]\w{0,6}|"
    r"janv\w{0,4}|f[ée]vr\w{0,4}|avr\w{0,3}|juin|juil\w{0,4}|ao[ûu]t|d[ée]c\w{0,6}"
)
_LANDS = (  # of an IBAN
    "AD|AE|AT|BE|BG|CH|CY|CZ|DE|DK|EE|ES|FI|FR|GB|GR|HR|HU|IE|IS|IT|KW|LI|LT|LU|LV|MC|MT|NL|NO|"
    "PL|PT|RO|SA|SE|SI|SK|SM|TR"
)
_AMOUNT = r"\d{1,15}(?:[.,' ]\d{3}(?!\d)){0,4}(?:[.,]\d{1,3})?"
ALONE = r"(?<![^\W_])(?<![^\W_][-/.])"  # nothing hangs on it before …
END = r"(?![^\W_])(?![-/.][^\W_])"  # … or behind
# Figures that are nobody's number.
FIGURES = re.compile(
    rf"(?<![^\W_])(?:{_LANDS})\d{{2}}(?:[ ]?[A-Z0-9]{{4}}){{2,7}}(?:[ ]?[A-Z0-9]{{1,3}})?(?![^\W_])"
    r"|\+\d[\d /().-]{6,20}\d"  # phone
    r"|(?<![^\W_])(?:tel|fon|fax|phone|mobil)\w{0,6}[.:]{0,2} ?\(?\d[\d /().-]{3,20}\d"
    r"|(?<![^\W_])(?:DE\d{9}|ATU\d{8}|DK\d{8}|NL\d{9}B\d{2}|SE\d{12}|GB\d{9}|FR\w{2}\d{9}|IT\d{11}"
    r"|CHE[-. ]?\d{3}[. ]?\d{3}[. ]?\d{3})(?![^\W_])"  # VAT ids
    rf"|{ALONE}\d{{1,2}}[./-]\d{{1,2}}[./-](?:\d{{4}}|\d{{2}}){END}"  # 03.10.2026
    rf"|{ALONE}\d{{4}}-\d{{2}}-\d{{2}}{END}"
    rf"|{ALONE}\d{{1,2}}\.? ?(?:{_MONTHS})\.? ?\d{{2,4}}(?!\d)"  # 3. Oktober 2026
    rf"|{ALONE}(?:{_MONTHS})\.? \d{{1,2}},? \d{{4}}(?!\d)"  # October 3, 2026
    rf"|{ALONE}(?:{_MONTHS})\.? \d{{4}}(?!\d)"
    rf"|(?<![^\W_])(?:{_CODES}|[€$£¥])[ .]?-?{_AMOUNT}(?!\d)"
    rf"|(?<![^\W_])(?<![-/.]){_AMOUNT}[ ]?(?:(?:{_CODES})\b|[€$£¥%])"
    r"|(?<![^\W_])(?<![-/.])\d{1,3}(?:[.,' ]\d{3}){1,4}(?:[.,]\d{2,3})?(?![\d])(?![-/][^\W_])"
    r"|(?<![^\W_])(?<![-/.])\d{1,15},\d{1,3}(?![\d])(?![-/][^\W_])"  # 1234,56
    r"|(?<![^\W_])\d{1,7}[ ]?(?:kg|g|t|m|km|h|l|st|stk|stück|pcs|pc|x|paletten|pallets)\b",
    re.IGNORECASE,
)
# Figures that are a number only where the word for one stands directly before them.
DOUBTFUL = re.compile(
    rf"{ALONE}(?:0?[1-9]|1[0-2])[/.-](?:19|20)\d\d{END}"  # 10/2026
    rf"|{ALONE}(?:19|20)\d\d[/.-](?:0?[1-9]|1[0-2]|\d\d){END}"  # 2026-10, 2025/26
    r"|(?<![^\W_])(?<![-/.])\d{1,15}\.\d{2}(?![\d])(?![-/.][^\W_])"  # 1234.56
    r"|(?<![^\W_])(?:[A-Z]{1,2}-)?\d{4,5} (?=[A-ZÄÖÜ][a-zäöüß]{2})"  # 20457 Hamburg
)
