"""The Django site: takes a home of Ladle's, gives its pages and its HTTP API."""
