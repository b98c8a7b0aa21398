"""What the site keeps in its database, in words: takes documents of the API, gives lines for a terminal; pure.

The site's own commands say them of a home, and the command line says them of a server, so they are the same.
"""
