"""One way each of collecting people into a CSV file: takes a job, gives the files; each is run as a process."""
