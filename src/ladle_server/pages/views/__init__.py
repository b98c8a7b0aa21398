"""One file of views for each kind of page; each takes a request, gives a page."""
