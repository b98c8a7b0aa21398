"""One way each of asking a table the same questions: takes a table's files, gives answers; each is run as a process."""
