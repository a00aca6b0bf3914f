"""Bitcoin's keys, scripts and addresses: short strings and arrays of bytes in, the same out; no rows, no input.

What is parsed here are texts of at most some thousand characters, character by character, with no recursion that a
text decides beyond a small bound (``docs/decisions/0017-derivation.md`` says why that may be done outside of the cell).
"""
