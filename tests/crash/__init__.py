"""What a run survives: kill -9 a hundred times, a torn journal, a clock put back, a full disk."""
