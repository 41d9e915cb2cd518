"""What vendors of each trade sell: account, German VAT, the usual net price, words for lines."""

from typing import NamedTuple


class Trade(NamedTuple):
    account: int  # code of the ledger account
    vat: int  # percent, where vendor and entity are both German
    low: int  # usual net amount of an invoice, in euro cents
    high: int
    german: tuple[str, ...]
    english: tuple[str, ...]


TRADES = {
    "freight": Trade(
        3800, 19, 42_000, 880_000,
        ("Stückgut Hamburg-München", "Containertransport 40 ft", "Maut und Dieselzuschlag",
         "Lagergeld", "Zustellung per Hebebühne"),
        ("Line haul, full truck load", "Container haulage 40 ft", "Fuel surcharge",
         "Storage and handling", "Tail-lift delivery"),
    ),
    "packaging": Trade(
        3200, 19, 28_000, 640_000,
        ("Faltkartons 400 x 300 x 200", "Stretchfolie 23 my", "Europaletten, neu",
         "Kantenschutz", "Klebeband, bedruckt"),
        ("Corrugated boxes 16 x 12 x 8", "Stretch film", "Pallets, heat-treated",
         "Edge protectors", "Printed tape"),
    ),
    "steel": Trade(
        3100, 19, 190_000, 2_900_000,
        ("Blech S235JR 3 mm", "Rundstahl 42CrMo4", "Edelstahlrohr 1.4301", "Zuschnitt",
         "Legierungszuschlag"),
        ("Hot-rolled sheet 1/8 in", "Round bar 4140", "Stainless tube 304", "Cut to length",
         "Alloy surcharge"),
    ),
    "energy": Trade(
        4240, 19, 110_000, 980_000,
        ("Strom Arbeitspreis", "Grundpreis und Messung", "Netzentgelte"),
        ("Electricity supply", "Metering and base fee", "Grid charges"),
    ),
    "office": Trade(
        4930, 19, 6_000, 95_000,
        ("Kopierpapier A4, Palette", "Toner schwarz", "Ordner und Register", "Bürostuhl"),
        ("Copy paper, pallet", "Toner cartridges", "Binders and dividers", "Desk chair"),
    ),
    "it": Trade(
        4964, 19, 48_000, 1_250_000,
        ("Notebooks 14 Zoll", "Wartung Server", "Lizenzen, monatlich", "Einrichtung vor Ort"),
        ("Cloud compute usage", "Support plan", "User licences, monthly", "On-site setup"),
    ),
    "catering": Trade(
        4650, 7, 14_000, 190_000,
        ("Mittagessen Kantine", "Obst und Getränke", "Buffet Betriebsversammlung"),
        ("Staff lunches", "Fruit and beverages", "Buffet, town hall"),
    ),
    "cleaning": Trade(
        4250, 19, 38_000, 290_000,
        ("Unterhaltsreinigung", "Glasreinigung", "Winterdienst"),
        ("Janitorial services", "Window cleaning", "Waste removal"),
    ),
    "machinery": Trade(
        3300, 19, 65_000, 1_900_000,
        ("Spindel, Ersatzteil", "Hartmetallfräser", "Wartung Fräszentrum", "Kugellager"),
        ("Spindle, spare part", "Carbide end mills", "Maintenance visit", "Ball bearings"),
    ),
    "services": Trade(
        4900, 19, 120_000, 1_100_000,
        ("Zeitarbeit Lager", "Beratung"),
        ("Temporary warehouse staff", "Payroll services"),
    ),
}  # fmt: skip
