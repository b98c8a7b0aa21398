"""Looking into tables beside other tools: takes numbers of rows, gives times, memory and ratios of each question."""
