"""One search over everything that an app registers: full text on PostgreSQL and on SQLite, behind one function.

sources.py says what can be found, words.py reads what a person typed, postgresql.py and sqlite.py say both to their
database, index.py keeps the index tables, find.py asks them.
"""
