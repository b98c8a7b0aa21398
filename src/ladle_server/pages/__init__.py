"""The pages that people see: takes requests for HTML, gives server-rendered pages on the catalog and the library."""
