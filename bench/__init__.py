"""Ladle side by side with its peers: takes a number of rows, gives ratios."""
