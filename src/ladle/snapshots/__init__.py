"""What Ladle keeps: takes a run's journal, gives an immutable snapshot of five files, whole or not at all."""
