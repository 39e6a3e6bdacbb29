"""The report: one context from the records, rendered as HTML, PDF and Markdown."""
