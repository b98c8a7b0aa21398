"""What the site knows: takes a home, gives rows that say who drives which run and what snapshots there are."""
