"""All benches in one run, and the page that tells of them: takes numbers, gives docs/benchmarks.md and its pictures."""
