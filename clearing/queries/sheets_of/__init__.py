"""The sheets of the lists: every row that matches, in the list's order, its cells typed.

A sheet takes the very query that its list pages through, and reads it in chunks: never all rows
are in memory, and what a row names is looked up once a chunk.
"""
