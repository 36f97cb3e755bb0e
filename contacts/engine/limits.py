"""How much of anything we take in.  Counted as it is read; no declared size is believed."""

FILE_BYTES = 25_000_000
ROWS = 100_000
LINES = 20 * ROWS  # of a table, blank ones and those inside cells included
COLUMNS = 500
CELL_BYTES = 65_536
ZIP_MEMBERS = 100
ZIP_UNPACKED_BYTES = 200_000_000

NAME_CHARS = 300
NICKNAME_CHARS = 100
LINE_CHARS = 200  # an organization, a title
HOW_MET_CHARS = 500
LABEL_CHARS = 80  # a label, a tag
UID_CHARS = 300
LINK_CHARS = 500
EMAIL_CHARS = 254  # RFC 5321 4.5.3.1.3, less the angle brackets
PHONE_CHARS = 64
NOTE_CHARS = 20_000
VALUES = 50  # e-mails, phones, links, tags, extras: each, for one person

TAGS = 2_000  # different ones of one file; a column of sentences is no column of tags
PROBLEMS_KEPT = 1_000  # of one file; the rest is counted
