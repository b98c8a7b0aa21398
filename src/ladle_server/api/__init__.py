"""The HTTP API: takes JSON over HTTP, gives JSON, files and errors in the words of RFC 9457."""
