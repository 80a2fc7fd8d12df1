"""Procedures and workflow diagrams: read, convert into each other, compare. Data in, data out."""
