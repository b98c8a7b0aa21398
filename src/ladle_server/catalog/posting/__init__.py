"""Telling webhooks of runs' ends: takes deliveries that are due, gives signed calls, and notes what came of each."""
