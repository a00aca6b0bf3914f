"""Practice forums with truth: a world of persons, what they did, and dumps as the tools of each platform write them."""
