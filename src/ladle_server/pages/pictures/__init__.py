"""Charts of a snapshot: takes it and a view, gives pictures, each with its words, its table and the rows behind it."""
