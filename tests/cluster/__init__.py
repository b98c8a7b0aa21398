"""A whole cluster of real processes, and what goes wrong with each: takes seeds, gives facts and figures."""
