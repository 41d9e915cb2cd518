"""Word lists: who the demo company is, who works there, and who sells to it."""

ENTITIES = """
DE01 | Fjordlys GmbH        | DE | Hamburg  | 20457    | Am Sandtorkai 30    | EUR | DE811907980
US01 | Fjordlys Inc.        | US | Boston   | 02210    | 88 Seaport Blvd     | USD | US84-2917730
JP01 | Fjordlys Japan K.K.  | JP | Yokohama | 220-0012 | 3-1 Minatomirai     | JPY | JP4020001093417
"""

USERS = """
Mara   | Holt    | DE | DE01 | AP_CLERK
Jonas  | Brandt  | DE | DE01 | AP_CLERK
Ellen  | Whitman | US | US01 | AP_CLERK
Sofia  | Keller  | DE | DE01 | CONTROLLER
"""

ACCOUNTS = """
1200 | Bank EUR                     | BANK
1210 | Bank USD                     | BANK
1600 | Accounts payable             | ACCOUNTS_PAYABLE
3100 | Raw materials                | COST_OF_SALES
3200 | Packaging material           | COST_OF_SALES
3300 | Tools and spare parts        | COST_OF_SALES
3800 | Freight inwards              | DISTRIBUTION_COST
4240 | Electricity, gas and water   | GENERAL_AND_ADMINISTRATIVE_EXPENSE
4250 | Cleaning and facilities      | GENERAL_AND_ADMINISTRATIVE_EXPENSE
4650 | Catering and hospitality     | GENERAL_AND_ADMINISTRATIVE_EXPENSE
4900 | External services            | OTHER_OPERATING_EXPENSE
4930 | Office supplies              | GENERAL_AND_ADMINISTRATIVE_EXPENSE
4964 | Software and cloud services  | OTHER_OPERATING_EXPENSE
"""

# name | country | city | zip | street | domain | trade | entities | currencies | terms in days
#      | numbers of invoices | numbers of credit notes | status
VENDORS = """
Nordlicht Logistik GmbH | DE | Hamburg | 21129 | Waltershofer Damm 12 | nordlicht-logistik.example | freight | DE01 | EUR | 30 | RE-{year}-{n:05d} | CR-{year}-{n:04d} | ACTIVE
Hansa Spedition KG | DE | Bremen | 28197 | Senator-Apelt-Str. 48 | hansa-spedition.example | freight | DE01 | EUR | 14 | {n}-{yy} | GS-{n} | ACTIVE
Müller & Söhne Verpackungen GmbH | DE | Bielefeld | 33609 | Herforder Str. 155 | mueller-soehne.example | packaging | DE01 | EUR | 30 | RE{yy}{n:05d} | GU{yy}{n:05d} | ACTIVE
Kartonwerk Altona GmbH | DE | Hamburg | 22761 | Schnackenburgallee 41 | kartonwerk-altona.example | packaging | DE01 | EUR | 21 | R-{n} | G-{n} | ACTIVE
Rheinstahl Halbzeuge AG | DE | Duisburg | 47119 | Ruhrorter Str. 9 | rheinstahl-halbzeuge.example | steel | DE01 | EUR | 45 | 90{n:06d} | 95{n:06d} | ACTIVE
Saarbrücker Edelstahl GmbH | DE | Saarbrücken | 66117 | Hafenstr. 27 | sb-edelstahl.example | steel | DE01 | EUR | 30 | SE-{n}/{yy} | SE-G{n}/{yy} | ACTIVE
Stadtwerke Elbmark GmbH | DE | Stade | 21680 | Am Gaswerk 2 | stadtwerke-elbmark.example | energy | DE01 | EUR | 14 | {mm}/{year} | K-{n} | ACTIVE
Grünstrom Nord eG | DE | Husum | 25813 | Deichstr. 5 | gruenstrom-nord.example | energy | DE01 | EUR | 14 | GN{n:07d} | GNG{n:06d} | ACTIVE
Bürobedarf Lindner e.K. | DE | Lüneburg | 21335 | Große Bäckerstr. 14 | buero-lindner.example | office | DE01 | EUR | 14 | {year}-{n} | GS-{year}-{n} | ACTIVE
Papierhaus Weststadt GmbH | DE | Karlsruhe | 76135 | Sophienstr. 88 | papierhaus-weststadt.example | office | DE01 | EUR | 30 | PW{n:06d} | PWG{n:05d} | ACTIVE
Datenwerk IT-Systeme GmbH | DE | Köln | 50829 | Mathias-Brüggen-Str. 70 | datenwerk-it.example | it | DE01 | EUR | 30 | DW-{yy}-{n:05d} | DW-GS-{n:04d} | ACTIVE
Cloudhafen GmbH | DE | Berlin | 10969 | Ritterstr. 6 | cloudhafen.example | it | DE01 | EUR | 14 | CH{n:06d} | CHC{n:05d} | ACTIVE
Kantine & Catering Böhm GmbH | DE | Hamburg | 20537 | Eiffestr. 420 | catering-boehm.example | catering | DE01 | EUR | 14 | B{n} | BG{n} | ACTIVE
Reinhold Gebäudereinigung GmbH | DE | Hannover | 30165 | Vahrenwalder Str. 205 | reinhold-gebaeude.example | cleaning | DE01 | EUR | 30 | {n:06d} | {n:06d}G | ACTIVE
Nordlicht Lagerhaus GmbH | DE | Kiel | 24149 | Wischhofstr. 1 | nordlicht-lagerhaus.example | freight | DE01 | EUR | 30 | LH-{n} | LH-GS-{n} | ACTIVE
Alpenfracht Transporte GmbH | AT | Salzburg | 5020 | Bahnhofstr. 31 | alpenfracht.example | freight | DE01 | EUR | 30 | AR{year}{n:05d} | GU{year}{n:05d} | ACTIVE
Helvetia Präzisionsteile AG | CH | Winterthur | 8404 | Seenerstr. 112 | helvetia-praezision.example | machinery | DE01 | EUR | 60 | HP.{n} | HP.G.{n} | ACTIVE
Van Dijk Warehousing B.V. | NL | Rotterdam | 3089 JA | Waalhaven Z.z. 19 | vandijk-warehousing.example | freight | DE01 US01 | EUR | 30 | VD{year}.{n} | VDC{year}.{n} | ACTIVE
Lefèvre Emballages SARL | FR | Lille | 59000 | 22 rue de Tournai | lefevre-emballages.example | packaging | DE01 | EUR | 45 | F{year}/{n:05d} | AV{year}/{n:05d} | ACTIVE
Acciai Brambilla S.p.A. | IT | Brescia | 25125 | Via Orzinuovi 60 | acciai-brambilla.example | steel | DE01 | EUR | 60 | {n}/{year} | NC {n}/{year} | ACTIVE
Papelera del Norte S.L. | ES | Bilbao | 48015 | Calle Ibarrekolanda 3 | papelera-norte.example | packaging | DE01 | EUR | 30 | FV-{n} | AB-{n} | ACTIVE
Øresund Shipping ApS | DK | København | 2150 | Sundkaj 7 | oresund-shipping.example | freight | DE01 | EUR USD | 30 | {n:07d} | KN-{n} | ACTIVE
Västkusten Trä AB | SE | Göteborg | 417 05 | Lundbyvassen 4 | vastkusten-tra.example | packaging | DE01 | EUR | 30 | {n:06d} | K{n:05d} | ACTIVE
Harborough Tools Ltd | GB | Leicester | LE3 1UD | 14 Frog Island | harborough-tools.example | machinery | DE01 | GBP | 30 | SI-{n} | SC-{n} | ACTIVE
Hansa Spedition GmbH & Co. KG | DE | Bremen | 28197 | Senator-Apelt-Str. 48 | hansa-spedition.example | freight | DE01 | EUR | 14 | HS{n}-{yy} | HSG-{n} | IN_REVIEW
Pioneer Freight Lines LLC | US | Chicago | 60609 | 4200 S Racine Ave | pioneerfreight.example | freight | US01 | USD | 30 | PFL-{n:06d} | CM-{n:05d} | ACTIVE
Great Lakes Packaging Inc. | US | Cleveland | 44114 | 1500 Lakeside Ave | greatlakespack.example | packaging | US01 | USD | 30 | INV-{n} | CN-{n} | ACTIVE
Bluebonnet Office Supply LLC | US | Austin | 78744 | 5601 Burleson Rd | bluebonnetoffice.example | office | US01 | USD | 15 | BOS{n} | BOS-CR{n} | ACTIVE
Cascade Cloud Services Inc. | US | Seattle | 98109 | 410 Terry Ave N | cascadecloud.example | it | US01 | USD | 30 | {year}{mm}-{n} | CR-{n} | ACTIVE
Ironbridge Steel Corp. | US | Pittsburgh | 15212 | 900 River Ave | ironbridgesteel.example | steel | US01 | USD | 45 | {n} | CM{n} | ACTIVE
Harvest Table Catering Inc. | US | Boston | 02127 | 75 W 1st St | harvesttable.example | catering | US01 | USD | 15 | HT-{n} | HT-C{n} | ACTIVE
Commonwealth Energy Supply Inc. | US | Boston | 02110 | 100 High St | commonwealthenergy.example | energy | US01 | USD | 15 | {year}-{mm} | ADJ-{n} | ACTIVE
Redwood Facility Services LLC | US | Oakland | 94607 | 1250 7th St | redwoodfacility.example | cleaning | US01 | USD | 30 | RFS{n} | RFS-CM{n} | ACTIVE
Summit Staffing Partners LLC | US | Denver | 80205 | 3000 Lawrence St | summitstaffing.example | services | US01 | USD | 15 | SSP-{yy}-{n} | SSP-CR-{n} | ACTIVE
Maple Ridge Machinery Ltd | CA | Hamilton | L8L 4K6 | 55 Burlington St E | mapleridgemachinery.example | machinery | US01 | USD | 45 | MR{n} | MRC{n} | ACTIVE
Shenzhen Brightpack Co. Ltd. | CN | Shenzhen | 518103 | 9 Fuyong Industrial Rd | brightpack-sz.example | packaging | US01 | USD | 30 | BP{year}{n:05d} | BPC{n:05d} | ACTIVE
Kansai Seimitsu Kogyo K.K. | JP | Osaka | 555-0041 | 2-8 Nishiyodogawa | kansai-seimitsu.example | machinery | JP01 | JPY | 60 | KS-{n} | KS-C{n} | ACTIVE
Yokohama Unyu K.K. | JP | Yokohama | 231-0801 | 1-15 Shin-Yamashita | yokohama-unyu.example | freight | JP01 | JPY | 30 | YU{yy}{mm}{n:04d} | YUC{n:04d} | ACTIVE
Al-Dhow Shipping & Trading W.L.L. | KW | Kuwait City | 13001 | Shuwaikh Port Rd 6 | aldhow-shipping.example | freight | DE01 | KWD | 30 | ADS/{n} | ADS/CN/{n} | ACTIVE
Quickprint Online Ltd | IE | Dublin | D12 X2A4 | 31 Naas Rd | quickprint-online.example | office | DE01 | EUR | 14 | QP-{n} | QPC-{n} | FAILED
"""  # noqa: E501

# One company that was entered twice: the new record has the old one's VAT id, typed with blanks.
ENTERED_TWICE = {"Hansa Spedition GmbH & Co. KG": "Hansa Spedition KG"}

# country: how a VAT id looks there; # is a digit, and Germany's stand with its vendors
VAT_IDS = {
    "AT": "ATU########", "CH": "CHE-###.###.### MWST", "DK": "DK########", "ES": "ESB########",
    "FR": "FR###########", "GB": "GB#########", "IE": "IE#######WA", "IT": "IT###########",
    "NL": "NL#########B01", "SE": "SE##########01",
}  # fmt: skip

GERMAN_SPEAKING = frozenset({"DE", "AT", "CH"})


def rows(table: str) -> list[list[str]]:
    """The cells of a table above, stripped."""
    return [[cell.strip() for cell in row.split("|")] for row in table.strip().splitlines()]
