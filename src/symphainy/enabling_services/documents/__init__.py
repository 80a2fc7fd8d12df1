"""Text documents: their text as Markdown, and the tables in them."""
