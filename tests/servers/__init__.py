"""Real servers for tests: PostgreSQL and Valkey, each on a free port, to be stopped and started at will."""
