"""Mainframe data: COBOL copybooks, and the files of records that they describe."""
