"""The Django site: takes a home of Ladle's, gives its pages and its HTTP API."""

import ladle

# Loaded with the site: no visitor waits for it, and what is started by forking shares it.
for _name in ladle.__all__:
    getattr(ladle, _name)
