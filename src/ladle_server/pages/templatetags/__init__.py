"""The filters and tags that the templates load."""
