"""Room 6: what a person should look at, and why."""
