"""Findings, charts and answers from parsed tables and documents, each with what it was computed from."""
