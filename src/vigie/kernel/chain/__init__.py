"""The public chain as columns: what blocks hold, checked, mapped and looked up. It knows nothing of a case."""
