"""The API held against its own description: takes a number of cases, gives every answer that the description lacks."""
