"""Credit-note clearing for Light, as one straight line:

mirroring   copies Light's documents, links and clearings into our database
matching    suggests links from open credits and open invoices (pure)
proposing   turns a person's choice into instructions, one per link
reviewing   a second person approves or rejects them, line by line
sending     does each approved instruction once in Light, and reads back what became of it
balances    is the one place that knows what is free to use and what is open
known       is the one place that knows how this company's Light behaves where that is open
workflow    is the one place that changes an instruction's state, with its audit row
"""
