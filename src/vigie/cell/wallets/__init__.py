"""Wallet files, one reader a format. What is public comes out in clear, what spends goes to be sealed."""
