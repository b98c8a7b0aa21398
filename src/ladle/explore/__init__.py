"""What one asks of a snapshot: takes its files, gives rows, counts, its profile and its bytes."""
