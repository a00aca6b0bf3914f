"""NOUNS: what each room holds. Frozen row types, one file a room; nothing here computes or reads.

evidence -> artefacts -> fingerprints -> matches -> groups -> leads, and problems beside them.
"""
