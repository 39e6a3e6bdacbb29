"""Exports for others: predictions, tables, numbers, network with card, citation, crate, methods paragraph.

All of it plain values in, text or bytes out; the same input gives the same bytes.
"""
