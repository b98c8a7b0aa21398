"""Who is told of runs' ends: takes addresses and ends, gives webhooks, and a row for each call that is to be made."""
