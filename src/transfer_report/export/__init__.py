"""What leaves the house: predictions, tables, numbers, the network with its card, a citation, a crate, a paragraph.

All of it plain values in, text or bytes out; the same input gives the same bytes.
"""
