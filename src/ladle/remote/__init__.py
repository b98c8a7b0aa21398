"""A server in a home's place: takes its address and a token, gives what stands there, in the types that a home gives.

`server.py` says where it is and what may be sent there, `wire.py` sends, `door.py` asks again and reads answers,
`refusal.py` makes errors of what was refused; `reading*.py` read the API's shapes back into the library's types, and
`snapshot.py`, `diff.py` and `run.py` are the things that one then holds. Nothing here is loaded before it is used.
"""
