"""The site's door: takes a request and what it asks for, gives who it comes from, and whether they may."""
