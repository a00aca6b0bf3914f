"""Readers of facts about IP networks: which country, and what kind of network."""
