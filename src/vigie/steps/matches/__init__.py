"""Room 4: what others know, and where each content stands."""
